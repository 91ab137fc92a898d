"""Summaries: of each source, and of each page that link names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from quern.engines import Engine, Said
from quern.jsonl import Row
from quern.pages import covers_hash
from quern.records import Claim, Page, Source, Summary
from quern.schema import Schema


def add(rows: Iterable[Row], engine: Engine, schema: Schema) -> Iterator[Any]:
    """The rows untouched, after each page its lead, after the last row of a source its summary and what both took.

    The rows of a source are held back until all is said of it: of one that breaks off, because a model does not
    answer, merge would write a part and take it for the whole.
    """
    source: Source | None = None
    claims: list[Claim] = []
    held: list[Any] = []
    for row in rows:
        if row.kind == Source.kind:
            yield from _whole(held, source, claims, engine, schema)
            source, claims, held = row.to(Source), [], []
        elif row.kind == Claim.kind:
            claims.append(row.to(Claim))
        held.append(row)
        if row.kind == Page.kind:
            held += _of_page(row.to(Page), source, engine, schema)
        if source is None:
            yield from held
            held = []
    yield from _whole(held, source, claims, engine, schema)


def _whole(
    held: list[Any], source: Source | None, claims: Sequence[Claim], engine: Engine, schema: Schema
) -> Iterator[Any]:
    held += _of_source(source, claims, engine, schema)
    held += engine.usage(source.id if source is not None else "", "summarize")
    yield from held


def _of_page(page: Page, source: Source | None, engine: Engine, schema: Schema) -> Iterator[Summary]:
    if not page.shown:
        return
    language = source.language if source is not None else schema.language
    said = engine.summary(page.shown, schema.pages.lead_sentences, page.title, language)
    yield _summary(page.path, "lead", page.source, page.shown, said)


def _of_source(source: Source | None, claims: Sequence[Claim], engine: Engine, schema: Schema) -> Iterator[Summary]:
    if source is None or not claims:
        return
    said = engine.summary(claims, schema.pages.summary_sentences, None, source.language, source.focus)
    yield _summary(source.id, "source", source.id, claims, said)


def _summary(of: str, role: Literal["lead", "source"], source: str, claims: Sequence[Claim], said: Said) -> Summary:
    return Summary(
        of=of,
        role=role,
        source=source,
        sentences=said.sentences,
        covers=covers_hash(claim.id for claim in claims),
        engine=said.engine,
        model=said.model,
        prompt=said.prompt,
    )
