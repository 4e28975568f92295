"""Raw Modbus over a real socket; Home Assistant stays out."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from struct import pack, unpack

import pytest

from simulator import Simulator, serve

from .dts_wire import DtsWire


@pytest.fixture(autouse=True)
def _our_integration() -> None:
    """Leave Home Assistant out, which the fixture of this name would start."""


@pytest.fixture(autouse=True)
def _no_pause(socket_enabled: None) -> None:
    """Let real sockets through."""


class Wire:
    """A client that sees every byte."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reader, self.writer = reader, writer
        self.transaction = 0

    def send(self, pdu: bytes, unit: int = 1) -> int:
        """Send a request and return its transaction id."""
        self.transaction += 1
        header = pack(">HHHB", self.transaction, 0, len(pdu) + 1, unit)
        self.writer.write(header + pdu)
        return self.transaction

    async def receive(self, wait: float = 2) -> tuple[int, bytes] | None:
        """Return transaction id and PDU of the next answer, None for silence."""
        try:
            async with asyncio.timeout(wait):
                header = await self.reader.readexactly(7)
                transaction, _, length, _ = unpack(">HHHB", header)
                return transaction, await self.reader.readexactly(length - 1)
        except TimeoutError:
            return None

    async def ask(self, pdu: bytes, unit: int = 1, wait: float = 2) -> bytes | None:
        """Return the answer to a request, None for silence."""
        sent = self.send(pdu, unit)
        answer = await self.receive(wait)
        if answer is None:
            return None
        assert answer[0] == sent
        return answer[1]

    async def read(self, address: int, count: int = 1, function: int = 4) -> list[int]:
        """Return the words of a read that has to work."""
        pdu = await self.ask(pack(">BHH", function, address, count))
        assert pdu is not None
        assert pdu[0] == function, f"exception {pdu[1]}"
        return list(unpack(f">{count}H", pdu[2:]))

    async def write(self, address: int, *words: int) -> bytes | None:
        """Return the answer to FC16."""
        size = len(words)
        head = pack(">BHHB", 16, address, size, size * 2)
        return await self.ask(head + pack(f">{size}H", *words))

    async def close(self) -> None:
        """Close the connection."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so; five seconds are too long."""
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


type Connect = Callable[[Simulator], Awaitable[Wire]]


@pytest.fixture
async def connect() -> AsyncGenerator[Connect]:
    """Return what opens a raw connection; all are closed in the end."""
    opened: list[Wire] = []

    async def connect_to(sim: Simulator) -> Wire:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", sim.modbus_port))
        opened.append(wire)
        return wire

    yield connect_to
    for wire in opened:
        await wire.close()


@pytest.fixture
async def sim() -> AsyncGenerator[Simulator]:
    """Serve the default plant with its clock held."""
    async with serve() as served:
        yield served


@pytest.fixture
async def wire(sim: Simulator, connect: Connect) -> Wire:
    """Return a raw connection to the default plant."""
    return await connect(sim)


@pytest.fixture
async def dts_sim() -> AsyncGenerator[Simulator]:
    """Serve the default plant by the stick's own link, with its clock held."""
    async with serve(modbus=None, dts=0) as served:
        yield served


type ConnectDts = Callable[..., Awaitable[DtsWire]]


@pytest.fixture
async def connect_dts() -> AsyncGenerator[ConnectDts]:
    """Return what opens a connection to a stick; all are closed in the end."""
    opened: list[DtsWire] = []

    async def connect_to(sim: Simulator) -> DtsWire:
        opened.append(await DtsWire.open(sim.dts_port))
        return opened[-1]

    yield connect_to
    for wire in opened:
        await wire.close()


@pytest.fixture
async def dts(dts_sim: Simulator, connect_dts: ConnectDts) -> DtsWire:
    """Return a connection to the default plant's stick."""
    return await connect_dts(dts_sim)
