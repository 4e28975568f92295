"""Real sockets of this machine for the tests of what changes a plant."""

from collections.abc import Iterator

import pytest

from tests.config_flow.fixtures import loopback

from .lease_world import World


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> Iterator[None]:
    """Allow this machine's own sockets."""
    with loopback():
        yield


@pytest.fixture
def world() -> Iterator[World]:
    """Give a plant and a desk on a simulated clock; nothing may be sent twice."""
    world = World()
    yield world
    assert not [one for one in world.device.twice if not world.again]
    world.end()
