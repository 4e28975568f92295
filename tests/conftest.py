"""A simulated plant on a real socket, and Home Assistant in front of it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime
import os
from random import SystemRandom
from zoneinfo import ZoneInfo

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.instagen
from custom_components.instagen.const import CONF_SERIAL, CONF_UNIT_ID, DOMAIN
from custom_components.instagen.links.modbus import link
from simulator import Simulator, serve

from .proxy import WireTap, tap

SERIAL = "430522480680"
NOON = datetime(2026, 6, 15, 13, tzinfo=ZoneInfo("Europe/London"))


def pytest_configure() -> None:
    """Draw the seed of the random tests once, for all workers alike."""
    os.environ.setdefault("INSTAGEN_SEED", str(SystemRandom().randrange(2**32)))


type SetUp = Callable[[int], Awaitable[MockConfigEntry]]

assert custom_components.instagen.__file__  # ours, not the pytest plug-in's folder


@pytest.fixture(autouse=True)
def _our_integration(enable_custom_integrations: None) -> None:
    """Let Home Assistant load the integration of this repository."""


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the pause a real stick needs between requests."""
    monkeypatch.setattr(link, "MESSAGE_SPACING", 0.0)


@pytest.fixture
async def plant(socket_enabled: None) -> AsyncGenerator[Simulator]:
    """Serve a three-phase hybrid with everything fitted; its clock is held."""
    async with serve("hybrid", start=NOON, from_midnight=True) as sim:
        yield sim


@pytest.fixture
async def wire(plant: Simulator) -> AsyncGenerator[WireTap]:
    """Tap the wire in front of the simulated plant."""
    async with tap(plant.modbus_port) as wire:
        yield wire


def make_entry(port: int) -> MockConfigEntry:
    """Make an entry for a plant on a port of this machine, as the flow would."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="HIT-15L-G3",
        unique_id=SERIAL,
        data={
            CONF_HOST: "127.0.0.1",
            CONF_PORT: port,
            CONF_UNIT_ID: 1,
            CONF_SERIAL: SERIAL,
        },
    )


@pytest.fixture
def set_up(hass: HomeAssistant) -> SetUp:
    """Set up the plant behind a port."""

    async def run(port: int) -> MockConfigEntry:
        entry = make_entry(port)
        entry.add_to_hass(hass)
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        return entry

    return run


def value(hass: HomeAssistant, key: str) -> str | None:
    """Return the state of the entity behind a key, None when it has none."""
    entities = er.async_get(hass).entities.values()
    entity = next((e for e in entities if e.unique_id == f"{SERIAL}_{key}"), None)
    state = hass.states.get(entity.entity_id) if entity else None
    return state.state if state else None
