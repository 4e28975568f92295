"""The tariff in the parameters of the economical mode (facts/cloud-api.md 5.8).

As text it is what a stick tells of the same table (``links/tariff_form.py``), so that it
does not matter who was asked. Prices are plain numbers here, and what is written has the
two decimals that a stick's message has. Ends of windows are those of the app's screen, so
their last minute still belongs to them.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Any, Final

from ...plant.evidence import Evidence
from ...plant.tariff import Band, Group, Period, Rate, Season, Tariff, Window, price
from ...plant.tariff_text import date_of, date_text, time_text
from ..tariff_form import (
    TariffNotCarriedError,
    TariffUnreadableError,
    device_times,
    not_carried,
    partial_of,
    table_in,
    table_text,
    window_of,
)

EVIDENCE: Final = Evidence.DOCUMENTED
"""Clients of sister brands read and write it; the inclusive ends are the manual's."""

_TYPES: Final[Mapping[Band, int]] = {
    Band.OFF_PEAK: 1,
    Band.PARTIAL_PEAK: 2,
    Band.PEAK: 3,
}
"""In the order in which the cloud lists them."""

type _Json = dict[str, Any]


def text_of(dates: object) -> str | None:
    """Return the date periods that the cloud tells as text.

    None for what is no table, or one that nobody has set: no window and no price.
    """
    try:
        tariff = tariff_of({"date": dates})
    except TariffUnreadableError:
        return None
    return table_text(tariff) if any(map(_is_set, tariff.seasons)) else None


def dates_in(text: str) -> list[_Json]:
    """Return the date periods that a text says. Raises ``ValueError`` when it says none."""
    return dates_of(table_in(text))


def dates_of(tariff: Tariff) -> list[_Json]:
    """Return a tariff as a write tells it.

    Raises:
        TariffNotCarriedError: when the cloud has no place for something in it.
    """
    if wrong := list(not_carried(tariff)):
        raise TariffNotCarriedError(wrong)
    return [_date(season) for season in tariff.seasons]


def tariff_of(block: Mapping[str, object]) -> Tariff:
    """Return the tariff that the parameters of mode 2 tell; no dates are no seasons.

    Raises:
        TariffUnreadableError: when they are not of the documented shape.
    """
    code, reserve = block.get("money_code"), block.get("reserve_soc")
    return Tariff(
        seasons=tuple(_season(_table(item)) for item in _list(block.get("date"))),
        currency=code if isinstance(code, str) and code else None,
        reserve=None if reserve is None else round(_number(reserve)),
    )


# ---- writing ----


def _date(season: Season) -> _Json:
    nobody = Group(weekdays=frozenset())
    return {
        "start_date": date_text(season.first),
        "end_date": date_text(season.last),
        "time": [_time(season.group_a), _time(season.group_b or nobody)],
    }


def _time(group: Group) -> _Json:
    periods = dict(group.periods)
    return {
        "week": [day + 1 for day in sorted(group.weekdays)],
        "duration": [
            _rest(group.partial)
            if band is Band.PARTIAL_PEAK
            else _duration(band, periods.get(band))
            for band in _TYPES
        ],
    }


def _duration(band: Band, period: Period | None) -> _Json:
    start, end = device_times(period.window if period else None)
    buy, sell = period.rate if period else (0, 0)
    times = {"start_time": time_text(start), "end_time": time_text(end)}
    return {"type": _TYPES[band], **times, "in": buy, "out": sell}


def _rest(rate: Rate | None) -> _Json:
    buy, sell = rate or (0, 0)
    times = {"start_time": None, "end_time": None}
    return {"type": _TYPES[Band.PARTIAL_PEAK], **times, "in": buy, "out": sell}


# ---- reading ----


def _is_set(season: Season) -> bool:
    return any(group.periods or any(group.partial or ()) for group in season.groups)


def _season(item: Mapping[str, object]) -> Season:
    first = date_of(str(item.get("start_date")))
    last = date_of(str(item.get("end_date")))
    if not (first and last and first.is_date and last.is_date):
        raise TariffUnreadableError("not a date")
    told = [_group(_table(one)) for one in _list(item.get("time"))]
    if not told:
        raise TariffUnreadableError("no weekdays")
    group_a, *others = [group for group in told if group.weekdays] or told[:1]
    if len(others) > 1:
        raise TariffUnreadableError("a third group of weekdays")
    return Season(
        first=first, last=last, group_a=group_a, group_b=others[0] if others else None
    )


def _group(item: Mapping[str, object]) -> Group:
    days = {round(_number(day)) - 1 for day in _list(item.get("week"))}
    told = {
        round(_number(one.get("type"))): one
        for one in map(_table, _list(item.get("duration")))
    }
    group = Group(
        weekdays=frozenset(days & set(range(7))),
        peak=_period(told.get(_TYPES[Band.PEAK])),
        off_peak=_period(told.get(_TYPES[Band.OFF_PEAK])),
    )
    rest = told.get(_TYPES[Band.PARTIAL_PEAK])
    return replace(group, partial=partial_of(group, _rate(rest)) if rest else None)


def _period(item: Mapping[str, object] | None) -> Period | None:
    window = _window(item) if item else None
    return Period(window, _rate(item)) if window and item else None


def _window(item: Mapping[str, object]) -> Window | None:
    start, end = item.get("start_time"), item.get("end_time")
    return (
        None
        if start is None or end is None
        else window_of(_minute(start), _minute(end))
    )


def _minute(value: object) -> int:
    """Read HH:MM; 24:00 too, since portals differ."""
    hour, _, minute = str(value).partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(minute) < 60):
        raise TariffUnreadableError("not a time of day")
    return int(hour) * 60 + int(minute)


def _rate(item: Mapping[str, object]) -> Rate:
    return Rate(price(_number(item.get("in"))), price(_number(item.get("out"))))


def _number(value: object) -> float:
    """Read a number, which the cloud may tell as a text."""
    try:
        number = float(value) if isinstance(value, int | float | str) else float("nan")
    except ValueError, OverflowError:
        number = float("nan")
    if not isfinite(number):
        raise TariffUnreadableError("not a number")
    return number


def _list(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TariffUnreadableError("not a list")
    return value


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TariffUnreadableError("not a table")
    return value
