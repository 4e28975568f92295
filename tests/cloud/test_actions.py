"""Actions for people who look after plants."""

from functools import partial
from typing import Any

from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers.service import _async_admin_handler
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)

from custom_components.instagen.cloud.asking import EVENT_PROGRESS
from custom_components.instagen.const import DOMAIN
from custom_components.instagen.services.account import _CHANGES, _LOOK_UPS
from simulator.cloud import HOME, STOCK, Cloud

from .conftest import account_entry, set_up

FIRST = 7_100_000


class Desk:
    """Calls actions on an account."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self._entry = entry

    async def __call__(
        self, action: str, context: Context | None = None, **given: Any
    ) -> Any:
        return await self._hass.services.async_call(
            DOMAIN,
            action,
            {"config_entry_id": self._entry.entry_id, **given},
            blocking=True,
            return_response=True,
            context=context,
        )

    async def refused(self, action: str, **given: Any) -> str | None:
        with pytest.raises(HomeAssistantError) as error:
            await self(action, **given)
        return error.value.translation_key


@pytest.fixture
async def desk(hass: HomeAssistant, cloud: Cloud) -> Desk:
    entry = account_entry(cloud, "demo-installer")
    await set_up(hass, entry)
    return Desk(hass, entry)


async def test_only_administrators(
    hass: HomeAssistant, desk: Desk, cloud: Cloud, hass_read_only_user: MockUser
):
    registered = hass.services.async_services()[DOMAIN]
    for action in {*_CHANGES, *_LOOK_UPS, "get_grid_profile"}:
        target = registered[action].job.target
        assert isinstance(target, partial), action
        assert target.func is _async_admin_handler, action
    with pytest.raises(Unauthorized):
        await desk(
            "delete_plant",
            context=Context(user_id=hass_read_only_user.id),
            plant_id=FIRST,
        )
    assert cloud.world.station(FIRST) is not None


async def test_the_life_of_a_plant(desk: Desk, cloud: Cloud):
    made = await desk(
        "create_plant",
        name="New Mill",
        capacity=5.5,
        address="1 Mill Lane",
        latitude=51.5,
        longitude=-0.1,
        login="new-owner",
        password="secret-1",
        full_name="New Owner",
        dtu_serials=[STOCK[0]],
        grid_code="G98",
    )
    plant = made["id"]
    assert made["steps"][-1] == "activate_plant"
    row = cloud.world.station(plant)
    assert row is not None
    assert row["status"] == 40
    found = await desk("get_plants", search="new mill")
    assert [one["id"] for one in found["plants"]] == [plant]
    devices = (await desk("get_devices", plant_id=plant))["devices"]
    assert STOCK[0] in [one["serial"] for one in devices]
    await desk("edit_plant", plant_id=plant, name="Old Mill")
    found = await desk("get_plants", search="old mill")
    assert found["total"] == 1
    await desk("set_plant_favourite", plant_id=plant, favourite=True)
    assert await desk.refused("delete_plant", plant_id=plant) == (
        "rule_plant_has_devices"
    )
    assert "delete_plant" not in cloud.requests, "it was not even asked for"
    await desk("replace_dtu", plant_id=plant, serial=STOCK[0], new_serial=STOCK[1])
    await desk("delete_device", plant_id=plant, serial=STOCK[1])
    await desk("delete_plant", plant_id=plant)
    assert cloud.world.station(plant) is None
    assert (await desk("get_plants", search="old mill"))["total"] == 0


async def test_a_plant_that_stays_half_created(desk: Desk, cloud: Cloud):
    given: dict[str, Any] = {
        "name": "Half",
        "capacity": 3,
        "address": "1 Mill Lane",
        "latitude": 51.5,
        "longitude": -0.1,
    }
    before = cloud.requests.get("create_plant", 0)
    assert await desk.refused("create_plant", **given | {"capacity": 0}) == (
        "rule_plant_capacity"
    )
    assert await desk.refused("create_plant", **given, dtu_serials=["123"]) == (
        "rule_serial_form"
    )
    assert cloud.requests.get("create_plant", 0) == before, "rules come first"
    with pytest.raises(HomeAssistantError) as error:
        await desk("create_plant", **given, dtu_serials=["430199009999"])
    assert error.value.translation_key == "plant_half_created"
    places = error.value.translation_placeholders or {}
    assert cloud.world.station(int(places["plant"])) is not None


async def test_a_shared_owner_stops_a_transfer(desk: Desk, cloud: Cloud):
    shared = FIRST + 10
    refusal = await desk.refused("transfer_plant", plant_id=shared, organisation_id=347)
    assert refusal == "rule_owner_shared"
    owner = cloud.world.owners_of(shared)[0]["id"]
    await desk("unbind_owner", plant_id=shared, owner_id=owner)
    for other in cloud.world.owners_of(shared):
        await desk("unbind_owner", plant_id=shared, owner_id=other["id"])
    await desk("transfer_plant", plant_id=shared, organisation_id=347)
    station = cloud.world.station(shared)
    assert station is not None
    assert station["gid"] == 347
    await desk("bind_owner", plant_id=shared, owner_id=owner)


async def test_people_and_organisations(desk: Desk, cloud: Cloud):
    someone: dict[str, Any] = {"password": "secret-1", "full_name": "Some One"}
    made = await desk(
        "create_organisation",
        organisation_id=345,
        kind="installer",
        name="Demo North",
        login="north",
        **someone,
    )
    north = made["id"]
    await desk("edit_organisation", organisation_id=north, name="Demo Northern")
    names = [
        one.get("name") for one in (await desk("get_organisations"))["organisations"]
    ]
    assert "Demo Northern" in names
    user = await desk(
        "create_organisation_user",
        organisation_id=345,
        role="sub_installer",
        login="sub-2",
        **someone,
    )
    users = (await desk("get_organisation_users", organisation_id=345))["users"]
    assert user["id"] in [one["id"] for one in users]
    await desk("delete_organisation_user", organisation_id=345, user_id=user["id"])
    owner = await desk("create_owner", organisation_id=345, login="ow-2", **someone)
    await desk("edit_owner", owner_id=owner["id"], full_name="Other One")
    await desk("reset_owner_password", owner_id=owner["id"], password="secret-2")
    owners = (await desk("get_owners", organisation_id=345))["owners"]
    assert {"id": owner["id"], "name": "Other One"}.items() <= next(
        one for one in owners if one["id"] == owner["id"]
    ).items()
    await desk("delete_owner", organisation_id=345, owner_id=owner["id"])
    await desk("transfer_organisation", organisation_id=north, parent_id=347)
    cloud.world.run("DELETE FROM users WHERE gid = ?", north)
    await desk("delete_organisation", organisation_id=north)
    assert cloud.world.group(north) is None
    left = (await desk("get_organisations"))["organisations"]
    assert north not in [one["id"] for one in left]
    assert 345 in [one["id"] for one in left]
    assert (
        await desk.refused(
            "create_organisation",
            organisation_id=345,
            kind="distributor",
            name="No",
            login="no",
            **someone,
        )
        == "rule_distributor_creators"
    )


async def test_maintenance_with_progress(hass: HomeAssistant, desk: Desk, cloud: Cloud):
    events = async_capture_events(hass, EVENT_PROGRESS)
    devices = (await desk("get_devices", plant_id=FIRST))["devices"]
    dtu = next(one for one in devices if one["kind"] == "dtu")
    inverter = next(one for one in devices if one["kind"] == "inverter")
    await desk(
        "maintain_device", plant_id=FIRST, serial=dtu["serial"], command="restart_dtu"
    )
    assert events[-1].data["percent"] == 100
    assert events[-1].data["request"] == "restart_dtu"
    wrong = await desk.refused(
        "maintain_device",
        plant_id=FIRST,
        serial=inverter["serial"],
        command="restart_dtu",
    )
    assert wrong == "rule_dtu_only"
    cloud.fault("failing_job")
    failed = await desk.refused(
        "maintain_device",
        plant_id=FIRST,
        serial=inverter["serial"],
        command="restart_inverter",
    )
    assert failed == "cloud_job_failed"
    cloud.fault("failing_job", on=False)
    # The login ends while the job runs: it is followed on, and not started again.
    commands, logins = cloud.requests["command"], cloud.requests["login_v0"]
    hass.bus.async_listen_once(
        EVENT_PROGRESS, callback(lambda _: cloud.fault("token_expired"))
    )
    await desk(
        "maintain_device",
        plant_id=FIRST,
        serial=inverter["serial"],
        command="restart_inverter",
    )
    assert cloud.requests["command"] == commands + 1
    assert cloud.requests["login_v0"] == logins + 1
    assert events[-1].data["percent"] == 100
    gone = await desk.refused(
        "maintain_device", plant_id=FIRST, serial="1", command="restart_dtu"
    )
    assert gone == "no_such_device"
    assert await desk("check_firmware", plant_id=FIRST)
    assert await desk("get_grid_profile", plant_id=FIRST, serial=inverter["serial"])


async def test_own_account(hass: HomeAssistant, desk: Desk, cloud: Cloud):
    await desk("change_account_email", email="new@example.com")
    assert cloud.world.one("SELECT 1 FROM users WHERE email = 'new@example.com'")
    refusal = await desk.refused(
        "change_account_password", old_password="wrong", password="secret-3"
    )
    assert refusal == "cloud_refused"
    await desk(
        "change_account_password", old_password="Instagen#Demo1", password="secret-3"
    )


async def test_what_nobody_has_proven_wants_consent(
    hass: HomeAssistant, desk: Desk, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
):
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    brand = entry.runtime_data.client.brand
    object.__setattr__(brand, "reference", False)
    refusal = await desk.refused("set_plant_favourite", plant_id=FIRST, favourite=True)
    assert refusal == "cloud_needs_opt_in"
    assert "star_plant" not in cloud.requests
    entry.runtime_data.client.opt_in = True
    await desk("set_plant_favourite", plant_id=FIRST, favourite=True)


async def test_an_owner_looks_and_does_not_change(
    hass: HomeAssistant, home_cloud: Cloud
):
    entry = account_entry(home_cloud)
    await set_up(hass, entry)
    desk = Desk(hass, entry)
    refusal = await desk.refused("edit_plant", plant_id=HOME, name="Mine")
    assert refusal == "rule_end_user_limits"
    assert (await desk("get_plants"))["total"] == 1


async def test_a_plant_is_no_account(hass: HomeAssistant, desk: Desk):
    plant = MockConfigEntry(domain=DOMAIN, title="A plant")
    plant.add_to_hass(hass)
    with pytest.raises(ServiceValidationError):
        await Desk(hass, plant)("get_plants")
