"""Terms that the author marked: code spans, bold and italic words, quoted words, link texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Mark = Literal["code", "bold", "italic", "quoted", "work", "link"]

_PAIRS = (
    ("“", "”"),
    ("„", "“"),
    ("„", "”"),
    ("«", "»"),
    ("»", "«"),
    ("‹", "›"),
    ("「", "」"),
    ("‘", "’"),
)
_WORKS = (("《", "》"), ("『", "』"))
_QUOTES = "|".join(rf"(?<!\w){a}\s?([^{a}{b}\n]{{2,60}}?)\s?{b}(?!\w)" for a, b in _PAIRS)
_CJK_QUOTES = "|".join(rf"{a}([^{a}{b}\n]{{2,30}}){b}" for a, b in (("「", "」"), ("“", "”")))
_PATTERNS: tuple[tuple[Mark, re.Pattern[str]], ...] = (
    ("code", re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]{1,60})\1(?!`)")),
    ("bold", re.compile(r"(\*\*|__)(?=[^\s*_])([^*\n]{1,80}?)(?<=\S)\1")),
    ("italic", re.compile(r"(?<![\w*_\\])([*_])(?=[^\s*_])([^*_\n]{2,60}?)(?<=[^\s*_])\1(?![\w*_])")),
    ("quoted", re.compile(rf'{_QUOTES}|{_CJK_QUOTES}|(?<!\w)"([^"\n]{{2,60}})"(?!\w)')),
    ("work", re.compile("|".join(f"{a}([^{a}{b}\n]{{1,40}}){b}" for a, b in _WORKS))),
    (
        "link",
        re.compile(r"\[\[(?:[^\[\]|#]*(?:#[^\[\]|]*)?\|)?([^\[\]|#]+)\]\]|(?<!!)\[([^\[\]\n]{2,60})\]\([^()\n]*\)"),
    ),
)
_MARKUP = re.compile(r"[*_`]+|\[\[|\]\]|\[|\]\([^)]*\)|\\(?=[^\w\s])")
_SENTENCE = re.compile(r"[.!?。！？…]\s|[!?。！？;；,，、]")


class Marked(NamedTuple):
    """Words that the author marked, without the marks."""

    mark: Mark
    words: str
    label: bool = False  # a colon or dash follows: "**Barrage**: a dam …"


def code_spans(text: str) -> list[str]:
    """What stands in the code spans of a piece of Markdown."""
    return [match[2].strip() for match in _PATTERNS[0][1].finditer(text)]


def marks(text: str) -> Iterator[Marked]:
    """The marked words of a piece of Markdown, as far as they could be a term."""
    for mark, pattern in _PATTERNS:
        if mark == "quoted" and not any(quote in text for quote in '"“„«»‹「‘'):
            continue
        for match in pattern.finditer(text):
            words = next(group for group in reversed(match.groups()) if group is not None)
            after = text[match.end() : match.end() + 3].lstrip()
            label = words.rstrip().endswith((":", "：")) or after.startswith((":", "：", "–", "—"))
            words = words if mark == "code" else _MARKUP.sub("", words)
            words = " ".join(words.split()).rstrip(":： ").strip()
            if mark != "code":
                words = words.rstrip(".。,")
            if words and (mark == "code" or not _SENTENCE.search(words)):
                yield Marked(mark, words, label)
