"""Kills a program at its n-th step towards the disk, as `kill -9` or a power cut would: no exception, no clean-up.

Python imports this by itself when the folder is on PYTHONPATH. The steps are what the interpreter announces before
it does them (opening for writing, renaming, removing, cutting, making folders), so no program knows of this.
A write to log.md is two steps: none of it on the disk, and half of it.

    QUERN_CRASH_IN=merge      the program that is watched
    QUERN_CRASH_AT=7          die before step 7; without it, only count
    QUERN_CRASH_COUNT=FILE    write the number of steps there at the end
    QUERN_FULL_DISK=1         kill nothing: there is no room for any file that it opens for writing
"""

from __future__ import annotations

import atexit
import errno
import os
import sys

STEPS = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate")
FULL = "QUERN_FULL_DISK" in os.environ
seen = 0


def step() -> bool:
    """Count a step; whether it is the one to die at."""
    global seen  # noqa: PLW0603 - one process, one count
    seen += 1
    return seen == int(os.environ.get("QUERN_CRASH_AT", "0"))


def watch(event: str, arguments: tuple[object, ...]) -> None:
    """Die at an event that is the n-th step, or say that the disk is full."""
    if FULL and event == "open" and _writes(arguments) and _counts(arguments[0]):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), arguments[0])
    if (event in STEPS or (event == "open" and _writes(arguments))) and _counts(arguments[0]) and step():
        os._exit(137)


def torn(handle: int, data: bytes) -> int:
    """os.write, which may die when nothing, or half of the data, has reached the log."""
    if os.path.basename(os.readlink(f"/proc/self/fd/{handle}")) == "log.md":
        if step():
            os._exit(137)
        if step():
            _write(handle, data[: len(data) // 2])
            os._exit(137)
    return _write(handle, data)


def _writes(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _counts(path: object) -> bool:
    if not isinstance(path, str | bytes):
        path = getattr(path, "__fspath__", str)()
    parts = os.path.abspath(os.fsdecode(path)).split(os.sep)
    return bool({"wiki", ".quern", "log.md"} & set(parts)) and parts[-1] != "lock"


def _tell() -> None:
    with open(os.environ["QUERN_CRASH_COUNT"], "w", encoding="ascii") as stream:
        stream.write(str(seen))


_write = os.write
if any(os.path.basename(word) == os.environ.get("QUERN_CRASH_IN") for word in sys.orig_argv[:2]):
    sys.addaudithook(watch)
    if os.path.isdir("/proc/self/fd"):
        os.write = torn
    if "QUERN_CRASH_COUNT" in os.environ:
        atexit.register(_tell)
