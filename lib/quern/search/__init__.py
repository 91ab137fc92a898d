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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from quern import names
from quern.records import Hit, Reason
from quern.schema import Schema
from quern.search import leaves, queries, ranking, snippets
from quern.search.queries import Query
from quern.search.ranking import Scored
from quern.search.sought import Plan, Seeker
from quern.search.tables import Tables
from quern.search.terms import Lexicon
from quern.vault import Vault

__all__ = ["LARGE", "Hit", "Search", "open"]

LARGE = 5000
"""Pages from which on a program answers from the tables as they stand, and refreshes them afterwards."""
_WEIGHED = 60
"""Rows that are weighed again for each that is wanted at first; more if more are wanted."""
_CALLED = 1.0
"""What being called exactly as the query adds, in shares of all that its words weigh."""


@contextlib.contextmanager
def open(vault: Vault, schema: Schema) -> Iterator[Search]:  # noqa: A001 - as in `search.open(vault)`
    """Search in a vault, in its tables as they stand."""
    found = Search(vault, schema)
    try:
        yield found
    finally:
        found.close()


@dataclass(frozen=True, slots=True)
class _Sums:
    """How many rows a table has, and the mean lengths of its columns."""

    rows: int
    means: tuple[float, ...]

    @classmethod
    def of(cls, told: str) -> _Sums:
        rows, *sums = map(int, told.split()) if told else (0,)
        return cls(rows, tuple(total / max(1, rows) for total in sums))


class Search:
    """Look-ups in the tables of one vault.

    Raises Failure if they can neither be read nor made, and where SQLite has no FTS5.
    """

    def __init__(self, vault: Vault, schema: Schema) -> None:
        self.vault, self.schema = vault, schema
        self.tables = Tables(vault, schema.language)
        self._facts: dict[str, str] | None = None
        self._lexicons: dict[str, Lexicon] = {}

    def close(self) -> None:
        self.tables.close()

    def refresh(self) -> bool:
        """Take in what has changed in the wiki; returns whether anything had."""
        self._facts = None
        return self.tables.refresh()

    def size(self) -> int:
        """How many pages the tables know: none before the first refresh."""
        return self.tables.size()

    def pages(self, query: str, limit: int = 10) -> list[Hit]:
        """The pages that answer a query best, each with its best line."""
        parsed = queries.parse(query)
        sums = self._sums("pages")
        plan = self._seeker("page", sums).plan(parsed)
        scored = self._scored_pages(parsed, plan, sums, limit)
        hits: list[Hit] = []
        for one in scored:
            hit = self._page_hit(one, plan)
            if hit is not None:
                hits.append(hit)
            if len(hits) >= limit:
                break
        return hits

    def claims(self, question: str, limit: int = 40, *, as_of: str | None = None) -> list[Hit]:
        """The claims that answer a question best, of those that were known by a day (ISO, may be partial)."""
        return self._claims(queries.question(question), limit, as_of)

    def query_claims(self, query: str, limit: int = 10, *, as_of: str | None = None) -> list[Hit]:
        """The same for a query, in which operators mean something."""
        return self._claims(queries.parse(query), limit, as_of)

    # Pages

    def _scored_pages(self, query: Query, plan: Plan, sums: _Sums, limit: int) -> list[Scored]:
        where, values = _where(query)
        called = self._called(query, where, values)
        if not plan.match:
            rows = [] if plan.sought or query.wanted else self._listed(where, values, limit)
            return [Scored(row, 0.0, ()) for row in dict.fromkeys([*called, *rows])]
        found = self._found("page_terms", plan, ranking.PAGE, where, values, max(_WEIGHED, 2 * limit))
        wanted = list(dict.fromkeys([*called, *found]))
        scored = []
        for row, *texts in self._texts("page_terms", leaves.COLUMNS, wanted):
            one = ranking.score(row, texts, plan.sought, ranking.PAGE, sums.means)
            if row in called:
                added = _CALLED * (sum(one.weight for one in plan.sought) or 1.0)
                reason = Reason(term=query.text.strip(), column="name", added=added)
                one = Scored(row, one.score + added, (reason, *one.why))
            scored.append(one)
        paths = self._paths(one.row for one in scored)
        return sorted((one for one in scored if one.why), key=lambda one: (-one.score, paths[one.row]))

    def _called(self, query: Query, where: str, values: Sequence[str]) -> list[int]:
        """The pages that are called just as the query says."""
        if not query.wanted or query.unwanted or any(part.is_prefix for part in query.wanted):
            return []
        said = " ".join(word for part in query.wanted for word in part.words)
        keys = sorted({names.normal(query.text), names.normal(said)})
        marks = ", ".join("?" * len(keys))
        sql = f"SELECT page FROM called WHERE name IN ({marks}) AND page IN (SELECT id FROM pages WHERE {where})"  # noqa: S608
        return [row for (row,) in self.tables.rows(sql, *keys, *values)]

    def _listed(self, where: str, values: Sequence[str], limit: int) -> list[int]:
        sql = f"SELECT id FROM pages WHERE {where} ORDER BY path LIMIT ?"  # noqa: S608
        return [row for (row,) in self.tables.rows(sql, *values, limit)]

    def _paths(self, rows: Any) -> dict[int, str]:
        wanted = list(rows)
        marks = ", ".join("?" * len(wanted))
        return dict(self.tables.rows(f"SELECT id, path FROM pages WHERE id IN ({marks})", *wanted))  # noqa: S608

    def _page_hit(self, one: Scored, plan: Plan) -> Hit | None:
        """A page as it stands now; None if it is gone, or no longer says what was sought."""
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

    def _claims(self, query: Query, limit: int, as_of: str | None) -> list[Hit]:
        sums = self._sums("claims")
        plan = self._seeker("claim", sums).plan(query)
        where, values = _where(query)
        where = f"page IN (SELECT id FROM pages WHERE {where})" if query.fields else "1"
        if as_of is not None:
            where += " AND substr(since, 1, ?) <= ?"
            values = [*values, len(as_of), as_of]
        if not plan.match:
            return []
        found = self._found("claim_terms", plan, ranking.CLAIM, where, values, max(_WEIGHED, 2 * limit))
        scored = [
            ranking.score(row, texts, plan.sought, ranking.CLAIM, sums.means)
            for row, *texts in self._texts("claim_terms", ("text", "about"), found)
        ]
        return self._claim_hits(scored, plan, limit, as_of)

    def _claim_hits(self, scored: Sequence[Scored], plan: Plan, limit: int, as_of: str | None) -> list[Hit]:
        told = self._told([one.row for one in scored])
        best: dict[str, Hit] = {}
        for one in sorted((one for one in scored if one.why), key=lambda one: (-one.score, told[one.row][:3])):
            path, line, claim, text, since, went, title = told[one.row]
            if claim in best or not all(snippets.holds(text, words) for words in plan.phrases):
                continue
            best[claim] = Hit(
                path=path, title=title, type="claim", line=line, text=text, score=one.score, claim=claim,
                status=self._standing(claim, as_of), since=since or None, pages=msgspec.json.decode(went),
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
        sql = f"SELECT 1 FROM claims WHERE claim IN ({marks}) AND substr(since, 1, ?) <= ?"  # noqa: S608
        return bool(self.tables.rows(sql, *claims, len(as_of), as_of))

    # Both

    def _found(
        self, table: str, plan: Plan, columns: Sequence[ranking.Column], where: str, values: Sequence[object], most: int
    ) -> list[int]:
        """The rows that FTS5 ranks highest."""
        weights = ", ".join(str(column.weight) for column in columns)
        match = f"{{title aliases headings}} : ({plan.match})" if plan.common and table == "page_terms" else plan.match
        owner = table.removesuffix("_terms") + "s"
        among = "" if where == "1" else f"AND rowid IN (SELECT id FROM {owner} WHERE {where}) "  # noqa: S608
        sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rank MATCH 'bm25({weights})' {among}ORDER BY rank LIMIT ?"  # noqa: S608
        return [row for (row,) in self.tables.rows(sql, match, *values, most)]

    def _texts(self, table: str, columns: Sequence[str], rows: Sequence[int]) -> list[Any]:
        marks = ", ".join("?" * len(rows))
        return self.tables.rows(f"SELECT rowid, {', '.join(columns)} FROM {table} WHERE rowid IN ({marks})", *rows)  # noqa: S608

    def _seeker(self, table: str, sums: _Sums) -> Seeker:
        return Seeker(self.tables, table, self._told_of_all().get("languages", "").split(), sums.rows)

    def _sums(self, table: str) -> _Sums:
        return _Sums.of(self._told_of_all().get(table, ""))

    def _told_of_all(self) -> Mapping[str, str]:
        if self._facts is None:
            self._facts = self.tables.facts()
        return self._facts

    def _lexicon(self, language: str) -> Lexicon:
        return self._lexicons.setdefault(language, Lexicon(language))


def _where(query: Query) -> tuple[str, list[Any]]:
    """The fields of a query as a condition on the table of pages."""
    conditions, values = ["type <> '-'"], []
    for field, value, excluded in query.fields:
        folded = names.fold(value)
        if field in ("type", "status"):
            condition, held = f"lower({field}) = ?", [folded]
        elif field == "tag":
            condition = "instr(tags, ?) OR instr(tags, ?)"
            held = [f"\n{folded.removeprefix('#')}\n", f"\n{folded.removeprefix('#')}/"]
        else:
            condition, held = "instr(sources, ?)", [f"\n{folded.removesuffix('.md')}"]
        conditions.append(f"NOT ({condition})" if excluded else f"({condition})")
        values += held
    return " AND ".join(conditions), values
