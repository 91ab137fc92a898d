"""Two versions of a page that come from one: the page that has what both have.

A topic page is a set of claims with their evidence, a source page a list of claims, an index a list of pages:
each has its own rule for what may go, and none may lose anything unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from quern import git, pages
from quern.pages import Document
from quern.pages.sections import FACTS, LEDGER, TOPIC
from quern.updates import units
from quern.updates.sentences import in_lead
from quern.updates.units import Key, Lines, Unit
from quern.updates.versions import Union, evidence, woven

_INDEX = re.compile(r"(?:.*/)?wiki/index(?:-[^/]+)?\.md")


def merge(path: str, base: str, ours: str, theirs: str) -> tuple[str, bool]:
    """The page of both sides, and whether nothing is left to a person; `base` is "" where both made the page.

    Where a version cannot be read for sure, or a claim would get lost, it is what git makes of the lines.
    """
    documents = [pages.parse(text) for text in (base, ours, theirs)]
    if not any(document.problems for document in documents):
        made = _kind(path, documents)(documents)
        text, is_clean = made.text()
        if made.is_whole(text):
            return text, is_clean
    return git.merge_file(ours, base, theirs)[0], False


def _kind(path: str, documents: Sequence[Document]) -> type[Union]:
    if _INDEX.fullmatch(path):
        return _Index
    are_sources = all(document.front_values.get("type") == "source" for document in documents[1:])
    return _Ledger if are_sources else _Topic


class _Topic(Union):
    """A topic page: a set of claims with their evidence, and a lead made from some of them."""

    sections = TOPIC

    def __init__(self, documents: Sequence[Document]) -> None:
        super().__init__(documents)
        base, ours, theirs = (evidence(version.document) for version in (self.base, *self.both))
        self.evidence = {pair for pair in ours | theirs if pair not in base or (pair in ours and pair in theirs)}
        self.ids = {id_ for id_, _ in self.evidence}
        in_text = self.ours.stands_in_text() | self.theirs.stands_in_text()
        self.gone = {id_ for id_, _ in base | ours | theirs} - self.ids - in_text
        self.in_text = in_text
        self._trim_lead()

    def read(self, document: Document) -> Iterable[Unit]:
        return units.of_topic(document)

    def unite(self, kind: str, base: Lines | None, ours: Lines, theirs: Lines) -> Lines | None:
        if kind == "claim":
            return units.claim(base, ours, theirs)
        if kind == "links":
            return units.links(base, ours, theirs)
        return ours

    def keep(self) -> None:
        super().keep()
        for version in self.both:
            edited = [key for key in version.units if key not in self.kept and self._edited(key)]
            self.kept |= {key: version.units[key].lines for key in edited}
        notes = {key: lines for key, lines in self.kept.items() if key[0] == "note"}
        self.kept = {key: lines for key, lines in self.kept.items() if key[0] != "note"}
        for key in [key for key in self.kept if key[0] == "claim"]:
            self._settle(key)
        self._keep_what_is_not_shown()
        for key in dict.fromkeys([*notes, *(("note", id_) for id_ in sorted(self.ids))]):
            lines = self._note(key[1], is_standing=key in notes)
            if lines:
                self.kept[key] = lines

    def _settle(self, key: Key) -> None:
        """Take what has lost its evidence off a bullet, and the bullet off the page if the lead says it."""
        lines = self.kept[key]
        if lines is None:
            return
        lines = units.without(lines, self.gone)
        ids = set(pages.claims_in("\n".join(lines)))
        in_lead = key[1] == FACTS and ids <= self.lead.ids
        is_elsewhere = in_lead and not any(key in self.both[side].units for side in self.lead.sides or (0, 1))
        if (is_elsewhere or not ids) and not self._edited(key):
            del self.kept[key]
        else:
            self.kept[key] = lines

    def _edited(self, key: Key) -> bool:
        """Whether a person on either side changed the words of a bullet: these stay, whatever becomes of the claim."""
        base = self.base.units.get(key)
        found = [version.units[key] for version in self.both if key in version.units]
        return any(unit.is_edited and (base is None or units.words(unit) != units.words(base)) for unit in found)

    def _keep_what_is_not_shown(self) -> None:
        """A bullet that one side took off the page stays if nothing else says its claims: they stood in a lead."""
        shown = self.lead.ids | self.in_text
        for key, lines in self.kept.items():
            shown |= set(pages.claims_in("\n".join(lines or [*self._own(key)])))
        for version in (*self.both, self.base):
            for key, unit in version.units.items():
                left = units.without(unit.lines, self.gone)
                if key[0] == "claim" and key not in self.kept and not (unit.ids & self.ids) <= shown:
                    self.kept[key] = left
                    shown |= unit.ids
        for version in (*self.both, self.base):
            for sentence in in_lead(version.lead):
                ids = [id_ for id_ in sentence.ids if id_ in self.ids]
                if not set(ids) <= shown:
                    self.kept["claim", FACTS, ids[0]] = (pages.bullet_md(sentence.markdown, ids),)
                    shown |= set(ids)

    def _own(self, key: Key) -> list[str]:
        return [line for version in self.both if key in version.units for line in version.units[key].lines]

    def _note(self, id_: str, *, is_standing: bool) -> Lines | None:
        """A footnote with the places of both sides; None if nothing is left that it would prove."""
        base, ours, theirs = (version.document.footnotes.get(id_) for version in (self.base, *self.both))
        if id_ not in self.ids and not (is_standing and (base is None or (ours and theirs))):
            return None
        old, mine, other = (note.places if note else [] for note in (base, ours, theirs))
        found = units.places(old, mine, other)
        before = base.rest if base else ""
        rest = next((note.rest for note in (ours, theirs) if note and note.rest != before), before)
        for version in self.both:
            unit, note = version.units.get(("note", id_)), version.document.footnotes.get(id_)
            if unit and note and note.places == found and note.rest == rest:
                return unit.lines
        return (pages.footnote_md(id_, found, rest),) if found else None

    def _trim_lead(self) -> None:
        """A generated lead says nothing whose evidence either side took away."""
        chosen = [self.both[side] for side in self.lead.sides[:1]]
        if self.lead.text is None or self.lead.ids.isdisjoint(self.gone):
            return
        if chosen and chosen[0].lead_is_generated:
            found = in_lead(self.lead.text)
            left = [(said.markdown, [id_ for id_ in said.ids if id_ not in self.gone]) for said in found]
            text = pages.lead_md((words, ids) for words, ids in left if ids)
            stamp = pages.lead_hash(text) if text else None
        else:
            text, stamp = "\n".join(units.without((self.lead.text,), self.gone)), self.lead.stamp
        self.lead = self.lead._replace(text=text, stamp=stamp, ids=self.lead.ids - self.gone)

    def front(self) -> dict[str, pages.Value]:
        found = self.shared_front()
        known = {*self.ours.front, *self.theirs.front}
        counted: dict[str, pages.Value] = {
            "claims": len(self.ids),
            "sources": len({slug for _, slug in self.evidence}),
            "lead": self.lead.stamp,
            "lead_of": self.lead.of,
        }
        return found | {key: value for key, value in counted.items() if key in known}

    def is_whole(self, text: str) -> bool:
        document = pages.parse(text)
        if document.problems:
            return all(f"[^{id_}]" in text for id_ in self.ids)
        return evidence(document) >= self.evidence


class _Ledger(Union):
    """A source page: every claim of a source, and what became of it."""

    sections = LEDGER

    def read(self, document: Document) -> Iterable[Unit]:
        return units.of_ledger(document)

    def unite(self, kind: str, base: Lines | None, ours: Lines, theirs: Lines) -> Lines | None:
        return units.item(base, ours, theirs) if kind == "item" else units.either(base, ours, theirs)

    def front(self) -> dict[str, pages.Value]:
        items = sum(key[0] == "item" for key in self.kept)
        return self.shared_front() | {"claims": items, "lead": self.lead.stamp, "lead_of": self.lead.of}

    def is_whole(self, text: str) -> bool:
        document = pages.parse(text)
        return document.problems != [] or {key[1] for key in self.kept if key[0] == "item"} <= set(document.claims)


class _Index(Union):
    """The index: a line a page; `index` makes it anew, from the pages, when the merge is done."""

    def __init__(self, documents: Sequence[Document]) -> None:
        super().__init__(documents)
        sides = ([u.section for u in sorted(side.units.values(), key=lambda u: u.start)] for side in self.both)
        self.sections = woven(*(list(dict.fromkeys(side)) for side in sides))

    def read(self, document: Document) -> Iterable[Unit]:
        return units.of_index(document)

    def unite(self, kind: str, base: Lines | None, ours: Lines, theirs: Lines) -> Lines | None:
        return (units.entry if kind == "entry" else units.either)(base, ours, theirs)

    def order(self) -> dict[str, list[Key]]:
        found = super().order()
        return {
            name: sorted(keys, key=lambda key: units.sort_key(self.kept[key] or ())) for name, keys in found.items()
        }

    def is_whole(self, text: str) -> bool:
        return {unit.key for unit in units.of_index(pages.parse(text))} >= self.kept.keys()
