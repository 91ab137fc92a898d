"""What a new vault consists of."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from quern.program import Failure
from quern.vault import Vault, sync_folder, write_atomically

GITIGNORE = """\
# The catalogue can be made again; the lock and an unfinished run concern this machine only; models can be fetched.
/.cache/
/.quern/
/models/
# Which windows are open is nobody else's business.
/.obsidian/workspace*.json
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


# Of the folders beside raw/ and wiki/ nothing is for Obsidian to find, to offer as the target of a link or to draw.
IGNORED = ("build/", ".cache/", ".quern/", "models/")
# Hues a third of the circle apart or nearly so, that hold on light and on dark; the pages of sources are grey.
_HUES = (0x4C78DA, 0xE0883B, 0x4DA167, 0xB85CB8, 0xC94F4F, 0x2FA8B5, 0xA58B2A, 0x8A6FD1)
_GREY = 0x8C8C8C


def folder_of(type_: str) -> str:
    """The folder in `wiki/` for pages of a type."""
    return "entities" if type_ == "entity" else f"{type_}s"


def lay_out(folder: str, home: str) -> list[str]:
    """Make what is missing of a vault, and say what was; `home` is the clone whose schema is copied.

    Raises Failure if something else has one of the names, or if the schema that is there is none.
    """
    schema = os.path.join(home, "schema.yaml")
    with open(schema, encoding="utf-8") as stream:
        files = {"schema.yaml": stream.read(), "log.md": "", ".gitignore": GITIGNORE, ".gitattributes": GITATTRIBUTES}
    made = [f"{name}/" for name in ("raw", "wiki") if _make_folder(folder, name)]
    made += _make_files(folder, files)
    # What a person has set up in Obsidian is theirs, all of it.
    if not os.path.lexists(os.path.join(folder, ".obsidian")):
        _make_whole(folder, ".obsidian", obsidian(_types(folder)))
        made.append(".obsidian/")
    return made


def obsidian(types: Sequence[str]) -> dict[str, str]:
    """The settings with which Obsidian opens a vault with these types of pages, by the name of their file.

    It passes over what is not for reading, writes links as quern does, and colours its graph by type.
    """
    app = {
        "alwaysUpdateLinks": True,
        "newLinkFormat": "shortest",
        "useMarkdownLinks": False,
        "userIgnoreFilters": list(IGNORED),
    }
    hues = [_HUES[at % len(_HUES)] for at in range(len(types))]
    colours = [*zip((folder_of(type_) for type_ in types), hues, strict=True), (folder_of("source"), _GREY)]
    groups = [{"query": f'path:"wiki/{name}/"', "color": {"a": 1, "rgb": rgb}} for name, rgb in colours]
    # The index and the log name everything, so they would be the middle of every graph.
    graph = {"search": "path:wiki/ -file:index", "colorGroups": groups}
    return {"app.json": _json(app), "graph.json": _json(graph)}


def _json(value: Any) -> str:
    import json

    return json.dumps(value, indent=2) + "\n"


def _types(folder: str) -> Sequence[str]:
    from quern import schema

    return schema.load(Vault(Path(folder))).pages.types


def _make_folder(folder: str, name: str) -> bool:
    path = os.path.join(folder, name)
    if os.path.lexists(path) and not os.path.isdir(path):
        raise Failure(f"in the way of a folder: move it, then 'make init VAULT={shlex.quote(folder)}'", path)
    if os.path.isdir(path):
        return False
    os.makedirs(path)
    return True


def _make_files(folder: str, files: dict[str, str]) -> list[str]:
    made = [name for name in files if not os.path.lexists(os.path.join(folder, name))]
    for name in made:
        # Whole or not at all: what is there is left as it is the next time.
        write_atomically(Path(folder, name), files[name].encode(), Path(folder, ".quern"))
    return made


def _make_whole(folder: str, name: str, files: dict[str, str]) -> None:
    """A folder with all its files, or none: half of it would be taken for a person's."""
    room = Path(folder, ".quern", f"{name}.tmp")
    for file, text in files.items():
        write_atomically(room / file, text.encode(), Path(folder, ".quern"))
    room.rename(Path(folder, name))
    sync_folder(Path(folder))
