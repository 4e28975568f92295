"""Live data, history, alarms and reports, and that they are the plant's."""

from struct import unpack
import time
from typing import Any

from aiohttp import ClientSession
import pytest

import simulator
from simulator.cloud import HOME, serve_cloud

from .conftest import NO, Client

FIRST = 7_100_000


def fields(message: bytes) -> list[tuple[int, Any]]:
    """Return number and content of each field of a protobuf message."""

    def varint(at: int) -> tuple[int, int]:
        number = shift = 0
        while True:
            byte = message[at]
            number |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                return number, at

    found, at = [], 0
    while at < len(message):
        tag, at = varint(at)
        assert tag & 7 == 2
        length, at = varint(at)
        found.append((tag >> 3, message[at : at + length]))
        at += length
    return found


def chart(message: bytes) -> tuple[list[str], dict[str, list[float]]]:
    labels, series = [], {}
    for number, content in fields(message):
        if number == 1:
            labels.append(content.decode())
        elif number == 2:
            inner = dict(fields(content))
            raw = inner.get(2, b"")
            series[inner[1].decode()] = list(unpack(f"<{len(raw) // 4}f", raw))
    return labels, series


async def test_live_data_are_those_of_the_simulated_plant(http: ClientSession) -> None:
    """Signs of section 10: grid negative on import, battery a magnitude, flows tell."""
    async with (
        simulator.serve(modbus=None) as sim,
        serve_cloud("home", plant=sim) as cloud,
    ):
        client = await Client(cloud, http).log_in("demo-owner")
        sim.set({"sun": 0.0, "load": 3000, "soc": 5})
        await sim.advance(600)
        told = (await client.ask("live", sid=HOME))["reflux_station_data"]
        state: dict[str, Any] = dict(sim.state())
        assert state["grid_power"] > 0
        assert float(told["grid_power"]) == -state["grid_power"]
        assert {"out": 2, "in": 1} in told["flows"]
        sim.set({"load": 900, "soc": 80})
        await sim.advance(600)
        told = await client.ask("live", sid=HOME)
        block, state = told["reflux_station_data"], dict(sim.state())
        assert state["battery_power"] > 0
        assert float(block["bms_power"]) == state["battery_power"]
        assert {"out": 10, "in": 1} in block["flows"]
        assert block["bms_soc"] == str(state["battery_soc"])
        assert float(told["total_eq"]) == pytest.approx(
            state["pv_energy"] * 1000, abs=1
        )
        assert told["data_time"] == "2026-06-15 12:20:00"
        grid = await client.ask("indicators", sid=HOME, type=2)
        told_power = next(e for e in grid["list"] if e["key"] == "p_total")
        assert float(told_power["val"]) == -state["grid_power"]


async def test_data_of_a_plant_without_cloud_stand_still(http: ClientSession) -> None:
    async with (
        simulator.serve(modbus=None) as sim,
        serve_cloud("home", plant=sim) as cloud,
    ):
        client = await Client(cloud, http).log_in("demo-owner")
        await sim.advance(300)
        before = await client.ask("live", sid=HOME)
        await sim.fault("cloud_starved")
        await sim.advance(3600)
        assert await client.ask("live", sid=HOME) == before
        row = (await client.ask("plants"))["list"][0]
        assert row["warn_data"]["s_uoff"] is True
        await sim.fault("cloud_starved", on=False)
        await sim.advance(300)
        assert (await client.ask("live", sid=HOME))["data_time"] > before["data_time"]


async def test_asked_too_often_live_data_are_empty(home: Client) -> None:
    await home.log_in("demo-owner")
    home.cloud.policy.live_interval = 30
    assert await home.ask("live", sid=HOME) is not None
    assert await home.ask("live", sid=HOME) is None
    home.cloud.advance(31)
    assert await home.ask("live", sid=HOME) is not None


async def test_a_plant_of_micro_inverters_has_no_meter_block(firm: Client) -> None:
    await firm.log_in("demo-installer")
    told = await firm.ask("live", sid=FIRST + 6)
    assert told["reflux_station_data"] is None
    assert (await firm.ask("micros", sid=FIRST + 6))["total"] == 1
    assert (await firm.ask("inverters", sid=FIRST + 6))["total"] == 0


async def test_the_burst_channel_needs_the_header_and_ends(home: Client) -> None:
    await home.log_in("demo-owner")
    uri = (await home.ask("burst_uri", sid=HOME))["uri"]
    answer = await home.http.post(uri, json={"m": 0, "t": 1})
    assert answer.status == 400
    header = {"Authorization": home.token}
    answer = await home.http.post(uri, json={"m": 0, "t": 1}, headers=header)
    told = await answer.json()
    live = (await home.ask("live", sid=HOME))["reflux_station_data"]
    assert told["power"]["grid"] == -float(live["grid_power"])
    assert told["dly"] == 10_000
    home.cloud.advance(300)
    answer = await home.http.post(uri, json={"m": 0, "t": 1}, headers=header)
    assert (await answer.json()).keys() == {"con", "t"}


async def test_curves_are_binary_and_end_at_the_last_upload(home: Client) -> None:
    await home.log_in("demo-owner")
    home.cloud.advance(1800)
    _, raw = await home.raw("power_of_day", {"sid": HOME, "date": "2026-06-15"})
    labels, series = chart(raw)
    assert labels == [f"12:{minute:02}" for minute in range(0, 31, 5)]
    assert all(len(values) == 7 for values in series.values())
    live = (await home.ask("live", sid=HOME))["reflux_station_data"]
    assert series["pv_power"][-1] == float(live["pv_power"])
    assert series["grid_power"][-1] == float(live["grid_power"])
    tree = await home.ask("device_tree", id=HOME)
    inverter = next(n for n in tree[0]["children"] if n["type"] == 6)
    device = {"id": inverter["id"], "sn": inverter["sn"]}
    _, raw = await home.raw(
        "indicator_curves",
        {
            "sid": HOME,
            "dev_type": 10,
            "date": "2026-06-15",
            "dev_list": [device],
            "ind_list": ["bms_soc"],
            "pb_ver": 1,
        },
    )
    inner = dict(fields(fields(raw)[0][1]))
    assert inner[1].decode() == f"{inverter['id']},{inverter['sn']}"
    assert inner[3] == b"bms_soc"
    assert unpack("<7d", inner[5])[-1] == float(live["bms_soc"])
    _, raw = await home.raw("power_of_day", {"sid": 1, "date": "2026-06-15"})
    assert raw.startswith(b'{"status":"3"')


async def test_days_months_and_reports_add_up(firm: Client) -> None:
    await firm.log_in("demo-installer")
    _, raw = await firm.raw("energy_of_month", {"sid": FIRST, "date": "2026-06"})
    labels, series = chart(raw)
    assert labels == [str(day) for day in range(1, 16)]
    live = await firm.ask("live", sid=FIRST)
    assert sum(series["pv_eq"]) == pytest.approx(float(live["month_eq"]), abs=15)
    span = {"start_date": "2026-06-01", "end_date": "2026-06-15"}
    totals = await firm.ask("energy_totals", sid_list=[FIRST], mode=1, **span)
    kwh = float(totals["total_pv_eq"])
    assert kwh == pytest.approx(float(live["month_eq"]) / 1000, abs=0.02)
    rows = await firm.ask(
        "energy_report", sid_list=[FIRST], page=1, page_size=5, **span
    )
    assert (rows["total"], len(rows["list"])) == (15, 5)
    split = await firm.ask("energy_split", sid=FIRST, mode=1, date="2026-06-14", type=6)
    whole = await firm.ask("energy_split", sid=FIRST, mode=1, date="2026-06-14", type=1)
    assert split["p2l"] + split["p2b"] + split["p2g"] == pytest.approx(
        whole["pv_eq"], abs=2
    )
    week = await firm.ask("energy_split", sid=FIRST, mode=2, date="2026-06-14", type=6)
    assert week.keys() == {"last_data_time"}
    day = {"start_date": "2026-06-14", "end_date": "2026-06-14"}
    power = await firm.ask(
        "power_report", sid_list=[FIRST], page=1, page_size=10, **day
    )
    assert [row["date"] for row in power[0]["data_list"]][:2] == ["00:00", "00:15"]
    assert len(power[0]["data_list"]) == 96


async def test_alarms_come_go_and_are_history(http: ClientSession) -> None:
    async with (
        simulator.serve(modbus=None) as sim,
        serve_cloud("home", plant=sim) as cloud,
    ):
        client = await Client(cloud, http).log_in("demo-owner")
        asked = {"sid": HOME, "sn": "200312345678", "page": 1, "page_size": 10}
        assert (await client.ask("inverter_alarms", **asked))["total"] == 0
        sim.set({"alarms": {"safety_dsp": ["insulation"]}})
        await sim.advance(300)
        now = await client.ask("inverter_alarms", **asked)
        assert [warn["code"] for warn in now["list"][0]["warns"]] == [315]
        assert (await client.ask("plants"))["list"][0]["warn_data"]["l3_warn"] is True
        sim.set({"alarms": {}})
        await sim.advance(300)
        assert (await client.ask("inverter_alarms", **asked))["total"] == 0
        history = await client.ask(
            "alarm_history",
            sid=HOME,
            start_date="2026-06-15",
            end_date="2026-06-15",
            page=1,
            page_size=10,
        )
        assert [(row["code"], row["end_at"]) for row in history["list"]] == [
            (315, "2026-06-15 12:10:00")
        ]


async def test_an_indicator_of_what_is_not_there_is_a_template_of_zeros(
    home: Client,
) -> None:
    await home.log_in("demo-owner")
    told = await home.ask("indicators", sid=HOME, type=22)
    assert told["title"] == "IND_BPS"
    assert {entry["val"] for entry in told["list"]} == {0}
    assert await home.refused("indicators", sid=HOME, type=6) == (
        "1 Parameter error: inv_list"
    )


async def test_five_thousand_plants_are_set_up_within_two_seconds(
    http: ClientSession,
) -> None:
    began = time.perf_counter()
    async with serve_cloud("installer", plants=5000) as cloud:
        assert time.perf_counter() - began < 2
        client = await Client(cloud, http).log_in("demo-installer")
        page = await client.ask("plants", page=50, page_size=100)
        assert (page["total"], len(page["list"])) == (5000, 100)
        assert (await client.ask("plants", page=1, page_size=500))["list"][100:] == []
        assert cloud.requests == {"login_v0": 1, "plants": 2}


async def test_made_up_plants_are_the_same_each_time(http: ClientSession) -> None:
    told = []
    for _ in range(2):
        async with serve_cloud("installer", plants=3) as cloud:
            client = await Client(cloud, http).log_in("demo-installer")
            told.append(await client.ask("live", sid=FIRST))
            assert await client.refused("live", sid=HOME) == NO
    assert told[0] == told[1]


async def test_a_file_keeps_what_was_changed(http: ClientSession, tmp_path) -> None:
    file = tmp_path / "cloud.sqlite"
    async with serve_cloud("installer", plants=3, file=file) as cloud:
        cloud.world.edit_plant(FIRST, name="Kept")
    async with serve_cloud("installer", plants=3, file=file) as cloud:
        client = await Client(cloud, http).log_in("demo-installer")
        assert (await client.ask("plant", id=FIRST))["name"] == "Kept"
