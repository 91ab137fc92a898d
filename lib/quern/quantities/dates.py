"""Dates in text, as far as it gives them: `in 1966`, `March 2024`, `1er mars 2024`, `2024年3月1日`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Date:
    """A date as far as the text gives it: `2024`, `2024-03` or `2024-03-01`."""

    iso: str
    start: int
    end: int


def dates(text: str, language: str = "en") -> list[Date]:
    """The dates of a text in order; a bare year counts where it is said to be one (`in 1966`, `(1966)`)."""
    return list(_dates(text, language)) if _FOUR_DIGITS.search(text) else []


_FOUR_DIGITS = re.compile(r"\d{4}")  # every form has a year in full


@lru_cache(maxsize=4096)
def _dates(text: str, language: str) -> tuple[Date, ...]:
    found: list[Date] = []
    taken: list[tuple[int, int]] = []
    for pattern, read in _DATE_FORMS:
        for match in pattern.finditer(text):
            start, end = match.span("date") if "date" in pattern.groupindex else match.span()
            if any(start < stop and begin < end for begin, stop in taken):
                continue
            iso = read(match, language)
            if iso is not None:
                found.append(Date(iso, start, end))
                taken.append((start, end))
    return tuple(sorted(found, key=lambda date: date.start))


MONTHS: dict[str, int] = {
    name: number
    for line in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "jänner feber mrz apr mai jun jul aug sept okt nov dez",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    )
    for number, name in enumerate(line.split(), 1)
}
_MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_YEAR = r"(?P<year>1[0-9]{3}|20[0-9]{2}|2100)"
_DAY = r"(?P<day>[0-3]?[0-9])"
_CUES = (
    "in|since|by|until|till|from|to|before|after|during|of|around|circa|ca|c|year|early|late|mid|between|and|spring|"
    "summer|autumn|fall|winter|im|seit|bis|vor|nach|ab|von|jahr|jahre|anfang|ende|mitte|zwischen|und|en|depuis|avant|"
    "après|dès|vers|entre|et|fin|année|desde|hasta|antes de|después de|de|del|año|y|a|в|с|до|после|born|founded"
)


def _ymd(match: re.Match[str], _language: str) -> str | None:
    groups = match.groupdict()
    month = groups.get("month") or ""
    number = MONTHS.get(month.casefold().rstrip("."), 0) if not month.isdigit() else int(month)
    day = int(groups.get("day") or 0)
    if number > 12 or day > 31 or (month and not number):
        return None
    iso = str(int(match["year"]))
    return iso + (f"-{number:02}" if number else "") + (f"-{day:02}" if number and day else "")


def _numeric(match: re.Match[str], _language: str) -> str | None:
    # 03/04/2024 is March in one country and April in another: then only the year is sure.
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    if match["mark"] == "." or first > 12:
        day, month = first, second
    elif second > 12 or first == second:
        day, month = second, first
    else:
        return year
    return f"{year}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else None


_ARTICLE = "(?:the |year |der |jahr |el |l['’]an |l['’]année )"
_NOT_A_YEAR = r"|\s?(?:[kMGT]?W|k?m|kg|€|%|people|users|years|times|words|lines|pages)\b"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_DATE_FORMS = (
    (_form(rf"(?<![\d-]){_YEAR}-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?![\d-])"), _ymd),
    (_form(r"(?<![\d.])(?P<year>\d{4})年(?:(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?)?"), _ymd),
    (_form(rf"(?<![\w]){_DAY}(?:st|nd|rd|th|er|\.)?(?: of| de)? {_MONTH},?(?: de| del)? {_YEAR}(?!\w)"), _ymd),
    (_form(rf"(?<!\w){_MONTH} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}(?!\w)"), _ymd),
    (_form(rf"(?<!\w){_MONTH},?(?: of| de| del)? {_YEAR}(?!\w)"), _ymd),
    (_form(rf"(?<![\d./])(?P<first>\d{{1,2}})(?P<mark>[./])(?P<second>\d{{1,2}})(?P=mark){_YEAR}(?![\d./])"), _numeric),
    (_form(rf"(?<![\d-]){_YEAR}-(?P<month>0[1-9]|1[0-2])(?![\d-])"), _ymd),
    (_form(rf"(?<![\w.,])(?P<date>{_YEAR})[-–—/](?:1[0-9]{{3}}|20[0-9]{{2}}|[0-9]{{2}})(?![\w.,]\d|\w)"), _ymd),
    (_form(rf"(?<=1[0-9]{{3}}[-–—])(?P<date>{_YEAR})(?!\w)"), _ymd),
    (_form(rf"(?<=20[0-9]{{2}}[-–—])(?P<date>{_YEAR})(?!\w)"), _ymd),
    (_form(rf"[(\[（](?P<date>{_YEAR})[)\]）,;]"), _ymd),
    (_form(rf"(?<!\w)(?:{_CUES})[ \u00a0]{_ARTICLE}?(?P<date>{_YEAR})(?![\w%°$€]|[.,]\d{_NOT_A_YEAR})"), _ymd),
    (_form(rf"^(?P<date>{_YEAR})(?= [^\W\d_]|:)(?! [^\W\d_]+s\b{_NOT_A_YEAR})"), _ymd),
)
