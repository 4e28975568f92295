"""The world that each test starts with."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.instagen.contact.device import DeviceContact
from tests.steering.conftest import clock, world
from tests.steering.world import World

from .house import House

__all__ = ["clock", "world"]


@pytest.fixture
def rests(world: World, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let the plant live through the rests between two uses at once."""
    had: list[float] = []

    async def sleep(seconds: float) -> None:
        had.append(seconds)
        await world.sim.advance(seconds)

    original = DeviceContact.__init__

    def init(self, *args, **kwargs):
        original(self, *args, **(kwargs | {"sleep": sleep}))

    monkeypatch.setattr(DeviceContact, "__init__", init)
    return had


@pytest.fixture
async def house(
    hass: HomeAssistant, world: World, freezer: FrozenDateTimeFactory
) -> House:
    """Offer a relay that is open; the plant is not set up yet."""
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"relay": {}, "engine": {}}}
    )
    return House(world, freezer)
