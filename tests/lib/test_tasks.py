"""What a person named, and what is to be done with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from processes import ROOT

from quern import schema, tasks, wiki
from quern.program import Failure
from quern.records import Task
from quern.vault import Vault

NAMES = [
    "a b.md",
    "it's.md",
    '"q".md',
    "$HOME.md",
    "$(x) `y`.md",
    "#1.md",
    "-x.md",
    "[a].md",
    "é潮.md",
    "a\\b.md",
    "*.md",
]
PAGE = """---
title: X
type: source
source: "{path}"
id: "{sha:.12}"
sha256: "{sha}"
engine: {engine}
---

# X
"""


@pytest.fixture
def here(vault: Path, monkeypatch: pytest.MonkeyPatch) -> Vault:
    monkeypatch.chdir(vault.parent)
    for name in NAMES:
        (vault / "raw" / name).write_text(name)
    return Vault(vault)


def resolved(here: Vault, asked: str) -> list[str]:
    return [os.path.relpath(path, here.raw) for path in tasks.resolve(here, asked)]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_exactly_that_name_wins(here: Vault, name: str) -> None:
    assert resolved(here, f"raw/{name}") == [name]
    assert resolved(here, str(here.raw / name)) == [name]
    assert resolved(here, f"vault/raw/{name}") == [name]


def test_else_the_words_are_split_as_a_shell_does(here: Vault) -> None:
    assert resolved(here, "'raw/a b.md' raw/\\#1.md \"raw/it's.md\"") == ["a b.md", "#1.md", "it's.md"]


def test_else_a_word_is_a_pattern_and_the_matches_are_sorted(here: Vault) -> None:
    assert resolved(here, "raw/[a-i]*.md") == ["a b.md", "a\\b.md", "it's.md"]
    (here.raw / "deep" / "er").mkdir(parents=True)
    (here.raw / "deep" / "er" / "z.txt").write_text("z")
    assert resolved(here, "raw/**/*.txt") == ["deep/er/z.txt"]


def test_a_file_named_twice_is_one(here: Vault) -> None:
    assert resolved(here, "raw/-x.md raw/-*.md") == ["-x.md"]


def test_a_name_with_a_tilde(here: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here.root.parent))
    assert resolved(here, "~/vault/raw/-x.md") == ["-x.md"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (" ", "which source"),
        ("raw/-y.md", "no such file"),
        ("raw/'-x.md", "No closing quotation"),
        ("raw", "a folder"),
        ("vault/schema.yaml", "not in raw/, where sources live; first: cp -- vault/schema.yaml vault/raw/"),
        ("-o.md", "cp -- -o.md vault/raw/"),
        ("o p.md", "cp -- 'o p.md' vault/raw/"),
        ("raw/../../-o.md", "not in raw/"),
    ],
)
def test_what_is_refused(here: Vault, asked: str, said: str) -> None:
    for name in ("-o.md", "o p.md"):
        (here.root.parent / name).write_text("x")
    with pytest.raises(Failure) as caught:
        tasks.resolve(here, asked)
    assert said in str(caught.value)


def test_everything_leaves_out_what_is_hidden(here: Vault) -> None:
    (here.raw / ".obsidian").mkdir()
    (here.raw / ".obsidian" / "app.md").write_text("x")
    (here.raw / ".DS_Store").write_text("x")
    found = [os.path.relpath(path, here.raw) for path in tasks.everything(here)]
    assert found == sorted(NAMES)


# What is to do


def planned(here: Vault, *names: str) -> list[Task]:
    with wiki.open(here) as catalogue:
        files = [str(here.raw / name) for name in names]
        return list(tasks.tasks(here, schema.load(here), catalogue, files, str(ROOT)))


def write_ledger(here: Vault, name: str, sha: str, engine: str = "rules", slug: str = "x") -> None:
    here.ledgers.mkdir(exist_ok=True)
    (here.ledgers / f"{slug}.md").write_text(PAGE.format(path=f"raw/{name}", sha=sha, engine=engine), encoding="utf-8")


def test_what_the_wiki_does_not_have_is_to_do(here: Vault) -> None:
    (found,) = planned(here, "a b.md")
    assert (found.path, found.state) == ("raw/a b.md", "todo")
    assert len(found.key) == 20
    assert planned(here, "a b.md") == [found]


def test_what_the_wiki_has_is_done_until_it_changes(here: Vault) -> None:
    (found,) = planned(here, "-x.md")
    write_ledger(here, "-x.md", found.sha256)
    assert planned(here, "-x.md")[0].state == "done"
    (here.raw / "-x.md").write_text("other")
    assert planned(here, "-x.md")[0].state == "todo"


def test_another_engine_is_no_reason_to_read_again(here: Vault) -> None:
    (found,) = planned(here, "-x.md")
    write_ledger(here, "-x.md", found.sha256, engine="llm")
    (again,) = planned(here, "-x.md")
    assert (again.state, again.why) == ("done", "in the wiki already, as the engine llm read it")


def test_the_key_holds_the_model_and_how_it_is_asked(here: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = here.root / "x.gguf"
    weights.write_bytes(b"1")
    keys = {planned(here, "-x.md")[0].key}
    monkeypatch.setenv("QUERN_MODEL", str(weights))
    keys.add(planned(here, "-x.md")[0].key)
    weights.write_bytes(b"22")
    keys.add(planned(here, "-x.md")[0].key)
    text = here.schema.read_text(encoding="utf-8")
    here.schema.write_text(f"{text}\nguidance: Short sentences.\n", encoding="utf-8")
    keys.add(planned(here, "-x.md")[0].key)
    assert len(keys) == 4
    monkeypatch.delenv("QUERN_MODEL")
    assert planned(here, "-x.md")[0].key in keys  # guidance is for models: the rules read as before


def test_a_copy_is_done_and_a_moved_source_is_to_do(here: Vault) -> None:
    (found,) = planned(here, "-x.md")
    write_ledger(here, "-x.md", found.sha256)
    (here.raw / "copy.md").write_bytes((here.raw / "-x.md").read_bytes())
    assert planned(here, "copy.md")[0].why == "the same bytes as raw/-x.md"
    (here.raw / "-x.md").unlink()
    assert planned(here, "copy.md")[0].state == "todo"


def test_the_same_bytes_twice_in_one_run_are_one_task(here: Vault) -> None:
    (here.raw / "copy.md").write_bytes((here.raw / "-x.md").read_bytes())
    assert [task.state for task in planned(here, "-x.md", "copy.md")] == ["todo", "done"]


def test_the_key_holds_what_the_stage_files_depend_on(here: Vault, tmp_path: Path) -> None:
    keys = {planned(here, "-x.md")[0].key}
    text = here.schema.read_text(encoding="utf-8")
    here.schema.write_text(text.replace("max_chars: 2400", "max_chars: 2000"), encoding="utf-8")
    keys.add(planned(here, "-x.md")[0].key)
    here.schema.write_text(text.replace("summary_sentences: 4", "summary_sentences: 5"), encoding="utf-8")
    keys.add(planned(here, "-x.md")[0].key)  # the summary is not made by a stage with a file: nothing new
    assert len(keys) == 2
    write_ledger(here, "-x.md", "0" * 64)
    keys.add(planned(here, "-x.md")[0].key)
    (here.raw / "-x.md").rename(here.raw / "y.md")
    keys.add(planned(here, "y.md")[0].key)
    (here.raw / "y.md").write_text("other")
    keys.add(planned(here, "y.md")[0].key)
    assert len(keys) == 5


def test_the_key_holds_the_programs(here: Vault, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("bin/segment", "bin/extract", "lib/quern/a.py", "lib/quern/data/b.txt"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("one")

    def key() -> str:
        with wiki.open(here) as catalogue:
            (found,) = tasks.tasks(here, schema.load(here), catalogue, [str(here.raw / "-x.md")], str(home))
        return found.key

    keys = {key()}
    for name in ("bin/segment", "bin/extract", "lib/quern/a.py", "lib/quern/data/b.txt"):
        (home / name).write_text("two")
        keys.add(key())
    assert len(keys) == 5
    (home / "lib/quern/__pycache__").mkdir()
    (home / "lib/quern/__pycache__/a.pyc").write_text("x")
    assert key() in keys


def test_a_file_that_cannot_be_read_is_a_failed_task(here: Vault) -> None:
    (here.raw / "gone.md").symlink_to("nowhere")
    assert [(task.state, task.why) for task in planned(here, "gone.md", "-x.md")] == [
        ("failed", "No such file or directory"),
        ("todo", ""),
    ]


def test_a_name_that_is_not_utf8_is_a_failed_task(here: Vault) -> None:
    name = os.fsdecode(b"\xff.md")
    try:
        (here.raw / name).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert planned(here, name)[0].why == "its name is not UTF-8: rename it"


def test_settled() -> None:
    assert tasks.needless([]) == ""
    one = Task(path="raw/a.md", state="done", why="in the wiki already")
    assert tasks.needless([one]) == "raw/a.md: in the wiki already: nothing to do"
    todo = Task(path="raw/b.md", state="todo")
    assert tasks.needless([one, todo]) == "raw/a.md: in the wiki already"
    assert tasks.needless([one, one, todo]) == "2 of 3 files are in the wiki already, or are not read"


def test_the_table_says_why() -> None:
    found = [
        Task(path="raw/a.md", state="done"),
        Task(path="raw/b.png", state="skipped", why=".png files are not read yet"),
        Task(path="raw/c.png", state="skipped", why=".png files are not read yet"),
        Task(path="raw/d.md", state="failed", why="segment: raw/d.md:3: broken"),
        Task(path="raw/e.md", state="failed", why="not reached"),
    ]
    assert list(tasks.table(found)) == [
        "done         1",
        "skipped      2  2 .png files are not read yet",
        "failed       2",
        "  segment: raw/d.md:3: broken",
        "  raw/e.md: not reached",
    ]
