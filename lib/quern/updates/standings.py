"""What a page shows of how its claims stand to each other: contradictions, values over time, and marks.

Two sections are made from relations, a line for each claim and what it says of something:

    ## Contradictions                          ## Over time

    - capacity: 240 MW[^77b0e4aa12c9] (1966)   | when | output |
    - capacity: 320 MW[^5d0e8c1b2a34] (2024)   | --- | --- |
                                               | 2019 | 480 GWh[^3fa9c1d2e0b4] |

A line that stands is never written again: it stays as a person left it until its claim goes.
A line that a person took away stays away, since what stands is not compared with what stands.
A line whose claim has no sentence on the page any more goes, unless a person wrote on it: then it keeps its words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from quern import pages
from quern.pages import frontmatter
from quern.pages.edits import Edits, tail
from quern.pages.sections import CONTRADICTIONS, OVER_TIME
from quern.records import Relation

_SIDE = re.compile(r"(?P<value>.*?)(?P<notes>(?:\[\^[0-9a-f]{12}\])+)(?: \((?P<date>[\d-]+)\))?")
_LABEL = re.compile(r"- (?P<label>(?:\\.|[^:\\\[])+): ")
_ROW = re.compile(r"\| (?P<date>[^|]*?) \| (?P<value>(?:\\.|[^|\\])*?)(?P<notes>(?:\[\^[0-9a-f]{12}\])+) \|\s*")
_HEAD = re.compile(r"\| when \| (?P<label>(?:\\.|[^|\\])+?) \|\s*")
_PAIR = re.compile(r"[0-9a-f]{12} [0-9a-f]{12}")
_RULE = "| --- | --- |"
_CITED = re.compile(r"\[\^[0-9a-f]{12}\]")
# Between two sentences that cannot both be so.
_AGAINST = " — against: "


@dataclass(frozen=True, slots=True)
class Entry:
    """What one claim says of one thing; `line`: where the page says so, or None if it does not yet.

    `label`: what the thing is called; of two sentences without a figure, which stand on one line, their ids.
    `is_ours`: the line is nothing but that.
    """

    label: str
    claim: str
    value: str
    date: str
    line: int | None = None
    is_ours: bool = True


def mark(relation: Relation) -> str:
    """The mark behind a sentence that another claim has overtaken: `*(capacity: 320 MW as of 2024[^5d0e8c1b2a34])*`."""
    told = f"{relation.attribute}: {relation.value}" if relation.attribute else relation.value
    if relation.value:
        words = f"{told} as of {relation.date}" if relation.date else told
    else:
        words = f"overtaken as of {relation.date}" if relation.date else "overtaken"
    return pages.mark_md(pages.escape(words), [relation.claim])


class Disputes:
    """The section of contradictions of one page. `settled`: the pairs that are no matter of dispute any more."""

    def __init__(self, document: pages.Document) -> None:
        self.settled = frontmatter.settled(document.front_values)
        self._document = document
        self._section = document.section(CONTRADICTIONS)
        self._entries = list(self._read())
        self._gone: set[str] = set()

    def _read(self) -> Iterable[Entry]:
        for line in _lines(self._document, self._section):
            text = self._document.lines[line]
            found = _LABEL.match(text)
            ids = pages.claims_in(text)
            is_pair = _AGAINST in text
            label = _pair(ids) if is_pair or not found else pages.unescape(found["label"])
            start = found.end() if found and not is_pair else text.find(" ") + 1
            sides = [_SIDE.fullmatch(side) for side in text[start:].rstrip().split(_AGAINST)]
            is_ours = all(sides) and (is_pair or bool(found))
            side = _SIDE.match(text, start)
            for id_ in ids:
                yield Entry(label, id_, pages.unescape(side["value"]) if side else "", "", line, is_ours)

    def add(self, relation: Relation, texts: Mapping[str, str]) -> bool:
        """Show a contradiction; returns whether that is news. `texts`: the words of claims, shown without a figure."""
        label = self._label(relation)
        is_figure = bool(relation.value and relation.other_value)
        sides = (
            (relation.other, relation.other_value if is_figure else texts.get(relation.other, ""), relation.other_date),
            (relation.claim, relation.value if is_figure else texts.get(relation.claim, ""), relation.date),
        )
        shown = {(entry.label, entry.claim) for entry in self._entries}
        new = [Entry(label, *side) for side in sides if (label, side[0]) not in shown and side[1]]
        self._entries += new
        self._gone -= {entry.claim for entry in new}
        return bool(new)

    def _label(self, relation: Relation) -> str:
        """The name of what is disputed, as the section has it already if it shows either side."""
        if not relation.attribute:
            return _pair((relation.claim, relation.other))
        sides = {(relation.claim, relation.value), (relation.other, relation.other_value)}
        known = (entry.label for entry in self._entries if (entry.claim, entry.value) in sides)
        return next(known, relation.attribute.replace(":", ""))

    def claims(self) -> set[str]:
        """The claims that it shows."""
        return {entry.claim for entry in self._entries}

    def drop(self, id_: str) -> None:
        """Show no more what a claim says that is gone; what then stands alone is disputed no more."""
        self._gone.add(id_)

    def standing(self) -> list[Entry]:
        """What will be shown: of each thing two sides or more, or what a person left."""
        left = [entry for entry in self._entries if entry.claim not in self._gone]
        touched = {entry.label for entry in self._entries if entry.claim in self._gone}
        alone = {label for label in touched if sum(entry.label == label for entry in left) < 2}
        sides: dict[str, set[str]] = {}
        for entry in left:
            sides.setdefault(entry.label, set()).add(entry.claim)
        return [e for e in left if e.label not in alone and not (self.settled and self._is_settled(e, sides[e.label]))]

    def _is_settled(self, entry: Entry, sides: set[str]) -> bool:
        """Whether a person has decided of this side and each other one."""
        others = sides - {entry.claim}
        return bool(others) and all(frozenset({entry.claim, other}) in self.settled for other in others)

    def value(self, id_: str) -> tuple[str, str]:
        """What is disputed and what a claim says of it, as the section shows it; "" for what it does not show."""
        shown = (entry for entry in self._entries if entry.claim == id_ and not _PAIR.fullmatch(entry.label))
        return next(((entry.label, entry.value) for entry in shown), ("", ""))

    def place(self, edits: Edits) -> list[str]:
        """Change the section as it stands; returns the lines of a section that is to be made."""
        kept = self.standing()
        _remove(edits, self._document, self._entries, kept)
        made: list[str] = []
        for label in sorted({entry.label for entry in kept if entry.line is None}):
            own = [entry for entry in kept if entry.label == label]
            lines = _disputed_md(sorted((entry for entry in own if entry.line is None), key=_order))
            beside = [entry.line for entry in own if entry.line is not None]
            if beside:
                edits.insert(max(beside) + 1, lines)
            else:
                made += lines
        if self._section is None:
            return made
        edits.insert(tail(self._document.lines, self._section.start, self._section.end), made)
        _clear(edits, self._section)
        return []


class Series:
    """The tables of values over time of one page."""

    def __init__(self, document: pages.Document) -> None:
        self._document = document
        self._section = document.section(OVER_TIME)
        self._heads: dict[str, int] = {}
        self._entries = list(self._read())
        self._gone: set[str] = set()

    def _read(self) -> Iterable[Entry]:
        label = ""
        for line in _lines(self._document, self._section):
            text = self._document.lines[line]
            head, row = _HEAD.fullmatch(text), _ROW.fullmatch(text)
            if head:
                label = pages.unescape(head["label"])
                self._heads.setdefault(label, line)
            elif row and label:
                for id_ in pages.claims_in(row["notes"]):
                    yield Entry(label, id_, pages.unescape(row["value"]), row["date"], line)

    def add(self, relation: Relation, fresh: Collection[str]) -> bool:
        """Show two values of a series; returns whether one is news.

        `fresh`: claims that are new on the page. No other is put into a table that stands: a person took its row away.
        """
        known = {entry.claim: entry.label for entry in self._entries if entry.claim not in self._gone}
        label = known.get(relation.other) or known.get(relation.claim) or relation.attribute
        sides = (
            Entry(label, relation.other, relation.other_value, relation.other_date),
            Entry(label, relation.claim, relation.value, relation.date),
        )
        new = [
            side
            for side in sides
            if side.claim not in known
            and side.value
            and side.date
            and label
            and (side.claim in fresh or label not in self._heads)
        ]
        self._entries += new
        return bool(new)

    def claims(self) -> set[str]:
        """The claims that it shows."""
        return {entry.claim for entry in self._entries}

    def shows(self, label: str) -> bool:
        """Whether there is a table of this attribute."""
        return label in self._heads

    def drop(self, id_: str) -> None:
        """Show no more what a claim says that is gone."""
        self._gone.add(id_)

    def place(self, edits: Edits) -> list[str]:
        """Change the tables as they stand; returns the lines of a section that is to be made."""
        kept = [entry for entry in self._entries if entry.claim not in self._gone]
        _remove(edits, self._document, self._entries, kept)
        labels = list(dict.fromkeys(entry.label for entry in kept))
        for label in self._heads.keys() - set(labels):
            edits.remove(self._heads[label], self._heads[label] + 2)
        made: list[str] = []
        for label in labels:
            own = [entry for entry in kept if entry.label == label]
            if label in self._heads:
                self._insert(edits, own)
            else:
                made += [*([""] if made else []), f"| when | {_cell(label)} |", _RULE]
                made += [_row_md(entry) for entry in sorted(own, key=_order)]
        if self._section is None or not made:
            if self._section is not None:
                _clear(edits, self._section)
            return made
        edits.insert(tail(self._document.lines, self._section.start, self._section.end), ["", *made])
        return []

    def _insert(self, edits: Edits, entries: Iterable[Entry]) -> None:
        entries = list(entries)
        for entry in sorted((entry for entry in entries if entry.line is None), key=_order):
            lines = [(known.date, known.line) for known in entries if known.line is not None]
            later = [line for date, line in lines if date > entry.date]
            at = min(later) if later else max((line for _, line in lines), default=self._heads[entry.label] + 1) + 1
            edits.insert(at, [_row_md(entry)])


def _lines(document: pages.Document, section: pages.Section | None) -> list[int]:
    """The lines of a section; a footnote that stands among them is none of it."""
    noted = document.noted
    return [line for line in range(section.start + 1, section.end) if line not in noted] if section else []


def _remove(edits: Edits, document: pages.Document, before: Iterable[Entry], after: Iterable[Entry]) -> None:
    """Take out the lines that say nothing any more; one that a person wrote on only cites no longer."""
    kept = {entry.line for entry in after}
    for entry in before:
        if entry.line is None or entry.line in kept:
            continue
        if entry.is_ours:
            edits.remove(entry.line)
        else:
            edits.replace(entry.line, _CITED.sub("", document.lines[entry.line]))


def _clear(edits: Edits, section: pages.Section) -> None:
    """Take out a section in which nothing is left."""
    if edits.blank(section.start + 1, section.end):
        edits.remove(section.start, section.end)


def _order(entry: Entry) -> tuple[str, str, str]:
    return entry.label, entry.date, entry.claim


def _pair(ids: Iterable[str]) -> str:
    """The label of two sentences that cannot both be so."""
    return " ".join(sorted(ids))


def _disputed_md(entries: Sequence[Entry]) -> list[str]:
    """The lines of what is said of one thing."""
    sides = []
    for entry in entries:
        date = f" ({entry.date})" if entry.date else ""
        sides.append(f"{pages.escape(entry.value)}[^{entry.claim}]{date}")
    if entries and entries[0].label == _pair(entry.claim for entry in entries):
        return [f"- {_AGAINST.join(sides)}"]
    return [f"- {pages.escape(entry.label)}: {side}" for entry, side in zip(entries, sides, strict=True)]


def _row_md(entry: Entry) -> str:
    return f"| {entry.date} | {_cell(entry.value)}[^{entry.claim}] |"


def _cell(text: str) -> str:
    # A bar would end the cell, and no figure has one.
    return pages.escape(text.replace("|", "/"))
