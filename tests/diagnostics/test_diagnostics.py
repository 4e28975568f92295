"""Diagnostics tell how the plant does, and never whose it is."""

from datetime import datetime
import json

from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import JSONEncoder
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.diagnostics import async_get_config_entry_diagnostics
from tests.config_flow.small_stick import MODEL, SERIAL, SmallStick


async def test_everything_a_developer_needs(
    hass: HomeAssistant, stick: SmallStick, loaded: MockConfigEntry
) -> None:
    data = await async_get_config_entry_diagnostics(hass, loaded)
    assert data["entry"]["title"] == MODEL
    assert data["identity"]["model"] == MODEL
    assert data["values"]["faults"] == "00000000-00000000-00000000-0000-0000-0000"
    assert data["link"]["statistics"]["answers"] > 0
    assert data["link"]["blocks"]
    assert data["last_update_success"] is True


async def test_no_text_tells_whose_plant_it_is(
    hass: HomeAssistant, stick: SmallStick, loaded: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(loaded, title=f"DTS-{SERIAL[-8:]} at home")
    loaded.runtime_data.coordinator.identity.firmware["stick"] = f"V1 of {SERIAL}"
    data = await async_get_config_entry_diagnostics(hass, loaded)
    text = json.dumps(data, cls=JSONEncoder)
    assert SERIAL not in text
    assert SERIAL[-8:] not in text
    assert stick.host not in text
    assert data["entry"]["title"] == "DTS-**REDACTED** at home"
    assert data["identity"]["firmware"]["stick"] == "V1 of **REDACTED**"
    assert data["entry"]["data"]["serial"] == "**REDACTED**"
    assert data["entry"]["unique_id"] == "**REDACTED**"


async def test_values_keep_their_kind(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    data = await async_get_config_entry_diagnostics(hass, loaded)
    kinds = (int, float, str, bool, datetime, type(None))
    assert all(isinstance(value, kinds) for value in data["values"].values())
