"""Every reading of a plant: what it is, where it belongs and how often it matters.

The keys are those of the contract (mission section 2). Powers are in W, energies
in kWh, shares in %. ``grid_power`` is positive on import and ``battery_power`` on
discharge; whatever a link's own sign is, it is turned at the link's edge.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from .identity import Feature

type Value = int | float | str | bool | datetime | None
"""What a reading holds. None is unknown; it is never written as 0."""


class Kind(StrEnum):
    """What a reading measures; unit and plausible range follow from it."""

    POWER = "power"
    ENERGY_TOTAL = "energy_total"
    ENERGY_TODAY = "energy_today"
    VOLTAGE = "voltage"
    CURRENT = "current"
    FREQUENCY = "frequency"
    TEMPERATURE = "temperature"
    CHARGE = "charge"
    HEALTH = "health"
    CAPACITY = "capacity"
    RESISTANCE = "resistance"
    LEAKAGE = "leakage"
    STATE = "state"
    FLAG = "flag"
    FAULTS = "faults"
    TIME = "time"


class Part(StrEnum):
    """The device a reading belongs to (mission section 2)."""

    INVERTER = "inverter"
    PV = "pv"
    BATTERY = "battery"
    GRID = "grid"
    GENERATOR = "generator"
    AC_PV = "ac_pv"


class Pace(StrEnum):
    """How often a reading is published; the poll interval belongs to the pace."""

    FAST = "fast"
    """Power flow: what automations act on."""

    SLOW = "slow"
    """Counters, voltages, temperatures: one value a minute tells the story."""


@dataclass(frozen=True)
class Reading:
    """One reading of the contract."""

    key: str
    kind: Kind
    part: Part
    pace: Pace = Pace.SLOW
    requires: frozenset[Feature] = frozenset()
    """The parts that must be fitted for this reading to exist."""

    rare: bool = False
    """True for what few people look at; not read until somebody asks for it."""


STRINGS: Final = (Feature.PV_1, Feature.PV_2, Feature.PV_3, Feature.PV_4)
PHASES: Final = (
    frozenset[Feature](),
    frozenset({Feature.PHASE_2}),
    frozenset({Feature.PHASE_3}),
)


def _inverter() -> Iterator[Reading]:
    part = Part.INVERTER
    yield Reading("work_status", Kind.STATE, part, Pace.FAST)
    yield Reading("inverter_power", Kind.POWER, part, Pace.FAST)
    yield Reading("inverter_temperature", Kind.TEMPERATURE, part)
    yield Reading("load_power", Kind.POWER, part, Pace.FAST)
    yield Reading("load_energy", Kind.ENERGY_TOTAL, part)
    yield Reading("load_energy_today", Kind.ENERGY_TODAY, part)
    yield Reading("backup_power", Kind.POWER, part, Pace.FAST)
    yield Reading("backup_energy", Kind.ENERGY_TOTAL, part)
    yield Reading("backup_energy_today", Kind.ENERGY_TODAY, part)
    yield Reading("insulation_resistance", Kind.RESISTANCE, part, rare=True)
    yield Reading("residual_current", Kind.LEAKAGE, part, rare=True)
    yield Reading("off_grid", Kind.FLAG, part, Pace.FAST)
    yield Reading("cloud_connected", Kind.FLAG, part, rare=True)
    yield Reading("problem", Kind.FLAG, part, Pace.FAST)
    yield Reading("earth_fault", Kind.FLAG, part, Pace.FAST)
    yield Reading("faults", Kind.FAULTS, part, Pace.FAST)


def _pv() -> Iterator[Reading]:
    part = Part.PV
    yield Reading("pv_power", Kind.POWER, part, Pace.FAST)
    yield Reading("pv_energy", Kind.ENERGY_TOTAL, part)
    yield Reading("pv_energy_today", Kind.ENERGY_TODAY, part)
    for number, feature in enumerate(STRINGS, 1):
        fitted = frozenset({feature})
        yield Reading(f"pv{number}_voltage", Kind.VOLTAGE, part, requires=fitted)
        yield Reading(f"pv{number}_current", Kind.CURRENT, part, requires=fitted)
        yield Reading(f"pv{number}_power", Kind.POWER, part, Pace.FAST, fitted)


def _battery() -> Iterator[Reading]:
    part, fitted = Part.BATTERY, frozenset({Feature.BATTERY})
    yield Reading("battery_soc", Kind.CHARGE, part, Pace.FAST, fitted)
    yield Reading("battery_soh", Kind.HEALTH, part, requires=fitted)
    yield Reading("battery_power", Kind.POWER, part, Pace.FAST, fitted)
    yield Reading("battery_charge_power", Kind.POWER, part, Pace.FAST, fitted)
    yield Reading("battery_discharge_power", Kind.POWER, part, Pace.FAST, fitted)
    yield Reading("battery_voltage", Kind.VOLTAGE, part, requires=fitted)
    yield Reading("battery_current", Kind.CURRENT, part, requires=fitted)
    yield Reading("battery_temperature", Kind.TEMPERATURE, part, requires=fitted)
    yield Reading(
        "battery_cell_temperature_min",
        Kind.TEMPERATURE,
        part,
        requires=fitted,
        rare=True,
    )
    yield Reading("battery_state", Kind.STATE, part, Pace.FAST, fitted)
    yield Reading("battery_capacity", Kind.CAPACITY, part, requires=fitted)
    yield Reading("battery_charge_energy", Kind.ENERGY_TOTAL, part, requires=fitted)
    yield Reading("battery_discharge_energy", Kind.ENERGY_TOTAL, part, requires=fitted)
    yield Reading(
        "battery_charge_energy_today", Kind.ENERGY_TODAY, part, requires=fitted
    )
    yield Reading(
        "battery_discharge_energy_today", Kind.ENERGY_TODAY, part, requires=fitted
    )


def _grid() -> Iterator[Reading]:
    part = Part.GRID
    yield Reading("grid_power", Kind.POWER, part, Pace.FAST)
    yield Reading("grid_import_power", Kind.POWER, part, Pace.FAST)
    yield Reading("grid_export_power", Kind.POWER, part, Pace.FAST)
    yield Reading("grid_frequency", Kind.FREQUENCY, part)
    meter = frozenset({Feature.GRID_METER})
    for number, phase in enumerate(PHASES, 1):
        yield Reading(f"grid_voltage_l{number}", Kind.VOLTAGE, part, requires=phase)
        yield Reading(
            f"grid_current_l{number}", Kind.CURRENT, part, requires=phase | meter
        )
    yield Reading("grid_import_energy", Kind.ENERGY_TOTAL, part)
    yield Reading("grid_export_energy", Kind.ENERGY_TOTAL, part)
    yield Reading("grid_import_energy_today", Kind.ENERGY_TODAY, part)
    yield Reading("grid_export_energy_today", Kind.ENERGY_TODAY, part)
    yield Reading("meter_connected", Kind.FLAG, part, Pace.FAST, requires=meter)


def _generator() -> Iterator[Reading]:
    part, fitted = Part.GENERATOR, frozenset({Feature.GENERATOR})
    yield Reading("generator_power", Kind.POWER, part, Pace.FAST, fitted)
    yield Reading("generator_voltage", Kind.VOLTAGE, part, requires=fitted)
    yield Reading("generator_frequency", Kind.FREQUENCY, part, requires=fitted)
    yield Reading("generator_energy", Kind.ENERGY_TOTAL, part, requires=fitted)
    yield Reading("generator_energy_today", Kind.ENERGY_TODAY, part, requires=fitted)
    yield Reading("generator_running", Kind.FLAG, part, Pace.FAST, fitted)


def _ac_pv() -> Iterator[Reading]:
    part, fitted = Part.AC_PV, frozenset({Feature.AC_PV})
    yield Reading("ac_pv_power", Kind.POWER, part, Pace.FAST, fitted)
    yield Reading("ac_pv_energy", Kind.ENERGY_TOTAL, part, requires=fitted)
    yield Reading("ac_pv_energy_today", Kind.ENERGY_TODAY, part, requires=fitted)


READINGS: Final[Mapping[str, Reading]] = {
    reading.key: reading
    for table in (_inverter, _pv, _battery, _grid, _generator, _ac_pv)
    for reading in table()
}
"""All readings that a link may serve, by key.

``active_link``, ``last_update``, ``dtu_connected`` and ``alarm`` are not in here:
they say something about the link or follow from ``faults``, so no link reads them.
"""
