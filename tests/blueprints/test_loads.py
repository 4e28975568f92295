"""Loads on switches: surplus, breaker and generator."""

from typing import Any

import pytest

from .world import World

LOAD = "switch.immersion"
SOLAR = "sensor.solar"
HOUSE = "sensor.house"
SOC = "sensor.soc"


# ---- solar surplus ----


async def surplus(world: World, **inputs: Any) -> None:
    """Set a load of 2 kW up at noon, off for an hour already."""
    await world.set_all({LOAD: "off", SOLAR: 500, HOUSE: 400})
    given = {"load": LOAD, "nominal": 2000, "solar": SOLAR, "house": HOUSE}
    await world.use("solar_surplus_load", {**given, **inputs})
    await world.pass_time(15)


async def sun(world: World, solar: float, house: float) -> None:
    await world.set_all({SOLAR: solar, HOUSE: house})


async def test_its_own_draw_does_not_switch_it_off(world: World) -> None:
    await surplus(world)
    await sun(world, 3000, 400)
    await world.pass_time(6)
    assert world.is_on(LOAD)
    assert "2600 W are left over" in world.messages[-1]
    await sun(world, 3000, 2400)
    await world.pass_time(120, pace=150)
    assert world.is_on(LOAD)
    assert len(world.calls) == 1


async def test_exactly_its_power_is_not_enough(world: World) -> None:
    await surplus(world)
    await sun(world, 2400, 400)
    await world.pass_time(20)
    assert not world.is_on(LOAD)


async def test_a_cloud_of_half_a_minute_changes_nothing(world: World) -> None:
    await surplus(world, least_run=0)
    await sun(world, 3000, 400)
    await world.pass_time(6)
    for _ in range(6):
        await sun(world, 1000, 2400)
        await world.pass_time(0.5, pace=30)
        await sun(world, 3000, 2400)
        await world.pass_time(2.5, pace=30)
    assert world.is_on(LOAD)


async def test_a_long_cloud_ends_it_after_its_shortest_run(world: World) -> None:
    await surplus(world, least_run=20)
    await sun(world, 3000, 400)
    await world.pass_time(6)
    await sun(world, 1000, 2400)
    await world.pass_time(12)
    assert world.is_on(LOAD)
    await world.pass_time(12)
    assert not world.is_on(LOAD)


async def test_it_starts_after_its_pause_and_so_often_a_day(world: World) -> None:
    counter = "counter.starts"
    await world.set(counter, 0)
    await surplus(world, least_run=0, least_pause=10, starts=counter, most_starts=2)
    started = 0
    was = False
    for _ in range(12):
        await sun(world, 3000, 2400 if world.is_on(LOAD) else 400)
        await world.pass_time(4)
        started += world.is_on(LOAD) and not was
        await sun(world, 100, 2400)
        await world.pass_time(4)
        was = world.is_on(LOAD)
    assert started == 2
    await world.pass_time(11 * 60, pace=1800)
    assert world.shown(counter) == "0"


async def test_the_window_ends_it(world: World) -> None:
    await surplus(world, window_end="13:00:00")
    await sun(world, 3000, 400)
    await world.pass_time(6)
    await sun(world, 3000, 2400)
    await world.pass_time(35)
    assert world.is_on(LOAD)
    await world.pass_time(6)
    assert not world.is_on(LOAD)
    assert "its hours are over" in world.messages[-1]


async def test_danger_comes_before_the_shortest_run(world: World) -> None:
    fault = "binary_sensor.earth_fault"
    await world.set(fault, "off")
    await surplus(world, forbidden=fault, least_run=60)
    await sun(world, 3000, 400)
    await world.pass_time(6)
    await world.set(fault, "on")
    assert not world.is_on(LOAD)


async def test_the_battery_goes_first(world: World) -> None:
    await world.set(SOC, 50)
    await surplus(world, soc=SOC, least_run=0)
    await sun(world, 3000, 400)
    await world.pass_time(10)
    assert not world.is_on(LOAD)
    await world.set(SOC, 51)
    await world.pass_time(6)
    assert world.is_on(LOAD)
    await sun(world, 3000, 2400)
    await world.set(SOC, 47)
    assert world.is_on(LOAD)
    await world.set(SOC, 46)
    assert not world.is_on(LOAD)


async def test_an_unknown_surplus_keeps_then_stops(world: World) -> None:
    await surplus(world, least_run=0)
    await sun(world, 3000, 400)
    await world.pass_time(6)
    await world.set(SOLAR, "unavailable")
    await world.pass_time(8)
    assert world.is_on(LOAD)
    await world.pass_time(7)
    assert not world.is_on(LOAD)


async def test_an_unknown_state_of_charge_keeps_then_stops(world: World) -> None:
    """It is not an empty battery."""
    await world.set(SOC, 90)
    await surplus(world, soc=SOC, least_run=0)
    await sun(world, 3000, 400)
    await world.pass_time(6)
    await sun(world, 3000, 2400)
    await world.set(SOC, "unavailable")
    await world.pass_time(8)
    assert world.is_on(LOAD)
    await world.pass_time(7)
    assert not world.is_on(LOAD)
    assert "state of charge has been unknown" in world.messages[-1]
    await world.pass_time(30)
    assert not world.is_on(LOAD), "and starts nothing"


async def test_a_surplus_that_a_restart_hid_is_found(world: World) -> None:
    await surplus(world)
    await world.stop()
    await sun(world, 3000, 400)
    await world.start(away=2)
    assert not world.is_on(LOAD)
    await world.pass_time(16)
    assert world.is_on(LOAD)


async def test_a_dry_run_switches_nothing(world: World) -> None:
    await surplus(world, dry_run=True)
    await sun(world, 3000, 400)
    await world.pass_time(55)
    assert not world.is_on(LOAD)
    assert len(world.messages) == 1
    assert world.messages[0].startswith("Would switch switch.immersion on, because")


# ---- EV charger and breaker ----

CHARGER = "switch.charger"
PHASES = ["sensor.l1", "sensor.l2", "sensor.l3"]


async def guard(world: World, *, charging: bool = True, **inputs: Any) -> None:
    await world.set_all({CHARGER: "on" if charging else "off"})
    await amperes(world, 10)
    given = {"currents": PHASES, "charger": CHARGER, "breaker": 60}
    await world.use("ev_breaker_guard", {**given, **inputs})


async def amperes(world: World, *currents: float) -> None:
    """Show the phases; one number is all three."""
    given = currents if len(currents) > 1 else currents * 3
    await world.set_all(dict(zip(PHASES, given, strict=True)))


async def steady(world: World, minutes: float, *currents: float) -> None:
    """Show the phases again and again."""
    for _ in range(int(minutes * 4)):
        await world.pass_time(0.25, pace=15)
        await amperes(world, *currents)


@pytest.mark.parametrize(
    ("currents", "runs"),
    [((60,), True), ((60.1,), False), ((10, 10, 61), False), ((-61, 0, 0), False)],
)
async def test_above_the_breaker_it_stops_at_once(
    world: World, currents: tuple[float, ...], runs: bool
) -> None:
    await guard(world)
    await amperes(world, *currents)
    assert world.is_on(CHARGER) is runs


@pytest.mark.parametrize("current", ["unknown", "unavailable", "nan"])
async def test_an_unknown_phase_stops_it_at_once(world: World, current: str) -> None:
    await guard(world)
    await world.set(PHASES[1], current)
    assert not world.is_on(CHARGER)
    assert "is not known" in world.messages[-1]


async def test_a_stale_phase_stops_it(world: World) -> None:
    await guard(world)
    await steady(world, 2, 20)
    assert world.is_on(CHARGER)
    await world.pass_time(1, pace=15)
    assert not world.is_on(CHARGER)


@pytest.mark.parametrize(("current", "runs"), [(25.9, True), (26, False), (-20, True)])
async def test_below_breaker_less_charger_it_goes_on(
    world: World, current: float, runs: bool
) -> None:
    """60 A less 32 A less 2 A of room; exporting is less than nothing."""
    await guard(world, charging=False)
    await steady(world, 4, current)
    assert not world.is_on(CHARGER)
    await steady(world, 16, current)
    assert world.is_on(CHARGER) is runs


async def test_a_peak_begins_the_wait_anew(world: World) -> None:
    await guard(world, charging=False)
    for _ in range(6):
        await steady(world, 3, 10)
        await steady(world, 0.5, 40)
    assert not world.is_on(CHARGER)


async def test_after_three_trips_it_stays_off(world: World) -> None:
    counter = "counter.trips"
    await world.set(counter, 0)
    await guard(world, trips=counter)
    for trip in range(1, 4):
        await world.set(CHARGER, "on")
        await amperes(world, 70)
        assert world.shown(counter) == str(trip)
        await amperes(world, 10)
    await steady(world, 25, 10)
    assert not world.is_on(CHARGER)
    await world.set(CHARGER, "on")
    assert not world.is_on(CHARGER)
    await world.set(counter, 0)
    await steady(world, 16, 10)
    assert world.is_on(CHARGER)


async def test_a_charger_as_big_as_the_breaker_never_starts(world: World) -> None:
    await guard(world, charging=False, breaker=32, charger_size=32)
    await steady(world, 16, -40)
    assert not world.is_on(CHARGER)
    await world.set(CHARGER, "on")
    assert not world.is_on(CHARGER)


async def test_it_throttles_before_it_stops(world: World) -> None:
    number = "number.charging_current"
    await world.set(number, 32)
    await guard(world, throttle=number)
    await steady(world, 0.5, 20)
    await amperes(world, 65)
    assert world.is_on(CHARGER)
    assert world.made("set_value")[-1]["value"] == 25
    assert len(world.made("set_value")) == 1  # before the sensors can show it
    await steady(world, 0.5, 58)
    await amperes(world, 90)
    assert not world.is_on(CHARGER)


async def test_a_start_without_readings_stops_it(world: World) -> None:
    await guard(world)
    await world.stop()
    await world.set_all(dict.fromkeys(PHASES, "unavailable"))
    await world.start(away=1)
    assert not world.is_on(CHARGER)


async def test_a_charger_that_does_not_follow_is_one_trip_and_one_message(
    world: World,
) -> None:
    """Some tell only after half a minute that they stopped."""
    counter = "counter.trips"
    await world.set(counter, 0)
    await guard(world, trips=counter)
    world.sticks = True
    for second in range(10):
        world.freezer.tick(3)
        await amperes(world, 65 + second)
    assert len(world.made("turn_off")) > 9, "it is told again and again"
    assert len(world.messages) == 1
    assert world.shown(counter) == "1"
    world.sticks = False
    await amperes(world, 66)
    assert not world.is_on(CHARGER)
    await steady(world, 12, 5)
    assert world.is_on(CHARGER)
    assert len(world.messages) == 2
    await amperes(world, 70)
    assert len(world.messages) == 3


async def test_the_guard_can_be_tried_dry(world: World) -> None:
    await guard(world, dry_run=True)
    await amperes(world, 70)
    assert world.is_on(CHARGER)
    assert "Would stop the car charger" in world.messages[-1]


# ---- generator ----

CONTACT = "switch.generator"
GRID = "binary_sensor.off_grid"
RUNS = "binary_sensor.generator_runs"


async def generator(world: World, **inputs: Any) -> None:
    """Set a generator up that has rested, off grid, with enough in the battery."""
    await world.set_all({CONTACT: "off", GRID: "on", SOC: 50, RUNS: "off"})
    given = {"contact": CONTACT, "off_grid": GRID, "soc": SOC}
    await world.use("generator_helper", {**given, **inputs})
    await world.pass_time(12)


async def low(world: World) -> None:
    await world.set(SOC, 15)
    await world.pass_time(7)


async def test_it_starts_low_and_stops_filled(world: World) -> None:
    await generator(world)
    await low(world)
    assert world.is_on(CONTACT)
    await world.pass_time(20)
    for level in (40, 80):
        await world.set(SOC, level)
        assert world.is_on(CONTACT)
    await world.set(SOC, 81)
    assert not world.is_on(CONTACT)


@pytest.mark.parametrize("grid", ["off", "unknown", "unavailable"])
async def test_it_never_starts_without_knowing_that_the_grid_is_away(
    world: World, grid: str
) -> None:
    await generator(world)
    await world.set(GRID, grid)
    await world.set(SOC, 5)
    await world.pass_time(30)
    assert not world.is_on(CONTACT)


async def test_an_unknown_state_of_charge_starts_nothing(world: World) -> None:
    await generator(world)
    await world.set(SOC, "unknown")
    await world.pass_time(20)
    assert not world.is_on(CONTACT)


async def test_an_unknown_state_of_charge_lets_the_run_go_on(world: World) -> None:
    await generator(world, longest_run=60)
    await low(world)
    await world.set(SOC, "unavailable")
    await world.pass_time(45)
    assert world.is_on(CONTACT)
    await world.pass_time(15)
    assert not world.is_on(CONTACT)


async def test_a_dip_of_some_seconds_starts_nothing(world: World) -> None:
    await generator(world)
    for _ in range(8):
        await world.set(SOC, 19)
        await world.pass_time(0.5, pace=30)
        await world.set(SOC, 21)
        await world.pass_time(1, pace=30)
    assert not world.is_on(CONTACT)


@pytest.mark.parametrize(
    "quiet",
    [
        {"quiet_start": "12:00:00", "quiet_end": "13:00:00"},
        {"quiet_start": "22:00:00", "quiet_end": "13:00:00"},
        {"second_quiet_start": "11:00:00", "second_quiet_end": "14:00:00"},
    ],
)
async def test_quiet_hours_forbid_a_start(world: World, quiet: dict[str, str]) -> None:
    await generator(world, **quiet)
    await low(world)
    assert not world.is_on(CONTACT)


async def test_quiet_hours_end_a_run_at_once(world: World) -> None:
    await generator(world, quiet_start="12:30:00", least_run=60)
    await low(world)
    assert world.is_on(CONTACT)
    await world.pass_time(12)
    assert not world.is_on(CONTACT)
    assert "quiet hours" in world.messages[-1]


async def test_it_starts_when_quiet_hours_end_low(world: World) -> None:
    await generator(world, quiet_start="12:00:00", quiet_end="12:30:00")
    await low(world)
    assert not world.is_on(CONTACT)
    await world.pass_time(20)
    assert world.is_on(CONTACT)


async def test_the_grid_must_stay_to_end_a_run(world: World) -> None:
    await generator(world)
    await low(world)
    await world.set(GRID, "off")
    await world.pass_time(3)
    await world.set(GRID, "on")
    await world.pass_time(4)
    assert world.is_on(CONTACT)
    await world.set(GRID, "off")
    await world.pass_time(6)
    assert not world.is_on(CONTACT)


async def test_a_contact_that_does_not_follow_is_told_of_once(world: World) -> None:
    await generator(world)
    await low(world)
    world.sticks = True
    await world.set(GRID, "off")
    await world.pass_time(15)
    assert len(world.made("turn_off")) > 5, "it is told again and again"
    assert len(world.messages) == 2
    world.sticks = False
    await world.pass_time(1)
    assert not world.is_on(CONTACT)


async def test_a_start_that_is_not_confirmed_is_taken_back(world: World) -> None:
    await generator(world, running=RUNS)
    await low(world)
    await world.pass_time(2)
    assert not world.is_on(CONTACT)
    assert "did not confirm" in world.messages[-1]


async def test_a_run_that_is_confirmed_goes_on(world: World) -> None:
    await generator(world, running=RUNS)
    await world.set(SOC, 15)
    for _ in range(20):
        await world.pass_time(0.5, pace=30)
        if world.is_on(CONTACT):
            await world.set(RUNS, "on")
    await world.pass_time(5)
    assert world.is_on(CONTACT)
    await world.restart(away=1)
    await world.pass_time(5)
    assert world.is_on(CONTACT)


async def test_start_and_stop_too_near_never_start(world: World) -> None:
    await generator(world, start_soc=20, stop_soc=29)
    await low(world)
    assert not world.is_on(CONTACT)


async def test_the_generator_can_be_tried_dry(world: World) -> None:
    await generator(world, dry_run=True)
    await low(world)
    assert not world.is_on(CONTACT)
    assert "Would switch" in world.messages[-1]
