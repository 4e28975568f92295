"""The stick's TCP side: connections, pace and presence (facts/local-protocol.md 5)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from random import Random
import socket
import struct
from typing import Final

from .frame import Frame, FrameBuffer
from .network import Address
from .stick import SimulatedStick
from .trouble import Trouble

IDLE_LIMIT: Final = 300.0
"""Seconds after which the stick drops a connection that says nothing."""

_TICK: Final = 0.25
_LONGEST_READ: Final = 4096


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How the stick talks."""

    latency: tuple[float, float] = (0.0, 0.0)
    """Milliseconds until an answer, lowest and highest."""

    crowd_delay: float = 0.8
    """Seconds that each further client adds to every answer, at most three times."""

    idle_limit: float = IDLE_LIMIT


class StickServer:
    """Serves a stick wherever its network puts it."""

    def __init__(
        self,
        stick: SimulatedStick,
        *,
        manners: Manners | None = None,
        sync: Callable[[], None] = lambda: None,
        seed: int = 1,
    ) -> None:
        """Take the stick, its manners, and what brings the plant up to now."""
        self.stick = stick
        self.manners = manners or Manners()
        self.trouble = Trouble(seed)
        self.gone = False
        """Whether somebody made it disappear, whatever the stick says."""

        self._random = Random(seed)
        self._sync = sync
        self._base: Address = ("127.0.0.1", 0)
        self._servers: dict[Address, asyncio.Server] = {}
        self._clients: dict[_Client, Address] = {}
        self._turn = asyncio.Lock()
        self._settling = asyncio.Lock()
        self._open = False
        self._leaving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it was served on first."""
        return self._base[1]

    @property
    def addresses(self) -> frozenset[Address]:
        """Where it takes connections now."""
        return frozenset(self._servers)

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    async def start(self, host: str, port: int) -> None:
        """Listen.

        Raises:
            OSError: when the port is taken.
        """
        self._base = (host, port)
        self._open = True
        await self._listen(self._base)

    async def _listen(self, address: Address) -> None:
        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            await self._serve(_Client(reader, writer), place[0])

        server = await asyncio.start_server(serve, *address)
        host, port = address[0], server.sockets[0].getsockname()[1]
        place: list[Address] = [(host, port)]
        if address == self._base:
            self._base = (host, port)
        self._servers[host, port] = server

    async def stop(self) -> None:
        """Close every port and connection."""
        self._open = False
        await self.settle()

    async def settle(self) -> None:
        """Listen where the stick is to be found now, and nowhere else."""
        async with self._settling:
            wanted = self._wanted()
            for address in set(self._servers) - wanted:
                await self._close(address)
            for address in wanted - set(self._servers):
                with suppress(OSError):
                    await self._listen(address)

    def _wanted(self) -> frozenset[Address]:
        if not self._open or self.gone or self.stick.away:
            return frozenset()
        return self.stick.network.addresses(self._base)

    async def _close(self, address: Address) -> None:
        self._servers.pop(address).close()
        here = [client for client, place in self._clients.items() if place == address]
        for client in here:
            client.close()
        await asyncio.gather(*(client.ended.wait() for client in here))

    async def _serve(self, client: _Client, place: Address) -> None:
        self._clients[client] = place
        try:
            with suppress(ConnectionError, TimeoutError):
                await self._converse(client)
        finally:
            del self._clients[client]
            client.close()
            client.ended.set()

    async def _converse(self, client: _Client) -> None:
        while True:
            async with asyncio.timeout(self.manners.idle_limit):
                data = await client.reader.read(_LONGEST_READ)
            if not data:
                return
            for request in client.buffer.feed(data):
                # One request at a time, whoever asks: clients compete for the stick.
                async with self._turn:
                    await self._answer(client, request)

    async def _answer(self, client: _Client, request: Frame) -> None:
        await self._take_time()
        self._sync()
        if self.trouble.stall:
            return
        if self.trouble.reset:
            client.reset()
            return
        answer = self.stick.answer(request)
        if answer is not None:
            for piece in self.trouble.pieces(answer):
                client.send(piece)
                if self.trouble.splits:
                    await asyncio.sleep(0.005)
        if self.stick.away:
            # Not awaited: leaving waits for this very conversation to end.
            self._leaving = asyncio.create_task(self.settle())

    async def _take_time(self) -> None:
        low, high = self.manners.latency
        wait = self._random.uniform(low, high) / 1000
        wait += self.manners.crowd_delay * min(3, len(self._clients) - 1)
        if wait > 0:
            await asyncio.sleep(wait)

    async def run(self) -> None:
        """Look at the clock now and then, and be where the stick is."""
        while True:
            await asyncio.sleep(_TICK)
            self._sync()
            await self.settle()


class _Client:
    """One connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.buffer = FrameBuffer()
        self.ended = asyncio.Event()

    def send(self, data: bytes) -> None:
        """Send some bytes in one write, unless the connection is already closing."""
        if not self.writer.is_closing():
            self.writer.write(data)

    def reset(self) -> None:
        """End the connection with an RST."""
        connection: socket.socket | None = self.writer.get_extra_info("socket")
        if connection is not None and not self.writer.is_closing():
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()

    def close(self) -> None:
        """End the connection once what was sent is out."""
        self.reader.feed_eof()
        self.writer.close()


@asynccontextmanager
async def serve_stick(
    stick: SimulatedStick,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    manners: Manners | None = None,
    sync: Callable[[], None] = lambda: None,
    seed: int = 1,
) -> AsyncIterator[StickServer]:
    """Serve a stick for the length of a ``with`` block; port 0 is any free one.

    ``sync`` brings the plant up to now, as ``PlantClock.sync`` does; with a held clock
    call ``settle`` after the plant has been advanced.

    Raises:
        OSError: when the port is taken.
    """
    server = StickServer(stick, manners=manners, sync=sync, seed=seed)
    await server.start(host, port)
    ticking = asyncio.create_task(server.run())
    try:
        yield server
    finally:
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        await server.stop()
