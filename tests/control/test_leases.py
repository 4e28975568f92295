"""Edges of leases (automation.md 4.5, 4.6, 4.7 and 4.10), one by one.

Real desk, arbiter and writer, on a simulated clock.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.instagen.control.leases import (
    LeaseEventKind as Kind,
    LeaseMode,
    LeaseState,
)
from custom_components.instagen.control.wishes import Refusal
from custom_components.instagen.links.settings import Trouble
from custom_components.instagen.plant.settings import BATTERY_MODE
from custom_components.instagen.plant.states import BatteryMode, LinkName

from .lease_world import (
    AUTOMATION,
    MODE_BLOCK,
    START,
    USER,
    Fate,
    World,
    conditions,
    current,
    refused,
)

SELF = BatteryMode.SELF_CONSUMPTION
BACKUP = BatteryMode.FULL_BACKUP
CHARGE = BatteryMode.FORCE_CHARGE
DISCHARGE = BatteryMode.FORCE_DISCHARGE

LOST = Fate(taken=False, answer=Trouble.SILENT)
REFUSED = Fate(taken=False, answer=Trouble.REFUSED)


# ---- Home Assistant is killed in each state ----


def applying(world: World) -> None:
    world.device.fates.extend([LOST, LOST])
    world.begin(world.desk.request(world.wish(), AUTOMATION))
    world.wait(4)


def sent_and_silent(world: World) -> None:
    world.device.fates.append(Fate(answer=Trouble.SILENT))
    world.begin(world.desk.request(world.wish(), AUTOMATION))
    world.wait(1)
    assert world.mode is CHARGE


def active(world: World) -> None:
    world.request()


def satisfied(world: World) -> None:
    world.request(target_soc=80)
    conditions(world, soc=81)
    world.wait(61)
    assert current(world).state is LeaseState.SATISFIED


def suspended(world: World) -> None:
    world.request()
    conditions(world, off_grid=True)
    world.wait(61)
    assert world.desk.leases[0].state is LeaseState.SUSPENDED


def restoring(world: World) -> None:
    world.request()
    world.device.fates.append(Fate(answer=Trouble.SILENT, delay=6))
    world.begin(world.desk.cancel(USER))
    world.wait(1)
    assert world.mode is CHARGE
    assert not world.desk.leases


def queued(world: World) -> None:
    world.request(LeaseMode.FULL_BACKUP, owner="storm", priority=70)
    world.request()


STATES = [applying, sent_and_silent, active, satisfied, suspended, restoring, queued]


@pytest.mark.parametrize("minutes", [0, 120])
@pytest.mark.parametrize("state", STATES)
def test_killed(world: World, state: Callable[[World], None], minutes: int) -> None:
    state(world)
    world.kill()
    world.wait(60 * minutes)
    world.boot()
    world.wait(90)
    if minutes:
        assert world.restored
    conditions(world, off_grid=False)
    world.wait(40 * 60)
    assert world.restored


@pytest.mark.parametrize("state", STATES)
def test_the_link_is_lost(world: World, state: Callable[[World], None]) -> None:
    state(world)
    world.device.up = False
    world.wait(60 * 60)
    conditions(world, off_grid=False)
    world.device.up = True
    world.wait(60)
    assert world.restored
    if state is not restoring:
        assert Kind.LOST in world.told


def test_killed_between_saving_and_sending(world: World) -> None:
    world.wait(1)
    world.begin(world.desk.request(world.wish(), AUTOMATION))
    while not (world.disk or {}).get("leases", {}).get("standing", {}).get("afloat"):
        world.wait(0.005)
    assert not world.device.writes
    world.kill()
    world.boot()
    world.wait(90)
    assert world.mode is CHARGE
    assert Kind.OVERRIDDEN not in world.told


# ---- when it ends ----


def test_until_is_in_the_past_or_too_far(world: World) -> None:
    assert refused(world, minutes=-1).refusal is Refusal.UNTIL
    assert refused(world, minutes=24 * 60 + 1).refusal is Refusal.UNTIL
    assert not world.device.writes


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_until_over_a_clock_change(world: World, month: int, day: int) -> None:
    london = ZoneInfo("Europe/London")
    begins = datetime(2026, month, day, 0, 30, tzinfo=london)
    world.shift = begins.astimezone(UTC) - START
    until = datetime(2026, month, day, 2, 30, tzinfo=london)
    wish = replace(world.wish(), until=until)
    world.run(world.desk.request(wish, AUTOMATION))
    hours = 1 if month == 3 else 3
    world.wait(hours * 3600 - 60)
    assert world.mode is CHARGE
    world.wait(70)
    assert world.restored


def test_no_decision_while_the_clock_is_wrong(world: World) -> None:
    world.request(minutes=30)
    writes = len(world.device.writes)
    world.kill()
    world.shift = -timedelta(days=400)
    world.boot()
    world.wait(10 * 60)
    assert len(world.device.writes) == writes
    assert refused(world, owner="peak").refusal is Refusal.UNTIL
    world.shift = timedelta()
    world.wait(25 * 60)
    assert world.restored


def test_a_clock_that_stays_is_believed_and_the_plant_put_back(world: World) -> None:
    world.request(minutes=30)
    world.kill()
    world.shift = -timedelta(days=400)
    world.boot()
    world.wait(17 * 60)
    assert world.restored


# ---- targets and powers ----


@pytest.mark.parametrize(("soc", "writes"), [(79, 1), (80, 1), (81, 1)])
def test_charging_to_where_it_is_holds(world: World, soc: int, writes: int) -> None:
    conditions(world, soc=soc)
    world.request(target_soc=80)
    world.wait(300)
    assert world.mode is CHARGE
    assert len(world.device.writes) == writes
    assert (current(world).state is LeaseState.SATISFIED) == (soc >= 80)


@pytest.mark.parametrize(("soc", "writes"), [(41, 1), (40, 0), (39, 0)])
def test_discharging_to_where_it_is_ends(world: World, soc: int, writes: int) -> None:
    conditions(world, soc=soc)
    world.request(LeaseMode.FORCE_DISCHARGE, target_soc=40)
    assert len(world.device.writes) == writes
    conditions(world, soc=40)
    world.wait(61)
    assert world.restored
    assert Kind.SATISFIED in world.told


def test_a_charge_that_is_to_release_ends_at_its_target(world: World) -> None:
    world.request(target_soc=80, at_target="release")
    conditions(world, soc=80)
    world.wait(61)
    assert world.restored


def test_nothing_is_discharged_below_the_reserve(world: World) -> None:
    world.device.values["self_consumption_reserve_soc"] = 35
    world.request(LeaseMode.FORCE_DISCHARGE, target_soc=30)
    assert world.device.values["force_discharge_target_soc"] == 35


@pytest.mark.parametrize("power", [0.0, 1.0, 100.0])
def test_powers(world: World, power: float) -> None:
    if power == 0:
        world.follows = False
    world.request(power=power)
    assert world.device.values["force_charge_power"] == power
    world.wait(6 * 60)
    assert world.mode is CHARGE
    assert len(world.device.writes) == 1


@pytest.mark.parametrize("kind", [{"target_soc": 101}, {"power": 33.33}])
def test_what_the_device_does_not_take_is_refused(world: World, kind: dict) -> None:
    error = refused(world, **kind)
    assert error.refusal in {Refusal.OUT_OF_RANGE, Refusal.NOT_A_STEP}
    assert not world.desk.leases
    assert world.restored
    assert not world.device.writes


def test_hold_keeps_the_charge_of_its_beginning(world: World) -> None:
    conditions(world, soc=57.4)
    world.request(LeaseMode.HOLD)
    conditions(world, soc=61)
    world.wait(300)
    assert world.mode is SELF
    assert world.device.values["self_consumption_reserve_soc"] == 57
    world.run(world.desk.cancel(USER))
    assert world.restored


def test_a_hold_that_waited_keeps_the_charge_of_its_turn(world: World) -> None:
    conditions(world, soc=57)
    world.request(LeaseMode.FULL_BACKUP, owner="storm", priority=95, minutes=30)
    world.request(LeaseMode.HOLD, minutes=60)
    conditions(world, soc=71)
    world.wait(30 * 60 + 5)
    assert world.mode is SELF
    assert world.device.values["self_consumption_reserve_soc"] == 71
    world.request(LeaseMode.FULL_BACKUP, owner="storm", priority=95, minutes=10)
    conditions(world, soc=80)
    world.wait(11 * 60)
    assert world.device.values["self_consumption_reserve_soc"] == 71, "as before"


def test_hold_stays_within_the_range(world: World) -> None:
    conditions(world, soc=4)
    world.request(LeaseMode.HOLD)
    assert world.device.values["self_consumption_reserve_soc"] == 10


def test_hold_needs_to_know_the_charge(world: World) -> None:
    conditions(world, soc=None)
    assert refused(world, LeaseMode.HOLD).refusal is Refusal.UNREADABLE


# ---- several owners ----


def test_the_higher_goes_first_and_the_other_takes_over(world: World) -> None:
    world.request(LeaseMode.FORCE_CHARGE, minutes=60)
    world.wait(11 * 60)
    world.request(LeaseMode.FULL_BACKUP, owner="storm", priority=70, minutes=20)
    assert world.mode is BACKUP
    world.wait(20 * 60 + 5)
    assert world.mode is CHARGE
    world.wait(40 * 60)
    assert world.restored
    assert len(world.device.writes) == 4


def test_of_equals_the_earlier_stays(world: World) -> None:
    world.request(LeaseMode.FORCE_CHARGE, minutes=10)
    grant = world.request(LeaseMode.FORCE_DISCHARGE, owner="peak", minutes=30)
    assert grant.state == "queued"
    world.wait(9 * 60)
    assert world.mode is CHARGE
    world.wait(70)
    assert world.mode is DISCHARGE


def test_nested_the_lower_one_ends_unseen(world: World) -> None:
    world.request(LeaseMode.FULL_BACKUP, owner="storm", priority=70, minutes=30)
    world.request(minutes=10)
    world.wait(31 * 60)
    assert world.restored
    assert len(world.device.writes) == 2


def test_the_same_wish_again_costs_nothing_and_may_last_longer(world: World) -> None:
    grant = world.request(minutes=10)
    events = len(world.events)
    again = world.request(minutes=20)
    assert again.lease.id == grant.lease.id
    assert len(world.events) == events
    assert len(world.device.writes) == 1
    world.wait(15 * 60)
    assert world.mode is CHARGE


def test_another_wish_of_an_owner_replaces_the_first(world: World) -> None:
    world.request(LeaseMode.FORCE_CHARGE)
    world.request(LeaseMode.FORCE_DISCHARGE)
    assert [lease.mode for lease in world.desk.leases] == [LeaseMode.FORCE_DISCHARGE]
    assert world.mode is DISCHARGE
    assert world.device.values["force_charge_power"] == 50.0


def test_a_dry_run_changes_nothing(world: World) -> None:
    assert world.request(dry_run=True).state == "dry_run"
    assert world.told == [Kind.DRY_RUN]
    assert not world.desk.leases
    assert not world.device.writes


# ---- the plant ----


def test_no_grid_no_forcing_until_it_returns(world: World) -> None:
    world.request(minutes=40)
    conditions(world, off_grid=True)
    world.wait(61)
    assert world.device.values == MODE_BLOCK
    assert refused(world, owner="peak").refusal is Refusal.OFF_GRID
    conditions(world, off_grid=None)
    world.wait(61)
    assert world.mode is SELF
    conditions(world, off_grid=False)
    world.wait(61)
    assert world.mode is CHARGE
    world.wait(40 * 60)
    assert world.restored


def test_a_grid_that_returns_late_ends_the_lease(world: World) -> None:
    world.request(minutes=15)
    conditions(world, off_grid=True)
    world.wait(6 * 60)
    conditions(world, off_grid=False)
    world.wait(61)
    assert world.restored
    assert world.desk.history[-1].ended == "grid_lost"


def test_an_alarm_ends_what_is_forced(world: World) -> None:
    world.request()
    conditions(world, alarm=True)
    world.wait(61)
    assert world.restored
    assert refused(world).refusal is Refusal.ALARM
    grant = world.request(LeaseMode.HOLD, owner="guard", priority=95)
    assert grant.state == "granted"


def test_nothing_is_written_while_firmware_is_upgraded(world: World) -> None:
    world.request(minutes=5)
    conditions(world, frozen=True)
    world.wait(20 * 60)
    assert len(world.device.writes) == 1
    conditions(world, frozen=False)
    world.wait(61)
    assert world.restored


@pytest.mark.parametrize("power", [0.0, 3000.0])
def test_no_power_or_of_the_wrong_sign_ends_it(world: World, power: float) -> None:
    world.battery = power
    world.again = True
    world.request()
    world.wait(130)
    assert len(world.device.writes) == 2
    assert world.mode is CHARGE
    world.wait(130)
    assert world.restored
    assert Kind.NO_EFFECT in world.told


@pytest.mark.parametrize("soc", [89, 90])
def test_no_power_at_the_target_is_right(world: World, soc: int) -> None:
    world.follows = False
    conditions(world, soc=soc)
    world.request()
    world.wait(600)
    assert world.mode is CHARGE
    assert len(world.device.writes) == 1


def test_unknown_power_is_no_judgement(world: World) -> None:
    world.follows = None
    world.request()
    world.wait(600)
    assert len(world.device.writes) == 1


# ---- the wire ----


def test_a_device_that_says_no_ends_the_lease_after_three_tries(world: World) -> None:
    world.device.fates.extend([REFUSED] * 3)
    world.request()
    world.wait(120)
    assert len(world.device.writes) == 3
    assert Kind.FAILED in world.told
    assert world.restored


def test_a_device_that_never_lets_go_is_told_and_tried_again(world: World) -> None:
    world.request(minutes=5)
    world.device.fates.extend([REFUSED] * 10)
    world.wait(75 * 60)
    assert world.told.count(Kind.STUCK) == 1
    writes = len(world.device.writes)
    assert writes == 11
    world.wait(3600)
    assert len(world.device.writes) == writes
    world.run(world.desk.cancel(USER))
    assert world.restored


def test_stuck_goes_on_when_the_link_returns(world: World) -> None:
    world.request(minutes=5)
    world.device.fates.extend([REFUSED] * 10)
    world.wait(75 * 60)
    world.device.up = False
    world.wait(120)
    world.device.up = True
    world.wait(61)
    assert world.restored


@pytest.mark.parametrize("delay", [3, 6, 12, 25, 50])
@pytest.mark.parametrize("answer", [None, Trouble.SILENT])
def test_a_late_write_is_known_as_ours(
    world: World, delay: float, answer: Trouble | None
) -> None:
    world.device.fates.append(Fate(delay=delay, answer=answer))
    world.begin(world.desk.request(world.wish(), AUTOMATION))
    world.wait(1)
    world.begin(world.desk.cancel(USER))
    world.wait(200)
    assert world.restored
    assert Kind.OVERRIDDEN not in world.told


def test_a_write_that_comes_after_a_later_one_is_known_as_ours(world: World) -> None:
    """Also when the later one was seen but not verified, as after a restart."""
    late = [Fate(delay=25, answer=Trouble.SILENT), Fate(delay=4)]
    world.device.fates.extend(late)
    world.request()
    human = world.wish(LeaseMode.FORCE_DISCHARGE, owner="human", priority=90)
    world.begin(world.desk.request(human, AUTOMATION))
    world.wait(4.8)
    assert world.mode is DISCHARGE
    world.kill()
    world.boot()
    world.wait(10)
    assert world.mode is CHARGE
    world.wait(70)
    assert world.mode is DISCHARGE
    assert Kind.OVERRIDDEN not in world.told
    world.wait(60 * 60)
    assert world.restored


def test_the_stick_restarts_in_the_middle(world: World) -> None:
    world.request(minutes=30)
    world.device.up = False
    world.wait(60)
    world.device.reboot()
    world.device.up = True
    world.wait(20 * 60)
    assert world.mode is CHARGE
    assert len(world.device.writes) == 1


def test_the_budget_keeps_from_starting_but_not_from_ending(world: World) -> None:
    world.kill()
    world.refuse_at = 1
    world.boot()
    world.request(minutes=5)
    error = refused(world, LeaseMode.FORCE_DISCHARGE, owner="peak", priority=80)
    assert error.refusal is Refusal.BUDGET
    world.wait(6 * 60)
    assert world.restored


def test_a_link_that_tells_nothing(world: World) -> None:
    world.kill()
    world.roads[:] = World(LinkName.DTS).roads
    world.roads[0].device = world.device
    world.boot()
    world.wait(61)
    world.roads[0].readable = False
    world.kill()
    assert world.disk
    world.disk["leases"]["readable"] = False
    world.boot()
    world.request(minutes=5, power=30.0, target_soc=70)
    assert world.mode is CHARGE
    world.wait(6 * 60)
    assert world.mode is SELF
    assert world.desk.before is None
    assert len(world.device.writes) == 2


# ---- coming and going ----


def test_a_reload_puts_the_plant_back_and_goes_on(world: World) -> None:
    world.request(minutes=30)
    world.run(world.desk.close(release=True))
    assert world.device.values == MODE_BLOCK
    world.kill()
    world.boot()
    world.wait(5)
    assert world.mode is CHARGE
    world.wait(31 * 60)
    assert world.restored


def test_leaving_is_not_held_up_by_a_link_that_is_away(world: World) -> None:
    world.request(minutes=30)
    world.device.reads.extend([Trouble.SILENT] * 20)
    before = world.loop.time()
    world.run(world.desk.close(release=True))
    assert world.loop.time() - before < 20


def test_nothing_is_written_before_a_read(world: World) -> None:
    world.request(minutes=5)
    world.kill()
    world.wait(600)
    world.device.up = False
    world.boot()
    world.wait(300)
    assert len(world.device.writes) == 1
    world.human(**{BATTERY_MODE: BACKUP.value})
    world.device.up = True
    world.wait(120)
    assert world.mode is BACKUP
    assert len(world.device.writes) == 1
