"""A day in the life of an installation whose link is never at rest for long."""

from collections.abc import Awaitable, Callable
from datetime import datetime
import os
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from ..conftest import NOON
from .conftest import Begin
from .trouble import EVERY_KIND, Trouble
from .world import BACK, LOST, POLL, World

DAY: Final = (24 * 3600 + 600) // POLL
"""Polls of 24 hours and ten minutes: from five to midnight there are two midnights."""

BEFORE_MIDNIGHT: Final = datetime(2026, 6, 14, 23, 55, tzinfo=ZoneInfo("Europe/London"))

SETTLED: Final = 2
"""Slow polls after trouble by which every entity shows the truth."""

AGREED: Final = 5
"""Slow polls after a counter fell, which is believed only once three of them agree."""

SEED: Final = int(os.environ["INSTAGEN_SEED"])
"""Another one each time; the name of the test tells it, the variable repeats it."""

type Events = dict[int, Callable[[World], Awaitable[None]]]


async def reset_counters(world: World) -> None:
    await world.fault("counter_reset")


async def live(
    world: World,
    polls: int,
    trouble: Trouble,
    events: Events,
    *,
    settle: int = SETTLED,
) -> int:
    """Poll through all trouble; return how often everything was seen to be true."""
    seen = 0
    patience = settle
    settled = world.slow_polls + patience
    waiting = sorted(events)
    for poll in range(polls):
        await trouble.before_poll(world)
        today, slow_polls = world.sim.plant.local_time.date(), world.slow_polls
        at_rest = trouble.calm and world.coordinator.last_update_success
        if waiting and poll >= waiting[0] and at_rest:
            await events[waiting.pop(0)](world)
            patience, settled = AGREED, world.slow_polls + AGREED
        await world.poll()
        if world.sim.plant.local_time.date() != today:
            patience, settled = AGREED, world.slow_polls + AGREED
        if not trouble.calm:
            settled = world.slow_polls + patience
        elif slow_polls < world.slow_polls >= settled:
            assert world.wrong() == {}, f"poll {poll}, after {trouble.history[-3:]}"
            patience = settle
            seen += 1
    assert not waiting
    return seen


async def end_well(world: World, trouble: Trouble) -> None:
    """End the last fault; all is as if nothing had been."""
    await trouble.end(world)
    await world.poll_slowly(SETTLED)
    assert world.unavailable() == set()
    assert world.wrong() == {}
    assert world.witness.lies == []
    assert world.witness.absurd == []
    assert world.losses == world.returns
    lines = [f"ERROR {LOST}", f"INFO {BACK}"] * world.losses
    assert world.log() == lines
    assert world.complaints() == []


def deviations(world: World) -> dict[str, tuple[float, float]]:
    """Return the energy each counter showed and the one that really passed."""
    truth = world.energies()
    return {
        key: (shown, truth[key.removesuffix("_today")])
        for key, shown in world.witness.energies.items()
    }


@pytest.mark.timeout(400)
async def test_a_day_of_faults(
    begin: Begin, record_property: Callable[[str, object], None]
):
    world = await begin(BEFORE_MIDNIGHT)
    world.sim.set({"soc": 22})  # not enough for the night: the grid has its part, too
    trouble = Trouble(Random(2026))
    events: Events = {
        1500: World.reload,
        3000: reset_counters,
        4500: World.reload,
        7000: World.reload,
    }
    seen = await live(world, DAY, trouble, events)
    await end_well(world, trouble)

    assert set(trouble.begun) == EVERY_KIND
    assert world.losses > 30
    assert seen > 500
    energies = deviations(world)
    record_property("energies", energies)
    assert len(energies) == 16
    for key, (shown, true) in energies.items():
        assert shown == pytest.approx(true, rel=0.005, abs=0.2), key
    assert energies["grid_import_energy"][1] > 1


@pytest.mark.parametrize("seed", [SEED])
async def test_two_hours_of_other_faults(begin: Begin, seed: int):
    world = await begin(NOON)
    trouble = Trouble(Random(seed), calm=(1, 40))
    await live(world, 2 * 3600 // POLL, trouble, {300: World.reload})
    await end_well(world, trouble)
    for key, (shown, true) in deviations(world).items():
        assert shown == pytest.approx(true, rel=0.005, abs=0.2), key
