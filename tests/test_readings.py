"""What Home Assistant shows is what is true of the plant."""

from datetime import datetime
import math

from homeassistant.const import STATE_UNKNOWN, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.instagen.links.modbus.rows import ROWS
from custom_components.instagen.plant.readings import READINGS, Kind
from simulator import SCENARIOS, Simulator, serve

from .conftest import NOON, SERIAL, SetUp, value

PRECISION = {Kind.ENERGY_TOTAL: 0.11, Kind.ENERGY_TODAY: 0.11}
"""kWh: the wire holds tenths, cut off."""


def registered_keys(hass: HomeAssistant) -> set[str]:
    """Return the keys of all registered entities."""
    entities = er.async_get(hass).entities.values()
    return {e.unique_id.removeprefix(f"{SERIAL}_") for e in entities}


def enable_everything(hass: HomeAssistant) -> None:
    """Enable what is disabled by default."""
    registry = er.async_get(hass)
    for entity in list(registry.entities.values()):
        if entity.disabled_by:
            registry.async_update_entity(entity.entity_id, disabled_by=None)


def agrees(key: str, shown: str | None, truth: object) -> bool:
    """Return whether a state is what the model says, to the wire's precision."""
    if isinstance(truth, bool):
        return shown == ("on" if truth else "off")
    if isinstance(truth, int | float):
        allowed = PRECISION.get(READINGS[key].kind, 0.051)
        return shown is not None and math.isclose(
            float(shown), truth, rel_tol=1e-4, abs_tol=allowed
        )
    return shown == (STATE_UNKNOWN if truth is None else str(truth))


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
@pytest.mark.parametrize("hour", [3, 13, 19])
async def test_every_value_is_the_truth(
    hass: HomeAssistant,
    socket_enabled: None,
    set_up: SetUp,
    scenario: str,
    hour: int,
):
    start = NOON.replace(hour=hour)
    async with serve(scenario, start=start, from_midnight=True) as sim:
        entry = await set_up(sim.modbus_port)
        enable_everything(hass)
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        truth = sim.state()
        read = registered_keys(hass) & truth.keys() & READINGS.keys()
        shown = {key: value(hass, key) for key in read}
        await hass.config_entries.async_unload(entry.entry_id)
    wrong = {
        key: (state, truth[key])
        for key, state in shown.items()
        if not agrees(key, state, truth[key])
    }
    assert not wrong
    assert len(shown) > 25


async def test_with_everything_fitted_every_key_of_modbus_has_a_value(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp
):
    entry = await set_up(plant.modbus_port)
    enable_everything(hass)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    strings = {key for key in ROWS if key.startswith(("pv3_", "pv4_"))}
    expected = ROWS.keys() - strings - {"faults"}
    missing = {key for key in expected if value(hass, key) in (None, STATE_UNKNOWN)}
    assert not missing


async def test_what_is_not_fitted_has_no_entity(
    hass: HomeAssistant, socket_enabled: None, set_up: SetUp
):
    async with serve("single_phase", start=NOON) as sim:
        await set_up(sim.modbus_port)
        keys = registered_keys(hass)
    assert "pv1_power" in keys
    assert "grid_voltage_l1" in keys
    assert not {key for key in keys if key.startswith(("pv2", "pv3", "generator"))}
    assert not {key for key in keys if key.endswith(("_l2", "_l3"))}
    assert not {key for key in keys if key.startswith("ac_pv")}


async def test_a_plant_without_battery_has_no_battery_entities(
    hass: HomeAssistant, socket_enabled: None, set_up: SetUp
):
    async with serve("no_battery", start=NOON) as sim:
        await set_up(sim.modbus_port)
        assert not {k for k in registered_keys(hass) if k.startswith("battery")}


async def test_import_and_discharge_are_positive(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp
):
    plant.set({"sun": 0, "load": 4000, "soc": 5})
    await plant.advance(60)
    await set_up(plant.modbus_port)
    assert float(value(hass, "grid_power") or 0) > 2_000
    assert value(hass, "grid_import_power") == value(hass, "grid_power")
    assert value(hass, "grid_export_power") == "0"
    plant.set({"soc": 80})
    await plant.advance(60)
    coordinator = hass.config_entries.async_loaded_entries("instagen")[0]
    await coordinator.runtime_data.coordinator.async_refresh()
    assert float(value(hass, "battery_power") or 0) > 2_000
    assert value(hass, "battery_discharge_power") == value(hass, "battery_power")


async def test_classes_and_categories(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp
):
    """Counters feed the Energy dashboard; what few people look at is off by default."""
    await set_up(plant.modbus_port)
    registry = er.async_get(hass)
    by_key = {
        e.unique_id.removeprefix(f"{SERIAL}_"): e for e in registry.entities.values()
    }
    energy = hass.states.get(by_key["grid_import_energy"].entity_id)
    assert energy is not None
    assert energy.attributes["state_class"] == "total_increasing"
    assert energy.attributes["device_class"] == "energy"
    assert energy.attributes["unit_of_measurement"] == "kWh"
    soc = hass.states.get(by_key["battery_soc"].entity_id)
    assert soc is not None
    assert soc.attributes["device_class"] == "battery"
    assert by_key["battery_voltage"].entity_category is EntityCategory.DIAGNOSTIC
    rare = {key for key, reading in READINGS.items() if reading.rare}
    assert {key for key, e in by_key.items() if e.disabled_by} == rare & by_key.keys()


async def test_last_update_is_to_the_minute(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp
):
    await set_up(plant.modbus_port)
    shown = value(hass, "last_update")
    assert shown is not None
    assert datetime.fromisoformat(shown).second == 0
    assert value(hass, "active_link") == "modbus"
