"""Extraction: passages in, checked claims out, a source at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson

from quern import claims
from quern.engines import Engine
from quern.jsonl import Row
from quern.program import Failure
from quern.records import Claim, End, Passage, Source, Unread

Piece = Row | Source | Passage | End


def is_stream(file: str) -> bool:
    """Does FILE hold records (and not a raw source)? Its first line tells; `-` always does."""
    if file == "-":
        return True
    with open(file, "rb") as stream:
        line = stream.readline(1 << 24)
    if not line.startswith(b'{"kind"'):
        return False
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def extract(pieces: Iterable[Piece], engine: Engine, say: Callable[[str], None], focus: str = "") -> Iterator[Any]:
    """The claims of each source after its record, and what they took; passages are consumed, other records pass.

    A claim that says what its evidence does not is left out, and `say` is told where.
    `focus`: what a person wants the sources read for; their records say so from here on.
    """
    source: Source | None = None
    passages: list[Passage] = []
    held: list[Piece] = []
    for piece in pieces:
        passage = _passage(piece)
        if passage is not None:
            if source is None:
                raise Failure("a passage before its source", *_where(piece))
            passages.append(passage)
            continue
        opened = _source(piece)
        if source is not None and piece.kind == End.kind:
            yield from _read(held, source, passages, engine, say)
            yield piece
            source, passages, held = None, [], []
        elif opened is not None:
            yield from _read(held, source, passages, engine, say)
            source, passages = replace(opened, focus=focus or opened.focus), []
            held = [_focused(piece, focus) if focus else piece]
        elif source is None:
            yield piece
        else:
            held.append(piece)
    yield from _read(held, source, passages, engine, say)


def noting(records: Iterable[Any], refused: list[Unread]) -> Iterator[Any]:
    """The records as they come; the parts of which no reply of a model could be used are noted in `refused`."""
    for record in records:
        if isinstance(record, Unread) and record.sort == "refused":
            refused.append(record)
        yield record


def _read(
    held: Sequence[Piece], source: Source | None, passages: list[Passage], engine: Engine, say: Callable[[str], None]
) -> Iterator[Any]:
    """All that is said of one source, once its claims are known: of one that cannot be read nothing is said at all.

    Its record alone would look like a source that says nothing.
    """
    found = list(_claims(source, passages, engine, say))
    yield from held
    yield from found
    yield from engine.usage(source.id if source is not None else "", "extract")


def _claims(
    source: Source | None, passages: list[Passage], engine: Engine, say: Callable[[str], None]
) -> Iterator[Claim | Unread]:
    if source is None:
        return
    contexts = {passage.id: context(source, passage) for passage in passages}
    is_said = _asks(source)
    is_met = is_said is None
    for record in engine.claims(source, passages):
        faults = []
        if isinstance(record, Claim):
            faults = claims.problems(record.text, record.quote, contexts[record.passage], source.language)
        if not faults:
            is_met = is_met or (isinstance(record, Claim) and is_said is not None and is_said(record.text) > 0)
            yield record
        elif isinstance(record, Claim):
            say(f"{source.path}:{_first_line(record)}: left out: {faults[0]}")
    if not is_met:
        say(f"{source.path}: no claim in it has a word of the focus: it is read as if there were none")


def _asks(source: Source) -> Callable[[str], float] | None:
    """How much of what a person wants a source read for is said in a text; None if they want nothing special."""
    if not source.focus.strip():
        return None
    from quern.emphasis import Emphasis

    return Emphasis(source.focus, source.language).on


def context(source: Source, passage: Passage) -> str:
    """Where the names of a claim may come from besides its evidence."""
    sentences = [words for sentence in passage.sentences for words in (sentence.plain, sentence.text)]
    return "\n".join([source.title, *source.authors, *passage.headings, *sentences])


def _source(piece: Piece) -> Source | None:
    if isinstance(piece, Row):
        return piece.to(Source) if piece.kind == Source.kind else None
    return piece if isinstance(piece, Source) else None


def _focused(piece: Piece, focus: str) -> Piece:
    """The record of a source with what it is to be read for."""
    if isinstance(piece, Row):
        return Row(piece.file, piece.line, {**piece.data, "focus": focus})
    return replace(piece, focus=focus) if isinstance(piece, Source) else piece


def _passage(piece: Piece) -> Passage | None:
    if isinstance(piece, Row):
        return piece.to(Passage) if piece.kind == Passage.kind else None
    return piece if isinstance(piece, Passage) else None


def _where(piece: Piece) -> tuple[str | None, int | None]:
    return (piece.file, piece.line) if isinstance(piece, Row) else (None, None)


def _first_line(claim: Claim) -> str:
    place = claim.spans[0].place if claim.spans else ""
    return place.removeprefix("lines ").removeprefix("line ").split("-")[0]
