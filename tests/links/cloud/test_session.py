"""Logging in: when, how often, and what a refusal means."""

import asyncio
import json

from aiohttp import ClientSession, web
import pytest

from custom_components.instagen.links.cloud.auth import Credentials
from custom_components.instagen.links.cloud.brands import Digest, reference_brand
from custom_components.instagen.links.cloud.client import CloudClient
from custom_components.instagen.links.cloud.errors import CloudError, Trouble
from custom_components.instagen.links.cloud.transport import Transport

from .server import ACCOUNT, DIGEST, PASSWORD, Clock, SmallCloud, account, refusal


async def trouble(client: CloudClient, name: str = "who_am_i") -> CloudError:
    with pytest.raises(CloudError) as failure:
        await client.call(name)
    return failure.value


@pytest.fixture(autouse=True)
def _who_am_i(cloud: SmallCloud) -> None:
    cloud.answers["who_am_i"] = {"id": 7}


async def test_one_login_serves_many(client: CloudClient, cloud: SmallCloud):
    answers = await asyncio.gather(*(client.call("who_am_i") for _ in range(8)))
    assert answers == [{"id": 7}] * 8
    assert cloud.logins == [{"user_name": ACCOUNT, "password": DIGEST}]
    cookie = cloud.headers[0]["Cookie"]
    assert cookie == "instagen_token=2.token0.1; instagen_token_language=en_us"


async def test_a_wrong_password_is_sent_once(cloud: SmallCloud, clock: Clock):
    who = Credentials(ACCOUNT, "wrong")
    async with account(cloud.address, clock=clock, who=who) as client:
        for _ in range(3):
            assert (await trouble(client)).trouble is Trouble.WRONG_PASSWORD
            clock.seconds += 100_000
        assert len(cloud.logins) == 1
        stored = json.loads(json.dumps(client.session.snapshot()))
    assert "wrong" not in str(stored.values()).replace("wrong_password", "")
    async with account(cloud.address, clock=clock, who=who) as client:
        client.session.restore(stored, age=100_000)
        assert (await trouble(client)).trouble is Trouble.WRONG_PASSWORD
        assert len(cloud.logins) == 1


@pytest.mark.parametrize(
    ("message", "expected", "wait"),
    [
        ("login times limited, wait", Trouble.TOO_MANY_LOGINS, 600),
        ("It exceeds the daily maximum limit", Trouble.LOCKED_OUT, 43_200),
    ],
)
async def test_a_lock_is_waited_out(
    client: CloudClient,
    cloud: SmallCloud,
    clock: Clock,
    message: str,
    expected: Trouble,
    wait: float,
):
    cloud.on_login = lambda: refusal("1", message)
    assert (await trouble(client)).trouble is expected
    clock.seconds += wait - 60
    early = await trouble(client)
    assert (early.trouble, early.retry_after) == (expected, 60)
    assert early.placeholders["minutes"] == "1"
    assert len(cloud.logins) == 1
    stored = client.session.snapshot()
    async with account(cloud.address, clock=clock) as after:
        after.session.restore(stored, age=30)
        assert (await trouble(after)).retry_after == 30
    cloud.on_login = None
    clock.seconds += 61
    assert await client.call("who_am_i") == {"id": 7}
    assert len(cloud.logins) == 2


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("The app version is low, please upgrade", Trouble.OUTDATED_LOGIN),
        (
            "This account can only be used for logging in to the Home app",
            Trouble.WRONG_ACCOUNT_KIND,
        ),
        ("something nobody has seen", Trouble.REFUSED),
        ("No Permission for this account", Trouble.WRONG_PASSWORD),
    ],
)
async def test_what_would_meet_the_same_refusal_is_not_repeated(
    client: CloudClient,
    cloud: SmallCloud,
    clock: Clock,
    message: str,
    expected: Trouble,
):
    cloud.on_login = lambda: refusal("1", message)
    assert (await trouble(client)).trouble is expected
    clock.seconds += 1_000_000
    assert (await trouble(client)).trouble is expected
    assert len(cloud.logins) == 1


async def test_each_digest_is_tried_once_until_one_is_known(
    cloud: SmallCloud, clock: Clock
):
    brand = reference_brand(cloud.address, digests=(Digest.MD5_SHA256, Digest.MD5))
    cloud.password = DIGEST.partition(".")[0]
    async with account(cloud.address, clock=clock, brand=brand) as client:
        assert await client.call("who_am_i") == {"id": 7}
        assert [one["password"] for one in cloud.logins] == [DIGEST, cloud.password]
        cloud.expire()
        clock.seconds += 3600
        cloud.password = "changed"
        assert (await trouble(client)).trouble is Trouble.WRONG_PASSWORD
        assert len(cloud.logins) == 3  # no guessing any more


@pytest.mark.parametrize(("status", "message"), [("100", ""), ("1", "Token error")])
async def test_a_token_is_renewed_once_for_all(
    client: CloudClient, cloud: SmallCloud, clock: Clock, status: str, message: str
):
    await client.call("who_am_i")
    clock.seconds += 7200
    cloud.expire()

    async def old(request: web.Request) -> web.Response | None:
        token = request.cookies.get("instagen_token")
        expired = token is not None and token != cloud.tokens[-1]
        return refusal(status, message) if expired else None

    cloud.before = old
    await asyncio.gather(*(client.call("who_am_i") for _ in range(5)))
    assert len(cloud.logins) == 2


async def test_a_fresh_token_that_is_refused_ends_it(
    client: CloudClient, cloud: SmallCloud, clock: Clock
):
    cloud.answers["who_am_i"] = lambda _: refusal("100")
    assert (await trouble(client)).trouble is Trouble.TOKEN_REFUSED
    for _ in range(5):
        error = await trouble(client)
        assert error.trouble is Trouble.TOKEN_REFUSED
    assert error.retry_after == 60
    assert len(cloud.logins) == 1
    clock.seconds += 61
    await trouble(client)
    assert len(cloud.logins) == 2


async def test_a_cloud_that_is_away_is_asked_ever_more_rarely(
    client: CloudClient, cloud: SmallCloud, clock: Clock
):
    cloud.on_login = lambda: web.Response(status=502)
    waits = []
    for _ in range(6):
        assert (await trouble(client)).trouble is Trouble.SERVER_ERROR
        waits.append((await trouble(client)).retry_after)
        clock.seconds += waits[-1] or 0
    assert waits == [60, 120, 240, 480, 600, 600]
    assert len(cloud.logins) == 6
    cloud.on_login = None
    assert await client.call("who_am_i") == {"id": 7}


async def test_an_attempt_that_nobody_waited_for_counts(
    client: CloudClient, cloud: SmallCloud
):
    asked, released = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> None:
        asked.set()
        await released.wait()

    cloud.before = slow
    work = asyncio.ensure_future(client.call("who_am_i"))
    await asked.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    released.set()
    assert (await trouble(client)).trouble is Trouble.TOO_MANY_LOGINS


@pytest.mark.parametrize(
    "token", ["", "a b", 'a"b', "a;b=c", "line\r\nfeed", "x" * 5000, None, 7]
)
async def test_a_token_that_could_be_more_than_one_is_none(
    client: CloudClient, cloud: SmallCloud, token: object
):
    cloud.on_login = lambda: web.json_response(
        {"status": "0", "data": {"token": token}}
    )
    assert (await trouble(client)).trouble is Trouble.GARBLED


async def test_a_token_by_the_brands_own_name(cloud: SmallCloud, clock: Clock):
    async with account(cloud.address, clock=clock) as client:
        cloud.tokens.append("2.own.1")
        cloud.on_login = lambda: web.json_response(
            {"status": "0", "data": {"token": None, "instagen_token": "2.own.1"}}
        )
        assert (await trouble(client)).trouble is Trouble.GARBLED


async def test_what_cannot_be_restored_is_passed_over(client: CloudClient):
    before = client.session.snapshot()
    for stored in ({}, {"wait": "soon"}, {"wait": 9, "reason": "?"}, {"wait": None}):
        client.session.restore(stored, age=0)
    assert client.session.snapshot() == before


async def test_a_session_that_keeps_cookies_is_refused(socket_enabled: None):
    async with ClientSession() as http:
        with pytest.raises(ValueError, match="cookies"):
            Transport(http)


async def test_no_secret_shows(client: CloudClient, cloud: SmallCloud, caplog):
    await client.call("who_am_i")
    shown = repr([client, client.session, client.transport, vars(client.session)])
    for secret in (PASSWORD, DIGEST):
        assert secret not in shown
        assert secret not in caplog.text
    assert ACCOUNT not in repr(Credentials(ACCOUNT, PASSWORD))
