"""Git, asked through its own command and in no other way.

What an outer git process says of its repository (GIT_DIR and the like, set for hooks and merge drivers) is kept out:
the repository is always that of the folder which is named.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import new as new_hash
from pathlib import Path

from quern.program import Failure

# What `git rev-parse --local-env-vars` lists, but for GIT_CONFIG_COUNT, which only people set.
_LOCAL = frozenset(
    (
        *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_DIR"),
        *("GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX"),
        *("GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE"),
        *("GIT_SHALLOW_FILE", "GIT_WORK_TREE"),
    )
)
_PATHSPECS = ("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS")
UNKNOWN_USER = "git does not know who you are: git config user.name NAME; git config user.email ADDRESS"
DRIVER = "merge.quern.driver"
_CALL = "--driver %O %A %B %P"


def run(
    folder: Path, *arguments: str, stdin: bytes = b"", settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, whatever its exit status; `settings` are added to the environment.

    Raises Failure if there is no git.
    """
    command = ["git", "-C", str(folder), *arguments]
    environment = {key: value for key, value in os.environ.items() if key not in _LOCAL and key not in _PATHSPECS}
    try:
        return subprocess.run(
            command, input=stdin, capture_output=True, check=False, env=environment | dict(settings or {})
        )
    except FileNotFoundError:
        raise Failure("there is no git here: install it (https://git-scm.com)") from None


def ask(folder: Path, *arguments: str, stdin: bytes = b"", settings: Mapping[str, str] | None = None) -> str:
    """What git prints. Raises Failure, with git's own first line, if it fails."""
    done = run(folder, *arguments, stdin=stdin, settings={"LC_ALL": "C"} | dict(settings or {}))
    if done.returncode:
        raise Failure(f"git {arguments[0]}: {said(done)}")
    return done.stdout.decode(errors="surrogateescape")


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    """The first line in which git, or a hook of its, says what is wrong."""
    lines = (done.stderr + b"\n" + done.stdout).decode(errors="replace").splitlines()
    telling = (line.strip() for line in lines if line.strip() and not line.startswith("hint:"))
    return next(telling, f"exit status {done.returncode}")


def prefix(folder: Path) -> str:
    """The folder as seen from the top of its work tree: `notes/` or, at the top itself, nothing.

    Raises Failure if there is no git, or the folder is in no work tree.
    """
    done = run(folder, "rev-parse", "--is-inside-work-tree", "--show-prefix", settings={"LC_ALL": "C"})
    inside, _, shown = done.stdout.decode(errors="surrogateescape").partition("\n")
    if done.returncode and b"not a git repository" not in done.stderr:
        raise Failure(f"git cannot use this repository: {said(done)}", str(folder))
    if done.returncode or inside != "true":
        raise Failure("this is no git repository: 'git init' makes one", str(folder))
    return shown.removesuffix("\n")


def is_work_tree(folder: Path) -> bool:
    """Whether there is a git and the folder is in a work tree of it."""
    try:
        prefix(folder)
    except Failure:
        return False
    return True


def has(folder: Path, revision: str) -> bool:
    """Whether there is such a commit."""
    return run(folder, "rev-parse", "-q", "--verify", f"{revision}^{{commit}}").returncode == 0


def knows_user(folder: Path) -> bool:
    """Whether git knows in whose name to commit."""
    return run(folder, "var", "GIT_COMMITTER_IDENT").returncode == 0


def literal(paths: Iterable[str]) -> list[str]:
    """Paths (from the folder that git runs in) as patterns that mean them and nothing else."""
    return [f":(literal){path}" for path in paths]


def changed(folder: Path, paths: Sequence[str]) -> dict[str, str]:
    """Which of these files differ from the last commit, each with the two letters of `git status`; none ignored."""
    arguments = ("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
    shown = ask(folder, *arguments, "--", *literal(paths), settings={"GIT_OPTIONAL_LOCKS": "0"})
    top = prefix(folder)
    return {line[3:].removeprefix(top): line[:2] for line in shown.split("\0") if line}


def ignored(folder: Path, paths: Sequence[str]) -> list[str]:
    """Which of these paths git is told to ignore, and does not track."""
    wanted = "\0".join(paths).encode(errors="surrogateescape")
    done = run(folder, "check-ignore", "-z", "--stdin", stdin=wanted)
    return sorted(filter(None, done.stdout.decode(errors="surrogateescape").split("\0")))


def tree(folder: Path, revision: str, paths: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The files below these paths in a commit: path -> (mode, id of the blob)."""
    shown = ask(folder, "ls-tree", "-r", "-z", revision, "--", *paths)
    found = {}
    for line in filter(None, shown.split("\0")):
        head, _, path = line.partition("\t")
        mode, _, id_ = head.split(" ")
        found[path] = mode, id_
    return found


def blobs(folder: Path, ids: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """The bytes of files (path -> id of the blob) as git has them, with no filter applied."""
    shown = run(folder, "cat-file", "--batch", stdin="".join(f"{id_}\n" for id_ in ids.values()).encode())
    at = 0
    for path, id_ in ids.items():
        head, _, _ = shown.stdout[at : at + 200].partition(b"\n")
        if shown.returncode or not head.startswith(f"{id_} blob ".encode()):
            raise Failure(f"git has lost {id_[:12]}", path)
        start = at + len(head) + 1
        at = start + int(head.rpartition(b" ")[2]) + 1
        yield path, shown.stdout[start : at - 1]


def text(folder: Path, revision: str, path: str) -> str | None:
    """A file of a commit as it would stand in the work tree; None if it is not in it. `:2` is a side of a conflict."""
    done = run(folder, "cat-file", "--filters", f"{revision}:./{path}")
    return None if done.returncode else done.stdout.decode(errors="surrogateescape")


def blob_id(data: bytes, like: str) -> str:
    """The id of a blob of these bytes, by the hash of which `like` is an id."""
    name = "sha1" if len(like) == 40 else "sha256"
    return new_hash(name, f"blob {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()


def merge_file(
    ours: str, base: str, theirs: str, labels: tuple[str, str, str] = ("ours", "base", "theirs")
) -> tuple[str, bool]:
    """Three texts merged line by line, and whether without conflict; where they conflict both sides stand in marks."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("ours", ours), ("base", base), ("theirs", theirs)):
            Path(folder, name).write_bytes(content.encode(errors="surrogateescape"))
        names = [option for label in labels for option in ("-L", label)]
        done = run(Path(folder), "merge-file", "-p", "-q", *names, "ours", "base", "theirs")
    if done.returncode > 127:
        raise Failure(f"git merge-file: {said(done)}")
    return done.stdout.decode(errors="surrogateescape"), done.returncode == 0


def register_driver(folder: Path, home: Path) -> bool:
    """Tell the repository of a vault how its pages are merged; whether that was news to it.

    `home` is the clone with the programs. Where there is no work tree nothing is done.
    """
    if not is_work_tree(folder):
        return False
    top = Path(ask(folder, "rev-parse", "--show-toplevel").removesuffix("\n"))
    is_own = top.resolve() == home.resolve()
    program = "bin/resolve" if is_own else shlex.quote(str(home.resolve() / "bin" / "resolve"))
    # Git takes %O, %A, %B, %P and %L for its own; in a path a per cent sign is written twice.
    wanted = f"{program if is_own else program.replace('%', '%%')} {_CALL}"
    if run(folder, "config", "--get", DRIVER).stdout.decode(errors="surrogateescape") == f"{wanted}\n":
        return False
    ask(folder, "config", "merge.quern.name", "union of the claims of a page")
    ask(folder, "config", DRIVER, wanted)
    return True


def author(agent: str, own_name: str) -> str | None:
    """The author of a commit that an agent made, as git wants it; None if that is the user whom git knows.

    A name without a mail address gets one that is nobody's: `miller <miller@quern>`.
    """
    import unicodedata

    if agent == own_name:
        return None
    if re.fullmatch(r"[^<>\n]*[^<>\s][^<>\n]* <[^<>\s]+>", agent):
        return agent
    name = " ".join(re.sub(r"[<>\x00-\x1f\x7f]", " ", agent).split())
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    address = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "agent"
    return f"{name if any(map(str.isalnum, name)) else 'agent'} <{address}@quern>"
