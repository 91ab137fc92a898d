"""Numbers, measures and dates in text, by value: `240 MW`, `1.234,5 €`, `between 3 and 5`, `1er mars 2024`."""

from __future__ import annotations

from quern.quantities.dates import Date, dates
from quern.quantities.measures import Measure, agree, measures
from quern.quantities.numbers import COMMA_DECIMAL, Quantity, numbers
from quern.quantities.spelt import spelt, spelt_words
from quern.quantities.units import in_base

__all__ = [
    "COMMA_DECIMAL", "Date", "Measure", "Quantity", "agree", "dates", "in_base", "measures", "numbers", "spelt",
    "spelt_words",
]  # fmt: skip
