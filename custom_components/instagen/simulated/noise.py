"""Seeded noise that is smooth in time and the same for the same moment."""

from typing import Final

_MASK: Final = (1 << 64) - 1


def hashed(seed: int, index: int) -> float:
    """Return a number in 0..1 that depends on nothing but its arguments."""
    mixed = (seed * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03 + 1) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return (mixed ^ (mixed >> 31)) / _MASK


class SmoothNoise:
    """Noise in -1..1 whose values a period apart are independent."""

    __slots__ = ("_cell", "_period", "_seed", "_start", "_step")

    def __init__(self, seed: int, channel: int, period: float) -> None:
        """Take a seed, a channel that tells noises apart, and a period in seconds."""
        self._seed = seed * 1_000_003 + channel
        self._period = round(period * 1000)
        self._cell: int | None = None
        self._start = self._step = 0.0

    def __call__(self, at: int) -> float:
        """Return the noise at a moment in milliseconds since the epoch."""
        cell, rest = divmod(at, self._period)
        if cell != self._cell:
            self._cell = cell
            self._start = hashed(self._seed, cell) * 2 - 1
            self._step = hashed(self._seed, cell + 1) * 2 - 1 - self._start
        part = rest / self._period
        return self._start + self._step * part * part * (3 - 2 * part)
