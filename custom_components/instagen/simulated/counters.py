"""Energy counters: the exact integrals of the powers, in millijoules."""

from collections.abc import Mapping
from typing import Final

from .config import PlantConfig

KWH: Final = 3_600_000_000
"""Millijoules in a kWh."""

PHASE_COUNTERS: Final = ("grid_import", "grid_export", "load", "ac_pv", "generator")


class Counters:
    """Lifetime counters by name, and where each stood at the last local midnight.

    Others may keep a day of their own, such as a stick whose clock is wrong.
    """

    def __init__(self, start: Mapping[str, int]) -> None:
        """Take the lifetime values in millijoules to start from."""
        self._total = dict(start)
        self._days = [dict(start)]

    def add(self, powers: Mapping[str, int], milliseconds: int) -> None:
        """Add powers (W, none negative) that lasted for a time."""
        total = self._total
        for name, power in powers.items():
            if power:
                total[name] += power * milliseconds

    def keep_day(self) -> int:
        """Keep another day, which began when the plant's own did; return its number."""
        self._days.append(dict(self._days[0]))
        return len(self._days) - 1

    def new_day(self, day: int = 0) -> None:
        """Begin the counters of a day afresh."""
        self._days[day] = dict(self._total)

    def reset(self) -> None:
        """Lose every lifetime counter; those of the day stay."""
        for name, total in self._total.items():
            for midnight in self._days:
                midnight[name] -= total
            self._total[name] = 0

    def total(self, name: str) -> int:
        """Return a lifetime counter in millijoules."""
        return self._total[name]

    def today(self, name: str, day: int = 0) -> int:
        """Return the counter of a day in millijoules."""
        return self._total[name] - self._days[day][name]

    def names(self) -> tuple[str, ...]:
        """Return the names of all counters."""
        return tuple(self._total)


def earlier_life(config: PlantConfig) -> dict[str, int]:
    """Return lifetime counters of a plant in use for a while; they balance, too."""
    days = config.age_days
    load = config.mean_load * 24 * days
    strings = [s.peak_power * 26 * days // 10 for s in config.strings]
    pv = sum(strings)
    ac_pv = config.ac_pv.peak_power * 23 * days // 10 if config.ac_pv else 0
    generator = config.generator_power * days // 30 if config.generator_power else 0
    charge = round(config.battery.capacity * 550) * days if config.battery else 0
    discharge = charge * 93 // 100
    from_pv = min(load * 4 // 10, pv + ac_pv)
    from_battery = min(load - from_pv, discharge)
    surplus = pv + ac_pv + generator + discharge - charge
    grid_import = max(load * 3 // 10, load - surplus)
    values = {
        "pv": pv,
        **{f"pv{i}": energy for i, energy in enumerate(strings, 1)},
        "ac_pv": ac_pv,
        "generator": generator,
        "battery_charge": charge,
        "battery_discharge": discharge,
        "grid_import": grid_import,
        "grid_export": surplus + grid_import - load,
        "load": load,
        "backup": load * config.backup_share // 1000,
        "load_from_pv": from_pv,
        "load_from_battery": from_battery,
        "load_from_grid": load - from_pv - from_battery,
        "pv_to_load": from_pv,
        "pv_to_battery": min(charge, pv + ac_pv - from_pv),
        "pv_to_grid": max(0, pv + ac_pv - from_pv - charge),
    }
    for name in PHASE_COUNTERS:
        for phase in range(1, config.phases + 1):
            values[f"{name}_l{phase}"] = values[name] // config.phases
    return {name: energy * 3_600_000 for name, energy in values.items()}
