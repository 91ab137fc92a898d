"""What travels between the programs: one frozen dataclass per kind of record.

A record is one JSON object on one line with a `kind` and flat, static, snake_case keys.
Paths are relative to the vault and use `/`.
Offsets (`start`, `end`) are 0-based and end-exclusive, in Unicode code points of the decoded source.
Dates are ISO 8601 and may be partial (`2024`, `2024-03`, `2024-03-01`).
This module imports nothing of ours; `jsonl` reads and writes what is declared here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

Sort = Literal["prose", "row", "item", "code", "heading"]
Role = Literal[
    "definition", "figure", "event", "cause", "limit", "decision", "procedure", "fact", "opinion", "task", "question"
]
Stance = Literal["asserted", "reported", "hypothetical", "negated"]
RelationKind = Literal["same", "supersedes", "contradicts", "series", "supports"]
Presence = Literal["same", "changed", "gone"]
Outcome = Literal["right", "quote", "elsewhere", "source", "lost"]
Operation = Literal["create", "update", "rename", "delete", "unchanged"]
Severity = Literal["error", "warning", "hint"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, or could be better, in the wiki."""

    kind: ClassVar[str] = "finding"
    code: str
    severity: Severity
    path: str
    line: int
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that doctor looked at. `subject`: what it belongs to, a model by its name in the schema.

    `state`: fine, wrong (what `fix` says is to be done), or noted, where there is no right and wrong.
    `value`: what was counted or measured, in `unit`, if it is a number.
    """

    kind: ClassVar[str] = "check"
    subject: str
    code: str
    state: Literal["fine", "wrong", "noted"]
    message: str
    fix: str = ""
    value: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of a fact that probe planted in a text. `seconds`: how long the run took that it was part of.

    `outcome`: right (its page says it and quotes its sentence), quote (but quotes another), elsewhere (another page
    says it), source (its source page alone does) or lost.
    """

    kind: ClassVar[str] = "trial"
    run: int
    sort: str
    subject: str
    fact: str
    outcome: Outcome
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Why a page says something: one source's evidence for a claim that a line of it cites.

    `text`: the words on the page; `edited`: a person wrote or changed them. `source` to `quote`: which raw file says it
    and where. `raw`: that file now, beside the revision that was read; `stands`: whether the quote is there at `place`.
    `ingested`, `updated`: when the source was first read, and when last; `engine`, `model`: what read it.
    """

    kind: ClassVar[str] = "provenance"
    path: str
    line: int
    claim: str
    text: str
    edited: bool
    source: str
    title: str
    ledger: str
    place: str
    quote: str
    raw: Presence
    stands: bool
    role: Role | None = None
    stance: Stance | None = None
    by: str | None = None
    as_of: str | None = None
    ingested: str | None = None
    updated: str | None = None
    engine: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An ingest that was put on a git branch to be reviewed. `subject`: the first line of its commit's message.

    `root`: the vault, as an absolute path. `unsaved`: sources that came along, since they are not committed there.
    """

    kind: ClassVar[str] = "proposal"
    branch: str
    commit: str
    subject: str
    root: str
    unsaved: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A log entry as it was appended."""

    kind: ClassVar[str] = "entry"
    date: str
    verb: str
    title: str
    bullets: list[str]


Record = (
    Task
    | Source
    | Passage
    | Claim
    | Unread
    | Page
    | Candidate
    | Split
    | Summary
    | Usage
    | Change
    | Finding
    | Check
    | Trial
    | Provenance
    | Proposal
    | Entry
)

KINDS: dict[str, type[Record]] = {
    type_.kind: type_
    for type_ in (
        Task,
        Source,
        Passage,
        Claim,
        Unread,
        Page,
        Candidate,
        Split,
        Summary,
        Usage,
        Change,
        Finding,
        Check,
        Trial,
        Provenance,
        Proposal,
        Entry,
    )
}
