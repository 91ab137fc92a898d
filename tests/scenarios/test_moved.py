"""A source that moves: the same bytes under another name cost nothing, and other bytes under another name are new."""

from __future__ import annotations

import json
import shutil

import mill
import pytest
from processes import ROOT

LA_RANCE = "wiki/entities/La Rance.md"
OLD = """\
# Plants

La Rance is a tidal power station in Brittany. La Rance opened in 1966 with a capacity of 240 MW.
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A vault that has read one source; nobody changes it."""
    vault = mill.empty_vault(tmp_path_factory.mktemp("made") / "vault")
    (vault / "raw" / "plants.md").write_text(OLD, encoding="utf-8")
    mill.ingest(vault, "raw/plants.md", "2026-04-02")
    (vault / "raw" / "2026").mkdir()
    return vault


@pytest.fixture
def grown(made, tmp_path):
    """A copy of it for one test."""
    return shutil.copytree(made, tmp_path / "grown")


def records(out):
    return [json.loads(line) for line in out.splitlines()]


def test_the_same_bytes_at_another_path_change_one_line_and_the_date(grown):
    before = mill.picture(grown)
    (grown / "raw" / "plants.md").rename(grown / "raw" / "2026" / "the plants.md")
    mill.ingest(grown, "raw/2026/the plants.md", "2026-05-01")
    after = mill.picture(grown)
    ledger = "wiki/sources/plants-source.md"
    assert {path for path in after if path.startswith("wiki/") and after[path] != before.get(path)} == {ledger}
    old, new = before[ledger].decode().split("\n"), after[ledger].decode().split("\n")
    assert [pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]] == [
        ("source: raw/plants.md", "source: raw/2026/the plants.md"),
        ("updated: 2026-04-02", "updated: 2026-05-01"),
    ]
    assert "## [2026-05-01] ingest | Plants" in after["log.md"].decode()
    assert mill.run("lint", vault=grown).returncode == 0


def test_nothing_in_it_is_read_again(grown):
    (grown / "raw" / "plants.md").rename(grown / "raw" / "moved.md")
    done = mill.pipe([("segment", "raw/moved.md"), *mill.THINKING], grown)
    assert [record["kind"] for record in records(done.stdout)] == ["source", "end"]
    assert b"raw/moved.md: raw/plants.md under another name" in done.stderr


def test_and_then_there_is_nothing_to_do(grown):
    (grown / "raw" / "plants.md").rename(grown / "raw" / "moved.md")
    assert [task["state"] for task in records(mill.run("plan", "--all", vault=grown).stdout)] == ["todo"]
    mill.ingest(grown, "raw/moved.md", "2026-05-01")
    done = mill.run("plan", "--all", vault=grown)
    assert (done.returncode, [task["state"] for task in records(done.stdout)]) == (1, ["done"])


def test_a_second_copy_is_no_move(grown):
    (grown / "raw" / "copy.md").write_text(OLD, encoding="utf-8")
    before = mill.picture(grown)
    mill.ingest(grown, "raw/copy.md", "2026-05-01")
    assert mill.differences(before, mill.picture(grown)) == []


def test_with_another_name_and_other_bytes_it_is_a_new_source_and_the_old_one_is_reported(grown):
    (grown / "raw" / "plants.md").unlink()
    (grown / "raw" / "moved.md").write_text(OLD + "\nLa Rance has 24 turbines.\n", encoding="utf-8")
    mill.ingest(grown, "raw/moved.md", "2026-05-01")
    assert len(list((grown / "wiki" / "sources").iterdir())) == 2
    text = (grown / LA_RANCE).read_text(encoding="utf-8")
    assert "La Rance has 24 turbines." in text
    assert "[[plants-source#^" in text
    found = records(mill.run("lint", vault=grown).stdout)
    assert [(finding["code"], finding["path"]) for finding in found] == [
        ("missing-source", "wiki/sources/plants-source.md")
    ]
    assert "raw/plants.md" in found[0]["message"]


def test_make_takes_a_moved_source_too(make, clone):
    (clone / "raw" / "plants.md").write_text(OLD, encoding="utf-8")
    assert make("ingest", SRC="raw/plants.md").status == 0
    (clone / "raw" / "plants.md").rename(clone / "raw" / "moved.md")
    done = make("ingest", SRC="raw/moved.md")
    assert (done.status, ROOT.is_dir()) == (0, True), done.err
    assert "source: raw/moved.md" in next((clone / "wiki" / "sources").iterdir()).read_text(encoding="utf-8")
    again = make("ingest", SRC="raw/moved.md")
    assert "in the wiki already" in again.err
