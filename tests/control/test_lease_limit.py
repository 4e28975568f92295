"""A lease beside a car: real desk, arbiter and writer, on a simulated clock."""

import pytest

from custom_components.instagen.control.leases import (
    ChargeLimit,
    EndReason,
    GrantState,
    Hindrance,
    LeaseEventKind as Kind,
    LeaseMode,
    LeaseState,
)
from custom_components.instagen.control.wishes import Wish
from custom_components.instagen.plant.settings import BATTERY_MODE
from custom_components.instagen.plant.states import BatteryMode

from .lease_world import AUTOMATION, USER, World, conditions, current

SELF = BatteryMode.SELF_CONSUMPTION
CHARGE = BatteryMode.FORCE_CHARGE
DISCHARGE = BatteryMode.FORCE_DISCHARGE
NO_ROOM = ChargeLimit(0, Hindrance.NO_ROOM)


def limit(world: World, found: ChargeLimit | None) -> None:
    """Let there be room for so much, and see to it as the contact does."""
    conditions(world, charge_limit=found)
    world.desk.look_again()
    world.wait(2)


def power(world: World) -> float:
    assert world.mode is CHARGE
    return float(world.device.values["force_charge_power"])


def hindrance(world: World) -> Hindrance | None:
    return world.desk.leases[0].hindrance


@pytest.mark.parametrize(
    ("asked", "written"), [(100, 40), (40, 40), (30, 30), (None, 40)]
)
def test_a_charge_gets_no_more_than_there_is_room_for(
    world: World, asked: float | None, written: float
) -> None:
    """Without a power of its own the device's counts, which is 50 %."""
    conditions(world, charge_limit=ChargeLimit(40))
    world.request(power=asked)
    assert power(world) == written
    world.wait(40 * 60)
    assert world.restored


def test_room_for_all_changes_nothing(world: World) -> None:
    conditions(world, charge_limit=ChargeLimit(100))
    world.request()
    limit(world, None)
    assert power(world) == 50
    assert len(world.device.writes) == 1
    assert Kind.LIMITED not in world.told


def test_a_change_of_the_limit_is_one_write_and_is_told(world: World) -> None:
    world.request(power=80)
    for percent in (30, 60, 100):
        limit(world, ChargeLimit(percent))
        assert power(world) == min(percent, 80)
        assert current(world).limit == (percent if percent < 100 else None)
    assert len(world.device.writes) == 4
    assert world.told.count(Kind.LIMITED) == 3
    limit(world, ChargeLimit(90))
    assert len(world.device.writes) == 4
    assert world.told.count(Kind.LIMITED) == 3, "nothing that is to be seen changed"


def test_without_room_it_waits_and_goes_on(world: World) -> None:
    world.request(power=80)
    limit(world, NO_ROOM)
    assert world.mode is SELF
    (lease,) = world.desk.leases
    assert (lease.state, lease.hindrance) == (LeaseState.SUSPENDED, NO_ROOM.hindrance)
    assert world.events[-1].reason == "no_room"
    limit(world, ChargeLimit(0, Hindrance.CURRENT_UNKNOWN))
    assert hindrance(world) is Hindrance.CURRENT_UNKNOWN
    assert world.told.count(Kind.SUSPENDED) == 1
    limit(world, ChargeLimit(25))
    assert power(world) == 25
    resumed = next(one for one in world.events if one.kind is Kind.RESUMED)
    assert resumed.reason == "room"
    world.run(world.desk.cancel(USER))
    assert world.restored


def test_a_wish_without_room_waits_from_its_beginning(world: World) -> None:
    conditions(world, charge_limit=NO_ROOM)
    grant = world.request()
    assert grant.state is GrantState.QUEUED
    assert grant.lease.state is LeaseState.SUSPENDED
    assert world.device.writes == []
    world.request(LeaseMode.FULL_BACKUP, owner="storm", priority=10)
    assert world.mode is BatteryMode.FULL_BACKUP, "who needs no room goes first"
    world.wait(31 * 60)
    assert world.restored
    assert world.desk.history[-1].ended is EndReason.EXPIRED


def test_it_does_not_go_on_for_its_last_minutes(world: World) -> None:
    world.request(minutes=30)
    limit(world, NO_ROOM)
    world.wait(21 * 60)
    limit(world, ChargeLimit(80))
    assert world.mode is SELF
    world.wait(10 * 60)
    assert world.restored


def test_the_grid_is_away_and_there_is_no_room(world: World) -> None:
    world.request()
    conditions(world, off_grid=True)
    limit(world, NO_ROOM)
    assert hindrance(world) is Hindrance.OFF_GRID
    assert world.events[-1].reason is None
    conditions(world, off_grid=False)
    limit(world, NO_ROOM)
    assert hindrance(world) is Hindrance.NO_ROOM
    conditions(world, off_grid=None)
    limit(world, ChargeLimit(50))
    assert world.mode is CHARGE


def test_discharging_needs_no_room(world: World) -> None:
    conditions(world, charge_limit=NO_ROOM)
    world.request(LeaseMode.FORCE_DISCHARGE)
    assert world.mode is DISCHARGE


def test_a_hand_at_the_dashboard_does_not_pass_the_limit(world: World) -> None:
    world.request(power=30)
    limit(world, ChargeLimit(40))
    world.begin(
        world.desk.change(Wish(changes={"force_charge_power": 90.0}, asker=USER))
    )
    world.wait(5)
    assert power(world) == 40
    limit(world, None)
    assert power(world) == 90


def test_a_restart_keeps_the_limit(world: World) -> None:
    world.request(power=80)
    limit(world, ChargeLimit(30))
    writes = len(world.device.writes)
    world.kill()
    world.boot()
    world.wait(90)
    assert power(world) == 30
    assert len(world.device.writes) == writes
    assert world.told.count(Kind.LIMITED) == 1, "told before the restart"


def test_a_spent_budget_lets_the_charge_go(world: World) -> None:
    """Refused to lower it, the lease ends; to put the plant back is always allowed."""
    world.refuse_at = 1
    world.kill()
    world.boot()
    world.begin(world.desk.request(world.wish(power=80), AUTOMATION))
    world.wait(5)
    assert power(world) == 80
    limit(world, ChargeLimit(30))
    world.wait(30)
    assert world.device.values[BATTERY_MODE] == SELF
    assert world.desk.history[-1].ended is EndReason.REFUSED
