"""Tests of single parts start from an empty vault."""

from __future__ import annotations

import mill
import pytest


@pytest.fixture
def vault(tmp_path):
    """An empty vault with the project's schema."""
    return mill.empty_vault(tmp_path / "vault")
