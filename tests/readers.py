"""Who reads in the vaults of a test: the rules, or a model that a server plays."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import mill
import scripted


@contextlib.contextmanager
def read_by(model: scripted.Model | None) -> Iterator[str]:
    """In here, who reads in an empty vault is this model, or with None the rules."""
    before = mill.READER
    with scripted.server(model) if model else contextlib.nullcontext("") as url:
        mill.READER = url
        try:
            yield url
        finally:
            mill.READER = before
