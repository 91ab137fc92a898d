"""An answer as a canvas that Obsidian opens (JSON Canvas 1.0, https://jsoncanvas.org/spec/1.0/).

The question on the left, its sentences beside it, and the pages of the claims that they cite on the right.
"""

from __future__ import annotations

import json
from typing import Any

from quern.answers import frames
from quern.answers.forms import by_id, plain
from quern.answers.forms.prose import missing
from quern.records import Answer

_WIDTH, _HEIGHT, _GAP = 420, 180, 60


def text(answer: Answer) -> str:
    """The canvas as JSON. Files are named as paths in the vault."""
    nodes: list[dict[str, Any]] = [_text("question", f"# {plain(answer.question)}", 0, 0)]
    edges: list[dict[str, Any]] = []
    claims, frame = by_id(answer), frames.of(answer.language)
    told = [(plain(said.text), said.claims) for said in answer.sentences] or [(frame.unknown, [])]
    paths: dict[str, str] = {}
    for number, (sentence, ids) in enumerate(told):
        node = f"sentence-{number + 1}"
        nodes.append(_text(node, sentence, 1, number))
        edges.append(_edge("question", node))
        pages = dict.fromkeys(path for id_ in ids if id_ in claims for path in [*claims[id_].pages, claims[id_].ledger])
        edges += [_edge(node, paths.setdefault(path, f"page-{len(paths) + 1}")) for path in pages]
    paths |= {near.path: f"page-{len(paths) + number}" for number, near in enumerate(answer.nearest, 1)}
    for number, (path, node) in enumerate(paths.items()):
        nodes.append({"id": node, "type": "file", "file": path, **_at(2, number)})
    if answer.gaps:
        nodes.append(_text("missing", "\n".join([f"## {frame.missing}", "", *missing(answer)]), 0, 1))
        edges.append(_edge("question", "missing"))
    return json.dumps({"nodes": nodes, "edges": edges}, ensure_ascii=False, indent="\t") + "\n"


def _text(id_: str, words: str, column: int, row: int) -> dict[str, Any]:
    return {"id": id_, "type": "text", "text": words, **_at(column, row)}


def _at(column: int, row: int) -> dict[str, int]:
    return {"x": column * (_WIDTH + 2 * _GAP), "y": row * (_HEIGHT + _GAP), "width": _WIDTH, "height": _HEIGHT}


def _edge(start: str, end: str) -> dict[str, str]:
    return {"id": f"{start}-{end}", "fromNode": start, "fromSide": "right", "toNode": end, "toSide": "left"}
