"""What the cloud told about a plant, as the rows look at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any, Final

from .values import listing, mapping, number


class Indicator(IntEnum):
    """Measuring points by their number at the cloud (facts/cloud-api.md section 6)."""

    LOAD = 1
    GRID = 2
    PV = 4
    INVERTER = 6
    BATTERY = 10
    GENERATOR = 20
    AC_PV = 30


class Told(Enum):
    """Answers that are no indicators."""

    LIVE = "live"
    """The plant's power flow and counters."""

    LIFETIME = "lifetime"
    """Its energies since it was built."""


type Source = Told | Indicator


class Node(IntEnum):
    """Ends of a flow (facts/cloud-api.md section 6)."""

    LOAD = 1
    GRID = 2
    PV = 4
    BATTERY = 10


class Indicators:
    """Readings of one measuring point by their keys."""

    def __init__(self, told: object = None) -> None:
        """Take the answer's data as it came."""
        self.told: Final = mapping(told)
        self._entries = {
            str(one.get("key")): one for one in listing(self.told.get("list"))
        }

    def value(self, key: str) -> float | None:
        """Return a reading; None when it is missing."""
        return number(self._entries.get(key, {}).get("val"))

    def unit(self, key: str) -> str:
        """Return a reading's unit; an empty text when it has none."""
        return str(self._entries.get(key, {}).get("unit") or "")

    def report(self) -> Mapping[str, object]:
        """Return the readings for diagnostics; none of them tells who they are of."""
        return {
            "pv_total": self.told.get("pv_total"),
            "phase_type": self.told.get("phase_type"),
            "last_data_time": self.told.get("last_data_time"),
            **{key: one.get("val") for key, one in self._entries.items()},
        }

    def phases(self, prefix: str) -> list[float]:
        """Return a reading of each phase that tells it."""
        found = (self.value(f"{prefix}{phase}") for phase in PHASE_NAMES)
        return [value for value in found if value is not None]


PHASE_NAMES: Final = ("a", "b", "c")

_NOTHING: Final = Indicators()


@dataclass(kw_only=True)
class CloudData:
    """The latest answers about one plant."""

    live: Mapping[str, Any] = field(default_factory=dict)
    lifetime: Mapping[str, Any] = field(default_factory=dict)
    indicators: dict[Indicator, Indicators] = field(default_factory=dict)
    capacity: float | None = None
    """Of the battery in kWh, as the device tree tells it."""

    inverters: int = 1

    @property
    def flow(self) -> Mapping[str, Any]:
        """The part of the live data about flows; empty for plants without it."""
        return mapping(self.live.get("reflux_station_data"))

    def has(self, icon: str) -> bool:
        """Return whether the plant has a measuring point.

        What a plant lacks is filled with zeros, so this decides and no value does.
        """
        return number(self.flow.get(f"icon_{icon}")) == 1

    def of(self, point: Indicator) -> Indicators:
        """Return the readings of a measuring point; none when it told nothing."""
        return self.indicators.get(point, _NOTHING)

    def signed(self, power: float | None, node: Node, as_told: int) -> float | None:
        """Give a power its sign: plus when the node gives, minus when it takes.

        The direction is that of ``flows``, which is what the portal shows; the sign
        that comes with the number is contradicted by its own sources (facts/cloud-api.md
        10.1 and 10.2). Where flows say nothing, or both, it counts after all;
        ``as_told`` is what it is multiplied with then.
        """
        if power is None:
            return None
        edges = listing(self.flow.get("flows"))
        gives = any(number(edge.get("out")) == node for edge in edges)
        takes = any(number(edge.get("in")) == node for edge in edges)
        if gives is takes:
            return power * as_told or 0.0
        return abs(power) if gives else -abs(power) or 0.0
