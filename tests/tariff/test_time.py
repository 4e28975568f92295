"""Sensors and calendar of the tariff go by the wall, also when the clocks change."""

from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import ATTR_ENTITY_ID
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.instagen.plant.tariff_time import segments
from tests.plant.tariffs import LONDON, london
from tests.steering.world import World

from .tables import GO, table, tariff

SPRING = london("2026-03-29T00:00")
AUTUMN = london("2026-10-25T00:00")


async def go_to(world: World, freezer: FrozenDateTimeFactory, moment: datetime) -> None:
    """Let it be a moment, and whatever is due then happen."""
    freezer.move_to(moment.astimezone(UTC))
    async_fire_time_changed(world.hass, moment.astimezone(UTC), fire_all=True)
    await world.settle()


async def set_up(world: World, data: dict[str, Any]) -> None:
    """Set a plant up that keeps its tariff here."""
    await world.set_up(["modbus"])
    await world.act("set_tariff", tariff=data)
    await world.settle()


def shown(world: World) -> tuple[str, float, float, str]:
    """Return all that is shown of the tariff."""
    return (
        world.shown("tariff_period"),
        float(world.shown("buy_price")),
        float(world.shown("sell_price")),
        world.shown("next_tariff_change"),
    )


async def test_band_and_prices_turn_at_the_borders(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(london("2026-06-15T15:59:30").astimezone(UTC))
    await set_up(world, GO)
    turn = "2026-06-15T15:00:00+00:00"
    assert shown(world) == ("partial_peak", 0.2471, 0.15, turn)
    await go_to(world, freezer, london("2026-06-15T15:59:59"))
    assert world.shown("tariff_period") == "partial_peak"
    await go_to(world, freezer, london("2026-06-15T16:00"))
    assert shown(world) == ("peak", 0.3852, 0.15, "2026-06-15T18:00:00+00:00")
    await go_to(world, freezer, london("2026-06-15T19:00"))
    assert shown(world)[:2] == ("partial_peak", 0.2471)
    await go_to(world, freezer, london("2026-06-16T00:30"))
    assert shown(world)[:2] == ("off_peak", 0.0905)


@pytest.mark.parametrize("day", [SPRING, AUTUMN], ids=["23 hours", "25 hours"])
async def test_every_turn_of_a_day_with_a_clock_change(
    world: World, freezer: FrozenDateTimeFactory, day: datetime
) -> None:
    """An off-peak of four hours on the wall lasts three in spring, and five in autumn."""
    freezer.move_to(day.astimezone(UTC))
    await set_up(world, GO)
    spent: dict[str, timedelta] = {}
    here, end = day.astimezone(UTC), (day + timedelta(days=1)).astimezone(UTC)
    while here < end:
        following = datetime.fromisoformat(world.shown("next_tariff_change"))
        until = min(following, end)
        band = world.shown("tariff_period")
        spent[band] = spent.get(band, timedelta(0)) + (until - here)
        await go_to(world, freezer, until)
        here = until
    hours = {band: time / timedelta(hours=1) for band, time in spent.items()}
    off_peak = 3 if day is SPRING else 5
    length = 23 if day is SPRING else 25
    assert hours == {
        "off_peak": off_peak,
        "peak": 3,
        "partial_peak": length - 3 - off_peak,
    }


async def test_a_tariff_by_utc_shifts_on_the_wall(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(london("2026-06-15T01:00").astimezone(UTC))
    await set_up(world, table(tariff__clock="utc"))
    assert world.shown("tariff_period") == "partial_peak"
    await go_to(world, freezer, london("2026-06-15T01:30"))
    assert world.shown("tariff_period") == "off_peak"


async def test_another_time_zone_is_followed(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(london("2026-06-15T15:30").astimezone(UTC))
    await set_up(world, GO)
    assert world.shown("tariff_period") == "partial_peak"
    await world.hass.config.async_update(time_zone="Europe/Berlin")
    await world.settle()
    assert world.shown("tariff_period") == "peak"


async def test_a_flat_tariff_never_turns(world: World) -> None:
    flat = table(
        group__off_peak=None,
        group__partial=None,
        group__peak={"start": "00:00", "end": "23:59", "buy": 0.25, "sell": 0.15},
    )
    await set_up(world, flat)
    assert world.shown("next_tariff_change") == "unknown"
    assert world.shown("buy_price") == "0.25"


async def test_nothing_is_left_running(world: World) -> None:
    """The plug-in refuses timers that outlive a test; this one unloads before."""
    await set_up(world, GO)
    await world.stop()
    assert world.shown("tariff_period") == "unavailable"


# ---- the calendar ----


async def events(world: World, start: datetime, end: datetime) -> list[dict[str, str]]:
    answer = await world.hass.services.async_call(
        "calendar",
        "get_events",
        {
            ATTR_ENTITY_ID: world.entity_id("tariff"),
            "start_date_time": start.isoformat(),
            "end_date_time": end.isoformat(),
        },
        blocking=True,
        return_response=True,
    )
    found: Any = answer
    return list(found[world.entity_id("tariff")]["events"])


async def test_the_calendar_shows_a_day(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(london("2026-06-15T16:30").astimezone(UTC))
    await set_up(world, GO)
    found = await events(world, london("2026-06-15T12:00"), london("2026-06-15T23:00"))
    assert [
        (one["summary"], one["start"][11:16], one["end"][11:16]) for one in found
    ] == [
        ("Partial peak: 0.2471 / 0.15 GBP/kWh", "04:30", "16:00"),
        ("Peak: 0.3852 / 0.15 GBP/kWh", "16:00", "19:00"),
        ("Partial peak: 0.2471 / 0.15 GBP/kWh", "19:00", "00:30"),
    ]
    state = world.state("tariff")
    assert state.state == "on"
    assert state.attributes["message"].startswith("Peak")
    await go_to(world, freezer, london("2026-06-15T19:00"))
    assert world.state("tariff").attributes["message"].startswith("Partial peak")


async def test_the_calendar_is_exact_over_months_and_soon_there(world: World) -> None:
    await set_up(world, GO)
    start, end = london("2026-02-01T00:00"), london("2026-11-30T00:00")
    begun = perf_counter()
    found = await events(world, start, end)
    took = perf_counter() - begun
    told = [
        (datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"]))
        for one in found
    ]
    day = timedelta(days=1)
    wanted = [
        (one.start, one.end)
        for one in segments(tariff(GO), start - day, end + day, LONDON)
        if one.start < end and one.end > start
    ]
    assert told == wanted
    assert len(told) > 1100
    assert took < 1
