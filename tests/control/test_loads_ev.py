"""An EV charger on a contact of ours, edge by edge (design/automation.md 4.8 e)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.instagen.control.contact_inputs import Reason
from custom_components.instagen.plant.contact_settings import settings_of

from .contact_world import House, house

CHARGER: dict[str, Any] = {
    "dry_contact_function": "load_control",
    "load_mode": "ev_charger",
    "entrance_breaker_size": 63,
    "ev_charger_size": 32,
}


def charger(*currents: float, **values: Any) -> House:
    return house({**CHARGER, **values}, currents=currents or (5.0,))


def charging(*currents: float) -> House:
    """Return a house whose car is allowed to charge."""
    one = charger()
    one.run(300)
    assert one.closed
    one.say(currents=currents or (37.0,))
    return one


def test_steady_for_5_min_before_allowing() -> None:
    one = charger(5.0)
    assert (one.closed, one.reason) == (False, Reason.ROOM_WAIT)
    one.run(299)
    assert not one.closed
    one.run(1)
    assert (one.closed, one.reason) == (True, Reason.ROOM)


def test_current_at_breaker_less_charger_does_not_start() -> None:
    one = charger(31.0)
    one.run(900)
    assert (one.closed, one.reason) == (False, Reason.NO_ROOM)
    one.say(currents=(30.9,))
    one.run(300)
    assert one.closed


def test_current_at_breaker_keeps() -> None:
    one = charging(63.0)
    one.run(900)
    assert one.closed


def test_current_a_tenth_above_breaker_blocks() -> None:
    one = charging()
    one.say(currents=(63.1,))
    assert (one.closed, one.reason) == (False, Reason.OVER_BREAKER)


def test_import_jump_from_oven_during_charge() -> None:
    one = charging(37.0)
    one.say(currents=(68.0,))
    assert not one.closed
    one.say(currents=(31.0,))
    one.run(600)
    assert not one.closed, "between the thresholds it stays as it is"


@pytest.mark.parametrize("nothing", [None, (float("nan"),), (), (5.0, float("inf"))])
def test_unavailable_and_nan_block(nothing: tuple[float, ...] | None) -> None:
    one = charging()
    one.say(currents=nothing)
    one.run(31)
    assert (one.closed, one.reason) == (False, Reason.STALE)
    one.run(900)
    assert not one.closed


def test_stale_above_30_s_blocks() -> None:
    one = charging()
    one.say(currents=None)
    one.run(30)
    assert one.closed
    one.run(1, 1)
    assert not one.closed


def test_a_current_that_comes_back_has_to_be_steady_anew() -> None:
    one = charging()
    one.say(currents=None)
    one.run(40)
    one.say(currents=(5.0,))
    one.run(299)
    assert not one.closed
    one.run(1)
    assert one.closed


def test_silence_is_no_trip() -> None:
    one = charging()
    for _ in range(5):
        one.say(currents=None)
        one.run(40)
        one.say(currents=(5.0,))
        one.run(300)
    assert one.closed


def test_negative_exporting_20_a_starts_and_above_breaker_blocks() -> None:
    one = charger(-20.0)
    one.run(300)
    assert one.closed
    one.say(currents=(-63.1,))
    assert not one.closed


def test_exporting_phase_does_not_hide_the_importing_one() -> None:
    one = charger(-40.0, 31.5, -40.0)
    one.run(900)
    assert not one.closed


def test_current_in_wrong_phase() -> None:
    """The worst phase counts, whichever the car is on."""
    one = charging(37.0, 2.0, 2.0)
    one.say(currents=(2.0, 2.0, 64.0))
    assert not one.closed


def test_battery_supporting_load_hides_current_then_reaches_reserve() -> None:
    """Within one poll of the sudden step the car stands."""
    one = charging(25.0)
    one.run(3600)
    one.say(currents=(70.0,))
    assert not one.closed


def test_three_trips_in_an_hour_lock_until_reset() -> None:
    one = charger()
    for trip in range(3):
        one.say(currents=(5.0,))
        one.run(310)
        assert one.closed, trip
        one.say(currents=(64.0,))
    assert one.state == "locked"
    one.say(currents=(5.0,))
    one.run(86_400, 30)
    assert (one.closed, one.reason) == (False, Reason.LOCKED)
    assert one.told == ["charger_locked"]
    one.look(reset=True)
    one.run(300)
    assert one.closed


def test_three_trips_in_more_than_an_hour_do_not_lock() -> None:
    one = charger()
    for _ in range(4):
        one.say(currents=(5.0,))
        one.run(1801)
        one.say(currents=(64.0,))
    assert one.state == "blocked"


def test_force_charge_lease_adds_battery_current() -> None:
    """The car stands at once, but the lease, not the car, was the cause."""
    one = charging(37.0)
    for _ in range(4):
        one.said["currents"] = (75.0,)
        one.look(lease_current=20.0)
        assert not one.closed
        one.say(currents=(5.0,))
        one.run(300)
        assert one.closed, "not locked"


@pytest.mark.parametrize(
    "wrong",
    [
        {"ev_charger_size": 63},
        {"entrance_breaker_size": 0},
        {"ev_charger_size": 0},
        {"entrance_breaker_size": -5},
    ],
)
def test_a_configuration_that_can_never_be_right_stays_open(
    wrong: dict[str, int],
) -> None:
    one = charger(0.0, **wrong)
    one.run(900)
    assert (one.closed, one.reason) == (False, Reason.INCOMPLETE)


def test_a_breaker_that_nobody_told_stays_open() -> None:
    values = {k: v for k, v in CHARGER.items() if k != "entrance_breaker_size"}
    one = House(settings_of(values), {"currents": (0.0,)})
    one.run(900)
    assert not one.closed


def test_a_wrong_clock_does_not_keep_a_car_above_the_breaker() -> None:
    one = charging()
    one.now = one.now.replace(year=2020)
    one.say(currents=(40.0,))
    assert (one.closed, one.reason) == (True, Reason.CLOCK)
    one.say(currents=(64.0,))
    assert (one.closed, one.reason) == (False, Reason.CLOCK)


def test_a_current_that_was_stamped_while_the_clock_stood_ahead_blocks() -> None:
    one = charging()
    one.now += timedelta(days=1)
    assert one.look().closed
    one.now -= timedelta(days=1)
    one.said["currents"] = None
    one.look()
    assert (one.closed, one.reason) == (False, Reason.CLOCK)


def test_what_hangs_on_the_contact_when_home_assistant_starts_goes_on() -> None:
    one = charging()
    again = replace(one, memory=None, step=None)
    assert again.look(contact=True).closed
    over = replace(one, memory=None, step=None)
    over.said["currents"] = (64.0,)
    assert not over.look(contact=True).closed
