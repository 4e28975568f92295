"""One read of a block, with what is known about bad answers."""

from collections.abc import Callable
from typing import Final

from modbus_connection import (
    ModbusError,
    ModbusExceptionError,
    ModbusTimeoutError,
    ModbusUnit,
)

from .. import LinkStatistics, Verdict
from .errors import GarbledAnswerError, verdict_of
from .plan import Block

type Check = Callable[[Block, list[int]], None]
"""Raises ``GarbledAnswerError`` for words that cannot be the block's."""

_TOO_SHORT: Final = 3
"""Words; fewer tell nothing by their pattern."""


async def fetch(
    unit: ModbusUnit, block: Block, statistics: LinkStatistics, check: Check
) -> list[int]:
    """Read a block's words, once. Raises ``ModbusError``; counts what happened."""
    statistics.requests += 1
    read = (
        unit.read_input_registers
        if block.space == "input"
        else unit.read_holding_registers
    )
    try:
        words = await read(block.start, block.count)
        check(block, words)
    except ModbusError as err:
        count(statistics, err)
        raise
    statistics.answers += 1
    return words


def count(statistics: LinkStatistics, error: ModbusError) -> None:
    """Count a failed request by its kind."""
    if isinstance(error, ModbusTimeoutError):
        statistics.timeouts += 1
    elif isinstance(error, ModbusExceptionError):
        statistics.refused += 1
    elif verdict_of(error, connected=True) is Verdict.BUSY:
        statistics.garbled += 1
    else:
        statistics.lost += 1


def check_shape(block: Block, words: list[int]) -> None:
    """Raise ``GarbledAnswerError`` for words that no block of a plant holds."""
    if len(words) != block.count:
        raise GarbledAnswerError("wrong length")
    if block.count < _TOO_SHORT:
        return
    if words.count(0xFFFF) * 2 > block.count:
        raise GarbledAnswerError("no data")
    if words[0] and words.count(words[0]) == block.count:
        raise GarbledAnswerError("one word repeated")
