"""What a Modbus failure says about the plant."""

from collections.abc import Iterator
import errno
import socket

from modbus_connection import (
    GatewayPathUnavailableError,
    GatewayTargetError,
    ModbusError,
    ModbusExceptionError,
    ModbusProtocolError,
    ModbusTimeoutError,
)

from .. import Verdict

_UNREACHABLE = frozenset(
    {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ETIMEDOUT}
)


class GarbledAnswerError(ModbusProtocolError):
    """An answer of the right shape whose words cannot belong to the question."""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from an error to what it was raised from."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def verdict_of(error: ModbusError, *, connected: bool) -> Verdict:
    """Classify a failed request.

    ``connected`` tells whether the link stood after the failure: a time-out without a
    link was the connect, with one it was the answer.
    """
    if isinstance(error, GatewayPathUnavailableError | GatewayTargetError):
        return Verdict.WRONG_UNIT
    if isinstance(error, ModbusExceptionError):
        return Verdict.NOT_INSTAGEN
    if isinstance(error, ModbusProtocolError):
        return Verdict.BUSY
    verdict = _verdict_of_socket(error)
    if verdict is None and isinstance(error, ModbusTimeoutError):
        return Verdict.NO_ANSWER if connected else Verdict.HOST_DOWN
    return verdict or Verdict.BUSY


def _verdict_of_socket(error: ModbusError) -> Verdict | None:
    """Read what the operating system said about the connection, if it said anything."""
    for cause in _causes(error):
        if isinstance(cause, ConnectionRefusedError):
            return Verdict.PORT_CLOSED
        if isinstance(cause, socket.gaierror):
            return Verdict.HOST_DOWN
        if isinstance(cause, OSError) and cause.errno in _UNREACHABLE:
            return Verdict.HOST_DOWN
    return None
