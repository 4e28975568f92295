"""The power that a house draws, minute by minute."""

from typing import Final

from .noise import SmoothNoise, hashed

_WEEKDAY: Final = (
    0.52, 0.46, 0.43, 0.42, 0.43, 0.52, 0.85, 1.22, 1.12, 0.92, 0.86, 0.90,
    1.00, 0.94, 0.88, 0.95, 1.22, 1.62, 1.80, 1.70, 1.52, 1.34, 1.02, 0.72,
)  # fmt: skip
_WEEKEND: Final = (
    0.58, 0.50, 0.45, 0.43, 0.43, 0.46, 0.60, 0.88, 1.15, 1.30, 1.28, 1.30,
    1.42, 1.32, 1.16, 1.14, 1.30, 1.58, 1.72, 1.62, 1.46, 1.30, 1.06, 0.78,
)  # fmt: skip
_SEASON: Final = (
    1.22, 1.18, 1.08, 0.96, 0.88, 0.82, 0.80, 0.82, 0.88, 0.98, 1.12, 1.24,
)  # fmt: skip

_SPELL: Final = 180_000
_KETTLE_POWER: Final = 2200
_OVEN_POWER: Final = 1900


class Household:
    """A UK-like house: daily shape, slow drift, and appliances that come and go."""

    def __init__(self, seed: int, mean_power: int, phases: int) -> None:
        """Take the plant's seed, the yearly mean in W and the number of phases."""
        self._seed = seed * 7919 + 3
        self._mean = mean_power
        self._phases = phases
        self._drift = SmoothNoise(seed, 21, 1_500)
        self._flicker = SmoothNoise(seed, 22, 25)
        self._tilt_1 = SmoothNoise(seed, 23, 900)
        self._tilt_2 = SmoothNoise(seed, 24, 1_300)

    def power(self, at: int, minute: int, weekday: int, month: int) -> int:
        """Return W at a moment (ms), given local minute of day, weekday 0-6, month."""
        shape = _WEEKEND if weekday >= 5 else _WEEKDAY
        hour, rest = divmod(minute, 60)
        mixed = shape[hour] + (shape[(hour + 1) % 24] - shape[hour]) * rest / 60
        scale = 1 + 0.28 * self._drift(at) + 0.05 * self._flicker(at)
        base = self._mean * 0.6 * mixed * _SEASON[month - 1] * scale
        return max(60, round(base + self._appliances(at, mixed)))

    def _appliances(self, at: int, liveliness: float) -> float:
        """Return W of kettle and oven; both are likelier when the house is awake."""
        spell, size = at // _SPELL, self._mean / 600
        kettle = hashed(self._seed, spell) < 0.04 * liveliness * size
        oven = hashed(self._seed + 1, spell // 10) < 0.05 * liveliness**2 * size
        return _KETTLE_POWER * kettle + _OVEN_POWER * oven

    def split(self, total: int, at: int) -> tuple[int, ...]:
        """Share a power among the phases; the parts sum to the whole."""
        if self._phases == 1:
            return (total,)
        first = round(total * (0.37 + 0.12 * self._tilt_1(at)))
        second = round(total * (0.31 + 0.10 * self._tilt_2(at)))
        return first, second, total - first - second
