"""Entity or concept: each rule of kinds.py with a name that it decides."""

from __future__ import annotations

import pytest

from quern.engines.rules.kinds import Signs, kind
from quern.engines.rules.lexicon import lexicon

PROPER = Signs(proper=True)
PLAIN = Signs()


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("Ada Lovelace", PROPER),  # 1: a given name
        ("Zyx", Signs(person=True)),  # 1: who speaks
        ("La Rance tidal power station", PROPER),  # 2: a proper name, then a kind of place
        ("Bank of England", PROPER),  # 4
        ("Lake Geneva", PROPER),  # 4
        ("Data Protection Act", PROPER),  # 4: a work
        ("NASA", PROPER),  # 5
        ("European Marine Energy Centre", Signs(proper=True, expansion="European Marine Energy Centre")),  # 5
        ("GitHub", PROPER),  # 7
        ("Orbital O2", PROPER),  # 7
        ("iPhone 16e", PROPER),  # 7
        ("Orbital Marine Power", PROPER),  # 7
        ("海洋能报告", Signs(work=True)),  # 8
        ("清华大学", PLAIN),  # 8
    ],
)
def test_entities(name: str, signs: Signs) -> None:
    assert kind(name, lexicon("en"), signs) == "entity"


@pytest.mark.parametrize(
    ("name", "signs"),
    [
        ("tidal power", PLAIN),  # 2
        ("Merkle tree", PROPER),  # 2: a proper name, then an idea
        ("Moore's Law", PROPER),  # 3
        ("Bayes Theorem", PROPER),  # 3
        ("PC", Signs(proper=True, expansion="program counter")),  # 5
        ("Program Counter", PROPER),  # 6
        ("Open Source Software", PROPER),  # 6
        ("read_line", Signs(code=True)),  # 8
        ("潮汐能", PLAIN),  # 8
    ],
)
def test_concepts(name: str, signs: Signs) -> None:
    assert kind(name, lexicon("en"), signs) == "concept"


@pytest.mark.parametrize(
    ("language", "name", "expected"),
    [
        ("de", "Universität Heidelberg", "entity"),
        ("de", "Tidenhub", "concept"),
        ("fr", "Banque de France", "entity"),
        ("es", "cadena de bloques", "concept"),
    ],
)
def test_kinds_in_other_languages(language: str, name: str, expected: str) -> None:
    signs = PROPER if expected == "entity" else PLAIN
    assert kind(name, lexicon(language), signs) == expected
