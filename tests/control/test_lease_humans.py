"""Leases and humans: what stood before, and who wins."""

from dataclasses import replace

import pytest

from custom_components.instagen.control.leases import (
    LeaseEventKind as Kind,
    LeaseMode,
)
from custom_components.instagen.control.wishes import Refusal, Result, Wish, WishError
from custom_components.instagen.links.settings import Capability, Trouble
from custom_components.instagen.plant.evidence import Evidence
from custom_components.instagen.plant.settings import (
    BATTERY_MODE,
    Block,
    Range,
    SettingValues,
)
from custom_components.instagen.plant.states import BatteryMode

from .lease_world import MODE_BLOCK, USER, Fate, World, current, refused

SELF = BatteryMode.SELF_CONSUMPTION
BACKUP = BatteryMode.FULL_BACKUP
CHARGE = BatteryMode.FORCE_CHARGE
DISCHARGE = BatteryMode.FORCE_DISCHARGE

LOST = Fate(taken=False, answer=Trouble.SILENT)
REFUSED = Fate(taken=False, answer=Trouble.REFUSED)


# ---- what stood before ----


def test_a_forced_mode_is_nothing_to_return_to(world: World) -> None:
    world.human(**{BATTERY_MODE: BACKUP.value})
    world.wait(61)
    world.human(**{BATTERY_MODE: CHARGE.value})
    world.wait(61)
    world.request(LeaseMode.FORCE_DISCHARGE, minutes=5)
    world.wait(6 * 60)
    assert world.mode is BACKUP


def test_without_a_past_it_is_self_consumption(world: World) -> None:
    world.human(**{BATTERY_MODE: CHARGE.value})
    world.request(LeaseMode.FORCE_DISCHARGE, minutes=5)
    world.wait(6 * 60)
    assert world.mode is SELF


def test_nothing_known_nothing_changed(world: World) -> None:
    world.kill()
    world.disk = None
    world.roads[0].readable = False
    world.boot()
    assert refused(world).refusal is Refusal.UNKNOWN_BEFORE


def test_without_a_link_nothing_begins(world: World) -> None:
    world.wait(1)
    world.device.up = False
    assert refused(world).refusal is Refusal.UNREACHABLE


def test_a_number_the_device_does_not_take_back_keeps_nothing_forced(
    world: World,
) -> None:
    world.device.values["force_charge_power"] = 0.0
    road = world.roads[0]
    road.capabilities["force_charge_power"] = Capability(
        evidence=Evidence.CONFIRMED, range=Range(10, 100, 0.1)
    )
    world.request(power=40.0, minutes=5)
    world.wait(6 * 60)
    assert world.mode is SELF
    assert world.desk.before is None
    assert world.device.values["force_charge_power"] == 40.0


def test_off_grid_that_may_not_be_chosen_again_becomes_self_consumption(
    world: World,
) -> None:
    world.human(**{BATTERY_MODE: BatteryMode.OFF_GRID.value})
    world.request(minutes=5)
    world.around = replace(world.around, soc=20)
    world.wait(6 * 60)
    assert world.mode is SELF
    assert Kind.STUCK in world.told


# ---- humans ----


@pytest.mark.parametrize("mode", [SELF, BACKUP])
def test_a_human_at_the_device_wins(world: World, mode: BatteryMode) -> None:
    world.request(minutes=30)
    world.wait(90)
    world.human(**{BATTERY_MODE: mode.value})
    world.wait(65)
    assert world.mode is mode
    assert len(world.device.writes) == 1
    assert Kind.OVERRIDDEN in world.told
    error = refused(world)
    assert error.refusal is Refusal.PAUSED
    assert error.placeholders["until"]
    world.wait(30 * 60)
    world.request()
    assert world.mode is CHARGE


def test_resume_ends_the_pause(world: World) -> None:
    world.request()
    world.human(**{BATTERY_MODE: BACKUP.value})
    world.wait(125)
    assert refused(world).refusal is Refusal.PAUSED
    world.run(world.desk.cancel(USER))
    world.request()
    assert world.mode is CHARGE


def test_a_human_while_home_assistant_was_away(world: World) -> None:
    world.request()
    world.kill()
    world.human(**{BATTERY_MODE: BACKUP.value})
    world.wait(300)
    world.boot()
    world.wait(3600)
    assert world.mode is BACKUP
    assert len(world.device.writes) == 1


def test_an_installers_lock_is_put_back_over_a_human(world: World) -> None:
    world.request(LeaseMode.FULL_BACKUP, owner="lock", priority=100, minutes=30)
    world.wait(90)
    world.human(**{BATTERY_MODE: SELF.value, "self_consumption_reserve_soc": 44})
    world.wait(65)
    assert world.mode is BACKUP
    error = None
    with pytest.raises(WishError) as caught:
        world.run(world.desk.set_mode(SELF, {}, USER))
    error = caught.value
    assert error.refusal is Refusal.HELD
    assert error.placeholders == {"owner": "lock"}
    world.wait(30 * 60)
    assert world.mode is SELF
    assert world.device.values["self_consumption_reserve_soc"] == 44


@pytest.mark.parametrize("reserve", [10, 19, 21, 100])
@pytest.mark.parametrize(
    "mode", [LeaseMode.FORCE_CHARGE, LeaseMode.FORCE_DISCHARGE, LeaseMode.FULL_BACKUP]
)
@pytest.mark.parametrize("here", [True, False])
def test_the_reserve_changes_while_it_waits(
    world: World, mode: LeaseMode, reserve: int, here: bool
) -> None:
    world.request(mode, minutes=10)
    changes = {"self_consumption_reserve_soc": reserve}
    if here:
        world.run(world.desk.change(Wish(changes=changes, asker=USER)))
    else:
        world.human(**changes)
    world.wait(9 * 60)
    assert world.mode.value == mode.value
    world.wait(125)
    assert world.device.values == {**MODE_BLOCK, **changes}
    assert Kind.OVERRIDDEN not in world.told


def test_our_own_number_of_the_running_mode_adjusts_the_lease(world: World) -> None:
    world.request(power=40.0)
    changes = {"force_charge_power": 60.0}
    outcome = world.run(world.desk.change(Wish(changes=changes, asker=USER)))
    assert outcome.result is Result.VERIFIED
    assert current(world).power == 60.0
    world.wait(31 * 60)
    assert world.restored


def test_our_own_select_ends_lower_leases(world: World) -> None:
    world.request()
    world.run(world.desk.set_mode(BACKUP, {"full_backup_reserve_soc": 95}, USER))
    assert not world.desk.leases
    world.wait(3600)
    assert world.device.values == {
        **MODE_BLOCK,
        BATTERY_MODE: BACKUP.value,
        "full_backup_reserve_soc": 95,
    }


def test_our_own_select_is_seen_through_when_its_answer_is_lost(world: World) -> None:
    world.request(power=20.0)
    world.device.fates.append(LOST)
    with pytest.raises(WishError) as caught:
        world.run(world.desk.set_mode(BACKUP, {}, USER))
    assert caught.value.refusal is Refusal.NOT_APPLIED
    world.wait(90)
    assert world.device.values == {**MODE_BLOCK, BATTERY_MODE: BACKUP.value}


def test_a_forced_mode_a_human_chose_ends(world: World) -> None:
    world.run(world.desk.set_mode(CHARGE, {"force_charge_power": 70.0}, USER))
    world.wait(119 * 60)
    assert world.mode is CHARGE
    world.wait(125)
    assert world.restored


def test_one_odd_reading_is_no_human(world: World) -> None:
    world.request()
    world.wait(90)
    world.device.reads.append({BATTERY_MODE: SELF.value})
    world.wait(90)
    assert world.mode is CHARGE
    assert world.desk.current
    assert len(world.device.writes) == 1


def test_one_odd_reading_is_nothing_to_return_to(world: World) -> None:
    world.wait(1)
    world.device.reads.append({"self_consumption_reserve_soc": 99})
    world.request(minutes=5)
    world.wait(6 * 60)
    assert world.restored


def test_a_human_a_moment_before_our_write_is_not_overwritten(world: World) -> None:
    grant = world.request(minutes=30)
    world.wait(200)
    seen = world.run(world.desk._writer.read(Block.MODE))
    world.human(**{BATTERY_MODE: BACKUP.value})
    step = world.desk._arbiter
    step.cancel(world.now(), grant.lease.id)
    world.run(world.desk._pump(seen))
    assert world.mode is BACKUP
    assert len(world.device.writes) == 1


def test_yesterdays_news_of_another_link_is_no_human(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link may show for a while what stood before our write."""

    async def lags(block: Block) -> SettingValues:
        return dict(MODE_BLOCK)

    world.request()
    with monkeypatch.context() as patch:
        patch.setattr(world.roads[0], "read", lags)
        for _ in range(4):
            world.run(world.desk.refresh({BATTERY_MODE}))
            world.wait(5)
    world.wait(90)
    assert world.desk.current
    assert len(world.device.writes) == 1
    assert Kind.OVERRIDDEN not in world.told
