"""What a query looks for in the tables of one vault: each of its words as the terms that are indexed, and how rare."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from quern import languages
from quern.search import terms
from quern.search.queries import Part, Query
from quern.search.tables import Tables

# A word that stands in more than this share of very many rows finds no row (it still counts in those that others find):
# such words cost most of the time, and tell the least.
_COMMON = 0.1
_MANY = 10_000
_LOOKED_AT, _LEAST = 4000, 2
"""Rows that are ranked in a very large wiki, about a microsecond each: the rarest words that have so many, and two."""
_PREFIXED = 200
"""Terms that a prefix stands for at most."""
_TYPED = 4
"""Letters of a word, from which on one of them may be wrong."""
_GUESSED = 0.3
"""What a word counts for that stands where another was typed."""
_NEAR = 3
"""Words that a word with a typo stands for at most."""


class Sought(NamedTuple):
    """A word, or one of its parts. `terms`: any of these is it. `rows`: in how many rows; `shown`: how it is called;
    `is_part`: of a code, or of a text without blanks.
    """

    shown: str
    terms: frozenset[str]
    rows: int
    weight: float
    is_part: bool = False


class Plan(NamedTuple):
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
        # To count the rows of a word, SQLite walks through them all.
        self._count = lru_cache(maxsize=4096)(self._counted)

    def plan(self, query: Query) -> Plan:
        """How a query is looked for."""
        sought: dict[frozenset[str], Sought] = {}
        for part in self._telling(query):
            for one in self._sought(part):
                sought.setdefault(one.terms, one)
        found = [one for one in sought.values() if one.rows]
        phrases = [part for part in query.wanted if part.is_phrase]
        if phrases:
            match = " AND ".join(f"({self._phrase(part)})" for part in phrases)
        else:
            match = " OR ".join(
                f'"{term}"' for term in sorted({term for one in self._rare(found) for term in one.terms})
            )
        if match and query.unwanted:
            match = f"({match}) NOT ({' OR '.join(self._phrase(part) for part in query.unwanted)})"
        limit = self._rows * _COMMON
        common = self._rows >= _MANY and not phrases and all(one.rows > limit for one in found)
        return Plan(match, tuple(found), tuple(part.words for part in phrases), common)

    def _telling(self, query: Query) -> tuple[Part, ...]:
        """The parts of a query without the words that carry no subject, if there are others."""
        spoken = self._spoken[0] if len(self._spoken) == 1 else languages.detect(query.text, self._spoken[0])
        stop = languages.stopwords(spoken)
        kept = tuple(
            part
            for part in query.wanted
            if part.is_phrase or part.is_prefix or any(word.casefold() not in stop for word in part.words)
        )
        return kept or query.wanted

    def _rare(self, found: list[Sought]) -> list[Sought]:
        """What rows are found by: in a very large wiki not words that stand everywhere, unless there are no others."""
        if self._rows < _MANY:
            return found
        rare = [one for one in found if one.rows <= self._rows * _COMMON]
        taken: list[Sought] = []
        for one in sorted(rare or found, key=lambda one: one.rows):
            if len(taken) < _LEAST or sum(other.rows for other in (*taken, one)) <= _LOOKED_AT:
                taken.append(one)
        return taken

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
        parts = list(zip(*each, strict=False))
        for alternatives in parts:
            shown = terms.decoded(alternatives[0])
            if len(shown) > 1 or len(parts) <= 1 or not shown.isascii():
                yield self._weighed(shown, alternatives)._replace(is_part=True)

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
        # What is written in capitals is a code, and another one is no code with a typo.
        if len(typed) < _TYPED or not typed.isalpha() or not (word[1:].islower() or word.upper() == word.lower()):
            return as_it_is
        near = self._near(typed, dict(self._alike(typed)))
        if near:
            guessed = self._weighed(f"{word} ~ {', '.join(sorted(near))}", near.values())
            return guessed._replace(weight=guessed.weight * _GUESSED)
        return as_it_is

    def _alike(self, typed: str) -> list[tuple[str, str]]:
        """The words that may be one letter away: such a word begins or ends as this one does."""
        size = len(typed)
        begin, end = typed[: (size - 1) // 2], typed[::-1][: size - 1 - (size - 1) // 2]
        last, about = "\U0010ffff", (size - 1, size + 1)
        sql = (
            "SELECT word, term FROM words WHERE word >= ? AND word < ? AND length(word) BETWEEN ? AND ? "
            "UNION SELECT word, term FROM words WHERE back >= ? AND back < ? AND length(word) BETWEEN ? AND ?"
        )
        return self._tables.rows(sql, begin, begin + last, *about, end, end + last, *about)

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

    def _counted(self, term: str) -> int:
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
