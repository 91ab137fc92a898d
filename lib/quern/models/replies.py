"""The cache of replies: what a model answered well, kept under a hash of all that its answer depends on.

With it a wiki is built again byte for byte without one call. A file a reply, below `.cache/replies/`; any number of
processes read and write at once, and the folder can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from pathlib import Path
from typing import Any

import orjson

from quern.models import Request
from quern.vault import write_atomically

VERSION = 1
BLOCK = 4096  # bytes; what a file takes on most disks, however short it is
_ROOM = 0.9  # of the cap, down to which is cleared, so that not each reply has to
_LOOKED = 256  # replies written, after which another process may have written as many
_LEFT_BEHIND = 3600.0  # seconds, after which an unfinished file is of a process that is no more


class Replies:
    """Replies by key. `cap`: bytes on disk, past which what was used least of late goes."""

    def __init__(self, folder: Path, cap: int) -> None:
        self.folder = folder
        self.cap = cap
        self._size: int | None = None
        self._written = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> dict[str, Any] | None:
        """What was kept, or None. A file that is not whole, or not of this key, is no reply."""
        path = self._path(key)
        try:
            data = orjson.loads(path.read_bytes())
            if data["key"] != key or data["sha256"] != _digest(data["text"]):
                return None
        except FileNotFoundError:
            return None
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return dict(data)

    def put(self, key: str, text: str, **more: Any) -> None:
        """Keep a reply that was found good, with whatever else is to be known of it."""
        data = orjson.dumps({"key": key, "sha256": _digest(text), "text": text, **more}, option=orjson.OPT_SORT_KEYS)
        # Not for ever: a file that a power cut has left half is found out by its hash.
        write_atomically(self._path(key), data, durable=False)
        with self._lock:
            self._written += 1
            if self._size is None or self._written % _LOOKED == 0:
                self._size = sum(size for _, size, _ in self._files())
            else:
                self._size += _on_disk(len(data))
            if self._size > self.cap:
                self._size = self._clear(int(self.cap * _ROOM))

    def drop(self, key: str) -> None:
        """Forget a reply that is not found good any more."""
        with contextlib.suppress(FileNotFoundError):
            self._path(key).unlink()

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

    def _files(self) -> list[tuple[int, int, str]]:
        """When each file was used last (nanoseconds), its bytes on disk, its path; unfinished ones of old are gone."""
        found = []
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                with contextlib.suppress(FileNotFoundError):
                    stat = os.stat(path)
                    if not name.endswith(".tmp"):
                        found.append((stat.st_mtime_ns, _on_disk(stat.st_size), path))
                    elif time.time() - stat.st_mtime > _LEFT_BEHIND:
                        os.unlink(path)
        return found

    def _clear(self, aim: int) -> int:
        files = sorted(self._files())
        size = sum(taken for _, taken, _ in files)
        for _, taken, path in files:
            if size <= aim:
                break
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            size -= taken
        return size


def key(identity: str, request: Request) -> str:
    """The key of a question: everything that the answer depends on, and nothing else (how long one waits, say)."""
    said = [
        VERSION,
        identity,
        [[message.role, message.text] for message in (*request.shared, *request.asked)],
        request.schema,
        [request.max_tokens, request.temperature, request.seed, request.thinking],
    ]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _on_disk(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
