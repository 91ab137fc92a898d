"""What a relation holds between, and what is said about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Answer = Literal["same", "supersedes", "contradicts", "series", "possible"]


class Claim(Protocol):
    """What a relation asks of a claim, whether it travels or stands on a source page."""

    @property
    def id(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def stance(self) -> str: ...
    @property
    def by(self) -> str | None: ...
    @property
    def as_of(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Told:
    """A claim as one source tells it.

    `published`, `as_of`: ISO dates, possibly partial, or None. `by`: who said it, if not
    the author. `source`: the id of the source, or "" where it is not known.
    """

    id: str
    text: str
    language: str = "en"
    role: str = "fact"
    stance: str = "asserted"
    by: str | None = None
    as_of: str | None = None
    published: str | None = None
    source: str = ""

    @classmethod
    def of(cls, claim: Claim, language: str, published: str | None, source: str) -> Told:
        """A claim of a source (its id) in this language that was published on this day.

        A claim that has no day of its own has that of its source in `as_of`, which dates no value of a series.
        """
        as_of = None if claim.as_of == published else claim.as_of
        return cls(claim.id, claim.text, language, claim.role, claim.stance, claim.by, as_of, published, source)

    def day(self) -> str:
        """When it held, as far as is known, else when it was published; "" if neither is known."""
        return self.as_of or self.published or ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the claim that was asked about (`claim`) stands to one that stands (`other`).

    `attribute`: what both speak of. `value`, `date`: what `claim` says of it, and when; `other_value`, `other_date`:
    the same of `other`; "" where there is none. `newer`: the id of the side that is valid (supersedes) or later, or "".
    `decided_by`: the rule. `certain`: whether it may be shown as fact; a `possible` never may.
    """

    relation: Answer
    claim: str
    other: str
    attribute: str = ""
    value: str = ""
    other_value: str = ""
    date: str = ""
    other_date: str = ""
    newer: str = ""
    decided_by: str = ""
    certain: bool = True
