"""What stands on a page that is no link though it looks like one, and what would run or be drawn where it is opened.

Obsidian and its plugins run scripts, Dataview's JavaScript and Templater's commands of any page, whoever wrote it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from quern.pages import markup


class Oddity(NamedTuple):
    """Something on a line (1-based). `sort`: malformed (a link that is none), active (it runs), html (tags)."""

    line: int
    sort: str
    what: str


# A link that does not end on its line ([[a] b](c) is one of Markdown), or names nothing; a path with a blank, at which
# the link ends unseen.
_UNENDED = re.compile(r"\[\[[^\[\]\n]*(?:$|\](?![\](])(?![^\n]*\]\())", re.MULTILINE)
_NAMELESS = re.compile(r"\[\[[ \t]*(?:\|[^\[\]\n]*)?\]\]")
_BLANK = re.compile(
    r"\]\((?!<)([^()<>\n\"']*[^\s()<>\n\"'][ \t][^()<>\n\"']*\.(?:md|png|jpe?g|gif|svg|webp|pdf|canvas))\)"
)
_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:")

_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>\n]*)?/?)>")
_RUNS = frozenset(("applet", "base", "embed", "form", "frame", "iframe", "link", "meta", "object", "script", "style"))
_HANDLER = re.compile(r"\son[a-z]{3,}\s*=|javascript:", re.IGNORECASE)
_TEMPLATER = re.compile(r"<%(?:(?!%>)[\s\S]){1,500}%>")
_ADDRESS = re.compile(r"\]\(\s*<?\s*(?:javascript:|vbscript:|data:text/html)[^)\s]{0,40}", re.IGNORECASE)
_SCRIPT = re.compile(r"(?:`{3,}|~{3,})[ \t]*(dataviewjs|js-engine|meta-bind-js-view)\b")
_INLINE = re.compile(r"(?<!`)`\$=[^`\n]{1,60}`")


def find(text: str, prose: str, start: int = 0) -> list[Oddity]:
    """What is odd on a page behind its front matter, which ends at `start`, by line.

    `prose`: the page with all that is not prose blanked (see `markup.blanked`).
    """
    starts: list[int] = []
    found = []
    for at, sort, what in (*_malformed(prose), *_active(text, prose, start)):
        if at < start:
            continue
        if not starts:
            starts = [0, *(match.end() for match in re.finditer("\n", text))]
        found.append(Oddity(bisect_right(starts, at), sort, what))
    return sorted(found)


def _malformed(prose: str) -> Iterator[tuple[int, str, str]]:
    if "[[" in prose:
        for pattern in (_UNENDED, _NAMELESS):
            for match in pattern.finditer(prose):
                if not markup.is_escaped(prose, match.start()):
                    yield match.start(), "malformed", match[0].strip()
    if "](" in prose:
        for match in _BLANK.finditer(prose):
            if not _SCHEME.match(match[1]):
                yield match.start(), "malformed", match[0][1:]


def _active(text: str, prose: str, start: int) -> Iterator[tuple[int, str, str]]:
    if "<" in prose:
        for match in _TAG.finditer(prose):
            if not markup.is_escaped(prose, match.start()):
                runs = match[1].lower() in _RUNS or _HANDLER.search(match[2])
                yield match.start(), "active" if runs else "html", match[0][:60]
        for match in _TEMPLATER.finditer(prose):
            if not markup.is_escaped(prose, match.start()):
                yield match.start(), "active", " ".join(match[0].split())[:60]
    if "](" in prose:
        yield from ((match.start(), "active", match[0][2:].strip()) for match in _ADDRESS.finditer(prose))
    if "`$=" in text:
        yield from ((match.start(), "active", match[0]) for match in _INLINE.finditer(text))
    if "js" in text:
        yield from _scripts(text, start)


def _scripts(text: str, start: int) -> Iterator[tuple[int, str, str]]:
    """The blocks that a plugin runs; in a block of another kind they are only shown."""
    if _SCRIPT.search(text) is not None:
        for begin, _ in markup.hidden(text, start):
            match = _SCRIPT.search(text, begin, text.find("\n", begin) if "\n" in text[begin:] else len(text))
            if match is not None and not text[begin : match.start()].strip("> \t"):
                yield match.start(), "active", match[1]
