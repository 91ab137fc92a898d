"""The line of a page that answers best, from the page as it stands now, and the words of it that are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from quern.search import terms
from quern.search.plain import plain
from quern.search.sought import Sought
from quern.search.terms import Lexicon

_LONGEST = 240
"""Characters of what is shown of a line."""
_CLAIM = re.compile(r"\[\^([0-9a-f]{12})\]|(?<!\S)\^([0-9a-f]{12})(?=[ \t\r]*$)")
_NOT_SHOWN = re.compile(r"\[\^[^\]\s]+\]:|#{1,6} |\|[\s|:-]*$")
_MARKER = re.compile(r"[ \t]*(?:#{1,6}|[-*+>]|\d{1,9}[.)])[ \t]+")


class Snippet(NamedTuple):
    """A line of a page (1-based), as plain text, with the claim that it cites first."""

    line: int
    text: str
    claim: str | None


def best(text: str, sought: Sequence[Sought], lexicon: Lexicon) -> Snippet | None:
    """The line that holds most of what is sought, the earlier of two that hold as much; None if none holds anything."""
    weights = {term: one.weight for one in sought for term in one.terms}
    chosen = _heaviest(_likely(text, weights), sought, weights, lexicon)
    if chosen is None:
        # A stem need not begin as its word does.
        chosen = _heaviest(_lines(text), sought, weights, lexicon)
    if chosen is None:
        return None
    number, line = chosen
    claim = _CLAIM.search(line)
    return Snippet(number, _shown(line, weights, lexicon), (claim[1] or claim[2]) if claim else None)


def _likely(text: str, weights: Mapping[str, float]) -> Iterator[tuple[int, str]]:
    """The lines in which something stands that begins as what is sought, which is found without taking them apart."""
    needles = [found[: max(2, len(found) - 1)] for found in map(terms.decoded, weights)]
    for number, line in _lines(text):
        lower = line.lower()
        if not line.isascii() or any(needle in lower for needle in needles):
            yield number, line


def _heaviest(
    lines: Iterable[tuple[int, str]], sought: Sequence[Sought], weights: Mapping[str, float], lexicon: Lexicon
) -> tuple[int, str] | None:
    most, chosen = 0.0, None
    for number, line in lines:
        held = weights.keys() & set(lexicon.terms(line))
        weight = sum({one.shown: one.weight for one in sought if one.terms & held}.values()) if held else 0.0
        if weight > most + 1e-9:
            most, chosen = weight, (number, line)
    return chosen


def first(text: str) -> Snippet:
    """The first line of a page that says something, for a page that was found by its name."""
    for number, line in _lines(text):
        if line.strip() and not line.startswith("#"):
            claim = _CLAIM.search(line)
            return Snippet(number, _cut(_plain(line), 0), (claim[1] or claim[2]) if claim else None)
    return Snippet(1, "", None)


def holds(text: str, words: Sequence[str]) -> bool:
    """Whether these words stand in a text one after the other, whatever their case and diacritics."""
    between = r"[\W_]*" if not words[0].isascii() else r"[\W_]+"
    sought = between.join(re.escape(terms.folded(word)) for word in words)
    if sought[0].isascii():
        sought = rf"(?<![^\W_]){sought}(?![^\W_])"
    return re.search(sought, terms.folded(plain(text))) is not None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    lines = text.split("\n")
    start = 0
    if lines[0].rstrip() == "---":
        ends = (at for at in range(1, len(lines)) if lines[at].rstrip() == "---")
        start = next(ends, -1) + 1
    for at in range(start, len(lines)):
        if not _NOT_SHOWN.match(lines[at]):
            yield at + 1, lines[at]


def _plain(line: str) -> str:
    return " ".join(plain(_MARKER.sub("", line, count=1)).split())


def _shown(line: str, weights: dict[str, float], lexicon: Lexicon) -> str:
    """The line, or if it is long the part of it where most of what is sought begins."""
    text = _plain(line)
    if len(text) <= _LONGEST:
        return text
    at = 0
    starts = []
    for word in terms.found(text):
        place = text.find(word, at)
        if place < 0:
            continue
        at = place + len(word)
        weight = max((weights.get(term, 0.0) for term in lexicon[word]), default=0.0)
        if weight:
            starts.append((place, weight))
    room = _LONGEST - 40
    gained = [(sum(weight for place, weight in starts if begin <= place < begin + room), -begin) for begin, _ in starts]
    return _cut(text, -max(gained)[1] - 20 if gained else 0)


def _cut(text: str, begin: int) -> str:
    if len(text) <= _LONGEST:
        return text
    begin = max(0, min(begin, len(text) - _LONGEST))
    blank = text.find(" ", begin, begin + 20) + 1 if begin else 0
    begin = blank or begin
    part = text[begin : begin + _LONGEST]
    if begin + _LONGEST < len(text):
        part = part.rsplit(" ", 1)[0] if " " in part[-20:] else part
        part += " …"
    return ("… " if begin else "") + part.strip()
