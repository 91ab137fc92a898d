"""Who "he" or "she" is: the only person that a paragraph has named so far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from quern.engines.rules import standing
from quern.engines.rules.clauses import Mention, intro_end, verb_at
from quern.engines.rules.grammar import Grammar
from quern.engines.rules.lexicon import Lexicon, lexicon
from quern.engines.rules.standing import Focus
from quern.names import persons

_MARKS = re.compile(r"[.'’-]")


@dataclass(slots=True)
class People:
    """The persons of a paragraph; nobody any more, once somebody is in it of whom it is not known who it is."""

    named: dict[str, Focus] = field(default_factory=dict)
    unsure: bool = False
    subjects: set[str] = field(default_factory=set)  # who acts or speaks, and is not only named
    goes_on: bool = False  # it says "he" of whom the paragraph before told of
    before: Focus | None = None  # whom the paragraph before told of, if this one begins with "he" or "she"

    def next(self) -> People:
        """Those of the next paragraph, which may go on to speak of the only person of this one."""
        only = self.only()
        acts = only is not None and (only.key in self.subjects or (not self.named and self.goes_on))
        return People(before=only if acts else None)

    def note(self, body: str, found: Sequence[Mention], *, resolved: bool, grammar: Grammar) -> None:
        """Remember who a sentence names. `resolved` says that its pronoun, if it opens with one, is somebody known."""
        for start, end, term in found:
            if term.type == "entity" and persons.evident(term.name):
                self.named.setdefault(term.name, standing.focus_on(term, body[start:end]))
            elif term.type == "entity" and _may_be_one(term.name, lexicon(grammar.language)):
                focus = replace(standing.focus_on(term, body[start:end]), person=True)
                if _is_told_as_one(body, start, end, grammar):
                    self.named.setdefault(term.name, focus)
                elif term.name not in self.named:
                    self.unsure = True
        self._note_subjects(body, found, grammar)
        opens = opens_with_pronoun(body, grammar)
        self.goes_on |= opens and resolved
        self.unsure |= opens and not resolved

    def _note_subjects(self, body: str, found: Sequence[Mention], grammar: Grammar) -> None:
        here = [(end, term.name) for _, end, term in found if term.name in self.named]
        verb = verb_at(body, found, grammar) if here else 0
        self.subjects |= {name for end, name in here if end <= verb or grammar["speaks"].match(body[end:].lstrip())}

    def only(self) -> Focus | None:
        """The one person named, if there is no other and nobody who may be one."""
        if self.unsure or len(self.named) > 1:
            return None
        return next(iter(self.named.values()), self.before)


def opens_with_pronoun(body: str, grammar: Grammar) -> bool:
    """Is "he" or "his" the subject of a sentence, or its first word?"""
    body = body.lstrip("“\"'‘„«( ")
    clauses = (body, body[intro_end(body, grammar) :])
    return any(grammar[kind].match(clause) for clause in clauses for kind in ("person", "person_possessive"))


def _is_told_as_one(body: str, start: int, end: int, grammar: Grammar) -> bool:
    """Is this a person by what stands before or behind the name: `the biologist | …`, `… | said`?"""
    before = body[:start].rstrip().rpartition(" ")[2]
    behind = body[end:].lstrip() if body[end : end + 1] == " " else body[end:]
    return grammar["professions"].fullmatch(before) is not None or grammar["speaks"].match(behind) is not None


def _may_be_one(name: str, common: Lexicon) -> bool:
    words = name.split()
    kinds = common.clues.get("places", frozenset()) | common.clues.get("groups", frozenset()) | common.demonyms
    if any(word.casefold() in kinds or common.common(word.casefold()) for word in words):
        return False  # Harvard University, White House
    return len(words) in (2, 3) and all(word[0].isupper() and _MARKS.sub("", word).isalpha() for word in words)
