"""What a new vault consists of."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from quern.program import Failure
from quern.vault import write_atomically

GITIGNORE = """\
# The catalogue can be made again; the lock and an unfinished run concern this machine only; models can be fetched.
/.cache/
/.quern/
/models/
"""

GITATTRIBUTES = """\
# Raw sources are evidence: git must not change a byte of them.
raw/** -text
# Pages have line feeds everywhere, so that the same wiki has the same bytes on every machine.
# Two versions of one are united claim by claim; `bin/resolve --register` tells git how.
wiki/** text eol=lf merge=quern
# Two branches that each ingested something both keep their entries.
log.md text eol=lf merge=union
"""


def lay_out(folder: str, home: str) -> list[str]:
    """Make what is missing of a vault, and say what was; `home` is the clone whose schema is copied.

    Raises Failure if something else has one of the names.
    """
    schema = os.path.join(home, "schema.yaml")
    with open(schema, encoding="utf-8") as stream:
        files = {"schema.yaml": stream.read(), "log.md": "", ".gitignore": GITIGNORE, ".gitattributes": GITATTRIBUTES}
    made = []
    for name in ("raw", "wiki"):
        path = os.path.join(folder, name)
        if os.path.lexists(path) and not os.path.isdir(path):
            raise Failure(f"in the way of a folder: move it, then 'make init VAULT={shlex.quote(folder)}'", path)
        if not os.path.isdir(path):
            os.makedirs(path)
            made.append(f"{name}/")
    for name, text in files.items():
        path = os.path.join(folder, name)
        if not os.path.lexists(path):
            # Whole or not at all: what is there is left as it is the next time.
            write_atomically(Path(path), text.encode(), Path(folder, ".quern"))
            made.append(name)
    return made
