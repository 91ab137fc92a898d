"""Scenarios start from an empty vault with the project's schema.

Any engine can run them: `QUERN_TEST_MODEL=good pytest tests/scenarios` has a model read that a server plays (`good`,
`paraphrasing`, …: see scripted.py), and what is asked of a wiki is asked of the one that it makes.
"""

from __future__ import annotations

import os

import mill
import pytest
import scripted
from readers import read_by


@pytest.fixture(scope="session", autouse=True)
def reader():
    """Who reads in all scenarios."""
    name = os.environ.get("QUERN_TEST_MODEL", "")
    with read_by(getattr(scripted, name) if name else None):
        yield


@pytest.fixture
def vault(tmp_path):
    """An empty vault."""
    return mill.empty_vault(tmp_path / "vault")
