"""The actions: alarms in words, and the Energy dashboard without doubling anything."""

from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.energy.validate import async_validate
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.const import DOMAIN
from tests.config_flow.small_stick import SERIAL, SmallStick
from tests.tariff.tables import GO

SET_UP = "set_up_energy_dashboard"


@pytest.fixture
async def plant(
    hass: HomeAssistant, stick: SmallStick, entry: MockConfigEntry
) -> AsyncIterator[MockConfigEntry]:
    """Return a loaded plant with a battery and a PV inverter on its AC side."""
    stick.words |= {1800: 1, 1850: 1, 1901: 1}
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def energy(hass: HomeAssistant) -> None:
    """Set the Energy integration up."""
    assert await async_setup_component(hass, "energy", {})
    await hass.async_block_till_done()


async def _call(
    hass: HomeAssistant, action: str, entry: MockConfigEntry, **data: Any
) -> Any:
    return await hass.services.async_call(
        DOMAIN,
        action,
        {ATTR_CONFIG_ENTRY_ID: entry.entry_id, **data},
        blocking=True,
        return_response=True,
    )


def _entity(hass: HomeAssistant, key: str) -> str:
    entity = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{SERIAL}_{key}")
    assert entity is not None
    return entity


async def _sources(hass: HomeAssistant) -> list[Any]:
    manager = await async_get_manager(hass)
    return list(manager.data["energy_sources"]) if manager.data else []


async def test_alarms_in_words(
    hass: HomeAssistant, stick: SmallStick, plant: MockConfigEntry
) -> None:
    assert await _call(hass, "get_alarms", plant) == {"alarms": []}
    stick.set_faults(grid_safety=1 << 15)
    await plant.runtime_data.coordinator.async_refresh()
    (alarm,) = (await _call(hass, "get_alarms", plant))["alarms"]
    assert alarm.pop("remedy").startswith("Do not touch the panels")
    assert alarm == {
        "code": "insulation_low",
        "family": "grid_safety",
        "severity": "danger",
        "text": "Earth fault: the insulation of the solar side is too low",
    }


async def test_alarms_not_known(hass: HomeAssistant, plant: MockConfigEntry) -> None:
    board = plant.runtime_data.coordinator.data
    with (
        patch.object(board, "_values", {}),
        pytest.raises(ServiceValidationError) as raised,
    ):
        await _call(hass, "get_alarms", plant)
    assert raised.value.translation_key == "alarms_unknown"
    assert (await _call(hass, "get_alarms", plant))["alarms"] == []


@pytest.mark.parametrize("action", ["get_alarms", SET_UP])
async def test_a_plant_that_is_not_there(
    hass: HomeAssistant, plant: MockConfigEntry, action: str
) -> None:
    gone = MockConfigEntry(domain=DOMAIN)
    with pytest.raises(ServiceValidationError) as raised:
        await _call(hass, action, gone)
    assert raised.value.translation_key == "service_config_entry_not_found"
    await hass.config_entries.async_unload(plant.entry_id)
    with pytest.raises(ServiceValidationError) as raised:
        await _call(hass, action, plant)
    assert raised.value.translation_key == "service_config_entry_not_loaded"
    await hass.config_entries.async_setup(plant.entry_id)


async def test_no_energy_dashboard(hass: HomeAssistant, plant: MockConfigEntry) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await _call(hass, SET_UP, plant)
    assert raised.value.translation_key == "energy_not_set_up"


async def test_the_dashboard_is_set_up_once(
    energy: None, hass: HomeAssistant, plant: MockConfigEntry
) -> None:
    coordinator = plant.runtime_data.coordinator
    coordinator.data._values["battery_capacity"] = 10.5
    tried = await _call(hass, SET_UP, plant, dry_run=True)
    assert await _sources(hass) == []
    done = await _call(hass, SET_UP, plant)
    assert done == tried
    assert [source["type"] for source in done["added"]] == [
        "grid",
        "solar",
        "solar",
        "battery",
    ]
    grid, solar, ac_solar, battery = await _sources(hass)
    assert grid["stat_energy_from"] == _entity(hass, "grid_import_energy")
    assert grid["stat_energy_to"] == _entity(hass, "grid_export_energy")
    assert grid["stat_rate"] == _entity(hass, "grid_power")
    assert solar["stat_energy_from"] == _entity(hass, "pv_energy")
    assert solar["stat_rate"] == _entity(hass, "pv_power")
    assert ac_solar["stat_energy_from"] == _entity(hass, "ac_pv_energy")
    assert battery == {
        "type": "battery",
        "stat_energy_from": _entity(hass, "battery_discharge_energy"),
        "stat_energy_to": _entity(hass, "battery_charge_energy"),
        "stat_rate": _entity(hass, "battery_power"),
        "stat_soc": _entity(hass, "battery_soc"),
        "capacity": 10.5,
    }
    again = await _call(hass, SET_UP, plant)
    assert again["added"] == again["completed"] == []
    assert len(again["kept"]) == 4
    assert await _sources(hass) == [grid, solar, ac_solar, battery]


async def test_the_dashboard_takes_the_sources(
    energy: None, hass: HomeAssistant, plant: MockConfigEntry
) -> None:
    await _call(hass, SET_UP, plant)
    found = (await async_validate(hass)).as_dict()
    problems = {issue["type"] for source in found["energy_sources"] for issue in source}
    # The recorder compiles statistics every five minutes; the rest would be our fault.
    assert problems <= {"statistics_not_defined", "entity_unavailable"}


async def test_what_is_there_stays_and_is_completed(
    energy: None, hass: HomeAssistant, plant: MockConfigEntry
) -> None:
    theirs = {
        "type": "grid",
        "stat_energy_from": "sensor.street_import",
        "stat_energy_to": None,
        "stat_rate": _entity(hass, "grid_power"),
        "cost_adjustment_day": 0,
    }
    ours = {
        "type": "battery",
        "stat_energy_from": _entity(hass, "battery_discharge_energy"),
        "stat_energy_to": "sensor.charged",
        "power_config": {"stat_rate": "sensor.chosen"},
        "name": "Cellar",
    }
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": [theirs, ours]})  # type: ignore[typeddict-item]
    done = await _call(hass, SET_UP, plant)
    assert [source["type"] for source in done["completed"]] == ["battery"]
    sources = await _sources(hass)
    assert sources[0] == theirs
    assert sources[1] == {
        **ours,
        "stat_rate": "sensor.chosen",
        "stat_soc": _entity(hass, "battery_soc"),
    }
    (grid,) = [source for source in sources[2:] if source["type"] == "grid"]
    assert "stat_rate" not in grid
    assert len(sources) == 5


async def test_without_wanting_an_answer(
    energy: None, hass: HomeAssistant, plant: MockConfigEntry
) -> None:
    data = {ATTR_CONFIG_ENTRY_ID: plant.entry_id}
    await hass.services.async_call(DOMAIN, SET_UP, data, blocking=True)
    assert len(await _sources(hass)) == 4


async def test_disabled_entities_are_named(
    energy: None, hass: HomeAssistant, plant: MockConfigEntry
) -> None:
    registry, entity_id = er.async_get(hass), _entity(hass, "pv_energy")
    registry.async_update_entity(entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    with pytest.raises(ServiceValidationError) as raised:
        await _call(hass, SET_UP, plant)
    assert raised.value.translation_key == "entities_disabled"
    assert raised.value.translation_placeholders == {"entities": entity_id}
    assert await _sources(hass) == []
    registry.async_update_entity(entity_id, disabled_by=None)
    assert (await _call(hass, SET_UP, plant))["added"]


async def test_a_plant_without_energy_entities(
    energy: None, hass: HomeAssistant, plant: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    for registered in er.async_entries_for_config_entry(registry, plant.entry_id):
        registry.async_remove(registered.entity_id)
    with pytest.raises(ServiceValidationError) as raised:
        await _call(hass, SET_UP, plant)
    assert raised.value.translation_key == "no_energy_entities"


# ---- prices ----


async def _set_tariff(hass: HomeAssistant, plant: MockConfigEntry) -> None:
    """Set a tariff, and wait for the entities that come with it."""
    await _call(hass, "set_tariff", plant, tariff=GO)
    await hass.async_block_till_done()


async def test_prices_come_along(
    energy: None, hass: HomeAssistant, plant: MockConfigEntry
) -> None:
    await _set_tariff(hass, plant)
    await _call(hass, SET_UP, plant)
    grid, *others = await _sources(hass)
    assert grid["entity_energy_price"] == _entity(hass, "buy_price")
    assert grid["entity_energy_price_export"] == _entity(hass, "sell_price")
    assert not any("entity_energy_price" in one for one in others)
    found = (await async_validate(hass)).as_dict()
    problems = {issue["type"] for source in found["energy_sources"] for issue in source}
    assert problems <= {"statistics_not_defined", "entity_unavailable"}


@pytest.mark.parametrize(
    "theirs",
    ["number_energy_price", "stat_cost", "entity_energy_price"],
)
async def test_prices_of_the_user_stay(
    energy: None, hass: HomeAssistant, plant: MockConfigEntry, theirs: str
) -> None:
    """What is sold had no price yet; it gets ours."""
    await _call(hass, SET_UP, plant)
    grid, *others = await _sources(hass)
    assert grid["entity_energy_price"] is None
    grid = {**grid, theirs: 0.31 if theirs.startswith("number") else "sensor.theirs"}
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": [grid, *others]})  # type: ignore[typeddict-item]
    await _set_tariff(hass, plant)
    done = await _call(hass, SET_UP, plant)
    assert [one["type"] for one in done["completed"]] == ["grid"]
    price = {"entity_energy_price_export": _entity(hass, "sell_price")}
    assert await _sources(hass) == [{**grid, **price}, *others]
    again = await _call(hass, SET_UP, plant)
    assert again["added"] == again["completed"] == []
