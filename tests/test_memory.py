"""What a plant's past is good for after a restart."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.instagen.const import DOMAIN
from custom_components.instagen.memory import SAVE_DELAY
from simulator import Simulator

from .conftest import SERIAL, SetUp, make_entry, value


def remember(
    hass_storage: dict[str, Any], entry: MockConfigEntry, counters: dict[str, float]
) -> None:
    """Store what an earlier run believed a moment ago."""
    key = f"{DOMAIN}.{entry.entry_id}"
    data = {"time": dt_util.utcnow().timestamp(), "link": {"counters": counters}}
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}


async def test_a_spike_in_the_first_answer_after_a_restart_is_not_believed(
    hass: HomeAssistant, plant: Simulator, hass_storage: dict[str, Any]
):
    """The Energy dashboard would keep it for good."""
    truth = plant.state()["pv_energy"]
    assert isinstance(truth, float)
    entry = make_entry(plant.modbus_port)
    entry.add_to_hass(hass)
    remember(hass_storage, entry, {"pv_energy": round(truth - 0.2, 1)})
    await plant.fault("spike", register=2000, word=0x00F0, reads=2)
    await hass.config_entries.async_setup(entry.entry_id)
    assert value(hass, "pv_energy") == STATE_UNKNOWN
    coordinator = entry.runtime_data.coordinator
    coordinator._next_slow = 0
    await coordinator.async_refresh()
    assert float(value(hass, "pv_energy") or 0) == pytest.approx(truth, abs=0.1)


async def test_counters_are_written_down_when_the_entry_unloads(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp, hass_storage: dict[str, Any]
):
    entry = await set_up(plant.modbus_port)
    assert await hass.config_entries.async_unload(entry.entry_id)
    stored = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]
    truth = plant.state()["pv_energy"]
    assert stored["link"]["counters"]["pv_energy"] == pytest.approx(truth, abs=0.1)
    assert await hass.config_entries.async_remove(entry.entry_id)
    assert f"{DOMAIN}.{entry.entry_id}" not in hass_storage


async def test_counters_are_written_down_while_polls_go_on(
    hass: HomeAssistant,
    plant: Simulator,
    set_up: SetUp,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
):
    """A crash must find them: a poll a minute does not put the save off for ever."""
    entry = await set_up(plant.modbus_port)
    coordinator = entry.runtime_data.coordinator
    key = f"{DOMAIN}.{entry.entry_id}"
    for _ in range(SAVE_DELAY // 60 + 2):
        coordinator._next_slow = 0
        await coordinator.async_refresh()
        freezer.tick(60)
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
    assert key in hass_storage
    del hass_storage[key]
    for _ in range(SAVE_DELAY // 60 + 2):
        coordinator._next_slow = 0
        await coordinator.async_refresh()
        freezer.tick(60)
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
    assert key in hass_storage


async def test_a_part_seen_before_is_expected_again(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp
):
    """A third string was fitted once; that it says nothing now deletes nothing."""
    registry = er.async_get(hass)
    old = registry.async_get_or_create("sensor", DOMAIN, f"{SERIAL}_pv3_power")
    await set_up(plant.modbus_port)
    state = hass.states.get(old.entity_id)
    assert state is not None
    assert state.state != STATE_UNAVAILABLE


async def test_a_disabled_reading_is_not_read_after_a_restart(
    hass: HomeAssistant, plant: Simulator
):
    entry = make_entry(plant.modbus_port)
    entry.add_to_hass(hass)
    registry = er.async_get(hass)
    for key, by in (
        ("battery_cell_temperature_min", None),
        ("pv_energy", er.RegistryEntryDisabler.USER),
    ):
        registry.async_get_or_create(
            "sensor", DOMAIN, f"{SERIAL}_{key}", config_entry=entry, disabled_by=by
        )
    await hass.config_entries.async_setup(entry.entry_id)
    wanted = entry.runtime_data.coordinator._wanted()
    assert "battery_cell_temperature_min" in wanted
    assert "pv_energy" not in wanted
    assert value(hass, "battery_cell_temperature_min") not in (None, STATE_UNKNOWN)
