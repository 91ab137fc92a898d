"""What is wrong in a wiki: the checks of the table, done on some pages or on all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from quern.checks.census import Census
from quern.checks.choice import Choice, choose
from quern.checks.table import (
    CHECKS,
    JUDGED,
    OF_PAIRS,
    OF_QUESTIONS,
    Check,
    PageCheck,
    VaultCheck,
    WikiCheck,
    as_set,
    codes,
    in_force,
    unknown,
)
from quern.checks.view import Page, Problem, View
from quern.jsonl import Row
from quern.records import Change, Finding, Severity
from quern.schema import Schema
from quern.stamps import fingerprint
from quern.vault import Vault
from quern.wiki import Catalogue

if TYPE_CHECKING:
    from quern.docket import Question, Ruling

__all__ = [
    "CHECKS",
    "JUDGED",
    "Check",
    "Choice",
    "View",
    "changed",
    "check_pages",
    "check_vault",
    "choose",
    "codes",
    "judged_on",
    "unknown",
]

# What the findings depend on besides the vault.
_CODE = (
    *(
        f"checks/{name}"
        for name in (
            *("__init__", "table", "census", "view", "currency", "disputes", "evidence", "form", "hygiene", "listing"),
            *("naming", "references", "shape", "withheld"),
        )
    ),
    "claims",
    "currency",
    "freshness",
    "answers/knowledge",
    "journal",
    "updates/contents",
)


class Rounds:
    """The checks that are done on each page, of ours or of people's, and how grave each is there."""

    def __init__(self, done: Sequence[Check], hints: bool) -> None:
        graver = {"error", "warning", "hint"} if hints else {"error", "warning"}
        self._checks = {
            is_ours: [
                (c, grave) for c in done if isinstance(c, PageCheck) and (grave := c.on(is_ours=is_ours)) in graver
            ]
            for is_ours in (True, False)
        }

    def on(self, view: View, page: Page) -> Iterator[Finding]:
        """What is found on a page."""
        for check, severity in self._checks[page.is_ours]:
            for problem in check.function(view, page):
                assert severity is not None  # noqa: S101 - or it would not be among them
                yield _finding(check.code, severity, page.path, problem)


def check_pages(  # noqa: PLR0913 - what is asked, of which pages, and when
    vault: Vault, catalogue: Catalogue, schema: Schema, paths: Iterable[str], hints: bool = False, *, date: str = ""
) -> list[Finding]:
    """The findings about some pages, sorted by place; paths that are no pages are passed over.

    `date`: the day on which it is asked; without one no page is stale.
    """
    view = View(vault, catalogue, schema, date)
    pages = [page for path in dict.fromkeys(paths) if (page := view.page(path)) is not None]
    rounds = Rounds(in_force(schema), hints)
    found = _sorted(finding for page in pages for finding in rounds.on(view, page))
    view.keep()
    return found


def check_vault(  # noqa: PLR0913 - what is asked, and when
    vault: Vault,
    catalogue: Catalogue,
    schema: Schema,
    hints: bool = False,
    *,
    date: str = "",
    wanted: frozenset[str] = frozenset(),
) -> list[Finding]:
    """All findings, sorted by place, with those that are only hints if asked for; `wanted`: of these codes alone.

    What was found when nothing was different is not looked for again.
    """
    tables = catalogue.tables
    view = View(vault, catalogue, schema, date)
    asked = f"{schema} {hints} {schema.pages.fresh_for and date} {view.is_index_owed} {view.is_unfinished}"
    name, key, generation = "hints" if hints else "findings", f"{fingerprint(*_CODE)} {asked}", tables.generation()
    known = tables.findings(name, key)
    if known is not None:
        found = [one for one in msgspec.json.decode(known, type=list[Finding]) if not wanted or one.code in wanted]
    else:
        found = list(_everywhere(view, in_force(schema, wanted), hints))
        if not wanted:
            tables.keep_findings(name, key, generation, msgspec.json.encode(found).decode())
    return _sorted([*found, *_on_vault(View(vault, catalogue, schema), in_force(schema, wanted), hints)])


def judged_on(view: View, rulings: Iterable[Ruling], questions: Iterable[Question]) -> list[Finding]:
    """What a judge found, as findings, sorted by place; those that the schema turns off are left out."""
    of_pairs, of_questions = (list(as_set(some, view.schema)) for some in (OF_PAIRS, OF_QUESTIONS))
    told = [*((of_pairs, one) for one in rulings), *((of_questions, one) for one in questions)]
    return _sorted(
        _finding(check.code, check.severity, path, problem)
        for checks, one in told
        for check in checks
        if check.severity is not None
        for path, problem in check.function(view, one)
    )


def _everywhere(view: View, done: Sequence[Check], hints: bool) -> Iterator[Finding]:
    view.preload()
    rounds = Rounds(done, hints)
    of_all = [check for check in done if isinstance(check, WikiCheck) and (hints or check.severity != "hint")]
    wiki = Census(view)
    for page in view.pages():
        yield from rounds.on(view, page)
        if of_all:
            wiki.note(page)
    for check in of_all:
        for path, problem in check.function(view, wiki):
            brief = wiki.pages.get(path)
            severity = check.on(is_ours=brief is None or brief.is_ours or path in view.indexes)
            if severity is not None and (hints or severity != "hint"):
                yield _finding(check.code, severity, path, problem)
    view.keep()


def _on_vault(view: View, done: Sequence[Check], hints: bool) -> Iterator[Finding]:
    for check in done:
        if isinstance(check, VaultCheck) and check.severity is not None and (hints or check.severity != "hint"):
            for path, problem in check.function(view):
                yield _finding(check.code, check.severity, path, problem)


def changed(rows: Iterable[Row], paths: list[str]) -> Iterator[Row]:
    """The rows as they come; the pages that their change records name are noted in `paths`."""
    for row in rows:
        if row.kind == "change":
            change = row.to(Change)
            if change.op not in ("delete", "unchanged"):
                paths.append(change.path)
        yield row


def _finding(code: str, severity: Severity, path: str, problem: Problem) -> Finding:
    line, message, fix, about = problem
    return Finding(code=code, severity=severity, path=path, line=line, message=message, fix=fix, about=about)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda found: (found.path, found.line, found.code, found.message))
