"""The sources of a stream, merged into the wiki one after another, each as one transaction under the lock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import orjson

from quern import journal, jsonl, wiki
from quern.jsonl import Row
from quern.records import Change, Mend
from quern.schema import Schema
from quern.updates import changes, commits, contents, transaction
from quern.updates.batches import Batch, batches
from quern.vault import Vault, locked
from quern.wiki import Catalogue


def merge(
    rows: Iterable[Row], vault: Vault, schema: Schema, date: str, *, write: bool = True
) -> Iterator[Row | Change]:
    """Merge each source of a stream into the wiki, and say what changed; records that merge does not use pass through.

    Each source is one transaction (see `transaction`), decided and applied under the lock;
    its log entry is left to logappend, or to the next program that writes. The index is made with the last one.
    """
    with contextlib.ExitStack() as stack:
        catalogue: Catalogue | None = None
        mends: list[Mend] = []
        for item in batches(_without(mends, rows)):
            if isinstance(item, Row):
                yield item
                continue
            # One for all sources, but not before there is one: what only passes through needs no catalogue.
            if catalogue is None:
                catalogue = stack.enter_context(wiki.open(vault, fresh=False))
                stack.callback(_make_index, vault, catalogue, schema)
            made = _merge if write else _preview
            told = made(item, vault, catalogue, schema, date)
            yield from item.others
            yield from told
        if mends:
            from quern.updates import mending

            yield from mending.mend(vault, schema, date, mends, write=write)


def _without(mends: list[Mend], rows: Iterable[Row]) -> Iterator[Row]:
    """The rows but for what is to be mended, which is no matter of a source and is done at the end."""
    for row in rows:
        if row.kind == "mend":
            mends.append(row.to(Mend))
        else:
            yield row


def _preview(batch: Batch, vault: Vault, catalogue: Catalogue, schema: Schema, date: str) -> list[Change]:
    catalogue.refresh()
    return _plan(batch, vault, catalogue, date, schema).changes


def _plan(batch: Batch, vault: Vault, catalogue: Catalogue, date: str, schema: Schema) -> changes.Plan:
    if batch.answer is not None:
        from quern.updates import filing

        return filing.plan(batch, batch.answer, vault, catalogue, date)
    return changes.plan(batch, vault, catalogue, date, schema)


def _make_index(vault: Vault, catalogue: Catalogue, schema: Schema) -> None:
    """Make the index that is owed still, if the stream broke off or its last source changed nothing."""
    if contents.is_owed(vault):
        with locked(vault):
            catalogue.refresh()
            contents.update(vault, catalogue, schema)


def _merge(batch: Batch, vault: Vault, catalogue: Catalogue, schema: Schema, date: str) -> list[Change]:
    with locked(vault):
        if not transaction.finish_last(vault, catalogue):
            catalogue.refresh()
        made = _plan(batch, vault, catalogue, date, schema)
        if not made.writes:
            return made.changes
        writes = made.writes
        if batch.is_last or commits.wanted(vault):
            writes |= contents.updates(vault, catalogue, schema, made.rows)
        else:
            contents.owe(vault)
        draft = transaction.draft(vault, _verb(batch), date, journal.agent(vault), writes)
        told = [replace(change, transaction=draft.id) for change in made.changes]
        records = _subject(batch) + [row.data for row in batch.others if row.kind in ("source", "usage")]
        records += [orjson.loads(jsonl.encode(change)) for change in told]
        transaction.carry_out(vault, draft, records)
        # They are read when the transaction is closed, and again when the next source comes.
        after = {change.path: change.after for change in told}
        catalogue.tables.expect({path: (after[path] or "", page) for path, page in made.made.items()})
        return told


def _subject(batch: Batch) -> list[dict[str, Any]]:
    """What a run is about that no source is."""
    answer = batch.answer
    if answer is None:
        return []
    engine = " ".join(filter(None, (answer.engine, answer.model)))
    return [{"kind": "subject", "title": answer.question, "engine": engine}]


def _verb(batch: Batch) -> str:
    """What the log calls it."""
    if batch.answer is not None:
        return "query"
    if batch.source is not None:
        return "remake" if batch.source.again else "ingest"
    return "restore" if any(page.restored for page in batch.pages) else "refresh"
