"""each: what a program does to one of many sources is what it does when it is started for it alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from processes import ROOT, Run, copy_clone, start

STAGES = ("segment", "@source", "passages.jsonl", "extract", "passages.jsonl", "claims.jsonl")
TEXT = "# {0}\n\n{0} is a mill that grinds grain. {0} was built in 1871 by Anna Berg in Husum.\n"


@pytest.fixture
def folders(vault: Path, tmp_path: Path) -> list[Path]:
    made = []
    for name in ("a b", "c", "d"):
        (vault / "raw" / f"{name}.md").write_text(TEXT.format(name.upper()), encoding="utf-8")
        folder = tmp_path / "build" / name[0]
        folder.mkdir(parents=True)
        (folder / "source").write_text(str(vault / "raw" / f"{name}.md"))
        made.append(folder)
    return made


def names(folders: list[Path]) -> bytes:
    return "".join(f"{folder}\n" for folder in folders).encode()


def test_the_same_bytes_as_the_programs_alone(run: Run, vault: Path, folders: list[Path], tmp_path: Path) -> None:
    done = run("each", "-", *STAGES, vault=vault, stdin=names(folders))
    assert (done.status, done.out, done.err) == (0, b"", "")
    for folder in folders:
        assert sorted(path.name for path in folder.iterdir()) == ["claims.jsonl", "passages.jsonl", "source", "stderr"]
        alone = run("segment", (folder / "source").read_text(), vault=vault).out
        assert (folder / "passages.jsonl").read_bytes() == alone
        assert (folder / "claims.jsonl").read_bytes() == run("extract", stdin=alone, vault=vault).out
        (folder / "claims.jsonl").unlink()
    (tmp_path / "list").write_bytes(names(folders))
    assert run("each", tmp_path / "list", *STAGES, vault=vault).status == 0
    assert all((folder / "claims.jsonl").exists() for folder in folders)


def test_one_that_fails_leaves_no_file_and_stops_no_other(run: Run, vault: Path, folders: list[Path]) -> None:
    (vault / "raw" / "c.md").write_bytes(b"# C\n\0")
    (folders[2] / "passages.jsonl").write_bytes(b'{"kind":"source"}\n')
    done = run("each", "-", *STAGES, vault=vault, stdin=names(folders))
    assert done.status == 1
    assert (folders[0] / "claims.jsonl").exists()
    assert sorted(path.name for path in folders[1].iterdir()) == ["source", "stderr"]
    assert sorted(path.name for path in folders[2].iterdir()) == ["passages.jsonl", "source", "stderr"]
    first, second = done.err.splitlines()
    assert (folders[1] / "stderr").read_text() == first + "\n"
    assert first.startswith("segment: ")
    assert second.startswith("extract: ")
    assert "passages.jsonl:1: " in second


def test_what_is_there_is_not_made_again(run: Run, vault: Path, folders: list[Path]) -> None:
    for folder in folders:
        (folder / "claims.jsonl").write_text("mine")
        (folder / "passages.jsonl").write_text("mine")
    assert run("each", "-", *STAGES, vault=vault, stdin=names(folders)).status == 0
    assert {(folder / "claims.jsonl").read_text() for folder in folders} == {"mine"}


def test_a_stage_in_another_language(tmp_path: Path, vault: Path, folders: list[Path]) -> None:
    clone = copy_clone(tmp_path / "clone")
    (clone / "bin" / "extract").write_text(
        '#!/bin/sh\ncase "$2" in */c/*) echo "no c" >&2; exit 3 ;; esac\nhead -1 "$2"\n'
    )
    done = start([clone / "bin" / "each", "-", *STAGES], names(folders), QUERN_VAULT=str(vault))
    assert (done.status, done.err) == (1, "no c\n")
    first = (folders[0] / "passages.jsonl").read_bytes().splitlines(keepends=True)[0]
    assert (folders[0] / "claims.jsonl").read_bytes() == first
    assert not (folders[1] / "claims.jsonl").exists()


def test_a_bug_in_a_program_is_seen_and_stops_no_other(tmp_path: Path, vault: Path, folders: list[Path]) -> None:
    clone = copy_clone(tmp_path / "clone")
    text = (
        (ROOT / "bin" / "extract")
        .read_text(encoding="utf-8")
        .replace("    main()", '    print(1 / ("/c/" not in sys.argv[-1]))')
    )
    (clone / "bin" / "extract").write_text(
        text.replace("import click", "import sys\n\nimport click", 1), encoding="utf-8"
    )
    done = start([clone / "bin" / "each", "-", *STAGES], names(folders), QUERN_VAULT=str(vault))
    assert done.status == 1
    assert "ZeroDivisionError" in done.err
    assert [(folder / "claims.jsonl").exists() for folder in folders] == [True, False, True]


@pytest.mark.parametrize("body", ["kill -INT $$\n", "exit 130\n", None])
def test_who_stops_it_stops_all_of_it(tmp_path: Path, vault: Path, folders: list[Path], body: str | None) -> None:
    clone = copy_clone(tmp_path / "clone")
    if body is None:
        ours = (clone / "bin" / "extract").read_text(encoding="utf-8")
        wait = ours.replace("    from contextlib import closing\n", "    raise KeyboardInterrupt\n")
        assert wait != ours
        (clone / "bin" / "extract").write_text(wait, encoding="utf-8")
    else:
        (clone / "bin" / "extract").write_text(f"#!/bin/sh\n{body}", encoding="utf-8")
    done = start([clone / "bin" / "each", "-", *STAGES], names(folders), tmp_path, QUERN_VAULT=str(vault))
    assert (done.status, done.out, done.err.strip()) == (130, b"", "")
    assert sorted(path.name for path in folders[0].iterdir()) == ["passages.jsonl", "source", "stderr"]
    assert [path.name for folder in folders[1:] for path in folder.iterdir()] == ["source", "source"]


def test_what_it_is_asked_must_make_sense(run: Run, tmp_path: Path) -> None:
    done = run("each", "-", "segment", "@source")
    assert (done.status, done.err.count("\n")) == (2, 1)
    done = run("each", "-", *STAGES, stdin=os.fsencode(tmp_path / "nowhere"))
    assert (done.status, done.err.count("\n")) == (2, 1)
    done = run("each", "-", *STAGES)
    assert done.status == 0
