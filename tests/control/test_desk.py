"""The desk: what it shows, tells and stores."""

import pytest

from custom_components.instagen.control.leases import LeaseEventKind as Kind, LeaseMode
from custom_components.instagen.control.shown import Shown, ShownState
from custom_components.instagen.control.wishes import Refusal, Wish, WishError
from custom_components.instagen.links.settings import Trouble
from custom_components.instagen.plant.settings import BATTERY_MODE
from custom_components.instagen.plant.states import BatteryMode

from .lease_world import USER, Fate, World

RESERVE = "self_consumption_reserve_soc"


def state(world: World, key: str = RESERVE) -> tuple[object, ShownState]:
    shown: Shown = world.desk.shown(key)
    return shown.value, shown.state


def test_a_lease_is_applied_and_the_plant_put_back(world: World) -> None:
    grant = world.request(LeaseMode.FORCE_CHARGE, minutes=30, target_soc=80, power=40.0)
    assert grant.state == "granted"
    assert grant.before[BATTERY_MODE] == "self_consumption"
    assert world.mode is BatteryMode.FORCE_CHARGE
    assert world.device.values["force_charge_target_soc"] == 80
    world.wait(29 * 60)
    assert world.mode is BatteryMode.FORCE_CHARGE
    world.wait(65)
    assert world.restored
    assert len(world.device.writes) == 2
    assert world.desk.writes_today == 2
    assert world.told == [Kind.STARTED, Kind.APPLIED, Kind.ENDED, Kind.RESTORED]
    assert [lease.ended for lease in world.desk.history] == ["expired"]


def test_a_value_is_pending_then_confirmed_and_never_flaps(world: World) -> None:
    seen: list[tuple[object, ShownState]] = []
    world.wait(1)
    world.desk.audience.add_listener(
        lambda keys: seen.append(state(world)) if RESERVE in keys else None
    )
    world.run(world.desk.change(Wish(changes={RESERVE: 45}, asker=USER)))
    world.device.reads.append({RESERVE: 20})
    world.run(world.desk.refresh({RESERVE}))
    assert not world.device.reads
    world.wait(100)
    assert seen == [
        (45, ShownState.PENDING),
        (45, ShownState.CONFIRMED),
    ]
    assert state(world) == (45, ShownState.CONFIRMED)


def test_a_refused_value_shows_what_stands(world: World) -> None:
    world.wait(1)
    world.device.fates.append(Fate(taken=False, answer=Trouble.REFUSED))
    with pytest.raises(WishError) as caught:
        world.run(world.desk.change(Wish(changes={RESERVE: 45}, asker=USER)))
    assert caught.value.refusal is Refusal.REFUSED_BY_DEVICE
    assert state(world) == (20, ShownState.REFUSED)
    world.wait(61)
    assert state(world) == (20, ShownState.CONFIRMED)


def test_a_forced_mode_is_not_just_written(world: World) -> None:
    wish = Wish(changes={BATTERY_MODE: "force_charge"}, asker=USER)
    with pytest.raises(WishError):
        world.run(world.desk.change(wish))
    assert not world.device.writes


def test_what_is_sent_was_saved_before(world: World) -> None:
    """Else a restart could not tell whose mode it finds."""
    world.begin(world.desk.request(world.wish(), USER))
    while not world.device.writes:
        world.wait(0.005)
    assert world.disk
    sent = world.disk["leases"]["standing"]["afloat"][-1]["values"]
    assert sent == world.device.writes[0]
    assert (
        world.disk["leases"]["standing"]["baseline"][BATTERY_MODE] == "self_consumption"
    )


def test_a_look_that_fails_unexpectedly_is_followed_by_another(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The poll's own look comes a minute later; the lease must not hang on it."""
    world.wait(1)
    world.request(LeaseMode.FORCE_CHARGE, minutes=30, target_soc=80)
    world.wait(30 * 60 - 5)
    pump = world.desk._pump

    async def fail() -> None:
        monkeypatch.setattr(world.desk, "_pump", pump)
        raise RuntimeError("a surprise")

    monkeypatch.setattr(world.desk, "_pump", fail)
    world.wait(5 + 25)
    assert "a surprise" in caplog.text
    assert world.restored
