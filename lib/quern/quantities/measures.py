"""What a text says how much of: numbers with their unit in base units, ranges, bounds, approximations, number words.

A measure is an interval: `240 MW` is one value, `200-320 MW` a range, `more than 5 km` a bound, `about 80` a value that
is not meant to the last digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from quern.quantities.dates import dates
from quern.quantities.numbers import Quantity, numbers
from quern.quantities.spelt import spelt
from quern.quantities.units import in_base

_INFINITY = Decimal("Infinity")
# Of its value: how far off "about" may be, and how far rounding may carry.
_ABOUT_SHARE, _MOST_ROUNDED = Decimal("0.06"), Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Measure:
    """From `low` to `high` in the base unit of `dimension` (`""`: a bare number).

    `place`: the worth of the last digit that is meant. `about`: said to be approximate.
    `bound`: "" for a value or a range, else "least" or "most". `start`, `end`: where it stands, without such words.
    """

    low: Decimal
    high: Decimal
    dimension: str
    place: Decimal
    about: bool
    bound: str
    start: int
    end: int


@lru_cache(maxsize=8192)
def measures(text: str, language: str = "en") -> tuple[Measure, ...]:
    """The measures of a text in order; dates, times of day and numbers that name something are none.

    A number without a unit takes that of the other end of its range (`240 to 320 MW`).
    """
    found = list(_read(text, language))
    return tuple(_with_words_before(measure, text) for measure in _ranges(found, text))


def agree(a: Measure, b: Measure) -> bool:
    """Whether both can be true of one thing: equal, contained, or one of them rounded.

    Measures of two dimensions never disagree: nothing is known about them.
    """
    if a.dimension != b.dimension:
        return True
    slack = _slack(a, b)
    return a.low - slack <= b.high and b.low - slack <= a.high


def _slack(a: Measure, b: Measure) -> Decimal:
    """How far apart two values may be and still be one: half the place of the coarser, if one is coarser."""
    slack = Decimal(0)
    if a.place != b.place and a.low.is_finite() and b.low.is_finite():
        slack = min(max(a.place, b.place) / 2, max(abs(a.low), abs(b.low)) * _MOST_ROUNDED)
    for measure in (a, b):
        if measure.about and measure.low.is_finite():
            slack = max(slack, abs(measure.low) * _ABOUT_SHARE)
    return slack


def _read(text: str, language: str) -> Iterator[Measure]:
    spelt_out = spelt(text, language)
    if not spelt_out and not any(character.isdigit() for character in text):
        return
    taken = [(date.start, date.end) for date in dates(text, language)]
    taken += [match.span() for match in _NO_MEASURE.finditer(text)]
    digits = numbers(text, language)
    # "3 hundred" is read with its digits already.
    digits += [word for word in spelt_out if not any(word.start < x.end and x.start < word.end for x in digits)]
    for number in sorted(digits, key=lambda number: number.start):
        if not any(number.start < end and start < number.end for start, end in taken):
            yield _measure(number, text)


# Times of day, versions, ratios, and numbers that name a thing.
_NO_MEASURE = re.compile(
    r"\d{1,2}[:h]\d{2}(?!\d)|\d+(?:\.\d+){2,}|(?<![\w.])\d+[/:]\d+(?![\w.])|(?:No\.|Nr\.|n°|#)\s?\d+"
)


def _measure(number: Quantity, text: str) -> Measure:
    place = _place(text[number.start : number.end], number.value)
    dimension, value = in_base(number.value, number.unit) if number.unit else ("", number.value)
    if dimension and dimension != "temperature" and number.value:
        place *= value / number.value
    return Measure(value, value, dimension, abs(place), about=False, bound="", start=number.start, end=number.end)


def _place(literal: str, value: Decimal) -> Decimal:
    """The worth of the last digit that is meant: of `3.5 million` 100,000, of `84,000` 1,000, of `240` 1."""
    digits = re.search(r"\d(?:[\d.,'’\u00a0\u2009\u202f ]*\d)?", literal)
    if digits is None or not value:
        return Decimal(1)
    significant = len(re.sub(r"\D", "", digits[0]).lstrip("0")) or 1
    place = Decimal(10) ** (value.adjusted() - significant + 1)
    zeros = len(digits[0]) - len(digits[0].rstrip("0"))
    whole = value == value.to_integral_value() and not re.search(r"[.,]\d{1,2}$", digits[0])
    grouped = re.sub(r"\D", "", digits[0])
    zeros = len(grouped) - len(grouped.rstrip("0")) if whole else zeros
    # Two zeros at the end of a whole number may be rounding; one is not.
    return place * Decimal(10) ** zeros if whole and zeros >= 2 and grouped.strip("0") else place


def _ranges(found: list[Measure], text: str) -> Iterator[Measure]:
    waiting: Measure | None = None
    for measure in found:
        if waiting is not None:
            joined = _range(waiting, measure, text)
            if joined is not None:
                waiting = joined
                continue
            yield waiting
        waiting = measure
    if waiting is not None:
        yield waiting


_TO = re.compile(r"\s?(?:[-–—~]|to|bis|à|a|hasta|and|und|et|y)\s?", re.IGNORECASE)
_FROM = re.compile(r"\b(from|between|von|zwischen|entre|de|desde)\s$", re.IGNORECASE)
_CHANGING = re.compile(
    r"\b(?:rose|risen|rais\w+|rising|grew|grow\w*|increas\w+|fell|fall\w*|drop\w*|decreas\w+|reduc\w+|cut|went|from|von|"
    r"gestiegen|stieg|erhöht\w*|gesenkt|gesunken|augment\w+|pass\w+|baiss\w+|aument\w+|subi\w+|baj\w+|pas\w+)\b",
    re.IGNORECASE,
)


def _range(a: Measure, b: Measure, text: str) -> Measure | None:
    """`a` and `b` as the ends of one range, if the text joins them so; what rises from one to the other is no range."""
    between = text[a.end : b.start]
    joint = _TO.fullmatch(between)
    if joint is None or a.dimension not in ("", b.dimension):
        return None
    word = joint[0].strip().casefold()
    opened = _FROM.search(text, 0, a.start)
    if word in ("and", "und", "et", "y") and (opened is None or opened[1].casefold() not in _BETWEEN):
        return None
    if word in ("to", "bis", "à", "a", "hasta") and _CHANGING.search(text, max(0, a.start - 40), a.start):
        return None
    factor = b.place / _place(text[b.start : b.end], b.low) if not a.dimension and b.dimension else Decimal(1)
    # "3 to 5 million": the magnitude is said once.
    if a.low < b.low / 1000:
        factor *= Decimal(10) ** (3 * (b.low.adjusted() // 3))
    low = a.low * factor
    if low > b.high:
        return None
    return replace(b, low=low, start=a.start, place=max(a.place * factor, b.place))


_BETWEEN = frozenset({"between", "zwischen", "entre"})

_ABOUT = re.compile(
    r"(?:\babout|\baround|\broughly|\bapprox\.|\bapproximately|\bnearly|\balmost|\bcirca|\bca\.|\bc\.|\bsome|~|≈|\bup\sto\sabout|"
    r"\bestimated|\bsomewhat\s(?:over|under)|\bclose\sto|\bjust\s(?:over|under)|\betwa|\brund|\bungefähr|\bfast|\bknapp|\bgut|\bzirka|"
    r"\benviron|\bprès\sde|\bpresque|\bquelque|\bunos|\bunas|\bcerca\sde|\baproximadamente|\bcasi|\balrededor\sde)"
    r"\s?(?:the\s|a\s)?$",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"(?:\bmore\sthan|\bover|\bat\sleast|\bno\s(?:less|fewer)\sthan|\bnot\sless\sthan|\bupwards\sof|\bexceed(?:s|ed|ing)?|"
    r"\ba?bove|\bminimum(?:\sof)?|>=?|≥|\bmehr\sals|\büber|\bmindestens|\bwenigstens|\bab|\bplus\sde|\bau\smoins|\bminimum|"
    r"\bmás\sde|\bal\smenos|\bpor\slo\smenos|\bmínimo)\s?$",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"(?:\bless\sthan|\bfewer\sthan|\bunder|\bat\smost|\bno\smore\sthan|\bnot\smore\sthan|\bup\sto|\bbelow|\bmaximum(?:\sof)?|<=?|≤|"
    r"\bweniger\sals|\bunter|\bhöchstens|\bmaximal|\bbis\szu|\bmoins\sde|\bau\splus|\bau\smaximum|\bjusqu'à|\bmenos\sde|"
    r"\bcomo\smáximo|\bhasta)\s?$",
    re.IGNORECASE,
)
_MORE_AFTER = re.compile(
    r"\s?\+|\s(?:or|and)\s(?:more|above|over)\b|\soder\smehr\b|\sou\splus\b|\so\smás\b", re.IGNORECASE
)
_LESS_AFTER = re.compile(r"\s(?:or|and)\s(?:less|fewer|below|under)\b|\soder\sweniger\b|\sou\smoins\b", re.IGNORECASE)
_LONGEST_APPROXIMATOR = 24  # characters before a number in which its approximator stands


def _with_words_before(measure: Measure, text: str) -> Measure:
    start = measure.start - 1 if measure.start and text[measure.start - 1] in "$€£¥₹₽₩₿" else measure.start
    measure = replace(measure, start=start)
    before = text[max(0, start - _LONGEST_APPROXIMATOR) : start]
    if _ABOUT.search(before):
        measure = replace(measure, about=True, place=max(measure.place, _rounded(measure.high)))
    if measure.low != measure.high:
        return measure
    if _LEAST.search(before) or _MORE_AFTER.match(text, measure.end):
        return replace(measure, high=_INFINITY, bound="least")
    if _MOST.search(before) or _LESS_AFTER.match(text, measure.end):
        return replace(measure, low=-_INFINITY, bound="most")
    return measure


def _rounded(value: Decimal) -> Decimal:
    """The worth of the last digit that is not zero: of 240 it is 10."""
    if not value or not value.is_finite():
        return Decimal(1)
    exponent = value.normalize().as_tuple().exponent
    return Decimal(10) ** int(exponent)
