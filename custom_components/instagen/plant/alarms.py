"""Every fault a plant can report: its words, its bits and what to do about it.

The bits are those of facts/local-protocol.md section 6; a set bit is an active
fault. Texts and remedies are translated elsewhere: here they are slugs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Family(StrEnum):
    """The fault word an alarm comes from, and the event type it is shown as."""

    BATTERY = "battery"
    POWER_STAGE = "power_stage"
    GRID_SAFETY = "grid_safety"
    INTERNAL_LINK = "internal_link"
    ATTACHED_DEVICE = "attached_device"
    SYSTEM = "system"


class Severity(StrEnum):
    """How soon somebody should look at it."""

    NOTICE = "notice"
    """Normal in passing; only worth a look if it stays."""

    WARNING = "warning"
    """The plant runs on, with less than it could do."""

    FAULT = "fault"
    """A part of the plant stands still."""

    DANGER = "danger"
    """People or the house may be at risk."""


class Remedy(StrEnum):
    """What the owner can do; the sentence is a translation."""

    WAIT = "wait"
    RESTART = "restart"
    CALL_INSTALLER = "call_installer"
    CHARGE_BATTERY = "charge_battery"
    CHECK_BATTERY = "check_battery"
    WARM_BATTERY = "warm_battery"
    COOL_BATTERY = "cool_battery"
    CHECK_PV = "check_pv"
    CHECK_GRID = "check_grid"
    CHECK_VENTILATION = "check_ventilation"
    REDUCE_BACKUP_LOAD = "reduce_backup_load"
    CHECK_GENERATOR = "check_generator"
    CHECK_METER = "check_meter"
    CHECK_STICK = "check_stick"
    CHECK_EV_CHARGER = "check_ev_charger"
    UPDATE_FIRMWARE = "update_firmware"
    EARTH_FAULT = "earth_fault"
    ARC = "arc"
    ASK_SUPPORT = "ask_support"


@dataclass(frozen=True, order=True)
class Alarm:
    """One fault that a plant reports."""

    family: Family
    bit: int
    code: str
    severity: Severity
    remedy: Remedy
    named: bool = True
    """False for a bit that no published list names."""


@dataclass(frozen=True, kw_only=True)
class FaultWords:
    """The fault words as read; 32 bits for the first three, 16 for the rest."""

    battery: int = 0
    power_stage: int = 0
    grid_safety: int = 0
    internal_link: int = 0
    attached_device: int = 0
    system: int = 0

    def __post_init__(self) -> None:
        """Refuse a word that its registers cannot hold."""
        for family, width in _WIDTHS.items():
            if not 0 <= self.of(family) < 1 << width:
                raise ValueError(family.value)

    def of(self, family: Family) -> int:
        """Return the word of one family."""
        word: int = getattr(self, family.value)
        return word


_WIDTHS: Final[Mapping[Family, int]] = {
    Family.BATTERY: 32,
    Family.POWER_STAGE: 32,
    Family.GRID_SAFETY: 32,
    Family.INTERNAL_LINK: 16,
    Family.ATTACHED_DEVICE: 16,
    Family.SYSTEM: 16,
}

type _Row = tuple[int, str, Severity, Remedy]

_BATTERY: Final[tuple[_Row, ...]] = (
    (0, "battery_voltage_low", Severity.WARNING, Remedy.CHARGE_BATTERY),
    (1, "battery_voltage_high", Severity.FAULT, Remedy.CHECK_BATTERY),
    (2, "battery_pack_voltage_low", Severity.WARNING, Remedy.CHARGE_BATTERY),
    (3, "battery_pack_voltage_high", Severity.WARNING, Remedy.WAIT),
    (4, "battery_charge_too_cold", Severity.WARNING, Remedy.WARM_BATTERY),
    (5, "battery_charge_too_hot", Severity.WARNING, Remedy.COOL_BATTERY),
    (6, "battery_discharge_too_cold", Severity.WARNING, Remedy.WARM_BATTERY),
    (7, "battery_discharge_too_hot", Severity.WARNING, Remedy.COOL_BATTERY),
    (8, "battery_input_voltage_high", Severity.FAULT, Remedy.CALL_INSTALLER),
)

_POWER_STAGE: Final[tuple[_Row, ...]] = (
    (0, "inverter_shut_down", Severity.FAULT, Remedy.RESTART),
    (1, "hardware_protection", Severity.FAULT, Remedy.RESTART),
    (2, "power_comparator", Severity.FAULT, Remedy.RESTART),
    (3, "power_spi_link", Severity.FAULT, Remedy.RESTART),
    (4, "power_arm_link", Severity.FAULT, Remedy.RESTART),
    (5, "measurement_offset", Severity.FAULT, Remedy.RESTART),
    (6, "comparator_offset", Severity.FAULT, Remedy.RESTART),
    (7, "memory_error", Severity.FAULT, Remedy.RESTART),
    (8, "pv_fault", Severity.FAULT, Remedy.CHECK_PV),
    (9, "battery_fault", Severity.FAULT, Remedy.CHECK_BATTERY),
    (10, "power_auxiliary_supply", Severity.FAULT, Remedy.CALL_INSTALLER),
    (11, "power_grid_relay", Severity.FAULT, Remedy.CALL_INSTALLER),
    (12, "dc_bus_fault", Severity.FAULT, Remedy.RESTART),
    (13, "power_fan", Severity.WARNING, Remedy.CHECK_VENTILATION),
    (14, "power_type_mismatch", Severity.FAULT, Remedy.CALL_INSTALLER),
    (15, "power_version_mismatch", Severity.FAULT, Remedy.UPDATE_FIRMWARE),
    (16, "wiring_fault", Severity.FAULT, Remedy.CALL_INSTALLER),
    (17, "pv_voltage_high", Severity.FAULT, Remedy.CALL_INSTALLER),
    (18, "power_driver", Severity.FAULT, Remedy.RESTART),
    (19, "inverter_temperature", Severity.WARNING, Remedy.CHECK_VENTILATION),
    (20, "backup_relay", Severity.FAULT, Remedy.CALL_INSTALLER),
    (21, "battery_energy_low", Severity.WARNING, Remedy.CHARGE_BATTERY),
    (22, "backup_voltage", Severity.FAULT, Remedy.REDUCE_BACKUP_LOAD),
    (23, "backup_overload", Severity.FAULT, Remedy.REDUCE_BACKUP_LOAD),
    (24, "generator_fault", Severity.FAULT, Remedy.CHECK_GENERATOR),
    (25, "generator_overload", Severity.FAULT, Remedy.CHECK_GENERATOR),
    (26, "meter_wiring", Severity.WARNING, Remedy.CHECK_METER),
    (27, "can_timeout", Severity.FAULT, Remedy.CHECK_BATTERY),
    (28, "pre_synchronisation", Severity.NOTICE, Remedy.WAIT),
    (29, "grid_phase_lock", Severity.NOTICE, Remedy.CHECK_GRID),
    (30, "grid_voltage", Severity.NOTICE, Remedy.CHECK_GRID),
)

_GRID_SAFETY: Final[tuple[_Row, ...]] = (
    (0, "grid_overvoltage", Severity.NOTICE, Remedy.CHECK_GRID),
    (1, "grid_undervoltage", Severity.NOTICE, Remedy.CHECK_GRID),
    (2, "grid_ten_minute_mean", Severity.NOTICE, Remedy.CHECK_GRID),
    (3, "grid_overfrequency", Severity.NOTICE, Remedy.CHECK_GRID),
    (4, "grid_underfrequency", Severity.NOTICE, Remedy.CHECK_GRID),
    (5, "grid_frequency_change", Severity.NOTICE, Remedy.CHECK_GRID),
    (6, "reconnection_failed", Severity.WARNING, Remedy.CHECK_GRID),
    (7, "grid_lost", Severity.WARNING, Remedy.CHECK_GRID),
    (8, "neutral_missing", Severity.DANGER, Remedy.CALL_INSTALLER),
    (9, "phase_earth_short", Severity.DANGER, Remedy.CALL_INSTALLER),
    (10, "neutral_earth_short", Severity.DANGER, Remedy.CALL_INSTALLER),
    (11, "safety_type_mismatch", Severity.FAULT, Remedy.CALL_INSTALLER),
    (12, "safety_version_mismatch", Severity.FAULT, Remedy.UPDATE_FIRMWARE),
    (13, "arc_self_test", Severity.FAULT, Remedy.RESTART),
    (14, "arc_detected", Severity.DANGER, Remedy.ARC),
    (15, "insulation_low", Severity.DANGER, Remedy.EARTH_FAULT),
    (16, "residual_current_self_test", Severity.FAULT, Remedy.RESTART),
    (17, "residual_current_high", Severity.DANGER, Remedy.EARTH_FAULT),
    (18, "safety_grid_relay", Severity.FAULT, Remedy.CALL_INSTALLER),
    (19, "safety_auxiliary_supply", Severity.FAULT, Remedy.CALL_INSTALLER),
    (20, "safety_spi_link", Severity.FAULT, Remedy.RESTART),
    (21, "safety_arm_link", Severity.FAULT, Remedy.RESTART),
    (22, "safety_offset", Severity.FAULT, Remedy.RESTART),
    (23, "safety_flash", Severity.FAULT, Remedy.RESTART),
    (24, "off_grid_dc_component", Severity.FAULT, Remedy.REDUCE_BACKUP_LOAD),
    (25, "grid_dc_current", Severity.FAULT, Remedy.RESTART),
    (26, "interrupt_overflow", Severity.FAULT, Remedy.RESTART),
    (27, "safety_controller", Severity.FAULT, Remedy.RESTART),
    (28, "ambient_too_cold", Severity.WARNING, Remedy.WAIT),
    (29, "safety_overtemperature", Severity.WARNING, Remedy.CHECK_VENTILATION),
    (30, "safety_comparator", Severity.FAULT, Remedy.RESTART),
    (31, "safety_fan", Severity.WARNING, Remedy.CHECK_VENTILATION),
)

_INTERNAL_LINK: Final[tuple[_Row, ...]] = (
    (5, "power_controller_lost", Severity.FAULT, Remedy.RESTART),
    (6, "safety_controller_lost", Severity.FAULT, Remedy.RESTART),
)

_ATTACHED_DEVICE: Final[tuple[_Row, ...]] = (
    (1, "pv_meter_lost", Severity.WARNING, Remedy.CHECK_METER),
    (2, "grid_meter_lost", Severity.WARNING, Remedy.CHECK_METER),
    (3, "battery_management_lost", Severity.FAULT, Remedy.CHECK_BATTERY),
    (4, "dtu_firmware_old", Severity.WARNING, Remedy.UPDATE_FIRMWARE),
    (5, "stick_lost", Severity.WARNING, Remedy.CHECK_STICK),
    (6, "grid_meter_type", Severity.WARNING, Remedy.CHECK_METER),
    (7, "pv_meter_type", Severity.WARNING, Remedy.CHECK_METER),
    (8, "slave_battery_wiring", Severity.FAULT, Remedy.CALL_INSTALLER),
    (9, "dtu_1_lost", Severity.WARNING, Remedy.CHECK_STICK),
    (10, "dtu_2_lost", Severity.WARNING, Remedy.CHECK_STICK),
    (11, "dtu_3_lost", Severity.WARNING, Remedy.CHECK_STICK),
    (12, "dtu_4_lost", Severity.WARNING, Remedy.CHECK_STICK),
    (13, "dtu_5_lost", Severity.WARNING, Remedy.CHECK_STICK),
    (14, "ev_charger_1_lost", Severity.WARNING, Remedy.CHECK_EV_CHARGER),
    (15, "ev_charger_2_lost", Severity.WARNING, Remedy.CHECK_EV_CHARGER),
)

_SYSTEM: Final[tuple[_Row, ...]] = (
    (0, "ev_charger_1_fault", Severity.WARNING, Remedy.CHECK_EV_CHARGER),
    (1, "ev_charger_2_fault", Severity.WARNING, Remedy.CHECK_EV_CHARGER),
    (2, "load_power_negative", Severity.WARNING, Remedy.CHECK_METER),
    (3, "battery_capacity_invalid", Severity.WARNING, Remedy.CALL_INSTALLER),
)

_TABLES: Final[Mapping[Family, tuple[_Row, ...]]] = {
    Family.BATTERY: _BATTERY,
    Family.POWER_STAGE: _POWER_STAGE,
    Family.GRID_SAFETY: _GRID_SAFETY,
    Family.INTERNAL_LINK: _INTERNAL_LINK,
    Family.ATTACHED_DEVICE: _ATTACHED_DEVICE,
    Family.SYSTEM: _SYSTEM,
}

ALARMS: Final[Mapping[str, Alarm]] = {
    code: Alarm(family, bit, code, severity, remedy)
    for family, rows in _TABLES.items()
    for bit, code, severity, remedy in rows
}
"""Every named alarm by its code."""

_BY_BIT: Final[Mapping[tuple[Family, int], Alarm]] = {
    (alarm.family, alarm.bit): alarm for alarm in ALARMS.values()
}

EARTH_FAULTS: Final = frozenset(
    {ALARMS["insulation_low"], ALARMS["residual_current_high"]}
)
"""What the manual calls the earth-fault alarm (5.2.1): safety bits 15 and 17."""


_RECENT: Final = 16
"""Fault words whose meaning is kept: the same ones are asked about each minute."""


def format_faults(words: FaultWords) -> str:
    """Return the words as the text that the reading ``faults`` carries."""
    return "-".join(
        f"{words.of(family):0{width // 4}X}" for family, width in _WIDTHS.items()
    )


@lru_cache(maxsize=_RECENT)
def parse_faults(text: str) -> FaultWords:
    """Return the words of a text made by `format_faults`; ValueError if it is not one."""
    parts = text.split("-")
    if [len(part) * 4 for part in parts] != list(_WIDTHS.values()):
        raise ValueError(text)
    names = (field.name for field in fields(FaultWords))
    return FaultWords(
        **{name: int(part, 16) for name, part in zip(names, parts, strict=True)}
    )


@lru_cache(maxsize=_RECENT)
def alarms_of(words: FaultWords) -> frozenset[Alarm]:
    """Return every alarm that the words report, the unnamed ones included."""
    return frozenset(
        _alarm(family, bit) for family in Family for bit in _bits(words.of(family))
    )


def alarm_by_code(code: str) -> Alarm | None:
    """Return the alarm behind a code, also one of an unnamed bit; None if it is none."""
    if code in ALARMS:
        return ALARMS[code]
    family, separator, bit = code.partition("_unknown_")
    if not separator or family not in Family or not bit.isdecimal():
        return None
    return _alarm(Family(family), int(bit))


def _bits(word: int) -> Iterator[int]:
    """Yield the number of each set bit."""
    return (bit for bit in range(word.bit_length()) if word >> bit & 1)


def _alarm(family: Family, bit: int) -> Alarm:
    """Return the alarm of a bit; one that nobody named keeps its number."""
    return _BY_BIT.get((family, bit)) or Alarm(
        family,
        bit,
        f"{family}_unknown_{bit}",
        Severity.WARNING,
        Remedy.ASK_SUPPORT,
        named=False,
    )
