"""What is to become of pages, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from quern.records.reading import Claim

RelationKind = Literal["same", "supersedes", "contradicts", "series", "supports"]
Operation = Literal["create", "update", "rename", "delete", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """A claim that goes to a page, with the source whose evidence comes along."""

    claim: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How one claim stands to another on the same page; one that supersedes is `claim`, what it overtakes is `other`.

    `attribute`: what both speak of; `value`, `date`: what `claim` says of it, and as of when; `other_value`,
    `other_date`: the same of `other`. "" where there is none.
    """

    claim: str
    other: str
    relation: RelationKind
    attribute: str = ""
    value: str = ""
    date: str = ""
    other_value: str = ""
    other_date: str = ""
    decided_by: str = "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Operations on one page; they commute, so any number of runs may send them in any order.

    `covers`: hash of the ids of the claims that the page will then have, so far as its sender knows: a lead made from
    `shown` is taken only if it has them. "": whatever it has. `restored`: a person deleted it, and wants it back.
    """

    kind: ClassVar[str] = "page"
    path: str
    title: str
    type: str
    source: str
    is_new: bool = False
    aliases_add: list[str] = field(default_factory=list)
    adds: list[Add] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    shown: list[Claim] = field(default_factory=list)
    covers: str = ""
    restored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A name not yet worth a page; it waits on its source page."""

    kind: ClassVar[str] = "candidate"
    source: str
    name: str
    type: str
    aliases: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What a person says when one page is two things: a new page of this title, and the claims that go to it.

    `path`: the page that is split, "" if it is named elsewhere; `type`: of the new page, "" for that of the old one;
    `aliases`: names that are those of the new page, and of the old one no longer.
    """

    kind: ClassVar[str] = "split"
    title: str
    claims: list[str]
    path: str = ""
    type: str = ""
    aliases: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """One thing on a line of a page that can be put right without deciding anything; all else stays as it is.

    `sort`: target (links that name `old` name `new`), mention (the words `old`, in a sentence of ours, become a link to
    the file `new`), key (a line of front matter: `claims: 3` for `claims: 4`). `code`: that of the finding.
    """

    kind: ClassVar[str] = "mend"
    path: str
    line: int
    sort: Literal["target", "mention", "key"]
    old: str
    new: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySentence:
    """One sentence of a summary and the claims that it says."""

    text: str
    claims: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A source in a few sentences, or the lead of a page. `covers`: hash of the sorted claim ids it was made from."""

    kind: ClassVar[str] = "summary"
    of: str
    role: Literal["source", "lead", "overview"]
    source: str
    sentences: list[SummarySentence]
    covers: str
    engine: str = "rules"
    model: str | None = None
    prompt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a thinking stage spent on one source."""

    kind: ClassVar[str] = "usage"
    source: str
    stage: str
    engine: str
    model: str | None = None
    calls: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What merge did to one page. Every (claim, source) that the page had is named in exactly one of the lists.

    `unreviewed`: who had reviewed the page, and when; the review counts no more, since something here disagrees.
    `unread`: the places of a source, on its page, about which no reply of a model could be used.
    """

    kind: ClassVar[str] = "change"
    transaction: str
    path: str
    title: str
    type: str
    op: Operation
    source: str
    before: str | None
    after: str | None
    added: list[str] = field(default_factory=list)
    united: list[str] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    disputed: list[str] = field(default_factory=list)
    restated: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    retracted: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    kept_edits: list[str] = field(default_factory=list)
    unreviewed: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
