"""Which registers make which reading: rows by the keys of the contract.

Signs are turned here: the wire has grid power minus on import, the contract plus
(facts/local-protocol.md 4.5). A sum ignores phases that are not there; a reading
whose registers hold no data is unknown.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from modbus_connection.model import RegisterField

from ...plant.alarms import EARTH_FAULTS, FaultWords, format_faults
from ...plant.readings import READINGS, Reading, Value
from ...plant.states import BatteryState, WorkStatus
from .components import (
    Battery,
    BatteryCopy,
    BatteryPort,
    BatterySettings,
    EnergyToday,
    EnergyTotal,
    Generator,
    GridMeter,
    Inverter,
    Overview,
    PowerFlow,
    PvInputs,
)
from .plan import Source

type Number = float | None

METER_ONLINE: Final = frozenset({1, 3})
"""Grid meter states that deliver values: online, and HMID connected (1800)."""

_WORK_STATUS: Final = tuple(WorkStatus)
_BATTERY_STATE: Final = tuple(BatteryState)


@dataclass(frozen=True)
class Row:
    """How one reading is made of registers."""

    reading: Reading
    sources: tuple[Source, ...]
    make: Callable[..., Value]

    def reader(self) -> Callable[[list[int]], Value]:
        """Return what makes the reading of the one block that holds all its words."""
        make, decoders = self.make, [source.decode for source in self.sources]
        if len(decoders) > 1:
            return lambda words: make(*[decode(words) for decode in decoders])
        decode = decoders[0]
        return decode if make is _same else lambda words: make(decode(words))


def _row(
    key: str, make: Callable[..., Value], *fields: RegisterField[float]
) -> tuple[str, Row]:
    return key, Row(READINGS[key], tuple(Source.of(field) for field in fields), make)


def _direct(key: str, field: RegisterField[float]) -> tuple[str, Row]:
    return _row(key, _same, field)


def _same(value: Number) -> Number:
    return value


def _negative(value: Number) -> Number:
    return None if value is None else -value


def _positive_part(value: Number) -> Number:
    return None if value is None else max(value, 0)


def _negative_part(value: Number) -> Number:
    return None if value is None else max(-value, 0)


def _sum(*values: Number) -> Number:
    present = [value for value in values if value is not None]
    return sum(present) if present else None


def _flag(condition: Callable[[float], bool]) -> Callable[[Number], bool | None]:
    return lambda value: None if value is None else condition(value)


def _state(states: tuple[str, ...]) -> Callable[[Number], str | None]:
    def name(value: Number) -> str | None:
        known = value is not None and 0 <= value < len(states)
        return states[int(value)] if known and value is not None else None

    return name


def _grid_power(link: Number, meter: Number, port: Number) -> Number:
    """Choose the external meter while its link is up, else the inverter's own port."""
    return meter if link in METER_ONLINE else port


def _at_meter(link: Number, meter: Number, port: Number) -> Number:
    value = meter if link in METER_ONLINE else None
    return port if value is None else value


def _import(*values: Number) -> Number:
    return _negative_part(_grid_power(*values))


def _export(*values: Number) -> Number:
    return _positive_part(_grid_power(*values))


def _signed_import(*values: Number) -> Number:
    return _negative(_grid_power(*values))


def _told_capacity(told: Number) -> Number:
    """Read 0 as nothing: some brands tell no capacity."""
    return told or None


def _faults(*words: Number) -> str | None:
    known = [int(word) for word in words if word is not None]
    if len(known) < len(words):
        return None
    battery, power_stage, grid_safety, internal_link, attached_device, system = known
    return format_faults(
        FaultWords(
            battery=battery,
            power_stage=power_stage,
            grid_safety=grid_safety,
            internal_link=internal_link,
            attached_device=attached_device,
            system=system,
        )
    )


def _problem(*words: Number) -> bool | None:
    known = [word for word in words if word is not None]
    return any(known) if known else None


def _earth_fault(word: Number) -> bool | None:
    return None if word is None else bool(int(word) & _EARTH_FAULT_MASK)


_EARTH_FAULT_MASK: Final = sum(1 << alarm.bit for alarm in EARTH_FAULTS)

_GRID = (GridMeter.link, GridMeter.power, Overview.grid_power)
_FAULTS = (
    Overview.battery_faults,
    Overview.power_dsp_faults,
    Overview.safety_dsp_faults,
    Overview.internal_link_faults,
    Overview.attached_device_faults,
    Overview.system_faults,
)


def _table() -> Iterable[tuple[str, Row]]:
    yield _row("work_status", _state(_WORK_STATUS), Overview.work_status)
    yield _direct("inverter_power", Overview.inverter_power)
    yield _direct("inverter_temperature", Inverter.heatsink_temperature)
    yield _direct("load_power", Overview.load_power)
    yield _direct("load_power", PowerFlow.load)
    yield _direct("load_energy", EnergyTotal.load)
    yield _direct("load_energy_today", EnergyToday.load)
    yield _row(
        "backup_power",
        _sum,
        Inverter.backup_power_l1,
        Inverter.backup_power_l2,
        Inverter.backup_power_l3,
    )
    yield _direct("insulation_resistance", Inverter.insulation_resistance)
    yield _direct("residual_current", Inverter.residual_current)
    yield _row(
        "off_grid",
        _flag(lambda value: value == _WORK_STATUS.index(WorkStatus.OFF_GRID)),
        Overview.work_status,
    )
    yield _row("problem", _problem, *_FAULTS)
    yield _row("earth_fault", _earth_fault, Overview.safety_dsp_faults)
    yield _row("faults", _faults, *_FAULTS)
    yield from _pv()
    yield from _battery()
    yield from _grid()
    yield from _generator_and_ac_pv()


def _pv() -> Iterable[tuple[str, Row]]:
    yield _direct("pv_power", Overview.dc_pv_power)
    yield _direct("pv_power", PowerFlow.pv)
    yield _direct("pv_energy", EnergyTotal.pv)
    yield _direct("pv_energy_today", EnergyToday.pv)
    yield _direct("pv1_voltage", PvInputs.pv1_voltage)
    yield _direct("pv1_current", PvInputs.pv1_current)
    yield _direct("pv1_power", PvInputs.pv1_power)
    yield _direct("pv2_voltage", PvInputs.pv2_voltage)
    yield _direct("pv2_current", PvInputs.pv2_current)
    yield _direct("pv2_power", PvInputs.pv2_power)
    yield _direct("pv3_voltage", PvInputs.pv3_voltage)
    yield _direct("pv3_current", PvInputs.pv3_current)
    yield _direct("pv3_power", PvInputs.pv3_power)
    yield _direct("pv4_voltage", PvInputs.pv4_voltage)
    yield _direct("pv4_current", PvInputs.pv4_current)
    yield _direct("pv4_power", PvInputs.pv4_power)


def _battery() -> Iterable[tuple[str, Row]]:
    yield _direct("battery_soc", Overview.battery_soc)
    yield _direct("battery_soc", Battery.soc)
    yield _direct("battery_soc", BatteryCopy.soc)
    yield _direct("battery_soh", Battery.soh)
    for power in (Overview.battery_power, BatteryPort.power, BatteryCopy.power):
        yield _direct("battery_power", power)
        yield _row("battery_charge_power", _negative_part, power)
        yield _row("battery_discharge_power", _positive_part, power)
    yield _direct("battery_voltage", Battery.voltage)
    yield _direct("battery_voltage", BatteryPort.voltage)
    yield _direct("battery_current", Battery.current)
    yield _direct("battery_current", BatteryPort.current)
    yield _direct("battery_temperature", Battery.cell_temperature_max)
    yield _direct("battery_cell_temperature_min", Battery.cell_temperature_min)
    yield _row("battery_state", _state(_BATTERY_STATE), Overview.battery_state)
    yield _row("battery_capacity", _told_capacity, Battery.capacity)
    yield _row("battery_capacity", _told_capacity, BatterySettings.capacity)
    yield _direct("battery_charge_energy", EnergyTotal.battery_charge)
    yield _direct("battery_discharge_energy", EnergyTotal.battery_discharge)
    yield _direct("battery_charge_energy_today", EnergyToday.battery_charge)
    yield _direct("battery_discharge_energy_today", EnergyToday.battery_discharge)


def _grid() -> Iterable[tuple[str, Row]]:
    yield _row("grid_power", _signed_import, *_GRID)
    yield _row("grid_import_power", _import, *_GRID)
    yield _row("grid_export_power", _export, *_GRID)
    yield _row(
        "grid_frequency",
        _at_meter,
        GridMeter.link,
        GridMeter.frequency,
        Inverter.grid_frequency,
    )
    yield _row(
        "grid_voltage_l1",
        _at_meter,
        GridMeter.link,
        GridMeter.voltage_l1,
        Inverter.grid_voltage_l1,
    )
    yield _row(
        "grid_voltage_l2",
        _at_meter,
        GridMeter.link,
        GridMeter.voltage_l2,
        Inverter.grid_voltage_l2,
    )
    yield _row(
        "grid_voltage_l3",
        _at_meter,
        GridMeter.link,
        GridMeter.voltage_l3,
        Inverter.grid_voltage_l3,
    )
    yield _row("grid_current_l1", _negative, GridMeter.current_l1)
    yield _row("grid_current_l2", _negative, GridMeter.current_l2)
    yield _row("grid_current_l3", _negative, GridMeter.current_l3)
    yield _direct("grid_import_energy", EnergyTotal.grid_import)
    yield _direct("grid_export_energy", EnergyTotal.grid_export)
    yield _direct("grid_import_energy_today", EnergyToday.grid_import)
    yield _direct("grid_export_energy_today", EnergyToday.grid_export)
    yield _row(
        "meter_connected", _flag(lambda value: value in METER_ONLINE), GridMeter.link
    )


def _generator_and_ac_pv() -> Iterable[tuple[str, Row]]:
    yield _direct("generator_power", Overview.generator_power)
    yield _direct("generator_voltage", Generator.voltage_l1)
    yield _direct("generator_energy", EnergyTotal.generator)
    yield _direct("generator_energy_today", EnergyToday.generator)
    yield _row(
        "generator_running",
        _flag(lambda value: value > _RUNNING_VOLTAGE),
        Generator.voltage_l1,
    )
    yield _direct("ac_pv_power", Overview.ac_pv_power)
    yield _direct("ac_pv_energy", EnergyTotal.ac_pv)
    yield _direct("ac_pv_energy_today", EnergyToday.ac_pv)


_RUNNING_VOLTAGE: Final = 100.0
"""A generator that holds more volts than this on its port turns. Inferred: no public
plant had one, and the map has no running state."""


def _by_preference(table: Iterable[tuple[str, Row]]) -> dict[str, tuple[Row, ...]]:
    rows: dict[str, tuple[Row, ...]] = {}
    for key, row in table:
        rows[key] = (*rows.get(key, ()), row)
    return rows


ROWS: Final[Mapping[str, tuple[Row, ...]]] = _by_preference(_table())
"""Every reading that Modbus serves, by key; the best source first.

A later row stands in on a plant where the ones before it hold no data.
"""
