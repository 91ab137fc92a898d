"""undo: the bytes before the last run, and a log that says so."""

from __future__ import annotations

import json
import shutil

import mill
import pytest
import repository
from repository import git, ingest, lay_out, write

TIDES = "# Tides\n\nThe Rance barrage is a tidal power station in Brittany.\nThe Rance barrage opened in 1966.\n"
MORE = "# More tides\n\nThe Rance barrage has 24 turbines.\nThe Rance barrage supplied 500 GWh in 2004.\n"
LATER = "# Later tides\n\nThe Rance barrage has a lock for ships.\nThe Rance barrage carries a road of four lanes.\n"


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """Where one source has been read; nobody changes it."""
    folder = lay_out(tmp_path_factory.mktemp("begun") / "vault")
    write(folder, {"raw/tides.md": TIDES, "raw/more.md": MORE})
    assert ingest(folder, "raw/tides.md").returncode == 0
    return folder


@pytest.fixture(scope="module")
def grown(begun, tmp_path_factory):
    """Where a second one has been read, the day after; nobody changes it."""
    folder = shutil.copytree(begun, tmp_path_factory.mktemp("grown") / "vault")
    assert ingest(folder, "raw/more.md", "2026-04-03").returncode == 0
    return folder


@pytest.fixture
def repo(grown, tmp_path):
    return shutil.copytree(grown, tmp_path / "vault")


def undo(run, repo, **settings):
    return run("undo", "--date", "2026-04-05", vault=repo, env=repository.SETTINGS | settings)


def pages(repo):
    return {path: data for path, data in mill.picture(repo).items() if path.startswith("wiki/")}


def page(repo):
    return repo / "wiki/entities/Rance barrage.md"


def test_the_pages_are_what_they_were_to_the_byte(begun, repo, run):
    before, log = pages(begun), (begun / "log.md").read_text()
    after, longer = pages(repo), (repo / "log.md").read_text()
    assert after.keys() > before.keys()
    assert after["wiki/entities/Rance barrage.md"] != before["wiki/entities/Rance barrage.md"]
    done = undo(run, repo)
    assert (done.status, done.err) == (0, "")
    assert pages(repo) == before
    appended = (repo / "log.md").read_text().removeprefix(longer)
    assert longer.startswith(log)
    assert appended.startswith("\n## [2026-04-05] undo | More tides\n\n- source: raw/more.md → [[more-tides]] (")
    assert "- deleted: " not in appended
    assert "- updated: [[Rance barrage]] (" in appended
    assert "- claims: 2 retracted (" in appended
    assert (repo / "raw/more.md").exists()
    assert run("lint", vault=repo).out == b""
    assert [(row["op"], row["path"]) for row in map(json.loads, done.out.splitlines())] == [
        ("update", "wiki/entities/Rance barrage.md"),
        ("delete", "wiki/sources/more-tides.md"),
    ]


def test_it_is_a_commit_and_called_again_takes_back_the_run_before(repo, run):
    undo(run, repo)
    assert git(repo, "status", "--porcelain") == ""
    assert git(repo, "log", "-1", "--format=%s") == "[2026-04-05] undo | More tides\n"
    assert undo(run, repo).status == 0
    assert set(pages(repo)) == {"wiki/index.md"}
    assert pages(repo)["wiki/index.md"] == b"# Index\n"
    done = undo(run, repo)
    assert done.status == 2
    assert done.err.startswith("undo: no run to undo: ")


def test_what_was_undone_can_be_read_again(repo, run):
    after = pages(repo)
    undo(run, repo)
    assert ingest(repo, "raw/more.md", "2026-04-03").returncode == 0
    assert pages(repo) == after
    assert undo(run, repo).status == 0


def test_edits_made_before_the_run_and_not_committed_come_back(begun, run, tmp_path):
    repo = shutil.copytree(begun, tmp_path / "vault")
    page(repo).write_text(page(repo).read_text() + "\nI was there in May.\n")
    before = pages(repo)
    ingest(repo, "raw/more.md", "2026-04-03")
    assert undo(run, repo).status == 0
    assert pages(repo) == before


def test_edits_made_since_in_other_places_stay(begun, repo, run):
    def edited(text):
        return text.replace("aliases: [Rance]\n", "aliases: [Rance, La Rance]\n")

    before = page(begun).read_text()
    page(repo).write_text(edited(page(repo).read_text()))
    assert undo(run, repo).status == 0
    assert page(repo).read_text() == edited(before) != before
    assert "- kept: 1 edit by people: [[Rance barrage]] (edits since) (" in (repo / "log.md").read_text()


def test_edits_made_since_in_the_same_places_are_named(repo, run):
    page(repo).write_text(page(repo).read_text().replace("24 turbines", "24 bulb turbines"))
    ledger = repo / "wiki/sources/more-tides.md"
    ledger.write_text(ledger.read_text() + "\nMine.\n")
    before = mill.picture(repo)
    done = undo(run, repo)
    assert (done.status, done.out) == (2, b"")
    assert done.err == (
        "undo: edited since '[2026-04-03] ingest | More tides', in the same places: "
        "wiki/entities/Rance barrage.md, wiki/sources/more-tides.md; nothing is undone\n"
    )
    assert mill.picture(repo) == before


def test_a_page_that_was_deleted_since_stays_away(repo, run):
    page(repo).unlink()
    assert undo(run, repo).status == 0
    assert not page(repo).exists()


def test_a_hook_that_says_no_leaves_it_undone_and_to_be_committed(begun, repo, run):
    before = pages(begun)
    repository.hook(repo, "pre-commit", "echo no >&2; exit 1")
    done = undo(run, repo)
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith("undo: not committed: git commit: no; mend that, then: ")
    assert pages(repo) == before
    repository.hook(repo, "pre-commit", "exit 0")
    assert run("commit", vault=repo, env=repository.SETTINGS).status == 0
    assert git(repo, "log", "-1", "--format=%s") == "[2026-04-05] undo | More tides\n"


def test_by_make(repo, make):
    done = make("undo", VAULT=str(repo), DATE="2026-04-05", env=repository.SETTINGS)
    assert (done.status, done.err) == (0, "")
    assert "updated 1 page: Rance barrage" in done.text
    assert not (repo / "wiki/sources/more-tides.md").exists()


def test_without_git(repo, run, tmp_path):
    (repo / ".git").rename(tmp_path / "gone")
    done = undo(run, repo, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert done.status == 2
    assert done.err.endswith("this is no git repository: 'git init' makes one\n")
    assert len(done.err.splitlines()) == 1


def test_in_a_vault_without_commits_of_runs(tmp_path, run):
    folder = lay_out(tmp_path / "vault", commit=False)
    write(folder, {"raw/tides.md": TIDES})
    ingest(folder, "raw/tides.md")
    repository.commit_all(folder, "[2026-04-02] ingest | Tides")
    done = undo(run, folder)
    assert done.status == 2
    assert done.err.startswith("undo: no run to undo: no commit here is one's")
