"""The Modbus link: DTS-WL-G3 on Ethernet, or the inverter's RS485 behind a gateway."""

from .link import ModbusLink

__all__ = ["ModbusLink"]
