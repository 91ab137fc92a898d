"""Sentences of a topic page, and which of them say one thing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from quern import claims, pages

Notes = Mapping[str, Sequence[pages.Place]]
"""The footnotes of a page: where the sources make each claim."""

LEAD_SENTENCE = re.compile(r"(.+?)((?:\[\^[0-9a-f]{12}\])+)(\s*)", re.DOTALL)
"""A sentence of a lead of ours: its words, its footnotes, the blanks behind them."""
MARKER = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
"""What a list item begins with."""


@dataclass(slots=True)
class Sentence:
    """A sentence on the page as Markdown, and the claims that it cites."""

    markdown: str
    ids: list[str]

    def says(self, text: str) -> bool:
        """Whether its words are these."""
        return claims.normalise(pages.plain_of(self.markdown)) == claims.normalise(text)

    def stands_for(self, text: str, ids: Sequence[str], notes: Notes) -> bool:
        """Whether it says what a sentence of a lead is to say that cites these claims.

        It does in the same words, or if both are the words of one of their claims, and these have been united.
        """
        if set(ids).isdisjoint(self.ids):
            return False
        return self.says(text) or (_is_quoted(text, ids, notes) and self.is_quoted(notes))

    def is_quoted(self, notes: Notes) -> bool:
        """Whether its words are those of one of its claims: the others, if there are any, say the same."""
        return _is_quoted(pages.plain_of(self.markdown), self.ids, notes)


def _is_quoted(text: str, ids: Sequence[str], notes: Notes) -> bool:
    return any(claims.claim_id(place.quote, text) == id_ for id_ in ids for place in notes.get(id_, ()))


def in_lead(text: str) -> list[Sentence]:
    """The sentences of a lead that cite."""
    return [Sentence(match[1], pages.claims_in(match[2])) for match in LEAD_SENTENCE.finditer(text)]


def only_marked(document: pages.Document, lines: Collection[int]) -> set[str]:
    """The claims that a page cites in the marks of these lines and nowhere else: no sentence says them any more."""
    found: set[str] = set()
    for line in lines:
        text = document.lines[line]
        found |= set(pages.claims_in_marks(text)) - set(pages.claims_in(text))
    return found - {ref.id for ref in document.cited if ref.line not in lines}


def marks_of(line: str) -> str:
    """The marks at the end of a line, with the blanks before them."""
    bare = line
    for id_ in pages.claims_in_marks(line):
        bare = pages.without_marks(bare, id_)
    return line[len(bare) :] if line.startswith(bare) else ""
