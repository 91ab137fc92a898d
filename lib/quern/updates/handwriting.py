"""What people wrote on a page: whatever no program of ours would have put there."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from quern import claims, pages
from quern.pages import markup, sections
from quern.pages.document import ANSWER, SOURCE
from quern.pages.frontmatter import ORDER

# Headings of ours, and keys of front matter that only people give a value.
HEADINGS = frozenset(sections.TOPIC)
_LEDGER_HEADINGS = frozenset(sections.LEDGER)
_THEIRS = frozenset({"tags"})
_OF_ANSWERS = frozenset({"question", "known_by", "gaps"})
_MARKER, _BETWEEN = "- ", " · "


def on_topic(document: pages.Document, related: Collection[str] = ()) -> int | None:
    """The line (1-based) of the first thing that a person wrote on a topic page; None if there is nothing.

    `related`: the files to which a line under Related leads by itself; a link to any other was put there by a person.
    """
    return _first(document, _body(document) - _generated(document) - _related(document, related))


def on_ledger(document: pages.Document) -> int | None:
    """The line (1-based) of the first thing that a person wrote on a source page; None if there is nothing."""
    ours = {section.start for section in document.sections if section.title in _LEDGER_HEADINGS}
    ours |= _title(document) | _lead(document)
    for item in document.items:
        if item.evidence_line is not None and claims.claim_id(item.quote, item.text) == item.id:
            ours |= {item.line, item.evidence_line}
    ours |= {waiting.line for waiting in document.waiting} | {part.line for part in document.unread}
    return _first(document, _body(document) - ours)


def _first(document: pages.Document, left: set[int]) -> int | None:
    for number in range(1, max(document.front_end - 1, 1)):
        key = document.lines[number].partition(":")[0].strip()
        known = key in ORDER and not (key in _THEIRS and document.front_values.get(key))
        known = known and (key not in _OF_ANSWERS or document.front_values.get("type") == ANSWER)
        if document.lines[number][:1].strip(" \t-]") and not known:
            return number + 1
    return min(left) + 1 if left else None


def _body(document: pages.Document) -> set[int]:
    lines = document.lines
    return {number for number in range(document.front_end, len(lines)) if lines[number].strip("\ufeff \t\r")}


def _generated(document: pages.Document) -> set[int]:
    ours = {section.start for section in document.sections if section.title in HEADINGS}
    ours |= _title(document) | _lead(document) | ({document.notice} if document.notice is not None else set())
    for bullet in document.bullets:
        if bullet.claims and not bullet.edited:
            ours |= set(range(bullet.line, bullet.end))
    for note in document.footnotes.values():
        if note.places and not note.rest:
            ours |= set(range(note.line, note.end))
    return ours


def _title(document: pages.Document) -> set[int]:
    at = document.title_line
    is_ours = at >= document.front_end and document.lines[at].rstrip() == f"# {markup.escape_heading(document.title)}"
    return {at} if is_ours else set()


def _lead(document: pages.Document) -> set[int]:
    lead, stamp = document.lead, document.front_values.get("lead")
    if lead is None:
        return set()
    is_ours = stamp == pages.lead_hash(lead.text) if stamp else document.front_values.get("type") == SOURCE
    return set(range(lead.start, lead.end)) if is_ours else set()


def _related(document: pages.Document, known: Collection[str]) -> set[int]:
    section = document.section(sections.RELATED)
    return {
        number
        for number in (range(section.start + 1, section.end) if section else ())
        if (found := links_of(document.lines[number])) is not None and {link.file for link in found} <= set(known)
    }


def links_of(line: str) -> list[pages.Link] | None:
    """The links of a line under Related that is nothing but links, as we write it; None for any other line."""
    found = pages.links_in(line)
    starts = [_MARKER, *(line[: link.end] + _BETWEEN for link in found)]
    is_ours = bool(found) and all(line[: link.start] == start for link, start in zip(found, starts, strict=False))
    return found if is_ours and not line[found[-1].end :].strip() else None


def related_md(links: Iterable[str]) -> str:
    """A line under Related with these links (as Markdown)."""
    return _MARKER + _BETWEEN.join(links)
