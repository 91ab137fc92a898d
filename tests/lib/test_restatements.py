"""Which claims of a new reading say again what an older one said."""

from __future__ import annotations

import pytest

from quern.linking import restatements
from quern.records import Claim, Name

ONE, TWO, THREE = (frozenset({n}) for n in (1, 2, 3))


def claim(text, sentences=ONE, as_of=None, by=None):
    made = Claim(
        id=text,
        source="s",
        passage="p",
        text=text,
        quote=text,
        spans=[],
        names=[Name(name="La Rance")],
        as_of=as_of,
        by=by,
    )
    return made, sentences


def matched(old, new, *, is_shown=True):
    """What says each old text, and the new ones that say nothing new; of (claim, sentences) pairs."""
    where = {one.id: sentences for one, sentences in (*old, *new)}
    found = restatements.restated(
        [one for one, _ in old], [one for one, _ in new], lambda one: where[one.id], "en", where if is_shown else ()
    )
    return {id_: [one.text for one in by] for id_, by in found.by.items()}, found.idle


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("La Rance opened in 1966.", ["Operations at La Rance began in 1966."]),
        ("La Rance opened in 1966 with 240 MW.", ["La Rance opened in 1966.", "La Rance has 240 MW."]),
        ("[La Rance] is not closed on Sundays.", ["La Rance does not close on Sundays."]),
        ("Tides turn turbines.", ["The movement of seawater drives rotating machinery."]),
    ],
)
def test_other_words_for_all_of_it_restate_it(old, new):
    assert matched([claim(old)], [claim(text) for text in new]) == ({old: new}, set())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("La Rance opened in 1966 with 240 MW.", "La Rance opened in 1966."),
        ("La Rance was built by Ada Sims.", "La Rance was built by somebody."),
        ("La Rance does not close on Sundays.", "La Rance is closed on Sundays."),
        ("La Rance may have leaks.", "La Rance has leaks."),
        ("It took six years to build, and it employs divers for cleaning.", "It took six years to build."),
    ],
)  # fmt: skip
def test_less_than_all_of_it_restates_nothing(old, new):
    by, _ = matched([claim(old)], [claim(new)])
    assert by == {}


def test_part_of_what_stands_is_not_said_beside_it():
    old = claim("La Rance opened in 1966 with 240 MW.")
    assert matched([old], [claim("La Rance opened in 1966.")]) == ({}, {"La Rance opened in 1966."})


def test_part_of_what_no_page_shows_is_news():
    old = claim("La Rance opened in 1966 with 240 MW.")
    assert matched([old], [claim("La Rance opened in 1966.")], is_shown=False) == ({}, set())


def test_more_of_the_same_sentence_is_said_beside_it():
    old = claim("La Rance opened in 1966 with 240 MW.")
    assert matched([old], [claim("Charles de Gaulle opened La Rance.")]) == ({}, set())


def test_each_sentence_of_the_evidence_has_to_be_rested_on():
    old = claim("La Rance opened in 1966.", ONE | TWO)
    assert matched([old], [claim("Operations at La Rance began in 1966.", ONE)])[0] == {}
    assert matched([old], [claim("Operations at La Rance began in 1966.", ONE | TWO | THREE)])[0] != {}


def test_what_rests_on_other_sentences_has_nothing_to_do_with_it():
    old = claim("La Rance opened in 1966.", ONE)
    assert matched([old], [claim("In 1966 La Rance was open.", TWO)]) == ({}, set())


def test_the_occasion_may_stand_beside_the_general_statement():
    old = claim("On 3 May 2024 the pump failed above 40 °C, says Ada Sims.")
    new = claim("The pump fails above 40 °C.", as_of="2024-05-03", by="Ada Sims")
    assert list(matched([old], [new])[0]) == [old[0].id]
    assert matched([old], [claim("The pump fails above 40 °C.")])[0] == {}


def test_no_more_claims_are_taken_than_say_it():
    old = claim("La Rance opened in 1966.")
    new = [claim("Operations at La Rance began in 1966."), claim("Charles de Gaulle spoke.")]
    assert matched([old], new)[0] == {old[0].id: ["Operations at La Rance began in 1966."]}
