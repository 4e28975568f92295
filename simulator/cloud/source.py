"""Where a plant's data come from, be it a simulated plant or made up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

UPLOAD: Final = 300
"""Seconds between two uploads of a hybrid plant (facts/cloud-api.md section 9)."""

STALE: Final = timedelta(minutes=20)
"""Age of the last upload at which a plant counts as offline (section 9)."""

ENERGIES: Final = (
    "pv",
    "load",
    "grid_import",
    "grid_export",
    "battery_charge",
    "battery_discharge",
    "pv_to_load",
    "pv_to_battery",
    "pv_to_grid",
    "load_from_battery",
    "load_from_grid",
)

type Energies = Mapping[str, float]
"""Wh by the names in ``ENERGIES``."""


class Sample(NamedTuple):
    """A point of a day's curve; W, grid + on import, battery + on discharge."""

    minute: int
    pv: float
    grid: float
    load: float
    battery: float
    inverter: float
    soc: float | None


class Alarm(NamedTuple):
    """A fault that was or is raised."""

    serial: str
    code: int
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """An upload: when, and what the plant told, by the names of ``SimulatedPlant``."""

    at: datetime
    values: Mapping[str, Any]


class Desk(Protocol):
    """Reads and changes settings of a plant, in the cloud's own form."""

    def battery(self) -> dict[str, Any]:
        """Return mode and blocks (facts/cloud-api.md 5.8)."""

    def set_battery(self, mode: int, block: Mapping[str, Any]) -> None:
        """Take a mode and its block, whole."""

    def contact(self) -> dict[str, Any]:
        """Return what the dry contact does (5.9)."""

    def set_contact(self, payload: Mapping[str, Any]) -> None:
        """Take what the dry contact has to do."""

    def command(self, dev_type: int, action: int) -> None:
        """Carry a maintenance command out."""


class Source(Protocol):
    """A plant as the cloud sees it."""

    desk: Desk

    @property
    def online(self) -> bool:
        """Whether uploads and commands get through."""

    @property
    def first_day(self) -> date:
        """The day of commissioning."""

    def reading(self) -> Reading | None:
        """Return the last upload."""

    def day(self, day: date) -> Energies | None:
        """Return the energies of a day, None when there are none."""

    def lifetime(self) -> Energies:
        """Return the energies since commissioning."""

    def curve(self, day: date) -> list[Sample]:
        """Return the uploads of a day, without the time that is yet to come."""

    def alarms(self) -> list[Alarm]:
        """Return every alarm there was."""

    def close(self) -> None:
        """Let go of whatever is behind it."""


def added(parts: list[Energies]) -> dict[str, float]:
    """Return the sum of several days."""
    return {name: sum(part[name] for part in parts) for name in ENERGIES}


def days_from(first: date, last: date) -> list[date]:
    """Return the days from one to another, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
