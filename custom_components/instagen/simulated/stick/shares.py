"""How a plant is shared out among several inverters.

The model has one inverter; a plant with a master and slaves is told as parts of it. The
meter, the house, the generator and AC-coupled PV hang on the master; strings are dealt
out in turn, the battery and the inverter's power are split evenly. Parts sum exactly to
the whole.
"""

from ..config import PlantConfig
from .identity import InverterIdentity


def part_of(total: int, config: PlantConfig, one: InverterIdentity) -> int:
    """Return an inverter's part of a power or counter."""
    index, count = one.address - 1, config.inverters
    return total * (index + 1) // count - total * index // count


def strings_of(config: PlantConfig, one: InverterIdentity) -> tuple[int, ...]:
    """Return the numbers (from 1) of the strings on an inverter."""
    numbers = range(1, len(config.strings) + 1)
    return tuple(n for n in numbers if (n - 1) % config.inverters == one.address - 1)


def packs_of(config: PlantConfig, one: InverterIdentity) -> int:
    """Return how many battery packs an inverter has."""
    modules = config.battery.modules if config.battery else 0
    return part_of(modules, config, one)


def capacity_of(config: PlantConfig, one: InverterIdentity) -> float:
    """Return the capacity of an inverter's battery in kWh."""
    if config.battery is None:
        return 0.0
    return part_of(round(config.battery.capacity * 1000), config, one) / 1000
