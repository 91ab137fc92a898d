"""Write records.md and records.json from lib/quern/records/: `make docs`. A test holds them together."""

from __future__ import annotations

import dataclasses
import json
import typing
from pathlib import Path
from typing import Any

import msgspec

from quern import records

MADE_BY = {
    "task": "plan",
    "source": "segment",
    "passage": "segment",
    "end": "segment",
    "claim": "extract",
    "unread": "extract",
    "page": "link",
    "candidate": "link",
    "split": "a person, for split",
    "mend": "mend",
    "summary": "summarize",
    "usage": "the programs that think",
    "change": "merge",
    "finding": "lint",
    "check": "doctor",
    "trial": "probe",
    "provenance": "why",
    "hit": "search",
    "answer": "ask",
    "proposal": "propose",
    "entry": "logappend",
}
HEAD = """\
# Records

Made from `lib/quern/records/` by `make docs`; do not edit. The same as JSON Schema: [records.json](records.json).

One JSON object a line, with a `kind` and flat, static, snake_case keys.
Keys that are not listed pass through every program untouched, and so do kinds that are not listed.
A key with a default may be missing.
Paths are relative to the vault and use `/`.
Offsets (`start`, `end`) are 0-based and end-exclusive, in Unicode code points of the decoded source; lines are 1-based.
Dates are ISO 8601 and may be partial (`2024`, `2024-03`, `2024-03-01`).
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    nested = [records.Name, records.Sentence, records.Span, records.Add, records.Relation, records.SummarySentence]
    nested += [records.Cited, records.Gap, records.Near, records.Cell]
    for kind, type_ in records.KINDS.items():
        parts.append(f"\n## {kind}\n\nMade by {MADE_BY[kind]}. {_sentence(type_)}\n\n{_table(type_)}")
    parts.append("\n## Parts of records\n")
    parts += [f"\n### {type_.__name__}\n\n{_sentence(type_)}\n\n{_table(type_)}" for type_ in nested]
    return "".join(parts)


def json_schema() -> str:
    """The same as JSON Schema."""
    schemas, parts = msgspec.json.schema_components(list(records.KINDS.values()), ref_template="#/$defs/{name}")
    for kind, type_ in records.KINDS.items():
        part = parts[type_.__name__]
        part["properties"] = {"kind": {"const": kind}} | part["properties"]
        part["required"] = ["kind", *part.get("required", [])]
    whole = {"oneOf": list(schemas), "$defs": {name: parts[name] for name in sorted(parts)}}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _sentence(type_: type[Any]) -> str:
    return " ".join((type_.__doc__ or "").split())


def _table(type_: type[Any]) -> str:
    hints = typing.get_type_hints(type_)
    fields = dataclasses.fields(type_)
    rows = [f"| `{field.name}` | {_type(hints[field.name])} | {_default(field)} |" for field in fields]
    return "\n".join(["| key | type | default |", "|---|---|---|", *rows]) + "\n"


def _type(hint: Any) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return " or ".join(f"`{json.dumps(value)}`" for value in typing.get_args(hint))
    if typing.get_origin(hint) is list:
        return f"list of {_type(typing.get_args(hint)[0])}"
    if arguments := typing.get_args(hint):
        return " or ".join(_type(argument) for argument in arguments)
    plain = {str: "string", int: "integer", float: "number", bool: "true or false", type(None): "null"}
    return plain.get(hint) or f"[{hint.__name__}](#{hint.__name__.lower()})"


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return "`[]`"
    return "" if field.default is dataclasses.MISSING else f"`{json.dumps(field.default)}`"


if __name__ == "__main__":
    folder = Path(__file__).parent
    (folder / "records.md").write_text(page(), encoding="utf-8")
    (folder / "records.json").write_text(json_schema(), encoding="utf-8")
