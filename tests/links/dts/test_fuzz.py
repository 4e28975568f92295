"""Whatever a stick sends: the link's own error or a value, no hang, no growth.

The big numbers come from plain seeded loops, the awkward shapes from hypothesis.
"""

from collections.abc import Callable, Iterator
import contextlib
from dataclasses import dataclass
import gc
import json
import random
from time import perf_counter
import tracemalloc

from google.protobuf.message import Message
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links import LinkError, LinkStatistics
from custom_components.instagen.links.dts.errors import DtsError, FrameError
from custom_components.instagen.links.dts.frame import (
    MAX_FRAME,
    Command,
    Frame,
    FrameReader,
)
from custom_components.instagen.links.dts.link import DtsLink
from custom_components.instagen.links.dts.report import report
from custom_components.instagen.links.dts.session import read
from custom_components.instagen.plant.readings import READINGS

from .stick import INVERTER, SERIAL, gateway, registry, storage

FRAMES = 100_000
MESSAGES = 10_000
GROWTH = 256 * 1024
"""Bytes; a leak of 3 bytes a frame would show."""

VALID: dict[Command, Message] = {
    Command.GATEWAY_INFORMATION: gateway(),
    Command.REGISTRY: registry(2),
    Command.STORAGE_DATA: storage(SERIAL),
    Command.NETWORK_INFORMATION: pb.NetworkInformationAnswer(serial=SERIAL),
}
OTHERS = [
    pb.CommandAnswer,
    pb.CommandStateAnswer,
    pb.GatewaySettingsAnswer,
    pb.GatewaySettingsWriteAnswer,
    pb.HeartbeatAnswer,
    pb.WorkingMode,
    pb.WorkingModeAnswer,
    pb.Configuration,
    pb.ConfigurationPutAnswer,
    pb.StorageWarnings,
    pb.GatewayWarnings,
]


# ---- making bytes ----


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def wire(rng: random.Random, depth: int = 0) -> bytes:
    """Return fields of random numbers and kinds, nested: well formed, meaning nothing.

    Field 1 of the whole is left out: it is the serial, and a wrong one ends it all.
    """
    found = bytearray()
    for _ in range(rng.randrange(6)):
        kind = rng.choice((0, 0, 0, 2, 2, 1, 5))
        found += varint(rng.randrange(1 if depth else 2, 31) << 3 | kind)
        if kind == 0:
            big = rng.getrandbits(64)
            found += varint(rng.choice((0, 1, -1, big & 0xFFFF, big)))
        elif kind == 2:
            inner = wire(rng, depth + 1) if depth < 3 else b""
            found += varint(len(inner)) + inner
        else:
            found += rng.randbytes(8 if kind == 1 else 4)
    return bytes(found)


def mutate(rng: random.Random, raw: bytes) -> bytes:
    """Damage bytes the way wires and bad firmware do."""
    found = bytearray(raw)
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(len(found) + 1)
        match rng.randrange(4):
            case 0 if place < len(found):
                found[place] = rng.getrandbits(8)
            case 1:
                del found[place:]
            case 2:
                found[place:place] = rng.randbytes(rng.randrange(12))
            case _:
                found += found[place:]
    return bytes(found)


def payloads(rng: random.Random, valid: bytes, count: int) -> Iterator[bytes]:
    for number in range(count):
        match number % 4:
            case 0:
                yield rng.randbytes(rng.randrange(120))
            case 1:
                yield mutate(rng, valid)
            case _:
                yield valid + wire(rng)  # merged into what stands before it


@dataclass
class Watched:
    """What a run cost."""

    begun: float
    grown: int = 0
    seconds: float = 0.0


def flat(count: int, step: Callable[[int], None]) -> Watched:
    """Run a step many times; fail when memory grows between the middle and the end."""
    watched = Watched(perf_counter())
    for number in range(count // 2):
        step(number)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(count // 2, count // 2 + count // 10):
            step(number)
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        for number in range(count // 2 + count // 10, count):
            step(number)
        gc.collect()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    watched.seconds = perf_counter() - watched.begun
    assert after - before < GROWTH
    assert peak < 40 * MAX_FRAME
    return watched


# ---- the frame reader ----


def drain(reader: FrameReader) -> int:
    """Take all there is; every call has to get on."""
    calls = 0
    while True:
        calls += 1
        assert calls < MAX_FRAME
        try:
            if reader.take() is None:
                return calls
        except FrameError:
            continue


def test_a_hundred_thousand_byte_strings(
    record_property: Callable[[str, object], None],
):
    rng = random.Random(10081)
    reader = FrameReader()
    good = Frame(command=0xC203, sequence=1, payload=b"\x08\x01" * 20).encode()

    def step(number: int) -> None:
        match number % 4:
            case 0:
                raw = rng.randbytes(rng.randrange(64))
            case 1:
                raw = b"HM" + rng.randbytes(rng.randrange(40))
            case 2:
                raw = b"HM" * rng.randrange(40)
            case _:
                raw = mutate(rng, good)
        reader.feed(raw)
        drain(reader)
        assert len(reader) <= MAX_FRAME

    watched = flat(FRAMES, step)
    record_property("seconds", round(watched.seconds, 1))
    reader.feed(b"\0" * MAX_FRAME)
    drain(reader)
    reader.feed(good)
    assert reader.take() is not None


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(st.one_of(st.binary(max_size=80), st.just(b"HM")), max_size=30))
def test_no_shape_of_bytes_upsets_the_reader(pieces: list[bytes]):
    joined, cut = FrameReader(), FrameReader()
    joined.feed(b"".join(pieces))
    drain(joined)
    for piece in pieces:
        cut.feed(piece)
        drain(cut)
    assert (len(joined), joined.skipped) == (len(cut), cut.skipped)


def test_the_worst_that_fits_is_quick():
    """A full buffer of marks, and of frames without a payload."""
    empty = Frame(command=0xA201, sequence=1, payload=b"").encode()
    for raw in (b"HM" * (MAX_FRAME // 2), empty * (MAX_FRAME // len(empty))):
        reader = FrameReader()
        begun = perf_counter()
        reader.feed(raw)
        drain(reader)
        assert perf_counter() - begun < 1


# ---- the messages ----


class FakeStream:
    """Answers at once with the payload it was given for a command."""

    def __init__(self) -> None:
        self.statistics = LinkStatistics()
        self.payloads = {
            command: message.SerializeToString() for command, message in VALID.items()
        }

    async def request(
        self, command: int, payload: bytes, *, serial: int, target: int, repeat: bool
    ) -> Frame:
        question = Frame(
            command=command, sequence=1, payload=payload, serial=serial, target=target
        )
        question.encode()  # what was heard must not make a question that cannot be sent
        return Frame(command=0, sequence=1, payload=self.payloads[Command(command)])


class Fuzzed:
    """A link in front of a stick that may say anything."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.link = DtsLink(None, clock=lambda: self.seconds)  # type: ignore[arg-type]
        self.stream = FakeStream()
        self.link.session.stream = self.stream  # type: ignore[assignment]

    async def look(self) -> None:
        """Identify and poll, as Home Assistant would."""
        self.link.session.serial = 0
        await self.link.identify()
        self.link._unused = False
        await self.poll()

    async def network(self) -> None:
        """Ask for the network, as commissioning does."""
        self.link.session.serial = SERIAL
        await self.link.session.network_information()

    async def poll(self) -> None:
        self.seconds += 30
        async for answer in self.link.poll(self.link.served, slow=True):
            assert answer.values.keys() <= answer.served <= READINGS.keys()
        assert self.link.features is not None


def run(step: object) -> None:
    """Run a coroutine that never waits, without an event loop."""
    try:
        step.send(None)  # type: ignore[attr-defined]
    except StopIteration:
        return
    raise AssertionError("it waits")


@pytest.mark.parametrize("command", VALID, ids=lambda command: command.name)
def test_ten_thousand_answers(
    command: Command, record_property: Callable[[str, object], None]
):
    rng = random.Random(command)
    fuzzed = Fuzzed()
    run(fuzzed.look())
    source = payloads(rng, VALID[command].SerializeToString(), MESSAGES)
    use = {
        Command.STORAGE_DATA: fuzzed.poll,
        Command.NETWORK_INFORMATION: fuzzed.network,
    }.get(command, fuzzed.look)
    refused = 0

    def step(number: int) -> None:
        nonlocal refused
        fuzzed.stream.payloads[command] = next(source)
        try:
            run(use())
        except DtsError, LinkError:
            refused += 1
        if number % 100 == 0:
            json.dumps(fuzzed.link.diagnostics())
            json.dumps(fuzzed.link.snapshot(), allow_nan=False)

    watched = flat(MESSAGES, step)
    record_property("seconds", round(watched.seconds, 1))
    assert MESSAGES // 10 < refused < MESSAGES * 9 // 10


@pytest.mark.parametrize("kind", OTHERS, ids=lambda kind: kind.DESCRIPTOR.name)
def test_messages_of_later_rooms(kind: type[Message]):
    rng = random.Random(5)
    for number in range(MESSAGES):
        raw = wire(rng) if number % 2 else rng.randbytes(rng.randrange(60))
        try:
            from_wire(kind, raw)
        except DtsError:
            continue


def from_wire(kind: type[Message], raw: bytes) -> None:
    json.dumps(report(read(kind, raw)))


numbers = st.one_of(
    st.integers(-(2**31), 2**31 - 1), st.sampled_from([0, 1, -1, 2**31 - 1, -(2**31)])
)


@st.composite
def storages(draw: st.DrawFn) -> pb.StorageDataAnswer:
    """Draw answers whose every number is any number."""
    answer = storage(INVERTER)

    def shake(message: Message) -> None:
        for field, value in message.ListFields():
            if field.name in {"serial", "time"}:
                continue
            if field.message_type is not None:
                for one in value if field.is_repeated else [value]:
                    shake(one)
            elif draw(st.booleans()):
                limit = 2**32 if field.type == field.TYPE_UINT32 else None
                number = draw(numbers)
                setattr(message, field.name, number % limit if limit else number)

    shake(answer)
    return answer


@settings(max_examples=150, deadline=None)
@given(answers=st.lists(storages(), min_size=1, max_size=3))
def test_no_number_upsets_the_readings(answers: list[pb.StorageDataAnswer]):
    fuzzed = Fuzzed()
    run(fuzzed.look())
    for answer in answers:
        fuzzed.stream.payloads[Command.STORAGE_DATA] = answer.SerializeToString()
        with contextlib.suppress(LinkError):
            run(fuzzed.poll())
    json.dumps(fuzzed.link.diagnostics())
