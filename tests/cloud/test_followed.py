"""Followed plants: shown over the cloud alone, or as the last link of a local plant."""

from datetime import timedelta

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity_component import async_update_entity
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.instagen.const import (
    CONF_DTS_PORT,
    CONF_LINKS,
    CONF_SERIAL,
    DOMAIN,
)
from custom_components.instagen.coordinator import InstagenCoordinator
from custom_components.instagen.links import combined
from custom_components.instagen.plant.states import LinkName
from simulator import Simulator
from simulator.cloud import HOME, Cloud

from .conftest import DTU, Clock, account_entry, followed, set_up


def entity(hass: HomeAssistant, key: str) -> er.RegistryEntry | None:
    found = [
        one
        for one in er.async_get(hass).entities.values()
        if one.unique_id == f"{DTU}_{key}"
    ]
    assert len(found) <= 1
    return found[0] if found else None


def shown(hass: HomeAssistant, key: str) -> str | None:
    found = entity(hass, key)
    state = hass.states.get(found.entity_id) if found else None
    return state.state if state else None


def local_entry(sim: Simulator) -> MockConfigEntry:
    return MockConfigEntry(
        domain=DOMAIN,
        title="HIT-15L-G3",
        unique_id=DTU,
        data={
            CONF_HOST: "127.0.0.1",
            CONF_DTS_PORT: sim.dts_port,
            CONF_SERIAL: DTU,
            CONF_LINKS: [LinkName.DTS.value],
        },
    )


async def follow(hass: HomeAssistant, cloud: Cloud) -> MockConfigEntry:
    entry = account_entry(cloud, plants=(followed(),))
    await set_up(hass, entry)
    return entry


def coordinator_of(entry: MockConfigEntry) -> InstagenCoordinator:
    plant = entry.runtime_data.plants[HOME]
    coordinator: InstagenCoordinator = plant.entry.runtime_data.coordinator
    return coordinator


async def test_a_plant_that_only_the_cloud_reaches(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    entry = await follow(hass, home_cloud)
    truth = sim.state()
    assert shown(hass, "battery_soc") == str(truth["battery_soc"])
    assert float(shown(hass, "pv_power") or 0) == pytest.approx(
        float(truth["pv_power"] or 0), rel=0.02
    )
    assert shown(hass, "active_link") == "cloud"
    assert shown(hass, "battery_mode") == "self_consumption"
    found = entity(hass, "battery_soc")
    assert found is not None
    assert found.config_entry_id == entry.entry_id
    assert found.config_subentry_id == next(iter(entry.subentries))
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, DTU), entry.entry_id
    )
    assert device is not None
    assert device.serial_number == DTU
    keys = {"pv_power", "grid_power", "load_power", "battery_soc", "pv_energy"}
    assert all(entity(hass, key) for key in keys)


async def test_it_is_steered_over_the_cloud(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    await follow(hass, home_cloud)
    found = entity(hass, "battery_mode")
    assert found is not None
    writes = home_cloud.requests.get("write_setting", 0)
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": found.entity_id, "option": "full_backup"},
        blocking=True,
    )
    assert home_cloud.requests["write_setting"] == writes + 1
    assert sim.plant.settings.battery_mode == "full_backup"
    assert shown(hass, "battery_mode") == "full_backup"


async def test_a_frozen_value_is_unknown(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator, clock: Clock
):
    entry = await follow(hass, home_cloud)
    coordinator = coordinator_of(entry)
    await sim.fault("cloud_starved")
    for _ in range(6):
        await clock.sleep(300)
        await coordinator.async_refresh()
    assert shown(hass, "battery_soc") == STATE_UNAVAILABLE
    assert shown(hass, "dtu_connected") == "off"
    await sim.fault("cloud_starved", on=False)
    for _ in range(3):
        await clock.sleep(300)
        await coordinator.async_refresh()
    assert shown(hass, "battery_soc") == str(sim.state()["battery_soc"])


async def test_a_plant_that_is_not_there_yet_comes_by_itself(
    hass: HomeAssistant, home_cloud: Cloud
):
    home_cloud.fault("empty", function="live")
    entry = await follow(hass, home_cloud)
    assert entry.state is ConfigEntryState.LOADED
    assert shown(hass, "battery_soc") is None
    home_cloud.fault("empty", on=False)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=301))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, "battery_soc") is not None


# ---- one plant on both sides ----


async def both(
    hass: HomeAssistant, cloud: Cloud, sim: Simulator, *, local_first: bool
) -> tuple[MockConfigEntry, MockConfigEntry]:
    local, account = local_entry(sim), account_entry(cloud, plants=(followed(),))
    for entry in (local, account) if local_first else (account, local):
        await set_up(hass, entry)
    await hass.async_block_till_done(wait_background_tasks=True)
    return local, account


@pytest.mark.parametrize("local_first", [True, False])
async def test_no_second_set_of_entities(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator, local_first: bool
):
    local, account = await both(hass, home_cloud, sim, local_first=local_first)
    assert local.state is account.state is ConfigEntryState.LOADED
    assert account.runtime_data.plants == {}
    for key in ("battery_soc", "pv_power", "battery_mode"):
        found = entity(hass, key)
        assert found is not None
        assert found.config_entry_id == local.entry_id, key
        assert shown(hass, key) not in {None, STATE_UNAVAILABLE}, key
    assert shown(hass, "active_link") == "dts"


async def test_the_cloud_steps_in(
    hass: HomeAssistant,
    home_cloud: Cloud,
    sim: Simulator,
    monkeypatch: pytest.MonkeyPatch,
):
    local, _ = await both(hass, home_cloud, sim, local_first=True)
    coordinator = local.runtime_data.coordinator
    assert home_cloud.requests.get("write_setting", 0) == 0
    before = set(er.async_get(hass).entities)
    await sim.fault("drop")
    for _ in range(2):
        await coordinator.async_refresh()
    assert shown(hass, "battery_soc") == str(sim.state()["battery_soc"])
    assert shown(hass, "active_link") == "cloud"
    await sim.fault("drop", on=False)
    monkeypatch.setattr(combined, "AWAY_SECONDS", 0)
    coordinator.link._away.clear()
    for _ in range(2):
        await coordinator.async_refresh()
    assert shown(hass, "active_link") == "dts"
    assert set(er.async_get(hass).entities) == before


async def test_what_local_cannot_change_goes_over_the_cloud_once(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    local, _ = await both(hass, home_cloud, sim, local_first=True)
    await sim.fault("drop")
    await local.runtime_data.coordinator.async_refresh()
    found = entity(hass, "battery_mode")
    assert found is not None
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": found.entity_id, "option": "full_backup"},
        blocking=True,
    )
    assert sim.plant.settings.battery_mode == "full_backup"
    assert home_cloud.requests["write_setting"] == 1


async def test_a_plant_that_is_removed_locally_is_shown_over_the_cloud(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    local, account = await both(hass, home_cloud, sim, local_first=True)
    await hass.config_entries.async_remove(local.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    found = entity(hass, "battery_soc")
    assert found is not None
    assert found.config_entry_id == account.entry_id
    assert shown(hass, "active_link") == "cloud"


async def test_an_account_that_is_removed_takes_its_link_away(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    local, account = await both(hass, home_cloud, sim, local_first=True)
    assert local.runtime_data.coordinator.link.name is LinkName.DTS
    await hass.config_entries.async_remove(account.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    links = local.runtime_data.coordinator.link.diagnostics()
    assert "links" not in links
    assert shown(hass, "battery_soc") == str(sim.state()["battery_soc"])


async def test_alarms_over_the_cloud(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    entry = await follow(hass, home_cloud)
    found = entity(hass, "cloud_alarm")
    assert found is not None
    assert shown(hass, "cloud_alarm") == "unknown"

    async def look() -> str | None:
        await async_update_entity(hass, found.entity_id)
        await hass.async_block_till_done()
        state = hass.states.get(found.entity_id)
        return state.attributes.get("event_type") if state else None

    sim.plant.set("alarms", {"safety_dsp": [7]})
    await sim.advance(400)
    assert await look() == "raised"
    told = await hass.services.async_call(
        DOMAIN,
        "get_alarms",
        {"config_entry_id": entry.entry_id},
        blocking=True,
        return_response=True,
    )
    alarms = (told or {})["alarms"]
    assert isinstance(alarms, list)
    assert len(alarms) == 1
    sim.plant.set("alarms", {})
    await sim.advance(400)
    assert await look() == "cleared"
