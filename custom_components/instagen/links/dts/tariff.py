"""The tariff in the dates of message 0xC308 (facts/protobuf-10081.md section 6).

A price travels as a whole number of hundredths: 9.05 pence are 0.0905 of a pound and
arrive as 9. ``carried`` tells beforehand what will arrive. Neither the currency nor the
reserve are part of the dates.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import isfinite
from typing import Final

from ...dts_messages import instagen_dts_pb2 as pb
from ...plant.evidence import Evidence
from ...plant.tariff import (
    PRICE_DECIMALS,
    Group,
    MonthDay,
    Period,
    Rate,
    Season,
    Tariff,
)
from ...plant.tariff_rules import Finding, Problem, Rule, errors, groups, rates
from ..tariff_form import (
    TariffNotCarriedError,
    TariffUnreadableError,
    not_carried,
    partial_of,
)
from .errors import WrongAnswerError
from .packing import (
    packed,
    packed_weekdays,
    packed_window,
    unpacked,
    unpacked_weekdays,
    unpacked_window,
)

EVIDENCE: Final = Evidence.DOCUMENTED
"""A public client writes these dates; nobody published a table read back."""

_STEPS: Final = 100
"""Steps of the wire in one unit of the currency."""

_PARTS: Final = 10**PRICE_DECIMALS // _STEPS
_HIGHEST: Final = 2**31 - 1
"""The vendor's own messages hold prices in signed numbers of 32 bits."""


def carried(tariff: Tariff) -> tuple[Tariff, list[Finding]]:
    """Return the tariff as it would arrive, and what is lost on the way.

    A rounded price is a warning. With an error among the findings nothing would arrive,
    and the tariff is returned as it is.
    """
    found = [*not_carried(tariff), *_prices(tariff)]
    if errors(found):
        return tariff, found
    return _told(tariff, dates_of(tariff)), found


def dates_of(tariff: Tariff) -> list[pb.TariffDates]:
    """Return a tariff as a write tells it.

    Raises:
        TariffNotCarriedError: when the message has no place for something in it.
    """
    if wrong := errors([*not_carried(tariff), *_prices(tariff)]):
        raise TariffNotCarriedError(wrong)
    return [_entry(season) for season in tariff.seasons]


def tariff_of(
    dates: Iterable[pb.TariffDates],
    *,
    currency: str | None = None,
    reserve: int | None = None,
) -> Tariff:
    """Return the tariff that a message tells.

    Raises:
        WrongAnswerError: when dates or times are none.
    """
    try:
        seasons = tuple(_season(entry) for entry in dates)
    except TariffUnreadableError as error:
        raise WrongAnswerError(str(error)) from error
    return Tariff(seasons=seasons, currency=currency, reserve=reserve)


def _told(tariff: Tariff, dates: Iterable[pb.TariffDates]) -> Tariff:
    """Return what arrives, with all that is not part of the dates."""
    return replace(tariff, seasons=tariff_of(dates).seasons)


# ---- prices ----


def _steps(value: float) -> int:
    """Return a price in steps of the wire, halves upwards."""
    return (round(value * 10**PRICE_DECIMALS) + _PARTS // 2) // _PARTS


def _prices(tariff: Tariff) -> Iterator[Finding]:
    for where, group in groups(tariff):
        for place, value in rates(group, where):
            told = {"value": f"{value:g}"}
            if not isfinite(value):
                continue
            if not 0 <= value * _STEPS <= _HIGHEST:
                yield Finding(Rule.WIRE, Problem.NOT_CARRIED, place, told)
            elif (arrives := _steps(value) / _STEPS) != value:
                told["carried"] = f"{arrives:g}"
                yield Finding(Rule.WIRE, Problem.PRICE_ROUNDED, place, told)


def _rate(buy: int, sell: int) -> Rate:
    return Rate(buy / _STEPS, sell / _STEPS)


# ---- dates ----


def _entry(season: Season) -> pb.TariffDates:
    (month, day), (last_month, last_day) = season.first, season.last
    entry = pb.TariffDates(dates=packed(day, month, last_day, last_month))
    entry.week_1.CopyFrom(_week(season.group_a))
    entry.week_2.CopyFrom(_week(season.group_b or Group(weekdays=frozenset())))
    return entry


def _week(group: Group) -> pb.TariffWeek:
    week = pb.TariffWeek(
        weekdays=packed_weekdays(group.weekdays),
        peak_time=packed_window(group.peak.window if group.peak else None),
        valley_time=packed_window(group.off_peak.window if group.off_peak else None),
    )
    if group.peak:
        week.peak_in, week.peak_out = map(_steps, group.peak.rate)
    if group.off_peak:
        week.valley_in, week.valley_out = map(_steps, group.off_peak.rate)
    if group.partial:
        week.partial_in, week.partial_out = map(_steps, group.partial)
    return week


def _season(entry: pb.TariffDates) -> Season:
    day, month, last_day, last_month = unpacked(entry.dates)
    first, last = MonthDay(month, day), MonthDay(last_month, last_day)
    if not (first.is_date and last.is_date):
        raise TariffUnreadableError("not a date")
    told = [_group(week) for week in (entry.week_1, entry.week_2)]
    group_a, *others = [group for group in told if group.weekdays] or told[:1]
    return Season(
        first=first, last=last, group_a=group_a, group_b=others[0] if others else None
    )


def _group(week: pb.TariffWeek) -> Group:
    peak, valley = unpacked_window(week.peak_time), unpacked_window(week.valley_time)
    group = Group(
        weekdays=unpacked_weekdays(week.weekdays),
        peak=Period(peak, _rate(week.peak_in, week.peak_out)) if peak else None,
        off_peak=(
            Period(valley, _rate(week.valley_in, week.valley_out)) if valley else None
        ),
    )
    told = _rate(week.partial_in, week.partial_out)
    return replace(group, partial=partial_of(group, told))
