"""Words where they stand: what phrases, names and mentions are read from.

Unlike `languages.words`, a token knows its place and whether a border (punctuation, a line) parts it from the one before.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import NamedTuple

# Scripts written without blanks between words: runs of them are cut into words by recurrence (see `unspaced`).
UNSPACED = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"
)
ELISIONS = {
    "fr": ("l", "d", "j", "m", "n", "s", "t", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"),
    "it": ("l", "d", "c", "un", "all", "dell", "nell", "dall", "sull", "quest", "quell", "coll"),
    "ca": ("l", "d", "m", "n", "s", "t"),
}


class Token(NamedTuple):
    """One word of a text."""

    text: str
    fold: str
    start: int
    end: int
    joined: bool  # only blanks part it from the token before
    unspaced: bool = False  # a run in a script without blanks between words


@functools.lru_cache
def _pattern(language: str) -> re.Pattern[str]:
    marks = "".join(chr(c) for c in range(0x300, 0x1D00) if unicodedata.category(chr(c))[0] == "M")
    letter = rf"(?:(?![{UNSPACED}_])[\w{marks}])"
    # An inner dot stands before a small letter or digit, or after an initial: "node.js", "3.5", "U.S", not "end.Next".
    inner = rf"[-\u2010\u2011'’·]|(?<=[^\W\d_])\.(?=[a-z])|(?<=\d)[.,](?=\d)|(?<=\b[A-Z])[.&/](?=[A-Z])|(?<=[A-Z])[&/](?=[A-Z])|_"
    elided = "|".join(ELISIONS.get(language, ()))
    elision = rf"\b(?P<elided>(?i:{elided})['’])(?={letter})|" if elided else ""
    possessive = r"(?P<possessive>(?<=\w)['’]s\b)|" if language == "en" else ""
    stop = r"(?!['’]s\b)" if language == "en" else ""
    word = rf"{letter}+(?:{stop}(?:{inner}){letter}+)*(?:\+\+|\#(?!\w))?"
    return re.compile(rf"{elision}{possessive}(?P<unspaced>[{UNSPACED}{marks}]*[{UNSPACED}][{UNSPACED}{marks}]*)|(?P<word>{word})")


def tokens(text: str, language: str = "en") -> list[Token]:
    """The words of a text in order. English 's and the elided articles of French and Italian are tokens of their own."""
    found: list[Token] = []
    end = 0
    for match in _pattern(language).finditer(text):
        start = match.start()
        word = match[0]
        joined = bool(found) and _joins(text[end:start], found[-1].text)
        found.append(Token(word, word.casefold(), start, match.end(), joined, match["unspaced"] is not None))
        end = match.end()
    return found


def _joins(gap: str, before: str) -> bool:
    """Whether a gap between two tokens is no border: blanks, one line break at most, or the dot of an initial."""
    if not gap or gap == " ":
        return True
    if gap.strip() == "." and gap[0] == ".":
        return len(before) == 1 and before.isupper()
    return not gap.strip() and gap.count("\n") < 2
