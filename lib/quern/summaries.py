"""Summaries: of each source, and of each page that link names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from quern.engines import Asked, Engine, Said
from quern.jsonl import Row
from quern.pages import covers_hash
from quern.records import Claim, End, Page, Source, Summary
from quern.schema import Schema


def add(rows: Iterable[Row], engine: Engine, schema: Schema) -> Iterator[Any]:
    """The rows untouched, after each page its lead, after the last row of a source its summary and what both took.

    The rows of a source are held back until all is said of it: of one that breaks off, because a model does not
    answer, merge would write a part and take it for the whole. Pages of no source are held back together.
    """
    source: Source | None = None
    held: list[Row] = []
    for row in rows:
        if row.kind == Source.kind:
            yield from _told(held, source, engine, schema)
            source, held = row.to(Source), [row]
        elif row.kind == End.kind and source is not None:
            yield from _told(held, source, engine, schema)
            yield row
            source, held = None, []
        elif source is not None or held or row.kind == Page.kind:
            held.append(row)
        else:
            yield row
    yield from _told(held, source, engine, schema)


def _told(held: Sequence[Row], source: Source | None, engine: Engine, schema: Schema) -> Iterator[Any]:
    """Some rows, with what is said of their pages and of their source, asked for all at once."""
    pages = [page for row in held if row.kind == Page.kind and (page := row.to(Page)).shown]
    claims = [row.to(Claim) for row in held if row.kind == Claim.kind] if source is not None else []
    language = source.language if source is not None else schema.language
    asked = [Asked(page.shown, schema.pages.lead_sentences, page.title, language) for page in pages]
    if source is not None and claims:
        asked.append(Asked(claims, schema.pages.summary_sentences, None, source.language, source.focus))
    said = engine.summaries(asked)
    leads = {
        page.path: _summary(page.path, "lead", page.source, page.shown, one)
        for page, one in zip(pages, said[: len(pages)], strict=True)
    }
    for row in held:
        yield row
        if row.kind == Page.kind and row.data["path"] in leads:
            yield leads[row.data["path"]]
    if source is not None and claims:
        yield _summary(source.id, "source", source.id, claims, said[-1])
    yield from engine.usage(source.id if source is not None else "", "summarize")


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
