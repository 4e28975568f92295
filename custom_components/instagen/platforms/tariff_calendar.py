"""The tariff as a calendar: each stretch of one band and price is an event."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from ..coordinator import InstagenConfigEntry, InstagenCoordinator
from ..entity import InstagenEntity
from ..plant.readings import Part
from ..plant.tariff import Band, Rate
from ..plant.tariff_time import Segment, segments
from ..tariff.book import TARIFF, TariffBook
from ..tariff.texts import TariffTexts
from .tariff_sensor import async_add_once_known

CALENDAR: Final = CalendarEntityDescription(key=TARIFF, translation_key=TARIFF)

_MARGIN: Final = timedelta(days=1)
"""Looked at before and after what is asked for, to show events as long as they are.
What lasts longer, as a flat tariff does, ends at its edges."""

_BATCH: Final = 100
"""Events made before the event loop gets a turn: about 2 ms."""


@callback
def async_add_tariff_calendar(
    entry: InstagenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the calendar of a plant that has a tariff."""
    coordinator, book = entry.runtime_data.coordinator, entry.runtime_data.tariff
    async_add_once_known(
        entry, lambda: async_add_entities([InstagenTariff(coordinator, book)])
    )


class InstagenTariff(InstagenEntity, CalendarEntity):
    """What a kWh costs, and when."""

    def __init__(self, coordinator: InstagenCoordinator, book: TariffBook) -> None:
        """Belong to the plant itself."""
        super().__init__(coordinator, CALENDAR, Part.INVERTER)
        self._book = book

    @override
    async def async_added_to_hass(self) -> None:
        """Hear of the tariff, and of its turns."""
        await super().async_added_to_hass()
        self.async_on_remove(self._book.async_listen(self.async_write_ha_state))

    @property
    @override
    def available(self) -> bool:
        """The table is known, and the clock is ours."""
        return True

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the event of now, else the next."""
        now = dt_util.utcnow()
        events = (self._event(*one, {}) for one in self._told(now, now + _MARGIN))
        return next((one for one in events if one.end_datetime_local > now), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the events of a time, the earliest first."""
        found: list[CalendarEvent] = []
        names: dict[tuple[Band, Rate | None], str] = {}
        for number, (one, band) in enumerate(self._told(start_date, end_date), 1):
            if one.start < end_date and one.end > start_date:
                found.append(self._event(one, band, names))
            if number % _BATCH == 0:
                await asyncio.sleep(0)
        return found

    def _told(self, start: datetime, end: datetime) -> Iterator[tuple[Segment, Band]]:
        """Walk over what the table has a word for."""
        tariff = self._book.tariff
        if tariff is None:
            return
        for one in segments(tariff, start - _MARGIN, end + _MARGIN, self._book.zone):
            if one.band is not None:
                yield one, one.band

    def _event(
        self, one: Segment, band: Band, names: dict[tuple[Band, Rate | None], str]
    ) -> CalendarEvent:
        """Make an event; equal ones share their name."""
        key = (band, one.rate)
        if key not in names:
            names[key] = TariffTexts(self.hass).period(*key, self._book.unit)
        return CalendarEvent(
            start=dt_util.as_local(one.start),
            end=dt_util.as_local(one.end),
            summary=names[key],
        )
