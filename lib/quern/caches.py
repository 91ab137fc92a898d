"""SQLite files below `.cache/`: what is damaged is thrown away and made again, and a change is whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator


def connect(
    path: str,
    wait: float,
    lay_out: Callable[[sqlite3.Connection], None],
    otherwise: Callable[[str, Exception], sqlite3.Connection],
) -> sqlite3.Connection:
    """The tables in a file; a damaged one is removed first. `wait`: seconds for another process to let go of them.

    `lay_out` makes the tables that are not there; `otherwise` gives what is used, or raises, where none can be written.
    """
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return _open(path, wait, lay_out)
    except (sqlite3.OperationalError, OSError) as error:
        return otherwise(path, error)
    except sqlite3.DatabaseError:
        remove(path)
    try:
        return _open(path, wait, lay_out)
    except sqlite3.DatabaseError as error:
        return otherwise(path, error)


def _open(path: str, wait: float, lay_out: Callable[[sqlite3.Connection], None]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=wait, isolation_level=None)
    try:
        # Readers and one writer do not wait for each other; a crash of the machine costs no more than a rebuild.
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("PRAGMA synchronous = normal")
        connection.execute("PRAGMA mmap_size = 268435456")
        lay_out(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All that is written within, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def remove(path: str) -> None:
    """Take a file of tables away, with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(OSError):
            os.unlink(path + suffix)
