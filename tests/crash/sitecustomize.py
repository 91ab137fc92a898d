"""Kills a program at its n-th step towards the disk, as `kill -9` or a power cut would: no exception, no clean-up.

Python imports this by itself when the folder is on PYTHONPATH. The steps are what the interpreter announces before
it does them (opening for writing, renaming, removing, cutting, making folders), so no program knows of this.
Opening is two steps: before it, and when the file is there and nothing is in it. So is a write to log.md: none of it
is on the disk, or half of it.

    QUERN_CRASH_IN=merge      the program that is watched
    QUERN_CRASH_AT=7          die before step 7; without it, only count
    QUERN_CRASH_COUNT=FILE    write the number of steps there at the end
    QUERN_FULL_DISK=1         kill nothing: there is no room for any file that it opens for writing
    QUERN_CRASH_UNDER=FOLDER  every file in there counts, and not only what a wiki consists of
    QUERN_CRASH_GIT=1         starting git is a step too
"""

from __future__ import annotations

import atexit
import errno
import os
import sys

STEPS = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate")
FULL, GIT = "QUERN_FULL_DISK" in os.environ, "QUERN_CRASH_GIT" in os.environ
UNDER = os.environ.get("QUERN_CRASH_UNDER")
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
    if event == "subprocess.Popen" and GIT and os.path.basename(str(arguments[0])) == "git" and step():
        os._exit(137)
    if event == "open" and _writes(arguments) and _counts(arguments[0]):
        if step():
            os._exit(137)
        if step():
            os.close(os.open(arguments[0], arguments[2], 0o666))  # type: ignore[arg-type]
            os._exit(137)
    if event in STEPS and _counts(arguments[0]) and step():
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
    if UNDER and os.sep.join(parts).startswith(UNDER):
        return True
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
