"""Real processes, in surroundings of their own: what the fixtures in conftest are made of."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# PYTHONUNBUFFERED hides a missing flush, PYTHONDONTWRITEBYTECODE has each process compile the library again, and to be
# measured for coverage (`MEASURED`) costs a process as much again; the others would let the machine's settings into
# the output.
STRANGERS = (
    "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE",
    "COVERAGE_",
    "QUERN_",
    "MAKE",
    "MFLAGS",
    "GNUMAKEFLAGS",
    "VAULT=",
    "SRC=",
    "FOCUS=",
    "REVIEW=",
    "ALL=",
    "YES=",
    "DATE=",
    "KEEP=",
    "LLAMA=",
    "MCP=",
    "MODEL=",
    "SAVE=",
)
# What has a process measured, when the tests are: those of the fixture `run`, and a few more so that none is left out.
MEASURED = {key: value for key, value in os.environ.items() if key.startswith("COVERAGE_")}


@dataclass(frozen=True)
class Ran:
    """A process that has ended."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    def assert_failed(self, said: str = "") -> None:
        """What a failure looks like: status 2 and one line, which begins so."""
        assert self.status == 2, self.err
        assert self.err.startswith(said), self.err
        assert self.err.count("\n") == 1, self.err


Run = Callable[..., Ran]


def environment(**more: str) -> dict[str, str]:
    """The environment of a process under test."""
    kept = {key: value for key, value in os.environ.items() if not f"{key}=".startswith(STRANGERS)}
    return kept | {"LC_ALL": "C.UTF-8", "QUERN_AGENT": "tester", "QUERN_DATE": "2026-04-02"} | more


def start(command: list[Any], stdin: bytes = b"", cwd: Path | None = None, **settings: str) -> Ran:
    """Run a command to its end."""
    done = subprocess.run(
        command, input=stdin, capture_output=True, cwd=cwd, env=environment(**settings), timeout=300, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode())


def copy_clone(folder: Path) -> Path:
    """A copy of everything that git tracks (or would), with the environment of this one and an empty wiki."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        path = ROOT / name
        if path.is_file() and not name.startswith(("raw/", "wiki/", "log.md", "tests/", "bench/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, folder / name)
    # As of a vault that tests make: that no model is named is said by one test that asks for it.
    with open(folder / "schema.yaml", "a", encoding="utf-8") as schema:
        schema.write("\nengine: rules\n")
    for name in ("setup.cfg", "pyproject.toml"):
        # Older than the stamp: a test must not install this copy into the environment that all share.
        os.utime(folder / name, (0, 0))
    (folder / "raw").mkdir()
    (folder / "wiki").mkdir()
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder
