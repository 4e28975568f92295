"""How a value becomes register words, and the row that says where it goes.

Encodings are written from facts/local-protocol.md section 4 and
facts/modbus-registers.csv; the integration's decoders are never imported here.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from math import floor
from typing import Final, NamedTuple

from custom_components.instagen.simulated import Value

NO_DATA: Final = 0x2490
"""Word for "not available" (facts 4.4)."""

NO_SENSOR: Final = 0x7FFF
"""Temperature without a sensor (facts 4.4)."""

PLACEHOLDER: Final = 5
"""What the old totals hold on G3 (facts 4.4)."""


class Kind(Enum):
    """Shape of a value on the wire: words taken, and the order of two words."""

    WORD = 1
    """One word, signed or not: two's complement is the same sixteen bits."""

    PAIR = 2
    """Two words, high word first."""

    SWAPPED = 3
    """Two words, low word first; only 30017."""

    @property
    def words(self) -> int:
        """How many words it takes."""
        return 1 if self is Kind.WORD else 2


class Row(NamedTuple):
    """A register: where, what, and how it is written."""

    address: int
    key: str
    """Key of ``SimulatedPlant.state()`` or ``.detail()``."""

    kind: Kind = Kind.WORD
    per_unit: int = 1
    """Steps of the register in one unit of the value; negative turns the sign."""

    absent: int = NO_DATA
    """The word, repeated, for a value the plant does not have."""

    counter: bool = False
    """Counts whole steps that are complete, never rounds up."""


def encode(row: Row, value: Value) -> list[int]:
    """Return the words of a value.

    Raises:
        TypeError: when the value is a text; texts have a coding of their own.
    """
    if value is None:
        return [row.absent] * row.kind.words
    if isinstance(value, str):
        raise TypeError(f"{row.key} is a text")
    scaled = value * row.per_unit
    raw = floor(scaled + 1e-7) if row.counter else round(scaled)
    if row.kind is Kind.WORD:
        return [raw & 0xFFFF]
    high, low = raw >> 16 & 0xFFFF, raw & 0xFFFF
    return [low, high] if row.kind is Kind.SWAPPED else [high, low]


def encode_text(text: str, words: int) -> list[int]:
    """Return ASCII text, two characters a word, the first in the low byte."""
    raw = text.encode("ascii")[: words * 2].ljust(words * 2, b"\0")
    return [raw[i] | raw[i + 1] << 8 for i in range(0, words * 2, 2)]


def encode_rows(rows: Iterable[Row], values: Mapping[str, Value]) -> dict[int, int]:
    """Return the words of all rows by address."""
    words: dict[int, int] = {}
    for row in rows:
        for offset, word in enumerate(encode(row, values.get(row.key))):
            words[row.address + offset] = word
    return words
