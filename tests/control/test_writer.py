"""The rules of the writer: what is sent, what is not, and how either is told."""

import asyncio
from dataclasses import replace
import json
from typing import Any

import pytest

from custom_components.instagen.control.guards import Surroundings
from custom_components.instagen.control.wishes import (
    Asker,
    AskerKind,
    Refusal,
    Result,
    Wish,
    WishError,
)
from custom_components.instagen.links.settings import Capability
from custom_components.instagen.plant.evidence import Evidence
from custom_components.instagen.plant.settings import (
    BATTERY_MODE,
    Block,
    Range,
    SettingValues,
)
from custom_components.instagen.plant.states import BatteryMode

from .paper import CHARGE, DTS, FACTORY, FORCE, MODBUS, RESERVE, SELF, Bench


@pytest.fixture
def bench() -> Bench:
    """Return a plant behind Modbus."""
    return Bench()


@pytest.fixture
def mute() -> Bench:
    """Return a plant behind a stick that does not."""
    bench = Bench((DTS,))
    bench.dts.readable = False
    return bench


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
