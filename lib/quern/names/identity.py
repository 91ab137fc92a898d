"""The one rule for "these two are one name", and what it is asked with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from quern.names import persons
from quern.names.forms import LEGAL_ANYWHERE, core, keys, listed, normal, singular, words
from quern.names.spelling import near, plain, sound, undoubled

T = TypeVar("T")


@lru_cache(maxsize=65536)
def same(a: str, b: str, fuzzy: float) -> bool:
    """Whether two spellings are one name: the one rule, for every place that asks.

    They are if a look-up key is shared, if only blanks or accents differ,
    or if a long word is misspelt; `fuzzy` (0 to 100) is how near the misspelling must be.
    Numbers, short words, first and last letters must agree.
    """
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
    if not all(any(word in LEGAL_ANYWHERE or word == "ag" for word in words(name)) for name in (a, b)):
        return False
    x, y = ([word for word in key.split() if word not in _REGIONS] for key in (left, right))
    return bool(x) and x == y


def _fixed(key: str) -> list[str]:
    # What no misspelling may touch: numbers, versions, initials, "c++".
    return sorted(word for word in key.split() if len(word) == 1 or not word.isalpha())


def _misspelt(left: list[str], right: list[str], fuzzy: float) -> bool:
    if len(left) != len(right):
        return False
    different = [(a, b) for a, b in zip(left, right, strict=True) if a != b]
    if len(different) != 1 or not persons.may_be_one(*different[0]):
        return False
    # What stands around a word says that it is meant, and so does a given name beside a surname.
    sure = len(left) > 2 or (len(left) == 2 and persons.evident(" ".join(left), " ".join(right)))
    return near(*different[0], fuzzy, sure=sure)


def derived(a: str, b: str) -> bool:
    """Whether two terms of several words are what does something and the doing of it: word processor, word processing.

    Whoever reads of one reads of both. It is said of two terms of one source: in another they may be told apart.
    """
    *head, last = normal(a).split()
    *other, ending = normal(b).split()
    agents = [_agent(singular(word)) for word in (last, ending)]
    deeds = [word.removesuffix("ing") if word.endswith("ing") else "" for word in (last, ending)]
    pairs = ((agents[0], deeds[1]), (agents[1], deeds[0]))
    return bool(head) and head == other and any(len(agent) >= STEM and agent == deed for agent, deed in pairs)


STEM = 4
"""Letters of a word that is left without its ending, at least."""


def _agent(word: str) -> str:
    return word[:-2] if word.endswith(("er", "or")) else ""


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
    for group in groups:
        if same(names[at], names[group[0]], fuzzy):
            return group
    fitting = [group for group in groups if persons.short(names[at], names[group[0]])]
    fitting = [group for group in fitting if not any(persons.conflict(names[at], names[other]) for other in group)]
    if len(fitting) > 1:
        fitting = [group for group in fitting if any(same(names[at], names[other], fuzzy) for other in group)]
    return fitting[0] if len(fitting) == 1 else None
