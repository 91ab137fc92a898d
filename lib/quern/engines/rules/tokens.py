"""Words where they stand: what phrases, names and mentions are read from.

Unlike `languages.words`, a token knows its place, and whether a border (punctuation, an empty line) parts it from the
one before.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from quern.languages import MARKS

# Scripts written without blanks between words: runs of them are cut into words by recurrence (see `unspaced`).
UNSPACED = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f"
)
# Articles and pronouns that lose their vowel before a word in French, Italian and Catalan.
_ELIDED = "l|d|j|m|n|s|t|c|qu|jusqu|lorsqu|puisqu|quoiqu|un|all|dell|nell|dall|sull|quest|quell|coll"


class Token(NamedTuple):
    """One word of a text."""

    text: str
    fold: str
    start: int
    end: int
    joined: bool  # only blanks part it from the token before
    unspaced: bool = False  # a run in a script without blanks between words


@functools.cache
def _pattern() -> re.Pattern[str]:
    letter = rf"(?:(?![{UNSPACED}_])[\w{MARKS}])"
    inner = (
        r"[-\u2010\u2011'’·_]"
        r"|(?<=[^\W\d_])\.(?=[a-z])"  # "node.js", not "end.Next"
        r"|(?<=\d)[.,](?=\d)"
        r"|(?<=\b[A-Z])[.&/](?=[A-Z])"
        r"|(?<=[A-Z])[&/](?=[A-Z])"
        r"|(?<=[A-Z][A-Z])\.(?=\d)"  # "ID.3"
    )
    last = r"(?<=\b[A-Z]\.[A-Z])\."  # "U.S."
    word = rf"{letter}+(?:(?!['’]s\b)(?:{inner}){letter}+)*(?:\+\+|\#(?!\w)|{last})?"
    unspaced = rf"[{UNSPACED}](?:[{UNSPACED}{MARKS}])*"
    return re.compile(
        rf"(?P<unspaced>{unspaced})|(?P<clitic>\b(?i:{_ELIDED})['’](?={letter})|(?<=\w)['’]s\b)|(?P<word>{word})"
    )


def tokens(text: str) -> list[Token]:
    """The words of a text in order. English 's and elided articles ("l'") are tokens of their own."""
    found: list[Token] = []
    end = 0
    for match in _pattern().finditer(text):
        start = match.start()
        word = match[0]
        joined = bool(found) and _joins(text[end:start], found[-1].text, word)
        fold = word.casefold().replace("’", "'")
        found.append(Token(word, fold, start, match.end(), joined, match["unspaced"] is not None))
        end = match.end()
    return found


def _joins(gap: str, before: str, after: str) -> bool:
    """Whether a gap between tokens is no border: blanks, a line break at most, an ampersand, the dot of an initial.

    So is the dot between two words in capitals, of which the first is short: "VW ID. SPACE".
    """
    if before.endswith("."):
        return False  # "the U.S. Senate" and "in the U.S. Nobody …" look the same
    if gap in {"", " ", " & "}:
        return True
    if gap.strip() == "." and gap[0] == ".":
        return before.isupper() and (len(before) == 1 or (len(before) < 4 and len(after) > 1 and after.isupper()))
    return not gap.strip() and gap.count("\n") < 2
