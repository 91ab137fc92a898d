"""What the catalogue keeps of one page: its row, the keys to look it up by, and what stands on it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from quern import names
from quern.pages.document import Document, parse
from quern.pages.evidence import LedgerItem
from quern.pages.links import target_file
from quern.pages.oddities import Oddity
from quern.pages.sections import CONTRADICTIONS, FACTS, RELATED

SOURCE = "source"
ANSWER = "answer"
"""The type of a page that keeps an answer: no name leads to it, so that no claim goes there and no words link to it."""
# Pages from which on it pays to start processes for reading them.
_MANY = 2000
INDEX = "index"
_INDEX = re.compile(r"wiki/index(-[^/\s]+)?\.md")
_CLAIM = re.compile(r"[0-9a-f]{12}")
_BLOCK = re.compile(r"\^(?<![#\[\w]\^)([A-Za-z0-9-]+)[ \t\r]*$", re.MULTILINE)


class PageRow(NamedTuple):
    """A page as others speak of it. `lead_first`: the first sentence of its lead, plain; `type`: "" if it says none."""

    path: str
    title: str
    type: str
    aliases: tuple[str, ...]
    lead_first: str
    sources: int
    claims: int
    as_of: str | None
    updated: str | None
    status: str | None

    @property
    def file(self) -> str:
        """Its file name without `.md`, as links name it."""
        return os.path.basename(self.path).removesuffix(".md")

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> PageRow:
        """From a row of the table."""
        return cls._make((*row[:3], _aliases(row[3]), *row[4:]))


@lru_cache(maxsize=16384)
def _aliases(data: bytes) -> tuple[str, ...]:
    return tuple(msgspec.json.decode(data))


class SourceRow(NamedTuple):
    """A source as its page tells it. `page`: the path of that page; `checked`: a revision in which all quotes are."""

    id: str
    slug: str
    path: str
    sha256: str
    title: str
    engine: str
    model: str | None
    language: str
    page: str
    checked: str | None


class CandidateRow(NamedTuple):
    """A name that waits for a page on the page of one source (its id)."""

    source: str
    name: str
    type: str
    aliases: tuple[str, ...]
    claims: tuple[str, ...]
    reason: str

    @classmethod
    def of(cls, source: str, waiting: Waiting) -> CandidateRow:
        """From what stands on the page of that source."""
        return cls(source, waiting.name, waiting.type, waiting.aliases, waiting.claims, waiting.reason)


class Link(msgspec.Struct, frozen=True, array_like=True):
    """A link on a page. `is_citation`: it stands in a footnote or leads to a claim of this source page."""

    line: int
    target: str
    is_citation: bool
    is_embed: bool


class Place(msgspec.Struct, frozen=True, array_like=True):
    slug: str
    place: str
    quote: str


class Note(msgspec.Struct, frozen=True, array_like=True):
    """A footnote: the places where the sources make a claim."""

    id: str
    line: int
    places: tuple[Place, ...]


class Item(msgspec.Struct, frozen=True, array_like=True):
    """A claim on a source page."""

    id: str
    line: int
    text: str
    role: Any
    stance: Any
    by: str | None
    as_of: str | None
    place: str
    quote: str
    pages: tuple[str, ...]


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    line: int
    name: str
    type: str
    aliases: tuple[str, ...]
    claims: tuple[str, ...]
    reason: str


class Sheet(msgspec.Struct, frozen=True, array_like=True):
    """What stands on a page; lines are 1-based.

    `words`: how many people read on it, without footnotes; `led`: the claims that its lead cites; `related`: what the
    links under Related name.
    """

    is_index: bool
    is_empty: bool
    front_end: int
    front: dict[str, Any]
    problems: list[tuple[int, str]]
    headings: list[str]
    blocks: list[str]
    links: list[Link]
    claims: list[str]
    overtaken: list[str]
    disputed: list[tuple[int, str]]
    references: list[tuple[int, str]]
    uncited: list[int]
    notes: list[Note]
    items: list[Item]
    waiting: list[Waiting]
    words: int
    led: list[str]
    related: list[str]
    oddities: list[Oddity]


@dataclass(frozen=True, slots=True)
class Card:
    """A page as the tables take it."""

    row: tuple[Any, ...]
    source: tuple[Any, ...] | None
    keys: list[tuple[str, bool]]
    claims: list[tuple[str, bytes]]
    candidates: list[tuple[str, int]]
    links: list[str]


def make(path: str, data: bytes, document: Document | None = None) -> Card:
    """The card of a page, from its path and bytes. `document`: the page, where these bytes have been read before."""
    text = data.decode(errors="replace")
    if document is None:
        document = parse(text, is_index=is_index(path))
    sheet = _sheet(path, document, text)
    row = row_of(path, document)
    return Card(
        row=(*row[1:3], msgspec.json.encode(row.aliases), *row[4:], msgspec.json.encode(sheet)),
        source=_source(row, document) if row.type == SOURCE else None,
        keys=[] if sheet.is_index or row.type == ANSWER else list(_keys(row)),
        claims=[(item.id, msgspec.json.encode(item)) for item in sheet.items],
        candidates=[(key, nth) for nth, name in enumerate(sheet.waiting) for key in _waiting_keys(name)],
        links=sorted({names.fold(target_file(link.target)) for link in sheet.links} - {""}),
    )


def make_many(root: str, paths: Sequence[str]) -> dict[str, tuple[str, Card]]:
    """The sha256 and the card of each of very many pages, made by all processors; none where it would not pay."""
    # Only on Linux can a process be split in two and go on as it is.
    if len(paths) < _MANY or sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        return {}
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        made = pool.map(_read_one, [root] * len(paths), paths, chunksize=max(1, _MANY // 10))
        return {path: card for path, card in zip(paths, made, strict=True) if card is not None}


def _read_one(root: str, path: str) -> tuple[str, Card] | None:
    try:
        with open(os.path.join(root, path), "rb") as stream:
            data = stream.read()
    except FileNotFoundError:
        return None
    return sha256(data).hexdigest(), make(path, data)


_decode = msgspec.json.Decoder(Sheet).decode


def read(data: bytes) -> Sheet:
    """What stands on a page, as `make` wrote it down."""
    return _decode(data)


_decode_item = msgspec.json.Decoder(Item).decode


@lru_cache(maxsize=16384)
def read_item(data: bytes) -> Item:
    """A claim on a source page, as `make` wrote it down."""
    return _decode_item(data)


def is_index(path: str) -> bool:
    """Whether a page of this path is part of the index (unless its front matter gives it another type)."""
    return _INDEX.fullmatch(path) is not None


def page_row(path: str, text: str) -> PageRow:
    """The row of a page that has this text."""
    return row_of(path, parse(text))


def row_of(path: str, document: Document) -> PageRow:
    """The row of a page that has been read."""
    front = document.front_values
    file = os.path.basename(path).removesuffix(".md")
    is_source = front.get("type") == SOURCE
    cited = len(document.claims)
    return PageRow(
        path=path,
        title=_text(front.get("title")) or _text(document.title) or file,
        type=INDEX if "type" not in front and is_index(path) else _text(front.get("type")),
        aliases=tuple(_texts(front.get("aliases"))),
        lead_first=_text(document.first_sentence),
        sources=0 if is_source else len({place.slug for note in document.footnotes.values() for place in note.places}),
        claims=cited,
        as_of=_text(front.get("as_of")) or None,
        updated=_text(front.get("updated")) or None,
        status=_text(front.get("status")) or None,
    )


def _source(row: PageRow, document: Document) -> tuple[Any, ...]:
    front = {key: _text(value) for key, value in document.front_values.items()}
    told = (front.get(key, "") for key in ("id", "source", "sha256", "engine", "model", "language"))
    id_, path, sha, engine, model, language = told
    return id_, row.file, path, sha, row.title, engine, model or None, language


def _keys(row: PageRow) -> Iterator[tuple[str, bool]]:
    """The keys of a page's names; its own are the normal forms, the others are derived from them."""
    called = (row.title, *row.aliases, row.file)
    own = {key: True for name in called if (key := names.normal(name))}
    derived = {key: False for name in called for key in names.keys(name) if key and key not in own}
    yield from {**own, **derived}.items()


def _waiting_keys(waiting: Waiting) -> dict[str, None]:
    return dict.fromkeys(key for name in (waiting.name, *waiting.aliases) for key in names.keys(name) if key)


def _sheet(path: str, document: Document, text: str) -> Sheet:
    is_source = document.front_values.get("type") == SOURCE
    notes = [
        Note(note.id, note.line + 1, tuple(Place(place.slug, place.place, place.quote) for place in note.places))
        for note in document.footnotes.values()
    ]
    return Sheet(
        is_index="type" not in document.front_values and is_index(path),
        is_empty=_is_empty(document, text),
        front_end=document.front_end,
        front=_plain(document.front_values),
        problems=[(problem.line, problem.message) for problem in document.problems],
        headings=[section.title for section in document.sections],
        blocks=_BLOCK.findall(text),
        links=list(_links(document, is_source)),
        claims=document.claims,
        overtaken=document.overtaken,
        disputed=[(b.line + 1, b.text) for b in document.bullets if b.section == CONTRADICTIONS and b.claims],
        references=[(ref.line + 1, ref.id) for ref in document.refs if _CLAIM.fullmatch(ref.id)],
        uncited=[] if is_source else list(_uncited(document)),
        notes=notes,
        items=[_item(item) for item in document.items],
        waiting=[
            Waiting(w.line + 1, w.name, w.type, tuple(w.aliases), tuple(w.claims), w.reason) for w in document.waiting
        ],
        words=_words(document),
        led=_led(document),
        related=_related(document),
        oddities=document.oddities,
    )


def _item(item: LedgerItem) -> Item:
    return Item(
        id=item.id,
        line=item.line + 1,
        text=item.text,
        role=item.role,
        stance=item.stance,
        by=item.by,
        as_of=item.as_of,
        place=item.place,
        quote=item.quote,
        pages=tuple(item.pages),
    )


def _links(document: Document, is_source: bool) -> Iterator[Link]:
    noted = {line for note in document.footnotes.values() if note.places for line in range(note.line, note.end)}
    for link in document.links:
        is_citation = link.line in noted or (is_source and link.target.startswith("#^"))
        yield Link(link.line + 1, link.target, is_citation, link.embed)


def _words(document: Document) -> int:
    noted = sum(len(" ".join(document.lines[note.line : note.end]).split()) for note in document.footnotes.values())
    return sum(len(line.split()) for line in document.lines[document.front_end :]) - noted


def _led(document: Document) -> list[str]:
    lead = document.lead
    if lead is None:
        return []
    cited = (ref.id for ref in document.refs if lead.start <= ref.line < lead.end and _CLAIM.fullmatch(ref.id))
    return list(dict.fromkeys(cited))


def _related(document: Document) -> list[str]:
    part = next((section for section in document.sections if section.title == RELATED), None)
    if part is None:
        return []
    return [link.target for link in document.links if part.start <= link.line < part.end]


def _uncited(document: Document) -> Iterator[int]:
    """The lines of sentences that should cite a claim and do not: facts, and a lead without our stamp."""
    cited = {ref.line for ref in document.refs}
    lead = document.lead
    if lead and "lead" not in document.front_values and cited.isdisjoint(range(lead.start, lead.end)):
        yield lead.start + 1
    for bullet in document.bullets:
        if bullet.section == FACTS and cited.isdisjoint(range(bullet.line, bullet.end)):
            yield bullet.line + 1


def _is_empty(document: Document, text: str) -> bool:
    if document.lead or document.items or document.bullets:
        return False
    body = text.splitlines()[document.front_end :]
    return all(not line.strip() or line.startswith("#") for line in body)


def _plain(value: Any) -> Any:
    """A value of front matter without what is no Unicode text."""
    if isinstance(value, dict):
        return {_text(key): _plain(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_plain(below) for below in value]
    return _text(value) if value is not None else ""


def _text(value: Any) -> str:
    """A value as one line of text; a list or mapping is none."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode(errors="replace").decode()


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for one in values if (text := _text(one).strip())]
