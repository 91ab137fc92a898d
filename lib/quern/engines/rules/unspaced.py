"""Terms in scripts without blanks between words (Chinese, Japanese, Thai …), found by their recurrence.

Nothing here knows words.
A run of characters is cut at function words; a piece of it is a term if it recurs among different neighbours
and not only inside one longer piece.
In Japanese a change from kanji or katakana to hiragana is a border too, and what stands between two is a word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from quern.engines.rules.lexicon import Lexicon

LONGEST = 16  # characters (Chinese) or clusters (Thai) of a term
MANY = 400_000  # characters read for recurrence; a term that matters is there

Gram = tuple[str, ...]

# What a Thai reader sees as one: a consonant with the vowels before, above, below and behind it.
_THAI = re.compile(
    r"[\u0e40-\u0e44]?[\u0e01-\u0e30\u0e32\u0e33\u0e45\u0e46][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*[\u0e30\u0e32\u0e33\u0e45]?"
)
_HAN = re.compile(r"[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_JAPANESE = re.compile(r"[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\u30a0-\u30fa\u30fc-\u30ff]+")
_KATAKANA = re.compile(r"[\u30a0-\u30ff]+")

# Chinese function words of one character that are seldom part of another word,
_CUTTING = frozenset("的了是在和与及或也都就而但这那我你他她它吗呢吧把被很更最")
# and those with which no term begins or ends, though they stand in many.
_NO_START = (
    "会能要可有无不将还又再于以为对向从让使给等其之中上下里到出来去过着得地一二三两四五六七八"
    "九十几多个個篇轮種种次条項项款套台每某些位"
)
_NO_END = "会要有无不将还又再于以为对向从让使给等其之来去过着得地到出"
# Characters that stand before nouns, and those that stand before verbs and adjectives, in Chinese.
_BEFORE_NOUN = "的个種种这該该此些位名条项款类套台本每某新老旧于從从在和与或对"
_BEFORE_OTHER = "不会能要可来去很更最太所正将没被地得都也就再还才必须应该如何怎么"


def recurring(runs: Sequence[str], lexicon: Lexicon) -> dict[str, int]:
    """The terms in these runs and how often they occur."""
    if lexicon.language == "ja":
        return _japanese(runs, lexicon)
    pieces = list(_pieces(runs, lexicon))
    found = {"".join(gram): count for gram, count in _free(pieces).items()}
    found = {word: count for word, count in found.items() if not lexicon.common(word)}
    return _chinese(found, runs) if lexicon.language == "zh" else found


def _japanese(runs: Sequence[str], lexicon: Lexicon) -> dict[str, int]:
    """Kanji and katakana between hiragana; two kanji, which most common words are, must recur oftener."""
    counts = Counter(word for run in runs for word in _JAPANESE.findall(run))
    return {
        word: count
        for word, count in counts.items()
        if 2 <= len(word) <= LONGEST
        and count >= (4 if len(word) == 2 else 2)
        and not (len(word) == 2 and _KATAKANA.fullmatch(word))
        and not lexicon.common(word)
    }


def _chinese(found: dict[str, int], runs: Sequence[str]) -> dict[str, int]:
    """Those with sensible ends; of two characters, which most common words have, only what behaves as nouns do."""
    found = {word: count for word, count in found.items() if word[0] not in _NO_START and word[-1] not in _NO_END}
    short = sorted(word for word in found if len(word) == 2)
    nouns: Counter[str] = Counter()
    others: Counter[str] = Counter()
    pattern = re.compile(f"([{_BEFORE_NOUN}{_BEFORE_OTHER}])(?=({'|'.join(short) or '(?!)'}))")
    for run in runs:
        for before, word in pattern.findall(run):
            (nouns if before in _BEFORE_NOUN else others)[word] += 1
    return {
        word: count
        for word, count in found.items()
        if len(word) > 2 or (nouns[word] >= 2 and nouns[word] > 2 * others[word] and nouns[word] * 8 >= count)
    }


def _pieces(runs: Sequence[str], lexicon: Lexicon) -> Iterator[Gram]:
    """The runs, cut at function words, as sequences of characters or clusters."""
    breaks = [word for word in lexicon.empty if len(word) > 1 or word in _CUTTING]
    cut = re.compile("|".join(map(re.escape, sorted(breaks, key=lambda word: (-len(word), word)))) or "(?!)")
    size = 0
    for run in runs:
        size += len(run)
        if size > MANY:
            return
        if "\u0e00" <= run[0] <= "\u0e7f":
            yield tuple(_THAI.findall(run))
            continue
        for han in _HAN.findall(run):
            yield from (tuple(part) for part in cut.split(han) if len(part) > 1)


def _free(pieces: Sequence[Gram]) -> dict[Gram, int]:
    """The pieces that stand on their own: among several neighbours on both sides, not only inside a longer one."""
    counts = _counts(pieces)
    nested: Counter[Gram] = Counter()
    for gram, count in counts.items():
        for inner in (gram[1:], gram[:-1]):
            nested[inner] = max(nested[inner], count)
    lefts, rights = _neighbours(pieces, counts)
    return {
        gram: count
        for gram, count in counts.items()
        if count >= (2 if len(gram) > 3 else 3)
        and min(lefts[gram], rights[gram]) >= 2
        and count - nested[gram] >= max(1, count // 4)
    }


def _counts(pieces: Sequence[Gram]) -> dict[Gram, int]:
    """How often each piece occurs, if it recurs; a longer piece is only counted where its two halves recur."""
    found: dict[Gram, int] = {}
    before: dict[Gram, int] = {}
    for size in range(2, LONGEST + 1):
        level: Counter[Gram] = Counter()
        for piece in pieces:
            for start in range(len(piece) - size + 1):
                gram = piece[start : start + size]
                if size == 2 or (gram[1:] in before and gram[:-1] in before):
                    level[gram] += 1
        before = {gram: count for gram, count in level.items() if count > 1}
        if not before:
            break
        found.update(before)
    return found


def _neighbours(pieces: Sequence[Gram], counts: dict[Gram, int]) -> tuple[dict[Gram, int], dict[Gram, int]]:
    """How many different neighbours each piece has on its left and on its right; each border is another one."""
    longest = max(map(len, counts), default=0)
    lefts: dict[Gram, set[str]] = {gram: set() for gram in counts}
    rights: dict[Gram, set[str]] = {gram: set() for gram in counts}
    for number, piece in enumerate(pieces):
        for start in range(len(piece)):
            for end in range(start + 2, min(start + longest, len(piece)) + 1):
                gram = piece[start:end]
                if gram not in counts:
                    break  # no longer one recurs either
                lefts[gram].add(piece[start - 1] if start else f"^{number}")
                rights[gram].add(piece[end] if end < len(piece) else f"${number}")
    return _sizes(lefts), _sizes(rights)


def _sizes(side: dict[Gram, set[str]]) -> dict[Gram, int]:
    return {gram: len(found) for gram, found in side.items()}
