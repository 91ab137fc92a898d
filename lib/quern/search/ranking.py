"""Which rows answer a query best, and why: BM25 over several columns, of which the sum of the reasons is the score.

FTS5 finds the rows and a first order; the best of these are weighed here, by BM25F: how often a term stands in a column
is first divided by how long that column is, then weighed by the column, summed, and only then saturated (Robertson,
Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004). A word in the title of a long
page then counts as what it is. Two words that stand beside each other as in the query add something of their own.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from quern.records import Reason
from quern.search.sought import Sought


class Column(NamedTuple):
    """How a column counts. `even`: 0 to 1, how far its length is made up for."""

    name: str
    weight: float
    even: float


# Tuned on the development parts of four sets of documents; within a wide range it matters little.
PAGE = (
    Column("title", 2.0, 0.5),
    Column("aliases", 1.8, 0.5),
    Column("headings", 1.5, 0.5),
    Column("claims", 1.2, 0.65),
    Column("body", 1.0, 0.65),
)
CLAIM = (Column("text", 1.0, 0.5), Column("about", 0.6, 0.4))
_SATURATED = 1.5
_BESIDE = 0.4


class Scored(NamedTuple):
    """A row and its score, which is the sum of what its reasons added."""

    row: int
    score: float
    why: tuple[Reason, ...]


def score(
    row: int, texts: Sequence[str], sought: Sequence[Sought], columns: Sequence[Column], means: Sequence[float]
) -> Scored:
    """The score of a row. `texts`: its terms, joined with blanks, a text a column; `means`: their mean numbers."""
    wanted = frozenset().union(*(one.terms for one in sought))
    counts: list[Mapping[str, int]] = []
    lengths = []
    for text in texts:
        found = text.split()
        counts.append(Counter(filter(wanted.__contains__, found)))
        lengths.append(len(found))
    why = []
    for one in sought:
        shares = []
        for column, count, length, mean in zip(columns, counts, lengths, means, strict=True):
            often = sum(count.get(term, 0) for term in one.terms) if count else 0
            if often:
                evened = 1 - column.even + column.even * length / (mean or 1)
                shares.append((column.name, column.weight * often / evened))
        total = sum(share for _, share in shares)
        if total:
            added = one.weight * total * (_SATURATED + 1) / (total + _SATURATED)
            why += [Reason(term=one.shown, column=name, added=added * share / total) for name, share in shares]
    why += _beside(texts, sought, columns)
    return Scored(row, sum(reason.added for reason in why), tuple(why))


def _beside(texts: Sequence[str], sought: Sequence[Sought], columns: Sequence[Column]) -> Iterator[Reason]:
    """What it adds that words which are neighbours in the query are neighbours in a column, too.

    Parts of one word always are, and pairs of characters are sought as such.
    """
    padded = [f" {text} " for text in texts]
    for one, other in itertools.pairwise(sought):
        if one.is_part and other.is_part:
            continue
        runs = [f" {term} {following} " for term in one.terms for following in other.terms]
        for column, text in zip(columns, padded, strict=True):
            if any(run in text for run in runs):
                added = _BESIDE * min(one.weight, other.weight)
                yield Reason(term=f"{one.shown} {other.shown}", column=column.name, added=added)
                break
