"""A generator on a contact of ours, edge by edge (design/automation.md 4.9)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from custom_components.instagen.control.contact_inputs import Assumed, Reason
from custom_components.instagen.control.contact_memory import restore, snapshot
from custom_components.instagen.plant.contact_settings import settings_of

from .contact_world import House, house

AUTO: dict[str, Any] = {
    "dry_contact_function": "generator_control",
    "generator_mode": "auto",
    "generator_start_soc": 30,
    "generator_stop_soc": 80,
}
MANUAL = {**AUTO, "generator_mode": "manual"}
QUIET = {
    **AUTO,
    "generator_quiet_time": True,
    "generator_quiet_1": "22:00-07:00",
}
WINDOW = {**AUTO, "generator_charge": "14:00-16:00"}
DARK: dict[str, Any] = {"grid": False, "soc": 25.0, "confirmed": False}


def dark(values: dict[str, Any] = AUTO, **said: Any) -> House:
    """Return a house that lost the grid with a battery below the start SOC."""
    return house(values, **{**DARK, **said})


def starting(values: dict[str, Any] = AUTO, at: str | None = None) -> House:
    one = House(settings_of(values), dict(DARK))
    if at:
        one.at(at)
    one.look()
    one.run(60)
    assert (one.closed, one.state) == (True, "starting")
    return one


def warm(values: dict[str, Any] = AUTO, at: str | None = None) -> House:
    one = starting(values, at)
    one.run(12)
    one.say(confirmed=True)
    assert one.state == "warm"
    return one


def running(values: dict[str, Any] = AUTO, at: str | None = None) -> House:
    one = warm(values, at)
    one.run(60)
    assert one.state == "run"
    assert one.step
    assert one.step.loaded
    return one


IN_STATE = {"starting": starting, "warm": warm, "run": running}


def test_it_starts_warms_up_runs_cools_down_and_rests() -> None:
    one = dark()
    one.run(59)
    assert one.state == "off"
    one.run(1)
    assert (one.closed, one.state) == (True, "starting")
    one.say(confirmed=True)
    assert one.state == "warm"
    one.run(59)
    assert one.state == "warm"
    one.run(1)
    assert one.state == "run"
    one.say(soc=80.0)
    assert one.state == "run"
    one.say(soc=80.1)
    assert (one.closed, one.state) == (True, "cool")
    one.run(120)
    assert (one.closed, one.state) == (False, "off")
    one.say(soc=20.0, confirmed=False)
    one.run(599)
    assert (one.state, one.reason) == ("off", Reason.MIN_OFF)
    one.run(1)
    assert one.state == "starting"


def test_soc_oscillating_at_start() -> None:
    one = dark()
    for _ in range(20):
        one.say(soc=29.9)
        one.run(40)
        one.say(soc=30.0)
        one.run(5)
    assert one.switches == 0
    started = running()
    for soc in (29.0, 31.0, 29.0, 79.0):
        started.say(soc=soc)
        started.run(30)
        assert started.state == "run"


BEFORE_QUIET = {
    "starting": "2026-06-15T21:58:30",
    "warm": "2026-06-15T21:58:10",
    "run": "2026-06-15T21:50",
}


@pytest.mark.parametrize(
    ("state", "after"), [("starting", "off"), ("warm", "cool"), ("run", "cool")]
)
def test_quiet_starts_in_each_state(state: str, after: str) -> None:
    one = IN_STATE[state](QUIET, BEFORE_QUIET[state])
    while one.state == state:
        one.run(1)
    assert one.state == after
    assert one.now == datetime(2026, 6, 15, 21, tzinfo=UTC)
    assert one.reason == (Reason.QUIET if after == "off" else Reason.COOLING)


def test_quiet_ends_with_soc_low() -> None:
    one = House(settings_of(QUIET), dict(DARK))
    one.at("2026-06-16T06:50")
    one.run(600)
    assert (one.state, one.reason) == ("off", Reason.ENOUGH)
    one.run(60)
    assert one.state == "starting"


def test_quiet_beats_start_soc_and_charge_window() -> None:
    values = {**QUIET, "generator_charge": "23:00-05:00"}
    one = House(settings_of(values), dict(DARK))
    one.at("2026-06-15T22:30")
    one.run(8 * 3600, 30)
    assert (one.switches, one.reason) == (0, Reason.QUIET)


def test_quiet_at_critical_soc_sheds_and_does_not_start() -> None:
    one = House(settings_of(QUIET), {**DARK, "soc": 8.0})
    one.at("2026-06-15T23:00")
    one.run(3600)
    assert one.step
    assert (one.closed, one.reason) == (False, Reason.QUIET_CRITICAL)
    assert one.step.shed


def test_critical_override_is_an_explicit_option() -> None:
    one = House(settings_of(QUIET), {**DARK, "soc": 15.0})
    one.assumed = Assumed(critical_override=True)
    one.at("2026-06-15T23:00")
    one.run(3600)
    assert not one.closed
    one.say(soc=9.0)
    assert one.closed
    one.say(confirmed=True)
    one.run(60)
    one.say(soc=40.0)
    assert one.state == "run"
    assert one.step
    assert not one.step.shed


@pytest.mark.parametrize(
    ("state", "returned"), [("starting", "off"), ("warm", "warm"), ("run", "run")]
)
def test_grid_returns_in_each_state_and_leaves_again_at_once(
    state: str, returned: str
) -> None:
    one = IN_STATE[state]()
    one.say(grid=True)
    assert one.state == returned
    one.run(5)
    one.say(grid=False)
    assert one.state == returned
    if state == "starting":
        one.run(59)
        assert one.state == "off"
        one.run(1)
        assert one.state == "starting"
    else:
        one.run(3600)
        assert one.state == "run"


def test_grid_returns_while_off_and_while_cooling() -> None:
    one = dark()
    one.run(50)
    one.say(grid=True)
    one.say(grid=False)
    one.run(59)
    assert one.state == "off"
    cooling = running()
    cooling.say(soc=81.0)
    cooling.say(grid=True)
    cooling.say(grid=False, soc=20.0)
    assert cooling.state == "cool"
    cooling.run(120)
    assert cooling.state == "off"


def test_grid_back_for_5_min_clears_the_start_reason() -> None:
    """venus#1077: the reason has to go with its condition."""
    one = running()
    one.say(grid=True)
    one.run(299)
    assert one.state == "run"
    one.run(1)
    assert one.state == "cool"
    one.run(120)
    assert one.memory
    assert (one.state, one.memory.generator.reasons) == ("off", frozenset())


@pytest.mark.parametrize(("start", "stop"), [(80, 80), (80, 30), (71, 80)])
def test_start_not_10_below_stop_never_starts(start: int, stop: int) -> None:
    values = {**AUTO, "generator_start_soc": start, "generator_stop_soc": stop}
    one = dark(values)
    one.run(600)
    assert (one.closed, one.reason) == (False, Reason.INCOMPLETE)


def test_no_off_grid_signal_never_starts() -> None:
    one = dark(WINDOW, grid=None)
    one.run(6 * 3600, 30)
    assert (one.switches, one.reason) == (0, Reason.STALE)


def test_an_off_grid_signal_that_went_silent_starts_nothing() -> None:
    one = dark()
    one.run(20)
    one.say(grid=None)
    one.run(3600)
    assert one.switches == 0


def test_on_grid_never_starts() -> None:
    one = dark(WINDOW, grid=True, soc=5.0)
    one.run(86_400, 60)
    assert one.switches == 0


def test_stale_soc_finishes_the_run_to_max_and_starts_no_new_one() -> None:
    one = running()
    one.assumed = Assumed(max_run=7200)
    one.say(soc=None)
    one.run(7100, 30)
    assert one.state == "run"
    one.run(130)
    assert one.state == "cool"
    one.run(86_400, 60)
    assert (one.closed, one.reason) == (False, Reason.STALE)


def test_stale_soc_before_the_start_starts_nothing() -> None:
    one = dark(soc=None)
    one.run(3600)
    assert one.switches == 0


def test_home_assistant_restarts_in_run() -> None:
    one = running()
    assert one.memory
    stored = json.loads(json.dumps(snapshot(one.memory)))
    again = replace(one, memory=restore(stored), step=None)
    again.now += timedelta(seconds=90)
    again.look(contact=True)
    assert (again.closed, again.state) == (True, "run")
    assert again.memory
    assert again.memory.generator.reasons == {Reason.LOW_SOC}


def test_home_assistant_restarts_in_run_and_forgot() -> None:
    """Read the contact, resume."""
    one = running()
    again = replace(one, memory=None, step=None)
    again.look(contact=True)
    assert (again.closed, again.state) == (True, "run")
    again.run(600)
    assert again.state == "run"


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-10-25", 4), ("2026-03-29", 2), ("2026-06-15", 3)]
)
def test_clock_change_in_quiet(day: str, hours: int) -> None:
    values = {**QUIET, "generator_quiet_1": "00:30-03:30"}
    one = House(settings_of(values), dict(DARK))
    one.at(f"{day}T00:30")
    one.run(hours * 3600 - 1)
    assert (one.state, one.reason) == ("off", Reason.QUIET)
    one.run(61)
    assert one.state == "starting"


def test_confirmation_lost_while_running() -> None:
    one = running()
    one.say(confirmed=False)
    assert (one.closed, one.state) == (False, "fault")
    assert one.reason == Reason.CONFIRMATION_LOST
    assert one.step
    assert one.step.shed
    one.run(86_400, 60)
    assert one.state == "fault"
    assert one.told == ["generator_fault_confirmation_lost"]
    one.look(reset=True)
    assert one.state == "off"


def test_a_silent_confirmation_is_not_a_lost_one_for_a_while() -> None:
    one = running()
    one.say(confirmed=None)
    one.run(600)
    assert one.state == "run"
    one.run(120)
    assert one.state == "fault"


def test_without_a_confirmation_sensor_the_wait_has_to_do() -> None:
    one = house(AUTO, grid=False, soc=25.0)
    one.run(60)
    assert one.state == "starting"
    one.run(60)
    assert one.state == "warm"


def test_manual_to_auto_while_running() -> None:
    one = dark({**MANUAL, "generator": True}, soc=50.0)
    one.say(confirmed=True)
    one.run(60)
    assert (one.state, one.reason) == ("run", Reason.COMMAND)
    one.settings = settings_of(AUTO)
    one.look()
    assert one.state == "cool"


def test_manual_to_auto_while_running_and_needed() -> None:
    one = dark({**MANUAL, "generator": True}, soc=25.0)
    one.say(confirmed=True)
    one.run(60)
    one.settings = settings_of(AUTO)
    one.run(600)
    assert (one.state, one.reason, one.switches) == ("run", Reason.LOW_SOC, 0)


def test_manual_has_no_automatics_but_the_fault() -> None:
    values = {**QUIET, "generator_mode": "manual", "generator": True}
    one = House(settings_of(values), {"grid": True, "soc": 100.0, "confirmed": True})
    one.at("2026-06-15T23:00")
    one.run(3600)
    assert one.state == "run"
    one.say(confirmed=False)
    assert one.state == "fault"
    one.settings = settings_of({**values, "generator": False})
    one.look()
    assert one.state == "off"


def test_two_reasons_at_once() -> None:
    """It runs until the last of them is gone."""
    one = House(settings_of(WINDOW), {**DARK, "confirmed": True})
    one.at("2026-06-15T14:30")
    one.run(120)
    assert one.memory
    assert one.memory.generator.reasons == {Reason.LOW_SOC, Reason.CHARGE_WINDOW}
    one.say(soc=60.0)
    while one.now.hour < 15:
        one.run(60)
    one.run(60)
    assert one.memory.generator.reasons == {Reason.LOW_SOC}
    assert one.state == "run"
    one.say(soc=81.0)
    assert one.state == "cool"


def test_window_over_and_soc_at_least_start() -> None:
    one = House(settings_of(WINDOW), {**DARK, "soc": 50.0})
    one.at("2026-06-15T14:00")
    assert one.state == "starting"
    one.say(confirmed=True)
    one.run(2 * 3600 - 1, 30)
    assert one.state == "run"
    one.run(1)
    assert one.state == "cool"


def test_window_over_and_soc_low_goes_on() -> None:
    one = House(settings_of(WINDOW), {**DARK, "soc": 50.0})
    one.at("2026-06-15T14:00")
    one.say(confirmed=True, soc=25.0)
    one.run(3 * 3600, 30)
    assert (one.state, one.reason) == ("run", Reason.LOW_SOC)


def test_fuel_fault_is_tried_three_times_more_and_given_up() -> None:
    one = starting()
    tries = 0
    while one.state != "fault":
        before = one.closed
        one.run(1)
        tries += before and not one.closed
    assert (tries, one.reason) == (4, Reason.NO_CONFIRMATION)
    assert one.told == ["generator_fault_no_confirmation"]
    assert not one.closed
    assert one.step
    assert one.step.shed


def test_an_alarm_opens_at_once_and_starts_nothing() -> None:
    one = running()
    one.say(alarm=True)
    assert (one.closed, one.state, one.reason) == (False, "fault", Reason.ALARM)
    assert one.told == ["generator_fault_alarm"]
    assert one.memory
    again = replace(one, memory=restore(snapshot(one.memory)), told=[])
    again.run(3600)
    assert (again.state, again.told) == ("fault", [])
    still = dark(alarm=True)
    still.run(3600)
    assert (still.switches, still.state) == (0, "off")


def test_max_run() -> None:
    one = running()
    one.assumed = Assumed(max_run=3600)
    one.run(3599)
    assert one.state == "run"
    one.run(1)
    assert one.state == "cool"


@pytest.mark.parametrize(("option", "expected"), [(False, "run"), (True, "cool")])
def test_stop_early_for_the_sun_is_an_option(option: bool, expected: str) -> None:
    """venus#1601: from 1.1 of the load on, and not below the start SOC."""
    one = running()
    one.assumed = Assumed(stop_for_sun=option)
    one.say(pv=1101.0, load=1000.0)
    assert one.state == "run"
    one.say(soc=40.0, pv=1099.0)
    assert one.state == "run"
    one.say(pv=1101.0)
    assert one.state == expected


def test_monthly_exercise_run() -> None:
    values = {**AUTO, "generator_exercise": "month mon 10:00 15"}
    one = House(settings_of(values), {**DARK, "grid": True, "soc": 90.0})
    one.at("2026-06-01T09:59")
    assert one.state == "off"
    one.run(60)
    assert (one.closed, one.reason) == (True, Reason.EXERCISE)
    one.say(confirmed=True)
    one.run(900)
    assert one.state == "cool"
    later = House(settings_of(values), {**DARK, "grid": True, "soc": 90.0})
    later.at("2026-06-08T10:05")
    assert later.state == "off"


def test_the_charge_window_beside_the_grid_is_an_option() -> None:
    one = House(settings_of(WINDOW), {**DARK, "grid": True, "soc": 50.0})
    one.at("2026-06-15T14:30")
    assert (one.closed, one.reason) == (False, Reason.GRID)
    one.assumed = Assumed(charge_on_grid=True)
    one.look()
    assert (one.closed, one.reason) == (True, Reason.CHARGE_WINDOW)
