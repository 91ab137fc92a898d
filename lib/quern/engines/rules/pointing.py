"""What "this grant" or "these receptors" point to: the one thing of that kind that has just been named.

Only a full name takes the place of such words: a term of several words that ends with the noun, or the noun as it was
brought in, with a name behind it ("a $5 million grant to Ceres"). Where there are two of them, none is put in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from quern.engines.rules.grammar import Grammar
from quern.engines.rules.lexicon import single
from quern.engines.rules.lookup import Term

Mentions = Sequence[tuple[int, int, Term]]

NEAR = 2
"""Sentences under the heading that are looked through, the last ones."""
LONGEST = 9
"""Words past which what was said is too long to be said again."""

_POINTS = re.compile(r"(?<!\w)(this|these) ([^\W\d_]{3,})(?!\w)(?! (?:of|to|for|who|that|which)\b)", re.IGNORECASE)
_BROUGHT_IN = r"(?<!\w)(an?|the|one) ((?:[\w$€£%.’'-]+ ){{0,3}}{noun})(?= (?:to|for|of|at|between|with|called|named) )"
_NAME_BEHIND = re.compile(r" (?:to|for|of|at|between|with|called|named) (?:the )?")
_EDGE = re.compile(
    r"\b(?:and|or|of|in|on|at|to|for|with|by|from|is|are|was|were|that|which|as|than|the|an?)\b", re.IGNORECASE
)


def resolve(text: str, before: Sequence[tuple[str, Mentions]], grammar: Grammar) -> str:
    """A sentence with what it points to put in, in square brackets, as far as that is sure.

    `before` are the sentences under its heading so far, each with the names in it. English only.
    """
    if grammar.language != "en" or not before:
        return text
    parts, last = [], 0
    for match in _POINTS.finditer(text):
        if grammar["anaphora"].fullmatch(match[2]) is not None:
            continue  # "this system", "these results" may be anything
        words = _meant(match[2], match[1].casefold() == "these", before[-NEAR:])
        if words is None:
            continue
        if re.search(rf"(?<!\w){re.escape(words.split()[-1])}(?!\w)", text[: match.start()], re.IGNORECASE):
            continue  # it points to what the sentence itself has said
        parts += [text[last : match.start()], f"[{words[0].upper() + words[1:] if not match.start() else words}]"]
        last = match.end()
    return "".join([*parts, text[last:]]) if parts else text


def _meant(noun: str, plural: bool, before: Sequence[tuple[str, Mentions]]) -> str | None:
    """The words for it, from the latest sentence that has any; None if there are none, or several."""
    one = single(noun.casefold())
    if plural == (one == noun.casefold()):
        return None
    for text, found in reversed(before):
        things = {words.casefold(): words for words in _candidates(one, plural, text, found)}
        if things:
            return next(iter(things.values())) if len(things) == 1 else None
    return None


def _candidates(one: str, plural: bool, text: str, found: Mentions) -> Iterator[str]:
    for start, end, term in found:
        words = text[start:end]
        head = words.rpartition(" ")[2].casefold()
        if " " in words and single(head) == one and (plural == (head != one)):
            words = words[0].lower() + words[1:] if term.type == "concept" and words[1:].islower() else words
            yield words if plural else f"the {words}"
    if plural:
        return
    for match in re.finditer(_BROUGHT_IN.format(noun=re.escape(one)), text, re.IGNORECASE):
        link = _NAME_BEHIND.match(text, match.end())
        name = next(((start, end) for start, end, _ in found if link is not None and start == link.end()), None)
        words = match[2]
        if name is None or _EDGE.search(words) or len(text[match.start() : name[1]].split()) > LONGEST:
            continue
        yield f"the {text[match.start(2) : name[1]]}"
