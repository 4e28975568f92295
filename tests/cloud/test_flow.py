"""Adding an account, logging in again, and following plants."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.instagen.const import (
    CONF_BRAND,
    CONF_PLANT_ID,
    CONF_POLL_SECONDS,
    CONF_SERIAL,
    CONF_UNPROVEN_WRITES,
    DOMAIN,
)
from simulator.cloud import HOME, Cloud
from simulator.cloud.passwords import digest_of

from .conftest import DTU, account_data, account_entry, followed, set_up


def typed(cloud: Cloud, name: str = "demo-owner", **changes: Any) -> dict[str, Any]:
    data = account_data(cloud, name)
    keys = (CONF_BRAND, CONF_HOST, CONF_USERNAME, CONF_PASSWORD)
    return {key: data[key] for key in keys} | changes


async def add(hass: HomeAssistant, user_input: dict[str, Any]) -> Any:
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert "account" in flow["menu_options"]
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"next_step_id": "account"}
    )
    assert flow["step_id"] == "account"
    return await hass.config_entries.flow.async_configure(flow["flow_id"], user_input)


async def test_a_household_follows_its_plant(hass: HomeAssistant, home_cloud: Cloud):
    result = await add(hass, typed(home_cloud, **{CONF_USERNAME: " demo-owner "}))
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.unique_id == "reference_91"
    assert entry.state is ConfigEntryState.LOADED
    (subentry,) = entry.subentries.values()
    assert subentry.data == {CONF_PLANT_ID: HOME, CONF_SERIAL: DTU}
    assert subentry.title == "Mill Lane"
    again = await add(hass, typed(home_cloud))
    assert again["reason"] == "already_configured"
    by_mail = await add(
        hass, typed(home_cloud, **{CONF_USERNAME: "demo-owner@example.com"})
    )
    assert by_mail["reason"] == "already_configured"


async def test_a_wrong_password_is_sent_once(hass: HomeAssistant, home_cloud: Cloud):
    result = await add(hass, typed(home_cloud, **{CONF_PASSWORD: "wrong"}))
    assert result["errors"] == {"base": "cloud_wrong_password"}
    assert home_cloud.requests["login_v0"] == 1
    shown = {str(key): key.description for key in result["data_schema"].schema}
    assert shown[CONF_USERNAME]["suggested_value"] == "demo-owner"
    assert not shown[CONF_PASSWORD]
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], typed(home_cloud)
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_locked_account(hass: HomeAssistant, home_cloud: Cloud):
    home_cloud.policy.wrong_passwords_per_day = 1
    wrong = typed(home_cloud, **{CONF_PASSWORD: "wrong"})
    await add(hass, wrong)
    result = await add(hass, wrong)
    assert result["errors"] == {"base": "cloud_locked_out"}
    assert result["description_placeholders"]["minutes"]


@pytest.mark.parametrize(
    ("fault", "given", "error"),
    [
        ("bad_gateway", {}, "cloud_server_error"),
        ("half_json", {}, "cloud_garbled"),
        ("wrong_type", {}, "cloud_garbled"),
        ("redirect", {}, "cloud_redirected"),
        ("gone", {}, "cloud_unreachable"),
        ("huge", {"megabytes": 200, "function": "login_v0"}, "cloud_too_large"),
        ("too_many_requests", {}, "cloud_throttled"),
    ],
)
async def test_each_trouble_has_its_text(
    hass: HomeAssistant,
    home_cloud: Cloud,
    fault: str,
    given: dict[str, Any],
    error: str,
):
    home_cloud.fault(fault, **given)
    result = await add(hass, typed(home_cloud))
    assert result["errors"] == {"base": error}
    home_cloud.fault(fault, on=False)
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], typed(home_cloud)
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


@pytest.mark.parametrize("host", [None, "http://192.0.2.1:80", "nonsense"])
async def test_a_reference_cloud_is_on_this_machine(
    hass: HomeAssistant, home_cloud: Cloud, host: str | None
):
    data = typed(home_cloud)
    del data[CONF_HOST]
    result = await add(hass, data | ({CONF_HOST: host} if host else {}))
    assert result["errors"] == {"base": "cloud_host_invalid"}


# ---- an account that is there ----


async def test_logging_in_again(hass: HomeAssistant, home_cloud: Cloud):
    entry = account_entry(home_cloud)
    await set_up(hass, entry)
    new_password(home_cloud, "another")
    home_cloud.fault("token_expired")
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    asked = home_cloud.requests["login_v0"]
    await entry.runtime_data.coordinator.async_refresh()
    assert home_cloud.requests["login_v0"] == asked
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_confirm"
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {CONF_PASSWORD: "still wrong"}
    )
    assert result["errors"] == {"base": "cloud_wrong_password"}
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {CONF_PASSWORD: "another"}
    )
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert entry.data[CONF_PASSWORD] == "another"
    assert entry.state is ConfigEntryState.LOADED


def new_password(cloud: Cloud, password: str) -> None:
    """Change the owner's password at the portal."""
    cloud.world.run(
        "UPDATE users SET clear = ?, digest = ? WHERE id = 91",
        password,
        digest_of(password),
    )


async def test_reconfigure(hass: HomeAssistant, home_cloud: Cloud):
    entry = account_entry(home_cloud)
    await set_up(hass, entry)
    flow = await entry.start_reconfigure_flow(hass)
    assert flow["step_id"] == "reconfigure_account"
    another = typed(home_cloud, "demo-installer")
    del another[CONF_BRAND]
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], another)
    assert result["reason"] == "another_account"
    flow = await entry.start_reconfigure_flow(hass)
    by_mail = typed(home_cloud, **{CONF_USERNAME: "demo-owner@example.com"})
    del by_mail[CONF_BRAND]
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], by_mail)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.data[CONF_USERNAME] == "demo-owner@example.com"
    assert entry.state is ConfigEntryState.LOADED


async def test_options(hass: HomeAssistant, home_cloud: Cloud):
    entry = account_entry(home_cloud)
    runtime = await set_up(hass, entry)
    assert runtime is not None
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    assert flow["step_id"] == "account"
    await hass.config_entries.options.async_configure(
        flow["flow_id"], {CONF_POLL_SECONDS: 120, CONF_UNPROVEN_WRITES: True}
    )
    await hass.async_block_till_done()
    assert entry.runtime_data.client.opt_in
    assert entry.runtime_data.client is runtime.client, "it knows when not to log in"


# ---- plants ----


async def follow(hass: HomeAssistant, entry_id: str) -> Any:
    return await hass.config_entries.subentries.async_init(
        (entry_id, "plant"), context={"source": SOURCE_USER}
    )


def choices(flow: Any) -> list[Any]:
    return list(flow["data_schema"].schema.values())


async def test_follow_a_plant_of_many(hass: HomeAssistant, cloud: Cloud):
    entry = account_entry(cloud, "demo-installer")
    await set_up(hass, entry)
    flow = await follow(hass, entry.entry_id)
    assert flow["step_id"] == "user"
    assert flow["description_placeholders"] == {"count": "120"}
    configure = hass.config_entries.subentries.async_configure
    flow = await configure(flow["flow_id"], {"search": "nobody"})
    assert flow["errors"] == {"search": "no_plant_found"}
    flow = await configure(flow["flow_id"], {"search": "a"})
    assert flow["errors"] == {"search": "too_many_plants"}
    flow = await configure(flow["flow_id"], {"search": "mill lane"})
    assert flow["step_id"] == "pick"
    (selector,) = choices(flow)
    labels = [one["label"] for one in selector.config["options"]]
    assert labels == sorted(labels)
    assert all("Mill Lane" in label for label in labels)
    micro = str(7_100_000 + 20)
    flow = await configure(flow["flow_id"], {CONF_PLANT_ID: micro})
    assert flow["errors"] == {"base": "no_hybrid_plant"}
    cloud.fault("bad_gateway")
    chosen = selector.config["options"][0]["value"]
    flow = await configure(flow["flow_id"], {CONF_PLANT_ID: chosen})
    assert flow["errors"] == {"base": "cloud_server_error"}
    cloud.fault("bad_gateway", on=False)
    done = await configure(flow["flow_id"], {CONF_PLANT_ID: chosen})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert int(chosen) in entry.runtime_data.plants, "it is shown without a restart"
    flow = await follow(hass, entry.entry_id)
    flow = await configure(flow["flow_id"], {"search": "mill lane"})
    (selector,) = choices(flow)
    assert chosen not in [one["value"] for one in selector.config["options"]]


async def test_nothing_left_to_follow(hass: HomeAssistant, home_cloud: Cloud):
    entry = account_entry(home_cloud, plants=(followed(),))
    await set_up(hass, entry)
    assert (await follow(hass, entry.entry_id))["reason"] == "no_plants_left"
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await follow(hass, entry.entry_id))["reason"] == "account_not_loaded"
