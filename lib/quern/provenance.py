"""Why a page says what it says: for each claim that it cites, the source, the place, the words, and who read them.

Nothing is believed: whether a quote still stands at its place is looked up in the raw file as it is now.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from quern import claims, names, pages, sources
from quern.pages import Document, LedgerItem
from quern.program import Failure
from quern.records import Presence, Provenance
from quern.vault import Vault
from quern.wiki import Catalogue

LEAD = "lead"
_CLAIM = re.compile(r"[0-9a-f]{12}")
_PART = re.compile(r"(?P<page>.+):(?P<part>\d+|lead)", re.DOTALL)


def of(vault: Vault, catalogue: Catalogue, asked: str, here: str | None = None) -> Iterator[Provenance]:
    """The provenance of PAGE, PAGE:LINE or PAGE:lead, in the order of the page.

    PAGE is a path (`here`: the same seen from the vault), a file name, a title or an alias.
    Raises Failure if there is no such page or line, or if the name is that of several pages.
    """
    path, part = _asked(catalogue, asked, here)
    document = pages.parse(vault.path(path).read_bytes().decode(errors="replace"))
    first, last = _lines(document, part, path)
    archive = _Archive(vault, catalogue)
    for cited in _cited(document):
        noted = document.footnotes.get(cited.id)
        if first <= cited.line <= last or (part is not None and noted is not None and noted.line == first):
            yield from _evidence(document, path, cited, archive)


def text(found: Iterable[Provenance]) -> Iterator[str]:
    """The same for people: each claim with its line, and under it where it comes from."""
    path, claim = None, None
    for record in found:
        if record.path != path:
            yield record.path
        if (record.path, record.line, record.claim) != claim:
            edited = " (edited by a person)" if record.edited else ""
            yield f"{record.line:5}  {record.text}{edited}"
        path, claim = record.path, (record.path, record.line, record.claim)
        yield f'       {record.source}, {record.place}: "{" ".join(record.quote.split())}"'
        yield f"       {' · '.join(_told(record))}"


def _told(record: Provenance) -> Iterator[str]:
    engine = " ".join(part for part in (record.engine, record.model) if part)
    yield f"read {record.ingested or 'on a day not noted'}{f' by {engine}' if engine else ''}"
    if record.updated not in (None, record.ingested):
        yield f"source last read {record.updated}"
    if record.by:
        yield f"said by {record.by}"
    if record.stance not in (None, "asserted"):
        yield str(record.stance)
    if record.as_of:
        yield f"as of {record.as_of}"
    if record.raw == "gone":
        yield "GONE: the raw file is not there"
    elif not record.stands:
        yield "NOT FOUND: the quote is not at this place" + (", the file has changed" * (record.raw == "changed"))
    else:
        yield "stands" if record.raw == "same" else "stands, though the file has changed"


# Which page, which lines


def _asked(catalogue: Catalogue, asked: str, here: str | None) -> tuple[str, str | None]:
    """The path of the page and the part of it that was asked for. A page whose name ends like `:12` comes first."""
    whole = page_called(catalogue, asked, here)
    if whole is not None:
        return whole, None
    match = _PART.fullmatch(asked)
    if match is None:
        raise Failure(f"no page of this path, file name, title or alias: {asked}")
    named, part = match["page"], match["part"]
    path = page_called(catalogue, named, None if here is None else here.removesuffix(f":{part}"))
    if path is None:
        raise Failure(f"no page of this path, file name, title or alias: {named}")
    return path, part


def page_called(catalogue: Catalogue, name: str, here: str | None = None) -> str | None:
    """The path of the page of this path (`here`: the same seen from the vault), file name, title or alias, if any.

    Raises Failure if it is the name of several pages.
    """
    for path in filter(None, (name, here)):
        row = catalogue.page(path) or catalogue.page(f"{path}.md")
        if row is not None:
            return row.path
    # A question is the title of an answer, and no file can be called so.
    row = catalogue.page_by_file(name) or catalogue.page_by_file(names.file_name(name))
    if row is not None:
        return row.path
    called = {row.path for key in names.keys(name)[:1] for row in catalogue.page_by_key(key)}
    if len(called) > 1:
        raise Failure(f"{name!r} is the name of several pages, name one by its path: {', '.join(sorted(called))}")
    return next(iter(called), None)


def _lines(document: Document, part: str | None, path: str) -> tuple[int, int]:
    """The lines (0-based, inclusive) that were asked for; of a bullet or lead of several lines, all."""
    if part is None:
        return 0, len(document.lines)
    lead = document.lead
    if part == LEAD:
        if lead is None:
            raise Failure("this page has no lead", path)
        return lead.start, lead.end - 1
    count = len(document.lines) - (not document.lines[-1])
    line = int(part) - 1
    if not 0 <= line < count:
        raise Failure(f"no such line: the page has {count}", path, int(part))
    blocks = [(bullet.line, bullet.end) for bullet in document.bullets]
    blocks += [(item.line, item.line + 2) for item in document.items]
    blocks += [(note.line, note.end) for note in document.footnotes.values()]
    blocks += [(lead.start, lead.end)] if lead is not None else []
    start, end = next(((start, end) for start, end in blocks if start <= line < end), (line, line + 1))
    return start, end - 1


class _Cited(NamedTuple):
    """A claim that a line (0-based) cites, and the words that it cites it for."""

    id: str
    line: int
    words: str
    edited: bool


def _cited(document: Document) -> Iterator[_Cited]:
    """Each claim of a page where it is cited, once a line; on a source page, where it is told."""
    for item in document.items:
        yield _Cited(item.id, item.line, item.text, claims.claim_id(item.quote, item.text) != item.id)
    seen = set()
    for ref in document.refs:
        if _CLAIM.fullmatch(ref.id) and (ref.line, ref.id) not in seen:
            seen.add((ref.line, ref.id))
            yield _Cited(ref.id, ref.line, *_words(document, ref.line, ref.id))


def _words(document: Document, line: int, id_: str) -> tuple[str, bool]:
    """What a line says with this footnote: a bullet its sentence, a lead the sentence that ends with it."""
    bullet = next((bullet for bullet in document.bullets if bullet.line <= line < bullet.end), None)
    if bullet is not None:
        return bullet.text, bullet.edited
    lead = document.lead
    if lead is None or not lead.start <= line < lead.end:
        return pages.plain_of(document.lines[line].strip("| ")), False
    before = lead.text.partition(f"[^{id_}]")[0]
    before = re.sub(r"(?:\[\^[^\]\s\[]+\])+\Z", "", before)
    sentence = re.split(r"(?:\[\^[^\]\s\[]+\])+\s*", before)[-1]
    stamp = document.front_values.get("lead")
    return pages.plain_of(sentence), stamp != pages.lead_hash(lead.text)


# What is known of it


@dataclass(frozen=True, slots=True)
class _Ledger:
    """A source page, and the raw file that it names as it is now."""

    path: str
    front: dict[str, object]
    items: dict[str, LedgerItem]
    presence: Presence
    raw: str | None

    def told(self, key: str) -> str | None:
        value = self.front.get(key)
        return value if isinstance(value, str) and value else None


class _Archive:
    """Source pages and raw files, each read once."""

    def __init__(self, vault: Vault, catalogue: Catalogue) -> None:
        self._vault, self._catalogue = vault, catalogue
        self._ledgers: dict[str, _Ledger | None] = {}

    def ledger(self, slug: str) -> _Ledger | None:
        if slug not in self._ledgers:
            row = self._catalogue.source_by_slug(slug)
            self._ledgers[slug] = None if row is None else self._read(row.page)
        return self._ledgers[slug]

    def _read(self, path: str) -> _Ledger:
        document = pages.parse(self._vault.path(path).read_bytes().decode(errors="replace"))
        front = document.front_values
        presence, raw = self._raw(str(front.get("source", "")), str(front.get("sha256", "")))
        return _Ledger(path, front, {item.id: item for item in document.items}, presence, raw)

    def _raw(self, path: str, sha: str) -> tuple[Presence, str | None]:
        file = self._vault.path(path)
        if not path or not file.is_file():
            return "gone", None
        data = file.read_bytes()
        presence: Presence = "same" if hashlib.sha256(data).hexdigest() == sha else "changed"
        try:
            return presence, sources.decode(data, path).raw
        except Failure:
            # It is no text any more, so no quote stands in it.
            return presence, None


def _evidence(document: Document, path: str, cited: _Cited, archive: _Archive) -> Iterator[Provenance]:
    for slug, title, place, quote in _places(document, path, cited.id):
        ledger = archive.ledger(slug)
        item = ledger.items.get(cited.id) if ledger is not None else None
        there = ledger is not None and ledger.raw is not None and claims.in_raw(quote, place, ledger.raw)
        yield Provenance(
            path=path,
            line=cited.line + 1,
            claim=cited.id,
            text=cited.words,
            edited=cited.edited,
            source=(ledger.told("source") if ledger else None) or "",
            title=title,
            ledger=ledger.path if ledger else "",
            place=place,
            quote=quote,
            raw=ledger.presence if ledger else "gone",
            stands=there,
            role=item.role if item else None,
            stance=item.stance if item else None,
            by=item.by if item else None,
            as_of=item.as_of if item else None,
            ingested=ledger.told("created") if ledger else None,
            updated=ledger.told("updated") if ledger else None,
            engine=ledger.told("engine") if ledger else None,
            model=ledger.told("model") if ledger else None,
        )


def _places(document: Document, path: str, id_: str) -> list[tuple[str, str, str, str]]:
    """Where sources say a claim, as the page tells it: slug, title, place, quote."""
    note = document.footnotes.get(id_)
    if note is not None:
        return [(place.slug, place.title, place.place, place.quote) for place in note.places]
    own = next((item for item in document.items if item.id == id_), None)
    return [(pages.file_of(path), document.title, own.place, own.quote)] if own is not None else []
