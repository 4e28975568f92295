"""A plant comes, lives and goes."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from simulator import Simulator

from .conftest import SERIAL, SetUp


async def test_live(hass: HomeAssistant, plant: Simulator, set_up: SetUp):
    entry = await set_up(plant)
    assert entry.state is ConfigEntryState.LOADED
    registry = er.async_get(hass)
    truth = plant.state()
    for e in er.async_entries_for_config_entry(registry, entry.entry_id):
        state = hass.states.get(e.entity_id)
        key = e.unique_id.removeprefix(f"{SERIAL}_")
        print(
            f"{e.entity_id:60} {key:32} {state.state if state else '(disabled)':>12} truth={truth.get(key)}"
        )
    print(
        {
            k: v
            for k, v in truth.items()
            if not any(
                e.unique_id.endswith("_" + k)
                for e in er.async_entries_for_config_entry(registry, entry.entry_id)
            )
        }
    )
    print(entry.runtime_data.coordinator.link.statistics)
