"""When two wordings are one statement: never if either says more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quern import relations

ONE = [
    ("La Rance opened in 1966.", "[La Rance] opened in 1966", "en"),
    ("La Rance opened in 1966.", "In 1966, La Rance opened.", "en"),
    ("The plant produces 1,500 MW.", "the plant produced 1500 MW", "en"),
    ("It cost 3 million euros.", "It cost 3,000,000 euros.", "en"),
    ("The turbine blades rotate.", "The turbine’s blade rotates.", "en"),
    ("Der Bau der Turbine dauerte ein Jahr.", "Der Bau der Turbinen dauerte ein Jahr.", "de"),
    ("La Rance has ten turbines.", "La Rance has 10 turbines.", "en"),
    ("La Rance has twenty-four turbines.", "[La Rance] has 24 turbines", "en"),
    ("La Rance has 0.24 GW of capacity.", "La Rance has 240 MW of capacity.", "en"),
    ("Annet has 1,000 mills.", "Annet has one thousand mills.", "en"),
    ("Annet has 1,000 mills.", "Annet has 1000 mills.", "en"),
    ("Half of the mills stand still.", "50 % of the mills stand still.", "en"),
    ("The flyby took two hours.", "The flyby took 120 minutes.", "en"),
    ("Sie hat zwölf Turbinen.", "Sie hat 12 Turbinen.", "de"),
    ("Annet hat 1.200 Einwohner.", "Annet hat 1200 Einwohner.", "de"),
    ("Le moulin a dix meules.", "Le moulin a 10 meules.", "fr"),
    ("El molino tiene doce piedras.", "El molino tiene 12 piedras.", "es"),
    ("Le barrage a ouvert en 1966.", "En 1966, le barrage a ouvert.", "fr"),
]
TWO = [
    ("La Rance opened in 1966.", "La Rance opened in 1966 after six years of building.", "en"),
    ("Backups always run at night.", "Backups except one run at night.", "en"),
    ("La Rance has 240 MW.", "La Rance has 320 MW.", "en"),
    ("The dam is safe.", "The dam is not safe.", "en"),
    ("Tests must pass.", "Tests may pass.", "en"),
    ("All users can log in.", "Some users can log in.", "en"),
    ("The tide is high.", "The tide was high.", "en"),
    ("The US opened it.", "The UK opened it.", "en"),
    ("The US plant opened.", "The plant opened.", "en"),
    ("Anna hired Tom.", "Tom hired Anna.", "en"),
    ("A whale is a mammal.", "A mammal is a whale.", "en"),
    ("Paris is larger than London.", "London is larger than Paris.", "en"),
    ("Output rose from 240 to 320 MW.", "Output rose from 320 to 240 MW.", "en"),
    ("Use C++ here.", "Use C# here.", "en"),
    ("Python 3.1 added it.", "Python 3.10 added it.", "en"),
    ("A third of the mills stand still.", "33 % of the mills stand still.", "en"),
    ("La Rance has about ten turbines.", "La Rance has 10 turbines.", "en"),
    ("La Rance has at least ten turbines.", "La Rance has 10 turbines.", "en"),
    ("La Rance has ten turbines.", "La Rance has 10 sluices.", "en"),
    ("The lake holds 1 l of oil.", "The lake holds 1 kg of oil.", "en"),
    ("Sector 10 has two mills.", "Sector 2 has ten mills.", "en"),
    ("It costs $5.", "It costs €5.", "en"),
    ("The universe is old.", "The university is old.", "en"),
    ("Is it safe?", "It is safe.", "en"),
    ("Der Damm ist sicher.", "Der Damm ist nicht sicher.", "de"),
    ("潮汐发电站建于1966年", "潮汐发电站建于1967年", "zh"),
]


@pytest.mark.parametrize(("a", "b", "language"), ONE)
def test_one_statement_in_two_wordings(a, b, language):
    assert relations.same(a, b, language)
    assert relations.same(b, a, language)
    assert relations.signature(a, language) == relations.signature(b, language)


@pytest.mark.parametrize(("a", "b", "language"), TWO)
def test_two_statements(a, b, language):
    assert not relations.same(a, b, language)
    assert not relations.same(b, a, language)


WORDS = ["the", "tide", "in", "1966", "not", "is", "was", "rose", "Paris", "5", "MW", "only", "after"]
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)


@given(SENTENCES, SENTENCES)
@settings(max_examples=200)
def test_it_is_symmetric_and_needs_the_same_words(a, b):
    assert relations.same(a, b, "en") == relations.same(b, a, "en")
    if relations.same(a, b, "en"):
        free = relations.FREE["en"]
        assert sorted(set(a.split()) - free) == sorted(set(b.split()) - free)


@given(st.text())
@settings(max_examples=200)
def test_every_statement_is_itself(text):
    assert relations.same(text, text, "en")


def test_definitions_of_two_things_share_nothing():
    planet = "Mercury is the smallest planet of the Solar System."
    element = "Mercury is a chemical element with the symbol Hg."
    around = ([planet, "Mercury orbits the Sun in 88 days."], [element, "Mercury is liquid at room temperature."])
    assert not relations.agree(planet, element, around, "Mercury", "en")


def test_definitions_of_one_thing_may_be_worded_differently():
    dam = "A barrage is a dam with gates."
    barrier = "A barrage is a barrier across an estuary."
    around = ([dam, "A barrage closes an estuary."], [barrier])
    assert relations.agree(dam, barrier, around, "barrage", "en")
