"""Two versions of a page and the one that they come from, laid out so that they differ in people's text alone.

Each unit of the page (see `units`) is merged three ways by its own rule, and so are the front matter and the lead.
What came of that is put at the same place of all three versions; the rest git merges line by line,
and leaves a conflict where people disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from quern import git, pages
from quern.pages import Document
from quern.pages.edits import Edits, tail
from quern.pages.frontmatter import FOUND
from quern.pages.sections import FACTS
from quern.updates import units
from quern.updates.properties import listed
from quern.updates.units import NOTES, Key, Lines, Unit

_CLAIM = re.compile(r"[0-9a-f]{12}")

# Two sides that differ in blank lines alone do not disagree.
_BLANK_CONFLICT = re.compile(
    r"^<{7} ours\r?\n((?:[ \t]*\r?\n)*)={7}\r?\n(?:[ \t]*\r?\n)*>{7} theirs\r?\n", re.MULTILINE
)
_CONFLICT = re.compile(r"^<{7} ours\r?$", re.MULTILINE)

# Keys that the page says of itself or of its source: where both sides changed one, the newer page is right.
_OWN = ("source", "id", "sha256", "published", "url", "language", "engine", "model", "words", "type")
_LISTS = ("aliases", FOUND, "tags", "authors")
_STATUS = ("incomplete", "stale", "contested")

Evidence = set[tuple[str, str]]


class Version:
    """One version of a page, and its units by key."""

    def __init__(self, document: Document, found: Iterable[Unit]) -> None:
        self.document = document
        self.units = {unit.key: unit for unit in found}
        self.lead = document.lead.text if document.lead else ""
        self.front: Mapping[str, Any] = document.front_values
        self.is_empty = document.lines == [""]

    @property
    def lead_is_generated(self) -> bool:
        """Whether the lead is as it was generated."""
        return bool(self.lead) and self.front.get("lead") == pages.lead_hash(self.lead)

    @property
    def notice(self) -> str:
        """The line below the title that says that the page is stale, or nothing."""
        at = self.document.notice
        return "" if at is None else self.document.lines[at]

    def rekey(self, base: Version) -> None:
        """Know a bullet that a person put under another heading, or whose heading they renamed, by its old place."""
        left = {key[2:]: key for key in base.units if key[0] == "claim" and key not in self.units}
        for key in [key for key in self.units if key[0] == "claim" and key not in base.units]:
            if key[2:] in left:
                self.units[left[key[2:]]] = self.units.pop(key)._replace(key=left[key[2:]])

    def stands_in_text(self) -> set[str]:
        """The claims that people's own text cites: what is neither a unit nor the lead."""
        lead = self.document.lead
        taken = {number for unit in self.units.values() for number in range(unit.start, unit.end)}
        taken |= set(range(lead.start, lead.end)) if lead else set()
        return {ref.id for ref in self.document.refs if ref.line not in taken and _CLAIM.fullmatch(ref.id)}


class Lead(NamedTuple):
    """The lead of both sides. `text` is None where people disagree; `sides` are those that have it, by index."""

    text: str | None
    stamp: str | None
    of: str | None
    sides: tuple[int, ...]
    ids: set[str]


class Union:
    """A union of two versions with the one that they come from; the kinds of page are below."""

    sections: Sequence[str] = ()

    def __init__(self, documents: Sequence[Document]) -> None:
        self.base, self.ours, self.theirs = (Version(document, self.read(document)) for document in documents)
        self.both = (self.ours, self.theirs)
        for version in self.both:
            version.rekey(self.base)
        self.lead = self.find_lead()
        # The newest evidence tells whether the page is stale.
        self.notice = max(self.both, key=_newness).notice
        self.kept: dict[Key, Lines | None] = {}

    def read(self, document: Document) -> Iterable[Unit]:
        raise NotImplementedError

    def unite(self, kind: str, base: Lines | None, ours: Lines, theirs: Lines) -> Lines | None:
        """The lines of a unit that both sides have; None where people disagree on its words."""
        raise NotImplementedError

    def is_whole(self, text: str) -> bool:
        """Whether no unit has got lost."""
        raise NotImplementedError

    def front(self) -> dict[str, pages.Value]:
        """The keys of the front matter that are ours to set."""
        return {}

    def text(self) -> tuple[str, bool]:
        """The page, and whether people's text in it is without conflict."""
        self.keep()
        order = self.order()
        front = self.front()
        base, ours, theirs = (self.laid_out(version, order, front) for version in (self.base, *self.both))
        made, is_clean = git.merge_file(ours, base, theirs)
        if is_clean:
            return made, True
        made = _BLANK_CONFLICT.sub(r"\1", made)
        return made, _CONFLICT.search(made) is None

    # Units

    def keep(self) -> None:
        """Find the units that the page will have, each with its lines (None: each version keeps its own)."""
        for key in dict.fromkeys([*self.ours.units, *self.theirs.units]):
            base, ours, theirs = (version.units.get(key) for version in (self.base, *self.both))
            if ours is not None and theirs is not None:
                self.kept[key] = self.unite(key[0], base.lines if base else None, ours.lines, theirs.lines)
            elif base is None:
                one = ours or theirs
                self.kept[key] = one.lines if one else None
        self.kept = {key: lines for key, lines in self.kept.items() if lines != ()}

    def section_of(self, key: Key) -> str:
        """The heading that a unit will stand under: where a person moved it, else where it stands."""
        base, ours, theirs = (version.units.get(key) for version in (self.base, *self.both))
        if ours is not None and (theirs is None or base is None or ours.section != base.section):
            return ours.section
        unit = theirs or ours or base
        return unit.section if unit else FACTS

    def order(self) -> dict[str, list[Key]]:
        """The units under each heading, in their order."""
        headings = {key: self.section_of(key) for key in self.kept}
        sides = [sorted(version.units.values(), key=lambda unit: unit.start) for version in self.both]
        found: dict[str, list[Key]] = {}
        for section in dict.fromkeys(headings.values()):
            ours, theirs = ([unit.key for unit in side if headings.get(unit.key) == section] for side in sides)
            found[section] = woven(ours, theirs)
        for key, section in headings.items():
            if key not in self.ours.units and key not in self.theirs.units:
                found[section].append(key)
        return found

    # The lead

    def find_lead(self) -> Lead:
        """Whose lead it is: of the side that changed it; of two, a person's, else ours."""
        base, ours, theirs = self.base, self.ours, self.theirs
        sides: tuple[int, ...]
        if ours.lead == theirs.lead:
            sides = (1, 0) if ours.front.get("lead_of") == base.front.get("lead_of") else (0, 1)
        elif theirs.lead == base.lead:
            sides = (0,)
        elif ours.lead == base.lead or (ours.lead_is_generated and not theirs.lead_is_generated):
            sides = (1,)
        elif theirs.lead_is_generated or not theirs.lead:
            sides = (0,)
        else:
            sides = ()
        chosen = self.both[sides[0]] if sides else ours
        ids = {id_ for side in (sides or (0, 1)) for id_ in pages.claims_in(self.both[side].lead)}
        stamp, of = (_string(chosen.front.get(key)) for key in ("lead", "lead_of"))
        return Lead(chosen.lead if sides else None, stamp, of, sides, ids)

    # Front matter

    def shared_front(self) -> dict[str, pages.Value]:
        """What both sides say of themselves, where they differ."""
        found: dict[str, pages.Value] = {}
        newer = max(self.both, key=lambda version: _newness(version)[1])
        for key in dict.fromkeys([*self.ours.front, *self.theirs.front]):
            base, ours, theirs = (version.front.get(key) for version in (self.base, *self.both))
            if ours == theirs:
                continue
            if key in ("updated", "as_of", "created"):
                dates = [value for value in (ours, theirs) if isinstance(value, str) and value]
                found[key] = (min if key == "created" else max)(dates, default=None)
            elif key in _LISTS:
                found[key] = units.union(listed(base), listed(ours), listed(theirs))
            elif key == "status":
                found[key] = self._status(base, ours, theirs)
            elif key in _OWN:
                value = theirs if ours == base else ours if theirs == base else newer.front.get(key)
                found[key] = _string(value)
        return found

    def _status(self, base: object, ours: object, theirs: object) -> str | None:
        """The side that changed it; of two changes the graver, but that a page is stale is told by its notice."""
        if base in (theirs, ours):
            found = _string(ours if theirs == base else theirs)
        else:
            rank = {name: number for number, name in enumerate(_STATUS)}
            found = max((_string(ours), _string(theirs)), key=lambda value: rank.get(value or "", -1))
        return ("stale" if self.notice else "current") if found in ("stale", "current") else found

    # The text

    def laid_out(self, version: Version, order: Mapping[str, list[Key]], front: Mapping[str, pages.Value]) -> str:
        """A version with all that is ours as it will be; only people's text is its own."""
        document = version.document
        if version.is_empty:
            return ""
        edits = Edits(document.lines)
        for unit in version.units.values():
            edits.remove(unit.start, unit.end)
        self._place_notice(version, edits)
        self._place_lead(version, edits)
        # A page may have the name of a section; and of two sections of one name the first is ours.
        headings = {section.title: section for section in sorted(document.sections, key=_rank)}
        known = [section for section in (*self.sections, *order) if section != NOTES]
        for section in dict.fromkeys(known):
            keys = order.get(section, [])
            if section in headings:
                start, end = headings[section].start, headings[section].end
                self._place(version, edits, section, keys, tail(document.lines, start, end))
                if not keys and section in self.sections and edits.blank(start + 1, end):
                    edits.remove(start, end)
            elif keys and section in self.sections:
                self._new_section(version, edits, section, [line for key in keys for line in self._lines(version, key)])
        if NOTES in order:
            self._place_notes(version, edits, order[NOTES])
        return pages.join(self.ours.document, pages.with_front(document, front, edits.result()))

    def _lines(self, version: Version, key: Key) -> Lines:
        """The lines of a unit; where people disagree on it, as the version has it."""
        lines = self.kept[key]
        if lines is not None:
            return lines
        return version.units[key].lines if key in version.units else ()

    def _place(self, version: Version, edits: Edits, section: str, keys: Sequence[Key], at: int) -> None:
        """Put units under a heading: those that are there where they are, the others behind the one before them."""
        there = {key for key in keys if key in version.units and version.units[key].section == section}
        first = next((version.units[key].start for key in keys if key in there), None)
        at = at if first is None else first
        for key in keys:
            at = version.units[key].start if key in there else at
            edits.insert(at, self._lines(version, key))
            at = version.units[key].end if key in there else at

    def _place_notice(self, version: Version, edits: Edits) -> None:
        at, text = version.document.notice, self.notice
        if version.notice == text:
            return
        if at is not None:
            # With the line goes the blank one behind it.
            lines = version.document.lines
            edits.remove(at, at + 2 if at + 1 < len(lines) and not lines[at + 1].strip() else at + 1)
        if text:
            edits.insert(version.document.title_line + 1, ["", text])

    def _place_lead(self, version: Version, edits: Edits) -> None:
        text, lead = self.lead.text, version.document.lead
        if text is None or text == version.lead:
            return
        if lead is not None:
            edits.remove(lead.start, lead.end)
            edits.insert(lead.start, text.split("\n") if text else [])
        else:
            at = version.document.notice if version.notice == self.notice else None
            edits.insert((version.document.title_line if at is None else at) + 1, ["", *text.split("\n")])

    def _new_section(self, version: Version, edits: Edits, section: str, body: Sequence[str]) -> None:
        later = self.sections[self.sections.index(section) + 1 :]
        starts = [other.start for other in version.document.sections if other.title in later]
        notes = [unit.start for unit in version.units.values() if unit.section == NOTES]
        at = min(starts or notes, default=None)
        if at is None:
            edits.insert(_end(version.document), ["", f"## {section}", "", *body])
        else:
            edits.insert(at, [f"## {section}", "", *body, ""])

    def _place_notes(self, version: Version, edits: Edits, keys: Sequence[Key]) -> None:
        if any(unit.section == NOTES for unit in version.units.values()):
            self._place(version, edits, NOTES, keys, max(u.end for u in version.units.values() if u.section == NOTES))
        else:
            edits.insert(_end(version.document), ["", *(line for key in keys for line in self._lines(version, key))])


def woven(ours: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """Two lists as one: ours as it is, and what only theirs has behind what it follows there."""
    known, shared = set(ours), set(theirs)
    behind: dict[Any, list[Any]] = {}
    last = None
    for item in theirs:
        if item in known:
            last = item
        else:
            behind.setdefault(last, []).append(item)
    found: list[Any] = []
    waiting = behind.get(None, [])
    for item in ours:
        if item in shared:
            found += waiting
            waiting = behind.get(item, [])
        found.append(item)
        if item not in shared:
            continue
    return [*found, *waiting]


def evidence(document: Document) -> Evidence:
    """Every (claim, source slug) that a page rests on."""
    cited = {ref.id for ref in document.refs}
    return {
        (note.id, place.slug)
        for note in document.footnotes.values()
        if note.id in cited and _CLAIM.fullmatch(note.id)
        for place in note.places
    }


def _newness(version: Version) -> tuple[str, str]:
    return _string(version.front.get("as_of")) or "", _string(version.front.get("updated")) or ""


def _rank(section: pages.Section) -> tuple[bool, int]:
    return section.level > 1, -section.start


def _end(document: Document) -> int:
    """The number behind the last line with text."""
    return max((number + 1 for number, line in enumerate(document.lines) if line.strip()), default=0)


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
