"""Bad input: one line that says what, where and what to do, exit status 2, and nothing changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import mill
import pytest
import sample

DATE, NEXT = sample.NEXT


def assert_refused(done: subprocess.CompletedProcess[bytes], program: str, *words: str) -> None:
    """Hold a run to what a failure looks like."""
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert re.fullmatch(rf"{program}: [^\n]+\n", said), said
    assert [word for word in words if word not in said] == [], said


def unreadable(path: Path) -> None:
    # Root may read anything, but nobody can follow a link to itself.
    if os.geteuid() == 0:
        path.symlink_to(path.name)
    else:
        path.write_text("a")
        path.chmod(0)


SOURCES = {
    "missing.md": lambda path: path.parent,
    "folder.md": Path.mkdir,
    "unreadable.md": unreadable,
    "binary.md": lambda path: path.write_bytes(bytes(range(256)) * 20),
    "nul.md": lambda path: path.write_bytes(b"La Rance is a barrage.\0\n"),
    "surrogate.md": lambda path: path.write_bytes("\ufeffLa Rance".encode("utf-16-le") + b"\x00\xd8 \x00"),
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("program", ["segment", "extract"])
def test_refuses_a_source_that_is_no_text(program, name, vault):
    SOURCES[name](vault / "raw" / name)
    before = tree(vault)
    assert_refused(mill.run(program, f"raw/{name}", vault=vault), program, name)
    assert tree(vault) == before


@pytest.mark.parametrize("program", [*mill.THINKING, *mill.WRITING])
@pytest.mark.parametrize("line", ['{"kind": "x"', '{"kind": "x", "a": "\\ud800"}', "[1]", '{"a": 1}', "NaN"])
def test_names_the_line_that_is_no_record(program, line, vault):
    before = mill.picture(vault)
    done = mill.run(program, "-", vault=vault, stdin=b'{"kind":"weather"}\n\n' + line.encode() + b"\n")
    assert_refused(done, program, "<stdin>:3: ")
    assert mill.differences(before, mill.picture(vault)) == []


@pytest.mark.parametrize(
    ("program", "kind", "key"),
    [
        ("extract", "passage", "sentences"),
        ("link", "claim", "text"),
        ("summarize", "claim", "text"),
        ("merge", "page", "title"),
        ("merge", "claim", "quote"),
        ("lint", "change", "path"),
        ("logappend", "change", "path"),
    ],
)
def test_names_the_key_that_a_record_lacks(program, kind, key, vault, records):
    stream = b"".join(stage(vault, records, program)).splitlines(keepends=True)
    number = next(n for n, line in enumerate(stream) if json.loads(line)["kind"] == kind)
    record = json.loads(stream[number])
    del record[key]
    stream[number] = json.dumps(record).encode() + b"\n"
    before = mill.picture(vault)
    assert_refused(
        mill.run(program, "-", vault=vault, stdin=b"".join(stream)), program, f"<stdin>:{number + 1}: ", kind, key
    )
    assert mill.differences(before, mill.picture(vault)) == []


def stage(vault: Path, records: bytes, program: str) -> list[bytes]:
    """The input of a program, as the ones before it make it without writing anything."""
    if program == "merge":
        return [records]
    if program in ("lint", "logappend"):
        return [mill.run("merge", "--dry-run", "-", vault=vault, stdin=records, date=DATE).stdout]
    first = mill.run("segment", NEXT, vault=vault).stdout
    rest = mill.THINKING[: mill.THINKING.index(program)]
    return [mill.shell(mill.stages(rest), vault, stdin=first).stdout if rest else first]


@pytest.mark.parametrize("program", ["segment", *mill.THINKING, *mill.WRITING])
def test_refuses_a_vault_without_schema(program, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.md").write_text("La Rance is a barrage.\n")
    given = ["raw/a.md"] if program in ("segment", "extract") else ["-"]
    assert_refused(mill.run(program, *given, vault=tmp_path), program, "schema.yaml")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("version: 1\npages:\n  min_sorces: 2\n", ["schema.yaml", "min_sorces"]),
        ("version: 1\npages:\n  shown: many\n", ["schema.yaml", "pages.shown"]),
        ("version: 9\n", ["schema.yaml", "version"]),
        ("version: 1\nengine: oracle\n", ["schema.yaml", "engine"]),
        ("version: [1\n", ["schema.yaml:2"]),
        ("- a list\n", ["schema.yaml"]),
    ],
)
@pytest.mark.parametrize("program", ["segment", "link", "merge", "lint"])
def test_names_what_is_wrong_with_a_schema(program, schema, words, vault):
    (vault / "schema.yaml").write_text(schema)
    before = mill.picture(vault)
    given = {"segment": [NEXT], "lint": []}.get(program, ["-"])
    assert_refused(mill.run(program, *given, vault=vault), program, *words)
    assert mill.differences(before, mill.picture(vault)) == []


def test_does_not_touch_a_page_with_broken_front_matter(vault, records, touched):
    page = vault / touched[0]
    page.write_text(page.read_text().replace("---\n", "---\nmine: [a, b\n", 1))
    before = mill.picture(vault)
    assert_refused(mill.run("merge", "-", vault=vault, stdin=records, date=DATE), "merge", touched[0])
    assert mill.differences(before, mill.picture(vault)) == []


def test_does_not_touch_a_page_with_conflict_marks(vault, records, touched):
    page = vault / touched[0]
    page.write_text(page.read_text() + "\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n")
    before = mill.picture(vault)
    assert_refused(mill.run("merge", "-", vault=vault, stdin=records, date=DATE), "merge", touched[0])
    assert mill.differences(before, mill.picture(vault)) == []


def in_its_own_mounts(command: str) -> list[str]:
    """A shell command with mounts of its own; the test is skipped where that is not allowed."""
    allowed = sys.platform == "linux" and subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    if not allowed or allowed.returncode:
        pytest.skip("needs the right to mount")
    return ["unshare", "-m", "bash", "-c", command]


def merge_in_its_own_mounts(vault, records, command):
    """Run merge behind a command that mounts something that makes it fail; the wiki is as it was."""
    before = mill.picture(vault)
    done = subprocess.run(
        [*in_its_own_mounts(f'{command} && exec "$0" -'), mill.BIN / "merge"],
        input=records, capture_output=True, cwd=vault, env=mill.environment(DATE), check=False,
    )  # fmt: skip
    assert mill.differences(before, mill.picture(vault)) == []
    return done


def test_says_so_when_the_wiki_is_read_only(vault, records):
    done = merge_in_its_own_mounts(vault, records, "mount --bind wiki wiki && mount -o remount,ro,bind wiki")
    assert_refused(done, "merge", "wiki")
    assert not (vault / ".quern" / "pending.jsonl").exists()


@pytest.mark.parametrize("blocks", [1, 4, 16])
def test_a_full_disk_changes_nothing(blocks, vault, records, grown):
    # A file that may not grow is how a full disk looks to a program, and needs no rights.
    before = mill.picture(vault)
    mill.run("lint", vault=vault)
    done = mill.shell(f'ulimit -f {blocks}; exec "{mill.BIN / "merge"}" -', vault, stdin=records, date=DATE)
    # It may have said that the catalogue cannot be kept, which stops nothing.
    done.stderr = re.sub(rb"\Amerge: [^\n]*catalogue\.sqlite: cannot be written [^\n]*\n", b"", done.stderr)
    assert_refused(done, "merge")
    assert mill.differences(before, mill.picture(vault)) == []
    assert mill.write(vault, records, DATE).returncode == 0
    assert mill.differences(mill.picture(vault), mill.picture(grown)) == []


def test_a_disk_that_fills_while_it_writes_changes_nothing(vault, records, grown):
    done = merge_in_its_own_mounts(vault, records, "mkdir -p .quern && mount -t tmpfs -o size=24k tmpfs .quern")
    assert_refused(done, "merge", "space")
    assert mill.write(vault, records, DATE).returncode == 0
    assert mill.differences(mill.picture(vault), mill.picture(grown)) == []


def test_reads_ten_megabytes_and_long_lines(vault):
    sentence = "The Rance tidal power station generates 500 GWh a year. "
    text = "# Long\n\n" + sentence * (1_000_000 // len(sentence)) + "\n\n" + (sentence + "\n\n") * 20
    (vault / "raw" / "long.md").write_text(text)
    done = mill.run("segment", "raw/long.md", vault=vault)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"500 GWh") == text.count("500 GWh") * 2


def tree(vault: Path) -> list[str]:
    """Every path of a vault with its size: what a refusal must leave as it was."""
    paths = [path for name in ("raw", "wiki") for path in (vault / name).rglob("*")]
    return sorted(f"{path.relative_to(vault)} {path.lstat().st_size}" for path in paths)
