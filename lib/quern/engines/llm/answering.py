"""A question answered by a model: in sentences that each name the claims that they say, held to these by code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from quern import claims as checks
from quern.answers import frames
from quern.answers.inquiries import Inquiry
from quern.answers.knowledge import Known
from quern.engines.llm import asking
from quern.engines.llm.citing import Citing, Written, shape, told
from quern.engines.llm.drafts import bounded, closed
from quern.models import Message
from quern.models.client import ROOM, Client, Refused
from quern.program import Failure
from quern.records import Gap, SummarySentence

CONTEXT = 8192
"""Tokens that a model is taken to have room for, where it does not say."""
LEAST = 8
"""Tokens that a claim takes at least: so many more cannot be read at once."""
MOST_MISSING = 3
LONGEST_MISSING = 160

# What a model may call the kinds of sources that tell what is asked for (see `frames`).
KINDS = {
    "chronology": "when",
    "figures": "how much",
    "biography": "who",
    "map": "where",
    "paper": "why",
    "manual": "how",
    "encyclopedia": "",
}


class Missing(msgspec.Struct, frozen=True):
    question: str
    source: str


class Reply(msgspec.Struct, frozen=True):
    sentences: tuple[Written, ...]
    missing: tuple[Missing, ...]


class Answering:
    """Asks the model. Raises Failure, as the client does, if it cannot be asked."""

    def __init__(self, *, client: Client, prompt: asking.Prompt, say: Callable[[str], None]) -> None:
        self.client, self.prompt, self.say = client, prompt, say

    @property
    def room(self) -> int:
        """More claims than this cannot be read at once."""
        return (self.client.context or CONTEXT) // LEAST

    def holds(self, inquiry: Inquiry) -> bool:
        """Whether the claims of a question and an answer to it have room in the model."""
        request = self.client.request((), (), {})
        needed = self.client.count([*self.shared(inquiry), *self.asked(inquiry)]) + request.max_tokens + ROOM
        return needed <= (self.client.context or CONTEXT)

    def shared(self, inquiry: Inquiry) -> tuple[Message, ...]:
        """What all questions begin with; with all claims that there are, since they are the same for each."""
        return (*self.prompt.shared, *_claims(inquiry.claims)) if inquiry.whole else self.prompt.shared

    def asked(self, inquiry: Inquiry) -> tuple[Message, ...]:
        """The question as the model gets it."""
        head = [f"Question: {asking.line(inquiry.question)}", f"Language: {inquiry.language}"]
        head += [f"At most: {inquiry.limit} {'sentence' if inquiry.limit == 1 else 'sentences'}"]
        question = Message("user", "\n".join(head))
        return (question,) if inquiry.whole else (*_claims(inquiry.claims), question)

    def answer(self, inquiry: Inquiry) -> tuple[list[SummarySentence], list[Gap]]:
        """The sentences that hold, and what is missing; no sentence where the claims do not tell, or none holds.

        Raises Failure if no reply can be read.
        """
        reading = _Reading(inquiry)
        form = closed(
            sentences=shape(inquiry.limit, len(inquiry.claims), least=0),
            missing={"type": "array", "maxItems": MOST_MISSING, "items": _missing()},
        )
        request = self.client.request(self.shared(inquiry), self.asked(inquiry), form)
        evidence = "\n".join([inquiry.question, *map(_line, inquiry.claims)])
        reply = self.client.ask(request, reading.check, evidence=evidence, language=inquiry.language)
        if isinstance(reply, Refused):
            if not reading.is_read:
                raise Failure(f"what the model answered was refused ({reply.reason}): nothing is answered")
            self.say(f"nothing that the model answered holds ({reply.reason})")
            return [], [_itself(inquiry)]
        given = msgspec.convert(reply, Reply)
        sentences = list(reading.citing.holding(given.sentences, self._left_out))
        gaps = list(reading.gaps(given.missing, self._left_out))
        return sentences, gaps if sentences or gaps else [_itself(inquiry)]

    def _left_out(self, fault: str) -> None:
        self.say(f"left out of what the model answered: {fault}")


class _Reading:
    """What of a reply holds. `is_read`: one came that has the right form, whatever it says."""

    def __init__(self, inquiry: Inquiry) -> None:
        self.inquiry = inquiry
        claims, languages = [known.claim for known in inquiry.claims], [known.language for known in inquiry.claims]
        around = "\n".join([inquiry.question, *(heading for known in inquiry.claims for heading in known.under)])
        self.citing = Citing(claims, inquiry.language, around, languages)
        self.is_read = False

    def check(self, value: Any) -> str | None:
        """What is wrong with a reply as a whole: it is none, or it has sentences, and none of them holds."""
        try:
            reply = msgspec.convert(value, Reply)
        except msgspec.ValidationError as error:
            return str(error)
        self.is_read = True
        faults: list[str] = []
        held = any(self.citing.holding(reply.sentences, faults.append))
        return f"no sentence holds: {faults[0]}" if reply.sentences and not held else None

    def gaps(self, missing: Sequence[Missing], say: Callable[[str], None]) -> Iterator[Gap]:
        """What is missing, as questions that name nothing that neither the question nor a claim names."""
        language = self.inquiry.language
        known = "\n".join([self.inquiry.question, *(known.claim.text for known in self.inquiry.claims)])
        for one in missing:
            question = " ".join(one.question.split())
            strange = checks.problems_abroad(question, known, self.citing.title, language, language)
            if question[-1:] not in ("?", "？", "؟") or strange:
                say(strange[0] if strange else f"what is missing is no question: {question!r}")
            else:
                kinds = frames.sources_of(KINDS.get(one.source, ""), language)
                yield Gap(question=question, sources=kinds)


def _claims(claims: Sequence[Known]) -> tuple[Message, Message]:
    """The claims, numbered from 1, and the model's word that it has them."""
    numbers = {known.id: number for number, known in enumerate(claims, 1)}
    lines = (f"[{number}] {_line(known)}{_noted(known, numbers)}" for number, known in enumerate(claims, 1))
    return Message("user", "\n".join(asking.fenced("claims", lines))), Message("assistant", "Ask.")


def _line(known: Known) -> str:
    return asking.line(told(known.claim))


def _noted(known: Known, numbers: dict[str, int]) -> str:
    """What is told of a claim in braces, "" for nothing."""
    notes = [f"as of {known.claim.as_of}"] if known.claim.as_of else []
    # What stands on a page says what it is about.
    notes += [f"under {asking.line(' > '.join(known.under))}"] if known.under and not known.paths else []
    for word, ids in (("overtaken", known.overtaken), ("disputed", known.disputed)):
        by = [str(numbers[id_]) for id_ in ids if id_ in numbers]
        notes += [f"{word} by {' and '.join(by)}" if by else word] if ids else []
    return f" {{{'; '.join(notes)}}}" if notes else ""


def _missing() -> dict[str, Any]:
    return closed(question=bounded(LONGEST_MISSING), source={"enum": list(KINDS)})


def _itself(inquiry: Inquiry) -> Gap:
    return Gap(question=inquiry.question, sources=frames.sources_for(inquiry.question, inquiry.language))
