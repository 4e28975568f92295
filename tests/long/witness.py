"""Somebody who hears every state that Home Assistant ever shows of a plant."""

from collections.abc import Callable, Mapping
from typing import Final

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from custom_components.instagen.plant.readings import READINGS, Kind

from ..conftest import SERIAL
from .truth import COUNTERS, Truth, shows

RATED: Final = 15_000
_SANE: Final[Mapping[Kind, tuple[float, float]]] = {
    Kind.POWER: (-2 * RATED, 2 * RATED),
    Kind.VOLTAGE: (0, 1_100),
    Kind.CURRENT: (-1_000, 1_000),
    Kind.FREQUENCY: (0, 70),
    Kind.TEMPERATURE: (-50, 150),
    Kind.CHARGE: (0, 100),
    Kind.HEALTH: (0, 100),
    Kind.CAPACITY: (0, 2_000),
}

NOTHING: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})


class Witness:
    """Compares each state that is shown with the truth of that moment.

    It also sums up energies as the Energy dashboard does: a counter that falls below
    90 % of its last value has begun anew, any other difference counts as it is.
    """

    def __init__(self, hass: HomeAssistant, truth: Callable[[], Truth]) -> None:
        """Start listening."""
        self.lies: list[str] = []
        """Values that were shown and never true."""

        self.absurd: list[str] = []
        """Values that no plant can have, counters that fell or leapt."""

        self.energies: dict[str, float] = {}
        self.resets: list[str] = []
        self.changes = 0
        self.during = "calm"
        """What troubles the link just now, for the record."""

        self.deceived = False
        """Set while a spike may put a possible, untrue value into one answer."""

        self._truth = truth
        self._registry = er.async_get(hass)
        self._keys: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._counters: dict[str, float] = {}
        self._stop = hass.bus.async_listen("state_changed", self._hear)

    def stop(self) -> None:
        """Listen no more."""
        self._stop()

    @callback
    def _hear(self, event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is None or new.state in NOTHING:
            return
        key = self._key(event.data["entity_id"])
        if key not in READINGS:
            return
        self.changes += 1
        if self._shown.get(key) == new.state:
            return  # back from silence with what was known before
        self._shown[key] = new.state
        truth = self._truth().get(key)
        if truth is None or not shows(key, new.state, truth):
            where = f"{key}: shown {new.state}, true {truth} ({self.during})"
            self._judge_possible(key, new.state, where)
            if not self.deceived:
                self.lies.append(where)
        if READINGS[key].kind in COUNTERS:
            self._count(key, float(new.state))

    def _key(self, entity_id: str) -> str:
        key = self._keys.get(entity_id)
        if key is None:
            entry = self._registry.async_get(entity_id)
            unique_id = entry.unique_id if entry else ""
            key = self._keys[entity_id] = unique_id.removeprefix(f"{SERIAL}_")
        return key

    def _judge_possible(self, key: str, state: str, where: str) -> None:
        limits = _SANE.get(READINGS[key].kind)
        if limits and not limits[0] <= float(state) <= limits[1]:
            self.absurd.append(where)

    def _count(self, key: str, value: float) -> None:
        last = self._counters.get(key)
        self._counters[key] = value
        self.energies.setdefault(key, 0.0)
        if last is None:
            return
        if value < 0.9 * last:
            self.resets.append(key)
            self.energies[key] += value
            return
        if value < last:
            self.absurd.append(f"{key}: fell from {last} to {value}")
        self.energies[key] += value - last
