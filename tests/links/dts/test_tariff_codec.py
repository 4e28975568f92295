"""The tariff in the dates of message 0xC308: every pair of minutes, and what is lost."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts.errors import WrongAnswerError
from custom_components.instagen.links.dts.tariff import carried, dates_of, tariff_of
from custom_components.instagen.links.tariff_form import (
    NO_WINDOW,
    TariffNotCarriedError,
    TariffUnreadableError,
    device_times,
    window_of,
)
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
from custom_components.instagen.plant.tariff_rules import Problem, Severity
from custom_components.instagen.simulated.stick import dates as device
from tests.plant.tariffs import ALL_SORTS, WEEKENDS, all_year, group, season, window

WHOLE_PENCE = Tariff(
    seasons=(
        season(
            Group(
                weekdays=frozenset({0, 1, 2, 3, 4}),
                peak=Period(window("06:00-10:00"), Rate(0.3, 0.12)),
                off_peak=Period(window("22:00-05:00"), Rate(0.09, 0.05)),
                partial=Rate(0.2, 0.1),
            ),
            Group(
                weekdays=frozenset({5, 6}),
                off_peak=Period(window("21:00-06:00"), Rate(0.08, 0.04)),
                partial=Rate(0.2, 0.1),
            ),
            "01-01 03-31",
        ),
    )
)


def test_the_packing_is_that_of_the_facts() -> None:
    (entry,) = dates_of(WHOLE_PENCE)
    assert entry.dates == 0x01011F03
    assert entry.week_1.weekdays == 1 + 2 + 4 + 8 + 16
    assert entry.week_2.weekdays == 32 + 64
    assert entry.week_1.peak_time == 0x0600093B
    assert entry.week_1.valley_time == 0x1600043B
    assert (entry.week_1.peak_in, entry.week_1.peak_out) == (30, 12)
    assert (entry.week_1.valley_in, entry.week_1.valley_out) == (9, 5)
    assert (entry.week_1.partial_in, entry.week_1.partial_out) == (20, 10)
    assert entry.week_2.peak_time == 0


def test_a_suppliers_05_30_is_written_as_05_29() -> None:
    assert device_times(window("00:30-05:30")) == (30, 329)
    (entry,) = dates_of(all_year("00:30-05:30"))
    assert entry.week_1.valley_time == 0x001E051D


def test_the_manuals_own_table_tiles_the_day() -> None:
    """Off-peak 00:30-04:30 beside peak 04:31-00:29 (5.1.2)."""
    off_peak, peak = window_of(30, 270), window_of(271, 29)
    assert (off_peak, peak) == (Window(30, 271), Window(271, 30))
    assert off_peak
    assert peak
    assert off_peak.length + peak.length == 1440
    assert not off_peak.overlaps(peak)


def test_a_hundred_thousand_pairs_of_minutes_come_back() -> None:
    """As the device tells them, and through the whole message for some of them."""
    random = Random(1)
    pairs = {
        (random.randrange(1440), random.randrange(1440)) for _ in range(106_000)
    } - {NO_WINDOW}
    assert len(pairs) > 100_000
    lost = [
        pair
        for pair in pairs
        if (read := window_of(*pair)) is None or device_times(read) != pair
    ]
    assert lost == []
    for start, end in sorted(pairs)[::100]:
        ours = window_of(start, end)
        assert ours
        assert ours.length == (end - start) % 1440 + 1
        table = Tariff(seasons=(season(Group(peak=Period(ours, Rate(0.3, 0.1)))),))
        if ours.length < 1440:
            table = with_partial(table)
        assert tariff_of(dates_of(table)) == table


def with_partial(table: Tariff) -> Tariff:
    one = table.seasons[0]
    return replace(
        table,
        seasons=(replace(one, group_a=replace(one.group_a, partial=Rate(0.2, 0.1))),),
    )


def test_no_window_is_00_00_to_00_00() -> None:
    assert device_times(None) == NO_WINDOW == (0, 0)
    assert window_of(0, 0) is None


def test_24_00_is_the_end_of_the_day() -> None:
    assert window_of(1320, 1440) == Window(1320, 1440)
    assert window_of(0, 1439) == WHOLE_DAY


@pytest.mark.parametrize("pair", [(1440, 0), (0, 1441), (-1, 5), (5, -1)])
def test_what_is_no_minute(pair: tuple[int, int]) -> None:
    with pytest.raises(TariffUnreadableError):
        window_of(*pair)


@pytest.mark.parametrize("table", [WEEKENDS, ALL_SORTS, WHOLE_PENCE, all_year()])
def test_a_table_arrives_as_it_was_foretold(table: Tariff) -> None:
    told, findings = carried(table)
    assert told.currency == table.currency
    assert told.reserve == table.reserve
    read = tariff_of(dates_of(table), currency=table.currency, reserve=table.reserve)
    assert read == told
    assert {one.severity for one in findings} <= {Severity.WARNING}
    assert carried(told) == (told, [])


def test_a_rounded_price_is_told() -> None:
    told, findings = carried(all_year())
    assert [(one.where, dict(one.told)) for one in findings] == [
        (
            "seasons[0].group_a.peak.buy",
            {"value": "0.3852", "carried": "0.39"},
        ),
        (
            "seasons[0].group_a.off_peak.buy",
            {"value": "0.0905", "carried": "0.09"},
        ),
        (
            "seasons[0].group_a.partial.buy",
            {"value": "0.2471", "carried": "0.25"},
        ),
    ]
    assert told.seasons[0].group_a.partial == Rate(0.25, 0.15)


@pytest.mark.parametrize(
    ("value", "arrives"),
    [(0.29, 29), (0.57, 57), (1.15, 115), (0.125, 13), (0.1249, 12), (0.0, 0)],
)
def test_a_price_goes_to_the_nearest_step(value: float, arrives: int) -> None:
    """0.29 x 100 is 28.999..., which another client writes as 28."""
    (entry,) = dates_of(Tariff(seasons=(season(group(cheap=Rate(value, 0.1))),)))
    assert entry.week_1.valley_in == arrives


def bad(**changes: Any) -> Tariff:
    one = replace(WEEKENDS.seasons[0], **changes)
    return replace(WEEKENDS, seasons=(one,))


@pytest.mark.parametrize(
    ("table", "where"),
    [
        (replace(WEEKENDS, clock=Clock.UTC), "clock"),
        (replace(WEEKENDS, seasons=WEEKENDS.seasons * 5), "seasons"),
        (bad(first=MonthDay(2, 30)), "seasons[0].from"),
        (bad(group_a=group("00:00-00:01")), "seasons[0].group_a.off_peak"),
        (
            bad(group_a=Group(peak=Period(Window(0, 2000), Rate(0.1, 0.1)))),
            "seasons[0].group_a.peak",
        ),
        (bad(group_a=group(weekdays=frozenset({7}))), "seasons[0].group_a.weekdays"),
        (bad(group_a=group(cheap=Rate(-0.01, 0))), "seasons[0].group_a.off_peak.buy"),
        (
            bad(group_a=group(cheap=Rate(0.1, float("nan")))),
            "seasons[0].group_a.off_peak.sell",
        ),
        (bad(group_a=group(cheap=Rate(3e7, 0))), "seasons[0].group_a.off_peak.buy"),
    ],
)
def test_what_the_message_has_no_place_for_is_refused(
    table: Tariff, where: str
) -> None:
    with pytest.raises(TariffNotCarriedError) as refused:
        dates_of(table)
    assert [(one.problem, one.where) for one in refused.value.findings] == [
        (Problem.NOT_CARRIED, where)
    ]
    told, findings = carried(table)
    assert told is table
    assert where in {one.where for one in findings}


@pytest.mark.parametrize(
    "entry",
    [
        pb.TariffDates(),
        pb.TariffDates(dates=0x1E02_1F03),
        pb.TariffDates(dates=0x0101_1F03, week_1=pb.TariffWeek(peak_time=0x1900_0000)),
        pb.TariffDates(dates=0x0101_1F03, week_1=pb.TariffWeek(peak_time=0x003C_0100)),
        pb.TariffDates(dates=0x0101_1F03, week_1=pb.TariffWeek(peak_time=0xFFFF_FFFF)),
    ],
)
def test_bytes_that_are_no_table_are_a_wrong_answer(entry: pb.TariffDates) -> None:
    with pytest.raises(WrongAnswerError):
        tariff_of([entry])


def test_a_plant_that_was_never_configured_has_no_windows() -> None:
    (found,) = tariff_of([pb.TariffDates(dates=0x0101_1F0C)]).seasons
    assert found == Season(group_a=Group(weekdays=frozenset(), partial=Rate(0.0, 0.0)))


def test_the_second_group_alone_is_the_first() -> None:
    (entry,) = dates_of(all_year())
    entry.week_2.CopyFrom(entry.week_1)
    entry.week_1.Clear()
    assert tariff_of([entry]).seasons[0].group_a.weekdays == frozenset(range(7))


def test_the_simulated_stick_reads_the_same_dates_days_and_prices() -> None:
    """Its windows end a minute earlier: it takes the ends for exclusive."""
    theirs = device.tariff_of(dates_of(WHOLE_PENCE))
    for ours, told in zip(WHOLE_PENCE.seasons, theirs.seasons, strict=True):
        assert (tuple(ours.first), tuple(ours.last)) == (told.first, told.last)
        for one, other in zip(ours.groups, told.groups, strict=True):
            assert one.weekdays == other.weekdays
            for band, rate in one.rates:
                price = {key.value: value for key, value in other.prices.items()}
                assert tuple(price[band.value]) == tuple(rate)
    assert tariff_of(device.dates_of(theirs)) == WHOLE_PENCE
