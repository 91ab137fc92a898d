"""lint as a process."""

from __future__ import annotations

import json

import pytest
from small_wiki import FILES, LA_RANCE, lay

PAGE = "wiki/entities/La Rance.md"
BROKEN = LA_RANCE.replace("## Facts", "## Mine\n\n[[Gone]] and the Barrage\n\n## Facts")
CHANGE = (
    '{"kind":"change","transaction":"t","path":"%s","title":"T","type":"entity","op":"update","source":"s",'
    '"before":null,"after":null,"odd":[1,2]}\n'
)


@pytest.fixture
def small(vault):
    lay(vault, FILES)
    return vault


def findings(done):
    return [row for row in map(json.loads, done.text.splitlines()) if row["kind"] == "finding"]


def test_a_sound_vault(run, small):
    done = run("lint", vault=small)
    assert (done.status, done.out, done.err) == (0, b"", "")


def test_the_vault(run, small):
    lay(small, {PAGE: BROKEN})
    done = run("lint", vault=small)
    assert (done.status, done.err) == (1, "")
    assert [(row["code"], row["severity"], row["path"], row["line"]) for row in findings(done)] == [
        ("broken-link", "error", PAGE, 19)
    ]


def test_hints_are_no_reason_for_a_no(run, small):
    lay(small, {PAGE: BROKEN.replace("[[Gone]]", "").replace("[[Barrage]]", "Barrage"), "wiki/Own.md": "Milk.\n"})
    assert run("lint", vault=small).out == b""
    done = run("lint", "--all", vault=small)
    assert done.status == 0
    assert {row["severity"] for row in findings(done)} == {"hint"}
    assert "unlinked-mention" in {row["code"] for row in findings(done)}


@pytest.mark.parametrize("by", ["pipe", "file"])
def test_the_pages_of_a_stream(run, small, by, tmp_path):
    lay(small, {PAGE: BROKEN, "wiki/Other.md": "[[Gone]]\n"})
    stream = b'{"kind":"song","la":null}\n' + (CHANGE % PAGE).encode() + (CHANGE % "wiki/none.md").encode()
    (tmp_path / "in.jsonl").write_bytes(stream)
    arguments = ["-"] if by == "pipe" else [str(tmp_path / "in.jsonl")]
    done = run("lint", *arguments, stdin=stream if by == "pipe" else b"", vault=small)
    assert done.status == 1
    assert done.out.startswith(stream)
    assert [row["path"] for row in findings(done)] == [PAGE]


def test_pages_that_did_not_change_are_not_looked_at(run, small):
    lay(small, {PAGE: BROKEN})
    stream = (CHANGE % PAGE).replace('"update"', '"unchanged"').encode()
    done = run("lint", "-", stdin=stream, vault=small)
    assert (done.status, done.out) == (0, stream)


def test_an_empty_stream(run, small):
    lay(small, {PAGE: BROKEN})
    done = run("lint", "-", vault=small)
    assert (done.status, done.out) == (0, b"")


def test_the_log_and_what_was_left_open_belong_to_the_vault(run, small):
    lay(small, {"log.md": "## yesterday\n", ".quern/pending.jsonl": "{}\n"})
    assert [row["code"] for row in findings(run("lint", vault=small))] == ["unfinished-run", "malformed-log"]
    assert run("lint", "-", stdin=(CHANGE % PAGE).encode(), vault=small).status == 0


def test_broken_front_matter_is_a_finding_with_its_line(run, small):
    lay(small, {PAGE: LA_RANCE.replace("type: entity", "type: [entity")})
    done = run("lint", vault=small)
    assert (done.status, done.err) == (1, "")
    assert [(row["code"], row["line"]) for row in findings(done)][:1] == [("invalid-front-matter", 4)]


def test_nothing_is_written_but_the_catalogue(run, small):
    lay(small, {PAGE: BROKEN})
    before = {path: path.read_bytes() for path in small.rglob("*") if path.is_file()}
    run("lint", vault=small)
    after = {path: path.read_bytes() for path in small.rglob("*") if path.is_file() and ".cache" not in path.parts}
    assert after == before


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["-"], b"{\n", "lint: <stdin>:1: not JSON: "),
        (["-"], b'{"kind":"change"}\n', "lint: <stdin>:1: change: "),
        (["none.jsonl"], b"", "lint: none.jsonl: No such file or directory"),
        (["--vault", "none"], b"", "lint: none: no schema.yaml there"),
        (["--none"], b"", "lint: No such option"),
    ],
)
def test_what_cannot_be_done(run, small, arguments, stdin, said):
    done = run("lint", *arguments, stdin=stdin, vault=small)
    done.assert_failed(said)
