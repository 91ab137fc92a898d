"""The files of a vault as they are now, each with a stamp by which one that has changed is known; the same of code."""

from __future__ import annotations

import os
import zlib

from quern.vault import Vault

# When it was written (nanoseconds), its size (bytes), its inode.
Stamp = tuple[int, int, int]


def listing(vault: Vault) -> dict[str, Stamp]:
    """Every file below `wiki/` and `raw/`, and at the top of the vault, with its stamp; hidden ones are left out."""
    found: dict[str, Stamp] = {}
    folders = [("wiki/", os.path.join(vault.root, "wiki")), ("raw/", os.path.join(vault.root, "raw"))]
    _list("", os.fspath(vault.root), found)
    while folders:
        prefix, folder = folders.pop()
        folders += _list(prefix, folder, found)
    return found


def pages(vault: Vault) -> dict[str, Stamp]:
    """Every Markdown file below `wiki/`, with its stamp; hidden ones are left out."""
    found: dict[str, Stamp] = {}
    folders = [("wiki/", os.path.join(vault.root, "wiki"))]
    while folders:
        folders += _list(*folders.pop(), found)
    return {path: stamp for path, stamp in found.items() if path.endswith(".md")}


def _list(prefix: str, folder: str, found: dict[str, Stamp]) -> list[tuple[str, str]]:
    folders = []
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    with entries:
        for entry in entries:
            name = entry.name
            if name[0] == "." or not (name.isascii() or _is_text(name)):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append((f"{prefix}{name}/", entry.path))
                continue
            # This is done for every file of a vault, each time that something asks what has changed.
            try:
                stat = entry.stat()
            except FileNotFoundError:
                continue
            found[prefix + name] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return folders


def _is_text(name: str) -> bool:
    # A name that is not UTF-8 can be in no link and no record.
    return not any("\ud800" <= char <= "\udfff" for char in name)


_CODE = os.path.dirname(__file__)


def fingerprint(*modules: str) -> str:
    """What tells the code of some modules (`checks/form`) from other code: what that made is made again."""
    said, size = 0, 0
    for name in modules:
        # Each start of a program asks this; a cryptographic hash would cost it a library to load.
        with open(os.path.join(_CODE, f"{name}.py"), "rb") as stream:
            data = stream.read()
        said, size = zlib.crc32(data, said), size + len(data)
    return f"{said:08x}-{size:x}"
