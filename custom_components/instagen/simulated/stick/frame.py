"""Frames of the stick's TCP link (facts/protobuf-10081.md section 1).

Written on the stick's side only: the link has its own, so that a mistake in one cannot
cancel the same mistake in the other.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

MAGIC: Final = b"HM"
_SHORT: Final = Struct(">2sHHHH")
_EXTENSION: Final = Struct(">HQHH")
LARGEST_REQUEST: Final = 8192
"""Longer than anything a client has reason to send."""


class _Table:
    """The 256 steps of CRC-16/MODBUS, one for each byte."""

    def __init__(self) -> None:
        self.steps = tuple(self._step(byte) for byte in range(256))

    @staticmethod
    def _step(value: int) -> int:
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        return value


_STEPS: Final = _Table().steps


def crc16(data: bytes) -> int:
    """Return CRC-16/MODBUS of some bytes; "123456789" gives 0x4B37."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _STEPS[(value ^ byte) & 0xFF]
    return value


@dataclass(frozen=True, slots=True)
class Frame:
    """One message on the wire."""

    command: int
    sequence: int
    payload: bytes
    serial: int = 0
    target: int = 0
    long: bool = True

    def answer(self, payload: bytes, serial: int) -> Frame:
        """Return the frame that answers this one."""
        return Frame(
            (self.command - 0x100) & 0xFFFF,
            self.sequence,
            payload,
            serial,
            self.target,
            self.long,
        )

    def encode(self) -> bytes:
        """Return the frame's bytes."""
        extension = b""
        if self.long:
            extension = _EXTENSION.pack(
                _EXTENSION.size, self.serial & (1 << 64) - 1, 0, self.target
            )
        length = _SHORT.size + len(extension) + len(self.payload)
        head = _SHORT.pack(
            MAGIC, self.command, self.sequence, crc16(self.payload), length
        )
        return head + extension + self.payload


class FrameBuffer:
    """Turns a stream of bytes into the requests of a client, whole or not at all.

    A request with a wrong CRC or an impossible length is dropped in silence, and what
    is no frame is skipped up to the next beginning of one.
    """

    def __init__(self) -> None:
        self._bytes = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Take what arrived and return the requests that are complete now."""
        self._bytes += data
        frames = []
        while (cut := self._cut()) is not None:
            frame = decode(cut)
            if frame:
                frames.append(frame)
        return frames

    def _cut(self) -> bytes | None:
        """Take the bytes of the next frame, None while it is not complete."""
        while True:
            start = self._bytes.find(MAGIC)
            if start < 0:
                self._bytes = self._bytes[-1:] if self._bytes[-1:] == b"H" else b""
                return None
            self._bytes = self._bytes[start:]
            if len(self._bytes) < _SHORT.size:
                return None
            length: int = _SHORT.unpack_from(self._bytes)[4]
            if not _SHORT.size <= length <= LARGEST_REQUEST:
                self._bytes = self._bytes[len(MAGIC) :]
                continue
            if len(self._bytes) < length:
                return None
            cut, self._bytes = self._bytes[:length], self._bytes[length:]
            return cut


def decode(data: bytes) -> Frame | None:
    """Return the frame in some bytes, None when it is none or its CRC is wrong."""
    if len(data) < _SHORT.size:
        return None
    magic, command, sequence, crc, length = _SHORT.unpack_from(data)
    if magic != MAGIC or length != len(data):
        return None
    body = data[_SHORT.size :]
    serial = target = 0
    if long := is_long(command):
        if len(body) < _EXTENSION.size:
            return None
        size, serial, _, target = _EXTENSION.unpack_from(body)
        if size != _EXTENSION.size:
            return None
        body = body[_EXTENSION.size :]
    if crc16(body) != crc:
        return None
    return Frame(command, sequence, body, serial, target, long)


def is_long(command: int) -> bool:
    """Tell whether a command travels in the long form (0xC3xx, 0xDBxx and answers)."""
    return command >> 8 in (0xC2, 0xC3, 0xDA, 0xDB)
