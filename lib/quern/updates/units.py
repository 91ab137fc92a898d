"""What a page consists of where two versions of it are united: units that are known by more than their place.

A unit is a bullet that cites claims, a footnote, a claim of a source page, a name that waits, a line of the index.
Each is merged three ways by a rule of its own; all other lines of a page are text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from quern import names, pages
from quern.pages import Document, Place
from quern.pages.sections import RELATED

NOTES = "\0notes"
"""The section of footnotes, which stand under no heading of their own."""


Key = tuple[str, ...]
Lines = tuple[str, ...]

_CLAIM = re.compile(r"[0-9a-f]{12}")
_LINKS = re.compile(r"- \[\[[^\[\]\n]+\]\](?: · \[\[[^\[\]\n]+\]\])*\s*")
_ENTRY = re.compile(r"- \[\[[^\[\]\n]+\]\]")
_MARK = re.compile(r" ?\*\((?:[^*\\]|\\.)*\)\*")
_TARGETS = re.compile(r'(?P<evidence>.*") → (?P<pages>\[\[.*\]\])\s*', re.DOTALL)
_ENTRY_PARTS = re.compile(
    r"(?P<says>.*?)(?: · (?P<count>\d+) (?P<noun>source|claim)s?)?(?: · as of (?P<as_of>\S+))?\s*\Z"
)


class Unit(NamedTuple):
    """Lines [start, end) of a page, under which heading they stand, and the claims that they rest on.

    `is_edited`: a person wrote its words, or changed them.
    """

    key: Key
    section: str
    start: int
    end: int
    lines: Lines
    ids: frozenset[str] = frozenset()
    is_edited: bool = False


def of_topic(document: Document) -> Iterator[Unit]:
    """The bullets and table rows of a topic page that cite claims, its lines of related pages, its footnotes."""
    heading = _headings(document)
    seen: dict[Key, int] = {}
    taken: set[int] = set()
    related = 0
    for bullet in document.bullets:
        lines, section = tuple(document.lines[bullet.line : bullet.end]), heading(bullet.line)
        if bullet.claims:
            key = _nth(seen, ("claim", section, bullet.claims[0]))
            yield Unit(key, section, bullet.line, bullet.end, lines, frozenset(bullet.claims), bullet.edited)
            taken.update(range(bullet.line, bullet.end))
        elif section == RELATED and len(lines) == 1 and _LINKS.fullmatch(lines[0]):
            yield Unit(("links", str(related)), section, bullet.line, bullet.end, lines)
            related += 1
    for number in sorted({ref.line for ref in document.refs if _CLAIM.fullmatch(ref.id)} - taken):
        line = document.lines[number]
        ids = pages.claims_in(line)
        if line.startswith("|") and ids:
            section = heading(number)
            key = _nth(seen, ("claim", section, ids[0]))
            yield Unit(key, section, number, number + 1, (line,), frozenset(ids))
    for note in document.footnotes.values():
        if note.places and _CLAIM.fullmatch(note.id):
            yield Unit(("note", note.id), NOTES, note.line, note.end, tuple(document.lines[note.line : note.end]))


def of_ledger(document: Document) -> Iterator[Unit]:
    """The claims of a source page, the names that wait on it, and what was left unread."""
    heading = _headings(document)
    seen: dict[Key, int] = {}
    found = [(("item", item.id), item.line, (item.evidence_line or item.line) + 1) for item in document.items]
    found += [(("waiting", names.normal(name.name)), name.line, name.line + 1) for name in document.waiting]
    found += [(("unread", document.lines[part.line]), part.line, part.line + 1) for part in document.unread]
    for key, start, end in found:
        yield Unit(_nth(seen, key), heading(start), start, end, tuple(document.lines[start:end]))


def of_index(document: Document) -> Iterator[Unit]:
    """The lines of an index, each known by the page that it names."""
    heading = _headings(document)
    seen: dict[Key, int] = {}
    for bullet in document.bullets:
        if bullet.end == bullet.line + 1 and _ENTRY.match(document.lines[bullet.line]):
            link = pages.links_in(bullet.text_md)[0]
            key = _nth(seen, ("entry", names.fold(link.target)))
            yield Unit(key, heading(bullet.line), bullet.line, bullet.end, (document.lines[bullet.line],))


def sort_key(unit_lines: Lines) -> tuple[str, str]:
    """Where a line of the index stands among the others, as `index` has it."""
    link = pages.links_in(unit_lines[0])[0]
    return names.fold(link.text), link.target


def _headings(document: Document) -> Callable[[int], str]:
    """Tells the heading that a line stands under."""
    starts = [section.start for section in document.sections]

    def heading(line: int) -> str:
        at = bisect_right(starts, line)
        return document.sections[at - 1].title if at else ""

    return heading


def _nth(seen: dict[Key, int], key: Key) -> Key:
    """A key of its own for a unit whose like has been seen already."""
    seen[key] = seen.get(key, 0) + 1
    return key if seen[key] == 1 else (*key, str(seen[key]))


# Three ways


def claim(base: Lines | None, ours: Lines, theirs: Lines) -> Lines | None:
    """A bullet as both sides have it: the words of whoever changed them, the footnotes and marks of both.

    None if both changed the words, and not to the same.
    """
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    mine, other, old = "\n".join(ours), "\n".join(theirs), "\n".join(base or ())
    if _words(other) not in (_words(mine), _words(old)):
        if base is None or _words(mine) != _words(old):
            return None
        mine, other = other, mine
    return tuple(_with_citations(mine, other, old).split("\n"))


def words(unit: Unit) -> str:
    """The words of a bullet, without its footnotes and marks."""
    return _words("\n".join(unit.lines))


def _words(bullet: str) -> str:
    return pages.plain_of(bullet)


def _with_citations(mine: str, other: str, old: str) -> str:
    """A bullet with what another version did to its footnotes and marks."""
    had, has = pages.claims_in(old), pages.claims_in(other)
    for id_ in had:
        if id_ not in has:
            mine = mine.replace(f"[^{id_}]", "")
    for number, id_ in enumerate(has):
        if id_ not in had and id_ not in pages.claims_in(mine):
            mine = pages.append_reference(mine, f"[^{has[number - 1]}]" if number else "", f"[^{id_}]")
    marks, shown = _MARK.findall(old), _MARK.findall(other)
    for mark in marks:
        if mark not in shown:
            mine = mine.replace(mark, "")
    return mine + "".join(mark for mark in shown if mark not in marks and mark not in mine)


def without(lines: Lines, ids: Iterable[str]) -> Lines:
    """Lines without the footnotes of some claims."""
    text = "\n".join(lines)
    for id_ in ids:
        text = text.replace(f"[^{id_}]", "")
    return tuple(text.split("\n"))


def item(base: Lines | None, ours: Lines, theirs: Lines) -> Lines | None:
    """A claim of a source page as both sides have it, with all pages that it went to; None for two edits."""
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    first = _either(base[0] if base else None, ours[0], theirs[0])
    old, mine, other = (_targets(lines[1] if lines and len(lines) > 1 else "") for lines in (base, ours, theirs))
    evidence = _either(old[0] if base else None, mine[0], other[0])
    if first is None or evidence is None:
        return None
    targets = union(old[1], mine[1], other[1])
    second = evidence + (f" → {', '.join(targets)}" if targets else "")
    return (first, second) if second else (first,)


def _targets(line: str) -> tuple[str, list[str]]:
    """The evidence line of a claim: what stands before the arrow, and the links behind it."""
    match = _TARGETS.fullmatch(line)
    if match is None:
        return line, []
    return match["evidence"], re.findall(r"\[\[[^\[\]]*\]\]", match["pages"])


def links(base: Lines | None, ours: Lines, theirs: Lines) -> Lines | None:
    """A line of related pages as both sides have it."""
    found = [re.findall(r"\[\[[^\[\]]*\]\]", lines[0]) if lines else [] for lines in (base, ours, theirs)]
    together = union(*found)
    return (f"- {' · '.join(together)}",) if together else ()


def entry(base: Lines | None, ours: Lines, theirs: Lines) -> Lines | None:
    """A line of the index: what both sides brought is counted together, and the newest date is the date."""
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    known, mine, other = (_ENTRY_PARTS.match(lines[0] if lines else "") for lines in (base, ours, theirs))
    if mine is None or other is None:
        return ours
    says = other if known and mine["says"] == known["says"] else mine
    counts = [int(match["count"]) for match in (known, mine, other) if match and match["count"]]
    count = counts[1] + counts[2] - counts[0] if len(counts) == 3 else max(counts, default=0)
    line = says["says"]
    if count:
        line += f" · {count} {mine['noun'] or other['noun']}{'' if count == 1 else 's'}"
    as_of = max(filter(None, (mine["as_of"], other["as_of"])), default=None)
    return (line + (f" · as of {as_of}" if as_of else ""),)


def either(base: Lines | None, ours: Lines, theirs: Lines) -> Lines | None:
    """The side that changed; ours if both did."""
    return theirs if ours == base else ours


def _either(base: str | None, ours: str, theirs: str) -> str | None:
    """The side that changed; None if both did, and not to the same."""
    if theirs in (ours, base):
        return ours
    return theirs if ours == base else None


def union(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """A list of both sides: what either added is in it, what either took away is not."""
    gone = {item for item in base if item not in ours or item not in theirs}
    return [item for item in dict.fromkeys([*ours, *theirs]) if item not in gone]


def places(base: Sequence[Place], ours: Sequence[Place], theirs: Sequence[Place]) -> list[Place]:
    """Where sources say a claim, of both sides: a source that either side took away is not among them."""
    old, mine, other = ({place.slug: place for place in side} for side in (base, ours, theirs))
    slugs = union(list(old), list(mine), list(other))
    found = []
    for slug in slugs:
        if slug in mine and slug in other:
            found.append(other[slug] if mine[slug] == old.get(slug) else mine[slug])
        else:
            found.append(mine.get(slug) or other[slug])
    return found
