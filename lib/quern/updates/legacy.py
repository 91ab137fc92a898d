"""What people wrote on a page that goes into another: it goes along as it stands, under its headings or one more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from quern import pages
from quern.checks.references import heading_key
from quern.pages import sections
from quern.updates.upkeep import heading

_OURS = (sections.FACTS, *sections.SHOWN, sections.RELATED)


@dataclass(slots=True)
class Legacy:
    """`text`: what stands under a heading that says where it is from. `below`: sections whose names are free."""

    text: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)

    def add(self, lines: Sequence[str]) -> None:
        """Take lines along, as a paragraph of their own."""
        self.text += [*([""] if self.text else []), *lines]

    def add_below(self, lines: Sequence[str]) -> None:
        """Take a section along."""
        self.below += [*([""] if self.below else []), *lines]

    def gather(self, left: pages.Document, kept: pages.Document, *, is_lead_ours: bool) -> None:
        """A lead of theirs, what stands beside it, and their sections; what was taken along before stands between."""
        starts = [section.start for section in left.sections if section.start > left.title_line]
        noted = left.noted
        end = min([*starts, *noted], default=len(left.lines))
        above = [number for number in range(left.front_end, end) if number != left.notice]
        if heading(left) == left.title:
            above = [number for number in above if number != left.title_line]
        if left.lead is not None and is_lead_ours:
            above = [number for number in above if not left.lead.start <= number < left.lead.end]
        before, self.text = self.text, trimmed([left.lines[number] for number in above])
        self.text = trimmed([*self.text, *([""] if before else []), *before])
        below = [range(section.start, section.end) for section in left.sections if section.start > left.title_line]
        behind = [number for number in range(end, len(left.lines)) if not any(number in rows for rows in below)]
        for first, last in groups(left):
            rows = range(left.sections[first].start, left.sections[last - 1].end)
            lines = trimmed([left.lines[number] for number in rows if number not in noted])
            if is_taken((first, last), left, kept):
                self.text += ["", *_lowered(left, lines, rows)]
            else:
                self.add_below(lines)
        tail = trimmed([left.lines[number] for number in behind if number not in noted])
        self.text += ["", *tail] if tail else []


def groups(document: pages.Document) -> list[tuple[int, int]]:
    """The sections of people as (first, behind the last), each with those below it."""
    found: list[tuple[int, int]] = []
    for number, section in enumerate(document.sections):
        if section.start <= document.title_line or section.title in _OURS:
            continue
        above = document.sections[found[-1][0]] if found and found[-1][1] == number else None
        if above is not None and section.level > above.level:
            found[-1] = (found[-1][0], number + 1)
        else:
            found.append((number, number + 1))
    return found


def is_taken(group: tuple[int, int], document: pages.Document, other: pages.Document) -> bool:
    """Whether the other page has a section of that name."""
    taken = {heading_key(section.title) for section in other.sections}
    return heading_key(document.sections[group[0]].title) in taken


def title_of(document: pages.Document, path: str) -> str:
    """The heading under which text goes that has none of its own, or one that is taken."""
    return f"From {document.title or pages.file_of(path)}"


def trimmed(lines: Sequence[str]) -> list[str]:
    """Lines without the blank ones around them."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def _lowered(document: pages.Document, lines: Sequence[str], rows: range) -> list[str]:
    """A section one level lower, with what is below it."""
    starts = {document.lines[s.start] for s in document.sections if s.start in rows and s.level < 6}
    return [f"#{line}" if line in starts else line for line in lines]
