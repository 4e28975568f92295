"""Looking for plants in the local network, without being a nuisance."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Interface
import socket
from typing import Final

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.components.network import async_get_adapters
from homeassistant.components.network.models import Adapter
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from modbus_connection import (
    ModbusError,
    ModbusExceptionError,
    ModbusTcpParams,
    ModbusUnit,
)

from .const import DEFAULT_MODBUS_PORT, DEFAULT_UNIT_ID, DOMAIN
from .links import LinkError, Verdict
from .links.modbus.errors import verdict_of
from .links.modbus.link import REQUEST_TIMEOUT
from .links.modbus.probe import probe
from .plant.identity import PlantIdentity

CONCURRENCY: Final = 64
"""Hosts asked at a time; an absent one costs the system about three seconds."""

TIMEOUT: Final = REQUEST_TIMEOUT
"""Seconds a host has for one answer. Less than the link's own would not do: when the
link asks for more on a connection that stands, it is opened a second time."""

WIDEST_PREFIX: Final = 24
"""Wider networks are searched only around Home Assistant's own address."""


async def async_greet(unit: ModbusUnit) -> None:
    """Check that somebody speaks Modbus; an exception answer proves it too."""
    try:
        await unit.read_input_registers(0, 1)
    except ModbusExceptionError:
        return
    except ModbusError as error:
        raise LinkError(verdict_of(error, connected=unit.connected)) from error


class NetworkScan:
    """Finds plants; a host that was there and is none is never asked again."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start with an empty memory."""
        self._hass = hass
        self._left_alone: set[str] = set()
        self.found: dict[str, PlantIdentity] = {}

    async def async_run(self, report: Callable[[float], None]) -> None:
        """Ask every host of the local networks once; report the share done."""
        hosts = await self._async_hosts()
        gate = asyncio.Semaphore(CONCURRENCY)
        done = 0

        async def ask(host: str) -> None:
            nonlocal done
            async with gate:
                await self._async_ask(host)
            done += 1
            report(done / len(hosts))

        async with asyncio.TaskGroup() as group:
            for host in hosts:
                group.create_task(ask(host))

    async def _async_hosts(self) -> list[str]:
        """Return the hosts to ask: neighbours that nobody here talks to yet."""
        adapters = await async_get_adapters(self._hass)
        known = await self._async_configured()
        known |= {
            str(info.endpoint[1]) for info in async_get_connection_info(self._hass)
        }
        return [
            host
            for host in dict.fromkeys(_neighbours(adapters))
            if host not in known | self._left_alone | self.found.keys()
        ]

    async def _async_configured(self) -> set[str]:
        """Return the addresses of the plants that are set up already."""
        known: set[str] = set()
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            if host := entry.data.get(CONF_HOST):
                known |= await async_resolve(host)
        return known

    async def _async_ask(self, host: str) -> None:
        """Ask one host who it is, over one connection."""
        params = ModbusTcpParams(host=host, port=DEFAULT_MODBUS_PORT)
        try:
            async with async_get_temporary_unit(
                self._hass, params, DEFAULT_UNIT_ID
            ) as unit:
                unit.require_timeout(TIMEOUT)
                await async_greet(unit)
                self.found[host] = await probe(unit)
        except LinkError as error:
            # Nobody is disturbed where nobody is; a stick may be plugged in there.
            if error.verdict is not Verdict.HOST_DOWN:
                self._left_alone.add(host)
        except HomeAssistantError:
            self._left_alone.add(host)


def _neighbours(adapters: Iterable[Adapter]) -> Iterator[str]:
    """Yield the private addresses around those of the enabled adapters."""
    own = {ipv4["address"] for adapter in adapters for ipv4 in adapter["ipv4"]}
    for adapter in adapters:
        if not adapter["enabled"]:
            continue
        for ipv4 in adapter["ipv4"]:
            if not IPv4Address(ipv4["address"]).is_private:
                continue
            prefix = max(ipv4["network_prefix"], WIDEST_PREFIX)
            network = IPv4Interface(f"{ipv4['address']}/{prefix}").network
            yield from (str(host) for host in network.hosts() if str(host) not in own)


async def async_resolve(host: str) -> set[str]:
    """Return a host's addresses beside its name; the name alone if there are none."""
    loop = asyncio.get_running_loop()
    try:
        infos = await loop.getaddrinfo(host, None, family=socket.AF_INET)
    except OSError:
        return {host}
    return {host, *(str(info[4][0]) for info in infos)}
