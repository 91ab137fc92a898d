"""What a judge is asked of a whole wiki: the cases that code finds in doubt, the most promising first, and no more.

Where nothing in the wiki has changed the docket is the same, so that what was answered once is asked no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from quern.checks.census import Census
from quern.checks.view import View
from quern.docket.lacks import Lacking, Tellings
from quern.docket.pairs import Contested, Contests
from quern.docket.terms import Names, Unexplained
from quern.judgements import Bench
from quern.relations import Verdict

CALLS = 40
"""Questions, unless somebody wants more or fewer."""
_SHARES = (6, 2, 2)
"""How they are dealt out among pairs, terms and lacks; what one has no use for goes to the others."""


class Ruling(NamedTuple):
    """A pair of claims that cannot both be so, and what a judge says of it."""

    case: Contested
    verdict: Verdict


class Question(NamedTuple):
    """Something that the wiki does not say, and should: where that shows, in which words, and who may tell."""

    case: Unexplained | Lacking
    question: str
    sources: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Docket:
    """The cases that are heard, and of how many."""

    pairs: list[Contested]
    terms: list[Unexplained]
    lacks: list[Lacking]
    of: int

    @property
    def count(self) -> int:
        """How many questions are asked."""
        return len(self.pairs) + len(self.terms) + len(self.lacks)

    def __str__(self) -> str:
        """What is asked, in one line for people."""
        told = ((self.pairs, "pair of claims", "pairs of claims"), (self.terms, "term", "terms"))
        parts = [_number(len(cases), one, many) for cases, one, many in (*told, (self.lacks, "gap", "gaps")) if cases]
        left = _number(self.of - self.count, "less promising one is", "less promising ones are")
        more = f"; {left} left (--calls)" if self.of > self.count else ""
        return f"in doubt: {', '.join(parts) or 'nothing'}{more}"

    def heard(self, bench: Bench) -> tuple[list[Ruling], list[Question]]:
        """What a judge says of the cases: what cannot both be so, and what is to be looked for.

        Raises Failure if the judge cannot be asked.
        """
        said = bench.hear(
            [case.pair for case in self.pairs],
            [case.term for case in self.terms],
            [case.lack for case in self.lacks],
        )
        ruled = zip(self.pairs, said.pairs, strict=True)
        cases: list[Unexplained | Lacking] = [*self.terms, *self.lacks]
        sought = zip(cases, (*said.terms, *said.lacks), strict=True)
        return (
            [Ruling(case, v) for case, v in ruled if v is not None and v.relation in ("contradicts", "supersedes")],
            [Question(case, *found) for case, found in sought if found is not None],
        )


def draw(view: View, calls: int = CALLS) -> Docket:
    """The cases of a wiki, at most `calls`."""
    view.preload()
    census, contests, waiting, tellings = Census(view), Contests(view), Names(view), Tellings(view)
    for page in view.pages():
        census.note(page)
        contests.note(page)
        waiting.note(page)
        tellings.note(page)
    pairs, terms, lacks = contests.cases(census), waiting.cases(), tellings.cases()
    wanted = [len(pairs), len(terms), len(lacks)]
    first, second, third = _dealt(calls, wanted)
    return Docket(pairs[:first], terms[:second], lacks[:third], sum(wanted))


def _dealt(calls: int, wanted: Sequence[int]) -> list[int]:
    """So many of the calls for each: its share, and what others leave, the first first."""
    dealt = [min(want, calls * share // sum(_SHARES)) for want, share in zip(wanted, _SHARES, strict=True)]
    for at, want in enumerate(wanted):
        dealt[at] += min(want - dealt[at], calls - sum(dealt))
    return dealt


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
