"""Commands, settings and configuration as jobs that take time and fail."""

from typing import Any

from aiohttp import ClientSession
import pytest

import simulator
from simulator import Simulator
from simulator.cloud import HOME, serve_cloud

from .conftest import NO, Client

DTU, INVERTER = "430122480680", "200312345678"
FIRST = 7_100_000


async def done(client: Client, key: str, job: str, *, polls: int = 3) -> dict[str, Any]:
    """Ask until a job is over; it has to be running until then."""
    for _ in range(polls - 1):
        told = await client.ask(key, id=job)
        assert (told["code"], told["data"]) == (2, [])
    return await client.ask(key, id=job)


async def read(client: Client, action: int = 1013, sid: int = HOME) -> Any:
    job = await client.ask("read_setting", action=action, data={"sid": sid})
    assert isinstance(job, str)
    told = await done(client, "setting_status", job)
    assert told["code"] == 0, told
    return told["data"]


async def write(
    client: Client, payload: dict[str, Any], action: int = 1013, sid: int = HOME
) -> dict[str, Any]:
    given = {"sid": sid, "data": payload}
    job = await client.ask("write_setting", action=action, data=given)
    return await done(client, "setting_status", job)


async def test_a_job_tells_its_progress_as_recorded(home: Client) -> None:
    await home.log_in("demo-owner")
    job = await home.ask("read_setting", action=1013, data={"sid": HOME})
    first = await home.ask("setting_status", id=job)
    assert first["speed"][0] == {
        "sn": INVERTER,
        "type": 6,
        "rate": -1,
        "err_code": "",
        "sid": HOME,
        "station_name": "Mill Lane",
        "module": "006000",
    }
    busy = await home.refused("read_setting", action=1013, data={"sid": HOME})
    assert "pending" in busy
    assert (await home.ask("setting_status", id=int(job)))["code"] == 2
    told = await home.ask("setting_status", id=job)
    assert (told["code"], told["speed"][0]["rate"]) == (0, 100)
    assert told["data"].keys() == {"mode", "data"}
    assert set(told["data"]["data"]) == {f"k_{mode}" for mode in range(1, 9)}
    assert await home.refused("command_status", id=job) == NO
    assert (
        await (await home.as_("far-installer")).refused("setting_status", id=job) == NO
    )


async def test_a_mode_is_obeyed_some_seconds_later(http: ClientSession) -> None:
    async with (
        simulator.serve(modbus=None) as sim,
        serve_cloud("home", plant=sim) as cloud,
    ):
        client = await Client(cloud, http).log_in("demo-owner")
        block = {"reserve_soc": 95, "max_power": 60.0}
        assert (await write(client, {"mode": 5, "data": block}))["code"] == 0
        assert (await read(client))["mode"] == 1
        await sim.advance(20)
        told = await read(client)
        assert told["mode"] == 5
        assert told["data"]["k_5"] == {"reserve_soc": 95, "max_power": 60.0}
        assert sim.state()["battery_mode"] == "force_charge"
        await sim.advance(300)
        live = (await client.ask("live", sid=HOME))["reflux_station_data"]
        assert live["work_mode"] == 5000


PERIOD = {
    "start_date": "03-01",
    "end_date": "10-31",
    "time": [
        {
            "week": [1, 2, 3, 4, 5],
            "duration": [
                {
                    "type": 1,
                    "start_time": "00:30",
                    "end_time": "04:30",
                    "in": 0.09,
                    "out": 0.15,
                },
                {
                    "type": 2,
                    "start_time": None,
                    "end_time": None,
                    "in": 0.24,
                    "out": 0.15,
                },
                {
                    "type": 3,
                    "start_time": "16:00",
                    "end_time": "19:00",
                    "in": 0.32,
                    "out": 0.15,
                },
            ],
        }
    ],
}


@pytest.mark.parametrize("sid", [HOME, FIRST])
async def test_the_economical_block_comes_back_as_written(
    http: ClientSession, sid: int
) -> None:
    name = "home" if sid == HOME else "installer"
    async with serve_cloud(name, plants=1) as cloud:
        client = await Client(cloud, http).log_in("demo-installer")
        block = {"reserve_soc": 30, "money_code": "£", "date": [PERIOD]}
        told = await write(client, {"mode": 2, "data": block}, sid=sid)
        assert told["code"] == 0
        cloud.advance(20)
        found = await read(client, sid=sid)
        assert (found["mode"], found["data"]["k_2"]) == (2, block)


async def test_what_a_write_leaves_out_is_filled_with_the_template(
    firm: Client,
) -> None:
    await firm.log_in("demo-installer")
    use = {
        "cs_time": "01:00",
        "ce_time": "04:00",
        "c_power": 80,
        "dcs_time": "17:00",
        "dce_time": "20:00",
        "dc_power": 90,
        "charge_soc": 85,
        "dis_charge_soc": 20,
    }
    await write(
        firm, {"mode": 8, "data": {"reserve_soc": 15, "time": [use]}}, sid=FIRST
    )
    await write(firm, {"mode": 8, "data": {"reserve_soc": 15}}, sid=FIRST)
    block = (await read(firm, sid=FIRST))["data"]["k_8"]
    assert block["time"][0]["cs_time"] == "03:00"


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"mode": 0}, "mode"),
        ({"mode": 10}, "mode"),
        ({"mode": 1, "data": []}, "data"),
        ({"mode": 2, "data": {"date": [PERIOD] * 5}}, "date"),
        ({"mode": 2, "data": {"date": [{"time": [{}, {}, {}]}]}}, "time"),
    ],
)
async def test_a_block_that_cannot_be_right_starts_no_job(
    home: Client, payload: dict[str, Any], field: str
) -> None:
    """Four periods and two week groups at most (manual 5.1.2)."""
    await home.log_in("demo-owner")
    refused = await home.refused(
        "write_setting", action=1013, data={"sid": HOME, "data": payload}
    )
    assert refused == f"1 Parameter error: {field}"


async def test_a_value_out_of_range_fails_on_the_device(home: Client) -> None:
    await home.log_in("demo-owner")
    told = await write(home, {"mode": 3, "data": {"reserve_soc": 40}})
    assert (told["code"], told["speed"][0]["err_code"]) == (1, "01004")
    home.cloud.advance(30)
    assert (await read(home))["mode"] == 1


async def test_the_dry_contact_is_switched(home: Client) -> None:
    await home.log_in("demo-owner")
    found = await read(home, action=1014)
    assert found["mode"] == 0
    found["mode"] = 2
    found["data"]["k_2"]["mode"] = 3
    assert (await write(home, found, action=1014))["code"] == 0
    home.cloud.advance(30)
    assert await read(home, action=1014) == found


async def test_the_direct_write_says_yes_and_does_nothing(home: Client) -> None:
    await home.log_in("demo-owner")
    asked = {"sid": HOME, "mode": 5, "data": {"reserve_soc": 90, "max_power": 50}}
    assert await home.ask("battery_config", **asked) is True
    home.cloud.advance(60)
    assert (await read(home))["mode"] == 1


async def test_the_inverter_configuration_is_read_and_written(home: Client) -> None:
    """Manual 4.2.4: a grid code before anything about safety."""
    await home.log_in("demo-installer")
    devices = {"dev_sn": INVERTER, "dtu_sn": DTU}
    job = await home.ask("fetch_config", cfg_type=0, **devices)
    told = await done(home, "fetch_config_status", job)
    assert (told["code"], told["rate"], len(told["data"])) == (0, 100, 250)
    by_id = {item["id"]: item for item in told["data"]}

    async def put(group: int, number: int, content: str) -> str:
        item = {**by_id[number], "content": content}
        data = [{"id": group, "name": "", "list": [item]}]
        job = await home.ask("put_config", data=data, rid=54, **devices)
        return (await done(home, "put_config_status", job))["speed"][0]["err_code"]

    assert await put(138, 15_828, "19") == "01004"
    assert await put(138, 15_828, "80") == ""
    assert await put(138, 15_702, "270") == "01001"
    assert await put(136, 15_702, "270") == "01004"
    assert await put(136, 15_700, "G98") == ""
    assert await put(136, 15_702, "270") == ""
    job = await home.ask("fetch_config", cfg_type=0, **devices)
    found = (await done(home, "fetch_config_status", job))["data"]
    contents = {item["id"]: item["content"] for item in found}
    assert (contents[15_828], contents[15_702]) == ("80", "270")


@pytest.fixture
async def plant(http: ClientSession):
    async with (
        simulator.serve(modbus=None) as sim,
        serve_cloud("home", plant=sim) as cloud,
    ):
        yield sim, await Client(cloud, http).log_in("demo-installer")


async def command(client: Client, kind: int, action: int, **data: Any) -> str:
    serial = DTU if kind == 1 else INVERTER
    job = await client.ask(
        "command", action=action, dev_type=kind, dev_sn=serial, dtu_sn=DTU, data=data
    )
    return (await done(client, "command_status", job))["speed"][0]["err_code"]


async def test_maintenance_reaches_the_plant(plant: tuple[Simulator, Client]) -> None:
    """Manual 4.3.2 and 4.3.3."""
    sim, client = plant
    assert await command(client, 6, 7) == ""
    assert sim.plant.acting.running is False
    assert await command(client, 6, 6) == ""
    assert sim.plant.acting.running is True
    assert await command(client, 6, 3) == ""
    assert sim.state()["work_status"] == "power_up"
    assert await command(client, 6, 8201, bms_type=2) == ""
    assert (await client.ask("batteries", sid=HOME))["list"][0]["bms_type"] == 2
    assert await command(client, 1, 1) == "00002"
    assert await command(client, 1, 27) == ""
    assert await command(client, 6, 3) == "00001"
    await sim.advance(31)
    assert await command(client, 6, 3) == ""


async def test_firmware_is_compared_and_installed(
    plant: tuple[Simulator, Client],
) -> None:
    _, client = plant
    offered = await client.ask("check_firmware", sid=HOME, dtu_sn=DTU)
    assert offered["upgrade"] == 1
    package = (await client.ask("firmware_packages", dev_type=1, dev_sn=DTU))[0]
    assert await command(client, 1, 2) == "03008"
    given = {"upg_patch_id": package["id"], "file_uri": package["path"]}
    assert await command(client, 1, 2, **given) == ""
    dtus = (await client.ask("dtus", sid=HOME))["list"]
    assert dtus[0]["soft_ver"] == package["patch_ver"]


async def test_stop_ends_what_runs(plant: tuple[Simulator, Client]) -> None:
    """Manual 4.3.2.3."""
    _, client = plant
    job = await client.ask("read_setting", action=1013, data={"sid": HOME})
    stop = {"action": 4098, "dev_type": 1, "dev_sn": DTU, "dtu_sn": DTU, "data": {}}
    await client.ask("command", **stop)
    told = await client.ask("setting_status", id=job)
    assert (told["code"], told["speed"][0]["err_code"]) == (1, "00003")


async def test_a_sub_installer_has_the_networking_command_only(
    plant: tuple[Simulator, Client],
) -> None:
    """Manual 3.2 note 3."""
    _, client = plant
    sub = await client.as_("demo-sub")
    asked = {"dev_type": 1, "dev_sn": DTU, "dtu_sn": DTU, "data": {}}
    assert await sub.refused("command", action=27, **asked) == NO
    await sub.ask("command", action=4101, **asked)


async def test_a_job_fails_never_ends_or_has_no_effect(home: Client) -> None:
    await home.log_in("demo-owner")
    home.cloud.fault("failing_job", code="03255")
    told = await write(home, {"mode": 1, "data": {"reserve_soc": 20}})
    assert (told["code"], told["speed"][0]["err_code"]) == (1, "03255")
    home.cloud.fault("failing_job", on=False)
    home.cloud.fault("no_effect")
    told = await write(home, {"mode": 5, "data": {}})
    assert told["code"] == 0
    home.cloud.fault("no_effect", on=False)
    home.cloud.advance(60)
    assert (await read(home))["mode"] == 1
    home.cloud.fault("endless_job")
    job = await home.ask("read_setting", action=1013, data={"sid": HOME})
    assert (await done(home, "setting_status", job, polls=20))["code"] == 2
    home.cloud.fault("endless_job", on=False)
    assert "pending" in await home.refused(
        "read_setting", action=1013, data={"sid": HOME}
    )
    home.cloud.advance(121)
    assert (await read(home))["mode"] == 1
