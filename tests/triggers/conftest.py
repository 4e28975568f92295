"""Share the world of a plant, and turn off what watches it."""

from collections.abc import AsyncGenerator

import pytest

from tests.steering.conftest import clock, world
from tests.steering.world import World

from .watch import Watch

__all__ = ["clock", "world"]


@pytest.fixture
async def watch(world: World) -> AsyncGenerator[Watch]:
    """Watch the plant over Modbus, with an automation for each trigger asked for."""
    await world.set_up(["modbus"])
    watch = Watch(world)
    yield watch
    await watch.stop()
