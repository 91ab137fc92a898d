"""The meter: one line for each call of a model, in `.cache/calls.jsonl`, and what the calls come to."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import msgspec
import orjson

from quern import jsonl
from quern.vault import Vault

FULL = 16_000_000  # bytes of a file, after which another is begun; the one before it is kept, those before that not
LATEST = 1 << 20  # bytes at the end of the files, in which the latest calls are looked for
_NAMES = ("calls.1.jsonl", "calls.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a model, as the meter wrote it down. `time`: when it ended, UTC; `stage`: the program that asked.

    Tokens: `reused` are those of the prompt that were not evaluated again; `max_tokens`: what the reply might have had;
    `context`: what the model has loaded, 0 if that is not known; `served`: what a server told of it (see `Model`).
    `cached`: nothing was asked. `retries`: how often the
    server was asked again; `attempt`: 2 after a reply that was refused; `refused`: why this one was, or "".
    """

    kind: ClassVar[str] = "call"
    time: str
    stage: str
    role: str
    model: str
    cached: bool = False
    finish: str | None = None
    refused: str = ""
    attempt: int = 1
    retries: int = 0
    prompt_tokens: int = 0
    reused_tokens: int = 0
    completion_tokens: int = 0
    max_tokens: int = 0
    context: int = 0
    served: str = ""
    prefill_seconds: float = 0.0
    decode_seconds: float = 0.0
    seconds: float = 0.0


class Meter:
    """Appends calls. Any number of processes do so at once: a line is written as one."""

    def __init__(self, vault: Vault) -> None:
        self._path = vault.cache / _NAMES[1]
        self._before = vault.cache / _NAMES[0]

    def note(self, call: Call) -> None:
        """Write one line."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(handle, jsonl.encode(call))
            size = os.fstat(handle).st_size
        finally:
            os.close(handle)
        if size > FULL:
            with contextlib.suppress(FileNotFoundError):
                os.replace(self._path, self._before)


def files(vault: Vault) -> list[str]:
    """The files that calls were written to, oldest first."""
    found = (vault.cache / name for name in _NAMES)
    return [os.fspath(path) for path in found if path.exists()]


def calls(vault: Vault) -> Iterator[Call]:
    """All calls that are known, oldest first. A line that is none, as a killed process leaves it, is passed over."""
    for file in files(vault):
        with open(file, "rb") as stream:
            yield from _calls(stream)


def latest(vault: Vault) -> list[Call]:
    """The calls of the last megabyte, oldest first: of more nobody asks who wants to know how things go."""
    found: list[Call] = []
    left = LATEST
    for file in reversed(files(vault)):
        with open(file, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            stream.seek(max(size - left, 0))
            found[:0] = _calls(stream)
        left -= size
        if left <= 0:
            break
    return found


def _calls(lines: Iterable[bytes]) -> Iterator[Call]:
    for line in lines:
        with contextlib.suppress(orjson.JSONDecodeError, msgspec.ValidationError):
            yield msgspec.convert(orjson.loads(line), Call)
