"""The figures of a comparison as a chart, and beside it as a table of data (CSV). Only what can be compared is drawn:
figures of one attribute, in one unit, of several things.
"""

from __future__ import annotations

import csv
import io
import os
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from quern import quantities
from quern.program import Failure
from quern.records import Answer, Cell

if TYPE_CHECKING:
    from pathlib import Path

LEAST = 2
"""Figures that a chart has at least."""


class Series(NamedTuple):
    """What is drawn: figures of one attribute, in one unit ("" for a number of things)."""

    attribute: str
    unit: str
    cells: list[Cell]
    values: list[float]


def series(answer: Answer) -> Series:
    """The figures that are drawn: of the attribute that most things have. Raises Failure if none can be compared."""
    found: dict[tuple[str, str], list[Cell]] = {}
    for cell in answer.cells:
        if cell.value is not None and (cell.dimension or cell.unit):
            found.setdefault((cell.attribute, cell.dimension or cell.unit), []).append(cell)
    for (attribute, _), cells in sorted(found.items(), key=lambda item: -len(item[1])):
        unit = cells[0].unit
        values = [_in_unit(cell, unit) for cell in cells]
        told = [value for value in values if value is not None]
        if len(cells) >= LEAST and len(told) == len(values):
            return Series(attribute, unit, cells, told)
    what = "no two of its figures can be compared" if answer.cells else "no figures are compared in it"
    raise Failure(f"no chart: {what} (one attribute of several things, in units of one kind, undisputed)")


def write(answer: Answer, path: Path) -> list[Path]:
    """Draw the chart into a PNG file, and write its data beside it; returns both files.

    Raises Failure if nothing can be compared, or there is no matplotlib.
    """
    found = series(answer)
    drawn = _drawn(answer.question, found)
    beside = path.with_suffix(".csv")
    for file, data in ((path, drawn), (beside, table(found).encode())):
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(file, "wb") as stream:
            stream.write(data)
            os.fsync(stream.fileno())
    return [path, beside]


def table(found: Series) -> str:
    """The data of a chart as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["thing", "attribute", "value", "unit", "as_of", "as written", "claims"])
    for cell, value in zip(found.cells, found.values, strict=True):
        told = [cell.thing, found.attribute, f"{value:g}", found.unit, cell.as_of or "", cell.text]
        writer.writerow([*map(_harmless, told[:2]), *told[2:5], _harmless(cell.text), " ".join(cell.claims)])
    return out.getvalue()


def _drawn(question: str, found: Series) -> bytes:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise Failure("no chart without matplotlib: pip install 'quern[chart]' (or in a clone: '.[chart]')") from None
    count = len(found.cells)
    figure = Figure(figsize=(8, 1.6 + 0.45 * count), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.barh(range(count), found.values, color="#4c72b0")
    axes.set_yticks(range(count), [_plain(cell.thing) for cell in found.cells])
    axes.invert_yaxis()
    axes.set_xlabel(_plain(f"{found.attribute} ({found.unit})" if found.unit else found.attribute))
    axes.set_title(_plain(question), fontsize=10, wrap=True)
    for number, (cell, value) in enumerate(zip(found.cells, found.values, strict=True)):
        axes.annotate(_plain(cell.text), (value, number), xytext=(3, 0), textcoords="offset points", va="center")
    axes.margins(x=0.2)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _in_unit(cell: Cell, unit: str) -> float | None:
    """The figure of a cell in a unit; None if it cannot be told in that."""
    if not cell.dimension:
        return cell.value if cell.unit == unit else None
    _, zero = quantities.in_base(Decimal(0), unit)
    _, one = quantities.in_base(Decimal(1), unit)
    if cell.value is None or one == zero:
        return None
    return float(f"{(Decimal(repr(cell.value)) - zero) / (one - zero):.6g}")


def _plain(text: str) -> str:
    """Words for a picture: what matplotlib takes for mathematics is not meant so."""
    return text.replace("$", r"\$")


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
