"""Settings of the plant, their ranges and their defaults.

Ranges are those of the registers that hold them (facts/modbus-registers.csv, holding).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final, NamedTuple

from ..plant.states import BatteryMode
from .config import PlantConfig
from .errors import WrongValueError

type Setting = int | float | bool | BatteryMode


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything an owner or installer can change; percent in steps of 0.1."""

    battery_mode: BatteryMode = BatteryMode.SELF_CONSUMPTION
    self_consumption_reserve_soc: int = 20
    economical_reserve_soc: int = 20
    full_backup_reserve_soc: int = 80
    force_charge_target_soc: int = 90
    force_charge_power: float = 50.0
    force_discharge_target_soc: int = 30
    force_discharge_power: float = 50.0
    off_grid_reserve_soc: int = 20
    peak_shaving_reserve_soc: int = 20
    peak_shaving_soc: int = 60
    peak_shaving_power: int = 5000
    time_of_use_reserve_soc: int = 10
    battery_max_soc: int = 100
    battery_min_soc: int = 10
    battery_charge_power_limit: float = 100.0
    battery_discharge_power_limit: float = 100.0
    export_control: bool = False
    export_limit: float = 100.0
    low_soc_charge_power: int = 500
    low_soc_charge_start: float = 5.0
    generator_port: int = 1
    backup_output: int = 2
    pv_island: bool = False
    running: bool = True
    parallel_command: int = 0
    battery_type: int = 1
    battery_brand: int = 30


def factory_settings(config: PlantConfig) -> Settings:
    """Return the settings that fit what is fitted (holding 303, 4100 and 4101)."""
    brands = {"lv": 30, "hv": 23}
    return Settings(
        generator_port=1 if config.generator_power else 3,
        battery_type=1 if config.battery else 0,
        battery_brand=brands[config.battery.kind] if config.battery else 0,
    )


class WriteFault(StrEnum):
    """What can go wrong with a write, on every link alike."""

    REFUSED = "refused"
    """The answer is no."""

    UNHEARD = "unheard"
    """No answer, and nothing changed."""

    UNANSWERED = "unanswered"
    """No answer, and all of it was taken."""

    IGNORED = "ignored"
    """The answer is yes, and nothing changed."""

    INERT = "inert"
    """Taken and shown, and never obeyed."""


@dataclass(frozen=True, slots=True)
class WriteTrouble:
    """A fault of writing, and the number in the answer where it is no."""

    fault: WriteFault
    code: int = 3


class _Range(NamedTuple):
    low: float
    high: float
    step: float = 1


RANGES: Final[Mapping[str, _Range]] = {
    "self_consumption_reserve_soc": _Range(10, 100),
    "economical_reserve_soc": _Range(10, 100),
    "full_backup_reserve_soc": _Range(60, 100),
    "force_charge_target_soc": _Range(10, 100),
    "force_charge_power": _Range(0, 100, 0.1),
    "force_discharge_target_soc": _Range(0, 100),
    "force_discharge_power": _Range(0, 100, 0.1),
    "off_grid_reserve_soc": _Range(0, 100),
    "peak_shaving_reserve_soc": _Range(10, 100),
    "peak_shaving_soc": _Range(0, 100),
    "peak_shaving_power": _Range(0, 100_000),
    "time_of_use_reserve_soc": _Range(10, 100),
    "battery_max_soc": _Range(10, 100),
    "battery_min_soc": _Range(10, 90),
    "battery_charge_power_limit": _Range(10, 100, 0.1),
    "battery_discharge_power_limit": _Range(10, 100, 0.1),
    "export_limit": _Range(-10, 200, 0.1),
    "low_soc_charge_power": _Range(0, 1000),
    "low_soc_charge_start": _Range(0, 100, 0.1),
    "generator_port": _Range(0, 3),
    "backup_output": _Range(0, 2),
    "parallel_command": _Range(0, 2),
    "battery_type": _Range(0, 2),
    "battery_brand": _Range(0, 39),
}

NAMES: Final = tuple(field.name for field in fields(Settings))

PLANT_SETTINGS: Final = frozenset(
    {
        "export_control",
        "export_limit",
        "generator_port",
        "backup_output",
        "pv_island",
        "running",
        "parallel_command",
    }
)
"""Settings that exist without a battery, too."""

MODES: Final = (
    BatteryMode.SELF_CONSUMPTION,
    BatteryMode.ECONOMICAL,
    BatteryMode.FULL_BACKUP,
    BatteryMode.OFF_GRID,
    BatteryMode.FORCE_CHARGE,
    BatteryMode.FORCE_DISCHARGE,
    BatteryMode.PEAK_SHAVING,
    BatteryMode.TIME_OF_USE,
)
"""Modes the device knows, in the order of the app."""


def parse_setting(name: str, value: object) -> Setting:
    """Return a setting's value in its own type.

    Raises:
        ValueError: for an unknown setting or a value outside its range.
    """
    if name not in NAMES:
        raise WrongValueError(f"{name}: no such setting")
    if name == "battery_mode":
        return _parse_mode(value)
    limits = RANGES.get(name)
    if limits is None:
        if not isinstance(value, bool):
            raise WrongValueError(f"{name}: true or false")
        return value
    return _parse_number(name, value, limits)


def _parse_mode(value: object) -> BatteryMode:
    if value not in MODES:
        raise WrongValueError(f"battery_mode: {value!r} is none of {', '.join(MODES)}")
    return BatteryMode(str(value))


def _parse_number(name: str, value: object, limits: _Range) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongValueError(f"{name}: a number")
    if not limits.low <= value <= limits.high:
        raise WrongValueError(f"{name}: {limits.low:g} to {limits.high:g}")
    if limits.step == 1:
        if value != int(value):
            raise WrongValueError(f"{name}: a whole number")
        return int(value)
    return round(float(value), 1)
