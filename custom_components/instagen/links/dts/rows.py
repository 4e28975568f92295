"""Which fields of a stick's messages make which reading: rows by the keys of the contract.

``source`` is the field's number in the storage data answer (facts/protobuf-10081.md
section 5), or in the registry. Signs are turned here: the wire has grid power minus on
import, the contract plus. Zero is a value: proto3 leaves it out. A block that is missing
is not fitted, so its readings are unknown.

The meter counts each phase for itself: what one phase takes while another gives is in
both counters of today, so on three phases they are larger than those of a meter that
balances them. Their difference is the same.

Not served: energy of the backup output, which no field has; faults and earth fault,
because the fault codes have no published dictionary. A code that is not 0 is a problem.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import copysign
from typing import Final

from ...plant.evidence import Evidence
from ...plant.readings import READINGS, Kind, Part, Reading, Value
from ...plant.states import BatteryState, WorkStatus
from .plant import PlantData, phase_of

type Number = float | None

METER_ONLINE: Final = frozenset({1, 3})
"""Meter states that deliver values, as on Modbus 1800: inferred."""

_RUNNING_VOLTAGE: Final = 100.0
"""A generator that holds more volts than this on its port turns: inferred."""

_WORK_STATUS: Final = tuple(WorkStatus)
_BATTERY_STATE: Final = tuple(BatteryState)
_CONFIRMED: Final = Evidence.CONFIRMED
_DOCUMENTED: Final = Evidence.DOCUMENTED
_INFERRED: Final = Evidence.INFERRED


@dataclass(frozen=True)
class Row:
    """How one reading is made of messages."""

    reading: Reading
    source: str
    evidence: Evidence
    make: Callable[[PlantData], Value]

    @property
    def needs_all(self) -> bool:
        """Whether every inverter has to answer for this reading to be whole."""
        reading = self.reading
        if reading.part in {Part.GRID, Part.AC_PV}:
            return False
        return (
            reading.part is Part.PV
            or reading.kind in _SUMMED
            or reading.key == "problem"
        )


_SUMMED: Final = frozenset({Kind.POWER, Kind.ENERGY_TODAY, Kind.CHARGE})


def _row(
    key: str, source: str, evidence: Evidence, make: Callable[[PlantData], Value]
) -> Row:
    return Row(READINGS[key], source, evidence, make)


def _scaled(raw: int, scale: float) -> float:
    """Scale a raw number without binary dust."""
    return round(raw * scale, 3)


def _tenths(raws: Iterable[int]) -> Number:
    """Sum counters of 0.1 kWh; none at all is unknown."""
    listed = list(raws)
    return _scaled(sum(listed), 0.1) if listed else None


def _total(raws: Iterable[int]) -> Number:
    """Sum powers in W; none at all is unknown."""
    listed = list(raws)
    return sum(listed) if listed else None


def _first(raws: Iterable[int], scale: float) -> Number:
    return next((_scaled(raw, scale) for raw in raws), None)


def _directed(size: float, power: int) -> float:
    """Give a size the sign of a power."""
    return copysign(size, power or 1) or 0.0


def _named(names: tuple[str, ...], raw: int | None) -> str | None:
    return names[raw] if raw is not None and 0 <= raw < len(names) else None


# ---- the inverter and the house ----


def _work_state(data: PlantData) -> int | None:
    inverter = data.master.inverter
    return inverter.state.state if inverter.HasField("state") else None


def _off_grid(data: PlantData) -> bool | None:
    state = _work_state(data)
    return None if state is None else state == _WORK_STATUS.index(WorkStatus.OFF_GRID)


def _problem(data: PlantData) -> bool | None:
    codes = [
        code
        for one in data.answers
        if one.HasField("inverter")
        for code in (
            one.inverter.state.power_fault,
            one.inverter.state.safety_fault,
            one.battery.fault_code,
        )
    ]
    return any(codes) if codes else None


def _inverter_temperature(data: PlantData) -> Number:
    state = data.master.inverter.state
    if not state.HasField("inverter_temperature"):
        return None
    return _scaled(state.inverter_temperature, 0.1)


def _insulation(data: PlantData) -> Number:
    inverter = data.master.inverter
    return inverter.state.insulation_resistance if inverter.HasField("state") else None


def _leakage(data: PlantData) -> Number:
    inverter = data.master.inverter
    return inverter.state.residual_current if inverter.HasField("state") else None


def _inverter() -> Iterator[Row]:
    yield _row(
        "work_status",
        "12.1.2",
        _INFERRED,
        lambda data: _named(_WORK_STATUS, _work_state(data)),
    )
    yield _row("off_grid", "12.1.2", _INFERRED, _off_grid)
    yield _row("problem", "12.1.3, 12.1.4, 9.3", _DOCUMENTED, _problem)
    yield _row(
        "inverter_power",
        "12.2.4",
        _DOCUMENTED,
        lambda data: _total(
            phase.power for one in data.answers for phase in one.inverter.phases
        ),
    )
    yield _row("inverter_temperature", "12.1.12", _INFERRED, _inverter_temperature)
    yield _row("insulation_resistance", "12.1.6", _CONFIRMED, _insulation)
    yield _row("residual_current", "12.1.7", _CONFIRMED, _leakage)
    yield _row(
        "backup_power",
        "12.2.10",
        _CONFIRMED,
        lambda data: _total(
            phase.backup_power for one in data.answers for phase in one.inverter.phases
        ),
    )
    yield _row(
        "load_power",
        "11.2.3",
        _DOCUMENTED,
        lambda data: _total(
            phase.power for one in data.answers for phase in one.load.phases
        ),
    )
    yield _row(
        "load_energy_today",
        "11.2.4",
        _DOCUMENTED,
        lambda data: _tenths(
            phase.energy_today for one in data.answers for phase in one.load.phases
        ),
    )


# ---- PV ----


def _pv_power(data: PlantData) -> Number:
    """Sum the inputs; a plant that lists none has the flow to tell that it is 0."""
    told = _total(one.power for answer in data.answers for one in answer.pv_inputs)
    if told is not None:
        return told
    return _total(
        one.flow.pv_to_load + one.flow.pv_to_battery + one.flow.pv_to_grid
        for one in data.answers
        if one.HasField("flow")
    )


def _pv_today(data: PlantData) -> Number:
    told = _tenths(
        one.energy_today for answer in data.answers for one in answer.pv_inputs
    )
    if told is not None:
        return told
    return _tenths(
        one.pv_use.to_load + one.pv_use.to_battery + one.pv_use.to_grid
        for one in data.answers
        if one.HasField("pv_use")
    )


def _string(number: int, field: str, scale: float) -> Callable[[PlantData], Number]:
    def make(data: PlantData) -> Number:
        one = data.strings.get(number)
        return None if one is None else _scaled(getattr(one, field), scale)

    return make


def _pv() -> Iterator[Row]:
    yield _row("pv_power", "8.4", _CONFIRMED, _pv_power)
    yield _row("pv_energy_today", "8.5", _CONFIRMED, _pv_today)
    for number in range(1, 5):
        prefix = f"pv{number}"
        yield _row(
            f"{prefix}_voltage", "8.2", _CONFIRMED, _string(number, "voltage", 0.1)
        )
        yield _row(
            f"{prefix}_current", "8.3", _CONFIRMED, _string(number, "current", 0.01)
        )
        yield _row(f"{prefix}_power", "8.4", _CONFIRMED, _string(number, "power", 1))


# ---- the battery ----


def _battery_power(data: PlantData) -> Number:
    total = _total(one.power for one in data.batteries)
    return None if total is None else total * data.discharge_sign


def _discharge(data: PlantData) -> Number:
    power = _battery_power(data)
    return None if power is None else max(power, 0)


def _charge(data: PlantData) -> Number:
    power = _battery_power(data)
    return None if power is None else max(-power, 0)


def _battery_current(data: PlantData) -> Number:
    """Give the current the direction of the power: its own sign is not published."""
    for one in data.batteries:
        return _directed(
            _scaled(abs(one.current), 0.1), one.power * data.discharge_sign
        )
    return None


def _soc(data: PlantData) -> Number:
    shares = [one.soc for one in data.batteries]
    return round(sum(shares) / len(shares)) if shares else None


def _capacity(data: PlantData) -> Number:
    """Sum what the registry tells; 0 is what brands tell that tell none."""
    return _tenths(one.battery_capacity for one in data.registry.inverters) or None


def _battery() -> Iterator[Row]:
    yield _row("battery_soc", "9.4", _CONFIRMED, _soc)
    yield _row(
        "battery_soh",
        "9.5",
        _CONFIRMED,
        lambda data: _first((one.soh for one in data.batteries), 1),
    )
    yield _row("battery_power", "9.8", _CONFIRMED, _battery_power)
    yield _row("battery_charge_power", "9.8", _CONFIRMED, _charge)
    yield _row("battery_discharge_power", "9.8", _CONFIRMED, _discharge)
    yield _row(
        "battery_voltage",
        "9.6",
        _CONFIRMED,
        lambda data: _first((one.voltage for one in data.batteries), 0.1),
    )
    yield _row("battery_current", "9.7", _INFERRED, _battery_current)
    yield _row(
        "battery_temperature",
        "9.13",
        _DOCUMENTED,
        lambda data: _first((one.cell_temperature_max for one in data.batteries), 0.1),
    )
    yield _row(
        "battery_cell_temperature_min",
        "9.14",
        _DOCUMENTED,
        lambda data: _first((one.cell_temperature_min for one in data.batteries), 0.1),
    )
    yield _row(
        "battery_state",
        "9.2",
        _INFERRED,
        lambda data: _named(
            _BATTERY_STATE, next((one.state for one in data.batteries), None)
        ),
    )
    yield _row("battery_capacity", "registry 3.10", _INFERRED, _capacity)
    yield _row(
        "battery_charge_energy_today",
        "9.17",
        _CONFIRMED,
        lambda data: _tenths(one.charged_today for one in data.batteries),
    )
    yield _row(
        "battery_discharge_energy_today",
        "9.18",
        _CONFIRMED,
        lambda data: _tenths(one.discharged_today for one in data.batteries),
    )


# ---- the grid ----


def _grid_power(data: PlantData) -> Number:
    grid = data.grid
    return None if grid is None else -sum(phase.power for phase in grid.phases)


def _import(data: PlantData) -> Number:
    power = _grid_power(data)
    return None if power is None else max(power, 0)


def _export(data: PlantData) -> Number:
    power = _grid_power(data)
    return None if power is None else max(-power, 0)


def _grid_frequency(data: PlantData) -> Number:
    """Prefer the meter's; without one the inverter measures the same grid."""
    if data.grid is not None and data.grid.state.frequency:
        return _scaled(data.grid.state.frequency, 0.01)
    inverter = data.master.inverter
    return (
        _scaled(inverter.state.frequency, 0.01) if inverter.HasField("state") else None
    )


def _grid_voltage(number: int) -> Callable[[PlantData], Number]:
    def make(data: PlantData) -> Number:
        metered = phase_of(data.grid.phases, number) if data.grid is not None else None
        phase = metered or phase_of(data.master.inverter.phases, number)
        return None if phase is None else _scaled(phase.voltage, 0.1)

    return make


def _grid_current(number: int) -> Callable[[PlantData], Number]:
    """Give the current the direction of its phase's power."""

    def make(data: PlantData) -> Number:
        phase = phase_of(data.grid.phases, number) if data.grid is not None else None
        if phase is None:
            return None
        return _directed(_scaled(abs(phase.current), 0.01), -phase.power)

    return make


def _meter_connected(data: PlantData) -> bool | None:
    """Tell by the meter's state; a meter in the registry without a block is away."""
    if data.grid is not None:
        return data.grid.state.state in METER_ONLINE
    return False if data.registry.meter.serial else None


def _grid() -> Iterator[Row]:
    yield _row("grid_power", "10.2.4", _CONFIRMED, _grid_power)
    yield _row("grid_import_power", "10.2.4", _CONFIRMED, _import)
    yield _row("grid_export_power", "10.2.4", _CONFIRMED, _export)
    yield _row("grid_frequency", "10.1.2, 12.1.5", _DOCUMENTED, _grid_frequency)
    for number in range(1, 4):
        yield _row(
            f"grid_voltage_l{number}",
            "10.2.2, 12.2.2",
            _DOCUMENTED,
            _grid_voltage(number),
        )
        yield _row(
            f"grid_current_l{number}", "10.2.3", _DOCUMENTED, _grid_current(number)
        )
    yield _row(
        "grid_export_energy_today",
        "10.2.7",
        _CONFIRMED,
        lambda data: (
            _tenths(phase.exported_today for phase in data.grid.phases)
            if data.grid is not None
            else None
        ),
    )
    yield _row(
        "grid_import_energy_today",
        "10.2.8",
        _DOCUMENTED,
        lambda data: (
            _tenths(phase.imported_today for phase in data.grid.phases)
            if data.grid is not None
            else None
        ),
    )
    yield _row("meter_connected", "10.1.1", _INFERRED, _meter_connected)


# ---- the generator, and PV on the AC side ----


def _generator_voltage(data: PlantData) -> Number:
    for one in data.answers:
        phase = phase_of(one.generator.phases, 1)
        if phase is not None:
            return _scaled(phase.voltage, 0.1)
    return None


def _generator_running(data: PlantData) -> bool | None:
    voltage = _generator_voltage(data)
    return None if voltage is None else voltage > _RUNNING_VOLTAGE


def _generator_and_ac_pv() -> Iterator[Row]:
    yield _row(
        "generator_power",
        "13.2.4",
        _INFERRED,
        lambda data: _total(
            phase.power for one in data.answers for phase in one.generator.phases
        ),
    )
    yield _row("generator_voltage", "13.2.2", _INFERRED, _generator_voltage)
    yield _row(
        "generator_frequency",
        "13.1.2",
        _INFERRED,
        lambda data: _first(
            (
                one.generator.state.frequency
                for one in data.answers
                if one.HasField("generator")
            ),
            0.01,
        ),
    )
    yield _row(
        "generator_energy_today",
        "13.2.6",
        _INFERRED,
        lambda data: _tenths(
            phase.energy_today for one in data.answers for phase in one.generator.phases
        ),
    )
    yield _row("generator_running", "13.2.2", _INFERRED, _generator_running)
    yield _row(
        "ac_pv_power",
        "14.2.4",
        _DOCUMENTED,
        lambda data: (
            _total(phase.power for phase in data.ac_pv.phases)
            if data.ac_pv is not None
            else None
        ),
    )
    yield _row(
        "ac_pv_energy_today",
        "14.2.6",
        _DOCUMENTED,
        lambda data: (
            _tenths(phase.energy_today for phase in data.ac_pv.phases)
            if data.ac_pv is not None
            else None
        ),
    )


ROWS: Final[Mapping[str, Row]] = {
    row.reading.key: row
    for table in (_inverter, _pv, _battery, _grid, _generator_and_ac_pv)
    for row in table()
}
"""Every reading that the messages hold, by key."""

TOTALS: Final[Mapping[str, str]] = {
    key: f"{key}_today"
    for key, reading in READINGS.items()
    if reading.kind is Kind.ENERGY_TOTAL and f"{key}_today" in ROWS
}
"""Totals that are added up from a counter of today, by key."""
