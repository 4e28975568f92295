"""Home Assistant and a simulated plant that live on one clock."""

import asyncio
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.coordinator import InstagenCoordinator
from simulator import Simulator

from ..conftest import SERIAL, SetUp
from .truth import Truth, shows, truth_of
from .witness import NOTHING, Witness

POLL: Final = 10
"""Seconds of the plant between two polls."""

LEASES: Final = frozenset(
    {"control", "current_lease", "lease_ends", "leases", "writes_today"}
)
"""Entities about what we do with the plant."""

SILENT: Final = frozenset({"alarm", "control", "lease_ends"})
"""Those that have nothing to show in a day without alarms and leases."""

ALWAYS_THERE: Final = frozenset({"dtu_connected", "last_update"}) | LEASES
NOT_MEASURED: Final = ALWAYS_THERE | {"active_link", "alarm"}

LOST: Final = "Error fetching HIT-15L-G3 data"
BACK: Final = "Fetching HIT-15L-G3 data recovered"
_UNTESTED: Final = "We found a custom integration instagen"
_LIBRARIES: Final = ("tmodbus", "aiohttp_fast_zlib")
"""The first logs an error of its own for each connection that is reset, the other what
is not installed here; not ours to change."""

_FIXTURE: Final = "_asyncgen_fixture"
"""Starting Home Assistant for a test may hold a busy machine's loop for a moment."""


class World:
    """A plant, its entities, and what time is for both; the test makes time pass."""

    def __init__(
        self, hass: HomeAssistant, sim: Simulator, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Take a plant that is not set up yet."""
        self.hass = hass
        self.sim = sim
        self.witness = Witness(hass, self.truth)
        self.polls = 0
        self.slow_polls = 0
        self.losses = 0
        self.returns = 0
        self._caplog = caplog
        self._entry: MockConfigEntry | None = None
        self._frozen: Truth | None = None
        self._truth: tuple[int, Truth] = (-1, {})
        self._other: asyncio.StreamWriter | None = None
        self._counted_from = self._counted()
        self._counted_before: dict[str, float] = {}

    # -- setting up -----------------------------------------------------------------

    async def begin(self, set_up: SetUp) -> None:
        """Set the plant up; from then on only ``poll`` polls."""
        self._entry = entry = await set_up(self.sim.modbus_port)
        self.hass.config_entries.async_update_entry(entry, pref_disable_polling=True)
        await self.reload()

    async def reload(self) -> None:
        """Take the entry out and set it up again, as after a change of its options."""
        assert await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done()
        assert self.entry.state is ConfigEntryState.LOADED
        self.coordinator.async_on_slow_poll(self._count_slow_poll)

    @property
    def entry(self) -> MockConfigEntry:
        """The plant's entry."""
        assert self._entry is not None
        return self._entry

    @property
    def coordinator(self) -> InstagenCoordinator:
        """Who polls the plant."""
        coordinator = self.entry.runtime_data.coordinator
        assert isinstance(coordinator, InstagenCoordinator)
        return coordinator

    # -- time -----------------------------------------------------------------------

    async def poll(self, times: int = 1) -> None:
        """Let ten seconds pass and the integration poll, some times over."""
        for _ in range(times):
            await self.sim.advance(POLL)
            await self._keep_other_client()
            before = self.coordinator.last_update_success
            looked = self.slow_polls
            await self.coordinator.async_refresh()
            if self.slow_polls > looked:  # the look at the settings follows
                await self.hass.async_block_till_done(wait_background_tasks=True)
            after = self.coordinator.last_update_success
            self.losses += before and not after
            self.returns += after and not before
            self.polls += 1

    async def poll_slowly(self, times: int = 1) -> None:
        """Poll until that many slow polls, which read everything, were answered."""
        until = self.slow_polls + times
        for _ in range(times * 7 + 1):
            if self.slow_polls >= until:
                return
            await self.poll()
        raise AssertionError("no slow poll was answered")

    def _count_slow_poll(self) -> None:
        self.slow_polls += 1

    # -- trouble --------------------------------------------------------------------

    async def fault(self, name: str, *, on: bool = True, **parameters: object) -> None:
        """Switch a fault of the simulator."""
        if name == "counter_reset":
            self._counted_before = self.energies()
            self._counted_from = {}
        await self.sim.fault(name, on=on, **parameters)
        if name == "freeze":
            self._frozen = truth_of(self.sim) if on else None

    async def second_client(self, *, on: bool = True) -> None:
        """Let another client connect to the stick, or leave it."""
        if on:
            port = self.sim.modbus_port
            _, self._other = await asyncio.open_connection("127.0.0.1", port)
        elif self._other:
            address = self._other.get_extra_info("sockname")
            self._other.transport.abort()
            self._other = None
            for client in tuple(self.sim.modbus._clients):
                if client.writer.get_extra_info("peername") == address:
                    await client.ended.wait()

    async def _keep_other_client(self) -> None:
        """Connect the other client again when the stick has thrown both out."""
        if self._other and self._other.is_closing():
            await self.second_client()

    # -- what is seen ---------------------------------------------------------------

    def truth(self) -> Truth:
        """Return what the entities may show now: the truth, or what is frozen of it."""
        if self._frozen is not None:
            return self._frozen
        revision = self.sim.plant.revision
        if self._truth[0] != revision:
            self._truth = (revision, truth_of(self.sim))
        return self._truth[1]

    def energies(self) -> dict[str, float]:
        """Return the energy in kWh that passed each counter since the world began."""
        return {
            key: self._counted_before.get(key, 0)
            + total
            - self._counted_from.get(key, 0)
            for key, total in self._counted().items()
        }

    def _counted(self) -> dict[str, float]:
        state = self.sim.state()
        return {key: float(state[key] or 0) for key in state if key.endswith("_energy")}

    def states(self) -> dict[str, State]:
        """Return the states of all enabled entities by key."""
        registry = er.async_get(self.hass)
        found: dict[str, State] = {}
        for entry in er.async_entries_for_config_entry(registry, self.entry.entry_id):
            if state := self.hass.states.get(entry.entity_id):
                found[entry.unique_id.removeprefix(f"{SERIAL}_")] = state
        return found

    def state(self, key: str) -> str:
        """Return the state of one entity."""
        return self.states()[key].state

    def wrong(self) -> dict[str, str]:
        """Return the entities that do not show the truth, and why."""
        truth = self.truth()
        return {
            key: f"shows {state.state}, true is {truth.get(key)}"
            for key, state in self.states().items()
            if key not in NOT_MEASURED
            and (key not in truth or not shows(key, state.state, truth[key]))
        }

    def unavailable(self) -> set[str]:
        """Return the keys of entities that show nothing."""
        return {
            key
            for key, state in self.states().items()
            if state.state in NOTHING and key not in SILENT
        }

    def log(self) -> list[str]:
        """Return what our own logger said about coming and going, by its first words."""
        return [
            f"{record.levelname} {record.getMessage().split(':')[0]}"
            for record in self._caplog.records
            if record.name.startswith("custom_components.instagen")
        ]

    def complaints(self) -> list[str]:
        """Return every other warning, error and exception in the log."""
        return [
            f"{record.levelname} {record.name}: {record.getMessage()}"
            for record in self._caplog.records
            if (record.levelno >= logging.WARNING or record.exc_info)
            and not record.name.startswith(_LIBRARIES)
            and _FIXTURE not in record.getMessage()
            and not record.getMessage().startswith((LOST, _UNTESTED))
        ]
