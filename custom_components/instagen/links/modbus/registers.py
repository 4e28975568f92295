"""Typed registers with the proof behind them and the words that mean nothing."""

from typing import Any, override

from modbus_connection.model import (
    Component,
    NumberField,
    RegisterField,
    RegisterSpace,
)

from ...plant.evidence import Evidence

NO_DATA = 0x2490
"""Word of a value that is not there (facts/local-protocol.md 4.4)."""

_NO_DATA_PAIR = 0x24902490
_ALL_ONES = {1: 0xFFFF, 2: 0xFFFFFFFF}
_NO_SENSOR = 0x7FFF


class ModbusRegister(NumberField[float]):
    """A number of the map, with its evidence grade.

    Addresses are 0-based as on the wire, 32-bit values high word first unless said
    otherwise (facts/local-protocol.md 4.1). ``decode`` returns None for "no data".
    """

    def __init__(
        self,
        address: int,
        *,
        evidence: Evidence,
        words: int = 1,
        ambiguous: bool = False,
        **kwargs: Any,
    ) -> None:
        """Describe a register; ``ambiguous`` ones may really hold 0x2490."""
        super().__init__(address, count=words, **kwargs)
        self._steps = round(1 / self.scale)
        self._sign_bit = 1 << (16 * words - 1)
        self.evidence = evidence
        self.ambiguous = ambiguous
        self.space: RegisterSpace = "holding"

    @override
    def __set_name__(self, owner: type[Component], name: str) -> None:
        """Take the register space over from the sub-system."""
        super().__set_name__(owner, name)
        self.space = owner.register_space

    @override
    def decode(
        self, words: list[int], scale_exponent: int | None = None
    ) -> float | None:
        """Return the value; a plain number needs a fifth of the general way's time."""
        raw = words[0]
        if self.count == 2:
            low_first = self.word_order == "little"
            raw = words[1] << 16 | raw if low_first else raw << 16 | words[1]
        if self.nan is not None and raw in self.nan:
            return None
        if self.signed and raw & self._sign_bit:
            raw -= self._sign_bit << 1
        return raw if self._steps == 1 else raw / self._steps


def unsigned(
    address: int,
    unit: str | None = None,
    *,
    words: int = 1,
    scale: float = 1.0,
    evidence: Evidence = Evidence.CONFIRMED,
) -> ModbusRegister:
    """Describe an unsigned number.

    A single word in W may really be 9360 (0x2490), so it counts as missing only
    beside another such word.
    """
    ambiguous = unit == "W" and words == 1
    missing = {_ALL_ONES[words]}
    if not ambiguous:
        missing.add(NO_DATA if words == 1 else _NO_DATA_PAIR)
    return ModbusRegister(
        address,
        evidence=evidence,
        words=words,
        ambiguous=ambiguous,
        signed=False,
        scale=scale,
        unit=unit,
        nan=missing,
    )


def signed(
    address: int,
    unit: str | None = None,
    *,
    words: int = 1,
    scale: float = 1.0,
    low_word_first: bool = False,
    evidence: Evidence = Evidence.CONFIRMED,
) -> ModbusRegister:
    """Describe a signed number. All ones is -1 here; a garbled block is told as a whole."""
    temperature = unit == "°C"
    missing: set[int] = set()
    if words == 2:
        missing.add(_NO_DATA_PAIR)
    if temperature:
        missing |= {_NO_SENSOR, NO_DATA}
    return ModbusRegister(
        address,
        evidence=evidence,
        words=words,
        ambiguous=words == 1 and not temperature,
        signed=True,
        scale=scale,
        unit=unit,
        nan=missing or None,
        word_order="little" if low_word_first else "big",
    )


def bits(
    address: int, *, words: int = 1, evidence: Evidence = Evidence.CONFIRMED
) -> ModbusRegister:
    """Describe a word of fault bits; a set bit is active on real firmware."""
    missing = {NO_DATA} if words == 1 else {_NO_DATA_PAIR}
    return ModbusRegister(
        address, evidence=evidence, words=words, signed=False, nan=missing
    )


def code(address: int, *, evidence: Evidence = Evidence.CONFIRMED) -> ModbusRegister:
    """Describe a word that stands for a state; the reading names the states."""
    return ModbusRegister(
        address, evidence=evidence, signed=False, nan={NO_DATA, 0xFFFF}
    )


def text(address: int, words: int) -> LowByteFirstText:
    """Describe a text of two characters per word."""
    return LowByteFirstText(address, count=words)


class LowByteFirstText(RegisterField[str]):
    """Text whose words hold the low byte first (facts/local-protocol.md 4.1)."""

    @override
    def decode(self, words: list[int], scale_exponent: int | None = None) -> str | None:
        """Return the printable text, or None when the words hold none."""
        raw = b"".join(word.to_bytes(2, "little") for word in words)
        value = raw.split(b"\0", 1)[0].decode("ascii", "replace").strip()
        return (
            value if value and value.isprintable() and "\ufffd" not in value else None
        )
