"""What the home page shows of all plants of an account (manual 4.1).

The numbers are counted up and down with every change, since an installer may have thousands
of plants and the event loop no time to count them again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .model import Device, Plant, PlantState


@dataclass(frozen=True, kw_only=True, slots=True)
class Generation:
    """What PV gives; None is not known. The unit is kWh unless said otherwise."""

    power: float | None = None
    """W."""

    today: float | None = None
    month: float | None = None
    year: float | None = None
    total: float | None = None


_QUANTITIES = ("power", "today", "month", "year", "total")


def added_up(parts: Iterable[Generation]) -> Generation:
    """Return the sum of what is known; None where nobody tells."""
    sums: dict[str, float] = {}
    for part in parts:
        for name in _QUANTITIES:
            if (value := getattr(part, name)) is not None:
                sums[name] = sums.get(name, 0.0) + value
    return Generation(**sums)


@dataclass(frozen=True, kw_only=True)
class Home:
    """The home page."""

    plants: int
    plants_by_state: Mapping[PlantState | None, int]
    """None counts those whose state nobody told."""

    devices: int
    devices_by_code: Mapping[int | None, int]
    """By the code of their type as it came."""

    new_plants: int
    new_devices: int
    favourites: int
    generation: Generation


class Tally:
    """Counts plants and devices as they come and go."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._states = Counter[PlantState | None]()
        self._favourites = 0
        self._plant_days = Counter[date]()
        self._codes = Counter[int | None]()
        self._device_days = Counter[date]()

    def plant(self, plant: Plant, step: int) -> None:
        """Count a plant that comes (1) or goes (-1)."""
        self._states[plant.state] += step
        if plant.favourite:
            self._favourites += step
        if plant.created is not None:
            self._plant_days[plant.created.date()] += step

    def devices(self, devices: Iterable[Device], step: int) -> None:
        """Count devices that come (1) or go (-1)."""
        for device in devices:
            self._codes[device.code] += step
            if device.since is not None:
                self._device_days[device.since] += step

    def home(self, since: date, generation: Generation) -> Home:
        """Return the numbers; new is what came on a day or later."""
        return Home(
            plants=self._states.total(),
            plants_by_state=dict(+self._states),
            devices=self._codes.total(),
            devices_by_code=dict(+self._codes),
            new_plants=_from(self._plant_days, since),
            new_devices=_from(self._device_days, since),
            favourites=self._favourites,
            generation=generation,
        )


def _from(days: Counter[date], since: date) -> int:
    return sum(count for day, count in days.items() if day >= since)
