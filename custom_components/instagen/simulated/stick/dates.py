"""The tariff table of the economical mode on the wire (facts section 6)."""

from calendar import monthrange
from collections.abc import Iterable
from typing import Final

from ...dts_messages import instagen_dts_pb2 as pb
from ..programs import UsePeriod
from ..tariff import DayGroup, Price, Season, Tariff, TariffPeriod
from .packing import (
    pack_range,
    pack_weekdays,
    pack_window,
    unpack_range,
    unpack_weekdays,
    unpack_window,
)

_PRICE: Final = 100
_LEAP_YEAR: Final = 2024
MOST_SEASONS: Final = 4
MOST_PERIODS: Final = 8


def tariff_of(dates: Iterable[pb.TariffDates]) -> Tariff:
    """Return the tariff that a write describes.

    Raises:
        ValueError: when dates or times are none, or there are too many.
    """
    seasons = tuple(_season(entry) for entry in dates)
    if len(seasons) > MOST_SEASONS:
        raise ValueError("too many date ranges")
    return Tariff(seasons=seasons)


def _season(entry: pb.TariffDates) -> Season:
    start, end = unpack_range(entry.dates)
    first, last = (start[1], start[0]), (end[1], end[0])
    for month, day in (first, last):
        if not 1 <= month <= 12 or not 1 <= day <= monthrange(_LEAP_YEAR, month)[1]:
            raise ValueError("not a date")
    weeks = (entry.week_1, entry.week_2)
    groups = tuple(_group(week) for week in weeks if week.weekdays)
    return Season(first=first, last=last, groups=groups)


def _group(week: pb.TariffWeek) -> DayGroup:
    prices = {
        TariffPeriod.PEAK: Price(week.peak_in / _PRICE, week.peak_out / _PRICE),
        TariffPeriod.OFF_PEAK: Price(week.valley_in / _PRICE, week.valley_out / _PRICE),
        TariffPeriod.PARTIAL_PEAK: Price(
            week.partial_in / _PRICE, week.partial_out / _PRICE
        ),
    }
    return DayGroup(
        weekdays=unpack_weekdays(week.weekdays),
        peak=unpack_window(week.peak_time),
        off_peak=unpack_window(week.valley_time),
        prices=prices,
    )


def dates_of(tariff: Tariff) -> list[pb.TariffDates]:
    """Return a tariff as a read tells it."""
    return [_entry(season) for season in tariff.seasons]


def _entry(season: Season) -> pb.TariffDates:
    (month, day), (last_month, last_day) = season.first, season.last
    weeks = [_week(group) for group in season.groups[:2]]
    weeks += [pb.TariffWeek()] * (2 - len(weeks))
    return pb.TariffDates(
        dates=pack_range((day, month), (last_day, last_month)),
        week_1=weeks[0],
        week_2=weeks[1],
    )


def _week(group: DayGroup) -> pb.TariffWeek:
    def price(period: TariffPeriod) -> tuple[int, int]:
        found = group.prices.get(period, Price(0, 0))
        return round(found.buy * _PRICE), round(found.sell * _PRICE)

    peak, valley = price(TariffPeriod.PEAK), price(TariffPeriod.OFF_PEAK)
    partial = price(TariffPeriod.PARTIAL_PEAK)
    return pb.TariffWeek(
        weekdays=pack_weekdays(group.weekdays),
        peak_time=pack_window(group.peak),
        peak_in=peak[0],
        peak_out=peak[1],
        valley_time=pack_window(group.off_peak),
        valley_in=valley[0],
        valley_out=valley[1],
        partial_in=partial[0],
        partial_out=partial[1],
    )


def use_of(entries: Iterable[pb.TimeOfUse]) -> tuple[UsePeriod, ...]:
    """Return the times of use that a write describes.

    Raises:
        ValueError: when one is incomplete or out of range.
    """
    periods = tuple(_period(entry) for entry in entries)
    if len(periods) > MOST_PERIODS:
        raise ValueError("too many periods")
    return periods


def _period(entry: pb.TimeOfUse) -> UsePeriod:
    charge = unpack_window(entry.charge_time)
    discharge = unpack_window(entry.discharge_time)
    shares = (
        entry.charge_power,
        entry.discharge_power,
        entry.lowest_soc,
        entry.highest_soc,
    )
    if charge is None or discharge is None or max(shares) > 100:
        raise ValueError("not a period")
    return UsePeriod(
        charge=charge,
        charge_power=entry.charge_power,
        discharge=discharge,
        discharge_power=entry.discharge_power,
        lowest_soc=entry.lowest_soc,
        highest_soc=entry.highest_soc,
    )


def entries_of(periods: Iterable[UsePeriod]) -> list[pb.TimeOfUse]:
    """Return times of use as a read tells them."""
    return [
        pb.TimeOfUse(
            charge_time=pack_window(period.charge),
            charge_power=period.charge_power,
            discharge_time=pack_window(period.discharge),
            discharge_power=period.discharge_power,
            lowest_soc=period.lowest_soc,
            highest_soc=period.highest_soc,
        )
        for period in periods
    ]
