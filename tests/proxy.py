"""A wire tap between Home Assistant and the simulator: it counts reads and cuts some."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
import struct

type Read = tuple[int, int, int]
"""Function code, start and number of registers."""

_REQUEST = struct.Struct(">HHHBBHH")


class WireTap:
    """Passes Modbus requests on; those in ``silenced`` get no answer."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.reads: Counter[Read] = Counter()
        self.silenced: set[int] = set()
        self.connections = 0
        self._target = port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.connections += 1
        upstream = await asyncio.open_connection("127.0.0.1", self._target)
        back = asyncio.create_task(_pour(upstream[0], writer))
        try:
            while request := await reader.readexactly(_REQUEST.size):
                _, _, _, _, function, start, count = _REQUEST.unpack(request)
                self.reads[function, start, count] += 1
                if start not in self.silenced:
                    upstream[1].write(request)
        except asyncio.IncompleteReadError, ConnectionError:
            pass
        finally:
            back.cancel()
            with suppress(asyncio.CancelledError):
                await back
            upstream[1].close()
            writer.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(4096):
            writer.write(data)


@asynccontextmanager
async def tap(port: int) -> AsyncGenerator[WireTap]:
    """Listen on a free port in front of a simulator's."""
    wire = WireTap(port)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        server.close_clients()
        await server.wait_closed()
