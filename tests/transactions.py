"""A transaction of a test's own making, taken through by hand: what a run does, and the next one that finds it open."""

from __future__ import annotations

from quern.updates import transaction
from quern.updates.transaction import Pending
from quern.vault import Vault


class Stopped(BaseException):
    """The run was killed here."""


def run(vault: Vault, made: Pending, entry: str) -> None:
    """All that a run does with a transaction."""
    transaction.decide(vault, made)
    _finish(vault, made, entry)


def recover(vault: Vault, entry: str) -> None:
    """What the next writer does; the entry is handed in, since this wiki has no sources to make it from."""
    made = transaction.read(vault)
    if made is not None:
        _finish(vault, made, entry)
    else:
        transaction.finish(vault)


def _finish(vault: Vault, made: Pending, entry: str) -> None:
    transaction.apply(vault, made)
    transaction.close(vault, made, entry)
