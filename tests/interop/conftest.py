"""The public client, installed once in a session."""

import pytest

from .peer import Peer, install


@pytest.fixture(scope="session")
def peer() -> Peer:
    """Return the public client that reads the same registers."""
    return install()
