"""Markdown, as CommonMark, GitHub and Obsidian write it, into units.

markdown-it finds the blocks and says on which lines each stands; what is in them is read by `inline` and `tags`.
A block's content is its lines without what stands around them, so where a line of it begins in the source
is known from its length: a line of content is always the end of a line of the source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt, __version__
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from quern.records import Sort
from quern.sources import inline, tags
from quern.sources.inline import Line
from quern.sources.turns import is_head, starts_turns
from quern.sources.units import Lines, Plain, Unit, join, trimmed, whole

EXTRACTOR = f"markdown-it-py {__version__}"

_TASK = re.compile(r"\[[ xX/\-]\][ \t]+")
_CALLOUT = re.compile(r"\[!([\w-]+)(?:\|[^\]\n]*)?\][+-]?[ \t]*")
_BLOCK_ID = re.compile(r"(?:^|[ \t]+)\^[A-Za-z0-9-]+$")
_BOLD_LINE = re.compile(r"(\*\*|__)(?![\s*_])[^\n]{1,100}?(?<![\s.!?…。！？,;])\1:?", re.DOTALL)
_CONTENTS = re.compile(r"\[TOC\]|\[\[_?TOC_?\]\]", re.IGNORECASE)  # where a table of contents is to be
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]:[ \t]*")
_CELL_END = re.compile(r"(?<!\\)(?:\\\\)*\|")
_LONG_HEADING = 200  # characters: longer is a paragraph with a line drawn under it
_BOLD_LEVEL = 7  # below every heading


def head(_raw: str) -> dict[str, str]:
    """What a text says of itself without front matter: nothing, in Markdown."""
    return {}


def units(raw: str, start: int) -> Iterator[Unit]:
    """The units of a Markdown text from `start` on, in reading order."""
    lines = Lines(raw)
    environment: dict[str, dict[str, object]] = {}
    tokens = _parser().parse(raw[start:], environment)
    return _Reader(raw, lines, lines.number(start), environment.get("references", {})).read(tokens)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "comment", _between("%%", "comment"), interrupts)
    parser.block.ruler.before("fence", "formula", _between("$$", "fence"), interrupts)
    parser.block.ruler.before("reference", "footnote", _footnote, interrupts)
    return parser


def _between(fence: str, kind: str) -> Callable[[StateBlock, int, int, bool], bool]:
    """A rule for a block that opens and closes with the same two characters, over blank lines too."""

    def rule(state: StateBlock, first: int, last: int, silent: bool) -> bool:
        start = state.bMarks[first] + state.tShift[first]
        if state.is_code_block(first) or not state.src.startswith(fence, start):
            return False
        if state.src.find(fence, start + 2, state.eMarks[first]) >= 0:
            return False
        end = next((n for n in range(first + 1, last) if fence in state.src[state.bMarks[n] : state.eMarks[n]]), last)
        if end == last:
            return False
        if not silent:
            token = state.push(kind, "", 0)
            token.content = state.getLines(first + 1, end, state.sCount[first], False)  # noqa: FBT003 (likewise)
            token.map = [first, end + 1]
            state.line = end + 1
        return True

    return rule


def _footnote(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A rule for `[^1]: text`, whose further paragraphs are indented by four."""
    start = state.bMarks[first] + state.tShift[first]
    found = _FOOTNOTE.match(state.src, start, state.eMarks[first])
    if not found or state.is_code_block(first):
        return False
    if silent:
        return True
    kept = state.bMarks[first], state.tShift[first], state.sCount[first], state.blkIndent, state.parentType
    state.push("footnote_open", "", 1)
    state.blkIndent += 4
    state.bMarks[first], state.tShift[first], state.sCount[first] = found.end(), 0, state.blkIndent
    state.parentType = "footnote"
    state.md.block.tokenize(state, first, last)
    state.push("footnote_close", "", -1)
    state.bMarks[first], state.tShift[first], state.sCount[first], state.blkIndent, state.parentType = kept
    return True


@dataclass(slots=True)
class _Reader:
    """Walks over markdown-it's blocks and makes units of them."""

    raw: str
    lines: Lines
    first: int  # the line of the source that is line 0 of the blocks
    references: Container[str]
    headings: list[tuple[int, str]] = field(default_factory=list)
    items: int = 0
    quotes: int = 0
    header: list[str] = field(default_factory=list)
    lead: bool = False  # the next paragraph is the first of its item or quote

    def read(self, tokens: Sequence[Token]) -> Iterator[Unit]:
        row: Token | None = None
        for number, token in enumerate(tokens):
            kind = token.type
            self._enter(token)
            if kind == "inline" and row is None and token.content:
                opening = tokens[number - 1]
                yield from self._heading(token, opening) if opening.tag[:1] == "h" else self._paragraph(token)
                self.lead = False
            elif kind in ("fence", "code_block"):
                yield from self._code(token)
            elif kind == "html_block":
                yield from self._html(token)
            elif kind == "tr_open":
                row = token
                if tokens[number - 1].type == "thead_open":
                    self.header = []
            elif kind == "inline" and row is not None and tokens[number - 1].type == "th_open":
                cell = inline.read(token.content, [Line(0, len(token.content))], self.references)
                self.header.append(cell.text.strip())
            elif kind == "tr_close" and row is not None:
                if tokens[number - 1].type == "td_close":
                    yield from self._row(row)
                row = None

    def _enter(self, token: Token) -> None:
        if token.type in ("list_item_open", "list_item_close"):
            self.items += token.nesting
            self.lead = token.nesting > 0
        elif token.type in ("blockquote_open", "blockquote_close"):
            self.quotes += token.nesting
            self.lead = token.nesting > 0

    def _path(self) -> tuple[str, ...]:
        return tuple(words for _, words in self.headings)

    def _content(self, token: Token) -> list[Line]:
        """Where the lines of a block's content stand in the source."""
        assert token.map is not None  # noqa: S101 (blocks always have one)
        content = [line.strip() for line in token.content.split("\n")]
        first, last = self.first + token.map[0], min(self.first + token.map[1], len(self.lines))
        ends = []
        for number in range(first, last):
            end = self.lines.ends[number]
            ends.append((len(self.raw[self.lines.starts[number] : end].rstrip()) + self.lines.starts[number], end))
        # markdown-it strips lines of no-break blanks at either end of a paragraph, so the first line may come later.
        for skip in range(max(1, len(ends) - len(content) + 1)):
            found = [
                Line(end - len(line), end, hard=full - end >= 2)
                for line, (end, full) in zip(content, ends[skip:], strict=False)
                if self.raw.startswith(line, end - len(line))
            ]
            if len(found) == len(content):
                return found
        return []

    def _heading(self, token: Token, opening: Token) -> Iterator[Unit]:
        lines = self._content(token) if opening.markup in ("=", "-") else self._atx(token)
        plain = self._read(lines)
        if len(plain.text) > _LONG_HEADING:
            yield from self._unit("prose", plain)
            return
        words = " ".join(plain.text.split())
        level = int(opening.tag[1:]) if token.level == 1 else 0
        if level and words:
            self._push(level, words)
        yield from self._unit("heading", plain, level)

    def _push(self, level: int, words: str) -> None:
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        self.headings.append((level, words))

    def _atx(self, token: Token) -> list[Line]:
        assert token.map is not None  # noqa: S101 (blocks always have one)
        number = self.first + token.map[0]
        end = self.lines.ends[number]
        end = self.lines.starts[number] + len(self.raw[self.lines.starts[number] : end].rstrip())
        content = token.content.strip()
        while end > self.lines.starts[number] and not self.raw.endswith(content, self.lines.starts[number], end):
            end -= 1
        return [Line(end - len(content), end)]

    def _paragraph(self, token: Token) -> Iterator[Unit]:
        lines = self._content(token)
        if not lines or _CONTENTS.fullmatch(token.content.strip()):
            return
        cut = _BLOCK_ID.search(self.raw, lines[-1].start, lines[-1].end)
        if cut and self.raw[lines[-1].end - 1] != "^":
            lines[-1] = Line(lines[-1].start, cut.start())
        found = (_TASK if self.items else _CALLOUT).match(self.raw, lines[0].start, lines[0].end) if self.lead else None
        if found and found.re is _CALLOUT:
            title = self._read(lines[:1], found.end() - found.start())
            if title.text.strip().casefold() != found[1].casefold():
                yield from self._unit("heading", title)
            lines, found = lines[1:], None
        sort: Sort = "item" if self.items else "prose"
        if sort == "prose" and len(lines) == 1 and _BOLD_LINE.fullmatch(self.raw, lines[0].start, lines[0].end):
            yield from self._bold(lines)
            return
        lead = found.end() - found.start() if found else 0
        for first, last in starts_turns([self.raw[line.start : line.end] for line in lines]):
            text = self.raw[lines[first].start : lines[first].end]
            is_speaker = sort == "prose" and last == first + 1 and is_head(text)
            yield from self._unit("heading" if is_speaker else sort, self._read(lines[first:last], lead))
            lead = 0

    def _bold(self, lines: Sequence[Line]) -> Iterator[Unit]:
        """A line of its own that is all bold is a heading to whoever reads it."""
        plain = self._read(lines)
        if not self.quotes:
            self._push(_BOLD_LEVEL, plain.text.strip().rstrip(":"))
        yield from self._unit("heading", plain)

    def _code(self, token: Token) -> Iterator[Unit]:
        assert token.map is not None  # noqa: S101 (blocks always have one)
        text = token.content.rstrip()
        if not text:
            return
        first = self.first + token.map[0] + (token.type == "fence")
        content = text.split("\n")
        blank = next(number for number, line in enumerate(content) if line.strip())
        content = content[blank:]
        first, last = first + blank, first + blank + len(content) - 1
        end = self.lines.starts[last] + len(self.raw[self.lines.starts[last] : self.lines.ends[last]].rstrip())
        line = self.raw[self.lines.starts[first] : self.lines.ends[first]].rstrip()
        # A tab that is part indent, part code is neither in the slice.
        head = content[0].rstrip() if line.endswith(content[0].rstrip()) else content[0].strip()
        start = self.lines.starts[first] + len(line) - len(head)
        yield Unit("code", whole("\n".join(content), start, end), self._path(), start, end)

    def _html(self, token: Token) -> Iterator[Unit]:
        assert token.map is not None  # noqa: S101 (blocks always have one)
        first, last = self.first + token.map[0], min(self.first + token.map[1], len(self.lines)) - 1
        plain = tags.read(self.raw, self.lines.starts[first], self.lines.ends[last])
        yield from self._unit("prose", plain)

    def _row(self, token: Token) -> Iterator[Unit]:
        assert token.map is not None  # noqa: S101 (blocks always have one)
        number = self.first + token.map[0]
        start, end = self.lines.starts[number], self.lines.ends[number]
        around = re.compile(r"[ \t]*(?:>[ \t]*)*" if self.quotes else r"[ \t]*").match(self.raw, start, end)
        start = around.end() if around else start
        cells = [self._cell(*cell) for cell in zip(_cells(self.raw, start, end), self.header, strict=False)]
        yield from self._unit("row", join(cells, " · "))

    def _cell(self, cell: tuple[int, int], name: str) -> Plain:
        """A cell with what its column is called before it: a row must be understood without its table."""
        plain = inline.read(self.raw, [Line(*cell)], self.references, cell=True)
        if not plain.text.strip() or not name:
            return plain
        labelled = Plain()
        labelled.add(f"{name.rstrip(':')}: ", cell[0], cell[0])
        labelled.extend(plain)
        return labelled

    def _read(self, lines: Sequence[Line], lead: int = 0) -> Plain:
        return inline.read(self.raw, lines, self.references, lead) if lines else Plain()

    def _unit(self, sort: Sort, plain: Plain, level: int = 0) -> Iterator[Unit]:
        for cut in trimmed(plain.text):
            (start, end), *_ = plain.spans([cut])
            yield Unit(sort, plain, self._path(), start, end, level)


def _cells(raw: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the cells of a table's row stand, without the blanks around them."""
    line = raw[start:end]
    end = start + len(line.rstrip())
    start += raw.startswith("|", start)
    while start < end:
        bar = _CELL_END.search(raw, start, end)
        stop = bar.end() - 1 if bar else end
        text = raw[start:stop]
        left = start + len(text) - len(text.lstrip())
        yield left, max(left, start + len(text.rstrip()))
        start = stop + 1
