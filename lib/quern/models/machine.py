"""The machine that a model runs on: how much memory it has for one, and how fast it reads that."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

GB = 1_000_000_000
_MB = 1 << 20
# What macOS lets a GPU keep in memory if nothing is set: two thirds, and of more than 36 GB three quarters.
_LARGE = 36 << 30
# Left to the system when the limit is raised.
_SYSTEM = 4 << 30
# As NVML numbers clocks.
_MEMORY_CLOCK = 2


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes. `total`: of the machine; `free`: what a new process may have; 0: not known.

    `gpu`: what a GPU may hold at most, `gpu_free` what of that is free, 0 without a GPU that we know of.
    `wired`: whether `gpu` is the limit of a Mac, which can be set.
    """

    total: int = 0
    free: int = 0
    gpu: int = 0
    gpu_free: int = 0
    wired: bool = False

    def room(self, on_gpu: bool) -> int:
        """What a model may take: of the GPU if it runs there."""
        return (self.gpu_free or self.gpu) if on_gpu and self.gpu else self.free or self.total

    def raising(self, need: int) -> str:
        """The line that lets a Mac's GPU hold so many bytes; "" if it cannot, or is no Mac's."""
        limit = -(-need // _MB // 256) * 256
        if not self.wired or limit * _MB > self.total - _SYSTEM:
            return ""
        return f"sudo sysctl iogpu.wired_limit_mb={limit}"


def memory() -> Memory:
    """What this machine has, as far as it tells."""
    return _of_mac() if platform.system() == "Darwin" else _of_linux()


def bandwidth(size: int = 1 << 28, seconds: float = 0.3, threads: int = 0) -> float:
    """Bytes a second that the processors read and write together, copying `size` bytes again and again in threads.

    A copy reads and writes, so it moves twice its size; a model that is read to make one token only reads.
    """
    threads = threads or min(os.cpu_count() or 1, 8)
    part = size // threads
    pairs = [(ctypes.create_string_buffer(part), ctypes.create_string_buffer(part)) for _ in range(threads)]
    moved = [0] * threads
    until = 0.0

    def copy(number: int) -> None:
        source, target = pairs[number]
        while time.perf_counter() < until:
            ctypes.memmove(target, source, part)
            moved[number] += 2 * part

    for source, target in pairs:  # the first time, pages have to be found
        ctypes.memmove(target, source, part)
    workers = [threading.Thread(target=copy, args=(number,)) for number in range(threads)]
    begun = time.perf_counter()
    until = begun + seconds
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(moved) / (time.perf_counter() - begun)


def card_bandwidth() -> float:
    """Bytes a second that an NVIDIA card reads at most, of several the slowest; 0: it does not tell.

    Memory moves data twice a clock, over as many lines as its bus is wide. A model that lies on several cards is read
    from one after the other.
    """
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
        return min(_bandwidths(library), default=0.0)
    except (OSError, AttributeError):  # no driver, or one that is older than the question
        return 0.0


def _bandwidths(library: Any) -> Iterator[float]:
    """That of each card, by the driver's own library (NVML)."""
    if library.nvmlInit_v2():
        return
    try:
        count, clock, width, card = ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint(), ctypes.c_void_p()
        library.nvmlDeviceGetCount_v2(ctypes.byref(count))
        for number in range(count.value):
            failed = library.nvmlDeviceGetHandleByIndex_v2(number, ctypes.byref(card))
            failed = failed or library.nvmlDeviceGetMaxClockInfo(card, _MEMORY_CLOCK, ctypes.byref(clock))
            failed = failed or library.nvmlDeviceGetMemoryBusWidth(card, ctypes.byref(width))
            yield 0.0 if failed else 2e6 * clock.value * width.value / 8
    finally:
        library.nvmlShutdown()


def _of_mac() -> Memory:
    total = _number(_said("sysctl", "-n", "hw.memsize"))
    found = Memory(total=total, free=total)
    if platform.machine() != "arm64":
        return found
    limit = _number(_said("sysctl", "-n", "iogpu.wired_limit_mb")) * _MB
    limit = limit or (total * 3 // 4 if total > _LARGE else total * 2 // 3)
    return replace(found, gpu=limit, wired=True)


def _of_linux() -> Memory:
    told = dict(re.findall(r"^(\w+):\s+(\d+) kB", _text("/proc/meminfo"), re.MULTILINE))
    total, free = (int(told.get(key, 0)) * 1024 for key in ("MemTotal", "MemAvailable"))
    # A container may have less than the machine.
    limit, used = (_number(_text(f"/sys/fs/cgroup/memory.{name}")) for name in ("max", "current"))
    if limit:
        total, free = min(total, limit), min(free, max(limit - used, 0))
    rows = _said("nvidia-smi", "--query-gpu=memory.total,memory.free", "--format=csv,noheader,nounits").splitlines()
    cards = [[int(number) * _MB for number in re.findall(r"\d+", row)] for row in rows]
    whole = [card for card in cards if len(card) == 2]
    return Memory(total, free, sum(card[0] for card in whole), sum(card[1] for card in whole))


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (FileNotFoundError, PermissionError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except OSError:
        return ""


def _number(text: str) -> int:
    return int(text) if text.strip().isdigit() else 0
