"""What travels between the programs: one frozen dataclass per kind of record.

A record is one JSON object on one line with a `kind` and flat, static, snake_case keys.
Paths are relative to the vault and use `/`.
Offsets (`start`, `end`) are 0-based and end-exclusive, in Unicode code points of the decoded source.
Dates are ISO 8601 and may be partial (`2024`, `2024-03`, `2024-03-01`).
Nothing of ours is imported here; `jsonl` reads and writes what is declared.
A room is only entered for what is asked of it: to make all these classes takes longer than a search in a small wiki.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quern.records.answering import Answer, Cell, Cited, Gap, Near, Standing
    from quern.records.keeping import (
        Add,
        Candidate,
        Change,
        Mend,
        Operation,
        Page,
        Relation,
        RelationKind,
        Split,
        Summary,
        SummarySentence,
        Usage,
    )
    from quern.records.kinds import KINDS, Record
    from quern.records.reading import (
        Claim,
        End,
        Name,
        Passage,
        Role,
        Sentence,
        Sort,
        Source,
        Span,
        Stance,
        Task,
        Unread,
    )
    from quern.records.telling import (
        Check,
        Entry,
        Finding,
        Hit,
        Outcome,
        Presence,
        Proposal,
        Provenance,
        Reason,
        Severity,
        Trial,
    )

__all__ = [
    "KINDS",
    "Add",
    "Answer",
    "Candidate",
    "Cell",
    "Change",
    "Check",
    "Cited",
    "Claim",
    "End",
    "Entry",
    "Finding",
    "Gap",
    "Hit",
    "Mend",
    "Name",
    "Near",
    "Operation",
    "Outcome",
    "Page",
    "Passage",
    "Presence",
    "Proposal",
    "Provenance",
    "Reason",
    "Record",
    "Relation",
    "RelationKind",
    "Role",
    "Sentence",
    "Severity",
    "Sort",
    "Source",
    "Span",
    "Split",
    "Stance",
    "Standing",
    "Summary",
    "SummarySentence",
    "Task",
    "Trial",
    "Unread",
    "Usage",
]

_ROOMS = ("telling", "reading", "keeping", "answering", "kinds")


def __getattr__(name: str) -> Any:
    if name in __all__:
        for room in _ROOMS:
            found = vars(import_module(f"quern.records.{room}"))
            if name in found:
                return globals().setdefault(name, found[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
