"""The road for changes over Modbus (facts/local-protocol.md 4.6).

A block goes out as one FC16; FC06 is ignored without an answer. What is read here is
written back one day, so nothing is believed before two reads agree on it.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from modbus_connection import (
    AcknowledgeError,
    GatewayTargetError,
    IllegalDataAddressError,
    IllegalDataValueError,
    IllegalFunctionError,
    ModbusError,
    ModbusExceptionError,
    ModbusProtocolError,
    ModbusUnit,
    ServerDeviceFailureError,
)
from modbus_connection.model import RegisterField

from ...plant.evidence import Evidence
from ...plant.settings import (
    BATTERY_MODE,
    SETTINGS,
    Block,
    Range,
    SettingKind,
    SettingValue,
    SettingValues,
)
from ...plant.states import BatteryMode, LinkName
from .. import LinkStatistics, Verdict
from ..settings import Capability, SettingsError, Trouble
from .components import BatteryLimits, GridSettings, Parallel, WorkingMode
from .errors import GarbledAnswerError, verdict_of
from .fetch import check_shape, count, fetch
from .plan import Block as Registers, Source, block_at

PATIENCE: Final = 30.0
"""Seconds for a block, its repetitions and the line before it included."""

MODES: Final[Mapping[BatteryMode, Evidence]] = {
    BatteryMode.SELF_CONSUMPTION: Evidence.CONFIRMED,
    BatteryMode.ECONOMICAL: Evidence.DOCUMENTED,
    BatteryMode.FULL_BACKUP: Evidence.DOCUMENTED,
    BatteryMode.OFF_GRID: Evidence.DOCUMENTED,
    BatteryMode.FORCE_CHARGE: Evidence.CONFIRMED,
    BatteryMode.FORCE_DISCHARGE: Evidence.CONFIRMED,
    BatteryMode.PEAK_SHAVING: Evidence.DOCUMENTED,
    BatteryMode.TIME_OF_USE: Evidence.DOCUMENTED,
}
"""Modes by their number on the wire, with the proof of choosing them.

Economical, peak shaving and time of use have no registers for what they act by: the
device goes on with the schedule or the limits that it was given another way.
"""

_NUMBERED: Final = (*MODES, BatteryMode.AI)
"""A device can stand in the last one, though nobody knows how to choose it."""

_UNREAD: Final = 0xFFFF
"""What a crowded stick answers; in a signed register it is -1."""

_NO_SUCH_REGISTER: Final = (
    IllegalFunctionError,
    IllegalDataAddressError,
    IllegalDataValueError,
)
_PERHAPS_TAKEN: Final = (ServerDeviceFailureError, GatewayTargetError)
"""The device failed while it wrote, or behind a gateway did not answer in time."""

_SLAVE: Final = 2
_MOST_MACHINES: Final = 10
_TELLABLE: Final = Range(0, 100, 0.1)
"""Percent that a device can stand at; what it takes from us is narrower."""


@dataclass(frozen=True)
class _Place:
    """Where a setting is, and what is known about writing it."""

    key: str
    source: Source
    evidence: Evidence
    range: Range | None = None

    @classmethod
    def of(
        cls,
        key: str,
        field: RegisterField[float],
        evidence: Evidence = Evidence.CONFIRMED,
        range: Range | None = None,
    ) -> _Place:
        """Find the read that brings a setting."""
        return cls(key, Source.of(field), evidence, range)

    @property
    def address(self) -> int:
        """The register, as on the wire."""
        return self.source.register.address

    def raw(self, words: Sequence[int]) -> int:
        """Pick the setting's own word."""
        return words[self.source.offset]

    def value(self, words: list[int]) -> SettingValue | None:
        """Make the setting of its block's words; None is "no data".

        Raises ``ValueError`` for words that no device stands at.
        """
        number = self.source.decode(words)
        kind = SETTINGS[self.key].kind
        if number is None:
            return None
        if kind is SettingKind.MODE:
            if number >= len(_NUMBERED):
                raise ValueError("no such mode")
            return _NUMBERED[int(number)].value
        if kind is SettingKind.FLAG:
            if number > 1:
                raise ValueError("neither on nor off")
            return bool(number)
        tellable = self.range if self.range and self.range.low < 0 else _TELLABLE
        if not tellable.low <= number <= tellable.high:
            raise ValueError("no such percentage")
        return number if kind is SettingKind.SHARE else int(number)

    def word(self, value: SettingValue, before: int | None) -> int:
        """Return the word for a value; ``before`` is what the device holds.

        What is not changed goes back as it came, even where it lies outside the map.
        Raises ``ValueError`` for what the device would not take.
        """
        word = self._encode(value)
        if word != before and self.range and not self.range.holds(float(value)):
            raise ValueError(f"{self.key}: out of range")
        return word

    def _encode(self, value: SettingValue) -> int:
        kind = SETTINGS[self.key].kind
        if kind is SettingKind.MODE:
            mode = BatteryMode(str(value))
            if mode not in MODES:
                raise ValueError(f"{self.key}: not to be chosen")
            return _NUMBERED.index(mode)
        if kind is SettingKind.FLAG:
            if not isinstance(value, bool):
                raise ValueError(f"{self.key}: on or off")
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{self.key}: a number")
        scale = self.source.register.scale
        if not _is_near(value / scale, round(value / scale)):
            raise ValueError(f"{self.key}: not a step")
        try:
            return int(self.source.register.encode(value)[0])
        except OverflowError as err:
            raise ValueError(f"{self.key}: out of range") from err


def _is_near(one: float, other: float) -> bool:
    return abs(one - other) < 1e-6


_PLACES: Final = (
    _Place.of(BATTERY_MODE, WorkingMode.mode),
    _Place.of(
        "self_consumption_reserve_soc",
        WorkingMode.self_consumption_soc,
        range=Range(10, 100),
    ),
    _Place.of(
        "full_backup_reserve_soc",
        WorkingMode.full_backup_soc,
        Evidence.DOCUMENTED,
        Range(60, 100),
    ),
    _Place.of(
        "force_charge_target_soc", WorkingMode.force_charge_soc, range=Range(10, 100)
    ),
    _Place.of(
        "force_charge_power", WorkingMode.force_charge_power, range=Range(0, 100, 0.1)
    ),
    _Place.of(
        "force_discharge_target_soc",
        WorkingMode.force_discharge_soc,
        range=Range(0, 100),
    ),
    _Place.of(
        "force_discharge_power",
        WorkingMode.force_discharge_power,
        range=Range(0, 100, 0.1),
    ),
    _Place.of("battery_max_soc", BatteryLimits.max_soc, range=Range(10, 100)),
    _Place.of("battery_min_soc", BatteryLimits.min_soc, range=Range(10, 90)),
    _Place.of(
        "battery_charge_power_limit",
        BatteryLimits.charge_power,
        range=Range(10, 100, 0.1),
    ),
    _Place.of(
        "battery_discharge_power_limit",
        BatteryLimits.discharge_power,
        Evidence.DOCUMENTED,
        Range(10, 100, 0.1),
    ),
    _Place.of("export_control", GridSettings.export_control, Evidence.DOCUMENTED),
    _Place.of(
        "export_limit",
        GridSettings.export_limit,
        Evidence.DOCUMENTED,
        Range(-10, 200, 0.1),
    ),
)
"""Every setting that Modbus carries. Ranges are those of the map
(facts/modbus-registers.csv, holding), the evidence is that of writing
(facts/local-protocol.md sections 2 and 7)."""

_BLOCKS: Final[Mapping[Block, tuple[_Place, ...]]] = {
    block: tuple(place for place in _PLACES if SETTINGS[place.key].block is block)
    for block in Block
}
"""What is written together, by rising address and without a gap; nothing of the dry
contact, which no register holds."""

_FOR_SINGLE_MACHINES: Final = frozenset({Block.MODE, Block.CHARGE_POWER, Block.EXPORT})
"""What is not written where inverters work together (facts/local-protocol.md 4.6)."""

_PARALLEL: Final = block_at("holding", Parallel.role.address)
_ROLE: Final = Source.of(Parallel.role)
_MACHINES: Final = Source.of(Parallel.machines)


class ModbusSettings:
    """Reads and writes settings on the unit of a ``ModbusLink``.

    The link has set the unit's pauses and time-outs, and the connection lets one request
    through at a time, so polls and changes can stand in the same line.
    """

    name: Final = LinkName.MODBUS

    def __init__(
        self, unit: ModbusUnit, *, statistics: LinkStatistics | None = None
    ) -> None:
        """Take the link's unit and what counts its requests."""
        self._unit = unit
        self._statistics = statistics or LinkStatistics()
        self._told: dict[Registers, tuple[int, ...]] = {}
        self._words: dict[str, int] = {}
        """What each setting's register held when two reads agreed last."""

        self._barred: frozenset[Block] | None = None
        """What must not be written to this machine; None until it told its role."""

        self._asked_role = False
        self._limits: tuple[int, int] | None = None
        """Lower and upper SOC limit."""

    # ---- what it carries ----

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """The settings that this road carries, with ranges as the device tells them."""
        return {
            place.key: Capability(
                evidence=place.evidence, range=self._tightened(place.range, place.key)
            )
            for block, places in _BLOCKS.items()
            if self._may_write(block)
            for place in places
        }

    @property
    def modes(self) -> Mapping[BatteryMode, Evidence]:
        """The battery modes that this road can choose."""
        return MODES if self._may_write(Block.MODE) else {}

    def _may_write(self, block: Block) -> bool:
        return self._barred is None or block not in self._barred

    def _tightened(self, given: Range | None, key: str) -> Range | None:
        """Keep the parameters of the modes within the SOC limits, which hold in all."""
        setting = SETTINGS[key]
        if given is None or setting.kind is not SettingKind.SOC or not self._limits:
            return given
        if setting.block is not Block.MODE:
            return given
        low = max(given.low, self._limits[0])
        high = min(given.high, self._limits[1])
        return Range(low, high, given.step) if low <= high else given

    # ---- reading ----

    async def read(self, block: Block) -> SettingValues:
        """Read a block from the device, now. Raises ``SettingsError``."""
        if not (places := _BLOCKS[block]):
            raise SettingsError(Trouble.NOT_READABLE)
        async with _within(PATIENCE, Trouble.SILENT):
            await self._ask_role_once()
            words = await self._agreed(places[0].source.block)
        values = {place.key: place.value(words) for place in places}
        told = {key: value for key, value in values.items() if value is not None}
        if not told:
            raise SettingsError(Trouble.NOT_READABLE)
        return told

    def changed_elsewhere(self) -> None:
        """Forget nothing: each question goes to the device."""

    async def _agreed(self, registers: Registers) -> list[int]:
        """Read words until two reads agree, or one agrees with what was told before.

        Raises ``SettingsError``.
        """
        heard: list[tuple[int, ...]] = []
        if (told := self._told.get(registers)) is not None:
            heard.append(told)
        for _ in range(3):
            words = await self._fetch(registers)
            ours = _ours(registers, words)
            if ours in heard:
                self._remember(registers, ours, words)
                return words
            heard.append(ours)
        self._statistics.rejected += 1
        raise SettingsError(Trouble.GARBLED)

    async def _fetch(self, registers: Registers) -> list[int]:
        """Read words, with one more try when they are absurd or late."""
        try:
            try:
                return await self._fetch_once(registers)
            except ModbusError as err:
                if self._trouble_of(err) not in {Trouble.GARBLED, Trouble.SILENT}:
                    raise
                self._statistics.rereads += 1
                return await self._fetch_once(registers)
        except ModbusError as err:
            raise SettingsError(self._trouble_of(err), _code_of(err)) from err

    async def _fetch_once(self, registers: Registers) -> list[int]:
        return await fetch(self._unit, registers, self._statistics, _check)

    def _trouble_of(self, error: ModbusError) -> Trouble:
        if isinstance(error, ModbusExceptionError):
            return Trouble.REFUSED
        if isinstance(error, ModbusProtocolError):
            return Trouble.GARBLED
        verdict = verdict_of(error, connected=self._unit.connected)
        return Trouble.SILENT if verdict is Verdict.NO_ANSWER else Trouble.LOST

    def _remember(
        self, registers: Registers, ours: tuple[int, ...], words: list[int]
    ) -> None:
        self._told[registers] = ours
        for place in _PLACES:
            if place.source.block is registers:
                self._words[place.key] = place.raw(words)
                value = place.value(words)
                if place.key == "battery_min_soc" and isinstance(value, int):
                    self._limits = (value, (self._limits or (0, 100))[1])
                if place.key == "battery_max_soc" and isinstance(value, int):
                    self._limits = ((self._limits or (0, 100))[0], value)

    # ---- whether inverters work together ----

    async def _ask_role_once(self) -> None:
        """Learn the role with the first read; what stays silent about it costs no more.

        Raises ``SettingsError`` when the link is not there at all.
        """
        if self._barred is not None or self._asked_role:
            return
        self._asked_role = True
        try:
            await self._learn_role()
        except SettingsError as err:
            if err.trouble is Trouble.LOST:
                self._asked_role = False
                raise

    async def _learn_role(self) -> None:
        """Find out what must not be written here. Raises ``SettingsError``."""
        try:
            words = await self._agreed(_PARALLEL)
        except SettingsError as err:
            # A device that has no such register knows no other inverters.
            if not isinstance(err.__cause__, _NO_SUCH_REGISTER):
                raise
            self._barred = frozenset()
            return
        role, machines = _ROLE.decode(words), _MACHINES.decode(words)
        if role == _SLAVE:
            self._barred = frozenset(Block)
        elif role or (machines or 0) > 1:
            self._barred = _FOR_SINGLE_MACHINES
        else:
            self._barred = frozenset()

    # ---- writing ----

    async def write(self, block: Block, values: SettingValues) -> None:
        """Write a block as one message, once.

        Raises ``SettingsError``; ``ValueError`` when a value is missing or none that the
        device takes.
        """
        if not _BLOCKS[block]:
            raise ValueError(f"{block}: not carried")
        words = self._words_of(block, values)
        async with _within(PATIENCE, Trouble.LOST):
            await self._stand_ready(block)
        async with _within(PATIENCE, Trouble.SILENT):
            await self._send(_BLOCKS[block][0].address, words)

    def _words_of(self, block: Block, values: SettingValues) -> list[int]:
        words = []
        for place in _BLOCKS[block]:
            if place.key not in values:
                raise ValueError(f"{place.key}: missing")
            before = self._words.get(place.key)
            words.append(place.word(values[place.key], before))
        return words

    async def _stand_ready(self, block: Block) -> None:
        """Make sure that the link stands and the machine may be written to.

        Only a link that stood before a write can tell a write that never went out from
        one whose answer got lost. Raises ``SettingsError``: nothing has gone out.
        """
        if self._barred is None or not self._unit.connected:
            try:
                await self._learn_role()
            except SettingsError as err:
                raise SettingsError(Trouble.LOST) from err
        if not self._may_write(block):
            raise SettingsError(Trouble.REFUSED)

    async def _send(self, address: int, words: list[int]) -> None:
        """Send a write. Whatever does not say no may have been taken."""
        self._statistics.requests += 1
        try:
            await self._unit.write_registers(address, words)
        except AcknowledgeError:
            pass  # taken, and slow
        except ModbusError as err:
            count(self._statistics, err)
            raise SettingsError(_trouble_of_write(err), _code_of(err)) from err
        self._statistics.answers += 1


@asynccontextmanager
async def _within(seconds: float, trouble: Trouble) -> AsyncGenerator[None]:
    """Give up after some seconds, wherever the wait is."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as err:
        raise SettingsError(trouble) from err


def _check(registers: Registers, words: list[int]) -> None:
    """Raise ``GarbledAnswerError`` for words that no device stands at."""
    check_shape(registers, words)
    if registers is _PARALLEL:
        role, machines = _ROLE.decode(words), _MACHINES.decode(words)
        if (role or 0) > _SLAVE or (machines or 0) > _MOST_MACHINES:
            raise GarbledAnswerError("no such role")
    for place in _PLACES:
        if place.source.block is not registers:
            continue
        if place.raw(words) == _UNREAD and not place.source.register.signed:
            raise GarbledAnswerError("no data")
        try:
            place.value(words)
        except ValueError as err:
            raise GarbledAnswerError("no such setting") from err


def _ours(registers: Registers, words: list[int]) -> tuple[int, ...]:
    """Pick the words that are understood: those between them may count something."""
    if registers is _PARALLEL:
        return tuple(words)
    return tuple(
        place.raw(words) for place in _PLACES if place.source.block is registers
    )


def _trouble_of_write(error: ModbusError) -> Trouble:
    """Say what a failed write leaves; in doubt it may have been taken."""
    if isinstance(error, ModbusExceptionError):
        doubtful = isinstance(error, _PERHAPS_TAKEN)
        return Trouble.SILENT if doubtful else Trouble.REFUSED
    closed = verdict_of(error, connected=True) is Verdict.PORT_CLOSED
    return Trouble.LOST if closed else Trouble.SILENT


def _code_of(error: ModbusError) -> int | None:
    code = error.exception_code if isinstance(error, ModbusExceptionError) else None
    return None if code is None else int(code)
