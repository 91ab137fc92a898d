"""Normal forms of names: what two spellings have in common, and the keys to look a name up by."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def listed(words: str) -> frozenset[str]:
    """The words of a list that reads as prose."""
    return frozenset(words.split())


# Only articles that are nothing else at the head of a name: "La Rance" is not the river Rance, "die casting" is no
# casting, "El Salvador" is no Salvador, and an "A" is as often a letter ("A* search").
ARTICLES = listed("the der das dem ein eine einen einem le les une una")

# Legal forms of companies. The first are nothing else wherever they stand; the others only count at the end.
LEGAL_ANYWHERE = listed(
    "inc incorporated ltd limited gmbh mbh bv nv plc llc llp kgaa oyj aktiengesellschaft gesellschaft vennootschap"
)
LEGAL = LEGAL_ANYWHERE | listed(
    "ag sa se lp corp corporation co company cie kg ohg ev oy ab asa aps spa srl sarl sas kk pty pte sl sro doo zrt "
    "kft cv naamloze naamlooze besloten"
)

APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
# A word: letters, marks and digits; dots, apostrophes and ampersands inside it; plus signs and sharps at its end.
_TOKEN = re.compile(r"(?:(?<![^\s(/])\.(?=[^\W\d_]))?[^\s.'&+#]+(?:[.'&][^\s.'&+#]+)*'?\.?[+#]*")
# "N.V.Nutricia" and "F.Hoffmann" lack a blank; so does "IndustriesB.V.".
_INITIAL = re.compile(r"(?<![^\W_])([^\W\d_]\.)(?=[^\W\d_]{2})")
_APART = re.compile(r"[^a-z0-9.'&+#]")
_GLUED = re.compile(r"(?<=[^\W\d_]{3})(?=(?:b\.v|n\.v|s\.a)\b\.?(?!\w))")


def is_word(char: str) -> bool:
    """Whether a character is part of a word: a letter, a digit, a mark or a joiner."""
    return char.isalnum() or unicodedata.category(char)[0] == "M" or char in "\u200c\u200d"


def attached(text: str) -> str:
    """The text without marks that stand on no letter."""
    if text.isascii():
        return text
    kept = ""
    for char in text:
        if unicodedata.category(char)[0] != "M" or (
            kept and (kept[-1].isalnum() or unicodedata.category(kept[-1])[0] in "MS")
        ):
            kept += char
    return kept


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, folded: what two spellings of one name have in common."""
    if name.isascii() and name.replace(" ", "").isalnum():
        return _trimmed(_join_initials(name.lower().split()))
    found = _words(name)
    # What is left when one mark is gone may read otherwise ("A.A'A"): fold until nothing changes.
    while (again := _words(" ".join(found))) != found:
        found = again
    return found


def _words(name: str) -> tuple[str, ...]:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).translate(APOSTROPHES)
    text = _parted(attached(text))
    text = _GLUED.sub(" ", _INITIAL.sub(r"\1 ", text.replace(" & ", " and ")))
    return _trimmed(_join_initials([word for token in _TOKEN.findall(text) if (word := _word(token))]))


def _parted(text: str) -> str:
    """The text with a blank for whatever is no part of a word."""
    if text.isascii():
        return _APART.sub(" ", text)
    return "".join(char if is_word(char) or char in ".'&+#" else " " for char in text)


def _trimmed(found: list[str]) -> tuple[str, ...]:
    while len(found) > 1 and found[0] in ARTICLES:
        del found[0]
    return tuple(found)


def _word(token: str) -> str:
    # Possessives go; what an apostrophe elides at the front ("l'estuaire") is an article.
    token = token.removesuffix("'s").removesuffix("'") if not token.endswith(("+", "#")) else token
    head, mark, rest = token.partition("'")
    if mark and head == "l" and rest:
        token = rest
    token = token.replace("'", "").rstrip(".")
    parts = token.split(".")
    if len(parts) > 1 and all(len(part) == 1 and part.isalpha() for part in parts):
        return "".join(parts)
    return token


def _join_initials(found: list[str]) -> list[str]:
    # "J. R. R. Tolkien" is "J.R.R. Tolkien", "B. V." is "BV", "A/B" is "AB".
    joined: list[str] = []
    run = ""
    for word in found:
        if len(word) == 1 and word.isalpha() and word.isascii():
            run += word
            continue
        joined += [run, word] if run else [word]
        run = ""
    return [*joined, run] if run else joined


def normal(name: str) -> str:
    """The normal form: two names are equal if this is.

    Case, width, punctuation, dashes, possessives and leading articles do not count;
    letters, marks, digits, inner dots ("node.js", "3.5"), `+` and `#` do.
    A name without any letter or digit is its own normal form.
    """
    return " ".join(words(name)) or " ".join(unicodedata.normalize("NFKC", name).casefold().split())


@lru_cache(maxsize=65536)
def keys(name: str) -> tuple[str, ...]:
    """All keys to look a name up by, the normal form first: singular, without legal form, without a bracketed acronym.

    A short form is a key only where the name itself says so ("Program Counter (PC)"); else an alias must.
    """
    found = [normal(name)]
    outer, inner = _bracketed(name)
    if inner:
        found += [normal(outer), normal(inner)]
    for key in tuple(found):
        found += [without_legal(key), singular(key)]
    found.append(core(name))
    return tuple(dict.fromkeys(found))


def _bracketed(name: str) -> tuple[str, str]:
    # "Program Counter (PC)" holds two names; "Mercury (planet)" is one.
    match = re.fullmatch(r"\s*(.+?)\s*\(([^()]+)\)\s*", name)
    if match is None or not is_acronym(match[2], match[1]):
        return name, ""
    return match[1], match[2]


def is_acronym(short: str, long: str) -> bool:
    """Whether the letters of `short` are the initials of the words of `long`."""
    letters = "".join(words(short))
    initials = "".join(word[0] for word in words(long.replace("-", " ")))
    return 1 < len(letters) <= 10 and letters.removesuffix("s") == initials


def without_legal(key: str) -> str:
    """A normal form without the legal forms around it: "foo gmbh and co kg" is "foo"."""
    found = key.split()
    while len(found) > 1 and (found[-1] in LEGAL or (found[-1] == "and" and len(found) > 2)):
        del found[-1]
    while len(found) > 1 and found[0] in {"nv", "bv", "naamloze", "naamlooze", "besloten", "vennootschap"}:
        del found[0]
    return " ".join(found)


def core(name: str) -> str:
    """What is left of a company's or person's name as registers write it.

    The seat after a legal form goes ("Cargill B.V., Bergen op Zoom"), and what was turned round is turned back
    ("Johnson, James Weldon", "Bosch GmbH Robert").
    """
    head, *rest = [part for part in (words(segment) for segment in name.split(",")) if part] or [()]
    if not rest:
        return without_legal(" ".join(_turned(head)) or normal(name))
    if any(word in LEGAL_ANYWHERE for word in head) and without_legal(" ".join(head)) != " ".join(head):
        return without_legal(" ".join(head))
    if all(word in LEGAL for word in rest[0]):
        return without_legal(" ".join(head))
    return " ".join(rest[0] + head) if len(rest) == 1 else normal(name)


def _turned(found: tuple[str, ...]) -> tuple[str, ...]:
    for place, word in enumerate(found[:-1]):
        if place and word in LEGAL_ANYWHERE and not any(other in LEGAL for other in found[place + 1 :]):
            return found[place + 1 :] + found[:place]
    return found


@lru_cache(maxsize=65536)
def singular(key: str) -> str:
    """The key with its last word in the singular, where a rule of thumb for -s languages gives one."""
    head, blank, last = key.rpartition(" ")
    return head + blank + _singular(last)


def _singular(word: str) -> str:
    if len(word) < 4 or not word.isalpha() or not word.endswith("s"):
        return word
    if word.endswith(("ss", "us", "is", "os", "as")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith(("ches", "shes", "sses", "xes", "zzes")):
        return word[:-2]
    return word[:-1]
