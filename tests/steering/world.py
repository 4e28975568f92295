"""A plant, Home Assistant in front of it, and a clock that both go by."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import (
    ATTR_CONFIG_ENTRY_ID,
    ATTR_ENTITY_ID,
    CONF_HOST,
    CONF_PORT,
)
from homeassistant.core import (
    Context,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.instagen.const import (
    CONF_DTS_PORT,
    CONF_LINKS,
    CONF_SERIAL,
    CONF_UNIT_ID,
    DOMAIN,
)
from custom_components.instagen.control_reports import EVENT_CONTROL
from custom_components.instagen.coordinator import InstagenCoordinator
from custom_components.instagen.simulated import SimulatedPlant
from custom_components.instagen.steering import Steering
from simulator import Simulator

STICK = "430122480680"
SLOW = 60
"""Seconds between two slow polls."""

_SHORT = 5.0
"""Seconds that a sleeper has at once: pauses between two looks at the device."""


def moment(told: str) -> datetime:
    """Return a moment that was told as text."""
    at = dt_util.parse_datetime(told)
    assert at is not None
    return at


class Clock:
    """Time that passes when it is told to, or when somebody cannot wait."""

    def __init__(self) -> None:
        self._now = dt_util.utcnow().replace(microsecond=0)
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []
        self.plant: SimulatedPlant | None = None

    def utcnow(self) -> datetime:
        return self._now

    def now(self) -> datetime:
        return dt_util.as_local(self._now)

    def plants_wall(self) -> datetime:
        """Return the time where the plant is, which lives on another day."""
        return self.plant.local_time if self.plant else self.now()

    async def sleep(self, seconds: float) -> None:
        end = self._now + timedelta(seconds=seconds)
        if seconds <= _SHORT:
            self._now = max(self._now, end)
            await asyncio.sleep(0)
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((end, waiting))
        await waiting

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        due = [one for one in self._sleepers if one[0] <= self._now]
        self._sleepers = [one for one in self._sleepers if one[0] > self._now]
        for _, waiting in due:
            if not waiting.done():
                waiting.set_result(None)


@dataclass
class World:
    """What a test holds in hand."""

    hass: HomeAssistant
    sim: Simulator
    clock: Clock
    user: str
    entry: MockConfigEntry = field(init=False)
    told: list[Event] = field(init=False)
    """What was told to the logbook."""

    def __post_init__(self) -> None:
        self.told = async_capture_events(self.hass, EVENT_CONTROL)

    # ---- its life ----

    async def set_up(self, links: list[str], **options: Any) -> None:
        """Set the plant up, and wait until its settings are shown."""
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="HIT-15L-G3",
            unique_id=STICK,
            data={
                CONF_HOST: "127.0.0.1",
                CONF_LINKS: links,
                CONF_DTS_PORT: self.sim.dts_port,
                CONF_PORT: self.sim.modbus_port,
                CONF_UNIT_ID: 1,
                CONF_SERIAL: STICK,
            },
            options=options,
        )
        self.entry.add_to_hass(self.hass)
        await self.start()

    async def start(self) -> None:
        """Set the entry up, for the first time or once more."""
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.settle()
        assert self.entry.state is ConfigEntryState.LOADED

    async def stop(self) -> None:
        """Unload the entry."""
        if self.entry.state is ConfigEntryState.LOADED:
            assert await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing goes on but time."""
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def pass_time(self, seconds: float, *, pace: float = SLOW) -> None:
        """Let time pass, with a slow poll each minute, or as often as the test needs."""
        while seconds > 0:
            step = min(seconds, pace)
            seconds -= step
            self.clock.advance(step)
            await self.sim.advance(step)
            await self.poll()

    async def poll(self) -> None:
        """Make a slow poll, and what follows from it; the link rests from no loss."""
        self.coordinator._next_slow = float("-inf")
        link: Any = self.coordinator.link
        later = link.clock() + SLOW
        link.clock = lambda: later
        await self.coordinator.async_refresh()
        for _ in range(5):
            await asyncio.sleep(0.005)
            await self.settle()

    @property
    def coordinator(self) -> InstagenCoordinator:
        found: InstagenCoordinator = self.entry.runtime_data.coordinator
        return found

    @property
    def steering(self) -> Steering:
        found: Steering = self.entry.runtime_data.steering
        return found

    # ---- what is there ----

    def find(self, key: str) -> str | None:
        """Return the entity behind a key, if there is one."""
        entities = er.async_get(self.hass).entities.values()
        return next(
            (e.entity_id for e in entities if e.unique_id == f"{STICK}_{key}"), None
        )

    def entity_id(self, key: str) -> str:
        """Return the entity behind a key."""
        entity_id = self.find(key)
        assert entity_id is not None, key
        return entity_id

    async def until_pending(self, key: str) -> None:
        """Wait until a wished value is on its way."""
        told = asyncio.Event()
        entity_id = self.entity_id(key)

        @callback
        def note(event: Event[EventStateChangedData]) -> None:
            new = event.data["new_state"]
            if new and new.attributes.get("state") == "pending":
                told.set()

        stop = async_track_state_change_event(self.hass, entity_id, note)
        async with asyncio.timeout(5):
            await told.wait()
        stop()

    def state(self, key: str) -> State:
        """Return the state behind a key."""
        state = self.hass.states.get(self.entity_id(key))
        assert state is not None, key
        return state

    def shown(self, key: str) -> str:
        """Return what is shown of a key."""
        return self.state(key).state

    def codes(self) -> list[str]:
        """Return what happened, in the logbook's codes."""
        return [event.data["code"] for event in self.told]

    def device(self, key: str) -> Any:
        """Return a setting as the simulated device has it."""
        return getattr(self.sim.plant.settings, key)

    # ---- doing something ----

    def context(self) -> Context:
        """Return the context of somebody at the dashboard."""
        return Context(user_id=self.user)

    async def choose(self, option: str) -> None:
        """Choose a battery mode."""
        await self.operate("select", "select_option", "battery_mode", option=option)

    async def set_number(self, key: str, value: float) -> None:
        """Set a number."""
        await self.operate("number", "set_value", key, value=value)

    async def operate(self, platform: str, service: str, key: str, **data: Any) -> None:
        """Operate a control as somebody at the dashboard."""
        await self.hass.services.async_call(
            platform,
            service,
            {ATTR_ENTITY_ID: self.entity_id(key), **data},
            blocking=True,
            context=self.context(),
        )

    async def act(
        self, action: str, *, automation: bool = False, **data: Any
    ) -> dict[str, Any]:
        """Call one of our actions."""
        answer = await self.hass.services.async_call(
            DOMAIN,
            action,
            {ATTR_CONFIG_ENTRY_ID: self.entry.entry_id, **data},
            blocking=True,
            return_response=True,
            context=Context() if automation else self.context(),
        )
        assert isinstance(answer, dict)
        return dict(answer)
