"""Fixtures that the tests of the hall share: a small stick and its entry."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_MODEL, CONF_PORT
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import pytest_socket

from custom_components.instagen.const import CONF_SERIAL, CONF_UNIT_ID, DOMAIN
from tests.config_flow.small_stick import MODEL, SERIAL, SmallStick

LOOPBACK = [f"127.0.0.{number}" for number in range(1, 8)]


@contextmanager
def loopback() -> Iterator[None]:
    """Allow connections to a few addresses of this machine."""
    pytest_socket.socket_allow_hosts(LOOPBACK)
    yield


@pytest.fixture
async def stick(socket_enabled: None) -> AsyncIterator[SmallStick]:
    """Return a stick that answers."""
    stick = SmallStick()
    await stick.start()
    yield stick
    await stick.stop()


@pytest.fixture
def entry(hass: HomeAssistant, stick: SmallStick) -> MockConfigEntry:
    """Return the stick's entry, not set up yet."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=MODEL,
        unique_id=SERIAL,
        data={
            CONF_HOST: stick.host,
            CONF_PORT: stick.port,
            CONF_UNIT_ID: 1,
            CONF_SERIAL: SERIAL,
            CONF_MODEL: MODEL,
        },
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def loaded(
    hass: HomeAssistant, entry: MockConfigEntry
) -> AsyncIterator[MockConfigEntry]:
    """Return the stick's entry, set up; it is taken out again afterwards."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
