"""Share the small stick and its entry."""

from collections.abc import Iterator

import pytest

from tests.config_flow.fixtures import entry, loaded, loopback, stick

__all__ = ["entry", "loaded", "stick"]


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> Iterator[None]:
    """Allow this machine's own sockets."""
    with loopback():
        yield
