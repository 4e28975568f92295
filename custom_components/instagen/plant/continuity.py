"""Lifetime counters that go on when another link tells them.

One link tells the device's own lifetime counter, another a total that was added up since
it was first read. Who sees both in turn must not take the difference for energy.
"""

from collections.abc import Mapping
from typing import Any, Final, Self

from .readings import READINGS, Kind, Value

_DIGITS: Final = 3


class Continuity:
    """Shifts the counters of a link that takes over so that they go on where they stood.

    The link that told a counter first stays the measure; energies in kWh.
    """

    def __init__(self) -> None:
        """Start with no counter."""
        self._told: dict[str, tuple[str, float]] = {}
        self._shifts: dict[str, float] = {}

    def follow(self, teller: str, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return the values with the counters among them shifted to go on."""
        return {key: self._follow(teller, key, value) for key, value in values.items()}

    def _follow(self, teller: str, key: str, value: Value) -> Value:
        if READINGS[key].kind is not Kind.ENERGY_TOTAL:
            return value
        if not isinstance(value, int | float):
            return value
        last = self._told.get(key)
        place = f"{teller} {key}"
        if last is not None and last[0] != teller:
            self._shifts[place] = last[1] - value
        shown = round(value + self._shifts.get(place, 0.0), _DIGITS)
        self._told[key] = (teller, shown)
        return shown

    def snapshot(self) -> dict[str, Any]:
        """Return what must survive a restart, as plain data."""
        return {
            "told": {key: list(last) for key, last in self._told.items()},
            "shifts": dict(self._shifts),
        }

    @classmethod
    def restore(cls, stored: Mapping[str, Any] | None) -> Self:
        """Build from what ``snapshot`` returned; nothing stored is a fresh start."""
        self = cls()
        if stored:
            self._told = {
                key: (last[0], last[1]) for key, last in stored["told"].items()
            }
            self._shifts = dict(stored["shifts"])
        return self
