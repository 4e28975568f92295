"""Prices as other integrations publish them."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from custom_components.instagen.control.price_series import (
    PriceSeries,
    PriceSlot,
    PriceUnit,
    nord_pool_prices,
    octopus_rates,
    series_of,
    tibber_prices,
)


@pytest.fixture(autouse=True)
def _our_integration() -> None:
    """Leave Home Assistant out, which the fixture of this name would start."""


@pytest.fixture(autouse=True)
def _no_pause() -> None:
    """Leave out the links, too."""


T0 = datetime(2026, 6, 3, tzinfo=UTC)
HALF = timedelta(minutes=30)


def at(number: float) -> datetime:
    return T0 + number * HALF


def slot(start: float, end: float, buy: float, sell: float | None = None) -> PriceSlot:
    return PriceSlot(at(start), at(end), buy, sell)


def rate(begin: float, value: object, **more: object) -> dict[str, Any]:
    return {
        "start": at(begin),
        "end": at(begin + 1),
        "value_inc_vat": value,
        "is_capped": False,
        **more,
    }


# ---- Octopus ----


def test_an_event_of_day_rates_is_in_pounds() -> None:
    event = {"rates": [rate(0, 0.074999), rate(1, 0.293691)], "tariff_code": "X"}
    expected = (slot(0, 1, 0.075), slot(1, 2, 0.2937))
    assert octopus_rates(event).slots == expected
    assert octopus_rates(event["rates"]).slots == expected


def test_times_may_be_texts_of_any_zone() -> None:
    rows = [rate(0, 0.1, start="2026-06-03T01:00:00+01:00", end="2026-06-03T00:30:00Z")]
    assert octopus_rates(rows).slots == (slot(0, 1, 0.1),)


def test_the_suppliers_own_answer_is_in_pence_and_newest_first() -> None:
    answer = {
        "count": 3,
        "results": [
            {
                "value_exc_vat": 9.0,
                "value_inc_vat": 9.45,
                "valid_from": "2026-06-03T01:00:00Z",
                "valid_to": None,
                "payment_method": None,
            },
            {
                "value_inc_vat": 10.5,
                "valid_from": "2026-06-03T00:30:00Z",
                "valid_to": "2026-06-03T01:00:00Z",
            },
            {
                "value_inc_vat": 12.5,
                "valid_from": "2026-06-03T00:30:00Z",
                "valid_to": "2026-06-03T01:00:00Z",
                "payment_method": "NON_DIRECT_DEBIT",
            },
        ],
    }
    series = octopus_rates(answer)
    assert [one.buy for one in series.slots] == [0.105, 0.0945]
    assert series.slots[1].end - at(2) > timedelta(days=10 * 365)


def test_a_unit_that_is_given_counts() -> None:
    rows = [rate(0, 7.5)]
    assert octopus_rates(rows, PriceUnit.HUNDREDTHS_PER_KWH).slots[0].buy == 0.075


@pytest.mark.parametrize(
    "row",
    [
        None,
        5,
        {},
        rate(0, None),
        rate(0, "0.1"),
        rate(0, True),
        rate(0, float("nan")),
        rate(0, 0.1, end=None),
        rate(0, 0.1, end=T0),
        rate(0, 0.1, start="yesterday"),
        rate(0, 0.1, start="2026-06-03T00:00:00"),
        rate(0, 0.1, start=5),
        rate(0, 0.1, start="0001-01-01T00:00:00+01:00"),
        rate(0, 10**400),
        {**rate(0, 0.1), "payment_method": []},
    ],
)
def test_a_row_that_cannot_be_read_is_left_out_and_counted(row: object) -> None:
    series = octopus_rates([rate(1, 0.2), row])
    assert series == PriceSeries((slot(1, 2, 0.2),), 1)


@pytest.mark.parametrize("data", [None, 5, "x", {}, {"rates": None}, {"rates": "x"}])
def test_another_shape_has_no_prices(data: object) -> None:
    assert octopus_rates(data) == PriceSeries()
    assert nord_pool_prices(data) == PriceSeries()
    assert tibber_prices(data) == PriceSeries()


# ---- Nord Pool and Tibber ----


def nord_pool_row(start: float, value: object) -> dict[str, object]:
    begin, end = (at(start + n).isoformat() for n in (0, 0.5))
    return {"start": begin, "end": end, "price": value}


def test_nord_pool_is_per_mwh_and_by_area() -> None:
    answer = {"SE3": [nord_pool_row(0, 285.46), nord_pool_row(0.5, -4.0)]}
    expected = (slot(0, 0.5, 0.2855), slot(0.5, 1, -0.004))
    assert nord_pool_prices(answer).slots == expected
    both = {**answer, "SE4": []}
    assert nord_pool_prices(both, "SE3").slots == expected
    assert nord_pool_prices(both).slots == ()
    assert nord_pool_prices({"SE3": [nord_pool_row(0, None), 5]}).skipped == 2


def test_tibber_ends_a_price_where_the_next_begins() -> None:
    answer = {
        "prices": {
            "Home": [
                {
                    "start_time": "2026-06-03T01:00:00+01:00",
                    "price": 0.31,
                    "level": "X",
                },
                {"start_time": "2026-06-03T01:15:00+01:00", "price": 0.29},
                {"start_time": "2026-06-03T02:30:00+01:00", "price": 0.25},
                {"start_time": "2026-06-03T03:00:00+01:00", "price": None},
                {"price": 0.2},
                None,
            ]
        }
    }
    series = tibber_prices(answer)
    assert series.slots == (
        slot(0, 0.5, 0.31),
        # A gap longer than an hour is a gap.
        slot(0.5, 2.5, 0.29),
        slot(3, 4, 0.25),
    )
    assert series.skipped == 3
    assert tibber_prices(answer, "Home") == series
    assert tibber_prices(answer, "Cabin") == PriceSeries()


# ---- series ----


def test_what_is_told_later_holds() -> None:
    old = series_of([slot(0, 4, 0.1), slot(6, 8, 0.2)])
    new = series_of([slot(1, 2, 0.5), slot(3, 7, 0.6)])
    assert old.revised(new).slots == (
        slot(0, 1, 0.1),
        slot(1, 2, 0.5),
        slot(2, 3, 0.1),
        slot(3, 7, 0.6),
        slot(7, 8, 0.2),
    )
    assert series_of([slot(0, 4, 0.1), slot(1, 2, 0.5)]).slots == (
        slot(0, 1, 0.1),
        slot(1, 2, 0.5),
        slot(2, 4, 0.1),
    )


def test_any_order_and_any_overlap_gives_slots_apart() -> None:
    random = Random(3)
    for _ in range(100):
        told = []
        truth: dict[int, float] = {}
        for number in range(12):
            start = random.randrange(20)
            end = start + random.randrange(1, 6)
            told.append(slot(start, end, number / 100))
            truth |= dict.fromkeys(range(start, end), number / 100)
        series = series_of(told)
        found = {
            int((one.start - T0) / HALF) + n: one.buy
            for one in series.slots
            for n in range(int((one.end - one.start) / HALF))
        }
        assert found == truth
        assert len(found) == sum((s.end - s.start) / HALF for s in series.slots)
        assert list(series.slots) == sorted(series.slots)


def test_export_prices_join_those_of_import() -> None:
    bought = series_of([slot(0, 4, 0.3), slot(4, 5, 0.2, 0.01)])
    sold = series_of([slot(1, 2, 0.15), slot(2, 3, 0.1)])
    assert bought.sold_at(sold).slots == (
        slot(0, 1, 0.3),
        slot(1, 2, 0.3, 0.15),
        slot(2, 3, 0.3, 0.1),
        slot(3, 4, 0.3),
        slot(4, 5, 0.2, 0.01),
    )
