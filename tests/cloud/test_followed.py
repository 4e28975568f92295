"""Followed plants: shown over the cloud alone, or as the last link of a local plant."""

from contextlib import suppress
from datetime import timedelta

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity_component import async_update_entity
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.instagen.cloud.covering import cloud_plant_of
from custom_components.instagen.const import (
    CONF_STICK_SERIAL,
    DOMAIN,
)
from custom_components.instagen.coordinator import InstagenCoordinator
from custom_components.instagen.links.cloud.rows import ROWS
from custom_components.instagen.links.combined import AWAY_SECONDS
from custom_components.instagen.links.dts.frame import Command
from custom_components.instagen.plant.states import LinkName
from simulator import Simulator
from simulator.cloud import HOME, Cloud
from tests.links.recorder import record
from tests.simulator.conftest import until

from .conftest import DTU, Clock, account_entry, followed, set_up
from .locally import plant_entry

WRITE = b"HM" + Command.WRITE_WORKING_MODE.to_bytes(2)
"""How a change of the mode begins on the stick's wire."""

NOBODY = 1
"""A port where nobody listens."""


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


def text_of(coordinator: InstagenCoordinator) -> str | None:
    """Return the translation key of what went wrong last."""
    return getattr(coordinator.last_exception, "translation_key", None)


TROUBLES = {
    "bad_gateway": "cloud_server_error",
    "half_json": "cloud_garbled",
    "redirect": "cloud_redirected",
    "huge": "cloud_too_large",
    "gone": "cloud_unreachable",
}


async def test_each_trouble_of_a_plant_has_its_text(
    hass: HomeAssistant, home_cloud: Cloud, clock: Clock
):
    """It is about the cloud: there is no stick that could be out of reach."""
    coordinator = coordinator_of(await follow(hass, home_cloud))
    for fault, text in TROUBLES.items():
        for on in (True, False):
            home_cloud.fault(fault, function="live", on=on)
            await clock.sleep(300)
            await coordinator.async_refresh()
            assert coordinator.last_update_success is not on
            assert text_of(coordinator) == text
    assert home_cloud.requests["login_v0"] == 1


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
    assert text_of(coordinator) == "cloud_stale"
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


async def test_a_dtu_is_replaced_at_the_portal(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator, clock: Clock
):
    """The entities keep their names; which local plant it is goes by the new serial."""
    old, new = DTU, "430199000001"
    entry = await follow(hass, home_cloud)
    (subentry,) = entry.subentries.values()
    entities = set(er.async_get(hass).entities)
    home_cloud.world.run("UPDATE devices SET dtu_sn = ? WHERE dtu_sn = ?", new, old)
    home_cloud.world.run("UPDATE devices SET sn = ? WHERE sn = ?", new, old)
    await clock.sleep(6 * 3600)
    await coordinator_of(entry).async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert subentry.data[CONF_STICK_SERIAL] == new
    assert set(er.async_get(hass).entities) == entities
    assert shown(hass, "battery_soc") == str(sim.state()["battery_soc"])
    assert cloud_plant_of(hass, plant_entry(sim, LinkName.DTS)) is None
    replaced = plant_entry(sim, LinkName.DTS, stick=new)
    found = cloud_plant_of(hass, replaced)
    assert found is not None
    assert found.sid == HOME


async def test_a_dtu_that_was_replaced_meanwhile(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    """A local plant with the present DTU covers one that is followed by an old one."""
    local = plant_entry(sim, LinkName.DTS)
    await set_up(hass, local)
    account = account_entry(home_cloud, plants=(followed(serial="430199000001"),))
    await set_up(hass, account)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert account.runtime_data.plants == {}
    assert local.state is account.state is ConfigEntryState.LOADED
    await sim.fault("drop")
    for _ in range(2):
        await local.runtime_data.coordinator.async_refresh()
    assert shown(hass, "active_link") == "cloud"


# ---- one plant on both sides ----


async def both(
    hass: HomeAssistant,
    cloud: Cloud,
    sim: Simulator,
    *,
    local_first: bool = True,
    port: int | None = None,
) -> tuple[MockConfigEntry, MockConfigEntry]:
    local = plant_entry(sim, LinkName.DTS, port=port)
    account = account_entry(cloud, plants=(followed(),))
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


async def poll(entry: MockConfigEntry, clock: Clock, seconds: float = 30) -> None:
    await clock.sleep(seconds)
    await entry.runtime_data.coordinator.async_refresh()


def states_of(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """Return what each entity of an entry shows, by its key, where it shows anything."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    keys = [one.unique_id.removeprefix(f"{DTU}_") for one in entities]
    states = {key: shown(hass, key) for key in keys}
    nothing = {None, STATE_UNAVAILABLE, STATE_UNKNOWN}
    return {key: str(state) for key, state in states.items() if state not in nothing}


async def test_the_cloud_steps_in_and_gives_way(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator, clock: Clock
):
    """Within two polls it serves the same entities, marked; then the stick is back."""
    local, _ = await both(hass, home_cloud, sim)
    await poll(local, clock)
    entities = set(er.async_get(hass).entities)
    before = states_of(hass, local)
    await sim.fault("drop")
    for _ in range(2):
        await poll(local, clock)
    assert shown(hass, "active_link") == "cloud"
    lost = before.keys() - states_of(hass, local).keys()
    assert not lost & ROWS.keys(), "the cloud has these"
    assert len(lost) < 6
    assert shown(hass, "battery_soc") == str(sim.state()["battery_soc"])
    assert float(shown(hass, "pv_energy") or 0) == pytest.approx(
        float(before["pv_energy"]), abs=0.3
    )
    await sim.fault("drop", on=False)
    await poll(local, clock, AWAY_SECONDS + 1)
    assert shown(hass, "active_link") == "dts"
    assert states_of(hass, local).keys() == before.keys()
    assert set(er.async_get(hass).entities) == entities


async def choose_full_backup(hass: HomeAssistant) -> None:
    found = entity(hass, "battery_mode")
    assert found is not None
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": found.entity_id, "option": "full_backup"},
        blocking=True,
    )


async def test_what_local_cannot_change_goes_over_the_cloud_once(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    local, _ = await both(hass, home_cloud, sim)
    await sim.fault("drop")
    await local.runtime_data.coordinator.async_refresh()
    await choose_full_backup(hass)
    assert sim.plant.settings.battery_mode == "full_backup"
    assert home_cloud.requests["write_setting"] == 1


@pytest.mark.parametrize("heard", [True, False])
async def test_a_change_under_way_when_the_stick_is_lost_goes_out_once(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator, clock: Clock, heard: bool
):
    """Whether the stick still heard it or not: no other link repeats it by itself."""
    async with record(sim.dts_port) as wire:
        local, _ = await both(hass, home_cloud, sim, port=wire.port)
        wire.cut_at, wire.cut_after = WRITE, heard
        choosing = hass.async_create_task(choose_full_backup(hass))
        await until(lambda: bool(wire.holding(WRITE)))
        wire.cut_at, wire.target = None, NOBODY
        with suppress(HomeAssistantError):
            await choosing  # what is lost need not be provable
        assert len(wire.holding(WRITE)) == 1
        assert home_cloud.requests.get("write_setting", 0) == 0
        for _ in range(2):
            await poll(local, clock)
        assert shown(hass, "active_link") == "cloud"
        # Wished for again, now that only the cloud is there: sent if it is not so yet.
        await choose_full_backup(hass)
        assert sim.plant.settings.battery_mode == "full_backup"
        assert home_cloud.requests.get("write_setting", 0) == (0 if heard else 1)
        wire.target = sim.dts_port
        await poll(local, clock, AWAY_SECONDS + 1)
        assert shown(hass, "active_link") == "dts"
        await choose_full_backup(hass)
        assert len(wire.holding(WRITE)) == 1
        assert home_cloud.requests.get("write_setting", 0) == (0 if heard else 1)
        await hass.config_entries.async_unload(local.entry_id)


async def test_a_plant_that_is_removed_locally_is_shown_over_the_cloud(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    local, account = await both(hass, home_cloud, sim)
    await hass.config_entries.async_remove(local.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    found = entity(hass, "battery_soc")
    assert found is not None
    assert found.config_entry_id == account.entry_id
    assert shown(hass, "active_link") == "cloud"


async def test_an_account_that_is_removed_takes_its_link_away(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    local, account = await both(hass, home_cloud, sim)
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
