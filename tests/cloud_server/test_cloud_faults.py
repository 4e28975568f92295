"""Each fault does what its line says, and ends."""

import asyncio
from email.utils import parsedate_to_datetime
import json

from aiohttp import ClientError
import pytest

from simulator.cloud import CLOUD_FAULTS
from simulator.cloud.table import FUNCTIONS

from .conftest import Client


@pytest.mark.parametrize(
    ("name", "status", "begins"),
    [
        ("bad_gateway", 502, b"<html>"),
        ("too_many_requests", 429, b"Too Many"),
        ("half_json", 200, b'{"status":"0"'),
        ("redirect", 302, b""),
        ("wrong_type", 200, b"<html>"),
        ("empty", 200, b'{"status":"0","message":"success","data":null}'),
    ],
)
async def test_answers_that_are_none(
    home: Client, name: str, status: int, begins: bytes
) -> None:
    await home.log_in("demo-owner")
    good = await home.raw("me")
    home.cloud.fault(name, function="me", times=1)
    assert (await home.raw("plants"))[0] == 200
    found, raw = await home.raw("me")
    assert found == status
    assert raw.startswith(begins)
    assert raw != good[1]
    assert await home.raw("me") == good


async def test_half_a_json_is_no_json(home: Client) -> None:
    await home.log_in("demo-owner")
    home.cloud.fault("half_json")
    with pytest.raises(json.JSONDecodeError):
        json.loads((await home.raw("me"))[1])


async def test_the_cloud_is_gone(home: Client) -> None:
    await home.log_in("demo-owner")
    home.cloud.fault("gone")
    with pytest.raises(ClientError):
        await home.raw("me")
    home.cloud.fault("gone", on=False)
    await home.ask("me")


async def test_it_stalls_and_still_closes(home: Client) -> None:
    await home.log_in("demo-owner")
    home.cloud.fault("stall")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await home.raw("me")


async def test_a_huge_answer_comes_in_pieces_and_may_be_left(home: Client) -> None:
    await home.log_in("demo-owner")
    home.cloud.fault("huge", megabytes=200, times=1)
    url = home.cloud.base_url + FUNCTIONS["me"].path
    async with home.http.post(url, json={}) as answer:
        assert answer.headers.get("Content-Length") is None
        assert len(await answer.content.readexactly(3_000_000)) == 3_000_000
    await home.ask("me")


async def test_a_wrong_label_leaves_the_content(home: Client) -> None:
    await home.log_in("demo-owner")
    home.cloud.fault("wrong_label", times=1)
    url = home.cloud.base_url + FUNCTIONS["me"].path
    header = {"Authorization": home.token}
    async with home.http.post(url, json={}, headers=header) as answer:
        assert answer.content_type == "text/html"
        assert json.loads(await answer.text())["status"] == "0"


async def test_rows_come_twice(firm: Client) -> None:
    await firm.log_in("demo-installer")
    firm.cloud.fault("duplicates")
    page = await firm.ask("plants", page=1, page_size=3)
    ids = [row["id"] for row in page["list"]]
    assert len(ids) == 6
    assert len(set(ids)) == 3


async def test_the_clock_is_wrong(home: Client) -> None:
    await home.log_in("demo-owner")
    sid = 7_001_234
    before = (await home.ask("live", sid=sid))["data_time"]
    home.cloud.fault("clock_skew", seconds=7200)
    assert before == "2026-06-15 12:00:00"
    assert (await home.ask("live", sid=sid))["data_time"] == "2026-06-15 14:00:00"
    url = home.cloud.base_url + FUNCTIONS["me"].path
    async with home.http.post(url, json={}) as answer:
        assert parsedate_to_datetime(answer.headers["Date"]).hour == 13
    home.cloud.fault("clock_skew", on=False)
    assert (await home.ask("live", sid=sid))["data_time"] == before


async def test_unknown_faults_and_parameters_are_refused(home: Client) -> None:
    with pytest.raises(ValueError, match="none of"):
        home.cloud.fault("rain")
    with pytest.raises(ValueError, match="no parameter"):
        home.cloud.fault("gone", seconds=3)
    assert all(kind.about for kind in CLOUD_FAULTS.values())
