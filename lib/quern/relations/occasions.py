"""Whether a sentence tells of one occasion, as there may have been others: what was seen, counted or done then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from quern.relations import lexis
from quern.relations.tokens import Token

Occasion = Literal["", "fragment", "event"]
"""`event`: the sentence says that somebody did or saw something; `fragment`: it begins with a count and has no verb
that is known here, as a line of a log (`3 visits at the feeder`); "": it says how something is."""


def occasion(text: str, clause: Sequence[Token], language: str) -> Occasion:
    """What kind of occasion a clause of a text tells of."""
    words = lexis.of(language)
    if words.occasion.search(text):
        return "event"
    first = next((token for token in clause if token.sort in ("word", "kind", "name", "measure")), None)
    is_count = first is not None and first.measure is not None
    return "fragment" if is_count and not any(token.key in words.verbs for token in clause) else ""
