"""What the public client calls the values of ``GET /state``, and how it counts them."""

from collections.abc import Callable, Mapping
from math import floor
from typing import Any, Final

type Plant = Mapping[str, Any]

_STATUS: Final = {
    "Power-up": "power_up",
    "Standby": "standby",
    "Grid test": "grid_test",
    "Grid on": "on_grid",
    "Fault": "fault",
    "Islanded": "off_grid",
    "Bypass": "bypass",
}
_MODES: Final = {
    "Self-use": "self_consumption",
    "Off-Grid": "off_grid",
    "Grid charge": "force_charge",
    "Grid discharge": "force_discharge",
}

SAME: Final[Mapping[str, str]] = {
    "pv_total_power": "pv_power",
    "pv_total_power_eb": "pv_power",
    "internal_pv_power_ov": "pv_power",
    **{
        f"pv{string}_{name}{block}": f"pv{string}_{name}"
        for string in range(1, 5)
        for name, block in (
            ("voltage", ""),
            ("current", ""),
            ("power", ""),
            ("power", "_eb"),
        )
    },
    "external_pv_power_total": "ac_pv_power",
    "external_pv_power_ov": "ac_pv_power",
    "pv_meter_active_total": "ac_pv_power",
    "bat_total_power": "battery_power",
    "bat1_power_g3": "battery_power",
    "batt_power_bms": "battery_power",
    "battery_power_eb": "battery_power",
    "battery_power_ov": "battery_power",
    "bat1_voltage": "battery_voltage",
    "batt_voltage_bms": "battery_voltage",
    "bat1_current_g3": "battery_current",
    "batt_current_bms": "battery_current",
    "battery_soc": "battery_soc",
    "battery_soc_ov": "battery_soc",
    "battery_soh": "battery_soh",
    "battery_capacity": "battery_capacity",
    "battery_capacity_setting": "battery_capacity",
    "inv_active_power": "inverter_power",
    "inv_active_power_ov": "inverter_power",
    "inv_ths_temp": "inverter_temperature",
    "load_power": "load_power",
    "load_power_total": "load_power",
    "load_active_power_ov": "load_power",
    "backup_active_power": "backup_power",
    "grid_frequency": "grid_frequency",
    "meter_grid_freq": "grid_frequency",
    **{
        f"{block}grid_voltage_{letter}": f"grid_voltage_l{phase}"
        for phase, letter in enumerate("abc", 1)
        for block in ("", "meter_")
    },
    "gen_voltage_a": "generator_voltage",
    "gen_power_total": "generator_power",
    "generator_power_ov": "generator_power",
    "gcf_enable": "export_control",
    "gcf_export_limit": "export_limit",
    "gen_port_mode": "generator_port",
    "battery_max_charge_power": "battery_charge_power_limit",
    "battery_max_discharge_power": "battery_discharge_power_limit",
    "max_soc": "battery_max_soc",
    "min_soc": "battery_min_soc",
    "low_soc_grid_charge_power": "low_soc_charge_power",
    "eps_mode": "backup_output",
    "pv_island_mode": "pv_island",
    "system_operation": "running",
    "parallel_networking_cmd": "parallel_command",
    "battery_type_setting": "battery_type",
    "bms_type_setting": "battery_brand",
    "ems_self_use_soc": "self_consumption_reserve_soc",
    "ems_backup_soc": "full_backup_reserve_soc",
    "ems_force_charge_soc": "force_charge_target_soc",
    "ems_max_charge_power": "force_charge_power",
    "ems_force_discharge_soc": "force_discharge_target_soc",
    "ems_max_discharge_power": "force_discharge_power",
}
"""The client's key and ours for the same number."""

TURNED: Final[Mapping[str, str]] = {
    "meter_active_total": "grid_power",
    "grid_active_power_ov": "grid_power",
    **{
        f"meter_{name}_{letter}": f"grid_{ours}_l{phase}"
        for phase, letter in enumerate("abc", 1)
        for name, ours in (("active", "power"), ("current", "current"))
    },
}
"""The same number with the sign of the wire: + on export."""

COUNTED: Final[Mapping[str, str]] = {
    "pv_total_energy": "pv_energy",
    "external_pv_energy": "ac_pv_energy",
    "bat_charge_energy": "battery_charge_energy",
    "bat_discharge_energy": "battery_discharge_energy",
    "grid_buy_energy": "grid_import_energy",
    "grid_sell_energy": "grid_export_energy",
    "load_energy_use": "load_energy",
    "gen_energy_total": "generator_energy",
    "pv_today_energy": "pv_energy_today",
    "ext_pv_today": "ac_pv_energy_today",
    "bat_charge_today": "battery_charge_energy_today",
    "bat_discharge_today": "battery_discharge_energy_today",
    "grid_buy_today": "grid_import_energy_today",
    "grid_sell_today": "grid_export_energy_today",
    "load_energy_today": "load_energy_today",
    "gen_energy_today": "generator_energy_today",
}
"""Counters of whole 0.1 kWh."""

NAMED: Final[Mapping[str, tuple[str, Callable[[Any], object]]]] = {
    "workstatus": ("work_status", _STATUS.get),
    "system_workstatus": ("work_status", _STATUS.get),
    "bat_work_status": ("battery_state", str.lower),
    "battery_work_status": ("battery_state", str.lower),
    "ems_mode": ("battery_mode", _MODES.get),
    "grid_meter_link": ("meter_connected", lambda link: link == "Online"),
}
"""States, and how the client's name for one becomes ours."""

FAULTS: Final[Mapping[str, str]] = {
    "battery_faults": "alarm_battery",
    "dsp_pwr_faults": "alarm_power_dsp",
    "dsp_safety_faults": "alarm_safety_dsp",
    "arm_comm_faults": "alarm_arm_communication",
    "arm_periph_faults": "alarm_arm_peripheral",
    "arm_system_faults": "alarm_arm_system",
}
"""A list of names there, a word with that many bits here."""

OTHER_SCALE: Final[Mapping[str, tuple[str, float]]] = {
    "soc_start_charge_from_grid": ("low_soc_charge_start", 10),
}
"""The sources disagree on a scale: facts/modbus-registers.csv calls it conflicting."""

ALL: Final = (
    SAME.keys()
    | TURNED.keys()
    | COUNTED.keys()
    | NAMED.keys()
    | FAULTS.keys()
    | OTHER_SCALE.keys()
)


def step(key: str) -> float:
    """Return what one step of a number is worth on the wire at its coarsest."""
    if key == "battery_current" or "voltage" in key or "temperature" in key:
        return 0.1
    return 0.01 if "current" in key or "frequency" in key else 0


def expected(plant: Plant) -> dict[str, tuple[object, float]]:
    """Return what the client has to read, by its keys, with half a step to either side.

    What is not fitted is not there; what a meter measures is not there without one.
    """
    found: dict[str, tuple[object, float]] = {}
    for key, ours in SAME.items():
        if ours in plant:
            found[key] = (plant[ours], step(ours) / 2)
    for key, ours in TURNED.items():
        if ours in plant:
            found[key] = (-plant[ours], step(ours) / 2)
    for key, ours in COUNTED.items():
        if ours in plant:
            found[key] = (floor(plant[ours] * 10 + 1e-6) / 10, 0)
    for key, (ours, factor) in OTHER_SCALE.items():
        if ours in plant:
            found[key] = (plant[ours] * factor, 0)
    for key, (ours, _) in NAMED.items():
        if ours in plant:
            found[key] = (plant[ours], 0)
    for key, ours in FAULTS.items():
        found[key] = (plant[ours].bit_count(), 0)
    if not plant.get("meter_connected"):
        found = {key: it for key, it in found.items() if not key.startswith("meter_")}
    return found


def understood(key: str, value: Any) -> object:
    """Return a value of the client in the words of ``expected``."""
    if key in NAMED and value is not None:
        return NAMED[key][1](value)
    return len(value) if key in FAULTS and value is not None else value


def agree(value: object, truth: object, tolerance: float) -> bool:
    """Return whether a value of the client is the truth."""
    if isinstance(value, int | float) and isinstance(truth, int | float):
        return abs(value - truth) <= tolerance + 1e-6
    return value == truth
