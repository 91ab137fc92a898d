"""Identity of names: normal form, look-up keys, file names, and the one rule for "these two are one name".

Every script is kept, combining marks too; `C`, `C++` and `C#` are three names.
A false merge is worse than two pages, so whatever could be either is two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from quern.spelling import near, plain, sound, undoubled

T = TypeVar("T")


def listed(words: str) -> frozenset[str]:
    """The words of a list that reads as prose."""
    return frozenset(words.split())


BYTES = 200

# Only articles that are nothing else at the head of a name: "La Rance" is not the river Rance, "die casting" is no
# casting, "El Salvador" is no Salvador, and an "A" is as often a letter ("A* search").
ARTICLES = listed("the der das dem ein eine einen einem le les une una")

# Legal forms of companies. The first are nothing else wherever they stand; the others only count at the end.
_LEGAL_ANYWHERE = listed(
    "inc incorporated ltd limited gmbh mbh bv nv plc llc llp kgaa oyj aktiengesellschaft gesellschaft vennootschap"
)
LEGAL = _LEGAL_ANYWHERE | listed(
    "ag sa se lp corp corporation co company cie kg ohg ev oy ab asa aps spa srl sarl sas kk pty pte sl sro doo zrt "
    "kft cv naamloze naamlooze besloten"
)

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
# A word: letters, marks and digits; dots, apostrophes and ampersands inside it; plus signs and sharps at its end.
_TOKEN = re.compile(r"(?:(?<![^\s(/])\.(?=[^\W\d_]))?[^\s.'&+#]+(?:[.'&][^\s.'&+#]+)*'?\.?[+#]*")
# "N.V.Nutricia" and "F.Hoffmann" lack a blank; so does "IndustriesB.V.".
_INITIAL = re.compile(r"(?<![^\W_])([^\W\d_]\.)(?=[^\W\d_]{2})")
_GLUED = re.compile(r"(?<=[^\W\d_]{3})(?=(?:b\.v|n\.v|s\.a)\b\.?(?!\w))")


def _is_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M" or char in "\u200c\u200d"


def _attached(text: str) -> str:
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
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).translate(_APOSTROPHES)
    text = "".join(char if _is_word(char) or char in ".'&+#" else " " for char in _attached(text))
    text = _GLUED.sub(" ", _INITIAL.sub(r"\1 ", text.replace(" & ", " and ")))
    return _trimmed(_join_initials([word for token in _TOKEN.findall(text) if (word := _word(token))]))


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
    if any(word in _LEGAL_ANYWHERE for word in head) and without_legal(" ".join(head)) != " ".join(head):
        return without_legal(" ".join(head))
    if all(word in LEGAL for word in rest[0]):
        return without_legal(" ".join(head))
    return " ".join(rest[0] + head) if len(rest) == 1 else normal(name)


def _turned(found: tuple[str, ...]) -> tuple[str, ...]:
    for place, word in enumerate(found[:-1]):
        if place and word in _LEGAL_ANYWHERE and not any(other in LEGAL for other in found[place + 1 :]):
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


@lru_cache(maxsize=65536)
def same(a: str, b: str, fuzzy: float) -> bool:
    """Whether two spellings are one name: the one rule, for every place that asks.

    They are if a look-up key is shared, if only blanks or accents differ,
    or if a long word is misspelt; `fuzzy` (0 to 100) is how near the misspelling must be.
    Numbers, short words, first and last letters must agree.
    """
    from quern import persons

    if not set(keys(a)).isdisjoint(keys(b)):
        return True
    left, right = plain(_spelt_out(core(a))), plain(_spelt_out(core(b)))
    if left == right or persons.turned(a, b) or _one_group(a, b, left, right):
        return True
    if _fixed(left) != _fixed(right):
        return False
    joined = left.replace(" ", ""), right.replace(" ", "")
    if undoubled(joined[0]) == undoubled(joined[1]):
        return min(map(len, joined)) > 5
    return _misspelt(left.split(), right.split(), fuzzy)


_ABBREVIATED = {
    "assn": "association", "assoc": "association", "centre": "center", "ctr": "center", "dept": "department",
    "govt": "government", "ind": "industries", "inst": "institute", "internatl": "international",
    "intl": "international", "mfg": "manufacturing", "natl": "national", "saint": "st", "univ": "university",
}  # fmt: skip
_REGIONS = listed(
    "europe europa european international worldwide global holland nederland netherlands deutschland germany france uk "
    "usa us america canada japan switzerland schweiz suisse italia italy españa spain austria belgium"
)


def _spelt_out(key: str) -> str:
    return " ".join(_ABBREVIATED.get(word, word) for word in key.split())


def _one_group(a: str, b: str, left: str, right: str) -> bool:
    # Two companies by their legal forms that differ by the country alone: the group's page is theirs.
    if not all(any(word in _LEGAL_ANYWHERE or word == "ag" for word in words(name)) for name in (a, b)):
        return False
    x, y = ([word for word in key.split() if word not in _REGIONS] for key in (left, right))
    return bool(x) and x == y


def _fixed(key: str) -> list[str]:
    # What no misspelling may touch: numbers, versions, initials, "c++".
    return sorted(word for word in key.split() if len(word) == 1 or not word.isalpha())


def _misspelt(left: list[str], right: list[str], fuzzy: float) -> bool:
    from quern import persons

    if len(left) != len(right):
        return False
    different = [(a, b) for a, b in zip(left, right, strict=True) if a != b]
    if len(different) != 1 or not persons.may_be_one(*different[0]):
        return False
    # What stands around a word says that it is meant, and so does a given name beside a surname.
    sure = len(left) > 2 or (len(left) == 2 and persons.evident(" ".join(left), " ".join(right)))
    return near(*different[0], fuzzy, sure=sure)


def nearest(name: str, keys_: Sequence[tuple[str, T]]) -> list[tuple[str, T]]:
    """Those of many keys, each with what it is the key of, that are near enough for `same` to be worth asking."""
    if not keys_:
        return []
    from rapidfuzz import fuzz, process

    found = process.extract(
        normal(name), [key for key, _ in keys_], scorer=fuzz.token_sort_ratio, score_cutoff=75, limit=20
    )
    return [keys_[at] for _, _, at in found]


@lru_cache(maxsize=65536)
def likeness(a: str, b: str) -> float:
    """How alike two names look and sound, 0 to 100: to choose the nearest, never to decide."""
    from rapidfuzz import fuzz

    left, right = plain(normal(a)).replace(" ", ""), plain(normal(b)).replace(" ", "")
    return (fuzz.ratio(left, right) + fuzz.ratio(sound(left), sound(right))) / 2


def cluster(names: Sequence[str], fuzzy: float = 92.0) -> list[list[int]]:
    """Names of one document in groups of one thing each.

    The fullest form of a name is the middle of its group and each other form is compared with that alone,
    so nothing chains; a short form that could be of two stands alone.
    """
    from quern import persons

    order = sorted(range(len(names)), key=lambda at: (-len(persons.parts(names[at])), -len(names[at]), names[at], at))
    groups: list[list[int]] = []
    for at in order:
        group = _home(names, groups, at, fuzzy)
        if group is None:
            groups.append([at])
        else:
            group.append(at)
    return sorted(sorted(group) for group in groups)


def _home(names: Sequence[str], groups: list[list[int]], at: int, fuzzy: float) -> list[int] | None:
    from quern import persons

    for group in groups:
        if same(names[at], names[group[0]], fuzzy):
            return group
    fitting = [group for group in groups if persons.short(names[at], names[group[0]])]
    fitting = [group for group in fitting if not any(persons.conflict(names[at], names[other]) for other in group)]
    if len(fitting) > 1:
        fitting = [group for group in fitting if any(same(names[at], names[other], fuzzy) for other in group)]
    return fitting[0] if len(fitting) == 1 else None


_NAMED = {"#": " sharp", "*": " star"}
_REPLACED = str.maketrans(
    {
        "[": "(",
        "]": ")",
        "{": "(",
        "}": ")",
        "|": "-",
        "/": "-",
        "\\": "-",
        '"': "'",
        "<": "(",
        ">": ")",
        "^": " ",
        "?": " ",
    }
)
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


def file_name(title: str, suffix: str = "") -> str:
    """A title as a file name (without `.md`) that links and file systems allow, at most 200 bytes; never empty.

    `suffix` (such as " (entity)") is kept whole when the name is cut.
    """
    text = unicodedata.normalize("NFC", title)
    text = re.sub(r"(?<=[^\W\d_])[#*](?!\w)", lambda match: _NAMED[match[0]], text)
    text = re.sub(r"^\s*\.(?=\w)", "dot ", text)
    text = re.sub(r"\s*:(?=\s)", " -", text).replace(":", "-").translate(_REPLACED)
    text = _attached("".join(_allowed(char) for char in text))
    text = " ".join(text.split()).lstrip(". ").rstrip(". -")
    text = _cut(text, BYTES - len(suffix.encode())).rstrip(". -") or "untitled"
    if _RESERVED.fullmatch(text):
        text += "_"
    return unicodedata.normalize("NFC", text + suffix)


def _allowed(char: str) -> str:
    category = unicodedata.category(char)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if category in {"Cs", "Cn"} or (category == "Cf" and char not in "\u200c\u200d") or char in "#*":
        return ""
    return char


def _cut(text: str, size: int) -> str:
    """The longest head of `text` of at most `size` bytes that ends between two graphemes."""
    if len(text.encode()) <= size:
        return text
    end = len(text.encode()[:size].decode(errors="ignore"))
    while end > 0 and _joins(text[end - 1], text[end]):
        end -= 1
    return text[:end]


def _joins(left: str, right: str) -> bool:
    # Not the whole of UAX 29: enough that no mark, joiner, flag or skin tone loses its letter.
    return (
        unicodedata.category(right)[0] == "M"
        or left == "\u200d"
        or right in "\u200c\u200d"
        or "\U0001f3fb" <= right <= "\U0001f3ff"
        or ("\U0001f1e6" <= left <= "\U0001f1ff" and "\U0001f1e6" <= right <= "\U0001f1ff")
        or ("\u1100" <= left <= "\u11ff" and "\u1160" <= right <= "\u11ff")
        or "\U000e0020" <= right <= "\U000e007f"
    )


def fold(path: str) -> str:
    """What two paths have in common if a file system that ignores case and normal form has one file for both."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def slug(title: str) -> str:
    """The name of a source page: lower-case words joined by `-`, every script kept; never empty."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", title).lower()).translate(_APOSTROPHES)
    text = re.sub(r"(?<=[^\W\d_])#(?!\w)", " sharp", text.replace("'", ""))
    text = _attached("".join(char if _is_word(char) or char == "+" else " " for char in text))
    text = _cut(unicodedata.normalize("NFC", "-".join(text.split())), 100).strip("-") or "source"
    return f"{text}-source" if _RESERVED.fullmatch(text) else text
