"""Who speaks in a transcript: lines such as `Alice: ...`, `[00:12:31] Alice: ...`, `Alice (00:12:31): ...`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_TIME = r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?"
_NAME = (
    r"(?:[^\W\d_a-zß-öø-ÿ][\w.'\u2019\-]*"  # begins with a capital, or in a script that has none
    r"(?:[ ](?:[^\W\d_a-z][\w.'\u2019\-]*|[a-z]{1,3}|\d{1,2}|\([^()\d\n][^()\n]{0,40}\))){0,4})"
)
_TURN = re.compile(
    rf"(?:[*_]{{1,3}})?(?:[\[(]?(?P<before>{_TIME})[\])]?[ \t]*(?:[-\u2013\u2014][ \t]*)?)?(?:[*_]{{1,3}})?"
    rf"(?:(?P<name>{_NAME})[ \t]?(?:[\[(](?P<after>{_TIME})[\])])?(?:[*_]{{1,3}})?[ \t]?[:\uff1a](?!//)(?:[*_]{{1,3}})?"
    rf"(?=\s|$|[^\x00-\x7f])(?:[ \t]*(?P<last>{_TIME})(?=\s|$))?)?[ \t]*"
)
_LONGEST = 60


class Turn(NamedTuple):
    """The head of a turn: who speaks, when (as written), and where the words begin."""

    speaker: str | None
    time: str | None
    start: int


def turn(line: str) -> Turn | None:
    """The head of the turn that a line begins, or None if it begins none.

    `[00:12:31] Alice: Hello` -> Turn("Alice", "00:12:31", 18)
    """
    found = _TURN.match(line[: _LONGEST + 40])
    if not found or (found["name"] is None and found["before"] is None) or found.end() > _LONGEST + 20:
        return None
    return Turn(found["name"], found["before"] or found["after"] or found["last"], found.end())


def starts_turns(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The lines (first, end) of each turn; all in one if this is no conversation.

    One line alone that looks like `Note: ...` makes no conversation; two do, or one with a time or at the beginning.
    """
    if not lines:
        return
    heads = [number for number, line in enumerate(lines) if turn(line)]
    if len(heads) < 2 and not (heads and _timed(lines[heads[0]])):
        heads = []
    bounds = sorted({0, *heads})
    yield from zip(bounds, [*bounds[1:], len(lines)], strict=True)


def is_head(line: str) -> bool:
    """Whether a line is the head of a turn and nothing else: its words follow below."""
    found = turn(line)
    return found is not None and found.start >= len(line.rstrip())


def _timed(line: str) -> bool:
    found = turn(line)
    return found is not None and found.time is not None
