"""Reading a source with a model: its passages asked about, what is refused asked for in halves, the rest left unread.

Nothing is given before all of a source is read, since one of which too much was refused gives nothing at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from quern.engines.llm import asking, carried, drafts
from quern.engines.llm.drafts import Draft, Drafts, MadeBy
from quern.engines.rules import grammar, reading
from quern.models import Message, Request, gate
from quern.models.client import ROOM, Client, Question, Refused
from quern.program import Failure
from quern.records import Claim, Passage, Sentence, Source, Unread
from quern.schema import Guidance, Schema

AT_ONCE = 8
"""Passages, at least, that are asked about before it is known whether too many were refused."""
DENSE = 2
"""Claims that the rules find in a passage from which on an empty answer is doubted."""
WANTED = 24
"""Things not carried that are asked for at once."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some sentences of a passage that one question is about. `wanted`: what an earlier answer has not said."""

    passage: Passage
    sentences: Sequence[Sentence]
    whole: bool = True
    wanted: tuple[str, ...] = ()

    def halves(self) -> list[Part]:
        """The part in two, about as long; nothing if it is one sentence."""
        size, total = 0, sum(len(sentence.plain) for sentence in self.sentences)
        for at, sentence in enumerate(self.sentences[:-1], 1):
            size += len(sentence.plain)
            if 2 * size >= total or at == len(self.sentences) - 1:
                return [
                    Part(self.passage, self.sentences[:at], whole=False),
                    Part(self.passage, self.sentences[at:], whole=False),
                ]
        return []

    def says(self) -> bool:
        """Whether there is anything in it but headings."""
        return _length(self.sentences) > 0

    @property
    def evidence(self) -> str:
        return "\n".join(sentence.plain for sentence in self.sentences)


@dataclass(slots=True)
class Read:
    """What came of one passage."""

    passage: Passage
    drafts: list[Draft] = field(default_factory=list)
    refused: list[tuple[Part, str]] = field(default_factory=list)
    missed: list[carried.Item] = field(default_factory=list)
    items: int = 0

    @property
    def unread(self) -> float:
        """The share of the passage, by its length, of which no reply could be used."""
        return sum(_length(part.sentences) for part, _ in self.refused) / max(1, _length(self.passage.sentences))


class Extracting:
    """One source, read by a model."""

    def __init__(  # noqa: PLR0913 - who is asked, how, and about what
        self,
        source: Source,
        passages: Sequence[Passage],
        language: str,
        *,
        schema: Schema,
        client: Client,
        prompt: asking.Prompt,
        say: Callable[[str], None],
    ) -> None:
        self.source, self.language = source, language
        self.schema, self.client, self.prompt, self.say = schema, client, prompt, say
        self.shape = drafts.shape(schema.pages.types)
        patterns = grammar.load(language)
        self.cited = [passage for passage in passages if reading.is_references(passage, patterns)]
        cited = {passage.id for passage in self.cited}
        self.passages = [passage for passage in passages if passage.id not in cited]
        self.drafts = Drafts(source, passages, language, MadeBy(client.identity, prompt.name))
        self.told = _told(source, self.passages, language)

    def records(self) -> Iterator[Claim | Unread]:
        """The claims in reading order, then what was left unread and what is in no claim.

        Raises Failure if more was refused than the schema lets be, or if the model cannot be asked.
        """
        parts = self.parts()
        tokens = self.client.count(self.prompt.shared) + sum(self.client.count(self._asked(part)) for part in parts)
        self.client.pace.begin(len(parts), tokens)
        found = {passage.id: Read(passage) for passage in self.passages}
        # So many that a server is never asked less at once than it may be, but for the last of each lot.
        lot = max(AT_ONCE, 2 * self.client.parallel)
        for at in range(0, len(parts), lot):
            self._read(parts[at : at + lot], found)
            self._refuse(found)
        self._doubt(found)
        read = list(found.values())
        named = carried.forms(draft.claim for one in read for draft in one.drafts)
        for one in read:
            one.missed = [item for item in one.missed if not carried.is_named(item, named)]
        made = sorted((draft for one in read for draft in one.drafts), key=lambda draft: draft.start)
        yield from self.drafts.weighed(list({draft.claim.id: draft for draft in made}.values()))
        for passage in self.cited:
            yield Unread(source=self.source.id, place=reading.place_of(passage.sentences), why="references")
        for one in read:
            yield from self._left(one)
        self._tell(read)

    def questions(self) -> Iterator[tuple[Message, ...]]:
        """The messages about each part, as a model gets them."""
        for part in self.parts():
            yield self._asked(part)

    def parts(self) -> list[Part]:
        """The passages, in so many parts as fit into what the model can read at once."""
        whole = [Part(passage, passage.sentences) for passage in self.passages]
        return [piece for part in whole if part.says() for piece in self._fitting(part)]

    def _fitting(self, part: Part) -> Iterator[Part]:
        halves = part.halves()
        if not halves or self._fits(part):
            yield part
            return
        for half in halves:
            if half.says():
                yield from self._fitting(half)

    def _fits(self, part: Part) -> bool:
        context = self.client.context
        if context is None:
            return True
        asked = self._asked(part)
        return self.client.count((*self.prompt.shared, *asked)) + self._request(asked).max_tokens + ROOM <= context

    # Asking

    def _asked(self, part: Part) -> tuple[Message, ...]:
        told = asking.passage(self.source, part.passage, part.sentences, self.language, part.wanted)
        return (told,)

    def _request(self, asked: Sequence[Message]) -> Request:
        return self.client.request(self.prompt.shared, asked, self.shape)

    def _question(self, part: Part) -> Question:
        check = partial(self._check, part)
        return Question(self._request(self._asked(part)), check, part.evidence, self.language)

    def _check(self, part: Part, value: Any) -> str | None:
        """What is wrong with an answer as a whole."""
        try:
            answer = drafts.read(value)
        except msgspec.ValidationError as error:
            return str(error)
        shown = {sentence.n for sentence in part.sentences}
        if answer.claims and not any(shown.issuperset(claim.evidence) for claim in answer.claims):
            return f"evidence names sentences that are not there: they are {min(shown)} to {max(shown)}"
        dense = 0 if part.wanted else self._density(part)
        if not answer.claims and dense >= DENSE:
            return gate.Doubt("there is no claim, and the passage says things that one may look up")
        if answer.claims and dense:
            return self._nothing_holds(part, answer)
        return None

    def _density(self, part: Part) -> int:
        """How many claims the rules find in a part."""
        first, last = part.sentences[0].start, part.sentences[-1].end
        return sum(first <= start < last for start in self.told)

    def _nothing_holds(self, part: Part, answer: drafts.Answer) -> str | None:
        """Why an answer is worth nothing: each of its claims says what the passage does not."""
        faults: list[str] = []
        found = self.drafts.of(part.passage, part.sentences, answer, lambda _, fault: faults.append(fault))
        return None if any(found) else f"no claim holds: {faults[0] if faults else 'they say nothing'}"

    def _read(self, parts: Sequence[Part], found: dict[str, Read]) -> None:
        """Ask about some parts; then about the halves of what was refused; then for what was not carried."""
        halves: list[Part] = []
        for part, reason in self._ask(parts, found, self.client.pace.passed):
            pieces = [half for half in part.halves() if half.says()]
            halves += pieces
            if not pieces:
                found[part.passage.id].refused.append((part, reason))
        for part, reason in self._ask(halves, found):
            found[part.passage.id].refused.append((part, reason))
        passages = dict.fromkeys(part.passage.id for part in parts)
        again = [part for id_ in passages for part in self._wanting(found[id_], parts)]
        for _ in self._ask(again, found):
            pass  # what is in no claim stays in none, and is told as such
        for id_ in passages:
            one = found[id_]
            self._note_missed(one, [part for part in parts if part.passage.id == id_])

    def _ask(
        self, parts: Sequence[Part], found: dict[str, Read], passed: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[Part, str]]:
        """Note what is answered about these parts; gives those whose answers were refused, and why."""
        answers = self.client.ask_all(self._question(part) for part in parts)
        for part, answer in zip(parts, answers, strict=True):
            passed()
            if isinstance(answer, Refused):
                yield part, answer.reason
                continue
            one = found[part.passage.id]
            new = list(self.drafts.of(part.passage, part.sentences, drafts.read(answer), self._left_out))
            one.drafts += _carrying(new, part.wanted) if part.wanted else new

    # What was not carried

    def _wanting(self, one: Read, parts: Sequence[Part]) -> Iterator[Part]:
        """The parts of a passage to be asked again, since more of what they have is in no claim than may be."""
        for part in parts:
            if part.passage.id != one.passage.id or any(lost.passage.id == one.passage.id for lost, _ in one.refused):
                continue
            items, missed = self._missed(one, part.sentences)
            if len(missed) > self.schema.reading.max_not_carried * len(items):
                yield Part(part.passage, part.sentences, part.whole, tuple(item.words for item in missed[:WANTED]))

    def _missed(self, one: Read, sentences: Iterable[Sentence]) -> tuple[list[carried.Item], list[carried.Item]]:
        items = carried.items(sentences, self.drafts.lookup, self.language)
        return items, carried.missed(items, [draft.claim for draft in one.drafts], self.language)

    def _note_missed(self, one: Read, parts: Sequence[Part]) -> None:
        lost = {sentence.n for part, _ in one.refused for sentence in part.sentences}
        read = [sentence for part in parts for sentence in part.sentences if sentence.n not in lost]
        items, missed = self._missed(one, read)
        one.items += len(items)
        one.missed += missed

    # What is left

    def _refuse(self, found: dict[str, Read]) -> None:
        """Raise Failure if more was refused than may be."""
        share = sum(one.unread for one in found.values()) / max(1, len(self.passages))
        if share > self.schema.reading.max_unread:
            part, reason = next(refused for one in found.values() for refused in one.refused)
            place = reading.place_of(part.sentences)
            percent = math.ceil(round(100 * share, 6))
            raise Failure(
                f"{percent} % of it could not be read, and reading: max_unread allows "
                f"{100 * self.schema.reading.max_unread:g} %: nothing of it is taken ({place}: {reason})",
                self.source.path,
            )

    def _doubt(self, found: dict[str, Read]) -> None:
        """Raise Failure if nothing at all is said of a source of which the rules say much.

        An empty answer that is given twice is meant; but a model that means it of everything says that of anything.
        Where it was told what to look for, nothing may be what there is.
        """
        is_told = self.schema.guidance not in ("", Guidance()) or bool(self.source.focus)
        if is_told or any(one.drafts or one.refused for one in found.values()):
            return
        dense = sum(self._density(Part(passage, passage.sentences)) >= DENSE for passage in self.passages)
        if dense > self.schema.reading.max_unread * len(self.passages):
            raise Failure(
                f"the model says that there is nothing in it, and the rules find {len(self.told)} claims: nothing of "
                "it is taken ('make doctor' looks at the model; reading: max_unread: 1 has it believed)",
                self.source.path,
            )

    def _left(self, one: Read) -> Iterator[Unread]:
        for part, reason in one.refused:
            place = reading.place_of(part.sentences)
            self._at(part.sentences[0], f"left unread: {reason}")
            # What follows the colon may be the model's own words, and nothing refused is to stand on a page.
            yield Unread(source=self.source.id, place=place, why=reason.partition(": ")[0], sort="refused")
        if one.missed:
            words = "; ".join(dict.fromkeys(item.words for item in one.missed))
            place = reading.place_of(one.passage.sentences)
            yield Unread(source=self.source.id, place=place, why=words, sort="not carried")

    def _tell(self, read: Sequence[Read]) -> None:
        missed, items = sum(len(one.missed) for one in read), sum(one.items for one in read)
        if missed:
            told = "figure, date or name" if items == 1 else "figures, dates and names"
            self.say(f"{self.source.path}: {missed} of {items} {told} in it are in no claim: see its source page")

    def _left_out(self, sentence: Sentence, fault: str) -> None:
        self._at(sentence, f"left out: {fault}")

    def _at(self, sentence: Sentence, message: str) -> None:
        line = sentence.place.removeprefix("lines ").removeprefix("line ").split("-")[0]
        self.say(f"{self.source.path}:{line}: {message}")


def _carrying(found: Iterable[Draft], wanted: Sequence[str]) -> list[Draft]:
    """Those claims that have something of what was asked for: the others only say again what was said."""
    words = [one.casefold() for one in wanted]
    return [draft for draft in found if any(word in draft.claim.text.casefold() for word in words)]


def _told(source: Source, passages: Sequence[Passage], language: str) -> list[int]:
    """Where the claims begin that the rules find."""
    found = reading.read(source, passages, language)
    return [record.spans[0].start for record in found if isinstance(record, Claim) and record.spans]


def _length(sentences: Iterable[Sentence]) -> int:
    return sum(len(sentence.plain) for sentence in sentences if sentence.sort != "heading")
