"""The mill turned in this process: what a real pipe does, without starting a program a stage."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from quern import currency, engines, extraction, jsonl, linking, passages, schema, summaries, wiki
from quern.engines import Engine
from quern.jsonl import Row
from quern.linking import revisions
from quern.updates import merging, transaction
from quern.vault import Vault

DATE = "2026-04-02"


class Mill:
    """A vault, and what can be done to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vault = Vault(folder)

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def ingest(self, path: str, date: str = DATE, engine: Engine | None = None, *, again: bool = False) -> list[Any]:
        """Read a raw source with the engine of the schema or another; what merge hands on."""
        return self.merge(self.linked(path, engine, again=again), date, engine)

    def linked(self, path: str, engine: Engine | None = None, *, again: bool = False) -> list[Row]:
        """What link makes of a raw source."""
        rules = schema.load(self.vault)
        engine = engine or engines.load(rules, self.vault)
        made = rows(passages.records(self.vault, rules, str(self.folder / path), quiet))
        told = rows(extraction.extract(made, engine, quiet))
        with wiki.open(self.vault) as catalogue:
            revise = revisions.reviser(self.vault, catalogue, rules)
            judge = None if engine.name == "rules" else engine
            return rows(linking.link(told, catalogue, rules, revise, again=again, judge=judge))

    def refresh(self, date: str = DATE) -> list[Any]:
        """What `outdated | summarize | merge` does."""
        return self.merge(rows(self.outdated(date)), date)

    def outdated(self, date: str = DATE) -> list[Any]:
        rules = schema.load(self.vault)
        with wiki.open(self.vault) as catalogue:
            return list(currency.outdated(self.vault, catalogue, rules, date))

    def merge(self, planned: Iterable[Row], date: str, engine: Engine | None = None) -> list[Any]:
        rules = schema.load(self.vault)
        told = rows(summaries.add(planned, engine or engines.load(rules, self.vault), rules))
        done = list(merging.merge(told, self.vault, rules, date))
        transaction.finish(self.vault)
        return [record for record in done if not isinstance(record, Row)]


def rows(records: Iterable[object]) -> list[Row]:
    """Records as the next program reads them."""
    return list(jsonl.rows([jsonl.encode(record) for record in records], "<pipe>"))


def quiet(_: str) -> None:
    """Nobody reads it here."""
