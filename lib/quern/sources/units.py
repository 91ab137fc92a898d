"""What every format is read into: units, each with its exact slice and the words that a reader reads in it."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from quern.records import Sort

# A line that ends here on purpose: the words go on, or they do not; splitting into sentences decides.
BREAK = "\n"
# The end of a block: words never go on over it.
STOP = "\u2029"

_LINE_END = re.compile(r"\r\n|\n|\r")

# White space that is not one blank, and characters that no reader sees: soft hyphens, zero-width blanks, byte order
# marks, marks of writing direction (which can make text read otherwise than it is), control characters.
_UNSEEN = "\u00ad\u200b\u200e\u200f\u2060-\u2064\u202a-\u202e\u2066-\u206f\ufeff\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
_UNEVEN = re.compile(rf"[^\S ]+|  +|[{_UNSEEN}]")
_PIECES = re.compile(rf"(?P<blank>[{_UNSEEN}]*\s[\s{_UNSEEN}]*)|(?P<unseen>[{_UNSEEN}]+)|[^\s{_UNSEEN}]+")


class Run(NamedTuple):
    """Words at `at` in the plain text that stand at start..end in the source; as long there and here = copied."""

    at: int
    length: int
    start: int
    end: int


class Mark(NamedTuple):
    """Markup between the words: `glue` is 1 if it belongs to what follows, -1 to what precedes, 0 to neither."""

    at: int
    start: int
    end: int
    glue: int


@dataclass(slots=True)
class Plain:
    """What a reader reads of a slice of the source, and where each character of it stands there."""

    parts: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    fixed: list[tuple[int, int]] = field(default_factory=list)  # code, formulas, addresses: no sentence ends in them
    length: int = 0
    last: str = STOP

    @property
    def text(self) -> str:
        """The words; joined once."""
        if len(self.parts) > 1:
            self.parts[:] = ["".join(self.parts)]
        return self.parts[0] if self.parts else ""

    def add(self, text: str, start: int, end: int) -> None:
        """Append words that stand at start..end; white space becomes single blanks."""
        if not _UNEVEN.search(text) and not (self.last == " " and text.startswith(" ")):
            self.put(text, start, end)
            return
        copied = len(text) == end - start
        for piece in _PIECES.finditer(text):
            left, right = (start + piece.start(), start + piece.end()) if copied else (start, end)
            if piece.lastgroup == "blank":
                self.blank(left, right)
            elif piece.lastgroup is None:
                self.put(piece[0], left, right)

    def put(self, text: str, start: int, end: int) -> None:
        """Append words as they are."""
        self.parts.append(text)
        self.runs.append(Run(self.length, len(text), start, end))
        self.length += len(text)
        self.last = text[-1:] or self.last

    def blank(self, start: int, end: int) -> None:
        """Append one blank, unless there is one already."""
        if self.last not in (" ", BREAK, STOP):
            self.put(" ", start, end)

    def line_end(self, character: str, start: int, end: int) -> None:
        """Append a BREAK or a STOP, unless a line ends there already."""
        if self.last == BREAK and character == STOP:
            self.parts[-1] = self.last = STOP
        elif self.last not in (BREAK, STOP):
            self.put(character, start, end)

    def mark(self, start: int, end: int, glue: int) -> None:
        """Note markup, which nobody reads."""
        self.marks.append(Mark(self.length, start, end, glue))

    def extend(self, other: Plain) -> None:
        """Append what another has, which stands later in the source."""
        self.runs.extend(Run(run.at + self.length, *run[1:]) for run in other.runs)
        self.marks.extend(Mark(mark.at + self.length, *mark[1:]) for mark in other.marks)
        self.fixed.extend((start + self.length, end + self.length) for start, end in other.fixed)
        self.parts.extend(other.parts)
        self.length += other.length
        self.last = other.last

    def spans(self, cuts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Where cuts of the words (start, end; in order) stand in the source, with the markup that belongs to each."""
        starts = [run.at for run in self.runs]
        found = [(self._start(starts, a), self._end(starts, b)) for a, b in cuts]
        gaps = [(0, cuts[0][0])] if cuts else []
        gaps += [(left[1], right[0]) for left, right in itertools.pairwise(cuts)]
        gaps += [(cuts[-1][1], self.length)] if cuts else []
        places = [mark.at for mark in self.marks]
        for number, (a, b) in enumerate(gaps):
            between = self.marks[bisect.bisect_left(places, a) : bisect.bisect_right(places, b)]
            first = next((n for n, mark in enumerate(between) if mark.glue > 0), len(between))
            closing = [mark.end for mark in between[:first] if mark.glue < 0]
            if number and closing:
                found[number - 1] = (found[number - 1][0], max(found[number - 1][1], closing[-1]))
            if number < len(found) and first < len(between):
                found[number] = (min(found[number][0], between[first].start), found[number][1])
        return found

    def _start(self, starts: list[int], at: int) -> int:
        run = self.runs[bisect.bisect_right(starts, at) - 1]
        return run.start + at - run.at if run.length == run.end - run.start else run.start

    def _end(self, starts: list[int], at: int) -> int:
        run = self.runs[bisect.bisect_right(starts, at - 1) - 1]
        return run.start + at - run.at if run.length == run.end - run.start else run.end


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a source that hangs together: a paragraph, a list item, a row, a heading, a block of code."""

    sort: Sort
    plain: Plain
    headings: tuple[str, ...]
    start: int
    end: int
    level: int = 0  # of a heading under which the text goes on


class Lines:
    """The lines of a text: they end at LF, CRLF and CR only."""

    def __init__(self, raw: str) -> None:
        self.starts = [0]
        self.ends = []
        for found in _LINE_END.finditer(raw):
            self.ends.append(found.start())
            self.starts.append(found.end())
        self.ends.append(len(raw))

    def __len__(self) -> int:
        return len(self.starts)

    def number(self, offset: int) -> int:
        """The number, from 0, of the line in which an offset stands."""
        return bisect.bisect_right(self.starts, offset) - 1

    def place(self, start: int, end: int) -> str:
        """Where a person finds start..end: `line 12` or `lines 12-13`."""
        first, last = self.number(start) + 1, self.number(max(start, end - 1)) + 1
        return f"line {first}" if first == last else f"lines {first}-{last}"


def whole(text: str, start: int, end: int) -> Plain:
    """Words that are never cut: where they stand is known for all of them together."""
    plain = Plain()
    if text:
        plain.put(text, start, end)
    return plain


def join(plains: Iterable[Plain], between: str) -> Plain:
    """Several in a row, with words between them that stand nowhere in the source."""
    joined = Plain()
    for plain in plains:
        if not plain.length:
            continue
        if joined.length:
            joined.add(between, plain.runs[0].start, plain.runs[0].start)
        joined.extend(plain)
    return joined


def trimmed(text: str) -> Iterator[tuple[int, int]]:
    """The one cut that is all of a text but the white space around it; none if there is nothing else."""
    stripped = text.strip()
    if stripped:
        start = text.index(stripped)
        yield start, start + len(stripped)
