"""One commit for each run that changed the wiki, where the schema asks for it (`git: {commit: true}`).

A commit is owed from the moment in which the log entry stands: `.quern/commit.jsonl` says what belongs to it,
and goes when it is made. So a run that was killed, or a hook that said no, loses nothing:
whoever writes next makes the commit first.

It holds what the run wrote and nothing else; what the user has staged stays staged.
What people had changed in the same pages and not yet committed becomes a commit of their own before it,
so that git tells who wrote what, and `undo` can go back to it.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quern import git, journal, jsonl, schema
from quern.program import Failure
from quern.records import Entry
from quern.vault import Vault, sync_folder, write_atomically

if TYPE_CHECKING:
    from quern.updates.transaction import Pending

TRANSACTION = "Transaction"
UNDOES = "Undoes"
_UNFINISHED = {"MERGE_HEAD": "merge", "CHERRY_PICK_HEAD": "cherry-pick"}


@dataclass(frozen=True, slots=True)
class Owed:
    """A commit to be made. `before`: the text of each page when the run read it; `raw`: the source, with its hash."""

    id: str
    subject: str
    trailers: list[str]
    agent: str
    paths: list[str]
    before: dict[str, str | None]
    raw: dict[str, str] = field(default_factory=dict)


def wanted(vault: Vault) -> bool:
    """Whether the schema asks for commits."""
    return schema.load(vault).git.commit


def check(vault: Vault) -> None:
    """Raises Failure if the schema asks for commits and git could not make one now."""
    if wanted(vault):
        _check(vault)


def owe(vault: Vault, pending: Pending, entry: str, paths: Sequence[str] = ()) -> None:
    """Note the commit of a run whose log entry has been appended; `paths` are files besides those it wrote.

    The caller holds the lock.
    """
    if not entry or not wanted(vault):
        return
    found = next(iter(journal.parse(entry)))
    sources = [record for record in pending.records if record["kind"] == "source"]
    before = {write.path: write.before for write in pending.writes}
    owed = Owed(
        id=pending.id,
        subject=entry.split("\n", 1)[0].removeprefix("## "),
        trailers=[
            *trailers([(source["path"], source["sha256"]) for source in sources], found, pending.agent),
            *(f"{UNDOES}: {record['transaction']}" for record in pending.records if record["kind"] == "undone"),
            f"{TRANSACTION}: {pending.id}",
        ],
        agent=pending.agent,
        paths=sorted({*before, *paths, vault.log.name}),
        before=before,
        raw={source["path"]: source["sha256"] for source in sources},
    )
    write_atomically(_file(vault), jsonl.encode(_as_dict(owed)))


def trailers(sources: Iterable[tuple[str, str]], entry: Entry, agent: str) -> list[str]:
    """The lines at the end of a commit: which sources (path, sha256) were read, by which engine, and for whom."""
    return [
        *(f"Source: {journal.one_line(path)} ({sha[:12]})" for path, sha in sources),
        *(f"Engine: {engine}" for engine in journal.told(entry, "engine")),
        f"Agent: {journal.one_line(agent)}",
    ]


def is_owed(vault: Vault) -> bool:
    """Whether a commit is still to be made."""
    return _file(vault).exists()


def pay(vault: Vault) -> None:
    """Make the commit that is owed, if there is one. The caller holds the lock.

    Raises Failure, naming the command to run, if it cannot be made; wiki and log stay as they are.
    """
    if not is_owed(vault):
        return
    if wanted(vault):
        [row] = jsonl.read(str(_file(vault)))
        owed = Owed(**{key: value for key, value in row.data.items() if key != "kind"})
        try:
            _check(vault)
            if owed.id not in _made(vault):
                changed = _changed(vault, owed)
                _commit_edits(vault, owed, {path: text for path, text in owed.before.items() if path in changed})
                # A page that a person had deleted is one that git does not know by now.
                _commit(vault, owed, _changed(vault, owed))
        except Failure as failure:
            raise Failure(f"not committed: {failure}; mend that, then: {_command(vault)}") from None
    _file(vault).unlink()
    sync_folder(vault.state)


def _check(vault: Vault) -> None:
    try:
        obstacle = _obstacle(vault)
    except Failure as failure:
        obstacle = str(failure)
    if obstacle:
        raise Failure(f"{vault.schema.name} asks for commits (git: commit), but {obstacle}")


def _obstacle(vault: Vault) -> str | None:
    """What keeps git from committing here, if anything does that can be known before."""
    git.prefix(vault.root)
    for name, what in _UNFINISHED.items():
        if git.has(vault.root, name):
            return f"a {what} is unfinished: finish it with git first"
    ignored = git.ignored(vault.root, ["wiki/index.md", vault.log.name])
    if ignored:
        return f"git is told to ignore {' and '.join(ignored)}: see .gitignore"
    if not git.knows_user(vault.root):
        return git.UNKNOWN_USER
    return None


def _made(vault: Vault) -> list[str]:
    """The transactions of the latest commits."""
    if not git.has(vault.root, "HEAD"):
        return []
    form = f"--format=%(trailers:key={TRANSACTION},valueonly)"
    return git.ask(vault.root, "log", "-n", "50", form).split()


def _changed(vault: Vault, owed: Owed) -> dict[str, str]:
    """What of the run's files is not committed yet, each with its state; a source only as it was read."""
    indexes = [path.relative_to(vault.root).as_posix() for path in vault.wiki.glob("index*.md")]
    raw = [path for path, sha in owed.raw.items() if _sha256(vault.root / path) == sha]
    return git.changed(vault.root, sorted({*owed.paths, *indexes, *raw}))


def _commit(vault: Vault, owed: Owed, changed: Mapping[str, str]) -> None:
    """The commit itself, by plain `git commit`: the user's hooks run, and it is signed if theirs are."""
    if not changed:
        return
    fresh = [path for path, state in changed.items() if state == "??"]
    if fresh:
        git.ask(vault.root, "add", "--intent-to-add", "--", *git.literal(fresh))
    own_name = git.run(vault.root, "config", "user.name").stdout.decode(errors="replace").strip()
    author = git.author(owed.agent, own_name)
    try:
        _run_commit(
            vault,
            *("--only", "--pathspec-from-file=-", "--pathspec-file-nul"),
            *("-m", owed.subject, "-m", "\n".join(owed.trailers)),
            *([f"--author={author}"] if author else []),
            stdin="\0".join(git.literal(changed)).encode(errors="surrogateescape"),
        )
    except Failure:
        if fresh:
            git.run(vault.root, "rm", "--cached", "--force", "--quiet", "--", *git.literal(fresh))
        raise


def _commit_edits(vault: Vault, owed: Owed, before: Mapping[str, str | None]) -> None:
    """What people had changed in these pages before the run, as a commit by the user.

    The pages have been overwritten by now, so it is made from an index of its own, as `git commit --only` does it.
    """
    entries = list(_edited(vault, before))
    if not entries:
        return
    lines = "".join(f"{entry}\0" for entry in entries).encode(errors="surrogateescape")
    index = vault.state / "edits"
    settings = {"GIT_INDEX_FILE": str(index.resolve())}
    # Git's lock on it is left if git was killed; we hold the lock of the vault.
    (vault.state / "edits.lock").unlink(missing_ok=True)
    try:
        git.ask(vault.root, "read-tree", *(["HEAD"] if git.has(vault.root, "HEAD") else ["--empty"]), settings=settings)
        git.ask(vault.root, "update-index", "-z", "--index-info", stdin=lines, settings=settings)
        date, _, what = owed.subject.partition("] ")
        message = ("-m", f"{date}] edits before {what}", "-m", f"Before: {owed.id}")
        _run_commit(vault, *message, settings=settings)
    finally:
        index.unlink(missing_ok=True)
    git.ask(vault.root, "update-index", "-z", "--index-info", stdin=lines)


def _edited(vault: Vault, before: Mapping[str, str | None]) -> Iterator[str]:
    """The pages that were not as in the last commit when the run read them, as lines for `update-index`."""
    top = git.prefix(vault.root)
    head = git.tree(vault.root, "HEAD", sorted(before)) if git.has(vault.root, "HEAD") else {}
    for path, words in sorted(before.items()):
        mode, standing = head.get(path, ("100644", ""))
        if words is None:
            if standing:
                yield f"0 {'0' * len(standing)}\t{top}{path}"
            continue
        data = words.encode(errors="surrogateescape")
        if standing and git.blob_id(data, standing) == standing:
            continue
        id_ = git.ask(vault.root, "hash-object", "-w", "--stdin", f"--path={path}", stdin=data).strip()
        if id_ != standing:
            yield f"{mode} {id_}\t{top}{path}"


def _run_commit(vault: Vault, *arguments: str, stdin: bytes = b"", settings: Mapping[str, str] | None = None) -> None:
    command = ("commit", "--quiet", "--cleanup=whitespace", *arguments)
    done = git.run(vault.root, *command, stdin=stdin, settings=settings)
    if done.returncode:
        raise Failure(f"git commit: {git.said(done)}")


def _command(vault: Vault) -> str:
    """What a person types to make the commit, from the folder they are in."""
    program = os.path.join(os.path.dirname(sys.argv[0]), "commit")
    home = Path(__file__).resolve().parents[3] / "bin" / "commit"
    named = program if os.path.exists(program) else str(home)
    return shlex.join([named, "--vault", str(vault.root)])


def _sha256(path: Path) -> str | None:
    try:
        with open(path, "rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _file(vault: Vault) -> Path:
    return vault.state / "commit.jsonl"


def _as_dict(owed: Owed) -> dict[str, Any]:
    return {"kind": "commit"} | {name: getattr(owed, name) for name in Owed.__slots__}
