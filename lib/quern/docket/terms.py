"""Terms that claims use often and none explains: names that wait for a page, and pages of a concept.

That a claim says what something is, its role tells (`definition`). A row of a table uses nothing: it has columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from quern import names
from quern.answers.subjects import row
from quern.checks.view import Page, View
from quern.judgements import Term
from quern.linking import TWO_THINGS
from quern.wiki import Told

OFTEN = 3
"""Claims from which on a term is used often."""
_SHOWN = 6
_CONCEPT = "concept"


class Unexplained(NamedTuple):
    """A term that no claim explains: where that shows (a path and a line), and how many claims of how many sources
    use it. `title`: of its page, "" if it has none.
    """

    term: Term
    path: str
    line: int
    claims: int
    sources: int
    title: str = ""

    @property
    def order(self) -> tuple[int, int, str, str]:
        """What most sources use comes first."""
        return -self.sources, -self.claims, self.term.name, self.path


@dataclass(slots=True)
class _Waiting:
    """A name that waits, on the first page (by path) where it does."""

    name: str
    type: str
    path: str
    line: int
    claims: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Names:
    """The names that wait, and the pages that explain nothing, gathered while each page is looked at."""

    view: View
    found: list[Unexplained] = field(default_factory=list)
    waiting: dict[str, _Waiting] = field(default_factory=dict)

    def note(self, page: Page) -> None:
        """Take a page in."""
        for one in page.sheet.waiting:
            if not one.reason.startswith(TWO_THINGS):
                key = names.normal(one.name)
                known = self.waiting.setdefault(key, _Waiting(one.name, one.type, page.path, one.line))
                known.claims.update(dict.fromkeys(one.claims))
        if page.is_topic and page.row.type == _CONCEPT and len(page.sheet.claims) >= OFTEN:
            title, before = page.row.title, page.row.lead_first
            told = self._told(page.sheet.claims)
            self._add(Unexplained(self._term(title, _CONCEPT, told, before), page.path, 1, *_counts(told), title), told)

    def cases(self) -> list[Unexplained]:
        """The terms, those that are used most first."""
        for key, one in sorted(self.waiting.items()):
            if len(one.claims) >= OFTEN and not self.view.named(key):
                told = self._told(one.claims)
                self._add(Unexplained(self._term(one.name, one.type, told), one.path, one.line, *_counts(told)), told)
        return sorted(self.found, key=lambda case: case.order)

    def _told(self, ids: Iterable[str]) -> list[Told]:
        return [one for one in self.view.catalogue.told(ids) if not row(one.item.text)]

    def _add(self, case: Unexplained, told: Iterable[Told]) -> None:
        if case.claims >= OFTEN and not any(one.item.role == "definition" for one in told):
            self.found.append(case)

    def _term(self, name: str, type_: str, told: list[Told], before: str = "") -> Term:
        """The term with sentences that use it: of each source in turn, so that few are not all of one."""
        of: dict[str, list[str]] = {}
        for one in told:
            of.setdefault(one.source, []).append(one.item.text)
        turns = sorted((at, source, text) for source, texts in of.items() for at, text in enumerate(texts))
        shown = dict.fromkeys((*((before,) if before else ()), *(text for _, _, text in turns)))
        language = self.view.catalogue.origin(told[0].source)[0] if told else ""
        return Term(name, type_, tuple(shown)[:_SHOWN], self.view.schema.language_of(language))


def _counts(told: Iterable[Told]) -> tuple[int, int]:
    """Of how many claims and how many sources."""
    found = list(told)
    return len({one.item.id for one in found}), len({one.source for one in found})
