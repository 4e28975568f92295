"""The stick's Modbus TCP side.

pymodbus brings frames and PDUs; the conversation is ours. Its own server answers each
request at once, in order and to everyone: it cannot stay silent, answer a beat late
with an old transaction id, garble answers while a second client is connected or reset
a connection, and all of that is what the stick does. Holding and input registers are
kept apart here, so the swapped data blocks of pymodbus 3.13.1
(facts/home-assistant-2026.md section 4) cannot bite.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import Random
import socket
import struct
from typing import Final

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteMultipleRegistersResponse,
    WriteSingleRegisterRequest,
)

from .device import Device, RefusedError, SilentError
from .wire import (
    SHORT_FRAME,
    Quirks,
    WireFaults,
    blank,
    garbage_frame,
    other_words,
    read_response,
    refusal,
    short_frame,
    spoil,
)

UNIT_ID: Final = 1
_ILLEGAL_FUNCTION: Final = 1
_LARGEST_FRAME: Final = 260
_RESET_SHARE: Final = 0.15
"""Part of the requests beside a second client that end in a reset of both."""


class ModbusServer:
    """Serves one device to one client at a time; a second one spoils it for both."""

    def __init__(
        self,
        device: Device,
        *,
        quirks: Quirks,
        seed: int,
        sync: Callable[[], None],
    ) -> None:
        """Take the device, its manners, a seed, and what brings the plant up to now."""
        self.device = device
        self.quirks = quirks
        self.faults = WireFaults()
        self.requests = 0
        self.random = Random(seed)
        self._until_late = self._pause()
        self._sync = sync
        self._server: asyncio.Server | None = None
        self._gone = False
        self._address: tuple[str, int] = ("127.0.0.1", 0)
        self._clients: set[_Client] = set()
        self._answered: dict[tuple[int, int], list[int]] = {}

    @property
    def port(self) -> int:
        """The port it listens on, also while it is gone."""
        return self._address[1]

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    async def start(self, host: str, port: int) -> None:
        """Listen.

        Raises:
            OSError: when the port is taken.
        """
        self._address = (host, port)
        await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, *self._address)
        self._address = (self._address[0], self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server:
            self._server.close()
            self._server = None
        for client in tuple(self._clients):
            client.close()
        await asyncio.gather(*(client.ended.wait() for client in self._clients))

    async def leave(self) -> None:
        """Be gone from the network: connections end, new ones are refused."""
        if self._server:
            self._gone = True
            await self.stop()

    async def come_back(self) -> None:
        """Listen again on the port as before."""
        if self._gone:
            self._gone = False
            await self._listen()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        client = _Client(reader, writer)
        self._clients.add(client)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._converse(client)
        finally:
            self._clients.discard(client)
            client.close()
            client.ended.set()

    async def _converse(self, client: _Client) -> None:
        while data := await client.reader.read(1024):
            client.buffer += data
            while request := client.next_request():
                await self._answer(client, request)

    async def _answer(self, client: _Client, request: ModbusPDU) -> None:
        """Answer one request the way the stick would at this moment."""
        self.requests += 1
        if self.faults.stall:
            return
        if self.faults.reset:
            client.reset()
            return
        low, high = self.quirks.latency
        if high > 0:
            await asyncio.sleep(self.random.uniform(low, high) / 1000)
        response = self._respond(request)
        if response is None:
            return
        crowded = len(self._clients) > 1
        if response.registers:
            self._answered[request.function_code, request.address] = response.registers
        if crowded and not self._crowd(request, response):
            return
        self._send(client, response)

    def _respond(self, request: ModbusPDU) -> ModbusPDU | None:
        """Return the device's answer, None for silence."""
        if request.dev_id != UNIT_ID or isinstance(request, WriteSingleRegisterRequest):
            return None
        try:
            response = self._perform(request)
        except SilentError:
            return None
        except RefusedError as error:
            response = refusal(request.function_code, error.code)
        response.dev_id = request.dev_id
        response.transaction_id = request.transaction_id
        return response

    def _perform(self, request: ModbusPDU) -> ModbusPDU:
        self._sync()
        address = request.address
        if isinstance(request, ReadInputRegistersRequest):
            words = self.device.read_input(address, request.count)
            return read_response(request.function_code, words)
        if isinstance(request, ReadHoldingRegistersRequest):
            words = self.device.read_holding(address, request.count)
            return read_response(request.function_code, words)
        if isinstance(request, WriteMultipleRegistersRequest):
            self.device.write_holding(address, request.registers)
            count = len(request.registers)
            return WriteMultipleRegistersResponse(address=address, count=count)
        raise RefusedError(_ILLEGAL_FUNCTION)

    def _crowd(self, request: ModbusPDU, response: ModbusPDU) -> bool:
        """Spoil an answer as two clients at once do; False when both were reset."""
        fate = self.random.random()
        if fate < _RESET_SHARE:
            for client in tuple(self._clients):
                client.reset()
            return False
        here = (request.function_code, request.address)
        others = [words for place, words in self._answered.items() if place != here]
        if fate < 0.5 or not others:
            blank(response)
        else:
            other_words(response, others[-1])
        return True

    def _send(self, client: _Client, response: ModbusPDU) -> None:
        transaction = response.transaction_id
        match self.faults.garbage:
            case "words":
                spoil(response, self.random)
            case "frame":
                client.send(garbage_frame(transaction, self.random))
                return
            case text if text == SHORT_FRAME:
                client.send(short_frame(transaction))
                return
        if self.faults.wrong_transaction_id:
            response.transaction_id = (transaction + 1) & 0xFFFF
        held = client.take_held()
        if held is None and self._is_late():
            client.held = response
            return
        for answer in filter(None, (held, response)):
            client.send(client.framer.buildFrame(answer))

    def _is_late(self) -> bool:
        """Tell whether this answer waits for the next request."""
        if self.quirks.late <= 0:
            return False
        self._until_late -= 1
        if self._until_late > 0:
            return False
        self._until_late = self._pause()
        return True

    def _pause(self) -> float:
        """Return how many answers come in time before the next late one."""
        if self.quirks.late <= 0:
            return 0
        return self.random.uniform(0.5, 1.5) / self.quirks.late


class _Client:
    """One connection: its bytes, and the answer it is still owed."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.buffer = b""
        self.held: ModbusPDU | None = None
        self.framer = FramerSocket(DecodePDU(True))
        self.ended = asyncio.Event()

    def next_request(self) -> ModbusPDU | None:
        """Take a whole request from the buffer, if there is one."""
        try:
            used, request = self.framer.handleFrame(self.buffer, 0, 0)
        except ModbusException, struct.error:
            self.buffer = b""
            return None
        if request is None and len(self.buffer) > _LARGEST_FRAME:
            self.buffer = b""
            return None
        self.buffer = self.buffer[used:]
        return request

    def take_held(self) -> ModbusPDU | None:
        """Return the late answer, once."""
        held, self.held = self.held, None
        return held

    def send(self, frame: bytes) -> None:
        """Send a frame, unless the connection is already closing."""
        if not self.writer.is_closing():
            self.writer.write(frame)

    def reset(self) -> None:
        """End the connection with an RST."""
        connection: socket.socket | None = self.writer.get_extra_info("socket")
        if connection is not None and not self.writer.is_closing():
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()

    def close(self) -> None:
        """End the connection at once."""
        self.writer.transport.abort()
