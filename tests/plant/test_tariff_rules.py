"""Rules V1 to V21 of automation.md 4.2, one by one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.instagen.plant.tariff import (
    ALL_WEEK,
    Clock,
    Group,
    MonthDay,
    Period,
    Rate,
    Tariff,
    Window,
)
from custom_components.instagen.plant.tariff_rules import (
    Context,
    Finding,
    Problem,
    Rule,
    Severity,
    check,
    errors,
)

from .tariffs import (
    ALL_SORTS,
    LONDON,
    WEEKEND,
    WEEKENDS,
    WORKDAYS,
    all_year,
    group,
    london,
    season,
)

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

A = "seasons[0].group_a"


def of(group_a: Group, group_b: Group | None = None, **more: Any) -> Tariff:
    """Make a tariff of one season."""
    return Tariff(seasons=(season(group_a, group_b),), **more)


def priced(**rates: tuple[float, float]) -> Tariff:
    """Make the usual day at other prices."""
    usual = group()
    assert usual.peak
    assert usual.off_peak
    assert usual.partial
    return of(
        replace(
            usual,
            peak=usual.peak._replace(rate=Rate(*rates.get("peak", usual.peak.rate))),
            off_peak=usual.off_peak._replace(
                rate=Rate(*rates.get("off_peak", usual.off_peak.rate))
            ),
            partial=Rate(*rates.get("partial", usual.partial)),
        ),
        currency="GBP",
    )


def seasons(*dates: str) -> Tariff:
    """Make a tariff of some date ranges."""
    return Tariff(seasons=tuple(season(group(), None, one) for one in dates))


def improper(start: int, end: int) -> Tariff:
    """Make a tariff with a window of any two numbers."""
    return of(replace(group(), peak=Period(Window(start, end), Rate(0.4, 0.1))))


KNOWN = Context(
    reserve_range=(10, 90),
    charge_power=3000,
    usable_capacity=12,
    clock_difference=timedelta(seconds=119),
    zone=LONDON,
    now=london("2026-06-01T00:00"),
    currencies=frozenset({"GBP"}),
)

CASES: list[tuple[Rule, Problem, Severity, str, Tariff, Context]] = [
    (Rule.SEASONS, Problem.NO_SEASON, ERROR, "seasons", Tariff(), Context()),
    (
        Rule.SEASONS,
        Problem.TOO_MANY_SEASONS,
        ERROR,
        "seasons",
        seasons(
            "01-01 02-29", "03-01 04-30", "05-01 06-30", "07-01 08-31", "09-01 12-31"
        ),
        Context(),
    ),
    (
        Rule.DATES,
        Problem.NOT_A_DATE,
        ERROR,
        "seasons[0].to",
        seasons("01-01 02-30"),
        Context(),
    ),
    (
        Rule.DATES,
        Problem.LEAP_DAY,
        WARNING,
        "seasons[0].to",
        seasons("01-01 02-29", "03-01 12-31"),
        Context(),
    ),
    (
        Rule.SEASONS_APART,
        Problem.SEASONS_OVERLAP,
        ERROR,
        "seasons[1]",
        seasons("11-01 03-31", "03-31 10-31"),
        Context(),
    ),
    (
        Rule.YEAR_COVERED,
        Problem.YEAR_GAP,
        ERROR,
        "seasons",
        seasons("01-01 03-31", "04-02 12-30"),
        Context(),
    ),
    (
        Rule.GROUPS,
        Problem.GROUP_MISSING,
        ERROR,
        "seasons[0].group_b",
        of(group(weekdays=WORKDAYS)),
        Context(),
    ),
    (
        Rule.GROUPS,
        Problem.GROUP_MISSING,
        ERROR,
        A,
        of(group(weekdays=frozenset()), group()),
        Context(),
    ),
    (
        Rule.WEEKDAYS,
        Problem.WEEKDAY_TWICE,
        ERROR,
        "seasons[0]",
        of(group(weekdays=ALL_WEEK), group(weekdays=WEEKEND)),
        Context(),
    ),
    (
        Rule.WEEKDAYS,
        Problem.WEEKDAY_MISSING,
        ERROR,
        "seasons[0]",
        of(group(weekdays=WORKDAYS), group(weekdays=frozenset({6}))),
        Context(),
    ),
    (
        Rule.TIMES,
        Problem.NOT_A_TIME,
        ERROR,
        f"{A}.peak",
        improper(960, 1500),
        Context(),
    ),
    (Rule.TIMES, Problem.NOT_A_TIME, ERROR, f"{A}.peak", improper(-1, 60), Context()),
    (
        Rule.LENGTH,
        Problem.WINDOW_EMPTY,
        ERROR,
        f"{A}.peak",
        improper(960, 960),
        Context(),
    ),
    (
        Rule.WINDOWS_APART,
        Problem.WINDOWS_OVERLAP,
        ERROR,
        A,
        all_year("23:30-05:30", "05:29-06:00"),
        Context(),
    ),
    (
        Rule.PARTIAL_PRICE,
        Problem.PARTIAL_MISSING,
        ERROR,
        f"{A}.partial",
        of(group("00:30-04:30", "04:30-00:29", partial=None)),
        Context(),
    ),
    (Rule.WINDOWS, Problem.NO_WINDOW, ERROR, A, all_year(None, None), Context()),
    (
        Rule.PRICES,
        Problem.PRICE_NOT_FINITE,
        ERROR,
        f"{A}.peak.buy",
        priced(peak=(float("nan"), 0.1)),
        Context(),
    ),
    (
        Rule.PRICES,
        Problem.PRICE_DECIMALS,
        ERROR,
        f"{A}.partial.sell",
        priced(partial=(0.25, 0.12345)),
        Context(),
    ),
    (
        Rule.PRICES,
        Problem.PRICE_NEGATIVE,
        WARNING,
        f"{A}.off_peak.buy",
        priced(off_peak=(-0.02, 0.0)),
        Context(),
    ),
    (
        Rule.ORDER,
        Problem.PRICES_INVERTED,
        WARNING,
        A,
        priced(off_peak=(0.26, 0.1)),
        Context(),
    ),
    (Rule.ARBITRAGE, Problem.ARBITRAGE, INFO, A, all_year(), Context()),
    (
        Rule.SELL_PRICE,
        Problem.SELL_PRICE_HIGH,
        ERROR,
        A,
        priced(peak=(0.4, 0.6001)),
        Context(),
    ),
    (
        Rule.CURRENCY,
        Problem.CURRENCY_UNKNOWN,
        ERROR,
        "currency",
        replace(all_year(), currency="XAU"),
        KNOWN,
    ),
    (
        Rule.CURRENCY,
        Problem.PRICE_IN_PENCE,
        WARNING,
        f"{A}.peak.buy",
        priced(peak=(38.52, 15)),
        Context(),
    ),
    (
        Rule.RESERVE,
        Problem.RESERVE_OUT_OF_RANGE,
        ERROR,
        "reserve",
        replace(all_year(), reserve=9),
        KNOWN,
    ),
    (
        Rule.RESERVE,
        Problem.RESERVE_OUT_OF_RANGE,
        ERROR,
        "reserve",
        replace(all_year(), reserve=101),
        Context(),
    ),
    (
        Rule.RESERVE,
        Problem.RESERVE_UNKNOWN,
        WARNING,
        "reserve",
        replace(all_year(), reserve=None),
        Context(reserve_known=False),
    ),
    (
        Rule.FILLS,
        Problem.CANNOT_FILL,
        WARNING,
        f"{A}.off_peak",
        all_year("00:30-04:29"),
        KNOWN,
    ),
    (
        Rule.CLOCK_CHANGE,
        Problem.CLOCK_CHANGE,
        WARNING,
        f"{A}.off_peak",
        all_year("00:30-04:30"),
        KNOWN,
    ),
    (
        Rule.DEVICE_CLOCK,
        Problem.DEVICE_CLOCK_WRONG,
        ERROR,
        "device_clock",
        all_year(),
        replace(KNOWN, clock_difference=timedelta(hours=-1)),
    ),
]


@pytest.mark.parametrize(
    ("rule", "problem", "severity", "where", "tariff", "context"),
    CASES,
    ids=[f"{case[0]}-{case[1]}-{n}" for n, case in enumerate(CASES)],
)
def test_a_mistake_is_found(
    rule: Rule,
    problem: Problem,
    severity: Severity,
    where: str,
    tariff: Tariff,
    context: Context,
) -> None:
    found = [one for one in check(tariff, context) if one.problem is problem]
    assert [(one.rule, one.severity, one.where) for one in found[:1]] == [
        (rule, severity, where)
    ]
    assert found[0].translation_key == f"tariff_{problem}"
    assert all(found[0].placeholders.values())


def test_each_rule_has_a_mistake_but_the_one_that_allows() -> None:
    """V3 says what is right: a season across new year."""
    covered = {case[0] for case in CASES} | {Rule.NEW_YEAR, Rule.FORM, Rule.WIRE}
    assert covered == set(Rule)


@pytest.mark.parametrize(
    ("tariff", "context"),
    [
        (WEEKENDS, Context()),
        (all_year(), KNOWN),
        # V3
        (seasons("11-01 03-31", "04-01 10-31"), Context()),
        # V6: one group with the whole week
        (of(group()), Context()),
        # V11: windows that tile the day need no partial price
        (of(group("00:30-04:30", "04:30-00:30", partial=None)), Context()),
        (of(group(None, "00:00-00:00", partial=None)), Context()),
        # V10: windows may touch, midnight included
        (all_year("23:30-05:30", "05:30-23:30"), Context()),
        # V16: half as much again is allowed
        (priced(peak=(0.4, 0.6)), Context()),
        # V18, V19, V21 at their limits
        (replace(all_year(), reserve=10), KNOWN),
        (replace(all_year(), reserve=90), KNOWN),
        (all_year("02:00-06:00"), KNOWN),
    ],
)
def test_what_is_right_has_no_error(tariff: Tariff, context: Context) -> None:
    assert errors(check(tariff, context)) == []


def problems(tariff: Tariff, context: Context = KNOWN) -> set[Problem]:
    return {one.problem for one in check(tariff, context)}


def test_four_seasons_with_the_leap_day_only_warn() -> None:
    found = check(ALL_SORTS)
    assert errors(found) == []
    assert Problem.LEAP_DAY in {one.problem for one in found}


def test_a_gap_is_listed_with_the_leap_day() -> None:
    (gap,) = [
        one
        for one in check(seasons("03-01 12-30", "01-01 02-28"))
        if one.problem is Problem.YEAR_GAP
    ]
    assert gap.placeholders["days"] == "02-29, 12-31"


def test_29_february_overlaps_the_28th_of_other_years() -> None:
    found = check(seasons("02-29 12-31", "01-01 02-28"))
    (overlap,) = errors(found)
    assert overlap.problem is Problem.SEASONS_OVERLAP
    assert overlap.placeholders == {
        "where": "seasons[1]",
        "other": "seasons[0]",
        "days": "02-28",
    }


def test_an_overlap_across_midnight_is_found() -> None:
    assert Problem.WINDOWS_OVERLAP in problems(all_year("22:00-02:00", "01:59-03:00"))
    assert Problem.WINDOWS_OVERLAP not in problems(
        all_year("22:00-02:00", "02:00-22:00")
    )


@pytest.mark.parametrize(
    ("window", "touches"),
    [
        ("00:30-01:00", False),
        ("00:30-01:01", True),
        ("01:59-05:00", True),
        ("02:00-05:00", False),
        ("23:00-07:00", True),
    ],
)
def test_windows_that_touch_the_hour_of_a_clock_change(
    window: str, touches: bool
) -> None:
    assert (Problem.CLOCK_CHANGE in problems(all_year(window, None))) is touches


def test_a_window_that_just_fills_the_battery_is_long_enough() -> None:
    assert Problem.CANNOT_FILL not in problems(all_year("02:00-06:00"))
    assert Problem.CANNOT_FILL in problems(all_year("02:00-05:59"))


def test_where_clocks_do_not_change_nothing_is_said_of_it() -> None:
    tariff = all_year("00:30-04:30")
    india = replace(KNOWN, zone=ZoneInfo("Asia/Kolkata"))
    berlin = replace(KNOWN, zone=ZoneInfo("Europe/Berlin"))
    assert Problem.CLOCK_CHANGE not in problems(tariff, india)
    (found,) = [
        one for one in check(tariff, berlin) if one.problem is Problem.CLOCK_CHANGE
    ]
    assert found.placeholders["hour"] == "02:00-03:00"
    utc = replace(tariff, clock=Clock.UTC)
    assert Problem.CLOCK_CHANGE not in problems(utc)


def test_a_reserve_is_asked_for_only_where_a_table_needs_one() -> None:
    bare = replace(all_year(), reserve=None)
    unknown = Problem.RESERVE_UNKNOWN
    for known in (None, True):
        assert unknown not in problems(bare, Context(reserve_known=known))
    given = replace(bare, reserve=20)
    assert unknown not in problems(given, Context(reserve_known=False))


def test_what_is_not_known_is_not_judged() -> None:
    silent = {
        Problem.CURRENCY_UNKNOWN,
        Problem.CANNOT_FILL,
        Problem.CLOCK_CHANGE,
        Problem.DEVICE_CLOCK_WRONG,
    }
    tariff = replace(all_year("01:00-01:10"), currency="XAU", reserve=1)
    assert not silent & problems(tariff, Context())
    assert silent - {Problem.DEVICE_CLOCK_WRONG} <= problems(tariff, KNOWN)


def test_pence_for_pounds_only_where_there_are_pence() -> None:
    dear = priced(peak=(3.5, 0.15))
    assert Problem.PRICE_IN_PENCE in problems(dear, Context())
    assert Problem.PRICE_IN_PENCE in problems(replace(dear, currency=None), Context())
    kroner = replace(dear, currency="SEK")
    assert Problem.PRICE_IN_PENCE not in problems(kroner, Context())


def test_without_a_peak_no_selling_price_is_too_high() -> None:
    """A cheap weekend sells above what it buys at, and that is right."""
    cheap = of(group(peak=None, partial=Rate(0.1, 0.31)))
    assert Problem.SELL_PRICE_HIGH not in problems(cheap)


def test_findings_come_in_the_order_of_the_rules() -> None:
    tariff = replace(priced(peak=(38.52, 100.0)), reserve=200, seasons=())
    bad = replace(tariff, seasons=(season(group("01:00-02:00"), None, "01-01 02-29"),))
    found = [list(Rule).index(one.rule) for one in check(bad, KNOWN)]
    assert found == sorted(found)
    assert len(set(found)) > 3


def test_a_bad_date_does_not_stop_the_other_rules() -> None:
    tariff = replace(
        WEEKENDS,
        seasons=(replace(WEEKENDS.seasons[0], first=MonthDay(13, 1)),),
        reserve=200,
    )
    found = {one.problem for one in check(tariff)}
    assert {Problem.NOT_A_DATE, Problem.RESERVE_OUT_OF_RANGE} <= found


def test_a_finding_names_its_place() -> None:
    assert Finding(Rule.FORM, Problem.NOT_JSON).placeholders == {"where": "tariff"}
