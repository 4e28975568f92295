"""How an entry reaches its plant: the links it names, opened and owned."""

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime
from zoneinfo import ZoneInfo

from homeassistant.components.modbus import async_get_unit
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError, HomeAssistantError
from homeassistant.util import dt as dt_util
from modbus_connection import ModbusTcpParams

from .cloud.covering import cloud_plant_of
from .const import (
    CONF_DTS_PORT,
    CONF_LINKS,
    CONF_POLL_SECONDS,
    CONF_SERIAL,
    CONF_SIMULATED,
    CONF_STICK_SERIAL,
    CONF_UNIT_ID,
    DOMAIN,
)
from .links import Link
from .links.cloud import CloudLink
from .links.cloud.road import CloudRoad
from .links.combined import CombinedLink
from .links.dts import DtsLink
from .links.dts.stream import Connect
from .links.modbus import ModbusLink
from .links.settings import SettingsRoad
from .plant.identity import normalize_serial
from .plant.states import LinkName
from .simulated import PlantClock, PlantConfig, SimulatedPlant
from .simulated.stick import SimulatedStick, StickConfig, serve_stick

_PREFERENCE = (LinkName.MODBUS, LinkName.DTS)
"""Modbus first where a stick has both: it bears the faster pace and has counters of
its own. What it does not serve comes from the other."""


class Reach:
    """The links of one entry, from setting it up to unloading it."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Prepare; nothing is opened yet."""
        self._hass = hass
        self._entry = entry
        self._simulated = AsyncExitStack()
        self._links: list[DtsLink | ModbusLink] = []
        self._cloud: CloudLink | None = None
        self.dts: DtsLink | None = None
        """The link that carries commands, if the plant has it."""

    async def async_open(self) -> Link:
        """Make the links; one that is alone is used as it is.

        Raises ``ConfigEntryError`` when Home Assistant holds the device otherwise.
        """
        names = self._entry.data.get(CONF_LINKS, [LinkName.MODBUS])
        for name in _PREFERENCE:
            if name in names:
                self._links.append(await self._make(name))
        # A plant that an account follows, too, has the cloud to fall back to.
        if (plant := cloud_plant_of(self._hass, self._entry)) is not None:
            self._cloud = CloudLink(plant)
            return CombinedLink([*self._links, self._cloud])
        return self._links[0] if len(self._links) == 1 else CombinedLink(self._links)

    @property
    def roads(self) -> list[SettingsRoad]:
        """What carries changes, the preferred first: Modbus tells all that it carries."""
        roads: list[SettingsRoad] = [link.settings for link in self._links]
        if self.dts is not None:
            roads.append(self.dts.contact)
        if self._cloud:
            roads.append(CloudRoad(self._cloud.plant))
        return roads

    async def _make(self, name: LinkName) -> DtsLink | ModbusLink:
        if name is LinkName.MODBUS:
            return self._modbus()
        self.dts = DtsLink(
            await self._connector(), serial=self._stick_serial(), now=dt_util.now
        )
        self.dts.poll_seconds = int(
            self._entry.options.get(CONF_POLL_SECONDS, self.dts.poll_seconds)
        )
        return self.dts

    def _modbus(self) -> ModbusLink:
        """Take a unit on the connection that Home Assistant shares with everybody."""
        data = self._entry.data
        params = ModbusTcpParams(host=data[CONF_HOST], port=data[CONF_PORT])
        try:
            unit = async_get_unit(self._hass, self._entry, params, data[CONF_UNIT_ID])
        except HomeAssistantError as err:
            raise ConfigEntryError(
                translation_domain=DOMAIN, translation_key="link_settings_in_use"
            ) from err
        return ModbusLink(unit)

    def _stick_serial(self) -> str | None:
        """Return the serial of the stick that must answer; None takes any.

        It differs from the entry's own once a new stick has taken over (manual 4.3.2.5).
        """
        data = self._entry.data
        return normalize_serial(data.get(CONF_STICK_SERIAL) or data[CONF_SERIAL])

    async def _connector(self) -> Connect:
        data = self._entry.data
        if data.get(CONF_SIMULATED):
            host, port = "127.0.0.1", await self._start_simulated_stick()
        else:
            host, port = data[CONF_HOST], data[CONF_DTS_PORT]
        return lambda: asyncio.open_connection(host, port)

    async def _start_simulated_stick(self) -> int:
        """Serve a simulated plant on this machine; it ends with the entry."""
        plant = await self._hass.async_add_executor_job(
            _live_through_today, self._entry.data[CONF_SERIAL], dt_util.now()
        )
        server = await self._simulated.enter_async_context(
            serve_stick(
                # One that tells its settings, so that all of them can be tried out.
                SimulatedStick(plant, StickConfig(answers_mode_read=True)),
                sync=PlantClock(plant, 1).sync,
            )
        )
        return server.port

    async def async_close(self) -> None:
        """End what was opened, the links first."""
        for link in self._links:
            await link.close()
        await self._simulated.aclose()


def _live_through_today(serial: str, now: datetime) -> SimulatedPlant:
    """Return a simulated plant that has lived since midnight; half a second of work.

    It lives the same day again after a restart: the weather hangs on the serial.
    """
    config = PlantConfig(serial=serial, seed=int(serial, 16) % 10_000)
    local = now.astimezone(ZoneInfo(config.time_zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    plant = SimulatedPlant(config, midnight)
    plant.advance(local.timestamp() - midnight.timestamp())
    return plant
