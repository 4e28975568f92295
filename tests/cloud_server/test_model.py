"""The account and plant model: a rule per test (facts/cloud-model.md, by section)."""

from typing import Any

import pytest

from simulator.cloud import FOREIGN, HOME, STOCK
from simulator.cloud.passwords import digest_of
from simulator.cloud.rights import RIGHTS, Kind, Right
from simulator.cloud.scenarios import (
    BRANCH,
    DISTRIBUTOR_GROUP,
    FOREIGN_GROUP,
    GROUP,
    OTHER_GROUP,
)

from .conftest import DIGEST, NO, Client

PLANT = {
    "name": "Old Forge",
    "type": 1,
    "classify": 4,
    "capacitor": "6.5",
    "address": "1 Forge Lane",
    "longitude": -0.2,
    "latitude": 51.6,
    "tz": "Europe/London",
}
PERSON = {"user_name": "new-one", "password": DIGEST, "name": "New One"}
FIRST = 7_100_000


async def complete(client: Client, **changes: Any) -> int:
    """Walk the whole way of manual 4.2.1; return the plant's id."""
    sid = await client.ask("create_plant", **{**PLANT, **changes})
    await client.ask("create_owner", gid=GROUP, sid=sid, **PERSON)
    await client.ask("add_dtu", sid=sid, sn=STOCK[0])
    await client.ask("save_regulation", id=sid, data={"grid_code": "G98"})
    await client.ask("activate_plant", id=sid)
    return int(sid)


# -- 3, 4: the tree and who may do what ----


@pytest.mark.parametrize(
    ("user", "plants"),
    [
        ("demo-distributor", 20),
        ("demo-installer", 20),
        ("demo-normal", 20),
        ("demo-sub", 20),
        ("demo-owner", 1),
        ("far-installer", 1),
    ],
)
async def test_each_sees_its_own_part_of_the_tree(
    firm: Client, user: str, plants: int
) -> None:
    await firm.log_in(user)
    assert (await firm.ask("plants", page=1, page_size=100))["total"] == plants
    hidden = FIRST if user == "far-installer" else FOREIGN
    for key, field in (("plant", "id"), ("live", "sid"), ("device_tree", "id")):
        assert await firm.refused(key, **{field: hidden}) == NO


OWNER_MAY = {Right.OWN, Right.VIEW, Right.SMART_CONTROL, Right.ALARMS, Right.REPORTS}
SUB_MAY = {
    Right.OWN,
    Right.VIEW,
    Right.CREATE_PLANT,
    Right.EDIT_PLANT,
    Right.NETWORKING,
}


def test_owners_only_view_and_control_and_sub_installers_do_three_things() -> None:
    """Manual 3.2 notes 1 and 3."""
    assert RIGHTS[Kind.OWNER] == OWNER_MAY
    assert RIGHTS[Kind.SUB_INSTALLER] == SUB_MAY


@pytest.mark.parametrize(
    ("user", "key"),
    [
        ("demo-owner", "create_plant"),
        ("demo-owner", "edit_plant"),
        ("demo-owner", "transfer_plant"),
        ("demo-owner", "delete_plant"),
        ("demo-owner", "command"),
        ("demo-owner", "put_config"),
        ("demo-owner", "owners"),
        ("demo-owner", "grid_profiles"),
        ("demo-sub", "write_setting"),
        ("demo-sub", "transfer_plant"),
        ("demo-sub", "delete_plant"),
        ("demo-sub", "delete_dtu"),
        ("demo-sub", "owners"),
        ("demo-sub", "power_report"),
        ("demo-normal", "create_organisation"),
        ("demo-normal", "create_user"),
    ],
)
async def test_a_missing_right_is_refused_before_anything_else(
    firm: Client, user: str, key: str
) -> None:
    await firm.log_in(user)
    assert await firm.refused(key) == NO


async def test_a_distributor_creates_both_kinds_an_installer_only_installers(
    firm: Client,
) -> None:
    """Manual 3.2 note 2 and 4.4.1.1: with the first account of the organisation."""
    await firm.log_in("demo-distributor")
    made = {"name": "New Firm", "contact": "", "phone": "", "area": "", "user": PERSON}
    gid = await firm.ask("create_organisation", pid=DISTRIBUTOR_GROUP, type=1, **made)
    first = await firm.as_("new-one", "New#Password1")
    me = await first.ask("me")
    assert (me["gid"], me["gpath"]) == (gid, f"1.20.{gid}")
    assert me["group"]["type"] == 1
    installer = await firm.as_("demo-installer")
    made["user"] = {**PERSON, "user_name": "another"}
    assert (
        await installer.refused("create_organisation", pid=GROUP, type=1, **made) == NO
    )
    assert await installer.refused("create_organisation", pid=20, type=4, **made) == NO
    await installer.ask("create_organisation", pid=GROUP, type=4, **made)
    assert (await firm.ask("organisations", page=1, page_size=50))["total"] == 6


async def test_organisations_are_edited_transferred_and_deleted(firm: Client) -> None:
    """Manual 4.4.1.2."""
    await firm.log_in("demo-distributor")
    await firm.ask("edit_organisation", id=BRANCH, name="West", phone="1")
    assert (await firm.ask("organisation", id=BRANCH))["name"] == "West"
    assert await firm.refused("transfer_organisation", id=FOREIGN_GROUP, pid=20) == NO
    loop = await firm.refused("transfer_organisation", id=GROUP, pid=BRANCH)
    assert loop == "1 Parameter error: pid"
    await firm.ask("transfer_organisation", id=BRANCH, pid=OTHER_GROUP)
    moved = await firm.ask("organisation", id=BRANCH)
    assert moved["gpath"] == "1.20.346.347"
    installer = await firm.as_("demo-installer")
    assert (await installer.ask("plants"))["total"] == 14
    assert await firm.refused("delete_organisation", id=BRANCH) == (
        "1 The organisation is not empty"
    )
    await firm.ask("transfer_organisation", id=BRANCH, pid=GROUP)
    await firm.ask("delete_organisation", id=OTHER_GROUP)
    assert await firm.refused("organisation", id=OTHER_GROUP) == NO
    assert await firm.refused("delete_organisation", id=DISTRIBUTOR_GROUP) == NO


async def test_organisation_users_have_one_of_two_roles(firm: Client) -> None:
    """Manual 3.2 note 3, 4.4.2 and 3.4 a."""
    await firm.log_in("demo-installer")
    roles = await firm.ask("roles")
    assert [role["id"] for role in roles] == [21, 22]
    wrong = await firm.refused("create_user", gid=GROUP, role_ids=[20], **PERSON)
    assert wrong == "1 Parameter error: role_ids"
    uid = await firm.ask("create_user", gid=GROUP, role_ids=[22], **PERSON)
    again = await firm.refused("create_user", gid=GROUP, role_ids=[22], **PERSON)
    assert again == "1 The account already exists"
    listed = await firm.ask("users", gid=GROUP, page=1, page_size=10)
    assert uid in [user["id"] for user in listed["list"]]
    new = await firm.as_("new-one", "New#Password1")
    assert await new.refused("owners", gid=GROUP) == NO
    await firm.ask("delete_user", id=uid)
    assert (await new.refused("me")).startswith("100")
    me = (await firm.ask("me"))["id"]
    assert await firm.refused("delete_user", id=me) == NO


# -- 6: plants ----


async def test_a_plant_is_a_draft_until_its_last_step(firm: Client) -> None:
    """Manual 4.2.1."""
    await firm.log_in("demo-sub")
    sid = await firm.ask("create_plant", **PLANT)
    assert (await firm.ask("plant", id=sid))["status"] == 10
    assert await firm.refused("live", sid=sid) == "1 The plant is not activated"
    assert await firm.refused("activate_plant", id=sid) == "1 The plant has no DTU"
    found = await firm.ask("add_dtu", sid=sid, sn=STOCK[0])
    assert [device["type"] for device in found] == [1, 6, 5, 10]
    assert await firm.refused("activate_plant", id=sid) == (
        "1 The regulation information is missing"
    )
    await firm.ask("create_owner", gid=GROUP, sid=sid, **PERSON)
    await firm.ask("save_regulation", id=sid, data={"grid_code": "G98"})
    owner = await firm.as_("new-one", "New#Password1")
    assert (await owner.ask("plants"))["total"] == 0
    await firm.ask("activate_plant", id=sid)
    plant = await owner.ask("plant", id=sid)
    assert (plant["status"], plant["name"], plant["capacitor"]) == (
        40,
        "Old Forge",
        "6.5",
    )
    assert plant["owner_list"][0]["user_name"] == "new-one"
    late = await firm.refused(
        "create_owner", gid=GROUP, sid=sid, **{**PERSON, "user_name": "later"}
    )
    assert late == NO


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"type": 7}, "type"),
        ({"type": None}, "type"),
        ({"capacitor": "0"}, "capacitor"),
        ({"capacitor": "much"}, "capacitor"),
        ({"address": ""}, "address"),
        ({"latitude": 91}, "latitude"),
        ({"longitude": None}, "longitude"),
        ({"address": None, "latitude": None, "longitude": None}, "address"),
        ({"tz": "Europe/Atlantis"}, "tz"),
    ],
)
async def test_a_plant_needs_name_type_capacity_and_location(
    firm: Client, change: dict[str, Any], field: str
) -> None:
    await firm.log_in("demo-installer")
    refused = await firm.refused("create_plant", **{**PLANT, **change})
    assert refused == f"1 Parameter error: {field}"


@pytest.mark.parametrize(
    ("left_out", "told"),
    [
        (("latitude", "longitude"), (PLANT["address"], "0.0")),
        (("address",), (None, str(PLANT["latitude"]))),
    ],
)
async def test_an_address_is_a_location_and_so_is_a_point(
    firm: Client, left_out: tuple[str, ...], told: tuple[str | None, str]
) -> None:
    """Manual 4.2.1: searched or marked on the map."""
    await firm.log_in("demo-installer")
    given = {key: value for key, value in PLANT.items() if key not in left_out}
    plant = await firm.ask("plant", id=await firm.ask("create_plant", **given))
    assert (plant["address"], plant["latitude"]) == told


async def test_edit_marks_the_plant_as_changed(firm: Client) -> None:
    """Manual 4.2.2; the filter is how a client fetches only what changed."""
    await firm.log_in("demo-sub")
    firm.cloud.advance(60)
    await firm.ask("edit_plant", id=FIRST, name="Renamed", capacitor=9)
    since = "2026-06-15 11:01:00"
    changed = await firm.ask("plants", update_from=since)
    assert [row["name"] for row in changed["list"]] == ["Renamed"]
    firm.cloud.advance(60)
    firm.cloud.world.edit_plant(FIRST + 1, name="By hand")
    changed = await firm.ask("plants", update_from="2026-06-15 11:01:30")
    assert [row["name"] for row in changed["list"]] == ["By hand"]


async def test_a_plant_whose_owner_has_another_is_not_transferred(firm: Client) -> None:
    """Manual 4.2.3 and 4.4.1.2 note."""
    await firm.log_in("demo-distributor")
    shared = FIRST + 9  # its owner has the next one, too
    owners = (await firm.ask("plant", id=shared))["owner_list"]
    refusal = "1 The owner is used by several plants"
    assert await firm.refused("transfer_plant", id=shared, gid=OTHER_GROUP) == refusal
    await firm.ask("unbind_owner", id=shared + 1, uid=owners[0]["uid"])
    await firm.ask("transfer_plant", id=shared, gid=OTHER_GROUP)
    plant = await firm.ask("plant", id=shared)
    assert (plant["gid"], plant["org_name"]) == (OTHER_GROUP, "Other Solar")
    await firm.ask("bind_owner", id=shared + 1, uid=owners[0]["uid"])
    assert await firm.refused("transfer_plant", id=shared, gid=GROUP) == refusal
    assert await firm.refused("transfer_plant", id=FIRST, gid=FOREIGN_GROUP) == NO


async def test_a_plant_with_devices_is_not_deleted(firm: Client) -> None:
    """Manual 4.2.5."""
    await firm.log_in("demo-installer")
    refusal = "1 The plant still has devices"
    assert await firm.refused("delete_plant", id=FIRST) == refusal
    tree = await firm.ask("device_tree", id=FIRST)
    inverter = next(node for node in tree[0]["children"] if node["type"] == 6)
    await firm.ask("delete_inverter", id=inverter["id"], sid=FIRST)
    assert (await firm.ask("batteries", sid=FIRST))["total"] == 0
    assert await firm.refused("delete_plant", id=FIRST) == refusal
    await firm.ask("delete_dtu", id=tree[0]["id"], sid=FIRST)
    await firm.ask("delete_plant", id=FIRST)
    assert await firm.refused("plant", id=FIRST) == NO
    assert (await firm.ask("plants"))["total"] == 19


async def test_favourites_are_each_user_s_own(firm: Client) -> None:
    """Manual 4.2.6."""
    await firm.log_in("demo-installer")
    await firm.ask("star_plant", id=FIRST, is_stars=1)
    starred = await firm.ask("plants", is_stars=1)
    assert [row["id"] for row in starred["list"]] == [FIRST]
    other = await firm.as_("demo-normal")
    assert (await other.ask("plants", is_stars=1))["total"] == 0
    await firm.ask("star_plant", id=FIRST, is_stars=0)
    assert (await firm.ask("plants", is_stars=1))["total"] == 0


async def test_plants_are_found_by_name_and_by_a_device_s_serial(firm: Client) -> None:
    """Manual 4.2.2; pages hold a hundred at most."""
    await firm.log_in("demo-installer")
    assert (await firm.ask("plants", name="Mill"))["total"] == 4
    found = await firm.ask("plants", dev_sn="430130000003")
    assert [row["id"] for row in found["list"]] == [FIRST + 3]
    pages = [await firm.ask("plants", page_num=n, page_size=8) for n in (1, 2, 3, 4)]
    assert [len(page["list"]) for page in pages] == [8, 8, 4, 0]
    ids = {row["id"] for page in pages for row in page["list"]}
    assert len(ids) == 20
    assert await firm.refused("plants", page=0) == "1 Parameter error: page"


async def test_coordinates_come_only_from_the_right_data_centre(firm: Client) -> None:
    await firm.log_in("demo-installer")
    here, there = FIRST, FIRST + 1
    assert (await firm.ask("plant", id=here))["latitude"] != "0.0"
    row = await firm.ask("plant", id=there)
    assert (row["dc"], row["latitude"], row["longitude"]) == (1, "0.0", "0.0")
    asked = {"sid": there, "ak": row["ak"]}
    _, raw = await firm.raw("coordinates", asked, base=firm.cloud.region_url)
    assert b'"latitude":"0.0"' not in raw
    assert await firm.refused("coordinates", sid=there, ak="guess") == NO


async def test_a_cover_is_a_picture_of_two_megabytes_at_most(firm: Client) -> None:
    """Manual 4.2.1."""
    await firm.log_in("demo-installer")

    async def upload(name: str, size: int) -> dict[str, Any]:
        from aiohttp import FormData  # noqa: PLC0415  only here

        form = FormData()
        form.add_field("file", b"x" * size, filename=name)
        answer = await firm.http.post(
            f"{firm.cloud.base_url}/fss/api/0/file/upload",
            data=form,
            headers={"Authorization": firm.token},
        )
        return await answer.json()

    whole = 2 * 1024 * 1024
    told = await upload("house.PNG", whole)
    assert told["data"]["fileSize"] == whole
    assert (await upload("house.png", whole + 1))["message"] == "The file is too large"
    assert "not supported" in (await upload("house.svg", 9))["message"]
    await firm.ask("edit_plant", id=FIRST, pic_path=told["data"]["filePath"])
    assert (await firm.ask("plant", id=FIRST))["pic_path"].endswith("house.PNG")


# -- 7: owners ----


async def test_an_owner_is_edited_given_a_password_and_deleted(firm: Client) -> None:
    """Manual 4.4.3 and 3.4 b."""
    await firm.log_in("demo-installer")
    listed = await firm.ask("owners", gid=GROUP, page=1, page_size=5, name="Owner 3")
    owner = listed["list"][0]
    assert (owner["type"], owner["role_ids"], owner["sids"]) == (3, [90], [FIRST + 3])
    await firm.ask("edit_owner", id=owner["id"], email="three@example.com")
    await firm.ask("reset_owner_password", id=owner["id"], password=DIGEST)
    himself = await firm.as_("three@example.com", "New#Password1")
    assert (await himself.ask("plants"))["total"] == 1
    assert await firm.refused("delete_owner", id=owner["id"]) == (
        "1 The owner still has plants"
    )
    await firm.ask("unbind_owner", id=FIRST + 3, uid=owner["id"])
    assert (await himself.ask("plants"))["total"] == 0
    await firm.ask("delete_owner", id=owner["id"])
    assert (await himself.refused("me")).startswith("100")


@pytest.mark.parametrize("field", ["user_name", "password", "name"])
async def test_an_owner_needs_log_in_password_and_name(
    firm: Client, field: str
) -> None:
    await firm.log_in("demo-installer")
    refused = await firm.refused("create_owner", gid=GROUP, **{**PERSON, field: ""})
    assert refused == f"1 Parameter error: {field}"


# -- 8: devices ----


async def test_a_stick_is_replaced_and_the_inverter_stays(home: Client) -> None:
    """Manual 4.3.2.5."""
    await home.log_in("demo-installer")
    dtu = (await home.ask("dtus", sid=HOME, show_warn=1))["list"][0]
    assert dtu["sn"] == "430122480680"
    assert await home.refused("replace_dtu", id=dtu["id"], sid=HOME, sn="1") == (
        "1 Unknown serial number"
    )
    await home.ask("replace_dtu", id=dtu["id"], sid=HOME, sn=STOCK[1])
    tree = await home.ask("device_tree", id=HOME)
    assert (tree[0]["sn"], tree[0]["replace_num"]) == (STOCK[1], 1)
    assert {node["dtu_sn"] for node in tree[0]["children"]} == {STOCK[1]}
    assert await home.refused("add_dtu", sid=HOME, sn=STOCK[1]) == (
        "1 The device is already bound"
    )


async def test_a_new_password_in_clear_is_refused(firm: Client) -> None:
    await firm.log_in("demo-installer")
    clear = {**PERSON, "password": "secret"}
    refused = await firm.refused("create_owner", gid=GROUP, **clear)
    assert refused == "1 Parameter error: password"
    assert digest_of("secret") != "secret"


async def test_the_whole_way_ends_in_the_counters_of_the_home_page(
    firm: Client,
) -> None:
    """Manual 4.1."""
    await firm.log_in("demo-installer")
    await firm.ask("create_plant", **{**PLANT, "name": "Left lying"})
    firm.cloud.world.set_online(FIRST, online=False)
    firm.cloud.advance(1300)
    sid = await complete(firm)
    counts = await firm.ask("plant_states")
    assert (counts["total"], counts["inactive"], counts["offline"]) == (22, 1, 1)
    flags = await firm.ask("plant_flags", page=1, page_size=1000)
    away = [row["id"] for row in flags["list"] if row["warn_data"]["s_uoff"]]
    assert FIRST in away
    assert sid not in away
