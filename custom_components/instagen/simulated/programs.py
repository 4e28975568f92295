"""What the plant does by the clock: tariff, times of use, and the dry contact."""

from dataclasses import dataclass, field
from datetime import datetime

from .relay import RelaySettings
from .tariff import DEFAULT_TARIFF, Tariff, Window


@dataclass(frozen=True, kw_only=True, slots=True)
class UsePeriod:
    """A window to charge in and one to discharge in (facts/protobuf-10081.md 6)."""

    charge: Window
    charge_power: int = 100
    """% of the rated power."""

    discharge: Window
    discharge_power: int = 100
    lowest_soc: int = 10
    highest_soc: int = 90


@dataclass(frozen=True, kw_only=True, slots=True)
class Programs:
    """Everything that is set and is more than a number."""

    tariff: Tariff = DEFAULT_TARIFF
    times_of_use: tuple[UsePeriod, ...] = ()
    relay: RelaySettings = field(default_factory=RelaySettings)

    def use(self, local: datetime) -> tuple[UsePeriod | None, bool]:
        """Return the period at a local time, and whether it is its time to charge."""
        minute = local.hour * 60 + local.minute
        for period in self.times_of_use:
            if period.charge.holds(minute):
                return period, True
        for period in self.times_of_use:
            if period.discharge.holds(minute):
                return period, False
        return None, False
