"""A reference cloud on loopback, and accounts that Home Assistant has at it."""

import asyncio
from collections.abc import AsyncGenerator
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.cloud.runtime import AccountRuntime
from custom_components.instagen.const import (
    CONF_BRAND,
    CONF_KIND,
    CONF_PLANT_ID,
    CONF_SERIAL,
    DOMAIN,
    KIND_ACCOUNT,
    SUBENTRY_PLANT,
)
from custom_components.instagen.control.writer import Writer
from custom_components.instagen.links.cloud.session import CloudSession, Patience
from custom_components.instagen.links.cloud.transport import Limits, Transport
from custom_components.instagen.links.dts import DtsLink
from custom_components.instagen.links.dts.stream import Timing
from simulator import Simulator, serve
from simulator.cloud import HOME, PASSWORDS, Cloud, serve_cloud

from ..conftest import NOON

DTU = "430122480680"
"""Serial of the stick that ``simulator.serve`` has."""

USER_IDS = {"demo-owner": 91, "demo-installer": 88, "demo-sub": 90, "demo-normal": 89}


class Clock:
    """Seconds of the client, that pass when it waits or when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self.sim: Simulator | None = None

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Let time pass for client and plant alike."""
        self.seconds += seconds
        if self.sim is not None:
            await self.sim.advance(seconds)
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give clients, links and plants a clock of their own, and sticks no pauses."""
    clock = Clock()
    hasty = Timing(spacing=0, answer=0.2, connect=1, backoff=0, longest_backoff=0)
    for made, given in (
        (Transport, {"limits": Limits(timeout=5), "clock": clock}),
        (Transport, {"sleep": clock.sleep}),
        (CloudSession, {"patience": Patience(between=0)}),
        (DtsLink, {"timing": hasty, "clock": clock}),
        (Writer, {"sleep": clock.sleep}),
    ):
        function = made.__init__
        defaults = {**(function.__kwdefaults__ or {}), **given}
        monkeypatch.setattr(function, "__kwdefaults__", defaults)
    return clock


@pytest.fixture
async def sim(socket_enabled: None, clock: Clock) -> AsyncGenerator[Simulator]:
    """Serve a plant over the stick's own protocol; its clock is held."""
    async with serve("hybrid", start=NOON, from_midnight=True, dts=0) as sim:
        clock.sim = sim
        yield sim


@pytest.fixture
async def home_cloud(sim: Simulator) -> AsyncGenerator[Cloud]:
    """Serve the cloud of a household with that plant."""
    async with serve_cloud("home", plant=sim) as cloud:
        yield cloud


@pytest.fixture
async def cloud(socket_enabled: None) -> AsyncGenerator[Cloud]:
    """Serve the cloud of an installer with many plants."""
    async with serve_cloud("installer", plants=120) as cloud:
        yield cloud


def account_data(cloud: Cloud, name: str = "demo-owner") -> dict[str, Any]:
    return {
        CONF_KIND: KIND_ACCOUNT,
        CONF_BRAND: "reference",
        CONF_HOST: cloud.base_url,
        CONF_USERNAME: name,
        CONF_PASSWORD: PASSWORDS[name],
    }


def followed(plant: int = HOME, serial: str = DTU) -> ConfigSubentryData:
    return ConfigSubentryData(
        data=MappingProxyType({CONF_PLANT_ID: plant, CONF_SERIAL: serial}),
        subentry_type=SUBENTRY_PLANT,
        title="Mill Lane",
        unique_id=str(plant),
    )


def account_entry(
    cloud: Cloud,
    name: str = "demo-owner",
    plants: tuple[ConfigSubentryData, ...] = (),
    **given: Any,
) -> MockConfigEntry:
    """Make an account's entry as the flow would."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=f"Reference cloud: {name}",
        unique_id=f"reference_{USER_IDS[name]}",
        data=account_data(cloud, name),
        subentries_data=plants,
        **given,
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> AccountRuntime | None:
    """Set an entry up, and wait until its details are there."""
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    runtime = getattr(entry, "runtime_data", None)
    if isinstance(runtime, AccountRuntime):
        await runtime.coordinator.async_fetched()
        await hass.async_block_till_done()
        return runtime
    return None
