"""A comparison as a table: things by attributes, each cell cited, or empty and a gap."""

from __future__ import annotations

from quern import pages
from quern.answers import comparison, frames
from quern.answers.forms import footnotes, plain
from quern.answers.forms.prose import how, missing, section
from quern.program import Failure
from quern.records import Answer


def text(answer: Answer) -> str:
    """The comparison as Markdown. Raises Failure if nothing is compared."""
    if not answer.cells:
        raise Failure("no claim tells of something that could be compared: name the things, or ask with --compare")
    lines = [f"# {plain(answer.question)}", "", *rows(answer), "", f"*{' · '.join(how(answer))}*"]
    lines += section(frames.of(answer.language).missing, missing(answer))
    ids = [id_ for cell in answer.cells for id_ in cell.claims]
    return "\n".join([*lines, "", *footnotes(answer, ids)]) + "\n"


def rows(answer: Answer, *, notes: bool = True) -> list[str]:
    """The lines of the table; `notes`: each cell with its footnotes."""
    things, attributes = comparison.shape(answer.cells)
    cells = {(cell.thing, cell.attribute): cell for cell in answer.cells}
    lines = [_line(["", *map(_cell, attributes)]), _line(["---"] * (len(attributes) + 1))]
    for thing in things:
        found = [cells.get((thing, attribute)) for attribute in attributes]
        told = [pages.cited(_cell(one.text), one.claims if notes else []) if one else "" for one in found]
        lines.append(_line([_cell(thing), *told]))
    return lines


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return plain(text).replace("|", "\\|")
