"""Engines: they answer the questions of the thinking programs, and write nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from quern.program import Failure
from quern.records import Claim, Passage, Source, SummarySentence, Unread, Usage
from quern.schema import Schema

if TYPE_CHECKING:
    from quern.answers.inquiries import Answered, Inquiry
    from quern.engines.llm import Llm
    from quern.judgements import Names, Pair
    from quern.models import Message
    from quern.relations import Verdict
    from quern.vault import Vault

T = TypeVar("T")

QUOTES = "no model is named in schema.yaml: the rules read, which only quote (make model fetches one)"


class Said(NamedTuple):
    """Some sentences about claims, and who wrote them."""

    sentences: list[SummarySentence]
    engine: str
    model: str | None = None
    prompt: str | None = None


class Asked(NamedTuple):
    """What at most `limit` sentences are to be about: claims of the page `of_title`, or of a source if that is None.

    What `focus` asks for is said first of all.
    """

    claims: Sequence[Claim]
    limit: int
    of_title: str | None
    language: str
    focus: str = ""


class Engine(Protocol):
    """What extract, link, summarize and ask ask."""

    @property
    def name(self) -> str: ...

    def claims(self, source: Source, passages: Sequence[Passage]) -> Iterator[Claim | Unread]:
        """What a source says, in reading order, and the parts of it that were left unread.

        What `source.focus` asks for counts for more; nothing is left out for it.
        """
        ...

    def summaries(self, asked: Sequence[Asked]) -> list[Said]:
        """Of each a few sentences that say what its claims say: the lead of a page, or of a source."""
        ...

    def one_thing(self, questions: Sequence[Names]) -> list[bool]:
        """Of each two names whether they are surely those of one thing."""
        ...

    def relations(self, pairs: Sequence[Pair]) -> list[Verdict | None]:
        """Of each two claims how they surely stand to each other, if they have to do with each other."""
        ...

    @property
    def room(self) -> int:
        """More claims than this cannot be read for one answer."""
        ...

    def holds(self, inquiry: Inquiry) -> bool:
        """Whether all claims of a question can be read for one answer."""
        ...

    def answer(self, inquiry: Inquiry) -> Answered:
        """The answer to a question, from the claims that come with it: no sentence where they do not tell."""
        ...

    def usage(self, source: str, stage: str, /) -> Iterator[Usage]:
        """What models were asked since this was asked last, if any was."""
        ...

    def close(self) -> None:
        """Let go of what the answers took: it was the last question."""
        ...


def load(
    schema: Schema,
    vault: Vault | None = None,
    *,
    say: Callable[[str], None] | None = None,
    fresh: bool = False,
    show: Callable[[Sequence[Message]], None] | None = None,
) -> Engine:
    """The engine that the schema names: a model if it names one, else the rules.

    `say`: is told what becomes of the answers of a model. `fresh`: no reply of an earlier run is used. `show`: nothing
    is asked, and it is given the messages instead.
    Raises Failure if messages are to be shown where none are sent.
    """
    if schema.is_rules:
        from quern.engines.rules import Rules

        if show is not None:
            raise Failure("no prompt to show: the rules ask no model (see models: in schema.yaml)")
        return Rules(schema)
    from quern.engines.llm import Llm

    assert vault is not None  # noqa: S101 - who asks a model has a vault
    return Llm(vault, schema, say=say or (lambda _: None), fresh=fresh, show=show)


def bench(
    schema: Schema,
    vault: Vault,
    *,
    say: Callable[[str], None],
    fresh: bool = False,
    show: Callable[[Sequence[Message]], None] | None = None,
) -> Llm:
    """What hears all cases of a wiki (see `load`). Raises Failure if the schema names no model."""
    if schema.is_rules:
        raise Failure("no model is named in schema.yaml, and the rules cannot judge (make model fetches one)")
    from quern.engines.llm import Llm

    return Llm(vault, schema, say=say, fresh=fresh, show=show)


def shown(put: Callable[[str], None]) -> Callable[[Sequence[Message]], None]:
    """What prints the messages of questions with `put`, as they would go out."""
    from quern.engines.llm import asking

    return asking.Shown(put)


def announced(pieces: Iterable[T], schema: Schema, say: Callable[[str], None]) -> Iterator[T]:
    """The pieces as they come; with the first source it is said who reads, if the schema names no model."""
    is_due = schema.is_silent
    for piece in pieces:
        if is_due and getattr(piece, "kind", "") == Source.kind:
            say(QUOTES)
            is_due = False
        yield piece


def silent(records: Iterable[Any]) -> Iterator[Any]:
    """The records made, and none of them given: where prompts are shown, stdout is theirs."""
    for _ in records:
        pass
    yield from ()
