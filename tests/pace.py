"""How the work grows with the input, measured in CPU time, which other programs on the machine do not touch."""

from __future__ import annotations

import time
from collections.abc import Callable


def assert_linear(work: Callable[[str], object], piece: str, times: int = 10_000) -> None:
    """Ten times the text takes about ten times the work: at most forty, where quadratic work takes a hundred.

    What takes less than 1 ms is measured as 1 ms. A busy machine gets three tries, each with a text of its own, so
    that nothing is found in a cache.
    """
    for number in range(3):
        small = max(spent(work, piece * (times // 10) + "x" * number), 0.001)
        large = spent(work, piece * times + "x" * number)
        if large <= 40 * small:
            return
    raise AssertionError(f"{piece!r} ten times as often takes {large / small:.0f} times the work ({large:.2f} s)")


def spent(work: Callable[[str], object], text: str) -> float:
    """The CPU seconds of one call."""
    begun = time.process_time()
    work(text)
    return time.process_time() - begun
