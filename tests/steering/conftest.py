"""The world that each test starts with."""

from collections.abc import AsyncGenerator

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.instagen import steering
from custom_components.instagen.links.dts import link as dts
from custom_components.instagen.links.dts.stream import Timing
from custom_components.instagen.links.modbus import link as modbus
from simulator import serve
from tests.conftest import NOON

from .world import Clock, World


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let desk, writer and budget go by one clock, and sticks need no pauses."""
    clock = Clock()
    hasty = Timing(spacing=0, answer=0.2, connect=1, backoff=0, longest_backoff=0)
    monkeypatch.setattr(modbus, "REQUEST_TIMEOUT", 0.2)
    given = {"now": clock.utcnow, "sleep": clock.sleep}
    for module, name, replaced in (
        (dts, "DtsLink", {"timing": hasty, "now": clock.plants_wall}),
        (steering, "Writer", given),
        (steering, "ControlDesk", given),
        (steering, "WriteBudget", {"now": clock.now}),
    ):
        made = getattr(module, name)
        original = made.__init__

        def init(self, *args, original=original, replaced=replaced, **kwargs):
            original(self, *args, **(kwargs | replaced))

        monkeypatch.setattr(made, "__init__", init)
    return clock


@pytest.fixture
async def world(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    clock: Clock,
    hass_admin_user: MockUser,
    socket_enabled: None,
) -> AsyncGenerator[World]:
    """Serve a plant over both links; it is not set up yet.

    Another scenario is asked for indirectly.
    """
    scenario = getattr(request, "param", "hybrid")
    async with serve(scenario, start=NOON, from_midnight=True, dts=0) as sim:
        clock.plant = sim.plant
        world = World(hass, sim, clock, hass_admin_user.id)
        yield world
        await world.stop()
