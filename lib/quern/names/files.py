"""Names of files: a title as links and file systems allow it, and which two paths a file system has one file for."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from quern.names.forms import APOSTROPHES, attached, is_word

BYTES = 200

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
    text = attached("".join(_allowed(char) for char in text))
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


@lru_cache(maxsize=65536)
def fold(path: str) -> str:
    """What two paths have in common if a file system that ignores case and normal form has one file for both."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def slug(title: str) -> str:
    """The name of a source page: lower-case words joined by `-`, every script kept; never empty."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", title).lower()).translate(APOSTROPHES)
    text = re.sub(r"(?<=[^\W\d_])#(?!\w)", " sharp", text.replace("'", ""))
    text = attached("".join(char if is_word(char) or char == "+" else " " for char in text))
    text = _cut(unicodedata.normalize("NFC", "-".join(text.split())), 100).strip("-") or "source"
    return f"{text}-source" if _RESERVED.fullmatch(text) else text
