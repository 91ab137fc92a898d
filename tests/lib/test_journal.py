"""The log: what an entry says, and that nothing in a title can break its form."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quern import journal
from quern.records import Change, Entry, Finding, Source, Usage
from quern.vault import Vault

SHA = "1f0c2a9b77d0" + "0" * 52
SOURCE = Source(id="aaaaaaaaaaaa", slug="tides", path="raw/tides.md", sha256=SHA, title="Tides of Brittany")


def change(path, op="update", type_="entity", **more):
    return Change(
        transaction="t1", path=path, title=path, type=type_, op=op, source=SOURCE.id, before=None, after=None, **more
    )


def finding(severity):
    return Finding(code="broken-link", severity=severity, path="wiki/A.md", line=1, message="m")


CHANGES = [
    change("wiki/sources/tides.md", "create", "source", added=["c1", "c2", "c3"]),
    change("wiki/entities/La Rance.md", "create", added=["c1", "c2"]),
    change("wiki/concepts/Barrage.md", added=["c2"], united=["c3"], kept_edits=["line 14"]),
    change("wiki/concepts/Tide.md", "unchanged"),
    change("wiki/index.md", type_=""),
]


def test_an_entry():
    entry = journal.entry(
        SOURCE,
        CHANGES,
        [finding("error"), finding("hint"), finding("warning"), finding("warning")],
        [
            Usage(
                source="s",
                stage="extract",
                engine="llm",
                model="m-7b",
                calls=3,
                cached=1,
                prompt_tokens=10,
                seconds=1.25,
            )
        ],
        agent="Ada",
        date="2026-04-02",
    )
    assert journal.render(entry) == (
        "## [2026-04-02] ingest | Tides of Brittany\n"
        "\n"
        "- source: raw/tides.md → [[tides]] (1f0c2a9b77d0)\n"
        "- created: [[La Rance]] (1f0c2a9b77d0)\n"
        "- updated: [[Barrage]] (1f0c2a9b77d0)\n"
        "- claims: 3 added, 1 united (1f0c2a9b77d0)\n"
        "- kept: 1 edit by people: [[Barrage]] (line 14) (1f0c2a9b77d0)\n"
        "- lint: 1 error, 2 warnings (1f0c2a9b77d0)\n"
        "- engine: llm m-7b, 3 calls, 1 cached, 10 tokens, 1.2 s (1f0c2a9b77d0)\n"
        "- agent: Ada (1f0c2a9b77d0)\n"
    )


def test_the_order_in_which_the_changes_come_does_not_matter():
    changes = [change("wiki/B.md"), change("wiki/A.md", "create"), change("wiki/C.md"), change("wiki/A2.md", "create")]
    entries = [
        journal.entry(None, made, [], [], agent="a", date="2026-04-02", title="T") for made in (changes, changes[::-1])
    ]
    assert entries[0] == entries[1]


def test_an_engine_that_keeps_no_accounts_is_named():
    entry = journal.entry(SOURCE, CHANGES, [], [], agent="Ada", date="2026-04-02", engine="rules")
    assert "engine: rules (1f0c2a9b77d0)" in entry.bullets


def test_what_changed_nothing_leaves_no_entry():
    assert journal.entry(SOURCE, [change("wiki/A.md", "unchanged")], [], [], agent="Ada", date="2026-04-02") is None
    assert journal.entry(SOURCE, [], [], [], agent="Ada", date="2026-04-02") is None


def test_without_a_source_the_bullets_carry_the_transaction():
    entry = journal.entry(None, [change("wiki/A.md", "delete")], [], [], agent="Ada", date="2026-04-02", verb="retract")
    assert entry.verb == "retract"
    assert entry.bullets[0] == "deleted: [[A]] (t1)"


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("A | B", r"## [2026-04-02] ingest | A \| B"),
        (
            "two\nlines\r\n## [2026-01-01] ingest | fake",
            r"## [2026-04-02] ingest | two lines ## [2026-01-01] ingest \| fake",
        ),
        ("U\u2028V\u0085W\x00X", "## [2026-04-02] ingest | U V W X"),
        ("[[link]] and ]", None),
        ("<script>", None),
        ("", "## [2026-04-02] ingest | untitled"),
        (" \n ", "## [2026-04-02] ingest | untitled"),
    ],
)
def test_no_title_breaks_the_form(title, heading):
    text = journal.render(Entry(date="2026-04-02", verb="ingest", title=title, bullets=["a\nb (x)"]))
    lines = text.splitlines()
    assert len(lines) == 3
    assert heading is None or lines[0] == heading
    assert list(journal.problems(text)) == []
    assert journal.HEADING.fullmatch(lines[0])
    assert "[[link]]" not in text
    assert "<script>" not in text.replace("\\<", "")


@given(st.text(), st.lists(st.text(), max_size=3))
@settings(max_examples=200, deadline=None)
def test_an_entry_is_read_as_it_was_written(title, bullets):
    entry = Entry(date="2026-04-02", verb="ingest", title=title, bullets=bullets)
    text = journal.render(entry)
    [read] = journal.parse(text)
    assert read.title == (journal.one_line(title) or "untitled")
    assert len(read.bullets) == len(bullets)
    assert list(journal.problems(text)) == []


def test_parse_passes_over_what_is_no_entry():
    text = "# Log\n\nwords\n\n## [2026-01-01] init | Begin\n- one\nwords\n- two\n\n## Notes\n- three\n"
    assert [(e.date, e.verb, e.title, e.bullets) for e in journal.parse(text)] == [
        ("2026-01-01", "init", "Begin", ["one", "two"])
    ]


@pytest.mark.parametrize(
    "line",
    [
        "## 2026-04-02 ingest | A",
        "## [2026-04-02] ingest A",
        "## [2026-04-02]ingest | A",
        "##[2026-04-02] ingest | A",
        "## [2026-4-2] ingest | A",
        "## [2026-02-30] ingest | A",
        "[2026-04-02] ingest | A",
        "- [2026-04-02] ingest | A",
        "<<<<<<< HEAD",
        "=======",
        ">>>>>>> theirs",
    ],
)
def test_lines_that_are_no_part_of_an_entry(line):
    text = f"# Log\n\n## [2026-04-01] ingest | A\n\n- a\n\n{line}\n"
    assert [number for number, _ in journal.problems(text)] == [7]


def test_a_bullet_before_any_entry():
    assert [number for number, _ in journal.problems("- a\n")] == [1]


def test_lint_is_logged_when_its_counts_change():
    first = journal.lint_entry([finding("error")], "", date="2026-04-02")
    assert journal.render(first) == "## [2026-04-02] lint | 1 error, 0 warnings\n"
    log = journal.render(first) + "\n## [2026-04-02] ingest | 0 errors, 9 warnings\n"
    assert journal.lint_entry([finding("error"), finding("hint")], log, date="2026-04-03") is None
    assert journal.lint_entry([], log, date="2026-04-03").title == "0 errors, 0 warnings"


def test_the_agent(tmp_path, monkeypatch):
    monkeypatch.setenv("QUERN_AGENT", " Ada ")
    assert journal.agent() == "Ada"
    monkeypatch.delenv("QUERN_AGENT")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    assert journal.agent(Vault(tmp_path)) == "unknown"
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "user.name", "Grace")
    assert journal.agent(Vault(tmp_path)) == "Grace"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert journal.agent(Vault(tmp_path)) == "unknown"


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@t", *arguments], check=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git unites the logs")
def test_two_branches_that_both_ingested_keep_both_entries(tmp_path):
    def entry(slug):
        sha = {"base": "0", "ours": "a", "theirs": "b"}[slug] * 64
        source = Source(id=sha[:12], slug=slug, path=f"raw/{slug}.md", sha256=sha, title=slug.title())
        return journal.render(journal.entry(source, CHANGES[1:], [], [], agent="Ada", date="2026-04-02"))

    log = tmp_path / "log.md"
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / ".gitattributes").write_text("log.md merge=union\n")
    log.write_text(entry("base"))
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "base")
    git(tmp_path, "checkout", "-qb", "theirs")
    log.write_text(f"{entry('base')}\n{entry('theirs')}")
    git(tmp_path, "commit", "-qam", "theirs")
    git(tmp_path, "checkout", "-q", "main")
    log.write_text(f"{entry('base')}\n{entry('ours')}")
    git(tmp_path, "commit", "-qam", "ours")
    git(tmp_path, "merge", "-q", "--no-edit", "theirs")
    united = list(journal.parse(log.read_text()))
    assert [found.title for found in united] == ["Base", "Ours", "Theirs"]
    assert {len(found.bullets) for found in united} == {7}
    assert all(re.search(r"\([0ab]{12}\)$", bullet) for found in united for bullet in found.bullets)
