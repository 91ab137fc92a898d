"""Every program that writes is killed on its way, or has no room, or no right to: the wiki is what it was, or whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import mill
import pytest
import repository
from turning import Mill

from quern import checks, schema, wiki
from quern.vault import Vault

CRASH = mill.ROOT / "tests" / "crash"
DATE, LATER = "2026-05-01", "2026-06-01"
FINISH = ("logappend", "-")
TAIL = ("index", "lint", "logappend")
WRITE = ("summarize", *mill.WRITING)
PLANT = """\
# On {0}

{0} is a tidal power station. {0} opened in 19{1}. {0} has {1} turbines. {0} employs 28 people. {0} is older than {2}.
"""
# The runs that change the wiki, by the program that is watched, and what it does.
RUNS = {
    "index": ("index",),
    "retract": (("retract", "raw/1.md"), *TAIL),
    "rename": (("rename", "Sihwa Lake", "Sihwa Basin"), *TAIL),
    "unite": (("unite", "Sihwa Lake", "Swansea Bay"), *TAIL),
    "split": (("split", "Sihwa Lake", "split.jsonl"), *TAIL),
    "settle": (("settle", "Sihwa Lake", "{one}", "{other}", "--keep", "{one}"), *TAIL),
    "merge": ("outdated", *WRITE),
    "merge of what restore emits": (("restore", "Swansea Bay"), *WRITE),
    "merge two sources": mill.WRITING,
    "logappend": (("rename", "Sihwa Lake", "Sihwa Basin"), *TAIL),
}
# With a model the same is killed at fewer steps: it is asked by none of those that write.
STEPS = 3 if os.environ.get("QUERN_TEST_MODEL") else 7


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """Three plants, a contradiction and a lead that is behind."""
    vault = mill.empty_vault(tmp_path_factory.mktemp("standing") / "vault")
    here = Mill(vault)
    plants = ("Sihwa Lake", "Swansea Bay", "Severn Weir")
    for number, (plant, other) in enumerate(zip(plants, plants[1:] + plants[:1], strict=True)):
        here.write(f"raw/{number}.md", PLANT.format(plant, 66 + number, other))
        here.ingest(f"raw/{number}.md")
    here.write("raw/more.md", "# More\n\nSihwa Lake has 30 turbines. Sihwa Lake lies near a harbour.\n")
    here.ingest("raw/more.md")
    for number, plant in enumerate(("Rance Weir", "Annapolis Weir"), 1):
        here.write(f"raw/new-{number}.md", PLANT.format(plant, 80 + number, "Sihwa Lake"))
    page = vault / "wiki/entities/Sihwa Lake.md"
    text = page.read_text()
    assert "## Contradictions" in text
    page.write_text(text.replace("\nlead_of: sha-", "\nlead_of: sha-0", 1))
    disputed = [line for line in text.partition("## Contradictions")[2].split("\n") if line.startswith("- ")]
    (vault / "pair").write_text(" ".join(line.partition("[^")[2][:12] for line in disputed))
    shown = mill.run("split", "Sihwa Lake", "--show", vault=vault).stdout.splitlines()
    chosen = [json.loads(line)["id"] for line in shown if b"harbour" in line or b"employs" in line]
    (vault / "split.jsonl").write_text(json.dumps({"kind": "split", "title": "Sihwa Harbour", "claims": chosen}))
    said = b"".join(mill.run("extract", f"raw/new-{number}.md", vault=vault).stdout for number in (1, 2))
    (vault / "thought.jsonl").write_bytes(mill.pipe(("link", "summarize"), vault, stdin=said).stdout)
    return vault


def run(vault: Path, program: str) -> subprocess.CompletedProcess[bytes]:
    """What is watched elsewhere, undisturbed and in this process."""
    return mill.here(told(vault, program), vault, stdin=given(vault, program), date=DATE)


def finish(vault: Path) -> None:
    assert mill.here([FINISH], vault, date=DATE).returncode == 0


def told(vault: Path, program: str) -> list[str | tuple[str, ...]]:
    one, other = (vault / "pair").read_text().split()
    return [
        stage if isinstance(stage, str) else tuple(word.format(one=one, other=other) for word in stage)
        for stage in RUNS[program]
    ]


def given(vault: Path, program: str) -> bytes:
    # What thinks writes nothing, so it need not run each time.
    return (vault / "thought.jsonl").read_bytes() if program == "merge two sources" else b""


def watched(vault: Path, program: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    path = os.pathsep.join(filter(None, (str(CRASH), os.environ.get("PYTHONPATH"))))
    name = program.partition(" ")[0]
    known = {"PYTHONPATH": path, "QUERN_CRASH_IN": name, **settings}
    stages, stdin = told(vault, program), given(vault, program)
    if not mill.READER:
        return mill.pipe(stages, vault, stdin=stdin, date=DATE, **known)
    # Only what is watched has to be a process of its own.
    at = next(place for place, stage in enumerate(stages) if name in (stage, stage[0]))
    before = mill.here(stages[:at], vault, stdin=stdin, date=DATE)
    done = mill.pipe(stages[at : at + 1], vault, stdin=before.stdout, date=DATE, **known)
    after = mill.here(stages[at + 1 :], vault, stdin=done.stdout, date=DATE)
    status = done.returncode or after.returncode
    return subprocess.CompletedProcess([], status, after.stdout, done.stderr + after.stderr)


def fresh(standing: Path, folder: Path, program: str = "") -> Path:
    """The vault once more; for the program index, with a line of the index gone, for restore with a page gone."""
    vault = Path(shutil.copytree(standing, folder / "vault", ignore=shutil.ignore_patterns(".cache")))
    if program == "index":
        lines = (vault / "wiki/index.md").read_text().splitlines(keepends=True)
        (vault / "wiki/index.md").write_text("".join(line for line in lines if "[[Swansea Bay]]" not in line))
    if "restore" in program:
        (vault / "wiki/entities/Swansea Bay.md").unlink()
        mill.run("index", vault=vault)
    return vault


def picture(vault: Path) -> dict[str, bytes]:
    """What stands there, but for what a model took: that is not the same twice."""
    found = mill.picture(vault)
    return found | {"log.md": re.sub(rb"(?m)^(- engine: llm \w+), .*$", rb"\1", found["log.md"])}


def codes(vault: Path) -> set[str]:
    here = Vault(vault)
    with wiki.open(here) as catalogue:
        return {
            found.code for found in checks.check_vault(here, catalogue, schema.load(here)) if found.severity != "hint"
        }


@pytest.mark.parametrize("program", RUNS)
def test_a_kill_at_any_step_and_another_run_end_with_the_same_bytes(program, standing, tmp_path):
    whole = fresh(standing, tmp_path / "whole", program)
    before, known = picture(whole), codes(whole)
    count = tmp_path / "count"
    done = watched(whole, program, QUERN_CRASH_COUNT=str(count))
    assert done.returncode == 0, done.stderr.decode()
    after, total = picture(whole), int(count.read_text())
    assert after != before
    assert total >= 2
    outcomes = set()
    places = (1, total // 2, total, 2, total // 3, 2 * total // 3, total - 1)
    for step in sorted({*places[:STEPS]} - {0}):
        vault = fresh(standing, tmp_path / str(step), program)
        assert watched(vault, program, QUERN_CRASH_AT=str(step)).returncode != 0
        for path in (vault / "wiki").rglob("*.md"):
            path.read_text(encoding="utf-8")
        assert codes(vault) - known <= {"unfinished-run", "lead-outdated"}, step
        finish(vault)
        left = picture(vault)
        outcomes.add("as before" if left == before else "done")
        if left != after:
            # Nothing had been decided, or only what follows the decision was left to do.
            done = run(vault, program)
            left = picture(vault)
            if left != after:
                assert mill.here(["index"], vault, date=DATE).returncode == 0
                left = picture(vault)
        assert mill.differences(left, after) == [], f"{program} killed at step {step} of {total}: {done.stderr!r}"
        assert not (vault / ".quern" / "pending.jsonl").exists()
    assert outcomes


@pytest.mark.parametrize("program", [name for name in RUNS if name != "logappend"])
def test_a_folder_that_cannot_be_written_stops_it_before_anything_is(program, standing, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("nothing is read-only to root")
    vault = fresh(standing, tmp_path, program)
    folders = [vault / "wiki", *(path for path in (vault / "wiki").rglob("*") if path.is_dir())]
    before = mill.picture(vault)
    for folder in folders:
        folder.chmod(0o555)
    try:
        done = run(vault, program)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert done.returncode == 2
    assert mill.differences(before, mill.picture(vault)) == []


@pytest.mark.parametrize("program", [name for name in RUNS if name != "logappend"])
def test_a_full_disk_stops_it_before_anything_is_written(program, standing, tmp_path):
    vault = fresh(standing, tmp_path, program)
    before, known = mill.picture(vault), codes(vault)
    done = watched(vault, program, QUERN_FULL_DISK="1")
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert mill.differences(before, mill.picture(vault)) == []
    assert codes(vault) == known


def test_undo_killed_at_any_step_ends_as_the_whole_run(tmp_path):
    repo = repository.lay_out(tmp_path / "start" / "vault")
    for number in (1, 2):
        text = PLANT.format(("Sihwa Lake", "Swansea Bay")[number - 1], 66 + number, "Severn Weir")
        (repo / f"raw/{number}.md").write_text(text)
        assert repository.ingest(repo, f"raw/{number}.md", DATE).returncode == 0
    path = os.pathsep.join(filter(None, (str(CRASH), os.environ.get("PYTHONPATH"))))

    def undo(vault: Path, **settings: str) -> subprocess.CompletedProcess[bytes]:
        known = {"PYTHONPATH": path, "QUERN_CRASH_IN": "undo", **repository.SETTINGS, **settings}
        return mill.run("undo", vault=vault, date=DATE, **known)

    before = mill.picture(repo)
    whole = fresh(repo, tmp_path / "whole")
    assert undo(whole, QUERN_CRASH_COUNT=str(tmp_path / "count")).returncode == 0
    after, total = mill.picture(whole), int((tmp_path / "count").read_text())
    assert after != before
    for step in sorted({1, total // 3, 2 * total // 3, total - 1, total} - {0}):
        vault = fresh(repo, tmp_path / str(step))
        assert undo(vault, QUERN_CRASH_AT=str(step)).returncode != 0
        assert mill.here([FINISH], vault, date=LATER, **repository.SETTINGS).returncode == 0
        if mill.picture(vault) == before:
            assert undo(vault).returncode == 0
        assert mill.differences(mill.picture(vault), after) == [], f"undo killed at step {step} of {total}"
        assert repository.git(vault, "status", "--porcelain") == ""


def test_a_source_whose_pages_do_not_arrive_is_not_taken_for_read(tmp_path):
    """Link is killed when it has handed on one source and the beginning of the next: the pipe ends, and looks whole."""
    here = Mill(mill.empty_vault(tmp_path / "vault"))
    for number, (plant, other) in enumerate((("Rance Weir", "Annapolis Weir"), ("Annapolis Weir", "Rance Weir")), 1):
        here.write(f"raw/new-{number}.md", PLANT.format(plant, 80 + number, other))
    said = [mill.run("extract", f"raw/new-{number}.md", vault=here.folder).stdout for number in (1, 2)]
    lines = b"".join(said).splitlines(keepends=True)
    assert json.loads(lines[-1])["kind"] == "end"
    rest = "set -o pipefail; tee seen | " + mill.stages(("summarize", *mill.WRITING))
    settings = mill.environment(DATE)
    link = subprocess.Popen(
        [mill.BIN / "link"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=here.folder, env=settings
    )
    after = subprocess.Popen(
        ["bash", "-c", rest], stdin=link.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        cwd=here.folder, env=settings,
    )  # fmt: skip
    assert link.stdin is not None
    assert link.stdout is not None
    link.stdout.close()
    (here.folder / "seen").touch()
    link.stdin.write(b"".join(lines[:-1]))
    link.stdin.flush()
    until = time.monotonic() + 60
    while b"raw/new-2.md" not in (here.folder / "seen").read_bytes():
        assert time.monotonic() < until
        time.sleep(0.05)
    link.kill()
    said = after.communicate(timeout=60)[1].decode()
    link.stdin.close()
    link.wait()
    assert after.returncode == 2
    *before, last = said.splitlines()
    assert last == "merge: raw/new-2.md: its records break off: nothing of it is written; read it again"
    assert mill.READER or not before
    assert not (here.folder / "wiki/sources/on-annapolis-weir.md").exists()
    assert "new-2" not in here.read("log.md")
    done = mill.pipe(("link", "summarize", *mill.WRITING), here.folder, stdin=b"".join(lines), date=DATE)
    assert done.returncode == 0, done.stderr
    assert (here.folder / "wiki/sources/on-annapolis-weir.md").exists()
