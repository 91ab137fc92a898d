"""What a judge is asked where the rules cannot tell: of two names, and of two claims.

Whoever walks the wiki makes these questions and an engine answers them; neither knows the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from quern.records import Usage
from quern.relations import Told, Verdict


class Thing(NamedTuple):
    """A name, and a little of what is said of what it names: `claims` are sentences, those first that tell most."""

    name: str
    type: str
    aliases: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()

    def called(self) -> tuple[str, ...]:
        """All its names."""
        return (self.name, *self.aliases)


class Names(NamedTuple):
    """Are these two one thing? `language`: that of the claims."""

    first: Thing
    second: Thing
    language: str


@dataclass(frozen=True, slots=True)
class Pair:
    """How does `new` stand to `old`, on a page that is `called` so (its title first)?

    `possible`: what the rules see that may be a conflict; None if they see none.
    """

    new: Told
    old: Told
    called: tuple[str, ...]
    possible: Verdict | None = None

    @property
    def key(self) -> frozenset[str]:
        """The ids of the two claims."""
        return frozenset({self.new.id, self.old.id})


class Term(NamedTuple):
    """Does any of these sentences explain what they call so, and does a reader need to know it? `type`: of a page."""

    name: str
    type: str
    claims: tuple[str, ...]
    language: str


class Lack(NamedTuple):
    """What is to be found out of a thing? `others`: what is told of things like it, each with an example."""

    thing: Thing
    others: tuple[str, ...]
    language: str


class Sought(NamedTuple):
    """A question to look into, the kinds of sources that may tell, and the words that it comes from.

    `words` stand in one of the sentences, or among what is told of others.
    """

    question: str
    sources: tuple[str, ...]
    words: str


class Heard(NamedTuple):
    """What a judge says of each case, in their order; None where it is left open, or there is nothing to say."""

    pairs: list[Verdict | None]
    terms: list[Sought | None]
    lacks: list[Sought | None]


class Bench(Protocol):
    """What hears all cases of a wiki."""

    def hear(self, pairs: Sequence[Pair], terms: Sequence[Term], lacks: Sequence[Lack]) -> Heard:
        """What is surely so of each. How much is asked is said before the first question."""
        ...


class Judge(Protocol):
    """What answers. It may leave any question open: then all stays as the rules have it."""

    def one_thing(self, questions: Sequence[Names]) -> list[bool]:
        """Of each two names whether they are surely those of one thing."""
        ...

    def relations(self, pairs: Sequence[Pair]) -> list[Verdict | None]:
        """Of each two claims how they surely stand to each other (`same`, `supersedes` or `contradicts`), else None."""
        ...

    def usage(self, source: str, stage: str, /) -> Iterator[Usage]:
        """What models were asked since this was asked last, if any was."""
        ...
