"""Short questions, each asked by itself: what they share comes first, and what is refused leaves one open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from quern.engines.llm.asking import Prompt
from quern.models import Message
from quern.models.client import Client, Question, Refused

MOST_TOKENS = 300
"""Of an answer."""
SHOWN = 80
"""Characters of what a question is about that people are told."""


class Asked(NamedTuple):
    """A question as it goes out, and what its answer must be: of this JSON Schema, and of this type.

    `language`: what whole sentences in it must be in, "" where it only has words that are copied.
    """

    prompt: Prompt
    message: Message
    shape: dict[str, Any]
    type: type[Any]
    language: str = ""


def answers(client: Client, asked: Sequence[Asked], say: Callable[[str], None]) -> Iterator[Any]:
    """The answers, in order; None for one that cannot be used, which is said.

    Raises Failure, as the client does, if the model cannot be asked.
    """
    if not asked:
        return
    shared = {one.prompt.name: one.prompt.shared for one in asked}
    tokens = sum(map(client.count, shared.values())) + sum(client.count([one.message]) for one in asked)
    client.pace.begin(len(asked), tokens, of="question")
    questions = (_question(client, one) for one in asked)
    for one, answer in zip(asked, client.ask_all(questions), strict=True):
        client.pace.passed()
        if isinstance(answer, Refused):
            say(f"left open, since the answer was refused ({answer.reason}): {_in_short(one.message)}")
        yield None if isinstance(answer, Refused) else msgspec.convert(answer, one.type)


def _question(client: Client, one: Asked) -> Question:
    request = client.request(one.prompt.shared, (one.message,), one.shape, MOST_TOKENS)
    return Question(request, partial(_misfit, one.type), one.message.text, one.language)


def _misfit(type_: type[Any], value: Any) -> str | None:
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        return str(error)
    return None


def _in_short(asked: Message) -> str:
    """What a question is about, for people."""
    told = [line for line in asked.text.splitlines() if line.startswith(("First: ", "Second: ", "About: ", "[1]"))]
    return ", ".join(line.partition(" ")[2][:SHOWN] for line in told if line)
