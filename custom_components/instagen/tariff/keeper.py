"""Keeps the inverter's table right when a tariff runs by UTC and the clocks change.

The device knows wall time only, so such a table is written anew at 18:00 on the eve of a
change and at noon after it (``control/tariff_clock.py``). Who comes too late, because
Home Assistant or the stick was away, writes then, and tells how much was missed.
"""

import asyncio
from datetime import datetime, timedelta, tzinfo
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from ..control.shown import ShownState
from ..control.tariff_clock import fit
from ..control.wishes import Asker, AskerKind, Result, WishError
from ..control_reports import async_fire_control
from ..coordinator import InstagenConfigEntry
from ..links.dts.schedules import table_of
from ..plant.tariff import Clock, Rate, Tariff
from ..plant.tariff_time import segments
from ..steering import Steering
from .book import TARIFF, Carried, Owned, TariffBook

_FIRST_PAUSE: Final = timedelta(minutes=5)
_TRIES: Final = 8
"""For one table, while the plant answers; each pause is twice as long as the one before.
After that the next change of the clocks or the next start tries again."""

_GRACE: Final = timedelta(minutes=2)
"""No rewrite is late before."""

_ANY: Final = Rate(0, 0)
_ASKER: Final = Asker(kind=AskerKind.AUTOMATION, name="tariff")


class TariffKeeper:
    """Owns the rewrites of one plant's table, from set-up to unloading."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: InstagenConfigEntry,
        book: TariffBook,
        steering: Steering,
    ) -> None:
        """Keep the table of a book."""
        self._hass = hass
        self._entry = entry
        self._book = book
        self._steering = steering
        self._timer: CALLBACK_TYPE | None = None
        self._task: asyncio.Task[None] | None = None
        self._tries = 0
        self._again_at: datetime | None = None
        self._seen: tuple[Owned | None, str | None] = (None, None)

    @callback
    def async_start(self) -> None:
        """Look now, whenever the table changes, and when the clocks want it.

        What failed is tried again when the plant answers a slow poll.
        """
        coordinator = self._entry.runtime_data.coordinator
        self._entry.async_on_unload(coordinator.async_on_slow_poll(self._again))
        self._entry.async_on_unload(self._book.async_listen(self._news))
        self._entry.async_on_unload(self._stop)
        self._news()

    @callback
    def _stop(self) -> None:
        if self._timer is not None:
            self._timer()
            self._timer = None

    @callback
    def _news(self) -> None:
        """Look again when the table is another, not each time that a band ends."""
        seen = (self._book.owned, self._book.text)
        if seen != self._seen and self._book.told.state is not ShownState.PENDING:
            self._seen = seen
            self._tries = 0
            self._look()

    @callback
    def _again(self) -> None:
        if self._again_at is not None and dt_util.utcnow() >= self._again_at:
            self._look()

    @callback
    def _turn(self, _: datetime) -> None:
        self._tries = 0
        self._look()

    @callback
    def _look(self) -> None:
        """See to the table, one look at a time."""
        self._stop()
        self._again_at = None
        if self._task is None or self._task.done():
            self._task = self._entry.async_create_background_task(
                self._hass, self._async_see_to_it(), f"{DOMAIN} tariff by UTC"
            )

    async def _async_see_to_it(self) -> None:
        owned, text = self._book.owned, self._book.text
        if owned is None or text is None or not self._is_ours(owned, text):
            return
        table = await self._book.async_carried(owned.tariff)
        if table.text != text and table.text:
            await self._async_rewrite(owned, text, table)
        elif table.until is not None:
            self._look_at(table.until)

    def _is_ours(self, owned: Owned, text: str) -> bool:
        """Return whether the device has a tariff by UTC of ours; others' tables stay."""
        by_utc = owned.tariff.clock is Clock.UTC
        return by_utc and text in owned.texts

    @callback
    def _look_at(self, moment: datetime) -> None:
        self._stop()
        self._timer = async_track_point_in_utc_time(self._hass, self._turn, moment)

    async def _async_rewrite(self, owned: Owned, text: str, table: Carried) -> None:
        """Write the table of today, unless the device has one of somebody else."""
        held = table_of(text)
        self._tries += 1
        try:
            outcome = await self._book.async_write(
                owned.tariff, table, _ASKER, seen={TARIFF: text}
            )
        except WishError as err:
            LOGGER.debug("The tariff of %s waits: %s", self._entry.title, err)
            if self._tries < _TRIES:
                pause = _FIRST_PAUSE * 2 ** (self._tries - 1)
                self._again_at = dt_util.utcnow() + pause
            elif table.until is not None:
                self._look_at(table.until)
            return
        self._tries = 0
        acted = outcome.result is not Result.REMEMBERED
        if acted and held is not None and owned.due is not None:
            await self._async_tell_missed(owned.tariff, held, owned.due)
        if table.until is not None:
            self._look_at(table.until)

    async def _async_tell_missed(
        self, tariff: Tariff, held: Tariff, due: datetime
    ) -> None:
        """Tell for how long an old table said something else than the tariff."""
        now = dt_util.utcnow()
        if now < due + _GRACE:
            return
        minutes = await self._hass.async_add_executor_job(
            _minutes_missed, tariff, held, due, now, self._book.zone
        )
        self._book.missed = {"since": due.isoformat(), "minutes": minutes}
        await self._book.async_save()
        told = {"code": "tariff_late", "placeholders": {"minutes": str(minutes)}}
        async_fire_control(self._hass, self._entry, told)


def _minutes_missed(
    tariff: Tariff, held: Tariff, start: datetime, end: datetime, zone: tzinfo
) -> int:
    # The device's prices are rounded; the bands are what it acts by.
    wanted = (one._replace(rate=_ANY) for one in segments(tariff, start, end, zone))
    found = (one._replace(rate=_ANY) for one in segments(held, start, end, zone))
    return fit(wanted, found).missed // timedelta(minutes=1)
