"""Typed registers with the proof behind them and the words that mean nothing."""

from collections.abc import Callable
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
    otherwise (facts/local-protocol.md 4.1).
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
        self.evidence = evidence
        self.ambiguous = ambiguous
        self.space: RegisterSpace = "holding"

    @override
    def __set_name__(self, owner: type[Component], name: str) -> None:
        """Take the register space over from the sub-system."""
        super().__set_name__(owner, name)
        self.space = owner.register_space

    def reader(self, offset: int) -> Callable[[list[int]], float | None]:
        """Return what decodes this register at its place in a block's words.

        None is "no data". Made once: it takes a tenth of the general decoder's time.
        """
        steps, missing = round(1 / self.scale), self.nan or frozenset()
        sign = 1 << (16 * self.count - 1) if self.signed else 0
        low = offset if self.word_order == "little" else offset + self.count - 1
        high = 2 * offset + 1 - low
        beside = (offset - 1, offset + self.count)
        single, ambiguous = self.count == 1, self.ambiguous

        def read(words: list[int]) -> float | None:
            raw = words[offset] if single else words[high] << 16 | words[low]
            if raw in missing:
                return None
            if raw == NO_DATA and ambiguous and _also_missing(words, *beside):
                return None
            if raw & sign:
                raw -= sign << 1
            return raw if steps == 1 else raw / steps

        return read


def _also_missing(words: list[int], before: int, after: int) -> bool:
    """Return whether a neighbour holds no data either."""
    return NO_DATA in words[max(before, 0) : before + 1] + words[after : after + 1]


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
