"""The simulator's own list of faults, seen as alarms in Home Assistant."""

from homeassistant.core import HomeAssistant
import pytest

from simulator import Simulator
from tests.conftest import SetUp


@pytest.mark.parametrize(
    ("alarms", "code"),
    [
        ({"safety_dsp": ["insulation"]}, "insulation_low"),
        ({"arm_peripheral": ["grid_meter_lost"]}, "grid_meter_lost"),
    ],
)
async def test_a_simulated_fault_is_an_alarm(
    hass: HomeAssistant,
    plant: Simulator,
    set_up: SetUp,
    alarms: dict[str, list[str]],
    code: str,
) -> None:
    entry = await set_up(plant.modbus_port)
    plant.set({"alarms": alarms})
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    state = hass.states.get("event.hit_15l_g3_alarm")
    assert state is not None
    assert state.attributes["code"] == code
    assert state.attributes["state"] == "raised"
    plant.set({"alarms": {}})
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    state = hass.states.get("event.hit_15l_g3_alarm")
    assert state is not None
    assert state.attributes["state"] == "cleared"
    await hass.config_entries.async_unload(entry.entry_id)
