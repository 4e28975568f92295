"""The whole path on the simulated plant: added by its address, then alive."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_MODEL, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.instagen.const import (
    CONF_DTS_PORT,
    CONF_SERIAL,
    CONF_UNIT_ID,
    DOMAIN,
)
from simulator import Simulator
from tests.config_flow.settling import settle
from tests.config_flow.small_stick import SERIAL
from tests.conftest import SetUp


async def _add(hass: HomeAssistant, port: int, flow_id: str | None = None) -> Any:
    """Fill in the form, of a flow that is open or a new one, and wait for the test."""
    flow = hass.config_entries.flow
    if flow_id is None:
        result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        flow_id = result["flow_id"]
        await flow.async_configure(flow_id, {"next_step_id": "manual"})
    typed = {
        CONF_HOST: "127.0.0.1",
        "advanced": {
            CONF_DTS_PORT: 9,
            CONF_PORT: port,
            CONF_UNIT_ID: 1,
            CONF_SERIAL: SERIAL,
        },
    }
    return await settle(hass, await flow.async_configure(flow_id, typed))


async def test_added_and_alive(hass: HomeAssistant, plant: Simulator) -> None:
    result = await _add(hass, plant.modbus_port)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == result["data"][CONF_MODEL] == "HIT-15L-G3"
    await hass.async_block_till_done()
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(("fault", "verdict"), [("drop", "port_closed")])
async def test_away_and_back(
    hass: HomeAssistant, plant: Simulator, fault: str, verdict: str
) -> None:
    port = plant.modbus_port
    await plant.fault(fault)
    result = await _add(hass, port)
    assert result["errors"] == {"base": verdict}
    await plant.fault(fault, on=False)
    result = await _add(hass, port, result["flow_id"])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)


async def test_made_up_and_alive(hass: HomeAssistant, socket_enabled: None) -> None:
    flow = hass.config_entries.flow
    result = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    flow_id = result["flow_id"]
    await flow.async_configure(flow_id, {"next_step_id": "simulated"})
    result = await flow.async_configure(flow_id, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_second_entry_for_the_same_plant_is_refused(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp
) -> None:
    entry = await set_up(plant.modbus_port)
    result = await _add(hass, plant.modbus_port)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    await hass.config_entries.async_unload(entry.entry_id)
