"""Numbers and dates in text, by value."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quern.quantities import agree, dates, measures, numbers
from quern.quantities.units import in_base


def found(text: str, language: str = "en") -> list[tuple[str, str | None]]:
    return [(f"{number.value.normalize():f}", number.unit) for number in numbers(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("240 MW", "en", [("240", "MW")]),
        ("240MW and 1,234.5 km", "en", [("240", "MW"), ("1234.5", "km")]),
        ("3.5 million people", "en", [("3500000", None)]),
        ("1.3 billion pounds", "en", [("1300000000", "£")]),
        ("$500, 5 % and 99 per cent", "en", [("500", "$"), ("5", "%"), ("99", "%")]),
        ("Windows 10 100 users", "en", [("10", None), ("100", None)]),
        ("1.234,5 €", "de", [("1234.5", "€")]),
        ("12.000 Menschen", "de", [("12000", None)]),
        ("12.000 metres", "en", [("12", "m")]),
        ("24 000 habitants", "fr", [("24000", None)]),
        ("3,5 milliards", "fr", [("3500000000", None)]),
        ("3 mil millones", "es", [("3000000000", None)]),
        ("3.5万人", "ja", [("35000", None)]),
        ("٢٤٠", "ar", [("240", None)]),
        ("-5 °C", "en", [("-5", "°C")]),
        ("GPT-4, BIP324, 3D, version 1.2.3, the 1990s", "en", []),
        ("5²", "en", [("5", None)]),
    ],
)
def test_numbers_are_read_by_value(text, language, expected):
    assert found(text, language) == expected


def test_words_are_numbers_only_where_asked_for():
    assert numbers("twenty-four turbines") == []
    assert [number.value for number in numbers("twenty-four turbines, zwölf", words=True)] == [24, 12]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("opened on 26 November 1966", "en", ["1966-11-26"]),
        ("March 1, 2024; Mar 2024; 2024-03-05", "en", ["2024-03-01", "2024-03", "2024-03-05"]),
        ("am 1. März 2024", "de", ["2024-03-01"]),
        ("le 1er mars 2024", "fr", ["2024-03-01"]),
        ("el 1 de marzo de 2024", "es", ["2024-03-01"]),
        ("2024年3月1日", "ja", ["2024-03-01"]),
        ("in 1966, since 2024, (1999)", "en", ["1966", "2024", "1999"]),
        ("1961–1966", "en", ["1961", "1966"]),
        ("13/04/2024 but 03/04/2024", "en", ["2024-04-13", "2024"]),
        ("2000 people, in 2000 MW, 2060 words", "en", []),
        ("31/31/2024", "en", []),
    ],
)
def test_dates_are_read_as_far_as_they_go(text, language, expected):
    assert [date.iso for date in dates(text, language)] == expected


@given(st.decimals(min_value=0, max_value=10**9, places=2))
@settings(max_examples=100)
def test_a_number_is_found_however_it_is_grouped(value):
    english = f"{value:,}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert [number.value for number in numbers(f"about {english} units")] == [value]
    assert [number.value for number in numbers(f"etwa {german} Stück", "de")] == [value]


@given(st.text(max_size=200), st.sampled_from(["en", "de", "fr", "zh"]))
@settings(max_examples=200)
def test_any_text_can_be_read_and_places_are_right(text, language):
    for number in numbers(text, language, words=True):
        assert text[number.start : number.end].strip()
        assert isinstance(number.value, Decimal)
    for date in dates(text, language):
        assert text[date.start : date.end].strip()


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("0.24", "GW", ("power", "240000000")),
        ("240", "MW", ("power", "240000000")),
        ("1.5", "hour", ("time", "5400")),
        ("2", "GiB", ("data", "2147483648")),
        ("36", "km/h", ("speed", "10")),
        ("3", "year", ("span", "36")),
        ("212", "°F", ("temperature", "100")),
        ("273.15", "K", ("temperature", "0")),
        ("5", "€", ("money EUR", "5")),
        ("5", "EUR", ("money EUR", "5")),
        ("5", "$", ("money USD", "5")),
        ("7", "vbytes", ("vbytes", "7")),
    ],
)
def test_a_unit_is_converted_within_its_dimension(value, unit, expected):
    dimension, base = in_base(Decimal(value), unit)
    assert dimension == expected[0]
    assert abs(base - Decimal(expected[1])) < Decimal("1e-9")


def spans(text: str, language: str = "en") -> list[tuple[str, str, str]]:
    """Dimension, low and high of each measure."""
    return [(m.dimension, f"{m.low.normalize():f}", f"{m.high.normalize():f}") for m in measures(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("240-320 MW", "en", [("power", "240000000", "320000000")]),
        ("240 to 320 kW", "en", [("power", "240000", "320000")]),
        ("between 3 and 5 km", "en", [("length", "3000", "5000")]),
        ("zwischen 3 und 5 km", "de", [("length", "3000", "5000")]),
        ("3 to 5 million people", "en", [("", "3000000", "5000000")]),
        ("rose from 240 to 320 MW", "en", [("", "240", "240"), ("power", "320000000", "320000000")]),
        ("3 and 5 km", "en", [("", "3", "3"), ("length", "5000", "5000")]),
        ("more than 5 km", "en", [("length", "5000", "Infinity")]),
        ("höchstens 5 km", "de", [("length", "-Infinity", "5000")]),
        ("5 km or more", "en", [("length", "5000", "Infinity")]),
        ("two hundred and five boats", "en", [("", "205", "205")]),
        ("one, two boats", "en", [("", "1", "1"), ("", "2", "2")]),
        ("vierundzwanzig Boote", "de", [("", "24", "24")]),
        ("half of the users, two thirds of the rest", "en", [("share", "50", "50"), ("share", "67", "67")]),
        ("die Hälfte der Leute", "de", [("share", "50", "50")]),
        ("half an hour", "en", []),
        ("$5M and €3bn", "en", [("money USD", "5000000", "5000000"), ("money EUR", "3000000000", "3000000000")]),
        ("12 square kilometres", "en", [("area", "12000000", "12000000")]),
        ("at 10:30 in version 1.2.3 on 4 May 2024", "en", []),
        ("3,5 Mrd. €", "de", [("money EUR", "3500000000", "3500000000")]),
        ("5亿", "zh", [("", "500000000", "500000000")]),
    ],
)
def test_measures_are_read_as_intervals(text, language, expected):
    assert spans(text, language) == expected


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("240 MW", "0.24 GW"),
        ("240 MW", "239.6 MW"),
        ("50 %", "half of them"),
        ("200-320 MW", "240 MW"),
        ("about 240 km", "243 km"),
        ("more than 5 km", "7 km"),
        ("3,412 m", "11,194 ft"),
        ("12 million", "12.3 million"),
        ("90 minutes", "1.5 hours"),
        ("5 €", "6 $"),
    ],
)
def test_two_ways_to_say_one_value_agree(a, b):
    assert agree(measures(a)[0], measures(b)[0])
    assert agree(measures(b)[0], measures(a)[0])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("240 MW", "320 MW"),
        ("240 MW", "241 MW"),
        ("two", "3"),
        ("200-220 MW", "240 MW"),
        ("about 240 km", "310 km"),
        ("more than 5 km", "4 km"),
        ("1 million", "1.4 million"),
        ("5 €", "6 €"),
    ],
)
def test_two_values_do_not_agree(a, b):
    assert not agree(measures(a)[0], measures(b)[0])
    assert not agree(measures(b)[0], measures(a)[0])


@given(st.text(max_size=200), st.sampled_from(["en", "de", "fr", "es", "zh"]))
@settings(max_examples=200)
def test_measures_do_not_overlap_and_agree_with_themselves(text, language):
    found = measures(text, language)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(agree(measure, measure) for measure in found)
