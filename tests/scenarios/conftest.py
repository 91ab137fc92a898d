"""Scenarios start from an empty vault with the project's schema."""

from __future__ import annotations

import os

import mill
import pytest


@pytest.fixture
def vault(tmp_path):
    """An empty vault."""
    return mill.empty_vault(tmp_path / "vault")


@pytest.fixture(autouse=True, scope="package")
def uncounted():
    """What these start is not measured for coverage: it would take twice as long, for lines that other tests reach."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
            patch.delenv(name)
        yield
