"""What of a passage is carried by its claims: figures, dates, versions, paths, codes and capitalised names.

A model may leave out what is minor; that it did is to be seen. What a reader would look up and no claim says is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from quern import quantities
from quern.engines.rules.lookup import Lookup
from quern.records import Claim, Sentence

_EXACT = re.compile(
    r"""
      (?P<url>https?://[^\s<>"')\]]+)
    | (?P<path>(?<![\w/.])(?:~|\.{1,2})?/[\w.@-]+(?:/[\w.@-]+)+/?
        | (?<![\w/.])[\w@-]+(?:/[\w.@-]+)*\.(?:c|cc|conf|cfg|cpp|css|csv|go|h|html|ini|java|js|json|log|md|py|rb|rs|sh
          |sql|toml|ts|txt|xml|ya?ml)(?!\w))
    | (?P<version>(?<![\w.])v\d+(?:\.\d+)*(?![\w.]*\d)|(?<![\w.])\d+\.\d+\.\d+(?:[.-]\w+)*)
    | (?P<code>(?<![\w-])(?: --?[a-z][\w-]+(?=[\s=,.;:)]|\Z) | [A-Za-z]+_\w+ | [A-Z][A-Za-z0-9]*(?:-\w*\d\w*)+
        | [A-Z]{2,}-?\d[\w-]* )(?![\w-]))
    """,
    re.VERBOSE,
)
_CITED = re.compile(r"\[[\d,;\s–-]+\]")  # a reference to a note: the number is no fact


class Item(NamedTuple):
    """One thing in a passage that a claim should carry: what it is, its words, and by what it is known again."""

    kind: str
    words: str
    key: str


def items(sentences: Iterable[Sentence], names: Lookup, language: str) -> list[Item]:
    """What of these sentences a reader may look up, in order, each once. Headings and code are no statements."""
    found: dict[tuple[str, str], Item] = {}
    for sentence in sentences:
        if sentence.sort not in ("heading", "code"):
            for item in _items(sentence.plain, names, language):
                found.setdefault((item.kind, item.key), item)
    return list(found.values())


def missed(found: Sequence[Item], claims: Iterable[Claim], language: str) -> list[Item]:
    """Those items that none of the claims carries: in its words, its date, who says it, or what it is about."""
    texts, values, days = "", set(), []
    for claim in claims:
        text = "\n".join([claim.text, claim.by or "", *(name.name for name in claim.names), *_aliases(claim)])
        texts += f"\n{text.casefold()}"
        values |= {str(number.value.normalize()) for number in quantities.numbers(text, language, words=True)}
        days += [date.iso for date in quantities.dates(text, language)] + ([claim.as_of] if claim.as_of else [])
    return [item for item in found if not _is_carried(item, texts, values, days)]


def is_named(item: Item, named: set[str]) -> bool:
    """Whether it is a name that other claims of the source have (see `forms`): it is no news, as a figure may be."""
    return item.kind == "name" and not named.isdisjoint(item.key.split("\n"))


def forms(claims: Iterable[Claim]) -> set[str]:
    """What these claims name, folded."""
    return {form.casefold() for claim in claims for name in claim.names for form in (name.name, *name.aliases)}


def _aliases(claim: Claim) -> Iterator[str]:
    for name in claim.names:
        yield from name.aliases


def _is_carried(item: Item, texts: str, values: set[str], days: Sequence[str]) -> bool:
    if re.search(rf"(?<![\w.]){re.escape(item.words.casefold())}(?!\w)", texts):
        return True
    if item.kind == "figure":
        return item.key in values
    if item.kind == "date":
        return any(day.startswith(item.key) for day in days)
    return item.kind == "name" and any(form in texts for form in item.key.split("\n"))


def _items(text: str, names: Lookup, language: str) -> Iterator[Item]:
    taken = [match.span() for match in _CITED.finditer(text)]
    found: list[tuple[int, Item]] = []

    def take(start: int, end: int, kind: str, key: str) -> None:
        if all(end <= begin or stop <= start for begin, stop in taken):
            taken.append((start, end))
            found.append((start, Item(kind, text[start:end], key)))

    for match in _EXACT.finditer(text):
        words = match[0].rstrip(".,;:")
        take(match.start(), match.start() + len(words), match.lastgroup or "code", words.casefold())
    for date in quantities.dates(text, language):
        take(date.start, date.end, "date", date.iso)
    for number in quantities.numbers(text, language):
        take(number.start, number.end, "figure", str(number.value.normalize()))
    for start, end, term in names.find(text):
        if term.type == "entity" and any(map(str.isupper, text[start:end])):
            forms = sorted({form.casefold() for form in (term.name, *term.aliases, *term.surface, text[start:end])})
            take(start, end, "name", "\n".join(forms))
    yield from (item for _, item in sorted(found, key=lambda pair: pair[0]))
