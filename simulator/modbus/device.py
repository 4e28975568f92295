"""The device behind the stick: which request gets which words.

The rules are those of facts/local-protocol.md 4.1, 4.2 and 4.7: 123 registers at most,
blocks that begin at proven places, and address ranges that stay silent.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from custom_components.instagen.simulated import SimulatedPlant
from custom_components.instagen.simulated.settings import WriteFault

from .holding import ReadOnlyError, holding_words, write_words
from .rows import NO_DATA
from .telemetry import input_words

LARGEST_READ: Final = 123
ILLEGAL_ADDRESS: Final = 2
ILLEGAL_VALUE: Final = 3

INPUT_STARTS: Final = frozenset(
    {0, 123, 246, 1000, 1800, 1900, 1923, 2000, 2123, 30000}
    | {22235, 22535, 22835, 23135}
)
"""Starts of facts 4.2; 1900, where the public client's detection begins a read; and the
battery modules."""

HOLDING_STARTS: Final = frozenset({258, 303, 323, 3001, 3016, 4100, 4300, 6048})
_INPUT_SPACES: Final = (
    range(369),
    range(1000, 1123),
    range(1800, 1924),
    range(2000, 2246),
    range(22235, 23151),
    range(30000, 30030),
)
_SILENT_INPUT: Final = range(1101, 1800)
_SILENT_HOLDING: Final = 0xC001


class RefusedError(Exception):
    """The device answers with a Modbus exception code."""

    def __init__(self, code: int) -> None:
        """Take the exception code."""
        super().__init__(f"exception {code}")
        self.code = code


class SilentError(Exception):
    """The device does not answer at all."""


class Spike:
    """One absurd word at one register for a number of reads."""

    def __init__(
        self, register: int, word: int, reads: int, *, holding: bool = False
    ) -> None:
        """Take where, what and how often."""
        self.register, self.word, self.reads = register, word, reads
        self.holding = holding

    def strike(self, address: int, words: list[int]) -> None:
        """Put the word where it belongs if the read covers it."""
        offset = self.register - address
        if self.reads > 0 and 0 <= offset < len(words):
            words[offset] = self.word
            self.reads -= 1


class Device:
    """Registers of a plant, with the device's manners."""

    def __init__(self, plant: SimulatedPlant, *, strict: bool) -> None:
        """Serve a plant; ``strict`` shifts reads that begin at an unproven place."""
        self.plant = plant
        self.strict = strict
        self.spike: Spike | None = None
        self._cache: tuple[int, Mapping[int, int]] = (-1, {})
        self._frozen: Mapping[int, int] | None = None

    def freeze(self, *, on: bool) -> None:
        """Let the telemetry stand still while the plant goes on."""
        self._frozen = dict(self._input()) if on else None

    def _input(self) -> Mapping[int, int]:
        if self._frozen is not None:
            return self._frozen
        if self._cache[0] != self.plant.revision:
            self._cache = (self.plant.revision, input_words(self.plant))
        return self._cache[1]

    def read_input(self, address: int, count: int) -> list[int]:
        """Answer FC04.

        Raises:
            RefusedError: for too many registers or addresses outside every block.
            SilentError: for 1101 to 1799.
        """
        _check_count(count)
        if address in _SILENT_INPUT:
            raise SilentError
        space = next((space for space in _INPUT_SPACES if address in space), None)
        if space is None:
            raise RefusedError(ILLEGAL_ADDRESS)
        start = address + self._shift(address, count, INPUT_STARTS)
        table = self._input()
        words = [table.get(place, NO_DATA) for place in range(start, start + count)]
        self._strike(address, words, holding=False)
        return words

    def _strike(self, address: int, words: list[int], *, holding: bool) -> None:
        if self.spike and self.spike.holding is holding:
            self.spike.strike(address, words)
            if self.spike.reads <= 0:
                self.spike = None

    def read_holding(self, address: int, count: int) -> list[int]:
        """Answer FC03.

        Raises:
            RefusedError: for too many registers or settings that do not exist.
            SilentError: for 0xC001.
        """
        _check_count(count)
        if address == _SILENT_HOLDING:
            raise SilentError
        table = holding_words(self.plant)
        if any(place not in table for place in range(address, address + count)):
            raise RefusedError(ILLEGAL_ADDRESS)
        start = address + self._shift(address, count, HOLDING_STARTS)
        words = [table.get(place, NO_DATA) for place in range(start, start + count)]
        self._strike(address, words, holding=True)
        return words

    def _shift(self, address: int, count: int, starts: frozenset[int]) -> int:
        """Return how far a read slips: one word when it begins at an odd place."""
        return int(self.strict and count > 1 and address not in starts)

    def write_holding(self, address: int, words: Sequence[int]) -> None:
        """Answer FC16.

        Raises:
            RefusedError: for read-only registers and values out of range; nothing has
                changed then.
            SilentError: while writes get no answer.
        """
        _check_count(len(words))
        trouble = self.plant.write_trouble
        if trouble and trouble.fault is WriteFault.UNHEARD:
            raise SilentError
        if trouble and trouble.fault is WriteFault.REFUSED:
            raise RefusedError(trouble.code)
        try:
            write_words(self.plant, address, words)
        except ReadOnlyError:
            raise RefusedError(ILLEGAL_ADDRESS) from None
        except ValueError:
            raise RefusedError(ILLEGAL_VALUE) from None
        if trouble and trouble.fault is WriteFault.UNANSWERED:
            raise SilentError

    def random_register(self, random: Random) -> int:
        """Return a register of the telemetry that holds a value."""
        return random.choice([place for place in self._input() if place < 22000])


def _check_count(count: int) -> None:
    if not 1 <= count <= LARGEST_READ:
        raise RefusedError(ILLEGAL_VALUE)
