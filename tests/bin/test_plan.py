"""plan: a record a source, the folders of its tasks, and the exit status."""

from __future__ import annotations

from pathlib import Path

import orjson
from processes import Run


def records(out: bytes) -> list[dict[str, str]]:
    return [orjson.loads(line) for line in out.splitlines()]


def test_by_argument_and_by_environment(run: Run, vault: Path) -> None:
    (vault / "raw" / "a b.md").write_text("x")
    done = run("plan", "raw/a b.md", vault=vault)
    assert done.status == 0
    assert [(task["kind"], task["path"], task["state"]) for task in records(done.out)] == [
        ("task", "raw/a b.md", "todo")
    ]
    assert run("plan", vault=vault, env={"QUERN_SRC": "raw/a b.md"}).out == done.out
    assert run("plan", "--all", vault=vault).out == done.out


def test_what_a_source_is_read_for_is_part_of_its_key(run: Run, vault: Path) -> None:
    (vault / "raw" / "a.md").write_text("x")

    def key(*options: str, **settings: str) -> str:
        (task,) = records(run("plan", *options, "raw/a.md", vault=vault, env=settings).out)
        return task["key"]

    assert key("--focus", "cost") == key(QUERN_FOCUS="cost")
    assert len({key(), key("--focus", "cost"), key("--focus", "costs")}) == 3


def test_a_folder_a_task(run: Run, vault: Path, tmp_path: Path) -> None:
    (vault / "raw" / "a b.md").write_text("x")
    (task,) = records(run("plan", "--all", "--build", tmp_path / "build", vault=vault).out)
    assert (tmp_path / "build" / task["key"] / "source").read_text() == "raw/a b.md"
    (task,) = records(run("plan", "--all", "--build", tmp_path / "build", vault=vault, cwd=tmp_path).out)
    assert [path.name for path in (tmp_path / "build").iterdir()] == [task["key"]]


def test_nothing_to_do_is_a_no(run: Run, vault: Path) -> None:
    done = run("plan", "--all", vault=vault)
    assert (done.status, done.out, done.err) == (1, b"", "")
    (vault / "raw" / "photo.PNG").write_bytes(b"\x89PNG")
    done = run("plan", "--all", vault=vault)
    assert (done.status, records(done.out)[0]["state"]) == (1, "skipped")
    assert records(done.out)[0]["why"] == ".PNG files are not read yet"


def test_what_cannot_be_read_fails_alone_with_all_and_at_once_by_name(run: Run, vault: Path) -> None:
    (vault / "raw" / "a.md").symlink_to("nowhere")
    (vault / "raw" / "b.md").write_text("x")
    assert [task["state"] for task in records(run("plan", "--all", vault=vault).out)] == ["failed", "todo"]
    done = run("plan", "raw/b.md raw/a.md", vault=vault)
    assert (done.status, done.out) == (2, b"")
    assert done.err == "plan: raw/a.md: No such file or directory\n"


def test_a_vault_without_schema(run: Run, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    done = run("plan", "--all", cwd=tmp_path)
    assert done.status == 2
    assert done.err.startswith("plan: ")
    assert len(done.err.splitlines()) == 1
