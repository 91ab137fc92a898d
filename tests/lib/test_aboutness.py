"""Which of its names a claim is about."""

from __future__ import annotations

import pytest

from quern.engines.rules import aboutness, grammar, worth
from quern.engines.rules.lookup import Lookup, Term

TERMS = [
    Term("EDF", "entity", weight=0.2),
    Term("La Rance", "entity", weight=0.4),
    Term("MeyGen", "entity", weight=0.3),
    Term("NASA", "entity", weight=0.6),
    Term("Ada Lovelace", "entity", weight=0.7),
    Term("Bulb turbine", "concept", weight=0.3, surface=frozenset({"bulb turbines"})),
    Term("Lung", "concept", weight=0.4),
    Term("rustup", "concept", weight=0.2),
    Term("Integrated development environment", "concept", ("IDE",), weight=0.2),
]
LOOKUP, ENGLISH = Lookup(TERMS), grammar.load("en")


def about(text: str, heading: str = "", kind: aboutness.Kind = "other") -> list[str]:
    return aboutness.about(text, LOOKUP.find(text), heading, ENGLISH, kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("La Rance feeds the grid of Brittany.", ["La Rance"]),  # its subject
        ("La Rance and MeyGen feed the grid.", ["La Rance", "MeyGen"]),
        ("The visitors praised the bulb turbine.", ["Bulb turbine"]),  # its object
        ("EDF has bought MeyGen from its owners.", ["EDF", "MeyGen"]),
        ("EDF is a client of MeyGen.", ["EDF"]),  # nothing is said of the client's supplier
        ("EDF has learnt much about dams, tides, fish and MeyGen.", ["EDF"]),  # far from the verb
        ("EDF has bought MeyGen's tools.", ["EDF"]),
        ("EDF told MeyGen that the tide was late.", ["EDF"]),
        ("The survey found that bulb turbines last longer.", ["Bulb turbine"]),  # what somebody found
        ("The visitors praised the lung.", []),  # a lone common noun is in many sentences
        ("It costs little, as people at La Rance and near MeyGen know.", ["La Rance"]),  # the weightiest, failing all
        ("EDF has sold some old tools of no great use to NASA.", ["EDF", "NASA"]),  # what a source is about throughout,
        ("EDF has sold some old tools of no great use to Ada Lovelace.", ["EDF"]),  # but not who
        ("Many old editors, among others each integrated development environment (IDE), are slow.",
         ["Integrated development environment"]),
    ],
)  # fmt: skip
def test_what_a_claim_is_about(text: str, expected: list[str]):
    assert about(text) == expected


def test_what_a_heading_names_is_told_of():
    assert about("EDF has learnt much about dams, tides, fish and MeyGen.", "Why MeyGen failed") == ["EDF", "MeyGen"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EDF made a small tool called rustup in its spare time.", "rustup"),
        ("EDF has bought rustup, a command line tool for sluices.", "rustup"),
        ("EDF has bought rustup, which nobody knows.", None),
        ("EDF has hired Ada Lovelace, a writer of programs.", None),  # everybody quoted is brought in so
        ("For rustup, a proof of its age is of little use, as EDF knows.", None),
        ("EDF met a man called Ada Lovelace at the lock.", None),
        ("The doctor saw a thing called lung in the picture.", None),
        ("EDF has owned La Rance, a year longer than MeyGen.", None),
    ],
)
def test_what_a_sentence_brings_in_with_what_it_is_comes_first(text: str, expected: str | None):
    found = LOOKUP.find(text)
    place = worth.introduced(text, found, ENGLISH)
    assert (None if place is None else found[place][2].name) == expected
    if expected is not None:
        assert about(text, kind="introduction") == [expected, "EDF"]
