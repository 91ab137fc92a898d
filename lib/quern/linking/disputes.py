"""Claims of a page that may not both be so, where the rules are not sure: which of them a judge is asked about.

That is what the rules call possible between two sources, and what stands near a new claim and has a figure that is
against one of it in all but the words for what they are of. Each such pair is asked about once, on however many pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from quern.judgements import Judge, Pair
from quern.relations import Standing, Told, Verdict, proof

QUESTIONS = 16
"""Asked about the claims of one source, at most."""
_EACH = 2  # pairs of one new claim
_STATES_NO_FACT = frozenset({"question", "task", "opinion"})


@dataclass(frozen=True, slots=True)
class Doubt:
    """A pair of claims that is in doubt, and how much it looks as if they could not both be so."""

    pair: Pair
    weight: float


def doubts(  # noqa: PLR0913 - a doubt depends on all of this
    new: Told,
    page: Standing,
    verdicts: Sequence[Verdict],
    called: Sequence[str],
    but: Collection[str],
    *,
    words: bool = False,
) -> Iterator[Doubt]:
    """What is in doubt of a new claim on a page, after what the rules say of it; nothing of the claims `but`.

    `words`: of what has no figures, too, where a few other words could make the difference.
    """
    told = {verdict.other: verdict for verdict in verdicts}
    if any(verdict.relation == "same" for verdict in verdicts):
        return
    for old in page.near(new):
        possible = told.get(old.id)
        if old.id in but or not _may_clash(new, old) or (possible is not None and possible.certain):
            continue
        asked = new.text, old.text, tuple(sorted(called)), new.language
        weight = proof.doubt(*asked) or (proof.otherwise(*asked) if words else 0.0)
        if possible is not None:
            yield Doubt(Pair(new, old, tuple(called), possible), 1 + weight)
        elif weight:
            yield Doubt(Pair(new, old, tuple(called)), weight)


def _may_clash(new: Told, old: Told) -> bool:
    # What one source says here and there it says of two things, as far as the rules are not sure of the contrary.
    if new.language != old.language or new.source == old.source or _STATES_NO_FACT & {new.role, old.role}:
        return False
    return new.stance == old.stance == "asserted"


def judged(judge: Judge | None, found: Iterable[Doubt]) -> dict[frozenset[str], Verdict]:
    """What a judge says of the pairs that are most in doubt, by their ids: what is surely not so both."""
    if judge is None:
        return {}
    asked: dict[frozenset[str], Pair] = {}
    each: Counter[str] = Counter()
    for doubt in sorted(found, key=lambda doubt: (-doubt.weight, doubt.pair.new.id, doubt.pair.old.id)):
        pair = doubt.pair
        if len(asked) < QUESTIONS and pair.key not in asked and each[pair.new.id] < _EACH:
            asked[pair.key] = pair
            each[pair.new.id] += 1
    said = judge.relations(list(asked.values()))
    return {
        key: verdict
        for key, verdict in zip(asked, said, strict=True)
        # Two wordings of one thing stay two sentences: no words of theirs could show that nothing gets lost.
        if verdict is not None and verdict.relation in ("contradicts", "supersedes")
    }
