"""Answers in the form that somebody wants, and where they may be written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from quern import jsonl
from quern.answers.forms import FORMS, canvas, prose, slides, table
from quern.jsonl import Row
from quern.program import Failure
from quern.records import Answer
from quern.vault import find, write_atomically

_TEXTS = {"md": prose.text, "table": table.text, "slides": slides.text, "canvas": canvas.text}


def answers(rows: Iterable[Row]) -> list[Answer]:
    """The answers among some records."""
    return [row.to(Answer) for row in rows if row.kind == Answer.kind]


def shown(answer: Answer, form: str) -> str:
    """An answer as text in a form, but for a chart, which is none. Raises Failure if it has nothing to show in it."""
    if form == "json":
        data = orjson.loads(jsonl.encode(answer))
        return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    return _TEXTS[form](answer)


def written(found: Sequence[Answer], form: str, path: Path) -> list[str]:
    """Write an answer into a file, a chart with its data beside it; returns the paths.

    Raises Failure if there is not just one.
    """
    if len(found) != 1:
        raise Failure(f"a file holds one answer, and there are {len(found)}", str(path))
    if form == "chart":
        from quern.answers.forms import chart

        return [str(file) for file in chart.write(found[0], path)]
    write_atomically(path, shown(found[0], form).encode())
    return [str(path)]


def target(out: str | None, form: str, vault_dir: str | None) -> Path:
    """The file that is meant. Raises Failure if it is in wiki/ or raw/, or a chart has none."""
    assert form in FORMS  # noqa: S101 - the program lets no other in
    if not out or (form == "chart" and not out.lower().endswith(".png")):
        raise Failure(f"a chart is a picture: name a file for it (--out NAME.png){f', not {out}' if out else ''}")
    path = Path(out)
    try:
        vault = find(vault_dir)
    except Failure:
        return path
    for folder in (vault.wiki, vault.raw):
        if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
            raise Failure(
                f"nothing but merge writes into {folder.name}/: name a file elsewhere, or keep it: ask | merge", out
            )
    return path
