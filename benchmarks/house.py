"""A Home Assistant core in this process, and the plants in another one."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
import sys
from tempfile import TemporaryDirectory
from time import monotonic
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from homeassistant.helpers import entity_registry as er, frame

from homeassistant import loader  # isort: skip  # before the plug-in: it shadows parts of both
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT, Platform
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.instagen.const import CONF_SERIAL, CONF_UNIT_ID, DOMAIN
from custom_components.instagen.coordinator import InstagenCoordinator
from custom_components.instagen.links.modbus import ModbusLink
from custom_components.instagen.plant.readings import READINGS

MORNING: Final = "2026-06-15T09:30+01:00"
MIDNIGHT: Final = "2026-06-15T00:00+01:00"
MIDDAY: Final = "2026-06-15T12:00+01:00"
HOST: Final = "127.0.0.1"
UNIT: Final = 1
_LOOK: Final = "steering.Steering.async_refresh"
_OWN_TIMER: Final = timedelta(days=1)


class Clock:
    """The time of link and coordinator; it stands still until it is moved."""

    def __init__(self) -> None:
        """Begin now."""
        self._seconds = monotonic()
        self._wall = datetime.now(UTC).replace(second=0, microsecond=0)

    def __call__(self) -> float:
        """Return seconds as ``time.monotonic`` does."""
        return self._seconds

    def utcnow(self) -> datetime:
        """Return the wall clock's time."""
        return self._wall

    def advance(self, seconds: float, *, wall: bool = True) -> None:
        """Let time pass; ``wall`` takes the wall clock along."""
        self._seconds += seconds
        if wall:
            self._wall += timedelta(seconds=seconds)


class Stick:
    """The other process."""

    def __init__(self, process: Process, ports: list[int]) -> None:
        """Take a process that is ready."""
        self._process = process
        self.ports = ports

    async def tell(self, **order: Any) -> list[int]:
        """Give an order; return how many requests each plant has served."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        answer = json.loads(await self._process.stdout.readline())
        served: list[int] = answer["requests"]
        return served


@asynccontextmanager
async def open_stick(start: str, plants: int = 1) -> AsyncIterator[Stick]:
    """Run plants from a moment on, for the length of a ``with`` block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.stick", "--start", start, "--plants", str(plants)),
        stdin=PIPE,
        stdout=PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        ready = json.loads(await process.stdout.readline())
        yield Stick(process, ready["ports"])
    finally:
        process.stdin.close()
        await process.wait()


@dataclass
class Plant:
    """One plant as Home Assistant has it."""

    entry: MockConfigEntry
    port: int

    @property
    def coordinator(self) -> InstagenCoordinator:
        """The coordinator of the loaded entry."""
        found = self.entry.runtime_data.coordinator
        assert isinstance(found, InstagenCoordinator)
        return found

    async def poll(self) -> None:
        """Poll as the timer does."""
        await self.coordinator.async_refresh()

    def entity_ids(self, hass: HomeAssistant) -> dict[str, str]:
        """Return the enabled entities' ids by key."""
        prefix = f"{self.entry.data[CONF_SERIAL]}_"
        entries = er.async_entries_for_config_entry(
            er.async_get(hass), self.entry.entry_id
        )
        return {
            entry.unique_id.removeprefix(prefix): entry.entity_id
            for entry in entries
            if not entry.disabled_by
        }


@asynccontextmanager
async def open_house(clock: Clock | None = None) -> AsyncIterator[HomeAssistant]:
    """Run a core for the length of a ``with`` block.

    The look at settings that follows a slow poll is measured by itself.
    """
    wall = SimpleNamespace(utcnow=clock.utcnow, now=clock.utcnow) if clock else None
    room = "custom_components.instagen"
    with TemporaryDirectory() as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
            frame.async_setup(hass)
            try:
                with ExitStack() as stack:
                    stack.enter_context(patch(f"{room}.{_LOOK}"))
                    for module in ("coordinator", "steering") if wall else ():
                        stack.enter_context(patch(f"{room}.{module}.dt_util", wall))
                    yield hass
            finally:
                await hass.async_stop(force=True)


async def add_plants(
    hass: HomeAssistant, ports: Sequence[int], clock: Clock, *, rare: bool = False
) -> list[Plant]:
    """Set plants up and put their clocks under control; ``rare`` enables all entities."""
    plants = []
    for port in ports:
        plants.append(plant := make_plant(hass, port))
        if rare:
            _enable_rare(hass, plant)
        await set_up(hass, plant)
        link = plant.coordinator.link
        assert isinstance(link, ModbusLink)
        plant.coordinator.clock = link.clock = clock
        plant.coordinator.update_interval = _OWN_TIMER
    return plants


def make_plant(hass: HomeAssistant, port: int) -> Plant:
    """Make an entry as the flow would."""
    serial = f"4305{port:08d}"
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=f"Plant {port}",
        unique_id=serial,
        data={
            CONF_HOST: HOST,
            CONF_PORT: port,
            CONF_UNIT_ID: UNIT,
            CONF_SERIAL: serial,
        },
    )
    entry.add_to_hass(hass)
    return Plant(entry, port)


async def set_up(hass: HomeAssistant, plant: Plant) -> None:
    """Set an entry up and wait until it has settled."""
    await hass.config_entries.async_setup(plant.entry.entry_id)
    await hass.async_block_till_done()
    assert plant.entry.state is ConfigEntryState.LOADED


def _enable_rare(hass: HomeAssistant, plant: Plant) -> None:
    """Enable what is disabled by default, as a user would."""
    registry = er.async_get(hass)
    for key, reading in READINGS.items():
        if reading.rare:
            registry.async_get_or_create(
                Platform.SENSOR,
                DOMAIN,
                f"{plant.entry.data[CONF_SERIAL]}_{key}",
                config_entry=plant.entry,
            )
