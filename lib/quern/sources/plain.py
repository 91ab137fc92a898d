"""Plain text, as people write it, into units: paragraphs, turns of a conversation, list items, rows, headings.

Nothing says what is what, so these rules are kept few, and where they are wrong a paragraph is cut or joined, no more:
a line end is soft if the next word would not have fitted on the line, or if the next line goes on in a small letter.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from quern import __version__
from quern.records import Sort
from quern.sources.inline import UNSPACED, Line
from quern.sources.turns import is_head, turn
from quern.sources.units import Lines, Plain, Unit, join, trimmed

EXTRACTOR = f"quern {__version__}"
_QUOTED = re.compile(r"[ \t]*(?:>[ \t]?)*")
_ITEM = re.compile(r"[ \t]*(?:[-*+•◦▪‣–—·]|\(?(?:\d{1,3}|[a-zA-Z])[.)])[ \t]+(?:\[[ xX/\-]\][ \t]+)?(?=\S)")
_RULE = re.compile(r"[ \t]*(?:[-=_*~#.+][ \t]*){3,}")
_UNDERLINE = re.compile(r"[ \t]*(={3,}|-{3,}|~{3,})[ \t]*")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?[ \t]+\S.*")
_MARKED = re.compile(r"(#{1,6})[ \t]+(?=\S)")
_FINAL = re.compile(r"[.!?…。！？:;,،؟।][\"'”’»)\]]*$")
_HEADER = re.compile(r"(title|author|authors|by|date|published|source|url|language)[ \t]*:[ \t]*(\S.*)", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}\.[ ]?\d{1,2}\.[ ]?\d{4}")
_HEAD, _HEAD_LINES = 2000, 12
_LONG_HEADING = 80
_NARROWEST = 45
_NARROWEST_UNSPACED = 20
_TABS = re.compile(r"(?<=\S)[ ]*\t[ \t]*(?=\S)")


@dataclass(slots=True)
class _Block:
    """Lines between blank lines, all quoted as deep (`>`), without that and without the white space around them."""

    lines: list[Line]
    full: list[int]  # how far to the left each line begins: its indent
    quoted: int


@dataclass(slots=True)
class _Reader:
    raw: str
    headings: list[tuple[int, str]] = field(default_factory=list)
    titled: bool = False

    def read(self, blocks: Sequence[_Block]) -> Iterator[Unit]:
        for number, block in enumerate(blocks):
            lines = block.lines
            level, count = self._heading(block, is_first=number == 0, is_last=number == len(blocks) - 1)
            if level:
                yield from self._titled(lines[0], level)
                lines = lines[count:]
            if len(lines) > 1 and all(_TABS.search(self._text(line)) for line in lines):
                for line in lines:
                    yield from self._unit("row", self._row(line))
                continue
            for sort, group in self._groups(lines):
                is_speaker = len(group) == 1 and is_head(self._text(group[0]))
                yield from self._unit("heading" if is_speaker else sort, self._join(group))

    def _text(self, line: Line) -> str:
        return self.raw[line.start : line.end]

    def _heading(self, block: _Block, *, is_first: bool, is_last: bool) -> tuple[int, int]:
        """The level of the heading that a block begins with (0: none), and how many lines that is."""
        text = self._text(block.lines[0])
        marked = _MARKED.match(text)
        if marked:
            return len(marked[1]), 1
        if (
            block.quoted
            or len(text) > _LONG_HEADING
            or _TABS.search(text)
            or (_ITEM.match(text) and not _NUMBERED.fullmatch(text))
        ):
            return 0, 0
        following = self._text(block.lines[1]) if len(block.lines) > 1 else ""
        under = _UNDERLINE.fullmatch(following)
        if under and any(map(str.isalnum, text)):
            return (1 if under[1][0] == "=" else 2), 2
        if _FINAL.search(text) or turn(text) or not any(map(str.isalpha, text)):
            return 0, 0
        if is_first and not (following or is_last):
            return 1, 1
        first, second = block.lines[0], block.lines[min(1, len(block.lines) - 1)]
        if is_first and following and not self._goes_on(first, second, self._width(block.lines), "prose"):
            return 1, 1
        if text.isupper() and sum(map(str.isalpha, text)) > 3 and (not following or _ITEM.match(following)):
            return 2, 1
        if following:
            return 0, 0
        numbered = _NUMBERED.fullmatch(text)
        return (2 + numbered[1].count("."), 1) if numbered and not is_last else (0, 0)

    def _titled(self, line: Line, level: int) -> Iterator[Unit]:
        marked = _MARKED.match(self._text(line))
        plain = self._join([Line(line.start + (marked.end() if marked else 0), line.end)])
        words = plain.text.strip()
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        self.headings.append((level, words))
        yield from self._unit("heading", plain, level)

    def _groups(self, lines: Sequence[Line]) -> Iterator[tuple[Sort, list[Line]]]:
        """The lines of each paragraph, item and turn."""
        width = self._width(lines)
        sort: Sort = "prose"
        group: list[Line] = []
        for line in lines:
            text = self._text(line)
            if _RULE.fullmatch(text):
                yield sort, group
                group, sort = [], "prose"
                continue
            item = _ITEM.match(text)
            if group and (item or turn(text) or not self._goes_on(group[-1], line, width, sort)):
                yield sort, group
                group, sort = [], "prose"
            if item:
                sort = "item"
            group.append(Line(line.start + item.end(), line.end) if item else line)
        yield sort, group

    def _width(self, lines: Sequence[Line]) -> int:
        """How wide a paragraph was wrapped; lines so short were not wrapped at all."""
        width = max((line.end - line.start for line in lines), default=0)
        least = _NARROWEST_UNSPACED if lines and UNSPACED.match(self.raw[lines[0].start]) else _NARROWEST
        return width if width >= least else sys.maxsize

    def _goes_on(self, line: Line, following: Line, width: int, sort: Sort) -> bool:
        text, after = self._text(line), self._text(following)
        first = after.split(maxsplit=1)[0]
        if UNSPACED.match(first):
            first = first[0]
        if after[0].islower() or len(text) + 1 + len(first) > width:
            return True
        return sort == "item" and self.raw[following.start - 1] in " \t" and not _FINAL.search(text)

    def _join(self, lines: Sequence[Line]) -> Plain:
        plain = Plain()
        for before, line in itertools.zip_longest([None, *lines[:-1]], lines):
            if before and line:
                unspaced = UNSPACED.match(self.raw[before.end - 1]) and UNSPACED.match(self.raw[line.start])
                if not unspaced:
                    plain.blank(before.end, line.start)
            if line:
                plain.add(self._text(line), line.start, line.end)
        return plain

    def _row(self, line: Line) -> Plain:
        cells, at = [], line.start
        for tab in [*_TABS.finditer(self.raw, line.start, line.end), None]:
            cell = Plain()
            end = tab.start() if tab else line.end
            cell.add(self.raw[at:end], at, end)
            cells.append(cell)
            at = tab.end() if tab else end
        return join(cells, " · ")

    def _unit(self, sort: Sort, plain: Plain, level: int = 0) -> Iterator[Unit]:
        for cut in trimmed(plain.text):
            (start, end), *_ = plain.spans([cut])
            yield Unit(sort, plain, tuple(words for _, words in self.headings), start, end, level)


def head(raw: str) -> dict[str, str]:
    """What the first lines of a text say of it: `Date: 2026-03-12`, `Author: Jane Doe`, or a date on a line."""
    values: dict[str, str] = {}
    for line in re.split(r"[\r\n]+", raw[:_HEAD])[:_HEAD_LINES]:
        found = _HEADER.fullmatch(line.strip())
        if found:
            values.setdefault(found[1].lower(), found[2])
        elif _DAY.fullmatch(line.strip()):
            values.setdefault("date", line.strip())
    return values


def units(raw: str, start: int) -> Iterator[Unit]:
    """The units of a plain text from `start` on, in reading order."""
    return _Reader(raw).read(list(_blocks(raw, Lines(raw), start)))


def _blocks(raw: str, lines: Lines, start: int) -> Iterator[_Block]:
    block = _Block([], [], 0)
    for number in range(lines.number(start), len(lines)):
        first, end = max(start, lines.starts[number]), lines.ends[number]
        quote = _QUOTED.match(raw, first, end)
        begin = quote.end() if quote else first
        quoted = raw.count(">", first, begin)
        text = raw[begin:end]
        line = Line(begin + len(text) - len(text.lstrip()), begin + len(text.rstrip()))
        if line.start >= line.end or quoted != block.quoted:
            if block.lines:
                yield block
            block = _Block([], [], quoted)
        if line.start < line.end:
            block.lines.append(line)
            block.full.append(line.start - first)
    if block.lines:
        yield block
