"""What search keeps of one page: its words by where they stand, and the claims of a source page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from quern.pages.document import Document, parse
from quern.pages.sections import LEDGER, SHOWN, TOPIC
from quern.search.plain import plain
from quern.wiki.cards import SOURCE, is_index, row_of

_OURS = frozenset({*TOPIC, *LEDGER})
_UNTOLD = "und"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A claim on a source page. `since`: the day of its source (ISO), "" if unknown; `pages`: the files it went to."""

    id: str
    line: int
    text: str
    since: str
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a topic page says of a claim: that `by` have overtaken it, or dispute it."""

    claim: str
    status: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One page. `texts`: its words, one text a column (`terms.COLUMNS`); `language`: "" where its sources tell it."""

    title: str
    type: str
    status: str
    language: str
    names: tuple[str, ...]
    tags: tuple[str, ...]
    sources: tuple[str, ...]
    lead: str
    texts: tuple[str, ...]
    statements: tuple[Statement, ...] = ()
    marks: tuple[Mark, ...] = ()


def read(path: str, text: str) -> Leaf | None:
    """What search keeps of a page; None if it is part of the index, which repeats what pages say."""
    document = parse(text)
    front = document.front_values
    if "type" not in front and is_index(path):
        return None
    row = row_of(path, document)
    is_source = row.type == SOURCE
    claims, used = _claims(document)
    slugs = {place.slug for note in document.footnotes.values() for place in note.places}
    origin = (str(front.get("source") or ""), row.file) if is_source else sorted(slugs)
    language = front.get("language")
    headings = [part.title for part in document.sections if part.title not in _OURS and part.title != row.title]
    body = _body(document, used)
    return Leaf(
        title=row.title,
        type=row.type,
        status=row.status or "",
        language=language if isinstance(language, str) and language != _UNTOLD else "",
        names=tuple(dict.fromkeys((row.title, *row.aliases, row.file))),
        tags=tuple(_tags(front.get("tags"))),
        sources=tuple(filter(None, origin)),
        lead=" ".join(plain(document.lead.text).split()) if document.lead else "",
        texts=(row.title, "\n".join((*row.aliases, row.file)), "\n".join(headings), claims, body),
        statements=tuple(_statements(document)) if is_source else (),
        marks=tuple(_marks(document)),
    )


def _claims(document: Document) -> tuple[str, set[int]]:
    """What a page says with evidence, as text, and the lines that it stands on."""
    used: set[int] = set()
    said = []
    for item in document.items:
        said.append(item.text)
        used |= {item.line} | ({item.evidence_line} if item.evidence_line is not None else set())
        if item.quote not in item.text:
            said.append(item.quote)
    for bullet in document.bullets:
        if bullet.claims and bullet.section not in SHOWN:
            said.append(bullet.text)
            used.update(range(bullet.line, bullet.end))
    lead = document.lead
    if lead is not None and any(lead.start <= ref.line < lead.end for ref in document.refs):
        said.append(plain(lead.text))
        used.update(range(lead.start, lead.end))
    return "\n".join(said), used


def _body(document: Document, used: set[int]) -> str:
    for note in document.footnotes.values():
        used.update(range(note.line, note.end))
    used.update(waiting.line for waiting in document.waiting)
    used.update(section.start for section in document.sections)
    lines = [line for at, line in enumerate(document.lines) if at >= document.front_end and at not in used]
    return plain("\n".join(lines))


def _statements(document: Document) -> Iterator[Statement]:
    front = document.front_values
    days = (front.get("published"), front.get("created"))
    day = next((str(found) for found in days if found), "")
    for item in document.items:
        yield Statement(id=item.id, line=item.line + 1, text=item.text, since=day, pages=tuple(item.pages))


def _marks(document: Document) -> Iterator[Mark]:
    from quern.pages.bullets import claims_in_marks
    from quern.pages.sections import CONTRADICTIONS

    for bullet in document.bullets:
        if not bullet.claims:
            continue
        if bullet.section == CONTRADICTIONS:
            yield from (Mark(claim=claim, status="disputed") for claim in bullet.claims)
        elif "*(" in bullet.text_md and (by := claims_in_marks(bullet.text_md)):
            yield from (Mark(claim=claim, status="overtaken", by=tuple(by)) for claim in bullet.claims)


def _tags(value: Any) -> Iterator[str]:
    for tag in value if isinstance(value, list) else str(value or "").replace(",", " ").split():
        if isinstance(tag, str) and tag.strip("# "):
            yield tag.strip("# ").casefold()
