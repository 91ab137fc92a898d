"""Lists and tables that are made from claims, of two pages together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def joined(own: Iterable[str], other: Iterable[str]) -> list[str]:
    """The lines of a section of contradictions, or of values over time, with those that another page has besides.

    List items come behind ours, rows into the table of the same head, in the order of their first cells (dates).
    """
    blocks = list(_blocks(own))
    for block in _blocks(other):
        like = next((mine for mine in blocks if mine[0] == block[0] or not (_is_table(mine) or _is_table(block))), None)
        if like is None:
            blocks.append(block)
        elif _is_table(block):
            _put_rows(like, block[2:])
        else:
            like += [line for line in block if line not in like]
    return [line for block in blocks for line in ("", *block)][1:]


def _blocks(lines: Iterable[str]) -> list[list[str]]:
    """Lines without a blank one between them."""
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [block for block in found if block]


def _is_table(block: Sequence[str]) -> bool:
    return block[0].startswith("|")


def _put_rows(table: list[str], rows: Iterable[str]) -> None:
    for row in rows:
        if row not in table:
            later = (number for number, standing in enumerate(table) if number > 1 and standing > row)
            table.insert(next(later, len(table)), row)
