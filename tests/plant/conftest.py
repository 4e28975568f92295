"""Tests of pure Python: Home Assistant stays out of them."""

import pytest


@pytest.fixture(autouse=True)
def _our_integration() -> None:
    """Leave Home Assistant out, which the fixture of this name would start."""


@pytest.fixture(autouse=True)
def _no_pause() -> None:
    """Leave out the links, too."""
