"""Sentences that a model wrote about numbered claims: each names the claims that it says, and code holds it to them.

A sentence that names none, or says a number, date or name that those it names do not have, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from quern import claims as checks
from quern.engines.llm.drafts import bounded, closed
from quern.records import Claim, SummarySentence

LONGEST = 360
"""Characters of a sentence."""
MOST = 6
"""Claims of a sentence."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Written(msgspec.Struct, frozen=True):
    """A sentence as a model gives it: `claims` are the numbers of those that it says."""

    text: str
    claims: tuple[int, ...]


class Citing:
    """What of the sentences of a model holds.

    `claims`: as they were shown, numbered from 1, and `languages` what each is written in, where that is not the
    language of the sentences. `title`: what may be named besides.
    """

    def __init__(
        self, claims: Sequence[Claim], language: str, title: str = "", languages: Sequence[str] | None = None
    ) -> None:
        self.claims, self.language, self.title = claims, language, title
        self.languages = languages or [language] * len(claims)

    def holding(self, written: Iterable[Written], say: Callable[[str], None]) -> Iterator[SummarySentence]:
        """The sentences that hold, with the ids of their claims; why another does not is said."""
        for one in written:
            text = " ".join(_CONTROL.sub(" ", one.text).split())
            fault = self.fault(text, one.claims)
            if fault:
                say(fault)
            else:
                ids = dict.fromkeys(self.claims[number - 1].id for number in one.claims)
                yield SummarySentence(text=text, claims=list(ids))

    def fault(self, text: str, numbers: Sequence[int]) -> str:
        """Why a sentence does not hold, "" if it does."""
        strange = [number for number in numbers if not 0 < number <= len(self.claims)]
        if strange or not numbers:
            return f"it rests on claim {strange[0]}, which there is not" if strange else "it rests on no claim"
        said = [self.claims[number - 1] for number in numbers]
        around = "\n".join([self.title, *(claim.by or "" for claim in said), *_names(said)])
        dates = " ".join(f"in {claim.as_of}" for claim in said if claim.as_of)
        evidence = "\n".join([*(claim.text for claim in said), dates])
        foreign = {self.languages[number - 1] for number in numbers} - {self.language}
        if foreign:
            faults = checks.problems_abroad(text, evidence, around, self.language, min(foreign))
        else:
            faults = checks.problems(text, evidence, around, self.language)
        return faults[0] if faults else ""


def told(claim: Claim) -> str:
    """A claim with whose it is, if that is not in its words."""
    return f"{claim.text} (according to {claim.by})" if claim.by and claim.by not in claim.text else claim.text


def shape(sentences: int, claims: int, least: int = 1) -> dict[str, Any]:
    """The JSON Schema of a list of sentences about so many claims."""
    number = {"type": "integer", "minimum": 1, "maximum": claims}
    sentence = closed(text=bounded(LONGEST), claims={"type": "array", "minItems": 1, "maxItems": MOST, "items": number})
    return {"type": "array", "minItems": least, "maxItems": sentences, "items": sentence}


def _names(claims: Sequence[Claim]) -> Iterator[str]:
    for claim in claims:
        for name in claim.names:
            yield from (name.name, *name.aliases)
