"""Battery mode and dry contact over the cloud (facts/cloud-api.md 5.8 and 5.9).

The device replaces a mode's parameters as a whole, so a change is: read, merge, write
once, and read back until it shows, for the cloud's "done" is no proof (facts 7.5).
"""

import asyncio
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from ...plant.settings import BATTERY_MODE, PARAMETERS, SettingValues
from ...plant.states import BatteryMode
from .errors import CloudError, Trouble
from .plant import CloudPlant
from .tariff import dates_in, text_of
from .values import mapping, number, tidy, whole

_BATTERY: Final = 1013
_CONTACT: Final = 1014
_OLDER_CONTACT: Final = 1024
"""Asked where the other is not supported."""

_LOOKS: Final = 3
_LOOK_SECONDS: Final = 5.0
"""A plant reports its new mode some seconds late (facts/cloud-api.md 7.5)."""

_MODES: Final = tuple(BatteryMode)
"""In the order of their numbers, which begin with 1."""

_FIELDS: Final[Mapping[str, str]] = {
    "reserve_soc": "reserve_soc",
    "target_soc": "reserve_soc",
    "power": "max_power",
}
"""The cloud's names by the end of ours."""

_OWN_FIELDS: Final[Mapping[str, str]] = {
    "peak_shaving_soc": "max_soc",
    "peak_shaving_power": "meter_power",
    "tariff": "date",
    "time_of_use_periods": "time",
}
_TARIFF: Final = "tariff"
_UNTOLD: Final = frozenset({"time_of_use_periods"})
"""Stays as the plant has it."""

_BARE: Final = frozenset({BatteryMode.OFF_GRID, BatteryMode.AI})
"""Modes that are written without parameters (facts/cloud-api.md 5.8)."""

_FULL: Final = 100
"""Percent; a larger number is in hundredths of one (facts/cloud-api.md 5.8)."""


@dataclass(frozen=True, kw_only=True)
class BatterySettings:
    """The battery mode and the parameters of every mode the plant offers."""

    values: SettingValues
    """By the keys of the contract, without the periods of the time-of-use mode."""

    modes: frozenset[BatteryMode]
    """Modes the plant offers."""


@dataclass(frozen=True, kw_only=True)
class BatteryChange:
    """What is to be changed: a mode and those of its parameters that get a value."""

    mode: BatteryMode
    values: SettingValues = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ContactState:
    """The dry contact as the cloud keeps it."""

    active: bool | None
    """Whether one of its functions is on; None when the cloud does not tell."""

    functions: Mapping[str, Mapping[str, Any]]
    """``k_1`` earth fault, ``k_2`` load, ``k_3`` generator: inferred, names inside not
    published."""


class CloudSettings:
    """Reads and changes the settings of one plant, one change at a time."""

    def __init__(self, plant: CloudPlant) -> None:
        """Take the plant; nothing is asked yet."""
        self.plant = plant
        self._lock = asyncio.Lock()

    # ---- battery mode ----

    async def read_battery(self) -> BatterySettings:
        """Read mode and parameters from the device, which takes some seconds."""
        return _settings_of(await self._read(_BATTERY))

    async def write_battery(self, change: BatteryChange) -> BatterySettings:
        """Change mode or parameters and return what the device shows afterwards.

        Raises ``CloudError``: ``NOT_SUPPORTED`` for a mode that the plant does not
        offer, ``NOT_APPLIED`` when reading back shows that nothing happened; and
        ``ValueError`` for a tariff that the cloud has no form for. What is not named
        keeps the value that was read just before, and a table that is there already stays
        as it is to the last bit.
        """
        async with self._lock:
            told = await self._read(_BATTERY)
            wanted = _merged(told, change)
            if _shows(told, wanted) and _tables(told, wanted) == _tables(wanted):
                return _settings_of(told)
            await self._write(_BATTERY, wanted)
            return _settings_of(await self._verified(_BATTERY, wanted, told))

    # ---- dry contact ----

    async def read_contact(self) -> ContactState:
        """Read what the dry contact is set to."""
        _, told = await self._read_contact()
        return _contact_of(told)

    async def switch_contact(self, *, on: bool) -> ContactState:
        """Switch the contact's function on or off, and leave all else as it is stored.

        That is the outer mode, the only part whose writing anybody has published.
        """
        async with self._lock:
            action, told = await self._read_contact()
            wanted = {**told, "mode": int(on)}
            if whole(told.get("mode")) == int(on):
                return _contact_of(told)
            await self._write(action, wanted)
            return _contact_of(await self._verified(action, {"mode": int(on)}, told))

    async def _read_contact(self) -> tuple[int, Mapping[str, Any]]:
        try:
            return _CONTACT, await self._read(_CONTACT)
        except CloudError as err:
            if err.trouble is not Trouble.NOT_SUPPORTED:
                raise
        return _OLDER_CONTACT, await self._read(_OLDER_CONTACT)

    # ---- jobs ----

    async def _read(self, action: int) -> Mapping[str, Any]:
        told = await self.plant.client.run(
            "read_setting", {"action": action, "data": {"sid": self.plant.sid}}
        )
        if not isinstance(told, dict) or "mode" not in told:
            raise CloudError(Trouble.GARBLED)
        return told

    async def _write(self, action: int, data: Mapping[str, Any]) -> None:
        await self.plant.client.run(
            "write_setting",
            {"action": action, "data": {"sid": self.plant.sid, "data": data}},
        )

    async def _verified(
        self, action: int, wanted: Mapping[str, Any], before: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Read back until the change shows.

        The cloud may sort a table anew, so one that is not as it was counts in the end.
        """
        told = before
        for look in range(_LOOKS):
            if look:
                await self.plant.client.transport.sleep(_LOOK_SECONDS)
            told = await self._read(action)
            if _shows(told, wanted) and _tables(told, wanted) == _tables(wanted):
                return told
        if _shows(told, wanted) and _tables(told, wanted) != _tables(before, wanted):
            return told
        raise CloudError(Trouble.NOT_APPLIED)


# ---- between the cloud's words and ours ----


def _field_of(key: str) -> str:
    """Return the cloud's name of one of our parameters."""
    if key in _OWN_FIELDS:
        return _OWN_FIELDS[key]
    return next(theirs for ours, theirs in _FIELDS.items() if key.endswith(ours))


def _number_of(mode: BatteryMode) -> int:
    return _MODES.index(mode) + 1


def _mode_at(number_of: int | None) -> BatteryMode | None:
    known = number_of is not None and 0 < number_of <= len(_MODES)
    return _MODES[number_of - 1] if known and number_of is not None else None


def _block(told: Mapping[str, Any], mode: BatteryMode) -> Mapping[str, Any] | None:
    """Return the parameters of a mode; None when the plant does not offer it."""
    found = mapping(told.get("data")).get(f"k_{_number_of(mode)}")
    # A mode without parameters is told as an empty list by some servers.
    return mapping(found) if found is not None else None


def _settings_of(told: Mapping[str, Any]) -> BatterySettings:
    values: dict[str, Any] = {}
    if (mode := _mode_at(whole(told.get("mode")))) is not None:
        values[BATTERY_MODE] = mode.value
    offered = {one for one in _MODES if _block(told, one) is not None}
    for one in offered:
        block = _block(told, one) or {}
        for key in PARAMETERS.get(one, ()):
            value = _value(key, block.get(_field_of(key)))
            if value is not None and key not in _UNTOLD:
                values[key] = value
    return BatterySettings(
        values=values, modes=frozenset(offered | ({mode} if mode else set()))
    )


def _value(key: str, told: object) -> int | float | str | None:
    """Read a parameter: percent, W for peak shaving, or the text of a table."""
    if key == _TARIFF:
        return text_of(told)
    value = number(told)
    if value is None:
        return None
    if value > _FULL and key != "peak_shaving_power":
        value /= _FULL
    return tidy(value)


def _merged(told: Mapping[str, Any], change: BatteryChange) -> dict[str, Any]:
    """Return what to write: the mode with all its parameters, changed where asked."""
    mode = change.mode
    bare = mode in _BARE
    if unknown := change.values.keys() - (() if bare else _own_keys(mode)):
        raise ValueError(f"{', '.join(sorted(unknown))} is of another mode")
    block = _block(told, mode)
    if block is None and mode is not BatteryMode.AI:
        raise CloudError(Trouble.NOT_SUPPORTED)
    if bare:
        return {"mode": _number_of(mode)}
    data = deepcopy(dict(block or {}))
    for key, value in change.values.items():
        name = _field_of(key)
        if key == _TARIFF:
            data[name] = _dates(str(value), data.get(name))
        else:
            data[name] = _as_stored(key, value, data.get(name))
    return {"mode": _number_of(mode), "data": data}


def _own_keys(mode: BatteryMode) -> frozenset[str]:
    return frozenset(PARAMETERS[mode]) - _UNTOLD


def _dates(text: str, before: object) -> object:
    """Return the date periods to write: those that are there, if the text says them."""
    return before if text == text_of(before) else dates_in(text)


def _as_stored(key: str, value: object, before: object) -> object:
    """Write a number in the scale in which the one before it was told."""
    old = number(before)
    if key == "peak_shaving_power":
        return str(value) if isinstance(before, str) else value
    if old is not None and old > _FULL and isinstance(value, int | float):
        return round(value * _FULL)
    return value


def _shows(told: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Return whether what was read holds the mode and the numbers that were written."""
    mode = whole(told.get("mode"))
    if mode != wanted["mode"]:
        return False
    block = mapping(mapping(told.get("data")).get(f"k_{mode}"))
    return all(
        number(block.get(name)) == number(value)
        for name, value in mapping(wanted.get("data")).items()
        if number(value) is not None
    )


def _tables(
    told: Mapping[str, Any], wanted: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what was written as no number, or what was read in its places.

    A tariff by what it says: the cloud sorts its date periods anew.
    """
    written = mapping((wanted or told).get("data"))
    place = written
    if wanted is not None:
        place = mapping(mapping(told.get("data")).get(f"k_{wanted['mode']}"))
    tables = {
        name: place.get(name)
        for name, value in written.items()
        if number(value) is None
    }
    if said := text_of(tables.get(_OWN_FIELDS[_TARIFF])):
        tables[_OWN_FIELDS[_TARIFF]] = said
    return tables


def _contact_of(told: Mapping[str, Any]) -> ContactState:
    mode = whole(told.get("mode"))
    return ContactState(
        active=None if mode is None else mode != 0,
        functions={
            name: deepcopy(dict(part))
            for name, part in mapping(told.get("data")).items()
            if isinstance(part, dict)
        },
    )
