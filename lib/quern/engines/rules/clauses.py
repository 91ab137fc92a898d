"""The parts of a sentence: what opens it, where its main clause begins, where its verb stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from quern.engines.rules.grammar import Grammar


class Named(Protocol):
    """What is asked of a name here; `terms.Term` has it."""

    @property
    def name(self) -> str: ...

    @property
    def type(self) -> str: ...


Mention = tuple[int, int, Named]


def is_specific(term: Named) -> bool:
    """Is this surely a name: a proper one, a term of several words, an acronym, an identifier?"""
    return term.type == "entity" or " " in term.name or term.name[1:] != term.name[1:].lower() or term.name[0].islower()


def verb_at(text: str, mentions: Sequence[Mention], grammar: Grammar) -> int:
    """Where the subject of a sentence ends: the place of its first verb, or a guess where none is known."""
    verb = known_verb(text, mentions, grammar)
    if verb is not None:
        return verb
    return min(len(text), max((end for _, end, _ in mentions[:1]), default=0) or 40)


def known_verb(text: str, mentions: Sequence[Mention], grammar: Grammar) -> int | None:
    """The place of the first verb of the main clause, if one is known there."""
    taken = [(start, end) for start, end, _ in mentions]
    clause = main_clause_at(text, grammar)
    listed = [
        match.start()
        for match in grammar["verbs"].finditer(text, clause)
        if match.start() and not _inside(match.start(), taken) and not text[: match.start()].endswith((" to ", " zu "))
    ]
    for match in re.finditer(r"(?<!\w)[^\W\d_]+(?!\w)", text[: listed[0]] if listed else text):
        at = match.start()
        if at <= clause or _inside(at, taken) or text[:at].endswith(", "):
            continue
        if _verb_form(match[0], at, taken, grammar.language):
            return at
    return listed[0] if listed else None


def _inside(place: int, taken: Sequence[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in taken)


def main_clause_at(text: str, grammar: Grammar) -> int:
    """Where the main clause begins, after a clause such as `When the tide turns, …`."""
    if grammar["subordinates"].match(text) is None:
        return 0
    comma = re.search(r",\s+", text)
    return comma.end() if comma is not None else 0


def intro_end(text: str, grammar: Grammar) -> int:
    """Where an opening phrase ends (`In 1966, | it opened`); 0 if there is none."""
    match = re.match(r"([^\W\d_]+)\s[^,.;:()]{1,70},\s+", text) or re.match(
        r"([^\W\d_]+)\s[^,.;:()]{1,40}?\s(?=(?:it|they|he|she)\b)", text
    )
    if match is None or grammar["openers"].fullmatch(match[1]) is None:
        return 0
    return match.end()


def _verb_form(word: str, start: int, taken: Sequence[tuple[int, int]], language: str) -> bool:
    follows = any(0 <= start - end <= 1 for _, end in taken)
    if language == "en":
        return word.islower() and (word.endswith("ed") or (follows and len(word) > 1 and word.endswith("s")))
    if language == "de":
        return follows and word.islower() and word.endswith(("t", "te", "ten", "en"))
    return follows and word.islower() and word.endswith(("ó", "aron", "ieron", "aba", "aban", "ait", "aient", "èrent"))
