"""Raw sources: bytes into text, text into units, one module a format.

A new format is a row in `_FORMATS` and a module with `EXTRACTOR` (what read it) and `units(raw, start)`.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, cast

from quern.program import Failure
from quern.sources import encodings, frontmatter
from quern.sources.frontmatter import Front
from quern.sources.units import Lines, Unit
from quern.vault import Vault

# suffix -> module, media type
_FORMATS = {
    ".md": ("markdown", "text/markdown"),
    ".markdown": ("markdown", "text/markdown"),
    ".txt": ("plain", "text/plain"),
    ".text": ("plain", "text/plain"),
    "": ("plain", "text/plain"),
}


class _Format(Protocol):
    EXTRACTOR: str

    def head(self, raw: str) -> dict[str, str]: ...

    def units(self, raw: str, start: int) -> Iterator[Unit]: ...


@dataclass(frozen=True)
class Text:
    """A raw source, decoded. All offsets count characters of `raw`, which is `data.decode(encoding)`:

    a UTF-8 byte order mark is in it, as character 0 (and in no unit); UTF-16's is not; line ends are as in the file.
    """

    path: str
    raw: str
    encoding: str
    sha256: str
    media_type: str
    module: str

    @functools.cached_property
    def lines(self) -> Lines:
        return Lines(self.raw)

    @functools.cached_property
    def front(self) -> Front:
        """The front matter; of a plain text that has none, what its first lines say."""
        front = frontmatter.read(self.raw)
        if self.module == "plain" and front.meta == frontmatter.Meta():
            return Front(frontmatter.meta(_format(self.module).head(self.raw)), front.end, front.problem)
        return front

    @functools.cached_property
    def units(self) -> tuple[Unit, ...]:
        """What the text after the front matter consists of, in reading order."""
        return tuple(_format(self.module).units(self.raw, self.front.end))

    @property
    def extractor(self) -> str:
        return _format(self.module).EXTRACTOR


def readable(path: str) -> bool:
    """Whether there is a format for files of this name."""
    return _suffix(path) in _FORMATS


def read(vault: Vault, path: str) -> Text:
    """The raw source that a record's path (`raw/x.md`) names.

    Raises Failure if it is missing, unreadable, a directory, binary, or of a format that nothing here reads.
    """
    file = vault.path(path)
    if file.is_dir():
        raise Failure("a directory; a source is a file", path)
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise Failure("no such file", path) from None
    return decode(data, path)


def decode(data: bytes, path: str) -> Text:
    """The text of a raw source, from its bytes. Raises Failure as `read` does."""
    suffix = _suffix(path)
    if not readable(path):
        raise Failure(f"{suffix} files are not read yet; Markdown (.md) and plain text (.txt) are", path)
    module, media_type = _FORMATS[suffix]
    raw, encoding = encodings.decode(data, path)
    return Text(path, raw, encoding, hashlib.sha256(data).hexdigest(), media_type, module)


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def _format(module: str) -> _Format:
    # Imported when needed: markdown-it takes 50 ms, and plain text does without.
    return cast("_Format", importlib.import_module(f"quern.sources.{module}"))
