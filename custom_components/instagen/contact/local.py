"""The rules of the dry contact, run here on a switch that the owner names.

For plants where no link carries the device's own rules. Home Assistant must be running:
while it is not, the switch stays as it was. What is remembered is saved before the switch
is moved, so a restart moves nothing.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, override

from homeassistant.const import (
    ATTR_ENTITY_ID,
    EVENT_HOMEASSISTANT_STOP,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_OFF,
    STATE_ON,
)
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import (
    async_call_later,
    async_track_state_change_event,
)
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from ..control.charge_limit import LimitMemory, charge_limit
from ..control.contact import ContactMemory, ContactStep, step
from ..control.contact_events import ContactEvent, happened
from ..control.contact_inputs import Assumed, Inputs, Reason
from ..control.contact_memory import restore, snapshot
from ..control.shown import Shown, ShownState
from ..control.wishes import Asker
from ..coordinator import InstagenCoordinator
from ..plant.contact_settings import (
    GENERATOR,
    LOAD_CONTACT,
    RANGES,
    settings_of,
    values_of,
)
from ..plant.dry_contact import ContactFunction, ContactSettings, LoadMode
from ..plant.settings import SettingValue, SettingValues
from ..steering import Steering
from .panel import ContactPanel, running_by
from .readings import LocalReadings, Named

SWITCHING: Final = 10.0
"""Seconds that a switch may take to do what it is told."""

_SPARE: Final = 1.5
"""Polls after which a current is too old to allow anything by."""

_BY_HAND: Final = frozenset({Reason.NOT_IN_USE, Reason.COMMAND, Reason.NO_COMMAND})
"""Reasons for which somebody may switch at the switch itself."""

_KNOWN: Final = frozenset({STATE_ON, STATE_OFF})

_VERSION: Final = 1


def _store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    return Store(hass, _VERSION, f"{DOMAIN}.{entry_id}.contact")


class LocalContact(ContactPanel):
    """Looks with every poll and whenever a rule asks to; switches on change alone."""

    rules_run_in = "home_assistant"

    def __init__(
        self, coordinator: InstagenCoordinator, steering: Steering, named: Named
    ) -> None:
        """Prepare; nothing is read or switched yet."""
        super().__init__(coordinator.hass)
        self._coordinator = coordinator
        self._entry = coordinator.config_entry
        self._named = named
        self._steering = steering
        self._readings = LocalReadings(coordinator, steering, named)
        self._store = _store(self._hass, self._entry.entry_id)
        self._values: dict[str, SettingValue] = values_of(ContactSettings())
        self._memory: ContactMemory | None = None
        self._step: ContactStep | None = None
        self._charge: LimitMemory | None = None
        self._assumed = Assumed()
        self._commanded: bool | None = None
        """What the switch was told last, since we are here."""

        self._failing = False
        """Whether the switch did not take what it was told last."""

        self._watchers: dict[str, list[CALLBACK_TYPE]] = {}
        self._listeners: list[Callable[[ContactEvent], None]] = []
        self._lock = asyncio.Lock()
        self._cancel_wake: CALLBACK_TYPE | None = None
        self._closed = False

    # ---- its life ----

    async def async_recall(self) -> None:
        """Recall what is set, and how the rules stood."""
        if stored := await self._store.async_load():
            self._values |= stored["settings"]
            self._memory = restore(stored["memory"])

    @callback
    def async_start(self) -> None:
        """Look now, and from now on."""
        entry, coordinator = self._entry, self._coordinator
        for key in self._readings.wanted:
            entry.async_on_unload(coordinator.async_add_listener(_hear, key))
        entry.async_on_unload(coordinator.async_on_poll(self._on_poll))
        entry.async_on_unload(coordinator.async_add_listener(self.async_look))
        entry.async_on_unload(
            async_track_state_change_event(self._hass, self._named.all, self._on_state)
        )
        entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._on_stop)
        )
        if coordinator.last_update_success:
            self._readings.stamp(True)
        self.async_look()

    async def async_close(self) -> None:
        """End, and leave the switch open unless somebody closed it by command.

        A rule that nobody looks after must not keep a charger or an engine running.
        """
        if self._closed:
            return
        self._end()
        async with self._lock:
            done, settings = self._step, settings_of(self._values)
            by_hand = settings.use in {ContactFunction.OFF, LoadMode.MANUAL}
            if done is None or not done.closed or by_hand:
                return
            self._memory = None
            await self._async_save()
            await self._async_switch(on=False)

    @callback
    def _on_stop(self, event: Event) -> None:
        """Stop with Home Assistant: a restart is short, and moves nothing."""
        self._end()

    @callback
    def _end(self) -> None:
        self._closed = True
        if self._cancel_wake is not None:
            self._cancel_wake()
            self._cancel_wake = None

    # ---- looking ----

    @callback
    def _on_poll(self, slow: bool) -> None:
        self._readings.stamp(slow)
        self.async_look()

    @callback
    def _on_state(self, event: Event[EventStateChangedData]) -> None:
        if self._commanded and event.data["entity_id"] == self._named.switch:
            before, now = event.data["old_state"], event.data["new_state"]
            was_away = before is None or before.state not in _KNOWN
            if was_away and now is not None and now.state == STATE_OFF:
                # It lost its power, and nobody opened it: it is told once more.
                self._commanded = None
        self.async_look()

    @callback
    def _on_wake(self, now: datetime) -> None:
        self._cancel_wake = None
        self.async_look()

    @callback
    def async_look(self, *, reset: bool = False) -> None:
        """Look at this moment, and see to it that the switch follows."""
        if self._closed:
            return
        settings, before = settings_of(self._values), self._memory
        seconds = self._coordinator.link.poll_seconds
        age = max(Assumed().safety_age, _SPARE * seconds)
        self._assumed = Assumed(safety_age=age, reading_age=max(90, 3 * seconds))
        self._coordinator.hurried = settings.use == LoadMode.EV_CHARGER
        shown = _shown(self._step)
        inputs = self._readings.look(reset=reset)
        done = step(settings, inputs, before, self._assumed)
        self._step, self._memory = done, done.memory
        self._limit_charge(settings, inputs, done)
        self._wake_at(done.wake)
        if shown != _shown(done):
            self._tell()
        for event in happened(before, done):
            for listener in tuple(self._listeners):
                listener(event)
        moved = before is None or replace(before, at=done.memory.at) != done.memory
        if moved or self._is_due(done):
            self._entry.async_create_task(
                self._hass, self._async_follow(moved), f"{DOMAIN} contact"
            )

    def _limit_charge(
        self, settings: ContactSettings, inputs: Inputs, done: ContactStep
    ) -> None:
        """Let a forced charge leave room for the car (automation.md 4.8 e)."""
        found = self._charge = charge_limit(
            settings,
            inputs,
            done.memory.load.state,
            self._readings.charger,
            memory=self._charge,
            assumed=self._assumed,
            charging=self._steering.charges,
        )
        self._steering.limit_charge(found.limit if found else None)

    def _wake_at(self, wake: datetime) -> None:
        """Look again when the rule asks to, or when what it knows has grown too old.

        After a time and not at a moment: a clock that stood ahead would never reach it.
        """
        if self._cancel_wake is not None:
            self._cancel_wake()
        left = (wake - dt_util.utcnow()).total_seconds()
        soon = max(0.0, min(left, self._assumed.safety_age + 1))
        self._cancel_wake = async_call_later(self._hass, soon, self._on_wake)

    # ---- switching ----

    def _is_due(self, done: ContactStep) -> bool:
        """Tell whether the switch has to be told something."""
        on = self._readings.switched()
        if on is None or (done.reason is Reason.NOT_IN_USE and not self._commanded):
            return False
        if self._commanded is None:
            return on is not done.closed
        # One that closed by itself is opened again, unless by hand it may be closed.
        strayed = on and not done.closed and done.reason not in _BY_HAND
        return strayed or (done.closed is not self._commanded and on is not done.closed)

    async def _async_follow(self, moved: bool) -> None:
        """Save how the rules stand, then let the switch follow."""
        async with self._lock:
            if moved:
                await self._async_save()
            if (done := self._step) is None or self._closed:
                return
            if self._is_due(done):
                await self._async_switch(on=done.closed)
            elif self._readings.switched() is done.closed:
                self._commanded = done.closed

    async def _async_switch(self, *, on: bool) -> None:
        entity_id = self._named.switch
        try:
            async with asyncio.timeout(SWITCHING):
                await self._hass.services.async_call(
                    entity_id.partition(".")[0],
                    SERVICE_TURN_ON if on else SERVICE_TURN_OFF,
                    {ATTR_ENTITY_ID: entity_id},
                    blocking=True,
                )
        except Exception as err:  # noqa: BLE001 - a foreign switch raises anything
            # The next look tries again, and says no more about it.
            if not self._failing:
                LOGGER.warning("%s was not switched: %s", entity_id, type(err).__name__)
            self._failing = True
        else:
            self._commanded = on
            self._failing = False

    async def _async_save(self) -> None:
        memory = self._memory and snapshot(self._memory)
        await self._store.async_save({"settings": self._values, "memory": memory})

    # ---- the panel ----

    @property
    @override
    def available(self) -> bool:
        return True

    @property
    @override
    def values(self) -> SettingValues:
        return self._values

    @override
    def carries(self, key: str) -> bool:
        return key in self._values or key in RANGES

    @override
    def shown(self, key: str) -> Shown:
        return Shown(value=self._values.get(key), state=ShownState.CONFIRMED)

    @override
    def async_watch(self, key: str, update: CALLBACK_TYPE) -> Callable[[], None]:
        watchers = self._watchers.setdefault(key, [])
        watchers.append(update)
        return lambda: watchers.remove(update)

    @callback
    def add_event_listener(
        self, listener: Callable[[ContactEvent], None]
    ) -> Callable[[], None]:
        """Call with everything that happens and is to be told; return how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    @override
    def step(self) -> ContactStep | None:
        return self._step

    @property
    @override
    def commanded(self) -> bool | None:
        return self._step.closed if self._step else None

    @property
    @override
    def running(self) -> bool | None:
        return running_by(self._hass, self._named.running)

    @override
    async def _async_apply(self, changes: SettingValues, asker: Asker) -> None:
        """Keep what was changed; another use begins without a command of the old one."""
        use = settings_of(self._values).use
        after = {**self._values, **changes}
        if settings_of(after).use != use:
            after |= {LOAD_CONTACT: False, GENERATOR: False, **changes}
        self._values = after
        await self._async_save()
        self.async_look()
        self._tell()

    @callback
    def _tell(self) -> None:
        watching = (one for updates in self._watchers.values() for one in updates)
        for update in dict.fromkeys(watching):
            update()


def _shown(done: ContactStep | None) -> tuple[object, ...]:
    """Return what entities show of a step."""
    return () if done is None else (done.closed, done.reason, done.state, done.shed)


@callback
def _hear() -> None:
    """Hear that a reading changed: each poll is looked at as a whole."""


async def async_forget_contact(hass: HomeAssistant, entry_id: str) -> None:
    """Forget the contact of a plant that was removed."""
    await _store(hass, entry_id).async_remove()
