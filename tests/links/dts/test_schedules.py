"""Schedules as texts: nothing that a device holds is lost in them."""

from collections.abc import Mapping
from typing import Final

import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts.schedules import (
    dates_of,
    periods_of,
    periods_text,
    table_of,
    tariff_text,
)
from custom_components.instagen.plant.tariff_rules import check, errors

from .test_settings_dts import DATES, PERIODS, TARIFF, WEEK


def test_a_schedule_keeps_its_text():
    assert tariff_text(dates_of(TARIFF)) == TARIFF
    assert dates_of(TARIFF) == DATES
    assert '"currency": null, "reserve": null' in TARIFF
    assert periods_text(periods_of(PERIODS)) == PERIODS
    assert dates_of(TARIFF)[0].week_1 == WEEK


def week(**changed: int) -> pb.TariffWeek:
    """Return a week like ours but for something."""
    found = pb.TariffWeek()
    found.CopyFrom(WEEK)
    for name, value in changed.items():
        setattr(found, name, value)
    return found


ODD: Final[Mapping[str, list[pb.TariffDates]]] = {
    "overlap": [pb.TariffDates(dates=0x01011F0C, week_1=week(valley_time=0x0F001400))],
    "half a week, half a year": [pb.TariffDates(dates=0x01011E06, week_1=WEEK)],
    "five seasons": 5 * DATES,
    "no weekday": [pb.TariffDates(dates=0x01011F0C, week_1=week(weekdays=0))],
    "an eighth weekday": [pb.TariffDates(dates=0x01011F0C, week_1=week(weekdays=159))],
    "second group alone": [pb.TariffDates(dates=0x01011F0C, week_2=WEEK)],
    "prices of no window": [pb.TariffDates(dates=0x01011F0C, week_1=week(peak_time=0))],
    "a whole day, written oddly": [
        pb.TariffDates(dates=0x01011F0C, week_1=week(peak_time=0x0A00093B))
    ],
    "31 February": [pb.TariffDates(dates=0x01011F02, week_1=WEEK)],
    "25 o'clock": [pb.TariffDates(dates=0x01011F0C, week_1=week(peak_time=0x10001900))],
    "nothing in it": [pb.TariffDates()],
}
"""Tables that a device may have and we would never write."""

NOT_TO_BE_SHOWN: Final = {"31 February", "25 o'clock", "nothing in it"}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_table_is_kept_to_the_last_bit(name: str):
    text = tariff_text(ODD[name])
    assert dates_of(text) == ODD[name]
    assert (table_of(text) is None) is (name in NOT_TO_BE_SHOWN)


def test_what_is_no_table_is_not_shown():
    assert tariff_text([]) == ""
    assert table_of("octopus") is None
    assert table_of("dts:zz") is None
    table = table_of(TARIFF)
    assert table is not None
    assert errors(check(table)) == []
