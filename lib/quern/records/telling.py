"""What people and their tools are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from quern.records.reading import Role, Stance

Presence = Literal["same", "changed", "gone"]
Outcome = Literal["right", "quote", "elsewhere", "source", "lost"]
Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, or could be better, in the wiki.

    `about`: what it is that is wrong, as programs name it: the target of a link, the path of a page, a line of front
    matter, the id of a claim; "" if the place says enough.
    """

    kind: ClassVar[str] = "finding"
    code: str
    severity: Severity
    path: str
    line: int
    message: str
    fix: str = ""
    about: str = ""


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
class Reason:
    """Why something was found: a term of the query, where it stands, and what that added to the score."""

    term: str
    column: str
    added: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A page or claim that search found. `score` is the sum of what each reason in `why` added.

    `claim`: its id; of a page, that of the claim which its best line cites, if it cites one. `text`: the claim, or
    that line, as plain text. `status`: of the page; of a claim current, overtaken or disputed. `since`: the day
    of the source of a claim (ISO); `pages`: the files of the pages that it went to.
    """

    kind: ClassVar[str] = "hit"
    path: str
    title: str
    type: str
    line: int
    text: str
    score: float
    claim: str | None = None
    status: str = ""
    since: str | None = None
    pages: list[str] = field(default_factory=list)
    why: list[Reason] = field(default_factory=list)


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
