"""Proper names, told by their capitals.

A capital says something only where no rule of spelling asks for one: not at the start of a sentence, not in a headline
in Title Case or CAPITALS, and in German not on a lone noun.
What all places of a word say together decides, so a text is read twice: `Capitals.read` everything, then `names`.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from quern.engines.rules.lexicon import Lexicon
from quern.engines.rules.tokens import Token
from quern.names import persons

# Small words that may stand inside a name.
INNER = frozenset(
    [
        "of",
        "de",
        "du",
        "des",
        "del",
        "della",
        "di",
        "da",
        "do",
        "dos",
        "das",
        "d'",
        "l'",
        "la",
        "le",
        "les",
        "las",
        "los",
        "el",
        "van",
        "von",
        "der",
        "den",
        "zu",
        "zur",
        "ten",
        "ter",
        "y",
        "i",
        "e",
        "bin",
        "ibn",
        "al",
    ]
)
ARTICLES = frozenset({"la", "le", "el", "los", "las", "les"})  # of names: "La Rance"
# Titles that stay part of a name: "Queen Victoria", "Saint Helena".
NOBLE = frozenset("king queen prince princess saint emperor empress pope lady lord könig königin reine roi rey".split())  # noqa: SIM905
# "al-Tanf", "el-Sisi", "Ibn-Sina": an Arabic article before a name is written small.
_ARABIC = re.compile(r"(?:a[dlnrstz]|ash|el|ibn|abu)-[^\W\d_]", re.IGNORECASE)
_NUMERAL = re.compile(r"[\d.,-]+")
# English verbs that the lexicon has as adjectives alone: "Open File Explorer".
VERBS_TOO = frozenset({"open", "clear", "empty"})
_ROMAN = re.compile(r"[IVXLC]+")
LONGEST = 7


@functools.lru_cache(maxsize=65536)
def is_strong(word: str) -> bool:
    """Whether a word is spelt as a name wherever it stands: NASA, GitHub, iPhone, GPT-4."""
    return 1 < len(word) <= 24 and word[0].isalnum() and _strong_inside(word) and not _ROMAN.fullmatch(word)


def _strong_inside(word: str) -> bool:
    rest = word[1:]
    arabic = _ARABIC.match(word) if "-" in word else None
    if arabic is not None:
        return word[arabic.end() - 1].isupper()
    if "-" in word and not any(c.isdigit() for c in word):
        # "Anglo-Saxon" is capitalised twice by rule, "co-Founder" by whim.
        return any(c.isupper() for part in word.split("-") for c in part[1:])
    return any(c.isupper() for c in rest) or (word[0].isupper() and any(c.isdigit() for c in rest) and rest.isalnum())


class Capitals:
    """How each word of a text is capitalised, over all its places."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._bare = lexicon.stop | lexicon.empty | lexicon.verbs | VERBS_TOO
        self._titles = lexicon.clues["titles"] - NOBLE
        self.inside: Counter[str] = Counter()  # capital, and no rule asks for it
        self.low: Counter[str] = Counter()
        self.opening: Counter[str] = Counter()  # capital where a sentence begins
        self.runs: Counter[tuple[str, ...]] = Counter()  # names of several words, where no rule asks for capitals

    def read(self, text: str, found: Sequence[Token], *, headline: bool) -> None:
        """Count the capitals of one sentence or heading."""
        free = not shouts(found, self.lexicon, headline=headline)
        for index, token in enumerate(found):
            if token.text[0].isupper():
                if free:
                    (self.opening if opens(text, found, index) else self.inside)[token.fold] += 1
            elif token.text[0].isalpha():
                self.low[token.fold] += 1
        if free:
            for start, end in self._runs(found):
                if not opens(text, found, start):
                    self.runs[tuple(token.fold for token in found[start:end])] += 1

    def names(self, text: str, found: Sequence[Token], *, headline: bool) -> Iterator[tuple[int, int]]:
        """The proper names of one sentence, as ranges of its tokens."""
        if shouts(found, self.lexicon, headline=headline):
            return
        for start, end in self._runs(found):
            for first, last in self._trim(text, found, start, end):
                if last - first > 1 or self.is_name(found[first]):
                    yield first, last
                    longer = self._kind_after(found, last)
                    if longer > last:
                        yield first, longer

    def _kind_after(self, found: Sequence[Token], end: int) -> int:
        """Where a name ends that goes on with what kind of place it is: "Rance tidal power station"."""
        lexicon = self.lexicon
        for index in range(end, min(end + 3, len(found))):
            token = found[index]
            if not token.joined or not token.text.islower() or token.fold in self._bare:
                break
            if token.fold in lexicon.clues["places"]:
                return index + 1
        return end

    def is_name(self, token: Token) -> bool:
        """Whether a lone capitalised word is a proper name."""
        word, fold = token.text, token.fold
        if len(word) < 2 or _ROMAN.fullmatch(word):
            return False
        if word.isupper() and len(word) > 6 and not self.inside[fold]:
            return False  # a dateline: "WASHINGTON (AP)"
        if is_strong(word):
            if fold in self.lexicon.nouns:
                return False  # "PR", "ID"
            return fold not in self.lexicon.stop or self.inside[fold] > self.low[fold]
        lexicon = self.lexicon
        if lexicon.language == "de" or fold in lexicon.stop or fold in lexicon.empty or fold in lexicon.adjectives:
            return False
        if lexicon.common(fold):
            seldom_small = self.low[fold] * 10 <= self.inside[fold]
            return self.inside[fold] >= 4 and seldom_small and fold in lexicon.verbs - lexicon.clues["titles"]
        if self.inside[fold]:
            return self.low[fold] <= self.inside[fold] * 2 if self.inside[fold] > 1 else self.low[fold] == 0
        return self.opening[fold] >= 3 and not self.low[fold] and not fold.endswith(("ed", "ing", "ly"))

    def _trim(self, text: str, found: Sequence[Token], start: int, end: int) -> Iterator[tuple[int, int]]:
        """A run of capitalised words without what does not belong to the name at its ends."""
        lexicon = self.lexicon
        if opens(text, found, start) and not self._opens_name(found, start, end):
            start += 1
        while start < end and (self._loose(found[start]) or _NUMERAL.fullmatch(found[start].fold)):
            start += 1
        if lexicon.language == "de" and start + 1 < end and self._is_apposition(found[start].fold):
            start += 1
        start = self._person_at(found, start, end)
        while start < end and (self._loose(found[end - 1], last=True) or found[end - 1].fold == "'s"):
            end -= 1
        if start < end and end - start <= LONGEST and self._tells(found, start, end):
            yield start, end

    def _person_at(self, found: Sequence[Token], start: int, end: int) -> int:
        """Where a person's name begins behind who that is: "Israeli Prime Minister | Benjamin Netanyahu"."""
        lexicon, given = self.lexicon, persons.given()[0]
        for index in range(start + 1, end - 1):
            before = found[index - 1].fold
            if found[index].fold in given and before in lexicon.clues["titles"] and found[index + 1].text[0].isupper():
                rest = (token.fold for token in found[start : index - 1])
                known = lexicon.demonyms | self._titles | lexicon.clues["groups"] | lexicon.clues["places"] | INNER
                return index if all(fold in known or lexicon.common(fold) for fold in rest) else start
        return start

    def _opens_name(self, found: Sequence[Token], start: int, end: int) -> bool:
        """Whether the word that begins a sentence begins this name too: "Jane Smith said", not "However Smith said"."""
        first = found[start]
        if is_strong(first.text) or self.runs[tuple(token.fold for token in found[start:end])]:
            return True
        if first.fold == "new" and end - start > 1:
            return not self.lexicon.common(found[start + 1].fold)
        if first.fold in self._bare or (first.fold.endswith("ly") and len(first.fold) > 6):
            return False
        return self.inside[first.fold] > 0 or (
            end - start > 1 and not self.lexicon.common(first.fold) and not self.low[first.fold]
        )

    def _runs(self, found: Sequence[Token]) -> Iterator[tuple[int, int]]:
        """Runs of capitalised words; in German, where nouns have capitals, small words join those of persons only."""
        for start, end in _runs(found):
            if self.lexicon.language != "de" or found[start].fold in persons.given()[0]:
                yield start, end
                continue
            first = start
            for index in range(start, end):
                if found[index].fold in INNER and found[index].text.islower():
                    if first < index:
                        yield first, index
                    first = index + 1
            if first < end:
                yield first, end

    def _is_apposition(self, fold: str) -> bool:
        """Whether a German noun before a name says what bears it: "Bundeskanzlerin Angela Merkel", "Betreiber EDF"."""
        clues = self.lexicon.clues
        kinds = clues["places"] | clues["groups"] | clues["works"]
        ends = ("kanzler", "minister", "präsident", "direktor", "leiter", "chef", "sprecher", "betreiber", "hersteller")
        return (fold in self.lexicon.nouns and fold not in kinds) or fold.removesuffix("in").endswith(ends)

    def _loose(self, token: Token, *, last: bool = False) -> bool:
        """Whether a word belongs to no name at this end of it: articles, months, titles, inner words."""
        fold = token.fold
        if len(fold) == 1 and token.text.isupper() and fold not in "ai":
            return False
        if last:
            stop = fold in self.lexicon.stop or fold in self.lexicon.clues["titles"]
            return fold in INNER or (stop and not is_strong(token.text))
        if fold in self._titles:
            return True
        if fold in ARTICLES:
            return token.text[0].islower()
        # "US" is no "us", where that is written oftener.
        spelt = is_strong(token.text) and self.inside[fold] > self.low[fold]
        return (fold in self.lexicon.stop and not spelt) or (fold in INNER and token.text[0].islower())

    def _tells(self, found: Sequence[Token], start: int, end: int) -> bool:
        """Whether these capitals are more than German nouns or dates."""
        lexicon = self.lexicon
        run = found[start:end]
        if len(run) > 1 and lexicon.common(run[0].fold) and all(_NUMERAL.fullmatch(token.fold) for token in run[1:]):
            return False  # "Chapter 3", "Figure 4-1"
        if all(token.fold in lexicon.empty or token.fold.isdigit() for token in run):
            return False
        if lexicon.language != "de" or end - start == 1:
            return True
        words = [token for token in run if token.text[0].isupper()]
        return any(is_strong(token.text) for token in words) or not any(lexicon.common(token.fold) for token in words)


def shouts(found: Sequence[Token], lexicon: Lexicon, *, headline: bool) -> bool:
    """Whether capitals say nothing here: a headline in Title Case, or all in CAPITALS."""
    words = [token.text for token in found if token.text[0].isalpha() and token.fold not in lexicon.stop]
    if len(words) < 2:
        return headline
    if all(word.isupper() for word in words):
        return True
    upper = sum(word.isupper() and len(word) > 1 for word in words)
    if upper * 10 >= len(words) * 6 and len(words) > 2:
        return True
    long = [word for word in words[1:] if len(word) > 3]
    capitals = sum(word[0].isupper() for word in long)
    return capitals * 10 >= len(long) * (6 if headline else 8) and (headline or len(long) > 5)


def opens(text: str, found: Sequence[Token], index: int) -> bool:
    """Whether a sentence, a cell or a quotation begins at this token, so that a rule asks for its capital."""
    if index == 0:
        return True
    gap = text[found[index - 1].end : found[index].start]
    return not found[index].joined and any(c in gap for c in '.!?…:;|•·–—\n"“«„»(')


def _runs(found: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words, small inner words between them included."""
    start = end = -1
    for index, token in enumerate(found):
        capital = token.text[0].isupper() or is_strong(token.text)
        number = token.fold.isdigit() and len(token.fold) < 4
        inner = token.fold in INNER or (token.fold == "the" and found[index - 1].fold == "of")
        if start >= 0 and not (token.joined and (capital or number or inner)):
            yield start, end
            start = -1
        if capital:
            start = index if start < 0 else start
            end = index + 1
        elif number and start >= 0 and end == index:
            end = index + 1
    if start >= 0:
        yield start, end
