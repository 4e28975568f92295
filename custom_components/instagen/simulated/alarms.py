"""Fault words of the device (facts/local-protocol.md section 6)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from .errors import WrongValueError


class AlarmFamily(StrEnum):
    """The fault words, registers 30021 to 30029."""

    BATTERY = "battery"
    POWER_DSP = "power_dsp"
    SAFETY_DSP = "safety_dsp"
    ARM_COMMUNICATION = "arm_communication"
    ARM_PERIPHERAL = "arm_peripheral"
    ARM_SYSTEM = "arm_system"


def _numbered(names: str) -> Mapping[int, str]:
    return dict(enumerate(names.split()))


FAULT_BITS: Final[Mapping[AlarmFamily, Mapping[int, str]]] = {
    AlarmFamily.BATTERY: _numbered(
        "voltage_low voltage_high pack_voltage_low pack_voltage_high"
        " charge_temperature_low charge_temperature_high discharge_temperature_low"
        " discharge_temperature_high input_voltage_high"
    ),
    AlarmFamily.POWER_DSP: _numbered(
        "shutdown hardware_protection comparator spi_link arm_link measurement_offset"
        " cmpss_offset eeprom pv battery auxiliary_supply grid_relay dc_bus fan"
        " device_type version wiring pv_above_bus power_driver temperature eps_relay"
        " battery_energy_low eps_voltage eps_overload generator generator_overload"
        " meter_wiring can_timeout pre_synchronisation pll grid_voltage"
    ),
    AlarmFamily.SAFETY_DSP: _numbered(
        "grid_overvoltage grid_undervoltage ten_minute_mean grid_overfrequency"
        " grid_underfrequency frequency_change reconnection grid_lost neutral_missing"
        " phase_pe_short n_pe_short device_type version afci_self_test arc insulation"
        " rcd_self_test residual_current grid_relay auxiliary_supply spi arm_link"
        " offset flash off_grid_dc_component grid_dc_current interrupt_overflow mcu"
        " ambient_cold over_temperature comparator fan"
    ),
    AlarmFamily.ARM_COMMUNICATION: {5: "power_dsp_lost", 6: "safety_dsp_lost"},
    AlarmFamily.ARM_PERIPHERAL: {
        1: "pv_meter_lost",
        2: "grid_meter_lost",
        3: "bms_can_lost",
        4: "dtu_version_old",
        5: "dts_lost",
        6: "grid_meter_type",
        7: "pv_meter_type",
        8: "slave_battery_wiring",
        9: "dtu1_rs485_lost",
        10: "dtu2_rs485_lost",
        11: "dtu3_rs485_lost",
        12: "dtu4_rs485_lost",
        13: "dtu5_rs485_lost",
        14: "ev_charger1_lost",
        15: "ev_charger2_lost",
    },
    AlarmFamily.ARM_SYSTEM: _numbered(
        "ev_charger1 ev_charger2 load_negative battery_capacity_invalid"
    ),
}

_WIDE: Final = frozenset(
    {AlarmFamily.BATTERY, AlarmFamily.POWER_DSP, AlarmFamily.SAFETY_DSP}
)

STOPPING: Final[Mapping[AlarmFamily, frozenset[str]]] = {
    AlarmFamily.POWER_DSP: frozenset(
        {"shutdown", "hardware_protection", "dc_bus", "temperature"}
    ),
    AlarmFamily.SAFETY_DSP: frozenset({"insulation", "residual_current", "arc"}),
}
"""Faults that stop the simulated inverter; the others are only reported."""

EARTH_FAULTS: Final = frozenset({"insulation", "residual_current"})
"""What the manual calls the earth-fault alarm (manual 5.2.1)."""


def bit(family: AlarmFamily, name: str) -> int:
    """Return the bit number of a named fault.

    Raises:
        ValueError: when the family has no such fault.
    """
    for number, known in FAULT_BITS[family].items():
        if known == name:
            return number
    raise WrongValueError(f"alarms.{family}: no fault named {name!r}")


def names(family: AlarmFamily, word: int) -> list[str]:
    """Return the names of the faults set in a word; unnamed bits as ``bit_N``."""
    known = FAULT_BITS[family]
    set_bits = (n for n in range(32) if word >> n & 1)
    return [known.get(number, f"bit_{number}") for number in set_bits]


def parse_word(family: AlarmFamily, value: object) -> int:
    """Return a fault word from a number or from a list of names and bit numbers.

    Raises:
        ValueError: when it does not fit the word or names an unknown fault.
    """
    width = 32 if family in _WIDE else 16
    if isinstance(value, int) and not isinstance(value, bool):
        word = value
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        word = 0
        for item in value:
            word |= 1 << _number(family, item)
    else:
        raise WrongValueError(f"alarms.{family}: a number or a list of faults")
    if not 0 <= word < 1 << width:
        raise WrongValueError(f"alarms.{family}: does not fit in {width} bits")
    return word


def _number(family: AlarmFamily, item: object) -> int:
    if isinstance(item, str):
        return bit(family, item)
    if isinstance(item, int) and not isinstance(item, bool) and 0 <= item < 32:
        return item
    raise WrongValueError(
        f"alarms.{family}: {item!r} is neither a name nor a bit number"
    )
