"""The front matter of a topic page: what it is called, and what is counted on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quern import names, pages
from quern.pages.frontmatter import FOUND
from quern.records import Page
from quern.updates import grounds

REVIEWED = "reviewed"
"""The key by which a person says that they have read a page and found it right."""


def new(page: Page, date: str) -> dict[str, pages.Value]:
    """The front matter of a page that is to be made on a day (ISO)."""
    return {
        "title": page.title,
        "type": page.type,
        "aliases": [],
        "created": date,
        "updated": date,
        "sources": 0,
        "claims": 0,
        "status": "current",
    }


def called(document: pages.Document, offered: Iterable[str]) -> dict[str, pages.Value]:
    """What of the names of a page changes when more are offered; nothing if none is new.

    The page remembers which were found for it: one that is among its aliases no more was removed by a person, and stays
    away.
    """
    found, standing = (listed(document.front_values.get(key)) for key in (FOUND, "aliases"))
    taken = {names.normal(name) for name in (*standing, *found, document.title)}
    added = []
    for alias in offered:
        if names.normal(alias) not in taken:
            taken.add(names.normal(alias))
            added.append(alias)
    return {"aliases": [*standing, *added], FOUND: [*found, *added]} if added else {}


def counted(
    evidence: Iterable[tuple[str, str]], orders: Mapping[str, grounds.Order], date: str
) -> dict[str, pages.Value]:
    """What is told of the evidence (claim, source slug) that a page rests on after a change on a day (ISO)."""
    pairs = set(evidence)
    ids = {id_ for id_, _ in pairs}
    dates = (orders[id_][1] for id_ in ids if id_ in orders)
    return {
        "updated": date,
        "as_of": max((day for day in dates if day != grounds.UNDATED), default=None),
        "sources": len({slug for _, slug in pairs}),
        "claims": len(ids),
    }


def reviewers(document: pages.Document) -> list[str]:
    """Who has reviewed a page, and when: "Ada (2026-04-03)"; a person wrote so into it (`reviewed: {by: …, on: …}`)."""
    value = document.front_values.get(REVIEWED)
    return [_reviewer(one) for one in (value if isinstance(value, list) else [value]) if one]


def _reviewer(value: object) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    by, on = (" ".join(str(value.get(key) or "").split()) for key in ("by", "on"))
    return f"{by or 'somebody'} ({on})" if on else by or "somebody"


def listed(value: object) -> list[str]:
    """A value of front matter that should be a list, and may be one word that a person wrote."""
    return (
        [str(item) for item in value]
        if isinstance(value, list)
        else [value]
        if isinstance(value, str) and value
        else []
    )
