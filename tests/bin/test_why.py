"""why: as records and as text, by name and by path, and its exit statuses."""

from __future__ import annotations

import json
import os
import pty
import subprocess

import pytest
from processes import ROOT, environment
from small_wiki import FILES, ID, OTHER, lay

PAGE = "wiki/entities/La Rance.md"


@pytest.fixture
def small(vault):
    lay(vault, FILES)
    return vault


def test_a_pipe_gets_records(run, small):
    done = run("why", "La Rance", vault=small)
    records = [json.loads(line) for line in done.out.splitlines()]
    assert (done.status, done.err) == (0, "")
    assert [(record["kind"], record["claim"]) for record in records] == [("provenance", ID), ("provenance", OTHER)]


def test_a_path_from_the_working_directory(run, small):
    done = run("why", "La Rance.md:19", vault=small, cwd=small / "wiki" / "entities")
    assert [json.loads(line)["claim"] for line in done.out.splitlines()] == [OTHER]


def test_text_if_asked_for(run, small):
    done = run("why", "--text", f"{PAGE}:lead", vault=small)
    assert done.text.splitlines()[:2] == [PAGE, "   15  La Rance opened in 1966. (edited by a person)"]


@pytest.mark.parametrize(("option", "first"), [((), PAGE.encode()), (("--json",), b'{"kind":"provenance"')])
def test_a_terminal_gets_text_unless_records_are_asked_for(small, option, first):
    ours, theirs = pty.openpty()
    command = [ROOT / "bin" / "why", *option, "La Rance:lead"]
    status = subprocess.run(command, stdout=theirs, env=environment(QUERN_VAULT=str(small)), check=False).returncode
    os.close(theirs)
    assert (status, os.read(ours, 4096)[: len(first)]) == (0, first)
    os.close(ours)


def test_a_line_that_claims_nothing_is_a_no(run, small):
    done = run("why", "La Rance:2", vault=small)
    assert (done.status, done.out, done.err) == (1, b"", "")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Ponds", "why: no page of this path, file name, title or alias: Ponds\n"),
        ("La Rance:99", f"why: {PAGE}:99: no such line: the page has 22\n"),
    ],
)
def test_an_unknown_page_or_line_is_one_line(run, small, asked, said):
    done = run("why", asked, vault=small)
    assert (done.status, done.out, done.err) == (2, b"", said)


def test_every_claim_of_the_sample_stands(run):
    for page in sorted((ROOT / "wiki").rglob("*.md")):
        done = run("why", page, vault=ROOT)
        assert done.status in (0, 1), done.err
        assert all(json.loads(line)["stands"] for line in done.out.splitlines()), page
