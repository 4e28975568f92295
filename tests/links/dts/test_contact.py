"""Changes of the dry contact: the real road, a stick, a socket between."""

from collections.abc import AsyncGenerator
from typing import Any, Final

from google.protobuf.message import Message
import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts.contact import DtsContact
from custom_components.instagen.links.dts.frame import Command
from custom_components.instagen.links.settings import SettingsError, Trouble
from custom_components.instagen.plant.dry_contact import ContactFunction
from custom_components.instagen.plant.evidence import Evidence
from custom_components.instagen.plant.settings import Block, SettingValues, keys_of
from custom_components.instagen.simulated.relay import WeekGroup
from custom_components.instagen.simulated.tariff import Window
from simulator import Simulator, serve

from ...conftest import NOON
from ..recorder import Recorder, record
from .stick import INVERTER, FakeStick, good_stick, serve as serve_stick
from .test_settings_dts import HASTY, PERIODS, TARIFF, link_to, trouble, written

LOAD: Final[SettingValues] = {
    "dry_contact_function": "load_control",
    "load_mode": "time",
    "load_weekdays_1": "mon,tue,wed,thu,fri",
    "load_window_1": "22:00-06:00",
    "load_window_2": "12:00-13:00",
    "load_weekdays_2": "sat,sun",
    "load_window_3": "08:00-09:00",
    "surplus_weekdays_1": "mon,tue,wed,thu,fri,sat,sun",
    "surplus_window_1": "09:00-17:00",
    "load_min_run_time": 20,
    "load_nominal_power": 1800,
    "load_protection_soc": 35,
    "entrance_breaker_size": 80,
    "ev_charger_size": 16,
    "generator_mode": "auto",
    "generator_start_soc": 25,
    "generator_stop_soc": 75,
    "generator_charge": "10:00-12:00",
    "generator_quiet_time": True,
    "generator_quiet_1": "22:00-07:00",
    "generator_quiet_2": "13:00-14:00",
}


@pytest.fixture
async def plant(socket_enabled: None) -> AsyncGenerator[Simulator]:
    async with serve("mode_read", start=NOON, modbus=None, dts=0) as sim:
        yield sim


@pytest.fixture
async def wire(plant: Simulator) -> AsyncGenerator[Recorder]:
    async with record(plant.dts_port) as recorder:
        yield recorder


@pytest.fixture
async def road(wire: Recorder) -> AsyncGenerator[DtsContact]:
    async with link_to(wire.port) as link:
        yield link.contact


@pytest.fixture
async def stick(socket_enabled: None) -> AsyncGenerator[FakeStick]:
    async with serve_stick(good_stick()) as served:
        yield served


# ---- it works ----


async def test_a_contact_is_written_read_back_and_kept_by_the_device(
    road: DtsContact, plant: Simulator, wire: Recorder
):
    stood = await road.read(Block.CONTACT)
    assert stood["dry_contact_function"] == "off"
    assert stood["load_window_1"] == "none"
    wanted = {**stood, **LOAD}
    await road.write(Block.CONTACT, wanted)
    assert len(written(wire)) == 1
    assert await road.read(Block.CONTACT) == wanted
    relay = plant.plant.programs.relay
    assert relay.function is ContactFunction.LOAD_CONTROL
    assert relay.times == (
        WeekGroup(
            weekdays=frozenset(range(5)), windows=(Window(1320, 360), Window(720, 780))
        ),
        WeekGroup(weekdays=frozenset({5, 6}), windows=(Window(480, 540),)),
    )
    assert relay.intelligent.rated_power == 1800
    assert relay.generator.quiet_windows == (Window(1320, 420), Window(780, 840))


@pytest.mark.parametrize(
    ("key", "function"),
    [("load_contact", "load_control"), ("generator", "generator_control")],
)
async def test_one_switch_belongs_to_the_use(
    road: DtsContact, plant: Simulator, key: str, function: str
):
    await road.write(Block.CONTACT, {"dry_contact_function": function})
    await road.write(Block.CONTACT, {key: True})
    told = await road.read(Block.CONTACT)
    assert told[key] is True
    assert plant.plant.programs.relay.switched_on
    (other,) = {"load_contact", "generator"} - {key}
    assert told[other] is False
    with pytest.raises(ValueError, match="not in use"):
        await road.write(Block.CONTACT, {other: True})
    # Another use never begins with the switch of the one before.
    await road.write(Block.CONTACT, {"dry_contact_function": "off"})
    assert not plant.plant.programs.relay.switched_on


@pytest.mark.parametrize(
    "settings",
    [
        {"battery_mode": "full_backup", "full_backup_reserve_soc": 75},
        {
            "battery_mode": "force_charge",
            "force_charge_target_soc": 90,
            "force_charge_power": 50.0,
        },
        {
            "battery_mode": "economical",
            "economical_reserve_soc": 35,
            "tariff": TARIFF,
        },
        {
            "battery_mode": "time_of_use",
            "time_of_use_reserve_soc": 10,
            "time_of_use_periods": PERIODS,
        },
    ],
)
async def test_the_battery_mode_goes_with_it_as_it_stands(
    plant: Simulator, settings: dict[str, Any]
):
    async with link_to(plant.dts_port) as link:
        await link.settings.write(Block.MODE, settings)
        stood, tariff = plant.plant.settings, plant.plant.programs.tariff
        await link.contact.write(Block.CONTACT, LOAD)
        assert plant.plant.settings == stood
        assert plant.plant.programs.tariff == tariff
        assert plant.plant.programs.relay.breaker_size == 80
        assert await link.settings.read(Block.MODE) == settings


async def test_what_nobody_knows_is_carried_through(stick: FakeStick):
    """A field that our messages do not have, and the generator's exercise."""
    exercise = pb.GeneratorExercise(
        mode=1, frequency=9, weekday=77, start=3, duration=4
    )
    told = pb.WorkingMode(
        mode=1,
        reserve_soc=20,
        relays=[
            pb.DryContact(
                mode=2,
                load_mode=6,
                generator=pb.GeneratorControl(exercise=exercise),
            )
        ],
    )
    strange = bytes.fromhex("62020801 6a020802")  # mid and hp
    stick.answers[Command.READ_WORKING_MODE] = pb.WorkingMode.FromString(
        told.SerializeToString() + strange
    )
    stick.answers[Command.WRITE_WORKING_MODE] = pb.WorkingModeAnswer(serial=INVERTER)
    async with link_to(stick.port) as link:
        read = await link.contact.read(Block.CONTACT)
        assert read["load_mode"] == "other"
        assert "entrance_breaker_size" not in read
        await link.contact.write(Block.CONTACT, {**read, "entrance_breaker_size": 63})
    sent = stick.asked[-1].payload
    assert strange in sent
    message = pb.WorkingMode.FromString(sent)
    assert (message.mode, message.reserve_soc) == (1, 20)
    (relay,) = message.relays
    assert relay.generator.exercise == exercise
    assert (relay.load_mode, relay.breaker_size) == (6, 63)


async def test_everything_about_it_is_inferred(road: DtsContact):
    assert set(road.capabilities) == keys_of(Block.CONTACT) - {"generator_exercise"}
    assert {one.evidence for one in road.capabilities.values()} == {Evidence.INFERRED}
    assert not road.modes


# ---- it is not sent ----


def answer(**fields: Any) -> pb.WorkingMode:
    contact = fields.pop("contact", {"mode": 2})
    given = {"mode": 1, "reserve_soc": 20, **fields}
    return pb.WorkingMode(relays=[pb.DryContact(**contact)], **given)


@pytest.mark.parametrize(
    "contact",
    [
        {"times": {"weekdays_1": 128}},
        {"times": {"weekdays_1_time_1": 0x19000100}},
        {"times": {"weekdays_1_time_1": 0x003C0100}},
        {"protect_soc": 101},
        {"switched_on": 2},
        {"generator": {"quiet_enabled": 7}},
        {"generator": {"stop_soc": 101}},
        {"intelligent": {"shortest_run": 1800}},
        {"breaker_size": 4000},
    ],
)
async def test_a_number_that_does_not_fit_stops_reading_and_writing(
    stick: FakeStick, contact: dict[str, Any]
):
    stick.answers[Command.READ_WORKING_MODE] = answer(contact=contact)
    async with link_to(stick.port) as link:
        error = await trouble(link.contact.read(Block.CONTACT))
        assert error.trouble is Trouble.GARBLED
        error = await trouble(link.contact.write(Block.CONTACT, LOAD))
        assert error.trouble is Trouble.LOST
    assert Command.WRITE_WORKING_MODE not in stick.commands()


@pytest.mark.parametrize(
    "told",
    [
        answer(mode=0),
        answer(mode=9),
        answer(mode=10),
        answer(mode=2),  # economical, without its tariff
        answer(reserve_soc=101),
    ],
)
async def test_a_mode_that_cannot_be_sent_back_whole_sends_nothing(
    stick: FakeStick, told: Message
):
    stick.answers[Command.READ_WORKING_MODE] = told
    async with link_to(stick.port) as link:
        assert await link.contact.read(Block.CONTACT)
        error = await trouble(link.contact.write(Block.CONTACT, LOAD))
        assert error.trouble is Trouble.NOT_READABLE
    assert Command.WRITE_WORKING_MODE not in stick.commands()


@pytest.mark.parametrize("contacts", [0, 2])
async def test_none_or_several_contacts_are_not_guessed_at(
    stick: FakeStick, contacts: int
):
    stick.answers[Command.READ_WORKING_MODE] = pb.WorkingMode(
        mode=1, reserve_soc=20, relays=[pb.DryContact(mode=2)] * contacts
    )
    async with link_to(stick.port) as link:
        error = await trouble(link.contact.read(Block.CONTACT))
        assert error.trouble is Trouble.NOT_READABLE
        await trouble(link.contact.write(Block.CONTACT, LOAD))
    assert Command.WRITE_WORKING_MODE not in stick.commands()


async def test_a_stick_that_does_not_tell_is_not_written_to(socket_enabled: None):
    """Never over defaults: without a read-back of what stands nothing goes out."""
    async with (
        serve("hybrid", start=NOON, modbus=None, dts=0) as sim,
        record(sim.dts_port) as wire,
        link_to(wire.port, timing=HASTY) as link,
    ):
        error = await trouble(link.contact.read(Block.CONTACT))
        assert error.trouble is Trouble.NOT_READABLE
        error = await trouble(link.contact.write(Block.CONTACT, LOAD))
        assert error.trouble is Trouble.NOT_READABLE
        assert not written(wire)


async def test_several_inverters_have_contacts_that_nobody_can_tell_apart(
    socket_enabled: None,
):
    async with (
        serve("big", start=NOON, modbus=None, dts=0) as sim,
        record(sim.dts_port) as wire,
        link_to(wire.port) as link,
    ):
        assert link.contact.capabilities == {}
        await trouble(link.contact.read(Block.CONTACT))
        await trouble(link.contact.write(Block.CONTACT, LOAD))
        assert not written(wire)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dry_contact_function", "other"),
        ("load_mode", "heat_pump"),
        ("load_window_1", "06:00-06:00"),
        ("load_window_1", "00:00-00:01"),
        ("load_weekdays_1", "monday"),
        ("entrance_breaker_size", 0),
        ("entrance_breaker_size", 63.5),
        ("load_protection_soc", True),
        ("generator_stop_soc", 101),
        ("generator_stop_soc", "80"),
    ],
)
async def test_a_value_that_is_none_is_not_sent(
    road: DtsContact, wire: Recorder, key: str, value: Any
):
    with pytest.raises(ValueError):  # noqa: PT011
        await road.write(Block.CONTACT, {key: value})
    assert not written(wire)


@pytest.mark.parametrize("block", sorted(set(Block) - {Block.CONTACT}))
async def test_other_blocks_are_not_carried(road: DtsContact, block: Block):
    assert (await trouble(road.read(block))).trouble is Trouble.NOT_READABLE
    with pytest.raises(ValueError, match="not carried"):
        await road.write(block, {})


async def test_a_refusal_is_told(road: DtsContact):
    with pytest.raises(SettingsError) as caught:
        await road.write(
            Block.CONTACT,
            {
                "dry_contact_function": "generator_control",
                "generator_mode": "auto",
                "generator_start_soc": 80,
                "generator_stop_soc": 80,
            },
        )
    assert (caught.value.trouble, caught.value.code) == (Trouble.REFUSED, 1)
