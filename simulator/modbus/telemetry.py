"""Input registers (FC04) of the inverter, its meters and its battery.

Source of every row: facts/modbus-registers.csv, area input.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from custom_components.instagen.simulated import SimulatedPlant, Value

from .energy import ENERGY_ROWS
from .rows import NO_DATA, NO_SENSOR, PLACEHOLDER, Kind, Row, encode_rows, encode_text

_WORK_STATUS: Final = (
    "power_up",
    "standby",
    "grid_test",
    "on_grid",
    "fault",
    "off_grid",
    "bypass",
)
_BATTERY_STATE: Final = ("standby", "charging", "discharging")
_MODULE_BASES: Final = (22235, 22535, 22835, 23135)
_PLACEHOLDERS: Final = (26, 45, 73, 77, 87, 91, 112, 153, 154, 155, 156)
_DSP_FIRMWARE: Final = {1: 0x1037, 201: 0x1029}
_PAIR: Final = Kind.PAIR


def _by_phase(
    address: int, key: str, kind: Kind = Kind.WORD, per_unit: int = 1, absent: int = 0
) -> Iterator[Row]:
    for index in range(3):
        place = address + index * kind.words
        yield Row(place, f"{key}_l{index + 1}", kind, per_unit, absent)


def _strings() -> Iterator[Row]:
    """PV inputs; one that is not fitted shows 0, which clients take as "not there"."""
    for number in range(1, 5):
        first = 27 + (number - 1) * 3
        yield Row(first, f"pv{number}_voltage", per_unit=10, absent=0)
        yield Row(first + 1, f"pv{number}_current", per_unit=100, absent=0)
        yield Row(first + 2, f"pv{number}_power", absent=0)
        yield Row(2151 + number, f"pv{number}_power", absent=0)


INVERTER_ROWS: Final = (
    Row(0, "work_status_code"),
    *_strings(),
    Row(46, "battery_voltage", per_unit=10, absent=0),
    Row(48, "battery_current", _PAIR, 100, absent=0),
    Row(50, "battery_power", _PAIR, absent=0),
    Row(58, "bus_voltage_half", per_unit=10),
    Row(59, "bus_voltage_half", per_unit=10),
    Row(60, "bus_voltage", per_unit=10),
    *_by_phase(62, "grid_voltage", per_unit=10),
    Row(66, "grid_frequency", per_unit=100),
    *_by_phase(67, "inverter_voltage", per_unit=10),
    *_by_phase(70, "inverter_current", per_unit=100),
    *_by_phase(74, "inverter_power"),
    *_by_phase(78, "reactive_power"),
    *_by_phase(81, "backup_voltage", per_unit=10),
    *_by_phase(84, "backup_current", per_unit=100),
    *_by_phase(88, "backup_power"),
    *_by_phase(92, "backup_power"),
    *_by_phase(103, "generator_voltage", per_unit=10, absent=NO_DATA),
    *_by_phase(106, "generator_current", per_unit=100, absent=NO_DATA),
    *_by_phase(109, "generator_power", absent=NO_DATA),
    Row(113, "inverter_temperature", absent=NO_SENSOR),
    Row(114, "battery_heatsink_temperature", absent=NO_SENSOR),
    Row(115, "internal_temperature", absent=NO_SENSOR),
    Row(116, "rail_12v", per_unit=100),
    Row(118, "rail_5v", per_unit=100),
    Row(119, "rail_1v5", per_unit=100),
    Row(120, "rail_relay", per_unit=100),
    Row(121, "fan_speed"),
    Row(122, "fan_speed"),
    Row(123, "fan_speed"),
    *_by_phase(125, "dc_injection"),
    Row(180, "battery_soc"),
    Row(193, "battery_power", absent=0),
    Row(210, "reconnect_seconds"),
    Row(214, "bus_balance_current", per_unit=100),
    Row(241, "pe_voltage", per_unit=10),
    Row(242, "insulation_resistance"),
    Row(243, "residual_current"),
    Row(284, "load_power", _PAIR),
)

METER_ROWS: Final = (
    Row(1800, "meter_link", absent=0),
    *_by_phase(1801, "meter_voltage", per_unit=10, absent=NO_DATA),
    *_by_phase(1804, "meter_current", per_unit=-100, absent=NO_DATA),
    Row(1807, "meter_frequency", per_unit=100),
    *_by_phase(1808, "meter_power", _PAIR, -1, NO_DATA),
    Row(1814, "meter_power", _PAIR, -1),
    *_by_phase(1816, "meter_reactive", _PAIR, absent=NO_DATA),
    Row(1822, "meter_reactive", _PAIR),
    Row(1824, "meter_factor", per_unit=100),
    *_by_phase(1825, "meter_factor", per_unit=100, absent=NO_DATA),
    Row(1850, "pv_meter_link", absent=0),
    *_by_phase(1851, "pv_meter_voltage", per_unit=10, absent=NO_DATA),
    *_by_phase(1854, "pv_meter_current", per_unit=100, absent=NO_DATA),
    Row(1857, "pv_meter_frequency", per_unit=100),
    *_by_phase(1858, "pv_meter_power", _PAIR, absent=NO_DATA),
    Row(1864, "pv_meter_power", _PAIR),
    *_by_phase(1866, "pv_meter_reactive", _PAIR, absent=NO_DATA),
    Row(1872, "pv_meter_reactive", _PAIR),
    Row(1874, "pv_meter_factor", per_unit=100),
    *_by_phase(1875, "pv_meter_factor", per_unit=100, absent=NO_DATA),
)

BATTERY_ROWS: Final = (
    Row(1900, "battery_fitted", absent=0),
    Row(1901, "battery_fitted", absent=0),
    Row(1904, "battery_state_code", absent=0),
    Row(1905, "bms_fault", _PAIR),
    Row(1907, "battery_capacity", _PAIR, 10),
    Row(1909, "battery_soc"),
    Row(1910, "battery_soh"),
    Row(1911, "battery_voltage", per_unit=10),
    Row(1912, "battery_current", _PAIR, 10),
    Row(1914, "battery_power", _PAIR),
    Row(1916, "battery_max_charge_current", per_unit=10),
    Row(1917, "battery_max_discharge_current", per_unit=10),
    Row(1918, "battery_charge_cutoff", per_unit=10),
    Row(1919, "battery_discharge_cutoff", per_unit=10),
    Row(1922, "cell_temperature_max", per_unit=10, absent=NO_SENSOR),
    Row(1923, "cell_temperature_min", per_unit=10, absent=NO_SENSOR),
)

OLD_BLOCK_ROWS: Final = (
    Row(1021, "battery_fitted", absent=0),
    Row(1022, "battery_fitted", absent=0),
    Row(1023, "bms_fault"),
    Row(1024, "battery_capacity", per_unit=10),
    Row(1025, "battery_soc"),
    Row(1026, "battery_charge_cutoff", per_unit=10),
    Row(1027, "battery_discharge_cutoff", per_unit=10),
    Row(1028, "battery_max_charge_current", per_unit=100),
    Row(1029, "battery_max_discharge_current", per_unit=100),
    Row(1046, "meter_link", absent=0),
    *_by_phase(1047, "meter_voltage", per_unit=10, absent=NO_DATA),
    *_by_phase(1050, "meter_current", per_unit=-100, absent=NO_DATA),
    Row(1053, "meter_frequency", per_unit=100),
    *_by_phase(1054, "meter_power", per_unit=-1, absent=NO_DATA),
    *_by_phase(1057, "meter_reactive", absent=NO_DATA),
    Row(1060, "zero"),
    Row(1061, "pv_meter_link", absent=0),
    *_by_phase(1062, "pv_meter_power", absent=NO_DATA),
    *_by_phase(1078, "meter_power", _PAIR, -1, NO_DATA),
    *_by_phase(1084, "meter_reactive", _PAIR, absent=NO_DATA),
    *_by_phase(1090, "pv_meter_power", _PAIR, absent=NO_DATA),
)

FLOW_ROWS: Final = (
    Row(2150, "pv_power"),
    Row(2158, "ac_pv_power"),
    *_by_phase(2159, "pv_meter_power", absent=NO_DATA),
    Row(2162, "battery_power", absent=0),
    Row(2165, "grid_port_power", per_unit=-1),
    *_by_phase(2166, "grid_port_power", per_unit=-1),
    Row(2169, "load_power"),
    *_by_phase(2170, "load_power"),
    Row(2173, "generator_power", absent=0),
    *_by_phase(2174, "generator_power"),
    Row(2177, "pv_to_battery"),
    Row(2178, "pv_to_load"),
    Row(2179, "pv_to_grid"),
    Row(2180, "pv_to_load"),
)

OVERVIEW_ROWS: Final = (
    Row(30000, "work_status_code"),
    Row(30001, "all_pv_power", _PAIR),
    Row(30003, "pv_power", _PAIR),
    Row(30005, "ac_pv_power", _PAIR, absent=0),
    Row(30007, "inverter_power", _PAIR),
    Row(30009, "battery_power", _PAIR, absent=0),
    Row(30011, "grid_power", _PAIR, -1),
    Row(30013, "generator_power", _PAIR, absent=0),
    Row(30015, "load_power", _PAIR),
    Row(30017, "smart_load_power", Kind.SWAPPED),
    Row(30019, "battery_state_code", absent=0),
    Row(30020, "battery_soc"),
    Row(30021, "alarm_battery", _PAIR),
    Row(30023, "alarm_power_dsp", _PAIR),
    Row(30025, "alarm_safety_dsp", _PAIR),
    Row(30027, "alarm_arm_communication"),
    Row(30028, "alarm_arm_peripheral"),
    Row(30029, "alarm_arm_system"),
)


def _modules() -> Iterator[Row]:
    for module, base in enumerate(_MODULE_BASES, 1):
        for index in range(8):
            cell = f"module{module}_cell{index + 1}_voltage"
            yield Row(base + index, cell, per_unit=1000)
            warm = f"module{module}_temperature{index + 1}"
            yield Row(base + 8 + index, warm, per_unit=10, absent=NO_SENSOR)


MODULE_ROWS: Final = tuple(_modules())

INPUT_ROWS: Final = (
    *INVERTER_ROWS,
    *OLD_BLOCK_ROWS,
    *METER_ROWS,
    *BATTERY_ROWS,
    *ENERGY_ROWS,
    *FLOW_ROWS,
    *OVERVIEW_ROWS,
    *MODULE_ROWS,
)


def input_words(plant: SimulatedPlant) -> dict[int, int]:
    """Return every input register that the plant serves, by address."""
    words = encode_rows(INPUT_ROWS, values_of(plant))
    words |= dict.fromkeys(_PLACEHOLDERS, PLACEHOLDER)
    words |= _DSP_FIRMWARE
    words |= {19: 0, 20: 0, 21: 0, 22: 0, 2151: 0}
    words |= dict(enumerate(encode_text(plant.config.model, 5), 1000))
    return words


def values_of(plant: SimulatedPlant) -> dict[str, Value]:
    """Return the plant's values with what only the wire knows beside them."""
    values = {**plant.detail(), **plant.state()}
    values |= {
        "work_status_code": _WORK_STATUS.index(str(values["work_status"])),
        "all_pv_power": sum(plant.flows.strings) + plant.flows.ac_pv,
        "rail_12v": 12.04,
        "rail_5v": 5.02,
        "rail_1v5": 1.5,
        "rail_relay": 12.11,
        "bus_balance_current": 0.12,
        "pe_voltage": 1.3,
        "zero": 0,
        **{f"dc_injection_l{n}": 7 * n - 11 for n in range(1, plant.config.phases + 1)},
        **{f"reactive_power_l{n}": 0 for n in range(1, plant.config.phases + 1)},
    }
    if plant.store:
        state = _BATTERY_STATE.index(str(values["battery_state"]))
        values |= {"battery_fitted": 1, "battery_state_code": state, "bms_fault": 0}
    if plant.config.generator_power is None:
        _drop(values, "generator_")
    return values | _meter(plant, values) | _pv_meter(plant, values)


def _drop(values: dict[str, Value], prefix: str) -> None:
    for key in [key for key in values if key.startswith(prefix)]:
        if "energy" not in key:
            del values[key]


def _meter(plant: SimulatedPlant, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return what the grid meter reads; nothing when it is away."""
    if not (plant.config.meter and plant.overrides.meter):
        return {"meter_link": 0}
    found: dict[str, Value] = {
        "meter_link": 1,
        "meter_frequency": values["grid_frequency"],
        "meter_power": values["grid_power"],
        "meter_reactive": 0,
        "meter_factor": 0.99,
    }
    for phase in range(1, plant.config.phases + 1):
        for name in ("voltage", "current", "power"):
            found[f"meter_{name}_l{phase}"] = values[f"grid_{name}_l{phase}"]
        found[f"meter_reactive_l{phase}"] = 0
        found[f"meter_factor_l{phase}"] = 0.99
    return found


def _pv_meter(plant: SimulatedPlant, values: Mapping[str, Value]) -> dict[str, Value]:
    if plant.config.ac_pv is None:
        return {"pv_meter_link": 0}
    found: dict[str, Value] = {
        "pv_meter_link": 1,
        "pv_meter_frequency": values["grid_frequency"],
        "pv_meter_power": values["ac_pv_power"],
        "pv_meter_reactive": 0,
        "pv_meter_factor": 1.0,
    }
    for phase in range(1, plant.config.phases + 1):
        for name in ("voltage", "current", "power"):
            found[f"pv_meter_{name}_l{phase}"] = values[f"ac_pv_{name}_l{phase}"]
        found[f"pv_meter_reactive_l{phase}"] = 0
        found[f"pv_meter_factor_l{phase}"] = 1.0
    return found
