"""One change of the wiki, made whole or not at all.

A writing run computes every file that it will write, puts them all into `.quern/pending.jsonl`, and renames
that file into place: this is the decision.
Then the files are put in place one by one, the log entry is appended, and the pending file goes.
Whoever finds one finishes it first, so a run that was killed at any point ends with the bytes of one that was not,
and nothing that has not been written yet is taken for deleted by a person.

Between the decision and the log entry the pages are already in place: `merge` decides and applies,
`logappend` writes the entry and closes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

from quern import jsonl
from quern.program import Failure
from quern.vault import Vault, sync_folder, write_atomically

if TYPE_CHECKING:
    from quern.wiki import Catalogue


@dataclass(frozen=True, slots=True)
class Write:
    """One file of a transaction: its text when the run read it, and from now on; None: absent."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A decided transaction: the files to put in place and the records that its log entry is made of."""

    id: str
    verb: str
    date: str
    agent: str
    log_size: int
    writes: list[Write]
    records: list[dict[str, Any]] = field(default_factory=list)


def identity(writes: Iterable[Write], log_size: int) -> str:
    """The id of a transaction: 12 hex digits over what it writes and where in the log it stands."""
    digest = hashlib.sha256(str(log_size).encode())
    for write in writes:
        digest.update(orjson.dumps([write.path, write.before, write.after]))
    return digest.hexdigest()[:12]


def digest(text: str | None) -> str | None:
    """The sha256 of a file with this text, as a change record has it; None for no file."""
    return None if text is None else hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def log_size(vault: Vault) -> int:
    """The size of log.md in bytes; 0 if there is none."""
    return vault.log.stat().st_size if vault.log.exists() else 0


def draft(
    vault: Vault, verb: str, date: str, agent: str, writes: Mapping[str, tuple[str | None, str | None]]
) -> Pending:
    """A transaction that is not decided yet and tells of nothing: `writes` are path -> (text now, text from now on)."""
    size, in_order = log_size(vault), ordered(writes)
    return Pending(identity(in_order, size), verb, date, agent, size, in_order)


def carry_out(vault: Vault, drafted: Pending, records: list[dict[str, Any]]) -> None:
    """Decide a transaction, of which these records tell, and put its files in place; its log entry is still to come.

    The caller holds the lock. Raises Failure as `decide` does.
    """
    pending = replace(drafted, records=records)
    decide(vault, pending)
    apply(vault, pending)


def decide(vault: Vault, pending: Pending) -> None:
    """Make a transaction durable; from here on it will happen.

    Every file is first written beside the pending one, so that a full disk or a folder that cannot be written
    shows now, while nothing has been decided; so does that git cannot commit, where the schema asks for commits.
    The caller holds the lock.
    """
    from quern.updates import commits

    commits.check(vault)
    stage = vault.state / "stage"
    try:
        for number, write in enumerate(pending.writes):
            _check_writable(vault, write)
            if write.after is not None:
                stage.mkdir(parents=True, exist_ok=True)
                (stage / str(number)).write_bytes(write.after.encode())
        head: dict[str, Any] = {"kind": "transaction", "id": pending.id, "verb": pending.verb, "date": pending.date}
        head |= {"agent": pending.agent, "log_size": pending.log_size}
        lines = [head, *({"kind": "write", **_as_dict(write)} for write in pending.writes), *pending.records]
        write_atomically(vault.state / "pending.jsonl", b"".join(jsonl.encode(line) for line in lines))
    except BaseException:
        if read(vault) is None:
            _clear(vault)
        raise


def read(vault: Vault) -> Pending | None:
    """The unfinished transaction of a vault, or None."""
    path = vault.state / "pending.jsonl"
    if not path.exists():
        return None
    head, *rows = [row.data for row in jsonl.read(str(path))] or [{}]
    if head.get("kind") != "transaction":
        # Not what a killed run leaves: it is renamed into place whole.
        raise Failure("no transaction: put it back from a copy, or move it away", vault.relative(path), 1)
    writes = [Write(row["path"], row["before"], row["after"]) for row in rows if row["kind"] == "write"]
    records = [row for row in rows if row["kind"] != "write"]
    return Pending(head["id"], head["verb"], head["date"], head["agent"], head["log_size"], writes, records)


def apply(vault: Vault, pending: Pending) -> None:
    """Put every file of a transaction in place; what is in place already is left alone. The caller holds the lock.

    A file that a person changed in the meantime is merged with what was decided (three-way, line by line).
    Raises Failure, naming the file, if the two changes touch the same lines.
    """
    folders = set()
    for number, write in enumerate(pending.writes):
        path = vault.path(write.path)
        now = _text(path)
        if now == write.after:
            continue
        after = write.after if now == write.before else _reconcile(write, now)
        folders.add(path.parent)
        if after is None:
            path.unlink(missing_ok=True)
        else:
            _put(vault, number, path, after)
    for folder in sorted(folders):
        sync_folder(folder)


def close(vault: Vault, pending: Pending, entry: str) -> None:
    """Append the log entry (once, even if an earlier run was stopped in between) and end the transaction.

    `entry` is the text of the entry, or "" if the transaction leaves none. The caller holds the lock.
    Raises Failure if the schema asks for a commit and it cannot be made; all the rest is done then.
    """
    from quern.updates import commits

    logged = vault.log.read_bytes()[pending.log_size :].decode(errors="replace") if vault.log.exists() else ""
    if entry and entry not in logged:
        append(vault, entry, torn_at=pending.log_size)
    commits.owe(vault, pending, entry)
    (vault.state / "pending.jsonl").unlink()
    sync_folder(vault.state)
    _clear(vault)
    commits.pay(vault)


def append(vault: Vault, entry: str, torn_at: int | None = None) -> None:
    """Append an entry to log.md: one write on a handle opened for appending, then fsync. The caller holds the lock.

    `torn_at`: where the log ended before; an entry half-written there by a run that was stopped is cut off first.
    """
    handle = os.open(vault.log, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        size = os.fstat(handle).st_size
        if torn_at is not None and size > torn_at:
            tail = os.pread(handle, size - torn_at, torn_at)
            if _spaced(vault, torn_at, entry).startswith(tail):
                os.ftruncate(handle, torn_at)
                size = torn_at
        data = _spaced(vault, size, entry)
        written = os.write(handle, data)
        if written != len(data):
            os.ftruncate(handle, size)
            raise OSError(28, os.strerror(28), str(vault.log))
        os.fsync(handle)
    finally:
        os.close(handle)


def finish(vault: Vault, catalogue: Catalogue | None = None) -> bool:
    """Finish what is unfinished in a vault: a transaction, its files and its log entry, and the index if it is owed.

    Every program that writes calls this first, under the lock. Returns whether there was anything.
    `catalogue`: one that the caller has open; it is refreshed if there was something to finish.
    """
    from quern import schema, wiki
    from quern.updates import contents

    is_finished = finish_last(vault, catalogue)
    if not contents.is_owed(vault):
        return is_finished
    with contextlib.nullcontext(catalogue) if catalogue else wiki.open(vault, fresh=False) as standing:
        standing.refresh()
        contents.update(vault, standing, schema.load(vault))
    return True


def finish_last(vault: Vault, catalogue: Catalogue | None = None) -> bool:
    """As `finish`, but for the index: what a run does between two of its sources."""
    from quern.updates import commits

    pending = read(vault)
    if pending is None:
        _clear(vault)
        commits.pay(vault)
        return False
    apply(vault, pending)
    close(vault, pending, entry_text(vault, pending, catalogue))
    return True


def entry_text(vault: Vault, pending: Pending, standing: Catalogue | None = None) -> str:
    """The log entry of a transaction whose files are in place, with what lint says of its pages; "" for none.

    `standing`: a catalogue that the caller has open; it is refreshed.
    """
    from quern import checks, journal, records, schema, wiki

    changes = [jsonl.Row("pending.jsonl", 0, r).to(records.Change) for r in pending.records if r["kind"] == "change"]
    sources = [jsonl.Row("pending.jsonl", 0, r).to(records.Source) for r in pending.records if r["kind"] == "source"]
    usages = [jsonl.Row("pending.jsonl", 0, r).to(records.Usage) for r in pending.records if r["kind"] == "usage"]
    with contextlib.nullcontext(standing) if standing else wiki.open(vault, fresh=False) as catalogue:
        catalogue.refresh()
        paths = sorted({change.path for change in changes if change.op not in ("delete", "unchanged")})
        findings = checks.check_pages(vault, catalogue, schema.load(vault), paths, date=pending.date)
        source = sources[0] if sources else None
        row = catalogue.source_by_id(source.id) if source else None
    engine = " ".join(filter(None, (row.engine, row.model))) if row else ""
    subject = next((record for record in pending.records if record["kind"] == "subject"), {})
    title, engine = str(subject.get("title", "")), engine or str(subject.get("engine", ""))
    known = {"agent": pending.agent, "date": pending.date, "verb": pending.verb, "engine": engine, "title": title}
    entry = journal.entry(source, changes, findings, usages, **known)
    return "" if entry is None else journal.render(entry)


def _check_writable(vault: Vault, write: Write) -> None:
    folder = vault.path(write.path).parent
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        raise Failure("this folder cannot be written", vault.relative(folder))


def _as_dict(write: Write) -> dict[str, str | None]:
    return {"path": write.path, "before": write.before, "after": write.after}


def _text(path: os.PathLike[str]) -> str | None:
    try:
        with open(path, "rb") as stream:
            return stream.read().decode(errors="surrogateescape")
    except FileNotFoundError:
        return None


def _put(vault: Vault, number: int, path: os.PathLike[str], text: str) -> None:
    staged = vault.state / "stage" / str(number)
    data = text.encode(errors="surrogateescape")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not staged.exists() or staged.read_bytes() != data:
        staged.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(data)
    with open(staged, "rb") as stream:
        os.fsync(stream.fileno())
    os.replace(staged, path)


def _reconcile(write: Write, now: str | None) -> str | None:
    if write.after is None or now is None:
        # A page that a person deleted stays away; one that they edited is not deleted.
        return now
    merged = _merge3(now, write.before or "", write.after)
    if merged is None:
        message = "edited while a run was unfinished, on the same lines: undo that edit, run again, then edit"
        raise Failure(message, write.path)
    return merged


def _merge3(mine: str, base: str, theirs: str) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, text in (("mine", mine), ("base", base), ("theirs", theirs)):
            names.append(os.path.join(folder, name))
            with open(names[-1], "wb") as stream:
                stream.write(text.encode(errors="surrogateescape"))
        done = subprocess.run(["git", "merge-file", "-p", "-q", *names], capture_output=True, check=False)
    return done.stdout.decode(errors="surrogateescape") if done.returncode == 0 else None


def _spaced(vault: Vault, size: int, entry: str) -> bytes:
    """The entry with a blank line before it, whatever the log ends with."""
    if size == 0:
        return entry.encode()
    with open(vault.log, "rb") as stream:
        stream.seek(max(0, size - 2))
        end = stream.read(min(2, size))
    gap = "" if end == b"\n\n" else "\n" if end.endswith(b"\n") else "\n\n"
    return (gap + entry).encode()


def _clear(vault: Vault) -> None:
    """Remove what a run that was stopped before its decision may have left."""
    stage = vault.state / "stage"
    for path in sorted([*stage.glob("*"), *vault.state.glob(".*.tmp")]):
        path.unlink()
    if stage.is_dir():
        stage.rmdir()


def ordered(writes: Mapping[str, tuple[str | None, str | None]]) -> list[Write]:
    """Writes in the order in which they are applied: pages, then source pages, then the index."""
    return [Write(path, *writes[path]) for path in sorted(writes, key=_order)]


def _order(path: str) -> tuple[int, str]:
    rank = 2 if path.startswith("wiki/index") else 1 if path.startswith("wiki/sources/") else 0
    return rank, path
