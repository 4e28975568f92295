"""An account in Home Assistant: its numbers, its copy, and what may go wrong."""

import asyncio
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.cloud import mirroring, storage
from custom_components.instagen.cloud.clients import async_clients
from custom_components.instagen.cloud.mirroring import REQUESTS, Mirroring
from custom_components.instagen.cloud.runtime import AccountRuntime
from custom_components.instagen.const import DOMAIN
from simulator.cloud import Cloud
from tests.simulator.conftest import until

from .conftest import Clock, account_entry, set_up
from .test_actions import FIRST


def number(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str | None:
    entity_id = er.async_get(hass).async_get_entity_id(
        "sensor", DOMAIN, f"{entry.unique_id}_account_{key}"
    )
    state = hass.states.get(entity_id) if entity_id else None
    return state.state if state else None


async def loaded(
    hass: HomeAssistant, cloud: Cloud
) -> tuple[MockConfigEntry, AccountRuntime]:
    entry = account_entry(cloud, "demo-installer")
    runtime = await set_up(hass, entry)
    assert runtime is not None
    return entry, runtime


async def sync(runtime: AccountRuntime) -> None:
    await runtime.coordinator.async_refresh()
    await runtime.coordinator.async_fetched()
    await runtime.coordinator.hass.async_block_till_done()


async def test_the_home_page(hass: HomeAssistant, cloud: Cloud):
    entry, _ = await loaded(hass, cloud)
    assert number(hass, entry, "plants") == "120"
    states = ("normal", "alarm", "offline")
    by_state = [int(number(hass, entry, f"plants_{one}") or 0) for one in states]
    assert sum(by_state) == 120
    assert by_state[1] > 0
    assert number(hass, entry, "dtus") == "120"
    assert int(number(hass, entry, "inverters") or 0) == 120 - 120 // 7
    assert number(hass, entry, "new_plants") == "0"
    assert number(hass, entry, "favourites") == "0"
    assert float(number(hass, entry, "energy") or 0) > 0
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert device.entry_type is dr.DeviceEntryType.SERVICE


async def test_what_changes_is_followed(hass: HomeAssistant, cloud: Cloud):
    entry, runtime = await loaded(hass, cloud)
    (first, second, third) = list(runtime.mirror.view.plants)[:3]
    cloud.world.insert("stars", {"uid": 88, "sid": first})
    cloud.world.edit_plant(first, name="The Mill")
    cloud.world.set_online(second, online=False)
    cloud.world.remove_plant(third)
    cloud.advance(2_000)
    await sync(runtime)
    assert number(hass, entry, "plants") == "119"
    assert number(hass, entry, "favourites") == "1"
    assert number(hass, entry, "plants_offline") == "1"
    assert runtime.mirror.view.plants[first].name == "The Mill"


async def test_nothing_changed_costs_little(hass: HomeAssistant, cloud: Cloud):
    _, runtime = await loaded(hass, cloud)
    before = sum(cloud.requests.values())
    await sync(runtime)
    assert sum(cloud.requests.values()) - before <= REQUESTS


async def test_a_copy_outlives_a_restart(hass: HomeAssistant, cloud: Cloud):
    entry, runtime = await loaded(hass, cloud)
    details = cloud.requests["plant"]
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.runtime_data.mirror is not runtime.mirror
    assert number(hass, entry, "dtus") == "120"
    assert cloud.requests["plant"] == details


async def test_a_first_pass_goes_on_where_it_stopped(hass: HomeAssistant, cloud: Cloud):
    cloud.fault("bad_gateway", function="device_tree")
    entry, runtime = await loaded(hass, cloud)
    assert number(hass, entry, "plants") == "120", "the list does not wait for devices"
    assert number(hass, entry, "dtus") == "0"
    cloud.fault("bad_gateway", on=False)
    pages = cloud.requests["plants"]
    await sync(runtime)
    assert number(hass, entry, "dtus") == "120"
    assert cloud.requests["plants"] - pages <= 2


@pytest.mark.parametrize("first", [True, False])
async def test_a_list_goes_on_with_its_next_page_after_a_restart(
    hass: HomeAssistant,
    cloud: Cloud,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    hass_storage: dict[str, Any],
    first: bool,
):
    """The cloud goes in the middle of a pass, and Home Assistant is restarted."""
    monkeypatch.setattr(mirroring, "PAGE", 10)
    monkeypatch.setattr(mirroring, "SHORT_LIST", 50)
    monkeypatch.setitem(vars(Mirroring)["_page"].__kwdefaults__, "size", 10)
    entry = account_entry(cloud, "demo-installer")
    if not first:
        await set_up(hass, entry)
        clock.seconds += 86_400
    before = cloud.requests.get("plants", 0)
    cloud.fault("latency", seconds=0.02)
    passing = asyncio.ensure_future(
        set_up(hass, entry) if first else entry.runtime_data.coordinator.async_refresh()
    )
    await until(lambda: cloud.requests.get("plants", 0) - before >= 3)
    cloud.fault("gone")
    await passing
    await hass.config_entries.async_unload(entry.entry_id)
    kept = hass_storage[f"{DOMAIN}.{entry.entry_id}.account"]["data"]["mirror"]
    under_way = storage._unpacked(kept[0])["pass"]
    assert 1 <= (taken := under_way["pages"]) < 12
    async_clients(hass).forget(entry.entry_id)
    cloud.fault("gone", on=False)
    cloud.fault("latency", on=False)
    # Meanwhile plants change: one on a page that was read, then one on a page that was not.
    early = under_way["seen"][-1]
    late = next(n for n in range(FIRST, FIRST + 120) if n not in under_way["seen"])
    for plant, name in ((early, "The Mill"), (late, "The Lane")):
        cloud.advance(60)
        cloud.world.edit_plant(plant, name=name)
    pages = cloud.requests["plants"]
    await hass.config_entries.async_setup(entry.entry_id)
    assert cloud.requests["plants"] - pages == 12 - taken
    runtime: AccountRuntime = entry.runtime_data
    await runtime.coordinator.async_fetched()
    plants = runtime.mirror.view.plants
    assert len(plants) == 120
    assert number(hass, entry, "dtus") == "120"
    assert plants[late].name == "The Lane"
    await sync(runtime)
    assert plants[early].name == "The Mill", "pages of before were taken for today's"


@pytest.mark.parametrize(
    ("fault", "given"),
    [
        ("token_expired", {}),
        ("token_expired", {"face": "1"}),
        ("clock_skew", {"seconds": 86_400}),
        ("duplicates", {}),
        ("wrong_label", {}),
        ("bad_gateway", {"times": 2}),
        ("half_json", {"times": 2}),
    ],
)
async def test_trouble_that_passes_is_not_seen(
    hass: HomeAssistant, cloud: Cloud, fault: str, given: dict[str, Any]
):
    entry, runtime = await loaded(hass, cloud)
    cloud.fault(fault, **given)
    await sync(runtime)
    assert runtime.coordinator.last_update_success
    assert number(hass, entry, "plants") == "120"
    assert cloud.requests["login_v0"] <= 2


@pytest.mark.parametrize(
    ("fault", "given", "text"),
    [
        ("bad_gateway", {}, "cloud_server_error"),
        ("half_json", {}, "cloud_garbled"),
        ("redirect", {}, "cloud_redirected"),
        ("huge", {"megabytes": 200}, "cloud_too_large"),
        ("gone", {}, "cloud_unreachable"),
    ],
)
async def test_trouble_that_lasts(
    hass: HomeAssistant, cloud: Cloud, fault: str, given: dict[str, Any], text: str
):
    entry, runtime = await loaded(hass, cloud)
    cloud.fault(fault, **given)
    for _ in range(1 if fault == "huge" else 12):
        await runtime.coordinator.async_refresh()
    error = runtime.coordinator.last_exception
    assert getattr(error, "translation_key", None) == text
    assert number(hass, entry, "plants") == "unavailable"
    assert entry.state is ConfigEntryState.LOADED
    assert cloud.requests["login_v0"] <= 2, "nothing that could lock the account"
    cloud.fault(fault, on=False)
    await sync(runtime)
    assert number(hass, entry, "plants") == "120"
    assert number(hass, entry, "dtus") == "120", "nothing was lost"


async def test_a_locked_account_is_left_alone(hass: HomeAssistant, cloud: Cloud):
    entry, runtime = await loaded(hass, cloud)
    cloud.policy.logins_per_minute = 0
    cloud.fault("token_expired")
    await runtime.coordinator.async_refresh()
    error = runtime.coordinator.last_exception
    assert getattr(error, "translation_key", None) == "cloud_too_many_logins"
    logins = cloud.requests["login_v0"]
    for _ in range(5):
        await runtime.coordinator.async_refresh()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert cloud.requests["login_v0"] == logins, "a reload does not forget the pause"


async def test_removed_without_a_trace(
    hass: HomeAssistant, cloud: Cloud, hass_storage: dict[str, Any]
):
    entry, runtime = await loaded(hass, cloud)
    await runtime.coordinator.store.async_save()
    key = f"{DOMAIN}.{entry.entry_id}.account"
    assert key in hass_storage
    assert "Instagen#Demo1" not in str(hass_storage[key])
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert key not in hass_storage
