"""Summaries: of each source, and of each page that link names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from quern.engines import Engine
from quern.jsonl import Row
from quern.pages import covers_hash
from quern.records import Claim, Page, Source, Summary
from quern.schema import Schema


def add(rows: Iterable[Row], engine: Engine, schema: Schema) -> Iterator[Any]:
    """The rows untouched, after each page its lead, and after the last row of a source its summary."""
    source: Source | None = None
    claims: list[Claim] = []
    for row in rows:
        if row.kind == Source.kind:
            yield from _of_source(source, claims, engine, schema)
            source, claims = row.to(Source), []
        elif row.kind == Claim.kind:
            claims.append(row.to(Claim))
        yield row
        if row.kind == Page.kind:
            yield from _of_page(row.to(Page), source, engine, schema)
    yield from _of_source(source, claims, engine, schema)


def _of_page(page: Page, source: Source | None, engine: Engine, schema: Schema) -> Iterator[Summary]:
    if not page.shown:
        return
    language = source.language if source is not None else schema.language
    sentences = engine.summary(page.shown, schema.pages.lead_sentences, page.title, language)
    yield Summary(
        of=page.path,
        role="lead",
        source=page.source,
        sentences=sentences,
        covers=covers_hash(claim.id for claim in page.shown),
        engine=engine.name,
        model=engine.model,
    )


def _of_source(source: Source | None, claims: Sequence[Claim], engine: Engine, schema: Schema) -> Iterator[Summary]:
    if source is None or not claims:
        return
    yield Summary(
        of=source.id,
        role="source",
        source=source.id,
        sentences=engine.summary(claims, schema.pages.summary_sentences, None, source.language, source.focus),
        covers=covers_hash(claim.id for claim in claims),
        engine=engine.name,
        model=engine.model,
    )
