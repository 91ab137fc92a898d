"""restore: a page that a person deleted comes back with its claims, and nothing else changes."""

from __future__ import annotations

import json
import re

import mill
import pytest
from processes import MEASURED

LA_RANCE = "wiki/entities/La Rance.md"
TEXTS = {
    "raw/plants.md": """\
# Plants

La Rance is a tidal power station in Brittany. La Rance opened in 1966 with a capacity of 240 MW.

La Rance has 24 turbines. La Rance supplies about 500 GWh a year.
""",
    "raw/turbines.md": """\
# Turbines

La Rance has 24 turbines. La Rance was the first of its kind.
""",
}
LATER = "# Later\n\nLa Rance has a lock for ships. La Rance is visited by many people.\n"


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """A vault that has read both sources."""
    vault = mill.empty_vault(tmp_path_factory.mktemp("read") / "vault")
    for day, (path, text) in enumerate(TEXTS.items(), 1):
        (vault / path).write_text(text, encoding="utf-8")
        mill.ingest(vault, path, f"2026-04-0{day}")
    return vault


@pytest.fixture
def vault(read, tmp_path):
    folder = mill.empty_vault(tmp_path / "vault")
    for path, data in mill.picture(read).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def restore(vault, name, *options, date="2026-04-05"):
    """The whole pipe; the records that come out of it."""
    tail = mill.stages(("summarize", *mill.WRITING))
    command = f'"$RESTORE" "$@" | {tail}'
    names = " ".join(f"'{word}'" for word in (*options, name))
    done = mill.shell(f"set -- {names}; {command}", vault, date=date, RESTORE=str(mill.BIN / "restore"), **MEASURED)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def dateless(text):
    return re.sub(r"^(created|updated): .*$", "", text, flags=re.MULTILINE)


def notes(text):
    return sorted(line for line in text.split("\n") if line.startswith("[^"))


def test_a_deleted_page_comes_back_with_all_its_evidence(vault):
    before = (vault / LA_RANCE).read_text()
    others = {path: data for path, data in mill.picture(vault).items() if path not in (LA_RANCE, "log.md")}
    (vault / LA_RANCE).unlink()
    records = restore(vault, "La Rance")
    after = (vault / LA_RANCE).read_text()
    assert notes(after) == notes(before)
    assert dateless(after).partition("\n[^")[0] == dateless(before).partition("\n[^")[0]
    assert {path: data for path, data in mill.picture(vault).items() if path not in (LA_RANCE, "log.md")} == others
    entry = next(row for row in records if row["kind"] == "entry")
    assert (entry["verb"], entry["title"]) == ("restore", "La Rance")
    assert "## [2026-04-05] restore | La Rance\n" in (vault / "log.md").read_text()
    assert mill.run("lint", vault=vault).stdout == b""
    assert mill.run("outdated", vault=vault).returncode == 1


def test_it_stays_away_until_then_and_takes_new_claims_after(vault):
    (vault / LA_RANCE).unlink()
    (vault / "raw/later.md").write_text(LATER)
    mill.ingest(vault, "raw/later.md", "2026-04-04")
    assert not (vault / LA_RANCE).exists()
    restore(vault, LA_RANCE)
    page = (vault / LA_RANCE).read_text()
    assert "La Rance has a lock for ships." in page
    assert "La Rance has 24 turbines." in page


def test_lint_lists_what_is_deleted_once_and_only_among_the_hints(vault):
    (vault / LA_RANCE).unlink()
    mill.run("index", vault=vault)
    assert mill.run("lint", vault=vault).stdout == b""
    found = [json.loads(line) for line in mill.run("lint", "--all", vault=vault).stdout.splitlines()]
    assert [(row["code"], row["severity"], row["path"]) for row in found if row["code"] == "withheld-page"] == [
        ("withheld-page", "hint", "wiki/sources/plants-source.md")
    ]
    assert "La Rance" in found[0]["message"]
    restore(vault, "la rance")
    assert b"withheld-page" not in mill.run("lint", "--all", vault=vault).stdout


def test_the_type_can_be_said(vault):
    (vault / LA_RANCE).unlink()
    restore(vault, "La Rance", "--type", "concept")
    assert (vault / "wiki/concepts/La Rance.md").exists()
    assert "type: concept\n" in (vault / "wiki/concepts/La Rance.md").read_text()


def test_a_page_that_is_there_is_left_alone(vault):
    before = mill.picture(vault)
    done = mill.run("restore", "La Rance", vault=vault)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == "restore: La Rance: is there: nothing to restore\n"
    assert mill.picture(vault) == before


def test_with_git_the_deletion_is_the_persons_commit_and_the_page_a_commit_of_the_run(vault):
    schema = (vault / "schema.yaml").read_text()
    (vault / "schema.yaml").write_text(schema.replace("commit: false", "commit: true"))
    (vault / ".gitignore").write_text(".cache/\n.quern/\n")
    git = "git -c user.name=Ada -c user.email=ada@example.org"
    done = mill.shell(f"git init -q && git add -A && {git} commit -qm all && git config user.name Ada", vault)
    assert done.returncode == 0, done.stderr.decode()
    mill.shell("git config user.email ada@example.org", vault)
    (vault / LA_RANCE).unlink()
    restore(vault, "La Rance")
    shown = mill.shell("git log --format=%s && git status --short", vault).stdout.decode().splitlines()
    assert shown == [
        "[2026-04-05] restore | La Rance",
        "[2026-04-05] edits before restore | La Rance",
        "all",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Nowhere"], "restore: Nowhere: no source page says that a claim went to a page of this name"),
        (["--type", "thing", "La Rance"], "restore: no type of pages: thing (schema.yaml has entity, concept)"),
    ],
)
def test_what_cannot_be_is_one_line(vault, arguments, said):
    done = mill.run("restore", *arguments, vault=vault)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith(said)
    assert done.stderr.count(b"\n") == 1
