"""Whether a value can be true.

A stick in trouble answers nonsense: 65535, another request's answer, a state of charge
of 2005 % (facts/local-protocol.md 4.3 and 4.4). The guard keeps such values away from
statistics that never forget, and yet lets a real change through once it lasts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from .readings import Kind, Reading, Value

AGREEMENT: Final = 3
"""Polls in a row that must tell the same story before the unlikely is believed."""

SOC_STEP: Final = 25
SOC_STEP_SECONDS: Final = 600
"""More than 25 points within 10 minutes is no battery (local-protocol.md 4.3)."""

_DEFAULT_RATING: Final = 30_000
_LARGEST_SITE: Final = 70_000
"""W; three phases of 100 A, the largest UK domestic supply, with room above it."""

_COUNTER_STEP: Final = 0.3
"""kWh that a counter may move at once: its own step is 0.1 and two reads may straddle."""

_LARGE_JUMP: Final = 1_000
"""kWh; a counter that leaps further is believed only after ten times the patience."""

_RELUCTANCE: Final = 10
_RANGES: Final[Mapping[Kind, tuple[float, float]]] = {
    Kind.ENERGY_TOTAL: (0, 100_000_000),
    Kind.ENERGY_TODAY: (0, 5_000),
    Kind.VOLTAGE: (0, 1_100),
    Kind.CURRENT: (-1_000, 1_000),
    Kind.FREQUENCY: (40, 70),
    Kind.TEMPERATURE: (-50, 150),
    Kind.CHARGE: (0, 100),
    Kind.HEALTH: (0, 100),
    Kind.CAPACITY: (0, 2_000),
    Kind.RESISTANCE: (0, 65_000),
    Kind.LEAKAGE: (-10_000, 10_000),
}

_GRID_RANGE: Final = (0, 350)
_LOW_VOLTAGE_PACK: Final = (0, 120)
_HIGH_VOLTAGE_PACK: Final = (0, 1_000)
_SITE_COUNTERS: Final = ("grid", "load", "backup", "generator")
_SITE_POWERS: Final = frozenset({"load_power", "backup_power", "generator_power"})


COUNTERS: Final = frozenset({Kind.ENERGY_TOTAL, Kind.ENERGY_TODAY})
"""Kinds that only rise, but for a new day."""

_AT_ONCE: Final = frozenset({Kind.FAULTS, Kind.FLAG})
"""Kinds that automations act on at once: believed as soon as a second read agrees."""

_REMEMBERED: Final = COUNTERS | _AT_ONCE | {Kind.CHARGE, Kind.POWER}
"""Kinds whose next value is judged by the one before."""


class Judgement(Enum):
    """What to do with a value."""

    ACCEPT = auto()
    DOUBT = auto()
    """Ask again; show the old value meanwhile."""

    REFUSE = auto()
    """It stayed absurd: nothing is known."""


@dataclass(slots=True)
class _Belief:
    value: Value
    at: float


@dataclass(slots=True)
class _Doubt:
    value: Value
    polls: int


class Guard:
    """Judges values of one plant, remembering what it believed last.

    Times are seconds of any clock that never goes back; energies kWh, powers W.
    """

    def __init__(self, rated_power: int | None = None) -> None:
        """Start with no belief; an unknown rating gets a generous bound."""
        self._rated_power = rated_power or _DEFAULT_RATING
        self.pack_voltage = _HIGH_VOLTAGE_PACK
        self._ranges: dict[str, tuple[float, float]] = {}
        self._usual: dict[str, tuple[float, float]] = {}
        self._beliefs: dict[str, _Belief] = {}
        self._doubts: dict[str, _Doubt] = {}

    @property
    def rated_power(self) -> int:
        """The inverter's rating in W, from which the bounds of powers follow."""
        return self._rated_power

    @rated_power.setter
    def rated_power(self, watts: int) -> None:
        self._rated_power = watts
        self._ranges.clear()
        self._usual.clear()

    def set_pack_cutoff(self, charge_cutoff: float | None) -> None:
        """Choose the voltage limits by the pack's own upper limit in V."""
        low = charge_cutoff is not None and 0 < charge_cutoff <= _LOW_VOLTAGE_PACK[1]
        self.pack_voltage = _LOW_VOLTAGE_PACK if low else _HIGH_VOLTAGE_PACK
        self._ranges.clear()
        self._usual.clear()

    def seed(self, key: str, value: float, at: float) -> None:
        """Recall what was believed before a restart."""
        self._beliefs[key] = _Belief(value, at)
        self._usual.pop(key, None)

    def expects(self, key: str, value: Value) -> bool:
        """Return whether a value is so usual that nothing about it needs judging.

        That is so for nearly all values, and a poll has many. An expected value of a
        counter has to be told by ``follow``.
        """
        usual = self._usual.get(key)
        return (
            usual is not None
            and isinstance(value, int | float)
            and usual[0] <= value <= usual[1]
        )

    def follow(
        self, values: Mapping[str, Value], keys: Iterable[str], now: float
    ) -> None:
        """Take over expected values of counters: the next ones are judged by them."""
        for key in keys:
            belief, value = self._beliefs[key], _number(values[key])
            belief.value, belief.at = value, now
            self._usual[key] = (value, value + _COUNTER_STEP)

    def judge(
        self, reading: Reading, value: Value, now: float, *, last: bool
    ) -> Judgement:
        """Judge one value; ``last`` says it will not be asked for again in this poll."""
        if value is None:
            return Judgement.ACCEPT
        possible = self.possible(reading, value)
        if possible and (
            reading.kind not in _REMEMBERED or self._follows(reading, value, now)
        ):
            return self._believe(reading, value, now)
        self._usual.pop(reading.key, None)
        doubt = self._note(reading, value, count=last)
        if not last or doubt.polls < self._patience(reading, value):
            return Judgement.DOUBT
        if not possible:
            return Judgement.REFUSE
        return self._believe(reading, value, now)

    def possible(self, reading: Reading, value: Value) -> bool:
        """Return whether a value lies in the range its kind can have at all."""
        if type(value) is not int and type(value) is not float:
            return True
        limits = self._ranges.get(reading.key)
        if limits and limits[0] <= value <= limits[1]:
            return True  # the way of nearly all values
        return self._in_range(reading, value)

    def _believe(self, reading: Reading, value: Value, now: float) -> Judgement:
        key = reading.key
        self._doubts.pop(key, None)
        if reading.kind in _REMEMBERED:
            self._beliefs[key] = _Belief(value, now)
        if reading.kind is Kind.POWER and not self._is_large(value):
            self._usual[key] = (-2.0 * self.rated_power, 2.0 * self.rated_power)
        elif reading.kind in COUNTERS:
            rising = _number(value)
            self._usual[key] = (rising, rising + _COUNTER_STEP)
        elif reading.kind not in _REMEMBERED and key in self._ranges:
            self._usual[key] = self._ranges[key]
        else:
            self._usual.pop(key, None)
        return Judgement.ACCEPT

    def _note(self, reading: Reading, value: Value, *, count: bool) -> _Doubt:
        """Remember a doubtful value; count the polls that tell the same story."""
        doubt = self._doubts.get(reading.key)
        if doubt is None or not self._agrees(reading, doubt.value, value):
            doubt = self._doubts[reading.key] = _Doubt(value, 0)
        elif count:
            doubt.polls += 1
        doubt.value = value
        return doubt

    def _patience(self, reading: Reading, value: Value) -> int:
        """Return how many polls must agree before an unlikely value is believed."""
        if reading.kind in _AT_ONCE:
            return 1
        if reading.kind is Kind.POWER and self._in_range(reading, _number(value)):
            return 1
        belief = self._beliefs.get(reading.key)
        if (
            reading.kind in COUNTERS
            and belief is not None
            and _number(value) - _number(belief.value) > _LARGE_JUMP
        ):
            return AGREEMENT * _RELUCTANCE
        return AGREEMENT

    def _agrees(self, reading: Reading, before: Value, value: Value) -> bool:
        """Return whether a value continues what the doubted one before it told."""
        if reading.kind in _AT_ONCE:
            return before == value
        first, second = _number(before), _number(value)
        if self._in_range(reading, first) != self._in_range(reading, second):
            return False
        if reading.kind is Kind.CHARGE:
            return abs(second - first) <= SOC_STEP
        return reading.kind not in COUNTERS or second >= first

    def _in_range(self, reading: Reading, value: float) -> bool:
        limits = self._ranges.get(reading.key)
        if limits is None:
            limits = self._ranges[reading.key] = self._range(reading)
        if limits[0] <= value <= limits[1]:
            return True
        # No grid, no generator: 0 Hz is what a meter shows.
        return reading.kind is Kind.FREQUENCY and value == 0

    def _range(self, reading: Reading) -> tuple[float, float]:
        if reading.kind is Kind.POWER:
            bound = self._power_bound(reading.key)
            return -bound, bound
        if reading.key == "battery_voltage":
            return self.pack_voltage
        if reading.key.startswith(("grid_voltage", "generator_voltage")):
            return _GRID_RANGE
        return _RANGES.get(reading.kind, (float("-inf"), float("inf")))

    def _power_bound(self, key: str) -> float:
        if key.startswith("grid") or key in _SITE_POWERS:
            return max(_LARGEST_SITE, 2 * self.rated_power)
        # Panels and battery may exceed the rating: 15.2 kW was seen on a 15 kW unit.
        return 2 * self.rated_power

    def _follows(self, reading: Reading, value: Value, now: float) -> bool:
        """Return whether a value can follow the one believed last."""
        before = self._beliefs.get(reading.key)
        if before is None:
            return True
        if reading.kind in _AT_ONCE:
            return value == before.value
        if reading.kind is Kind.POWER:
            return not self._is_large(value) or self._is_large(before.value)
        elapsed = max(now - before.at, 0)
        if reading.kind is Kind.CHARGE:
            step = abs(_number(value) - _number(before.value))
            return elapsed > SOC_STEP_SECONDS or step <= SOC_STEP
        if reading.kind in COUNTERS:
            grown = _number(value) - _number(before.value)
            return 0 <= grown <= self._growth(reading.key, elapsed)
        return True

    def _is_large(self, power: Value) -> bool:
        """Return whether only a large site has such a power; 65535 W is one, too."""
        return abs(_number(power)) > 2 * self.rated_power

    def _growth(self, key: str, elapsed: float) -> float:
        """Return the kWh a counter may gain in a time: rated power times the time."""
        bound = 2 * self.rated_power
        if bound < _LARGEST_SITE and key.startswith(_SITE_COUNTERS):
            bound = _LARGEST_SITE
        return bound / 3_600_000 * elapsed + _COUNTER_STEP


def _number(value: Value) -> float:
    """Return a value as a number; a text counts as none."""
    return float(value) if isinstance(value, int | float) else 0.0
