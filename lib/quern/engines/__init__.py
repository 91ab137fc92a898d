"""Engines: they answer the questions of the thinking programs, and write nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from quern.records import Claim, Passage, Source, SummarySentence, Unread
from quern.schema import Schema


class Engine(Protocol):
    """What extract and summarize ask."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str | None: ...

    def claims(self, source: Source, passages: Sequence[Passage]) -> Iterator[Claim | Unread]:
        """What a source says, in reading order, and the parts of it that were left unread.

        What `source.focus` asks for counts for more; nothing is left out for it.
        """
        ...

    def summary(
        self, claims: Sequence[Claim], limit: int, of_title: str | None, language: str, focus: str = ""
    ) -> list[SummarySentence]:
        """A few sentences that say what these claims say: the lead of the page `of_title`, or of a source if None.

        What `focus` asks for is said first of all.
        """
        ...


def load(schema: Schema) -> Engine:
    """The engine that the schema names."""
    from quern.engines.rules import Rules

    return Rules(schema)
