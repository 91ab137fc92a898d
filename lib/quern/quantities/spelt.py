"""Numbers in words, and shares: `twenty-four turbines`, `zwölf`, `two thirds of`, `die Hälfte der`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from quern.quantities.numbers import SCALES, UNIT_WORDS, UNITS, Quantity

# By language, from 0 or 1 on; "-" where the word is too often another.
_UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    "de": "null - zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn",
    "fr": "zéro - deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf",
    "es": "cero - dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
}
_MORE = {
    "en": {"hundred": 100, "dozen": 12, "thousand": 1000, "million": 10**6, "billion": 10**9},
    "de": {"hundert": 100, "tausend": 1000, "dutzend": 12},
    "fr": {"cent": 100, "mille": 1000, "douzaine": 12},
    "es": {"cien": 100, "mil": 1000, "docena": 12},
}
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PERCENT = ("percent", "prozent", "ciento")
# A share needs what it is a share of, or it may be a quarter of the year or a third time.
_OF = r"(?=\s(?:of|the|all|der|des|aller|von|dem|de|des|du|d['’]|la|los|las)\b)"
_SHARES = {
    "en": {"half": 50, "a third": 33, "one third": 33, "two thirds": 67, "a quarter": 25, "one quarter": 25,
           "three quarters": 75},
    "de": {"die hälfte": 50, "ein drittel": 33, "zwei drittel": 67, "ein viertel": 25, "drei viertel": 75},
    "fr": {"la moitié": 50, "un tiers": 33, "deux tiers": 67, "un quart": 25, "trois quarts": 75},
    "es": {"la mitad": 50, "un tercio": 33, "dos tercios": 67, "un cuarto": 25, "tres cuartos": 75},
}  # fmt: skip
# How often, from once on, if it says in what time.
_OFTEN = {
    "en": (r"once|twice|three times|four times|five times|six times", r"a|per|each|every"),
    "de": (r"einmal|zweimal|dreimal|viermal|fünfmal|sechsmal", r"pro|je|am|im"),
    "fr": (r"une fois|deux fois|trois fois|quatre fois|cinq fois|six fois", r"par"),
    "es": (r"una vez|dos veces|tres veces|cuatro veces|cinco veces|seis veces", r"al|por"),
}


@lru_cache(maxsize=8)
def _table(language: str) -> dict[str, int]:
    table = {word: n for n, word in enumerate(_UNITS[language].split()) if word != "-"}
    tens = dict(zip(_TENS[language].split(), range(20, 100, 10), strict=True))
    table |= tens
    if language == "en":
        table |= {f"{ten}-{word}": tens[ten] + table[word] for ten in tens for word in _UNITS["en"].split()[1:10]}
    if language == "de":
        ones = {"ein": 1, **{word: table[word] for word in _UNITS["de"].split()[2:10]}}
        table |= {f"{one}und{ten}": tens[ten] + value for ten in tens for one, value in ones.items()}
    return table | _MORE[language]


@lru_cache(maxsize=8)
def _phrases(language: str) -> re.Pattern[str]:
    forms, periods = _OFTEN[language]
    shares = "|".join(_SHARES[language])
    return re.compile(rf"\b(?:({shares}){_OF}|({forms})(?=\s(?:{periods})\s))", re.IGNORECASE)


@lru_cache(maxsize=8192)
def spelt(text: str, language: str) -> tuple[Quantity, ...]:
    """The numbers that a text spells out, with the unit word behind them; shares in %, `twice a day` in times (×).

    None in languages not known.
    """
    if language not in _UNITS:
        return ()
    fixed = [_fixed(match, language) for match in _phrases(language).finditer(text)]
    words = [word for word in _words(text, language) if not any(x.start <= word.start < x.end for x in fixed)]
    return tuple(sorted(fixed + words, key=lambda quantity: quantity.start))


def _fixed(match: re.Match[str], language: str) -> Quantity:
    share, often = match.groups()
    if share:
        return Quantity(Decimal(_SHARES[language][share.casefold()]), "%", *match.span())
    times = _OFTEN[language][0].split("|").index(often.casefold()) + 1
    return Quantity(Decimal(times), "×", *match.span())


def _words(text: str, language: str) -> Iterator[Quantity]:
    table = _table(language)
    run: list[re.Match[str]] = []
    known = [match for match in _WORD.finditer(text) if match[0].casefold() in table] if _has(table, text) else []
    for match in [*known, None]:
        if match is not None and run and _continues(run[-1], match, table, text):
            run.append(match)
            continue
        if run:
            yield _quantity(run, table, text)
        run = [match] if match is not None else []


def _has(table: dict[str, int], text: str) -> bool:
    """Whether a number word can stand in a text: most have none, and this is found quickly."""
    return not table.keys().isdisjoint(re.split(r"\W+", text.casefold())) or "-" in text


def _continues(last: re.Match[str], word: re.Match[str], table: dict[str, int], text: str) -> bool:
    """Whether a word goes on with the number before it: `two hundred and five` does, `five six` does not."""
    before, value = table[last[0].casefold()], table[word[0].casefold()]
    gap = text[last.end() : word.start()]
    if gap not in (" ", "-", " and "):
        return False
    return (value >= 100 and gap != " and ") or (
        before > value and (before >= 100 or (before >= 20 and gap != " and "))
    )


def _quantity(run: list[re.Match[str]], table: dict[str, int], text: str) -> Quantity:
    total = current = 0
    for match in run:
        value = table[match[0].casefold()]
        if value >= 1000:
            total, current = total + max(current, 1) * value, 0
        elif value == 100:
            current = max(current, 1) * value
        else:
            current += value
    end = run[-1].end()
    following = _WORD.match(text, end + 1) if text[end : end + 1] in (" ", "-") else None
    if following is not None and following[0].casefold().rstrip(".") in SCALES and len(run) == 1:
        current, end = current * SCALES[following[0].casefold()], following.end()
        following = _WORD.match(text, end + 1)
    unit = _unit(following[0]) if following is not None else None
    return Quantity(
        Decimal(total + current), unit, run[0].start(), following.end() if following is not None and unit else end
    )


def _unit(word: str) -> str | None:
    """The unit of a word or sign; a letter alone may be anything behind a number word."""
    return UNIT_WORDS.get(word.casefold(), word if word in UNITS and len(word) > 1 else None)


@lru_cache(maxsize=8)
def spelt_words(language: str) -> frozenset[str]:
    """The words, folded, by which a quantity is told and that digits and signs can stand for: numbers and units."""
    numbers = _table(language).keys() if language in _UNITS else frozenset()
    shares = {word for share in _SHARES.get(language, ()) for word in share.split()}
    return frozenset({*numbers, *shares, *SCALES, *UNIT_WORDS, *(unit.casefold() for unit in UNITS), *_PERCENT})
