"""Calendars: who had the battery, has it, and will have it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from ..control.desk import LEASES
from ..control.leases import Lease
from ..control_texts import ControlTexts
from ..coordinator import InstagenConfigEntry, InstagenCoordinator
from ..entity import InstagenEntity
from ..plant.readings import Part
from ..plant.settings import BATTERY_MODE
from ..setting_entity import async_add_offered
from ..steering import Steering
from .tariff_calendar import async_add_tariff_calendar

PARALLEL_UPDATES: Final = 0

CALENDAR: Final = CalendarEntityDescription(key=LEASES, translation_key=LEASES)

_SHORTEST: Final = timedelta(seconds=1)
"""A calendar has no room for less."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: InstagenConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendars: of the tariff, and of leases where a mode can be chosen."""
    runtime = entry.runtime_data
    async_add_tariff_calendar(entry, async_add_entities)
    async_add_offered(
        entry,
        (BATTERY_MODE,),
        lambda _: async_add_entities(
            [InstagenLeases(runtime.coordinator, runtime.steering)]
        ),
    )


class InstagenLeases(InstagenEntity, CalendarEntity):
    """Leases of the battery: past, current, and those that wait for their turn."""

    def __init__(self, coordinator: InstagenCoordinator, steering: Steering) -> None:
        """Belong to the plant itself."""
        super().__init__(coordinator, CALENDAR, Part.INVERTER)
        self._steering = steering

    @override
    async def async_added_to_hass(self) -> None:
        """Hear about leases."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self._steering.async_watch(LEASES, self.async_write_ha_state)
        )

    @property
    @override
    def available(self) -> bool:
        """Leases are ours; no link has to tell them."""
        return True

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the lease that holds the battery, else the next."""
        now = dt_util.utcnow()
        standing = self._standing()
        return next((one for one in standing if one.end_datetime_local > now), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the leases of a time, the earliest first."""
        return sorted(
            (
                event
                for event in (*self._past(), *self._standing())
                if event.start_datetime_local < end_date
                and event.end_datetime_local > start_date
            ),
            key=lambda event: event.start_datetime_local,
        )

    def _past(self) -> Iterator[CalendarEvent]:
        """Walk through the leases that had the battery."""
        for lease in self._steering.desk.history:
            if lease.applied_at is not None:
                end = lease.ended_at or lease.until
                yield self._event(lease, lease.applied_at, end)

    def _standing(self) -> Iterator[CalendarEvent]:
        """Walk through the leases in the order of their turns.

        Who waits begins when all above have ended, unless that is too late.
        """
        free: datetime | None = None
        for lease in self._steering.desk.leases:
            start = free or lease.applied_at or lease.asked_at
            if start < lease.until:
                yield self._event(lease, start, lease.until)
                free = lease.until

    def _event(self, lease: Lease, start: datetime, end: datetime) -> CalendarEvent:
        return CalendarEvent(
            start=start,
            end=max(end, start + _SHORTEST),
            summary=ControlTexts(self.hass).lease(lease),
            description=ControlTexts(self.hass).standing(lease),
            uid=lease.id,
        )
