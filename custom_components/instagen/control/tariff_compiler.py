"""From any tariff to the best table that the inverter holds (automation.md 4.2).

The table has seasons, two groups of weekdays, and in each one peak and one off-peak
window. What does not fit is told: the share of the next fortnight that does, and the
minutes that do not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from ..plant.tariff import (
    LEAP_DAY,
    MAX_SEASONS,
    NEW_YEAR,
    NEW_YEARS_EVE,
    Band,
    MonthDay,
    Rate,
    Season,
    Stretch,
    Tariff,
    price,
)
from ..plant.tariff_time import Segment, offsets, segments
from .price_series import PriceSeries
from .tariff_clock import Fit, fit, written
from .tariff_fit import Profile, best_groups
from .tariff_schedule import Schedule, layout

HORIZON: Final = timedelta(days=14)
"""What fidelity looks at."""

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)

_MOST_PRICES: Final = MAX_SEASONS * len(Band)
"""More than a table can hold are no tariff with seasons."""

_CHEAP_AT_MOST: Final = 0.5
"""The cheapest price is off-peak, and charges from the grid, for half the time at most."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A table, and how far it is the tariff."""

    tariff: Tariff
    wanted: tuple[Segment, ...]
    """What it was made to say, for comparing with what a link makes of the table."""

    fit: Fit


def compile_schedule(
    schedule: Schedule,
    start: datetime,
    zone: tzinfo,
    *,
    currency: str | None = None,
    reserve: int | None = None,
) -> Compiled:
    """Make a table of a supplier's week; one in UTC is rewritten by ``table_for``."""
    start = start.astimezone(UTC)
    seasons = []
    for part in schedule.parts:
        days = {
            weekday: [_profile(layout(part, part, weekday))] for weekday in range(7)
        }
        group_a, group_b = best_groups(days)
        seasons.append(
            Season(first=part.first, last=part.last, group_a=group_a, group_b=group_b)
        )
    tariff = Tariff(
        seasons=tuple(seasons),
        currency=currency,
        reserve=reserve,
        clock=schedule.clock,
    )
    wanted = tuple(segments(schedule, start, start + HORIZON, zone))
    return Compiled(tariff, wanted, fidelity(tariff, wanted, start, zone))


def compile_series(
    series: PriceSeries,
    start: datetime,
    zone: tzinfo,
    *,
    sell: float = 0.0,
    currency: str | None = None,
    reserve: int | None = None,
) -> Compiled | None:
    """Make a table of known prices of the next fortnight; None when none are known.

    Bands are those of the prices: the lowest is off-peak, the highest peak. ``sell`` is
    paid for export where the series tells nothing of it. A season begins where prices
    change for good; the last one lasts until the first begins again.
    """
    start = start.astimezone(UTC)
    rated = [
        Segment(
            max(slot.start, start),
            min(slot.end, start + HORIZON),
            None,
            Rate(price(slot.buy), price(sell if slot.sell is None else slot.sell)),
        )
        for slot in series.slots
        if slot.start < start + HORIZON and slot.end > start
    ]
    if not rated:
        return None
    wanted: list[Segment] = []
    seasons: list[Season] = []
    first = start.astimezone(zone).date()
    begins = [first, *_price_changes(rated, zone)]
    for number, begin in enumerate(begins):
        following = begins[number + 1] if number + 1 < len(begins) else None
        mine = _banded([one for one in rated if _is_in(one, begin, following, zone)])
        wanted += mine
        group_a, group_b = best_groups(_profiles(mine, zone))
        last = _day_before(following or first)
        whole = len(begins) == 1
        seasons.append(
            Season(
                first=NEW_YEAR if whole else MonthDay(begin.month, begin.day),
                last=NEW_YEARS_EVE if whole else last,
                group_a=group_a,
                group_b=group_b,
            )
        )
    tariff = Tariff(seasons=tuple(seasons), currency=currency, reserve=reserve)
    return Compiled(tariff, tuple(wanted), fidelity(tariff, wanted, start, zone))


def fidelity(
    tariff: Tariff, wanted: Sequence[Segment], start: datetime, zone: tzinfo
) -> Fit:
    """Compare a table with what it should say over the next fortnight.

    A table in UTC counts as it is rewritten for the wall; one that a link rounded is
    compared just so.
    """
    start = start.astimezone(UTC)
    return fit(wanted, written(tariff, start, start + HORIZON, zone))


# ---- what a price series says of days ----


def _profile(stretches: Sequence[Stretch]) -> Profile:
    return tuple(
        (start, end, band, rate)
        for start, end, band, rate in stretches
        if band is not None and rate is not None
    )


def _profiles(banded: Sequence[Segment], zone: tzinfo) -> dict[int, list[Profile]]:
    """Return the known minutes of each day, by weekday, on the wall."""
    days: dict[date, list[tuple[int, int, Band, Rate]]] = {}
    for segment in banded:
        for day, start, end in _wall(segment, zone):
            if segment.band is not None and segment.rate is not None:
                days.setdefault(day, []).append(
                    (start, end, segment.band, segment.rate)
                )
    found: dict[int, list[Profile]] = {}
    for day in sorted(days):
        found.setdefault(day.weekday(), []).append(tuple(days[day]))
    return found


def _wall(segment: Segment, zone: tzinfo) -> Iterator[tuple[date, int, int]]:
    """Cut a segment into minutes of days on the wall."""
    for begin, finish, offset in offsets(segment.start, segment.end, zone):
        here, end = begin + offset, finish + offset
        while here < end:
            midnight = datetime.combine(here.date(), time(), UTC)
            until = min(end, midnight + _DAY)
            yield (
                here.date(),
                (here - midnight) // _MINUTE,
                -((midnight - until) // _MINUTE),
            )
            here = until


def _banded(rated: Sequence[Segment]) -> list[Segment]:
    """Give each segment the band of its price."""
    spent: dict[float, timedelta] = {}
    for one in rated:
        if one.rate is not None:
            length = one.end - one.start
            spent[one.rate.buy] = spent.get(one.rate.buy, timedelta(0)) + length
    bands = _bands(spent)
    return [one._replace(band=bands[one.rate.buy]) for one in rated if one.rate]


def _bands(spent: dict[float, timedelta]) -> dict[float, Band]:
    """Return the band of each price, by how long each one holds."""
    levels = sorted(spent)
    bands = dict.fromkeys(levels, Band.PARTIAL_PEAK)
    whole = sum(spent.values(), timedelta(0))
    bands[levels[-1]] = Band.PEAK
    if len(levels) > 1 and spent[levels[0]] <= whole * _CHEAP_AT_MOST:
        bands[levels[0]] = Band.OFF_PEAK
    return bands


# ---- seasons of a price series ----


def _price_changes(rated: Sequence[Segment], zone: tzinfo) -> list[date]:
    """Return the days from which on prices are new ones and old ones never come back."""
    prices: dict[date, set[Rate]] = {}
    for one in rated:
        for day, _, _ in _wall(one, zone):
            if one.rate is not None:
                prices.setdefault(day, set()).add(one.rate)
    if len(set().union(*prices.values())) > _MOST_PRICES:
        return []
    days = sorted(prices)
    found = []
    for number in range(1, len(days)):
        before = set[Rate]().union(*(prices[day] for day in days[:number]))
        after = set[Rate]().union(*(prices[day] for day in days[number:]))
        if before - after and after - before:
            found.append(days[number])
    return found[: MAX_SEASONS - 1]


def _is_in(one: Segment, begin: date, following: date | None, zone: tzinfo) -> bool:
    day = one.start.astimezone(zone).date()
    return begin <= day and (following is None or day < following)


def _day_before(day: date) -> MonthDay:
    """Return the day before in any year; before 1 March that is the leap day."""
    if (day.month, day.day) == (3, 1):
        return LEAP_DAY
    before = day - _DAY
    return MonthDay(before.month, before.day)
