"""Leads and summaries written by a model: each sentence names the claims that it says, and says nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from quern import claims as checks
from quern.engines.llm import asking
from quern.engines.llm.drafts import bounded, closed
from quern.models import Message
from quern.models.client import ROOM, Client, Refused
from quern.records import Claim, SummarySentence

MOST = 40
"""Claims shown for the summary of a source: the best, in their order."""
LONGEST = 360

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Written(msgspec.Struct, frozen=True):
    text: str
    claims: tuple[int, ...]


class Answer(msgspec.Struct, frozen=True):
    sentences: tuple[Written, ...]


class Writing:
    """A few sentences about some claims of a page, or of a source (`of_title` None)."""

    def __init__(  # noqa: PLR0913 - who is asked, how, and about what
        self,
        claims: Sequence[Claim],
        limit: int,
        of_title: str | None,
        language: str,
        *,
        client: Client,
        prompt: asking.Prompt,
        say: Callable[[str], None],
        focus: str = "",
    ) -> None:
        self.limit, self.of_title, self.language, self.focus = limit, of_title, language, focus
        self.client, self.prompt, self.say = client, prompt, say
        self.claims = self._fitting(_best(claims, MOST))

    def sentences(self) -> list[SummarySentence]:
        """The sentences that hold; none if no reply could be used."""
        request = self.client.request(self.prompt.shared, self.asked(), _shape(self.limit, len(self.claims)))
        evidence = "\n".join(claim.text for claim in self.claims)
        answer = self.client.ask(request, self._check, evidence=evidence, language=self.language)
        if isinstance(answer, Refused):
            self.say(f"{self._of()}: what the model wrote was refused ({answer.reason}): the rules quote instead")
            return []
        return list(self._holding(msgspec.convert(answer, Answer), self._left_out))

    def asked(self) -> tuple[Message, ...]:
        """The question as the model gets it."""
        return self._asked(self.claims)

    def _asked(self, claims: Sequence[Claim]) -> tuple[Message, ...]:
        head = [f"Page: {asking.line(self.of_title)}" if self.of_title is not None else "A source"]
        head += [f"Language: {self.language}"]
        head += [f"Asked for: {asking.line(self.focus)}"] if self.focus.strip() else []
        head += [f"At most: {self.limit} {'sentence' if self.limit == 1 else 'sentences'}"]
        return (asking.claims(head, (_told(claim) for claim in claims)),)

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
        return None if any(self._holding(answer, faults.append)) else f"no sentence holds: {faults[0]}"

    def _holding(self, answer: Answer, say: Callable[[str], None]) -> Iterator[SummarySentence]:
        for written in answer.sentences:
            text = " ".join(_CONTROL.sub(" ", written.text).split())
            fault = self._fault(text, written.claims)
            if fault:
                say(fault)
            else:
                ids = dict.fromkeys(self.claims[number - 1].id for number in written.claims)
                yield SummarySentence(text=text, claims=list(ids))

    def _fault(self, text: str, numbers: Sequence[int]) -> str:
        """Why a sentence does not hold, "" if it does."""
        strange = [number for number in numbers if not 0 < number <= len(self.claims)]
        if strange or not numbers:
            return f"it rests on claim {strange[0]}, which there is not" if strange else "it rests on no claim"
        said = [self.claims[number - 1] for number in numbers]
        around = "\n".join([self.of_title or "", *(claim.by or "" for claim in said), *_names(said)])
        dates = " ".join(f"in {claim.as_of}" for claim in said if claim.as_of)
        evidence = "\n".join([*(claim.text for claim in said), dates])
        faults = checks.problems(text, evidence, around, self.language)
        return faults[0] if faults else ""

    def _left_out(self, fault: str) -> None:
        self.say(f"{self._of()}: left out of what the model wrote: {fault}")

    def _of(self) -> str:
        return self.of_title if self.of_title is not None else "the summary"


def _best(claims: Sequence[Claim], most: int) -> Sequence[Claim]:
    """The best claims, in the order in which they came."""
    best = sorted(range(len(claims)), key=lambda place: (-claims[place].score, place))[:most]
    return [claims[place] for place in sorted(best)]


def _told(claim: Claim) -> str:
    """A claim with whose it is, if that is not in its words."""
    return f"{claim.text} (according to {claim.by})" if claim.by and claim.by not in claim.text else claim.text


def _names(claims: Sequence[Claim]) -> Iterator[str]:
    for claim in claims:
        for name in claim.names:
            yield from (name.name, *name.aliases)


def _shape(sentences: int, claims: int) -> dict[str, Any]:
    number = {"type": "integer", "minimum": 1, "maximum": claims}
    sentence = closed(text=bounded(LONGEST), claims={"type": "array", "minItems": 1, "maxItems": 6, "items": number})
    return closed(sentences={"type": "array", "minItems": 1, "maxItems": sentences, "items": sentence})
