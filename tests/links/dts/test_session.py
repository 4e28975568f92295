"""Messages of the session: what is asked, and which answers are refused."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links import Verdict
from custom_components.instagen.links.dts.errors import (
    EncryptedError,
    NoAnswerError,
    NotSupportedError,
    WrongAnswerError,
    verdict_of,
)
from custom_components.instagen.links.dts.frame import Command, Frame
from custom_components.instagen.links.dts.session import DtsSession
from custom_components.instagen.links.dts.stream import DtsStream

from .stick import INVERTER, QUICK, SERIAL, FakeStick, gateway, registry, storage

MOMENT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.fixture
async def session(stick: FakeStick) -> AsyncGenerator[DtsSession]:
    stream = DtsStream(stick.connect, timing=replace(QUICK, idle=60))
    yield DtsSession(stream, now=lambda: MOMENT)
    await stream.close()


async def test_the_questions_are_those_of_the_facts(
    session: DtsSession, stick: FakeStick
):
    session.serial = SERIAL
    await session.gateway_information()
    await session.registry()
    await session.storage_data(pb.Inverter(serial=INVERTER, address=1))
    assert [frame.encode().hex() for frame in stick.asked] == [
        "484ddb0100011bbe0022000e0000000000000000000000ff1080e2cfaa061880e101",
        (
            "484dc30200024a230037000e0000430122480680000000010880e2cfaa06121332303233"
            "2d31312d31342032323a31333a32301880e101"
        ),
        (
            "484dc30300031b2b003f000e0000430122480680000000010880e2cfaa06121332303233"
            "2d31312d31342032323a31333a32301880e10128f8acd191b18008"
        ),
    ]


async def test_a_slave_is_asked_by_its_address(session: DtsSession, stick: FakeStick):
    session.serial = SERIAL
    stick.data[7] = storage(7)
    await session.storage_data(pb.Inverter(serial=7, address=3))
    assert stick.asked[-1].target == 3


async def test_the_first_stick_that_answers_is_ours(session: DtsSession):
    await session.gateway_information()
    assert session.serial == SERIAL


@pytest.mark.parametrize("serial", [0, SERIAL + 1])
async def test_another_stick(session: DtsSession, stick: FakeStick, serial: int):
    session.serial = SERIAL
    stick.answers[Command.GATEWAY_INFORMATION] = gateway(serial=serial)
    with pytest.raises(WrongAnswerError) as failure:
        await session.gateway_information()
    assert verdict_of(failure.value) is Verdict.BUSY


@pytest.mark.parametrize(
    ("serial", "good"), [(SERIAL, 1), (INVERTER, 1), (0, 0), (9, 0)]
)
async def test_whose_data_it_is(
    session: DtsSession, stick: FakeStick, serial: int, good: int
):
    session.serial = SERIAL
    stick.data[INVERTER] = storage(serial)
    if good:
        await session.storage_data(pb.Inverter(serial=INVERTER))
        return
    with pytest.raises(WrongAnswerError):
        await session.storage_data(pb.Inverter(serial=INVERTER))


async def test_network_information(session: DtsSession, stick: FakeStick):
    session.serial = SERIAL
    told = pb.NetworkInformationAnswer(serial=SERIAL, signal=70)
    stick.answers[Command.NETWORK_INFORMATION] = told
    assert await session.network_information() == told
    stick.answers[Command.NETWORK_INFORMATION] = pb.NetworkInformationAnswer(serial=1)
    with pytest.raises(WrongAnswerError):
        await session.network_information()


async def test_encryption_is_named(session: DtsSession, stick: FakeStick):
    stick.answers[Command.REGISTRY] = registry(flags=1 << 25)
    with pytest.raises(EncryptedError) as failure:
        await session.registry()
    assert verdict_of(failure.value) is Verdict.ENCRYPTED
    stick.answers[Command.GATEWAY_INFORMATION] = gateway(flags=1 << 25 | 1)
    with pytest.raises(EncryptedError):
        await session.gateway_information()


async def test_what_cannot_be_read(session: DtsSession, stick: FakeStick):
    stick.twist = lambda frame: Frame(
        command=0xDA01, sequence=frame.sequence, payload=b"\xff\xff"
    ).encode()
    with pytest.raises(WrongAnswerError):
        await session.gateway_information()


async def rare(session: DtsSession) -> pb.WorkingMode:
    return await session.ask_rare(
        Command.READ_WORKING_MODE,
        pb.WorkingModeRequest(serial=INVERTER),
        pb.WorkingMode,
        target=1,
    )


async def test_a_command_that_is_not_supported(session: DtsSession, stick: FakeStick):
    with pytest.raises(NotSupportedError) as failure:
        await rare(session)
    assert verdict_of(failure.value) is Verdict.NO_ANSWER
    assert stick.commands() == [0xDB01, 0xC307, 0xDB01]


async def test_a_stick_that_went_away_does_not_lack_the_command(
    session: DtsSession, stick: FakeStick
):
    def once(frame: Frame) -> bytes | None:
        return stick.answer(frame) if len(stick.asked) == 1 else None

    stick.twist = once
    with pytest.raises(NoAnswerError):
        await rare(session)


async def test_a_rare_command_that_is_there(session: DtsSession, stick: FakeStick):
    stick.answers[Command.READ_WORKING_MODE] = pb.WorkingMode(mode=1, reserve_soc=20)
    assert (await rare(session)).reserve_soc == 20


def test_negative_numbers_take_ten_bytes():
    raw = pb.GridPhase(power=-284).SerializeToString()
    assert raw.hex() == "20e4fdffffffffffffff01"
    assert pb.GridPhase.FromString(raw).power == -284
