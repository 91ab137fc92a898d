"""An engine that says what the rules quote in words of its own, as a model would: for tests of a second reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from quern import claims
from quern.engines import Engine
from quern.records import Claim, Passage, Source, Unread

WAYS: dict[str, tuple[tuple[str, str], ...]] = {
    "one": (
        (r"^(.+) opened in (\d{4})\.$", r"\1 has been open since \2."),
        (r"^(.+) has (\d+) turbines\.$", r"There are \2 turbines in \1."),
        (r"^(.+) has a capacity of (\d+) MW\.$", r"The capacity of \1 is \2 MW."),
        (r"^(.+) employs (\d+) people\.$", r"\2 people work at \1."),
        (r"^(.+) cost (\d+) million dollars\.$", r"The price of \1 was \2 million dollars."),
        (r"^(.+) lies near (.+)\.$", r"\1 is close to \2."),
        (r"^(.+) is older than (.+)\.$", r"\1 was there before \2."),
    ),
    "other": (
        (r"^(.+) opened in (\d{4})\.$", r"\2 is the year of the opening of \1."),
        (r"^(.+) employs (\d+) people\.$", r"\1 has \2 people on its payroll."),
        (r"^(.+) lies near (.+)\.$", r"\1 is a neighbour of \2."),
        (r"^(.+) has a lock of (\d+) metres\.$", r"The lock of \1 measures \2 metres."),
        (r"^(.+) is run by a company of (\d+) people\.$", r"A firm of \2 people operates \1."),
    ),
}


class Retelling:
    """The claims of another engine, some of them in other words; leads are its own."""

    name = "llm"

    def __init__(self, engine: Engine, way: str) -> None:
        self._engine, self.model, self._ways = engine, f"scripted {way}", WAYS[way]

    def claims(self, source: Source, passages: Sequence[Passage]) -> Iterator[Claim | Unread]:
        for told in self._engine.claims(source, passages):
            yield self._told(told) if isinstance(told, Claim) else told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def _told(self, claim: Claim) -> Claim:
        text = claim.text
        for pattern, words in self._ways:
            text = re.sub(pattern, words, text)
        id_ = claims.claim_id(claim.quote, text)
        return replace(claim, id=id_, text=text, engine=self.name, model=self.model, prompt="scripted 1")
