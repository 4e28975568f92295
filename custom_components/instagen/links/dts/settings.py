"""The road for changes over the stick's own protocol (facts/protobuf-10081.md section 6).

One message chooses a mode and carries what it acts by; what it leaves out falls back to
the device's defaults, so it goes out complete or not at all. The parameters of the other
modes stay as they are. The dry contact is never part of it: it has a road of its own.
"""

from collections.abc import Mapping
from typing import Final

from ...dts_messages import instagen_dts_pb2 as pb
from ...plant.evidence import Evidence
from ...plant.settings import (
    BATTERY_MODE,
    PARAMETERS,
    Block,
    Range,
    SettingValue,
    SettingValues,
    mode_of,
)
from ...plant.states import BatteryMode, LinkName
from ..settings import Capability, SettingsError, Trouble
from .errors import WrongAnswerError
from .schedules import dates_of, periods_of, periods_text, tariff_text
from .user_settings import UserSettings

MODES: Final[Mapping[BatteryMode, Evidence]] = dict.fromkeys(
    (mode for mode in BatteryMode if mode is not BatteryMode.AI), Evidence.DOCUMENTED
)
"""Modes in the order of their numbers. Owners tested the way there, and nobody listed
the result mode by mode. What the last one is written with is not public."""

_NUMBERS: Final = {mode: number for number, mode in enumerate(BatteryMode, 1)}
_NAMED: Final = {number: mode for mode, number in _NUMBERS.items()}

_TENTHS: Final = 10
_LARGEST_POWER: Final = 100_000
"""W at the meter; nobody published a limit, a house has less."""

_SOC: Final = Range(0, 100)

_RANGES: Final[Mapping[str, Range]] = {
    "self_consumption_reserve_soc": Range(10, 100),
    "economical_reserve_soc": Range(10, 100),
    "full_backup_reserve_soc": Range(60, 100),
    "off_grid_reserve_soc": _SOC,
    "force_charge_target_soc": Range(10, 100),
    "force_charge_power": Range(0, 100, 0.1),
    "force_discharge_target_soc": _SOC,
    "force_discharge_power": Range(0, 100, 0.1),
    "peak_shaving_reserve_soc": Range(10, 100),
    "peak_shaving_soc": _SOC,
    "peak_shaving_power": Range(0, _LARGEST_POWER),
    "time_of_use_reserve_soc": Range(10, 100),
}
"""The message takes more; these are the narrower ranges of the Modbus map, which the
same settings have there."""

_CARRIED: Final[Mapping[str, Range]] = {
    key: Range(0, limits.high, limits.step) for key, limits in _RANGES.items()
}
"""What the message itself holds. An app may have set less than the map allows, and what
stood before must be put back as it was."""

_TEXTS: Final = ("tariff", "time_of_use_periods")

_CAPABILITIES: Final[Mapping[str, Capability]] = {
    key: Capability(evidence=Evidence.DOCUMENTED, range=_RANGES.get(key))
    for key in (BATTERY_MODE, *_RANGES, *_TEXTS)
}


class DtsSettings:
    """Reads and writes the battery mode of a plant."""

    name: Final = LinkName.DTS

    def __init__(self, messages: UserSettings) -> None:
        """Take the messages that carry the settings."""
        self._messages = messages

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """The settings that this road carries."""
        return _CAPABILITIES

    @property
    def modes(self) -> Mapping[BatteryMode, Evidence]:
        """The battery modes that this road can choose."""
        return MODES

    async def read(self, block: Block) -> SettingValues:
        """Ask the master for its mode and what that acts by.

        Not every stick has an answer. Raises ``SettingsError``.
        """
        if block is not Block.MODE:
            raise SettingsError(Trouble.NOT_READABLE)
        answer = await self._messages.read()
        try:
            return _values_of(answer)
        except WrongAnswerError as err:
            raise SettingsError(Trouble.GARBLED) from err

    def changed_elsewhere(self) -> None:
        """Forget nothing: each question goes to the device."""

    async def write(self, block: Block, values: SettingValues) -> None:
        """Choose a mode for all inverters with one message, sent once.

        Raises ``SettingsError``; ``ValueError`` when the mode or something that it acts
        by is missing, or none that the device takes.
        """
        if block is not Block.MODE:
            raise ValueError(f"{block}: not carried")
        await self._messages.write(_request_of(values))


# ---- the message ----


def _request_of(values: SettingValues) -> pb.WorkingMode:
    """Put a mode and what it acts by into a message. Raises ``ValueError``."""
    mode = mode_of(values)
    if mode is None or mode not in MODES:
        raise ValueError("battery_mode: missing, or not to be chosen")
    request = pb.WorkingMode(mode=_NUMBERS[mode])
    for key in PARAMETERS[mode]:
        if key not in values:
            raise ValueError(f"{key}: missing")
        _put(request, key, values[key])
    return request


def _put(request: pb.WorkingMode, key: str, value: SettingValue) -> None:
    match key:
        case "tariff":
            request.dates.extend(dates_of(str(value)))
        case "time_of_use_periods":
            request.times_of_use.extend(periods_of(str(value)))
        case "peak_shaving_soc":
            request.peak_soc = _whole(key, value)
        case "peak_shaving_power":
            request.peak_meter_power = _whole(key, value)
        case "force_charge_power" | "force_discharge_power":
            request.max_power = _whole(key, value, _TENTHS)
        case _:
            request.reserve_soc = _whole(key, value)


def _whole(key: str, value: SettingValue, steps: int = 1) -> int:
    """Return a number in steps of the wire. Raises ``ValueError``."""
    if isinstance(value, bool | str) or not _CARRIED[key].holds(value):
        raise ValueError(f"{key}: out of range")
    return round(value * steps)


def check_whole(answer: pb.WorkingMode) -> None:
    """Raise ``ValueError`` unless a mode was told with all that it acts by.

    Only then can a message be sent back without something falling to a default.
    """
    try:
        _request_of(_values_of(answer))
    except WrongAnswerError as err:
        raise ValueError("battery_mode: not known") from err


def _values_of(answer: pb.WorkingMode) -> dict[str, SettingValue]:
    """Take over what a stick told about a mode. Raises ``WrongAnswerError``."""
    mode = _NAMED.get(answer.mode)
    if mode is None:
        raise WrongAnswerError("no such mode")
    values: dict[str, SettingValue] = {BATTERY_MODE: mode.value}
    for key in PARAMETERS.get(mode, ()):
        value = _take(answer, key)
        if isinstance(value, str):
            if value:
                values[key] = value
        else:
            # A field left out is 0 (section 5).
            values[key] = value
            _check(key, value)
    return values


def _take(answer: pb.WorkingMode, key: str) -> SettingValue:
    match key:
        case "tariff":
            return tariff_text(answer.dates)
        case "time_of_use_periods":
            return periods_text(answer.times_of_use)
        case "peak_shaving_soc":
            return answer.peak_soc
        case "peak_shaving_power":
            return answer.peak_meter_power
        case "force_charge_power" | "force_discharge_power":
            return answer.max_power / _TENTHS
    return answer.reserve_soc


def _check(key: str, value: float) -> None:
    """Raise ``WrongAnswerError`` for what no device stands at."""
    if value > _RANGES[key].high:
        raise WrongAnswerError("no such setting")
