"""The frame around each message (facts/protobuf-10081.md section 1).

Ten bytes of header; storage and gateway commands add fourteen more that name the stick
and whom behind it the message is for. The reader takes bytes as they come, split or
joined, and never keeps more than one frame's worth of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
import struct
from typing import Final

from .errors import BadCrcError, BadLengthError

MAX_FRAME: Final = 16_384
"""Bytes; three phases with all their packs fill a tenth of it."""

ANSWER_STEP: Final = 0x0100
"""An answer's command is its question's less this."""

TO_STICK: Final = 255
"""The target that is the stick itself."""

_MARK: Final = b"HM"
_HEADER: Final = struct.Struct(">2sHHHH")
_EXTENSION: Final = struct.Struct(">HQHH")
_LONG: Final = _HEADER.size + _EXTENSION.size
_LONG_FAMILIES: Final = frozenset({0xC2, 0xC3, 0xDA, 0xDB})


class Command(IntEnum):
    """The questions of section 2."""

    GATEWAY_INFORMATION = 0xDB01
    HEARTBEAT = 0xDB02
    COMMAND = 0xDB03
    COMMAND_STATE = 0xDB04
    NETWORK_INFORMATION = 0xDB06
    WRITE_GATEWAY_SETTINGS = 0xDB07
    READ_GATEWAY_SETTINGS = 0xDB08
    REGISTRY = 0xC302
    STORAGE_DATA = 0xC303
    READ_WORKING_MODE = 0xC307
    WRITE_WORKING_MODE = 0xC308
    FETCH_CONFIGURATION = 0xC3FE


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One message in its frame. Short forms have neither serial nor target."""

    command: int
    sequence: int
    payload: bytes
    serial: int = 0
    target: int = TO_STICK

    def encode(self) -> bytes:
        """Return the bytes of the wire."""
        extension = b""
        if is_long(self.command):
            extension = _EXTENSION.pack(14, self.serial, 0, self.target)
        header = _HEADER.pack(
            _MARK,
            self.command,
            self.sequence,
            crc(self.payload),
            _HEADER.size + len(extension) + len(self.payload),
        )
        return header + extension + self.payload


class FrameReader:
    """Finds frames in a stream of bytes."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.skipped = 0
        """Bytes that belonged to no frame."""
        self._buffer = bytearray()

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take bytes over. Call ``take`` until it has no more before the next ones."""
        self._buffer += data

    def take(self) -> Frame | None:
        """Return the next whole frame, None when more bytes are needed.

        Raises ``FrameError`` for a broken one, which is then left behind: the next call
        looks at what follows it.
        """
        self._find_mark()
        if len(self._buffer) < _HEADER.size:
            return None
        _, command, sequence, told, length = _HEADER.unpack_from(self._buffer)
        start = _LONG if is_long(command) else _HEADER.size
        if not start <= length <= MAX_FRAME:
            self._drop(len(_MARK))
            raise BadLengthError("length")
        if len(self._buffer) < length:
            return None
        raw = bytes(self._buffer[:length])
        del self._buffer[:length]
        payload = raw[start:]
        if crc(payload) != told:
            raise BadCrcError("CRC")
        serial, target = 0, TO_STICK
        if start == _LONG:
            size, serial, _, target = _EXTENSION.unpack_from(raw, _HEADER.size)
            if size != _EXTENSION.size:
                raise BadLengthError("extension")
        return Frame(
            command=command,
            sequence=sequence,
            payload=payload,
            serial=serial,
            target=target,
        )

    def _find_mark(self) -> None:
        """Throw away what stands before the next frame."""
        place = self._buffer.find(_MARK)
        if place < 0:
            half = self._buffer.endswith(_MARK[:1])
            place = len(self._buffer) - half
        self._drop(place)

    def _drop(self, count: int) -> None:
        self.skipped += count
        del self._buffer[:count]


def is_long(command: int) -> bool:
    """Return whether a command's frame has the long form."""
    return command >> 8 in _LONG_FAMILIES


def _crc_table() -> Iterator[int]:
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        yield value


_CRC_TABLE: Final = tuple(_crc_table())


def crc(data: bytes) -> int:
    """Return the CRC-16/MODBUS of some bytes."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _CRC_TABLE[(value ^ byte) & 0xFF]
    return value
