"""Asking for functions, lists and jobs."""

from collections.abc import Callable
from dataclasses import replace
import struct
from typing import Any

from aiohttp import web
import pytest

from custom_components.instagen.cloud_messages import instagen_cloud_pb2 as pb
from custom_components.instagen.links.cloud.brands import (
    BRANDS,
    INSTAGEN,
    Door,
    Login,
    reference_brand,
)
from custom_components.instagen.links.cloud.client import CloudClient
from custom_components.instagen.links.cloud.curves import (
    floats,
    indicator_curves,
    line_chart,
)
from custom_components.instagen.links.cloud.errors import CloudError, Trouble
from custom_components.instagen.links.cloud.function import Grade
from custom_components.instagen.links.cloud.functions import FUNCTIONS

from .server import Body, Clock, SmallCloud, account, refusal


async def trouble(work: Any) -> CloudError:
    with pytest.raises(CloudError) as failure:
        await work
    return failure.value


# ---- the two doors ----


async def test_the_micro_service_door(cloud: SmallCloud, clock: Clock):
    """Plain bodies, a raw token in a header, no cookie."""
    brand = reference_brand(
        cloud.address, door=Door.MICRO_SERVICE, logins=(Login.GATEWAY,)
    )
    login = FUNCTIONS["login_legacy"].gateway_path
    asked: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        asked.append(await request.json())
        if request.path.strip("/") == login:
            data: object = {"token": "2.t.0"}
        else:
            assert request.path == "/pvm/api/0/station/find"
            assert request.headers["Authorization"] == "2.t.0"
            assert "Cookie" not in request.headers
            data = {"id": 5}
        return web.json_response({"status": "0", "data": data})

    cloud.before = take
    async with account(cloud.address, clock=clock, brand=brand) as client:
        assert await client.call("plant", {"id": 5}) == {"id": 5}
    assert asked[-1] == {"id": 5}


# ---- what may be asked ----


@pytest.mark.parametrize("slug", BRANDS)
async def test_nothing_unproven_is_written_without_a_word(slug: str, clock: Clock):
    async with account("", clock=clock, brand=BRANDS[slug]) as client:
        for row in FUNCTIONS.values():
            proven = row.grade in {Grade.A, Grade.B}
            guessed = row.grade in {Grade.D, Grade.NONE}
            assert client.allows(row) is (proven or not (row.writes or guessed))
            if row.writes and not proven:
                error = await trouble(client.call(row))
                assert error.trouble is Trouble.NEEDS_OPT_IN
            elif guessed:
                error = await trouble(client.call(row))
                assert error.trouble is Trouble.UNKNOWN_FUNCTION
    async with account("", clock=clock, brand=BRANDS[slug], opt_in=True) as client:
        assert all(client.allows(row) for row in FUNCTIONS.values())


def test_the_guess_for_our_own_brand_is_no_reference():
    with pytest.raises(ValueError, match="https"):
        replace(INSTAGEN, base=INSTAGEN.base.with_scheme("http"))


# ---- lists ----


def paged(total: int, told: int | None = None) -> Callable[[Body], object]:
    def answer(body: Body) -> object:
        size = body["page_size"]
        first = (body["page"] - 1) * size
        rows = [{"id": n} for n in range(first, min(first + size, total))]
        return {"total": total if told is None else told, "list": rows}

    return answer


@pytest.mark.parametrize("total", [0, 1, 100, 101, 250])
async def test_a_list_comes_whole(client: CloudClient, cloud: SmallCloud, total: int):
    cloud.answers["plants"] = paged(total)
    rows = [row["id"] async for row in client.rows("plants")]
    assert rows == list(range(total))
    assert len(cloud.asked) == max(1, -(-total // 100))


async def test_a_list_that_lies_about_its_length_ends(
    client: CloudClient, cloud: SmallCloud
):
    cloud.answers["plants"] = paged(150, told=10**9)
    assert len([row async for row in client.rows("plants")]) == 150
    assert len(cloud.asked) == 3


@pytest.mark.parametrize("told", ["text", {"list": 3}, {"total": "many", "list": []}])
async def test_what_is_no_list(client: CloudClient, cloud: SmallCloud, told: object):
    cloud.answers["plants"] = told
    error = await trouble(anext(client.pages("plants")))
    assert error.trouble is Trouble.GARBLED


# ---- jobs ----


def job(*stages: object) -> Callable[[Body], object]:
    left = list(stages)

    def answer(body: Body) -> object:
        assert body == {"id": "39219485"}
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


RUNNING = {"code": 2, "speed": [{"rate": -1, "err_code": ""}], "data": []}
DONE = {"code": 0, "speed": [{"rate": 100, "err_code": ""}], "data": {"mode": 1}}


@pytest.mark.parametrize("number", ["39219485", 39219485])
async def test_a_job_is_followed_to_its_end(
    client: CloudClient, cloud: SmallCloud, clock: Clock, number: object
):
    cloud.answers["read_setting"] = number
    cloud.answers["setting_status"] = job(RUNNING, RUNNING, DONE)
    heard: list[int] = []
    told = await client.run("read_setting", {"action": 1013}, progress=heard.append)
    assert told == {"mode": 1}
    assert clock.slept == [2, 2]
    assert heard == [0, 0, 100]


async def test_a_configuration_is_done_when_it_is_whole(
    client: CloudClient, cloud: SmallCloud
):
    cloud.answers["read_configuration"] = "39219485"
    cloud.answers["read_configuration_status"] = job(
        {"code": 0, "rate": 40, "data": []},
        {"code": 0, "rate": 100, "data": [{"id": 1}]},
    )
    assert await client.run("read_configuration", {}) == [{"id": 1}]


async def test_a_job_that_never_ends(
    client: CloudClient, cloud: SmallCloud, clock: Clock
):
    cloud.answers["write_setting"] = "39219485"
    cloud.answers["setting_status"] = job(RUNNING)
    error = await trouble(client.run("write_setting", {}))
    assert error.trouble is Trouble.JOB_TIMEOUT
    assert sum(clock.slept) == 60


@pytest.mark.parametrize(
    ("speed", "expected", "status"),
    [
        ([{"err_code": "01004"}], Trouble.JOB_FAILED, "01004"),
        ([{"err_code": "00002"}], Trouble.NOT_SUPPORTED, "00002"),
        ([], Trouble.JOB_FAILED, None),
        ("?", Trouble.JOB_FAILED, None),
    ],
)
async def test_a_job_that_fails(
    client: CloudClient,
    cloud: SmallCloud,
    speed: object,
    expected: Trouble,
    status: str | None,
):
    cloud.answers["write_setting"] = "39219485"
    cloud.answers["setting_status"] = job(
        RUNNING, {"code": 1, "speed": speed, "data": [], "message": "x"}
    )
    error = await trouble(client.run("write_setting", {}))
    assert (error.trouble, error.status) == (expected, status)


async def test_the_token_expires_in_the_middle_of_a_job(
    client: CloudClient, cloud: SmallCloud, clock: Clock
):
    """The job goes on; it is neither lost nor started again."""
    cloud.answers["write_setting"] = "39219485"

    def status(body: Body) -> object:
        if len(cloud.logins) == 1:
            cloud.expire()
            return refusal("100")
        return DONE

    cloud.answers["setting_status"] = status
    await client.session.token()
    clock.seconds += 3600
    assert await client.run("write_setting", {}) == {"mode": 1}
    assert cloud.names() == ["write_setting", "setting_status", "setting_status"]
    assert len(cloud.logins) == 2


async def test_a_job_outlives_a_moment_without_a_cloud(
    client: CloudClient, cloud: SmallCloud
):
    cloud.answers["read_setting"] = "39219485"
    cloud.answers["setting_status"] = job(
        web.Response(status=502),
        web.Response(status=502),
        web.Response(status=502),
        None,
        DONE,
    )
    assert await client.run("read_setting", {}) == {"mode": 1}


@pytest.mark.parametrize("told", [None, True, {}, []])
async def test_what_is_no_job(client: CloudClient, cloud: SmallCloud, told: object):
    cloud.answers["read_setting"] = told
    error = await trouble(client.run("read_setting", {}))
    assert error.trouble is Trouble.GARBLED


# ---- curves ----


def packed(values: list[float], kind: str) -> bytes:
    return struct.pack(f"<{len(values)}{kind}", *values)


@pytest.mark.parametrize("kind", ["f", "d"])
@pytest.mark.parametrize("count", [3, 2, 0])
async def test_a_line_of_either_type(kind: str, count: int):
    values = [1850.5, 0.0, -12.25][:count]
    chart = pb.LineChart(
        labels=["00:00", "00:05", "00:10"],
        series=[
            pb.LineChart.Series(
                type="pv_power", values=[packed(values, kind)], device=7
            )
        ],
    )
    (curve,) = await line_chart(chart.SerializeToString() + b"\xfa\x01\x02ok")
    assert (curve.name, curve.device) == ("pv_power", 7)
    assert curve.labels == ("00:00", "00:05", "00:10")
    assert curve.values == (*values, *[None] * (3 - count))


@pytest.mark.parametrize("kind", ["f", "d"])
async def test_a_day_of_indicators(kind: str):
    told = pb.IndicatorCurveArray(
        curves=[
            pb.IndicatorCurve(
                device="601,x",
                date="2026-05-14",
                indicator="bms_soc",
                minutes=[0, 5, 1435, 5000],
                values=[packed([64, 65.5, 66, 1], kind)],
            )
        ]
    )
    (curve,) = await indicator_curves(told.SerializeToString())
    assert curve.indicator == "bms_soc"
    assert curve.points == ((0, 64.0), (5, 65.5), (1435, 66.0))


def test_half_a_series_of_either_type():
    """100 of 288 slots are there: a length that both types could have."""
    values = [100.1 + n for n in range(100)]
    assert floats(packed(values, "d"), 288) == values
    assert floats(packed([1.5] * 100, "f"), 288) == [1.5] * 100
    assert floats(packed([float("nan"), 1], "d"), 2) == [None, 1]


@pytest.mark.parametrize("body", [b"\xff\xff\xff", b"\n\x02\xff\xfe"])
async def test_what_is_no_curve(body: bytes):
    assert (await trouble(line_chart(body))).trouble is Trouble.GARBLED
    with pytest.raises(CloudError):
        floats(b"12345", 3)
    with pytest.raises(CloudError):
        floats(b"1234" * 9, 3)


async def test_a_curve_that_is_refused_in_words(client: CloudClient, cloud: SmallCloud):
    cloud.answers["power_of_day"] = lambda _: refusal("3")
    error = await trouble(client.call("power_of_day", {"sid": 1}))
    assert error.trouble is Trouble.NO_PERMISSION
    cloud.answers["power_of_day"] = b'{"status": "0", "data": {}}'
    error = await trouble(client.call("power_of_day", {"sid": 1}))
    assert error.trouble is Trouble.GARBLED
