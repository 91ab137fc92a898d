"""A vault in a git repository of its own, in which no setting of this machine counts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import mill

SETTINGS = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_DATE": "2026-04-02T12:00:00+0000",
    "GIT_COMMITTER_DATE": "2026-04-02T12:00:00+0000",
}
IDENTITY = (("user.name", "Grace"), ("user.email", "grace@example.org"))
ATTRIBUTES = (mill.ROOT / ".gitattributes").read_text()
IGNORED = "/.cache/\n/.quern/\n"


def git(folder: Path, *arguments: str, check: bool = True) -> str:
    """What git prints."""
    done = subprocess.run(
        ["git", "-C", folder, *arguments], capture_output=True, env=mill.environment(**SETTINGS), check=False
    )
    assert not check or done.returncode == 0, (done.stdout + done.stderr).decode()
    return done.stdout.decode()


def lay_out(folder: Path, *, commit: bool = True, identity: bool = True) -> Path:
    """An empty vault under version control; with `commit` its schema asks for a commit each run."""
    mill.empty_vault(folder)
    schema = (folder / "schema.yaml").read_text()
    if commit:
        (folder / "schema.yaml").write_text(schema.replace("commit: false", "commit: true"))
    (folder / ".gitattributes").write_text(ATTRIBUTES)
    (folder / ".gitignore").write_text(IGNORED)
    git(folder, "init", "-q", "-b", "main")
    for key, value in IDENTITY if identity else ():
        git(folder, "config", key, value)
    if identity:
        commit_all(folder, "vault")
    return folder


def commit_all(folder: Path, message: str) -> None:
    """Commit everything, as a person does."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--no-verify", "--allow-empty", "-m", message)


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files (path -> text) into a vault."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def hook(folder: Path, name: str, script: str) -> None:
    """A hook of the repository."""
    path = folder / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def ingest(folder: Path, source: str, date: str = "2026-04-02", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Send one source through the whole mill, whatever comes of it."""
    stages = [("segment", source), *mill.THINKING, *mill.WRITING]
    return mill.pipe(stages, folder, date=date, **SETTINGS | settings)


def shell(command: str, folder: Path, date: str = "2026-04-02", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run a shell command in a vault; it fails when any part of a pipe fails."""
    return subprocess.run(
        ["bash", "-c", "set -euo pipefail; " + command],
        capture_output=True,
        cwd=folder,
        env=mill.environment(date, **SETTINGS) | settings,
        timeout=300,
        check=False,
    )
