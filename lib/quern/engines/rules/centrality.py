"""Which sentences of a text say what the text says: centrality, with position, title and announcements counted in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from quern.engines.rules.grammar import Grammar
from quern.engines.rules.lexicon import stemmer
from quern.languages import stopwords, words

LENGTH = 0.75
"""How much a long sentence pays for its length: 0 nothing, 1 its full number of words."""
TITLE = 0.4
ANNOUNCES = 0.2
POSITION = 0.1
OVERLAP = 0.75
"""The share of its words from which a sentence only says again what was chosen before it."""

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{2,}")


def rank(sentences: Sequence[str], language: str) -> list[float]:
    """How central each sentence is in a text, 0 to 1.

    A sentence is central if its words are those that many sentences share: the first step of LexRank's walk, which
    takes linear time and chooses as well as the whole walk (`bench/summaries.py` has the figures).
    """
    contents = bags(sentences, language)
    shared = Counter(word for content in contents for word in content)
    scores = [
        sum(shared[word] for word in content) / len(content) ** LENGTH if content else 0.0 for content in contents
    ]
    return _scaled(scores)


def weigh(sentences: Sequence[str], language: str, title: str, grammar: Grammar) -> list[float]:
    """How well each sentence would sum up the text of this title: centrality and what a reader looks for first."""
    central = rank(sentences, language)
    wanted = bags([title], language)[0]
    weights = []
    for place, (sentence, content) in enumerate(zip(sentences, bags(sentences, language), strict=True)):
        weight = central[place] + POSITION / (1 + place)
        if wanted:
            weight += TITLE * len(content & wanted) / len(wanted)
        if grammar["announces"].search(sentence):
            weight += ANNOUNCES
        weights.append(weight)
    return weights


def choose(sentences: Sequence[str], weights: Sequence[float], limit: int, language: str) -> list[int]:
    """The places of the best few sentences, best first, none that only says again what another says."""
    contents = bags(sentences, language)
    chosen: list[int] = []
    for place in sorted(range(len(sentences)), key=lambda place: (-weights[place], place)):
        if len(chosen) == limit:
            break
        content = contents[place]
        if all(_overlap(content, contents[other]) < OVERLAP for other in chosen):
            chosen.append(place)
    return chosen


def bags(sentences: Sequence[str], language: str) -> list[frozenset[str]]:
    """The content of each sentence: stems of words that are no stop words; pairs of characters in unspaced scripts."""
    stem = stemmer(language)
    ignored = stopwords(language)
    return [
        frozenset(
            part
            for word in words(sentence)
            if (folded := word.casefold()) not in ignored
            for part in ([stem(folded)] if not _UNSPACED.fullmatch(folded) else _pairs(folded))
            if len(part) > 1
        )
        for sentence in sentences
    ]


def _pairs(word: str) -> list[str]:
    return [word[place : place + 2] for place in range(len(word) - 1)]


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _scaled(scores: Sequence[float]) -> list[float]:
    highest = max(scores, default=0.0)
    return [score / highest if highest else 0.0 for score in scores]
