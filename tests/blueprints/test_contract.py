"""What every blueprint that asks for the battery keeps (automation.md C1 to C11)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
import os
from random import Random
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from .lease_cases import CASES, LeaseCase, States
from .world import BLUEPRINTS, World

GRACE = 10


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> LeaseCase:
    found: LeaseCase = request.param
    return found


async def show(world: World, states: States) -> None:
    for entity_id, (state, attributes) in states.items():
        await world.set(entity_id, state, **attributes)


async def begin(world: World, case: LeaseCase, **inputs: object) -> None:
    """Set the blueprint up while it rests."""
    await show(world, case.rests)
    await world.use(case.name, {**case.inputs, **inputs})
    await world.tick()
    assert world.wishes == []


async def holding(world: World, case: LeaseCase) -> None:
    """Let the blueprint get the battery."""
    await begin(world, case)
    await show(world, case.wants)
    assert world.lease_of(case.owner) is not None


def test_every_blueprint_with_an_owner_is_here() -> None:
    owned = {
        path.stem
        for path in (BLUEPRINTS / "automation").glob("*/*.yaml")
        if "owner: !input owner" in path.read_text()
    }
    assert owned - {"season_change"} == {case.name for case in CASES}


async def test_it_asks_once_for_what_it_wants(world: World, case: LeaseCase) -> None:
    await begin(world, case)
    await show(world, case.wants)
    ((action, data),) = world.wishes
    assert action == case.action
    assert data["config_entry_id"] == world.plant.entry_id
    assert data["owner"] == case.owner
    assert data["priority"] == case.priority
    assert data["reason"]
    assert data["dry_run"] is False
    assert {key: data.get(key) for key in case.asks} == case.asks
    lease = world.lease_of(case.owner)
    assert lease is not None
    assert lease["mode"] == case.mode
    (message,) = world.messages
    assert message.startswith(f"{case.owner.capitalize()} starts to ")
    assert data["reason"] in message
    assert world.logbook == [message]
    await world.pass_time(65, pace=150)
    assert len(world.wishes) == 1
    assert world.cancelled == 0
    assert len(world.messages) == 1


def as_moments(told: Any) -> Any:
    """Return attributes as an integration sets them, with moments for texts."""
    if isinstance(told, Mapping):
        return {key: as_moments(value) for key, value in told.items()}
    if isinstance(told, list):
        return [as_moments(value) for value in told]
    try:
        moment = datetime.fromisoformat(told)
    except TypeError, ValueError:
        return told
    return moment if moment.tzinfo else told


async def test_moments_are_as_good_as_texts(world: World, case: LeaseCase) -> None:
    """Suppliers' integrations publish moments; who reads a state back finds texts."""
    await begin(world, case)
    plain = {
        entity_id: (state, as_moments(told))
        for entity_id, (state, told) in case.wants.items()
    }
    await show(world, plain)
    assert world.lease_of(case.owner) is not None
    await show(world, case.wants)
    assert len(world.wishes) == 1


async def test_it_lets_go_when_it_no_longer_wants(
    world: World, case: LeaseCase
) -> None:
    await holding(world, case)
    await world.pass_time(15, pace=150)
    await show(world, case.rests)
    await world.pass_time(case.lets_go_after)
    assert world.leases == []
    assert world.made("cancel_override") == [
        {"config_entry_id": world.plant.entry_id, "owner": case.owner}
    ]
    assert f"{case.owner.capitalize()} lets go of the battery" in world.messages[-1]
    await world.pass_time(30, pace=150)
    assert world.cancelled == 1


async def test_it_says_what_it_would_do(world: World, case: LeaseCase) -> None:
    await begin(world, case, dry_run=True)
    await show(world, case.wants)
    assert [data["dry_run"] for _, data in world.wishes] == [True]
    assert world.leases == []
    assert f"{case.owner.capitalize()} would " in world.messages[-1]
    await world.pass_time(55, pace=150)
    assert len(world.wishes) == 1
    await show(world, case.rests)
    assert world.cancelled == 0


async def test_a_short_gap_changes_nothing(world: World, case: LeaseCase) -> None:
    await holding(world, case)
    for gone in ("unknown", "unavailable"):
        await world.set(case.signal, gone)
        await world.pass_time(GRACE - 2)
        assert world.lease_of(case.owner) is not None
        await show(world, {**case.rests, **case.wants})
    assert len(world.wishes) == 1
    assert world.cancelled == 0


async def test_a_long_gap_lets_go(world: World, case: LeaseCase) -> None:
    await holding(world, case)
    await world.set(case.signal, "unavailable")
    await world.pass_time(max(GRACE, case.lets_go_after) + 6)
    assert world.leases == []
    assert world.cancelled == 1


async def test_a_gap_starts_nothing(world: World, case: LeaseCase) -> None:
    await begin(world, case)
    await world.set(case.signal, "unknown")
    await world.pass_time(20, pace=150)
    assert world.wishes == []
    assert world.messages == []


async def test_a_restart_goes_on_with_the_lease(world: World, case: LeaseCase) -> None:
    await holding(world, case)
    await world.restart(away=3)
    await world.pass_time(20, pace=150)
    assert len(world.wishes) == 1
    assert world.lease_of(case.owner) is not None


async def test_a_restart_lets_go_of_what_is_over(world: World, case: LeaseCase) -> None:
    """The end came while Home Assistant was away; nothing tells but the states."""
    await holding(world, case)
    await world.restart(away=3)
    world.forget()
    # As at a boot: the entities are there before the automation looks.
    await world.stop()
    await show(world, case.rests)
    await world.start(away=3)
    await world.pass_time(case.lets_go_after + 6)
    assert world.leases == []
    assert world.cancelled == 1


async def test_a_restart_begins_what_was_missed(world: World, case: LeaseCase) -> None:
    await begin(world, case)
    await world.stop()
    await show(world, case.wants)
    await world.start(away=30)
    assert [action for action, _ in world.wishes] == [case.action]


async def test_a_human_wins(world: World, case: LeaseCase) -> None:
    await holding(world, case)
    world.overrule()
    await world.pass_time(30, pace=150)
    await show(world, case.rests)
    await show(world, case.wants)
    await world.pass_time(15, pace=150)
    assert len(world.wishes) == 1
    world.resume()
    await world.pass_time(15, pace=150)
    assert len(world.wishes) == 2


async def test_it_waits_for_its_turn_quietly(world: World, case: LeaseCase) -> None:
    world.give_to("somebody")
    await begin(world, case)
    await show(world, case.wants)
    assert "waits for its turn" in world.messages[-1]
    await world.pass_time(30, pace=150)
    assert len(world.wishes) == 1
    await show(world, case.rests)
    await world.pass_time(case.lets_go_after)
    assert world.lease_of(case.owner) is None
    assert world.lease_of("somebody") is not None


async def test_a_plant_that_is_not_set_up_is_left_alone(
    world: World, case: LeaseCase
) -> None:
    """An action would end in an error, each few minutes."""
    await begin(world, case)
    world.load(loaded=False)
    world.hide()
    await show(world, case.wants)
    await world.pass_time(30, pace=150)
    assert world.calls == []
    assert world.messages == []
    world.load(loaded=True)
    await world.pass_time(6)
    assert [action for action, _ in world.wishes] == [case.action]


async def test_a_refusal_is_told_and_not_pressed(world: World, case: LeaseCase) -> None:
    world.refusing = True
    await begin(world, case)
    await show(world, case.wants)
    assert "was refused" in world.messages[-1]
    await world.pass_time(9)
    assert len(world.wishes) == 1
    world.refusing = False
    await world.pass_time(6)
    assert world.lease_of(case.owner) is not None


async def test_without_its_sensor_it_still_lets_go(
    hass: HomeAssistant, world: World, case: LeaseCase
) -> None:
    """The lease sensor may be switched off by its owner."""
    await begin(world, case)
    world.hide()
    await show(world, case.wants)
    assert world.lease_of(case.owner) is not None
    await show(world, case.rests)
    await world.restart(away=1)
    await world.pass_time(case.lets_go_after)
    assert world.leases == []


async def test_no_two_starts_within_the_dwell(world: World, case: LeaseCase) -> None:
    """Whatever the signals do, there are ten minutes between two starts."""
    random = Random(int(os.environ["INSTAGEN_SEED"]))
    await begin(world, case)
    starts = []
    had = False
    for _ in range(24):
        states = random.choice([case.rests, case.wants, {case.signal: ("unknown", {})}])
        await show(world, states)
        has = world.lease_of(case.owner) is not None
        if has and not had:
            starts.append(dt_util.utcnow())
        await world.pass_time(random.choice([1, 3, 7]), pace=120)
        had = world.lease_of(case.owner) is not None
        if had and not has:
            starts.append(dt_util.utcnow())
    assert starts
    for one, next_one in pairwise(starts):
        assert next_one - one >= timedelta(minutes=GRACE - 1)
