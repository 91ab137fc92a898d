"""Terms in scripts without blanks between words (Chinese, Japanese, Thai …), found by their recurrence.

Nothing here knows words.
A run of characters is cut at function words; a piece of it is a term if it recurs among different neighbours
and not only inside one longer piece.
In Japanese a change from kanji or katakana to hiragana is a border too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from quern.engines.rules.lexicon import Lexicon

LONGEST = 8  # characters (Chinese) or clusters (Thai) of a term
LEAST = 2
MANY = 400_000  # characters read for recurrence; a term that matters is there

# What a Thai reader sees as one: a consonant with the vowels before, above, below and behind it.
_THAI = re.compile(
    r"[\u0e40-\u0e44]?[\u0e01-\u0e30\u0e32\u0e33\u0e45\u0e46][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*[\u0e30\u0e32\u0e33\u0e45]?"
)
_HAN = re.compile(r"[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_JAPANESE = re.compile(r"[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\u30a0-\u30fa\u30fc-\u30ff]+")
_KATAKANA = re.compile(r"[\u30a0-\u30ff]+")


def recurring(runs: Sequence[str], lexicon: Lexicon) -> dict[str, int]:
    """The terms in these runs and how often they occur."""
    pieces = list(_pieces(runs, lexicon))
    if lexicon.language == "ja":
        return _maximal(pieces, lexicon)
    found = {gram: count for gram, count in _free(_counts(pieces), pieces).items() if not lexicon.common(gram)}
    return _nouns(found, runs) if lexicon.language == "zh" else found


# Chinese characters that count things; a piece that begins with one and goes on with another piece is cut short.
_COUNTING = "个個篇轮種种次条項项款类套台本每某些位名层"
# Characters that stand before nouns, and those that stand before verbs and adjectives, in Chinese.
_BEFORE_NOUN = "的个種种这該该此些位名条项款类套台本每某新老旧于從从在和与或对"
_BEFORE_OTHER = "不会能要可来去很更最太所正将没被地得都也就再还才必须应该如何怎么"


def _nouns(found: dict[str, int], runs: Sequence[str]) -> dict[str, int]:
    """Those of two characters, most of which are no names, only where they behave as nouns."""
    found = {gram: count for gram, count in found.items() if not (gram[0] in _COUNTING and len(gram) < 5)}
    short = sorted(gram for gram in found if len(gram) == 2)
    if not short:
        return found
    nouns: Counter[str] = Counter()
    others: Counter[str] = Counter()
    pattern = re.compile(f"([{_BEFORE_NOUN}{_BEFORE_OTHER}])(?=({'|'.join(short)}))")
    for run in runs:
        for before, gram in pattern.findall(run):
            (nouns if before in _BEFORE_NOUN else others)[gram] += 1
    return {
        gram: count
        for gram, count in found.items()
        if len(gram) > 2 or (nouns[gram] >= 2 and nouns[gram] > 2 * others[gram] and nouns[gram] * 8 >= count)
    }


def _pieces(runs: Iterable[str], lexicon: Lexicon) -> Iterator[tuple[str, ...]]:
    """The runs, cut at function words, as sequences of characters or clusters."""
    breaks = sorted(lexicon.empty | lexicon.stop, key=lambda word: (-len(word), word))
    cut = re.compile("|".join(map(re.escape, breaks))) if breaks and lexicon.language == "zh" else None
    size = 0
    for run in runs:
        size += len(run)
        if size > MANY:
            return
        if lexicon.language == "ja":
            parts = _JAPANESE.findall(run)
        elif "\u0e00" <= run[0] <= "\u0e7f":
            yield tuple(_THAI.findall(run))
            continue
        else:
            parts = [part for han in _HAN.findall(run) for part in (cut.split(han) if cut else [han])]
        for part in parts:
            if len(part) >= LEAST:
                yield tuple(part)


def _maximal(pieces: list[tuple[str, ...]], lexicon: Lexicon) -> dict[str, int]:
    """Japanese: kanji and katakana between hiragana are words by themselves."""
    counts = Counter("".join(piece) for piece in pieces)
    return {
        word: count
        for word, count in counts.items()
        if 2 <= len(word) <= 2 * LONGEST
        and not (_KATAKANA.fullmatch(word) and len(word) < 3)
        and not lexicon.common(word)
    }


def _counts(pieces: list[tuple[str, ...]]) -> dict[str, Counter[tuple[str, ...]]]:
    """How often each piece of a size occurs; a longer piece is only counted where its parts recur."""
    levels: dict[str, Counter[tuple[str, ...]]] = {}
    before: Counter[tuple[str, ...]] = Counter()
    for size in range(LEAST, LONGEST + 2):
        level: Counter[tuple[str, ...]] = Counter()
        for piece in pieces:
            for start in range(len(piece) - size + 1):
                gram = piece[start : start + size]
                if size == LEAST or (before[gram[1:]] > 1 and before[gram[:-1]] > 1):
                    level[gram] += 1
        before = Counter({gram: count for gram, count in level.items() if count > 1})
        if not before:
            break
        levels[str(size)] = before
    return levels


def _free(levels: dict[str, Counter[tuple[str, ...]]], pieces: list[tuple[str, ...]]) -> dict[str, int]:
    """The pieces that stand on their own: among several neighbours on both sides, not only inside a longer one."""
    counts = {gram: count for level in levels.values() for gram, count in level.items() if len(gram) <= LONGEST}
    nested: dict[tuple[str, ...], int] = {}
    for level in levels.values():
        for gram, count in level.items():
            for inner in (gram[1:], gram[:-1]):
                if inner in counts:
                    nested[inner] = max(nested.get(inner, 0), count)
    neighbours: dict[tuple[str, ...], tuple[set[str], set[str]]] = {}
    for piece in pieces:
        for size in range(LEAST, LONGEST + 1):
            for start in range(len(piece) - size + 1):
                gram = piece[start : start + size]
                if gram in counts:
                    left, right = neighbours.setdefault(gram, (set(), set()))
                    left.add(piece[start - 1] if start else f"^{len(left)}")
                    right.add(piece[start + size] if start + size < len(piece) else f"${len(right)}")
    least = {gram: 2 if len(gram) > 3 else 3 for gram in counts}
    return {
        "".join(gram): count
        for gram, count in counts.items()
        if count >= least[gram]
        and min(map(len, neighbours[gram])) >= 2
        and count - nested.get(gram, 0) >= max(1, count // 4)
    }
