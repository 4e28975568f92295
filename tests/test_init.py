"""A plant comes, lives and goes, and leaves no trace."""

import asyncio
from dataclasses import replace
import logging

from homeassistant.components.modbus import async_get_unit
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from modbus_connection import ModbusTlsParams
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.const import DOMAIN
from custom_components.instagen.links.modbus import link
from simulator import Simulator, serve

from .conftest import SERIAL, SetUp, make_entry, value
from .proxy import WireTap


async def test_a_plant_is_one_device_with_its_parts_below(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp
):
    entry = await set_up(plant.modbus_port)
    assert entry.state is ConfigEntryState.LOADED
    registry = dr.async_get(hass)
    plant_device = registry.async_get_device_by_identifier(
        (DOMAIN, SERIAL), entry.entry_id
    )
    assert plant_device is not None
    assert plant_device.model == "HIT-15L-G3"
    assert plant_device.model_id == "DTS-WL-G3"
    assert plant_device.serial_number == SERIAL
    assert "power_dsp" in (plant_device.sw_version or "")
    children = dr.async_entries_for_parent_device(registry, plant_device.id)
    parts = {next(iter(d.identifiers))[1].removeprefix(SERIAL) for d in children}
    assert parts == {"_pv", "_battery", "_grid", "_generator", "_ac_pv"}


async def test_unloading_closes_the_shared_link_and_stops_polling(
    hass: HomeAssistant, wire: WireTap, set_up: SetUp
):
    entry = await set_up(wire.port)
    coordinator = entry.runtime_data.coordinator
    assert [info.connected for info in async_get_connection_info(hass)] == [True]
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert async_get_connection_info(hass) == []
    assert value(hass, "pv_power") == STATE_UNAVAILABLE
    before = wire.reads.total()
    assert coordinator._unsub_refresh is None
    await coordinator.async_refresh()
    assert wire.reads.total() == before


async def test_a_reload_keeps_every_entity(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp
):
    entry = await set_up(plant.modbus_port)
    registry = er.async_get(hass)
    before = {e.entity_id for e in registry.entities.values()}
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert {e.entity_id for e in registry.entities.values()} == before
    assert value(hass, "pv_power") == str(plant.state()["pv_power"])


async def test_removing_a_plant_leaves_nothing(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp
):
    entry = await set_up(plant.modbus_port)
    assert await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert not er.async_get(hass).entities
    assert not dr.async_get(hass).devices
    assert not [i for i in ir.async_get(hass).issues if i[0] == DOMAIN]


async def refused_port() -> int:
    """Return a port of this machine on which nobody listens."""
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def test_a_closed_port_is_named(hass: HomeAssistant, socket_enabled: None):
    entry = make_entry(await refused_port())
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "link_port_closed"


async def test_a_stick_that_does_not_answer_is_named(
    hass: HomeAssistant,
    plant: Simulator,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(link, "REQUEST_TIMEOUT", 0.05)
    await plant.fault("stall")
    entry = await set_up(plant.modbus_port)
    assert entry.error_reason_translation_key == "link_no_answer"
    await plant.fault("stall", on=False)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_something_else_at_the_address_is_named(
    hass: HomeAssistant, socket_enabled: None, set_up: SetUp
):
    async with serve("hybrid") as sim:
        sim.plant.config = replace(sim.plant.config, model="")
        entry = await set_up(sim.modbus_port)
    assert entry.error_reason_translation_key == "link_not_instagen"


async def test_the_link_is_refused_when_somebody_uses_it_differently(
    hass: HomeAssistant, plant: Simulator
):
    """Another integration speaks TLS to the same port: one link cannot do both."""
    other = MockConfigEntry(domain="test")
    other.add_to_hass(hass)
    async_get_unit(
        hass, other, ModbusTlsParams(host="127.0.0.1", port=plant.modbus_port), 1
    )
    entry = make_entry(plant.modbus_port)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "link_settings_in_use"


async def test_one_line_for_the_loss_and_one_for_the_return(
    hass: HomeAssistant,
    plant: Simulator,
    set_up: SetUp,
    caplog: pytest.LogCaptureFixture,
):
    entry = await set_up(plant.modbus_port)
    coordinator = entry.runtime_data.coordinator
    caplog.clear()
    caplog.set_level(logging.INFO, "custom_components.instagen")
    await plant.fault("drop")
    for _ in range(3):
        await coordinator.async_refresh()
    assert value(hass, "battery_soc") == STATE_UNAVAILABLE
    assert value(hass, "dtu_connected") == "off"
    assert value(hass, "last_update") not in (None, STATE_UNAVAILABLE)
    await plant.fault("drop", on=False)
    for _ in range(3):
        await coordinator.async_refresh()
    assert value(hass, "battery_soc") == str(plant.state()["battery_soc"])
    assert value(hass, "dtu_connected") == "on"
    ours = [r for r in caplog.records if r.name == "custom_components.instagen"]
    assert len(ours) == 2, [r.getMessage() for r in ours]
    assert SERIAL not in caplog.text


async def test_a_part_can_be_removed_once_it_is_gone(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp, hass_ws_client
):
    """A generator that was taken out; the battery is there and stays."""
    entry = await set_up(plant.modbus_port)
    await async_setup_component(hass, "config", {})
    devices = dr.async_get(hass)
    children = {
        next(iter(child.identifiers))[1].removeprefix(f"{SERIAL}_"): child
        for child in dr.async_child_entries_for_config_entry(devices, entry.entry_id)
    }
    client = await hass_ws_client(hass)

    async def remove(part: str) -> bool:
        command = "config/device_registry/remove"
        device_id = children[part].id
        await client.send_json_auto_id({"type": command, "device_id": device_id})
        answer = await client.receive_json()
        return bool(answer["success"])

    assert not await remove("generator")
    coordinator = entry.runtime_data.coordinator
    plant.plant.config = replace(plant.plant.config, generator_power=None)
    plant.set({"generator_port": 3})
    plant.plant.reset_counters()
    await coordinator.link.identify()
    assert not await remove("battery")
    assert not await remove("pv")
    assert await remove("generator")
    await hass.async_block_till_done()
    assert value(hass, "generator_power") is None
    assert value(hass, "battery_power") is not None
    await hass.config_entries.async_unload(entry.entry_id)
    assert not await remove("battery")
