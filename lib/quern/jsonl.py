"""JSON Lines: the only thing that passes between the programs.

Streams are read and written as bytes, a line at a time: U+2028 in a string is not the end of a line,
and each record is flushed, so that the next program sees it at once and a reader that has gone is noticed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, TypeVar

import orjson

from quern.program import Failure

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of input: where it stood, its `kind`, and its keys as they came (unknown ones too)."""

    file: str
    line: int
    data: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.data["kind"])

    def to(self, type_: type[T]) -> T:
        """This row as a typed record; unknown keys are ignored.

        Raises Failure, naming the line and the key, if a key is missing or of the wrong type.
        """
        import msgspec

        try:
            return msgspec.convert(self.data, type_)
        except msgspec.ValidationError as error:
            raise Failure(f"{self.kind}: {error}", self.file, self.line) from None


def read(file: str) -> Iterator[Row]:
    """The records of FILE (`-` is stdin), lazily.

    Raises Failure, naming the line, if a line is not a JSON object with a `kind`.
    """
    if file == "-":
        if sys.stdin.isatty():
            print("waiting for JSON Lines on stdin (Ctrl-D ends it)", file=sys.stderr)
        yield from rows(sys.stdin.buffer, "<stdin>")
        return
    with open(file, "rb") as stream:
        yield from rows(stream, file)


def rows(stream: Iterable[bytes], file: str) -> Iterator[Row]:
    """The records of an open binary stream; blank lines are skipped."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            data = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise Failure(f"not JSON: {error}", file, number) from None
        if not isinstance(data, dict) or not isinstance(data.get("kind"), str):
            raise Failure('not a record: an object with a "kind" is wanted', file, number)
        yield Row(file, number, data)


def encode(record: Any) -> bytes:
    """One record (a Row, a dict or a dataclass of `records`) as one line; `kind` comes first."""
    if isinstance(record, Row):
        record = record.data
    kind = getattr(record, "kind", None)
    if kind is None:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    body = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    return b'{"kind":' + orjson.dumps(kind) + b"," + body[1:]


def write(records: Iterable[Any], stream: IO[bytes] | None = None) -> int:
    """Write records to stdout (or `stream`), each flushed; returns how many."""
    stream = sys.stdout.buffer if stream is None else stream
    count = 0
    for count, record in enumerate(records, 1):
        stream.write(encode(record))
        stream.flush()
    return count
