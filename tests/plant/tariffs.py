"""Tariffs to test with, and how to write them shortly."""

from datetime import datetime
from zoneinfo import ZoneInfo

from custom_components.instagen.plant.tariff import (
    ALL_WEEK,
    Group,
    MonthDay,
    Period,
    Rate,
    Season,
    Tariff,
    Window,
)

LONDON = ZoneInfo("Europe/London")

DEAR = Rate(0.3852, 0.15)
CHEAP = Rate(0.0905, 0.15)
BETWEEN = Rate(0.2471, 0.15)

WEEKEND = frozenset({5, 6})
WORKDAYS = ALL_WEEK - WEEKEND


def minute(text: str) -> int:
    """Return HH:MM as a minute of the day."""
    hour, _, rest = text.partition(":")
    return int(hour) * 60 + int(rest)


def window(text: str) -> Window:
    """Return HH:MM-HH:MM as a half-open window."""
    start, _, end = text.partition("-")
    return Window.between(minute(start), minute(end))


def group(
    off_peak: str | None = "00:30-04:30",
    peak: str | None = "16:00-19:00",
    *,
    weekdays: frozenset[int] = ALL_WEEK,
    partial: Rate | None = BETWEEN,
    cheap: Rate = CHEAP,
    dear: Rate = DEAR,
) -> Group:
    """Return a group at the usual prices."""
    return Group(
        weekdays=weekdays,
        peak=Period(window(peak), dear) if peak else None,
        off_peak=Period(window(off_peak), cheap) if off_peak else None,
        partial=partial,
    )


def season(
    group_a: Group, group_b: Group | None = None, dates: str = "01-01 12-31"
) -> Season:
    """Return a season of ``MM-DD MM-DD``."""
    first, last = (
        MonthDay(int(day[:2]), int(day[3:])) for day in dates.split(" ", maxsplit=1)
    )
    return Season(first=first, last=last, group_a=group_a, group_b=group_b)


def all_year(
    off_peak: str | None = "00:30-04:30", peak: str | None = "16:00-19:00"
) -> Tariff:
    """Return a tariff that is the same every day."""
    return Tariff(seasons=(season(group(off_peak, peak)),), currency="GBP", reserve=20)


WEEKENDS = Tariff(
    seasons=(
        season(
            group("00:30-04:30", "16:00-19:00", weekdays=WORKDAYS),
            group("00:30-05:30", None, weekdays=WEEKEND),
        ),
    ),
    currency="GBP",
    reserve=20,
)
"""Cheap nights, longer at weekends; dear early evenings on working days."""

ALL_SORTS = Tariff(
    seasons=(
        season(
            group("23:30-05:30", "16:00-19:00", weekdays=WORKDAYS),
            group("01:15-01:45", None, weekdays=WEEKEND),
            "03-01 06-15",
        ),
        season(
            group("01:30-08:30", None, weekdays=frozenset({0, 2, 4})),
            group("22:00-02:00", "02:00-03:00", weekdays=frozenset({1, 3, 5, 6})),
            "06-16 10-25",
        ),
        season(group("00:00-00:00", None, partial=None), None, "10-26 10-31"),
        season(group("00:30-04:30", "04:30-00:30", partial=None), None, "11-01 02-29"),
    ),
    currency="GBP",
    reserve=20,
)
"""Four seasons with windows across midnight and over the changes of the clocks."""


def london(text: str, *, fold: int = 0) -> datetime:
    """Return a local moment."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)
