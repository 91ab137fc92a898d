"""Identity of names: normal form, look-up keys, file names, and the one rule for "these two are one name".

Every script is kept, combining marks too; `C`, `C++` and `C#` are three names.
A false merge is worse than two pages, so whatever could be either is two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

BYTES = 200

# Only articles that are nothing else at the head of a name: "La Rance" is not the river Rance, "die casting" is no
# casting, "El Salvador" is no Salvador, and an "A" is as often a letter ("A* search").
ARTICLES = frozenset("the der das dem ein eine einen einem le les une una".split())

LEGAL = frozenset(
    "inc incorporated ltd limited gmbh mbh ag sa nv bv se plc llc llp lp corp corporation co company cie kg kgaa ohg ev "
    "oy oyj ab asa aps spa srl sarl sas kk pty pte sl sro doo zrt kft cv".split()
)

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
# A word: letters, marks and digits; dots, apostrophes and ampersands inside it; plus signs and sharps at its end.
_TOKEN = re.compile(r"(?:(?<![^\s(/])\.(?=[^\W\d_]))?[^\s.'&+#]+(?:[.'&][^\s.'&+#]+)*'?\.?[+#]*")


def _is_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M" or char in "\u200c\u200d"


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, folded: what two spellings of one name have in common."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).translate(_APOSTROPHES)
    text = "".join(char if _is_word(char) or char in ".'&+#" else " " for char in text)
    found = [word for token in _TOKEN.findall(text.replace(" & ", " and ")) if (word := _word(token))]
    found = _join_initials(found)
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


def keys(name: str) -> tuple[str, ...]:
    """All keys to look a name up by, the normal form first: singular, without legal suffix, without bracketed acronym."""
    found = [normal(name)]
    outer, inner = _bracketed(name)
    if inner:
        found += [normal(outer), normal(inner)]
    for key in tuple(found):
        found += [form for form in (_without_legal(key), singular(key)) if form != key]
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


def _without_legal(key: str) -> str:
    found = key.split()
    while len(found) > 1 and (found[-1] in LEGAL or (found[-1] == "and" and len(found) > 2)):
        del found[-1]
    while len(found) > 1 and found[0] in {"nv", "bv"}:
        del found[0]
    return " ".join(found)


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


def same(a: str, b: str, fuzzy: float) -> bool:
    """Whether two spellings are one name. `fuzzy` is the score (0 to 100) from which a misspelling is one."""
    if set(keys(a)) & set(keys(b)):
        return True
    from rapidfuzz import fuzz

    left, right = _without_legal(normal(a)), _without_legal(normal(b))
    if min(len(left), len(right)) < 5 or _numbers(left) != _numbers(right):
        return False
    return fuzz.ratio(left, right) >= fuzzy


def _numbers(key: str) -> list[str]:
    return sorted(word for word in key.split() if not word.isalpha())


def cluster(names: Sequence[str], fuzzy: float = 92.0) -> list[list[int]]:
    """Names in groups in which each is the same as each other (complete linkage: no chains)."""
    groups: list[list[int]] = []
    for index, name in enumerate(names):
        for group in groups:
            if all(same(name, names[other], fuzzy) for other in group):
                group.append(index)
                break
        else:
            groups.append([index])
    return groups


_NAMED = {"#": " sharp", "*": " star"}
_REPLACED = str.maketrans(
    {"[": "(", "]": ")", "{": "(", "}": ")", "|": "-", "/": "-", "\\": "-", '"': "'", "<": "(", ">": ")", "^": " ", "?": " "}
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
    text = "".join(_allowed(char) for char in text)
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
    text = "".join(char if _is_word(char) or char == "+" else " " for char in text)
    text = _cut("-".join(text.split()), 100).strip("-") or "source"
    return f"{text}-source" if _RESERVED.fullmatch(text) else text
