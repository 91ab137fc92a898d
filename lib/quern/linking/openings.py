"""What a sentence begins with: is it a name, said of which it then says something?"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from quern import names

HEAD = 120
"""Characters in which the name that a clause begins with is looked for."""
LONGEST_INTRO = 70
"""Characters that may stand before the comma behind which a sentence begins ("For most bedrooms, …")."""

# Articles and words of amount, which may stand before a name and an adjective: "a true HEPA filter", "many purifiers".
_LEADS = names.listed(
    """
    a an the each every all any most many some both no few several
    der die das ein eine jeder jede jedes alle viele manche kein keine
    le la les un une des chaque tout toute tous toutes
    el los las una unos unas cada todo toda todos todas muchos muchas
    il lo gli uno ogni o os as um uma de het een
    """
)
# A comma behind one of these does not end an opening phrase: "Rust, Go and Zig …" begins with Rust.
_INTRO = re.compile(
    r"(?:in|on|at|by|for|with|from|to|near|between|among|under|over|through|during|after|before|against|without|within|"
    r"like|unlike|starting with|beginning with|based on|thanks to|due to|instead of|in addition to|depending on|"
    r"as|since|until|if|when|while|because|although|though|once|per|according to|today|currently|"
    r"im|am|an|bei|mit|für|aus|seit|nach|vor|wenn|laut|en|dans|pour|avec|depuis|après|selon|con|por|para|desde|según|si)"
    rf"\s[^,.;:()]{{1,{LONGEST_INTRO}}},\s+",
    re.IGNORECASE,
)
# "Bananen" is the plural of "Banane", "Kraftwerkes" a genitive; too short a name may end another's.
LONG = 5
_ENDINGS = frozenset({"n", "en", "e", "es"})
_OWNED = re.compile(r"(?:['’]s|s['’])(?!\w)")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def opens(text: str, called: Iterable[str], *, led: bool = True) -> bool:
    """Is one of these names what the sentence begins with?

    An opening phrase may stand before it and, if it may be `led`, an article or word of amount and one adjective.
    A possessive does not count: "Apple's specifications leave the lens out" is about the specifications.
    """
    wanted = {names.singular(names.normal(name)) for name in called} - {""}
    intro = _INTRO.match(text)
    clauses = [text, *([text[intro.end() :]] if intro is not None else [])]
    return any(_begins(clause, name, led=led) for clause in clauses for name in wanted)


def _begins(clause: str, name: str, *, led: bool) -> bool:
    if _UNSPACED.search(name):
        return name in names.normal(clause)[: len(name) + 6]
    head = clause[: max(HEAD, 4 * len(name) + 80)]
    start = name[:3]
    if head.isascii() and len(name) >= LONG and start.isalpha() and start not in head.lower():
        return False  # most claims do not open with the name: that is told without cutting them into words
    owned = _OWNED.search(clause[: 2 * len(name) + 20])
    if owned is not None and names.singular(names.normal(clause[: owned.start()])).endswith(name):
        return False
    first = re.match(r"\W*([^\W\d_]+)", clause)
    leads = first is not None and first[1].casefold() in _LEADS
    if leads and not led:
        return False
    # "A C compiler": without its article, lest the two letters be taken for initials.
    parts = [_words(head[first.end() :])] if leads and first is not None else []
    return any(_stands(found, name, 2 if leads else 1) for found in (_words(head), *parts))


@functools.lru_cache(maxsize=4096)
def _words(head: str) -> Sequence[str]:
    """The words of the beginning of a clause, of which many names are asked."""
    return names.words(head)


def _stands(found: Sequence[str], name: str, most: int) -> bool:
    size = len(name.split())
    heads = [" ".join(found[at : at + size]) for at in range(most)]
    return any(names.singular(head) == name or _is_inflected(head, name) for head in heads)


def _is_inflected(head: str, name: str) -> bool:
    return len(name) >= LONG and head.startswith(name) and head[len(name) :] in _ENDINGS
