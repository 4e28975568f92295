"""Which reads bring which registers.

The stick answers shifted when a read begins elsewhere than at a proven start, and
refuses more than 123 registers (facts/local-protocol.md 4.1 and 4.2). So the blocks
are fixed, and the fewest reads are the blocks that hold what is wanted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from modbus_connection.model import RegisterField, RegisterSpace

from .registers import ModbusRegister

MAX_REGISTERS: Final = 123


@dataclass(frozen=True, eq=False)
class Block:
    """One read that is proven to work: where it starts and how much it takes.

    There is one object of each in ``BLOCKS``. Blocks are looked up with every value, so
    they compare by identity.
    """

    space: RegisterSpace
    start: int
    count: int

    def holds(self, address: int, words: int) -> bool:
        """Return whether a value lies inside this block."""
        return self.start <= address and address + words <= self.start + self.count


BLOCKS: Final = (
    Block("input", 30000, 30),
    Block("input", 1800, MAX_REGISTERS),
    Block("input", 0, MAX_REGISTERS),
    Block("input", 123, MAX_REGISTERS),
    Block("input", 1000, MAX_REGISTERS),
    Block("input", 1923, 1),
    Block("input", 2000, MAX_REGISTERS),
    Block("input", 2123, MAX_REGISTERS),
    Block("holding", 258, 2),
    Block("holding", 303, 9),
    Block("holding", 4100, 3),
    Block("holding", 4300, 7),
    Block("holding", 6048, 2),
)
"""Proven reads, in the order they are sent: the plant's power flow comes first."""


@dataclass(frozen=True)
class Source:
    """A register, and where in which block it is found."""

    register: ModbusRegister
    block: Block
    offset: int
    decode: Callable[[list[int]], float | None]
    """Decodes it out of the block's words; None is "no data"."""

    @classmethod
    def of(cls, field: RegisterField[float]) -> Source:
        """Find the block that brings a register of the map.

        Raises ``LookupError`` when no proven read holds it, ``TypeError`` for a field
        that is no number.
        """
        if not isinstance(field, ModbusRegister):
            raise TypeError(f"{field.name} is no register of the map")
        for block in BLOCKS:
            if block.space == field.space and block.holds(field.address, field.count):
                offset = field.address - block.start
                return cls(field, block, offset, field.reader(offset))
        raise LookupError(f"no proven read holds {field.name} at {field.address}")

    @property
    def places(self) -> range:
        """Where in the block this register's words are."""
        return range(self.offset, self.offset + self.register.count)


def block_at(space: RegisterSpace, address: int) -> Block:
    """Return the proven read that holds an address. Raises ``LookupError`` if none."""
    for block in BLOCKS:
        if block.space == space and block.holds(address, 1):
            return block
    raise LookupError(f"no proven read holds {space} {address}")


def blocks_of(sources: Iterable[Source]) -> tuple[Block, ...]:
    """Return the fewest reads that bring all sources, in sending order."""
    needed = {source.block for source in sources}
    return tuple(block for block in BLOCKS if block in needed)
