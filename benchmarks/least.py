"""How few reads bring a set of registers, from facts/local-protocol.md 4.1 and 4.2.

Nothing of the integration is imported here: this is the yardstick of its planner.
"""

from collections.abc import Iterable
from typing import Final, Literal

type Register = tuple[Literal["input", "holding"], int]

PROVEN: Final[tuple[tuple[Literal["input", "holding"], int, int], ...]] = (
    *(("input", start, 123) for start in (0, 123, 246, 1000, 1800, 2000, 2123)),
    ("input", 1923, 1),
    ("input", 30000, 30),
    ("holding", 258, 2),
    ("holding", 303, 9),
    ("holding", 323, 2),
    ("holding", 3001, 1),
    ("holding", 3016, 1),
    ("holding", 4100, 3),
    ("holding", 4300, 7),
    ("holding", 6048, 2),
)
"""Reads that begin at a proven place, as long as they are proven: space, start, count."""


def share_a_read(one: Register, other: Register) -> bool:
    """Return whether some proven read brings both registers."""
    return any(
        space == one[0] == other[0]
        and start <= min(one[1], other[1])
        and max(one[1], other[1]) < start + count
        for space, start, count in PROVEN
    )


def witnesses(registers: Iterable[Register]) -> list[Register]:
    """Return the registers that open a read each, from left to right.

    Proven reads do not overlap, so a register that shares no read with the last opener
    shares none with any before. No read serves two openers: there is no way with fewer
    reads than there are openers.
    """
    openers: list[Register] = []
    for register in sorted(set(registers)):
        if not openers or not share_a_read(openers[-1], register):
            openers.append(register)
    return openers
