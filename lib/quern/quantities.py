"""Numbers and dates in text, by value: `240 MW`, `1.234,5 €`, `3.5 million`, `1er mars 2024`, `2024年3月1日`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

COMMA_DECIMAL = frozenset(
    {"de", "fr", "es", "it", "pt", "nl", "ru", "uk", "pl", "cs", "da", "sv", "nb", "no", "fi", "tr"}
)
"""Languages in which `1.234` is a thousand and `1 234` is one number."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, if one stands beside it; `value` has the magnitude word multiplied in."""

    value: Decimal
    unit: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Date:
    """A date as far as the text gives it: `2024`, `2024-03` or `2024-03-01`."""

    iso: str
    start: int
    end: int


def numbers(text: str, language: str = "en", *, words: bool = False) -> list[Quantity]:
    """The numbers of a text in order; with `words`, `twelve` and `zwölf` are numbers too.

    Digits that belong to a name (`GPT-4`, `BIP324`, `3D`), versions (`1.2.3`) and decades (`1990s`) are not numbers.
    """
    found = list(_digits(text, language))
    if words:
        found += [
            Quantity(Decimal(WORDS[match[0].casefold()]), None, match.start(), match.end())
            for match in re.finditer(r"[^\W\d_]+(?:-[^\W\d_]+)?", text)
            if match[0].casefold() in WORDS
        ]
        found.sort(key=lambda quantity: quantity.start)
    return found


def dates(text: str, language: str = "en") -> list[Date]:
    """The dates of a text in order; a bare year counts where it is said to be one (`in 1966`, `(1966)`)."""
    found: list[Date] = []
    if not any(character.isdigit() for character in text):
        return found
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
    return sorted(found, key=lambda date: date.start)


_NUMBER = re.compile(r"\d+(?:[.,'’٫٬\u00a0\u2009\u202f]\d+|(?<!\d{4}) \d{3}(?!\d))*")
_GROUPS = re.compile(r"\d{1,3}(?:(.)\d{3})(?:\1\d{3})*")
_SPACES = re.compile(r"[\u00a0\u2009\u202f ]")
_CURRENCY = "$€£¥₹₽₩₿"


def _digits(text: str, language: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        for start, end in _parts(match, language):
            if _in_a_word(text, start, end):
                continue
            value = _value(text[start:end], language)
            if value is None:
                continue
            scale, scaled_end = _magnitude(text, end, language)
            unit, unit_end = _unit(text, start, scaled_end)
            if scale == 1 and unit is None and end < len(text) and text[end].isalpha() and not _cjk(text[end]):
                continue
            negative = start > 0 and text[start - 1] in "-−" and (start == 1 or text[start - 2] in " ([")
            yield Quantity(-value * scale if negative else value * scale, unit, start, unit_end)


def _parts(match: re.Match[str], language: str) -> Iterator[tuple[int, int]]:
    # Blanks join groups of three digits only where that is the custom: "10 100 users" of Windows are two numbers.
    text = match[0]
    if " " not in text or language in COMMA_DECIMAL:
        yield match.span()
        return
    for part in re.finditer(r"[^ ]+", text):
        yield match.start() + part.start(), match.start() + part.end()


def _in_a_word(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    if (before.isalpha() and not _cjk(before)) or before in "_#@":
        return True
    if before in "-‐." and start > 1 and (text[start - 2].isalnum()) and not text[start - 2].isdigit():
        return text[max(0, start - 5) : start - 1].casefold() not in {" pre", " mid", "post", "late"}
    return end - start == 4 and text[end : end + 1] == "s"


def _value(text: str, language: str) -> Decimal | None:
    text = text.replace("٬", ",").replace("٫", ".")
    if _SPACES.search(text):
        head = re.split(r"[.,]", text)[0]
        if not _GROUPS.fullmatch(head):
            return None
        text = _SPACES.sub("", text)
        language = "fr" if "," in text else language
    text = text.replace("'", "").replace("’", "")
    marks = [character for character in text if character in ".,"]
    if not marks:
        return Decimal(text)
    if len(set(marks)) == 2:
        return _mixed(text, marks)
    mark = marks[0]
    if len(marks) > 1:
        return Decimal(text.replace(mark, "")) if _GROUPS.fullmatch(text) else None
    grouped = _GROUPS.fullmatch(text) and not text.startswith("0")
    thousands = "." if language in COMMA_DECIMAL else ","
    return Decimal(text.replace(mark, "")) if grouped and mark == thousands else Decimal(text.replace(",", "."))


def _mixed(text: str, marks: list[str]) -> Decimal | None:
    decimal = marks[-1]
    if marks.count(decimal) > 1:
        return None
    whole, part = text.rsplit(decimal, 1)
    return Decimal(re.sub(r"[.,]", "", whole) + "." + part)


_AFTER = re.compile(r"[ \u00a0\u2009\u202f-]?([^\W\d_]+\.?)(?: (millones))?")


def _magnitude(text: str, end: int, language: str) -> tuple[int, int]:
    if end < len(text) and text[end] in CJK_SCALES:
        return CJK_SCALES[text[end]], end + 1
    match = _AFTER.match(text, end)
    if match is None:
        return 1, end
    word = match[1].casefold().rstrip(".")
    if word == "mil":
        return (10**9, match.end()) if match[2] else (1000, match.end(1))
    if word == "k" or word not in SCALES:
        return (1000, match.end(1)) if word == "k" and match.start(1) == end else (1, end)
    if word in {"billion", "billions"} and language == "en":
        return 10**9, match.end(1)
    return SCALES[word], match.end(1)


_SUFFIX = re.compile(r"[ \u00a0\u2009\u202f]?(%|‰|°[CF]?|[$€£¥₹₽₩₿]|percent|per cent|Prozent|pour cent|por ciento)")
_WORD_UNIT = re.compile(r"[ \u00a0\u2009\u202f-]?([^\W\d_]+(?:[²³]|/[^\W\d_]+)?)")


def _unit(text: str, start: int, end: int) -> tuple[str | None, int]:
    match = _SUFFIX.match(text, end)
    if match is not None:
        return ("%" if match[1][0].casefold() == "p" else match[1]), match.end()
    if start and text[start - 1] in _CURRENCY:
        return text[start - 1], end
    match = _WORD_UNIT.match(text, end)
    if match is not None and (match[1] in UNITS or match[1].casefold() in UNIT_WORDS):
        return UNIT_WORDS.get(match[1].casefold(), match[1]), match.end()
    return None, end


def _cjk(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af" or "\u0e00" <= character <= "\u0eff"


SCALES = {
    **dict.fromkeys(("hundred", "hundert"), 100),
    **dict.fromkeys(("thousand", "tausend", "mille", "тыс", "тысяч"), 1000),
    **dict.fromkeys(("million", "millions", "mio", "millionen", "millón", "millones", "mln", "млн"), 10**6),
    **dict.fromkeys(("bn", "milliard", "milliards", "milliarde", "milliarden", "mrd", "млрд"), 10**9),
    **dict.fromkeys(("billion", "billions", "billionen", "billón", "billones", "trillion", "trillions"), 10**12),
}
CJK_SCALES = {"千": 10**3, "万": 10**4, "萬": 10**4, "億": 10**8, "亿": 10**8, "兆": 10**12}
_UNIT_SIGNS = """
mm cm dm m km m² km² m³ ha nm µm μm g kg mg t s ms µs ns h min d W kW MW GW TW Wh kWh MWh GWh TWh J kJ MJ GJ V
kV A mA Hz kHz MHz GHz K Pa kPa MPa bar mbar B kB KB MB GB TB PB KiB MiB GiB TiB bit bits Mbit Gbit kbps Mbps
Gbps km/h m/s mph dpi ppm ppb rpm px pt lb lbs oz ft USD EUR GBP CHF JPY CNY BTC ETH sats vbytes dB l L ml mL
hPa N kN Nm lm lx mol AU ly
"""
UNITS = frozenset(_UNIT_SIGNS.split())
UNIT_WORDS = {
    **dict.fromkeys(("meter", "meters", "metre", "metres", "metern", "mètre", "mètres", "metro", "metros"), "m"),
    **dict.fromkeys(("kilometer", "kilometers", "kilometre", "kilometres", "kilometern"), "km"),
    **dict.fromkeys(("kilomètre", "kilomètres", "kilómetro", "kilómetros"), "km"),
    **dict.fromkeys(("megawatt", "megawatts", "mégawatt", "mégawatts", "megavatio", "megavatios"), "MW"),
    **dict.fromkeys(("gigawatt", "gigawatts", "gigavatios"), "GW"),
    **dict.fromkeys(("kilowatt", "kilowatts", "kilovatios"), "kW"),
    **dict.fromkeys(("dollar", "dollars", "dólares"), "$"),
    **dict.fromkeys(("euro", "euros"), "€"),
    **dict.fromkeys(("pound", "pounds"), "£"),
    **dict.fromkeys(
        ("year", "years", "jahr", "jahre", "jahren", "an", "ans", "année", "années", "año", "años"), "year"
    ),
    **dict.fromkeys(("month", "months", "monat", "monate", "monaten", "mois", "mes", "meses"), "month"),
    **dict.fromkeys(("week", "weeks", "woche", "wochen", "semaine", "semaines", "semana", "semanas"), "week"),
    **dict.fromkeys(("day", "days", "tag", "tage", "tagen", "jour", "jours", "día", "días"), "day"),
    **dict.fromkeys(("hour", "hours", "stunde", "stunden", "heure", "heures", "hora", "horas"), "hour"),
    **dict.fromkeys(("minute", "minutes", "minuten", "minuto", "minutos"), "minute"),
    **dict.fromkeys(
        ("second", "seconds", "sekunde", "sekunden", "seconde", "secondes", "segundo", "segundos"), "second"
    ),
    **dict.fromkeys(("byte", "bytes"), "B"),
    **dict.fromkeys(("tonne", "tonnes", "ton", "tons", "tonnen", "tonnes", "tonelada", "toneladas"), "t"),
}

_COUNTING = """
1 one eins ein eine un une uno una once
2 two zwei deux dos twice
3 three drei trois tres
4 four vier quatre cuatro
5 five fünf cinq cinco
6 six sechs seis
7 seven sieben sept siete
8 eight acht huit ocho
9 nine neun neuf nueve
10 ten zehn dix diez
11 eleven elf onze
12 twelve zwölf douze doce dozen
13 thirteen dreizehn treize trece
14 fourteen vierzehn quatorze catorce
15 fifteen fünfzehn quinze quince
16 sixteen sechzehn seize dieciséis
17 seventeen siebzehn dix-sept diecisiete
18 eighteen achtzehn dix-huit dieciocho
19 nineteen neunzehn dix-neuf diecinueve
20 twenty zwanzig vingt veinte
30 thirty dreißig trente treinta
40 forty vierzig quarante cuarenta
50 fifty fünfzig cinquante cincuenta
60 sixty sechzig soixante sesenta
70 seventy siebzig setenta
80 eighty achtzig ochenta
90 ninety neunzig noventa
100 hundred hundert cent cien
1000 thousand tausend mille mil
1000000 million
"""
WORDS: dict[str, int] = {
    word: int(line.split()[0]) for line in _COUNTING.strip().split("\n") for word in line.split()[1:]
}
WORDS |= {
    f"{ten}-{unit}": WORDS[ten] + WORDS[unit]
    for ten in ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
    for unit in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
}

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
