"""Plants whose wall is London's, and tables to set."""

import pytest

from tests.steering.conftest import clock, world as steered
from tests.steering.world import World

__all__ = ["clock", "steered"]


@pytest.fixture
async def world(steered: World) -> World:
    """Serve a plant that is not set up yet; it can tell its mode over both links."""
    await steered.hass.config.async_set_time_zone("Europe/London")
    steered.hass.config.currency = "GBP"
    return steered
