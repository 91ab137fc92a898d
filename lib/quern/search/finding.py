"""Rows by their words: what FTS5 finds in the tables, weighed anew with the reasons for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from quern.records import Reason
from quern.search import ranking
from quern.search.queries import Query
from quern.search.ranking import Column, Scored
from quern.search.sought import Plan, Seeker
from quern.search.tables import Tables
from quern.search.terms import COLUMNS, folded, name

_WEIGHED = 30
"""Rows that are weighed again at least; twice as many as are wanted, if that is more."""
_CALLED = 2.0
"""What being called exactly as the query adds, in shares of all that its words weigh."""


class Where(NamedTuple):
    """A condition on the rows of a table in SQL, with its values; "" lets every row pass."""

    condition: str = ""
    values: tuple[Any, ...] = ()


class Finder:
    """Looks into the tables as they stand. `told`: what they say of themselves (`Tables.facts`)."""

    def __init__(self, tables: Tables, told: dict[str, str]) -> None:
        self._tables = tables
        self._sizes = {name: _sizes(told.get(name, "")) for name in ("pages", "claims")}
        spoken = told.get("languages", "").split()
        self._seekers = {
            name: Seeker(tables, name.removesuffix("s"), spoken, rows) for name, (rows, _) in self._sizes.items()
        }

    def plan(self, query: Query, table: str) -> Plan:
        """How a query is looked for among "pages" or "claims"."""
        return self._seekers[table].plan(query)

    def pages(self, query: Query, plan: Plan, most: int) -> list[Scored]:
        """The pages that have what is sought, the best first; without words, those that the fields let pass."""
        where = of_pages(query)
        called = self._called(query, where)
        if not plan.match:
            listed = [] if query.wanted else self._listed(where, most)
            return [
                *(Scored(row, 1.0, (Reason(term=query.text.strip(), column="name", added=1.0),)) for row in called),
                *(Scored(row, 0.0, ()) for row in listed),
            ]
        found = self._found("page_terms", plan, ranking.PAGE, where if query.fields else Where(), most)
        texts = self._texts("page_terms", COLUMNS, dict.fromkeys([*called, *found]))
        scored = [ranking.score(row, told, plan.sought, ranking.PAGE, self._sizes["pages"][1]) for row, *told in texts]
        named = set(called)
        full = sum(one.weight for one in plan.sought) or 1.0
        scored = [_named(one, query, _CALLED * full) if one.row in named else one for one in scored]
        paths = self.paths(one.row for one in scored)
        return sorted((one for one in scored if one.why), key=lambda one: (-one.score, paths[one.row]))

    def claims(self, query: Query, plan: Plan, most: int, as_of: str | None) -> list[Scored]:
        """The claims that have what is sought, the best first."""
        if not plan.match:
            return []
        where = of_claims(query, as_of)
        found = self._found("claim_terms", plan, ranking.CLAIM, where, most)
        texts = self._texts("claim_terms", ("text", "about"), found)
        means = self._sizes["claims"][1]
        scored = [ranking.score(row, told, plan.sought, ranking.CLAIM, means) for row, *told in texts]
        return sorted((one for one in scored if one.why), key=lambda one: (-one.score, one.row))

    def among(self, table: str, where: Where) -> set[int] | None:
        """The rows that a condition lets pass; None if that is all."""
        if not where.condition:
            return None
        return {row for (row,) in self._tables.rows(f"SELECT id FROM {table} WHERE {where.condition}", *where.values)}  # noqa: S608

    def paths(self, rows: Iterable[int]) -> dict[int, str]:
        """Where these pages stand."""
        wanted = list(rows)
        marks = ", ".join("?" * len(wanted))
        return dict(self._tables.rows(f"SELECT id, path FROM pages WHERE id IN ({marks})", *wanted))  # noqa: S608

    def _found(self, table: str, plan: Plan, columns: Sequence[Column], among: Where, most: int) -> list[int]:
        weights = ", ".join(str(column.weight) for column in columns)
        match = plan.match
        if plan.common and table == "page_terms":
            match = f"{{title aliases headings}} : ({match})"
        # A condition is asked of the rows that match, and not of all that there are.
        owner = table.removesuffix("_terms") + "s"
        among_ = f"JOIN {owner} o ON o.id = t.rowid" if among.condition else ""
        condition = f"AND {among.condition}" if among.condition else ""
        sql = (
            f"SELECT t.rowid FROM {table} t {among_} WHERE {table} MATCH ? AND t.rank MATCH 'bm25({weights})' "  # noqa: S608
            f"{condition} ORDER BY t.rank LIMIT ?"
        )
        rows = self._tables.rows(sql, match, *among.values, max(_WEIGHED, 2 * most))
        return [row for (row,) in rows]

    def _texts(self, table: str, columns: Sequence[str], rows: Iterable[int]) -> list[Any]:
        wanted = list(rows)
        marks = ", ".join("?" * len(wanted))
        sql = f"SELECT rowid, {', '.join(columns)} FROM {table} WHERE rowid IN ({marks})"  # noqa: S608
        return self._tables.rows(sql, *wanted)

    def _called(self, query: Query, where: Where) -> list[int]:
        """The pages that are called just as the query says."""
        if not query.wanted or query.unwanted or any(part.is_prefix for part in query.wanted):
            return []
        said = " ".join(word for part in query.wanted for word in part.words)
        keys = sorted({name(query.text), name(said)})
        marks = ", ".join("?" * len(keys))
        sql = (
            f"SELECT DISTINCT page FROM called JOIN pages ON id = page WHERE name IN ({marks}) "  # noqa: S608
            f"AND {where.condition} ORDER BY page"
        )
        return [row for (row,) in self._tables.rows(sql, *keys, *where.values)]

    def _listed(self, where: Where, most: int) -> list[int]:
        sql = f"SELECT id FROM pages WHERE {where.condition} ORDER BY path LIMIT ?"  # noqa: S608
        return [row for (row,) in self._tables.rows(sql, *where.values, most)]


def of_pages(query: Query) -> Where:
    """The fields of a query as a condition on the table of pages."""
    conditions: list[str] = ["type <> '-'"]
    values: list[Any] = []
    for field, value, excluded in query.fields:
        held_in = folded(value)
        if field in ("type", "status"):
            condition, held = f"lower({field}) = ?", [held_in]
        elif field == "tag":
            condition = "instr(tags, ?) OR instr(tags, ?)"
            held = [f"\n{held_in.removeprefix('#')}\n", f"\n{held_in.removeprefix('#')}/"]
        else:
            condition, held = "instr(sources, ?)", [f"\n{held_in.removesuffix('.md')}"]
        conditions.append(f"NOT ({condition})" if excluded else f"({condition})")
        values += held
    return Where(" AND ".join(conditions), tuple(values))


def of_claims(query: Query, as_of: str | None) -> Where:
    """The fields of a query, and the day by which a claim was known, as a condition on the table of claims.

    `status:` is that of the claim, as the pages tell it that show it.
    """
    conditions: list[str] = []
    values: list[Any] = []
    rest = tuple(one for one in query.fields if one[0] != "status")
    if rest:
        where = of_pages(Query(text="", fields=rest))
        conditions.append(f"page IN (SELECT id FROM pages WHERE {where.condition})")  # noqa: S608
        values += where.values
    for _, value, excluded in (one for one in query.fields if one[0] == "status"):
        marked = "claim IN (SELECT claim FROM marks WHERE status = ?)"
        if folded(value) == "current":
            conditions.append(
                "claim IN (SELECT claim FROM marks)" if excluded else "claim NOT IN (SELECT claim FROM marks)"
            )
        else:
            conditions.append(f"NOT {marked}" if excluded else marked)
            values.append(folded(value))
    if as_of is not None:
        conditions.append("since <> '' AND substr(since, 1, ?) <= ?")
        values += [len(as_of), as_of]
    return Where(" AND ".join(conditions), tuple(values))


def _named(one: Scored, query: Query, added: float) -> Scored:
    reason = Reason(term=query.text.strip(), column="name", added=added)
    return Scored(one.row, one.score + added, (reason, *one.why))


def _sizes(told: str) -> tuple[int, tuple[float, ...]]:
    """How many rows a table has, and the mean lengths of its columns."""
    rows, *sums = map(int, told.split()) if told else (0,)
    return rows, tuple(total / max(1, rows) for total in sums)
