"""Finding pages and claims.

    with search.open(vault, schema) as found:
        found.refresh()                                   # unless the tables are large and may be a little old
        found.pages('tidal "La Rance" -lagoon type:entity', limit=10)      # a query, in the language of `queries`
        found.claims("When was La Rance opened?", limit=40)                # a question: any of its words, ranked
        found.claims("When was La Rance opened?", limit=40, as_of="2020")  # of what was known by then

Both give `Hit` records, the best first. A hit of `claims` has `claim` (its id), `text` (its words), `status` (current,
overtaken, disputed), `since`, `pages` (the files of the pages that it went to), and stands at `path`:`line`, on its
source page; a claim that several sources make is one hit. A hit of `pages` has the best line of the page.
`Search(vault, schema)` and `close()` do the same without `with`. All raise Failure for a query with nothing in it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from quern.program import warn
from quern.records import Hit
from quern.schema import Schema
from quern.search import finding, fusion, queries, snippets
from quern.search.finding import Finder
from quern.search.queries import Query
from quern.search.ranking import Scored
from quern.search.sought import Plan
from quern.search.tables import Tables
from quern.search.terms import Lexicon
from quern.vault import Vault

__all__ = ["LARGE", "WORTH_WAITING", "Hit", "Search", "open"]

LARGE = 5000
"""Pages from which on a program answers from the tables as they stand, and refreshes them afterwards."""
WORTH_WAITING = 5.0
"""Seconds for which vectors that are missing are made before an answer; the others are made after it."""
_FUSED = 100
"""Rows that each order brings, where words and meaning are made one."""


@contextlib.contextmanager
def open(vault: Vault, schema: Schema) -> Iterator[Search]:  # noqa: A001 - as in `search.open(vault)`
    """Search in a vault, in its tables as they stand."""
    found = Search(vault, schema)
    try:
        yield found
    finally:
        found.close()


class Search:
    """Look-ups in the tables of one vault.

    Raises Failure if they can neither be read nor made, and where SQLite has no FTS5.
    """

    def __init__(self, vault: Vault, schema: Schema) -> None:
        self.vault, self.schema = vault, schema
        self.tables = Tables(vault, schema.language)
        self._lexicons: dict[str, Lexicon] = {}
        self._seen: tuple[int, Finder] | None = None
        self._embedder: Any = None

    def close(self) -> None:
        if self._embedder is not None:
            self._embedder.close()
        self.tables.close()

    def refresh(self) -> bool:
        """Take in what has changed in the wiki; returns whether anything had."""
        changed = self.tables.refresh()
        if changed:
            self._seen = None
        return changed

    def size(self) -> int:
        """How many pages the tables know: none before the first refresh."""
        return self.tables.size()

    def embed(self, seconds: float | None = None) -> int:
        """Make the vectors that are missing, for so long at most; returns how many still are (0: no role `embed`)."""
        return 0 if self.schema.embedding is None else int(self._vectors.fill(seconds))

    def reranked(self, hits: Sequence[Hit], query: str, say: Callable[[str], None] = warn) -> list[Hit]:
        """The hits as the model of role `rerank` orders the first of them; as they are without that role."""
        if "rerank" not in self.schema.roles or len(hits) < 2:
            return list(hits)
        from quern.models.client import Client
        from quern.search import reranking

        told = self.schema.search
        client = Client(self.vault, self.schema, "rerank", say=say)
        try:
            ordered, count = reranking.reranked(hits, query, client, told.rerank, told.seconds)
        finally:
            client.close()
        if count < min(told.rerank, len(hits)):
            say(f"{client.name} came to grade {count} hits of {len(hits)} in {told.seconds:g} s (search: seconds)")
        return ordered

    # Pages

    def pages(self, query: str, limit: int = 10) -> list[Hit]:
        """The pages that answer a query best, each with its best line."""
        parsed = queries.parse(query)
        plan, scored = self._ranked(parsed, limit)
        hits = (self._page(one, plan) for one in scored)
        return list(islice(filter(None, hits), limit))

    def ranked(self, query: str, limit: int) -> list[str]:
        """The paths of these pages alone, for whoever has no use for more."""
        _, scored = self._ranked(queries.parse(query), limit)
        paths = self._finder.paths(one.row for one in scored[:limit])
        return [paths[one.row] for one in scored[:limit]]

    def _ranked(self, query: Query, limit: int) -> tuple[Plan, list[Scored]]:
        plan = self._finder.plan(query, "pages")
        if not self._by_meaning(query):
            return plan, self._finder.pages(query, plan, limit)
        by_words = self._finder.pages(query, plan, max(limit, _FUSED))
        among = self._finder.among("pages", finding.of_pages(query))
        near = self._vectors.pages(query.text, max(limit, _FUSED), among)
        return plan, fusion.fused(by_words, near, query.text)

    def _page(self, one: Scored, plan: Plan) -> Hit | None:
        """A page as it stands now; None if it is gone, or does not hold the phrases that are sought."""
        sql = "SELECT path, title, type, status, language FROM pages WHERE id = ?"
        ((path, title, type_, status, language),) = self.tables.rows(sql, one.row)
        text = self._read(path)
        if text is None or not all(snippets.holds(text, words) for words in plan.phrases):
            return None
        found = snippets.best(text, plan.sought, self._lexicon(language)) or snippets.first(text)
        return Hit(
            path=path, title=title, type=type_, line=found.line, text=found.text, score=one.score, claim=found.claim,
            status=status, why=list(one.why),
        )  # fmt: skip

    def _read(self, path: str) -> str | None:
        try:
            with (self.vault.root / path).open("rb") as stream:
                return stream.read().decode(errors="replace")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    # Claims

    def claims(self, question: str, limit: int = 40, *, as_of: str | None = None) -> list[Hit]:
        """The claims that answer a question best, of those that were known by a day (ISO, may be partial)."""
        return self._claims(queries.question(question), limit, as_of)

    def query_claims(self, query: str, limit: int = 10, *, as_of: str | None = None) -> list[Hit]:
        """The same for a query, in which operators mean something."""
        return self._claims(queries.parse(query), limit, as_of)

    def _claims(self, query: Query, limit: int, as_of: str | None) -> list[Hit]:
        plan = self._finder.plan(query, "claims")
        if self._by_meaning(query):
            by_words = self._finder.claims(query, plan, max(limit, _FUSED), as_of)
            among = self._finder.among("claims", finding.of_claims(query, as_of))
            near = self._vectors.claims(query.text, max(limit, _FUSED), among)
            scored = fusion.fused(by_words, near, query.text)
        else:
            scored = self._finder.claims(query, plan, limit, as_of)
        told = self._told([one.row for one in scored])
        best: dict[str, Hit] = {}
        for one in scored:
            path, line, claim, text, since, went, title = told[one.row]
            if claim in best or not all(snippets.holds(text, words) for words in plan.phrases):
                continue
            best[claim] = Hit(
                path=path, title=title, type="claim", line=line, text=text, score=one.score, claim=claim,
                status=self._standing(claim, as_of), since=since or None, pages=went.split("\n") if went else [],
                why=list(one.why),
            )  # fmt: skip
            if len(best) >= limit:
                break
        return list(best.values())

    def _told(self, rows: Sequence[int]) -> dict[int, tuple[Any, ...]]:
        marks = ", ".join("?" * len(rows))
        sql = (
            "SELECT c.id, p.path, c.line, c.claim, c.text, c.since, c.pages, p.title FROM claims c "  # noqa: S608
            f"JOIN pages p ON p.id = c.page WHERE c.id IN ({marks})"
        )
        return {row: tuple(told) for row, *told in self.tables.rows(sql, *rows)}

    def _standing(self, claim: str, as_of: str | None) -> str:
        """Whether a claim is current, overtaken or disputed, as the pages say that show it."""
        marks = self.tables.rows("SELECT status, overtaken_by FROM marks WHERE claim = ?", claim)
        if any(status == "overtaken" and self._was_known(by.split(), as_of) for status, by in marks):
            return "overtaken"
        return "disputed" if any(status == "disputed" for status, _ in marks) else "current"

    def _was_known(self, claims: Sequence[str], as_of: str | None) -> bool:
        if as_of is None:
            return True
        marks = ", ".join("?" * len(claims))
        sql = f"SELECT 1 FROM claims WHERE claim IN ({marks}) AND since <> '' AND substr(since, 1, ?) <= ?"  # noqa: S608
        return bool(self.tables.rows(sql, *claims, len(as_of), as_of))

    # Both

    @property
    def _finder(self) -> Finder:
        """Made anew when another process has written into the tables, since it knows how many rows there are."""
        version = self.tables.version()
        if self._seen is None or self._seen[0] != version:
            self._seen = (version, Finder(self.tables, self.tables.facts()))
            if "_vectors" in self.__dict__:
                self._vectors.forget()
        return self._seen[1]

    def _by_meaning(self, query: Query) -> bool:
        """Whether vectors are asked, too: not if a person says which words there must or must not be."""
        exact = query.unwanted or any(part.is_phrase or part.is_prefix for part in query.wanted)
        return bool(self.schema.embedding is not None and query.wanted and not exact)

    @cached_property
    def _vectors(self) -> Any:
        from quern.models import embedding
        from quern.search.vectors import Vectors

        assert self.schema.embedding is not None  # noqa: S101 - nobody asks otherwise
        timeout = self.schema.roles["embed"].timeout
        self._embedder = embedding.load(self.vault, self.schema.embedding, timeout)
        return Vectors(self.tables, self._embedder)

    def _lexicon(self, language: str) -> Lexicon:
        if language not in self._lexicons:
            self._lexicons[language] = Lexicon(language)
        return self._lexicons[language]
