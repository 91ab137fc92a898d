"""What a person asks for: words, "phrases", prefix*, -without, and field:value; anything else is words.

A query never fails for its syntax: an operator that means nothing here is a word, or nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from quern.program import Failure
from quern.search import terms

FIELDS = ("type", "source", "status", "tag")
LONGEST = 4000
"""Characters of a query. What is longer is a text, and not a question."""

_PIECE = re.compile(
    rf"(?P<without>(?<!\S)-(?=[\w\"“.]))?"
    rf"(?:(?P<field>(?i:{'|'.join(FIELDS)})):(?P<value>\"[^\"]*\"|[^\s\"]+)"
    r"|[\"“](?P<phrase>[^\"”]*)[\"”]"
    r"|(?P<word>[^\s\"“”]+))"
)


class Part(NamedTuple):
    """Words that are sought: one; several in this order (`is_phrase`); or the beginning of one (`is_prefix`)."""

    words: tuple[str, ...]
    is_phrase: bool = False
    is_prefix: bool = False


class Query(NamedTuple):
    """A query in its parts. `fields`: (field, value, whether it is excluded)."""

    text: str
    wanted: tuple[Part, ...] = ()
    unwanted: tuple[Part, ...] = ()
    fields: tuple[tuple[str, str, bool], ...] = ()


def parse(text: str) -> Query:
    """The parts of a query.

    Raises Failure if there is nothing in it to look for, or if it is longer than `LONGEST`.
    """
    if len(text) > LONGEST:
        raise Failure(f"a query of {len(text):,} characters: at most {LONGEST:,}")
    wanted: list[Part] = []
    unwanted: list[Part] = []
    fields = []
    for match in _PIECE.finditer(text):
        if match["field"] and match["value"].strip('"'):
            fields.append((match["field"].lower(), match["value"].strip('"'), bool(match["without"])))
            continue
        (unwanted if match["without"] else wanted).extend(_parts(match))
    if not wanted and not fields:
        raise Failure("nothing to search for: name at least one word that is not excluded")
    return Query(text=text, wanted=tuple(wanted), unwanted=tuple(unwanted), fields=tuple(fields))


def question(text: str) -> Query:
    """A question as it is asked in speech: nothing in it is an operator.

    Raises Failure as `parse` does.
    """
    if len(text) > LONGEST:
        raise Failure(f"a question of {len(text):,} characters: at most {LONGEST:,}")
    wanted = tuple(Part((word,)) for word in terms.found(text))
    if not wanted:
        raise Failure("nothing to search for: there is no word in it")
    return Query(text=text, wanted=wanted)


def _parts(match: re.Match[str]) -> list[Part]:
    if match["phrase"] is not None:
        words = tuple(terms.found(match["phrase"]))
        return [Part(words, is_phrase=True)] if words else []
    word = match["word"] or match[0]
    found = terms.found(word)
    if len(word) > 2 and word.endswith("*") and found and word.removesuffix("*").endswith(found[-1]):
        return [*(Part((one,)) for one in found[:-1]), Part((found[-1],), is_prefix=True)]
    return [Part((one,)) for one in found]
