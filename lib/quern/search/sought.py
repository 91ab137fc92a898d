"""What a query looks for in the tables of one vault: each of its words as the terms that are indexed, and how rare."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from quern import languages
from quern.search import terms
from quern.search.queries import Part, Query
from quern.search.tables import Tables

# A word of a question that stands in more than this share of the rows finds nothing, and costs most of the time.
_COMMON = 0.1
# Below so many rows a tenth of them is no sign of anything, and no word costs time.
_FEW = 500
_PREFIXED = 200
"""Terms that a prefix stands for at most."""
_TYPED = 4
"""Letters of a word, from which on one of them may be wrong."""
_NEAR = 3
"""Words that a word with a typo stands for at most."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A word, or one of its parts. `terms`: any of these is it. `rows`: in how many rows; `shown`: how it is called."""

    shown: str
    terms: frozenset[str]
    rows: int
    weight: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A query against one table. `match`: for FTS5, "" if nothing can be found; `common`: only common words are sought.

    `phrases`: the words of each, to be checked in the text, since a row knows only their stems.
    """

    match: str
    sought: tuple[Sought, ...]
    phrases: tuple[tuple[str, ...], ...]
    common: bool = False


class Seeker:
    """Turns queries into plans. `table`: "page" or "claim"."""

    def __init__(self, tables: Tables, table: str, spoken: Sequence[str], rows: int) -> None:
        self._tables, self._table, self._rows = tables, table, rows
        self._spoken = tuple(spoken) or ("en",)

    def plan(self, query: Query) -> Plan:
        """How a query is looked for."""
        sought: dict[frozenset[str], Sought] = {}
        for part in query.wanted:
            for one in self._sought(part):
                sought.setdefault(one.terms, one)
        found = [one for one in sought.values() if one.rows]
        kept = self._telling(found, query)
        phrases = [part for part in query.wanted if part.is_phrase]
        match = " AND ".join(f"({self._phrase(part)})" for part in phrases)
        if not match and kept:
            match = " OR ".join(f'"{term}"' for term in sorted(set().union(*(one.terms for one in kept))))
        if match and query.unwanted:
            match = f"({match}) NOT ({' OR '.join(self._phrase(part) for part in query.unwanted)})"
        limit = self._rows * _COMMON
        common = self._rows >= _FEW and not phrases and all(one.rows > limit for one in kept)
        return Plan(match, tuple(kept), tuple(part.words for part in phrases), common)

    def unwanted(self, query: Query) -> str:
        """For FTS5, what the rows must not have; "" if anything goes."""
        return " OR ".join(self._phrase(part) for part in query.unwanted)

    def _telling(self, found: list[Sought], query: Query) -> list[Sought]:
        """The words that tell rows apart: all of a few, of many those that are not common."""
        if self._rows < _FEW:
            return found
        limit = self._rows * _COMMON
        telling = [one for one in found if one.rows <= limit]
        return telling or sorted(found, key=lambda one: one.rows)[:3]

    def _sought(self, part: Part) -> Iterator[Sought]:
        if part.is_prefix:
            known = self._beginning(part.words[0])
            yield self._weighed(f"{part.words[0]}*", known)
            return
        for word in part.words:
            yield from self._word(word)

    def _word(self, word: str) -> Iterator[Sought]:
        each = [terms.of_word(word, language) for language in self._spoken]
        first = each[0]
        if len(first) == 1:
            looked_up = self._tables.rows("SELECT term FROM words WHERE word = ?", terms.folded(word))
            one = self._weighed(word, {*(made[0] for made in each if made), *(term for (term,) in looked_up)})
            yield one if one.rows else self._mistyped(word, one)
            return
        # A code stands for itself; of its parts only those count that are words.
        parts = [made for made in zip(*each, strict=False)]
        for alternatives in parts:
            shown = terms.decoded(alternatives[0])
            if len(shown) > 1 or len(parts) <= 1 or not shown.isascii():
                yield self._weighed(shown, alternatives)

    def _beginning(self, prefix: str) -> set[str]:
        begin = terms.folded(prefix)
        end = begin + "\U0010ffff"
        query = "SELECT DISTINCT term FROM words WHERE word >= ? AND word < ? LIMIT ?"
        found = {term for (term,) in self._tables.rows(query, begin, end, _PREFIXED)}
        for coded in {begin if begin.isalnum() and begin.isascii() else "", "qx" + begin.encode().hex()} - {""}:
            query = f"SELECT term FROM {self._table}_vocabulary WHERE term >= ? AND term < ? LIMIT ?"  # noqa: S608
            found |= {term for (term,) in self._tables.rows(query, coded, coded + "~", _PREFIXED)}
        return found

    def _mistyped(self, word: str, as_it_is: Sought) -> Sought:
        """The words that differ by one letter, or by two that changed places, if there is none such as typed."""
        typed = terms.folded(word)
        if len(typed) < _TYPED or not typed.isalpha():
            return as_it_is
        for scope, values in (("substr(word, 1, 1) = ?", (typed[0],)), ("1", ())):
            if scope != "1":
                query = "SELECT word, term FROM words WHERE word >= ? AND word < ? AND length(word) BETWEEN ? AND ?"
                values = (typed[0], typed[0] + "\U0010ffff")
            else:
                query = "SELECT word, term FROM words WHERE length(word) BETWEEN ? AND ?"
            near = self._near(typed, dict(self._tables.rows(query, *values, len(typed) - 1, len(typed) + 1)))
            if near:
                shown = f"{word} ~ {', '.join(sorted(near))}"
                return self._weighed(shown, near.values())
        return as_it_is

    def _near(self, typed: str, known: dict[str, str]) -> dict[str, str]:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        close = process.extract(typed, known.keys(), scorer=OSA.distance, score_cutoff=1, limit=50)
        counted = [(self._count(known[word]), word) for word, _distance, _ in close]
        best = sorted((-rows, word) for rows, word in counted if rows)[:_NEAR]
        return {word: known[word] for _, word in best}

    def _weighed(self, shown: str, found: Iterable[str]) -> Sought:
        counted = {term: rows for term in set(found) if (rows := self._count(term))}
        rows = min(sum(counted.values()), self._rows)
        # As Robertson and Spärck Jones weigh a term, kept above nothing as Lucene does.
        weight = math.log(1 + (self._rows - rows + 0.5) / (rows + 0.5))
        return Sought(shown, frozenset(counted), rows, weight)

    def _count(self, term: str) -> int:
        query = f"SELECT doc FROM {self._table}_vocabulary WHERE term = ?"  # noqa: S608
        return next((int(rows) for (rows,) in self._tables.rows(query, term)), 0)

    def _phrase(self, part: Part) -> str:
        """For FTS5: the words in this order, in any language that is spoken here."""
        if part.is_prefix:
            known = sorted(self._beginning(part.words[0]))
            return " OR ".join(f'"{term}"' for term in known) or '"qx"'
        each = {
            " ".join(term for word in part.words for term in terms.of_word(word, language)) for language in self._spoken
        }
        return " OR ".join(f'"{made}"' for made in sorted(each))


def stopword(word: str, spoken: Iterable[str]) -> bool:
    """Whether a word carries no subject in one of these languages."""
    return any(terms.folded(word) in languages.stopwords(language) for language in spoken)
