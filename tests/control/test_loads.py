"""A contact of ours, edge by edge (design/automation.md 4.8 a to d)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.instagen.control.contact import LOAD_RULES
from custom_components.instagen.control.contact_inputs import Assumed, Reason
from custom_components.instagen.control.contact_memory import restore
from custom_components.instagen.plant.dry_contact import LoadMode

from .contact_world import NOON, House, house, restarted

ASSUMED = Assumed()
ALARM = {"dry_contact_function": "earth_fault_alarm"}
SWITCH = {"dry_contact_function": "load_control", "load_mode": "manual"}
ON = {**SWITCH, "load_contact": True}
TIME = {
    "dry_contact_function": "load_control",
    "load_mode": "time",
    "load_weekdays_1": "mon,tue,wed,thu,fri,sat,sun",
    "load_window_1": "22:00-06:00",
    "load_window_2": "12:00-13:00",
}
SUN = {
    "dry_contact_function": "load_control",
    "load_mode": "intelligent",
    "load_nominal_power": 2000,
    "load_min_run_time": 30,
    "surplus_weekdays_1": "mon,tue,wed,thu,fri,sat,sun",
    "surplus_window_1": "00:00-23:59",
}
BACKUP = {
    "dry_contact_function": "load_control",
    "load_mode": "backup_load",
    "load_protection_soc": 30,
}


def test_every_load_mode_has_a_rule() -> None:
    assert set(LOAD_RULES) == set(LoadMode)


# ---- common ----


def test_function_change_opens_rests_and_begins_afresh() -> None:
    one = house(ON)
    assert one.closed
    one.settings = house(BACKUP).settings
    one.say(grid=True)
    assert (one.closed, one.state) == (False, "changing")
    one.run(4.9)
    assert not one.closed
    one.run(0.1)
    assert (one.closed, one.reason) == (True, Reason.GRID)


def test_the_first_use_needs_no_rest() -> None:
    one = house({})
    one.settings = house(ON).settings
    assert one.look().closed


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (ON, {}),
        (TIME, {}),
        (SUN, {"pv": 5000.0, "load": 500.0}),
        (BACKUP, {"grid": True}),
    ],
)
def test_restart_of_home_assistant_never_toggles(
    values: dict[str, Any], said: dict[str, Any]
) -> None:
    one = house(values, **said)
    one.run(120)
    assert one.closed
    again = restarted(one)
    again.now += timedelta(seconds=40)
    assert again.look().closed
    assert again.switches == one.switches


@pytest.mark.parametrize("values", [ON, SUN, BACKUP])
def test_without_a_memory_the_switch_is_taken_as_it_stands(
    values: dict[str, Any],
) -> None:
    one = House(house(values).settings, {"grid": True, "pv": 0.0, "load": 0.0})
    assert one.look(contact=True).closed


@pytest.mark.parametrize("stored", [None, [], {}, {"use": "manual"}, {"at": 5}])
def test_a_damaged_memory_is_none(stored: object) -> None:
    assert restore(stored) is None


# ---- a. earth-fault alarm ----


def test_normal_fault_cleared() -> None:
    one = house(ALARM, earth_fault=False)
    assert (one.closed, one.state) == (False, "normal")
    one.say(earth_fault=True)
    assert (one.closed, one.state, one.events) == (True, "fault", 1)
    one.say(earth_fault=False)
    assert (one.closed, one.state, one.events) == (False, "cleared", 1)


@pytest.mark.parametrize("values", [SWITCH, ON])
def test_fault_while_function_is_load(values: dict[str, Any]) -> None:
    one = house(values, earth_fault=True)
    assert one.closed is bool(values.get("load_contact"))
    assert (one.events, one.told) == (1, ["earth_fault"])


def test_fault_at_boot() -> None:
    one = house(ALARM, earth_fault=True)
    assert (one.closed, one.events) == (True, 1)
    again = restarted(one)
    again.look()
    assert (again.closed, again.events) == (True, 1)


def test_flapping_fault_is_one_event_per_60_s() -> None:
    one = house(ALARM, earth_fault=False)
    for _ in range(12):
        one.say(earth_fault=True)
        one.say(earth_fault=False)
        one.now += timedelta(seconds=10)
    assert one.events == 2


def test_a_fault_that_flapped_and_stays_is_told() -> None:
    one = house(ALARM, earth_fault=True)
    one.say(earth_fault=False)
    one.say(earth_fault=True)
    assert one.events == 1
    one.run(60)
    assert one.events == 2
    one.run(600)
    assert one.events == 2


def test_a_fault_nobody_tells_of_any_more_stays() -> None:
    one = house(ALARM, earth_fault=True)
    one.say(earth_fault=None)
    one.run(3600, 60)
    assert (one.closed, one.events) == (True, 1)


# ---- b. switch and time ----


def test_switch_survives_restart() -> None:
    one = restarted(house(ON))
    assert one.look().closed
    one.set(switched_on=False)
    assert (one.closed, one.reason) == (False, Reason.NO_COMMAND)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-06-15T21:59", False),
        ("2026-06-15T22:00", True),
        ("2026-06-16T00:00", True),
        ("2026-06-16T05:59", True),
        ("2026-06-16T06:00", False),
        ("2026-06-16T12:00", True),
        ("2026-06-16T13:00", False),
    ],
)
def test_time_windows_cross_midnight(at: str, expected: bool) -> None:
    one = House(house(TIME).settings)
    assert one.at(at).closed is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [("2026-06-19T23:00", True), ("2026-06-20T05:00", False)],
)
def test_the_part_after_midnight_is_looked_up_by_its_own_day(
    at: str, expected: bool
) -> None:
    """Friday's window; Saturday is in the other group (4.2, reading a)."""
    values = {**TIME, "load_weekdays_1": "mon,tue,wed,thu,fri"}
    assert House(house(values).settings).at(at).closed is expected


@pytest.mark.parametrize(
    ("day", "minutes"), [("2026-10-25", 20), ("2026-03-29", 0), ("2026-03-28", 10)]
)
def test_clock_change_repeats_or_leaves_out_a_window(day: str, minutes: int) -> None:
    values = {**TIME, "load_window_1": "01:30-01:40", "load_window_2": "none"}
    one = House(house(values).settings)
    one.at(f"{day}T00:05")
    found = 0
    for _ in range(4 * 60):
        found += one.closed
        one.run(60, 60)
    assert found == minutes


def test_a_window_whose_start_is_left_out_begins_when_the_clocks_have_changed() -> None:
    values = {**TIME, "load_window_1": "01:30-04:30", "load_window_2": "none"}
    one = House(house(values).settings)
    one.at("2026-03-29T00:55")
    one.run(299, 3600)
    assert not one.closed
    one.run(61, 3600)
    assert one.closed


def test_setting_during_an_open_window_takes_effect_within_a_minute() -> None:
    one = house({**TIME, "load_window_2": "none"})
    assert not one.closed
    one.settings = house(TIME).settings
    one.run(60, 60)
    assert one.closed


def test_the_next_edge_is_when_it_asks_to_be_looked_at() -> None:
    one = House(house(TIME).settings)
    assert one.at("2026-06-15T21:57").wake == datetime(2026, 6, 15, 21, tzinfo=UTC)
    one.run(180, 3600)
    assert one.closed


# ---- c. intelligent ----


def sunny(**changes: Any) -> House:
    """Return a house with more sun than the load of 2 kW draws, that just armed."""
    values = {**SUN, **changes}
    return house(values, pv=4000.0, load=500.0)


def lit(**changes: Any) -> House:
    """Return one whose load runs, past its shortest run."""
    one = sunny(**changes)
    one.run(60)
    one.say(load=2500.0)
    one.run(one.settings.min_run * 60 if one.settings.min_run else 0)
    return one


def test_surplus_for_60_s_closes() -> None:
    one = sunny()
    assert one.state == "armed"
    one.run(59)
    assert not one.closed
    one.run(1)
    assert (one.closed, one.state) == (True, "closed_min")


def test_cloud_of_30_s() -> None:
    one = lit()
    assert one.state == "closed"
    one.say(pv=300.0)
    one.run(30)
    assert (one.closed, one.state) == (True, "cool")
    one.say(pv=4000.0)
    assert one.state == "closed"
    fresh = sunny()
    fresh.run(40)
    fresh.say(pv=300.0)
    fresh.run(30)
    fresh.say(pv=4000.0)
    fresh.run(50)
    assert not fresh.closed


def test_cloud_of_5_min() -> None:
    one = lit()
    one.say(pv=300.0)
    one.run(119)
    assert one.closed
    one.run(1)
    assert not one.closed
    one.say(load=500.0)
    one.run(180)
    one.say(pv=4000.0)
    assert one.reason == Reason.MIN_OFF
    one.run(119)
    assert one.state == "open"
    one.run(61)
    assert one.closed


def test_min_run_wins_over_clouds_not_over_safety() -> None:
    one = sunny()
    one.run(60)
    one.say(pv=0.0, load=2500.0)
    one.run(29 * 60)
    assert (one.closed, one.reason) == (True, Reason.MIN_RUN)
    one.say(alarm=True)
    assert (one.closed, one.reason) == (False, Reason.ALARM)


def test_surplus_exactly_nominal_power() -> None:
    one = house(SUN, pv=2500.0, load=500.0)
    one.run(600)
    assert not one.closed
    one.say(pv=2501.0)
    one.run(60)
    assert one.closed


def test_own_draw_is_not_counted_twice() -> None:
    """The classic flap: the load's own 2 kW eat the surplus that closed it."""
    one = house(SUN, pv=3000.0, load=500.0)
    one.run(60)
    one.say(load=2500.0)
    one.run(4 * 3600, 30)
    assert (one.closed, one.switches) == (True, 1)


def test_own_draw_is_not_counted_twice_by_a_surplus_sensor() -> None:
    one = house(SUN, surplus=2500.0)
    one.run(60)
    one.say(surplus=500.0)
    one.run(4 * 3600, 30)
    assert (one.closed, one.switches) == (True, 1)


def test_min_run_longer_than_window() -> None:
    one = sunny(surplus_window_1="11:00-12:10")
    one.run(60)
    one.run(15 * 60)
    assert (one.closed, one.reason) == (True, Reason.MIN_RUN)
    one.run(15 * 60)
    assert (one.closed, one.reason) == (False, Reason.OUTSIDE_WINDOW)


def test_window_crossing_midnight() -> None:
    one = House(
        house({**SUN, "surplus_window_1": "22:00-02:00"}).settings,
        {"pv": 4000.0, "load": 500.0},
    )
    one.at("2026-06-15T21:00")
    one.run(600)
    assert not one.closed
    one.at("2026-06-15T23:50")
    one.run(60)
    assert one.closed
    one.run(3600)
    assert one.closed
    one.run(2 * 3600)
    assert not one.closed


def test_nominal_power_zero() -> None:
    """Any surplus at all closes it."""
    one = house({**SUN, "load_nominal_power": 0}, pv=500.0, load=500.0)
    one.run(600)
    assert not one.closed
    one.say(pv=501.0)
    one.run(60)
    assert one.closed


def test_nominal_power_above_pv_peak_never_closes() -> None:
    one = sunny(load_nominal_power=9000)
    one.run(86_400, 60)
    assert one.switches == 0


@pytest.mark.parametrize(
    ("after", "charging", "expected"),
    [
        (False, 3500.0, True),  # empty battery
        (True, 3500.0, False),
        (False, 0.0, True),  # full battery
        (True, 0.0, True),
    ],
)
def test_battery_full_vs_empty(after: bool, charging: float, expected: bool) -> None:
    """Residual may mean before or after battery charging: an option for both."""
    one = House(house(SUN).settings, {"pv": 4000.0, "load": 500.0})
    one.assumed = Assumed(surplus_after_battery=after)
    one.say(charging=charging)
    one.run(60)
    assert one.closed is expected


@pytest.mark.parametrize("nothing", [None, float("nan")])
def test_surplus_sensor_stale_opens_after_min_run(nothing: float | None) -> None:
    one = sunny(load_min_run_time=60)
    one.run(60)
    one.say(load=2500.0)
    one.say(pv=nothing)
    one.run(3590)
    assert one.closed
    one.run(20)
    assert (one.closed, one.reason) == (False, Reason.STALE)


def test_silence_for_less_than_the_grace_changes_nothing() -> None:
    """C5: unknown for less than ten minutes keeps, longer lets go."""
    one = lit()
    one.say(pv=None)
    one.run(600)
    assert one.closed
    one.run(100)
    assert not one.closed


def test_silence_does_not_arm() -> None:
    one = sunny()
    one.run(30)
    one.say(pv=None)
    one.run(120)
    assert one.state == "open"


def test_after_opening_it_stays_off_for_5_min() -> None:
    one = lit()
    one.say(pv=0.0)
    one.run(ASSUMED.sun_open_after)
    assert not one.closed
    one.say(pv=4000.0, load=500.0)
    assert one.reason == Reason.MIN_OFF
    one.run(299)
    assert (one.state, one.reason) == ("open", Reason.MIN_OFF)
    one.run(1 + 60)
    assert one.closed


def test_window_end_opens_once_min_run_is_met() -> None:
    one = lit(surplus_window_1="11:00-12:45")
    assert one.closed
    one.run(14 * 60 - 1)
    assert one.closed
    one.run(1)
    assert (one.closed, one.reason) == (False, Reason.OUTSIDE_WINDOW)


def test_starts_of_a_day_are_capped() -> None:
    one = sunny(load_min_run_time=0)
    one.assumed = Assumed(sun_starts=2)
    for _ in range(5):
        one.say(pv=4000.0, load=500.0)
        one.run(400)
        one.say(pv=0.0)
        one.run(200)
    assert one.switches == 4
    one.say(pv=4000.0)
    one.run(400)
    assert one.reason == Reason.STARTS
    one.at("2026-06-16T12:00")
    one.run(60)
    assert one.closed


@pytest.mark.parametrize("key", ["load_nominal_power", "load_min_run_time"])
def test_what_nobody_told_is_not_taken_for_zero(key: str) -> None:
    values = {name: value for name, value in SUN.items() if name != key}
    one = house(values, pv=4000.0, load=0.0)
    one.run(600)
    assert (one.closed, one.reason) == (False, Reason.INCOMPLETE)


# ---- d. backup load ----


def test_on_grid_closed_and_off_grid_below_protection_open() -> None:
    one = house(BACKUP, grid=True, soc=20.0)
    assert one.closed
    one.say(grid=False)
    assert (one.closed, one.reason) == (False, Reason.LOW_SOC)


def test_grid_flicker() -> None:
    one = house(BACKUP, grid=True, soc=20.0)
    for _ in range(20):
        one.say(grid=False)
        one.run(10)
        one.say(grid=True)
        one.run(50)
    assert (one.closed, one.switches) == (False, 1)
    one.run(10)
    assert one.closed


@pytest.mark.parametrize(
    ("protection", "soc", "expected"), [(0, 0.0, True), (100, 99.9, False)]
)
def test_protection_0_and_100(protection: int, soc: float, expected: bool) -> None:
    one = house({**BACKUP, "load_protection_soc": protection}, grid=False, soc=soc)
    assert one.closed is expected
    one.say(soc=100.0)
    assert one.closed


@pytest.mark.parametrize("nothing", [None, float("nan")])
def test_soc_unknown_off_grid_opens(nothing: float | None) -> None:
    one = house(BACKUP, grid=False, soc=nothing)
    assert (one.closed, one.reason) == (False, Reason.STALE)


def test_boot_while_off_grid_below_protection() -> None:
    one = House(house(BACKUP).settings, {"grid": False, "soc": 20.0})
    assert not one.look(contact=True).closed


def test_soc_at_protection_stays_closed() -> None:
    one = house(BACKUP, grid=False, soc=30.0)
    assert one.closed
    one.say(soc=29.9)
    assert not one.closed
    one.say(soc=34.9)
    assert not one.closed
    one.say(soc=35.0)
    assert one.closed


def test_closes_60_s_after_the_grid_returned() -> None:
    one = house(BACKUP, grid=False, soc=20.0)
    one.say(grid=True)
    one.run(59)
    assert not one.closed
    one.run(1)
    assert one.closed


def test_a_grid_that_nobody_tells_of_is_taken_for_lost_at_once() -> None:
    one = house(BACKUP, grid=True, soc=20.0)
    one.say(grid=None)
    one.run(40)
    assert not one.closed
    charged = house(BACKUP, grid=True, soc=60.0)
    charged.say(grid=None)
    charged.run(40)
    assert charged.closed


def test_noon_is_noon() -> None:
    """The other tests build on it."""
    assert house(TIME).closed
    assert NOON.tzinfo is UTC
