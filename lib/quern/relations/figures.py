"""What stands around a figure in a clause: what it measures, what it counts, in what time, and what is beside it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from quern.names import listed
from quern.quantities import Measure
from quern.relations import lexis
from quern.relations.tokens import Token

_LONGEST_ATTRIBUTE = 4  # words between an article and "of"
_TOWARDS = listed("to auf à a hasta")
_PER = listed("per a an each every pro par por je al")
_EXTENTS = listed("long high tall wide deep thick old apart")
_AND = listed("and und et y")


def before_of(tokens: Sequence[Token], at: int) -> set[int]:
    """The places of `capacity` in `a capacity of about 240 MW`."""
    i = at - 1
    while i >= 0 and tokens[i].sort == "light":
        i -= 1
    if i < 1 or tokens[i].sort != "of":
        return set()
    places: set[int] = set()
    for j in range(i - 1, max(-1, i - 1 - _LONGEST_ATTRIBUTE), -1):
        if tokens[j].sort not in ("word", "kind"):
            break
        places.add(j)
    return places


def after(tokens: Sequence[Token], at: int, measure: Measure, language: str) -> set[int]:
    """The places of `long` in `750 m long`, `de long`, and of `storage` in `5 GB of storage`."""
    if not measure.dimension or measure.dimension == "share":
        return set()
    for i in range(at + 1, min(at + 4, len(tokens))):
        token = tokens[i]
        if token.sort == "word":
            behind_of = any(tokens[j].sort == "of" for j in range(at + 1, i))
            named = token.stem in lexis.named(language) or token.key in _EXTENTS
            return {i} if behind_of or named else set()
        if token.sort not in ("of", "light") and token.key not in ("in", "en"):
            return set()
    return set()


def counted(tokens: Sequence[Token], at: int) -> tuple[frozenset[str], set[int]]:
    """What a bare number counts: the words behind it, up to the next that is no noun or adjective."""
    places: set[int] = set()
    for i in range(at + 1, min(at + 4, len(tokens))):
        if tokens[i].sort != "word":
            if places or tokens[i].sort not in ("of", "light"):
                break
            continue
        places.add(i)
    return frozenset(tokens[i].stem for i in places), places


def rate(tokens: Sequence[Token], at: int, counted_at: set[int]) -> str:
    """` per day` in `3 times a day`, as a suffix of what a figure is compared by, or ""."""
    i = max({at, *counted_at}) + 1
    if i + 1 < len(tokens) and tokens[i].key in _PER:
        return f" per {tokens[i + 1].key}"
    return ""


def beside(tokens: Sequence[Token], at: int) -> set[int]:
    """The places of what is named beside the thing that has the value: `and a library` in `12 rooms and a library`."""
    pairs = zip(range(at, len(tokens)), tokens[at:], tokens[at + 1 :], strict=False)
    joint = next((i for i, x, y in pairs if x.key in _AND and y.key in lexis.ARTICLES), None)
    if joint is None or any(x.sort in ("verb", "measure") for x in tokens[joint:]):
        return set()
    return set(range(joint, len(tokens)))


def changes(tokens: Sequence[Token]) -> set[str]:
    """The stem of `increased` in `was increased to 200`, which is no part of what has the value."""
    return {token.stem for token, after in pairwise(tokens) if token.side and after.key in _TOWARDS}


def verb_before(tokens: Sequence[Token], at: int, language: str) -> set[str]:
    """Where nothing else says what has the value, its verb: `reaches`; what is raised to a value is so then."""
    verb = next((i for i in range(at - 1, -1, -1) if tokens[i].key in lexis.of(language).verbs), None)
    if verb is None:
        return set()
    return {"be…"} if tokens[verb].key in lexis.shared("be") else {f"{tokens[verb].key}…"}
