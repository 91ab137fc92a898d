"""Claims: identity, evidence, and the checks of the one against the other."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quern.claims import claim_id, evidence, in_raw, normalise, problems
from quern.records import Sentence

RAW = "# Tides\r\n\r\nLa Rance opened\r\nin 1966. It has 24 turbines.\rA [[Barrage|barrage]] \\* holds.\n"


def sentence(n: int, start: int, text: str, place: str) -> Sentence:
    return Sentence(n=n, sort="prose", text=text, plain=text, start=start, end=start + len(text), place=place)


def test_identity_does_not_see_blanks_links_and_escapes():
    assert normalise("A  [[Barrage|barrage]]\r\n\\* ") == "A barrage *"
    assert claim_id("a [[x|b]]", "t") == claim_id("a  b", " t")
    assert claim_id("ab", "c") != claim_id("a", "bc")
    assert claim_id("é", "é") == claim_id("e\u0301", "e\u0301")
    assert len(claim_id("a", "b")) == 12


def test_sentences_side_by_side_are_one_run_and_others_are_not():
    one = sentence(1, 0, "One.", "line 1")
    two = sentence(2, 5, "Two.", "line 2")
    four = sentence(4, 30, "Four.", "lines 4-5")
    quote, spans = evidence([four, two, one])
    assert quote == "One. Two. … Four."
    assert [(span.start, span.end, span.place) for span in spans] == [(0, 9, "lines 1-2"), (30, 35, "lines 4-5")]


@pytest.mark.parametrize(
    ("quote", "place", "expected"),
    [
        ("La Rance opened\nin 1966.", "lines 3-4", True),
        ("La Rance opened in 1966. … A barrage * holds.", "lines 3-4, line 5", True),
        ("It has 24 turbines.", "line 4", True),
        ("It has 24 turbines.", "line 3", False),
        ("It has 25 turbines.", "line 4", False),
        ("It has 24 turbines.", "line 40", False),
        ("It has 24 turbines.", "page 1", True),
    ],
)
def test_a_quote_is_looked_for_in_its_lines(quote, place, expected):
    assert in_raw(quote, place, RAW) is expected


def test_lines_break_where_editors_break_them():
    assert in_raw("two", "line 2", "one\u2028still one\x0cand here\ntwo")


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("[La Rance] opened in 1966.", "It opened in 1966."),
        ("[N]o gate opens in 1966.", "But no gate opens in 1966."),
        ("[La Rance's] turbines number 24.", "Its turbines number twenty-four."),
        ("La Rance has run since March 2024.", "La Rance has run since 1 March 2024."),
        ("The plant does not close.", "The plant doesn’t close."),
        ("See [1] for La Rance.", "See [1] for La Rance."),
        ("`La Rance` makes 1,200 MWh.", "**La Rance** makes 1200 MWh."),
    ],
)
def test_what_the_evidence_says_is_no_problem(text, quote):
    assert problems(text, quote, "La Rance, Brittany") == []


@pytest.mark.parametrize(
    ("text", "quote", "fault"),
    [
        ("La Rance has 320 MW.", "La Rance has 240 MW.", "the number 320 MW is not in the evidence"),
        ("La Rance opened in 1967.", "La Rance opened in 1966.", "the date 1967 is not in the evidence"),
        ("It stands near Sihwa.", "It stands near the sea.", "the name Sihwa is not in the source"),
        ("[Sihwa] opened.", "It opened.", "“Sihwa” is not in the source"),
        ("The plant closes.", "The plant does not close.", "a negation (“not”) is lost"),
        ("The plant never closes.", "The plant closes late.", "a negation (“never”) is not in the evidence"),
        ("It will rise.", "It might rise.", "doubt (“might”) is lost"),
        ("It takes 5 m.", "It takes at least 5 m.", "a comparison (“at least”) is lost"),
        ("Es schließt.", "Es schließt nie.", "a negation (“nie”) is lost"),
    ],
)
def test_what_the_evidence_does_not_say_is_named(text, quote, fault):
    assert fault in problems(text, quote, "La Rance")


@given(st.text(max_size=80))
@example("A\U0002f800")  # a character that the normal form spells otherwise
@settings(max_examples=200)
def test_a_sentence_has_no_problem_with_itself(text):
    assert problems(text, text, "") == []


@given(st.text(max_size=60))
@settings(max_examples=200)
def test_normalising_blanks_is_stable(text):
    assert " ".join(normalise(text).split()) == normalise(text)


@given(st.text(alphabet="ab \r\n\u2028", min_size=1, max_size=60), st.data())
@settings(max_examples=200)
def test_every_slice_is_found_in_its_own_lines(raw, data):
    start = data.draw(st.integers(0, len(raw) - 1))
    end = data.draw(st.integers(start + 1, len(raw)))
    first = raw[:start].replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    if raw[start - 1 : start + 1] == "\r\n":
        first -= 1
    last = first + raw[start:end].replace("\r\n", "\n").replace("\r", "\n").count("\n")
    assert in_raw(raw[start:end], f"lines {first}-{last}", raw)
