"""Finding out, once and gently, whether a plant speaks Modbus at an address."""

from modbus_connection import ModbusUnit

from ...plant.identity import PlantIdentity
from .link import ModbusLink


async def probe(unit: ModbusUnit) -> PlantIdentity:
    """Ask who is there. Raises ``LinkError`` with a verdict when it is no plant of ours."""
    return await ModbusLink(unit).identify()
