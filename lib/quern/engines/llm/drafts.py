"""From what a model answered to claims: evidence by number, names that the source has, and nothing it does not say.

What a claim says is checked against its evidence by code (see `quern.claims`); what fails is left out and told.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, get_args

import msgspec

from quern import claims, names, quantities, relations
from quern.engines.rules import centrality, grammar, standing, worth
from quern.engines.rules.lookup import Lookup, Term
from quern.engines.rules.terms import terms
from quern.extraction import context
from quern.records import Claim, Name, Passage, Role, Sentence, Source, Stance

EVIDENCE = 4
"""Sentences that a claim may rest on: with all of a passage for evidence nothing could be checked."""
CLAIMS = 24
"""Claims of one answer: what has more to say is asked once more for what was not carried."""
SHARED = 0.34
"""The share of a claim's words from which on its evidence speaks of the same; names may stand elsewhere."""

_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

Say = Callable[[Sentence, str], None]


class Named(msgspec.Struct, frozen=True):
    name: str
    type: str


class Answered(msgspec.Struct, frozen=True):
    """One claim as a model answered it."""

    text: str
    evidence: tuple[int, ...]
    about: tuple[Named, ...]
    role: Role
    stance: Stance = "asserted"
    by: str | None = None
    as_of: str | None = None


class Answer(msgspec.Struct, frozen=True):
    claims: tuple[Answered, ...]


def shape(types: Sequence[str]) -> dict[str, Any]:
    """The JSON Schema of an answer. Names and texts are bounded, and so are lists."""
    named = closed(name=bounded(80), type={"type": "string", "enum": list(types)})
    claim = closed(
        usual(),
        text=bounded(400),
        evidence={"type": "array", "minItems": 1, "maxItems": EVIDENCE, "items": {"type": "integer", "minimum": 1}},
        about={"type": "array", "maxItems": 4, "items": named},
        role={"type": "string", "enum": list(get_args(Role))},
    )
    return closed(claims={"type": "array", "maxItems": CLAIMS, "items": claim})


def usual() -> dict[str, Any]:
    """What a claim may leave out, for it mostly says nothing: what takes time is each token that a model writes."""
    return {
        "stance": {"type": "string", "enum": list(get_args(Stance))},
        "by": {"type": ["string", "null"], "maxLength": 60},
        "as_of": {"type": ["string", "null"], "maxLength": 10},
    }


def closed(optional: Mapping[str, Any] | None = None, /, **properties: Any) -> dict[str, Any]:
    """The JSON Schema of an object with these keys and no others: all of `properties`, then any of `optional`."""
    told = {**properties, **(optional or {})}
    return {"type": "object", "additionalProperties": False, "required": [*properties], "properties": told}


def bounded(longest: int) -> dict[str, Any]:
    """The JSON Schema of a text of at most so many characters, and one at least."""
    return {"type": "string", "minLength": 1, "maxLength": longest}


def read(value: Any) -> Answer:
    """A reply as an answer. Raises msgspec.ValidationError if it is none."""
    return msgspec.convert(value, Answer)


class MadeBy(NamedTuple):
    """Which model made a claim, and with which prompt."""

    model: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim that holds, and where in its source it begins; what it weighs is known when all are."""

    claim: Claim
    start: int
    alone: bool


class Drafts:
    """The claims of one source: its names, what they weigh, and what each answer is worth."""

    def __init__(self, source: Source, passages: Sequence[Passage], language: str, made_by: MadeBy) -> None:
        self.source = source
        self.language = language
        self.made_by = made_by
        self.terms = terms(source, passages)
        self.lookup = Lookup(self.terms)
        self.grammar = grammar.load(language)
        self.texts = "\n".join(sentence.plain for passage in passages for sentence in passage.sentences).casefold()
        self.headings = "\n".join(heading for passage in passages for heading in passage.headings).casefold()

    def of(self, passage: Passage, sentences: Sequence[Sentence], answer: Answer, say: Say) -> Iterator[Draft]:
        """The claims of an answer about these sentences that hold; `say` is told of each that does not, and why."""
        there = {sentence.n: sentence for sentence in sentences}
        around = context(self.source, passage)
        for answered in answer.claims:
            strange = [number for number in answered.evidence if number not in there]
            if strange:
                say(sentences[0], f"it rests on sentence {strange[0]}, which was not shown")
                continue
            rests_on = [there[number] for number in sorted(set(answered.evidence))]
            draft = self._draft(passage, rests_on, answered, around)
            if not isinstance(draft, str):
                yield draft
            elif draft:
                say(rests_on[0], draft)

    def _draft(self, passage: Passage, rests_on: Sequence[Sentence], answered: Answered, around: str) -> Draft | str:
        """A claim, or why there is none."""
        text = " ".join(_CONTROL.sub(" ", answered.text).split())
        if not any(character.isalnum() for character in text):
            return "it says nothing"
        quote, spans = claims.evidence(rests_on)
        about = list(self._about(answered.about, f"{quote}\n{around}"))
        faults = claims.problems(text, quote, around, self.language) or self._strays(text, quote, about)
        if faults:
            return faults[0]
        alone = self._alone(text, about)
        claim = Claim(
            id=claims.claim_id(quote, text),
            source=self.source.id,
            passage=passage.id,
            text=text,
            quote=quote,
            spans=spans,
            names=self._names(text, about, alone=alone),
            role=answered.role,
            stance=answered.stance,
            by=self._by(answered.by, around),
            as_of=self._as_of(answered.as_of, f"{quote}\n{around}") or self._as_of_text(text),
            engine="llm",
            model=self.made_by.model,
            prompt=self.made_by.prompt,
        )
        return Draft(claim, spans[0].start, alone)

    # Names

    def _about(self, named: Iterable[Named], around: str) -> Iterator[Named]:
        """Those names that the source really has, each spelt as the source mostly does."""
        taken: set[str] = set()
        for one in named:
            name = " ".join(_CONTROL.sub(" ", one.name).split()).strip(" .,;:\"'“”")
            if not any(character.isalpha() for character in name) or not claims.occurs(name, around):
                continue
            term = self._term(name)
            name = term.name if term is not None else name
            if names.normal(name) not in taken:
                taken.add(names.normal(name))
                yield Named(name, one.type)

    def _term(self, name: str) -> Term | None:
        found = self.lookup.find(name)
        return found[0][2] if len(found) == 1 and found[0][:2] == (0, len(name)) else None

    def _names(self, text: str, about: Sequence[Named], *, alone: bool) -> list[Name]:
        """The names of a claim: those it is about, unless it does not stand alone, and others that stand in it."""
        own = {names.normal(one.name) for one in about}
        found = {term.name: term for _, _, term in self.lookup.find(text) if names.normal(term.name) not in own}
        told = [(one.name, one.type, alone) for one in about]
        told += [(term.name, term.type, False) for term in found.values()]
        return [
            Name(name=name, type=type_, aliases=self._aliases(name), about=is_about) for name, type_, is_about in told
        ]

    def _aliases(self, name: str) -> list[str]:
        term = self._term(name)
        return list(term.aliases) if term is not None else []

    # What code can check

    def _strays(self, text: str, quote: str, about: Sequence[Named]) -> list[str]:
        """Whether a claim speaks of something else than its evidence: only names may come from elsewhere."""
        named = " ".join(one.name for one in about)
        said = relations.content(text, self.language) - relations.content(named, self.language)
        there = relations.content(quote, self.language)
        if len(said) < 3 or len(said & there) >= SHARED * len(said):
            return []
        return ["its evidence says something else"]

    def _alone(self, text: str, about: Sequence[Named]) -> bool:
        found = self.lookup.find(text)
        extra = [Term(one.name, "entity" if one.type == "entity" else "concept") for one in about]
        known = {term.name for _, _, term in found}
        if any(term.name not in known for term in extra):
            found = Lookup([*self.terms, *extra]).find(text)
        return standing.stand(text, found, None, standing.Classes(), self.grammar).alone

    def _by(self, by: str | None, around: str) -> str | None:
        words = " ".join(_CONTROL.sub(" ", by or "").split())
        is_author = names.normal(words) in {names.normal(author) for author in self.source.authors}
        return words if words and not is_author and claims.occurs(words, around) else None

    def _as_of(self, as_of: str | None, around: str) -> str | None:
        """The date, if it is one that the source has."""
        if as_of is None or not _DATE.fullmatch(as_of):
            return None
        there = [date.iso for date in quantities.dates(around, self.language)]
        there += [self.source.published] if self.source.published else []
        return as_of if any(iso.startswith(as_of) for iso in there) else None

    def _as_of_text(self, text: str) -> str | None:
        """The date that a claim states, else the day when its source was published."""
        said = quantities.dates(text, self.language)
        return max(date.iso for date in said) if said else self.source.published

    # What they weigh

    def weighed(self, drafts: Sequence[Draft]) -> list[Claim]:
        """The claims with the weights of their names, which have one type each, and with their scores."""
        types, weights = self._types(drafts), self._weights(drafts)
        central = centrality.rank([draft.claim.text for draft in drafts], self.language)
        weighed = []
        for place, draft in enumerate(drafts):
            told = [
                replace(name, type=types.get(names.normal(name.name), name.type), weight=weights.get(name.name, 0.0))
                for name in draft.claim.names
            ]
            score = self._score(draft, told, central[place], place / len(drafts))
            weighed.append(replace(draft.claim, names=told, score=score))
        return weighed

    def _types(self, drafts: Sequence[Draft]) -> dict[str, str]:
        """The type of each name that claims are about: the one given most, of several the first."""
        given: dict[str, Counter[str]] = defaultdict(Counter)
        for draft in drafts:
            for name in draft.claim.names:
                if name.about or not draft.alone:
                    given[names.normal(name.name)][name.type] += 1
        return {key: counts.most_common(1)[0][0] for key, counts in given.items()}

    def _weights(self, drafts: Sequence[Draft]) -> dict[str, float]:
        """How much of the source is about each name: as the rules weigh it, or by how many claims are about it."""
        told = Counter(name.name for draft in drafts for name in draft.claim.names if name.about)
        rules = {term.name: term.weight for term in self.terms}
        weights = dict(rules)
        for name, count in told.items():
            weights[name] = round(max(rules.get(name, 0.0), self._weight(name, count)), 4)
        return weights

    def _weight(self, name: str, told: int) -> float:
        # As in `rules.terms`: half of what frequency can give for as many as is enough in a source of this size.
        enough = 1.5 + 0.8 * (max(self.source.words, 1) / 400) ** 0.6
        folded = name.casefold()
        count = max(told, self.texts.count(folded))
        title = folded in self.source.title.casefold()
        weight: float = 0.6 * count / (count + enough) + 0.2 * title + 0.1 * min(2, self.headings.count(folded))
        return min(1.0, weight)

    def _score(self, draft: Draft, told: Sequence[Name], central: float, place: float) -> float:
        weight = max((name.weight for name in told if name.about), default=0.0)
        role = worth.WEIGHTS[draft.claim.role]
        score = 0.35 * central + 0.3 * role + 0.2 * min(1.0, weight) + 0.1 * (1 - place)
        score *= 1.0 if draft.alone else 0.4
        score *= 0.85 if draft.claim.stance in ("hypothetical", "reported") else 1.0
        return round(min(1.0, score), 4)
