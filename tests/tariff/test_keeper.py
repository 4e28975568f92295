"""A tariff by UTC stays right in the inverter when the clocks change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.instagen.control_texts import ControlTexts
from custom_components.instagen.simulated.tariff import Window
from tests.plant.tariffs import london
from tests.steering.world import World

from .tables import table

pytestmark = pytest.mark.parametrize("steered", ["mode_read"], indirect=True)

E7: Final = table(
    tariff__clock="utc",
    group__off_peak={"start": "00:30", "end": "07:30", "buy": 0.09, "sell": 0.15},
    group__peak=None,
)
BEFORE: Final = london("2026-10-20T12:00")
EVE: Final = london("2026-10-24T18:00")
AFTER: Final = london("2026-10-25T12:00")
ASLEEP: Final = london("2026-10-27T09:00")

SUMMER, NIGHT, WINTER = Window(90, 510), Window(90, 450), Window(30, 450)
"""On the wall; in the autumn night 01:30 comes twice, and the first is the right one."""


async def go_to(world: World, freezer: FrozenDateTimeFactory, moment: datetime) -> None:
    """Let it be a moment for everybody, and whatever is due then happen."""
    freezer.move_to(moment.astimezone(UTC))
    world.clock.advance((moment.astimezone(UTC) - world.clock.utcnow()).total_seconds())
    async_fire_time_changed(world.hass, moment.astimezone(UTC), fire_all=True)
    for _ in range(3):
        await world.settle()


async def poll(world: World) -> None:
    """Make a slow poll while time stands still, and what follows from it."""
    world.coordinator._next_slow = float("-inf")
    await world.coordinator.async_refresh()
    await world.settle()


def held(world: World) -> Window:
    """Return the device's cheap window."""
    (group,) = world.sim.plant.programs.tariff.seasons[0].groups
    assert group.off_peak is not None
    return group.off_peak


async def begin(world: World, freezer: FrozenDateTimeFactory) -> None:
    """Set Economy 7 in summer, in its mode."""
    freezer.move_to(BEFORE.astimezone(UTC))
    world.clock.advance((BEFORE.astimezone(UTC) - world.clock.utcnow()).total_seconds())
    await world.set_up(["dts"])
    await world.act("set_tariff", tariff=E7)
    await world.choose("economical")
    await world.settle()
    assert held(world) == SUMMER


def late(world: World) -> list[Any]:
    return [event for event in world.told if event.data["code"] == "tariff_late"]


async def test_the_table_is_written_on_the_eve_and_after(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    await begin(world, freezer)
    told = await world.act("get_tariff")
    assert told["rewritten_at"] == EVE.astimezone(UTC).isoformat()
    writes = world.sim.stick.user_settings.writes
    await go_to(world, freezer, EVE - timedelta(minutes=1))
    assert held(world) == SUMMER
    await go_to(world, freezer, EVE)
    assert held(world) == NIGHT
    await go_to(world, freezer, AFTER)
    assert held(world) == WINTER
    assert world.sim.stick.user_settings.writes == writes + 2
    told = await world.act("get_tariff")
    assert told["source"] == "set_here"
    assert told["tariff"]["clock"] == "utc"
    assert (
        told["rewritten_at"] == london("2027-03-27T18:00").astimezone(UTC).isoformat()
    )
    assert told["missed"] is None
    assert late(world) == []


async def test_who_comes_late_writes_and_tells_how_much_was_missed(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    """Home Assistant slept through the change and two nights after it."""
    await begin(world, freezer)
    await world.stop()
    await go_to(world, freezer, ASLEEP)
    assert held(world) == SUMMER
    await world.start()
    await world.settle()
    assert held(world) == WINTER
    (event,) = late(world)
    missed = event.data["placeholders"]["minutes"]
    # In the first night half an hour in the second 01:xx and the last hour, in the two
    # after it an hour at both ends.
    assert missed == str(30 + 60 + 2 * 120)
    assert missed in ControlTexts(world.hass).told(event.data)
    told = await world.act("get_tariff")
    assert told["missed"]["minutes"] == int(missed)
    await world.stop()
    await world.start()
    assert (await world.act("get_tariff"))["missed"] == told["missed"]
    assert len(late(world)) == 1


@pytest.mark.parametrize(
    ("back", "missed"),
    [
        (EVE + timedelta(hours=1), 0),
        # Half an hour in the second 01:xx and the last hour of that night.
        (london("2026-10-25T09:00"), 90),
    ],
    ids=["before the night", "after it"],
)
async def test_a_stick_that_is_away_on_the_eve_gets_it_when_it_returns(
    world: World, freezer: FrozenDateTimeFactory, back: datetime, missed: int
) -> None:
    await begin(world, freezer)
    await world.sim.fault("drop")
    await go_to(world, freezer, EVE)
    await poll(world)
    assert held(world) == SUMMER
    await world.sim.fault("drop", on=False)
    await go_to(world, freezer, back)
    await poll(world)
    assert held(world) == NIGHT
    (event,) = late(world)
    assert event.data["placeholders"]["minutes"] == str(missed)


async def test_a_device_that_refuses_is_not_asked_for_ever(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    await begin(world, freezer)
    await world.sim.fault("writes", kind="refused")
    before = world.steering.budget.total
    await go_to(world, freezer, EVE)
    for hours in range(1, 16):
        await go_to(world, freezer, EVE + timedelta(hours=hours))
        await poll(world)
    assert world.steering.budget.total - before == 8
    await world.sim.fault("writes", on=False)
    await go_to(world, freezer, AFTER)
    assert held(world) == WINTER


async def test_the_table_of_somebody_else_is_left_alone(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    await begin(world, freezer)
    programs = world.sim.plant.programs
    (season,) = programs.tariff.seasons
    (group,) = season.groups
    theirs = replace(group, off_peak=Window(120, 300))
    season = replace(season, groups=(theirs,))
    world.sim.plant.write(
        {}, replace(programs, tariff=replace(programs.tariff, seasons=(season,)))
    )
    # Not even seen yet: the write finds it.
    await go_to(world, freezer, EVE)
    assert held(world) == Window(120, 300)
    await poll(world)
    await go_to(world, freezer, AFTER)
    assert held(world) == Window(120, 300)


async def test_in_another_mode_it_waits(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    await begin(world, freezer)
    await world.choose("self_consumption")
    writes = world.sim.stick.user_settings.writes
    await go_to(world, freezer, EVE)
    await go_to(world, freezer, AFTER)
    assert world.sim.stick.user_settings.writes == writes
    await world.choose("economical")
    assert held(world) == WINTER
    assert late(world) == []


async def test_a_plant_that_carries_none_needs_no_rewrite(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(BEFORE.astimezone(UTC))
    await world.set_up(["modbus"])
    await world.act("set_tariff", tariff=E7)
    await go_to(world, freezer, london("2026-10-26T07:15"))
    assert world.shown("tariff_period") == "off_peak"
    await go_to(world, freezer, london("2026-10-26T07:30"))
    assert world.shown("tariff_period") == "partial_peak"
