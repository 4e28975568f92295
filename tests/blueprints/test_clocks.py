"""Nights on which the clocks change: an hour that is missing, and one that comes twice.

Who reckons with instants is right on both; who reckons with the wall has to be shown.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util
import pytest

from .lease_cases import CASES, LeaseCase, States
from .test_prices import day_of
from .world import World

LONDON = ZoneInfo("Europe/London")
HALF = timedelta(minutes=30)
WRITTEN_FOR = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The noon that the cases are told for."""

SPRING, AUTUMN = "2026-03-29", "2026-10-25"
NIGHTS = pytest.mark.parametrize("date", [SPRING, AUTUMN])
DAYS = pytest.mark.parametrize(
    ("date", "slots"), [(SPRING, 46), ("2026-06-10", 48), (AUTUMN, 50)]
)


def midnight_of(date: str) -> datetime:
    """Return when a day begins in London."""
    return datetime.fromisoformat(date).replace(tzinfo=LONDON).astimezone(UTC)


def change_of(date: str) -> datetime:
    """Return when the clocks change on a day: at one o'clock in UTC, both times."""
    return datetime.fromisoformat(f"{date}T01:00:00+00:00")


def wall(date: str, time: str) -> datetime:
    """Return the moment at which a clock on the wall shows a time."""
    local = datetime.fromisoformat(f"{date}T{time}").replace(tzinfo=LONDON)
    return local.astimezone(UTC)


def moved(told: Any, by: timedelta) -> Any:
    """Return what a case tells for a noon, told for another moment."""
    if isinstance(told, Mapping):
        return {key: moved(value, by) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return type(told)(moved(value, by) for value in told)
    try:
        moment = datetime.fromisoformat(told)
    except TypeError, ValueError:
        return told
    if moment.tzinfo:
        return (moment + by).isoformat()
    # Calendars and helpers tell the time on the wall.
    then = moment.replace(tzinfo=LONDON).astimezone(UTC) + by
    return then.astimezone(LONDON).strftime("%Y-%m-%d %H:%M:%S")


async def show(world: World, states: States, by: timedelta) -> None:
    for entity_id, (state, attributes) in states.items():
        await world.set(entity_id, moved(state, by), **moved(attributes, by))


@NIGHTS
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_a_window_over_the_change_is_one_lease(
    world: World, case: LeaseCase, date: str
) -> None:
    """It begins half an hour before the change, and wants the battery for three hours."""
    begins = change_of(date) - HALF
    by = begins - WRITTEN_FOR
    await world.go_to(begins - timedelta(minutes=20))
    await show(world, case.rests, by)
    await world.use(case.name, dict(case.inputs))
    await world.go_to(begins)
    assert world.wishes == []
    await show(world, case.wants, by)
    lease = world.lease_of(case.owner)
    assert lease is not None
    for _ in range(17):
        await world.pass_time(10, pace=300)
        held = world.lease_of(case.owner)
        assert held is not None, dt_util.now()
        assert held["id"] == lease["id"]
        assert held["until"] > dt_util.utcnow()
    assert world.cancelled == 0
    assert len(world.messages) == 1
    await show(world, case.rests, by)
    await world.pass_time(case.lets_go_after, pace=300)
    assert world.leases == []


@NIGHTS
async def test_a_season_goes_on_over_the_change(world: World, date: str) -> None:
    await world.go_to(midnight_of(date) - timedelta(hours=5))
    await world.use("season_change", {})
    await world.tick()
    for _ in range(20):
        await world.pass_time(60, pace=900)
        lease = world.lease_of("season")
        assert lease is not None
        assert lease["id"] == "lease-1"
    assert len(world.messages) == 1


@NIGHTS
@pytest.mark.parametrize("name", ["charge_now", "export_now", "hold"])
async def test_hours_by_hand_are_hours_that_pass(
    world: World, name: str, date: str
) -> None:
    begins = change_of(date) - HALF
    await world.go_to(begins)
    inputs = {"allow_export": True} if name == "export_now" else {}
    await world.use(name, inputs, domain="script")
    await world.hass.services.async_call("script", name, {"hours": 3}, blocking=True)
    assert world.leases[0]["until"] == begins + timedelta(hours=3)


@NIGHTS
async def test_a_price_holds_to_the_next_half_hour(world: World, date: str) -> None:
    """A quarter before the clocks change, the wall's next hour is far or not at all."""
    change = change_of(date)
    await world.go_to(change - timedelta(minutes=15))
    await world.set_all({"sensor.soc": 80, "sensor.price": 0.3})
    given = {"soc": "sensor.soc", "price": "sensor.price", "allow_export": True}
    await world.use("peak_export", given)
    await world.tick()
    assert world.leases[0]["until"] == change + timedelta(minutes=1)


@NIGHTS
async def test_quiet_hours_end_by_the_wall(world: World, date: str) -> None:
    contact, grid, soc = "switch.generator", "binary_sensor.off_grid", "sensor.soc"
    await world.go_to(midnight_of(date) - timedelta(minutes=30))
    await world.set_all({contact: "off", grid: "on", soc: 15})
    await world.use(
        "generator_helper",
        {
            "contact": contact,
            "off_grid": grid,
            "soc": soc,
            "quiet_start": "22:00:00",
            "quiet_end": "03:00:00",
        },
    )
    while dt_util.utcnow() < wall(date, "02:54:00"):
        await world.pass_time(5, pace=300)
        assert not world.is_on(contact)
    await world.pass_time(15)
    assert world.is_on(contact)


@NIGHTS
async def test_the_hours_of_a_load_end_by_the_wall(world: World, date: str) -> None:
    load = "switch.immersion"
    given = {"load": load, "nominal": 2000, "solar": "sensor.s", "house": "sensor.h"}
    await world.go_to(midnight_of(date) - timedelta(minutes=30))
    await world.set_all({load: "off", "sensor.s": 500, "sensor.h": 400})
    hours = {"window_start": "00:30:00", "window_end": "03:00:00"}
    await world.use("solar_surplus_load", {**given, **hours, "least_run": 0})
    await world.pass_time(15)
    await world.set("sensor.s", 5000)
    while dt_util.utcnow() < wall(date, "00:25:00"):
        await world.pass_time(5, pace=300)
        assert not world.is_on(load)
    await world.pass_time(25)
    while dt_util.utcnow() < wall(date, "02:55:00"):
        assert world.is_on(load)
        await world.set("sensor.h", 2400)
        await world.pass_time(5, pace=300)
    await world.pass_time(10)
    assert not world.is_on(load)


@pytest.mark.parametrize(("date", "reports"), [(SPRING, 2), (AUTUMN, 3)])
async def test_a_report_comes_once_a_day(world: World, date: str, reports: int) -> None:
    """Three nights: an hour that comes twice has one report, one that is missing none."""
    await world.go_to(midnight_of(date) - timedelta(hours=24, minutes=30))
    sums = {"solar": "sensor.a", "imported": "sensor.b", "exported": "sensor.c"}
    await world.set_all(dict.fromkeys(sums.values(), 1))
    await world.use("daily_report", {**sums, "at": "01:30:00"})
    await world.pass_time(72 * 60, pace=1800)
    assert len(world.messages) == reports


@NIGHTS
async def test_what_waited_is_told_when_the_wall_says_morning(
    world: World, date: str
) -> None:
    alarm = "event.alarm"
    await world.go_to(midnight_of(date) - timedelta(minutes=30))
    await world.set(alarm, "unknown")
    quiet = {"quiet_start": "22:00:00", "quiet_end": "03:00:00"}
    await world.use("alarm_notice", {"alarm": alarm, **quiet})
    said = {"code": "x", "state": "raised", "severity": "warning"}
    world.alarms = [
        {"code": "x", "severity": "warning", "text": "X", "remedy": "Wait."}
    ]
    await world.pass_time(1)
    await world.set(
        alarm, dt_util.utcnow().isoformat(), text="X", remedy="Wait.", **said
    )
    while dt_util.utcnow() < wall(date, "02:54:00"):
        await world.pass_time(5, pace=300)
        assert world.messages == []
    await world.pass_time(15)
    assert len(world.messages) == 1


@DAYS
async def test_the_cheapest_slots_of_days_of_46_48_and_50(
    world: World, date: str, slots: int
) -> None:
    """Before an event the two cheapest half-hours charge, whatever the wall shows."""
    day = day_of(date, {3: 0.05, 6: 0.1}, usual=0.3)
    assert len(day["rates"]) == slots
    begins = midnight_of(date)
    event = {
        "id": 1,
        "start": wall(date, "07:00:00").isoformat(),
        "end": wall(date, "08:00:00").isoformat(),
        "rewarded_octopoints": None,
        "octopoints_per_kwh": 1800,
    }
    await world.go_to(begins)
    await world.set("sensor.soc", 50)
    await world.set("event.rates", begins.isoformat(), **day)
    joined = {"available_events": [], "joined_events": [event]}
    await world.set("event.sessions", begins.isoformat(), **joined)
    given = {"session": "event.sessions", "rates": ["event.rates"], "lead": 1}
    await world.use("saving_session", {"soc": "sensor.soc", **given})
    charged = set()
    for _ in range(5 * 12):
        await world.pass_time(5, pace=300)
        lease = world.lease_of("saving session")
        if lease and lease["mode"] == "force_charge":
            charged.add((dt_util.utcnow() - begins) // HALF)
    assert charged == {3, 6}
