"""The engine that needs no model: it only ever quotes, and chooses what to quote by rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from quern.records import Claim, Passage, Source, SummarySentence, Unread
from quern.schema import Schema


class Rules:
    """Claims are the source's own sentences, summaries the best few of them."""

    name = "rules"
    model: str | None = None

    def __init__(self, schema: Schema) -> None:
        self.language = schema.language

    def claims(self, source: Source, passages: Sequence[Passage]) -> Iterator[Claim | Unread]:
        """What a source says, in reading order, and the parts of it that were left unread."""
        from quern.engines.rules import reading

        yield from reading.read(source, passages, self._language(source.language))

    def summary(
        self, claims: Sequence[Claim], limit: int, of_title: str | None, language: str
    ) -> list[SummarySentence]:
        """The best few claims: of the page `of_title`, its definition first; of a source (None), in reading order."""
        from quern.engines.rules import summaries

        return summaries.summary(claims, limit, of_title, self._language(language))

    def _language(self, language: str) -> str:
        return self.language if language in {"", "und"} else language
