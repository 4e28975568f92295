"""Cheap-rate charge: what counts as cheap, how much, and until when."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from .world import World

NAME = "cheap_rate_charge"
OWNER = "cheap-rate charge"
SIGNAL = "binary_sensor.off_peak"
SOC = "sensor.soc"
LONDON = ZoneInfo("Europe/London")


async def begin(world: World, level: float = 40, **inputs: Any) -> None:
    await world.set(SIGNAL, "off")
    await world.set(SOC, level)
    await world.use(NAME, {"signal": SIGNAL, "soc": SOC, "target_soc": 80, **inputs})


async def test_it_ends_two_minutes_after_the_window_at_the_latest(world: World) -> None:
    await begin(world)
    await world.set(SIGNAL, "on", current_end="2026-11-20T16:00:00+00:00")
    ((_, data),) = world.wishes
    assert data["until"] == "2026-11-20T16:02:00+00:00"
    assert "charge to 80 % until 16:02" in world.messages[-1]


async def test_it_lets_go_at_the_end_even_if_the_signal_is_late(world: World) -> None:
    await begin(world)
    await world.set(SIGNAL, "on", current_end="2026-11-20T12:20:00+00:00")
    await world.pass_time(21)
    assert world.lease_of(OWNER) is None
    await world.pass_time(30)
    assert len(world.wishes) == 1


async def test_a_window_that_grows_is_followed(world: World) -> None:
    await begin(world)
    await world.set(SIGNAL, "on", current_end="2026-11-20T12:30:00+00:00")
    await world.pass_time(20)
    await world.set(SIGNAL, "on", current_end="2026-11-20T13:30:00+00:00")
    lease = world.lease_of(OWNER)
    assert lease is not None
    assert lease["until"].hour == 13
    assert lease["id"] == "lease-1"
    assert len(world.messages) == 1


async def test_a_signal_without_an_end_has_one_all_the_same(world: World) -> None:
    await begin(world, longest=3)
    await world.set(SIGNAL, "on")
    ((_, data),) = world.wishes
    assert data["until"] == "2026-11-20T15:02:00+00:00"
    await world.pass_time(200, pace=300)
    assert world.lease_of(OWNER) is None
    assert len(world.wishes) == 1


@pytest.mark.parametrize(("level", "starts"), [(80, 0), (77.5, 0), (77, 0), (76.9, 1)])
async def test_it_starts_three_points_below(
    world: World, level: float, starts: int
) -> None:
    await begin(world, level)
    await world.set(SIGNAL, "on", current_end="2026-11-20T16:00:00+00:00")
    assert len(world.wishes) == starts


async def test_it_holds_at_the_target_until_the_end(world: World) -> None:
    await begin(world)
    await world.set(SIGNAL, "on", current_end="2026-11-20T16:00:00+00:00")
    for level in (79, 80, 81, 79, 80):
        await world.set(SOC, level)
        await world.pass_time(5)
    assert world.lease_of(OWNER) is not None
    assert len(world.wishes) == 1
    await world.set(SIGNAL, "off")
    assert "the target is reached" in world.messages[-1]


async def test_what_is_short_is_told(world: World) -> None:
    await begin(world, capacity=10)
    await world.set(SIGNAL, "on", current_end="2026-11-20T16:00:00+00:00")
    await world.set(SOC, 65)
    await world.set(SIGNAL, "off")
    assert "15 points (1.5 kWh) short of 80 %" in world.messages[-1]


async def test_the_sun_leaves_room(world: World) -> None:
    await world.set("sensor.forecast", 4)
    await begin(world, 20, forecast="sensor.forecast", capacity=10, least_target=30)
    await world.set(SIGNAL, "on", current_end="2026-11-20T16:00:00+00:00")
    assert world.wishes[0][1]["target_soc"] == 40
    await world.set("sensor.forecast", 9)
    await world.set(SIGNAL, "on", current_end="2026-11-20T16:00:01+00:00")
    assert world.wishes[-1][1]["target_soc"] == 30
    await world.set("sensor.forecast", "unavailable")
    await world.tick()
    assert world.wishes[-1][1]["target_soc"] == 80


async def test_the_latest_finish_comes_first(world: World) -> None:
    await begin(world, latest_finish="13:00:00")
    await world.set(SIGNAL, "on", current_end="2026-11-20T16:00:00+00:00")
    assert world.wishes[0][1]["until"] == "2026-11-20T13:02:00+00:00"
    await world.pass_time(61)
    assert world.lease_of(OWNER) is None
    await world.pass_time(60, pace=300)
    assert len(world.wishes) == 1


@pytest.mark.parametrize("midnight", ["00:00", "00:00:00"])
async def test_midnight_is_no_latest_finish(world: World, midnight: str) -> None:
    await begin(world, latest_finish=midnight)
    await world.set(SIGNAL, "on", current_end="2026-11-21T04:30:00+00:00")
    assert world.wishes[0][1]["until"] == "2026-11-21T04:32:00+00:00"


@pytest.mark.parametrize(
    ("policy", "at", "drawn", "starts"),
    [
        ("trust", 13, 0, 1),
        ("fixed", 13, 7000, 0),
        ("fixed", 2, 0, 1),
        ("car", 13, 0, 0),
        ("car", 13, 900, 0),
        ("car", 13, 7000, 1),
        ("car", 2, 0, 1),
    ],
)
async def test_extra_cheap_times(
    world: World, policy: str, at: int, drawn: int, starts: int
) -> None:
    """Intelligent tariffs: the sensor is on by day, too, while the car charges."""
    await world.go_to(datetime(2026, 11, 20, at, tzinfo=LONDON))
    await world.set("sensor.car", drawn)
    await begin(world, policy=policy, car_power="sensor.car")
    await world.set(SIGNAL, "on", current_end=f"2026-11-20T{at + 1:02}:00:00+00:00")
    assert len(world.wishes) == starts


async def test_a_dispatch_of_its_own(world: World) -> None:
    """A binary sensor that lists dispatches, next to one for the night alone."""
    dispatch = "binary_sensor.dispatching"
    planned = {
        "start": "2026-11-20T12:30:00+00:00",
        "end": "2026-11-20T13:30:00+00:00",
        "charge_in_kwh": -1.2,
        "source": "smart-charge",
        "location": "AT_HOME",
    }
    shape = {"planned_dispatches": [planned], "completed_dispatches": []}
    await world.set(dispatch, "off", **shape)
    await world.set("sensor.car", 0)
    await begin(world, policy="car", dispatch=dispatch, car_power="sensor.car")
    await world.pass_time(30)
    await world.set(dispatch, "on", current_end="2026-11-20T13:30:00+00:00", **shape)
    assert world.wishes == []
    await world.set("sensor.car", 7200)
    assert world.wishes[0][1]["until"] == "2026-11-20T13:32:00+00:00"
    await world.set("sensor.car", 0)
    assert world.lease_of(OWNER) is None


async def test_target_rates_tell_their_end(world: World) -> None:
    """A target-rate sensor lists its slots; the one of now ends the window."""
    slots = [
        {"start": "2026-11-20T12:00:00+00:00", "end": "2026-11-20T12:30:00+00:00"},
        {"start": "2026-11-20T15:00:00+00:00", "end": "2026-11-20T15:30:00+00:00"},
    ]
    rated = [{**slot, "value_inc_vat": 0.1} for slot in slots]
    await begin(world)
    await world.set(SIGNAL, "on", target_times=rated)
    assert world.wishes[0][1]["until"] == "2026-11-20T12:32:00+00:00"


@pytest.mark.parametrize(
    ("start", "end", "until", "hours"),
    [
        # Spring: 00:30-04:30 lasts three hours.
        ("2026-03-29T00:30", "2026-03-29T04:30", "2026-03-29T04:32:00+01:00", 3),
        # Autumn: 00:30-04:30 lasts five.
        ("2026-10-25T00:30", "2026-10-25T04:30", "2026-10-25T04:32:00+00:00", 5),
        # Economy 7 keeps UTC: 01:30-08:30 on the summer clock.
        ("2026-07-01T01:30", "2026-07-01T08:30", "2026-07-01T08:32:00+01:00", 7),
    ],
)
async def test_days_on_which_the_clock_changes(
    world: World, start: str, end: str, until: str, hours: float
) -> None:
    """A schedule tells the end as an instant, so the length comes out right."""
    begins = datetime.fromisoformat(start).replace(tzinfo=LONDON)
    ends = datetime.fromisoformat(end).replace(tzinfo=LONDON)
    await world.go_to(begins)
    await begin(world)
    await world.set(SIGNAL, "on", next_event=ends)
    assert world.wishes[0][1]["until"] == until
    await world.pass_time(hours * 60 - 1, pace=600)
    assert world.lease_of(OWNER) is not None
    await world.set(SIGNAL, "off", next_event=ends)
    assert world.lease_of(OWNER) is None


async def test_the_night_of_a_calendar_without_a_zone(world: World) -> None:
    """Calendars tell local times without their zone, also in summer."""
    await world.go_to(datetime(2026, 7, 1, 1, tzinfo=LONDON))
    await begin(world)
    await world.set(
        SIGNAL,
        "on",
        start_time="2026-07-01 00:30:00",
        end_time="2026-07-01 04:30:00",
    )
    assert world.wishes[0][1]["until"] == "2026-07-01T04:32:00+01:00"
