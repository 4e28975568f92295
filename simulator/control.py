"""The control port: HTTP on loopback, to look at the plant and to trouble it."""

from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from custom_components.instagen.simulated import FAULT_BITS
from custom_components.instagen.simulated.errors import WrongValueError
from custom_components.instagen.simulated.parts import PARTS
from custom_components.instagen.simulated.relay_parts import RELAY_NAMES
from custom_components.instagen.simulated.settings import NAMES

from .faults import FAULTS

if TYPE_CHECKING:
    from .session import Simulator

LOOPBACK: Final = "127.0.0.1"
_LONGEST_ADVANCE: Final = 31 * 86_400


class ControlPort:
    """Serves ``/state``, ``/set``, ``/fault`` and ``/advance`` as JSON."""

    def __init__(self, sim: Simulator) -> None:
        """Take the simulator to control."""
        self._sim = sim
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen on loopback.

        Raises:
            OSError: when the port is taken.
        """
        app = web.Application(middlewares=[_errors_as_json])
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/state", self._state),
                web.post("/set", self._set),
                web.get("/fault", self._faults),
                web.post("/fault", self._fault),
                web.post("/advance", self._advance),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the port."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _index(self, _: web.Request) -> web.Response:
        faults = {name: kind.about for name, kind in FAULTS.items()}
        alarms = {family: list(bits.values()) for family, bits in FAULT_BITS.items()}
        return web.json_response(
            {
                "parts": PARTS,
                "settings": NAMES,
                "relay": RELAY_NAMES,
                "faults": faults,
                "alarms": alarms,
            }
        )

    async def _state(self, _: web.Request) -> web.Response:
        await self._sim.settle()
        return web.json_response(self._sim.state())

    async def _set(self, request: web.Request) -> web.Response:
        changes = await _json_object(request)
        if not changes:
            raise WrongValueError("nothing to set")
        self._sim.set(changes)
        return web.json_response(self._sim.state())

    async def _faults(self, _: web.Request) -> web.Response:
        await self._sim.settle()
        return web.json_response(self._sim.active_faults())

    async def _fault(self, request: web.Request) -> web.Response:
        given = await _json_object(request)
        name, on = given.pop("fault", None), given.pop("on", True)
        if not isinstance(name, str):
            raise WrongValueError("fault: a name")
        if not isinstance(on, bool):
            raise WrongValueError("on: true or false")
        await self._sim.fault(name, on=on, **given)
        return web.json_response(self._sim.active_faults())

    async def _advance(self, request: web.Request) -> web.Response:
        given = await _json_object(request)
        seconds = given.pop("seconds", None)
        if given or isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise WrongValueError('a body such as {"seconds": 60}')
        if not isfinite(seconds) or not 0 <= seconds <= _LONGEST_ADVANCE:
            raise WrongValueError(f"seconds: 0 to {_LONGEST_ADVANCE}")
        await self._sim.advance(seconds)
        return web.json_response(self._sim.state())


async def _json_object(request: web.Request) -> dict[str, Any]:
    body = await request.json()
    if not isinstance(body, dict):
        raise WrongValueError("a JSON object")
    return body


@web.middleware
async def _errors_as_json(
    request: web.Request,
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    """Answer every mistake of the caller in JSON."""
    try:
        return await handler(request)
    except JSONDecodeError as error:
        return web.json_response({"error": f"not JSON: {error}"}, status=400)
    except (ValueError, OverflowError) as error:
        return web.json_response({"error": str(error)}, status=400)
    except web.HTTPException as error:
        return web.json_response({"error": error.reason}, status=error.status)
