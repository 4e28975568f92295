"""A client of the stick's own link that sees every byte and trusts nothing."""

import asyncio
from contextlib import suppress
from struct import pack, unpack_from
from typing import Any

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb

GATEWAY, HEARTBEAT, COMMAND, COMMAND_STATE = 0xDB01, 0xDB02, 0xDB03, 0xDB04
NETWORK, WRITE_SETTINGS, READ_SETTINGS = 0xDB06, 0xDB07, 0xDB08
REGISTRY, STORAGE, READ_MODE, WRITE_MODE = 0xC302, 0xC303, 0xC307, 0xC308
STICK = 0x430122480680
INVERTER = 0x200312345678

ANSWERS: dict[int, Any] = {
    GATEWAY: pb.GatewayInformationAnswer,
    HEARTBEAT: pb.HeartbeatAnswer,
    COMMAND: pb.CommandAnswer,
    COMMAND_STATE: pb.CommandStateAnswer,
    NETWORK: pb.NetworkInformationAnswer,
    WRITE_SETTINGS: pb.GatewaySettingsWriteAnswer,
    READ_SETTINGS: pb.GatewaySettingsAnswer,
    REGISTRY: pb.RegistryAnswer,
    STORAGE: pb.StorageDataAnswer,
    READ_MODE: pb.WorkingMode,
    WRITE_MODE: pb.WorkingModeAnswer,
}


def bitwise_crc(data: bytes) -> int:
    """Return CRC-16/MODBUS, bit by bit."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 * (crc & 1)
    return crc


def request(
    command: int, payload: bytes, *, sequence: int, serial: int, target: int
) -> bytes:
    """Return a request in the long form."""
    head = pack(
        ">2sHHHH", b"HM", command, sequence, bitwise_crc(payload), 24 + len(payload)
    )
    return head + pack(">HQHH", 14, serial, 0, target) + payload


class DtsWire:
    """One connection to a stick."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reader, self.writer = reader, writer
        self.sequence = 0

    @classmethod
    async def open(cls, port: int, host: str = "127.0.0.1") -> DtsWire:
        """Connect."""
        return cls(*await asyncio.open_connection(host, port))

    def send(
        self,
        command: int,
        message: Any = None,
        *,
        serial: int = STICK,
        target: int | None = None,
    ) -> int:
        """Send a request and return its sequence."""
        self.sequence += 1
        if target is None:
            target = 255 if command >> 8 == 0xDB else 1
        payload = b"" if message is None else message.SerializeToString()
        self.writer.write(
            request(
                command, payload, sequence=self.sequence, serial=serial, target=target
            )
        )
        return self.sequence

    async def frame(self, wait: float = 2) -> bytes | None:
        """Return the bytes of the next frame, None for silence."""
        try:
            async with asyncio.timeout(wait):
                head = await self.reader.readexactly(10)
                length = unpack_from(">H", head, 8)[0]
                return head + await self.reader.readexactly(length - 10)
        except TimeoutError:
            return None

    async def ask(
        self, command: int, message: Any = None, *, wait: float = 2, **header: int
    ) -> Any:
        """Return the checked answer, None for silence."""
        sequence = self.send(command, message, **header)
        data = await self.frame(wait)
        if data is None:
            return None
        magic, answered, echoed, crc, length = unpack_from(">2sHHHH", data)
        size, serial, _, _ = unpack_from(">HQHH", data, 10)
        assert (magic, answered, echoed) == (b"HM", command - 0x100, sequence)
        assert (size, length, serial) == (14, len(data), STICK)
        assert crc == bitwise_crc(data[24:])
        return ANSWERS[command].FromString(data[24:])

    async def storage(self, serial: int = INVERTER, **header: int) -> Any:
        """Return storage data of an inverter."""
        return await self.ask(STORAGE, pb.StorageDataRequest(serial=serial), **header)

    async def close(self) -> None:
        """Close the connection."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()
