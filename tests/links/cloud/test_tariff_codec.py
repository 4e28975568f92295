"""The tariff in the parameters of the cloud's mode 2 (facts/cloud-api.md 5.8)."""

from copy import deepcopy
from dataclasses import replace
import json
from typing import Any

import pytest

from custom_components.instagen.links.cloud.tariff import (
    dates_in,
    dates_of,
    tariff_of,
    text_of,
)
from custom_components.instagen.links.dts.schedules import tariff_text
from custom_components.instagen.links.dts.tariff import carried, dates_of as stick_dates
from custom_components.instagen.links.tariff_form import (
    TariffNotCarriedError,
    TariffUnreadableError,
)
from custom_components.instagen.plant.tariff import (
    Clock,
    Group,
    MonthDay,
    Period,
    Rate,
    Season,
    Tariff,
    Window,
)
from custom_components.instagen.plant.tariff_rules import Problem
from tests.plant.tariffs import ALL_SORTS, WEEKENDS, group, season


def duration(kind: int, start: str | None, end: str | None, buy: float) -> Any:
    return {
        "type": kind,
        "start_time": start,
        "end_time": end,
        "in": buy,
        "out": 0.15,
    }


EXAMPLE: Any = {
    "reserve_soc": 20,
    "money_code": "$",
    "date": [
        {
            "start_date": "01-01",
            "end_date": "02-28",
            "time": [
                {
                    "week": [1, 2, 3, 4, 5],
                    "duration": [
                        duration(1, "00:30", "04:30", 0.09),
                        duration(2, None, None, 0.24),
                        duration(3, "16:00", "19:00", 0.32),
                    ],
                },
                {
                    "week": [6, 7],
                    "duration": [
                        duration(1, "00:30", "05:30", 0.09),
                        duration(2, None, None, 0.24),
                        duration(3, "17:00", "19:00", 0.30),
                    ],
                },
            ],
        }
    ],
}

READ = Tariff(
    seasons=(
        Season(
            first=MonthDay(1, 1),
            last=MonthDay(2, 28),
            group_a=Group(
                weekdays=frozenset({0, 1, 2, 3, 4}),
                off_peak=Period(Window(30, 271), Rate(0.09, 0.15)),
                peak=Period(Window(960, 1141), Rate(0.32, 0.15)),
                partial=Rate(0.24, 0.15),
            ),
            group_b=Group(
                weekdays=frozenset({5, 6}),
                off_peak=Period(Window(30, 331), Rate(0.09, 0.15)),
                peak=Period(Window(1020, 1141), Rate(0.30, 0.15)),
                partial=Rate(0.24, 0.15),
            ),
        ),
    ),
    currency="$",
    reserve=20,
)


def test_the_documented_example_is_read_and_written() -> None:
    assert tariff_of(EXAMPLE) == READ
    assert dates_of(READ) == EXAMPLE["date"]


@pytest.mark.parametrize("tariff", [WEEKENDS, ALL_SORTS])
def test_what_is_written_is_read(tariff: Tariff) -> None:
    told = json.loads(json.dumps(dates_of(tariff)))
    assert tariff_of({"date": told}).seasons == tariff.seasons


@pytest.mark.parametrize("tariff", [READ, WEEKENDS, ALL_SORTS])
def test_a_stick_tells_the_same_table_in_the_same_words(tariff: Tariff) -> None:
    arrives, _ = carried(tariff)
    text = tariff_text(stick_dates(arrives))
    assert text_of(dates_of(arrives)) == text
    assert text_of(dates_in(text)) == text


@pytest.mark.parametrize("text", ["", "{}", "dts:0a", "null"])
def test_a_text_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no tariff"):
        dates_in(text)


@pytest.mark.parametrize("dates", [{}, {"date": None}, {"date": []}])
def test_a_plant_without_dates_has_no_seasons(dates: dict[str, object]) -> None:
    block = {"reserve_soc": 18, "money_code": "$", **dates}
    assert tariff_of(block) == Tariff(currency="$", reserve=18)
    assert tariff_of(dates) == Tariff()


def test_an_unconfigured_plant_has_no_windows() -> None:
    block = deepcopy(EXAMPLE)
    for time in block["date"][0]["time"]:
        for one in time["duration"]:
            one.update({"start_time": "00:00", "end_time": "00:00", "in": 0, "out": 0})
    for found in tariff_of(block).seasons[0].groups:
        assert found.periods == ()
        assert found.partial == Rate(0.0, 0.0)
    assert text_of(block["date"]) is None
    block["date"][0]["time"][1]["duration"][1]["in"] = 0.24
    assert text_of(block["date"]) is not None


def test_numbers_told_as_texts_are_read() -> None:
    block = deepcopy(EXAMPLE)
    block["reserve_soc"] = "20"
    block["date"][0]["time"][0]["duration"][0]["in"] = "0.09"
    assert tariff_of(block) == READ


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("date", {}),
        ("date/0", 5),
        ("date/0/start_date", "02-30"),
        ("date/0/start_date", None),
        ("date/0/time", []),
        ("date/0/time/0/week", "1"),
        ("date/0/time/0/week/0", "x"),
        ("date/0/time/0/duration/0/start_time", "25:00"),
        ("date/0/time/0/duration/0/start_time", "00:60"),
        ("date/0/time/0/duration/0/start_time", 30),
        ("date/0/time/0/duration/0/in", None),
        ("date/0/time/0/duration/0/in", "nan"),
        ("date/0/time/0/duration/0/in", 10**400),
        ("reserve_soc", []),
    ],
)
def test_another_shape_is_unreadable(path: str, value: object) -> None:
    block = deepcopy(EXAMPLE)
    *parents, last = path.split("/")
    place: Any = block
    for name in parents:
        place = place[int(name) if name.isdigit() else name]
    place[int(last) if last.isdigit() else last] = value
    with pytest.raises(TariffUnreadableError):
        tariff_of(block)
    if path.startswith("date"):
        assert text_of(block["date"]) is None


def test_a_third_group_of_weekdays_is_unreadable() -> None:
    block = deepcopy(EXAMPLE)
    times = block["date"][0]["time"]
    times.append({**times[0], "week": [7]})
    with pytest.raises(TariffUnreadableError):
        tariff_of(block)


@pytest.mark.parametrize(
    "tariff",
    [
        replace(READ, clock=Clock.UTC),
        replace(READ, seasons=READ.seasons * 5),
        replace(READ, seasons=(season(group(cheap=Rate(float("inf"), 0))),)),
    ],
)
def test_what_the_cloud_has_no_place_for_is_refused(tariff: Tariff) -> None:
    with pytest.raises(TariffNotCarriedError) as refused:
        dates_of(tariff)
    assert [one.problem for one in refused.value.findings] == [Problem.NOT_CARRIED]
