"""What the entities of a plant have to show, by the plant itself."""

from collections.abc import Mapping
from math import floor
from typing import Final

from custom_components.instagen.plant.readings import READINGS, Kind, Reading
from custom_components.instagen.plant.settings import SETTINGS
from simulator import Simulator

type Truth = Mapping[str, float | str | bool]

_STEP: Final[Mapping[Kind, float]] = {
    Kind.POWER: 1,
    Kind.VOLTAGE: 0.1,
    Kind.CURRENT: 0.01,
    Kind.FREQUENCY: 0.01,
    Kind.TEMPERATURE: 0.1,
    Kind.CHARGE: 1,
    Kind.HEALTH: 1,
    Kind.CAPACITY: 0.1,
}
"""What one step on the wire is worth; a value may lie half a step beside the truth."""

COUNTERS: Final = frozenset({Kind.ENERGY_TOTAL, Kind.ENERGY_TODAY})


def truth_of(sim: Simulator) -> Truth:
    """Return what is true now by the keys of the contract; counters in whole 0.1 kWh."""
    known = {**sim.plant.detail(), **sim.state()}
    if "cell_temperature_max" in known:
        known["battery_temperature"] = known["cell_temperature_max"]
    truth: dict[str, float | str | bool] = {}
    for key, reading in READINGS.items():
        value = known.get(key)
        if value is None:
            continue
        if reading.kind in COUNTERS:
            value = floor(float(value) * 10 + 1e-6) / 10
        truth[key] = value
    for key in SETTINGS:
        if (value := known.get(key)) is not None:
            truth[key] = value
    return truth


def shows(key: str, state: str, truth: float | str | bool) -> bool:
    """Return whether a state tells the truth about a reading or a setting."""
    if isinstance(truth, bool):
        return state == ("on" if truth else "off")
    if isinstance(truth, str):
        return state == truth
    try:
        shown = float(state)
    except ValueError:
        return False
    step = step_of(READINGS[key]) if key in READINGS else 0.0
    return abs(shown - truth) <= step / 2 + 1e-6


def step_of(reading: Reading) -> float:
    """Return what one step of a reading is worth on the wire."""
    if reading.key == "battery_current":
        return 0.1
    return 0.0 if reading.kind in COUNTERS else _STEP[reading.kind]
