"""Shapes: whether a reply fits the JSON Schema that was sent with the question.

Only the part of JSON Schema that we send is known; a keyword that is not is an error of ours, never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
_KNOWN = {
    "type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength",
    "enum", "const", "minimum", "maximum", "anyOf", "description", "title", "$schema",
}  # fmt: skip


def misfit(value: Any, schema: Schema, at: str = "") -> str | None:
    """What is wrong with a value, and where ("claims[2].text: …"); None if it fits.

    Raises ValueError if the schema has a keyword that is not known here.
    """
    return next(_misfits(value, schema, at), None)


def strings(value: Any, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The strings of a value that fits, with what the schema says of each; those of a fixed choice are left out."""
    if isinstance(value, str):
        if "enum" not in schema and "const" not in schema:
            yield value, schema
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, _fitting(item, schema.get("items", {})))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, _fitting(item, schema.get("properties", {}).get(key, {})))


def complete(schema: Schema) -> dict[str, Any]:
    """The schema of those values that fit and leave nothing out: each property of an object is required."""
    made = dict(schema)
    if "properties" in schema:
        made["properties"] = {key: complete(of) for key, of in schema["properties"].items()}
        made["required"] = [*schema["properties"]]
    if "items" in schema:
        made["items"] = complete(schema["items"])
    if "anyOf" in schema:
        made["anyOf"] = [complete(branch) for branch in schema["anyOf"]]
    return made


def _fitting(value: Any, schema: Schema) -> Schema:
    """The branch of `anyOf` that a value fits."""
    for branch in schema.get("anyOf", ()):
        if misfit(value, branch) is None:
            return _fitting(value, branch)
    return schema


def _misfits(value: Any, schema: Schema, at: str) -> Iterator[str]:
    unknown = sorted(set(schema) - _KNOWN)
    if unknown:
        raise ValueError(f"{at or 'schema'}: no check for {', '.join(unknown)}")
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(_TYPES[type_](value) for type_ in types):
        yield _at(at, f"{' or '.join(types)} wanted, not {_what(value)}")
        return
    choice = [schema["const"]] if "const" in schema else schema.get("enum", [value])
    if value not in choice:
        yield _at(at, f"{' or '.join(map(str, choice))} wanted, not {_what(value)}")
    if "anyOf" in schema:
        found = [misfit(value, branch, at) for branch in schema["anyOf"]]
        if None not in found:
            yield next(filter(None, found))
    if isinstance(value, str):
        yield from _bounds(len(value), schema, "Length", at, "characters")
    elif isinstance(value, list):
        yield from _bounds(len(value), schema, "Items", at, "items")
        for number, item in enumerate(value):
            yield from _misfits(item, schema.get("items", {}), f"{at}[{number}]")
    elif isinstance(value, dict):
        yield from _of_object(value, schema, at)
    elif _TYPES["number"](value):
        yield from _of_number(value, schema, at)


def _of_number(value: float, schema: Schema, at: str) -> Iterator[str]:
    if value < schema.get("minimum", value):
        yield _at(at, f"{value} is less than {schema['minimum']}")
    if value > schema.get("maximum", value):
        yield _at(at, f"{value} is more than {schema['maximum']}")


def _of_object(value: Mapping[str, Any], schema: Schema, at: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in value:
            yield _at(at, f"{key} is missing")
    for key, item in value.items():
        inner = f"{at}.{key}" if at else key
        if key in properties:
            yield from _misfits(item, properties[key], inner)
        elif schema.get("additionalProperties") is False:
            yield _at(at, f"{key[:40]!r} is not a key of it")


def _bounds(size: int, schema: Schema, what: str, at: str, unit: str) -> Iterator[str]:
    if size < schema.get(f"min{what}", 0):
        yield _at(at, f"{size} {unit}, at least {schema[f'min{what}']} wanted")
    if size > schema.get(f"max{what}", size):
        yield _at(at, f"{size} {unit}, at most {schema[f'max{what}']} allowed")


def _at(place: str, message: str) -> str:
    return f"{place}: {message}" if place else message


def _what(value: Any) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:40] + "…")
    return str(value) if isinstance(value, int | float) or value is None else type(value).__name__
