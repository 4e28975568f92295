"""Fixtures that the tests of the hall share: a small stick and its entry."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from homeassistant.const import CONF_HOST, CONF_MODEL, CONF_PORT, Platform
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import pytest_socket

from custom_components.instagen.const import CONF_SERIAL, CONF_UNIT_ID, DOMAIN
from custom_components.instagen.repairs import async_watch_issues
from tests.config_flow.small_stick import MODEL, SERIAL, SmallStick

LOOPBACK = [f"127.0.0.{number}" for number in range(1, 8)]


@contextmanager
def quick_loopback() -> Iterator[None]:
    """Allow this machine's own sockets, and no pause between requests."""
    pytest_socket.socket_allow_hosts(LOOPBACK)
    with patch("custom_components.instagen.links.modbus.link.MESSAGE_SPACING", 0.0):
        yield


@pytest.fixture(autouse=True)
def our_integration(
    enable_custom_integrations: None, socket_enabled: None
) -> Iterator[None]:
    """Let our integration and the sockets of this machine be used, in a hurry."""
    with quick_loopback():
        yield


@pytest.fixture
async def stick(our_integration: None) -> AsyncIterator[SmallStick]:
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
    platforms = (Platform.BINARY_SENSOR, Platform.EVENT, Platform.SENSOR)
    with patch("custom_components.instagen.PLATFORMS", platforms):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        if not entry.runtime_data.coordinator._on_slow_poll:
            async_watch_issues(hass, entry)
        yield entry
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()
