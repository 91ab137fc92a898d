"""lint as a process."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from small_wiki import FILES, LA_RANCE, lay

PAGE = "wiki/entities/La Rance.md"
BROKEN = LA_RANCE.replace("## Facts", "## Mine\n\n[[Gone]] and the Barrage\n\n## Facts")
MENTION = BROKEN.replace("[[Barrage]]", "Barrage")
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


def test_what_is_asked_for(run, small):
    lay(small, {PAGE: MENTION, "wiki/Other.md": "[[Gone]]\n"})
    asked = {
        ("--code", "unlinked-mention"): [("unlinked-mention", PAGE)],
        ("--code", "broken-link", "--code", "unlinked-mention", "--path", "wiki/entities"): [
            ("broken-link", PAGE),
            ("unlinked-mention", PAGE),
        ],
        ("--severity", "error", "--path", "wiki/*.md", "--path", PAGE): [
            ("broken-link", "wiki/Other.md"),
            ("broken-link", PAGE),
        ],
        ("--severity", "warning", "--path", "wiki/concepts"): [],
    }
    for arguments, wanted in asked.items():
        done = run("lint", *arguments, vault=small)
        assert [(row["code"], row["path"]) for row in findings(done)] == wanted
        assert done.status == int(any(code != "unlinked-mention" for code, _ in wanted))


def test_since_a_day(run, small):
    lay(small, {PAGE: BROKEN, "wiki/Other.md": "[[Gone]]\n"})
    os.utime(small / PAGE, (0, 0))
    assert [row["path"] for row in findings(run("lint", "--since", "2001-01-01", vault=small))] == ["wiki/Other.md"]


def test_since_a_day_in_a_repository(run, small):
    def git(*arguments, day):
        told = {"GIT_AUTHOR_DATE": f"{day}T12:00:00", "GIT_COMMITTER_DATE": f"{day}T12:00:00"}
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=small, env=os.environ | told, check=True, capture_output=True)

    git("init", "-q", day="2026-04-01")
    lay(small, {PAGE: BROKEN})
    git("add", ".", day="2026-04-01")
    git("commit", "-qm", "one", day="2026-04-01")
    lay(small, {"wiki/Second.md": "[[Gone]]\n"})
    git("add", ".", day="2026-04-03")
    git("commit", "-qm", "two", day="2026-04-03")
    lay(small, {"wiki/Third.md": "[[Gone]]\n"})
    found = {
        day: [row["path"] for row in findings(run("lint", "--since", day, vault=small))]
        for day in ("2026-04-01", "2026-04-02", "2026-04-04")
    }
    assert found == {
        "2026-04-01": ["wiki/Second.md", "wiki/Third.md", PAGE],
        "2026-04-02": ["wiki/Second.md", "wiki/Third.md"],
        "2026-04-04": ["wiki/Third.md"],
    }


def test_how_grave_it_is_can_be_set(run, small):
    lay(small, {PAGE: MENTION, "wiki/Own.md": "Milk.\n"})
    lay(small, {"schema.yaml": "version: 1\nlint: {severity: {broken-link: off, unlinked-mention: warning}}\n"})
    done = run("lint", vault=small)
    assert [(row["code"], row["severity"]) for row in findings(done)] == [("unlinked-mention", "warning")]
    lay(small, {"schema.yaml": "version: 1\nlint: {severity: {orphan-page: error}}\n"})
    done = run("lint", "--all", "--code", "orphan-page", vault=small)
    assert [(row["path"], row["severity"]) for row in findings(done)] == [("wiki/Own.md", "hint")]


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["-"], b"{\n", "lint: <stdin>:1: not JSON: "),
        (["-"], b'{"kind":"change"}\n', "lint: <stdin>:1: change: "),
        (["none.jsonl"], b"", "lint: none.jsonl: No such file or directory"),
        (["--vault", "none"], b"", "lint: none: no schema.yaml there"),
        (["--none"], b"", "lint: No such option"),
        (["--code", "broken-lnk"], b"", "lint: --code: 'broken-lnk' is no code of lint: did you mean broken-link?"),
        (["--code", "x"], b"", "lint: --code: 'x' is no code of lint: docs/lint.md lists them"),
        (["--severity", "grave"], b"", "lint: Invalid value for '--severity': 'grave' is not one of "),
        (["--since", "monday"], b"", "lint: Invalid value for '--since': 'monday' is not a date like 2026-04-02"),
    ],
)
def test_what_cannot_be_done(run, small, arguments, stdin, said):
    done = run("lint", *arguments, stdin=stdin, vault=small)
    done.assert_failed(said)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            "lint: {severity: {brokn-link: off}}",
            "lint: severity: 'brokn-link' is no code of lint: did you mean broken-link?",
        ),
        ("lint: {severity: {broken-link: on}}", "lint: severity: broken-link: one of off, hint, warning, error"),
        ("lint: {severity: {broken-link: grave}}", "Invalid enum value 'grave'"),
        ("version: 2", "version: 2: this quern reads version 1"),
    ],
)
def test_what_a_schema_cannot_say(run, small, told, said):
    lay(small, {"schema.yaml": f"{told}\n"})
    done = run("lint", vault=small)
    done.assert_failed(f"lint: {small}/schema.yaml: ")
    assert said in done.err
