"""Manners of the stick on the wire, and what a fault does to an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from struct import pack
from typing import Final

from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersResponse,
    ReadInputRegistersResponse,
)

SHORT_FRAME: Final = "short_frame"


@dataclass(kw_only=True)
class Quirks:
    """How the stick answers (facts/local-protocol.md 4.2 and 4.3)."""

    latency: tuple[float, float] = (100, 300)
    """Shortest and longest time to an answer, in ms."""

    late: float = 0.005
    """Part of the answers that come only after the next request."""

    strict: bool = True
    """Reads that begin at an unproven place come back shifted by one word."""


@dataclass(kw_only=True)
class WireFaults:
    """Faults that act on answers; the control port switches them."""

    stall: bool = False
    reset: bool = False
    wrong_transaction_id: bool = False
    garbage: str | None = None
    """``words``, ``frame`` or ``short_frame`` while it lasts."""


def read_response(function: int, words: list[int]) -> ModbusPDU:
    """Return the answer to FC03 or FC04."""
    if function == ReadHoldingRegistersResponse.function_code:
        return ReadHoldingRegistersResponse(registers=words)
    return ReadInputRegistersResponse(registers=words)


def refusal(function: int, code: int) -> ModbusPDU:
    """Return an exception answer."""
    return ExceptionResponse(function, exception_code=code)


def spoil(response: ModbusPDU, random: Random) -> None:
    """Fill an answer with words that mean nothing."""
    if not isinstance(response, ExceptionResponse) and response.registers:
        response.registers = [random.getrandbits(16) for _ in response.registers]


def blank(response: ModbusPDU) -> None:
    """Fill an answer with 0xFFFF, as two clients at once see it."""
    if not isinstance(response, ExceptionResponse):
        response.registers = [0xFFFF] * len(response.registers)


def other_words(response: ModbusPDU, earlier: Sequence[int]) -> None:
    """Put the words of another request in an answer."""
    if not isinstance(response, ExceptionResponse) and response.registers and earlier:
        size = len(response.registers)
        repeated = list(earlier) * (size // len(earlier) + 1)
        response.registers = repeated[:size]


def garbage_frame(transaction: int, random: Random) -> bytes:
    """Return bytes that look like an answer only at first."""
    return pack(">HHHB", transaction, 0, 9, 1) + random.randbytes(8)


def short_frame(transaction: int) -> bytes:
    """Return the seven-byte frame with length 1 that a real stick was seen to send."""
    return pack(">HHHB", transaction, 0, 1, 1)
