"""Diagnostics of an account tell nothing about whose it is."""

import json

from homeassistant.core import HomeAssistant

from custom_components.instagen.diagnostics import async_get_config_entry_diagnostics
from simulator.cloud import HOME, PASSWORDS, Cloud

from .conftest import DTU, account_entry, followed, set_up


async def test_nothing_private(hass: HomeAssistant, home_cloud: Cloud):
    entry = account_entry(home_cloud, plants=(followed(),))
    await set_up(hass, entry)
    told = await async_get_config_entry_diagnostics(hass, entry)
    text = json.dumps(told, default=str)
    assert told["account"]["devices_by_code"]["1"] == 1
    assert told["plants"][0]["values"]["battery_soc"] is not None
    for secret in (
        DTU,
        str(HOME),
        "Mill Lane",
        "demo-owner",
        "Demo Owner",
        "example.com",
        PASSWORDS["demo-owner"],
        home_cloud.base_url,
    ):
        assert secret not in text, secret
