"""A model as a judge: are these two names one thing, and how do these two claims stand to each other.

Each question has a prompt of a fixed greatest size, and is asked by itself. An answer counts only with words that the
code finds where the model says that they stand, and that bear it out (see `relations.proof`). Whatever is refused or
not borne out leaves the question open, and is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from quern import claims as checks
from quern.engines.llm import asking
from quern.engines.llm.drafts import bounded, closed
from quern.engines.llm.questions import Asked, answers
from quern.judgements import Names, Pair, Thing
from quern.models import Message
from quern.models.client import Client
from quern.relations import Told, Verdict, proof
from quern.relations.comparison import agree_on_date

CLAIMS = 3
"""Sentences that are shown of each of two things."""
ALIASES = 4
LONGEST_CLAIM, LONGEST_NAME, LONGEST_WORDS, LONGEST_VALUE = 400, 80, 160, 80
"""Characters of what is shown, past which it is cut, and of what is copied."""

_FIGURES = ("measure", "date")


class Likeness(msgspec.Struct, frozen=True):
    """An answer to the question for names."""

    first: int | None
    second: int | None
    first_words: str | None
    second_words: str | None
    same: bool


class Clash(msgspec.Struct, frozen=True):
    """An answer to the question for claims."""

    attribute: str | None
    first: str | None
    second: str | None
    relation: Literal["none", "same", "supports", "contradicts", "supersedes"]


class Judging:
    """Asks the model. Raises Failure, as the client does, if it cannot be asked."""

    def __init__(self, *, client: Client, prompt: asking.Prompt, say: Callable[[str], None]) -> None:
        self.client, self.prompt, self.say = client, prompt, say

    def one_thing(self, questions: Sequence[Names]) -> list[bool]:
        """Of each two names whether they are those of one thing, and sentences about both bear it out."""
        shapes = map(_shape_of_names, questions)
        told = zip(questions, shapes, strict=True)
        going = [Asked(self.prompt, about_names(question), shape, Likeness) for question, shape in told]
        said = answers(self.client, going, self.say)
        return [self._is_one(*found) for found in zip(questions, said, strict=True)]

    def relations(self, pairs: Sequence[Pair]) -> list[Verdict | None]:
        """Of each two claims how they stand to each other, if words of both bear it out; `supports` is not told."""
        said = answers(self.client, asked(self.prompt, pairs), self.say)
        return [self.verdict(*found) for found in zip(pairs, said, strict=True)]

    # Names

    def _is_one(self, question: Names, answer: Likeness | None) -> bool:
        if answer is None or not answer.same:
            return False
        fault = _not_one(question, answer)
        first, second = question.first.name, question.second.name
        if fault:
            self.say(f"left open: are {first} and {second} one thing? The judge says so, but {fault}")
        else:
            self.say(f"{first} is {second}: “{answer.first_words}”, “{answer.second_words}”")
        return not fault

    # Claims

    def verdict(self, pair: Pair, answer: Clash | None) -> Verdict | None:
        """How two claims stand to each other, as far as words of both bear an answer out."""
        if answer is None or answer.relation in ("none", "supports"):
            return None
        if answer.relation == "same":
            return self._of(pair, "same")
        fault = _no_clash(pair, answer)
        if fault:
            self.say(f"left open: {_texts(pair)}: the judge says that it {answer.relation}, but {fault}")
            return None
        sides = _sides(pair, answer)
        days = pair.new.day(), pair.old.day()
        is_dated = all(days) and not agree_on_date(*days)
        newer = (pair.new.id if days[0] > days[1] else pair.old.id) if is_dated else ""
        # Where no date tells which came first, both stand, and people see it.
        is_overtaken = answer.relation == "supersedes" and is_dated
        label = _label(pair, answer)
        return self._of(
            pair, "supersedes" if is_overtaken else "contradicts", label, sides[0].value, sides[1].value, newer=newer
        )

    def _of(  # noqa: PLR0913 - as much as a verdict has
        self,
        pair: Pair,
        relation: Literal["same", "contradicts", "supersedes"],
        attribute: str = "",
        value: str = "",
        other_value: str = "",
        *,
        newer: str = "",
    ) -> Verdict:
        new, old = pair.new, pair.old
        return Verdict(
            relation, new.id, old.id, attribute, value, other_value, new.day(), old.day(), newer,
            decided_by=f"judge: {self.client.identity}",
        )  # fmt: skip


# What is shown


def asked(prompt: asking.Prompt, pairs: Sequence[Pair]) -> list[Asked]:
    """The question about each two claims, as it goes out."""
    return [Asked(prompt, about_claims(pair), _shape_of_claims(), Clash) for pair in pairs]


def about_names(question: Names) -> Message:
    """The question about two names as a model gets it."""
    lines = ["Question: one thing", f"Language: {question.language}"]
    number = 0
    for side, thing in (("First", question.first), ("Second", question.second)):
        shown = [cut(text, LONGEST_CLAIM) for text in thing.claims[:CLAIMS]]
        lines.append(f"{side}: {_named(thing)}")
        lines += asking.fenced("claims", (f"[{number + at}] {text}" for at, text in enumerate(shown, 1)))
        number += len(shown)
    return Message("user", "\n".join(lines))


def about_claims(pair: Pair) -> Message:
    """The question about two claims as a model gets it."""
    days = [told.published or "" for told in (pair.new, pair.old)]
    lines = ["Question: relation", f"Language: {pair.new.language}"]
    lines += [f"About: {cut(pair.called[0], LONGEST_NAME)}"] if pair.called else []
    lines += [f"Sources of: {days[0] or 'an unknown day'} and {days[1] or 'an unknown day'}"] if any(days) else []
    texts = (cut(told.text, LONGEST_CLAIM) for told in (pair.new, pair.old))
    lines += asking.fenced("claims", (f"[{number}] {text}" for number, text in enumerate(texts, 1)))
    return Message("user", "\n".join(lines))


def _named(thing: Thing) -> str:
    also = [cut(alias, LONGEST_NAME) for alias in thing.aliases[:ALIASES]]
    return f"{cut(thing.name, LONGEST_NAME)} ({thing.type}{''.join(f', also {alias}' for alias in also)})"


def cut(text: str, longest: int) -> str:
    """A text on one line, with no more than its first so many characters."""
    line = asking.line(text)
    return line if len(line) <= longest else line[:longest].rpartition(" ")[0] or line[:longest]


def _texts(pair: Pair) -> str:
    return f"“{cut(pair.new.text, LONGEST_VALUE)}”, “{cut(pair.old.text, LONGEST_VALUE)}”"


# What an answer must be


def _shape_of_names(question: Names) -> dict[str, Any]:
    most = sum(len(thing.claims[:CLAIMS]) for thing in (question.first, question.second))
    number = {"type": ["integer", "null"], "minimum": 1, "maximum": most}
    words = _copied(LONGEST_WORDS)
    return closed(first=number, second=number, first_words=words, second_words=words, same={"type": "boolean"})


def _shape_of_claims() -> dict[str, Any]:
    relations = ["none", "same", "supports", "contradicts", "supersedes"]
    value = _copied(LONGEST_VALUE)
    return closed(attribute=value, first=value, second=value, relation={"type": "string", "enum": relations})


def _copied(longest: int) -> dict[str, Any]:
    return {**bounded(longest), "type": ["string", "null"]}


# What bears it out


def _not_one(question: Names, answer: Likeness) -> str:
    """Why an answer does not show that two names are those of one thing, "" if it does."""
    first, second = question.first.claims[:CLAIMS], question.second.claims[:CLAIMS]
    sides = (
        (question.first, answer.first, answer.first_words, dict(enumerate(first, 1))),
        (question.second, answer.second, answer.second_words, dict(enumerate(second, 1 + len(first)))),
    )
    copied = []
    for thing, number, words, shown in sides:
        if number is None or not words:
            return "names no sentence for it"
        text = cut(shown.get(number, ""), LONGEST_CLAIM)
        there = proof.found(words, text)
        if not there:
            return f"the words are not in that sentence on {thing.name}"
        if not any(checks.occurs(name, text) for name in thing.called()):
            return f"the sentence does not name {thing.name}"
        copied.append(there)
    called = (*question.first.called(), *question.second.called())
    return "" if proof.meet(copied[0], copied[1], called, question.language) else "these have nothing in common"


def _sides(pair: Pair, answer: Clash) -> tuple[proof.Side, proof.Side]:
    first, second = (cut(told.text, LONGEST_CLAIM) for told in (pair.new, pair.old))
    return (
        proof.Side(proof.found(answer.first or "", first), first),
        proof.Side(proof.found(answer.second or "", second), second),
    )


def _no_clash(pair: Pair, answer: Clash) -> str:
    """Why an answer does not show that two claims cannot both be so, "" if it does."""
    if not (answer.first and answer.second and answer.attribute):
        return "does not say in what"
    if not (_states(pair.new) and _states(pair.old)) or pair.new.language != pair.old.language:
        return "one of them states nothing"
    sides = _sides(pair, answer)
    for side, words in zip(sides, (answer.first, answer.second), strict=True):
        if not side.value:
            return f"“{words}” is not there"
    days = pair.new.as_of or "", pair.old.as_of or ""
    if answer.relation == "contradicts" and all(days) and not agree_on_date(*days):
        return "they are of two times"
    clash = proof.Clash(*sides, answer.attribute, pair.called, pair.new.language)
    return proof.fault(clash, grounded=_sees_it(pair, sides))


def _states(told: Told) -> bool:
    return told.stance == "asserted" and told.role not in ("question", "task")


def _sees_it(pair: Pair, sides: Sequence[proof.Side]) -> bool:
    """Whether the rules see the same conflict, and are only not sure of it."""
    seen = pair.possible
    if seen is None:
        return False
    if seen.decided_by not in _FIGURES:
        return True
    values = seen.value, seen.other_value
    return all(proof.found(value, side.value) for value, side in zip(values, sides, strict=True))


def _label(pair: Pair, answer: Clash) -> str:
    """What is in conflict, in words of a sentence."""
    for told in (pair.new, pair.old):
        words = proof.found(answer.attribute or "", told.text)
        if words:
            return words
    return pair.possible.attribute if pair.possible is not None else ""
