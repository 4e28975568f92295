"""Totals that never go back, made of counters that begin anew each day.

A DTS stick counts energy since midnight of its own clock and keeps no lifetime counters.
The totals here add up what those counters gain.

What can be known: a counter that fell begins anew, so what it shows now belongs to the
new day. What it gained between our last look and midnight is lost, and with a link that
was down that may be hours. A counter that did not fall may still be a new one that
overtook yesterday's while nobody looked; that is only believed when a midnight surely
passed, because a whole day counted twice is worse than a part of one missed. Surely
means: a whole day passed, or the time of day at which the counters were once seen to
begin anew lies well inside the gap, and the stick's clock and ours agree on its length.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Final, Self

DAY: Final = 86_400.0
_MARGIN: Final = 3_900.0
"""Seconds that midnight may wander: an hour of summer time and a little."""

_TOLERANCE: Final = 600.0
"""Seconds by which two clocks may disagree on a gap."""

_NEAR: Final = 1_800.0
"""A fall seen within this of the last look tells when the stick's midnight is."""

_LARGEST_POWER: Final = 70.0
"""kW; three phases of 100 A, the largest UK domestic supply."""

_STEP: Final = 0.3
"""kWh that a counter may show at once: its own step is 0.1."""

_DIGITS: Final = 3
"""Counters have one; sums of them keep clear of binary dust."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks, each in seconds since 1970."""

    ours: float
    stick: float


@dataclass(slots=True)
class _Counter:
    total: float
    today: float
    ours: float
    stick: float
    """The instant of ``today``."""


class DayTotals:
    """Totals in kWh by the key of the counter they are made of."""

    def __init__(self) -> None:
        """Start with no counter."""
        self._counters: dict[str, _Counter] = {}
        self._midnight: float | None = None
        """When the counters begin anew, in seconds of the stick's UTC day."""

    def update(self, key: str, today: float, at: Moment) -> float:
        """Add what a counter gained since the last look; return its total."""
        counter = self._counters.get(key)
        if counter is None:
            counter = _Counter(round(today, _DIGITS), today, at.ours, at.stick)
            self._counters[key] = counter
        else:
            gained = self._gain(counter, today, at)
            counter.total = round(counter.total + gained, _DIGITS)
            counter.today, counter.ours, counter.stick = today, at.ours, at.stick
        return counter.total

    def get(self, key: str) -> float | None:
        """Return a total, None when its counter was never seen."""
        counter = self._counters.get(key)
        return None if counter is None else counter.total

    def today(self, key: str) -> tuple[float, float] | None:
        """Return what a counter showed last and when, by our clock."""
        counter = self._counters.get(key)
        return None if counter is None else (counter.today, counter.ours)

    def _gain(self, counter: _Counter, today: float, at: Moment) -> float:
        gap = at.ours - counter.ours
        if today < counter.today:
            return self._after_fall(counter, today, gap, at)
        if self._midnight_passed(counter, gap, at):
            return today
        return today - counter.today

    def _after_fall(
        self, counter: _Counter, today: float, gap: float, at: Moment
    ) -> float:
        """Count a new day; a fall to more than a new day can hold is a correction."""
        if today > _LARGEST_POWER * max(gap, 0) / 3600 + _STEP:
            return 0.0
        if 0 <= gap <= _NEAR and today <= counter.today / 2:
            self._midnight = ((counter.stick + at.stick) / 2) % DAY
        return today

    def _midnight_passed(self, counter: _Counter, gap: float, at: Moment) -> bool:
        """Return whether the counters surely began anew since the last look."""
        if abs(at.stick - counter.stick - gap) > _TOLERANCE:
            return False
        if gap >= DAY:
            return True
        if self._midnight is None:
            return False
        before = (self._midnight - counter.stick) % DAY
        return before >= _MARGIN and gap - before >= _MARGIN

    def snapshot(self) -> dict[str, Any]:
        """Return everything, as plain data."""
        return {
            "midnight": self._midnight,
            "counters": {key: asdict(one) for key, one in self._counters.items()},
        }

    @classmethod
    def restore(cls, stored: Mapping[str, Any] | None) -> Self:
        """Return totals as they were; what cannot be read is left out."""
        totals = cls()
        if not isinstance(stored, Mapping):
            return totals
        totals._midnight = _number(stored.get("midnight"))
        counters = stored.get("counters")
        if isinstance(counters, Mapping):
            for key, fields in counters.items():
                if (counter := _counter(fields)) is not None:
                    totals._counters[key] = counter
        return totals


def _counter(fields: object) -> _Counter | None:
    if not isinstance(fields, Mapping):
        return None
    numbers = [
        _number(fields.get(name)) for name in ("total", "today", "ours", "stick")
    ]
    known = [number for number in numbers if number is not None]
    return _Counter(*known) if len(known) == len(numbers) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if isfinite(value) else None
