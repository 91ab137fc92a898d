"""The sample wiki, made from raw/: what is committed, and what the test makes again.

python tests/sample.py      writes wiki/ and log.md anew; then read the difference with git
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import mill

# Each source with the day on which it was read.
STANDING = (
    ("2026-04-02", "raw/Tidal power in Europe, a short tour.md"),
    ("2026-04-09", "raw/barrage-or-current.md"),
    ("2026-04-16", "raw/tide-notes.md"),
    ("2026-04-23", "raw/coast-group-2026-03-11.txt"),
    ("2026-04-30", "raw/usine-maremotrice-de-la-rance.md"),
)
# The README's first command reads this one, so it stands in raw/ but not in the committed wiki.
NEXT = ("2026-05-07", "raw/tidal-round-up-2026.md")


def build(vault: Path) -> Path:
    """Make the sample wiki in a vault of its own."""
    mill.empty_vault(vault, sorted((mill.ROOT / "raw").iterdir()))
    for date, source in STANDING:
        mill.ingest(vault, source, date)
    return vault


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        vault = build(Path(folder, "vault"))
        shutil.rmtree(mill.ROOT / "wiki", ignore_errors=True)
        shutil.copytree(vault / "wiki", mill.ROOT / "wiki")
        shutil.copy(vault / "log.md", mill.ROOT / "log.md")


if __name__ == "__main__":
    main()
