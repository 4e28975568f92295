"""A DTU stick in forty lines: Modbus TCP over real sockets, with bad manners on demand."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
import struct

SERIAL = "430122480680"
MODEL = "HIT-15L-G3"


def model_words(model: str) -> dict[int, int]:
    """Return a model text as the stick sends it: low byte first in each word."""
    text = model.encode().ljust(10, b"\0")
    return {1000 + i // 2: text[i] | text[i + 1] << 8 for i in range(0, 10, 2)}


class SmallStick:
    """Answers FC03 and FC04 from one table of words; what is not in it reads as 0."""

    def __init__(self, model: str = MODEL) -> None:
        self.words = model_words(model) | {30000: 3, 30020: 55}  # on grid, SOC
        self.silent = False
        self.units: set[int] | None = None
        """Unit IDs that answer; None are all."""
        self.garbled = False
        self.exception: int | None = None
        self.connections = 0
        self.requests = 0
        self.open: set[asyncio.StreamWriter] = set()
        self.host = ""
        self.port = 0
        self._server: asyncio.Server | None = None
        self._moved = asyncio.Event()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; a port of 0 is any that is free."""
        self._server = await asyncio.start_server(self._serve, host, port)
        self.host, self.port = self._server.sockets[0].getsockname()

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
            for writer in tuple(self.open):
                writer.close()
            await self._server.wait_closed()
            self._server = None

    async def until_open(self, count: int) -> None:
        """Wait until so many connections stand."""
        async with asyncio.timeout(10):
            while len(self.open) != count:
                self._moved.clear()
                await self._moved.wait()

    def set_faults(self, **words: int) -> None:
        """Set fault words: battery, power_stage, grid_safety and so on."""
        places = {
            "battery": (30021, 2),
            "power_stage": (30023, 2),
            "grid_safety": (30025, 2),
            "internal_link": (30027, 1),
            "attached_device": (30028, 1),
            "system": (30029, 1),
        }
        for name, word in words.items():
            start, count = places[name]
            for i in range(count):
                self.words[start + i] = word >> 16 * (count - 1 - i) & 0xFFFF

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        self.open.add(writer)
        self._moved.set()
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readexactly(8)
                transaction, _, length, unit, function = struct.unpack(">HHHBB", head)
                body = await reader.readexactly(length - 2)
                self.requests += 1
                if not self.silent and (self.units is None or unit in self.units):
                    writer.write(self._answer(transaction, unit, function, body))
        self.open.discard(writer)
        self._moved.set()
        writer.close()

    def _answer(self, transaction: int, unit: int, function: int, body: bytes) -> bytes:
        if self.exception is not None:
            pdu = bytes((function | 0x80, self.exception))
        else:
            start, count = struct.unpack(">HH", body)
            words = [0xFFFF] * count if self.garbled else list(self._read(start, count))
            pdu = struct.pack(f">BB{count}H", function, count * 2, *words)
        return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu

    def _read(self, start: int, count: int) -> Iterator[int]:
        return (self.words.get(address, 0) for address in range(start, start + count))
