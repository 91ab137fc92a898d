"""What a plain text is about, in a few phrases: the scoring of recurring terms on its own, as a ranking."""

from __future__ import annotations

import re

from quern.engines.rules.lexicon import lexicon, stemmer
from quern.engines.rules.phrases import ADJECTIVE, LINK, NOUN, NUMBER, Phrase, Phrases

_SIZES = (0.5, 1.0, 1.05, 0.7)  # what a phrase of one, two, three, four words is worth
_SORTS = {NOUN: 0.8, ADJECTIVE: 0.75, NUMBER: 0.4, LINK: 0.45}  # what a common word takes from a longer phrase
_LONE_NOUN = 0.4
_NESTED = 0.75  # how much of an occurrence belongs to the longer phrase around it
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")


def keyphrases(text: str, language: str, limit: int = 10) -> list[str]:
    """The phrases that a text is about, best first, as they are mostly written."""
    phrases = Phrases(lexicon(language), stemmer(language))
    for paragraph in _PARAGRAPH.split(text):
        phrases.read(paragraph)
    phrases.nest()
    scored = {key: _score(phrase, phrases.length) for key, phrase in phrases.found.items()}
    best = sorted(phrases.found.values(), key=lambda phrase: (-scored[phrase.stems], phrase.first, phrase.stems))
    return [" ".join(max(phrase.forms, key=lambda form: (phrase.forms[form], form)).split()) for phrase in best[:limit]]


def _score(phrase: Phrase, length: int) -> float:
    """How much a phrase says of a text of this many words: how often, where first, how long, how common its words."""
    own = phrase.count - _NESTED * phrase.nested
    score: float = (own if own > 0 else 0.1 * phrase.count / (1 + phrase.count)) ** 0.65
    words = sum(sort != LINK for sort in phrase.sorts)
    score *= _SIZES[words - 1]
    if words == 1:
        score *= _LONE_NOUN if phrase.sorts[0] == NOUN else 1.0
    else:
        for sort in phrase.sorts:
            score *= _SORTS.get(sort, 1.0)
    score *= (phrase.units / phrase.count) ** 0.2
    late: float = (1 + phrase.first / (0.03 * length + 30)) ** 0.33
    return score / late
