"""Holding registers: the settings, how they read and what a write does.

Source of every row: facts/modbus-registers.csv, area holding, and facts 4.6.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from custom_components.instagen.plant.states import BatteryMode
from custom_components.instagen.simulated import SimulatedPlant
from custom_components.instagen.simulated.settings import MODES, Setting, parse_setting

_MODE_REGISTER: Final = 4300
CLEAR_FAULT: Final = 3004


class _Place(NamedTuple):
    name: str
    per_unit: int = 1
    switch: bool = False


_PLACES: Final[Mapping[int, _Place]] = {
    258: _Place("export_control", switch=True),
    259: _Place("export_limit", 10),
    303: _Place("generator_port"),
    306: _Place("battery_charge_power_limit", 10),
    307: _Place("battery_discharge_power_limit", 10),
    308: _Place("battery_max_soc"),
    309: _Place("battery_min_soc"),
    310: _Place("low_soc_charge_power"),
    311: _Place("low_soc_charge_start", 10),
    323: _Place("backup_output"),
    324: _Place("pv_island", switch=True),
    3001: _Place("running", switch=True),
    3016: _Place("parallel_command"),
    4100: _Place("battery_type"),
    4101: _Place("battery_brand"),
    _MODE_REGISTER: _Place("battery_mode"),
    4301: _Place("self_consumption_reserve_soc"),
    4302: _Place("full_backup_reserve_soc"),
    4303: _Place("force_charge_target_soc"),
    4304: _Place("force_charge_power", 10),
    4305: _Place("force_discharge_target_soc"),
    4306: _Place("force_discharge_power", 10),
}
"""Register and setting; mode on the wire is the app's mode minus one (facts 4.6)."""

_UNNAMED: Final = (304, 305)
_ROLE, _MACHINES = 6048, 6049
_MASTER: Final = 1


class ReadOnlyError(Exception):
    """A write to a register that takes none."""


def holding_words(plant: SimulatedPlant) -> dict[int, int]:
    """Return every holding register that the plant serves, by address."""
    words = {address: _word(plant, place) for address, place in _PLACES.items()}
    words |= dict.fromkeys(_UNNAMED, 0)
    machines = plant.config.inverters
    words |= {_ROLE: _MASTER if machines > 1 else 0, _MACHINES: machines}
    capacity = plant.config.battery.capacity if plant.config.battery else 0
    return words | {4102: round(capacity * 10)}


def _word(plant: SimulatedPlant, place: _Place) -> int:
    value: Setting = getattr(plant.settings, place.name)
    if isinstance(value, BatteryMode):
        return MODES.index(value)
    return round(value * place.per_unit) & 0xFFFF


def write_words(plant: SimulatedPlant, address: int, words: Sequence[int]) -> None:
    """Write consecutive registers, all or none.

    Raises:
        ReadOnlyError: when a register takes no writes.
        ValueError: when a value is out of range.
    """
    if address == CLEAR_FAULT and list(words) == [1]:
        plant.clear_alarms()
        return
    changes: dict[str, Setting] = {}
    for register, word in enumerate(words, address):
        place = _PLACES.get(register)
        if place is None:
            raise ReadOnlyError(register)
        changes[place.name] = _setting(register, place, word)
    plant.write(changes)


def _setting(register: int, place: _Place, word: int) -> Setting:
    if register == _MODE_REGISTER:
        if word >= len(MODES):
            raise ValueError(f"{register}: no mode {word}")
        return MODES[word]
    if place.switch:
        if word > 1:
            raise ValueError(f"{register}: 0 or 1")
        return bool(word)
    number = word - 0x10000 if word & 0x8000 else word
    value = number / place.per_unit if place.per_unit > 1 else number
    return parse_setting(place.name, value)
