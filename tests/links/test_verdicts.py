"""Each way a Modbus request can fail has its own name."""

import errno
import socket

from modbus_connection import (
    GatewayTargetError,
    IllegalDataAddressError,
    ModbusConnectionError,
    ModbusDesyncError,
    ModbusError,
    ModbusProtocolError,
    ModbusTimeoutError,
)
import pytest

from custom_components.instagen.links import Verdict
from custom_components.instagen.links.modbus.errors import verdict_of


def because(error: ModbusError, cause: BaseException) -> ModbusError:
    """Chain an error as the Modbus library does."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "connected", "verdict"),
    [
        (GatewayTargetError(), True, Verdict.WRONG_UNIT),
        (IllegalDataAddressError(), True, Verdict.NOT_INSTAGEN),
        (ModbusProtocolError("short frame"), True, Verdict.BUSY),
        (ModbusDesyncError("late"), False, Verdict.BUSY),
        (ModbusTimeoutError("no answer"), True, Verdict.NO_ANSWER),
        (ModbusTimeoutError("no connection"), False, Verdict.HOST_DOWN),
        (ModbusConnectionError("reset"), False, Verdict.BUSY),
        (
            because(ModbusConnectionError("x"), ConnectionRefusedError()),
            False,
            Verdict.PORT_CLOSED,
        ),
        (
            because(ModbusConnectionError("x"), OSError(errno.EHOSTUNREACH, "")),
            False,
            Verdict.HOST_DOWN,
        ),
        (
            because(ModbusConnectionError("x"), socket.gaierror()),
            False,
            Verdict.HOST_DOWN,
        ),
    ],
)
def test_verdict(error: ModbusError, connected: bool, verdict: Verdict):
    assert verdict_of(error, connected=connected) is verdict
