"""Pages: rendered as they were read, written only where they must be."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from words import one_line, sentences

from quern import pages

FRONT = {
    "title": "La Rance: a station",
    "aliases": ["La Rance", "No"],
    "type": "entity",
    "created": "2026-04-04",
    "as_of": None,
    "sources": 2,
}
NEW = """\
---
title: "La Rance: a station"
type: entity
aliases: [La Rance, "No"]
created: 2026-04-04
sources: 2
---

# La Rance: a station
"""


def test_a_new_page():
    assert pages.render(pages.new_page(FRONT, "La Rance: a station")) == NEW


@given(sentences.map(lambda text: " ".join(one_line(text).split())).filter(bool))
@example("C #")
@example("# #")
@example("a\\")
def test_a_title_is_read_as_it_was_written(title):
    page = pages.new_page({"type": "entity"}, title)
    assert page.title == title
    assert pages.new_page({"title": title}, title).title == title


@given(st.text())
def test_what_is_read_is_rendered(text):
    assert pages.render(pages.parse(text)) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("---\ntitle: x # c\nmine: [1]\n---\nbody", '---\ntitle: "No" # c\nmine: [1]\n---\nbody'),
        ("---\r\ntitle: x\r\n---\r\nbody\r\n", '---\r\ntitle: "No"\r\n---\r\nbody\r\n'),
        ("\ufeff---\ntitle: x\n---\n", '\ufeff---\ntitle: "No"\n---\n'),
        ("---\ntitle: x\n---", '---\ntitle: "No"\n---'),
        ("---\n---\n", '---\ntitle: "No"\n---\n'),
        ("# x\n", '---\ntitle: "No"\n---\n\n# x\n'),
        ("\ufeff# x\n", '\ufeff---\ntitle: "No"\n---\n\n# x\n'),
        ("", '---\ntitle: "No"\n---\n\n'),
        ("---\ntitle: No\n---\n", "---\ntitle: No\n---\n"),
        ("---\ntitle: x\r\nother: y\r\n---\n", '---\ntitle: "No"\nother: y\r\n---\n'),
    ],
)
def test_front_matter_is_set_and_nothing_else(before, after):
    assert pages.render(pages.set_front(pages.parse(before), {"title": "No", "lead": None})) == after


def test_a_lead_is_the_same_whatever_its_links_and_footnotes():
    one = "[[Rance|La Rance]] opened  in 1966.[^77b0e4aa12c9] It works.[^5d0e8c1b2a34]"
    assert pages.lead_hash(one) == pages.lead_hash("La Rance opened\nin 1966. It works.[^3fa9c1d2e0b4]")
    assert pages.lead_hash(one) != pages.lead_hash("La Rance opened in 1967. It works.")
    assert pages.lead_hash("x").startswith("sha-")
    assert len(pages.lead_hash("x")) == 16


def test_what_a_lead_covers_is_a_set_of_claims():
    assert pages.covers_hash(["b", "a", "b"]) == pages.covers_hash(["a", "b"]) != pages.covers_hash(["ab"])


@pytest.mark.parametrize(
    ("path", "file"),
    [("wiki/entities/La Rance.md", "La Rance"), ("wiki/C#.md", "C#"), ("x", "x"), ("raw/notes.2024.md", "notes.2024")],
)
def test_a_link_names_the_file(path, file):
    assert pages.file_of(path) == file
