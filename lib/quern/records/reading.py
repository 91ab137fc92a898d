"""What is read out of sources: passages, sentences and claims, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

Sort = Literal["prose", "row", "item", "code", "heading"]
Role = Literal[
    "definition", "figure", "event", "cause", "limit", "decision", "procedure", "fact", "opinion", "task", "question"
]
Stance = Literal["asserted", "reported", "hypothetical", "negated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be done with one raw file, and why. `key`: the name of its folder under build/, if it is to do."""

    kind: ClassVar[str] = "task"
    path: str
    state: Literal["todo", "done", "skipped", "failed"]
    key: str = ""
    why: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One raw file as it is now: who wrote it, when, and the hash of its bytes.

    `focus`: what a person wants it read for, in their words; "" for whatever it says. `again`: they want it read anew,
    by whatever reads now: what is said again takes the place of what was said (see `Claim.restates`).
    """

    kind: ClassVar[str] = "source"
    id: str
    slug: str
    path: str
    sha256: str
    title: str
    authors: list[str] = field(default_factory=list)
    published: str | None = None
    url: str | None = None
    language: str = "und"
    media_type: str = "text/markdown"
    encoding: str = "utf-8"
    extractor: str = ""
    description: str | None = None
    tags: list[str] = field(default_factory=list)
    words: int = 0
    focus: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One numbered unit of a passage; `text` is the exact slice, `plain` what a reader reads."""

    n: int
    sort: Sort
    text: str
    plain: str
    start: int
    end: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A run of sentences under one heading, small enough to ask one question about."""

    kind: ClassVar[str] = "passage"
    id: str
    source: str
    ordinal: int
    headings: list[str]
    sentences: list[Sentence]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The last record of a source. Each program hands it on after all that it has to say of that source.

    Where it is missing, a program on the way has died, and what came is not the whole: merge writes nothing of it.
    """

    kind: ClassVar[str] = "end"
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a piece of evidence stands in the raw source."""

    start: int
    end: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name in a claim. `about`: the claim is about it and belongs on its page. `weight`: 0 to 1, in its source."""

    name: str
    type: str = "concept"
    aliases: list[str] = field(default_factory=list)
    about: bool = True
    weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement that stands alone, with the exact sentences of the source that it rests on.

    `restates`: the ids of earlier claims of this source that it says in other words, and in whose place it stands.
    """

    kind: ClassVar[str] = "claim"
    id: str
    source: str
    passage: str
    text: str
    quote: str
    spans: list[Span]
    names: list[Name] = field(default_factory=list)
    role: Role = "fact"
    stance: Stance = "asserted"
    by: str | None = None
    as_of: str | None = None
    score: float = 0.0
    engine: str = "rules"
    model: str | None = None
    prompt: str | None = None
    restates: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A part of a source from which no claim was taken, and why.

    `refused`: no reply of the model could be used; the part is asked for again when the source is read next.
    `not carried`: the part was read, and `why` lists the figures, dates and names in it that no claim says.
    """

    kind: ClassVar[str] = "unread"
    source: str
    place: str
    why: str
    sort: Literal["left", "refused", "not carried"] = "left"
