"""The client against the reference cloud: every function, over both front doors."""

from typing import Any

import pytest

from custom_components.instagen.links.cloud import CloudPlant
from custom_components.instagen.links.cloud.auth import Credentials
from custom_components.instagen.links.cloud.brands import Door, Login, reference_brand
from custom_components.instagen.links.cloud.client import CloudClient
from custom_components.instagen.links.cloud.devices import DeviceKind
from custom_components.instagen.links.cloud.errors import CloudError, Trouble
from custom_components.instagen.links.cloud.function import Grade
from custom_components.instagen.links.cloud.functions import FUNCTIONS
from custom_components.instagen.links.cloud.live import Indicator
from custom_components.instagen.links.cloud.transport import File
from simulator.cloud import HOME, Cloud

from .reference import account
from .server import Clock

LIST = {"sid": HOME, "page_num": 1, "page_size": 100, "show_warn": 1}
REPORT = {
    "sid_list": [HOME],
    "sid": HOME,
    "start_date": "2026-06-15",
    "end_date": "2026-06-15",
    "page": 1,
    "page_size": 50,
}
DAY = {"sid": HOME, "date": "2026-06-15"}


# ---- every function ----


async def bodies(client: CloudClient) -> dict[str, dict[str, Any]]:
    """Return what each function is asked with."""
    devices = {one.kind: one for one in await CloudPlant(client, HOME).devices()}
    dtu, inverter = devices[DeviceKind.DTU], devices[DeviceKind.INVERTER]
    detail = await client.call("plant", {"id": HOME})
    pair = {"dev_sn": inverter.serial, "dtu_sn": dtu.serial}
    alarms = {"sid": HOME, "page": 1, "page_size": 10}
    return {
        "who_am_i": {},
        "plant_state_counts": {},
        "plant_device_counts": {"id": HOME},
        "plants": {"page": 1, "page_size": 10},
        "plant": {"id": HOME},
        "plant_location": {"sid": HOME, "ak": detail["ak"]},
        "plant_capabilities": {"sid": HOME},
        "live_data": {"sid": HOME},
        "indicators": {"sid": HOME, "type": int(Indicator.GRID)},
        "energy_split": {"sid": HOME, "mode": 1, "date": "2026-06-15", "type": 6},
        "burst_address": {"sid": HOME},
        "indicator_curve": {
            **DAY,
            "dev_type": 6,
            "dev_list": [{"id": inverter.id, "sn": inverter.serial}],
            "ind_list": ["p_total"],
            "pb_ver": 1,
        },
        "power_of_day": DAY,
        "energy_of_day": DAY,
        "energy_of_month": {"sid": HOME, "date": "2026-06"},
        "energy_of_year": {"sid": HOME, "date": "2026"},
        "energy_of_all_years": {"sid": HOME},
        "energy_of_days": {"sid": HOME},
        "device_tree": {"id": HOME},
        "dtus_with_children": {"id": HOME},
        "dtus": LIST,
        "inverters": LIST,
        "batteries": LIST,
        "meters": LIST,
        "micro_inverters": LIST,
        "all_dtus": {"page": 1, "page_size": 10},
        "dtu": {"id": dtu.id},
        "command": {**pair, "action": 3, "dev_type": 6, "data": {}},
        "firmware_check": {"sid": HOME, "dtu_sn": dtu.serial},
        "firmware_packages": {"dev_type": 1, "dev_sn": dtu.serial},
        "inverter_alarms": {**alarms, "sn": inverter.serial},
        "dtu_alarms": {**alarms, "sn": dtu.serial},
        "plant_alarm_flags": {"page": 1, "page_size": 10},
        "device_alarms": {
            "sid": HOME,
            "mi_id": inverter.id,
            "mi_sn": inverter.serial,
            "port": 1,
            "time": "12:00",
            "warn_code": 1,
        },
        "power_report": REPORT,
        "energy_report_totals": {**REPORT, "mode": 1},
        "brand_energy_report": REPORT,
        "brand_energy_report_totals": REPORT,
        "read_setting": {"action": 1013, "data": {"sid": HOME}},
        "write_setting": {
            "action": 1013,
            "data": {"sid": HOME, "data": {"mode": 1, "data": {"reserve_soc": 20}}},
        },
        "read_configuration": {**pair, "cfg_type": 0},
        "tariff": {"sid": HOME},
        "income": {"sid": HOME},
    }


SERVED_BY_LOGIN = {"login_nonce", "login", "login_legacy", "login_region"}
STATUS = {row.job for row in FUNCTIONS.values() if row.job}
UNSERVED = {"generation_chart", "power_of_week", "texts"}
"""Names that nobody shows an answer of; the reference cloud does not make one up."""

BY_ITSELF = {"upload_file", "write_configuration"}
"""Tested in their own way below."""

PUBLIC = {row.name for row in FUNCTIONS.values() if row.grade is not Grade.NONE}


@pytest.mark.parametrize("door", Door)
async def test_every_function(reference: Cloud, clock: Clock, door: Door):
    """Each row with a public source is asked for real, and its job to its end."""
    brand = reference_brand(reference.base_url, door=door)
    async with account(reference, clock, brand=brand) as client:
        asked = await bodies(client)
        apart = SERVED_BY_LOGIN | STATUS | UNSERVED | BY_ITSELF
        assert asked.keys() == PUBLIC - apart
        for name, body in asked.items():
            row = FUNCTIONS[name]
            if row.job:
                told = await client.run(row, body)
            else:
                told = await client.call(row, body)
            assert told is not None, name
            assert isinstance(told, bytes) is row.binary, name
            if isinstance(told, dict | list | bytes) and name not in EMPTY:
                assert told, name
    assert set(reference.requests) >= {"me", "live", "command_status"}


EMPTY = {"micro_inverters", "write_setting", "command", "firmware_packages"}
"""Whose answer holds nothing on a hybrid plant, or when it is done."""


async def test_what_is_not_served_has_a_name(home: CloudClient):
    for name in UNSERVED:
        with pytest.raises(CloudError) as failure:
            await home.call(name, {"sid": HOME})
        assert failure.value.trouble is Trouble.NOT_SUPPORTED


# ---- logging in ----


@pytest.mark.parametrize(
    ("name", "door", "login"),
    [
        ("demo-installer", Door.MICRO_SERVICE, Login.V3),
        ("demo-owner", Door.MICRO_SERVICE, Login.V3),
        ("demo-normal", Door.MICRO_SERVICE, Login.V3),
        ("demo-owner", Door.MICRO_SERVICE, Login.V0),
        ("demo-owner", Door.GATEWAY, Login.GATEWAY),
    ],
)
async def test_generations(
    reference: Cloud, clock: Clock, name: str, door: Door, login: Login
):
    """With a salt and without, through both doors."""
    brand = reference_brand(reference.base_url, door=door, logins=(login,))
    async with account(reference, clock, name=name, brand=brand) as client:
        assert (await client.call("who_am_i"))["user_name"] == name


async def test_the_next_generation_where_one_is_closed(reference: Cloud, clock: Clock):
    reference.policy.v0 = False
    logins = (Login.V0, Login.V3)
    brand = reference_brand(reference.base_url, door=Door.MICRO_SERVICE, logins=logins)
    async with account(reference, clock, brand=brand) as client:
        assert await client.call("who_am_i")
        assert client.session.snapshot()["way"][0] == "v3"
    brand = reference_brand(
        reference.base_url, door=Door.MICRO_SERVICE, logins=(Login.V0,)
    )
    async with account(reference, clock, brand=brand) as client:
        with pytest.raises(CloudError) as failure:
            await client.call("who_am_i")
        assert failure.value.trouble is Trouble.OUTDATED_LOGIN


async def test_a_region_is_found(reference: Cloud, clock: Clock):
    """An account of another data centre is sent away unless its region is asked."""
    reference.policy.home_region = True
    name, plain = (
        "far-installer",
        reference_brand(reference.base_url, door=Door.MICRO_SERVICE),
    )
    async with account(reference, clock, name=name, brand=plain) as client:
        with pytest.raises(CloudError) as failure:
            await client.call("who_am_i")
        assert failure.value.trouble is Trouble.REDIRECTED
    finding = reference_brand(
        reference.base_url,
        door=Door.MICRO_SERVICE,
        region_address=reference.region_url,
    )
    async with account(reference, clock, name=name, brand=finding) as client:
        assert (await client.call("who_am_i"))["user_name"] == name


async def test_no_lock_is_ever_our_doing(reference: Cloud, clock: Clock):
    """A wrong password, and whoever asks for whatever as often as they like."""
    reference.policy.wrong_passwords_per_day = 2
    async with account(reference, clock) as client:
        client.session._who = Credentials("demo-installer", "wrong")
        for _ in range(20):
            with pytest.raises(CloudError) as failure:
                await client.call("plants")
            assert failure.value.trouble is Trouble.WRONG_PASSWORD
            clock.seconds += 4000
    async with account(reference, clock) as client:
        assert await client.call("who_am_i")


async def test_a_lock_by_others_is_waited_out(reference: Cloud, clock: Clock):
    reference.policy.wrong_passwords_per_day = 0
    async with account(reference, clock) as client:
        client.session._who = Credentials("demo-installer", "wrong")
        with pytest.raises(CloudError):
            await client.call("who_am_i")
    async with account(reference, clock) as client:
        with pytest.raises(CloudError) as failure:
            await client.call("who_am_i")
        assert failure.value.trouble is Trouble.LOCKED_OUT
        before = reference.requests
        with pytest.raises(CloudError) as failure:
            await client.call("who_am_i")
        assert failure.value.retry_after == 43_200
        assert reference.requests == before


# ---- what is asked in its own way ----


@pytest.mark.parametrize("door", Door)
async def test_a_file_is_uploaded(reference: Cloud, clock: Clock, door: Door):
    brand = reference_brand(reference.base_url, door=door)
    async with account(reference, clock, brand=brand) as client:
        told = await client.upload(File("cover.png", b"\x89PNG\r\n\x1a\n", "image/png"))
        assert told["filePath"]
        assert told["fileSize"] == 8
        with pytest.raises(CloudError) as failure:
            await client.upload(File("cover.txt", b"text", "text/plain"))
        assert failure.value.trouble is Trouble.NOT_SUPPORTED


async def test_a_configuration_is_written_back(home: CloudClient):
    """Read as a flat list, written as a part of the group that holds the item."""
    devices = {one.kind: one for one in await CloudPlant(home, HOME).devices()}
    pair = {
        "dev_sn": devices[DeviceKind.INVERTER].serial,
        "dtu_sn": devices[DeviceKind.DTU].serial,
    }

    async def items() -> dict[int, Any]:
        told = await home.run("read_configuration", {**pair, "cfg_type": 0})
        return {item["id"]: item for item in told}

    before = await items()
    assert 15828 in before
    item = {**before[15828], "content": "55"}
    groups = [{"id": 138, "name": "ESS Advanced Config", "list": [item]}]
    await home.run("write_configuration", {**pair, "data": groups, "rid": 54})
    assert (await items())[15828]["content"] in {"55", 55}
