"""Sources for the benches, made of those of the project: anyone has them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def long(words: int) -> str:
    """One source of about so many words: the project's own, one after the other."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "raw").glob("*.md"))]
    lines, have = [], 0
    for line in " \n".join(texts).split("\n"):
        # A line of dashes would end the front matter that the first of them has.
        lines.append("" if line == "---" else line)
        have += len(line.split())
        if have >= words:
            break
    return "\n".join(lines)
