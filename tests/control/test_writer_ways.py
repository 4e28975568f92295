"""The writer's way through trouble, over several roads, and over a stick."""

import asyncio
import json

import pytest

from custom_components.instagen.control.known import Memory
from custom_components.instagen.control.wishes import (
    AskerKind,
    Refusal,
    Result,
    WishError,
)
from custom_components.instagen.control.writer import CLOUD_REST
from custom_components.instagen.links.settings import Trouble
from custom_components.instagen.plant.settings import (
    BATTERY_MODE,
    Block,
    SettingValues,
    acting,
)

from .paper import CLOUD, DTS, FACTORY, FORCE, MODBUS, RESERVE, SELF, Bench


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


# ---- the cloud as the last road ----

ECONOMICAL: SettingValues = {BATTERY_MODE: "economical"}


@pytest.fixture
def backed() -> Bench:
    """Return a plant behind Modbus that an account follows."""
    return Bench((MODBUS, CLOUD))


async def test_the_cloud_proves_nothing_of_what_it_was_not_told(backed: Bench) -> None:
    assert (await backed.wish(FORCE)).link is MODBUS
    cloud = backed.roads[CLOUD]
    assert (cloud.reads, cloud.heard, backed.modbus.heard) == (0, 1, 0)
    await backed.wish({"battery_max_soc": 90})
    assert cloud.heard == 1, "of what it does not carry it need not hear"


async def test_a_table_that_the_device_has_is_no_reason_to_go_over_the_cloud(
    backed: Bench,
) -> None:
    """A lease ends without it; a table that waits is brought along."""
    backed.device.update(ECONOMICAL)
    before = await backed.writer.read(Block.MODE, frozenset({"tariff"}))
    assert "tariff" in before.told
    await backed.wish(FORCE)
    outcome = await backed.wish({**ECONOMICAL, "tariff": before.values["tariff"]})
    assert outcome.link is MODBUS
    await backed.wish(FORCE)
    assert (await backed.wish({"tariff": "bb"})).result is Result.REMEMBERED
    assert (await backed.wish(ECONOMICAL)).link is CLOUD
    assert backed.device["tariff"] == "bb"


async def test_the_cloud_s_no_is_not_the_device_s(backed: Bench) -> None:
    """Busy, or no permission: what Modbus can carry goes its way."""
    await backed.wish({"tariff": "bb"})
    cloud = backed.roads[CLOUD]
    cloud.writing = [Trouble.REFUSED, Trouble.REFUSED]
    outcome = await backed.wish(ECONOMICAL)
    assert outcome.link is MODBUS
    assert backed.memory.get(Block.MODE).kept == {"tariff"}, "it waits on"
    error = await backed.refused({"tariff": "bb"})
    assert error.refusal is Refusal.REFUSED_BY_DEVICE


async def test_what_waits_outlives_what_the_cloud_tells_of_it() -> None:
    bench = Bench((CLOUD,))
    await bench.writer.read(Block.MODE)
    assert (await bench.wish({"tariff": "bb"})).result is Result.REMEMBERED
    reading = await bench.writer.read(Block.MODE)
    assert reading.values["tariff"] == "bb"
    assert "tariff" not in reading.told
    await bench.wish(ECONOMICAL)
    assert bench.device["tariff"] == "bb"
    assert not bench.memory.get(Block.MODE).kept


async def test_a_cloud_that_is_away_is_not_asked_with_every_look(backed: Bench) -> None:
    """Whoever wants to change something asks it all the same."""
    backed.device.update(ECONOMICAL)
    cloud, table = backed.roads[CLOUD], frozenset({"tariff"})
    cloud.reading = [Trouble.LOST]
    for _ in range(3):
        await backed.writer.read(Block.MODE, table)
    assert cloud.reads == 1
    assert (await backed.wish({"tariff": "bb"})).result is Result.VERIFIED
    reads = cloud.reads
    backed.time += CLOUD_REST
    await backed.writer.read(Block.MODE, table)
    assert cloud.reads == reads + 1
