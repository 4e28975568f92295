"""What can be changed about a plant, in plant terms.

Settings are changed in blocks: what stands in one block goes out in one write, complete,
because a device fills what is left out with its defaults (automation.md 4.0).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from .dry_contact import ContactFunction, GeneratorMode, LoadMode
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
    CONTACT = "contact"
    """The use of the dry contact and the parameters of all its uses."""


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
    CHOICE = "choice"
    """One of the setting's options."""

    WINDOW = "window"
    """Two times of the day such as 22:30-06:00, or that there is none."""

    WEEKDAYS = "weekdays"
    """Such as mon,tue,sun, or that there is none."""

    MINUTES = "minutes"
    CURRENT = "current"
    """A."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One row of the contract."""

    key: str
    block: Block
    kind: SettingKind
    options: tuple[str, ...] = ()


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


def _contact(
    kind: SettingKind, *keys: str, options: tuple[str, ...] = ()
) -> tuple[Setting, ...]:
    return tuple(
        Setting(key=key, block=Block.CONTACT, kind=kind, options=options)
        for key in keys
    )


_CONTACT: Final = (
    *_contact(
        SettingKind.CHOICE, "dry_contact_function", options=tuple(ContactFunction)
    ),
    *_contact(SettingKind.CHOICE, "load_mode", options=tuple(LoadMode)),
    *_contact(SettingKind.CHOICE, "generator_mode", options=tuple(GeneratorMode)),
    *_contact(SettingKind.FLAG, "load_contact", "generator", "generator_quiet_time"),
    *_contact(SettingKind.WEEKDAYS, "load_weekdays_1", "load_weekdays_2"),
    *_contact(SettingKind.WEEKDAYS, "surplus_weekdays_1", "surplus_weekdays_2"),
    *_contact(SettingKind.WINDOW, *(f"load_window_{one}" for one in range(1, 5))),
    *_contact(SettingKind.WINDOW, "surplus_window_1", "surplus_window_2"),
    *_contact(SettingKind.WINDOW, "generator_quiet_1", "generator_quiet_2"),
    *_contact(SettingKind.WINDOW, "generator_charge"),
    *_contact(SettingKind.POWER, "load_nominal_power"),
    *_contact(SettingKind.MINUTES, "load_min_run_time"),
    *_contact(SettingKind.SOC, "load_protection_soc"),
    *_contact(SettingKind.SOC, "generator_start_soc", "generator_stop_soc"),
    *_contact(SettingKind.CURRENT, "entrance_breaker_size", "ev_charger_size"),
    *_contact(SettingKind.TEXT, "generator_exercise"),
)
"""Manual 5.2, mission section 3. ``load_contact`` and ``generator`` are commands of the
load in manual mode and of the generator in manual mode."""

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
        *_CONTACT,
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
