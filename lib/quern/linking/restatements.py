"""What two readings of one source say both: which claims of the new one say again what the old one said.

A claim is said again by those that rest on all of its sentences and have its figures, dates, names and negations.
Words may be others, but not fewer: what a sentence has more than what is said of it now would be lost in silence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from quern import claims, quantities, relations
from quern.records import Claim

Resting = Callable[[Claim], frozenset[int]]
"""The sentences of the source that a claim rests on, by number; none if its words do not stand there."""

_SPARE = 4  # one of so many words may go without another in its place


@dataclass(frozen=True, slots=True)
class Restated:
    """`by`: by the id of an old claim, the new ones that say it. `idle`: those that say nothing but what is shown."""

    by: dict[str, list[Claim]] = field(default_factory=dict)
    idle: set[str] = field(default_factory=set)


def restated(
    old: Sequence[Claim], new: Sequence[Claim], resting: Resting, language: str, shown: Collection[str] = ()
) -> Restated:
    """How the claims of a new reading that are not in the old one stand to those of the old that are not in the new.

    `shown`: the ids of old ones that pages show; where none does, to say part of it in general is news.
    """
    own = {claim.id: resting(claim) for claim in (*old, *new)}
    near: dict[int, list[Claim]] = defaultdict(list)
    for claim in new:
        for number in sorted(own[claim.id]):
            near[number].append(claim)
    by: dict[str, list[Claim]] = {}
    for claim in old:
        over = {other.id: other for number in sorted(own[claim.id]) for other in near[number]}
        saying = _saying(claim, list(over.values()), own, language)
        if saying:
            by[claim.id] = saying
    return Restated(
        by, _idle([claim for claim in old if claim.id not in by and claim.id in shown], new, by, own, language)
    )


def resting_on_what_stands(old: Iterable[Claim], new: Iterable[Claim], resting: Resting) -> set[str]:
    """The new claims of which each sentence has been read already, whatever they say of it."""
    read = frozenset().union(*(resting(claim) for claim in old))
    return {claim.id for claim in new if (own := resting(claim)) and own <= read}


def says_all(old: Claim, new: Sequence[Claim], language: str) -> bool:
    """Whether nothing that can be checked is in a claim and in none of these, and hardly a word is merely left out."""
    text = _general(old.text, [claim.as_of for claim in new if claim.as_of], language)
    called = [name for claim in new for one in claim.names for name in (one.name, *one.aliases)]
    beside = [claim.by for claim in new if claim.by]
    if claims.problems(text, "\n".join([*(claim.text for claim in new), *beside]), "\n".join(called), language):
        return False
    words, others = relations.content(text, language), _words_of(new, language)
    missing = words - others - _stems([*called, *beside], language)
    return len(missing) <= len(others - words) + len(words) // _SPARE


def _general(text: str, days: Sequence[str], language: str) -> str:
    """A text without the dates that stand beside what says it in general."""
    for date in reversed(list(quantities.dates(text, language) if days else ())):
        if any(day.startswith(date.iso) or date.iso.startswith(day) for day in days):
            text = f"{text[: date.start]} {text[date.end :]}"
    return text


def _saying(old: Claim, over: Sequence[Claim], own: Mapping[str, frozenset[int]], language: str) -> list[Claim]:
    """Of the new claims that share sentences with an old one, as few as say all of it; none if they do not."""
    wanted, words = set(own[old.id]), set(_words(old, language))
    order = {claim.id: at for at, claim in enumerate(over)}
    left, by = list(over), list[Claim]()
    while left:
        best = max(left, key=lambda c: (len(words & _words(c, language)), len(wanted & own[c.id]), -order[c.id]))
        left.remove(best)
        by.append(best)
        wanted -= own[best.id]
        words -= _words(best, language)
        if not wanted and says_all(old, by, language):
            return sorted(by, key=lambda claim: order[claim.id])
    return []


def _idle(
    stays: Sequence[Claim],
    new: Sequence[Claim],
    by: Mapping[str, Sequence[Claim]],
    own: Mapping[str, frozenset[int]],
    language: str,
) -> set[str]:
    """The new claims that only say part of what the old ones say that stay."""
    taken = {claim.id for saying in by.values() for claim in saying}
    idle = set()
    for claim in new:
        over = [old for old in stays if own[claim.id] & own[old.id]]
        read = frozenset().union(*(own[old.id] for old in over))
        if claim.id not in taken and over and own[claim.id] <= read and says_all(claim, over, language):
            idle.add(claim.id)
    return idle


def _words(claim: Claim, language: str) -> frozenset[str]:
    return relations.content(claim.text, language)


def _words_of(told: Iterable[Claim], language: str) -> frozenset[str]:
    return frozenset().union(*(_words(claim, language) for claim in told))


def _stems(texts: Iterable[str], language: str) -> frozenset[str]:
    return frozenset().union(*(relations.content(text, language) for text in texts))
