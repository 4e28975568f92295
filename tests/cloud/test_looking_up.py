"""What is looked up in an account, and what stands beside the requests of its rules."""

from pathlib import Path
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.instagen.plant.states import LinkName
from simulator import Simulator
from simulator.cloud import HOME, Cloud

from .conftest import account_entry, set_up
from .locally import covered, plant_entry
from .test_actions import Desk
from .test_followed import follow

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def firm(hass: HomeAssistant, home_cloud: Cloud) -> Desk:
    """Log in as the household's installer."""
    entry = account_entry(home_cloud, "demo-installer")
    await set_up(hass, entry)
    return Desk(hass, entry)


async def device(desk: Desk, kind: str) -> dict[str, Any]:
    devices = (await desk("get_devices", plant_id=HOME))["devices"]
    found: dict[str, Any] = next(one for one in devices if one["kind"] == kind)
    return found


async def test_who_am_i_and_what_do_i_have(firm: Desk, home_cloud: Cloud):
    me = await firm("get_account")
    assert me["login"] == "demo-installer"
    assert me["kind"] == "installer"
    await firm("change_account_email", email="new@example.com")
    assert (await firm("get_account"))["email"] == "new@example.com"
    plant = await firm("get_plant", plant_id=HOME)
    assert plant["state"] in {"normal", "alarm", "offline"}
    owners = {row["id"] for row in home_cloud.world.owners_of(HOME)}
    assert {owner["id"] for owner in plant["owners"]} == owners
    assert plant["latitude"]
    assert "access_key" not in plant
    assert await firm.refused("get_plant", plant_id=1) == "cloud_no_permission"


async def test_money_and_marks(firm: Desk):
    income = await firm("get_income", plant_id=HOME)
    assert income["total_profit"] > 0
    assert income["unit"] == "GBP(£)"
    assert "ctl_mode_set" in await firm("get_plant_capabilities", plant_id=HOME)


async def test_a_dtu_and_the_firmware_for_it(firm: Desk, home_cloud: Cloud):
    dtu, inverter = await device(firm, "dtu"), await device(firm, "inverter")
    for search, total in ((inverter["serial"][2:], 1), ("no such thing", 0)):
        assert (await firm("get_plants", search=search))["total"] == total
    told = await firm("get_dtu", plant_id=HOME, serial=dtu["serial"])
    assert told["sn"] == dtu["serial"]
    assert told["replace_num"] == 0
    wrong = await firm.refused("get_dtu", plant_id=HOME, serial=inverter["serial"])
    assert wrong == "rule_dtu_only"
    (package,) = (
        await firm("get_firmware_packages", plant_id=HOME, serial=dtu["serial"])
    )["packages"]
    await firm(
        "maintain_device",
        plant_id=HOME,
        serial=dtu["serial"],
        command="upgrade_dtu",
        package=package,
    )
    assert (await device(firm, "dtu"))["firmware"] == package["patch_ver"]


async def test_grid_profiles(firm: Desk):
    every = (await firm("get_grid_profiles"))["profiles"]
    found = (await firm("get_grid_profiles", search="g9"))["profiles"]
    assert [one["name"] for one in found] == ["G98", "G99"]
    assert len(every) > len(found)


async def test_a_dry_contact(hass: HomeAssistant, home_cloud: Cloud, sim: Simulator):
    entry = account_entry(home_cloud)
    await set_up(hass, entry)
    desk = Desk(hass, entry)
    assert (await desk("get_cloud_dry_contact", plant_id=HOME))["active"] is False
    done = await desk("switch_cloud_dry_contact", plant_id=HOME, active=True)
    assert done["active"] is True
    assert sim.plant.acting_programs.relay.function.value != "off"
    object.__setattr__(entry.runtime_data.client.brand, "reference", False)
    refusal = await desk.refused(
        "switch_cloud_dry_contact", plant_id=HOME, active=False
    )
    assert refusal == "cloud_needs_opt_in"
    assert home_cloud.requests["write_setting"] == 1
    assert await desk.refused("get_grid_profiles") == "rule_end_user_limits"


async def test_a_plant_s_picture(
    hass: HomeAssistant, firm: Desk, home_cloud: Cloud, tmp_path: Path
):
    hass.config.allowlist_external_dirs = {str(tmp_path)}

    def picture(name: str, content: bytes) -> str:
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    good = picture("secret name.png", PNG + b"x")
    path = (await firm("set_plant_cover", plant_id=HOME, cover=good))["path"]
    assert "secret" not in path
    assert home_cloud.world.covers[path] == PNG + b"x"
    assert (await firm("get_plant", plant_id=HOME))["cover"] == path
    made = await firm(
        "create_plant", name="New", capacity=3, address="1 Lane", cover=good
    )
    assert (await firm("get_plant", plant_id=made["id"]))["cover"] == path
    asked = dict(home_cloud.requests)
    for given, refusal in (
        (picture("one.svg", b"<svg/>"), "rule_cover_type"),
        (picture("large.png", PNG.ljust(2 * 1024 * 1024 + 1)), "rule_cover_size"),
        (str(tmp_path / "none.png"), "cover_unreadable"),
        ("/etc/hostname", "cover_unreadable"),
    ):
        assert (
            await firm.refused("set_plant_cover", plant_id=HOME, cover=given) == refusal
        )
    assert asked["upload_cover"] == home_cloud.requests["upload_cover"]


# ---- alarms ----


DAYS: Any = {"first_day": "2026-06-15", "last_day": "2026-06-16"}


async def raised_and_over(sim: Simulator) -> None:
    sim.plant.set("alarms", {"safety_dsp": [7]})
    await sim.advance(400)
    sim.plant.set("alarms", {})
    await sim.advance(400)


async def test_past_alarms_of_a_followed_plant(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    desk = Desk(hass, await follow(hass, home_cloud))
    await raised_and_over(sim)
    told = await desk("get_alarms", **DAYS)
    assert told["alarms"] == []
    (past,) = told["history"]
    assert past["kind"] == "inverter"
    assert past["since"] < past["until"]
    earlier: Any = {"first_day": "2026-06-01", "last_day": "2026-06-14"}
    assert (await desk("get_alarms", **earlier))["history"] == []
    assert "history" not in await desk("get_alarms")
    backwards = {"first_day": "2026-06-14", "last_day": "2026-06-01"}
    assert await desk.refused("get_alarms", **backwards) == "period_invalid"


async def test_alarms_that_a_local_plant_does_not_tell_are_the_cloud_s(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    local = await covered(hass, home_cloud, sim, LinkName.DTS)
    await raised_and_over(sim)
    sim.plant.set("alarms", {"safety_dsp": [8]})
    await sim.advance(400)
    told = await Desk(hass, local)("get_alarms", **DAYS)
    assert (len(told["alarms"]), len(told["history"])) == (1, 2)
    assert {one["until"] is None for one in told["history"]} == {True, False}


async def test_without_a_cloud_nobody_remembers_alarms(
    hass: HomeAssistant, sim: Simulator
):
    local = plant_entry(sim, LinkName.DTS)
    await set_up(hass, local)
    assert await Desk(hass, local).refused("get_alarms") == "alarms_unknown"
    refusal = await Desk(hass, local).refused("get_alarms", **DAYS)
    assert refusal == "alarm_history_needs_cloud"


async def test_alarms_of_a_plant_that_nobody_follows(
    hass: HomeAssistant, firm: Desk, hass_read_only_user: MockUser
):
    told = await firm("get_alarms", plant_id=HOME, **DAYS)
    assert told.keys() == {"alarms", "history"}
    with pytest.raises(Unauthorized):
        await firm(
            "get_alarms",
            context=Context(user_id=hass_read_only_user.id),
            plant_id=HOME,
        )
    assert await firm.refused("get_alarms", plant_id=1) == "not_a_followed_plant"
