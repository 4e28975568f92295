"""Who may steer a followed plant (facts/cloud-model.md 4)."""

from homeassistant.core import HomeAssistant
import pytest

from simulator.cloud import Cloud

from .conftest import account_entry, followed, set_up
from .test_actions import Desk
from .test_followed import shown


@pytest.mark.parametrize(
    ("account", "may"), [("demo-owner", True), ("demo-sub", False)]
)
async def test_3_2_note_3_a_sub_installer_has_no_smart_control(
    hass: HomeAssistant, home_cloud: Cloud, account: str, may: bool
):
    """It sees the plant, and nothing is sent in vain."""
    entry = account_entry(home_cloud, account, plants=(followed(),))
    await set_up(hass, entry)
    assert shown(hass, "battery_soc") is not None
    assert (shown(hass, "battery_mode") is not None) is may
    desk = Desk(hass, entry)
    if may:
        await desk("set_battery_mode", mode="full_backup")
    else:
        refusal = await desk.refused("set_battery_mode", mode="full_backup")
        assert refusal == "wish_not_offered"
    assert home_cloud.requests.get("write_setting", 0) == int(may)
