"""The index: its form, its order, and what people wrote in it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_wiki import FILES, INDEX, lay

from quern import schema, wiki
from quern.pages import links
from quern.schema import Index, Schema
from quern.updates import contents
from quern.vault import Vault


def row(path, title=None, type_="concept", **more):
    known = {"aliases": (), "lead_first": "", "sources": 0, "claims": 0, "as_of": None, "updated": None, "status": None}
    return wiki.PageRow(path=path, title=title or path[5:-3], type=type_, **(known | more))


ROWS = [
    row("wiki/b.md", "b", lead_first="It is B.", sources=3, as_of="2026-05-02"),
    row("wiki/C sharp.md", "C#", sources=1),
    row("wiki/Ä.md", "Ä", "entity"),
    row("wiki/note.md", "note", ""),
    row("wiki/sources/s.md", "The source", "source", claims=1),
    row("wiki/sources/t.md", "A source", "source"),
]


def test_the_form():
    assert contents.render(ROWS, Schema()) == {
        "wiki/index.md": """\
# Index

## Entities

- [[Ä]]

## Concepts

- [[b]]: It is B. · 3 sources · as of 2026-05-02
- [[C sharp|C#]] · 1 source

## Other pages

- [[note]]

## Sources

- [[t|A source]] · no claims
- [[s|The source]] · 1 claim
"""
    }


def test_the_order_of_the_rows_does_not_matter():
    for seed in range(5):
        shuffled = random.Random(seed).sample(ROWS, len(ROWS))
        assert contents.render(shuffled, Schema()) == contents.render(ROWS, Schema())


def test_an_empty_wiki():
    assert contents.render([], Schema()) == {"wiki/index.md": "# Index\n"}


def test_a_large_index_is_split_by_type():
    files = contents.render(ROWS, Schema(index=Index(shard_over=5)))
    assert list(files) == [
        "wiki/index.md",
        "wiki/index-entity.md",
        "wiki/index-concept.md",
        "wiki/index-other.md",
        "wiki/index-source.md",
    ]
    assert "## Concepts\n\n- [[index-concept|Concepts]]: 2 pages\n" in files["wiki/index.md"]
    assert files["wiki/index-source.md"].startswith("# Index: Sources\n\n## Sources\n\n- [[t|A source]]")
    assert list(contents.render(ROWS, Schema(index=Index(shard_over=6)))) == ["wiki/index.md"]


def test_two_files_of_one_name_are_told_apart_by_their_paths():
    rows = [row("wiki/a/Tide.md", "Tide"), row("wiki/b/tide.md", "Tide")]
    text = contents.render(rows, Schema())["wiki/index.md"]
    assert "- [[wiki/a/Tide|Tide]]\n- [[wiki/b/tide|Tide]]\n" in text


@pytest.mark.parametrize(
    ("type_", "title"), [("entity", "Entities"), ("day", "Days"), ("process", "Processes"), ("box", "Boxes")]
)
def test_headings(type_, title):
    assert contents.heading(type_) == title


@given(st.text(), st.text())
@settings(max_examples=200, deadline=None)
def test_nothing_in_a_title_or_lead_breaks_the_line(title, lead):
    text = contents.render([row("wiki/Page.md", title or "x", lead_first=lead)], Schema())["wiki/index.md"]
    lines = text.split("\n")
    assert lines[:4] == ["# Index", "", "## Concepts", ""]
    assert lines[5:] == [""]
    assert lines[4].startswith("- [[Page")
    assert [link.file for link in links.find(text)] == ["Page"]


def test_a_long_sentence_is_cut_between_words():
    text = contents.render([row("wiki/A.md", lead_first="word " * 100)], Schema())["wiki/index.md"]
    assert text.endswith("word word …\n")
    assert len(text) < 300
    assert len(contents.render([row("wiki/A.md", lead_first="x" * 999)], Schema())["wiki/index.md"]) < 300


MINE = """\
# My garden

Words of my own.

## First of all

- [[b]]

## Entities

- stale

## Reading list

- [[x]]

## Nonsense

## Sources
"""


def test_what_people_wrote_stays_where_it_is():
    text = contents.render(ROWS, Schema(), {"wiki/index.md": MINE})["wiki/index.md"]
    assert text.startswith("# My garden\n\nWords of my own.\n\n## First of all\n\n- [[b]]\n\n## Entities\n\n- [[Ä]]\n")
    assert "- [[Ä]]\n\n## Reading list\n\n- [[x]]\n\n## Nonsense\n\n## Concepts\n" in text
    assert "stale" not in text
    assert contents.render(ROWS, Schema(), {"wiki/index.md": text})["wiki/index.md"] == text


def test_the_words_of_a_person_stay_when_their_section_is_gone():
    text = contents.render([], Schema(), {"wiki/index.md": MINE})["wiki/index.md"]
    assert [line for line in text.split("\n") if line.startswith("#")] == [
        "# My garden",
        "## First of all",
        "## Reading list",
        "## Nonsense",
    ]


@pytest.fixture
def small(vault):
    lay(vault, FILES)
    return Vault(vault)


def test_the_small_wiki_has_its_index(small):
    with wiki.open(small) as catalogue:
        assert contents.updates(small, catalogue, schema.load(small)) == {}


def test_pages_that_are_about_to_be_written_count(small):
    rows = {
        "wiki/New.md": wiki.page_row("wiki/New.md", "---\ntype: concept\n---\n# New\n\nIt is new. It is good.\n"),
        "wiki/concepts/Barrage.md": None,
    }
    with wiki.open(small) as catalogue:
        [(path, (before, after))] = contents.updates(small, catalogue, schema.load(small), rows).items()
    assert (path, before) == ("wiki/index.md", INDEX)
    assert after == INDEX.replace("- [[Barrage]] · 1 source\n", "- [[New]]: It is new.\n")


def test_files_of_a_split_that_is_no_more_go(small):
    lay(small.root, {"wiki/index-entity.md": "# Index: Entities\n", "wiki/index-mine.md": "# Mine\n"})
    with wiki.open(small) as catalogue:
        assert contents.update(small, catalogue, schema.load(small)) == ["wiki/index-entity.md"]
    assert sorted(path.name for path in (small.root / "wiki").glob("index*")) == ["index-mine.md", "index.md"]


def test_a_word_of_a_person_in_such_a_file_keeps_it(small):
    lay(small.root, {"wiki/index-entity.md": "# Index: Entities\n\nMine.\n\n## Entities\n\n- [[x]]\n"})
    with wiki.open(small) as catalogue:
        contents.update(small, catalogue, schema.load(small))
    assert (small.root / "wiki/index-entity.md").read_text() == "# Index: Entities\n\nMine.\n"
