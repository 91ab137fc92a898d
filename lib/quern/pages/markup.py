"""Text as Markdown that means only that text, and which parts of Markdown are no prose.

Everything that comes from a source goes through `escape` before it reaches a page.
What it must disarm is more than CommonMark: Obsidian, Dataview and Templater bring live syntax of their own,
and a sentence is joined with others, so a delimiter is disarmed even when its partner is not in the same sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# What CommonMark lets a backslash escape.
_PUNCTUATION = r"!-/:-@\[-`{-~"

_ESCAPED = re.compile(rf"\\([{_PUNCTUATION}])")
_BREAK = re.compile(r"[\r\n]+")

# Each alternative matches exactly the characters to be disarmed, where it can be done at the least cost:
# tools that look for `<%` or `::` in the raw text know no backslash, so such pairs are broken in their middle.
_LIVE = re.compile(
    rf"""
      \*+ | _+                                   # emphasis: decided by what stands around the run
    | \\(?=[{_PUNCTUATION}]|\Z)                  # a backslash that would escape, also what we append
    | `                                          # code, and inline Dataview
    | \[(?=[\[^]|\Z) | (?<=[\[!^])\[             # [[links]], ![images], [^footnotes], ^[footnotes]
    | \](?=\()                                   # [links](to)
    | [!^]\Z                                     # before our footnote: an image, an inline footnote
    | <(?=[A-Za-z/!?])                           # HTML, autolinks
    | (?<=<)% | (?<=%)[%>]                       # Templater, comments
    | (?<=\{{)[{{%]                              # templates
    | (?<=:):                                    # key:: value
    | (?<==)=(?![ \t]) | (?<=[^ \t]=)=           # ==highlight==, but not a == b
    | (?<=~)~                                    # ~~strikethrough~~, ~~~ fences
    | (?<=\S)\$                                  # whatever could close $math$; without it none opens
    | &(?=\#\d{{1,7}};|\#[xX][0-9a-fA-F]{{1,6}};|[A-Za-z][A-Za-z0-9]*;)
    | (?<![^\W_])(?<!/)\#(?=[^\s!-,.:-@\[-^`{{-~]*[^\s\d!-@\[-^`{{-~])   # tags, but not #1, C#, /#part
    | (?<=[ \t])\#(?=\#*[ \t]*\Z)                # would close a heading
    | (?<!\S)\^(?=[A-Za-z0-9-]+\s*\Z)            # a block id
    """,
    re.VERBOSE,
)

# Without one of these nothing is live inside of a line, which is sooner seen.
_MARK = re.compile(r"[*_\\`\[\]!^<>%{:=~$&#]")

# What makes a block of another kind of the line that begins with it.
_BLOCK = re.compile(
    r"""[ \t]*(?:
      (?: \#(?=\#{0,5}(?:[ \t]|\Z)) | > | [-+*](?=[ \t]|\Z) | \[(?=.\](?:\s|\Z)) | \[(?=[^\[\]]*\]:)
        | -(?=[- \t]*\Z) | _(?=(?:[ \t]*_){2,}[ \t]*\Z) )
    | \d{1,9}[.)](?=[ \t]|\Z)
    )""",
    re.VERBOSE,
)

# What opens something that is not prose; a backslash disarms what follows it.
_OPENER = re.compile(r"\\|`+|~~~+|<!--|%%|\$\$?")
_LONGEST_LEAD = 200
_FENCE_LEAD = re.compile(r"(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t])*\Z")
_NOT_BREAK = re.compile(r"[^\r\n]")
_MATH = re.compile(r"(?=\S)(?:[^$\\]|\\.)*?(?<=\S)\$(?!\d)", re.DOTALL)
_INDENTED = ("    ", "\t", " \t", "  \t", "   \t")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_PARAGRAPH_END = re.compile(r"\n[ \t\r]*\n")


def escape(text: str) -> str:
    """The text as Markdown that shows exactly this text, with nothing in it live; line breaks become blanks."""
    text = _one_line(text)
    at = {place for match in _LIVE.finditer(text) for place in _disarmed(match)} if _MARK.search(text) else set()
    block = _BLOCK.match(text)
    if block is not None:
        at.add(block.end() - 1)
    if not at:
        return text
    return "".join("\\" + character if place in at else character for place, character in enumerate(text))


def escape_quote(text: str) -> str:
    """The text as it stands between `"` and `"`: escaped, and these too, so that it ends at the first bare one."""
    return escape_between('"', text).replace('"', r"\"")


def escape_between(mark: str, text: str) -> str:
    """The text as it stands right between two marks, not between blanks."""
    return escape(f"{mark}{text}{mark}")[1:-1]


def escape_heading(text: str) -> str:
    """The text as the words of a heading."""
    return escape(text.strip())


def escape_cell(markdown: str) -> str:
    """Markdown as it stands in a table cell."""
    return markdown.replace("|", r"\|")


def unescape(markdown: str) -> str:
    """The text of which `escape` made this."""
    return _ESCAPED.sub(r"\1", markdown) if "\\" in markdown else markdown


def is_escaped(markdown: str, at: int) -> bool:
    """Whether the character there stands behind a backslash that disarms it."""
    before = at
    while before > 0 and markdown[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1


def hidden(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """The parts of a page that are no prose: fenced and inline code, comments, math. Fast where there are none."""
    if not any(mark in text for mark in ("`", "~~~", "<!--", "%%", "$")):
        return
    closers = _Closers(text)
    while (match := _OPENER.search(text, start)) is not None:
        if match[0] == "\\":
            start = match.end() + 1
            continue
        end = closers.end(match)
        if end is None:
            start = match.end()
        else:
            yield match.start(), end
            start = end


def blanked(text: str, start: int = 0) -> str:
    """The page with blanks for all that `hidden` finds and for indented code, each character and line where it was."""
    pieces, at = [], 0
    for begin, end in hidden(text, start):
        pieces += [text[at:begin], _NOT_BREAK.sub(" ", text[begin:end])]
        at = end
    if pieces:
        text = "".join(pieces) + text[at:]
    return _without_indented_code(text, start) if "\n\t" in text or "\n    " in text else text


def _without_indented_code(text: str, start: int) -> str:
    """An indented line is code after a blank line, unless it belongs to a list."""
    lines = text[start:].split("\n")
    in_list, after_blank, is_code, found = False, True, False, False
    for number, line in enumerate(lines):
        if not line or line.isspace():
            after_blank = True
            continue
        if line.startswith(_INDENTED):
            is_code = not in_list and (is_code or after_blank)
            if is_code:
                lines[number], found = _NOT_BREAK.sub(" ", line), True
        else:
            in_list = _ITEM.match(line) is not None or (in_list and not after_blank)
            is_code = False
        after_blank = False
    return text[:start] + "\n".join(lines) if found else text


def _one_line(text: str) -> str:
    if "\n" not in text and "\r" not in text:
        return text
    first, *others = _BREAK.split(text)
    return " ".join([first.rstrip(" \t"), *(line.strip(" \t") for line in others)])


def _disarmed(match: re.Match[str]) -> range:
    """Which characters of a match get a backslash: of emphasis, all or none."""
    span = range(match.start(), match.end())
    mark = match[0][0]
    if mark not in "*_":
        return span
    before = match.string[span.start - 1 : span.start] or " "
    after = match.string[span.stop : span.stop + 1] or "."
    if before.isspace() and after.isspace():
        return range(0)
    return range(0) if mark == "_" and before.isalnum() and after.isalnum() else span


class _Closers:
    """Where what opens in a text closes. What was once sought in vain is not sought again: long texts stay linear."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._never: set[str] = set()
        self._limit = 0
        self._not_here: set[str] = set()

    def end(self, match: re.Match[str]) -> int | None:
        """The end of what a match opens, or None if it opens nothing."""
        mark = match[0]
        if mark[:3] in ("```", "~~~") and self._begins_line(match.start()):
            line_end = _find(self._text, "\n", match.end())
            if mark[0] == "~" or "`" not in self._text[match.end() : line_end]:
                return self._end_of_fence(mark, line_end)
        if mark[0] == "~":
            return None
        if mark in ("<!--", "%%", "$$"):
            return self._end_of_block(match)
        return self._end_in_paragraph(match)

    def _begins_line(self, at: int) -> bool:
        line = self._text.rfind("\n", max(0, at - _LONGEST_LEAD), at) + 1
        return (line > 0 or at <= _LONGEST_LEAD) and _FENCE_LEAD.match(self._text, line, at) is not None

    def _end_of_fence(self, mark: str, line_end: int) -> int:
        closing = re.compile(rf"^[ \t>]*{mark}{mark[0]}*[ \t\r]*$", re.MULTILINE)
        closed = closing.search(self._text, line_end)
        return closed.end() if closed else len(self._text)

    def _end_of_block(self, match: re.Match[str]) -> int | None:
        mark = "-->" if match[0] == "<!--" else match[0]
        found = -1 if mark in self._never else self._text.find(mark, match.end())
        if found < 0:
            self._never.add(mark)
            return None
        return found + len(mark)

    def _end_in_paragraph(self, match: re.Match[str]) -> int | None:
        mark, start = match[0], match.end()
        if start > self._limit:
            last = _PARAGRAPH_END.search(self._text, start)
            self._limit = last.start() if last else len(self._text)
            self._not_here.clear()
        if mark == "$":
            closed = _MATH.match(self._text, start, self._limit)
            return closed.end() if closed else None
        if mark in self._not_here:
            return None
        closed = re.compile(rf"(?<!`){mark}(?!`)").search(self._text, start, self._limit)
        if closed is None:
            self._not_here.add(mark)
            return None
        return closed.end()


def _find(text: str, what: str, start: int) -> int:
    found = text.find(what, start)
    return len(text) if found < 0 else found
