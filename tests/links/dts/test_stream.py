"""The stream on real sockets: order, pace, losses and the end."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from dataclasses import replace
import itertools
import socket

import pytest

from custom_components.instagen.links import Verdict
from custom_components.instagen.links.dts.errors import (
    BadCrcError,
    BadLengthError,
    ConnectionFailedError,
    ConnectionLostError,
    DtsError,
    NoAnswerError,
    WrongAnswerError,
    verdict_of,
)
from custom_components.instagen.links.dts.frame import Command, Frame
from custom_components.instagen.links.dts.stream import TIMING, DtsStream, Timing

from .stick import QUICK, FakeStick, answer_to, gateway, serve


@pytest.fixture
async def stream(stick: FakeStick) -> AsyncGenerator[DtsStream]:
    stream = DtsStream(stick.connect, timing=replace(QUICK, idle=60))
    yield stream
    await stream.close()


async def ask(stream: DtsStream, **options: bool) -> Frame:
    return await stream.request(
        Command.GATEWAY_INFORMATION, b"", serial=0, target=255, **options
    )


def test_the_pace_the_facts_ask_for():
    assert TIMING.spacing >= 2
    assert TIMING.answer >= 10
    assert TIMING.idle < 300


async def test_an_answer(stream: DtsStream, stick: FakeStick):
    assert (await ask(stream)).payload == gateway().SerializeToString()
    assert stick.connections == 1
    assert stream.connected


async def test_one_connection_serves_many(stream: DtsStream, stick: FakeStick):
    for _ in range(5):
        await ask(stream)
    assert stick.connections == 1
    assert [frame.sequence for frame in stick.asked] == [1, 2, 3, 4, 5]


async def test_the_sequence_starts_over(stream: DtsStream, stick: FakeStick):
    stream._sequence = 0xFFFE
    for _ in range(3):
        await ask(stream)
    assert [frame.sequence for frame in stick.asked] == [0xFFFF, 1, 2]


async def test_requests_stand_in_line_and_keep_a_distance(stick: FakeStick):
    times: list[float] = []
    loop = asyncio.get_running_loop()

    def timed(frame: Frame) -> bytes | None:
        times.append(loop.time())
        return stick.answer(frame)

    stick.twist = timed
    stream = DtsStream(stick.connect, timing=replace(QUICK, spacing=0.05))
    await asyncio.gather(*(ask(stream) for _ in range(4)))
    await stream.close()
    assert stick.connections == 1
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert min(gaps) >= 0.049


async def test_split_and_long_answers(stream: DtsStream, stick: FakeStick):
    async def dribble(reader: StreamReader, writer: StreamWriter) -> None:
        while data := await reader.read(4096):
            long = Frame(
                command=0xDA01, sequence=int.from_bytes(data[4:6]), payload=b"x" * 5000
            )
            raw = long.encode()
            for place in range(0, len(raw), 700):
                writer.write(raw[place : place + 700])
                await writer.drain()
                await asyncio.sleep(0.001)
        writer.close()

    server = await asyncio.start_server(dribble, "127.0.0.1", 0)
    stick.port = server.sockets[0].getsockname()[1]
    assert (await ask(stream)).payload == b"x" * 5000
    await stream.close()
    server.close()
    await server.wait_closed()


async def test_garbage_before_the_answer(stream: DtsStream, stick: FakeStick):
    stick.twist = lambda frame: b"\r\nHH\0" + (stick.answer(frame) or b"")
    assert (await ask(stream)).command == 0xDA01


async def test_endless_garbage(stream: DtsStream, stick: FakeStick):
    stick.twist = lambda _: b"\0" * 100_000
    with pytest.raises(WrongAnswerError):
        await ask(stream)
    assert not stream.connected


async def test_late_answers_are_thrown_away(stream: DtsStream, stick: FakeStick):
    stick.twist = lambda frame: (
        answer_to(frame, gateway(), sequence=frame.sequence - 1)
        + (stick.answer(frame) or b"")
    )
    assert (await ask(stream)).sequence == 1


async def test_an_answer_that_comes_after_the_time_out(
    stream: DtsStream, stick: FakeStick
):
    waiting: list[Frame] = []

    def late(frame: Frame) -> bytes | None:
        waiting.append(frame)
        if len(waiting) == 1:
            return None
        return b"".join(answer_to(one, gateway()) for one in waiting)

    stick.twist = late
    with pytest.raises(NoAnswerError):
        await ask(stream)
    assert (await ask(stream)).sequence == 2
    assert stick.connections == 1


async def test_answers_of_others_only(stream: DtsStream, stick: FakeStick):
    stick.twist = lambda frame: 40 * answer_to(frame, gateway(), sequence=9)
    with pytest.raises(WrongAnswerError):
        await ask(stream)


async def test_another_command(stream: DtsStream, stick: FakeStick):
    stick.twist = lambda frame: answer_to(frame, gateway(), command=0xDA02)
    with pytest.raises(WrongAnswerError):
        await ask(stream)


async def test_a_broken_answer_ends_the_connection_and_not_the_stream(
    stream: DtsStream, stick: FakeStick
):
    def break_crc(frame: Frame) -> bytes:
        raw = bytearray(stick.answer(frame) or b"")
        raw[-1] ^= 1
        return bytes(raw)

    stick.twist = break_crc
    with pytest.raises(BadCrcError):
        await ask(stream)
    stick.twist = lambda frame: b"HM\xda\x01\0\1\0\0\0\1" + b"\0" * 9
    with pytest.raises(BadLengthError):
        await ask(stream)
    stick.twist = None
    await ask(stream)
    assert stick.connections == 3
    assert stream.statistics.garbled == 2


async def test_silence(stream: DtsStream, stick: FakeStick):
    stick.twist = lambda _: None
    with pytest.raises(NoAnswerError) as failure:
        await ask(stream)
    assert verdict_of(failure.value) is Verdict.NO_ANSWER
    assert stream.connected
    with pytest.raises(NoAnswerError):
        await ask(stream)
    assert not stream.connected
    assert stream.statistics.timeouts == 2


async def test_a_connection_that_died_meanwhile_is_replaced(
    stream: DtsStream, stick: FakeStick
):
    await ask(stream)
    for writer in tuple(stick.open):
        writer.close()
    await asyncio.sleep(0.01)
    assert not stream.connected
    await ask(stream)
    assert stick.connections == 2


async def test_a_connection_that_dies_on_the_question_is_replaced_once(
    stream: DtsStream, stick: FakeStick
):
    stick.drop_after = 1
    await ask(stream)
    await ask(stream)
    assert stick.connections == 2
    with pytest.raises(ConnectionLostError):
        await ask(stream, repeat=False)
    stick.drop_after = 0
    with pytest.raises(ConnectionLostError) as failure:
        await ask(stream)
    assert verdict_of(failure.value) is Verdict.BUSY


async def test_back_off(stick: FakeStick, monkeypatch: pytest.MonkeyPatch):
    """A stick that takes the connection and drops it is left alone for longer each time."""
    now = 0.0
    monkeypatch.setattr(DtsStream, "_now", staticmethod(lambda: now))
    stick.drop_after = 0
    stream = DtsStream(
        stick.connect, timing=replace(QUICK, backoff=5, longest_backoff=20)
    )
    for pause in (5, 10, 20, 20):
        with pytest.raises(ConnectionLostError):
            await ask(stream)
        connections = stick.connections
        now += pause - 1
        with pytest.raises(ConnectionFailedError) as failure:
            await ask(stream)
        assert verdict_of(failure.value) is Verdict.BUSY
        assert stick.connections == connections
        now += 1
    stick.drop_after = None
    await ask(stream)
    assert stream._failures == 0
    await stream.close()


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (ConnectionRefusedError(), Verdict.PORT_CLOSED),
        (OSError(113, "no route"), Verdict.HOST_DOWN),
        (socket.gaierror(), Verdict.HOST_DOWN),
        (TimeoutError(), Verdict.HOST_DOWN),
        (UnicodeError(), Verdict.HOST_DOWN),
        (ConnectionResetError(), Verdict.BUSY),
    ],
)
async def test_a_connection_that_cannot_be_made(error: Exception, verdict: Verdict):
    async def fail() -> tuple[StreamReader, StreamWriter]:
        raise error

    stream = DtsStream(fail, timing=QUICK)
    with pytest.raises(ConnectionFailedError) as failure:
        await ask(stream)
    assert verdict_of(failure.value) is verdict
    await stream.close()


async def test_a_connection_that_takes_for_ever():
    stream = DtsStream(asyncio.Event().wait, timing=QUICK)  # type: ignore[arg-type]
    with pytest.raises(ConnectionFailedError) as failure:
        await ask(stream)
    assert verdict_of(failure.value) is Verdict.HOST_DOWN
    await stream.close()


async def test_idle_means_closed_and_comes_back(stick: FakeStick):
    stream = DtsStream(stick.connect, timing=QUICK)
    await ask(stream)
    for _ in range(500):
        if not stream.connected and not stick.open:
            break
        await asyncio.sleep(0.01)
    assert not stream.connected
    await ask(stream)
    assert stick.connections == 2
    await stream.close()


async def test_requests_keep_the_connection_open(stick: FakeStick):
    stream = DtsStream(stick.connect, timing=replace(QUICK, idle=0.6))
    for _ in range(5):
        await ask(stream)
        await asyncio.sleep(0.2)
    assert stick.connections == 1
    await stream.close()


async def test_a_cancelled_request_leaves_a_stream_that_works(
    stream: DtsStream, stick: FakeStick
):
    stick.twist = lambda _: None
    task = asyncio.create_task(ask(stream))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    stick.twist = lambda frame: (
        answer_to(frame, gateway(), sequence=1) + (stick.answer(frame) or b"")
    )
    assert (await ask(stream)).sequence == 2


async def test_close_ends_what_waits(stick: FakeStick):
    stick.twist = lambda _: None
    stream = DtsStream(stick.connect, timing=replace(QUICK, answer=60, idle=60))
    tasks = [asyncio.create_task(ask(stream)) for _ in range(3)]
    await asyncio.sleep(0.02)
    await stream.close()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(result, DtsError)
    with pytest.raises(ConnectionLostError):
        await ask(stream)
    await stream.close()
    await asyncio.sleep(0.01)
    assert not stick.open
    assert stick.connections == 1


async def test_close_during_the_connect(stick: FakeStick):
    gate = asyncio.Event()

    async def slowly() -> tuple[StreamReader, StreamWriter]:
        await gate.wait()
        return await stick.connect()

    stream = DtsStream(slowly, timing=replace(QUICK, connect=5))
    task = asyncio.create_task(ask(stream))
    await asyncio.sleep(0.01)
    await stream.close()
    gate.set()
    with pytest.raises(ConnectionLostError):
        await task
    await asyncio.sleep(0.01)
    assert not stick.open


async def test_nothing_is_left_behind(stick: FakeStick):
    """No timer, no task and no socket outlives ``close``."""
    before = asyncio.all_tasks()
    stream = DtsStream(stick.connect, timing=Timing(spacing=0))
    await ask(stream)
    await stream.close()
    await asyncio.sleep(0.01)
    assert stream._idle_timer is None
    assert asyncio.all_tasks() <= before


async def test_a_stick_that_comes_back(stick: FakeStick, socket_enabled: None):
    other = FakeStick(answers=stick.answers)
    async with serve(other):
        stream = DtsStream(other.connect, timing=QUICK)
        await ask(stream)
    with pytest.raises(DtsError):
        await ask(stream)
    await asyncio.sleep(QUICK.longest_backoff)
    async with serve(other):
        await ask(stream)
        await stream.close()
