"""What a person wants a source read for: by stem, in any script, and never at the cost of a claim."""

from __future__ import annotations

import pytest

from quern.emphasis import Emphasis
from quern.engines import rules
from quern.records import Claim, Name, Unread


@pytest.mark.parametrize(
    ("language", "focus", "text"),
    [
        ("en", "turbines", "The turbine was refitted."),
        ("en", "cost", "It costs more than it earns."),
        ("en", "sea-bed", "Anchors in the bed hold it."),
        ("de", "Kosten der Turbinen", "Die Kosten trägt das Land."),
        ("de", "Turbinen", "Das Gezeitenkraftwerk hat eine neue Rohrturbine."),
        ("de", "Gezeiten", "Das Gezeitenkraftwerk liegt in der Bretagne."),
        ("fr", "énergies", "L'énergie vient de la marée."),
        ("fr", "energie", "L’énergie vient de la marée."),
        ("es", "energia", "La energía viene de la marea."),
        ("es", "mareas", "La marea sube dos veces."),
        ("zh", "潮汐发电", "这座潮汐电站建于1966年。"),
        ("ru", "турбины", "Турбина работает."),
        ("und", "costs", "It costs little."),
    ],
)
def test_a_text_speaks_of_a_focus_in_other_forms_of_its_words(language, focus, text):
    assert 0 < Emphasis(focus, language).on(text) <= 1


@pytest.mark.parametrize(
    ("language", "focus", "text"),
    [
        ("en", "what does it do and who is it for", "What it is for, and who did it."),
        ("en", "art", "It was the start of a party."),
        ("en", "die Kosten der Turbinen", "They die young."),
        ("de", "Art", "Der Start war gut."),
        ("en", "turbines", "The barrage is old."),
        ("en", "…!? ''", "It is what it is."),
        ("zh", "费用", "这座潮汐电站建于1966年。"),
        ("en", "", "Anything."),
    ],
)
def test_words_without_content_and_pieces_of_words_do_not_count(language, focus, text):
    assert Emphasis(focus, language).on(text) == 0


def test_a_text_that_says_more_of_it_counts_for_more():
    emphasis = Emphasis("the cost of new turbines", "en")
    texts = ["Turbines cost much when they are new.", "Turbines cost much.", "It is new.", "It is old."]
    shares = [emphasis.on(text) for text in texts]
    assert shares == sorted(shares, reverse=True)
    assert (shares[0], shares[-1]) == (1, 0)


def test_a_name_is_asked_for_as_far_as_its_words_are():
    emphasis = Emphasis("tidal power on the Mersey, and what it costs", "en")
    assert emphasis.of("Mersey Tidal Power") == 1
    assert emphasis.of("Tidal range") == 0.5
    assert emphasis.of("EDF") == 0


def claim(text, *names, score=0.5):
    return Claim(
        id="c" * 12, source="s" * 12, passage="p", text=text, quote=text, spans=[], score=score,
        names=[Name(name=name, weight=0.1) for name in names],
    )  # fmt: skip


def test_what_is_asked_for_comes_first_and_nothing_goes():
    unread = Unread(source="s" * 12, place="line 3", why="code")
    found = [
        claim("EDF is old.", "EDF"),
        unread,
        claim("Turbines cost much.", "Turbine"),
        claim("Turbines turn.", score=0.95),
    ]
    made = list(rules.favour(found, Emphasis("turbines", "en")))
    assert (made[0], made[1]) == (found[0], unread)
    assert [one.text for one in made if isinstance(one, Claim)] == [one.text for one in found if one is not unread]
    assert (made[2].score, made[3].score) == (0.8, 1.0)
    assert [name.weight for name in made[2].names] == [0.35]
