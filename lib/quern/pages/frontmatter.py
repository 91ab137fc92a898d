"""Front matter: read as strings only, and written line by line so that all that is not ours stays as it is.

A value that YAML 1.1 or 1.2 could read as anything but a string is quoted when it is written,
so a title such as `No`, `1.10` or `12:30` stays what a person wrote. Dates of ours stay plain: Dataview reads them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Value = str | int | Sequence[str] | None

FOUND = "aliases_found"
ORDER = (
    *("title", "type", "question", "known_by", "gaps", "source", "id", "sha256", "aliases", FOUND, "tags"),
    *(
        "authors",
        "published",
        "url",
        "language",
        "engine",
        "model",
        "created",
        "updated",
        "as_of",
        "words",
        "sources",
        "claims",
    ),
    *("status", "lead", "lead_of"),
)
"""Our own keys, in the order in which they stand."""

_DATES = frozenset({"created", "updated", "as_of", "published"})
_DATE = re.compile(r"\d{4}-\d\d-\d\d")

# Lines whose meaning needs no YAML parser: plain or simply quoted words, lists of them, comments.
_ODD = r"\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff"
_INNER = rf"[^\s:#\[\]{{}},\"'|>&*!%@`\\{_ODD}]"
_WORD = rf'(?:[^\W_]{_INNER}*(?:[ ]{_INNER}+)*|"[^"\\{_ODD}]*")'
_REST = rf"(?P<rest>[ \t]+\#[^{_ODD}]*|[ \t]*)\r?\Z"
_SIMPLE = re.compile(
    rf"(?P<key>[A-Za-z_][A-Za-z0-9_-]*):"
    rf"(?:[ ]+(?:(?P<word>{_WORD})|\[[ ]*(?P<list>(?:{_WORD}(?:[ ]*,[ ]*{_WORD})*[ ]*)?)\]))?{_REST}"
)
_ITEM = re.compile(rf"(?P<indent>[ ]*)-[ ]+(?P<word>{_WORD}){_REST}")
_COMMENT = re.compile(rf"(?:#[^{_ODD}]*|[ ]*)\r?\Z")
_WORDS = re.compile(_WORD)
_TAIL = re.compile(r"(?:[ \t]+#.*|[ \t]*)\r?\Z")
_KEY = re.compile(r"""(?:"(?P<quoted>[^"\\]*)"|(?P<bare>[^\s#"'\[\]{},:-][^:#]*?))[ \t]*:(?=\s|\Z)""")

_MARKER = re.compile(r"%|\?\s|(?:---|\.\.\.)(?:\s|\Z)|!|&")

# Words that some version of YAML reads as a truth value, a number or nothing.
_SPECIAL = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"))
_SAFE = re.compile(r"[^\W\d_](?:[\w'’().&/+–—-]|[ ](?=[^\s#]))*\Z")
_UNSAFE = re.compile(rf'[\t"\\{_ODD}]')


class Entry(NamedTuple):
    """A top-level key and the lines [start, end) that it and its value take.

    `tail` is the comment behind a value on one line, `indent` what stands before the dashes of a block list.
    """

    key: str
    start: int
    end: int
    tail: str = ""
    indent: str | None = None


class Front(NamedTuple):
    """What front matter says. A problem is a line (an index into the lines given) and a message."""

    values: dict[str, Any]
    entries: list[Entry]
    problems: list[tuple[int, str]]


def read(lines: Sequence[str]) -> Front:
    """The front matter in these lines (without its `---`); what is no YAML is a problem, never an exception."""
    values: dict[str, Any] = {}
    entries: list[Entry] = []
    is_open = False
    for number, line in enumerate(lines):
        match = _SIMPLE.match(line)
        if match is not None and match["key"] not in values:
            is_open = match["word"] is None and match["list"] is None
            values[match["key"]] = _simple_value(match)
            entries.append(Entry(match["key"], number, number + 1, match["rest"]))
        elif _COMMENT.match(line) is None:
            item = _ITEM.match(line)
            if item is None or not is_open or entries[-1].indent not in (None, item["indent"]):
                return _read_yaml(lines)
            key = entries[-1].key
            values[key] = [*(values[key] or ()), _unquoted(item["word"])]
            entries[-1] = Entry(key, entries[-1].start, number + 1, "", item["indent"])
    return Front(values, entries, [])


def write(lines: Sequence[str], changes: Mapping[str, Value]) -> list[str]:
    """The lines with these keys set, or taken out (None); every other line stays byte for byte."""
    new = list(lines)
    front = read(new)
    for key, value in changes.items():
        entry = next((entry for entry in reversed(front.entries) if entry.key == key), None)
        if entry is None:
            if value in (None, "", [], ()):
                continue
            at = _place(front.entries, key)
            new[at:at] = [f"{key}: {write_value(key, value)}"]
        elif _strings(front.values.get(key)) != _strings(value):
            block = new[entry.start : entry.end]
            new[entry.start : entry.end] = [] if value is None else _replaced(block, entry, value)
        else:
            continue
        front = read(new)
    return new


def write_value(key: str, value: Value) -> str:
    """A value as YAML on one line."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, str):
        return value if key in _DATES and _DATE.fullmatch(value) else write_string(value)
    return "[" + ", ".join(write_string(item) for item in value) + "]"


def write_string(text: str) -> str:
    """A string as YAML that no reader takes for anything else, alone or in a list."""
    if _SAFE.match(text) and text.casefold() not in _SPECIAL:
        return text
    return '"' + _UNSAFE.sub(_escaped, text) + '"'


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    named = {"\n": r"\n", "\t": r"\t", '"': r"\"", "\\": r"\\"}.get(character)
    return named or (f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}")


def _simple_value(match: re.Match[str]) -> str | list[str]:
    if match["list"] is not None:
        return [_unquoted(word) for word in _WORDS.findall(match["list"])]
    return _unquoted(match["word"] or "")


def _unquoted(word: str) -> str:
    return word[1:-1] if word[:1] == '"' else word


def _strings(value: Any) -> list[str]:
    """A value as it counts when two are compared: what is empty is equal, one word is a list of one."""
    if value is None or value == "":
        return []
    if isinstance(value, str | int):
        return [str(value)]
    return [str(item) for item in value]


def _place(entries: Sequence[Entry], key: str) -> int:
    """The line before which a new key of ours belongs: behind the last of ours that precedes it."""
    rank = {name: number for number, name in enumerate(ORDER)}
    before = [entry for entry in entries if rank.get(entry.key, len(rank)) < rank.get(key, len(rank))]
    if before:
        return max(entry.end for entry in before)
    return 0 if key in rank else max((entry.end for entry in entries), default=0)


def _replaced(block: Sequence[str], entry: Entry, value: Value) -> list[str]:
    """The lines of a key with another value, in the style in which they stand."""
    key = _KEY.match(block[0])
    name = key[0] if key else f"{entry.key}:"
    if entry.indent is None or isinstance(value, str | int) or not value:
        return [f"{name} {write_value(entry.key, value)}{entry.tail}"]
    items = [f"{entry.indent}- {write_string(item)}" for item in value]
    standing = read(block).values.get(entry.key)
    if isinstance(standing, list) and list(value[: len(standing)]) == standing:
        return [*block, *items[len(standing) :]]
    return [block[0], *items]


# With the parser, for what people write


def _read_yaml(lines: Sequence[str]) -> Front:
    import yaml

    text = "\n".join(lines) + "\n"
    try:
        loader = yaml.CBaseLoader(text)
        try:
            node = loader.get_single_node()
            values = loader.construct_document(node) if node is not None else {}
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = text.count("\n", 0, mark.index) if mark else 0
        return _broken(lines, min(line, max(len(lines) - 1, 0)), " ".join(str(error.problem or error.context).split()))
    except (yaml.YAMLError, RecursionError, UnicodeEncodeError) as error:
        return _broken(lines, 0, " ".join(str(error).split()))
    if node is None:
        return Front({}, [], [])
    if not isinstance(values, dict):
        return _broken(lines, 0, "no `key: value` lines")
    if not _is_plain(lines, node):
        return Front(values, [], [(0, "front matter is not `key: value` lines, each beginning at the margin")])
    entries = [_entry(text, lines, key, value) for key, value in node.value]
    keys = [entry.key for entry in entries]
    twice = [entry for number, entry in enumerate(entries) if entry.key in keys[:number]]
    return Front(values, entries, [(entry.start, f"the key {entry.key} stands here twice") for entry in twice])


def _is_plain(lines: Sequence[str], node: Any) -> bool:
    """Whether a line can be put among these lines: they are one block of keys at the margin, and nothing else."""
    margin = all(key.start_mark.column == 0 and isinstance(key.value, str) for key, _ in node.value)
    return margin and not node.flow_style and not any(_MARKER.match(line) for line in lines)


def _broken(lines: Sequence[str], line: int, message: str) -> Front:
    """What can be told of front matter that is no YAML: where its keys seem to be."""
    found = [(number, match) for number, line_ in enumerate(lines) if (match := _KEY.match(line_))]
    starts = [(match["bare"] or match["quoted"] or "", number) for number, match in found]
    ends = [*(number for _, number in starts[1:]), len(lines)]
    entries = [Entry(key, start, end) for (key, start), end in zip(starts, ends, strict=False)]
    return Front({}, entries, [(line, f"front matter is not YAML: {message}")])


def _entry(text: str, lines: Sequence[str], key: Any, value: Any) -> Entry:
    # YAML breaks lines where we do not (U+2028), so only the index of a mark is true.
    start, last = text.count("\n", 0, key.start_mark.index), text.count("\n", 0, value.end_mark.index)
    column = value.end_mark.index - (text.rfind("\n", 0, value.end_mark.index) + 1)
    end = min(last + (column > 0), len(lines))
    is_collection = not isinstance(value.value, str)
    is_block = not value.flow_style if is_collection else value.style in ("|", ">")
    if not is_block:
        end = max(end, start + 1)
        tail = lines[last][column:] if last == end - 1 else ""
        return Entry(key.value, start, end, tail if _TAIL.match(tail) else "")
    while end > start + 1 and _is_trailing(lines[end - 1], inside=not is_collection):
        end -= 1
    first = lines[text.count("\n", 0, value.start_mark.index)] if isinstance(value.value, list) else ""
    dash = re.match(r"([ ]*)-(?:\s|\Z)", first)
    return Entry(key.value, start, max(end, start + 1), "", dash[1] if dash else None)


def _is_trailing(line: str, *, inside: bool) -> bool:
    """Whether the last line of a block is no part of it: blank, or a comment (indented, it can be text)."""
    return not line.strip() or line.startswith("#") or (not inside and line.lstrip().startswith("#"))


def settled(values: Mapping[str, Any]) -> set[frozenset[str]]:
    """The pairs of claims of which a person has decided how they stand to each other (`settled:`, a pair an item)."""
    found = values.get("settled")
    return {frozenset(str(pair).split()) for pair in (found if isinstance(found, list) else [found]) if pair}
