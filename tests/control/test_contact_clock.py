"""A contact of ours under a clock that is wrong, or was (design/automation.md 4.10)."""

from datetime import timedelta

import pytest

from custom_components.instagen.control.contact_inputs import Assumed, Reason

from .contact_world import house, restarted

ASSUMED = Assumed()
TIME = {
    "dry_contact_function": "load_control",
    "load_mode": "time",
    "load_weekdays_1": "mon,tue,wed,thu,fri,sat,sun",
    "load_window_1": "22:00-06:00",
}
SUN = {
    "dry_contact_function": "load_control",
    "load_mode": "intelligent",
    "load_nominal_power": 2000,
    "load_min_run_time": 30,
    "surplus_weekdays_1": "mon,tue,wed,thu,fri,sat,sun",
    "surplus_window_1": "00:00-23:59",
}


def test_a_clock_that_is_wrong_at_boot_moves_nothing() -> None:
    one = house(TIME)
    one.at("2026-06-15T22:30")
    assert one.closed
    one.at("2026-06-15T11:30")
    assert (one.closed, one.reason) == (True, Reason.CLOCK)
    one.at("2026-06-16T11:30")
    assert not one.closed


@pytest.mark.parametrize("days", [1, 400])
def test_a_clock_that_jumped_far_ahead_and_back_freezes_nothing_for_long(
    days: int,
) -> None:
    one = house(SUN, pv=5000.0, load=500.0)
    one.run(30)
    began = one.now
    one.now += timedelta(days=days)
    one.look()
    assert (one.closed, one.reason) == (True, Reason.MIN_RUN)
    one.now = began
    one.look()
    assert (one.closed, one.reason) == (True, Reason.CLOCK)
    one = restarted(one)
    one.look()
    one.run(ASSUMED.clock_settles)
    # The shortest run began while the clock stood ahead: so it begins now.
    assert one.reason == Reason.MIN_RUN
    one.said |= {"pv": 0.0}
    one.run(29 * 60)
    assert one.closed
    one.run(60 + ASSUMED.sun_open_after)
    assert not one.closed


def test_a_reading_that_was_stamped_while_the_clock_stood_ahead_is_none() -> None:
    one = house(SUN, pv=5000.0, load=500.0)
    one.run(300)
    one.now += timedelta(days=1)
    one.look()
    one.now -= timedelta(days=1)
    one.said = {}
    one.look()
    one.run(ASSUMED.clock_settles)
    assert (one.closed, one.reason) == (True, Reason.STALE)
    one.run(ASSUMED.grace)
    assert not one.closed
