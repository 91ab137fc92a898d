"""What "this grant" and "these receptors" point to."""

from __future__ import annotations

import pytest

from quern.engines.rules import grammar, pointing
from quern.engines.rules.lookup import Lookup, Term

LOOKUP = Lookup(Term(name, type_, surface=frozenset({name, f"{name}s"})) for name, type_ in (
    ("Taste receptor", "concept"), ("Smell receptor", "concept"), ("Ceres Labs", "entity"), ("Rukban camp", "entity"),
    ("Immune system", "concept"),
))  # fmt: skip


def resolve(*text: str, language: str = "en") -> str:
    before = [(sentence, LOOKUP.find(sentence)) for sentence in text[:-1]]
    return pointing.resolve(text[-1], before, grammar.load(language))


@pytest.mark.parametrize(
    ("before", "sentence", "expected"),
    [
        ("We made a large grant to Ceres Labs.", "This grant pays it.", "[The large grant to Ceres Labs] pays it."),
        ("Cells have a taste receptor.", "He found this receptor.", "He found [the taste receptor]."),
        ("Taste receptors bind.", "Cells carry these receptors.", "Cells carry [taste receptors]."),
        ("Taste receptors bind.", "These receptors bind.", "[Taste receptors] bind."),
        ("The Rukban camp is full.", "Food does not reach this camp.", "Food does not reach [the Rukban camp]."),
    ],
)
def test_the_one_thing_of_that_kind_is_put_in(before: str, sentence: str, expected: str) -> None:
    assert resolve(before, sentence) == expected


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("Taste receptors and smell receptors bind.", "Cells carry these receptors."),  # which?
        ("Cells have a taste receptor.", "Cells carry these receptors."),  # one is not many
        ("Cells have a receptor.", "He found this receptor."),  # it says no more than before
        ("We made a large grant.", "This grant pays it."),
        ("The immune system learns.", "This system is old."),  # it may be any system
        ("Taste receptors bind.", "Receptors are many, and these receptors bind."),  # said in the sentence itself
        ("Taste receptors bind.", "These receptors of mice bind."),
        ("Taste receptors bind.", "Those receptors bind."),
    ],
)
def test_what_is_not_sure_is_left(before: str, sentence: str) -> None:
    assert resolve(before, sentence) == sentence


def test_what_is_too_far_away_is_left_and_so_is_the_first_sentence() -> None:
    assert resolve("Taste receptors bind.", "Mice eat.", "Mice run.", "Cells carry these receptors.").endswith(
        "these receptors."
    )
    assert resolve("Cells carry these receptors.") == "Cells carry these receptors."


def test_only_english_is_known() -> None:
    assert (
        resolve("Taste receptors bind.", "Cells carry these receptors.", language="de")
        == "Cells carry these receptors."
    )
