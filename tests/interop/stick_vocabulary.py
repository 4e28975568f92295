"""What the public client calls what a stick tells, and how it counts it.

A path leads through the client's own field names; a number is a place in a list, from 1,
and ``*`` the sum over a list. Some of its names are guesses of an early author: its
frequencies of the inverter are fault codes, its cell voltages of the battery are cut-offs,
and what it calls a frequency of the grid's energy is the export of today.
"""

from collections.abc import Callable, Iterator, Mapping
from math import floor
from typing import Any, Final

from custom_components.instagen.plant.states import BatteryState, WorkStatus

type Plant = Mapping[str, Any]
type Told = Mapping[str, Any]

_BATTERY: Final = "data.1.battery_management"
_INVERTER: Final = "data.1.inverter"
_GRID: Final = "data.1.grid"
_REGISTRY: Final = "registry.inverters.1"

PHASES: Final = (1, 2, 3)
STRINGS: Final = (1, 2, 3, 4)

NUMBERS: Final[Mapping[str, tuple[str, float]]] = {
    **{
        f"data.1.pv_panels.{string}.{name}": (f"pv{string}_{name}", scale)
        for string in STRINGS
        for name, scale in (("voltage", 0.1), ("current", 0.01), ("power", 1))
    },
    "data.1.pv_panels.*.power": ("pv_power", 1),
    f"{_BATTERY}.state_of_charge": ("battery_soc", 1),
    f"{_BATTERY}.state_of_health": ("battery_soh", 1),
    f"{_BATTERY}.voltage": ("battery_voltage", 0.1),
    f"{_BATTERY}.current": ("battery_current", 0.1),
    f"{_BATTERY}.power": ("battery_power", 1),
    f"{_BATTERY}.temp_high_charge": ("battery_temperature", 0.1),
    f"{_BATTERY}.fault_code": ("alarm_battery", 1),
    f"{_BATTERY}.type": ("battery_type", 1),
    f"{_REGISTRY}.bms_cap": ("battery_capacity", 0.1),
    f"{_REGISTRY}.bms_type": ("battery_type", 1),
    f"{_REGISTRY}.bms_prot": ("battery_brand", 1),
    "registry.gen_mode": ("generator_port", 1),
    "data.1.power_flow.state_of_charge": ("battery_soc", 1),
    f"{_GRID}.param.frequency": ("grid_frequency", 0.01),
    f"{_GRID}.phases.*.active_power": ("grid_power", -1),
    **{
        f"{_GRID}.phases.{phase}.{name}": (f"grid_{ours}_l{phase}", scale)
        for phase in PHASES
        for name, ours, scale in (
            ("voltage", "voltage", 0.1),
            ("current", "current", -0.01),
            ("active_power", "power", -1),
        )
    },
    "data.1.load.phases.*.active_power": ("load_power", 1),
    f"{_INVERTER}.phases.*.active_power": ("inverter_power", 1),
    f"{_INVERTER}.phases.*.eps_power": ("backup_power", 1),
    f"{_INVERTER}.param.main_frequency": ("alarm_power_dsp", 1),
    f"{_INVERTER}.param.secondary_frequency": ("alarm_safety_dsp", 1),
    "data.1.generator.param.frequency": ("generator_frequency", 0.01),
    "data.1.generator.phases.1.voltage": ("generator_voltage", 0.1),
    "data.1.generator.phases.*.active_power": ("generator_power", 1),
    "data.1.pv_inverter.phases.*.active_power": ("ac_pv_power", 1),
}
"""Our key for the same number, and what one step of it is worth here."""

COUNTED: Final[Mapping[str, str]] = {
    "data.1.pv_panels.*.energy": "pv_energy_today",
    f"{_BATTERY}.energy_charged": "battery_charge_energy_today",
    f"{_BATTERY}.energy_discharged": "battery_discharge_energy_today",
    "data.1.load.phases.*.energy_consumed": "load_energy_today",
    "data.1.generator.phases.*.energy": "generator_energy_today",
    "data.1.pv_inverter.phases.*.energy": "ac_pv_energy_today",
}
"""Counters of the day in whole 0.1 kWh; the parts of a sum are whole each."""

NAMED: Final[Mapping[str, tuple[str, Callable[[int], object]]]] = {
    f"{_BATTERY}.status": ("battery_state", tuple(BatteryState).__getitem__),
    f"{_INVERTER}.param.status": ("work_status", tuple(WorkStatus).__getitem__),
    f"{_GRID}.param.status": ("meter_connected", bool),
    "data.1.generator.param.status": ("generator_running", bool),
}
"""States, and what a number says."""

DETAIL: Final[Mapping[str, tuple[str, float]]] = {
    f"{_BATTERY}.internal_charge_mode": ("battery_max_charge_current", 0.1),
    f"{_BATTERY}.internal_discharge_mode": ("battery_max_discharge_current", 0.1),
    f"{_BATTERY}.cell_voltage_high": ("battery_charge_cutoff", 0.1),
    f"{_BATTERY}.cell_voltage_low": ("battery_discharge_cutoff", 0.1),
    f"{_BATTERY}.temp_low_charge": ("cell_temperature_min", 0.1),
    f"{_INVERTER}.param.frequency": ("inverter_frequency", 0.01),
    f"{_INVERTER}.param.isolation_resistance": ("insulation_resistance", 1),
    f"{_INVERTER}.param.leakage_current": ("residual_current", 1),
    **{
        f"data.1.power_flow.{theirs}": (ours, 1)
        for theirs, ours in (
            ("pv_to_load", "pv_to_load"),
            ("pv_to_battery", "pv_to_battery"),
            ("pv_to_grid", "pv_to_grid"),
            ("battery_to_load", "load_from_battery"),
            ("grid_to_load", "load_from_grid"),
        )
    },
    **{
        f"data.1.{block}.phases.{phase}.{name}": (f"{ours}_l{phase}", scale)
        for phase in PHASES
        for block, name, ours, scale in (
            ("load", "voltage", "inverter_voltage", 0.1),
            ("load", "active_power", "load_power", 1),
            ("inverter", "voltage", "inverter_voltage", 0.1),
            ("inverter", "current", "inverter_current", 0.01),
            ("inverter", "active_power", "inverter_power", 1),
            ("inverter", "eps_voltage", "backup_voltage", 0.1),
            ("inverter", "eps_current", "backup_current", 0.01),
            ("inverter", "eps_power", "backup_power", 1),
            ("generator", "voltage", "generator_voltage", 0.1),
            ("generator", "current", "generator_current", 0.01),
            ("generator", "active_power", "generator_power", 1),
            ("pv_inverter", "voltage", "ac_pv_voltage", 0.1),
            ("pv_inverter", "current", "ac_pv_current", 0.01),
            ("pv_inverter", "active_power", "ac_pv_power", 1),
        )
    },
}
"""Numbers that the model has beyond ``GET /state``."""

DETAIL_COUNTED: Final[Mapping[str, str]] = {
    **{
        f"data.1.{block}.{theirs}": f"{ours}_energy_today"
        for block, theirs, ours in (
            ("production", "energy_to_load", "pv_to_load"),
            ("production", "energy_to_battery", "pv_to_battery"),
            ("production", "energy_to_grid", "pv_to_grid"),
            ("consumption", "energy_from_pv", "load_from_pv"),
            ("consumption", "energy_from_battery", "load_from_battery"),
            ("consumption", "energy_from_grid", "load_from_grid"),
        )
    },
    **{
        f"data.1.pv_panels.{string}.energy": f"pv{string}_energy_today"
        for string in STRINGS
    },
    **{
        f"data.1.{block}.phases.{phase}.{name}": f"{ours}_l{phase}_energy_today"
        for phase in PHASES
        for block, name, ours in (
            ("grid", "energy_frequency", "grid_export"),
            ("grid", "energy_consumed", "grid_import"),
            ("load", "energy_consumed", "load"),
            ("generator", "energy", "generator"),
            ("pv_inverter", "energy", "ac_pv"),
        )
    },
}
"""Counters of the day that the model has beyond ``GET /state``."""


def compare(
    told: Told,
    plant: Plant,
    numbers: Mapping[str, tuple[str, float]],
    counted: Mapping[str, str],
) -> tuple[set[str], dict[str, str]]:
    """Return the paths that both sides know, and those at which they differ."""
    found = dict(_flat(told))
    wrong = {}
    known = set()
    for path, (ours, scale) in numbers.items():
        if path not in found or plant.get(ours) is None:
            continue
        known.add(path)
        value, step = sum(found[path]) * scale, abs(scale)
        if abs(value - plant[ours]) > step / 2 + 1e-6:
            wrong[path] = f"reads {value}, true is {plant[ours]}"
    for path, ours in counted.items():
        if path not in found or plant.get(ours) is None:
            continue
        known.add(path)
        steps, true = sum(found[path]), floor(plant[ours] * 10 + 1e-6)
        if not 0 <= true - steps < len(found[path]):
            wrong[path] = f"reads {steps / 10}, true is {plant[ours]}"
    return known, wrong


def compare_states(told: Told, plant: Plant) -> tuple[set[str], dict[str, str]]:
    """Return the states that both sides know, and those at which they differ."""
    found = dict(_flat(told))
    known = {
        path: (NAMED[path][1](found[path][0]), plant[NAMED[path][0]])
        for path in NAMED
        if path in found and NAMED[path][0] in plant
    }
    wrong = {
        path: f"reads {value}, true is {true}"
        for path, (value, true) in known.items()
        if value != true
    }
    return set(known), wrong


def _flat(message: object, path: str = "") -> Iterator[tuple[str, list[int]]]:
    """Walk over every number of a message by its path, and over the sums of lists."""
    match message:
        case dict():
            for name, value in message.items():
                yield from _flat(value, f"{path}.{name}" if path else name)
        case list():
            sums: dict[str, list[int]] = {}
            for number, item in enumerate(message, 1):
                yield from _flat(item, f"{path}.{number}")
                for inner, value in _flat(item):
                    sums.setdefault(f"{path}.*.{inner}", []).extend(value)
            yield from sums.items()
        case int():
            yield path, [message]
