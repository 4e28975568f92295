"""Rules of facts/cloud-model.md 10, by the manual's section."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time

import pytest

from custom_components.instagen.account.rules import Rule, RuleError
from custom_components.instagen.account.smart_control import (
    ContactFunction,
    Hour,
    LoadControl,
    RatePeriod,
    TimeRange,
    Window,
    check_generator,
    check_load,
    check_mode,
    check_periods,
    one_battery_mode,
    one_contact_function,
)
from custom_components.instagen.plant.states import BatteryMode

# The manual's example: peak 04:31 to 00:29, across midnight.
WORKDAYS = TimeRange(
    weekdays=frozenset({1, 2, 3, 4, 5}),
    hours={
        Hour.PEAK: Window(start=time(4, 31), end=time(0, 29)),
        Hour.OFF_PEAK: Window(start=time(0, 30), end=time(4, 30)),
        Hour.PARTIAL_PEAK: Window(start=None, end=None),
    },
)
WEEKEND = replace(WORKDAYS, weekdays=frozenset({6, 7}))
YEAR = RatePeriod(start="01-01", end="12-31", ranges=(WORKDAYS, WEEKEND))


def refused(check: Callable[..., object], *what: object) -> tuple[Rule, str]:
    with pytest.raises(RuleError) as caught:
        check(*what)
    return caught.value.rule, caught.value.section


def test_5_1_exactly_one_battery_mode() -> None:
    assert one_battery_mode([BatteryMode.ECONOMICAL]) is BatteryMode.ECONOMICAL
    for modes in ([], [BatteryMode.ECONOMICAL, BatteryMode.FULL_BACKUP]):
        assert refused(one_battery_mode, modes) == (
            Rule.ONE_BATTERY_MODE,
            "5.1",
        )


@pytest.mark.parametrize(
    ("mode", "section", "parameters"),
    [
        (BatteryMode.SELF_CONSUMPTION, "5.1.1", {"reserve_soc"}),
        (BatteryMode.ECONOMICAL, "5.1.2", {"reserve_soc", "money_code"}),
        (BatteryMode.FULL_BACKUP, "5.1.3", {"reserve_soc"}),
        (BatteryMode.FORCE_CHARGE, "5.1.5", {"reserve_soc", "max_power"}),
        (BatteryMode.FORCE_DISCHARGE, "5.1.6", {"reserve_soc", "max_power"}),
    ],
)
def test_5_1_1_to_5_1_6_a_mode_has_its_parameters(
    mode: BatteryMode, section: str, parameters: set[str]
) -> None:
    check_mode(mode, parameters)
    for one in parameters:
        with pytest.raises(RuleError) as caught:
            check_mode(mode, parameters - {one})
        assert caught.value.rule is Rule.MODE_PARAMETERS
        assert caught.value.section == section
        assert caught.value.placeholders == {"parameters": one}


def test_5_1_4_pure_off_grid_needs_none() -> None:
    check_mode(BatteryMode.OFF_GRID, ())


def test_5_1_a_mode_the_manual_lacks_is_left_to_the_server() -> None:
    check_mode(BatteryMode.PEAK_SHAVING, ())


def test_5_1_2_at_most_four_periods() -> None:
    check_periods([YEAR] * 4)
    assert refused(lambda: check_periods([YEAR] * 5)) == (
        Rule.TOO_MANY_PERIODS,
        "5.1.2",
    )


def test_5_1_2_at_most_two_time_ranges_each() -> None:
    crowded = replace(YEAR, ranges=(WORKDAYS, WEEKEND, WEEKEND))
    assert refused(lambda: check_periods([YEAR, crowded])) == (
        Rule.TOO_MANY_TIME_RANGES,
        "5.1.2",
    )


@pytest.mark.parametrize("date", ["", "13-01", "00-10", "02-30", "1-1", "2026-01-01"])
def test_5_1_2_a_period_runs_from_month_and_day_to_month_and_day(date: str) -> None:
    check_periods([replace(YEAR, start="11-01", end="02-29")])
    for wrong in (replace(YEAR, start=date), replace(YEAR, end=date)):
        assert refused(check_periods, [wrong]) == (
            Rule.PERIOD_DATES,
            "5.1.2",
        )


@pytest.mark.parametrize("weekdays", [set(), {0}, {1, 8}])
def test_5_1_2_a_time_range_has_weekdays(weekdays: set[int]) -> None:
    wrong = replace(WORKDAYS, weekdays=frozenset(weekdays))
    period = replace(YEAR, ranges=(wrong,))
    assert refused(lambda: check_periods([period])) == (Rule.WEEKDAYS, "5.1.2")


@pytest.mark.parametrize(
    ("hour", "window", "rule"),
    [
        (Hour.PEAK, Window(start=time(4), end=None), Rule.HOUR_TIMES),
        (Hour.PEAK, Window(start=None, end=None), Rule.HOUR_TIMES),
        (Hour.OFF_PEAK, Window(start=time(4), end=time(4)), Rule.HOUR_TIMES),
        (
            Hour.PARTIAL_PEAK,
            Window(start=time(4), end=time(5)),
            Rule.PARTIAL_PEAK_TIMES,
        ),
    ],
)
def test_5_1_2_peak_and_off_peak_have_times_and_partial_peak_none(
    hour: Hour, window: Window, rule: Rule
) -> None:
    wrong = replace(WORKDAYS, hours=dict(WORKDAYS.hours) | {hour: window})
    period = replace(YEAR, ranges=(wrong,))
    assert refused(lambda: check_periods([period])) == (rule, "5.1.2")


def test_5_2_exactly_one_contact_function() -> None:
    assert one_contact_function({ContactFunction.LOAD}) is ContactFunction.LOAD
    for functions in (set(), {ContactFunction.LOAD, ContactFunction.GENERATOR}):
        assert refused(one_contact_function, functions) == (
            Rule.ONE_CONTACT_FUNCTION,
            "5.2",
        )


@pytest.mark.parametrize(
    ("control", "section", "parameters"),
    [
        (LoadControl.SWITCH, "5.2.2(1)", {"on"}),
        (LoadControl.TIME, "5.2.2(2)", {"periods"}),
        (
            LoadControl.INTELLIGENT,
            "5.2.2(3)",
            {"periods", "minimum_run_time", "nominal_power"},
        ),
        (LoadControl.BACKUP, "5.2.2(4)", {"protection_soc"}),
        (LoadControl.EV_CHARGER, "5.2.2(5)", {"entrance_breaker", "charger_size"}),
    ],
)
def test_5_2_2_the_control_of_a_load_has_its_parameters(
    control: LoadControl, section: str, parameters: set[str]
) -> None:
    check_load(control, parameters)
    for one in parameters:
        assert refused(check_load, control, parameters - {one}) == (
            Rule.CONTACT_PARAMETERS,
            section,
        )


def test_5_2_3_1_b_automatic_only_for_generators_on_a_dry_contact() -> None:
    check_generator(by_contact=True, enabled=True, automatic=True, charges=True)
    check_generator(by_contact=False, enabled=True, automatic=False, charges=False)
    assert refused(
        lambda: check_generator(
            by_contact=False, enabled=True, automatic=True, charges=False
        )
    ) == (Rule.GENERATOR_WITHOUT_CONTACT, "5.2.3.1 b")


def test_5_2_3_2_charging_needs_the_generators_control() -> None:
    assert refused(
        lambda: check_generator(
            by_contact=True, enabled=False, automatic=False, charges=True
        )
    ) == (Rule.GENERATOR_CONTROL_OFF, "5.2.3.2")
