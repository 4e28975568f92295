"""Rows of the cloud become the model, however oddly they are written."""

from datetime import date, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.instagen.account.codes import PUBLIC_CODES, UNPROVEN_CODES
from custom_components.instagen.account.home import Generation
from custom_components.instagen.account.model import (
    AccountKind,
    DeviceKind,
    Organisation,
    OrganisationKind,
    PlantFlag,
    PlantState,
)
from custom_components.instagen.account.wire import (
    DEEPEST_TREE,
    LONGEST_TEXT,
    MOST_DEVICES,
    device_of,
    devices_in,
    flags_of,
    generation_of,
    merged,
    moment,
    number,
    organisation_of,
    owner_of,
    owners_in,
    plant_of,
    switch,
    text,
    user_of,
    whole,
)

# Shape of facts/cloud-api.md 5.1.
ROW: dict[str, Any] = {
    "id": 7001234,
    "name": "Mill Lane",
    "status": 40,
    "classify": 4,
    "capacitor": "6.0",
    "address": "1 Example Road",
    "tz_name": "UTC+00",
    "pic_path": "",
    "owner_name": "A. Owner",
    "gid": 345,
    "org_name": "Demo Solar",
    "is_stars": 0,
    "create_at": "2026-03-01 10:00:00",
    "dc": 1,
    "ak": "0a1b2c",
    "warn_data": {"s_uoff": False, "l3_warn": True, "dl": True},
}
# Shape of 5.2, as recorded (captures/cloud/hys46-station-find.json), values made up.
DETAIL: dict[str, Any] = ROW | {
    "type": 1,
    "timezone": {"id": 38, "name": "Europe/London", "offset": 0},
    "latitude": "51.5",
    "longitude": "-0.1",
    "bms_capacitor": "10.2",
    "owner_list": [{"uid": 9, "name": "A. Owner", "user_name": "ann"}],
    "group": {"id": 345, "name": "Demo Solar", "pid": 20, "type": 4, "contact": ""},
}
# Shape of 5.3.
TREE: list[dict[str, Any]] = [
    {
        "id": 501,
        "sn": "430100000001",
        "dtu_sn": "430100000001",
        "type": 1,
        "model_no": "DTS-WIFI-G1",
        "soft_ver": "V01.00.01",
        "hard_ver": "H11.01.01",
        "warn_data": {"_rw": "1", "connect": True, "warn": False},
        "children": [
            {
                "id": 601,
                "sn": "200300000001",
                "dtu_sn": "430100000001",
                "type": 6,
                "model_no": "HYS-4.6LV-EUG1",
                "hard_ver": "",
                "warn_data": {"connect": True, "warn": None},
                "children": [
                    {
                        "id": -5,
                        "sn": "000100000601",
                        "type": 10,
                        "extend_data": {"bms_type": 1, "bms_capacitor": "10.2"},
                        "warn_data": {},
                    }
                ],
            }
        ],
    }
]


@pytest.mark.parametrize("missing", [None, "", "-", " - ", [], {}, True])
def test_missing_is_unknown_and_never_zero(missing: object) -> None:
    assert text(missing) is None
    assert number(missing) is None
    assert whole(missing) is None
    assert moment(missing) is None


@pytest.mark.parametrize(
    ("value", "expected"), [("4183.0", 4183.0), (0, 0.0), ("0", 0.0), ("-1.5", -1.5)]
)
def test_numbers_come_as_texts(value: object, expected: float) -> None:
    assert number(value) == expected


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "x", "9" * 50, 10**400])
def test_no_number_is_none(value: object) -> None:
    assert number(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("40.0", 40),
        (7001234, 7001234),
        ("9007199254740993", 9007199254740993),
        ("-5", -5),
        (1.5, None),
        ("1e300", None),
        (2**64, None),
        ("9" * 30, None),
    ],
)
def test_ids_are_whole_and_exact(value: object, expected: int | None) -> None:
    assert whole(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), ("1", True), (0, False), ("0", False), (2, None), (None, None)],
)
def test_switches(value: object, *, expected: bool | None) -> None:
    assert switch(value) is expected


def test_a_text_is_bounded() -> None:
    assert text("x" * 10_000) == "x" * LONGEST_TEXT


# ---- plants ----


def test_18_a_row_of_the_list() -> None:
    plant = plant_of(ROW)
    assert plant is not None
    assert (plant.id, plant.name, plant.status) == (7001234, "Mill Lane", 40)
    assert (plant.capacity, plant.classification) == (6.0, 4)
    assert (plant.organisation, plant.organisation_name) == (345, "Demo Solar")
    assert (plant.data_centre, plant.access_key) == (1, "0a1b2c")
    assert plant.created == datetime.fromisoformat("2026-03-01 10:00:00")
    assert plant.favourite is False
    assert plant.cover is None
    assert plant.owners is None
    assert plant.flags == frozenset({PlantFlag.DEVICE_ALARM})
    assert plant.state is PlantState.ALARM


def test_18_a_detail() -> None:
    plant = plant_of(DETAIL)
    assert plant is not None
    assert plant.code == 1
    assert (plant.latitude, plant.longitude) == (51.5, -0.1)
    assert plant.time_zone == "Europe/London"
    assert plant.battery_capacity == 10.2
    assert plant.owners == frozenset({9})
    (owner,) = owners_in(DETAIL)
    assert (owner.id, owner.login, owner.name) == (9, "ann", "A. Owner")


def test_the_wrong_data_centre_tells_no_place() -> None:
    known = plant_of(DETAIL)
    row = DETAIL | {"latitude": "0.0", "longitude": "0.0", "address": "0.0"}
    told = plant_of(row)
    assert told is not None
    assert (told.latitude, told.longitude, told.address) == (None, None, None)
    kept = merged(known, told, row)
    assert (kept.latitude, kept.address) == (51.5, "1 Example Road")


def test_a_row_keeps_what_only_the_detail_told() -> None:
    known, told = plant_of(DETAIL), plant_of(ROW)
    assert told is not None
    assert merged(known, told, ROW) == known


def test_a_row_clears_what_it_says_is_empty() -> None:
    known = plant_of(DETAIL | {"pic_path": "x.jpg"})
    told = plant_of(ROW)
    assert told is not None
    assert merged(known, told, ROW).cover is None


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        ({}, PlantState.NORMAL),
        ({"pw_off"}, PlantState.NORMAL),
        ({"me_warn"}, PlantState.ALARM),
        ({"s_uoff", "l3_warn"}, PlantState.OFFLINE),
    ],
)
def test_states_are_classes_of_flags(flags: set[str], state: PlantState) -> None:
    warnings = {"s_uoff": False} | dict.fromkeys(flags, "1")
    plant = plant_of(ROW | {"warn_data": warnings})
    assert plant is not None
    assert plant.state is state


@pytest.mark.parametrize("warnings", [None, {}, [], "-", {"dl": True}])
def test_no_flags_is_no_state(warnings: object) -> None:
    assert flags_of(warnings) is None
    plant = plant_of(ROW | {"warn_data": warnings})
    assert plant is not None
    assert plant.state is None


@pytest.mark.parametrize("identity", [None, "", "x", 1.5, [], True])
def test_what_has_no_id_is_nothing(identity: object) -> None:
    assert plant_of(ROW | {"id": identity}) is None
    assert device_of({"id": identity}) is None
    assert user_of({"id": identity}, PUBLIC_CODES) is None
    assert organisation_of({"id": identity}, PUBLIC_CODES) is None
    assert owner_of({"uid": identity}) is None


def test_generation_is_in_kwh() -> None:
    live = {"real_power": "1850.0", "today_eq": "4200.0", "total_eq": "-"}
    told = Generation(power=1850.0, today=4.2)
    assert generation_of(live) == told
    assert generation_of({"real_data": live}) == told
    assert generation_of(ROW) is None


# ---- people ----

ME = {
    "id": 88,
    "user_name": "inst1",
    "type": 3,
    "gid": 345,
    "name": "Inst",
    "phone": "",
    "email": "i@example.com",
    "role_ids": ["90"],
    "gpath": "1.20.345",
    "roles": [{"id": 90, "name": "Owner", "v": 1}],
    "group": {"id": 345, "name": "Demo Solar", "type": 4},
}


def test_18_who_i_am() -> None:
    user = user_of(ME, PUBLIC_CODES)
    assert user is not None
    assert (user.id, user.login, user.email) == (88, "inst1", "i@example.com")
    assert user.phone is None
    assert user.organisation == 345
    assert user.ancestry == (1, 20, 345)
    assert (user.role_ids, user.roles) == ((90,), ("Owner",))
    assert user.kind is AccountKind.END_USER


@pytest.mark.parametrize(
    ("code", "roles", "kind"),
    [
        (3, [], AccountKind.END_USER),
        (2, [22], AccountKind.SUB_INSTALLER),
        (1, [20, 22], AccountKind.INSTALLER),
        (2, [22, 77], None),
        (7, [], None),
        (None, [], None),
    ],
)
def test_the_kind_of_an_account(
    code: int | None, roles: list[int], kind: AccountKind | None
) -> None:
    user = user_of({"id": 1, "type": code, "role_ids": roles}, UNPROVEN_CODES)
    assert user is not None
    assert (user.kind, user.code, user.role_ids) == (kind, code, tuple(roles))


def test_unknown_codes_stay_as_they_came() -> None:
    row = DETAIL["group"] | {"type": 77}
    assert organisation_of(row, UNPROVEN_CODES) == Organisation(
        id=345, parent=20, code=77, name="Demo Solar"
    )
    device = device_of({"id": 1, "type": 99})
    assert device is not None
    assert (device.code, device.kind) == (99, None)


def test_the_kind_of_an_organisation_is_not_public() -> None:
    for codes, kind in (
        (PUBLIC_CODES, None),
        (UNPROVEN_CODES, OrganisationKind.INSTALLER),
    ):
        node = organisation_of(DETAIL["group"], codes)
        assert node is not None
        assert (node.kind, node.code, node.contact) == (kind, 4, None)


def test_an_owner_of_the_list_names_their_plants() -> None:
    owner = owner_of({"id": 9, "gid": 345, "type": 3, "sids": [1, "2", None]})
    assert owner is not None
    assert (owner.id, owner.plants) == (9, frozenset({1, 2}))


# ---- devices ----


def test_18_a_device_tree() -> None:
    dtu, inverter, battery = devices_in(TREE)
    assert dtu.kind is DeviceKind.DTU
    assert (dtu.model, dtu.firmware, dtu.hardware) == (
        "DTS-WIFI-G1",
        "V01.00.01",
        "H11.01.01",
    )
    assert (dtu.online, dtu.alarm, dtu.parent) == (True, False, None)
    assert (inverter.kind, inverter.parent) == (DeviceKind.INVERTER, dtu.serial)
    assert (inverter.alarm, inverter.hardware) == (None, None)
    assert (battery.id, battery.kind) == (-5, DeviceKind.BATTERY)
    assert battery.parent == inverter.serial
    assert (battery.online, battery.capacity) == (None, 10.2)


def test_a_row_of_a_list_of_devices() -> None:
    device = device_of({"id": "1", "dev_type": 6, "create_at": "2026-03-01 10:00:00"})
    assert device is not None
    assert (device.kind, device.since) == (DeviceKind.INVERTER, date(2026, 3, 1))


def test_a_tree_is_bounded() -> None:
    assert len(devices_in([{"id": one} for one in range(9000)])) == MOST_DEVICES
    deep: dict[str, Any] = {"id": 0}
    for depth in range(1, 500):
        deep = {"id": depth, "children": [deep]}
    assert len(devices_in([deep])) == DEEPEST_TREE
    wide = [
        {"id": -one, "children": [{"id": one * 5000 + child} for child in range(500)]}
        for one in range(1, 9)
    ]
    assert len(devices_in(wide)) == MOST_DEVICES


def test_a_device_stands_once_and_types_have_ids_of_their_own() -> None:
    rows = [{"id": 1, "type": 1}, {"id": 1, "type": 6}, {"id": 1, "type": 6}]
    assert [device.code for device in devices_in(rows)] == [1, 6]


KEYS = st.sampled_from(sorted({*DETAIL, *ME, *TREE[0], "uid", "sids"}))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text("0179.,-: xT\0\ud800\u0660", max_size=8)
    | st.sampled_from(["", "-", "0.0", "1", "2026-03-01 10:00:00", "1.2.3"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(row=st.dictionaries(KEYS, JSON, max_size=12))
def test_nothing_the_cloud_may_say_breaks_the_reading(row: dict[str, Any]) -> None:
    for read in (plant_of, owner_of, device_of, generation_of, owners_in):
        read(row)
    for codes in (PUBLIC_CODES, UNPROVEN_CODES):
        user_of(row, codes)
        organisation_of(row, codes)
    devices_in([row])
    devices_in(row)
    known, told = plant_of(DETAIL), plant_of(row | {"id": 7001234})
    assert told is not None
    assert merged(known, told, row).id == 7001234
