"""The Modbus side of the simulated plant, as a DTS-WL-G3 stick serves it."""

from .server import ModbusServer
from .wire import Quirks

__all__ = ["ModbusServer", "Quirks"]
