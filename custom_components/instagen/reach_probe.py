"""Finding out which links a host speaks: the stick's own first, then Modbus."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from modbus_connection import (
    ModbusError,
    ModbusExceptionError,
    ModbusTcpParams,
    ModbusUnit,
)

from .const import CONF_DTS_PORT, CONF_UNIT_ID, DEFAULT_UNIT_ID
from .links import LinkError, Verdict
from .links.dts.probe import greet as greet_stick, probe as probe_stick
from .links.dts.session import DtsSession
from .links.dts.stream import DtsStream, Timing
from .links.modbus.errors import verdict_of
from .links.modbus.link import REQUEST_TIMEOUT
from .links.modbus.probe import probe as probe_modbus
from .plant.identity import PlantIdentity
from .plant.states import LinkName

TIMEOUT: Final = REQUEST_TIMEOUT
"""Seconds a host has for one answer. Less than the link's own would not do: when the
link asks for more on a connection that stands, it is opened a second time."""

DTS_TIMING: Final = Timing(connect=5.0, answer=5.0)

_NOBODY: Final = (Verdict.HOST_DOWN, Verdict.PORT_CLOSED)
"""Verdicts that tell least: another link's may tell more."""


@dataclass(frozen=True, kw_only=True)
class HostAnswer:
    """Who answered over which link; over one of them at least."""

    dts: PlantIdentity | None = None
    modbus: PlantIdentity | None = None

    @property
    def links(self) -> list[str]:
        """The links that answered, the better one first."""
        told = {LinkName.DTS: self.dts, LinkName.MODBUS: self.modbus}
        return [name.value for name, identity in told.items() if identity is not None]

    @property
    def serial(self) -> str | None:
        """The stick's serial, which it tells over its own protocol only."""
        return self.dts.serial if self.dts else None

    @property
    def model(self) -> str | None:
        """The inverter's model."""
        told = (self.dts, self.modbus)
        return next((one.model for one in told if one and one.model), None)


def open_session(host: str, port: int) -> DtsSession:
    """Make a session with the stick at an address; its stream has to be closed."""
    connect = partial(asyncio.open_connection, host, port)
    return DtsSession(DtsStream(connect, timing=DTS_TIMING))


async def probe_host(
    hass: HomeAssistant,
    address: Mapping[str, Any],
    greeted: Callable[[], None] = lambda: None,
) -> HostAnswer:
    """Ask a host over each link once; ``greeted`` is called when one of them answers.

    Raises ``LinkError`` with the verdict that tells most when it is no plant, and
    ``HomeAssistantError`` when Home Assistant uses the address in another way.
    """
    dts: PlantIdentity | None = None
    failed: LinkError | None = None
    try:
        dts = await _async_probe_stick(address, greeted)
    except LinkError as error:
        failed = error
    try:
        modbus = await _async_probe_modbus(hass, address, greeted)
    except LinkError as error:
        if failed is not None:
            raise _more_telling(failed, error) from error
        modbus = None
    except HomeAssistantError:
        if failed is not None:
            raise
        modbus = None
    return HostAnswer(dts=dts, modbus=modbus)


async def async_serial_at(host: str, port: int) -> str:
    """Ask a stick for its serial alone. Raises ``LinkError``."""
    session = open_session(host, port)
    try:
        return await greet_stick(session)
    finally:
        await session.stream.close()


async def async_greet(unit: ModbusUnit) -> None:
    """Check that somebody speaks Modbus; an exception answer proves it too."""
    try:
        await unit.read_input_registers(0, 1)
    except ModbusExceptionError:
        return
    except ModbusError as error:
        raise LinkError(verdict_of(error, connected=unit.connected)) from error


async def _async_probe_stick(
    address: Mapping[str, Any], greeted: Callable[[], None]
) -> PlantIdentity:
    session = open_session(address[CONF_HOST], address[CONF_DTS_PORT])
    try:
        return await probe_stick(session, greeted)
    finally:
        await session.stream.close()


async def _async_probe_modbus(
    hass: HomeAssistant, address: Mapping[str, Any], greeted: Callable[[], None]
) -> PlantIdentity:
    params = ModbusTcpParams(host=address[CONF_HOST], port=address[CONF_PORT])
    unit_id = address[CONF_UNIT_ID]
    async with async_get_temporary_unit(hass, params, unit_id) as unit:
        unit.require_timeout(TIMEOUT)
        try:
            await async_greet(unit)
            greeted()
            return await probe_modbus(unit)
        except LinkError as error:
            if error.verdict is Verdict.NO_ANSWER and unit_id != DEFAULT_UNIT_ID:
                await _async_check_unit(hass, params)
            raise


async def _async_check_unit(hass: HomeAssistant, params: ModbusTcpParams) -> None:
    """Raise when the device that keeps silent answers as the unit that sticks use."""
    async with async_get_temporary_unit(hass, params, DEFAULT_UNIT_ID) as unit:
        unit.require_timeout(TIMEOUT)
        try:
            await async_greet(unit)
        except LinkError:
            return
    raise LinkError(Verdict.WRONG_UNIT)


def _more_telling(dts: LinkError, modbus: LinkError) -> LinkError:
    """Choose between two failures: where nobody listens says least."""
    if dts.verdict is Verdict.ENCRYPTED:
        return dts
    if modbus.verdict not in _NOBODY or dts.verdict in _NOBODY:
        return dts if modbus.verdict is Verdict.HOST_DOWN else modbus
    return dts
