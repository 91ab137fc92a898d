"""Says how long each program takes to say `--help`, against `python -c 'import click'`.

python bench/start.py [--runs 20]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 1.6


def seconds(command: list[str]) -> float:
    """How long a command takes."""
    # Both would cost every process something that a user does not pay.
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")}
    start = time.perf_counter()
    subprocess.run(command, env=kept, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print a table of all programs. The runs are interleaved, so that a busy moment hits all alike."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    commands = {"import click": [sys.executable, "-c", "import click"]}
    commands |= {path.name: [str(path), "--help"] for path in sorted((ROOT / "bin").iterdir()) if path.is_file()}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs + 1):
        for name, command in commands.items():
            times[name].append(seconds(command))
    medians = {name: statistics.median(found[1:]) for name, found in times.items()}
    print(f"{'what':16} {'ms':>6} {'ratio':>6} {'at most':>8}")
    for name, median in medians.items():
        print(f"{name:16} {median * 1000:6.1f} {median / medians['import click']:6.2f} {LIMIT:8.1f}")


if __name__ == "__main__":
    main()
