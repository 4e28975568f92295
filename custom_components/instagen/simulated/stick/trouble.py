"""What can go wrong on the stick's wire."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Final

from google.protobuf.message import Message

from ...dts_messages import instagen_dts_pb2 as pb
from .frame import Frame

GARBAGE: Final = {
    "crc": "a wrong CRC",
    "sequence": "the sequence of another request",
    "serial": "the serial of another stick",
    "split": "answers in pieces of a few bytes",
    "joined": "every other answer held back and sent with the next",
    "bytes": "random bytes before each answer",
    "length": "a length that is too short",
    "payload": "a payload that is no message, with a right CRC",
    "negative": "every reading negative",
}
"""Ways to garble answers."""


_STORAGE_DATA: Final = 0xC203


def _negate(message: Message, *, readings: bool) -> None:
    """Turn the sign of every signed reading below the top of a message."""
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for part in value if field.is_repeated else (value,):
                _negate(part, readings=True)
        elif readings and field.type == field.TYPE_INT32:
            setattr(message, field.name, -value)


class Trouble:
    """Faults of the wire, each off until switched on."""

    def __init__(self, seed: int) -> None:
        self.stall = False
        self.reset = False
        self.wrong_sequence = False
        self.garbage: str | None = None
        self._random = Random(seed)
        self._held = b""

    @property
    def splits(self) -> bool:
        """Whether the pieces of an answer go out one after the other."""
        return self.garbage == "split"

    def pieces(self, answer: Frame) -> Iterator[bytes]:
        """Return what is written for an answer, each piece in a write of its own."""
        if self.wrong_sequence:
            answer = replace(answer, sequence=(answer.sequence + 1) & 0xFFFF)
        match self.garbage:
            case "split":
                yield from self._split(answer.encode())
            case "joined":
                yield from self._joined(answer.encode())
            case kind:
                yield self._garbled(answer, kind)

    def _split(self, data: bytes) -> Iterator[bytes]:
        while data:
            size = self._random.randint(1, 40)
            yield data[:size]
            data = data[size:]

    def _joined(self, data: bytes) -> Iterator[bytes]:
        if not self._held:
            self._held = data
            return
        held, self._held = self._held, b""
        yield held + data

    def _garbled(self, answer: Frame, kind: str | None) -> bytes:
        match kind:
            case "sequence":
                answer = replace(answer, sequence=(answer.sequence + 1) & 0xFFFF)
            case "serial":
                answer = replace(answer, serial=answer.serial ^ 0x1111)
            case "payload":
                answer = replace(answer, payload=self._random.randbytes(48) + b"\xff")
            case "negative" if answer.command == _STORAGE_DATA:
                message = pb.StorageDataAnswer.FromString(answer.payload)
                _negate(message, readings=False)
                answer = replace(answer, payload=message.SerializeToString())
        data = bytearray(answer.encode())
        match kind:
            case "crc":
                data[6] ^= 0x5A
            case "length":
                data[9] = (data[9] - 1) & 0xFF
            case "bytes":
                return self._random.randbytes(17) + bytes(data)
        return bytes(data)
