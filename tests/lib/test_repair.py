"""Links that are led elsewhere: every form of them, and nothing else on a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quern import pages
from quern.pages import Link, links


def course(old: str, new: str) -> links.Course:
    """From one file name to another, the folder and the rest of the target as they were."""

    def target(link: Link) -> str | None:
        file, hash_, part = link.target.partition("#")
        head, slash, name = file.rpartition("/")
        bare, end = (name[:-3], ".md") if name.endswith(".md") else (name, "")
        return f"{head}{slash}{new}{end}{hash_}{part}" if bare == old else None

    return target


def repaired(text: str, old: str = "Old", new: str = "New name", quoting: tuple[int, ...] = ()) -> str:
    return links.repair(text, links.find(text), course(old, new), quoting)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[[Old]]", "[[New name]]"),
        ("[[Old|text]]", "[[New name|text]]"),
        ("[[Old#Head]] [[Old#^0123]]", "[[New name#Head]] [[New name#^0123]]"),
        ("[[Old#Head|text]]", "[[New name#Head|text]]"),
        ("[[a folder/Old.md|x]]", "[[a folder/New name.md|x]]"),
        ("![[Old]] ![[Old#Head|300]]", "![[New name]] ![[New name#Head|300]]"),
        ("| [[Old\\|x]] |", "| [[New name\\|x]] |"),
        ("[t](Old.md)", "[t](New%20name.md)"),
        ("[t](<a folder/Old.md> 'title')", "[t](<a folder/New name.md> 'title')"),
        ('[t](a%20folder/Old.md#A%20head "x")', '[t](a%20folder/New%20name.md#A%20head "x")'),
        ("![t](Old.md)", "![t](New%20name.md)"),
        ("see [a [b] c](Old.md), [x](y.md)", "see [a [b] c](New%20name.md), [x](y.md)"),
        ("[[Older]] [[Old b]] [Old](https://x.example/Old.md)", None),
        ("`[[Old]]` <!-- [[Old]] --> \\[[Old]] $[[Old]]$", None),
        ("```\n[[Old]]\n```", None),
        ("\n\n    [[Old]]\n", None),
    ],
)
def test_each_form(before: str, after: str | None) -> None:
    assert repaired(before) == (before if after is None else after)


def test_in_a_sentence_of_ours_the_words_stay() -> None:
    assert repaired("- [[Old]] is.\n- [[Old]] is.\n", quoting=(0,)) == "- [[New name|Old]] is.\n- [[New name]] is.\n"
    assert repaired("| [[Old]] |", quoting=(0,)) == "| [[New name\\|Old]] |"
    assert repaired("![[Old]]", quoting=(0,)) == "![[New name]]"


def test_a_link_to_nowhere_is_its_words() -> None:
    text = "- [[Old|the plant]] and [[Old]] and [it](Old.md)."
    assert links.repair(text, links.find(text), lambda _: "") == "- the plant and Old and it."


def test_a_name_that_a_bare_target_cannot_hold_is_encoded() -> None:
    assert repaired("[t](Old.md)", new="50 % (a)") == "[t](50%20%25%20(a).md)"
    assert repaired("[t](Old.md)", new="a ) b") == "[t](a%20%29%20b.md)"


names = st.text(
    st.characters(codec="utf-8", exclude_characters='[]{}|/\\"<>^?#*:', categories=["L", "N", "Zs"]), min_size=1
)
titles = names.map(lambda name: " ".join(name.split())).filter(bool)
forms = st.sampled_from(
    [
        "[[{}]]",
        "[[{}|words]]",
        "![[{}]]",
        "[[{}#Head|x]]",
        "[[dir/{}]]",
        "[w](<{}.md>)",
        "`[[{}]]`",
        "{}",
        "\n",
        " – ",
        "[[other]]",
    ]
)


@given(old=titles, new=titles, parts=st.lists(forms, max_size=8))
def test_there_and_back_is_where_it_was(old: str, new: str, parts: list[str]) -> None:
    text = "".join(part.format(old) for part in parts)
    if new in (old, "other") or old == "other":
        return
    there = repaired(text, old, new)
    assert repaired(there, new, old) == text
    assert [link.line for link in links.find(there)] == [link.line for link in links.find(text)]
    assert all(link.file != old for link in links.find(there))


@given(old=titles, new=titles, parts=st.lists(forms, max_size=6))
def test_a_sentence_of_ours_says_the_same(old: str, new: str, parts: list[str]) -> None:
    text = "".join(
        part.format(old) for part in parts if "](" not in part and part != "\n" and "#" not in part and "!" not in part
    )
    assert pages.plain_of(repaired(text, old, new, quoting=(0,))) == pages.plain_of(text)
