"""The start of a program, which a pipeline of eight pays eight times."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

from processes import ROOT, environment

# The figure to keep is 1.6 (bench/start.py, on a quiet machine); a busy one must not turn the tests red.
LIMIT = 2.5


def seconds(*command: str) -> float:
    """What a process takes of the processors: what else they do does not count."""
    begun = spent()
    subprocess.run(command, env=environment(), stdout=subprocess.DEVNULL, check=True)
    return spent() - begun


def spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_comes_nearly_as_fast_as_click() -> None:
    programs = sorted(str(path) for path in (ROOT / "bin").iterdir() if path.is_file())
    click = [sys.executable, "-c", "import click"]
    ratios = {program: [seconds(program, "--help") / seconds(*click) for _ in range(4)][1:] for program in programs}
    slow = {program: found for program, found in ratios.items() if statistics.median(found) > LIMIT}
    assert not slow
