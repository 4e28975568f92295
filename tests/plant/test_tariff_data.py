"""The exchange form: what goes out comes back, what is wrong gets its name and place."""

from copy import deepcopy
from dataclasses import replace
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.instagen.plant.tariff import (
    WHOLE_DAY,
    Clock,
    Group,
    MonthDay,
    Period,
    Rate,
    Season,
    Tariff,
    Window,
)
from custom_components.instagen.plant.tariff_change import Change, difference, merged
from custom_components.instagen.plant.tariff_data import (
    FORMAT,
    VERSION,
    from_data,
    from_json,
    season_data,
    season_from_data,
    to_data,
    to_json,
)
from custom_components.instagen.plant.tariff_rules import Problem, Rule, check, errors

from .tariffs import ALL_SORTS, WEEKENDS, all_year, group, season

GOOD = to_data(WEEKENDS)


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the good data with another value at a path, or without it (``...``)."""
    data: Any = deepcopy(GOOD)
    *parents, last = path.split("/")
    place = data
    for name in parents:
        place = place[int(name) if name.isdigit() else name]
    if value is ...:
        del place[last]
    else:
        place[int(last) if last.isdigit() else last] = value
    return data


@pytest.mark.parametrize(
    "tariff",
    [WEEKENDS, ALL_SORTS, replace(all_year(), clock=Clock.UTC, currency=None)],
)
def test_what_goes_out_comes_back(tariff: Tariff) -> None:
    for reading in (
        from_data(json.loads(json.dumps(to_data(tariff)))),
        from_json(to_json(tariff)),
    ):
        assert reading.tariff == tariff
        assert errors(reading.findings) == []


def test_the_form_is_the_documented_one() -> None:
    assert GOOD["currency"] == "GBP"
    assert GOOD["reserve"] == 20
    (data,) = GOOD["seasons"]
    assert (data["from"], data["to"]) == ("01-01", "12-31")
    assert data["group_b"] == {
        "weekdays": ["sat", "sun"],
        "off_peak": {"start": "00:30", "end": "05:30", "buy": 0.0905, "sell": 0.15},
        "partial": {"buy": 0.2471, "sell": 0.15},
    }


def test_a_whole_day_is_00_00_to_23_59() -> None:
    flat = all_year(None, "00:00-00:00")
    flat = replace(flat, seasons=(season(group(None, "00:00-00:00", partial=None)),))
    data = to_data(flat)
    told = data["seasons"][0]["group_a"]["peak"]
    assert (told["start"], told["end"]) == ("00:00", "23:59")
    reading = from_data(data)
    assert reading.tariff
    assert reading.tariff.seasons[0].group_a.periods[0][1].window == WHOLE_DAY


def test_times_of_a_time_selector_are_read() -> None:
    reading = from_data(changed("seasons/0/group_a/peak/start", "16:00:00"))
    assert reading.tariff == WEEKENDS


A = "seasons/0/group_a"
PLACE = "seasons[0].group_a"

WRONG: list[tuple[str, object, Problem, str]] = [
    (f"{A}/peak/buy", "0.38", Problem.NOT_A_NUMBER, f"{PLACE}.peak.buy"),
    (f"{A}/peak/buy", True, Problem.NOT_A_NUMBER, f"{PLACE}.peak.buy"),
    (f"{A}/peak/buy", float("nan"), Problem.PRICE_NOT_FINITE, f"{PLACE}.peak.buy"),
    (f"{A}/peak/buy", float("inf"), Problem.PRICE_NOT_FINITE, f"{PLACE}.peak.buy"),
    (f"{A}/peak/buy", 10**400, Problem.PRICE_NOT_FINITE, f"{PLACE}.peak.buy"),
    (f"{A}/peak/buy", ..., Problem.KEY_MISSING, f"{PLACE}.peak"),
    (f"{A}/peak/buy", [0.3], Problem.NOT_A_NUMBER, f"{PLACE}.peak.buy"),
    (f"{A}/peak/sell", 0.12345, Problem.PRICE_DECIMALS, f"{PLACE}.peak.sell"),
    (f"{A}/peak/end", "24:00", Problem.NOT_A_TIME, f"{PLACE}.peak.end"),
    (f"{A}/peak/end", "7:00", Problem.NOT_A_TIME, f"{PLACE}.peak.end"),
    (f"{A}/peak/end", "19:60", Problem.NOT_A_TIME, f"{PLACE}.peak.end"),
    (f"{A}/peak/end", "19:00:30", Problem.NOT_A_TIME, f"{PLACE}.peak.end"),
    (
        f"{A}/peak/end",
        "\u0661\u0669:\u0660\u0660",
        Problem.NOT_A_TIME,
        f"{PLACE}.peak.end",
    ),
    (f"{A}/peak/end", 1140, Problem.NOT_A_TIME, f"{PLACE}.peak.end"),
    (f"{A}/peak/end", "16:00", Problem.WINDOW_EMPTY, f"{PLACE}.peak"),
    (f"{A}/peak", "16:00-19:00", Problem.NOT_A_TABLE, f"{PLACE}.peak"),
    (f"{A}/peak/price", 1, Problem.KEY_UNKNOWN, f"{PLACE}.peak"),
    (f"{A}/partial", 0.2, Problem.NOT_A_TABLE, f"{PLACE}.partial"),
    (f"{A}/partial", {}, Problem.KEY_MISSING, f"{PLACE}.partial"),
    (f"{A}/partial", ..., Problem.PARTIAL_MISSING, f"{PLACE}.partial"),
    (f"{A}/weekdays", ["mon", "mon"], Problem.WEEKDAY_TWICE, f"{PLACE}.weekdays"),
    (f"{A}/weekdays", ["monday"], Problem.NOT_A_CHOICE, f"{PLACE}.weekdays"),
    (f"{A}/weekdays", [0], Problem.NOT_A_CHOICE, f"{PLACE}.weekdays"),
    (f"{A}/weekdays", "mon", Problem.NOT_A_LIST, f"{PLACE}.weekdays"),
    (f"{A}/weekdays", ..., Problem.KEY_MISSING, PLACE),
    (f"{A}/weekdays", ["mon"], Problem.WEEKDAY_MISSING, "seasons[0]"),
    (A, ..., Problem.GROUP_MISSING, PLACE),
    (A, None, Problem.GROUP_MISSING, PLACE),
    ("seasons/0/group_b", ..., Problem.GROUP_MISSING, "seasons[0].group_b"),
    ("seasons/0/group_b", None, Problem.GROUP_MISSING, "seasons[0].group_b"),
    ("seasons/0/group_c", {}, Problem.KEY_UNKNOWN, "seasons[0]"),
    ("seasons/0/to", "02-30", Problem.NOT_A_DATE, "seasons[0].to"),
    ("seasons/0/to", "13-01", Problem.NOT_A_DATE, "seasons[0].to"),
    ("seasons/0/to", "2026-12-31", Problem.NOT_A_DATE, "seasons[0].to"),
    ("seasons/0/to", 1231, Problem.NOT_A_DATE, "seasons[0].to"),
    ("seasons/0/to", ..., Problem.KEY_MISSING, "seasons[0]"),
    ("seasons/0/to", "11-30", Problem.YEAR_GAP, "seasons"),
    ("seasons/0", None, Problem.NOT_A_TABLE, "seasons[0]"),
    ("seasons", {}, Problem.NOT_A_LIST, "seasons"),
    ("seasons", [], Problem.NO_SEASON, "seasons"),
    ("seasons", ..., Problem.KEY_MISSING, ""),
    ("seasons", GOOD["seasons"] * 5, Problem.TOO_MANY_SEASONS, "seasons"),
    ("seasons", GOOD["seasons"] * 2, Problem.SEASONS_OVERLAP, "seasons[1]"),
    ("currency", 5, Problem.NOT_A_TEXT, "currency"),
    ("currency", " ", Problem.NOT_A_TEXT, "currency"),
    ("reserve", "20", Problem.NOT_A_NUMBER, "reserve"),
    ("reserve", False, Problem.NOT_A_NUMBER, "reserve"),
    ("reserve", 20.5, Problem.NOT_WHOLE, "reserve"),
    ("reserve", float("inf"), Problem.NOT_WHOLE, "reserve"),
    ("reserve", 120, Problem.RESERVE_OUT_OF_RANGE, "reserve"),
    ("clock", "gmt", Problem.NOT_A_CHOICE, "clock"),
    ("colour", "red", Problem.KEY_UNKNOWN, ""),
]


@pytest.mark.parametrize(("path", "value", "problem", "where"), WRONG)
def test_wrong_data_gets_its_finding_and_its_place(
    path: str, value: object, problem: Problem, where: str
) -> None:
    reading = from_data(changed(path, value))
    assert (problem, where) in {(one.problem, one.where) for one in reading.findings}
    assert reading.tariff is None


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (f"{A}/peak/buy", 38.52, Problem.PRICE_IN_PENCE),
        (f"{A}/off_peak/buy", -0.02, Problem.PRICE_NEGATIVE),
    ],
)
def test_a_warning_leaves_the_tariff(
    path: str, value: object, problem: Problem
) -> None:
    reading = from_data(changed(path, value))
    assert reading.tariff is not None
    assert problem in {one.problem for one in reading.findings}


def test_29_february_is_a_warning() -> None:
    data = deepcopy(GOOD)
    winter = deepcopy(GOOD["seasons"][0])
    data["seasons"][0]["from"], winter["to"] = "03-01", "02-29"
    data["seasons"].append(winter)
    reading = from_data(data)
    assert reading.tariff is not None
    assert [one.where for one in reading.findings if one.rule is Rule.DATES] == [
        "seasons[1].to"
    ]


def test_all_mistakes_are_told_at_once() -> None:
    data = changed(f"{A}/peak/buy", "x")
    data["seasons"][0]["to"] = "02-31"
    data["reserve"] = True
    assert len(errors(from_data(data).findings)) == 3


@pytest.mark.parametrize("data", [None, 5, "x", [], (), 1.5, {1: 2}])
def test_what_is_no_table_at_all(data: object) -> None:
    reading = from_data(data)
    assert reading.tariff is None
    assert errors(reading.findings)


type Json = Any
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["seasons", "from", "to", "group_a", "weekdays", "peak", "start", "buy"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(data=_JSON, path=st.sampled_from([case[0] for case in WRONG]))
def test_nothing_raises(data: Json, path: str) -> None:
    for given_data in (data, {"seasons": [data]}, changed(path, data)):
        reading = from_data(given_data)
        assert (reading.tariff is None) is bool(errors(reading.findings))


# ---- JSON ----


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.NOT_JSON),
        ("{", Problem.NOT_JSON),
        ("[" * 100_000, Problem.NOT_JSON),
        (f"[{' ' * 70_000}]", Problem.NOT_JSON),
        ("1" * 5000, Problem.NOT_JSON),
        ("[]", Problem.WRONG_FORMAT),
        ("{}", Problem.WRONG_FORMAT),
        (json.dumps({"format": "other", "version": 1}), Problem.WRONG_FORMAT),
        (json.dumps({"format": FORMAT}), Problem.WRONG_FORMAT),
        (json.dumps({"format": FORMAT, "version": True}), Problem.WRONG_FORMAT),
        (json.dumps({"format": FORMAT, "version": 0}), Problem.WRONG_FORMAT),
        (json.dumps({"format": FORMAT, "version": VERSION + 1}), Problem.NEWER_FORMAT),
        (to_json(WEEKENDS).replace("0.3852", "NaN"), Problem.PRICE_NOT_FINITE),
        (
            to_json(WEEKENDS).replace('"reserve": 20', '"reserve": 20, "reserve": 30'),
            Problem.KEY_TWICE,
        ),
    ],
    ids=range(14),
)
def test_a_wrong_file_gets_its_finding(text: str, problem: Problem) -> None:
    reading = from_json(text)
    assert reading.tariff is None
    assert problem in {one.problem for one in reading.findings}


# ---- one season into a table, and what changes ----

SUMMER = season(group("02:00-05:00", None), None, "06-01 08-31")


def dates(tariff: Tariff) -> list[tuple[str, Season]]:
    return [(f"{one.first} {one.last}", one) for one in tariff.seasons]


def test_a_season_takes_its_days_from_the_others() -> None:
    table = merged(WEEKENDS, SUMMER)
    summer, rest = table.seasons
    assert summer == SUMMER
    assert (rest.first, rest.last) == (MonthDay(9, 1), MonthDay(5, 31))
    assert rest.group_a == WEEKENDS.seasons[0].group_a
    assert errors(check(table)) == []
    assert (table.currency, table.reserve) == ("GBP", 20)


def test_the_same_dates_replace_a_season() -> None:
    table = merged(WEEKENDS, SUMMER)
    other = replace(SUMMER, group_a=group("03:00-04:00", None))
    again = merged(table, other)
    assert [one for one in again.seasons if one.first == MonthDay(6, 1)] == [other]
    assert len(again.seasons) == 2
    whole = season(group("01:00-02:00", None))
    assert merged(again, whole).seasons == (whole,)


def test_a_season_across_new_year_stays_in_one_piece() -> None:
    winter = season(group("01:00-02:00", None), None, "12-15 01-15")
    rest, found = merged(WEEKENDS, winter).seasons
    assert (rest.first, rest.last) == (MonthDay(1, 16), MonthDay(12, 14))
    assert found == winter


def test_the_fifth_season_is_found_by_the_rules() -> None:
    table = WEEKENDS
    for month in (2, 4, 6):
        table = merged(
            table, season(group("01:00-02:00", None), None, f"0{month}-01 0{month}-20")
        )
    found = check(table)
    assert Problem.TOO_MANY_SEASONS in {one.problem for one in found}
    assert Problem.SEASONS_OVERLAP not in {one.problem for one in found}
    assert Problem.YEAR_GAP not in {one.problem for one in found}


def test_one_season_is_read_by_itself() -> None:
    data = season_data(SUMMER)
    assert season_from_data(data) == (SUMMER, ())
    data["from"] = "06-31"
    found, findings = season_from_data(data)
    assert found is None
    assert [(one.problem, one.where) for one in findings] == [
        (Problem.NOT_A_DATE, "season.from")
    ]


def test_what_changes_is_told_by_place() -> None:
    usual = WEEKENDS.seasons[0]
    assert usual.group_b
    after = replace(
        WEEKENDS,
        reserve=30,
        seasons=(
            replace(
                usual,
                group_b=Group(
                    weekdays=usual.group_b.weekdays,
                    peak=Period(Window(0, 60), Rate(0.5, 0.1)),
                    partial=usual.group_b.partial,
                ),
            ),
        ),
    )
    place = "seasons[0].group_b"
    assert set(difference(WEEKENDS, after)) == {
        Change("reserve", 20, 30),
        Change(f"{place}.peak.start", None, "00:00"),
        Change(f"{place}.peak.end", None, "01:00"),
        Change(f"{place}.peak.buy", None, 0.5),
        Change(f"{place}.peak.sell", None, 0.1),
        Change(f"{place}.off_peak.start", "00:30", None),
        Change(f"{place}.off_peak.end", "05:30", None),
        Change(f"{place}.off_peak.buy", 0.0905, None),
        Change(f"{place}.off_peak.sell", 0.15, None),
    }


def test_nothing_changes_in_the_same_table() -> None:
    assert difference(WEEKENDS, WEEKENDS) == []
    assert len(difference(None, WEEKENDS)) > 15
    (weekdays,) = [
        one
        for one in difference(None, all_year())
        if one.where == "seasons[0].group_a.weekdays"
    ]
    assert weekdays.after == "mon, tue, wed, thu, fri, sat, sun"
