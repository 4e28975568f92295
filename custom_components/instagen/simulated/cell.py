"""The battery: stored energy, limits of one step, voltage and temperature."""

from bisect import bisect_right
from typing import Final

from .config import Battery

STEP_MS: Final = 10_000
"""Longest time that a planned power may be held, in ms."""

_OPEN_CIRCUIT: Final = (
    (0.0, 2.85), (5.0, 3.10), (12.0, 3.21), (30.0, 3.28), (60.0, 3.31),
    (90.0, 3.345), (97.0, 3.37), (100.0, 3.45),
)  # fmt: skip
_CELL_RESISTANCE: Final = 0.04
"""Rise of cell voltage at full power, in V."""


class Store:
    """Energy in a battery, in units so small that its losses come out whole.

    A unit is a millijoule divided by 1000 and by the efficiency in thousandths, so
    that neither charging nor discharging ever rounds.
    """

    def __init__(self, battery: Battery, soc: float) -> None:
        """Fill a battery to a state of charge in %."""
        self.battery = battery
        self._unit = 1000 * battery.efficiency
        self.capacity = round(battery.capacity * 3_600_000) * 1000
        self.temperature = 21.0
        """Of the warmest cell, in °C."""

        self._units = 0
        self.soc = soc

    @property
    def stored(self) -> int:
        """Stored energy in whole millijoules."""
        return self._units // self._unit

    @property
    def soc(self) -> float:
        """State of charge in %."""
        return self._units * 100 / (self.capacity * self._unit)

    @soc.setter
    def soc(self, value: float) -> None:
        self._units = self._units_at(value)

    def _units_at(self, soc: float) -> int:
        return round(self.capacity * soc / 100) * self._unit

    def charge_limit(self, power: int, up_to: float) -> int:
        """Return the charge power in W, at most ``power``, that stays below a SOC."""
        room = self._units_at(up_to) - self._units
        fits = room // (self.battery.efficiency**2 * STEP_MS)
        return max(0, min(power, self.battery.charge_power, fits))

    def discharge_limit(self, power: int, down_to: float) -> int:
        """Return the discharge power in W, at most ``power``, staying above a SOC."""
        spare = self._units - self._units_at(down_to)
        fits = spare // (1_000_000 * STEP_MS)
        return max(0, min(power, self.battery.discharge_power, fits))

    def run(self, power: int, milliseconds: int) -> None:
        """Let a power (+ discharging) flow at the terminals for a time."""
        energy = power * milliseconds
        factor = 1_000_000 if energy > 0 else self.battery.efficiency**2
        self._units -= energy * factor

    def warm(self, power: int, ambient: float, seconds: float) -> None:
        """Move the temperature towards where ambient and power pull it."""
        load = abs(power) / max(1, self.battery.discharge_power)
        target = ambient + 2 + 12 * load * load
        self.temperature += (target - self.temperature) * min(1.0, seconds / 5400)

    def cell_voltage(self, power: int) -> float:
        """Return the mean voltage of a cell in V at a power (+ discharging)."""
        at = min(100.0, max(0.0, self.soc))
        upper = min(bisect_right(_OPEN_CIRCUIT, (at, 9.0)), len(_OPEN_CIRCUIT) - 1)
        (soc_1, volt_1), (soc_2, volt_2) = _OPEN_CIRCUIT[upper - 1 : upper + 1]
        rest = volt_1 + (volt_2 - volt_1) * (at - soc_1) / (soc_2 - soc_1)
        return rest - _CELL_RESISTANCE * power / max(1, self.battery.discharge_power)

    def voltage(self, power: int) -> float:
        """Return the voltage of the pack in V at a power (+ discharging)."""
        return self.cell_voltage(power) * self.battery.cells_in_series
