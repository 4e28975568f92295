"""What can be changed about a plant, in plant terms.

Settings are changed in blocks: what stands in one block goes out in one write, complete,
because a device fills what is left out with its defaults (automation.md 4.0).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from .states import BatteryMode

type SettingValue = int | float | bool | str
"""Percent, W, on or off, or a text: a battery mode, or a table in its canonical form."""

type SettingValues = Mapping[str, SettingValue]
"""Settings by their keys. What is not known is left out."""


class Block(StrEnum):
    """What is written together."""

    MODE = "mode"
    """The battery mode and the parameters of all modes."""

    SOC_LIMITS = "soc_limits"
    CHARGE_POWER = "charge_power"
    DISCHARGE_POWER = "discharge_power"
    EXPORT = "export"


class SettingKind(Enum):
    """What a setting's value is."""

    SOC = "soc"
    """Whole percent of the battery's capacity."""

    SHARE = "share"
    """Percent of rated power, in tenths."""

    POWER = "power"
    """W."""

    FLAG = "flag"
    MODE = "mode"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One row of the contract."""

    key: str
    block: Block
    kind: SettingKind


@dataclass(frozen=True)
class Range:
    """What a device takes, both ends included."""

    low: float
    high: float
    step: float = 1

    def holds(self, value: float) -> bool:
        """Return whether a value lies in the range and on one of its steps."""
        steps = (value - self.low) / self.step
        return self.low <= value <= self.high and abs(steps - round(steps)) < 1e-6


BATTERY_MODE: Final = "battery_mode"

PARAMETERS: Final[Mapping[BatteryMode, tuple[str, ...]]] = {
    BatteryMode.SELF_CONSUMPTION: ("self_consumption_reserve_soc",),
    BatteryMode.ECONOMICAL: ("economical_reserve_soc", "tariff"),
    BatteryMode.FULL_BACKUP: ("full_backup_reserve_soc",),
    BatteryMode.OFF_GRID: ("off_grid_reserve_soc",),
    BatteryMode.FORCE_CHARGE: ("force_charge_target_soc", "force_charge_power"),
    BatteryMode.FORCE_DISCHARGE: (
        "force_discharge_target_soc",
        "force_discharge_power",
    ),
    BatteryMode.PEAK_SHAVING: (
        "peak_shaving_reserve_soc",
        "peak_shaving_soc",
        "peak_shaving_power",
    ),
    BatteryMode.TIME_OF_USE: ("time_of_use_reserve_soc", "time_of_use_periods"),
}
"""What each mode is written with (manual 5.1, facts/protobuf-10081.md section 6)."""

FORCED_MODES: Final = frozenset({BatteryMode.FORCE_CHARGE, BatteryMode.FORCE_DISCHARGE})
"""Modes that must always end: nobody published a device that ends them by itself."""


def _kind_of(key: str) -> SettingKind:
    if key in {"tariff", "time_of_use_periods"}:
        return SettingKind.TEXT
    if key == "peak_shaving_power":
        return SettingKind.POWER
    return SettingKind.SHARE if key.endswith("_power") else SettingKind.SOC


SETTINGS: Final[Mapping[str, Setting]] = {
    setting.key: setting
    for setting in (
        Setting(key=BATTERY_MODE, block=Block.MODE, kind=SettingKind.MODE),
        *(
            Setting(key=key, block=Block.MODE, kind=_kind_of(key))
            for keys in PARAMETERS.values()
            for key in keys
        ),
        Setting(key="battery_max_soc", block=Block.SOC_LIMITS, kind=SettingKind.SOC),
        Setting(key="battery_min_soc", block=Block.SOC_LIMITS, kind=SettingKind.SOC),
        Setting(
            key="battery_charge_power_limit",
            block=Block.CHARGE_POWER,
            kind=SettingKind.SHARE,
        ),
        Setting(
            key="battery_discharge_power_limit",
            block=Block.DISCHARGE_POWER,
            kind=SettingKind.SHARE,
        ),
        Setting(key="export_control", block=Block.EXPORT, kind=SettingKind.FLAG),
        Setting(key="export_limit", block=Block.EXPORT, kind=SettingKind.SHARE),
    )
}
"""Every setting by its key, which is that of the contract (mission section 3)."""


def keys_of(block: Block) -> frozenset[str]:
    """Return the keys of all settings in a block."""
    return frozenset(key for key, row in SETTINGS.items() if row.block is block)


def mode_of(values: SettingValues) -> BatteryMode | None:
    """Return the battery mode among settings, None when it is not known."""
    mode = values.get(BATTERY_MODE)
    return BatteryMode(str(mode)) if mode is not None else None


def acting(values: SettingValues) -> dict[str, SettingValue]:
    """Return the mode and the parameters it acts by; those of other modes only wait."""
    mode = mode_of(values)
    if mode is None:
        return {}
    keys = (BATTERY_MODE, *PARAMETERS.get(mode, ()))
    return {key: values[key] for key in keys if key in values}
