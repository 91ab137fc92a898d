"""How much of a question a claim speaks of: which of its words it has, and how much each of these tells.

A word weighs what it tells one claim from another (inverse document frequency, as in Robertson and Spärck Jones 1976),
so one that no claim has weighs most; a name or a figure of the question must be spoken of, whatever it weighs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from quern.answers.knowledge import Known
from quern.answers.subjects import Subjects
from quern.emphasis import COMPOUNDING, LONG, Keys, keyed
from quern.languages import CJK, UNSPACED, stopwords, words

# Words that ask, or that only a question has, besides those that no list of stop words lacks.
_ASKING = {
    "en": "what which who whom whose when where why how many much do does did is are was were can could tell know "
    "explain describe list give show name mean means happen happens happened use used using work works compare "
    "compared comparison versus vs between difference differ table chart both",
    "de": "was welche welcher welches wer wen wem wann wo wohin warum weshalb wieso wie viel viele kann erkläre nenne "
    "beschreibe zeige gibt bedeutet passiert verwendet benutzt funktioniert vergleiche vergleich zwischen "
    "unterschied tabelle beide",
    "fr": "que quoi quel quelle quels quelles qui quand où pourquoi comment combien est-ce explique décris liste "
    "signifie fonctionne utilisé utilise compare comparez comparaison entre différence tableau",
    "es": "qué cuál cuáles quién quiénes cuándo dónde por qué cómo cuánto cuánta cuántos cuántas explica describe "
    "significa funciona usa usado compara comparación entre diferencia tabla",
}
_ASKING_CJK = re.compile(
    "什么时候|什么|怎么样|怎么|怎样|如何|为什么|多少|哪里|哪儿|哪个|哪些|是谁|何时|是什么|吗|呢|何|いつ|どこ|だれ|なぜ|どう|ですか|ますか"
)
_UNSPACED = re.compile(f"[{CJK}{UNSPACED}]")
# Names as capital letters show them do not stand out where every noun has one.
_CAPITALISED = frozenset({"de", "lb"})
BESIDE = 0.5
"""What a word counts that only the headings above a claim or its source have."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a question. `keys`: what it is compared by; `is_name`: it names or numbers something."""

    word: str
    keys: Keys
    is_name: bool


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of a question a claim speaks of, 0 to 1, and the terms that it does not.

    `own`: the share of the terms, each counted alike, that stand in it or name a page that it stands on. `asked`: the
    share, by weight, of those that name nothing and stand in it: what is asked of what is named.
    """

    known: Known
    share: float
    own: float
    asked: float
    lacks: tuple[Term, ...]

    @property
    def names(self) -> bool:
        """Whether it speaks of all that the question names."""
        return not any(term.is_name for term in self.lacks)


@dataclass(slots=True)
class Coverage:
    """The words of a question, weighed in the light of some claims."""

    question: str
    language: str
    claims: Sequence[Known]
    terms: list[Term] = field(init=False)
    subjects: Subjects = field(init=False)
    _asking: set[Term] = field(init=False)
    _weights: dict[Term, float] = field(default_factory=dict)
    _texts: dict[str, tuple[Keys, Keys, Keys]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.terms = terms(self.question, self.language)
        self.subjects = Subjects(self.claims)
        naming = [term for own in self.things().values() for term in own]
        self._asking = {term for term in self.terms if not term.is_name and term not in naming}
        for known in self.claims:
            self._texts[known.id] = _said(known, self.language)
        for term in self.terms:
            count = sum(self._is_said(term, own) for own, *_ in self._texts.values())
            # A pair of characters that nobody writes may be the end of one word and the beginning of the next.
            count = max(count, 1) if _UNSPACED.match(term.word) else count
            self._weights[term] = math.log(1 + (len(self.claims) - count + 0.5) / (count + 0.5))

    def of(self, known: Known, ignored: Collection[Term] = ()) -> Covered:
        """How much of the question this claim speaks of; `ignored`: words that do not count."""
        own, called, beside = self._texts[known.id]
        share, count, lacks = 0.0, 0, []
        counted = [term for term in self.terms if term not in ignored]
        for term in counted:
            weight = self._weights[term]
            # What a page is called, all that stands on it is about.
            if self._is_said(term, own) or self._is_said(term, called):
                share, count = share + weight, count + 1
            elif self._is_said(term, beside):
                share += BESIDE * weight
            else:
                lacks.append(term)
        whole = sum(self._weights[term] for term in counted)
        asking = sum(self._weights[term] for term in self._asking)
        told = sum(self._weights[term] for term in self._asking if self._is_said(term, own))
        return Covered(
            known=known,
            share=share / whole if whole else 0.0,
            own=count / max(1, len(counted)),
            asked=told / asking if asking else 1.0,
            lacks=tuple(lacks),
        )

    def best(self, ignored: Collection[Term] = ()) -> list[Covered]:
        """The claims that speak of any of it, those that do most first; `ignored`: words that do not count."""
        found = [self.of(known, ignored) for known in self.claims]
        order = {known.id: place for place, known in enumerate(self.claims)}
        told = [covered for covered in found if covered.share > 0]
        return sorted(told, key=lambda covered: (-covered.share, order[covered.known.id]))

    def things(self) -> dict[str, list[Term]]:
        """What the question names, each with the words that name it."""
        return self._naming(self.subjects.named(self.question))

    def compared(self) -> dict[str, list[Term]]:
        """The same of what it puts side by side."""
        return self._naming(self.subjects.compared(self.question))

    def _naming(self, forms: Mapping[str, str]) -> dict[str, list[Term]]:
        found = {}
        for title, form in forms.items():
            said = frozenset(key for keys in keyed(form, self.language, frozenset()) for key in keys)
            found[title] = [term for term in self.terms if not term.keys.isdisjoint(said)]
        return found

    def unknown(self) -> list[Term]:
        """The words that no claim has."""
        return [
            term
            for term in self.terms
            if not any(self._is_said(term, said) for texts in self._texts.values() for said in texts)
        ]

    def _is_said(self, term: Term, said: Keys) -> bool:
        if not term.keys.isdisjoint(said):
            return True
        if self.language not in COMPOUNDING:
            return False
        long = [key for key in term.keys if len(key) >= LONG]
        return any(word.startswith(key) or word.endswith(key) for key in long for word in said)


def terms(question: str, language: str) -> list[Term]:
    """The words of a question that say what it is about, each once."""
    asking = frozenset(_ASKING.get(language, "").split())
    ignored = stopwords(language) | asking
    text = _ASKING_CJK.sub(" ", question)
    found: dict[Keys, Term] = {}
    for place, word in enumerate(words(text)):
        is_name = _is_name(word, language, opens=place == 0)
        # "IT" and "WHO": what is written as a name is one, though a function word is written like it.
        shouted = is_name and word.isupper() and len(word) > 1
        for keys in keyed(word, language, frozenset() if shouted else ignored):
            found.setdefault(keys, Term(word, keys, is_name))
    return list(found.values())


def _is_name(word: str, language: str, *, opens: bool) -> bool:
    if _UNSPACED.match(word):
        return False
    if any(character.isdigit() for character in word) or any(character.isupper() for character in word[1:]):
        return True
    return word[0].isupper() and not opens and language not in _CAPITALISED and len(word) > 1


def _said(known: Known, language: str) -> tuple[Keys, Keys, Keys]:
    """What a claim has, what its pages are called, and what the headings above it and its source are called."""
    own = _keys((known.claim.text, known.claim.quote, known.claim.as_of or ""), language)
    called = [form for one in known.claim.names for form in (one.name, *one.aliases)]
    return own, _keys(called, language), _keys((*known.under, known.title, known.claim.by or ""), language)


def _keys(texts: Iterable[str], language: str) -> Keys:
    return frozenset(key for text in texts for keys in keyed(text, language, frozenset()) for key in keys)
