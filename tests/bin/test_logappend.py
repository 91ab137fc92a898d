"""logappend as a process."""

from __future__ import annotations

import json
import os

import pytest
from small_wiki import FILES, LOG, lay

SOURCE = (
    b'{"kind":"source","id":"1f0c2a9b77d0","slug":"tides","path":"raw/tides.md","sha256":"' + b"b" * 64 + b'",'
    b'"title":"Tides | of\\n## [2026-01-01] Brittany ]]"}\n'
)
CHANGE = (
    b'{"kind":"change","transaction":"","path":"wiki/A.md","title":"A","type":"entity","op":"create","source":"s",'
    b'"before":null,"after":"x","added":["c1"]}\n'
)
FINDING = b'{"kind":"finding","code":"orphan-page","severity":"warning","path":"wiki/A.md","line":1,"message":"m"}\n'
STREAM = SOURCE + CHANGE + FINDING
ENTRY = """\
## [2026-04-02] ingest | Tides \\| of ## [2026-01-01] Brittany ]]

- source: raw/tides.md (bbbbbbbbbbbb)
- created: [[A]] (bbbbbbbbbbbb)
- claims: 1 added (bbbbbbbbbbbb)
- lint: 0 errors, 1 warning (bbbbbbbbbbbb)
- agent: tester (bbbbbbbbbbbb)
"""


@pytest.fixture
def small(vault):
    lay(vault, FILES)
    return vault


@pytest.mark.parametrize("by", ["pipe", "file"])
def test_an_entry(run, small, by, tmp_path):
    (tmp_path / "in.jsonl").write_bytes(STREAM)
    arguments = ["-"] if by == "pipe" else [tmp_path / "in.jsonl"]
    done = run("logappend", *arguments, stdin=STREAM if by == "pipe" else b"", vault=small)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(STREAM)
    entry = json.loads(done.out.removeprefix(STREAM))
    assert (entry["kind"], entry["date"], entry["verb"]) == ("entry", "2026-04-02", "ingest")
    assert (small / "log.md").read_text() == f"{LOG}\n{ENTRY}"


def test_the_first_entry_of_a_log(run, vault):
    run("logappend", "--date", "2026-04-02", stdin=STREAM, vault=vault)
    assert (vault / "log.md").read_text() == ENTRY


def test_a_log_that_ends_within_a_line(run, small):
    (small / "log.md").write_text("# Log")
    run("logappend", stdin=STREAM, vault=small)
    assert (small / "log.md").read_text() == f"# Log\n\n{ENTRY}"


def test_nothing_leaves_no_entry(run, small):
    for stream in (b"", SOURCE, SOURCE + CHANGE.replace(b'"create"', b'"unchanged"'), b'{"kind":"song"}\n'):
        done = run("logappend", stdin=stream, vault=small)
        assert (done.status, done.out) == (0, stream)
    assert (small / "log.md").read_text() == LOG


def test_lint(run, small):
    done = run("logappend", "--lint", stdin=FINDING, vault=small)
    assert done.status == 0
    assert done.out.startswith(FINDING)
    assert (small / "log.md").read_text() == f"{LOG}\n## [2026-04-02] lint | 0 errors, 1 warning\n"
    assert run("logappend", "--lint", stdin=FINDING, vault=small).out == FINDING
    assert (small / "log.md").read_text().count("lint |") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_log_that_cannot_be_written(run, small):
    (small / "log.md").chmod(0o444)
    done = run("logappend", stdin=STREAM, vault=small)
    done.assert_failed()
    assert (small / "log.md").read_text() == LOG


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        ([], b"[1]\n", "logappend: <stdin>:1: not a record"),
        ([], b'{"kind":"change"}\n', "logappend: <stdin>:1: change: "),
        (["--date", "soon"], b"", "logappend: Invalid value for '--date'"),
        (["none.jsonl"], b"", "logappend: none.jsonl: No such file or directory"),
    ],
)
def test_what_cannot_be_done(run, small, arguments, stdin, said):
    done = run("logappend", *arguments, stdin=stdin, vault=small)
    done.assert_failed(said)
    assert (small / "log.md").read_text() == LOG
