"""Looking for plants in the local network, without being a nuisance."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Interface
import socket
from typing import Any, Final

from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.components.network import async_get_adapters
from homeassistant.components.network.models import Adapter
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import (
    CONF_DTS_PORT,
    CONF_UNIT_ID,
    DEFAULT_DTS_PORT,
    DEFAULT_MODBUS_PORT,
    DEFAULT_UNIT_ID,
    DOMAIN,
)
from .links import LinkError, Verdict
from .reach_probe import HostAnswer, async_serial_at, probe_host

CONCURRENCY: Final = 64
"""Hosts asked at a time; an absent one costs the system about three seconds."""

WIDEST_PREFIX: Final = 24
"""Wider networks are searched only around Home Assistant's own address."""


class NetworkScan:
    """Finds plants; a host that was there and is none is never asked again."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start with an empty memory."""
        self._hass = hass
        self._left_alone: set[str] = set()
        self.found: dict[str, HostAnswer] = {}

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
        known = await _async_configured(self._hass.config_entries.async_entries(DOMAIN))
        known |= {
            str(info.endpoint[1]) for info in async_get_connection_info(self._hass)
        }
        left_out = known | self._left_alone | self.found.keys()
        adapters = await async_get_adapters(self._hass)
        neighbours = dict.fromkeys(_neighbours(adapters))
        return [host for host in neighbours if host not in left_out]

    async def _async_ask(self, host: str) -> None:
        """Ask one host who it is, over one connection for each link."""
        try:
            self.found[host] = await probe_host(self._hass, delivered(host))
        except LinkError as error:
            # Nobody is disturbed where nobody is; a stick may be plugged in there.
            if error.verdict is not Verdict.HOST_DOWN:
                self._left_alone.add(host)
        except HomeAssistantError:
            self._left_alone.add(host)


async def async_find_stick(
    hass: HomeAssistant, serial: str, port: int, own: ConfigEntry | None = None
) -> str | None:
    """Search the local networks for one stick; return where it answers.

    Only its own port is asked, and no plant but its ``own`` is disturbed.
    """
    entries = hass.config_entries.async_entries(DOMAIN)
    known = await _async_configured(one for one in entries if one is not own)
    hosts = dict.fromkeys(_neighbours(await async_get_adapters(hass)))
    gate = asyncio.Semaphore(CONCURRENCY)
    found: list[str] = []

    async def ask(host: str) -> None:
        async with gate:
            if found:
                return
            with suppress(LinkError):
                if await async_serial_at(host, port) == serial:
                    found.append(host)

    async with asyncio.TaskGroup() as group:
        for host in (one for one in hosts if one not in known):
            group.create_task(ask(host))
    return found[0] if found else None


def delivered(host: str) -> dict[str, Any]:
    """Return where a stick at a host answers as delivered."""
    return {
        CONF_HOST: host,
        CONF_DTS_PORT: DEFAULT_DTS_PORT,
        CONF_PORT: DEFAULT_MODBUS_PORT,
        CONF_UNIT_ID: DEFAULT_UNIT_ID,
    }


async def _async_configured(entries: Iterable[ConfigEntry]) -> set[str]:
    """Return the addresses of plants that are set up already."""
    known: set[str] = set()
    for entry in entries:
        if host := entry.data.get(CONF_HOST):
            known |= await async_resolve(host)
    return known


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
