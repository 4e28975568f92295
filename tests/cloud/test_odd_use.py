"""What people do with accounts that nobody planned: twice, in the middle, with odd input."""

import asyncio
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
import voluptuous as vol

from custom_components.instagen.const import CONF_PLANT_ID, CONF_SERIAL, SUBENTRY_PLANT
from simulator.cloud import HOME, Cloud
from tests.links.cloud.server import ACCOUNT, PASSWORD, SmallCloud, serve

from .conftest import DTU, account_entry, followed, set_up
from .test_actions import FIRST, Desk
from .test_flow import add, typed


def entities(hass: HomeAssistant, entry: Any) -> set[str]:
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {one.unique_id for one in found if one.unique_id.startswith(DTU)}


async def test_two_accounts_do_not_steer_one_battery(
    hass: HomeAssistant, home_cloud: Cloud, caplog: pytest.LogCaptureFixture
):
    owner = account_entry(home_cloud, plants=(followed(),))
    firm = account_entry(home_cloud, "demo-installer", plants=(followed(),))
    for entry in (owner, firm):
        await set_up(hass, entry)
    assert list(owner.runtime_data.plants) == [HOME]
    assert not firm.runtime_data.plants
    shown = entities(hass, owner)
    assert len(shown) > 50
    assert not entities(hass, firm)
    assert "unique ID" not in caplog.text
    await hass.config_entries.async_remove(owner.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert list(firm.runtime_data.plants) == [HOME], "the other one takes over"
    assert entities(hass, firm) == shown


async def test_a_plant_is_followed_in_one_account_only(
    hass: HomeAssistant, home_cloud: Cloud
):
    firm = account_entry(home_cloud, "demo-installer", plants=(followed(),))
    await set_up(hass, firm)
    owner = (await add(hass, typed(home_cloud)))["result"]
    await hass.async_block_till_done()
    assert not owner.subentries
    manager = hass.config_entries.subentries
    flow: Any = await manager.async_init(
        (owner.entry_id, SUBENTRY_PLANT), context={"source": "user"}
    )
    flow = await manager.async_configure(flow["flow_id"], {CONF_PLANT_ID: str(HOME)})
    assert flow["errors"] == {"base": "followed_elsewhere"}
    (subentry,) = firm.subentries
    hass.config_entries.async_remove_subentry(firm, subentry)
    await hass.async_block_till_done()
    flow = await manager.async_configure(flow["flow_id"], {CONF_PLANT_ID: str(HOME)})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert flow["data"] == {CONF_PLANT_ID: HOME, CONF_SERIAL: DTU}
    await hass.async_block_till_done()


async def test_a_sync_that_outlives_its_entry_starts_nothing(
    hass: HomeAssistant, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
):
    entry = account_entry(cloud, "demo-installer")
    runtime = await set_up(hass, entry)
    assert runtime is not None
    coordinator, going = runtime.coordinator, asyncio.Event()
    read_list = coordinator.mirroring.read_list

    async def slow(**given: Any) -> None:
        await going.wait()
        await read_list(**given)

    monkeypatch.setattr(coordinator.mirroring, "read_list", slow)
    sync = hass.async_create_task(coordinator.async_refresh())
    await asyncio.sleep(0)
    await hass.config_entries.async_remove(entry.entry_id)
    before = asyncio.all_tasks()
    going.set()
    await sync
    assert coordinator.mirroring.mirror.outstanding
    assert not asyncio.all_tasks() - before


async def test_an_only_plant_without_a_number(
    hass: HomeAssistant, socket_enabled: None
):
    answers: dict[str, Any] = {
        "who_am_i": {"id": "88"},
        "plants": {"total": "1", "list": [{"id": None, "name": "Mill Lane"}]},
    }
    async with serve(SmallCloud(answers)) as small:
        given = {"brand": "reference", "host": small.address}
        result = await add(hass, {**given, "username": ACCOUNT, "password": PASSWORD})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
    assert not result["result"].subentries


async def test_devices_that_cannot_be_read_are_not_none(
    hass: HomeAssistant, cloud: Cloud
):
    entry = account_entry(cloud, "demo-installer")
    await set_up(hass, entry)
    desk = Desk(hass, entry)
    assert await desk.refused("get_devices", plant_id=999) == "cloud_no_permission"
    cloud.fault("empty", function="device_tree")
    for action, given in (
        ("get_devices", {}),
        ("get_dtu", {"serial": "430130000000"}),
        ("delete_device", {"serial": "430130000000"}),
    ):
        assert await desk.refused(action, plant_id=FIRST, **given) == "cloud_garbled"


async def test_a_number_that_is_too_long_and_a_path_that_is_none(
    hass: HomeAssistant, cloud: Cloud
):
    entry = account_entry(cloud, "demo-installer")
    await set_up(hass, entry)
    desk = Desk(hass, entry)
    period: dict[str, Any] = {"first_day": "2026-06-01", "last_day": "2026-06-01"}
    for action, more in (
        ("get_devices", {}),
        ("get_report", {**period, "kind": "power"}),
    ):
        with pytest.raises(vol.Invalid):
            await desk(action, plant_id=10**40, **more)
    hass.config.allowlist_external_dirs = {"/"}
    for path in ("/a\0b", "/" + "x" * 5_000, "/tmp/../tmp"):
        refusal = await desk.refused("set_plant_cover", plant_id=FIRST, cover=path)
        assert refusal == "cover_unreadable"
