"""The tariff of a plant: what its inverter tells, else what its owner set.

A table that was set here is kept as it was given, with its currency, at its own prices
and by its own clock, beside the texts that stand for it on the way to the device. While
the device shows one of those, this table is the plant's; when it shows another, somebody
else set that one, and it is the plant's.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..control.shown import Shown, ShownState
from ..control.tariff_clock import table_for
from ..control.wishes import SENT_REFUSALS, Asker, Outcome, Wish, WishError
from ..coordinator import InstagenCoordinator
from ..links.dts.schedules import table_of, tariff_text
from ..links.dts.tariff import carried, dates_of
from ..plant.settings import Block, SettingValue, SettingValues
from ..plant.states import LinkName
from ..plant.tariff import Band, Rate, Tariff
from ..plant.tariff_data import as_written, to_json
from ..plant.tariff_rules import Context, Finding, errors
from ..plant.tariff_time import at, next_change
from ..setting_entity import BATTERY_SOC
from ..steering import Steering

TARIFF: Final = "tariff"
RESERVE: Final = "economical_reserve_soc"

_VERSION: Final = 1
_NONE: Final[SettingValues] = MappingProxyType({})


class Source(StrEnum):
    """Where the plant's tariff comes from."""

    INVERTER = "inverter"
    """The inverter's own table; somebody set it elsewhere."""

    SET_HERE = "set_here"
    """Set here, and the inverter has it."""

    KEPT_HERE = "kept_here"
    """Set here, and the inverter does not have it: not yet, or it never will."""


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A table that was set here."""

    tariff: Tariff
    texts: tuple[str, ...] = ()
    """What stands for it on the device, the newest last."""

    due: datetime | None = None
    """When a change of the clocks wants another text."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "tariff": to_json(self.tariff, indent=None),
            "texts": list(self.texts),
            "due": self.due and self.due.isoformat(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | None) -> Owned | None:
        """Read what ``as_dict`` returned."""
        tariff = as_written(stored["tariff"]) if stored else None
        if stored is None or tariff is None:
            return None
        due = stored["due"] and datetime.fromisoformat(stored["due"])
        return cls(tariff=tariff, texts=tuple(stored["texts"]), due=due or None)


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What a link makes of a tariff at a moment."""

    table: Tariff
    """As it arrives, by the wall."""

    findings: tuple[Finding, ...]
    text: str = ""
    """Empty when it cannot be carried."""

    until: datetime | None = None


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(hass, _VERSION, f"{DOMAIN}.{entry_id}.tariff")


class TariffBook:
    """Knows the tariff of one plant, and what it says of this minute."""

    def __init__(
        self,
        coordinator: InstagenCoordinator,
        steering: Steering,
        clock_ahead: Callable[[], Awaitable[timedelta | None]] | None = None,
    ) -> None:
        """Know nothing yet. ``clock_ahead`` asks for the device's clock less ours."""
        self._clock_ahead = clock_ahead
        self._hass = coordinator.hass
        self._entry = coordinator.config_entry
        self._coordinator = coordinator
        self._steering = steering
        self._store = _store(self._hass, self._entry.entry_id)
        self._listeners: list[CALLBACK_TYPE] = []
        self._watches: list[CALLBACK_TYPE] = []
        self._timer: CALLBACK_TYPE | None = None
        self._wished: Owned | None = None
        self.owned: Owned | None = None
        self.tariff: Tariff | None = None
        self.source: Source | None = None
        """None while there is no tariff, or none that can be shown."""

        self.band: Band | None = None
        self.rate: Rate | None = None
        self.next_change: datetime | None = None
        self.currency: str | None = None
        """Last known: a stick does not tell it."""

        self.synced_on: date | None = None
        """The day of the last write by ``sync_tariff``."""

        self.missed: dict[str, Any] | None = None
        """What a rewrite that came too late has missed."""

    # ---- its life ----

    async def async_recall(self) -> None:
        """Recall what was set here."""
        stored = await self._store.async_load() or {}
        self.owned = Owned.from_dict(stored.get("owned"))
        self._wished = Owned.from_dict(stored.get("wished"))
        self.currency = stored.get("currency")
        if synced := stored.get("synced_on"):
            self.synced_on = date.fromisoformat(synced)
        self.missed = stored.get("missed")

    async def async_save(self) -> None:
        """Write down what was set here."""
        await self._store.async_save(
            {
                "owned": self.owned and self.owned.as_dict(),
                "wished": self._wished and self._wished.as_dict(),
                "currency": self.currency,
                "synced_on": self.synced_on and self.synced_on.isoformat(),
                "missed": self.missed,
            }
        )

    @callback
    def async_start(self) -> None:
        """Follow the device and the clock until the entry is unloaded."""
        entry = self._entry
        self._watch()
        entry.async_on_unload(self._coordinator.async_on_new_parts(self._watch))
        entry.async_on_unload(self._stop)
        entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._zone_changed)
        )
        self._look()

    @callback
    def _watch(self) -> None:
        """Have the device's table read, where there is a battery and a link for it."""
        if self._watches or self.carried_by is None:
            return
        if BATTERY_SOC in self._coordinator.possible_keys():
            self._watches = [
                self._steering.async_watch(key, self._look) for key in (TARIFF, RESERVE)
            ]

    @callback
    def _stop(self) -> None:
        for end in self._watches:
            end()
        self._watches = []
        if self._timer is not None:
            self._timer()
            self._timer = None

    @callback
    def _zone_changed(self, event: Event) -> None:
        self._reckon(dt_util.utcnow())

    # ---- what is known ----

    @property
    def carried_by(self) -> LinkName | None:
        """The link that brings a tariff to the inverter, if the plant has one."""
        return self._steering.link_of(TARIFF)

    @property
    def told(self) -> Shown:
        """The device's table as text, and how sure it is."""
        if self.carried_by is None:
            return Shown()
        return self._steering.desk.shown(TARIFF)

    @property
    def text(self) -> str | None:
        """The device's table as it was told, sent or kept last."""
        if self.carried_by is None:
            return None
        known = self._steering.memory.get(Block.MODE).values
        value = self.told.value or known.get(TARIFF)
        return value if isinstance(value, str) else None

    @property
    def waits(self) -> bool:
        """Whether the table is kept until economical mode is chosen."""
        kept = self._steering.memory.get(Block.MODE).kept
        return self.carried_by is not None and TARIFF in kept

    @property
    def zone(self) -> tzinfo:
        """The time zone of the plant's wall."""
        return dt_util.get_default_time_zone()

    @property
    def unit(self) -> str:
        """What a kWh is paid in."""
        currency = self.tariff.currency if self.tariff else None
        currency = _CODES.get(currency or "", currency)
        return f"{currency or self._hass.config.currency}/kWh"

    @callback
    def async_listen(self, update: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call when the tariff changed, or what it says of now."""
        self._listeners.append(update)
        return lambda: self._listeners.remove(update)

    @callback
    def _look(self) -> None:
        """Find out whose table the device shows."""
        if self.told.state is ShownState.PENDING:
            return
        text = self.text
        if self._wished and text == self._wished.texts[-1]:
            self.owned, self._wished = self._wished, None
        owned = self.owned
        if owned is not None and (text is None or text in owned.texts):
            here = text is None or self.waits
            self.source = Source.KEPT_HERE if here else Source.SET_HERE
            self.tariff = owned.tariff
        else:
            self.tariff = table_of(text) if text else None
            self.source = Source.INVERTER if self.tariff else None
        self._complete()
        self._reckon(dt_util.utcnow())

    def _complete(self) -> None:
        """Add what the table does not say itself."""
        if self.tariff is None:
            return
        reserve = self._steering.desk.shown(RESERVE).value
        self.tariff = replace(
            self.tariff,
            currency=self.tariff.currency or self.currency,
            reserve=self.tariff.reserve if reserve is None else int(reserve),
        )

    @callback
    def _reckon(self, now: datetime) -> None:
        """Find what the tariff says of now, and look again when that changes."""
        if self._timer is not None:
            self._timer()
            self._timer = None
        self.band = self.rate = self.next_change = None
        if self.tariff is not None:
            here = at(self.tariff, now, self.zone)
            self.band, self.rate = here.band, here.rate
            self.next_change = next_change(self.tariff, now, self.zone)
        if self.next_change is not None:
            due = self.next_change

            @callback
            def turn(_: datetime) -> None:
                self._timer = None
                self._reckon(max(dt_util.utcnow(), due))

            self._timer = async_track_point_in_utc_time(self._hass, turn, due)
        for update in tuple(self._listeners):
            update()

    def context(self) -> Context:
        """Return what is known of the plant that a table is for."""
        desk, data = self._steering.desk, self._coordinator.data
        capability = desk.capabilities.get(RESERVE)
        limits = capability.range if capability else None
        capacity = data.get("battery_capacity")
        reserve = desk.shown(RESERVE).value
        # A stick takes the mode with its reserve, or not at all.
        remembered = self._steering.memory.get(Block.MODE).values
        known = reserve is not None or RESERVE in remembered
        usable = None
        if isinstance(capacity, int | float) and isinstance(reserve, int | float):
            usable = capacity * (100 - reserve) / 100
        return Context(
            reserve_range=(int(limits.low), int(limits.high)) if limits else None,
            reserve_known=None if self.carried_by is None else known,
            charge_power=self._coordinator.identity.rated_power,
            usable_capacity=usable,
            zone=self.zone,
            now=dt_util.utcnow(),
        )

    async def async_context(self) -> Context:
        """Return what is known, with the device's clock where a link tells it (V21)."""
        ahead = await self._clock_ahead() if self._clock_ahead else None
        return replace(self.context(), clock_difference=ahead)

    # ---- setting it ----

    async def async_carried(self, tariff: Tariff) -> Carried:
        """Return what the inverter would get now; off the loop, as nights take a while."""
        job = self._hass.async_add_executor_job
        return await job(_carried, tariff, dt_util.utcnow(), self.zone)

    async def async_set(self, tariff: Tariff, asker: Asker) -> Outcome | None:
        """Make a tariff the plant's; None when no link carries one and it stays here.

        Raises ``WishError``; then the old one stays, unless it went out unproven.
        """
        if self.carried_by is None:
            await self._async_own(Owned(tariff=tariff))
            return None
        table = await self.async_carried(tariff)
        changes: dict[str, SettingValue] = {}
        if tariff.reserve is not None and self._steering.link_of(RESERVE):
            changes[RESERVE] = tariff.reserve
        return await self.async_write(tariff, table, asker, beside=changes)

    async def async_write(
        self,
        tariff: Tariff,
        table: Carried,
        asker: Asker,
        *,
        beside: SettingValues = _NONE,
        seen: SettingValues = _NONE,
    ) -> Outcome:
        """Send a table that stands for a tariff now. Raises ``WishError``.

        ``beside`` goes with it; a device that tells other than ``seen`` is left alone.
        """
        before: tuple[str, ...] = ()
        if self.owned is not None and self.owned.tariff == tariff:
            before = self.owned.texts[-1:]
        wished = Owned(tariff=tariff, texts=(*before, table.text), due=table.until)
        self._wished = wished
        await self.async_save()
        wish = Wish(changes={TARIFF: table.text, **beside}, asker=asker, seen=seen)
        try:
            outcome = await self._steering.desk.change(wish)
        except WishError as err:
            if err.refusal not in SENT_REFUSALS and self._wished is wished:
                self._wished = None
                await self.async_save()
            raise
        await self._async_own(wished)
        return outcome

    async def async_adopt(self, tariff: Tariff, table: Carried | None) -> None:
        """Take a tariff for the plant's whose table the device has already."""
        if self.owned is not None and self.owned.tariff == tariff:
            return
        texts = (table.text,) if table else ()
        due = table.until if table else None
        await self._async_own(Owned(tariff=tariff, texts=texts, due=due))

    async def _async_own(self, owned: Owned) -> None:
        self.owned, self._wished = owned, None
        self.currency = owned.tariff.currency or self.currency
        await self.async_save()
        self._look()


_CODES: Final[Mapping[str, str]] = {"£": "GBP", "€": "EUR"}
"""The Energy dashboard knows currencies by their codes; the dollar has several."""


def _carried(tariff: Tariff, now: datetime, zone: tzinfo) -> Carried:
    wall = table_for(tariff, now, zone)
    table, findings = carried(wall.tariff)
    text = "" if errors(findings) else tariff_text(dates_of(wall.tariff))
    return Carried(table=table, findings=tuple(findings), text=text, until=wall.until)


async def async_forget_tariff(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the tariff of a plant that was removed."""
    await _store(hass, entry_id).async_remove()
