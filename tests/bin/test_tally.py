"""tally: what became of each task."""

from __future__ import annotations

from pathlib import Path

import orjson
from processes import Run

TASKS = [
    {"kind": "task", "path": "raw/a.md", "state": "todo", "key": "aa", "sha256": "1" * 64},
    {"kind": "task", "path": "raw/b.md", "state": "todo", "key": "bb", "sha256": "2" * 64},
    {"kind": "task", "path": "raw/c.md", "state": "todo", "key": "cc", "sha256": "3" * 64},
    {"kind": "task", "path": "raw/d.md", "state": "done", "why": "in the wiki already"},
    {"kind": "other"},
]
LINES = b"".join(orjson.dumps(task) + b"\n" for task in TASKS)


def test_it_asks_the_wiki_again(run: Run, vault: Path, tmp_path: Path) -> None:
    (vault / "wiki" / "sources").mkdir()
    front = ["title: A", "type: source", "source: raw/a.md", f"id: x{'1' * 11}", f"sha256: {'1' * 64}", "engine: rules"]
    text = "\n".join(["---", *front, "---", "", "# A", ""])
    (vault / "wiki" / "sources" / "a.md").write_text(text)
    (tmp_path / "build" / "bb").mkdir(parents=True)
    (tmp_path / "build" / "bb" / "stderr").write_text("segment: raw/b.md: a warning\nextract: raw/b.md:7: broken\n")
    done = run("tally", "-", "--build", tmp_path / "build", vault=vault, stdin=LINES)
    assert done.status == 1
    assert done.text.splitlines() == [
        "done         1",
        "skipped      1  1 in the wiki already",
        "failed       2",
        "  extract: raw/b.md:7: broken",
        "  raw/c.md: not reached",
    ]
    (tmp_path / "tasks.jsonl").write_bytes(LINES)
    assert run("tally", tmp_path / "tasks.jsonl", "--build", tmp_path / "build", vault=vault).out == done.out


def test_nothing_failed(run: Run, vault: Path) -> None:
    done = run("tally", vault=vault, stdin=orjson.dumps(TASKS[3]))
    assert (done.status, done.text.splitlines()[-1]) == (0, "failed       0")


def test_a_broken_record_is_named(run: Run, vault: Path) -> None:
    done = run("tally", vault=vault, stdin=b'{"kind":"task"}\n')
    assert done.status == 2
    assert done.err.startswith("tally: <stdin>:1: task: ")
