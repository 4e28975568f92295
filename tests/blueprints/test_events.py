"""Storm reserve and saving session: what is known ahead, and what becomes of it."""

from typing import Any

import pytest

from .world import World

SOC = "sensor.soc"
STORM = "storm reserve"
ALERT = "binary_sensor.weather_warning"
CUTS = "calendar.planned_cuts"


async def storm(world: World, **inputs: Any) -> None:
    await world.set(ALERT, "off")
    await world.set(CUTS, "off")
    given = {"alerts": [ALERT, "input_boolean.storm"], "calendars": [CUTS]}
    await world.set("input_boolean.storm", "off")
    await world.use("storm_reserve", {**given, **inputs})


async def test_two_warnings_are_one(world: World) -> None:
    await storm(world, hold_after=0)
    await world.set(ALERT, "on")
    await world.set("input_boolean.storm", "on")
    await world.pass_time(20)
    await world.set(ALERT, "off")
    await world.pass_time(20)
    assert world.lease_of(STORM) is not None
    await world.set("input_boolean.storm", "off")
    assert world.lease_of(STORM) is None
    assert len(world.wishes) == 1


async def test_a_planned_cut_counts_from_its_lead_time(world: World) -> None:
    await storm(world, lead=6)
    await world.set(CUTS, "off", start_time="2026-11-20 19:00:00")
    await world.pass_time(56)
    assert world.wishes == []
    await world.pass_time(6)
    assert world.lease_of(STORM) is not None
    assert "the grid will be cut in 6 hours" in world.messages[-1]


async def test_cheap_electricity_is_waited_for_if_there_is_time(world: World) -> None:
    cheap = "binary_sensor.cheap"
    await world.set(cheap, "off")
    await storm(world, lead=8, charge_hours=4, cheap=cheap)
    await world.set(CUTS, "off", start_time="2026-11-20 19:00:00")
    await world.pass_time(170, pace=300)
    assert world.wishes == []
    await world.pass_time(15, pace=300)  # less than four hours are left
    assert world.lease_of(STORM) is not None


async def test_cheap_electricity_is_taken(world: World) -> None:
    cheap = "binary_sensor.cheap"
    await world.set(cheap, "off")
    await storm(world, lead=8, charge_hours=4, cheap=cheap)
    await world.set(CUTS, "off", start_time="2026-11-20 19:00:00")
    await world.set(cheap, "on")
    assert world.lease_of(STORM) is not None
    await world.set(cheap, "off")
    await world.pass_time(30, pace=300)
    assert world.lease_of(STORM) is not None


async def test_an_old_warning_no_longer_counts(world: World) -> None:
    await storm(world, oldest=3, hold_after=0)
    await world.set(ALERT, "on")
    await world.pass_time(170, pace=300)
    assert world.lease_of(STORM) is not None
    await world.pass_time(20, pace=300)
    assert world.lease_of(STORM) is None
    await world.pass_time(60, pace=300)
    assert len(world.wishes) == 1


async def test_a_long_warning_is_put_off_every_six_hours(world: World) -> None:
    """A lease lasts a day at most; a warning may last two."""
    await storm(world)
    await world.set(ALERT, "on")
    await world.pass_time(46 * 60, pace=1800)
    lease = world.lease_of(STORM)
    assert lease is not None
    assert lease["id"] == "lease-1"
    assert len(world.wishes) == 8
    assert len(world.messages) == 1


# ---- saving session ----

SAVING = "saving session"
SESSIONS = "event.saving_session_events"


def joined(*times: tuple[str, str]) -> dict[str, Any]:
    """Return the events of the day as Octopus Energy's integration lists them."""
    events = [
        {
            "id": number,
            "start": f"2026-11-20T{start}:00+00:00",
            "end": f"2026-11-20T{end}:00+00:00",
            "rewarded_octopoints": None,
            "octopoints_per_kwh": 1800,
        }
        for number, (start, end) in enumerate(times)
    ]
    offered = {
        "id": 99,
        "code": "EVENT_99",
        "start": "2026-11-20T12:00:00+00:00",
        "end": "2026-11-20T13:00:00+00:00",
        "octopoints_per_kwh": 1800,
    }
    return {"available_events": [offered], "joined_events": events}


async def session(world: World, *times: tuple[str, str], **inputs: Any) -> None:
    await world.set(SOC, 50)
    await world.set(SESSIONS, "2026-11-20T08:00:00+00:00", **joined(*times))
    await world.use("saving_session", {"session": SESSIONS, "soc": SOC, **inputs})


async def test_charge_then_serve(world: World) -> None:
    await session(world, ("17:00", "18:00"), allow_export=True)
    await world.pass_time(175, pace=300)
    assert world.wishes == []  # only joined events count
    await world.pass_time(10, pace=300)
    assert [action for action, _ in world.wishes] == ["force_charge"]
    await world.set(SOC, 100)
    await world.pass_time(5)  # a charge keeps its target by itself
    assert [action for action, _ in world.wishes] == ["force_charge"]
    await world.pass_time(115, pace=300)
    actions = [action for action, _ in world.wishes]
    assert actions == ["force_charge", "force_discharge"]
    assert world.wishes[-1][1]["target_soc"] == 20
    await world.pass_time(65, pace=300)
    assert world.lease_of(SAVING) is None
    assert world.wishes[-1][1]["until"] == "2026-11-20T18:02:00+00:00"


@pytest.mark.parametrize("gap", [0, 30])
async def test_events_that_follow_each_other_are_one_plan(
    world: World, gap: int
) -> None:
    second = f"13:{gap:02}"
    await session(world, ("12:00", "13:00"), (second, "14:30"), precharge=False)
    await world.tick()
    assert len(world.wishes) == 1
    await world.pass_time(150, pace=300)
    assert len(world.wishes) == 1
    lease = world.lease_of(SAVING)
    assert lease is None or lease["until"].hour == 14
    assert world.wishes[0][1]["until"] == "2026-11-20T14:32:00+00:00"


async def test_a_calendar_that_goes_on_is_one_plan_too(world: World) -> None:
    calendar = "calendar.sessions"
    first = {"start_time": "2026-11-20 12:00:00", "end_time": "2026-11-20 13:00:00"}
    second = {"start_time": "2026-11-20 13:00:00", "end_time": "2026-11-20 14:00:00"}
    await world.set(SOC, 80)
    await world.set(calendar, "on", **first)
    await world.use("saving_session", {"session": calendar, "soc": SOC})
    await world.pass_time(60, pace=60)
    await world.set(calendar, "on", **second)
    await world.pass_time(10)
    lease = world.lease_of(SAVING)
    assert lease is not None
    assert lease["id"] == "lease-1"
    assert world.cancelled == 0


async def test_the_cheapest_slots_charge(world: World) -> None:
    prices = {"12:00": 0.3, "12:30": 0.1, "13:00": 0.3, "13:30": 0.05, "14:00": 0.4}
    times = [*prices, "14:30"]
    rates = [
        {
            "start": f"2026-11-20T{start}:00+00:00",
            "end": f"2026-11-20T{end}:00+00:00",
            "value_inc_vat": prices[start],
        }
        for start, end in zip(prices, times[1:], strict=True)
    ]
    await world.set("event.rates", "x", rates=rates)
    await session(world, ("15:00", "16:00"), rates=["event.rates"], lead=1)
    modes = []
    for _ in range(31):
        await world.pass_time(5, pace=300)
        lease = world.lease_of(SAVING)
        modes.append(lease["mode"] if lease else "")
    # Half past twelve and half past one: between them the charge is kept.
    assert modes[6:11] == ["force_charge"] * 5
    assert modes[12:17] == ["hold"] * 5
    assert modes[18:23] == ["force_charge"] * 5
    assert modes[24:] == ["hold"] * 7


async def test_a_cancelled_event_restores_at_once(world: World) -> None:
    await session(world, ("13:00", "14:00"))
    await world.tick()
    assert world.lease_of(SAVING) is not None
    await world.set(SESSIONS, "2026-11-20T12:10:00+00:00", **joined())
    assert world.lease_of(SAVING) is None
    assert "the event is over or was cancelled" in world.messages[-1]


async def test_no_event_without_the_grid(world: World) -> None:
    grid = "binary_sensor.off_grid"
    await world.set(grid, "off")
    await session(world, ("12:00", "14:00"), off_grid=grid)
    await world.tick()
    assert world.lease_of(SAVING) is not None
    await world.set(grid, "on")
    assert world.lease_of(SAVING) is None


async def test_a_binary_sensor_that_tells_the_next_event(world: World) -> None:
    sensor = "binary_sensor.saving_sessions"
    times = {
        "current_joined_event_start": None,
        "current_joined_event_end": None,
        "next_joined_event_start": "2026-11-20T13:00:00+00:00",
        "next_joined_event_end": "2026-11-20T14:00:00+00:00",
    }
    await world.set(SOC, 50)
    await world.set(sensor, "off", **times)
    await world.use("saving_session", {"session": sensor, "soc": SOC})
    await world.tick()
    assert [action for action, _ in world.wishes] == ["force_charge"]
