"""Commands to stick and inverters: sent once, followed to a named end."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from itertools import count

import pytest

from custom_components.instagen.control import maintenance as module
from custom_components.instagen.control.maintenance import (
    COMMANDS,
    BusyError,
    Command,
    Ending,
    Maintenance,
    NeedsOptInError,
    NotSentError,
    Outcome,
    Pace,
    Result,
    Target,
)
from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links import Verdict
from custom_components.instagen.links.dts.frame import Frame
from custom_components.instagen.links.dts.session import DtsSession
from custom_components.instagen.links.dts.stream import DtsStream
from custom_components.instagen.plant.evidence import Evidence
from simulator import Simulator, serve
from tests.links.dts.stick import (
    INVERTER,
    QUICK,
    SERIAL,
    good_stick,
    serve as serve_fake,
)

from .desk import (
    HANG_UP,
    LEAVE,
    SILENCE,
    Act,
    Desk,
    desk_of,
    failed,
    running,
    succeeded,
)

HASTE = Pace(first=0.01, growth=1, longest=0.01)

NUMBERS = {
    Command.RESTART_DTU: 4096,
    Command.RESTORE_DTU_DEFAULTS: 4097,
    Command.STOP_DTU_COMMAND: 4098,
    Command.INVERTER_ON: 8193,
    Command.INVERTER_OFF: 8194,
    Command.RESTART_INVERTER: 8195,
    Command.RESTORE_INVERTER_DEFAULTS: 8196,
    Command.CLEAR_INVERTER_HISTORY: 8198,
    Command.UPLOAD_DATA_NOW: 8199,
    Command.FIND_DEVICE: 8200,
}
"""From the facts by hand: the table must not confirm itself."""

TO_INVERTERS = [key for key, row in COMMANDS.items() if row.target is Target.INVERTERS]


def hasty(desk: Desk, *, step: float = 0) -> Maintenance:
    """Return maintenance whose clock goes on by ``step`` with each look at it."""
    ticks = count(0, step)
    return Maintenance(
        desk.session(), pace=HASTE, clock=lambda: next(ticks) if step else 0
    )


@pytest.fixture
async def desk(socket_enabled: None) -> AsyncGenerator[Desk]:
    """Serve a stick with one inverter, whose commands are done at once."""
    async with desk_of() as desk:
        desk.states = [succeeded(INVERTER, SERIAL)]
        yield desk


def test_the_numbers_of_the_facts() -> None:
    assert {key: row.action for key, row in COMMANDS.items()} == NUMBERS
    assert set(COMMANDS) == set(Command)


def test_nothing_is_offered_that_needs_consent() -> None:
    assert all(row.offered and not row.needs_opt_in for row in COMMANDS.values())


# ---- the good end ----


@pytest.fixture
async def sim(socket_enabled: None) -> AsyncGenerator[Simulator]:
    """Serve a plant whose day passes in a hurry."""
    async with serve(modbus=None, dts=0, speed=60) as sim:
        yield sim


@pytest.fixture
async def simulated(sim: Simulator) -> AsyncGenerator[Maintenance]:
    """Return maintenance of the simulated plant."""
    stream = DtsStream(
        lambda: asyncio.open_connection("127.0.0.1", sim.dts_port), timing=QUICK
    )
    yield Maintenance(DtsSession(stream), pace=HASTE)
    await stream.close()


@pytest.mark.parametrize("command", Command)
async def test_a_simulated_stick_carries_it_out(
    simulated: Maintenance, sim: Simulator, command: Command
) -> None:
    heard: list[int] = []
    result = await simulated.run(command, progress=heard.append)
    assert result == Result(outcome=Outcome.DONE)
    assert heard == sorted(heard)
    if COMMANDS[command].ending is not Ending.ACCEPTED:
        assert len(heard) > 1
        assert heard[-1] == 100
    assert not simulated.running


async def test_what_it_does_to_the_plant(
    simulated: Maintenance, sim: Simulator
) -> None:
    await simulated.run(Command.INVERTER_OFF)
    assert not sim.plant.running
    await simulated.run(Command.INVERTER_ON)
    assert sim.plant.running
    await simulated.run(Command.RESTART_DTU)
    assert sim.stick.restarts == 1
    assert not sim.stick.away


@pytest.mark.parametrize("command", Command)
async def test_what_is_sent(desk: Desk, command: Command) -> None:
    desk.reply = {"error": 1}
    await hasty(desk).run(command)
    (request,) = desk.taken
    assert request.action == NUMBERS[command]
    named = INVERTER if command in TO_INVERTERS else SERIAL
    assert list(request.serials) == [named]
    assert request.transaction > 0
    assert not request.data


async def test_each_command_has_a_number_of_its_own(desk: Desk) -> None:
    maintenance = hasty(desk)
    for _ in range(3):
        await maintenance.run(Command.FIND_DEVICE)
    assert len({request.transaction for request in desk.taken}) == 3


async def test_every_inverter_has_to_do_it(socket_enabled: None) -> None:
    async with desk_of(inverters=2) as desk:
        both = (INVERTER, INVERTER + 1)
        desk.states = [
            running(30, *both),
            succeeded(INVERTER),
            {
                "succeeded": [INVERTER],
                "progress": [pb.CommandProgress(serial=INVERTER + 1, percent=60)],
            },
            succeeded(*both),
        ]
        heard: list[int] = []
        result = await hasty(desk).run(Command.INVERTER_OFF, progress=heard.append)
        assert result.outcome is Outcome.DONE
        assert list(desk.taken[0].serials) == [*both]
        assert (heard, desk.looks) == ([30, 60, 100], 4)


async def test_progress_alone_ends_it(desk: Desk) -> None:
    desk.states = [running(-5), running(250)]
    heard: list[int] = []
    result = await hasty(desk).run(Command.FIND_DEVICE, progress=heard.append)
    assert result.outcome is Outcome.DONE
    assert heard == [0, 100, 100]


# ---- the other ends ----


@pytest.mark.parametrize("command", Command)
async def test_a_refusal_keeps_its_code(desk: Desk, command: Command) -> None:
    desk.reply = {"error": 4711}
    result = await hasty(desk).run(command)
    assert result == Result(outcome=Outcome.REFUSED, code=4711)
    assert (desk.sent, desk.looks) == (1, 0)


@pytest.mark.parametrize("codes", [(), (-12,), (1 << 40, 3)])
async def test_a_failure_keeps_its_code(desk: Desk, codes: tuple[int, ...]) -> None:
    desk.states = [running(40), failed(*codes)]
    result = await hasty(desk).run(Command.RESTART_INVERTER)
    code = codes[0] if codes else None
    assert result == Result(outcome=Outcome.FAILED, code=code)
    assert desk.sent == 1


@pytest.mark.parametrize("command", Command)
async def test_silence_on_command_and_state(desk: Desk, command: Command) -> None:
    desk.reply, desk.states = SILENCE, [SILENCE]
    result = await hasty(desk).run(command)
    assert result.outcome is Outcome.NOT_SUPPORTED
    assert desk.sent == 1


async def test_silence_of_everything_proves_nothing(desk: Desk) -> None:
    desk.reply, desk.states = SILENCE, [SILENCE]

    def falls_silent(frame: Frame) -> bytes | None:
        return None if desk.sent else desk.twist(frame)

    desk.stick.twist = falls_silent
    result = await hasty(desk, step=40).run(Command.FIND_DEVICE)
    assert result.outcome is Outcome.UNCONFIRMED
    assert desk.sent == 1


async def test_silence_about_the_state_of_what_was_accepted(desk: Desk) -> None:
    desk.states = [SILENCE]
    result = await hasty(desk, step=40).run(Command.FIND_DEVICE)
    assert result.outcome is Outcome.UNCONFIRMED
    assert desk.sent == 1


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"transaction": 5, "succeeded": [INVERTER]},
        {"action": 8193, "succeeded": [INVERTER]},
        {"serial": 77, "succeeded": [INVERTER]},
    ],
)
async def test_the_state_of_another_command_is_no_state(desk: Desk, state) -> None:
    desk.states = [state]
    result = await hasty(desk, step=40).run(Command.FIND_DEVICE)
    assert result.outcome is Outcome.UNCONFIRMED
    assert desk.sent == 1


# ---- a lost answer ----


@pytest.mark.parametrize("command", TO_INVERTERS)
@pytest.mark.parametrize("reply", [SILENCE, HANG_UP, {"transaction": 5}])
async def test_a_lost_answer_is_made_up_for_by_the_state(
    desk: Desk, command: Command, reply
) -> None:
    desk.reply, desk.states = reply, [running(50), succeeded()]
    result = await hasty(desk).run(command)
    assert result.outcome is Outcome.DONE
    assert desk.sent == 1


@pytest.mark.parametrize("command", Command)
async def test_a_command_that_got_lost_is_not_sent_again(
    desk: Desk, command: Command
) -> None:
    desk.reply, desk.states = HANG_UP, [{}]
    result = await hasty(desk, step=40).run(command)
    assert result.outcome is Outcome.UNCONFIRMED
    assert desk.sent == 1


async def test_a_connection_lost_in_the_middle(desk: Desk) -> None:
    desk.states = [running(10), HANG_UP, HANG_UP, running(60), succeeded()]
    heard: list[int] = []
    result = await hasty(desk).run(Command.RESTART_INVERTER, progress=heard.append)
    assert result.outcome is Outcome.DONE
    assert heard == [10, 60, 100]
    assert desk.sent == 1


# ---- a stick that goes away ----


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (Command.RESTART_DTU, running(50, SERIAL)),
        (Command.RESTART_DTU, succeeded(SERIAL)),
        (Command.RESTORE_DTU_DEFAULTS, running(50, SERIAL)),
    ],
)
async def test_a_stick_goes_and_comes_back(
    socket_enabled: None, command: Command, state: Act
) -> None:
    stick = good_stick()
    desk = Desk(stick, states=[state, HANG_UP])
    stick.twist = desk.twist
    async with serve_fake(stick):
        task = asyncio.create_task(hasty(desk).run(command))
        await desk.until(lambda: desk.looks > 1)
    await asyncio.sleep(0.1)
    assert task.done() == (command is Command.RESTORE_DTU_DEFAULTS)
    async with serve_fake(stick):
        assert (await task).outcome is Outcome.DONE
        await desk.close()
    assert desk.sent == 1


async def test_a_stick_that_does_not_come_back(socket_enabled: None) -> None:
    stick = good_stick()
    desk = Desk(stick, states=[HANG_UP])
    stick.twist = desk.twist
    async with serve_fake(stick):
        task = asyncio.create_task(hasty(desk, step=20).run(Command.RESTART_DTU))
        await desk.until(lambda: desk.looks)
    assert (await task).outcome is Outcome.UNCONFIRMED
    await desk.close()
    assert desk.sent == 1


async def test_a_restart_between_two_looks(desk: Desk) -> None:
    desk.reply, desk.states = LEAVE, [{}]
    result = await hasty(desk).run(Command.RESTART_DTU)
    assert result.outcome is Outcome.DONE


async def test_a_restart_during_a_look(desk: Desk) -> None:
    desk.states = [HANG_UP, {}]
    result = await hasty(desk, step=40).run(Command.RESTART_DTU)
    assert result.outcome is Outcome.DONE
    assert (desk.sent, desk.looks) == (1, 1)


async def test_a_restart_that_forgets(desk: Desk) -> None:
    desk.states = [running(50, SERIAL), {}]
    result = await hasty(desk).run(Command.RESTART_DTU)
    assert result.outcome is Outcome.DONE


async def test_a_restart_that_nobody_saw(desk: Desk) -> None:
    """The stick's own word counts when it was never away while we looked."""
    desk.states = [succeeded(SERIAL)]
    result = await hasty(desk, step=40).run(Command.RESTART_DTU)
    assert result.outcome is Outcome.DONE
    desk.states = [{}]
    result = await hasty(desk, step=40).run(Command.RESTART_DTU)
    assert result.outcome is Outcome.UNCONFIRMED


# ---- what is not sent ----


async def test_nobody_there(desk: Desk) -> None:
    desk.stick.port = 1
    with pytest.raises(NotSentError) as err:
        await hasty(desk).run(Command.FIND_DEVICE)
    assert err.value.verdict is Verdict.PORT_CLOSED
    assert desk.sent == 0


async def test_another_stick_is_left_alone(desk: Desk) -> None:
    session = desk.session()
    session.serial = SERIAL + 1
    with pytest.raises(NotSentError):
        await Maintenance(session, pace=HASTE).run(Command.INVERTER_OFF)
    assert desk.sent == 0


async def test_no_inverter_is_no_target(socket_enabled: None) -> None:
    async with desk_of(inverters=0) as desk:
        with pytest.raises(NotSentError) as err:
            await hasty(desk).run(Command.INVERTER_OFF)
        assert err.value.verdict is Verdict.NOT_INSTAGEN
        assert desk.sent == 0


@pytest.mark.parametrize("grade", [Evidence.INFERRED, Evidence.UNKNOWN])
async def test_consent(
    desk: Desk, grade: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = replace(COMMANDS[Command.FIND_DEVICE], evidence=grade)
    monkeypatch.setattr(module, "COMMANDS", {Command.FIND_DEVICE: row})
    assert row.offered == (grade is Evidence.INFERRED)
    with pytest.raises(NeedsOptInError):
        await hasty(desk).run(Command.FIND_DEVICE)
    assert desk.sent == 0
    result = await hasty(desk).run(Command.FIND_DEVICE, allow_unproven=True)
    assert result.outcome is Outcome.DONE


# ---- one at a time ----


async def test_one_at_a_time(desk: Desk) -> None:
    desk.states = [running(50)]
    maintenance = hasty(desk)
    first = asyncio.create_task(maintenance.run(Command.FIND_DEVICE))
    await desk.until(lambda: desk.looks)
    assert maintenance.running == {Command.FIND_DEVICE}
    for command in set(Command) - {Command.STOP_DTU_COMMAND}:
        with pytest.raises(BusyError):
            await maintenance.run(command)
    desk.states = [succeeded()]
    assert (await first).outcome is Outcome.DONE
    assert desk.sent == 1
    assert (await maintenance.run(Command.FIND_DEVICE)).outcome is Outcome.DONE


async def test_a_stop_overtakes(desk: Desk) -> None:
    desk.states = [running(50)]
    maintenance = hasty(desk)
    first = asyncio.create_task(maintenance.run(Command.RESTART_INVERTER))
    await desk.until(lambda: desk.looks)
    stop = await maintenance.run(Command.STOP_DTU_COMMAND)
    assert stop.outcome is Outcome.DONE
    desk.states = [failed()]
    assert (await first).outcome is Outcome.STOPPED


async def test_a_refused_stop_stops_nothing(desk: Desk) -> None:
    desk.states = [running(50)]
    maintenance = hasty(desk)
    first = asyncio.create_task(maintenance.run(Command.RESTART_INVERTER))
    await desk.until(lambda: desk.looks)
    desk.reply = {"error": 3}
    await maintenance.run(Command.STOP_DTU_COMMAND)
    desk.states = [failed(9)]
    assert await first == Result(outcome=Outcome.FAILED, code=9)


async def test_the_end_of_everything(desk: Desk) -> None:
    desk.states = [running(50)]
    maintenance = Maintenance(desk.session(), pace=Pace(first=600), clock=lambda: 0)
    first = asyncio.create_task(maintenance.run(Command.RESTART_INVERTER))
    await desk.until(lambda: desk.sent)
    maintenance.close()
    async with asyncio.timeout(2):
        assert (await first).outcome is Outcome.UNCONFIRMED
    assert not maintenance.running
