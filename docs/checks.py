"""Write checks.md from the table of lint, lib/quern/checks/table.py: `make docs`. A test holds them together."""

from __future__ import annotations

import inspect
from pathlib import Path

from quern import checks

TABLE = """\
| code | severity | on people's pages | what is found | why it matters |
|---|---|---|---|---|
"""
HEAD = f"""\
# What lint looks for

Made from `lib/quern/checks/table.py` by `make docs`; do not edit.

How grave each is can be set in `schema.yaml`, see [lint](lint.md).
On a page that people made themselves (none of our types, no claim) the third column holds; `-`: not looked for there.
What each must find, and what it must not take for it, is in `tests/lib/lint-examples.yaml`, and is tried by a test.

{TABLE}"""
JUDGED = f"""

## What a judge looks for

[judge](judge.md) asks a model about what code finds to be in doubt.

{TABLE}"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(map(_row, checks.CHECKS)) + JUDGED + "".join(map(_row, checks.JUDGED))


def _row(check: checks.Check) -> str:
    found = (inspect.getdoc(check.function) or "").partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")
    return f"| {check.code} | {check.severity} | {check.hand_made or '-'} | {found} | {check.why} |\n"


if __name__ == "__main__":
    Path(__file__).with_name("checks.md").write_text(page(), encoding="utf-8")
