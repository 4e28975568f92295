"""What a plant's past is good for after a restart."""

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, UnitOfEnergy
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import mock_restore_cache

from custom_components.instagen.const import DOMAIN
from simulator import Simulator

from .conftest import SERIAL, SetUp, make_entry, value


def remember(
    hass: HomeAssistant, key: str, state: str, unit: str = UnitOfEnergy.KILO_WATT_HOUR
) -> None:
    """Register a sensor of an earlier run and store its last state."""
    entity = er.async_get(hass).async_get_or_create("sensor", DOMAIN, f"{SERIAL}_{key}")
    mock_restore_cache(
        hass, [State(entity.entity_id, state, {"unit_of_measurement": unit})]
    )


async def test_a_spike_in_the_first_answer_after_a_restart_is_not_believed(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp
):
    """The Energy dashboard would keep it for good."""
    truth = plant.state()["pv_energy"]
    remember(hass, "pv_energy", f"{int(truth)}.0")
    await plant.fault("spike", register=2000, word=0x00F0, reads=2)
    entry = await set_up(plant.modbus_port)
    assert value(hass, "pv_energy") == STATE_UNKNOWN
    await entry.runtime_data.coordinator.async_refresh()
    entry.runtime_data.coordinator._next_slow = 0
    await entry.runtime_data.coordinator.async_refresh()
    assert float(value(hass, "pv_energy") or 0) == pytest.approx(truth, abs=0.1)


@pytest.mark.parametrize(
    ("state", "unit"),
    [("unknown", "kWh"), ("unavailable", "kWh"), ("8.7", "MWh")],
)
async def test_a_past_without_a_number_of_ours_changes_nothing(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp, state: str, unit: str
):
    remember(hass, "pv_energy", state, unit)
    await set_up(plant.modbus_port)
    truth = plant.state()["pv_energy"]
    assert float(value(hass, "pv_energy") or 0) == pytest.approx(truth, abs=0.1)


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
