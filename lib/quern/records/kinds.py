"""All kinds of records, by their names."""

from __future__ import annotations

from typing import get_args

from quern.records.answering import Answer
from quern.records.keeping import Candidate, Change, Mend, Page, Split, Summary, Usage
from quern.records.reading import Claim, End, Passage, Source, Task, Unread
from quern.records.telling import Check, Entry, Finding, Hit, Proposal, Provenance, Trial

Record = (
    Task
    | Source
    | Passage
    | End
    | Claim
    | Unread
    | Page
    | Candidate
    | Split
    | Mend
    | Summary
    | Usage
    | Change
    | Finding
    | Check
    | Trial
    | Provenance
    | Hit
    | Answer
    | Proposal
    | Entry
)

KINDS: dict[str, type[Record]] = {type_.kind: type_ for type_ in get_args(Record)}
