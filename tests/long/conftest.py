"""A world to begin: Home Assistant and a plant on one held clock."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
import logging
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.instagen import reach
from custom_components.instagen.links.modbus import ModbusLink, link
from simulator import serve

from ..conftest import SetUp
from .world import World

type Begin = Callable[[datetime], Awaitable[World]]

TIMEOUT: Final = 0.025
"""Seconds to wait for an answer that never comes; a local one takes less than 0.001."""

LATE: Final = 0.002
"""Part of the answers that come only after the next request."""


@pytest.fixture
async def begin(
    hass: HomeAssistant,
    set_up: SetUp,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> AsyncGenerator[Begin]:
    """Begin a world at some moment; it ends with the test."""
    caplog.set_level(logging.WARNING)
    caplog.set_level(logging.INFO, logger="custom_components.instagen")
    hass.loop.set_debug(False)  # it reports each slow moment of a busy machine
    monkeypatch.setattr(link, "REQUEST_TIMEOUT", TIMEOUT)
    async with AsyncExitStack() as stack:

        async def run(moment: datetime) -> World:
            sim = await stack.enter_async_context(
                serve("hybrid", start=moment, from_midnight=True, late=LATE)
            )

            def seconds() -> float:
                return sim.plant.now / 1000

            timed = partial(ModbusLink, clock=seconds)
            monkeypatch.setattr(reach, "ModbusLink", timed)
            monkeypatch.setattr(
                dt_util, "utcnow", lambda: datetime.fromtimestamp(seconds(), UTC)
            )
            world = World(hass, sim, caplog)
            stack.callback(world.witness.stop)
            await world.begin(set_up)
            return world

        yield run
