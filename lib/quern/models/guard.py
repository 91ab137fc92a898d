"""What C code that runs in this process is kept from: stdout, and swallowing Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Have file descriptor 1 be stderr: only records may stand on stdout, and C code prints where it likes."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextlib.contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Take Ctrl-C as a wish that C code is told of, since in a callback Python's own exception would be lost.

    Raises KeyboardInterrupt in the end. Only the main thread hears of signals, and a process in the background of a
    shell ignores this one: there nothing is wished.
    """
    wished = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    if before in (None, signal.SIG_IGN) or threading.current_thread() is not threading.main_thread():
        yield wished.is_set
        return
    signal.signal(signal.SIGINT, lambda _signal, _frame: wished.set())
    try:
        yield wished.is_set
    finally:
        signal.signal(signal.SIGINT, before)
        if wished.is_set():
            raise KeyboardInterrupt
