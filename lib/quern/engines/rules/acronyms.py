"""Acronyms and what they stand for: "Program Counter (PC)", "PC (Program Counter)", "程序计数器（PC）"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_SHORT = r"[^\W\d_](?:[\w&./-]{0,9}[^\W_])"
_AFTER = re.compile(rf"([(（\[])\s*[\"“”'‘’*_`]*({_SHORT})s?[\"“”'‘’*_`]*\s*(?:[,;，；][^()（）]*)?[)）\]]")
_BEFORE = re.compile(rf"(?<![\w-])({_SHORT})\s*[(（]\s*([^()（）,;:]{{5,80}}?)\s*[)）]")
_LATIN = re.compile(r"[a-zß-ɏ]", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]+$")
_SKIPPED = frozenset(
    [
        "of",
        "the",
        "and",
        "for",
        "in",
        "on",
        "to",
        "a",
        "an",
        "by",
        "with",
        "at",
        "from",
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "l",
        "d",
        "et",
        "der",
        "die",
        "das",
        "und",
        "für",
        "von",
        "zur",
        "zum",
        "im",
        "y",
        "e",
        "el",
        "los",
        "las",
        "del",
        "da",
        "do",
        "dos",
        "em",
        "para",
        "por",
        "di",
        "della",
        "delle",
        "per",
        "il",
    ]
)
MAX_WORDS = 10


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """(short, long) for each acronym that this text expands."""
    for match in _AFTER.finditer(text):
        short = match[2]
        if _is_short(short):
            long = _long_before(text[: match.start()].rstrip(' "“”*_`'), short)
            if long:
                yield short, long
    for match in _BEFORE.finditer(text):
        short, long = match[1], match[2].strip(" \"“”'*_`")
        words = _WORD.findall(long)
        if _is_short(short) and 2 <= len(words) <= MAX_WORDS and _match(words, short) == 0:
            yield short, long


def glosses(text: str) -> Iterator[tuple[str, str]]:
    """(short, what stands before it) for each Latin acronym in brackets behind another script: "人工智能（AI）".

    Its letters say nothing of where the long form begins; whoever knows the terms of the text can tell.
    """
    for match in _AFTER.finditer(text):
        before = text[: match.start()].rstrip(' "“”*_`')
        is_short = _is_short(match[2]) and match[2].isalnum() and match[2].isupper()
        if is_short and before and not _LATIN.match(before[-1]) and (before[-1].isalpha() or _UNSPACED.search(before)):
            yield match[2], before[-40:]


def _is_short(short: str) -> bool:
    capitals = sum(c.isupper() for c in short)
    return 2 <= len(short) <= 10 and capitals >= 2 and capitals * 2 >= sum(c.isalpha() for c in short)


def _long_before(text: str, short: str) -> str:
    """The words at the end of this text whose letters make this acronym, or nothing."""
    tail = text[-120:]
    for border in ".!?;:,()（）。；：，、|\n":
        tail = tail.rsplit(border, 1)[-1]
    run = _UNSPACED.search(tail)
    if run is not None:
        return ""  # where a term begins in such a run is decided elsewhere (see `unspaced`)
    spans = list(_WORD.finditer(tail))[-MAX_WORDS:]
    start = _match([span[0] for span in spans], short)
    if start is None or len(spans) - start < 2:
        return ""
    return tail[spans[start].start() : spans[-1].end()].strip()


def _plain(text: str) -> str:
    """Without case and accents: the E of EDF is the É of Électricité."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


def _match(words: list[str], short: str) -> int | None:
    """Where among these words the ones begin whose initials, small words apart, are the letters of the acronym.

    Matched from the last word backwards; a letter that begins no word must stand inside the word after ("DNA").
    """
    letters = [c for c in _plain(short) if c.isalnum()]
    if letters[-1:] == ["s"] and not short[-1].isupper():
        letters.pop()
    index = len(words)
    missed = 0
    while letters and index > 0:
        index -= 1
        word = _plain(words[index])
        if word[0] == letters[-1]:
            letters.pop()
        elif len(letters) > 1 and word[0] == letters[-2] and letters[-1] in word[1:]:
            del letters[-2:]
            missed += 1
        elif len(letters) > 2 and word[0] == letters[-3] and letters[-1] in word[2:] and letters[-2] in word[1:]:
            del letters[-3:]
            missed += 1
        elif word not in _SKIPPED:
            return None
    return index if not letters and missed <= 1 else None
