"""The records of one source, held together until the last of them has come: what merge takes at a time.

Pages that come before any source are a batch too: what is to be done to them is no matter of one source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from quern.jsonl import Row
from quern.program import Failure
from quern.records import Answer, Candidate, Claim, Page, Source, Summary, Unread, Usage


@dataclass(slots=True)
class Batch:
    """The records of one source, as link and summarize sent them, or of none, as `outdated` does.

    `is_last`: no other source of the same stream follows. `is_whole`: its `end` has come. `answer`: an answer that is
    to be kept, which has no source and no pages.
    """

    source: Source | None
    claims: dict[str, Claim] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    summaries: dict[str, Summary] = field(default_factory=dict)
    others: list[Row] = field(default_factory=list)
    is_last: bool = False
    is_whole: bool = False
    answer: Answer | None = None

    def take(self, row: Row) -> None:
        """Put a record where it belongs; what merge has no use for is kept to be passed on."""
        if row.kind == "claim":
            claim = row.to(Claim)
            self.claims.setdefault(claim.id, claim)
        elif row.kind == "unread":
            self.unread.append(row.to(Unread))
        elif row.kind == "page":
            self.pages.append(row.to(Page))
        elif row.kind == "candidate":
            self.candidates.append(row.to(Candidate))
        elif row.kind == "summary":
            summary = row.to(Summary)
            self.summaries[summary.of] = summary
        elif row.kind == "end":
            self.is_whole = True
        else:
            self.others.append(row)

    def reader(self) -> tuple[str, str | None]:
        """The engine and model that read the source, as far as what was spent on it tells: the rules spend nothing."""
        spent = (row.to(Usage) for row in self.others if row.kind == "usage")
        return next(((usage.engine, usage.model) for usage in spent if usage.stage == "extract"), ("rules", None))


def batches(rows: Iterable[Row]) -> Iterator[Row | Batch]:
    """The records of each source together; what stands before the first source passes as it came.

    Raises Failure for a source whose records break off: half of them would look like all of them.
    """
    batch: Batch | None = None
    for row in rows:
        if row.kind == "source":
            if batch is not None:
                yield _whole(batch)
            batch = Batch(row.to(Source), others=[row])
        elif row.kind == "answer":
            if batch is not None:
                yield _whole(batch)
            batch = Batch(None, others=[row], answer=row.to(Answer))
        elif batch is not None and batch.answer is not None and row.kind == "page":
            yield batch
            batch = Batch(None)
            batch.take(row)
        elif batch is not None and batch.answer is not None:
            batch.others.append(row)
        elif batch is not None and (batch.source is not None or row.kind in ("page", "summary", "usage")):
            batch.take(row)
        elif row.kind == "page":
            batch = Batch(None)
            batch.take(row)
        elif row.kind in ("claim", "unread", "candidate", "summary"):
            raise Failure(f"a {row.kind} before any source: merge needs the source record first", row.file, row.line)
        else:
            yield row
    if batch is not None:
        batch.is_last = True
        yield _whole(batch)


def _whole(batch: Batch) -> Batch:
    if batch.source is not None and not batch.is_whole:
        raise Failure("its records break off: nothing of it is written; read it again", batch.source.path)
    return batch
