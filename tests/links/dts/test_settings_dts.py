"""Changes over the stick's own protocol: the real road, a stick, a socket between."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from time import monotonic
from typing import Any, Final

from google.protobuf.message import Message
import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts import DtsLink
from custom_components.instagen.links.dts.frame import Command, Frame, FrameReader
from custom_components.instagen.links.dts.schedules import (
    periods_text,
    tariff_text,
)
from custom_components.instagen.links.dts.session import DtsSession
from custom_components.instagen.links.dts.settings import DtsSettings
from custom_components.instagen.links.dts.stream import DtsStream, Timing
from custom_components.instagen.links.dts.user_settings import UserSettings
from custom_components.instagen.links.settings import SettingsError, Trouble
from custom_components.instagen.plant.evidence import Evidence
from custom_components.instagen.plant.settings import (
    BATTERY_MODE,
    PARAMETERS,
    SETTINGS,
    Block,
    Range,
    SettingValue,
    SettingValues,
    keys_of,
)
from custom_components.instagen.plant.states import BatteryMode
from simulator import Simulator, serve

from ...conftest import NOON
from ..recorder import Recorder, record
from .stick import INVERTER, QUICK, SERIAL, FakeStick, answer_to

TIMING: Final = replace(QUICK, answer=2, connect=2, idle=60)
HASTY: Final = replace(TIMING, answer=0.15)
"""For silence that is meant."""

DEVICE_DELAY: Final = 20
"""Seconds until a device obeys a mode that was written."""

WEEK: Final = pb.TariffWeek(
    weekdays=31,
    peak_time=0x10001300,
    peak_in=38,
    peak_out=15,
    valley_time=0x001E041E,
    valley_in=9,
    valley_out=15,
    partial_in=25,
    partial_out=15,
)
DATES: Final = [
    pb.TariffDates(
        dates=0x01011F0C,
        week_1=WEEK,
        week_2=pb.TariffWeek(weekdays=96, valley_time=0x001E041E, valley_in=9),
    )
]
TARIFF: Final = tariff_text(DATES)
TARIFF_BYTES: Final = pb.WorkingMode(dates=DATES).SerializeToString().hex()
PERIODS: Final = periods_text(
    [
        pb.TimeOfUse(
            charge_time=0x03000500,
            charge_power=100,
            discharge_time=0x05000300,
            discharge_power=100,
            lowest_soc=10,
            highest_soc=90,
        )
    ]
)

ORDERS: Final[Mapping[BatteryMode, tuple[SettingValues, str]]] = {
    BatteryMode.SELF_CONSUMPTION: ({"self_consumption_reserve_soc": 20}, "20012814"),
    BatteryMode.ECONOMICAL: (
        {"economical_reserve_soc": 35, "tariff": TARIFF},
        f"20022823{TARIFF_BYTES}",
    ),
    BatteryMode.FULL_BACKUP: ({"full_backup_reserve_soc": 75}, "2003284b"),
    BatteryMode.OFF_GRID: ({"off_grid_reserve_soc": 15}, "2004280f"),
    BatteryMode.FORCE_CHARGE: (
        {"force_charge_target_soc": 90, "force_charge_power": 50.0},
        "2005285a30f403",
    ),
    BatteryMode.FORCE_DISCHARGE: (
        {"force_discharge_target_soc": 25, "force_discharge_power": 40.0},
        "20062819309003",
    ),
    BatteryMode.PEAK_SHAVING: (
        {
            "peak_shaving_reserve_soc": 35,
            "peak_shaving_soc": 70,
            "peak_shaving_power": 11_000,
        },
        "20072823484650f855",
    ),
    BatteryMode.TIME_OF_USE: (
        {"time_of_use_reserve_soc": 10, "time_of_use_periods": PERIODS},
        "2008280a5a1208808a8018106418808680282064280a305a",
    ),
}
"""What each mode is written with, and the payload after times and serials. Those of 1, 5,
7 and 8 are what a public client sends (facts/public-clients.md)."""

FORCE: Final[SettingValues] = {
    "battery_mode": "force_charge",
    "self_consumption_reserve_soc": 20,
    **ORDERS[BatteryMode.FORCE_CHARGE][0],
}


@asynccontextmanager
async def link_to(
    port: int, clock: Callable[[], float] = monotonic, timing: Timing = TIMING
) -> AsyncGenerator[DtsLink]:
    """Talk to a stick that has been asked who it is."""
    link = DtsLink(
        lambda: asyncio.open_connection("127.0.0.1", port), timing=timing, clock=clock
    )
    await link.identify(patient=True)
    try:
        yield link
    finally:
        await link.close()


@pytest.fixture
async def plant(socket_enabled: None) -> AsyncGenerator[Simulator]:
    """Serve a plant whose stick tells its mode."""
    async with serve("mode_read", start=NOON, modbus=None, dts=0) as sim:
        yield sim


@pytest.fixture
async def wire(plant: Simulator) -> AsyncGenerator[Recorder]:
    """Keep what goes to the stick."""
    async with record(plant.dts_port) as recorder:
        yield recorder


@pytest.fixture
def timing() -> Timing:
    """Return how long the road waits; a test that wants silence sets another."""
    return TIMING


@pytest.fixture
async def road(wire: Recorder, timing: Timing) -> AsyncGenerator[DtsSettings]:
    """Return the road to the plant."""
    async with link_to(wire.port, timing=timing) as link:
        yield link.settings


def written(wire: Recorder) -> list[Frame]:
    """Return the writes of a mode that went out."""
    reader = FrameReader()
    reader.feed(b"".join(wire.sent))
    frames = iter(reader.take, None)
    return [one for one in frames if one.command == Command.WRITE_WORKING_MODE]


async def trouble(task: Any) -> SettingsError:
    """Return how something failed."""
    with pytest.raises(SettingsError) as caught:
        await task
    return caught.value


# ---- it works ----


@pytest.mark.parametrize("mode", ORDERS)
async def test_every_mode_is_written_read_back_and_obeyed(
    road: DtsSettings, plant: Simulator, wire: Recorder, mode: BatteryMode
):
    parameters, rest = ORDERS[mode]
    wanted: SettingValues = {BATTERY_MODE: mode.value, **parameters}
    await road.write(Block.MODE, {**wanted, "full_backup_reserve_soc": 75})
    (frame,) = written(wire)
    assert (frame.serial, frame.target) == (plant.stick.serial, 1)
    message = pb.WorkingMode.FromString(frame.payload)
    assert message.transaction == message.time > 1_700_000_000
    assert not message.relays
    head = pb.WorkingMode(
        time=message.time, transaction=message.transaction, serials=[INVERTER]
    )
    assert frame.payload.hex() == head.SerializeToString().hex() + rest
    assert await road.read(Block.MODE) == wanted
    await plant.advance(DEVICE_DELAY)
    assert plant.plant.acting.battery_mode is mode


async def test_all_inverters_are_told_with_one_message(socket_enabled: None):
    async with (
        serve("big", start=NOON, modbus=None, dts=0) as sim,
        record(sim.dts_port) as wire,
        link_to(wire.port) as link,
    ):
        serials = tuple(one.serial for one in sim.stick.inverters)
        assert link.inverter_serials == serials
        assert len(serials) == 2
        await link.settings.write(Block.MODE, FORCE)
        (frame,) = written(wire)
        assert tuple(pb.WorkingMode.FromString(frame.payload).serials) == serials
        assert sim.plant.settings.battery_mode is BatteryMode.FORCE_CHARGE


async def test_nothing_that_is_zero_is_left_out(road: DtsSettings, wire: Recorder):
    """What a message leaves out falls back to a default."""
    nothing: SettingValues = {
        "battery_mode": "force_discharge",
        "force_discharge_target_soc": 0,
        "force_discharge_power": 0.0,
    }
    await road.write(Block.MODE, nothing)
    (frame,) = written(wire)
    assert frame.payload.endswith(bytes.fromhex("2006 2800 3000"))
    assert await road.read(Block.MODE) == nothing


async def test_proof_and_ranges_are_told(road: DtsSettings):
    assert set(road.capabilities) == keys_of(Block.MODE)
    assert {one.evidence for one in road.capabilities.values()} == {Evidence.DOCUMENTED}
    assert road.capabilities["force_charge_power"].range == Range(0, 100, 0.1)
    assert road.capabilities["full_backup_reserve_soc"].range == Range(60, 100)
    assert road.capabilities["tariff"].range is None
    assert set(road.modes) == set(BatteryMode) - {BatteryMode.AI}


# ---- it is not sent ----


@pytest.mark.parametrize(
    ("mode", "key"), [(mode, key) for mode, keys in PARAMETERS.items() for key in keys]
)
async def test_a_mode_without_what_it_acts_by_is_not_sent(
    road: DtsSettings, wire: Recorder, mode: BatteryMode, key: str
):
    sent = len(wire.sent)
    values = {k: v for k, v in ORDERS[mode][0].items() if k != key}
    with pytest.raises(ValueError, match=key):
        await road.write(Block.MODE, {BATTERY_MODE: mode, **values})
    assert len(wire.sent) == sent


@pytest.mark.parametrize(
    ("mode", "key", "value"),
    [
        (BatteryMode.SELF_CONSUMPTION, "self_consumption_reserve_soc", -1),
        (BatteryMode.FULL_BACKUP, "full_backup_reserve_soc", 101),
        (BatteryMode.FORCE_CHARGE, "force_charge_target_soc", 101),
        (BatteryMode.FORCE_CHARGE, "force_charge_power", 100.1),
        (BatteryMode.FORCE_CHARGE, "force_charge_power", 50.05),
        (BatteryMode.FORCE_CHARGE, "force_charge_power", "50"),
        (BatteryMode.FORCE_DISCHARGE, "force_discharge_target_soc", -1),
        (BatteryMode.FORCE_DISCHARGE, "force_discharge_target_soc", True),
        (BatteryMode.PEAK_SHAVING, "peak_shaving_power", -1),
        (BatteryMode.ECONOMICAL, "tariff", ""),
        (BatteryMode.ECONOMICAL, "tariff", "octopus"),
        (BatteryMode.ECONOMICAL, "tariff", PERIODS),
        (BatteryMode.ECONOMICAL, "tariff", f"{TARIFF} "),
        (BatteryMode.ECONOMICAL, "tariff", TARIFF.replace("0.38", "0.3852")),
        (BatteryMode.ECONOMICAL, "tariff", f"dts:{TARIFF_BYTES}"),
        (BatteryMode.ECONOMICAL, "tariff", f"dts:{TARIFF_BYTES}4200"),
        (BatteryMode.TIME_OF_USE, "time_of_use_periods", TARIFF),
        (BatteryMode.TIME_OF_USE, "time_of_use_periods", "ff"),
    ],
)
async def test_what_the_device_does_not_take_is_not_sent(
    road: DtsSettings, wire: Recorder, mode: BatteryMode, key: str, value: Any
):
    """A text with a dry contact in it (field 8) is no tariff."""
    sent = len(wire.sent)
    values = {BATTERY_MODE: mode, **ORDERS[mode][0], key: value}
    with pytest.raises(ValueError, match=r"range|tariff|periods|message|hexadecimal"):
        await road.write(Block.MODE, values)
    assert len(wire.sent) == sent


@pytest.mark.parametrize("mode", [None, "ai", "party"])
async def test_a_mode_that_is_none_is_not_sent(
    road: DtsSettings, wire: Recorder, mode: str | None
):
    sent = len(wire.sent)
    values = {"self_consumption_reserve_soc": 20}
    with pytest.raises(ValueError, match=r"mode|Mode"):
        await road.write(Block.MODE, values | ({BATTERY_MODE: mode} if mode else {}))
    assert len(wire.sent) == sent


@pytest.mark.parametrize("block", [one for one in Block if one is not Block.MODE])
async def test_other_blocks_have_no_message(
    road: DtsSettings, wire: Recorder, block: Block
):
    sent = len(wire.sent)
    assert (await trouble(road.read(block))).trouble is Trouble.NOT_READABLE
    values = {key: 50 for key, row in SETTINGS.items() if row.block is block}
    with pytest.raises(ValueError, match=block):
        await road.write(block, values)
    assert len(wire.sent) == sent


async def test_what_an_app_set_below_the_map_is_put_back(
    road: DtsSettings, plant: Simulator, wire: Recorder
):
    """It is not offered, but what stood before a lease must come back as it was."""
    sent = len(wire.sent)
    values: dict[str, SettingValue] = {
        BATTERY_MODE: "full_backup",
        "full_backup_reserve_soc": 59,
    }
    with suppress(SettingsError):  # the simulated device itself takes 60 and more
        await road.write(Block.MODE, values)
    assert len(wire.sent) > sent


# ---- the stick says no, or nothing ----


@pytest.mark.parametrize("code", [1, 7])
async def test_a_refusal_has_the_number_of_the_device(
    road: DtsSettings, plant: Simulator, code: int
):
    await plant.fault("writes", kind="refused", code=code)
    error = await trouble(road.write(Block.MODE, FORCE))
    assert (error.trouble, error.code) == (Trouble.REFUSED, code)
    assert plant.plant.settings.battery_mode is BatteryMode.SELF_CONSUMPTION


@pytest.mark.parametrize("timing", [HASTY], ids=["hasty"])
@pytest.mark.parametrize(("kind", "taken"), [("unheard", False), ("unanswered", True)])
async def test_a_write_without_an_answer_is_not_repeated(
    road: DtsSettings, plant: Simulator, wire: Recorder, kind: str, taken: bool
):
    await plant.fault("writes", kind=kind)
    assert (await trouble(road.write(Block.MODE, FORCE))).trouble is Trouble.SILENT
    assert len(written(wire)) == 1
    told = await road.read(Block.MODE)
    assert (told[BATTERY_MODE] == "force_charge") is taken


async def test_a_yes_proves_nothing_before_it_is_read_back(
    road: DtsSettings, plant: Simulator
):
    await plant.fault("writes", kind="ignored")
    await road.write(Block.MODE, FORCE)
    assert (await road.read(Block.MODE))[BATTERY_MODE] == "self_consumption"


async def test_a_device_may_show_a_mode_and_not_obey(
    road: DtsSettings, plant: Simulator
):
    await plant.fault("writes", kind="inert")
    tariff = {BATTERY_MODE: "economical", **ORDERS[BatteryMode.ECONOMICAL][0]}
    await road.write(Block.MODE, tariff)
    assert await road.read(Block.MODE) == tariff
    before = plant.plant.acting_programs
    await plant.advance(DEVICE_DELAY)
    assert plant.plant.acting.battery_mode is BatteryMode.SELF_CONSUMPTION
    assert plant.plant.acting_programs == before


# ---- the link ----


@pytest.mark.parametrize("timing", [HASTY], ids=["hasty"])
@pytest.mark.parametrize("fault", ["drop", "stall", "reset"])
async def test_nothing_goes_out_while_nobody_answers(
    road: DtsSettings, plant: Simulator, wire: Recorder, fault: str
):
    """The stick is asked who it is first, so "lost" means that nothing went out."""
    await plant.fault(fault)
    assert (await trouble(road.write(Block.MODE, FORCE))).trouble is Trouble.LOST
    assert written(wire) == []
    failed = (await trouble(road.read(Block.MODE))).trouble
    assert failed in {Trouble.LOST, Trouble.SILENT}
    await plant.fault(fault, on=False)
    await asyncio.sleep(QUICK.longest_backoff)
    await road.write(Block.MODE, FORCE)
    assert plant.plant.settings.battery_mode is BatteryMode.FORCE_CHARGE


@pytest.mark.parametrize("taken", [True, False])
async def test_a_link_that_falls_in_the_middle_leaves_doubt(
    road: DtsSettings, wire: Recorder, taken: bool
):
    wire.cut_at, wire.cut_after = b"HM\xc3\x08", taken
    assert (await trouble(road.write(Block.MODE, FORCE))).trouble is Trouble.SILENT
    assert len(written(wire)) == 1
    told = await road.read(Block.MODE)
    assert (told[BATTERY_MODE] == "force_charge") is taken


async def test_a_stick_that_left_before_the_message_got_nothing(stick: FakeStick):
    """It answers who it is, hangs up, and takes no new connection."""
    gone = False

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if gone:
            raise ConnectionRefusedError
        return await stick.connect()

    def leave(frame: Frame) -> bytes | None:
        nonlocal gone
        gone = True
        for writer in stick.open:
            asyncio.get_running_loop().call_soon(writer.close)
        return stick.answer(frame)

    timing = replace(TIMING, spacing=0.05)
    stream = DtsStream(connect, timing=timing)
    road = DtsSettings(UserSettings(DtsSession(stream), lambda: (INVERTER,)))
    stick.twist = leave
    assert (await trouble(road.write(Block.MODE, FORCE))).trouble is Trouble.LOST
    assert stick.commands() == [Command.GATEWAY_INFORMATION]
    await stream.close()


@pytest.mark.parametrize("kind", ["crc", "serial"])
async def test_a_garbled_answer_to_a_write_proves_nothing(stick: FakeStick, kind: str):
    def twist(frame: Frame) -> bytes | None:
        if frame.command != Command.WRITE_WORKING_MODE:
            return stick.answer(frame)
        raw = bytearray(answer_to(frame, pb.WorkingModeAnswer(serial=INVERTER)))
        if kind == "crc":
            raw[6] ^= 1
            return bytes(raw)
        return answer_to(frame, pb.WorkingModeAnswer(serial=0x123456))

    stick.twist = twist
    async with link_to(stick.port) as link:
        error = await trouble(link.settings.write(Block.MODE, FORCE))
    assert error.trouble is Trouble.SILENT
    assert stick.commands().count(Command.WRITE_WORKING_MODE) == 1


async def test_a_stick_that_nobody_was_asked_about_is_not_written_to(
    stick: FakeStick,
):
    """Without the registry nobody knows whom to name."""
    stream = DtsStream(stick.connect, timing=TIMING)
    road = DtsSettings(UserSettings(DtsSession(stream), lambda: ()))
    assert (await trouble(road.write(Block.MODE, FORCE))).trouble is Trouble.LOST
    assert (await trouble(road.read(Block.MODE))).trouble is Trouble.LOST
    assert stick.asked == []
    await stream.close()


async def test_another_stick_behind_the_address_is_not_written_to(stick: FakeStick):
    async with link_to(stick.port) as link:
        stick.answers[Command.GATEWAY_INFORMATION] = pb.GatewayInformationAnswer(
            serial=SERIAL + 1
        )
        error = await trouble(link.settings.write(Block.MODE, FORCE))
    assert error.trouble is Trouble.LOST
    assert Command.WRITE_WORKING_MODE not in stick.commands()


# ---- sticks that cannot tell their mode ----


async def test_a_stick_that_cannot_tell_is_asked_again_when_it_came_back(
    plant: Simulator, wire: Recorder
):
    """Once an hour at most, and only on a new connection."""
    plant.stick.config = replace(plant.stick.config, answers_mode_read=False)
    now = 0.0
    async with link_to(wire.port, clock=lambda: now, timing=HASTY) as link:
        road = link.settings

        async def asked() -> int:
            assert (await trouble(road.read(Block.MODE))).trouble is (
                Trouble.NOT_READABLE
            )
            return len(wire.holding(b"HM\xc3\x07"))

        async def reconnect() -> None:
            await plant.fault("drop")
            await plant.fault("drop", on=False)
            await asyncio.sleep(QUICK.longest_backoff)
            await link.session.gateway_information()

        assert await asked() == 1
        now += 3601
        assert await asked() == 1  # the same connection
        await reconnect()
        assert await asked() == 2
        await reconnect()
        assert await asked() == 2  # too soon
        now += 3601
        plant.stick.config = replace(plant.stick.config, answers_mode_read=True)
        assert (await road.read(Block.MODE))[BATTERY_MODE] == "self_consumption"
        assert (await road.read(Block.MODE))[BATTERY_MODE] == "self_consumption"


async def test_a_stick_that_cannot_tell_can_still_be_told(socket_enabled: None):
    async with (
        serve("hybrid", start=NOON, modbus=None, dts=0) as sim,
        link_to(sim.dts_port, timing=HASTY) as link,
    ):
        await link.settings.write(Block.MODE, FORCE)
        error = await trouble(link.settings.read(Block.MODE))
        assert error.trouble is Trouble.NOT_READABLE
        assert sim.plant.settings.battery_mode is BatteryMode.FORCE_CHARGE


# ---- answers that cannot be ----


def told(**fields: Any) -> pb.WorkingMode:
    return pb.WorkingMode(serials=fields.pop("serials", [INVERTER]), **fields)


@pytest.mark.parametrize(
    "answer",
    [
        told(),
        told(mode=10, reserve_soc=20),
        told(mode=1, reserve_soc=20, serials=[INVERTER + 1]),
        told(mode=1, reserve_soc=101),
        told(mode=5, reserve_soc=90, max_power=1001),
    ],
)
async def test_an_absurd_answer_is_not_believed(stick: FakeStick, answer: Message):
    stick.answers[Command.READ_WORKING_MODE] = answer
    async with link_to(stick.port) as link:
        error = await trouble(link.settings.read(Block.MODE))
    assert error.trouble is Trouble.GARBLED


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        (
            told(mode=1),
            {"battery_mode": "self_consumption", "self_consumption_reserve_soc": 0},
        ),
        (told(mode=9, reserve_soc=5), {"battery_mode": "ai"}),
        (
            told(mode=6, serials=[]),
            {
                "battery_mode": "force_discharge",
                "force_discharge_target_soc": 0,
                "force_discharge_power": 0,
            },
        ),
        (
            told(mode=2, reserve_soc=20),
            {"battery_mode": "economical", "economical_reserve_soc": 20},
        ),
    ],
)
async def test_what_is_left_out_is_zero(
    stick: FakeStick, answer: Message, values: SettingValues
):
    stick.answers[Command.READ_WORKING_MODE] = answer
    async with link_to(stick.port) as link:
        assert await link.settings.read(Block.MODE) == values
