"""The engine that needs no model: it only ever quotes, and chooses what to quote by rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from quern.engines import Asked, Said
from quern.records import Claim, Passage, Source, Unread, Usage
from quern.schema import Schema

if TYPE_CHECKING:
    from quern.answers.inquiries import Answered, Inquiry
    from quern.emphasis import Emphasis
    from quern.judgements import Names, Pair
    from quern.relations import Verdict

# What a claim that says all of the focus gains in score, and a name of which each word is the focus's in weight: as
# much as makes a page of a name (`min_weight`) of which enough is said.
SCORE = 0.3
WEIGHT = 0.25


class Rules:
    """Claims are the source's own sentences, summaries the best few of them."""

    name = "rules"

    def __init__(self, schema: Schema) -> None:
        self.language = schema.language
        self._fuzzy, self._volatile = schema.names.fuzzy, schema.relations.volatile

    def claims(self, source: Source, passages: Sequence[Passage]) -> Iterator[Claim | Unread]:
        """What a source says, in reading order, and the parts of it that were left unread."""
        from quern.engines.rules import reading

        language = self._language(source.language)
        found = reading.read(source, passages, language)
        wanted = emphasis(source.focus, language)
        yield from found if wanted is None else favour(found, wanted)

    def summary(
        self, claims: Sequence[Claim], limit: int, of_title: str | None, language: str, focus: str = ""
    ) -> Said:
        """The best few claims: of the page `of_title`, its definition first; of a source (None), in reading order."""
        from quern.engines.rules import summaries

        language = self._language(language)
        sentences = summaries.summary(claims, limit, of_title, language, emphasis(focus, language))
        return Said(sentences, self.name)

    def summaries(self, asked: Sequence[Asked]) -> list[Said]:
        """The best few claims of each."""
        return [self.summary(*one) for one in asked]

    def one_thing(self, questions: Sequence[Names]) -> list[bool]:
        """Of each two names whether they are two spellings of one, as far as spelling tells."""
        from quern import names

        return [names.same(first.name, second.name, self._fuzzy) for first, second, _ in questions]

    def relations(self, pairs: Sequence[Pair]) -> list[Verdict | None]:
        """Of each two claims how they stand to each other, where that is certain."""
        from quern.relations import relate

        told = [relate(pair.new, pair.old, pair.called, volatile=self._volatile) for pair in pairs]
        return [verdict if verdict is not None and verdict.certain else None for verdict in told]

    @property
    def room(self) -> int:
        """More claims than this are not read for one answer: what is far from a question only makes it slower."""
        from quern.engines.rules import answering

        return answering.MOST

    def holds(self, inquiry: Inquiry) -> bool:
        """Whether these claims are read for one answer."""
        return len(inquiry.claims) <= self.room

    def answer(self, inquiry: Inquiry) -> Answered:
        """The quotes that speak most of the question, if they speak of enough of it."""
        from quern.answers.inquiries import Answered
        from quern.engines.rules import answering

        return Answered(*answering.answer(inquiry), self.name)

    def usage(self, _source: str, _stage: str) -> Iterator[Usage]:
        """Nothing: no model is asked."""
        return iter(())

    def close(self) -> None:
        """There is nothing to let go of."""

    def _language(self, language: str) -> str:
        return self.language if language in {"", "und"} else language


def emphasis(focus: str, language: str) -> Emphasis | None:
    """What a source is read for, None if for whatever it says."""
    if not focus.strip():
        return None
    from quern.emphasis import Emphasis

    return Emphasis(focus, language)


def favour(found: Iterable[Claim | Unread], emphasis: Emphasis) -> Iterator[Claim | Unread]:
    """The claims as they come; those with words of the focus score higher, names with such words weigh more."""
    for record in found:
        if isinstance(record, Claim):
            names = [
                replace(name, weight=round(min(1.0, name.weight + WEIGHT * emphasis.of(name.name)), 4))
                for name in record.names
            ]
            score = round(min(1.0, record.score + SCORE * emphasis.on(record.text)), 4)
            yield replace(record, names=names, score=score)
        else:
            yield record
