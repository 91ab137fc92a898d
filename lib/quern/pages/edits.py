"""The lines of a page and what is to be done to them, by the numbers that the lines have now.

Edits do not disturb each other: numbers stay true until `result` is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence


class Edits:
    """Removals, replacements and insertions on a list of lines."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines: list[str | None] = list(lines)
        self._before: dict[int, list[str]] = {}

    def __getitem__(self, number: int) -> str | None:
        """A line as it stands, or None if it was removed."""
        return self._lines[number]

    def replace(self, number: int, text: str) -> None:
        self._lines[number] = text

    def remove(self, start: int, end: int | None = None) -> None:
        """Take out one line, or those from `start` up to `end`."""
        for number in range(start, start + 1 if end is None else end):
            self._lines[number] = None

    def insert(self, number: int, lines: Sequence[str]) -> None:
        """Put lines before a line (`len` of the page: at its end), behind what was put there already."""
        self._before.setdefault(number, []).extend(lines)

    def append(self, lines: Sequence[str]) -> None:
        """Put lines behind the last line with text, a blank line between."""
        self._before.setdefault(self.end, []).extend(["", *lines])

    @property
    def end(self) -> int:
        """The number behind the last line with text; what is put before it comes before what is put there later."""
        filled = [number + 1 for number, line in enumerate(self._lines) if line and line.strip()]
        filled += [number for number, lines in self._before.items() if any(line.strip() for line in lines)]
        return max(filled, default=0)

    def blank(self, start: int, end: int) -> bool:
        """Whether nothing with text stands, or is put, between two lines."""
        kept = any((self._lines[number] or "").strip() for number in range(start, end))
        return not kept and not any(self._before.get(number) for number in range(start, end + 1))

    def result(self) -> list[str]:
        """The lines after all edits."""
        out: list[str] = []
        for number in range(len(self._lines) + 1):
            out.extend(self._before.get(number, ()))
            if number < len(self._lines):
                line = self._lines[number]
                if line is not None:
                    out.append(line)
        return out


def tail(lines: Sequence[str], start: int, end: int) -> int:
    """Behind the last line with text of a section that begins at `start`, or the blank line under its heading."""
    filled = [number for number in range(start + 1, end) if lines[number].strip()]
    return filled[-1] + 1 if filled else min(start + 2, end)
