"""Numbers and dates in text, by value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quern.quantities import dates, numbers


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
