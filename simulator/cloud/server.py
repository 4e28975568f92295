"""Both front doors of the cloud over HTTP."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from email.utils import format_datetime
from inspect import isawaitable
import json
from typing import Any, Final

from aiohttp import BodyPartReader, web

from . import (
    alarms,
    charts,
    control,
    devices,
    indicators,
    live_data,
    log_in,
    people,
    plants,
    reports,
)
from .call import Binary, Call, Handler
from .errors import NoPermission, Refused
from .faults import Faults
from .log_in import Elsewhere
from .table import BY_GATEWAY, BY_PATH, Function
from .world import World

GATEWAY: Final = "/platform/api/gateway/"
BURST: Final = "/rds/api/0/burst/"
_MOST_BODY: Final = 8 * 1024 * 1024
_PIECE: Final = b" " * 65_536
_PAGE: Final = "<html><body>Please try again later</body></html>"

HANDLERS: Final[Mapping[str, Handler]] = {
    **log_in.HANDLERS,
    **people.HANDLERS,
    **plants.HANDLERS,
    **devices.HANDLERS,
    **control.HANDLERS,
    **live_data.HANDLERS,
    **indicators.HANDLERS,
    **charts.HANDLERS,
    **alarms.HANDLERS,
    **reports.HANDLERS,
}


class CloudServer:
    """Serves a world at two addresses: data centre 0 and data centre 1."""

    def __init__(self, world: World) -> None:
        """Take the world; nothing is opened yet."""
        self._world = world
        self.faults = Faults(world)
        self._busy: Counter[str] = Counter()
        self._ports: dict[int, int] = {}
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()

    async def start(self, host: str, port: int, region_port: int) -> None:
        """Listen.

        Raises:
            OSError: when a port is taken.
        """
        app = web.Application(client_max_size=_MOST_BODY)
        app.add_routes([web.post("/{path:.*}", self._answer)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        for dc, wanted in enumerate((port, region_port)):
            await web.TCPSite(self._runner, host, wanted).start()
            self._ports[self._runner.addresses[-1][1]] = dc
            found = self._runner.addresses[-1][1]
            self._world.hosts[dc] = f"http://{host}:{found}"

    async def stop(self) -> None:
        """Close every port and connection."""
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    # -- from the wire to a call ----

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if path.startswith(BURST):
            return await self._burst(request, path.removeprefix(BURST))
        gateway = path.startswith(GATEWAY)
        if gateway:
            function = BY_GATEWAY.get(path.removeprefix(GATEWAY))
        else:
            function = BY_PATH.get(path)
        if function is None or (gateway and not self._world.policy.gateway):
            return web.Response(status=404, text="404 page not found")
        self._world.requests[function.key] += 1
        if (trouble := await self._trouble(request, function)) is not None:
            return trouble
        return await self._serve(request, function, gateway=gateway)

    async def _serve(
        self, request: web.Request, function: Function, *, gateway: bool
    ) -> web.StreamResponse:
        call = await self._call(request, gateway=gateway)
        door = call.token or str(request.remote)
        self._busy[door] += 1
        try:
            if self._busy[door] > self._world.policy.parallel:
                return web.Response(status=429, text="Too Many Requests")
            if (wait := self.faults.take("latency", function.key)) is not None:
                await asyncio.sleep(float(wait.get("seconds", 0.02)))
            data = await self._data(call, function)
        except Elsewhere as elsewhere:
            home = self._world.hosts[elsewhere.dc] + request.path
            return web.Response(status=307, headers={"Location": home})
        except Refused as refused:
            return self._envelope(function, gateway, refused.status, refused.message)
        finally:
            self._busy[door] -= 1
            if not self._busy[door]:
                del self._busy[door]
        if isinstance(data, Binary):
            return web.Response(body=data.body, content_type="application/octet-stream")
        return self._envelope(function, gateway, "0", "success", data)

    async def _data(self, call: Call, function: Function) -> object:
        if function.right is not None:
            session = self._world.log_in.session(call.token)
            call.asker = self._world.user(session.uid) if session else None
            if call.asker is None:
                raise self._world.log_in.not_logged_in()
            if not call.asker.may(function.right):
                raise NoPermission
        found = HANDLERS[function.key](call)
        return await found if isawaitable(found) else found

    async def _call(self, request: web.Request, *, gateway: bool) -> Call:
        sockname = request.get_extra_info("sockname")
        dc = self._ports[sockname[1]]
        body = await _body(request)
        if gateway and isinstance(body.get("body"), Mapping):
            body = body["body"]
        brand = self._world.brand
        token = request.headers.get("Authorization", "")
        if gateway:
            token = request.cookies.get(f"{brand}_token", "")
        return Call(self._world, body, self._world.hosts[dc], dc, gateway, token)

    # -- answers ----

    def _envelope(
        self,
        function: Function,
        gateway: bool,
        status: str,
        message: str,
        data: object = None,
    ) -> web.StreamResponse:
        if status == "0" and self.faults.acts("empty", function.key):
            data = None
        if (
            isinstance(data, dict)
            and isinstance(data.get("list"), list)
            and self.faults.acts("duplicates", function.key)
        ):
            data = {**data, "list": [row for row in data["list"] for _ in range(2)]}
        envelope: dict[str, Any] = {"status": status, "message": message, "data": data}
        if gateway:
            envelope["systemNotice"] = None
        text = json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
        if self.faults.acts("half_json", function.key):
            text = text[: len(text) // 2]
        mislabelled = self.faults.acts("wrong_label", function.key)
        answer = web.Response(
            text=text, content_type="text/html" if mislabelled else "application/json"
        )
        answer.headers["Date"] = format_datetime(self._world.clock.now, usegmt=True)
        return answer

    async def _burst(self, request: web.Request, ticket: str) -> web.StreamResponse:
        self._world.requests["burst"] += 1
        call = await self._call(request, gateway=False)
        session = self._world.log_in.session(call.token)
        if session is None:
            return web.Response(status=400, text="Bad Request")
        try:
            return web.json_response(live_data.burst(call, ticket))
        except Refused as refused:
            return web.json_response(
                {"status": refused.status, "message": refused.message, "data": None}
            )

    # -- faults ----

    async def _trouble(
        self, request: web.Request, function: Function
    ) -> web.StreamResponse | None:
        """Return what a fault answers instead, None when none acts."""
        take, acts, key = self.faults.take, self.faults.acts, function.key
        if acts("gone", key):
            if request.transport:
                request.transport.abort()
            return web.Response()
        if acts("stall", key):
            await self._closing.wait()
            return web.Response()
        if acts("bad_gateway", key):
            return web.Response(status=502, text=_PAGE, content_type="text/html")
        if acts("too_many_requests", key):
            return web.Response(status=429, text="Too Many Requests")
        if acts("wrong_type", key):
            return web.Response(text=_PAGE, content_type="text/html")
        if (given := take("redirect", key)) is not None:
            to = str(given.get("to", "http://127.0.0.1:1/"))
            return web.Response(status=302, headers={"Location": to})
        if (given := take("huge", key)) is not None:
            return await _huge(request, int(given.get("megabytes", 200)))
        return None


async def _body(request: web.Request) -> Mapping[str, Any]:
    """Return a request's object; whatever is none of JSON counts as empty."""
    if request.content_type.startswith("multipart/"):
        part = await (await request.multipart()).next()
        if not isinstance(part, BodyPartReader) or part.name != "file":
            return {}
        return {"name": part.filename, "content": bytes(await part.read())}
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, Mapping) else {}


async def _huge(request: web.Request, megabytes: int) -> web.StreamResponse:
    """Send an envelope that goes on and on."""
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    await answer.prepare(request)
    try:
        await answer.write(b'{"status":"0","message":"success","data":"')
        for _ in range(megabytes * 16):
            await answer.write(_PIECE)
        await answer.write(b'"}')
    except ConnectionError:
        return answer
    await answer.write_eof()
    return answer
