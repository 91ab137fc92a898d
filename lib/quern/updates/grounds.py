"""What a page rests on: claims, each with the place where a source says it, and their order among each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import get_args

from quern import pages
from quern.records import Claim, Role

# Behind every date.
UNDATED = "9999"

Order = tuple[int, str, str, int]

_ROLES = {role: number for number, role in enumerate(get_args(Role))}
_NUMBER = re.compile(r"\d+")

# Behind every claim of which it is known what it is.
UNKNOWN: Order = (len(_ROLES), "", "", 0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A claim and where one source says it."""

    claim: Claim
    place: pages.Place

    @property
    def key(self) -> tuple[str, str]:
        """What evidence is known by: the claim and the source's slug."""
        return self.claim.id, self.place.slug

    @property
    def order(self) -> Order:
        """Where it stands among the others of a page."""
        return order(self.claim.role, self.claim.as_of, self.place.slug, self.place.place)


def evidence_on(document: pages.Document) -> set[tuple[str, str]]:
    """Every (claim, source slug) that a page rests on: footnotes that some sentence of it cites."""
    cited = {ref.id for ref in document.cited}
    return {(note.id, place.slug) for note in document.footnotes.values() if note.id in cited for place in note.places}


def order(role: Role, as_of: str | None, slug: str, place: str) -> Order:
    """Where a claim stands among the others of a page: by role, date, source and place."""
    digits = _NUMBER.search(place)
    return _ROLES[role], as_of or UNDATED, slug, int(digits.group()) if digits else 0
