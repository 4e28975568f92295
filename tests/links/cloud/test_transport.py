"""Whatever comes back has a bound, and whatever fails has a name."""

import asyncio
import gzip
import json
from time import monotonic
import tracemalloc
from zlib import MAX_WBITS, compressobj

from aiohttp import web
import pytest

from custom_components.instagen.links.cloud.client import CloudClient
from custom_components.instagen.links.cloud.errors import CloudError, Trouble
from custom_components.instagen.links.cloud.transport import LIMITS, Limits, decode

from .server import Clock, SmallCloud, account, refusal, serve

ENVELOPE = b'{"status": "0", "data": %s}'


async def trouble(client: CloudClient, name: str = "plant") -> Trouble:
    with pytest.raises(CloudError) as failure:
        await client.call(name, {"id": 1, "action": 1})
    return failure.value.trouble


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b'{"status": "0", "da', Trouble.GARBLED),
        (b"<html>maintenance</html>", Trouble.GARBLED),
        (b"\xff\xfe\x00", Trouble.GARBLED),
        (b"[1, 2]", Trouble.GARBLED),
        (b'{"status": "0", "data": NaN}', Trouble.GARBLED),
        (b"null", Trouble.THROTTLED),
        (ENVELOPE % (b"[" * 60 + b"]" * 60), Trouble.TOO_DEEP),
        (ENVELOPE % (b"[" * 100_000), Trouble.TOO_DEEP),
        (ENVELOPE % (b'{"a":' * 30 + b"1" + b"}" * 30), Trouble.TOO_DEEP),
        (gzip.compress(b"x" * 100)[:-9], Trouble.GARBLED),
        (gzip.compress(b" " * 50_000_000), Trouble.TOO_LARGE),
        (b'{"a": "' + b"x" * 9_000_000 + b'"}', Trouble.TOO_LARGE),
    ],
    ids=lambda it: str(it[:24]) if isinstance(it, bytes) else str(it),
)
async def test_what_is_no_answer(
    client: CloudClient, cloud: SmallCloud, answer: bytes, expected: Trouble
):
    cloud.answers["plant"] = answer
    assert await trouble(client) is expected
    cloud.answers["plant"] = {"id": 1}
    assert await client.call("plant") == {"id": 1}


async def test_brackets_in_texts_are_no_depth():
    text = json.dumps({"a": ["[[[{{{" * 50, 'x"[[' * 50, "\\"]}).encode()
    assert await decode(text, 3) == json.loads(text)
    with pytest.raises(CloudError):
        await decode(b'{"a": "x", "b": [[[1]]]}', 3)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (403, Trouble.NO_PERMISSION),
        (404, Trouble.NOT_SUPPORTED),
        (429, Trouble.THROTTLED),
        (502, Trouble.SERVER_ERROR),
        (301, Trouble.REDIRECTED),
        (307, Trouble.REDIRECTED),
    ],
)
async def test_what_http_says(
    client: CloudClient, cloud: SmallCloud, status: int, expected: Trouble
):
    cloud.answers["plant"] = lambda _: web.Response(status=status)
    assert await trouble(client) is expected


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        ("3", "", Trouble.NO_PERMISSION),
        ("1", "No Permission", Trouble.NO_PERMISSION),
        ("1", "other command PENDING, wait", Trouble.BUSY),
        ("1", "Operation not supported", Trouble.NOT_SUPPORTED),
        ("1", "query error", Trouble.REFUSED),
        ("4711", "", Trouble.REFUSED),
    ],
)
async def test_what_an_envelope_says(
    client: CloudClient,
    cloud: SmallCloud,
    status: str,
    message: str,
    expected: Trouble,
):
    cloud.answers["plant"] = lambda _: refusal(status, message)
    with pytest.raises(CloudError) as failure:
        await client.call("plant")
    assert failure.value.trouble is expected
    assert failure.value.placeholders["message"] == (message or status)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_huge_answer_is_left_where_it_is(
    client: CloudClient, cloud: SmallCloud, packed: bool
):
    """200 MB would come; some more than the limit is all that is taken and held."""
    sent, piece = 0, b" " * 65_536
    packer = compressobj(1, wbits=MAX_WBITS | 16)

    async def flood(request: web.Request) -> web.StreamResponse | None:
        nonlocal sent
        if "station_find" not in request.path:
            return None
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(3200):
            await response.write(packer.compress(piece) if packed else piece)
            sent += len(piece)
        if packed:
            await response.write(packer.flush())
        return response

    cloud.before = flood
    begin = monotonic()
    tracemalloc.start()
    try:
        assert await trouble(client) is Trouble.TOO_LARGE
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * LIMITS.size
    assert sent < 40_000_000 or packed
    assert monotonic() - begin < 5


async def test_an_announced_size_is_believed(client: CloudClient, cloud: SmallCloud):
    async def announce(request: web.Request) -> web.StreamResponse | None:
        if "station_find" not in request.path:
            return None
        response = web.StreamResponse(headers={"Content-Length": "200000000"})
        await response.prepare(request)
        return response

    cloud.before = announce
    assert await trouble(client) is Trouble.TOO_LARGE


async def test_a_redirect_takes_no_token_along(cloud: SmallCloud, clock: Clock):
    elsewhere = SmallCloud()
    async with serve(elsewhere), account(cloud.address, clock=clock) as client:
        cloud.answers["plant"] = lambda _: web.Response(
            status=307, headers={"Location": elsewhere.address + "/steal"}
        )
        assert await trouble(client) is Trouble.REDIRECTED
        cloud.on_login = lambda: web.Response(
            status=302, headers={"Location": elsewhere.address}
        )
    async with account(cloud.address, clock=clock) as client:
        assert await trouble(client) is Trouble.REDIRECTED
    assert elsewhere.headers == []
    assert elsewhere.logins == []


async def test_a_read_is_tried_again_and_a_write_is_not(
    client: CloudClient, cloud: SmallCloud, clock: Clock
):
    for name in ("plant", "write_setting"):
        cloud.answers[name] = lambda _: web.Response(status=502)
    assert await trouble(client) is Trouble.SERVER_ERROR
    assert cloud.names() == ["plant"] * 3
    assert clock.slept == [1, 2]
    cloud.asked.clear()
    assert await trouble(client, "write_setting") is Trouble.SERVER_ERROR
    assert cloud.names() == ["write_setting"]
    assert await trouble(client) is Trouble.SERVER_ERROR
    assert cloud.names() == ["write_setting", "plant"], "it is still away"
    cloud.answers["plant"] = {"id": 1}
    await client.call("plant")
    left: list[object] = [web.Response(status=502), b'{"status": "0", "da']
    cloud.answers["plant"] = lambda _: left.pop() if left else {"id": 1}
    assert await client.call("plant") == {"id": 1}
    assert client.transport.statistics.rereads == 4


async def test_silence_ends(cloud: SmallCloud, clock: Clock):
    released = asyncio.Event()

    async def silent(request: web.Request) -> None:
        if "station_find" in request.path:
            await released.wait()

    cloud.before = silent
    limits = Limits(timeout=0.1, tries=2)
    async with account(cloud.address, clock=clock, limits=limits) as client:
        assert await trouble(client) is Trouble.TIMEOUT
        assert client.transport.statistics.timeouts == 2
    released.set()


async def test_nobody_there(clock: Clock, socket_enabled: None):
    async with serve(SmallCloud()) as gone:
        pass
    async with account(gone.address, clock=clock) as client:
        assert await trouble(client) is Trouble.UNREACHABLE


async def test_five_at_a_time(client: CloudClient, cloud: SmallCloud):
    at_once = most = 0
    cloud.answers["plant"] = {"id": 1}
    await client.call("plant")

    async def count(_: web.Request) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1

    cloud.before = count
    await asyncio.gather(*(client.call("plant") for _ in range(20)))
    assert most == 5


async def test_the_clouds_clock_counts(
    client: CloudClient, cloud: SmallCloud, clock: Clock
):
    async def dated(_: web.Request) -> web.Response:
        return web.json_response(
            {"status": "0", "data": {"token": "x"}},
            headers={"Date": "Thu, 14 May 2026 12:05:02 GMT"},
        )

    cloud.before = dated
    await client.call("plant")
    clock.seconds += 60
    assert client.transport.now().isoformat() == "2026-05-14T12:06:02+00:00"


async def test_a_large_answer_leaves_the_loop_free(
    client: CloudClient, cloud: SmallCloud
):
    rows = [
        {"id": n, "name": f"Plant {n}", "warn_data": {"a": [n]}} for n in range(20_000)
    ]
    body = json.dumps({"status": "0", "data": rows}).encode()
    assert len(body) > 500_000
    cloud.answers["plant"] = lambda _: web.Response(
        body=gzip.compress(body, 1), headers={"Content-Encoding": "gzip"}
    )
    longest, turns = 0.0, 0

    async def watch() -> None:
        nonlocal longest, turns
        while True:
            begin = monotonic()
            await asyncio.sleep(0.001)
            longest, turns = max(longest, monotonic() - begin), turns + 1

    watching = asyncio.ensure_future(watch())
    begin = monotonic()
    told = await decode(body, 10)
    took = monotonic() - begin
    watching.cancel()
    assert len(told["data"]) == 20_000
    assert turns >= 2
    assert longest < took * 0.9
    assert len(await client.call("plant")) == 20_000
