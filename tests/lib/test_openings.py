"""What a sentence begins with."""

from __future__ import annotations

import pytest

from quern.linking.openings import opens


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("La Rance opened in 1966.", "La Rance"),
        ("[La Rance] opened in 1966.", "La Rance"),
        ("A true HEPA filter can capture pollen.", "HEPA filter"),
        ("Many purifiers are loud.", "Purifier"),
        ("For most bedrooms, a HEPA filter is the best choice.", "HEPA filter"),
        ("L’estuaire est fermé.", "estuaire"),
        ("Ein Gezeitenkraftwerk nutzt die Flut.", "Gezeitenkraftwerk"),
        ("Die Bananen reifen nach.", "Banane"),
        ("东京是日本的首都。", "东京"),
        ("C# is a language.", "C#"),
        ("A C compiler is useful, too.", "C compiler"),
        ("Starting with the 13 Pro, macro mode needs no lens.", "Macro mode"),
        ("The maker's schedule is made of half days.", "Maker's schedule"),
    ],
)
def test_a_name_opens_a_sentence_behind_an_article_or_an_opening_phrase(text: str, name: str):
    assert opens(text, [name])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("In Rust, packages of code are called crates.", "Rust"),
        ("In Bryan’s vault the funds go to the hot wallet.", "Bryan"),
        ("A list of Rust crates is kept.", "Rust"),
        ("C++ is a language.", "C"),
        ("Silt, which gathers at La Rance, is dredged.", "La Rance"),
        ("The iPhone 16e’s camera is small.", "iPhone 16e"),
        ("California’s state fire agency sent engines.", "California"),
        ("Turner paints the tide.", "Turn"),
        ("", "La Rance"),
    ],
)
def test_a_name_that_stands_further_on_opens_nothing(text: str, name: str):
    assert not opens(text, [name])


def test_without_a_name_nothing_is_opened():
    assert not opens("La Rance opened.", [""])


def test_an_article_may_be_asked_not_to_stand_before_a_name():
    assert opens("RSA is slow.", ["RSA"], led=False)
    assert opens("In practice, RSA is slow.", ["RSA"], led=False)
    assert not opens("The GPU is slow.", ["GPU"], led=False)
    assert not opens("Some AI systems are slow.", ["AI"], led=False)
