"""The plant's clock: wall time, faster or held."""

from collections.abc import Callable
from time import monotonic

from .plant import SimulatedPlant


class PlantClock:
    """Brings the plant up to now whenever somebody looks; never runs by itself."""

    def __init__(
        self,
        plant: SimulatedPlant,
        speed: float,
        time: Callable[[], float] = monotonic,
    ) -> None:
        """Take the plant and how many of its seconds pass in one; 0 holds the clock."""
        self.plant = plant
        self.speed = speed
        self._time = time
        self._last = time()

    def sync(self) -> None:
        """Let the time that passed since the last look pass for the plant."""
        now = self._time()
        passed, self._last = now - self._last, now
        if self.speed > 0 and passed > 0:
            self.plant.advance(passed * self.speed)

    def advance(self, seconds: float) -> None:
        """Let time of the plant pass at once.

        Raises:
            ValueError: when asked to go back.
        """
        self.sync()
        self.plant.advance(seconds)
