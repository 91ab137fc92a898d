"""Scenarios start from an empty vault with the project's schema."""

from __future__ import annotations

import mill
import pytest


@pytest.fixture
def vault(tmp_path):
    """An empty vault."""
    return mill.empty_vault(tmp_path / "vault")
