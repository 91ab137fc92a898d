"""Says what lint takes on a wiki of 10,000 pages, and of any other size, in time and memory.

    python bench/lint.py [FOLDER] [--pages 10000 50000]

The wiki is that of bench/wiki.py. Cold: there is no catalogue; changed: one page has been edited since; warm: nothing
has. Seconds are of the clock and of the processors, megabytes the most that one process held.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from wiki import ROOT, World, write_wiki

from quern.vault import Vault

RUNS = (
    ("lint, cold", ()),
    ("lint, warm", ()),
    ("lint, one page changed", ()),
    ("lint --code broken-link, warm", ("--code", "broken-link")),
    ("lint --all, first", ("--all",)),
    ("lint --all, warm", ("--all",)),
)


def run(vault: Vault, arguments: tuple[str, ...]) -> tuple[float, float, float]:
    """Seconds of the clock and of the processors, and megabytes, of one run of lint."""
    settings = os.environ | {"QUERN_VAULT": str(vault.root), "QUERN_DATE": "2026-04-03"}
    # What a child took can be asked only of all children together: so each has a parent of its own.
    asked = (
        "import resource, subprocess, sys, time; start = time.perf_counter();"
        "status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode;"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(status, time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss)"
    )
    command = [sys.executable, "-c", asked, ROOT / "bin" / "lint", *arguments]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=True)
    status, clock, processor, memory = map(float, done.stdout.split())
    if status not in (0, 1):
        sys.exit(done.stderr)
    return clock, processor, memory / (1024 if sys.platform == "linux" else 1024**2)


def measure(vault: Vault) -> None:
    """All runs on one wiki, as a table."""
    shutil.rmtree(vault.cache, ignore_errors=True)
    print(f"{'what':34} {'seconds':>8} {'of processors':>14} {'MB':>6}")
    for what, arguments in RUNS:
        if "changed" in what:
            page = min((vault.wiki / "entities").glob("*.md"))
            page.write_text(page.read_text(encoding="utf-8") + "\nA word.\n", encoding="utf-8")
            time.sleep(0.1)
        print(f"{what:34} {'{:8.2f} {:14.2f} {:6.0f}'.format(*run(vault, arguments))}", flush=True)


def main() -> None:
    """Print what checking a large wiki costs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pages", type=int, nargs="+", default=[10_000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for number in options.pages:
            vault = write_wiki((options.folder or Path(scratch)) / f"wiki-{number}", World(number))

            print(f"\n{number} pages, {os.cpu_count()} processors")
            measure(vault)


if __name__ == "__main__":
    main()
