"""The cloud's clients, one for each account, shared by everything that needs it.

A client knows when not to log in. So it outlives the loading of its entry: a new one
would try again what the cloud has refused, until the account is locked.
"""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import ClientSession, DummyCookieJar
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_USERNAME,
    EVENT_HOMEASSISTANT_CLOSE,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_BRAND, CONF_UNPROVEN_WRITES, DOMAIN
from ..links.cloud import CloudClient, open_account
from ..links.cloud.brands import BRANDS, Brand, reference_brand

REFERENCE: Final = "reference"
"""Short name of a reference cloud, which has an address of its own."""

_KEY: HassKey[Clients] = HassKey(f"{DOMAIN}_cloud")


def brand_of(data: Mapping[str, Any]) -> Brand:
    """Return the brand of an account. Raises ``ValueError`` for an address that is none."""
    if data[CONF_BRAND] == REFERENCE:
        return reference_brand(str(data.get(CONF_HOST, "")))
    return BRANDS[data[CONF_BRAND]]


class Clients:
    """All clients, by their entries, over one session that keeps no cookies."""

    def __init__(self, http: ClientSession) -> None:
        """Start without any."""
        self.http = http
        self._clients: dict[str, tuple[tuple[object, ...], CloudClient]] = {}
        self._tried: dict[tuple[object, ...], CloudClient] = {}
        self._unrestored: set[str] = set()

    def open(self, data: Mapping[str, Any]) -> CloudClient:
        """Return a client of its own, to try a login with."""
        return open_account(
            self.http, brand_of(data), data[CONF_USERNAME], data[CONF_PASSWORD]
        )

    def keep(self, data: Mapping[str, Any], client: CloudClient) -> None:
        """Keep a client that has logged in for the entry that is about to be loaded.

        The cloud counts logins; one is enough.
        """
        self._tried[_who(data)] = client

    def of(self, entry: ConfigEntry) -> CloudClient:
        """Return the client of an account; other credentials make another one."""
        who = _who(entry.data)
        known = self._clients.get(entry.entry_id)
        if known is None or known[0] != who:
            tried = self._tried.pop(who, None)
            if known is None and tried is None:
                self._unrestored.add(entry.entry_id)
            known = (who, tried or self.open(entry.data))
            self._clients[entry.entry_id] = known
        client = known[1]
        client.opt_in = bool(entry.options.get(CONF_UNPROVEN_WRITES, False))
        return client

    def wants_memory(self, entry: ConfigEntry) -> bool:
        """Tell, once, that a client is the first since the start of Home Assistant.

        One that comes with new credentials must not know what was refused to the old.
        """
        if entry.entry_id not in self._unrestored:
            return False
        self._unrestored.discard(entry.entry_id)
        return True

    def forget(self, entry_id: str) -> None:
        """Forget the client of an account that was removed."""
        self._clients.pop(entry_id, None)


def _who(data: Mapping[str, Any]) -> tuple[object, ...]:
    keys = (CONF_BRAND, CONF_HOST, CONF_USERNAME, CONF_PASSWORD)
    return tuple(data.get(key) for key in keys)


@callback
def async_clients(hass: HomeAssistant) -> Clients:
    """Return the clients; the session ends with Home Assistant."""
    if (clients := hass.data.get(_KEY)) is None:
        http = async_create_clientsession(
            hass, auto_cleanup=False, cookie_jar=DummyCookieJar()
        )
        clients = hass.data[_KEY] = Clients(http)

        @callback
        def close(event: Event) -> None:
            http.detach()

        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, close)
    return clients
