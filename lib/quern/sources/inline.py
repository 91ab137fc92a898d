"""Markdown inside a paragraph: which characters a reader reads, and where they stand.

CommonMark's rules for code spans, emphasis, links, images, autolinks, HTML and entities,
and Obsidian's for wikilinks, embeds, highlights, comments, footnotes and mathematics.
markdown-it has no offsets below a line, so the characters are walked here; time is linear in their number.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from quern.sources import tags
from quern.sources.units import BREAK, Plain

_SPECIAL = re.compile(r"[\\`*_\[\]!<&~=%$\n]|\^\[")
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_TICKS = re.compile(r"`+")
_AUTOLINK = re.compile(
    r"<([A-Za-z][A-Za-z0-9+.\-]{1,31}:[^\s<>\x00-\x1f]*"
    r"|[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*)>"
)
_WIKILINK = re.compile(r"\[\[([^\[\]|\n]*)(?:\|([^\[\]\n]*))?\]\]")
_FOOTNOTE = re.compile(r"\[\^[^\]\s\[]+\]")
_MATH = re.compile(r"\$\$[^$\n]+\$\$|\$(?=[^\s$])(?:[^$\\\n]|\\[^\n])*(?<=[^\s\\])\$(?!\d)")
_TARGET = re.compile(
    r"\(\s*+(?P<to><(?:[^<>\\\n]|\\.)*+>"
    r"|(?!<)(?:[^\s()\\\x00-\x1f]|\\.|\((?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*+\))*+\))*+)"
    r"(?:\s++(?:\"(?:[^\"\\]|\\.)*+\"|'(?:[^'\\]|\\.)*+'|\((?:[^()\\]|\\.)*+\)))?+\s*+\)",
    re.DOTALL,
)
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.){0,999})\]", re.DOTALL)
# The words of links that are only marks: [\[1\]](#cite), [†](#fn), [↩](#ref), [#](#heading), and Wikipedia's [edit].
_MARK_LINK = re.compile(r"\\?\[(?:\d{1,3}|[a-z]|edit)\\?\]|[*†‡§¶#↑↩^\ufe0e\s]+")
_ATTACHED_LINK = re.compile(r"\d{1,3}|[a-z]")  # such marks, too, if they stand close to a word: not so `see [1](#one)`
_CJK = "\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003fffd"
UNSPACED = re.compile(f"[{_CJK}]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a paragraph without what stands around it (indent, `>`): offsets in the source."""

    start: int
    end: int
    hard: bool = False  # two blanks at its end: the next line is a new one for the reader, too


@dataclass(slots=True)
class _Node:
    """Characters start..end of the scanned text: words (`text`), or markup with its glue, or a run of delimiters."""

    start: int
    end: int
    text: str | None = None
    glue: int = 0
    fixed: bool = False
    char: str = ""
    opens: bool = False
    closes: bool = False
    closed: int = 0  # delimiters used from the left, to close
    opened: int = 0  # delimiters used from the right, to open

    @property
    def left(self) -> int:
        return self.end - self.start - self.closed - self.opened


@dataclass(slots=True)
class _Bracket:
    node: int
    delimiters: int
    kind: str  # [link], ![image] or ^[note]
    after: int


def read(
    raw: str, lines: Sequence[Line], references: Container[str] = (), lead: int = 0, *, cell: bool = False
) -> Plain:
    r"""What a reader reads in some lines of Markdown; the first `lead` characters are markup (a task's box).

    In a table cell, `\|` stands for a bar even in code.
    """
    return _Scanner(raw, lines, references, lead, cell).read()


class _Scanner:
    def __init__(self, raw: str, lines: Sequence[Line], references: Container[str], lead: int, cell: bool) -> None:
        self.text = "\n".join([raw[line.start : line.end] for line in lines])
        self.lines = lines
        self.references = references
        self.cell = cell
        self.at: list[int] = [0]
        for line in lines[:-1]:
            self.at.append(self.at[-1] + line.end - line.start + 1)
        self.nodes: list[_Node] = [_Node(0, lead, glue=1)] if lead else []
        self.pos = lead
        self.delimiters: list[_Node] = []
        self.brackets: list[_Bracket] = []
        self.struck: list[tuple[int, int]] = []
        self.ticks: dict[int, list[int]] | None = None
        self.absent: set[str] = set()
        self.linked = 0  # brackets below this number stand around a link, so they are none

    def read(self) -> Plain:
        rules: dict[str, Callable[[], bool]] = {
            "\\": self._escape, "`": self._code, "[": self._open, "]": self._close, "!": self._image, "<": self._angle,
            "&": self._entity, "%": self._comment, "$": self._math, "\n": self._newline, "^": self._open,
        }  # fmt: skip
        text, size = self.text, len(self.text)
        while self.pos < size:
            found = _SPECIAL.search(text, self.pos)
            at = found.start() if found else size
            if at > self.pos:
                self._words(self.pos, at)
            if at == size:
                break
            self.pos = at
            if not rules.get(text[at], self._delimiters)():
                self._words(at, at + 1)
        self._pair(0)
        return self._plain()

    # Each rule looks at self.pos, and either takes characters (moving self.pos) or says no.

    def _words(self, start: int, end: int, text: str | None = None, *, fixed: bool = False) -> bool:
        self.nodes.append(_Node(start, end, self.text[start:end] if text is None else text, fixed=fixed))
        self.pos = end
        return True

    def _mark(self, end: int, glue: int) -> bool:
        self.nodes.append(_Node(self.pos, end, glue=glue))
        self.pos = end
        return True

    def _escape(self) -> bool:
        after = self.text[self.pos + 1 : self.pos + 2]
        if after == "\n":
            return self._words(self.pos, self.pos + 2, BREAK)
        return bool(after) and after in _PUNCTUATION and self._words(self.pos, self.pos + 2, after)

    def _newline(self) -> bool:
        line = bisect.bisect_right(self.at, self.pos) - 1
        if self.lines[line].hard:
            return self._words(self.pos, self.pos + 1, BREAK)
        before, after = self.text[self.pos - 1 : self.pos], self.text[self.pos + 1 : self.pos + 2]
        joined = UNSPACED.match(before) and UNSPACED.match(after)
        return self._words(self.pos, self.pos + 1, "" if joined else " ")

    def _code(self) -> bool:
        if self.ticks is None:
            self.ticks = {}
            for run in _TICKS.finditer(self.text):
                self.ticks.setdefault(len(run[0]), []).append(run.start())
        start = self.pos
        while self.text.startswith("`", start):
            start += 1
        ticks = start - self.pos
        places = self.ticks.get(ticks, [])
        number = bisect.bisect_left(places, start)
        if number == len(places):
            return self._words(self.pos, start)
        end, stop = places[number], places[number] + ticks
        inside = self.text[start:end]
        if inside[0] in " \n" and inside[-1] in " \n" and inside.strip(" \n"):
            start, end = start + 1, end - 1
        self._mark(start, 1)
        for line in re.finditer(r"[^\n]+|\n", self.text[start:end]):
            words = " " if line[0] == "\n" else line[0].replace("\\|", "|") if self.cell else None
            self._words(start + line.start(), start + line.end(), words, fixed=True)
        return self._mark(stop, -1)

    def _math(self) -> bool:
        found = _MATH.match(self.text, self.pos)
        return found is not None and self._words(found.start(), found.end(), fixed=True)

    def _comment(self) -> bool:
        if not self.text.startswith("%%", self.pos):
            return False
        end = self._find("%%", self.pos + 2)
        return end >= 0 and self._mark(end + 2, 0)

    def _entity(self) -> bool:
        found = tags.ENTITY.match(self.text, self.pos)
        words = tags.entity(found[0]) if found else None
        return found is not None and words is not None and self._words(found.start(), found.end(), words)

    def _angle(self) -> bool:
        found = _AUTOLINK.match(self.text, self.pos)
        if found:
            self._mark(self.pos + 1, 1)
            self._words(self.pos, found.end() - 1, fixed=True)
            return self._mark(found.end(), -1)
        end = tags.tag_end(self.text, self.pos, self._find)
        if end < 0:
            return False
        tag = tags.Tag.of(self.text[self.pos : end])
        if tag.name in tags.SILENT and not tag.closing:
            closing = self._find(f"</{tag.name}", end)
            return self._mark(end if closing < 0 else closing, 0)
        if tag.name in tags.RAISED and not tag.closing and self._raised(end, tag.name):
            return True
        if tag.name == "br":
            return self._words(self.pos, end, BREAK)
        return self._mark(end, 0 if not tag.name or tag.name == "img" else -1 if tag.closing else 1)

    def _raised(self, start: int, name: str) -> bool:
        """`10<sup>6</sup>` reads 10⁶ and not 106; a raised link or [1] is the mark of a note."""
        end = self.text.find(f"</{name}>", start, start + tags.LONGEST_RAISED)
        if end < 0:
            return False
        inside, after = self.text[start:end], end + len(name) + 3
        if name == "sup" and tags.NOTE_MARK.fullmatch(inside):
            return self._mark(after, -1)
        words = tags.raised(inside, name)
        return words is not None and self._words(self.pos, after, words)

    def _image(self) -> bool:
        if self.text.startswith("![[", self.pos):
            found = _WIKILINK.match(self.text, self.pos + 1)
            if found:
                return self._mark(found.end(), 0)
        return self.text.startswith("![", self.pos) and self._bracket("![")

    def _open(self) -> bool:
        if self.text[self.pos] == "^":
            return self._bracket("^[")
        found = _WIKILINK.match(self.text, self.pos)
        if found:
            return self._wikilink(found)
        found = _FOOTNOTE.match(self.text, self.pos)
        if found:
            return self._mark(found.end(), -1)
        return self._bracket("[")

    def _bracket(self, kind: str) -> bool:
        self._words(self.pos, self.pos + len(kind))
        self.brackets.append(_Bracket(len(self.nodes) - 1, len(self.delimiters), kind, self.pos))
        return True

    def _wikilink(self, found: re.Match[str]) -> bool:
        shown = 2 if found[2] and found[2].strip() else 1
        start, end = found.span(shown)
        if shown == 1:
            end -= self.text.endswith("\\", start, end)  # the bar of a table cell
        self._mark(start, 1)
        if shown == 1 and "#" in found[1]:
            for part in re.finditer(r"#[\^#]*|[^#]+", self.text[start:end]):
                words = part[0] if part[0][0] != "#" else " > " if part.start() else ""
                self._words(start + part.start(), start + part.end(), words)
        elif end > start:
            self._words(start, end)
        return self._mark(found.end(), -1)

    def _close(self) -> bool:
        if not self.brackets:
            return False
        bracket = self.brackets.pop()
        inactive = bracket.kind == "[" and len(self.brackets) < self.linked
        self.linked = min(self.linked, len(self.brackets))
        if bracket.kind == "^[":
            self.nodes[bracket.node].text = " ("
            return self._words(self.pos, self.pos + 1, ")")
        end, target = (-1, "") if inactive else self._target(bracket)
        if end < 0:
            return False
        if bracket.kind == "[":
            self.linked = len(self.brackets)  # no link in a link: those that are open are only brackets
        inside = self.text[bracket.after : self.pos]
        if bracket.kind == "![" or (target.startswith("#") and self._is_note_mark(bracket, inside)):
            start = self.nodes[bracket.node].start
            del self.nodes[bracket.node :], self.delimiters[bracket.delimiters :]
            self.nodes.append(_Node(start, end, glue=0 if bracket.kind == "![" else -1))
            self.pos = end
            return True
        self._pair(bracket.delimiters)
        opening = self.nodes[bracket.node]
        opening.text, opening.glue = None, 1
        return self._mark(end, -1)

    def _is_note_mark(self, bracket: _Bracket, inside: str) -> bool:
        before = self.text[bracket.after - 2 : bracket.after - 1]
        is_close = before not in "([" and not before.isspace()
        return bool(_MARK_LINK.fullmatch(inside) or (is_close and _ATTACHED_LINK.fullmatch(inside)))

    def _target(self, bracket: _Bracket) -> tuple[int, str]:
        """Where the link ends whose words end here, and what it leads to; -1 if it is none."""
        found = _TARGET.match(self.text, self.pos + 1)
        if found:
            return found.end(), (found["to"] or "").strip("<>")
        if not self.references:
            return -1, ""
        label = _LABEL.match(self.text, self.pos + 1)
        if label and label[1].strip():
            return (label.end(), "") if self._refers(label[1]) else (-1, "")
        inside = self.text[bracket.after : min(self.pos, bracket.after + 1000)]
        if self._refers(inside) and not re.search(r"(?<!\\)[\[\]]", inside):
            return (label.end() if label else self.pos + 1), ""
        return -1, ""

    def _refers(self, label: str) -> bool:
        # As markdown-it folds labels: lower, then upper case.
        return " ".join(label.split()).lower().upper() in self.references

    def _delimiters(self) -> bool:
        char, start = self.text[self.pos], self.pos
        end = start
        while self.text.startswith(char, end):
            end += 1
        if char in "~=" and end - start != 2:
            return self._words(start, end)
        before, after = self.text[start - 1 : start] or " ", self.text[end : end + 1] or " "
        left = not after.isspace() and (not _is_punctuation(after) or before.isspace() or _is_punctuation(before))
        right = not before.isspace() and (not _is_punctuation(before) or after.isspace() or _is_punctuation(after))
        opens, closes = left, right
        if char == "_":
            opens = left and (not right or _is_punctuation(before))
            closes = right and (not left or _is_punctuation(after))
        node = _Node(start, end, char=char, opens=opens, closes=closes)
        self.nodes.append(node)
        self.delimiters.append(node)
        self.pos = end
        return True

    def _pair(self, first: int) -> None:
        """Find the delimiters after `first` that belong together (CommonMark's procedure), and forget all of them."""
        stack: list[_Node] = []
        bottoms: dict[tuple[str, bool, int], int] = {}
        for node in self.delimiters[first:]:
            key = (node.char, node.opens, (node.end - node.start) % 3)
            while node.closes and node.left:
                found = self._opener(stack, node, bottoms.get(key, 0))
                if found < 0:
                    bottoms[key] = len(stack)
                    break
                del stack[found + 1 :]
                self._unite(stack[found], node)
                if not stack[found].left:
                    del stack[found]
                bottoms = {kind: min(bottom, len(stack)) for kind, bottom in bottoms.items()}
            if node.opens and node.left:
                stack.append(node)
        del self.delimiters[first:]

    @staticmethod
    def _opener(stack: list[_Node], closer: _Node, bottom: int) -> int:
        size = closer.end - closer.start
        for number in range(len(stack) - 1, bottom - 1, -1):
            node = stack[number]
            other = node.end - node.start
            odd = (node.closes or closer.opens) and (other + size) % 3 == 0 and (other % 3 != 0 or size % 3 != 0)
            if node.char == closer.char and (node.char in "~=" or not odd):
                return number
        return -1

    def _unite(self, opener: _Node, closer: _Node) -> None:
        count = 2 if opener.left >= 2 and closer.left >= 2 else 1
        if opener.char == "~":
            self.struck.append((opener.start, closer.end))
        opener.opened += count
        closer.closed += count

    def _find(self, what: str, start: int) -> int:
        """Like str.find; what is not there is looked for once only, so that time stays linear."""
        if what in self.absent:
            return -1
        found = self.text.find(what, start)
        if found < 0:
            self.absent.add(what)
        return found

    def _plain(self) -> Plain:
        plain, struck = Plain(), sorted(self.struck)
        until, number = -1, 0
        for node in self.nodes:
            while number < len(struck) and struck[number][0] <= node.start:
                until, number = max(until, struck[number][1]), number + 1
            if node.start < until:
                plain.mark(self._start(node.start), self._end(node.end), 0)
            elif node.char:
                self._put_delimiters(plain, node)
            elif node.text is None:
                plain.mark(self._start(node.start), self._end(node.end), node.glue)
            elif node.text == BREAK:
                plain.line_end(BREAK, self._start(node.start), self._end(node.end))
            elif node.text:
                before = plain.length
                plain.add(node.text, self._start(node.start), self._end(node.end))
                if node.fixed:
                    plain.fixed.append((before, plain.length))
        return plain

    def _put_delimiters(self, plain: Plain, node: _Node) -> None:
        start, end = self._start(node.start), self._end(node.end)
        if node.closed:
            plain.mark(start, start + node.closed, -1)
        if node.left:
            plain.add(node.char * node.left, start + node.closed, end - node.opened)
        if node.opened:
            plain.mark(end - node.opened, end, 1)

    def _start(self, at: int) -> int:
        line = bisect.bisect_right(self.at, at) - 1
        return self.lines[line].start + at - self.at[line]

    def _end(self, at: int) -> int:
        """The end in the source of what ends before `at` here; a line's end takes the next line's indent along."""
        line = bisect.bisect_right(self.at, at - 1) - 1
        start = self.lines[line].start + at - self.at[line]
        return start if start <= self.lines[line].end else self.lines[line + 1].start


def _is_punctuation(char: str) -> bool:
    # Chinese and Japanese punctuation stands without blanks: CommonMark's rule would leave `**好。**他` as it is.
    return char in _PUNCTUATION or (unicodedata.category(char)[0] in "PS" and not UNSPACED.match(char))
