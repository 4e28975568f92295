"""Testing whether the plant that is meant answers at an address."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentry,
)
from homeassistant.const import CONF_HOST, CONF_MODEL, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import (
    CONF_DTS_PORT,
    CONF_LINKS,
    CONF_SERIAL,
    CONF_STICK_SERIAL,
    CONF_UNIT_ID,
)
from .links import LinkError
from .plant.identity import normalize_serial
from .plant.states import LinkName
from .reach_probe import HostAnswer, probe_host

IN_USE: Final = "in_use"
DIFFERENT_MODEL: Final = "different_model"
DIFFERENT_SERIAL: Final = "different_serial"


def shares_place(mine: Mapping[str, Any], entry: ConfigEntry) -> bool:
    """Tell whether an entry uses one of the ports at an address."""
    theirs = entry.data
    if mine[CONF_HOST] != theirs.get(CONF_HOST):
        return False
    links = theirs.get(CONF_LINKS, [LinkName.MODBUS])
    if LinkName.DTS in links and mine[CONF_DTS_PORT] == theirs.get(CONF_DTS_PORT):
        return True
    modbus = (CONF_PORT, CONF_UNIT_ID)
    return LinkName.MODBUS in links and all(mine[k] == theirs.get(k) for k in modbus)


def stick_of(entry: ConfigEntry | ConfigSubentry) -> str | None:
    """Return the serial of a plant's stick, None for a made-up one."""
    data = entry.data
    return normalize_serial(str(data.get(CONF_STICK_SERIAL, data.get(CONF_SERIAL, ""))))


def _same_model(one: str, other: str) -> bool:
    """Compare models; Modbus tells no more than ten letters of them."""
    return one.startswith(other) or other.startswith(one)


class ConnectionTest:
    """Reaches a plant in stages, which the flow shows while they last.

    An entry that uses the plant is taken off the link first, because the stick
    mixes up the answers of two connections. It comes back unless the test
    succeeds: then the flow reloads it with what it found.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        address: Mapping[str, Any],
        entry: ConfigEntry | None = None,
        *,
        serial: str | None = None,
    ) -> None:
        """Prepare a test of one address.

        ``entry`` is the plant that has to answer, ``serial`` the stick.
        """
        self._hass = hass
        self._address = address
        self._entry = entry
        self._serial = serial
        self.answer: HostAnswer | None = None
        self.another: HostAnswer | None = None
        """What answered in place of the entry's own stick."""
        self.error: str | None = None
        self.greeted = asyncio.Event()

    async def async_run(self) -> None:
        """Run all stages; afterwards there is an answer or an error."""
        released = await self._async_release()
        try:
            answer = await probe_host(self._hass, self._address, self.greeted.set)
            self._judge(answer)
        except LinkError as error:
            self.error = error.verdict.value
        except HomeAssistantError:
            self.error = IN_USE
        finally:
            self.greeted.set()
            if released and self.answer is None:
                await self._hass.config_entries.async_setup(released)

    def _judge(self, answer: HostAnswer) -> None:
        """Take a plant for the right one unless its serial or model says otherwise."""
        told = answer.serial
        if self._serial and told and told != self._serial:
            self.error = DIFFERENT_SERIAL
        elif self._entry is None:
            self.answer = answer
        elif told:
            known = stick_of(self._entry)
            if known in {None, told}:
                self.answer = answer
            else:
                self.another = answer
        else:
            expected = self._entry.data.get(CONF_MODEL)
            if expected and answer.model and not _same_model(expected, answer.model):
                self.error = DIFFERENT_MODEL
            else:
                self.answer = answer

    async def _async_release(self) -> str | None:
        """Take the entry off the link; return its id if it has to come back."""
        if self._entry is None or self._entry.state not in (
            ConfigEntryState.LOADED,
            ConfigEntryState.SETUP_RETRY,
        ):
            return None
        entry_id = self._entry.entry_id
        unloaded = await self._hass.config_entries.async_unload(entry_id)
        return entry_id if unloaded else None
