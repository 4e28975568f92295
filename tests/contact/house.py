"""A plant, a relay of its owner, and time that goes by for all of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, callback
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.instagen.const import CONF_CONTACT_SWITCH
from custom_components.instagen.contact.local import LocalContact
from tests.steering.world import World

RELAY = "input_boolean.relay"
ENGINE = "input_boolean.engine"
CURRENT = "sensor.house_current"
POLL = 10


class House:
    """A plant over Modbus, a relay, and time that goes by for all of them."""

    def __init__(self, world: World, freezer: FrozenDateTimeFactory) -> None:
        self.world = world
        self.hass = world.hass
        self.moves: list[str] = []
        self.moved_at: list[datetime] = []
        self._freezer = freezer
        async_track_state_change_event(self.hass, RELAY, self._note)

    @callback
    def _note(self, event: Event[Any]) -> None:
        self.moves.append(event.data["new_state"].state)
        self.moved_at.append(event.data["new_state"].last_changed)

    async def set_up(self, **options: Any) -> None:
        await self.world.set_up(["modbus"], **{CONF_CONTACT_SWITCH: RELAY} | options)

    async def live_in(self, zone: str) -> None:
        """Go by the plant's time of day, in its time zone; never back."""
        await self.hass.config.async_set_time_zone(zone)
        now, there = dt_util.now(), self.world.sim.plant.local_time
        then = datetime.combine(now.date(), there.time(), now.tzinfo)
        self._freezer.move_to((then + timedelta(days=1)).astimezone(UTC))

    @property
    def panel(self) -> LocalContact:
        found = self.world.entry.runtime_data.contact
        assert isinstance(found, LocalContact)
        return found

    @property
    def relay(self) -> str:
        state = self.hass.states.get(RELAY)
        assert state is not None
        return state.state

    @property
    def events(self) -> list[str]:
        """What the logbook was told of the contact."""
        return [code for code in self.world.codes() if code.startswith("contact_")]

    @property
    def reason(self) -> str:
        told: str = self.world.state("dry_contact_closed").attributes["reason"]
        return told

    async def choose(self, **options: str) -> None:
        for key, option in options.items():
            await self.world.operate("select", "select_option", key, option=option)

    async def numbers(self, **values: float) -> None:
        for key, value in values.items():
            await self.world.set_number(key, value)

    async def flip(self, entity_id: str, service: str) -> None:
        await self.hass.services.async_call(
            "input_boolean", service, {"entity_id": entity_id}, blocking=True
        )

    async def tick(self, seconds: float, *, polled: bool = True) -> None:
        """Let one poll's time go by."""
        self._freezer.tick(timedelta(seconds=seconds))
        await self.world.sim.advance(seconds)
        if polled:
            await self.world.coordinator.async_refresh()
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done()

    async def run(self, seconds: float, **currents: float) -> None:
        while seconds > 0:
            if currents:
                self.feed(**currents)
            await self.tick(POLL)
            seconds -= POLL

    def feed(self, amps: float) -> None:
        self.hass.states.async_set(CURRENT, str(amps), force_update=True)
