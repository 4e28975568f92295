"""A house whose blueprints steer a real plant: nothing here stands in for our own part."""

import asyncio
from asyncio import TimerHandle
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
import shutil
from typing import Any, Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import Context, CoreState, HomeAssistant, ServiceCall
from homeassistant.helpers import entity_registry as er, event
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.async_ import get_scheduled_timer_handles
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen import reach, steering
from custom_components.instagen.const import (
    CONF_LINKS,
    CONF_SERIAL,
    CONF_UNIT_ID,
    DOMAIN,
)
from custom_components.instagen.control.desk import ControlDesk
from custom_components.instagen.control.leases import Lease
from custom_components.instagen.links.modbus import ModbusLink
from simulator import Simulator, serve

from ..conftest import SERIAL
from .world import BLUEPRINTS, path_of

_SHORT: Final = 5.0
"""Seconds that are a pause between two looks at the device, and no waiting."""

_SPREAD: Final = timedelta(microseconds=event.RANDOM_MICROSECOND_MAX)
"""By how much Home Assistant puts off what is due at a full second."""

type Inputs = Mapping[str, Any]


class House:
    """A plant behind its link, Home Assistant, and one clock for both."""

    def __init__(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        sim: Simulator,
        user: str,
    ) -> None:
        """Take a plant that is not set up yet."""
        self.hass = hass
        self.sim = sim
        self.messages: list[str] = []
        self.troubled: str | None = None
        """What is wrong with the link."""

        self._others: set[str] = set()
        self._freezer = freezer
        self._user = user
        self._automations: list[dict[str, Any]] = []

    # ---- its life ----

    async def set_up(self) -> None:
        """Set the plant up, as its flow would."""
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="HIT-15L-G3",
            unique_id=SERIAL,
            data={
                CONF_HOST: "127.0.0.1",
                CONF_LINKS: ["modbus"],
                CONF_PORT: self.sim.modbus_port,
                CONF_UNIT_ID: 1,
                CONF_SERIAL: SERIAL,
            },
        )
        self.entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.settle()
        assert self.entry.state is ConfigEntryState.LOADED

    async def use(self, blueprints: Mapping[str, Inputs]) -> None:
        """Set blueprints up as automations, by their names."""
        self.hass.services.async_register("logbook", "log", self._log)
        for name, inputs in blueprints.items():
            given = dict(inputs)
            if "  plant:" in path_of("automation", name).read_text():
                given["plant"] = self.entry.entry_id
            used = {"path": f"{DOMAIN}/{name}.yaml", "input": given}
            self._automations.append({"id": name, "alias": name, "use_blueprint": used})
        config = {"automation": self._automations}
        assert await async_setup_component(self.hass, "automation", config)
        await self.settle()

    async def restart(self, *, away: float) -> None:
        """Stop Home Assistant's part for some seconds, and start it as a boot does.

        What others show is not there again when the automations look for the first time.
        """
        await self._load([])
        for entity_id in self._others:
            self.hass.states.async_remove(entity_id)
        # What the plant does when Home Assistant stops; a mere unload lets go.
        await self.entry.runtime_data.steering.async_close(release=False)
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.settle()
        await self._let_time_pass(away)
        self.hass.set_state(CoreState.not_running)
        await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self._load(self._automations)
        await self.hass.async_start()
        await self.settle()

    async def end(self) -> None:
        """Turn everything off: what is left leaves timers otherwise."""
        if self._automations:
            await self._load([])
        if self.entry.state is ConfigEntryState.LOADED:
            assert await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.settle()

    async def _load(self, automations: list[dict[str, Any]]) -> None:
        with patch(
            "homeassistant.config.async_hass_config_yaml",
            return_value={"automation": automations},
        ):
            await self.hass.services.async_call("automation", "reload", blocking=True)
            await self.settle()

    async def _log(self, call: ServiceCall) -> None:
        """Take what is told: the logbook proper wants a recorder and a web server."""
        self.messages.append(f"{dt_util.now():%d %H:%M} {call.data['message']}")

    # ---- time ----

    async def settle(self) -> None:
        """Wait until nothing goes on but time."""
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def pass_time(self, minutes: float, *, pace: float = 60) -> None:
        """Let time pass in steps of some seconds, each of which everybody sees."""
        end = dt_util.utcnow() + timedelta(minutes=minutes)
        while (left := (end - dt_util.utcnow()).total_seconds()) > 0:
            await self.step(min(left, pace))

    async def step(self, seconds: float) -> None:
        """Let time pass at once; what was due meanwhile comes at its end."""
        await self._let_time_pass(seconds)
        self._fire(dt_util.utcnow() + _SPREAD)
        await self.settle()

    def _fire(self, now: datetime) -> None:
        """Run every timer that is due, all at the same moment.

        The plug-in's helper patches the clock anew for each of them, which takes a tenth
        of a fortnight.
        """
        loop, ahead = self.hass.loop, _SPREAD.total_seconds()
        due = [
            timer
            for timer in get_scheduled_timer_handles(loop)
            if not timer.cancelled() and timer.when() <= loop.time() + ahead
        ]
        with (
            patch.object(event, "time_tracker_utcnow", lambda: now),
            patch.object(event, "time_tracker_timestamp", now.timestamp),
        ):
            for timer in sorted(due, key=TimerHandle.when):
                if not timer.cancelled():
                    timer._run()
                    timer.cancel()

    async def sleep(self, seconds: float) -> None:
        """Let time pass for who looks twice; who waits for longer waits for a step."""
        if seconds > _SHORT:
            await asyncio.sleep(seconds)
        else:
            await self._let_time_pass(seconds)

    async def _let_time_pass(self, seconds: float) -> None:
        self._freezer.tick(seconds)
        await self.sim.advance(seconds)

    # ---- what is there ----

    def entity_id(self, key: str) -> str:
        """Return the entity behind a key."""
        entities = er.async_get(self.hass).entities.values()
        return next(e.entity_id for e in entities if e.unique_id == f"{SERIAL}_{key}")

    def shown(self, key: str) -> str:
        """Return what is shown of a key."""
        state = self.hass.states.get(self.entity_id(key))
        assert state is not None, key
        return state.state

    def lease(self) -> Mapping[str, Any]:
        """Return what is told of the lease that holds the battery."""
        state = self.hass.states.get(self.entity_id("current_lease"))
        assert state is not None
        return state.attributes

    def device(self, key: str) -> Any:
        """Return a setting as the simulated device has it."""
        return getattr(self.sim.plant.settings, key)

    def leases(self) -> tuple[Lease, ...]:
        """Return the leases that have not ended; none are known while it is stopped."""
        loaded = self.entry.state is ConfigEntryState.LOADED
        return self.desk.leases if loaded else ()

    @property
    def desk(self) -> ControlDesk:
        """The desk of the plant, as long as it is set up."""
        desk: ControlDesk = self.entry.runtime_data.steering.desk
        return desk

    # ---- doing something ----

    async def trouble(self, what: str | None) -> None:
        """Let one thing be wrong with the link, or nothing."""
        if what == self.troubled:
            return
        if self.troubled:
            await self.sim.fault(self.troubled, on=False)
        if what:
            given: dict[str, Any] = {"kind": "frame"} if what == "garbage" else {}
            await self.sim.fault(what, **given)
        self.troubled = what

    async def show(self, entity_id: str, state: str, /, **attributes: Any) -> None:
        """Show a state of somebody else's entity."""
        await self.show_all([(entity_id, state, attributes)])

    async def show_all(self, states: Iterable[tuple[str, str, Inputs]]) -> None:
        """Show many of them."""
        for entity_id, state, attributes in states:
            self.hass.states.async_set(entity_id, state, attributes)
            self._others.add(entity_id)
        await self.settle()

    async def choose(self, option: str) -> None:
        """Choose a battery mode, as somebody at the dashboard."""
        await self.hass.services.async_call(
            "select",
            "select_option",
            {"entity_id": self.entity_id("battery_mode"), "option": option},
            blocking=True,
            context=Context(user_id=self._user),
        )


@asynccontextmanager
async def living(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: datetime,
    *,
    user: str = "",
) -> AsyncIterator[House]:
    """Live in a house in London from a moment on, with a real plant and our blueprints.

    Home Assistant's clock stands still until told; the link counts by the plant's, and a
    pause of the desk lets both pass.
    """
    shutil.copytree(BLUEPRINTS, folder / "blueprints")
    hass.config.config_dir = str(folder)
    await hass.config.async_set_time_zone("Europe/London")
    hass.loop.set_debug(False)
    freezer.move_to(start)
    async with serve("hybrid", start=start) as sim:
        house = House(hass, freezer, sim, user)
        with monkeypatch.context() as patches:
            timed = partial(ModbusLink, clock=lambda: sim.plant.now / 1000)
            patches.setattr(reach, "ModbusLink", timed)
            for name in ("ControlDesk", "Writer"):
                made = getattr(steering, name)
                patches.setattr(steering, name, partial(_patient, made, house))
            await house.set_up()
            yield house
            await house.end()


def _patient[Made](
    made: Callable[..., Made], house: House, *args: Any, **given: Any
) -> Made:
    return made(*args, **(given | {"sleep": house.sleep}))
