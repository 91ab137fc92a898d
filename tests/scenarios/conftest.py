"""Scenarios start from an empty vault with the project's schema.

Any engine can run them: `QUERN_TEST_MODEL=good pytest tests/scenarios` has a model read that a server plays (`good`,
`paraphrasing`, …: see scripted.py), and what is asked of a wiki is asked of the one that it makes. `make test` runs
them with the rules, and once more with `good`; then those are left out that bring who reads in them (`own_reader`).
"""

from __future__ import annotations

import os

import mill
import pytest
import scripted
from readers import read_by

READER = os.environ.get("QUERN_TEST_MODEL", "")


def pytest_configure(config):
    config.addinivalue_line("markers", "own_reader: who reads in it is its own matter, or nobody: it runs once")


def pytest_collection_modifyitems(config, items):
    if READER:
        own = [item for item in items if item.get_closest_marker("own_reader")]
        config.hook.pytest_deselected(items=own)
        items[:] = [item for item in items if item not in own]


@pytest.fixture(scope="session", autouse=True)
def reader():
    """Who reads in all scenarios."""
    with read_by(getattr(scripted, READER) if READER else None):
        yield


@pytest.fixture
def vault(tmp_path):
    """An empty vault."""
    return mill.empty_vault(tmp_path / "vault")
