"""Who "he" or "she" is: the only person that a paragraph has named so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from quern.engines.rules import standing
from quern.engines.rules.clauses import Mention, intro_end
from quern.engines.rules.grammar import Grammar
from quern.engines.rules.standing import Focus
from quern.names import persons


@dataclass(slots=True)
class People:
    """The persons of a paragraph; nobody any more, once somebody is in it of whom it is not known who it is."""

    named: dict[str, Focus] = field(default_factory=dict)
    unsure: bool = False

    def note(self, body: str, found: Sequence[Mention], *, resolved: bool, grammar: Grammar) -> None:
        """Remember who a sentence names. `resolved` says that its pronoun, if it opens with one, is somebody known."""
        for start, end, term in found:
            if term.type == "entity" and persons.evident(term.name):
                self.named.setdefault(term.name, standing.focus_on(term, body[start:end]))
            else:
                self.unsure |= term.type == "entity" and _may_be_one(term.name)
        self.unsure |= opens_with_pronoun(body, grammar) and not resolved

    def only(self) -> Focus | None:
        """The one person named, if there is no other and nobody who may be one."""
        return next(iter(self.named.values())) if len(self.named) == 1 and not self.unsure else None


def opens_with_pronoun(body: str, grammar: Grammar) -> bool:
    """Is "he" or "his" the subject of a sentence, or its first word?"""
    clauses = (body, body[intro_end(body, grammar) :])
    return any(grammar[kind].match(clause) for clause in clauses for kind in ("person", "person_possessive"))


def _may_be_one(name: str) -> bool:
    words = name.split()
    return len(words) in (2, 3) and all(word[0].isupper() and word.replace(".", "").isalpha() for word in words)
