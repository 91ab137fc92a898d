"""What a page says, read line by line: fast enough to read ten thousand pages in a few seconds.

Nothing here fails on any text: what cannot be read is among the problems of the page.
Lines are 0-based everywhere (an index into `Document.lines`), but for problems, which are for people: 1-based.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from quern.pages import evidence, frontmatter, links, markup, oddities
from quern.pages.bullets import Bullet, claims_in, claims_in_marks, plain_of
from quern.pages.evidence import Footnote, LedgerItem, Unread, Waiting
from quern.pages.links import Link
from quern.pages.oddities import Oddity
from quern.pages.sections import LEFT_UNREAD, NOT_CARRIED, SHOWN, WAITING

SOURCE, ANSWER = "source", "answer"
NOTICE = "> [!stale] "
_UNREAD = frozenset({LEFT_UNREAD, NOT_CARRIED})

_HEADING = re.compile(r"(#{1,6})(?=[ \t\r]|\Z)")
_BULLET = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_REF = re.compile(r"\[\^([^\]\s\[]+)\]")
_CLAIM = re.compile(r"[0-9a-f]{12}\Z")
_BLOCK_START = re.compile(
    r"[ \t]*(?:#{1,6}(?:\s|\Z)|>|\||<|\[\^[^\]\s]+\]:|(?:[-*+]|\d{1,9}[.)])(?:[ \t]|\Z)|([-*_])(?:[ \t]*\1){2,}\s*\Z)"
)
_FENCE = re.compile(r"---[ \t\r]*\Z")
_KEY = re.compile(r"[A-Za-z_][\w-]*:(?:\s|\Z)")
_CONFLICT = re.compile(r"(?:<{7}|>{7}|\|{7})(?: |\r?\Z)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z])|(?<=[。！？])")
_FIRST_CITED = re.compile(r"(?:\\.|[^\\])*?(?:(?:\[\^[^\]\s\[]+\])+|\(\[\[#\^[^()]*\]\]\))", re.DOTALL)


class Problem(NamedTuple):
    """What keeps a page from being read for sure, on a line as people count."""

    line: int
    message: str


class Lead(NamedTuple):
    """The first paragraph under the title: lines [start, end)."""

    text: str
    start: int
    end: int


class Section(NamedTuple):
    """A heading on line `start`, and what stands under it up to the next heading or the footnotes before it."""

    title: str
    level: int
    start: int
    end: int


class Ref(NamedTuple):
    """A footnote as it is cited outside of footnotes."""

    line: int
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page: its lines, without their ends, and what they say.

    `front_end` is the number of lines that the front matter takes.
    `title_line` is the line of the first `# heading`; without one, the last line of the front matter (or -1).
    `notice` is the line below it that says that the page is stale; it is no part of the lead.
    """

    lines: list[str]
    newline: str = "\n"
    front_values: dict[str, Any] = field(default_factory=dict)
    front_end: int = 0
    problems: list[Problem] = field(default_factory=list)
    title: str = ""
    title_line: int = -1
    notice: int | None = None
    lead: Lead | None = None
    sections: list[Section] = field(default_factory=list)
    bullets: list[Bullet] = field(default_factory=list)
    footnotes: dict[str, Footnote] = field(default_factory=dict)
    refs: list[Ref] = field(default_factory=list)
    items: list[LedgerItem] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)

    @property
    def claims(self) -> list[str]:
        """The ids of the claims that the page cites, or as a ledger has, in the order of the page."""
        ids = [(ref.line, ref.id) for ref in self.cited if _CLAIM.match(ref.id)]
        ids += [(item.line, item.id) for item in self.items]
        return list(dict.fromkeys(id_ for _, id_ in sorted(ids, key=lambda pair: pair[0])))

    @property
    def cited(self) -> list[Ref]:
        """The footnotes that the page cites, but for what only shows again what its sentences say."""
        shown = [(section.start, section.end) for section in self.sections if section.title in SHOWN]
        if not shown:
            return self.refs
        return [ref for ref in self.refs if not any(start <= ref.line < end for start, end in shown)]

    def section(self, title: str) -> Section | None:
        """The first section of this title."""
        return next((section for section in self.sections if section.title == title), None)

    @property
    def noted(self) -> set[int]:
        """The lines of the footnotes."""
        return {line for note in self.footnotes.values() for line in range(note.line, note.end)}

    @property
    def overtaken(self) -> list[str]:
        """The ids of the claims that others have overtaken: a mark behind their sentence says so."""
        marked = (bullet for bullet in self.bullets if bullet.claims and "*(" in bullet.text_md)
        return [id_ for bullet in marked if claims_in_marks(bullet.text_md) for id_ in bullet.claims]

    @property
    def first_sentence(self) -> str:
        """The first sentence of the lead, as plain text."""
        if self.lead is None:
            return ""
        cited_ = _FIRST_CITED.match(self.lead.text)
        if cited_ is not None:
            return " ".join(plain_of(cited_[0]).split())
        return _SENTENCE_END.split(" ".join(plain_of(self.lead.text).split()), maxsplit=1)[0]


# A merge reads a page before it changes it, after, and once more into the catalogue; the next source may read it again.
@lru_cache(maxsize=128)
def parse(text: str, *, is_index: bool = False) -> Document:
    """The page that a text is. It may be another caller's too: what it holds is not to be changed.

    `is_index`: its list items are entries of an index, and not read as sentences.
    """
    newline = _newline(text)
    lines = text.split(newline)
    return Document(**_Scanner(text, lines, newline, is_index=is_index).found(), lines=lines, newline=newline)


class _Scanner:
    """One pass over the lines of a page.

    `_prose` are the lines with code, comments and math blanked: what begins there begins something on the page.
    """

    def __init__(self, text: str, lines: list[str], newline: str, *, is_index: bool) -> None:
        self._list_marks = "" if is_index else "-*+ \t0123456789"
        self._lines = lines
        self.problems: list[Problem] = []
        self._front_end = self._end_of_front()
        self._front = self._read_front()
        start = sum(map(len, lines[: self._front_end])) + self._front_end * len(newline)
        self._text, self._start = text, start
        self._blanked = markup.blanked(text, start)
        self._prose = lines if self._blanked is text else self._blanked.split(newline)
        self._is_source = self._front.get("type") == SOURCE
        self._headings: list[Section] = []
        self._open: list[tuple[int, str]] = []
        self._path: list[str] = []
        self._bullets: list[tuple[int, int, str, str]] = []
        self._footnotes: dict[str, Footnote] = {}
        self._refs: list[Ref] = []
        self._items: list[LedgerItem] = []
        self._waiting: list[Waiting] = []
        self._unread: list[Unread] = []

    def found(self) -> dict[str, Any]:
        """The fields of `Document`, but for its lines."""
        self._scan_lines()
        heading = next((section for section in self._headings if section.level == 1), None)
        title_line = heading.start if heading else self._front_end - 1
        title = self._front.get("title")
        notice = self._notice(title_line + 1)
        return {
            "front_values": self._front,
            "front_end": self._front_end,
            "problems": sorted(self.problems),
            "title": title if isinstance(title, str) and title else heading.title if heading else "",
            "title_line": title_line,
            "notice": notice,
            "lead": self._lead(title_line + 1 if notice is None else notice + 1),
            "sections": self._sections(),
            "bullets": [self._bullet(*bullet) for bullet in self._bullets],
            "footnotes": self._footnotes,
            "refs": self._refs,
            "items": self._items,
            "waiting": self._waiting,
            "unread": self._unread,
            "links": list(links.find_in(self._text, self._blanked)),
            "oddities": oddities.find(self._text, self._blanked, self._start),
        }

    # Front matter

    def _end_of_front(self) -> int:
        if not _FENCE.match(self._lines[0].removeprefix("\ufeff")):
            return 0
        for number in range(1, len(self._lines)):
            if self._lines[number].startswith("---") and _FENCE.match(self._lines[number]):
                return number + 1
        if len(self._lines) > 1 and _KEY.match(self._lines[1]):
            self.problems.append(Problem(1, "front matter has no end: a line `---` is missing"))
        return 0

    def _read_front(self) -> dict[str, Any]:
        if not self._front_end:
            return {}
        front = frontmatter.read(self._lines[1 : self._front_end - 1])
        self.problems += [Problem(line + 2, message) for line, message in front.problems]
        return front.values

    # The body

    def _scan_lines(self) -> None:
        section, number, count = "", self._front_end, len(self._lines)
        while number < count:
            line = self._prose[number]
            first = line[:1]
            start = number
            number += 1
            if not first or line.isspace():
                continue
            if first == "#" and (match := _HEADING.match(line)):
                section = self._heading(match, start)
            elif first == "[" and line[1:2] == "^" and (note := self._footnote(start)) is not None:
                number = note.end
                continue
            elif first in self._list_marks and (bullet := _BULLET.match(line)):
                number = self._list_item(start, bullet.end(), section)
            elif first in "<>|" and _CONFLICT.match(line):
                self.problems.append(Problem(start + 1, "a merge conflict: choose one side and remove the markers"))
            for at in range(start, number):
                if "[^" in self._prose[at]:
                    self._cite(at)

    def _heading(self, match: re.Match[str], number: int) -> str:
        words = self._lines[number][match.end() :].strip()
        bare = words.rstrip("#")
        title = plain_of(words if bare[-1:].strip() else bare.strip())
        level = len(match[1])
        self._headings.append(Section(title, level, number, 0))
        # Under `## Claims`, deeper headings are those of the source.
        kept = [above for above in self._open if above[0] < level]
        self._open = [*kept, (level, title)] if level > 2 else []
        self._path = [name for _, name in self._open]
        return title

    def _footnote(self, number: int) -> Footnote | None:
        end = number + 1
        while end < len(self._lines) and self._lines[end].startswith(("    ", "\t")) and not self._lines[end].isspace():
            end += 1
        text = self._lines[number] if end == number + 1 else "\n".join(self._lines[number:end])
        note = evidence.read_footnote(text, number, end)
        if note is None:
            return None
        if note.id in self._footnotes:
            self.problems.append(Problem(number + 1, f"the footnote {note.id} stands here twice"))
        else:
            self._footnotes[note.id] = note
        return note

    def _list_item(self, number: int, words: int, section: str) -> int:
        """Takes in what begins with a list marker; returns the line behind it."""
        line = self._lines[number]
        if self._is_source:
            second = self._lines[number + 1] if number + 1 < len(self._lines) else ""
            if " ^" in line and (item := evidence.read_item(line, second, number, self._path)) is not None:
                self._items.append(item)
                return number + 1 if item.evidence_line is None else number + 2
            if section == WAITING and (name := evidence.read_waiting(line, number)) is not None:
                self._waiting.append(name)
                return number + 1
            if section in _UNREAD and (unread := evidence.read_unread(line, number)) is not None:
                self._unread.append(unread._replace(is_read=section == NOT_CARRIED))
                return number + 1
        end = number + 1
        while end < len(self._prose) and (below := self._prose[end]).strip() and not _BLOCK_START.match(below):
            end += 1
        text = line[words:] if end == number + 1 else "\n".join([line[words:], *self._lines[number + 1 : end]])
        self._bullets.append((number, end, text.rstrip(), section))
        return end

    def _cite(self, number: int) -> None:
        line = self._prose[number]
        for match in _REF.finditer(line):
            if not markup.is_escaped(line, match.start()):
                self._refs.append(Ref(number, match[1]))

    def _bullet(self, line: int, end: int, text: str, section: str) -> Bullet:
        ids = claims_in(text)
        notes = [self._footnotes[id_] for id_ in ids if id_ in self._footnotes]
        quotes = [(note.id, place.quote) for note in notes for place in note.places]
        return Bullet(line, end, text, section, ids, quotes)

    # The whole

    def _sections(self) -> list[Section]:
        starts = {note.end: note.line for note in self._footnotes.values()}
        ends = [*(section.start for section in self._headings[1:]), len(self._lines)]
        return [
            section._replace(end=self._end_without_footnotes(section.start + 1, end, starts))
            for section, end in zip(self._headings, ends, strict=False)
        ]

    def _end_without_footnotes(self, first: int, end: int, starts: dict[int, int]) -> int:
        """The line behind which only footnotes stand up to `end`. `starts`: of each footnote, by where it ends."""
        at = end
        while at > first:
            if starts.get(at, 0) >= first:
                end = at = starts[at]
            elif not self._lines[at - 1].strip():
                at -= 1
            else:
                break
        return end

    def _notice(self, start: int) -> int | None:
        """The line of ours, first below the title, that says that the page is stale."""
        first = next((number for number in range(start, len(self._lines)) if self._lines[number].strip()), None)
        return first if first is not None and self._lines[first].startswith(NOTICE) else None

    def _lead(self, start: int) -> Lead | None:
        count = len(self._lines)
        while start < count and (not self._lines[start] or self._lines[start].isspace()):
            start += 1
        end = start
        while end < count and self._prose[end].strip() and not _BLOCK_START.match(self._prose[end]):
            end += 1
        return Lead("\n".join(self._lines[start:end]), start, end) if end > start else None


def _newline(text: str) -> str:
    """The line end of a page; where ends are mixed it is LF, and the others stay in their lines."""
    if "\r" not in text:
        return "\n"
    if "\n" not in text:
        return "\r"
    return "\r\n" if text.count("\r\n") == text.count("\n") else "\n"
