"""A small cloud on loopback that answers what a test puts into it.

It speaks both front doors and keeps no model; the reference cloud does that.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, DummyCookieJar, web

from custom_components.instagen.links.cloud.auth import Credentials
from custom_components.instagen.links.cloud.brands import Brand, reference_brand
from custom_components.instagen.links.cloud.client import CloudClient, JobPace
from custom_components.instagen.links.cloud.functions import FUNCTIONS
from custom_components.instagen.links.cloud.session import CloudSession
from custom_components.instagen.links.cloud.transport import Limits, Transport

ACCOUNT = "demo-installer"
PASSWORD = "Instagen#Demo1"
DIGEST = "113b15eadadf4e667606d90df4cb59fd.Ts9pML4B627I8PNroAXBtx2B0l9r0yt2Cs8RSAJOqSM="

type Body = dict[str, Any]
type Answer = object | Callable[[Body], object]

PREFIX = "/platform/api/gateway/"
LOGIN = FUNCTIONS["login_legacy"].gateway_path


def refusal(status: str, message: str = "") -> web.Response:
    """Make an envelope that says no."""
    return web.json_response({"status": status, "message": message, "data": None})


class Clock:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@dataclass
class SmallCloud:
    """What it answers, what it was asked, and who may come in."""

    answers: dict[str, Answer] = field(default_factory=dict)
    """By the name of a function: its data, a whole response, or what makes either."""

    asked: list[tuple[str, Body]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    logins: list[Body] = field(default_factory=list)
    password: str = DIGEST
    on_login: Callable[[], web.StreamResponse] | None = None
    before: Callable[[web.Request], Awaitable[web.StreamResponse | None]] | None = None
    address: str = ""
    date: str = ""
    """What time it says it is, where its clock is another than ours."""

    def names(self) -> list[str]:
        """Return what was asked, by name, without logins."""
        return [name for name, _ in self.asked]

    def expire(self) -> None:
        """Let every token so far be old."""
        self.tokens.append("")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if self.before is not None and (early := await self.before(request)):
            return early
        sent = await request.json()
        path = request.path.removeprefix(PREFIX)
        body = sent["body"] if request.path.startswith(PREFIX) else sent
        if path == LOGIN:
            return self._log_in(body)
        self.headers.append(dict(request.headers))
        cookie = request.cookies.get("instagen_token")
        token = cookie or request.headers.get("Authorization")
        if not self.tokens or token != self.tokens[-1]:
            return refusal("100", "token is invalid")
        name = next(
            name
            for name, row in FUNCTIONS.items()
            if path == row.gateway_path or request.path == row.path
        )
        self.asked.append((name, body))
        answer = self.answers[name]
        told = answer(body) if callable(answer) else answer
        if isinstance(told, web.StreamResponse):
            return told
        if isinstance(told, bytes):
            return web.Response(body=told)
        return web.json_response({"status": "0", "message": "success", "data": told})

    async def stamp(self, _: web.Request, response: web.StreamResponse) -> None:
        """Tell the time."""
        if self.date:
            response.headers["Date"] = self.date

    def _log_in(self, body: Body) -> web.StreamResponse:
        self.logins.append(body)
        if self.on_login is not None:
            return self.on_login()
        if body != {"user_name": ACCOUNT, "password": self.password}:
            return refusal("1", "The user name or password is incorrect")
        self.tokens.append(f"2.token{len(self.tokens)}.1")
        return web.json_response(
            {"status": "0", "message": "success", "data": {"token": self.tokens[-1]}}
        )


@asynccontextmanager
async def serve(cloud: SmallCloud) -> AsyncGenerator[SmallCloud]:
    """Serve it on a port of this machine."""
    app = web.Application(client_max_size=2**20)
    app.router.add_post("/{path:.*}", cloud.handle)
    app.on_response_prepare.append(cloud.stamp)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    cloud.address = "http://{}:{}".format(*runner.addresses[0][:2])
    try:
        yield cloud
    finally:
        await runner.cleanup()


@asynccontextmanager
async def account(
    address: str,
    *,
    clock: Clock,
    brand: Brand | None = None,
    limits: Limits | None = None,
    who: Credentials | None = None,
    **given: Any,
) -> AsyncGenerator[CloudClient]:
    """Open an account at a cloud, with a clock that only sleeping moves."""
    async with ClientSession(cookie_jar=DummyCookieJar()) as http:
        transport = Transport(
            http,
            limits=limits or Limits(timeout=5),
            clock=clock,
            sleep=clock.sleep,
        )
        session = CloudSession(
            transport,
            brand or reference_brand(address),
            who or Credentials(ACCOUNT, PASSWORD),
        )
        yield CloudClient(session, pace=JobPace(), **given)
