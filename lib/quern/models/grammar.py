"""The grammar that holds a reply to its JSON Schema: compact JSON, whose keys stand in the order of the schema.

llama.cpp has its own translation. This one leaves a model no white space to lose itself in, and counts in nested
repetitions: `char{0,400}` costs the parser of grammars four hundred rules, and this some dozen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isqrt
from typing import Any

# Escapes are those that a text can need: no \\u, which can spell half a character.
_CHAR = r'char ::= [^"\\\x7F\x00-\x1F] | "\\" ["\\/nt]'
_KNOWN = {
    "type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength",
    "maxLength", "minimum", "maximum", "enum", "const", "anyOf", "description", "title", "$schema",
}  # fmt: skip
_LITERALS = {
    "boolean": '("true" | "false")',
    "null": '"null"',
    "number": '"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,9})?',
    "integer": '"-"? ("0" | [1-9] [0-9]{0,14})',
    "positive": "[1-9] [0-9]{0,14}",
}


def of(schema: Mapping[str, Any], thoughts: tuple[str, str] | None = None) -> str:
    """The GBNF grammar of a JSON Schema; after a thought between two marks, if there are `thoughts`.

    A property of an object that is not required may be left out. Raises ValueError for what JSON Schema can say and
    this cannot.
    """
    grammar = _Grammar()
    reply = grammar.rule(schema)
    if thoughts is None:
        root = reply
    else:
        begin, end = thoughts
        # Anything but the beginning of the closing mark.
        thought = f"([^{_in_class(end[0])}] | {_text(end[0])} [^{_in_class(end[1])}])*"
        root = f'{_text(begin)}? {thought} {_text(end)} "\\n"{{0,2}} {reply}'
    return "\n".join([f"root ::= {root}", _CHAR, *grammar.rules]) + "\n"


class _Grammar:
    def __init__(self) -> None:
        self.rules: list[str] = []

    def rule(self, schema: Mapping[str, Any]) -> str:
        """What stands for a schema in another rule."""
        if unknown := set(schema) - _KNOWN:
            raise ValueError(f"no grammar for {', '.join(sorted(unknown))}")
        if "const" in schema:
            return _json(schema["const"])
        if "enum" in schema:
            return self._named(" | ".join(map(_json, schema["enum"])))
        if "anyOf" in schema:
            return self._named(" | ".join(map(self.rule, schema["anyOf"])))
        kind = schema.get("type")
        if isinstance(kind, Sequence) and not isinstance(kind, str):
            return self._named(" | ".join(self.rule({**schema, "type": one}) for one in kind))
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            return self._array(schema)
        if kind == "string":
            return self._string(schema.get("minLength", 0), schema.get("maxLength"))
        if kind == "integer" and "minimum" in schema and "maximum" in schema:
            return self._integers(schema["minimum"], schema["maximum"])
        if kind == "integer" and ("minimum" in schema or "maximum" in schema):
            if schema.get("minimum") != 1:
                raise ValueError(f"no grammar for integers from {schema.get('minimum')} to {schema.get('maximum')}")
            return f"({_LITERALS['positive']})"
        if kind in _LITERALS:
            return f"({_LITERALS[kind]})"
        raise ValueError(f"no grammar for the type {kind!r}")

    def _object(self, schema: Mapping[str, Any]) -> str:
        """An object: each way to begin it, and one way to go on behind each of its members, so that it grows with
        their number and no faster.
        """
        needed = set(schema.get("required", ()))
        begun, rest = ['"}"'], '"}"'
        for key, of in reversed(schema["properties"].items()):
            member = f"{_text(json.dumps(key) + ':')} {self.rule(of)}"
            begun = [f"{member} {rest}", *([] if key in needed else begun)]
            rest = f'"," {begun[0]}' if key in needed else self._named(f'("," {member})? {rest}')
        return self._named(f'"{{" {begun[0]}' if len(begun) == 1 else f'"{{" ({" | ".join(begun)})')

    def _array(self, schema: Mapping[str, Any]) -> str:
        item = self.rule(schema["items"])
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        if most == 0:
            return '"[]"'
        more = self._times(self._named(f'"," {item}'), max(least - 1, 0), None if most is None else most - 1)
        return self._named(f'"[" {item} {more} "]"' if least else f'"[" ({item} {more})? "]"')

    def _string(self, least: int, most: int | None) -> str:
        return self._named(rf'"\"" {self._times("char", least, most)} "\""')

    def _times(self, what: str, least: int, most: int | None) -> str:
        """A repetition, unrolled into few rules: blocks of √n at a time, then the rest one by one."""
        if most is None:
            return f"{self._exactly(what, least)} {what}*".strip()
        free = most - least
        size = isqrt(free)
        if size < 4:
            rest = f"{what}{{0,{free}}}" if free > 0 else ""
        else:
            block = self._named(f"{what}{{{size}}}")
            whole = (free - size + 1) // size
            rest = f"{block}{{0,{whole}}} {what}{{0,{free - whole * size}}}"
        return f"{self._exactly(what, least)} {rest}".strip()

    def _exactly(self, what: str, times: int) -> str:
        size = isqrt(times)
        if size < 4:
            return f"{what}{{{times}}}" if times else ""
        rest = times - times // size * size
        return f"{self._named(f'{what}{{{size}}}')}{{{times // size}}}" + (f" {what}{{{rest}}}" if rest else "")

    def _integers(self, least: int, most: int) -> str:
        """The integers from `least` to `most`, digit by digit: so a number costs one way to go on, not one each."""
        if least < 0 or most - least > 9999:
            raise ValueError(f"no grammar for the integers from {least} to {most}")
        return self._digits([str(number) for number in range(least, most + 1)])

    def _digits(self, numbers: list[str]) -> str:
        ways = []
        for digit in sorted({number[0] for number in numbers}):
            rest = [number[1:] for number in numbers if number[0] == digit]
            more = [one for one in rest if one]
            after = f" {self._digits(more)}" if more else ""
            ways.append(f'"{digit}"{after}' + ("?" if more and len(more) < len(rest) else ""))
        return self._named(" | ".join(ways))

    def _named(self, body: str) -> str:
        # Equal rules are one rule: ten digits mostly go on alike.
        for rule in self.rules:
            name, _, known = rule.partition(" ::= ")
            if known == body:
                return name
        self.rules.append(f"r{len(self.rules)} ::= {body}")
        return f"r{len(self.rules) - 1}"


def _json(value: Any) -> str:
    return _text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def _in_class(char: str) -> str:
    return f"\\{char}" if char in "\\]^-" else char
