"""Terms that recur: runs of words without a stop word, counted under the stems of their words.

There is no tagger here.
A run ends at punctuation, a stop word, a verb or an empty word ("new", "several"); a word that is both noun and verb is
taken for a verb after "to", a modal or a pronoun, and before an article.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from quern.engines.rules.lexicon import Lexicon
from quern.engines.rules.tokens import Token, tokens

LONGEST = 4  # words in a phrase
MANY = 300_000  # phrases held at once; past this, those seen once are forgotten

BREAK, LINK, ADJECTIVE, NUMBER, NOUN, WORD = range(6)

_VERB_BEFORE = frozenset(
    [
        "to",
        "will",
        "would",
        "can",
        "could",
        "shall",
        "should",
        "may",
        "might",
        "must",
        "cannot",
        "not",
        "i",
        "we",
        "you",
        "they",
        "he",
        "she",
        "it",
        "who",
        "which",
        "that",
        "let",
    ]
)
_VERB_AFTER = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "these",
        "that",
        "those",
        "our",
        "their",
        "its",
        "his",
        "her",
        "my",
        "your",
        "it",
        "them",
        "him",
        "us",
        "me",
        "how",
        "what",
        "whether",
    ]
)

# "By 2023 MeyGen had …" measures nothing.
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")


@dataclass(slots=True)
class Phrase:
    """One term and how it occurs."""

    stems: tuple[str, ...]
    first: int  # number of tokens before its first occurrence
    sorts: tuple[int, ...]
    forms: dict[str, int] = field(default_factory=dict)
    count: int = 0
    units: int = 0
    last_unit: int = -1
    nested: int = 0  # most occurrences inside one longer phrase
    heads: int = 0  # occurrences with no further word of a term behind it: what nouns do, and adjectives do not
    things: int = 0  # occurrences behind an article or an adjective and before no further word: what nouns do
    measured: int = 0  # occurrences behind a number: what units do
    acts: int = 0  # occurrences behind "to", a modal or a pronoun: what verbs do

    @property
    def size(self) -> int:
        return len(self.stems)


class Phrases:
    """The phrases of a text, gathered a unit (paragraph, sentence, heading) at a time."""

    def __init__(self, lexicon: Lexicon, stem: Callable[[str], str]) -> None:
        self.lexicon = lexicon
        self.found: dict[tuple[str, ...], Phrase] = {}
        self.length = 0
        self.units = 0
        self._stems: dict[str, str] = {}
        self._stem = stem

    def stem(self, fold: str) -> str:
        """The stem under which a casefolded word is counted."""
        stem = self._stems.get(fold)
        if stem is None:
            stem = self._stems[fold] = self._stem(fold)
        return stem

    def read(self, text: str, *, counted: bool = True) -> list[Token]:
        """Count the phrases of one unit, and hand back its tokens."""
        found = tokens(text)
        if not counted:
            return found
        if self.lexicon.language == "ko":
            found = list(_parted(found, self.stem))
        sorts = sorts_of(found, self.lexicon)
        for start, end in _runs(found, sorts):
            before = found[start - 1].fold if start and found[start].joined else ""
            self._count(text, found[start:end], sorts[start:end], self.length + start, before)
        self.length += len(found)
        self.units += 1
        if len(self.found) > MANY:
            self.found = {key: phrase for key, phrase in self.found.items() if phrase.count > 1}
        return found

    def _count(self, text: str, run: Sequence[Token], sorts: Sequence[int], offset: int, before: str) -> None:
        stems = [self.stem(token.fold) for token in run]
        for start, end in _spans(sorts):
            key = tuple(stems[start:end])
            phrase = self.found.get(key)
            if phrase is None:
                phrase = self.found[key] = Phrase(key, offset + start, tuple(sorts[start:end]))
            form = text[run[start].start : run[end - 1].end]
            phrase.forms[form] = phrase.forms.get(form, 0) + 1
            phrase.count += 1
            if end == len(run):
                phrase.heads += 1
                phrase.things += start > 0 or before in self.lexicon.articles
            phrase.measured += start > 0 and sorts[start - 1] == NUMBER and not _YEAR.fullmatch(run[start - 1].fold)
            phrase.acts += start == 0 and before in _VERB_BEFORE
            if phrase.last_unit != self.units:
                phrase.last_unit = self.units
                phrase.units += 1

    def nest(self) -> None:
        """Note of each phrase how often it occurs inside the longer one that has it most often."""
        for key, phrase in self.found.items():
            for size in range(1, len(key)):
                for start in range(len(key) - size + 1):
                    inner = self.found.get(key[start : start + size])
                    if inner is not None and inner.nested < phrase.count:
                        inner.nested = phrase.count


def sorts_of(found: Sequence[Token], lexicon: Lexicon) -> list[int]:
    """What each token does in a phrase."""
    sorts = [_sort(token, lexicon) for token in found]
    for index, token in enumerate(found):
        is_verb = token.fold in lexicon.either and _stands_as_verb(found, index)
        if is_verb or (_is_participle(token, lexicon) and not _stands_as_adjective(found, sorts, index)):
            sorts[index] = BREAK
    return sorts


def _is_participle(token: Token, lexicon: Lexicon) -> bool:
    fold = token.fold
    if fold in lexicon.participles:
        return True
    regular = lexicon.language == "en" and fold.endswith("ed") and len(fold) > 4 and not fold.endswith("eed")
    return regular and token.text.islower() and fold not in lexicon.nouns


def _stands_as_adjective(found: Sequence[Token], sorts: Sequence[int], index: int) -> bool:
    """Whether a participle stands before a noun and behind none: "shared keys", not "keys shared over"."""
    if index + 1 == len(found) or sorts[index + 1] < NOUN or not found[index + 1].joined:
        return False
    if not index or not found[index].joined:
        return True
    return sorts[index - 1] < NUMBER and found[index - 1].fold not in _VERB_BEFORE


def _stands_as_verb(found: Sequence[Token], index: int) -> bool:
    before = found[index - 1].fold if index and found[index].joined else ""
    after = found[index + 1].fold if index + 1 < len(found) and found[index + 1].joined else ""
    return before in _VERB_BEFORE or after in _VERB_AFTER


def _sort(token: Token, lexicon: Lexicon) -> int:
    fold = token.fold
    if fold in lexicon.links:
        return LINK
    if fold in lexicon.stop or fold in lexicon.verbs or fold in lexicon.empty or fold.endswith("'"):
        return BREAK
    if fold in lexicon.nouns:
        return NOUN
    if fold in lexicon.adjectives:
        return ADJECTIVE
    if not any(c.isalpha() for c in fold):
        return NUMBER
    if lexicon.language == "en" and fold.endswith("ly") and len(fold) > 4 and token.text.islower():
        return BREAK
    if len(fold) == 1 and not token.text.isupper():
        return BREAK
    return WORD


def _runs(found: Sequence[Token], sorts: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for index, token in enumerate(found):
        if not token.joined and start < index:
            yield start, index
            start = index
        if sorts[index] == BREAK or token.unspaced:
            if start < index:
                yield start, index
            start = index + 1
    if start < len(found):
        yield start, len(found)


def _spans(sorts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where in a run a phrase may stand: it begins with no link or number, and ends with a noun."""
    for start, first in enumerate(sorts):
        if first in (LINK, NUMBER):
            continue
        words = 0
        for end in range(start + 1, len(sorts) + 1):
            last = sorts[end - 1]
            if last == LINK:
                continue
            words += 1
            if words > LONGEST:
                break
            if last >= NOUN or (last == NUMBER and end - start == 2 and first == WORD):
                yield start, end


def _parted(found: Sequence[Token], stem: Callable[[str], str]) -> Iterator[Token]:
    """The same tokens, with a border behind each Korean word that ends with a particle."""
    ended = False
    for token in found:
        yield token._replace(joined=token.joined and not ended)
        ended = stem(token.fold) != token.fold
