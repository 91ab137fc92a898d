"""Misspelt and misheard words: what may be one word written in two ways."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_UMLAUTS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})


@lru_cache(maxsize=65536)
def plain(key: str) -> str:
    """A key without accents, on Latin letters only: in other scripts a mark makes another letter."""
    if key.isascii():
        return key
    kept = ""
    for char in unicodedata.normalize("NFD", key.translate(_UMLAUTS)):
        if unicodedata.combining(char) and kept and kept[-1].isascii():
            continue
        kept += char
    return unicodedata.normalize("NFC", kept)


_OPPOSITES = (("macro", "micro"), ("inter", "intra"), ("hyper", "hypo"), ("endo", "exo"), ("over", "under"))


def near(a: str, b: str, fuzzy: float, *, sure: bool) -> bool:
    """Whether two words are one, misspelt. `sure`: what stands around them says that they are meant to be one."""
    from rapidfuzz import fuzz

    if min(len(a), len(b)) < 5 or not (a + b).isalpha() or a[0] != b[0]:
        return False
    if sure and _swapped(a, b):
        return True
    if min(len(a), len(b)) < 6:
        return False
    if undoubled(a) == undoubled(b):
        return True
    if a[-1] != b[-1] or any({a[: len(x)], b[: len(y)]} == {x, y} for x, y in _OPPOSITES):
        return False
    # "Marina" and "Martina", "mediation" and "meditation" are two, and nothing around them says otherwise.
    return fuzz.ratio(a, b) >= fuzzy and (sure or min(len(a), len(b)) > 11 or _vowel_missing(a, b))


def _swapped(a: str, b: str) -> bool:
    """Whether two neighbours have changed places."""
    places = [at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y]
    if len(a) != len(b) or len(places) != 2 or places[1] != places[0] + 1:
        return False
    return a[places[0]] == b[places[1]] and a[places[1]] == b[places[0]]


def undoubled(word: str) -> str:
    """A word with each letter once where it stands twice."""
    return re.sub(r"(.)\1+", r"\1", word)


def _vowel_missing(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return len(long) == len(short) + 1 > 8 and any(
        char in "aeiouyh" and long[:place] + long[place + 1 :] == short for place, char in enumerate(long)
    )


_SOUNDS = (("ph", "f"), ("ck", "k"), ("ch", "k"), ("sh", "s"), ("th", "t"), ("gh", "g"), ("x", "ks"), ("wh", "w"))
_CLASSES = str.maketrans("cqgbdvzj" + "eiouy", "kkkptfss" + "aaaaa")


@lru_cache(maxsize=65536)
def sound(key: str) -> str:
    """The sound of a word in Latin letters, roughly: consonants that are misheard for each other are one."""
    for letters, one in _SOUNDS:
        key = key.replace(letters, one)
    key = undoubled(key.translate(_CLASSES))
    return key[:1] + key[1:].replace("a", "").replace("h", "")
