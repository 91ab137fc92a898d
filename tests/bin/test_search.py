"""search: as records and as text, by Make, and what it refuses in one line."""

from __future__ import annotations

import json
import shutil
import sqlite3

import pytest
from small_wiki import FILES, ID, lay


@pytest.fixture
def small(vault):
    lay(vault, FILES)
    return vault


def records(done):
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_pipe_gets_records(run, small):
    done = run("search", "opened", "1966", "type:entity", vault=small)
    assert (done.status, done.err) == (0, "")
    (hit,) = records(done)
    assert (hit["kind"], hit["path"], hit["claim"]) == ("hit", "wiki/entities/La Rance.md", ID)
    assert sum(reason["added"] for reason in hit["why"]) == pytest.approx(hit["score"])


def test_claims(run, small):
    done = run("search", "--claims", "-n", "1", "when was it opened?", vault=small)
    assert [(hit["claim"], hit["path"]) for hit in records(done)] == [(ID, "wiki/sources/tides-of-brittany.md")]


def test_text_for_people(run, small):
    done = run("search", "--text", "--why", "opened type:entity", vault=small)
    title, place, said, why = done.text.splitlines()
    assert title.startswith("La Rance  (entity")
    assert place.strip().startswith("wiki/entities/La Rance.md:")
    assert "opened" in said
    assert "opened (" in why


def test_nothing_found(run, small):
    assert run("search", "zeppelin", vault=small).status == 1


@pytest.mark.parametrize(
    "query", ["", "-opened", "tide " * 2000, '""'], ids=["empty", "excluding", "ten kilobytes", "empty phrase"]
)
def test_what_is_no_query_is_one_line_and_nothing_is_written(run, small, query):
    shutil.rmtree(small / ".cache", ignore_errors=True)
    done = run("search", "--", query, vault=small)
    assert (done.status, done.out) == (2, b"")
    assert len(done.err.splitlines()) == 1
    assert not (small / ".cache").exists()


def test_a_locked_catalogue_is_one_line(run, small):
    assert run("search", "opened", vault=small).status == 0
    holder = sqlite3.connect(small / ".cache" / "search.sqlite", isolation_level=None)
    holder.execute("PRAGMA locking_mode = exclusive")
    holder.execute("BEGIN EXCLUSIVE")
    (small / "wiki" / "new.md").write_text("New.\n", encoding="utf-8")
    done = run("search", "opened", vault=small)
    assert (done.status, done.out, len(done.err.splitlines())) == (2, b"", 1)
    assert "another process" in done.err
    holder.close()


def test_a_catalogue_that_is_none_is_made_again(run, small):
    assert run("search", "opened", vault=small).status == 0
    (small / ".cache" / "search.sqlite").write_bytes(b"\0" * 5000)
    done = run("search", "opened", vault=small)
    assert (done.status, done.err) == (0, "")


def test_what_is_typed_reaches_it_as_it_is(make, clone):
    lay(clone, FILES)
    done = make("search", Q="""opened $HOME $(shell touch pwned) `touch pwned` ; touch pwned # "1966" '""")
    assert done.status == 0, done.err
    assert "La Rance" in done.text
    assert not list(clone.rglob("pwned"))


def test_make_says_that_nothing_was_found(make, clone):
    lay(clone, FILES)
    done = make("search", Q="zeppelin")
    assert (done.status, done.text.strip()) == (0, "search: nothing found")
