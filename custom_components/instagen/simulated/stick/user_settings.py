"""Working mode and user settings: write 0xC308, read 0xC307 (facts section 6).

A write chooses a mode and carries all its parameters: each that is left out falls back to
its default. Parameters of the other modes stay. A write without ``relay`` leaves the dry
contact alone, and one without a mode only sets the dry contact: both are assumptions.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from ...dts_messages import instagen_dts_pb2 as pb
from ...plant.states import BatteryMode
from ..programs import Programs
from ..settings import RANGES, Setting, WriteFault, factory_settings, parse_setting
from .dates import dates_of, entries_of, tariff_of, use_of
from .numbering import MODE, WriteError
from .relays import message_of, relay_of

if TYPE_CHECKING:
    from .stick import SimulatedStick

_TENTHS: Final = 10


class Block(NamedTuple):
    """The settings that hold a mode's parameters."""

    reserve: str
    power: str | None = None


BLOCKS: Final[Mapping[BatteryMode, Block]] = {
    BatteryMode.SELF_CONSUMPTION: Block("self_consumption_reserve_soc"),
    BatteryMode.ECONOMICAL: Block("economical_reserve_soc"),
    BatteryMode.FULL_BACKUP: Block("full_backup_reserve_soc"),
    BatteryMode.OFF_GRID: Block("off_grid_reserve_soc"),
    BatteryMode.FORCE_CHARGE: Block("force_charge_target_soc", "force_charge_power"),
    BatteryMode.FORCE_DISCHARGE: Block(
        "force_discharge_target_soc", "force_discharge_power"
    ),
    BatteryMode.PEAK_SHAVING: Block("peak_shaving_reserve_soc"),
    BatteryMode.TIME_OF_USE: Block("time_of_use_reserve_soc"),
}
"""Modes that the device takes; 9 (AI) is not public and refused."""


class UserSettings:
    """Turns messages into settings of the plant and back."""

    def __init__(self, stick: SimulatedStick) -> None:
        self._stick = stick
        self.writes = 0

    def write(self, request: pb.WorkingMode) -> pb.WorkingModeAnswer:
        """Take a mode and its parameters, or refuse all of them."""
        serials = list(request.serials)
        return pb.WorkingModeAnswer(
            time=self._stick.time,
            transaction=request.transaction,
            serial=serials[0] if serials else 0,
            error=self._write(request, serials),
        )

    def _write(self, request: pb.WorkingMode, serials: list[int]) -> int:
        trouble = self._stick.plant.write_trouble
        if trouble and trouble.fault is WriteFault.REFUSED:
            return trouble.code
        known = [serial for serial in serials if self._stick.inverter(serial)]
        if not serials or known != serials:
            return WriteError.UNKNOWN_DEVICE
        try:
            changes = self._changes(request) if request.mode else {}
            programs = self._programs(request)
        except ValueError:
            return WriteError.OUT_OF_RANGE
        self.writes += 1
        self._stick.plant.write(changes, programs)
        return WriteError.NONE

    def _changes(self, request: pb.WorkingMode) -> dict[str, Setting]:
        """Return the settings to store.

        Raises:
            ValueError: when the mode or a parameter is out of range.
        """
        mode = _mode(request.mode)
        block = BLOCKS[mode]
        wanted: dict[str, float] = {block.reserve: request.reserve_soc}
        if block.power:
            wanted[block.power] = request.max_power / _TENTHS
        if mode is BatteryMode.PEAK_SHAVING:
            wanted["peak_shaving_soc"] = request.peak_soc
            wanted["peak_shaving_power"] = request.peak_meter_power
        changes: dict[str, Setting] = {
            name: parse_setting(name, self._or_default(name, value))
            for name, value in wanted.items()
        }
        return {"battery_mode": mode, **changes}

    def _or_default(self, name: str, value: float) -> object:
        """Return a value, or the default where 0 can only mean that it was left out."""
        if value or RANGES[name].low <= 0:
            return value
        return getattr(factory_settings(self._stick.plant.config), name)

    def _programs(self, request: pb.WorkingMode) -> Programs | None:
        """Return the programs to store, None when the write touches none.

        Raises:
            ValueError: when a date, time or number in them is none.
        """
        before = programs = self._stick.plant.programs
        if request.mode == MODE[BatteryMode.ECONOMICAL]:
            programs = replace(programs, tariff=tariff_of(request.dates))
        if request.mode == MODE[BatteryMode.TIME_OF_USE]:
            programs = replace(programs, times_of_use=use_of(request.times_of_use))
        if request.relays:
            programs = replace(programs, relay=relay_of(request.relays[0]))
        return programs if programs is not before else None

    def read(self, request: pb.WorkingModeRequest) -> pb.WorkingMode:
        """Tell the mode, its parameters and the dry contact."""
        plant = self._stick.plant
        settings, programs = plant.settings, plant.programs
        mode = settings.battery_mode
        block = BLOCKS[mode]
        answer = pb.WorkingMode(
            time=self._stick.time,
            transaction=request.transaction,
            serials=[request.serial],
            mode=MODE[mode],
            reserve_soc=getattr(settings, block.reserve),
            relays=[message_of(programs.relay)],
        )
        if block.power:
            answer.max_power = round(getattr(settings, block.power) * _TENTHS)
        match mode:
            case BatteryMode.ECONOMICAL:
                answer.dates.extend(dates_of(programs.tariff))
            case BatteryMode.PEAK_SHAVING:
                answer.peak_soc = settings.peak_shaving_soc
                answer.peak_meter_power = settings.peak_shaving_power
            case BatteryMode.TIME_OF_USE:
                answer.times_of_use.extend(entries_of(programs.times_of_use))
        return answer


def _mode(number: int) -> BatteryMode:
    for mode in BLOCKS:
        if MODE[mode] == number:
            return mode
    raise ValueError("no such mode")
