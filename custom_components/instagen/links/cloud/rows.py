"""Which answers of the cloud make which reading: rows by the keys of the contract.

``source`` is the name of the field (facts/cloud-api.md 5.4 to 5.6). Signs are turned here:
grid power is plus on import, battery power plus on discharge. A measuring point that the
plant lacks has no value, whatever zeros come for it.

Not served: earth fault, faults, insulation and leakage, which the cloud does not tell as
readings; energy of the backup output, the generator and PV on the AC side since they were
built, whose counters nobody has published the span of.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ...plant.evidence import Evidence
from ...plant.readings import READINGS, Reading, Value
from ...plant.states import BatteryState, WorkStatus
from .live import PHASE_NAMES, CloudData, Indicator, Node, Source, Told
from .values import kwh, mapping, number, tidy, whole

type Number = float | None
type Make = Callable[[CloudData], Value]

_RUNNING_VOLTAGE: Final = 100.0
"""A generator that holds more volts than this on its port turns: inferred."""

_WORK_STATUS: Final = tuple(WorkStatus)
_DOCUMENTED: Final = Evidence.DOCUMENTED
_INFERRED: Final = Evidence.INFERRED


@dataclass(frozen=True)
class Row:
    """How one reading is made of answers."""

    reading: Reading
    told: Source
    source: str
    evidence: Evidence
    make: Make


def _live(key: str, source: str, make: Make, evidence: Evidence = _DOCUMENTED) -> Row:
    return Row(READINGS[key], Told.LIVE, source, evidence, make)


def _point(
    key: str,
    point: Indicator,
    source: str,
    make: Make,
    evidence: Evidence = _DOCUMENTED,
) -> Row:
    return Row(READINGS[key], point, source, evidence, make)


# ---- how fields are read ----


def _flow(name: str, icon: str) -> Callable[[CloudData], Number]:
    """Read a field of the flow; unknown when its measuring point is not fitted."""

    def make(data: CloudData) -> Number:
        return number(data.flow.get(name)) if data.has(icon) else None

    return make


def _today(name: str, icon: str) -> Make:
    def make(data: CloudData) -> Value:
        return kwh(data.flow.get(name)) if data.has(icon) else None

    return make


def _entry(point: Indicator, name: str, icon: str = "") -> Make:
    def make(data: CloudData) -> Value:
        if icon and not data.has(icon):
            return None
        return tidy(data.of(point).value(name))

    return make


def _sum(values: list[float]) -> Value:
    return tidy(sum(values)) if values else None


def _positive(make: Callable[[CloudData], Number], sign: int) -> Make:
    def part(data: CloudData) -> Value:
        value = make(data)
        return None if value is None else tidy(max(value * sign, 0.0))

    return part


# ---- PV ----


def _pv_power(data: CloudData) -> Value:
    """Prefer the flow's; a plant without a meter has only the other."""
    told = number(data.flow.get("pv_power")) if data.has("pv") else None
    return tidy(number(data.live.get("real_power")) if told is None else told)


def _pv() -> Iterator[Row]:
    yield _live("pv_power", "pv_power, real_power", _pv_power)
    yield _live("pv_energy", "total_eq", lambda data: kwh(data.live.get("total_eq")))
    yield _live(
        "pv_energy_today", "today_eq", lambda data: kwh(data.live.get("today_eq"))
    )
    point = Indicator.PV
    for n in range(1, 5):
        for what, field in (("voltage", "v"), ("current", "i"), ("power", "p")):
            name = f"{n}_pv_{field}"
            yield _point(f"pv{n}_{what}", point, name, _entry(point, name))


# ---- the battery ----


def _battery_power(data: CloudData) -> Number:
    power = _flow("bms_power", "bms")(data)
    return data.signed(power, Node.BATTERY, as_told=1)


def _battery_state(data: CloudData) -> Value:
    power = _battery_power(data)
    if power is None:
        return None
    if power == 0:
        return BatteryState.STANDBY
    return BatteryState.DISCHARGING if power > 0 else BatteryState.CHARGING


def _battery_current(data: CloudData) -> Value:
    """Give the current the direction of its power: its own sign is not published."""
    told = data.of(Indicator.BATTERY)
    current, power = told.value("bms_i"), _battery_power(data)
    if current is None or power is None:
        return None
    return tidy(-abs(current) if power < 0 else abs(current))


def _battery() -> Iterator[Row]:
    yield _live(
        "battery_soc", "bms_soc", lambda data: tidy(_flow("bms_soc", "bms")(data))
    )
    yield _live(
        "battery_power", "bms_power, flows", lambda data: tidy(_battery_power(data))
    )
    yield _live(
        "battery_charge_power", "bms_power, flows", _positive(_battery_power, -1)
    )
    yield _live(
        "battery_discharge_power", "bms_power, flows", _positive(_battery_power, 1)
    )
    yield _live("battery_state", "bms_power, flows", _battery_state)
    yield _live("battery_charge_energy_today", "bms_in_eq", _today("bms_in_eq", "bms"))
    yield _live(
        "battery_discharge_energy_today", "bms_out_eq", _today("bms_out_eq", "bms")
    )
    point = Indicator.BATTERY
    for key, name in (
        ("battery_soh", "bms_soh"),
        ("battery_voltage", "bms_v"),
        ("battery_temperature", "bms_tch"),
        ("battery_cell_temperature_min", "bms_tcl"),
    ):
        yield _point(key, point, name, _entry(point, name, "bms"))
    yield _point("battery_current", point, "bms_i, flows", _battery_current, _INFERRED)
    yield _live(
        "battery_capacity", "device tree bms_capacitor", lambda data: data.capacity
    )


# ---- the grid ----


def _grid_power(data: CloudData) -> Number:
    return data.signed(_flow("grid_power", "grid")(data), Node.GRID, as_told=-1)


def _lifetime_of_meter(name: str) -> Make:
    def make(data: CloudData) -> Value:
        counters = mapping(data.flow.get(name))
        return kwh(counters.get("total_eq")) if data.has("grid") else None

    return make


def _frequency(data: CloudData) -> Value:
    return tidy(data.of(Indicator.INVERTER).value("frequency"))


def _voltage(name: str) -> Make:
    """Prefer the inverter's: it is asked anyhow, and a plant may have no meter."""

    def make(data: CloudData) -> Value:
        return tidy(data.of(Indicator.INVERTER).value(name))

    return make


def _grid_current(phase: str) -> Make:
    """Give the current the direction of its phase's power, which is minus on import."""

    def make(data: CloudData) -> Value:
        told = data.of(Indicator.GRID)
        current, power = told.value(f"i_{phase}"), told.value(f"p_{phase}")
        if current is None or power is None or not data.has("grid"):
            return None
        return tidy(-abs(current) if power > 0 else abs(current))

    return make


def _meter_connected(data: CloudData) -> Value:
    state = whole(data.of(Indicator.GRID).value("grid_state"))
    return None if state is None or not data.has("grid") else state == 1


def _grid() -> Iterator[Row]:
    yield _live("grid_power", "grid_power, flows", lambda data: tidy(_grid_power(data)))
    yield _live("grid_import_power", "grid_power, flows", _positive(_grid_power, 1))
    yield _live("grid_export_power", "grid_power, flows", _positive(_grid_power, -1))
    yield _live(
        "grid_import_energy_today", "meter_b_in_eq", _today("meter_b_in_eq", "grid")
    )
    yield _live(
        "grid_export_energy_today", "meter_b_out_eq", _today("meter_b_out_eq", "grid")
    )
    yield _live("grid_import_energy", "mb_in_eq", _lifetime_of_meter("mb_in_eq"))
    yield _live("grid_export_energy", "mb_out_eq", _lifetime_of_meter("mb_out_eq"))
    yield _point("grid_frequency", Indicator.INVERTER, "frequency", _frequency)
    for n, phase in enumerate(PHASE_NAMES, 1):
        yield _point(
            f"grid_voltage_l{n}",
            Indicator.INVERTER,
            f"v_{phase}",
            _voltage(f"v_{phase}"),
        )
        yield _point(
            f"grid_current_l{n}", Indicator.GRID, f"i_{phase}", _grid_current(phase)
        )
    yield _point("meter_connected", Indicator.GRID, "grid_state", _meter_connected)


# ---- the inverter and the house ----


def _work_state(data: CloudData) -> int | None:
    return whole(data.of(Indicator.INVERTER).value("inv_state"))


def _work_status(data: CloudData) -> Value:
    state = _work_state(data)
    known = state is not None and 0 <= state < len(_WORK_STATUS)
    return _WORK_STATUS[state] if known and state is not None else None


def _off_grid(data: CloudData) -> Value:
    state = _work_state(data)
    return None if state is None else state == _WORK_STATUS.index(WorkStatus.OFF_GRID)


def _problem(data: CloudData) -> Value:
    told = data.of(Indicator.INVERTER)
    codes = [told.value(name) for name in ("inv_mf", "inv_sf")]
    known = [code for code in codes if code is not None]
    return any(known) if known else None


def _of_all(make: Make) -> Make:
    """Leave a sum unknown when it is that of one inverter among several."""
    return lambda data: make(data) if data.inverters == 1 else None


def _lifetime(key: str, name: str, icon: str) -> Row:
    return Row(
        READINGS[key],
        Told.LIFETIME,
        f"stat_g_a {name}",
        _DOCUMENTED,
        lambda data: kwh(data.lifetime.get(name)) if data.has(icon) else None,
    )


def _inverter() -> Iterator[Row]:
    point = Indicator.INVERTER
    yield _live(
        "load_power", "load_power", lambda data: tidy(_flow("load_power", "load")(data))
    )
    yield _live("load_energy_today", "use_eq_total", _today("use_eq_total", "load"))
    yield _lifetime("load_energy", "consumption_eq", "load")
    yield _lifetime("battery_charge_energy", "bms_in_eq", "bms")
    yield _lifetime("battery_discharge_energy", "bms_out_eq", "bms")
    yield _point("work_status", point, "inv_state", _work_status, _INFERRED)
    yield _point("off_grid", point, "inv_state", _off_grid, _INFERRED)
    yield _point("problem", point, "inv_mf, inv_sf", _problem)
    yield _point("inverter_temperature", point, "inv_tin", _entry(point, "inv_tin"))
    yield _point("inverter_power", point, "p_total", _of_all(_entry(point, "p_total")))
    yield _point(
        "backup_power",
        point,
        "peps_a, peps_b, peps_c",
        _of_all(lambda data: _sum(data.of(point).phases("peps_"))),
    )


# ---- the generator, and PV on the AC side ----


def _generator_running(data: CloudData) -> Value:
    voltage = data.of(Indicator.GENERATOR).value("v_a")
    return (
        None if voltage is None or not data.has("gen") else voltage > _RUNNING_VOLTAGE
    )


def _generator_and_ac_pv() -> Iterator[Row]:
    point = Indicator.GENERATOR
    for key, name in (
        ("generator_power", "p_total"),
        ("generator_voltage", "v_a"),
        ("generator_frequency", "frequency"),
    ):
        yield _point(key, point, name, _entry(point, name, "gen"), _INFERRED)
    yield _point("generator_running", point, "v_a", _generator_running, _INFERRED)
    yield _point(
        "ac_pv_power",
        Indicator.AC_PV,
        "p_total",
        _entry(Indicator.AC_PV, "p_total", "pvi"),
    )


ROWS: Final[Mapping[str, Row]] = {
    row.reading.key: row
    for table in (_inverter, _pv, _battery, _grid, _generator_and_ac_pv)
    for row in table()
}
"""Every reading that the cloud tells, by key."""
