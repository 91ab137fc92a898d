"""Snapshots: what a model remembers after the part that all prompts of a stage begin with, kept for the next process.

A snapshot is a file of `.cache/prefix/`, named by the hash of everything that it depends on. It begins with that hash
and one of its content, so that a file that is torn, overwritten or another's is never taken for a snapshot.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from quern.vault import write_atomically

MAGIC = b"quern-prefix-1\n"
_DIGEST = 32
_HEAD = len(MAGIC) + 2 * _DIGEST
# A file that a process was killed over is swept when it is this old (seconds): nothing takes as long to write.
_ABANDONED = 3600.0


def key(made_by: Sequence[object], tokens: Sequence[int]) -> str:
    """The name of the snapshot after `tokens`, by all else that it depends on: model, version, parameters."""
    said = "\0".join(map(repr, made_by)) + "\0" + ",".join(map(str, tokens))
    return hashlib.sha256(said.encode()).hexdigest()


class Prefixes:
    """The snapshots of a folder, at most `cap` bytes of them (0: none): past that, what was used longest ago goes.

    Several processes may read and write at once. None of it is worth failing for: what cannot be read is evaluated
    again, and what cannot be written is not kept.
    """

    def __init__(self, folder: str, cap: int) -> None:
        self.folder = folder
        self.cap = cap

    def load(self, name: str) -> bytes | None:
        """The snapshot of this name, None if there is none; one that is not what it should be is removed."""
        if not self.cap:
            return None
        path = os.path.join(self.folder, name)
        try:
            with open(path, "rb") as stream:
                head, data = stream.read(_HEAD), stream.read()
            if head != _head(name, data):
                os.unlink(path)
                return None
            os.utime(path)
        except OSError:
            return None
        return data

    def save(self, name: str, data: bytes) -> None:
        """Keep a snapshot: the whole file or none, under its name at once. One above the cap is not kept."""
        if _HEAD + len(data) > self.cap:
            return
        with contextlib.suppress(OSError):
            # A file that a power cut tore is seen to be torn.
            write_atomically(Path(self.folder, name), (_head(name, data), data), durable=False)
            self._evict(name)

    def _evict(self, kept: str) -> None:
        """Make room: never by the file just written, nor by one that another process is writing."""
        found, total, now = [], 0, time.time()
        for entry in os.scandir(self.folder):
            with contextlib.suppress(FileNotFoundError):
                stat = entry.stat()
                if entry.name.endswith(".tmp") and now - stat.st_mtime < _ABANDONED:
                    continue
                total += stat.st_size
                # An abandoned file is no snapshot: it goes first, and whether or not there is room.
                found.append((not entry.name.endswith(".tmp"), stat.st_mtime_ns, entry.name, stat.st_size))
        for is_snapshot, _used, name, size in sorted(found):
            if name != kept and (total > self.cap or not is_snapshot):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(self.folder, name))
                total -= size


def _head(name: str, data: bytes) -> bytes:
    return MAGIC + hashlib.sha256(name.encode()).digest() + hashlib.sha256(data).digest()


@lru_cache(maxsize=8)
def fingerprint(path: str) -> str:
    """What tells the file of a model from another: its size, and what is in it.

    One above 64 MB is not read whole, which would take seconds, but in 64 pieces all over it.
    """
    size = os.path.getsize(path)
    found = hashlib.sha256(str(size).encode())
    with open(path, "rb") as stream:
        if size <= 64 << 20:
            found.update(stream.read())
        else:
            for piece in range(64):
                stream.seek((size - (1 << 18)) * piece // 63)
                found.update(stream.read(1 << 18))
    return found.hexdigest()
