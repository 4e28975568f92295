"""Who asks patiently lets the battery rest for ten minutes (automation.md C6)."""

from custom_components.instagen.control.leases import (
    LeaseEventKind as Kind,
    LeaseMode,
)
from custom_components.instagen.plant.states import BatteryMode

from .lease_world import USER, World, conditions

SELF = BatteryMode.SELF_CONSUMPTION
BACKUP = BatteryMode.FULL_BACKUP
CHARGE = BatteryMode.FORCE_CHARGE
DISCHARGE = BatteryMode.FORCE_DISCHARGE


def handed_over(world: World) -> None:
    """Somebody has the battery since 100 s, and a higher one asks for it."""
    world.request(LeaseMode.FORCE_CHARGE, minutes=60)
    world.wait(100)
    grant = world.request(
        LeaseMode.FULL_BACKUP, owner="storm", priority=70, patient=True
    )
    assert grant.state == "queued"
    assert world.mode is CHARGE


def test_who_has_the_battery_keeps_it_for_ten_minutes(world: World) -> None:
    handed_over(world)
    world.wait(490)
    assert world.mode is CHARGE
    assert Kind.STARTED not in world.told[2:]
    world.wait(11)
    assert world.mode is BACKUP
    assert len(world.device.writes) == 2


def test_a_restart_cuts_no_dwell_short(world: World) -> None:
    handed_over(world)
    world.kill()
    world.boot()
    world.wait(480)
    assert world.mode is CHARGE
    world.wait(25)
    assert world.mode is BACKUP


def test_who_asks_without_patience_goes_by_rank_alone(world: World) -> None:
    handed_over(world)
    grant = world.request(LeaseMode.FORCE_DISCHARGE, owner="now", priority=31)
    assert grant.state == "granted"
    assert world.mode is DISCHARGE


def test_a_lease_that_ends_hands_over_at_once(world: World) -> None:
    handed_over(world)
    world.run(world.desk.cancel(USER, world.desk.leases[1].id))
    assert world.mode is BACKUP
    assert len(world.device.writes) == 2


def test_a_plant_that_was_put_back_rests_for_ten_minutes(world: World) -> None:
    world.request(minutes=5)
    world.wait(5 * 60 + 5)
    assert world.restored
    assert world.request(minutes=30, patient=True).state == "queued"
    world.wait(9 * 60)
    assert world.mode is SELF
    world.wait(70)
    assert world.mode is CHARGE


def test_an_owner_may_change_its_mind_at_once(world: World) -> None:
    world.request(patient=True)
    world.wait(60)
    assert world.request(LeaseMode.FORCE_DISCHARGE, patient=True).state == "granted"
    assert world.mode is DISCHARGE


def test_a_grid_that_flickers_does_not_turn_the_plant_over(world: World) -> None:
    world.request(minutes=40, patient=True)
    conditions(world, off_grid=True)
    world.wait(61)
    assert world.mode is SELF
    conditions(world, off_grid=False)
    world.wait(61)
    assert world.mode is SELF
    world.wait(9 * 60)
    assert world.mode is CHARGE
