"""Electrical readings of one device or measuring point (5.5)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from .call import Call, Handler
from .errors import ParameterError

type _Entry = tuple[str, str, str]
"""Key here, unit, name among the plant's values."""

_PHASES: Final = (("a", "l1"), ("b", "l2"), ("c", "l3"))


def _per_phase(here: str, unit: str, there: str, phases: int) -> list[_Entry]:
    return [
        (f"{here}_{letter}", unit, f"{there}_{line}")
        for letter, line in _PHASES[:phases]
    ]


def _inverter(phases: int) -> list[_Entry]:
    return [
        ("p_total", "W", "inverter_power"),
        ("frequency", "Hz", "inverter_frequency"),
        ("inv_tin", "℃", "inverter_temperature"),
        ("inv_vbus", "V", "bus_voltage"),
        ("inv_vbat", "V", "battery_voltage"),
        ("inv_ibat", "A", "battery_current"),
        ("inv_pbat", "W", "battery_power"),
        *_per_phase("v", "V", "inverter_voltage", phases),
        *_per_phase("i", "A", "inverter_current", phases),
        *_per_phase("p", "W", "inverter_power", phases),
        *_per_phase("veps", "V", "backup_voltage", phases),
        *_per_phase("ieps", "A", "backup_current", phases),
        *_per_phase("peps", "W", "backup_power", phases),
    ]


def _pv(_: int) -> list[_Entry]:
    entries = [("pv_p_total", "W", "pv_power"), ("pv_e_total", "Wh", "pv_energy_today")]
    for number in range(1, 5):
        entries += [
            (f"{number}_pv_v", "V", f"pv{number}_voltage"),
            (f"{number}_pv_i", "A", f"pv{number}_current"),
            (f"{number}_pv_p", "W", f"pv{number}_power"),
            (f"{number}_pv_e", "Wh", f"pv{number}_energy_today"),
        ]
    return entries


def _battery(_: int) -> list[_Entry]:
    return [
        ("bms_soc", "%", "battery_soc"),
        ("bms_soh", "%", "battery_soh"),
        ("bms_v", "V", "battery_voltage"),
        ("bms_i", "A", "battery_current"),
        ("bms_p", "W", "battery_power"),
        ("bms_icm", "A", "battery_max_charge_current"),
        ("bms_idm", "A", "battery_max_discharge_current"),
        ("bms_vc", "V", "battery_charge_cutoff"),
        ("bms_vd", "V", "battery_discharge_cutoff"),
        ("bms_tch", "℃", "cell_temperature_max"),
        ("bms_tcl", "℃", "cell_temperature_min"),
        ("bms_echg", "Wh", "battery_charge_energy_today"),
        ("bms_edchg", "Wh", "battery_discharge_energy_today"),
    ]


def _grid(phases: int) -> list[_Entry]:
    return [
        ("p_total", "-W", "grid_power"),
        ("grid_f", "Hz", "grid_frequency"),
        ("grid_ecd", "Wh", "grid_import_energy_today"),
        ("grid_efd", "Wh", "grid_export_energy_today"),
        *_per_phase("v", "V", "grid_voltage", phases),
        *_per_phase("i", "A", "grid_current", phases),
        *_per_phase("p", "-W", "grid_power", phases),
    ]


def _load(phases: int) -> list[_Entry]:
    return [
        ("frequency", "Hz", "inverter_frequency"),
        ("load_ecd", "Wh", "load_energy_today"),
        *_per_phase("v", "V", "inverter_voltage", phases),
        *_per_phase("p", "W", "load_power", phases),
    ]


def _ac_pv(phases: int) -> list[_Entry]:
    return [
        ("frequency", "Hz", "inverter_frequency"),
        ("p_total", "W", "ac_pv_power"),
        ("e_total", "Wh", "ac_pv_energy_today"),
        *_per_phase("v", "V", "ac_pv_voltage", phases),
        *_per_phase("i", "A", "ac_pv_current", phases),
        *_per_phase("p", "W", "ac_pv_power", phases),
    ]


def _generator(phases: int) -> list[_Entry]:
    return [
        ("frequency", "Hz", "generator_frequency"),
        ("p_total", "W", "generator_power"),
        ("e_total", "Wh", "generator_energy_today"),
        *_per_phase("v", "V", "generator_voltage", phases),
        *_per_phase("i", "A", "generator_current", phases),
        *_per_phase("p", "W", "generator_power", phases),
    ]


def _packs(_: int) -> list[_Entry]:
    return [("bps_soc", "%", "-"), ("bps_v", "V", "-"), ("bps_p", "W", "-")]


_POINTS: Final[Mapping[int, tuple[str, Callable[[int], list[_Entry]]]]] = {
    1: ("IND_LOAD", _load),
    2: ("IND_GRID", _grid),
    4: ("IND_PV", _pv),
    6: ("IND_INV", _inverter),
    10: ("IND_BMS", _battery),
    20: ("IND_GEN", _generator),
    22: ("IND_BPS", _packs),
    30: ("IND_PVI", _ac_pv),
}

_ON_GRID: Final = 3
_BATTERY_STATES: Final = {"standby": 0, "charging": 1, "discharging": 2}
"""Only 2 is public (5.5)."""


def _states(point: int, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries that are words: number and text."""
    running = bool(values.get("generator_running"))
    battery = str(values.get("battery_state") or "standby")
    unsafe = bool(values.get("earth_fault"))
    told = {
        1: [("load_state", 1, "Priority")],
        2: [("grid_state", int(bool(values.get("meter_connected"))), "Online")],
        6: [
            ("inv_state", _ON_GRID, str(values.get("work_status"))),
            ("role", 0, "Single"),
            ("inv_mf", int(bool(values.get("problem")) and not unsafe), "-"),
            ("inv_sf", int(unsafe), "-"),
        ],
        10: [
            ("bms_type", 1, "Li-ion"),
            ("bms_state", _BATTERY_STATES.get(battery, 0), battery.title()),
        ],
        20: [("gen_state", int(running), "Running" if running else "None")],
        30: [("pvi_state", int("ac_pv_power" in values), "Online")],
    }
    return [
        {"key": key, "val": str(number), "fmt_val": text}
        for key, number, text in told.get(point, [])
    ]


def _entry(key: str, unit: str, value: float | None) -> dict[str, Any]:
    """Return an entry; what is not there comes as 0 (5.5), a number among texts."""
    if unit == "Wh":
        kwh = value or 0.0
        if kwh < 1:
            return {"key": key, "val": str(round(kwh * 1000)), "unit": "Wh"}
        return {"key": key, "val": f"{kwh:.2f}", "unit": "kWh"}
    if not value:
        return {"key": key, "val": 0, "unit": unit.lstrip("-")}
    signed = -value if unit.startswith("-") else value
    return {"key": key, "val": f"{signed:g}", "unit": unit.lstrip("-")}


def _indicators(call: Call) -> object:
    station, point = call.station(), call.number("type")
    if point not in _POINTS:
        raise ParameterError("type")
    if point in (6, 10) and not call.body.get("inv_list"):
        raise ParameterError("inv_list")
    reading = call.world.source(station).reading()
    values = reading.values if reading else {}
    phases = 3 if values.get("grid_power_l3") is not None else 1
    title, entries = _POINTS[point]
    strings = [n for n in range(1, 5) if f"pv{n}_power" in values]
    wanted = [
        entry
        for entry in entries(phases)
        if not entry[0][0].isdigit() or int(entry[0][0]) in strings
    ]
    listed = [_entry(key, unit, values.get(name)) for key, unit, name in wanted]
    at = call.world.clock.local(reading.at, station["tz"]) if reading else ""
    return {
        "title": title,
        "pv_total": len(strings),
        "phase_type": phases,
        "list": _states(point, values) + listed,
        "last_data_time": at,
    }


HANDLERS: Final[Mapping[str, Handler]] = {"indicators": _indicators}
