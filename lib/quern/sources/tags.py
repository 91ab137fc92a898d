"""HTML as it occurs in Markdown: entities, tags, comments, and blocks of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from html.entities import html5

from quern.sources.units import BREAK, STOP, Plain

ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# What stands in these is no text.
SILENT = frozenset(("script", "style", "template", "noscript", "iframe", "svg", "math", "head"))
# A raised number is not part of the number before it.
RAISED = frozenset(("sup", "sub"))
LONGEST_RAISED = 200
# What marks a note where it is raised: 1, [1], *, or a link.
NOTE_MARK = re.compile(
    r"\s*(?:\\?\[\s*[\w*†‡]{1,4}\s*\\?\](?:\([^()]*\))?|<a\b.*</a>|\[\\?\[?\w{1,4}\\?\]?\]\([^()]*\)|[*†‡§]+)\s*"
)

_TAG = re.compile(
    r"</?([A-Za-z][A-Za-z0-9-]*+)"
    r"(?:\s++[A-Za-z_:][A-Za-z0-9_.:-]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'=<>`]++))?+)*+\s*+/?>"
)
_SUPERSCRIPT = str.maketrans("0123456789+-\u2212=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_RAISABLE = re.compile(r"[0-9+\-\u2212=()ni]+")
_LOWERABLE = re.compile(r"[\w+\-\u2212]+")

# What begins and ends on a line of its own.
_BLOCKS = re.compile(
    r"address|article|aside|blockquote|body|caption|center|dd|details|dir|div|dl|dt|fieldset|figcaption|figure|footer|form"
    r"|h[1-6r]|header|html|li|link|main|menu|nav|ol|optgroup|option|p|pre|section|summary|table|tbody|tfoot|thead|title"
    r"|tr|ul"
)
_PART = re.compile(r"<!--.*?(?:-->|\Z)|<[!?/A-Za-z][^<>]*+>?|&[#A-Za-z0-9]+;|[^<&]+|[<&]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag's name in small letters (empty for a comment or declaration), and whether it closes."""

    name: str
    closing: bool

    @staticmethod
    def of(text: str) -> Tag:
        found = re.match(r"<(/?)([A-Za-z][A-Za-z0-9-]*)", text)
        return Tag(found[2].lower(), bool(found[1])) if found else Tag("", closing=False)


def entity(text: str) -> str | None:
    """The character that `&name;` stands for, or None if it is none."""
    return None if text[1] != "#" and text[1:] not in html5 else unescape(text)


def tag_end(text: str, start: int, find: Callable[[str, int], int]) -> int:
    """Where the tag, comment or declaration ends that begins at `start`; -1 if none does. `find` is as str.find."""
    found = _TAG.match(text, start)
    if found:
        return found.end()
    for opening, closing in (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"), ("<!", ">")):
        if text.startswith(opening, start):
            if opening == "<!--" and (text.startswith(("<!-->", "<!--->"), start)):
                return start + (5 if text[start + 4] == ">" else 6)
            if opening == "<!" and not text[start + 2 : start + 3].isalpha():
                return -1
            end = find(closing, start + len(opening))
            return end + len(closing) if end >= 0 else -1
    return -1


def raised(text: str, name: str) -> str | None:
    """What is read for a superscript or subscript, or None where its words are read as they are."""
    if name == "sub":
        return text if _LOWERABLE.fullmatch(text) else None
    return text.translate(_SUPERSCRIPT) if _RAISABLE.fullmatch(text) else None


def read(raw: str, start: int, end: int) -> Plain:
    """What a reader reads in a block of HTML: its words, a line for each block, a row's cells beside each other."""
    plain, silent = Plain(), ""
    for part in _PART.finditer(raw, start, end):
        text = part[0]
        is_tag = text[0] == "<" and len(text) > 1
        tag = Tag.of(text) if is_tag else None
        if silent:
            silent = "" if tag and tag.closing and tag.name == silent else silent
        elif tag:
            silent = tag.name if tag.name in SILENT and not tag.closing and not text.endswith("/>") else ""
            _tag(plain, tag, part.start(), part.end())
        else:
            words = entity(text) if text[0] == "&" and len(text) > 1 else None
            plain.add(text if words is None else words, part.start(), part.end())
    return plain


def _tag(plain: Plain, tag: Tag, start: int, end: int) -> None:
    if tag.name == "br":
        plain.line_end(BREAK, start, end)
    elif _BLOCKS.fullmatch(tag.name):
        plain.line_end(STOP, start, end)
    elif tag.name in ("td", "th") and not tag.closing and plain.last not in (BREAK, STOP):
        plain.add(" · ", start, end)
    else:
        plain.mark(start, end, 0 if not tag.name or tag.name == "img" else -1 if tag.closing else 1)
