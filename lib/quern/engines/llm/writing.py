"""Leads and summaries written by a model: each sentence names the claims that it says, and says nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, get_args

import msgspec

from quern.engines import Asked
from quern.engines.llm import asking
from quern.engines.llm.citing import Citing, Written, shape, told
from quern.engines.llm.drafts import closed
from quern.models import Message
from quern.models.client import ROOM, Client, Question, Refused
from quern.records import Claim, Role, SummarySentence

MOST = 40
"""Claims shown for the summary of a source: the best, in their order."""


class Answer(msgspec.Struct, frozen=True):
    sentences: tuple[Written, ...]


def written(writers: Sequence[Writing]) -> Iterator[list[SummarySentence]]:
    """The sentences of each that hold; all are asked of the model of the first.

    Raises Failure if it cannot be asked.
    """
    if not writers:
        return
    client = writers[0].client
    tokens = client.count(writers[0].prompt.shared) + sum(client.count(writer.asked()) for writer in writers)
    client.pace.begin(len(writers), tokens, of="text")
    answers = client.ask_all(writer.question() for writer in writers)
    for writer, answer in zip(writers, answers, strict=True):
        client.pace.passed()
        yield writer.sentences(answer)


class Writing:
    """A few sentences about some claims of a page, or of a source."""

    def __init__(self, of: Asked, *, client: Client, prompt: asking.Prompt, say: Callable[[str], None]) -> None:
        self.limit, self.of_title, self.language, self.focus = of.limit, of.of_title, of.language, of.focus
        self.client, self.prompt, self.say = client, prompt, say
        self.claims = self._fitting(_best(of.claims if of.of_title is None else _ordered(of.claims), MOST))
        self.citing = Citing(self.claims, self.language, self.of_title or "")

    def question(self) -> Question:
        """What the model is asked, and what its answer must be."""
        request = self.client.request(self.prompt.shared, self.asked(), _shape(self.limit, len(self.claims)))
        evidence = "\n".join(claim.text for claim in self.claims)
        return Question(request, self._check, evidence, self.language)

    def sentences(self, answer: Any | Refused) -> list[SummarySentence]:
        """The sentences of an answer that hold; none if it could not be used."""
        if isinstance(answer, Refused):
            self.say(f"{self._of()}: what the model wrote was refused ({answer.reason}): the rules quote instead")
            return []
        return list(self.citing.holding(msgspec.convert(answer, Answer).sentences, self._left_out))

    def asked(self) -> tuple[Message, ...]:
        """The question as the model gets it."""
        return self._asked(self.claims)

    def _asked(self, claims: Sequence[Claim]) -> tuple[Message, ...]:
        head = [f"Page: {asking.line(self.of_title)}" if self.of_title is not None else "A source"]
        head += [f"Language: {self.language}"]
        head += [f"Asked for: {asking.line(self.focus)}"] if self.focus.strip() else []
        head += [f"At most: {self.limit} {'sentence' if self.limit == 1 else 'sentences'}"]
        return (asking.claims(head, (told(claim) for claim in claims)),)

    def _fitting(self, claims: Sequence[Claim]) -> Sequence[Claim]:
        """As many of the claims as the model can read at once."""
        context = self.client.context
        while context is not None and len(claims) > 1:
            request = self.client.request(self.prompt.shared, self._asked(claims), {})
            if self.client.count((*request.shared, *request.asked)) + request.max_tokens + ROOM <= context:
                break
            claims = _best(claims, len(claims) // 2)
        return claims

    def _check(self, value: Any) -> str | None:
        """What is wrong with an answer as a whole: it is none, or nothing in it holds."""
        try:
            answer = msgspec.convert(value, Answer)
        except msgspec.ValidationError as error:
            return str(error)
        faults: list[str] = []
        return None if any(self.citing.holding(answer.sentences, faults.append)) else f"no sentence holds: {faults[0]}"

    def _left_out(self, fault: str) -> None:
        self.say(f"{self._of()}: left out of what the model wrote: {fault}")

    def _of(self) -> str:
        return self.of_title if self.of_title is not None else "the summary"


def _ordered(claims: Iterable[Claim]) -> list[Claim]:
    """The claims of a page by what they are, what says what it is first.

    Not as they came: the same claims are the same question, whichever of them the page had before.
    """
    roles = get_args(Role)
    return sorted(claims, key=lambda claim: (roles.index(claim.role), claim.id))


def _best(claims: Sequence[Claim], most: int) -> Sequence[Claim]:
    """The best claims, in the order in which they came."""
    best = sorted(range(len(claims)), key=lambda place: (-claims[place].score, place))[:most]
    return [claims[place] for place in sorted(best)]


def _shape(sentences: int, claims: int) -> dict[str, Any]:
    return closed(sentences=shape(sentences, claims))
