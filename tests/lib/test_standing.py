"""Claims stand alone, or they stay where they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quern.engines.rules import grammar, standing
from quern.engines.rules.lookup import Lookup, Term
from quern.engines.rules.standing import Classes

NAMES = {
    "en": ("La Rance", "Rance barrage", "HTLCs", "Ada Lovelace", "Rust", "borrow checker", "MeyGen", "EDF", "Brittany"),
    "de": ("La Rance", "Staudamm", "Gezeitenkraftwerk"),
    "fr": ("La Rance", "usine marémotrice", "barrage"),
    "es": ("La Rance", "central mareomotriz"),
}
SMALL = {"borrow checker", "usine marémotrice", "barrage", "central mareomotriz"}


def told(text: list[str], language: str = "en") -> list[str | None]:
    """The sentences of a paragraph as claims; None where one does not stand alone."""
    lookup = Lookup(Term(name, "concept" if name in SMALL else "entity") for name in NAMES[language])
    patterns = grammar.load(language)
    focus, classes, found = None, Classes(), []
    for sentence in text:
        stood = standing.stand(sentence, lookup.find(sentence), focus, classes, patterns)
        focus = stood.focus
        found.append(stood.text if stood.alone else None)
    return found


def last(*text: str, language: str = "en") -> str | None:
    return told(list(text), language)[-1]


@pytest.mark.parametrize(
    ("before", "sentence", "expected"),
    [
        ("La Rance is a power station.", "It opened in 1966.", "[La Rance] opened in 1966."),
        ("La Rance is a power station.", "Its turbines are old.", "[La Rance's] turbines are old."),
        ("La Rance is old.", "However, it still runs.", "[La Rance] still runs."),
        ("La Rance is old.", "In 1966, it opened.", "In 1966, [La Rance] opened."),
        ("The borrow checker is strict.", "It rejects code.", "[The borrow checker] rejects code."),
        ("HTLCs are contracts.", "They expire.", "[HTLCs] expire."),
        ("Ada Lovelace was a writer.", "She died in 1852.", "[Ada Lovelace] died in 1852."),
        ("La Rance is old.", "It’s a barrage.", "[La Rance is] a barrage."),
        ("The borrow checker is strict.", "In 2015, it rejected code.", "In 2015, [the borrow checker] rejected code."),
    ],
)
def test_a_pronoun_is_what_the_sentence_before_is_about(before, sentence, expected):
    assert last(before, sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Meanwhile, EDF bought La Rance.", "EDF bought La Rance."),
        ("However EDF bought La Rance.", "EDF bought La Rance."),
        (
            "EDF gives each owner of a value the life of that value.",
            "EDF gives each owner of a value the life of that value.",
        ),
        ("EDF keeps its turbines for the life of that value.", None),
        ("Instead of MeyGen, EDF bought La Rance.", "Instead of MeyGen, EDF bought La Rance."),
        ("Instead, EDF bought La Rance.", None),
        ("Unlike MeyGen, it is old.", None),
        (": EDF bought La Rance.", None),
        ("First, EDF bought La Rance.", "EDF bought La Rance."),
        ("La Rance helps me sleep.", "La Rance helps me sleep."),  # said of everybody
        ("La Rance keeps me awake.", None),
        (
            "La Rance killed fish, especially those found in the basin.",
            "La Rance killed fish, especially those found in the basin.",
        ),
        ("La Rance killed those fish.", None),
    ],
)
def test_what_leans_only_a_little(sentence, expected):
    assert last(sentence) == expected


def test_the_focus_holds_over_a_chain_of_pronouns():
    text = ["La Rance is old.", "It opened in 1966.", "Its wall is long.", "It has 24 turbines."]
    assert told(text)[1:] == [
        "[La Rance] opened in 1966.",
        "[La Rance's] wall is long.",
        "[La Rance] has 24 turbines.",
    ]


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("", "It opened in 1966."),
        ("French engineers built La Rance.", "It opened in 1966."),
        ("La Rance and MeyGen are old.", "It opened in 1966."),
        ("La Rance (1966), and the price of power, were news.", "It opened in 1966."),
        ("Ada Lovelace was a writer.", "It sold well."),
        ("Ada Lovelace was a writer.", "He died in 1852."),
        ("La Rance is old.", "They closed in 1966."),
        ("HTLCs are contracts.", "It expires."),
        ("La Rance is old.", "It is clear that Rust is safe."),
        ("La Rance is old.", "There are two ways to build in Brittany."),
        ("La Rance is old.", "This makes Rust safe."),
        ("La Rance is old.", "These turbines came from EDF."),
        ("La Rance is old.", "The company owns MeyGen."),
        ("La Rance is old.", "The latter is in Brittany."),
        ("La Rance is old.", "Then EDF closed the plant."),
        ("La Rance is old.", "Here EDF has an office."),
        ("La Rance is old.", "If a new feature is planned, it lands in 2030."),
    ],
)
def test_what_is_not_sure_is_left(before, sentence):
    assert last(before, sentence) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "EDF uses this method in Brittany.",
        "Lagoons were invented to escape that argument.",
        "As shown in Figure 3, EDF grew.",
        "EDF expects it to run.",
        "We built Rust for speed.",
        "EDF asked us in Brittany.",
        "Ada Lovelace said it was late in Brittany.",
        "Ada Lovelace said it was only the move of EDF to rise in Brittany.",
        "There are mills of EDF.",
        "More mills of EDF stand in Brittany.",
        "EDF moved it towards Brittany.",
        "EDF sold our mill.",
        "After La Rance opened we can see it.",
        "I think Rust is fast.",
        "EDF grew (see the table above).",
        "which EDF grew fast.",
        "EDF owns the following plants:",
        "If you delete it, Rust complains.",
    ],
)
def test_what_leans_behind_its_subject_is_left(sentence):
    assert last(sentence) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "La Rance opened in 1966.",
        "When La Rance opened, it was the largest.",
        "EDF owns La Rance and its turbines.",
        "In Rust, the compiler checks every borrow.",
        "In the US, EDF sells power.",  # which is no "us"
        "EDF says it hopes to build La Rance.",
        "More than 600 mills of EDF stand in Brittany.",
        "There are 600 mills of EDF in Brittany.",
        "Not all mills of EDF stand in Brittany.",
        "EDF reiterated it still owns La Rance.",
        "The old barrage near La Rance looks like it's safe.",
        "La Rance shapes our sense of time.",  # everybody's
        "La Rance is a place that we can visit.",
        "In Rust, it is easy to borrow.",
        "We call a small barrage La Rance.",
        "npm-Rust installs EDF.",
    ],
)
def test_what_stands_is_not_touched(sentence):
    assert last(sentence) == sentence


def test_an_opener_that_adds_nothing_goes_and_the_capital_is_bracketed():
    assert last("However, La Rance is old.") == "La Rance is old."
    assert last("But the turbines of La Rance are old.") == "[T]he turbines of La Rance are old."
    assert last("So far, EDF has grown.") == "So far, EDF has grown."


def test_the_station_is_the_only_thing_that_was_called_one():
    patterns, lookup = grammar.load("en"), Lookup([Term("La Rance", "entity"), Term("MeyGen", "entity")])
    classes = Classes()
    text = "La Rance is a tidal power station on the Rance."
    focus = standing.subject(text, lookup.find(text), patterns)
    assert focus is not None
    head = standing.defined_class(text, len("La Rance is a"), "en")
    assert head == "station"
    classes.add(head, focus)
    said = "The station employs 100 people."
    stood = standing.stand(said, [], None, classes, patterns)
    assert (stood.text, stood.alone) == ("[La Rance] employs 100 people.", True)
    other = standing.subject("MeyGen is a station.", lookup.find("MeyGen is a station."), patterns)
    assert other is not None
    classes.add("station", other)
    assert not standing.stand(said, [], None, classes, patterns).alone
    manager = "The station manager employs 100 people."
    assert standing.stand(manager, [], None, classes, patterns).text == manager


@pytest.mark.parametrize(
    ("language", "before", "sentence", "expected"),
    [
        ("de", "La Rance ist ein Kraftwerk.", "Es wurde 1966 eröffnet.", "[La Rance] wurde 1966 eröffnet."),
        ("de", "Der Staudamm ist alt.", "Er wurde 1966 gebaut.", "[Der Staudamm] wurde 1966 gebaut."),
        ("de", "Der Staudamm ist alt.", "Sie wurde 1966 gebaut.", None),
        ("de", "La Rance ist alt.", "Dieses Kraftwerk liegt dort.", None),
        ("fr", "L'usine marémotrice est grande.", "Elle a ouvert en 1966.", "[L'usine marémotrice] a ouvert en 1966."),
        ("fr", "Le barrage est long.", "Elle a ouvert en 1966.", None),
        ("fr", "Le barrage est long.", "Il y a 24 turbines.", None),
        ("fr", "Le barrage est long.", "Cette usine a ouvert.", None),
        ("es", "La Rance es grande.", "Fue inaugurada en 1966.", "[La Rance] fue inaugurada en 1966."),
        ("es", "", "Fue inaugurada en 1966.", None),
        ("es", "La Rance es grande.", "Esta central produce 240 MW.", None),
    ],
)
def test_other_languages_have_their_own_pronouns(language, before, sentence, expected):
    assert last(before, sentence, language=language) == expected


@given(st.sampled_from(["en", "de", "fr", "es", "zh"]), st.text(max_size=120), st.text(max_size=120))
@settings(max_examples=150)
def test_any_text_stands_or_not_and_only_brackets_change(language, before, sentence):
    lookup = Lookup([Term("La Rance", "entity")])
    patterns, classes = grammar.load(language), Classes()
    focus = standing.stand(before, lookup.find(before), None, classes, patterns).focus
    stood = standing.stand(sentence, lookup.find(sentence), focus, classes, patterns)
    if not stood.alone:
        assert stood.text == sentence
    if "[" not in stood.text:
        assert sentence.endswith(stood.text)


@pytest.mark.parametrize(
    "sentence",
    [
        "The sides feel sharper than those of MeyGen.",  # whose sides?
        "The northern wall has seen a storm, he said.",
        "La Rance, she said, could be rebuilt.",
        "La Rance feels like their direct descendant.",
        "(La Rance is older.)",
    ],
)
def test_what_leans_on_a_thing_or_a_person_named_before_does_not_stand(sentence: str):
    assert last(sentence) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "The best walls outlast La Rance.",
        "The internet knows about La Rance.",
        "The wall of La Rance is long.",
        "Engineers of EDF say that they visited La Rance.",
    ],
)
def test_what_says_enough_of_which_one_it_is_stands(sentence: str):
    assert last(sentence) == sentence
