"""The rules of the writer: what is sent, what is not, and how either is told."""

import asyncio
from dataclasses import replace
import json
from typing import Any

import pytest

from custom_components.instagen.control.guards import Surroundings
from custom_components.instagen.control.known import Memory
from custom_components.instagen.control.wishes import (
    Asker,
    AskerKind,
    Refusal,
    Result,
    Wish,
    WishError,
)
from custom_components.instagen.links.settings import Capability, Trouble
from custom_components.instagen.plant.evidence import Evidence
from custom_components.instagen.plant.settings import (
    BATTERY_MODE,
    Block,
    Range,
    SettingValues,
    acting,
)
from custom_components.instagen.plant.states import BatteryMode, LinkName

from .paper import CHARGE, FACTORY, SELF, Bench

MODBUS, DTS = LinkName.MODBUS, LinkName.DTS
RESERVE = "self_consumption_reserve_soc"
FORCE: SettingValues = {BATTERY_MODE: "force_charge", "force_charge_power": 40}


@pytest.fixture
def bench() -> Bench:
    """Return a plant behind Modbus."""
    return Bench()


@pytest.fixture
def stick() -> Bench:
    """Return a plant behind a stick that tells its mode."""
    return Bench((DTS,))


@pytest.fixture
def mute() -> Bench:
    """Return a plant behind a stick that does not."""
    bench = Bench((DTS,))
    bench.dts.readable = False
    return bench


@pytest.fixture
def both() -> Bench:
    """Return a plant behind both links."""
    return Bench((MODBUS, DTS))


# ---- what is sent ----


async def test_a_change_is_read_merged_sent_once_and_read_back(bench: Bench) -> None:
    outcome = await bench.wish({RESERVE: 30})
    assert outcome.result is Result.VERIFIED
    assert outcome.link is MODBUS
    assert outcome.before[RESERVE] == 10
    assert outcome.after[RESERVE] == bench.device[RESERVE] == 30
    # The block went out whole, with what other modes are set to.
    assert bench.modbus.sent == [
        {key: FACTORY[key] for key in bench.modbus.sent[0]} | {RESERVE: 30}
    ]
    assert "force_discharge_target_soc" in bench.modbus.sent[0]
    assert bench.slept == []


@pytest.mark.parametrize("value", [10, 10.0])
async def test_what_stands_so_already_is_not_sent(bench: Bench, value: float) -> None:
    outcome = await bench.wish({RESERVE: value})
    assert outcome.result is Result.UNCHANGED
    assert outcome.link is None
    assert bench.sent == bench.budget.today == 0


async def test_a_forced_rewrite_is_sent_all_the_same(bench: Bench) -> None:
    outcome = await bench.wish({RESERVE: 10}, force=True)
    assert outcome.result is Result.VERIFIED
    assert bench.sent == 1


async def test_every_block_finds_its_way(bench: Bench) -> None:
    for changes in (
        {"battery_min_soc": 20},
        {"battery_charge_power_limit": 50.5},
        {"battery_discharge_power_limit": 60},
        {"export_control": True, "export_limit": 0},
    ):
        outcome = await bench.wish(changes)
        assert outcome.result is Result.VERIFIED
        assert all(bench.device[key] == value for key, value in changes.items())
    assert bench.sent == bench.budget.today == 4


async def test_a_third_of_48_wishes_repeats_and_costs_nothing(bench: Bench) -> None:
    """A day of the benchmark's automation: a wish each half-hour."""
    sent = 0
    for half_hour in range(48):
        # Two changes, then the second one once more.
        power = 10 + half_hour - half_hour % 3 // 2
        before = bench.device["battery_charge_power_limit"]
        outcome = await bench.wish({"battery_charge_power_limit": power})
        sent += before != power
        assert bench.sent == sent
        assert (outcome.result is Result.UNCHANGED) is (half_hour % 3 == 2)
    assert bench.sent == bench.budget.today == 32


async def test_a_repeat_over_a_mute_stick_is_sent(mute: Bench) -> None:
    """Nobody can tell whether the app changed it meanwhile."""
    for _ in range(2):
        outcome = await mute.wish({BATTERY_MODE: "self_consumption", RESERVE: 20})
        assert outcome.result is Result.SENT
    assert mute.sent == 2


# ---- what is refused before anything is sent ----


@pytest.mark.parametrize(
    ("changes", "refusal", "placeholders"),
    [
        (
            {RESERVE: 9},
            Refusal.OUT_OF_RANGE,
            {"setting": RESERVE, "value": "9", "low": "10", "high": "100"},
        ),
        ({RESERVE: 101.0}, Refusal.OUT_OF_RANGE, {"value": "101"}),
        ({RESERVE: "30"}, Refusal.OUT_OF_RANGE, {"value": "30", "low": "10"}),
        ({RESERVE: True}, Refusal.OUT_OF_RANGE, {"value": "True"}),
        ({RESERVE: float("nan")}, Refusal.OUT_OF_RANGE, {"value": "nan"}),
        ({RESERVE: float("inf")}, Refusal.OUT_OF_RANGE, {"value": "inf"}),
        (
            {RESERVE: 30.5},
            Refusal.NOT_A_STEP,
            {"setting": RESERVE, "value": "30.5", "step": "1"},
        ),
        ({"force_charge_power": 5.55}, Refusal.NOT_A_STEP, {"step": "0.1"}),
        ({"export_control": 1}, Refusal.OUT_OF_RANGE, {"low": "0", "high": "1"}),
        ({BATTERY_MODE: "party"}, Refusal.NOT_OFFERED, {"value": "party"}),
        ({BATTERY_MODE: 3}, Refusal.NOT_OFFERED, {"value": "3"}),
        ({BATTERY_MODE: "ai"}, Refusal.NOT_OFFERED, {"value": "ai"}),
        ({"tariff": "cc"}, Refusal.NOT_OFFERED, {"setting": "tariff"}),
        ({"tariff": ""}, Refusal.INCOMPLETE, {"missing": "tariff"}),
        ({"kettle": 1}, Refusal.NOT_OFFERED, {"setting": "kettle"}),
        (
            {"battery_min_soc": 80, "battery_max_soc": 80},
            Refusal.LIMITS_CROSSED,
            {"low": "80", "high": "80"},
        ),
        ({"battery_min_soc": 100}, Refusal.LIMITS_CROSSED, {"low": "100"}),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    bench: Bench, changes: dict[str, Any], refusal: Refusal, placeholders: dict
) -> None:
    error = await bench.refused(changes)
    assert error.refusal is refusal
    assert error.placeholders == {**error.placeholders, **placeholders}
    assert bench.sent == 0
    assert bench.device == FACTORY
    assert bench.journal.entries[-1].refusal is refusal
    json.dumps(bench.journal.snapshot(), allow_nan=False)


@pytest.mark.parametrize("changes", [{}, {RESERVE: 20, "battery_min_soc": 20}])
async def test_a_wish_is_about_one_block(bench: Bench, changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="one block"):
        await bench.wish(changes)
    assert bench.sent == 0


async def test_what_stands_outside_of_the_map_may_stay_and_come_back(
    bench: Bench,
) -> None:
    """A lease must be able to put back what the app allowed and our map does not."""
    bench.device[RESERVE] = 5
    baseline = (await bench.writer.read(Block.MODE)).values
    await bench.wish(FORCE)
    outcome = await bench.wish(baseline)
    assert outcome.result is Result.VERIFIED
    assert bench.device == {**FACTORY, RESERVE: 5}


@pytest.mark.parametrize(
    ("evidence", "unproven", "refusal"),
    [
        (Evidence.INFERRED, False, Refusal.NEEDS_OPT_IN),
        (Evidence.INFERRED, True, None),
        (Evidence.UNKNOWN, True, Refusal.NOT_OFFERED),
        (Evidence.DOCUMENTED, False, None),
    ],
)
@pytest.mark.parametrize("of_mode", [False, True])
async def test_what_nobody_documented_needs_consent(
    bench: Bench,
    evidence: Evidence,
    unproven: bool,
    refusal: Refusal | None,
    of_mode: bool,
) -> None:
    bench.unproven = unproven
    changes: SettingValues
    if of_mode:
        bench.modbus.modes[CHARGE] = evidence
        changes = {BATTERY_MODE: "force_charge"}
    else:
        bench.modbus.capabilities[RESERVE] = Capability(
            evidence=evidence, range=Range(10, 100)
        )
        changes = {RESERVE: 20}
    offered = bench.writer.modes if of_mode else bench.writer.capabilities
    assert ((CHARGE if of_mode else RESERVE) in offered) is (refusal is None)
    if refusal is None:
        assert (await bench.wish(changes)).result is Result.VERIFIED
    else:
        assert (await bench.refused(changes)).refusal is refusal
        assert bench.sent == 0


async def test_in_a_mode_that_the_app_chose_parameters_need_no_consent(
    bench: Bench,
) -> None:
    bench.modbus.modes[SELF] = Evidence.INFERRED
    assert (await bench.wish({RESERVE: 20})).result is Result.VERIFIED


async def test_nothing_is_written_while_firmware_is_upgraded(bench: Bench) -> None:
    bench.around = replace(bench.around, frozen=True)
    error = await bench.refused({RESERVE: 20}, safety=True)
    assert error.refusal is Refusal.FROZEN
    assert bench.sent == bench.modbus.reads == 0


async def test_a_spent_budget_lets_only_safety_through(bench: Bench) -> None:
    for _ in range(60):
        bench.budget.spend("somebody")
    error = await bench.refused({RESERVE: 20})
    assert error == WishError(Refusal.BUDGET, {"writes": "60"})
    assert (await bench.wish({RESERVE: 10})).result is Result.UNCHANGED
    outcome = await bench.wish({RESERVE: 20}, safety=True)
    assert outcome.result is Result.VERIFIED
    assert bench.budget.by_owner == {"somebody": 60, "number.reserve": 1}


# ---- off grid ----

OFF = {BATTERY_MODE: "off_grid"}
ALLOWED = Surroundings(soc=50, grid_present=True, off_grid_allowed=True)


@pytest.mark.parametrize(
    ("around", "confirmed", "refusal"),
    [
        (replace(ALLOWED, off_grid_allowed=False), True, Refusal.OFF_GRID_NOT_ALLOWED),
        (ALLOWED, False, Refusal.OFF_GRID_NOT_CONFIRMED),
        (replace(ALLOWED, soc=49.9), True, Refusal.OFF_GRID_BATTERY_LOW),
        (replace(ALLOWED, soc=None), True, Refusal.OFF_GRID_BATTERY_LOW),
        (
            replace(ALLOWED, soc=20, grid_present=None),
            True,
            Refusal.OFF_GRID_BATTERY_LOW,
        ),
        (replace(ALLOWED, soc=20, grid_present=False), True, None),
        (ALLOWED, True, None),
    ],
)
async def test_a_house_is_parted_from_its_grid_only_by_who_means_it(
    bench: Bench, around: Surroundings, confirmed: bool, refusal: Refusal | None
) -> None:
    bench.around = around
    if refusal is None:
        assert (await bench.wish(OFF, confirmed=confirmed)).result is Result.VERIFIED
        assert bench.device[BATTERY_MODE] == "off_grid"
    else:
        assert (await bench.refused(OFF, confirmed=confirmed)).refusal is refusal
        assert bench.sent == 0


async def test_leaving_it_is_never_refused(bench: Bench) -> None:
    bench.device.update(OFF)
    bench.around = Surroundings()
    for _ in range(60):
        bench.budget.spend("somebody")
    outcome = await bench.wish({BATTERY_MODE: "self_consumption"})
    assert outcome.result is Result.VERIFIED
    assert bench.device == FACTORY


async def test_in_it_other_things_are_changed_as_ever(bench: Bench) -> None:
    bench.device.update(OFF)
    bench.around = Surroundings()
    assert (await bench.wish({RESERVE: 20})).result is Result.VERIFIED
    assert (await bench.wish(OFF)).result is Result.UNCHANGED
    assert bench.device[BATTERY_MODE] == "off_grid"


async def test_a_remembered_mode_is_no_proof_of_being_in_it(mute: Bench) -> None:
    mute.memory.learn(
        Block.MODE, {**OFF, "off_grid_reserve_soc": 10}, link=DTS, at=mute.time
    )
    assert (await mute.refused(OFF)).refusal is Refusal.OFF_GRID_NOT_ALLOWED


async def test_a_lease_puts_it_back_without_asking_again(bench: Bench) -> None:
    error = await bench.refused(OFF, kind=AskerKind.LEASE)
    assert error.refusal is Refusal.OFF_GRID_NOT_ALLOWED
    outcome = await bench.wish(OFF, kind=AskerKind.LEASE, safety=True)
    assert outcome.result is Result.VERIFIED


async def test_a_low_battery_keeps_even_a_lease_from_it(bench: Bench) -> None:
    bench.around = Surroundings(soc=30, grid_present=True)
    error = await bench.refused(OFF, kind=AskerKind.LEASE, safety=True)
    assert error.refusal is Refusal.OFF_GRID_BATTERY_LOW
    assert error.placeholders == {"soc": "30", "low": "50"}


# ---- what the device and the line do ----


async def test_a_device_says_no(bench: Bench) -> None:
    bench.modbus.writing = [Trouble.REFUSED]
    error = await bench.refused({RESERVE: 20})
    assert error == WishError(Refusal.REFUSED_BY_DEVICE, {"code": "7"})
    assert bench.sent == bench.budget.today == 1
    entry = bench.journal.entries[-1]
    assert (entry.link, entry.refusal) == (MODBUS, Refusal.REFUSED_BY_DEVICE)
    assert (await bench.writer.read(Block.MODE)).values[RESERVE] == 10


@pytest.mark.parametrize("trouble", [Trouble.SILENT, Trouble.GARBLED])
@pytest.mark.parametrize("arrived", [False, True])
async def test_after_silence_reading_back_decides(
    bench: Bench, trouble: Trouble, arrived: bool
) -> None:
    bench.modbus.writing = [trouble]
    bench.modbus.takes_silently = arrived
    if arrived:
        assert (await bench.wish({RESERVE: 20})).result is Result.VERIFIED
    else:
        error = await bench.refused({RESERVE: 20})
        assert error == WishError(Refusal.NOT_APPLIED, {"setting": RESERVE})
    assert bench.sent == bench.budget.today == 1


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("trouble", [Trouble.LOST, Trouble.SILENT, Trouble.GARBLED])
async def test_the_link_is_lost_before_the_proof(
    bench: Bench, silent: bool, trouble: Trouble
) -> None:
    bench.modbus.writing = [Trouble.SILENT] if silent else []
    bench.modbus.reading = [None, *[trouble] * 9]
    error = await bench.refused({RESERVE: 20})
    assert error.refusal is (Refusal.SILENT if silent else Refusal.LINK_LOST)
    assert bench.sent == 1
    assert bench.slept == [1, 2, 4]


async def test_a_link_that_returns_in_time_proves_it(bench: Bench) -> None:
    bench.modbus.reading = [None, Trouble.LOST, Trouble.LOST]
    assert (await bench.wish({RESERVE: 20})).result is Result.VERIFIED
    assert bench.slept == [1, 2]


async def test_old_words_for_a_moment_are_borne(bench: Bench) -> None:
    old = dict(FACTORY)
    bench.modbus.reading = [None, old, old, old]
    assert (await bench.wish({RESERVE: 20})).result is Result.VERIFIED
    assert bench.slept == [1, 2, 4]


async def test_a_device_says_yes_and_shows_something_else(bench: Bench) -> None:
    bench.modbus.swallows = True
    error = await bench.refused({RESERVE: 20})
    assert error == WishError(Refusal.NOT_APPLIED, {"setting": RESERVE})
    assert bench.sent == 1
    # What is known now is what the device shows, not what it was sent.
    assert bench.memory.get(Block.MODE).values[RESERVE] == 10


async def test_parameters_of_waiting_modes_are_compared_too(bench: Bench) -> None:
    """Over a link that carries the whole block, a change of one must show."""
    bench.modbus.swallows = True
    error = await bench.refused({"force_charge_power": 33})
    assert error == WishError(Refusal.NOT_APPLIED, {"setting": "force_charge_power"})


@pytest.mark.parametrize(
    ("trouble", "refusal"),
    [
        (Trouble.LOST, Refusal.UNREACHABLE),
        (Trouble.SILENT, Refusal.UNREADABLE),
        (Trouble.GARBLED, Refusal.UNREADABLE),
        (Trouble.REFUSED, Refusal.UNREADABLE),
    ],
)
async def test_without_a_reading_nothing_is_sent(
    bench: Bench, trouble: Trouble, refusal: Refusal
) -> None:
    await bench.writer.read(Block.MODE)
    bench.modbus.reading = [trouble]
    assert (await bench.refused({RESERVE: 20})).refusal is refusal
    assert bench.sent == 0


async def test_nothing_is_judged_by_what_nobody_knows(bench: Bench) -> None:
    """The device may stand there already: its being away is all there is to say."""
    bench.modbus.reading = [Trouble.LOST]
    assert (await bench.refused({RESERVE: 5})).refusal is Refusal.UNREACHABLE


async def test_a_link_lost_before_anything_went_out(bench: Bench) -> None:
    bench.modbus.writing = [Trouble.LOST]
    assert (await bench.refused({RESERVE: 20})).refusal is Refusal.UNREACHABLE
    assert bench.sent == bench.budget.today == 0
    assert bench.journal.entries[-1].link is None


async def test_a_mode_that_the_device_does_not_name_is_not_written_over(
    bench: Bench,
) -> None:
    """It stands in a mode we have no name for: the last known one must not return."""
    await bench.writer.read(Block.MODE)
    del bench.device[BATTERY_MODE]
    error = await bench.refused({RESERVE: 20})
    assert error == WishError(Refusal.INCOMPLETE, {"missing": BATTERY_MODE})
    assert bench.sent == 0
    assert (await bench.wish({BATTERY_MODE: SELF.value})).result is Result.VERIFIED


async def test_a_road_that_hangs_counts_as_silent() -> None:
    bench = Bench(road_limit=0.02)
    bench.modbus.gate = asyncio.Event()
    error = await bench.refused({RESERVE: 20})
    assert error == WishError(Refusal.NOT_APPLIED, {"setting": RESERVE})
    assert bench.sent == bench.budget.today == 1


# ---- one at a time ----


async def test_one_change_at_a_time(bench: Bench) -> None:
    bench.modbus.gate = asyncio.Event()
    wishes = [
        asyncio.create_task(bench.wish({"battery_charge_power_limit": power}))
        for power in (20, 30)
    ]
    await asyncio.sleep(0.01)
    assert bench.sent == 1
    bench.modbus.gate.set()
    results = [(await wish).before for wish in wishes]
    # The second one was judged by what the first had left.
    assert [before["battery_charge_power_limit"] for before in results] == [100, 20]
    assert bench.device["battery_charge_power_limit"] == 30


async def test_nobody_waits_for_ever() -> None:
    bench = Bench(patience=0.02)
    bench.modbus.gate = asyncio.Event()
    first = asyncio.create_task(bench.wish({RESERVE: 20}))
    await asyncio.sleep(0)
    assert (await bench.refused({RESERVE: 30})).refusal is Refusal.BUSY
    bench.modbus.gate.set()
    assert (await first).result is Result.VERIFIED
    assert (await bench.wish({RESERVE: 30})).result is Result.VERIFIED


async def test_a_wish_cut_short_is_not_forgotten(bench: Bench) -> None:
    bench.modbus.gate = asyncio.Event()
    wish = asyncio.create_task(bench.wish({RESERVE: 20}))
    await asyncio.sleep(0.01)
    assert bench.sent == 1
    wish.cancel()
    with pytest.raises(asyncio.CancelledError):
        await wish
    entry = bench.journal.entries[-1]
    assert (entry.link, entry.result, entry.refusal) == (MODBUS, None, None)
    assert bench.budget.today == 1
    bench.modbus.gate.set()
    assert (await bench.wish({RESERVE: 30})).result is Result.VERIFIED


# ---- several roads ----


async def test_another_road_proves_it(both: Bench) -> None:
    outcome = await both.wish(FORCE)
    assert (outcome.result, outcome.link) == (Result.VERIFIED, MODBUS)
    assert (both.modbus.reads, both.dts.reads) == (1, 1)


async def test_another_road_that_lags_is_overruled_in_the_end(both: Bench) -> None:
    old = {BATTERY_MODE: SELF.value, RESERVE: 10}
    both.dts.reading = [old] * 9
    assert (await both.wish(FORCE)).result is Result.VERIFIED
    assert both.slept == [1, 2, 4]
    assert both.memory.get(Block.MODE).values[BATTERY_MODE] == "force_charge"


async def test_its_own_road_proves_what_another_cannot(both: Bench) -> None:
    both.dts.readable = False
    assert (await both.wish(FORCE)).result is Result.VERIFIED
    assert both.slept == []


async def test_the_next_road_is_taken_when_nothing_went_out(both: Bench) -> None:
    both.modbus.writing = [Trouble.LOST]
    outcome = await both.wish(FORCE)
    assert (outcome.result, outcome.link) == (Result.VERIFIED, DTS)
    assert both.sent == 1


@pytest.mark.parametrize("trouble", [Trouble.SILENT, Trouble.REFUSED, Trouble.GARBLED])
async def test_after_something_went_out_no_other_road_is_taken(
    both: Bench, trouble: Trouble
) -> None:
    both.modbus.writing = [trouble]
    await both.refused(FORCE)
    assert len(both.modbus.sent) == 1
    assert both.dts.sent == []


async def test_a_road_without_a_reading_is_not_written_over(both: Bench) -> None:
    """It would need the whole block, and only the chosen mode's part was told."""
    await both.writer.read(Block.MODE)
    both.modbus.reading = [Trouble.SILENT]
    outcome = await both.wish(FORCE)
    assert outcome.link is DTS


async def test_a_setting_goes_over_the_road_that_has_it(both: Bench) -> None:
    wish: SettingValues = {
        BATTERY_MODE: "economical",
        "tariff": "cc",
        "economical_reserve_soc": 10,
    }
    outcome = await both.wish(wish)
    assert (outcome.result, outcome.link) == (Result.VERIFIED, DTS)
    assert both.device["tariff"] == "cc"
    # Modbus tells the mode but not the tariff: the stick is asked for the rest.
    assert (await both.wish(wish)).result is Result.UNCHANGED
    both.device["tariff"] = "dd"
    assert (await both.wish(wish)).result is Result.VERIFIED
    assert both.device["tariff"] == "cc"


async def test_what_a_gone_road_alone_carries_does_not_keep_a_mode_from_ending(
    both: Bench,
) -> None:
    """The device has its schedule; Modbus can choose economical mode without it."""
    both.device[BATTERY_MODE] = "economical"
    await both.wish({"economical_reserve_soc": 15})
    baseline = both.memory.get(Block.MODE).values
    assert baseline["tariff"] == "aa"
    await both.wish(FORCE)
    both.dts.reading = [Trouble.LOST] * 9
    both.dts.writing = [Trouble.LOST] * 9
    outcome = await both.wish(baseline, kind=AskerKind.LEASE, safety=True)
    assert outcome.link is MODBUS
    assert both.device[BATTERY_MODE] == "economical"
    assert both.device["tariff"] == "aa"


async def test_read_takes_the_best_road_that_answers(both: Bench) -> None:
    reading = await both.writer.read(Block.MODE)
    assert (reading.link, reading.confirmed) == (MODBUS, True)
    assert both.dts.reads == 0
    both.device[BATTERY_MODE] = "force_charge"
    both.modbus.reading = [Trouble.LOST] * 2
    reading = await both.writer.read(Block.MODE)
    assert (reading.link, reading.confirmed) == (DTS, True)
    assert reading.told == acting(both.device).keys()
    # What the stick does not tell is as Modbus told it.
    assert reading.values[RESERVE] == 10
    both.dts.reading = [Trouble.LOST]
    last = await both.writer.read(Block.MODE)
    assert (last.link, last.confirmed) == (DTS, False)
    assert last.values == reading.values
    assert last.at == both.time


async def test_nothing_known_is_nothing_told(bench: Bench) -> None:
    bench.modbus.reading = [Trouble.LOST]
    reading = await bench.writer.read(Block.MODE)
    assert (dict(reading.values), reading.link, reading.at) == ({}, None, None)
    assert not reading.confirmed


# ---- a stick carries the chosen mode only ----


async def test_a_parameter_waits_for_its_mode(stick: Bench) -> None:
    outcome = await stick.wish({"force_charge_power": 40})
    assert (outcome.result, outcome.link) == (Result.REMEMBERED, None)
    assert outcome.after["force_charge_power"] == 40
    assert stick.sent == stick.budget.today == 0
    await stick.wish({"force_charge_target_soc": 95})
    # A restart later the mode is chosen.
    stored = json.loads(json.dumps(stick.memory.snapshot()))
    stick.memory = Memory()
    stick.memory.restore(stored)
    stick.writer = stick.over([stick.dts])
    outcome = await stick.wish({BATTERY_MODE: "force_charge"})
    assert outcome.result is Result.VERIFIED
    assert stick.dts.sent == [
        {
            BATTERY_MODE: "force_charge",
            "force_charge_power": 40,
            "force_charge_target_soc": 95,
        }
    ]


async def test_what_is_out_of_range_is_not_remembered(stick: Bench) -> None:
    error = await stick.refused({"force_charge_power": 140})
    assert error.refusal is Refusal.OUT_OF_RANGE
    assert "force_charge_power" not in stick.memory.get(Block.MODE).values


async def test_a_parameter_of_the_chosen_mode_is_sent(stick: Bench) -> None:
    assert (await stick.wish({RESERVE: 20})).result is Result.VERIFIED
    assert stick.dts.sent == [{BATTERY_MODE: SELF.value, RESERVE: 20}]


async def test_what_was_kept_rides_along_over_the_road_that_has_it(both: Bench) -> None:
    """Economical mode is chosen over Modbus, but its reserve only a stick can carry."""
    both.device[BATTERY_MODE] = "economical"
    await both.writer.read(Block.MODE)
    await both.wish({BATTERY_MODE: "self_consumption"})
    outcome = await both.wish({"economical_reserve_soc": 35})
    assert outcome.result is Result.REMEMBERED
    outcome = await both.wish({BATTERY_MODE: "economical"})
    assert (outcome.result, outcome.link) == (Result.VERIFIED, DTS)
    assert both.device["economical_reserve_soc"] == 35
    # Once it was sent, it waits no more: a human's change stands.
    both.device["economical_reserve_soc"] = 50
    await both.wish({BATTERY_MODE: "self_consumption"})
    outcome = await both.wish({BATTERY_MODE: "economical"})
    assert outcome.link is MODBUS
    assert both.device["economical_reserve_soc"] == 50


async def test_what_is_wrong_is_said_by_the_road_that_has_the_setting(
    both: Bench,
) -> None:
    error = await both.refused({"economical_reserve_soc": 5})
    assert error.refusal is Refusal.OUT_OF_RANGE


async def test_half_a_proof_is_none(both: Bench) -> None:
    """Modbus shows the mode; the stick shows that the tariff was not taken."""
    both.device[BATTERY_MODE] = "economical"
    await both.writer.read(Block.MODE)
    both.dts.swallows = True
    error = await both.refused({"tariff": "cc"})
    assert error == WishError(Refusal.NOT_APPLIED, {"setting": "tariff"})
    # When nobody shows it, it is sent and not confirmed.
    both.dts.readable = False
    assert (await both.wish({"tariff": "cc"})).result is Result.SENT


async def test_a_stick_is_asked_once_for_what_modbus_does_not_tell(both: Bench) -> None:
    both.device[BATTERY_MODE] = "economical"
    for _ in range(3):
        reading = await both.writer.read(Block.MODE)
        assert reading.values["tariff"] == "aa"
    assert both.dts.reads == 1


async def test_with_a_whole_road_nothing_is_kept(both: Bench) -> None:
    """Its first reading after it returns would undo what was kept."""
    both.modbus.reading = [Trouble.LOST] * 2
    error = await both.refused({"force_charge_power": 40})
    assert error.refusal is Refusal.UNREACHABLE
    assert not both.memory.get(Block.MODE).kept
    both.modbus.reading = []
    outcome = await both.wish({"force_charge_power": 40})
    assert (outcome.result, outcome.link) == (Result.VERIFIED, MODBUS)


async def test_a_mode_and_what_waits_in_one_wish(stick: Bench) -> None:
    outcome = await stick.wish({**FORCE, "force_charge_target_soc": 80, RESERVE: 25})
    assert outcome.result is Result.VERIFIED
    assert RESERVE not in stick.dts.sent[0]
    await stick.wish({BATTERY_MODE: SELF.value})
    assert stick.device[RESERVE] == 25


async def test_a_mode_is_not_sent_with_gaps(stick: Bench) -> None:
    """The device would fill them with its defaults."""
    error = await stick.refused(FORCE)
    assert error == WishError(
        Refusal.INCOMPLETE, {"missing": "force_charge_target_soc"}
    )
    assert stick.sent == stick.budget.today == 0


async def test_a_mute_stick_is_sent_and_not_confirmed(mute: Bench) -> None:
    outcome = await mute.wish({**FORCE, "force_charge_target_soc": 90})
    assert (outcome.result, outcome.link) == (Result.SENT, DTS)
    assert mute.slept == []
    reading = await mute.writer.read(Block.MODE)
    assert not reading.confirmed
    assert reading.values == {**FORCE, "force_charge_target_soc": 90}
    # What was written last fills the next write.
    outcome = await mute.wish({"force_charge_power": 50})
    assert outcome.result is Result.SENT
    assert mute.dts.sent[-1]["force_charge_target_soc"] == 90


async def test_a_mute_stick_that_says_nothing_at_all(mute: Bench) -> None:
    await mute.wish({BATTERY_MODE: SELF.value, RESERVE: 20})
    mute.dts.writing = [Trouble.SILENT]
    error = await mute.refused({**FORCE, "force_charge_target_soc": 90})
    assert error.refusal is Refusal.SILENT
    assert mute.sent == 2
    assert (await mute.writer.read(Block.MODE)).values[BATTERY_MODE] == SELF.value


async def test_a_mute_stick_whose_mode_nobody_knows_keeps_the_parameter(
    mute: Bench,
) -> None:
    assert (await mute.wish({RESERVE: 20})).result is Result.REMEMBERED
    assert (await mute.wish({RESERVE: 20})).result is Result.UNCHANGED
    assert mute.sent == 0
    assert (await mute.wish({BATTERY_MODE: SELF.value})).result is Result.SENT
    assert mute.device[RESERVE] == 20


# ---- the journal ----


async def test_every_wish_is_written_down(bench: Bench) -> None:
    await bench.wish(FORCE)
    await bench.wish(FORCE)
    await bench.refused({RESERVE: 5})
    sent, unchanged, refused = bench.journal.entries
    assert sent.asker == Asker(kind=AskerKind.ENTITY, name="number.reserve")
    assert sent.changes == FORCE
    # What the plant did before, and what stood where the changes are.
    assert sent.before == {
        BATTERY_MODE: SELF.value,
        RESERVE: 10,
        "force_charge_power": 100,
    }
    assert (sent.link, sent.result) == (MODBUS, Result.VERIFIED)
    assert (unchanged.link, unchanged.result) == (None, Result.UNCHANGED)
    assert (refused.refusal, refused.result) == (Refusal.OUT_OF_RANGE, None)
    assert refused.placeholders["low"] == "10"
    assert all(entry.at == bench.time for entry in bench.journal.entries)


async def test_what_the_arbiter_finds_in_order_is_no_news(bench: Bench) -> None:
    await bench.wish({RESERVE: 10}, kind=AskerKind.LEASE)
    assert bench.journal.entries == ()
    await bench.wish({RESERVE: 20}, kind=AskerKind.LEASE)
    assert len(bench.journal.entries) == 1


# ---- the memory ----


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {"mode": 5},
        {"mode": {"values": "x", "kept": 3, "link": "pigeon", "at": "noon"}},
        {"attic": {"values": {RESERVE: 10}}},
        {
            "mode": {
                "values": {RESERVE: "ten", BATTERY_MODE: "party", "kettle": 1},
                "kept": [RESERVE, 7],
                "link": 3,
                "at": 3,
            }
        },
    ],
)
def test_damaged_memory_is_no_memory(stored: object) -> None:
    memory = Memory()
    memory.restore(stored)
    for block in Block:
        known = memory.get(block)
        assert (dict(known.values), known.kept) == ({}, frozenset())
        assert (known.link, known.at) == (None, None)


async def test_memory_survives_a_restart(both: Bench) -> None:
    for block in Block:
        await both.writer.read(block)
    await both.wish({"economical_reserve_soc": 35})
    again = Memory()
    again.restore(json.loads(json.dumps(both.memory.snapshot())))
    assert again.snapshot() == both.memory.snapshot()
    assert [again.get(block) for block in Block] == [
        both.memory.get(block) for block in Block
    ]


async def test_damage_costs_only_what_is_damaged(bench: Bench) -> None:
    await bench.writer.read(Block.MODE)
    stored = bench.memory.snapshot()
    stored["mode"]["values"][RESERVE] = None
    stored["mode"]["at"] = "noon"
    again = Memory()
    again.restore(stored)
    known = again.get(Block.MODE)
    assert RESERVE not in known.values
    assert known.values["force_charge_power"] == 100
    assert (known.link, known.at) == (MODBUS, None)


async def test_a_wish_with_nobody_to_carry_it() -> None:
    bench = Bench(())
    with pytest.raises(WishError) as caught:
        await bench.writer.carry_out(
            Wish(
                changes={RESERVE: 20},
                asker=Asker(kind=AskerKind.ACTION, name="set_battery_mode"),
            )
        )
    assert caught.value == WishError(Refusal.NOT_OFFERED, {"setting": RESERVE})
    assert bench.writer.capabilities == {}
    assert bench.writer.modes == {}
    assert not (await bench.writer.read(Block.MODE)).confirmed
    assert BatteryMode.AI not in Bench().writer.modes
