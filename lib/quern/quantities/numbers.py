"""Numbers in text, by value and with the unit that stands beside them: `240 MW`, `1.234,5 €`, `3.5 million`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

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


def numbers(text: str, language: str = "en", *, words: bool = False) -> list[Quantity]:
    """The numbers of a text in order; with `words`, `twelve` and `zwölf` are numbers too.

    Digits that belong to a name (`GPT-4`, `BIP324`, `3D`), versions (`1.2.3`) and decades (`1990s`) are not numbers.
    """
    found = list(_in_digits(text, language))
    if words:
        found += [
            Quantity(Decimal(WORDS[match[0].casefold()]), None, match.start(), match.end())
            for match in re.finditer(r"[^\W\d_]+(?:-[^\W\d_]+)?", text)
            if match[0].casefold() in WORDS
        ]
        found.sort(key=lambda quantity: quantity.start)
    return found


_NUMBER = re.compile(r"\d+(?:[.,'’٫٬\u00a0\u2009\u202f]\d+|(?<!\d{4}) \d{3}(?!\d))*")
_GROUPS = re.compile(r"\d{1,3}(?:(.)\d{3})(?:\1\d{3})*")
_SPACES = re.compile(r"[\u00a0\u2009\u202f ]")
_CURRENCY = "$€£¥₹₽₩₿"


@lru_cache(maxsize=8192)
def _in_digits(text: str, language: str) -> tuple[Quantity, ...]:
    return tuple(_digits(text, language))


def _digits(text: str, language: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        for start, end in _parts(match, language):
            if _in_a_word(text, start, end):
                continue
            value = _value(text[start:end], language)
            if value is None:
                continue
            scale, scaled_end = _magnitude(text, start, end, language)
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


def _magnitude(text: str, start: int, end: int, language: str) -> tuple[int, int]:
    if end < len(text) and text[end] in CJK_SCALES:
        return CJK_SCALES[text[end]], end + 1
    match = _AFTER.match(text, end)
    if match is None:
        return 1, end
    word = match[1].casefold().rstrip(".")
    if word in _MONEY_SCALES and match.start(1) == end and start and text[start - 1] in _CURRENCY:
        return _MONEY_SCALES[word], match.end(1)
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
    match = _LONG_UNIT.match(text, end)
    if match is not None and match.lastindex is not None:
        return list(_LONG_UNITS.values())[match.lastindex - 1], match.end()
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
_MONEY_SCALES = {"m": 10**6, "mm": 10**6, "b": 10**9, "bn": 10**9, "tn": 10**12}  # behind $5 and its like only
CJK_SCALES = {"千": 10**3, "万": 10**4, "萬": 10**4, "億": 10**8, "亿": 10**8, "兆": 10**12}
_UNIT_SIGNS = """
mm cm dm m km m² km² m³ ha nm µm μm g kg mg t s ms µs ns h min d W kW MW GW TW Wh kWh MWh GWh TWh J kJ MJ GJ V
kV A mA Hz kHz MHz GHz K Pa kPa MPa bar mbar B kB KB MB GB TB PB KiB MiB GiB TiB bit bits Mbit Gbit kbps Mbps
Gbps km/h m/s mph dpi ppm ppb rpm px pt lb lbs oz ft USD EUR GBP CHF JPY CNY BTC ETH sats vbytes dB l L ml mL
hPa N kN Nm lm lx mol AU ly km³ cm³ mW hl kcal nmi acre hp
"""
UNITS = frozenset(_UNIT_SIGNS.split())
# What is written out, by the sign that it stands for.
_SPELT_UNITS = """
m meter meters metre metres metern mètre mètres metro metros
km kilometer kilometers kilometre kilometres kilometern kilomètre kilomètres kilómetro kilómetros
cm centimetre centimetres centimeter centimeters zentimeter centimètre centimètres centímetro centímetros
mm millimetre millimetres millimeter millimeters millimètre millimètres milímetro milímetros
in inch inches
ft foot feet fuß pieds
mi mile miles meile meilen
yd yard yards
kg kilogram kilograms kilogramm kilogramme kilogrammes kilogramo kilogramos kilo kilos
g gram grams gramm gramme grammes gramo gramos
t tonne tonnes ton tons tonnen tonelada toneladas
oz ounce ounces
W watt watts
kW kilowatt kilowatts kilovatios
MW megawatt megawatts mégawatt mégawatts megavatio megavatios
GW gigawatt gigawatts gigavatios
kWh kilowattstunden
MWh megawattstunden
GWh gigawattstunden
hp horsepower
PS pferdestärken
l litre litres liter liters litro litros
ha hectare hectares hektar hectárea hectáreas
acre acres
B byte bytes
kB kilobyte kilobytes
MB megabyte megabytes
GB gigabyte gigabytes
TB terabyte terabytes
$ dollar dollars dólares
€ euro euros
£ pound pounds
CHF franken
JPY yen
kn knots knoten
year year years jahr jahre jahren an ans année années año años
month month months monat monate monaten mois mes meses
week week weeks woche wochen semaine semaines semana semanas
day day days tag tage tagen jour jours día días
hour hour hours stunde stunden heure heures hora horas
minute minute minutes minuten minuto minutos
second second seconds sekunde sekunden seconde secondes segundo segundos
"""
UNIT_WORDS: dict[str, str] = {
    word: line.split()[0] for line in _SPELT_UNITS.strip().split("\n") for word in line.split()[1:]
}
_LONG_UNITS = {
    r"(?:square|sq\.?) (?:kilomet(?:re|er)s?|km)|Quadratkilometern?|kilomètres? carrés?|kilómetros? cuadrados?": "km²",
    r"(?:square|sq\.?) (?:met(?:re|er)s?|m)|Quadratmetern?|mètres? carrés?|metros? cuadrados?": "m²",
    r"(?:square|sq\.?) (?:mi\b|miles?)": "mi²",
    r"(?:square|sq\.?) (?:ft|feet|foot)": "ft²",
    r"cubic met(?:re|er)s?|Kubikmetern?|mètres? cubes?|metros? cúbicos?": "m³",
    r"cubic kilomet(?:re|er)s?|Kubikkilometern?": "km³",
    r"kilomet(?:re|er)s? (?:per|an) hour|km per hour|Stundenkilometern?|kilomètres? par heure": "km/h",
    r"kilómetros? por hora": "km/h",
    r"met(?:re|er)s? (?:per|a) second|mètres? par seconde|metros? por segundo": "m/s",
    r"miles? (?:per|an) hour": "mph",
    r"(?:kilowatt|kW)[- ]hours?|kilowatts?[- ]heures?": "kWh",
    r"(?:megawatt|MW)[- ]hours?|mégawatts?[- ]heures?": "MWh",
    r"(?:gigawatt|GW)[- ]hours?|gigawatts?[- ]heures?": "GWh",
    r"(?:degrees?|Grad|degrés?|grados?) (?:Celsius|centigrade|C\b)|degrees": "°C",
    r"degrees? (?:Fahrenheit|F\b)": "°F",
    r"(?:times|[Mm]al)(?= (?:a|per|each|every|pro|je|am|im) )|fois(?= par )|ve(?:z|ces)(?= (?:al|por) )": "×",
    r"nautical miles?|Seemeilen?|milles? marins?|millas? náuticas?": "nmi",
}
_LONG_UNIT = re.compile(
    r"[ \u00a0\u2009\u202f-](?:" + "|".join(f"({form})" for form in _LONG_UNITS) + r")(?!\w)", re.IGNORECASE
)

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
