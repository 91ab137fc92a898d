"""A sentence on a page: its words, the footnotes that it rests on, and the marks behind it.

`- [La Rance] opened in 1966.[^77b0e4aa12c9] *(capacity: 320 MW since 2024[^5d0e8c1b2a34])*`
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from quern.pages.markup import unescape
from quern.pages.sections import CONTRADICTIONS

_TOKEN = re.compile(
    r"""
      \\.
    | !?\[\[ (?P<target>[^\[\]|\n]+?) (?: \\?\| (?P<words>(?:(?!\]\]|\[\[).)*) )? \]\]
    | \[\^ (?P<note>[^\]\s\[]+) \]
    | \*\( (?P<mark>(?:[^*\\]|\\.)*) \)\*
    | \( (?P<blocks> \[\[\#\^[^\[\]]*\]\] (?: ,?[ ]\[\[\#\^[^\[\]]*\]\] )* ) \)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLAIM = re.compile(r"\[\^([0-9a-f]{12})\]")
_MARKER = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")


class Bullet(NamedTuple):
    """A list item [line, end) as written, with the claims that it cites outside its marks.

    `section` is the heading that it stands under; `quotes` are what its footnotes quote, as (claim, quote).
    """

    line: int
    end: int
    text_md: str
    section: str
    claims: list[str]
    quotes: list[tuple[str, str]]

    @property
    def text(self) -> str:
        """Its words as plain text."""
        return plain_of(self.text_md)

    @property
    def edited(self) -> bool:
        """Whether a person wrote or changed its words: they match none of its footnotes.

        Not asked of lines that are made from several claims.
        """
        if self.section == CONTRADICTIONS and self.claims:
            return False
        return _is_edited(self.text_md, tuple(self.quotes))


@lru_cache(maxsize=16384)
def _is_edited(text_md: str, quotes: tuple[tuple[str, str], ...]) -> bool:
    from quern.claims import claim_id

    text = plain_of(text_md)
    return not any(claim_id(quote, text) == id_ for id_, quote in quotes)


def plain_of(markdown: str) -> str:
    """The words of a sentence: links as their words, without footnotes, without the marks at its end, unescaped."""
    pieces, at = [], 0
    for match, is_tail in _tokens(markdown):
        shown = _shown(match, is_tail=is_tail)
        if shown is None:
            continue
        before = markdown[at : match.start()]
        pieces += [before.rstrip(" ") if match["blocks"] or match["mark"] else before, shown]
        at = match.end()
    return ("".join(pieces) + markdown[at:]).strip()


def claims_in(markdown: str) -> list[str]:
    """The claims that a sentence rests on, in order; not those that only its marks cite."""
    if "\\" not in markdown and "*(" not in markdown:
        return list(dict.fromkeys(_CLAIM.findall(markdown)))
    notes = (match[0] for match in _TOKEN.finditer(markdown) if match["note"])
    return list(dict.fromkeys(note[2:-1] for note in notes if _CLAIM.fullmatch(note)))


def bullet_md(text_md: str, ids: Iterable[str]) -> str:
    """The line of a bullet."""
    return f"- {cited(text_md, ids)}"


def cited(text_md: str, ids: Iterable[str]) -> str:
    """A sentence with its footnotes."""
    return text_md + "".join(f"[^{id_}]" for id_ in ids)


def lead_md(sentences: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Sentences (Markdown, claims) as one paragraph."""
    return " ".join(cited(markdown, ids) for markdown, ids in sentences)


def summary_md(sentences: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Sentences (Markdown, claims) as the paragraph at the top of a source page, where claims are blocks."""
    numbers: dict[str, int] = {}
    written = []
    for markdown, ids in sentences:
        links = ", ".join(f"[[#^{id_}|{numbers.setdefault(id_, len(numbers) + 1)}]]" for id_ in ids)
        written.append(f"{markdown} ({links})" if links else markdown)
    return " ".join(written)


def split_bullet(line: str) -> tuple[str | None, list[str]]:
    """The sentence of a bullet and its claims; None for the sentence if it is more than words and footnotes."""
    markdown = _without_marker(line)
    start = _tail_start(list(_TOKEN.finditer(markdown)), markdown)
    sentence, tail = markdown[:start].rstrip(), markdown[start:].strip()
    ids = claims_in(tail)
    whole = tail == cited("", ids) and not any(match["note"] for match in _TOKEN.finditer(sentence))
    return (sentence if whole else None), ids if whole else claims_in(markdown)


def append_reference(line: str, after: str, reference: str) -> str:
    """A line with a footnote behind another one that it has, else behind its words and before its marks."""
    for match, _ in _tokens(line):
        if match[0] == after:
            return line[: match.end()] + reference + line[match.end() :]
    tokens = list(_TOKEN.finditer(line))
    start = _tail_start(tokens, line)
    ends = [match.end() for match in tokens if match.start() >= start and match["note"]]
    marks = [match.start() for match in tokens if match.start() >= start and match["mark"] is not None]
    at = max((end for end in ends if end <= min(marks, default=len(line))), default=start)
    return line[:at] + reference + line[at:]


def mark_md(text_md: str, ids: Iterable[str]) -> str:
    """A mark behind a sentence: what has become of what it says, and the claims that say so."""
    return f"*({cited(text_md, ids)})*"


def append_mark(line: str, mark: str) -> str:
    """A line with a mark behind all that it has."""
    return f"{line.rstrip()} {mark}"


def marks_in(markdown: str) -> list[str]:
    """The marks at the end of a sentence."""
    return [match[0] for match, is_tail in _tokens(markdown) if is_tail and match["mark"] is not None]


def claims_in_marks(markdown: str) -> list[str]:
    """The claims that the marks at the end of a sentence cite: what has overtaken it."""
    found = [match for match, is_tail in _tokens(markdown) if is_tail and match["mark"] is not None]
    return list(dict.fromkeys(id_ for match in found for id_ in _CLAIM.findall(match[0])))


def without_marks(line: str, id_: str) -> str:
    """A line without the marks that cite this claim."""
    for match, is_tail in reversed(list(_tokens(line))):
        if is_tail and match["mark"] is not None and f"[^{id_}]" in match[0]:
            line = line[: match.start()].rstrip(" ") + line[match.end() :]
    return line


def _tokens(markdown: str) -> Iterator[tuple[re.Match[str], bool]]:
    """What in a sentence is not its words, and of each whether only footnotes and marks follow."""
    if "[" not in markdown and "\\" not in markdown and "*(" not in markdown:
        return
    found = list(_TOKEN.finditer(markdown))
    start = _tail_start(found, markdown)
    for match in found:
        yield match, match.start() >= start


def _tail_start(found: Sequence[re.Match[str]], markdown: str) -> int:
    """Where the footnotes and marks at the end of a sentence begin."""
    start = len(markdown.rstrip())
    for match in reversed(found):
        is_ours = match["note"] is not None or match["mark"] is not None
        if not is_ours or markdown[match.end() : start].strip():
            break
        start = match.start()
    return start


def _shown(match: re.Match[str], *, is_tail: bool) -> str | None:
    """What of a token belongs to the words; None if it is no token where it stands."""
    if match["target"] is not None:
        return match["target"] if match["words"] is None else unescape(match["words"])
    if match["mark"] is not None:
        return "" if is_tail else None
    if match["note"] is not None or match["blocks"] is not None:
        return ""
    return unescape(match[0])


def _without_marker(line: str) -> str:
    marker = _MARKER.match(line)
    return line[marker.end() :] if marker else line
