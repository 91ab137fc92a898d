"""The end of a run: its log entry is appended, and its transaction closed.

A stream may hold several sources, each with a transaction of its own; all but the last have then been finished by
`merge` itself, their entries included, because it finishes what is open before it begins another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import orjson

from quern import journal, jsonl
from quern.jsonl import Row
from quern.records import Change, Entry, Finding, Source, Usage
from quern.updates import commits, transaction
from quern.vault import Vault, locked


class Own:
    """The transactions that a stream tells of: whoever comes later in the pipeline may leave them open."""

    def __init__(self) -> None:
        self.ids: set[str] = set()

    def seen(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows as they come, their transactions noted."""
        for row in rows:
            if row.kind == "change":
                self.ids.add(str(row.data.get("transaction", "")))
            yield row

    def finish_others(self, vault: Vault) -> None:
        """Finish the open transaction unless it is one of ours. The caller holds the lock."""
        pending = transaction.read(vault)
        if pending is None or pending.id not in self.ids:
            transaction.finish(vault)


@dataclass(slots=True)
class _Run:
    """What a stream says of one source."""

    source: Source | None = None
    changes: list[Change] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)

    def findings(self, found: Iterable[Finding]) -> list[Finding]:
        paths = {change.path for change in self.changes}
        return [finding for finding in found if finding.path in paths]


def log(rows: Iterable[Row], vault: Vault, date: str) -> Iterator[Row | Entry]:
    """The rows as they come; at their end the entry of each run that left one is appended to log.md, and follows."""
    runs = [_Run()]
    findings: list[Finding] = []
    for row in rows:
        if row.kind == "source":
            runs.append(_Run(row.to(Source)))
        elif row.kind == "change":
            runs[-1].changes.append(row.to(Change))
        elif row.kind == "usage":
            runs[-1].usages.append(row.to(Usage))
        elif row.kind == "finding":
            findings.append(row.to(Finding))
        yield row
    with locked(vault):
        entries = [_settle(run, findings, vault, date) for run in runs]
        transaction.finish(vault)
    yield from (entry for entry in entries if entry is not None)


def log_lint(rows: Iterable[Row], vault: Vault, date: str) -> Iterator[Row | Entry]:
    """The rows as they come; at their end log.md says how many errors and warnings they hold, if that is news."""
    findings: list[Finding] = []
    for row in rows:
        if row.kind == "finding":
            findings.append(row.to(Finding))
        yield row
    with locked(vault):
        transaction.finish(vault)
        text = vault.log.read_bytes().decode(errors="replace") if vault.log.exists() else ""
        entry = journal.lint_entry(findings, text, date=date)
        if entry is not None:
            transaction.append(vault, journal.render(entry))
    if entry is not None:
        yield entry


def _settle(run: _Run, findings: list[Finding], vault: Vault, date: str) -> Entry | None:
    """Append the entry of one run. A transaction that is open no more has its entry already."""
    ids = {change.transaction for change in run.changes if change.op != "unchanged"}
    if not ids:
        return None
    pending = transaction.read(vault)
    if pending is not None and pending.id in ids:
        text = transaction.entry_text(vault, pending)
        transaction.close(vault, pending, text)
        return next(journal.parse(text), None)
    if ids != {""}:
        return None
    transaction.finish(vault)
    agent = journal.agent(vault)
    entry = journal.entry(run.source, run.changes, run.findings(findings), run.usages, agent=agent, date=date)
    if entry is not None:
        _append(run, journal.render(entry), vault, agent, date)
    return entry


def _append(run: _Run, entry: str, vault: Vault, agent: str, date: str) -> None:
    """Append the entry of a run that was no transaction of ours, and commit what its records name."""
    commits.check(vault)
    records = [orjson.loads(jsonl.encode(run.source))] if run.source else []
    size = transaction.log_size(vault)
    id_ = hashlib.sha256(f"{size}\n{entry}".encode()).hexdigest()[:12]
    transaction.append(vault, entry)
    made = transaction.Pending(id_, "ingest", date, agent, size, [], records)
    commits.owe(vault, made, entry, [change.path for change in run.changes if change.op != "unchanged"])
    commits.pay(vault)
