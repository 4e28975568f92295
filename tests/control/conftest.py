"""Real sockets of this machine for the tests of what changes a plant."""

from collections.abc import Iterator

import pytest

from tests.config_flow.fixtures import loopback


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> Iterator[None]:
    """Allow this machine's own sockets."""
    with loopback():
        yield
