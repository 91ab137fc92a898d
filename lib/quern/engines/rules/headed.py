"""Names that headings give: what an essay calls its subjects, though they are no names elsewhere ("Cost per use")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from quern.engines.rules.grammar import Grammar
from quern.engines.rules.lookup import Lookup, Term
from quern.records import Passage

LEAST = 3
"""Sentences that must use the words of a heading, or it is a heading and no name."""
MOST_WORDS = 4
WEIGHT = 0.4
TOLD = frozenset({"prose", "item"})

_PLAIN = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*")


def headed(passages: Sequence[Passage], known: Lookup, grammar: Grammar) -> Iterator[Term]:
    """The headings of a few words that the sentences of the source use as a name, in reading order."""
    texts = [
        sentence.plain.casefold() for passage in passages for sentence in passage.sentences if sentence.sort in TOLD
    ]
    for heading in dict.fromkeys(heading.strip() for passage in passages for heading in passage.headings):
        if _may_name(heading, grammar) and not known.find(heading):
            pattern = re.compile(rf"(?<!\w){re.escape(heading.casefold())}(?!\w)")
            if sum(pattern.search(text) is not None for text in texts) >= LEAST:
                yield Term(heading, "concept", weight=WEIGHT, surface=frozenset({heading}))


def _may_name(heading: str, grammar: Grammar) -> bool:
    """Is this a phrase of a few words that opens as a name does? "How to buy" and "Getting there" do not."""
    if not 2 <= len(heading.split()) <= MOST_WORDS or not _PLAIN.fullmatch(heading):
        return False
    leans = any(grammar[name].match(heading) for name in ("dangling", "procedures", "openers", "demonstrative"))
    return (
        not leans
        and grammar["first_person"].search(heading) is None
        and not heading.split(maxsplit=1)[0].endswith("ing")
    )
