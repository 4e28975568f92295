"""Each fault by itself: what is seen while it lasts, and afterwards."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNKNOWN
import pytest

from custom_components.instagen.plant.guard import AGREEMENT
from custom_components.instagen.plant.readings import READINGS, Kind

from ..conftest import NOON
from .conftest import Begin
from .world import ALWAYS_THERE, BACK, LOST, World

SILENCING: Final[list[tuple[str, dict[str, Any]]]] = [
    ("drop", {}),
    ("stall", {}),
    ("garbage", {"kind": "words"}),
    ("garbage", {"kind": "frame"}),
    ("garbage", {"kind": "short_frame"}),
    ("wrong_transaction_id", {}),
    ("reset", {}),
]

SPIKES: Final = [
    ("pv_power", 30004, 0xFFF5),
    ("pv_power", 30003, 0x7FFF),
    ("load_power", 30016, 0xFFF5),
    ("battery_power", 30009, 0x00FF),
    ("battery_soc", 30020, 2005),
    ("battery_soc", 30020, 40),
    ("grid_power", 1814, 0x7FFF),
    ("grid_voltage_l1", 1801, 0xFFF5),
    ("inverter_temperature", 113, 0x7F00),
    ("pv_energy", 2001, 0xFFF5),
    ("pv_energy", 2000, 0x00F0),
    ("grid_import_energy", 2041, 0),
    ("load_energy_today", 2128, 0),
    ("load_energy_today", 2128, 0xFFF5),
]
"""A reading, the register to spoil, and the word that is put there."""


def measured(world: World) -> set[str]:
    """Return the keys of all entities that fall silent with the link."""
    return world.states().keys() - ALWAYS_THERE


def all_is_true(world: World) -> None:
    assert world.unavailable() == set()
    assert world.wrong() == {}
    assert world.witness.lies == []
    assert world.complaints() == []


@pytest.fixture
async def world(begin: Begin) -> World:
    """Begin at noon, right after a slow poll."""
    world = await begin(NOON)
    await world.poll_slowly()
    all_is_true(world)
    return world


@pytest.mark.parametrize(("name", "parameters"), SILENCING)
async def test_a_link_that_brings_nothing_is_lost_once_and_comes_back_once(
    world: World, name: str, parameters: dict[str, Any]
):
    seen = world.state("last_update")
    await world.fault(name, **parameters)
    await world.poll(3)
    assert world.unavailable() | {"alarm"} == measured(world)
    assert world.state("dtu_connected") == "off"
    assert world.state("last_update") >= seen
    assert world.log() == [f"ERROR {LOST}"]

    await world.fault(name, on=False)
    await world.poll()
    assert world.state("dtu_connected") == "on"
    await world.poll_slowly(2)
    all_is_true(world)
    assert world.log() == [f"ERROR {LOST}", f"INFO {BACK}"]


@pytest.mark.parametrize("name", ["stall", "wrong_transaction_id"])
async def test_a_silent_stick_is_asked_twice_in_a_poll_and_no_more(
    world: World, name: str
):
    await world.fault(name)
    before = world.sim.modbus.requests
    await world.poll(4)
    assert world.sim.modbus.requests - before == 8


async def test_a_stick_that_reboots_comes_back_by_itself(world: World):
    counters = {
        key: world.state(key)
        for key, reading in READINGS.items()
        if reading.kind is Kind.ENERGY_TOTAL and key in world.states()
    }
    await world.fault("reboot", seconds=45)
    await world.poll(4)
    assert world.state("dtu_connected") == "off"
    await world.poll()
    assert world.state("dtu_connected") == "on"
    await world.poll_slowly(2)
    all_is_true(world)
    assert world.witness.resets == []
    for key, before in counters.items():
        assert float(world.state(key)) >= float(before)


async def test_a_frozen_stick_is_shown_as_it_is_and_then_catches_up(world: World):
    await world.fault("freeze")
    await world.poll()
    shown = {key: state.state for key, state in world.states().items()}
    await world.poll_slowly(10)
    now = {key: state.state for key, state in world.states().items()}
    assert now == shown | {"last_update": now["last_update"]}
    assert world.state("dtu_connected") == "on"

    await world.fault("freeze", on=False)
    await world.poll_slowly(2)
    all_is_true(world)
    assert world.log() == []


@pytest.mark.parametrize(("key", "register", "word"), SPIKES)
async def test_a_spike_is_read_again_and_never_shown(
    world: World, key: str, register: int, word: int
):
    """The poll that meets it is a slow one: it looks at every reading."""
    statistics = world.coordinator.link.statistics
    before = statistics.rereads
    await world.poll(5)
    await world.fault("spike", register=register, word=word)
    await world.poll()
    assert statistics.rereads == before + 1
    assert statistics.rejected == 0
    all_is_true(world)
    assert world.losses == 0


async def test_a_value_that_stays_impossible_becomes_unknown_and_nothing_else_does(
    world: World,
):
    await world.fault("spike", register=30020, word=2005, reads=1000)
    before = world.state("battery_soc")
    await world.poll(AGREEMENT - 1)
    assert world.state("battery_soc") == before
    await world.poll_slowly(2)
    assert world.wrong().keys() == {"battery_soc"}
    assert world.state("battery_soc") == STATE_UNKNOWN
    await world.fault("spike", on=False)
    await world.poll()
    assert world.state("battery_soc") == str(world.truth()["battery_soc"])


async def test_counters_that_fall_are_followed_once_polls_agree(world: World):
    totals = {
        key
        for key, reading in READINGS.items()
        if reading.kind is Kind.ENERGY_TOTAL
        and key in world.states()
        and float(world.state(key)) > 0
    }
    before = {key: world.state(key) for key in totals}
    await world.fault("counter_reset")
    await world.poll_slowly(AGREEMENT - 1)
    assert {key: world.state(key) for key in totals} == before
    await world.poll_slowly(2)
    all_is_true(world)
    assert set(world.witness.resets) == totals
    assert len(world.witness.resets) == len(totals)
    assert world.witness.absurd == []
    assert world.witness.energies["pv_energy"] < 2


async def test_at_night_the_sun_gives_nothing_and_no_entity_is_lost(world: World):
    entities = world.states().keys()
    await world.fault("night")
    await world.poll_slowly(15)
    all_is_true(world)
    assert world.states().keys() == entities
    for key in ("pv_power", "pv1_power", "pv2_voltage", "ac_pv_power"):
        assert float(world.state(key)) == 0
    await world.reload()
    assert world.states().keys() == entities

    await world.fault("night", on=False)
    await world.poll_slowly(2)
    all_is_true(world)
    assert float(world.state("pv_power")) > 0
    assert world.log() == []


async def test_beside_a_second_client_nothing_untrue_is_shown(world: World):
    await world.second_client()
    await world.poll(60)
    assert world.coordinator.link.statistics.garbled > 30
    assert world.witness.lies == []
    assert world.witness.absurd == []

    await world.second_client(on=False)
    await world.poll_slowly(2)
    all_is_true(world)
    assert world.losses == world.returns > 0
    assert world.log() == [f"ERROR {LOST}", f"INFO {BACK}"] * world.losses


async def test_an_answer_that_comes_late_costs_one_more_request_and_nothing_else(
    world: World,
):
    world.sim.modbus.quirks.late = 0.2
    world.sim.modbus._until_late = 5
    timeouts = world.coordinator.link.statistics.timeouts
    await world.poll(30)
    assert world.coordinator.link.statistics.timeouts > timeouts + 10
    world.sim.modbus.quirks.late = 0
    await world.poll_slowly(2)
    all_is_true(world)
    assert world.log() == []


async def test_a_reload_while_the_stick_is_gone_waits_for_it(world: World):
    await world.fault("drop")
    await world.poll(2)
    await world.hass.config_entries.async_reload(world.entry.entry_id)
    assert world.entry.state is ConfigEntryState.SETUP_RETRY
    await world.sim.advance(6 * 3600)
    await world.fault("drop", on=False)
    await world.reload()
    await world.poll_slowly(AGREEMENT)
    assert world.wrong() == {}
    assert world.witness.lies == []
    assert world.witness.resets == []
    shown, true = world.witness.energies["pv_energy"], world.energies()["pv_energy"]
    assert shown == pytest.approx(true, abs=0.2)
