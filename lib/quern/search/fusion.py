"""Two orders made one: what words find and what meaning finds, by reciprocal rank.

Scores of the two cannot be compared, but places can: a row gets 1 / (20 + place) from each order that it is in
(Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods",
SIGIR 2009; they take 60, for orders of a thousand rows. Ours have a hundred, and 20 was better on a development set).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from quern.records import Reason
from quern.search.ranking import Scored

_FLAT = 20
MEANING = "meaning"
"""The column that a reason names which rests on no word."""


def fused(by_words: Sequence[Scored], by_meaning: Sequence[int], query: str) -> list[Scored]:
    """The rows of both, the best first. Of what the order by words added, each word has the share that it had there."""
    found: dict[int, Scored] = {}
    for place, one in enumerate(by_words, 1):
        added = 1 / (_FLAT + place)
        share = added / one.score if one.score else 0.0
        found[one.row] = Scored(one.row, added, tuple(replace(why, added=why.added * share) for why in one.why))
    for place, row in enumerate(by_meaning, 1):
        added = 1 / (_FLAT + place)
        reason = Reason(term=query, column=MEANING, added=added)
        one = found.get(row, Scored(row, 0.0, ()))
        found[row] = Scored(row, one.score + added, (*one.why, reason))
    return sorted(found.values(), key=lambda one: (-one.score, one.row))
