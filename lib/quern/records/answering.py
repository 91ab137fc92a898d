"""What is told of a question: its answer, with all that this rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from quern.records.keeping import SummarySentence

Standing = Literal["current", "disputed", "superseded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A claim that an answer rests on, as one source makes it.

    `source`: the id of that; `title`, `ledger`: of its page. `under`: the headings above it in the source.
    `pages`: the paths of the pages that say it. `standing`: how it stands in the wiki, and `others`: the
    claims that dispute it, or have overtaken it.
    """

    claim: str
    text: str
    source: str
    title: str
    ledger: str
    place: str
    quote: str
    under: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    by: str | None = None
    as_of: str | None = None
    standing: Standing = "current"
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What the wiki does not say: a question to look into, and the kinds of sources that may tell."""

    question: str
    sources: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A page that is near a question."""

    path: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is said of one attribute of one thing: the words of a figure, and the claims that say so.

    `value`: the figure in the base unit of `dimension` ("" for a bare number), null for a range, a bound, and where
    claims disagree. `unit`: as it is written.
    """

    thing: str
    attribute: str
    text: str
    claims: list[str]
    value: float | None = None
    unit: str = ""
    dimension: str = ""
    as_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a question: sentences that each cite claims; none where the wiki does not know.

    `claims`: those that are cited, and those that dispute or have overtaken one of these. `read`: whether all current
    claims were read for it, or those that were found; `shown`, `of`: how many, of how many. `nearest`: pages, where it
    is not known. `cells`: the figures of a comparison. `known_by`: it says what was known on that day, null for now.
    """

    kind: ClassVar[str] = "answer"
    question: str
    language: str
    date: str
    sentences: list[SummarySentence] = field(default_factory=list)
    claims: list[Cited] = field(default_factory=list)
    nearest: list[Near] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    known_by: str | None = None
    read: Literal["whole", "found"] = "whole"
    shown: int = 0
    of: int = 0
    engine: str = "rules"
    model: str | None = None
    prompt: str | None = None
