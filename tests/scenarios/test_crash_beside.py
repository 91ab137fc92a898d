"""The programs that write without a transaction of ours (init, resolve, commit) killed at every step, or with no room:
what is there can be read, and running again ends as a run that was not disturbed.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import mill
import pytest
import repository
from processes import ROOT, environment
from repository import IDENTITY, git, hook, ingest, lay_out, write

# What they write of a page does not depend on who read.
pytestmark = pytest.mark.own_reader

CRASH = os.pathsep.join(filter(None, (str(mill.ROOT / "tests" / "crash"), os.environ.get("PYTHONPATH"))))
BASE = "# Tides\n\nThe Rance barrage is a tidal power station in Brittany.\nThe Rance barrage opened in 1966.\n"
OURS = "# One\n\nThe Rance barrage has 24 turbines.\nThe Rance barrage carries a road of four lanes.\n"
THEIRS = "# Two\n\nThe Rance barrage supplied 500 GWh in 2004.\nSlack water is the time between two tides.\n"


def watched(program: str, *arguments: object, vault: Path | None = None, **settings: str):
    """A program as a process whose steps are counted, and which dies at one of them if that is asked for."""
    known = {"PYTHONPATH": CRASH, "QUERN_CRASH_IN": program, "QUERN_CRASH_GIT": "1", **repository.SETTINGS}
    known |= {"QUERN_VAULT": str(vault)} if vault else {}
    command = [ROOT / "bin" / program, *arguments]
    return subprocess.run(command, capture_output=True, cwd=vault, env=environment(**known, **settings), check=False)


def steps(program: str, *arguments: object, count: Path, **settings):
    """How many steps a whole run has."""
    done = watched(program, *arguments, QUERN_CRASH_COUNT=str(count), **settings)
    assert done.returncode == 0, done.stderr.decode()
    return int(count.read_text())


def codes(vault: Path) -> set[str]:
    return {json.loads(line)["code"] for line in mill.run("lint", vault=vault).stdout.splitlines()}


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Each file of a folder and what may be done to it, but for what git and we keep for ourselves."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith((".git/", ".quern", ".cache")):
            found[name] = (stat.S_IMODE(path.stat().st_mode), path.read_bytes() if path.is_file() else b"")
    return found


# init


def lay_new(folder: Path, **settings: str):
    return watched("init", folder, QUERN_CRASH_UNDER=str(folder), **settings)


def empty_repository(folder: Path) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    return folder


def test_init_killed_at_any_step_and_run_again_makes_the_same_vault(tmp_path):
    whole = empty_repository(tmp_path / "whole")
    total = steps("init", whole, count=tmp_path / "count", QUERN_CRASH_UNDER=str(whole))
    after, driver = everything(whole), git(whole, "config", "merge.quern.driver")
    assert total > len(after)
    for step in range(1, total + 1):
        folder = empty_repository(tmp_path / str(step))
        assert lay_new(folder, QUERN_CRASH_AT=str(step)).returncode == 137
        # What stands there is whole.
        assert {name: made for name, made in everything(folder).items() if after[name] != made} == {}, step
        lay_new(folder)
        assert everything(folder) == after, step
        assert git(folder, "config", "merge.quern.driver") == driver
        assert codes(folder) == set()


def test_init_on_a_full_disk_leaves_nothing_half_made(tmp_path):
    folder = tmp_path / "new"
    done = lay_new(folder, QUERN_FULL_DISK="1")
    assert done.returncode == 2
    (said,) = done.stderr.decode().splitlines()
    assert "No space left" in said
    assert set(everything(folder)) <= {"raw", "wiki"}
    assert lay_new(folder).returncode == 0
    assert codes(folder) == set()


# resolve


@pytest.fixture(scope="module")
def conflicting(tmp_path_factory):
    """A clone without our driver, in the midst of a merge with another one."""
    tmp = tmp_path_factory.mktemp("conflicting")
    origin = lay_out(tmp / "origin")
    write(origin, {"raw/tides.md": BASE})
    assert ingest(origin, "raw/tides.md").returncode == 0
    for name, text, date in (("ours", OURS, "2026-04-03"), ("theirs", THEIRS, "2026-04-04")):
        git(tmp, "clone", "-q", str(origin), name)
        for key, value in IDENTITY:
            git(tmp / name, "config", key, value)
        write(tmp / name, {f"raw/{name}.md": text})
        assert ingest(tmp / name, f"raw/{name}.md", date).returncode == 0
    ours = tmp / "ours"
    git(ours, "fetch", "-q", str(tmp / "theirs"), "main:theirs")
    (ours / ".gitattributes").write_text("")
    git(ours, "merge", "theirs", check=False)
    git(ours, "checkout", "-q", "--", ".gitattributes")
    assert "UU" in git(ours, "status", "--porcelain")
    return ours


def state(vault: Path) -> tuple[str, dict[str, bytes]]:
    """What git says of a vault, and its files."""
    return git(vault, "status", "--porcelain"), mill.picture(vault)


def resolved(vault: Path) -> None:
    """What is no page is for a person to settle."""
    for path in git(vault, "diff", "-z", "--name-only", "--diff-filter=U").split("\0"):
        if path and not path.startswith("wiki/"):
            git(vault, "checkout", "-q", "--ours", "--", path)
            git(vault, "add", "--", path)


def test_resolve_killed_at_any_step_and_run_again_ends_as_the_whole_run(conflicting, tmp_path):
    resolved(conflicting)
    whole = Path(shutil.copytree(conflicting, tmp_path / "whole"))
    total = steps("resolve", vault=whole, count=tmp_path / "count")
    after = state(whole)
    assert "U" not in "".join(line[:2] for line in after[0].splitlines())
    for step in range(1, total + 1):
        vault = Path(shutil.copytree(conflicting, tmp_path / str(step)))
        assert watched("resolve", vault=vault, QUERN_CRASH_AT=str(step)).returncode == 137
        for path in (vault / "wiki").rglob("*.md"):
            path.read_text(encoding="utf-8")
        assert watched("resolve", vault=vault).returncode == 0, step
        assert state(vault) == after, f"resolve killed at step {step} of {total}"


def test_resolve_on_a_full_disk_leaves_the_merge_as_it_was(conflicting, tmp_path):
    resolved(conflicting)
    vault = Path(shutil.copytree(conflicting, tmp_path / "vault"))
    before = state(vault)
    done = watched("resolve", vault=vault, QUERN_FULL_DISK="1")
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert state(vault) == before
    assert watched("resolve", vault=vault).returncode == 0


# commit


@pytest.fixture(scope="module")
def owing(tmp_path_factory):
    """A vault of which the last run is not committed, since a hook said no; a person had edited a page before it."""
    vault = lay_out(tmp_path_factory.mktemp("owing") / "vault")
    write(vault, {"raw/tides.md": BASE, "raw/ours.md": OURS})
    assert ingest(vault, "raw/tides.md").returncode == 0
    page = next((vault / "wiki/entities").glob("*.md"))
    page.write_text(page.read_text() + "\nI was there in May.\n")
    hook(vault, "pre-commit", "exit 1")
    assert ingest(vault, "raw/ours.md").returncode == 2
    (vault / ".git/hooks/pre-commit").unlink()
    assert codes(vault) == {"uncommitted-run"}
    return vault


def history(vault: Path) -> str:
    """What is committed, by whom, in which words; and what is not."""
    shown = git(vault, "log", "-p", "--format=%an %ae %s%n%b", "--no-color")
    return shown + git(vault, "status", "--porcelain")


def test_commit_killed_at_any_step_and_run_again_makes_the_same_commits(owing, tmp_path):
    before = mill.picture(owing)
    whole = Path(shutil.copytree(owing, tmp_path / "whole"))
    total = steps("commit", vault=whole, count=tmp_path / "count")
    after = history(whole)
    assert after.count("edits before ingest") == 1
    for step in range(1, total + 1):
        vault = Path(shutil.copytree(owing, tmp_path / str(step)))
        assert watched("commit", vault=vault, QUERN_CRASH_AT=str(step)).returncode == 137
        assert mill.picture(vault) == before
        assert codes(vault) <= {"uncommitted-run"}
        assert watched("commit", vault=vault).returncode in (0, 1), step
        assert history(vault) == after, f"commit killed at step {step} of {total}"
        assert codes(vault) == set()
        assert mill.picture(vault) == before


def test_commit_on_a_full_disk_says_so_and_is_owed_still(owing, tmp_path):
    vault = Path(shutil.copytree(owing, tmp_path / "vault"))
    before = history(vault)
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    real = shutil.which("git")
    full = "echo 'fatal: unable to write new index file: No space left on device' >&2; exit 128"
    shim.write_text(f'#!/bin/sh\ncase "$*" in *" commit "*) {full};; esac\nexec {real} "$@"\n')
    shim.chmod(0o755)
    done = watched("commit", vault=vault, PATH=f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    assert done.returncode == 2
    (said,) = done.stderr.decode().splitlines()
    assert said.startswith("commit: not committed: git commit: fatal: unable to write new index file: No space left")
    assert history(vault) == before
    assert codes(vault) == {"uncommitted-run"}
    assert watched("commit", vault=vault).returncode == 0
    assert codes(vault) == set()
