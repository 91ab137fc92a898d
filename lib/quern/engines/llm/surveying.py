"""A model as a surveyor: what the wiki uses and does not explain, and what it does not say of a thing.

A question of its counts only with words that the code finds where they were shown, and that it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from quern import claims as checks
from quern.answers import frames
from quern.engines.llm import asking
from quern.engines.llm.answering import KINDS
from quern.engines.llm.drafts import bounded, closed
from quern.engines.llm.judging import LONGEST_CLAIM, LONGEST_NAME, LONGEST_VALUE, LONGEST_WORDS, cut
from quern.engines.llm.questions import Asked
from quern.judgements import Lack, Sought, Term
from quern.models import Message
from quern.relations import content, proof

CLAIMS = 6
"""Sentences that are shown of a term, or of a thing."""
OTHERS = 8
"""What is told of others: so much of it is shown."""
LONGEST_QUESTION = 160

_MARKS = ("?", "？", "؟")


class Use(msgspec.Struct, frozen=True):
    """An answer to the question for a term."""

    explained: int | None
    use: int | None
    words: str | None
    question: str | None
    source: str


class Missing(msgspec.Struct, frozen=True):
    """An answer to the question for a gap."""

    words: str | None
    question: str | None
    source: str


class Surveying:
    """What is asked, and what of an answer holds; the rest is told to `say`."""

    def __init__(self, *, prompt: asking.Prompt, say: Callable[[str], None]) -> None:
        self.prompt, self.say = prompt, say

    def asked(self, terms: Sequence[Term], lacks: Sequence[Lack]) -> list[Asked]:
        """The question about each."""
        return [
            *(Asked(self.prompt, about_term(term), _shape_of_use(term), Use, term.language) for term in terms),
            *(Asked(self.prompt, about_lack(lack), _shape_of_missing(), Missing, lack.language) for lack in lacks),
        ]

    def use(self, term: Term, answer: Use | None) -> Sought | None:
        """What one should know of a term that no sentence explains, with the words that use it."""
        if answer is None or answer.explained is not None or not answer.question:
            return None
        shown = dict(enumerate(_shown(term.claims), 1))
        words = proof.found(answer.words or "", shown.get(answer.use or 0, ""))
        fault = _no_use(term, words) or _no_question(answer.question, (term.name,), shown.values(), term.language)
        return self._sought(term.name, answer.question, answer.source, words, term.language, fault)

    def missing(self, lack: Lack, answer: Missing | None) -> Sought | None:
        """What one should find out of a thing, with the words that raise the question."""
        if answer is None or not answer.question:
            return None
        shown = [*_shown(lack.thing.claims), *_others(lack)]
        words = next((there for text in shown if (there := proof.found(answer.words or "", text))), "")
        fault = _no_question(answer.question, lack.thing.called(), shown, lack.language)
        fault = fault or _beside(answer.question, words, lack)
        return self._sought(lack.thing.name, answer.question, answer.source, words, lack.language, fault)

    def _sought(  # noqa: PLR0913, PLR0917 - as much as there is to it
        self, name: str, question: str, source: str, words: str, language: str, fault: str
    ) -> Sought | None:
        question = " ".join(question.split())
        if fault:
            self.say(f"left out, of {name}: {question!r}: {fault}")
            return None
        return Sought(question, tuple(frames.sources_of(KINDS.get(source, ""), language)), words)


# What is shown


def about_term(term: Term) -> Message:
    """The question about a term as a model gets it."""
    lines = ["Question: term", f"Language: {term.language}", f"Name: {_named(term.name, term.type)}"]
    return _over(lines, term.claims)


def about_lack(lack: Lack) -> Message:
    """The question about a thing as a model gets it."""
    lines = ["Question: gap", f"Language: {lack.language}", f"About: {_named(lack.thing.name, lack.thing.type)}"]
    lines += [f"Told of others: {'; '.join(_others(lack))}"] if lack.others else []
    return _over(lines, lack.thing.claims)


def _over(lines: Sequence[str], claims: Sequence[str]) -> Message:
    numbered = (f"[{number}] {text}" for number, text in enumerate(_shown(claims), 1))
    return Message("user", "\n".join([*lines, *asking.fenced("claims", numbered)]))


def _named(name: str, type_: str) -> str:
    return f"{cut(name, LONGEST_NAME)} ({type_})"


def _shown(claims: Sequence[str]) -> list[str]:
    return [cut(text, LONGEST_CLAIM) for text in claims[:CLAIMS]]


def _others(lack: Lack) -> list[str]:
    return [cut(one, LONGEST_VALUE) for one in lack.others[:OTHERS]]


# What an answer must be


def _shape_of_use(term: Term) -> dict[str, object]:
    number = {"type": ["integer", "null"], "minimum": 1, "maximum": len(_shown(term.claims))}
    return closed(explained=number, use=number, words=_maybe(LONGEST_WORDS), question=_question(), source=_source())


def _shape_of_missing() -> dict[str, object]:
    return closed(words=_maybe(LONGEST_WORDS), question=_question(), source=_source())


def _maybe(longest: int) -> dict[str, object]:
    return {**bounded(longest), "type": ["string", "null"]}


def _question() -> dict[str, object]:
    return _maybe(LONGEST_QUESTION)


def _source() -> dict[str, object]:
    return {"enum": list(KINDS)}


# What bears it out


def _no_use(term: Term, words: str) -> str:
    """Why words do not show that a sentence uses a term, "" if they do."""
    if not words:
        return "the words are not in that sentence"
    if not checks.occurs(term.name, words):
        return f"“{words}” does not name it"
    if not content(words, term.language) - content(term.name, term.language):
        return f"“{words}” says nothing of it"
    return ""


def _no_question(question: str, called: Iterable[str], shown: Iterable[str], language: str) -> str:
    """Why this is no question about what is called so, "" if it is one."""
    plain, texts = " ".join(question.split()), list(shown)
    if not plain.endswith(_MARKS):
        return "it is no question"
    if any(proof.found(plain.rstrip("?？؟ "), text) for text in texts):
        return "it is a sentence that was shown"
    if not any(checks.occurs(name, plain) for name in called):
        return "it does not name what it is about"
    known = "\n".join([*texts, *called])
    return next(iter(checks.problems_abroad(plain, known, "", language, language)), "")


def _beside(question: str, words: str, lack: Lack) -> str:
    """Why a question is not about these words, "" if it is."""
    if not words:
        return "the words are nowhere in what was shown"
    own = frozenset().union(*(content(name, lack.language) for name in lack.thing.called()))
    if not (content(words, lack.language) - own) & content(question, lack.language):
        return f"it is not about “{words}”"
    return ""
