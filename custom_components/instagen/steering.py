"""What Home Assistant lends the desk of a plant: readings, storage, clock and consent."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import (
    CONF_ALLOW_OFF_GRID,
    CONF_FORCED_HOURS,
    CONF_SERIAL,
    CONF_STICK_SERIAL,
    CONF_UNPROVEN_WRITES,
    CONF_WRITES_REFUSED,
    CONF_WRITES_WARNED,
    DEFAULT_FORCED_HOURS,
    DEFAULT_WRITES_REFUSED,
    DEFAULT_WRITES_WARNED,
    DOMAIN,
)
from .control.budget import WriteBudget
from .control.desk import ControlDesk
from .control.guards import Surroundings
from .control.journal import Journal, JournalEntry
from .control.known import Memory
from .control.leases import ChargeLimit, Conditions, LeaseMode, Policy
from .control.wishes import Asker, AskerKind
from .control.writer import Writer
from .coordinator import InstagenCoordinator
from .links.settings import SettingsRoad
from .plant.alarms import Family, Severity, alarms_of, parse_faults
from .plant.identity import normalize_serial
from .plant.settings import Range
from .plant.states import LinkName

LOOK: Final = 3.0
"""Seconds in which a DTS-WL-G3 tells its settings, pauses between the reads included."""

SAVE_DELAY: Final = 60
"""Seconds that the journal may stay unsaved. Leases never do."""

_STICK: Final = "stick"
"""Whose leases are stored: they are void behind another gateway."""

_VERSION: Final = 1


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(hass, _VERSION, f"{DOMAIN}.{entry_id}.control")


class Steering:
    """The desk of one plant, from setting the entry up to unloading it."""

    def __init__(
        self, coordinator: InstagenCoordinator, roads: Sequence[SettingsRoad]
    ) -> None:
        """Put a desk in front of the roads; nothing is read or written yet."""
        self._hass = coordinator.hass
        self._entry = coordinator.config_entry
        self._coordinator = coordinator
        self._roads = tuple(roads)
        self._options: Mapping[str, Any] = coordinator.config_entry.options
        self._store = _store(self._hass, self._entry.entry_id)
        self._stored: dict[str, Any] = {}
        self._stick = normalize_serial(
            str(self._entry.data.get(CONF_STICK_SERIAL, self._entry.data[CONF_SERIAL]))
        )
        self._replaced = False
        self._ranges: Mapping[str, Range | None] = {}
        self.refusals: dict[str, str] = {}
        """Why the last wish to change a setting was refused, if it was."""

        self._watched: Counter[str] = Counter()
        self._watchers: dict[str, list[CALLBACK_TYPE]] = {}
        self._refreshing: asyncio.Task[None] | None = None
        self._closed = False
        self._charge_limit: ChargeLimit | None = None
        self.journal = Journal()
        self.memory = Memory()
        self.budget = WriteBudget(
            now=dt_util.now,
            warn_at=self._options.get(CONF_WRITES_WARNED, DEFAULT_WRITES_WARNED),
            refuse_at=self._options.get(CONF_WRITES_REFUSED, DEFAULT_WRITES_REFUSED),
        )
        self.desk = ControlDesk(
            Writer(
                roads,
                journal=self.journal,
                budget=self.budget,
                memory=self.memory,
                now=dt_util.utcnow,
                allows_unproven=lambda: self._allows(CONF_UNPROVEN_WRITES),
                surroundings=self._surroundings,
            ),
            save=self._async_save,
            conditions=self._conditions,
            policy=self._policy,
            now=dt_util.utcnow,
            sleep=asyncio.sleep,
        )

    # ---- its life ----

    async def async_recall(self) -> None:
        """Recall leases, journal and what was known of the plant's settings."""
        self._stored = await self._store.async_load() or {}
        self.desk.restore(self._stored)
        self._replaced = self._stored.get(_STICK, self._stick) != self._stick

    @callback
    def async_start(self) -> None:
        """Look after the leases, and read the settings with every slow poll."""
        entry, coordinator = self._entry, self._coordinator
        entry.async_on_unload(self.journal.add_listener(self._note))
        entry.async_on_unload(self.desk.audience.add_listener(self._tell))
        entry.async_on_unload(coordinator.async_on_slow_poll(self.async_refresh))
        entry.async_on_unload(coordinator.async_add_listener(self._on_loss_or_return))
        entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._async_stop)
        )
        self.desk.start()
        if self._replaced:
            entry.async_create_background_task(
                self._hass, self._async_void(), f"{DOMAIN} leases of {entry.entry_id}"
            )
        self.async_refresh()

    async def _async_void(self) -> None:
        """End what was granted before the gateway was replaced (automation.md 4.10).

        The inverter is still the same, so what was forced is put back.
        """
        await self.desk.cancel(Asker(kind=AskerKind.LEASE, name=DOMAIN))

    async def async_close(self, *, release: bool) -> None:
        """End, and put the plant back first if asked; leases stay stored either way."""
        if self._closed:
            return
        self._closed = True
        await self.desk.close(release=release)
        if self._refreshing is not None:
            # Cut off in the middle of a read it would leave an error nobody fetches.
            await asyncio.wait({self._refreshing}, timeout=LOOK)

    async def _async_stop(self, event: Event) -> None:
        """Stop with Home Assistant: the leases go on with its next start.

        To let go now would write twice for every restart, and a restart is short.
        """
        await self.async_close(release=False)

    @callback
    def async_refresh(self) -> None:
        """Read the settings that are shown, and see to the leases; one at a time.

        Home Assistant waits a moment before it calls itself started, so that automations
        which look at a mode then find it. A stick that does not tell its settings is
        silent for longer than that.
        """
        if self._refreshing is not None and not self._refreshing.done():
            return
        self._refreshing = self._entry.async_create_background_task(
            self._hass,
            self.desk.refresh(frozenset(+self._watched)),
            f"{DOMAIN} settings of {self._entry.entry_id}",
        )
        self._entry.async_create_task(
            self._hass, asyncio.wait({self._refreshing}, timeout=LOOK)
        )

    @callback
    def _on_loss_or_return(self) -> None:
        """Look at once when a link is back; while all are gone that would only delay it."""
        if self._coordinator.last_update_success:
            self.async_refresh()

    def link_of(self, key: str) -> LinkName | None:
        """Return the link that carries a setting, None when the plant has none."""
        if key not in self.desk.capabilities:
            return None
        return next(one.name for one in self._roads if key in one.capabilities)

    # ---- who listens ----

    @callback
    def async_watch(self, key: str, update: CALLBACK_TYPE) -> Callable[[], None]:
        """Call when something about a setting, or what else the desk tells, changed."""
        self._watched[key] += 1
        watchers = self._watchers.setdefault(key, [])
        watchers.append(update)

        def stop() -> None:
            self._watched[key] -= 1
            watchers.remove(update)

        return stop

    @callback
    def _tell(self, keys: frozenset[str]) -> None:
        """Tell who watches what changed, or whose range did with it."""
        before = self._ranges
        self._ranges = {
            key: capability.range for key, capability in self.desk.capabilities.items()
        }
        moved = {key for key in self._ranges if self._ranges[key] != before.get(key)}
        for key in keys | moved:
            for update in tuple(self._watchers.get(key, ())):
                update()

    @callback
    def _note(self, entry: JournalEntry) -> None:
        """Remember what was refused, and write the journal down before long."""
        for key in entry.changes:
            self.refusals.pop(key, None)
            if entry.refusal:
                self.refusals[key] = entry.refusal.value
        self._store.async_delay_save(self._to_store, SAVE_DELAY)

    # ---- a car beside the battery ----

    @property
    def charges(self) -> bool:
        """Whether somebody wants a forced charge, now or in turn."""
        return any(one.mode is LeaseMode.FORCE_CHARGE for one in self.desk.leases)

    @callback
    def limit_charge(self, limit: ChargeLimit | None) -> None:
        """Let a forced charge go no further than that; None is without a limit."""
        if limit == self._charge_limit:
            return
        self._charge_limit = limit
        if self.charges:
            self.desk.look_again()

    # ---- what the desk asks for ----

    async def _async_save(self, stored: dict[str, Any]) -> None:
        """Write everything down now, before a lease goes on."""
        self._stored = {**stored, _STICK: self._stick}
        await self._store.async_save(self._stored)

    def _to_store(self) -> dict[str, Any]:
        return {**self._stored, "journal": self.journal.snapshot()}

    def _allows(self, option: str) -> bool:
        return bool(self._options.get(option, False))

    def _policy(self) -> Policy:
        return Policy(human_lease=human_lease(self._options))

    def _surroundings(self) -> Surroundings:
        off_grid = self._flag("off_grid")
        return Surroundings(
            soc=self._number("battery_soc"),
            grid_present=None if off_grid is None else not off_grid,
            off_grid_allowed=self._allows(CONF_ALLOW_OFF_GRID),
        )

    def _conditions(self) -> Conditions:
        return Conditions(
            soc=self._number("battery_soc"),
            battery_power=self._number("battery_power"),
            rated_power=self._coordinator.identity.rated_power,
            off_grid=self._flag("off_grid"),
            alarm=self._flag("earth_fault") is True or self._alarm(),
            charge_limit=self._charge_limit,
        )

    def _alarm(self) -> bool:
        """Return whether an alarm stands that forbids forcing the battery."""
        faults = self._value("faults")
        if not isinstance(faults, str):
            return False
        return any(
            alarm.severity is Severity.DANGER
            or (alarm.family is Family.BATTERY and alarm.severity is Severity.FAULT)
            for alarm in alarms_of(parse_faults(faults))
        )

    def _value(self, key: str) -> object:
        """Return a reading of the last poll, None when that failed or left it out."""
        board = self._coordinator.data
        if not self._coordinator.last_update_success or board.is_silent(key):
            return None
        return board.get(key)

    def _number(self, key: str) -> float | None:
        value = self._value(key)
        return value if isinstance(value, int | float) else None

    def _flag(self, key: str) -> bool | None:
        value = self._value(key)
        return value if isinstance(value, bool) else None


def human_lease(options: Mapping[str, Any]) -> timedelta:
    """Return how long a lease lasts that was asked for without an end."""
    return timedelta(hours=options.get(CONF_FORCED_HOURS, DEFAULT_FORCED_HOURS))


async def async_forget_control(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the leases and the journal of a plant that was removed."""
    await _store(hass, entry_id).async_remove()
