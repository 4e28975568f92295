"""A tariff in time: the band and the prices of a moment, changes, stretches, series.

Everything is evaluated by wall minute (automation.md C12): what a change of the clocks
leaves out does not happen, what it repeats happens twice. Between two such changes local
time runs evenly, so days are walked in pieces of one offset each.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple, Protocol

from .tariff import Band, Clock, Rate, Stretch

_STEP: Final = timedelta(days=1)
_LOOK_AHEAD: Final = timedelta(days=366)
_MINUTE: Final = timedelta(minutes=1)


class Segment(NamedTuple):
    """Time in one band at one price, the start included and the end not, in UTC."""

    start: datetime
    end: datetime
    band: Band | None
    rate: Rate | None


class Days(Protocol):
    """Whatever tells bands and prices day by day, as a tariff does."""

    @property
    def clock(self) -> Clock:
        """The clock that its days and minutes are of."""

    def day(self, day: date, /) -> Iterable[Stretch]:
        """Return a day in order and without gaps."""


def zone_of(tariff: Days, zone: tzinfo) -> tzinfo:
    """Return the time zone by which a tariff runs in a plant's time zone."""
    return UTC if tariff.clock is Clock.UTC else zone


def at(tariff: Days, moment: datetime, zone: tzinfo) -> Stretch:
    """Return the stretch of the tariff's own day that a moment lies in."""
    local = _aware(moment).astimezone(zone_of(tariff, zone))
    minute = local.hour * 60 + local.minute
    return next(one for one in tariff.day(local.date()) if minute < one.end)


def band_at(tariff: Days, moment: datetime, zone: tzinfo) -> Band | None:
    """Return the band of a moment; None when no season or group holds it."""
    return at(tariff, moment, zone).band


def rate_at(tariff: Days, moment: datetime, zone: tzinfo) -> Rate | None:
    """Return the prices of a moment; None when the table has none."""
    return at(tariff, moment, zone).rate


def segments(
    tariff: Days, start: datetime, end: datetime, zone: tzinfo
) -> Iterator[Segment]:
    """Walk over a tariff from one moment to another; neighbours differ."""
    last: Segment | None = None
    for here in _pieces(tariff, start, end, zone_of(tariff, zone)):
        if last is None:
            last = here
        elif last[2:] == here[2:]:
            last = last._replace(end=here.end)
        else:
            yield last
            last = here
    if last is not None:
        yield last


def next_change(tariff: Days, moment: datetime, zone: tzinfo) -> datetime | None:
    """Return when band or price change after a moment, in UTC; None if not in a year."""
    limit = _aware(moment).astimezone(UTC) + _LOOK_AHEAD
    first = next(segments(tariff, moment, limit, zone))
    return None if first.end >= limit else first.end


def price_series(
    tariff: Days, start: datetime, end: datetime, step: timedelta, zone: tzinfo
) -> Iterator[tuple[datetime, Rate | None]]:
    """Walk over the prices in even steps of real time; a day has 46, 48 or 50 half-hours."""
    here = _aware(start).astimezone(UTC)
    for segment in segments(tariff, start, end, zone):
        while here < segment.end:
            yield here, segment.rate
            here += step


def offsets(
    start: datetime, end: datetime, zone: tzinfo
) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut time where the clocks change: from, to (in UTC) and the offset between."""
    here, end = _aware(start).astimezone(UTC), _aware(end).astimezone(UTC)
    begun, offset = here, _offset(here, zone)
    while here < end:
        later = min(here + _STEP, end)
        if (new := _offset(later, zone)) != offset:
            change = _change(here, later, zone)
            yield begun, change, offset
            begun, offset = change, new
        here = later
    if begun < end:
        yield begun, end, offset


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Find the minute at which the clocks change."""
    offset = _offset(before, zone)
    minutes = (after - before) // _MINUTE
    before = before.replace(second=0, microsecond=0)
    low, high = 0, minutes + 1
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(before + middle * _MINUTE, zone) == offset:
            low = middle
        else:
            high = middle
    return before + high * _MINUTE


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _pieces(
    tariff: Days, start: datetime, end: datetime, zone: tzinfo
) -> Iterator[Segment]:
    """Walk day by day, within pieces of time in which local time runs evenly."""
    for begin, finish, offset in offsets(start, end, zone):
        day = (begin + offset).date()
        while (midnight := _midnight(day, offset)) < finish:
            for stretch in tariff.day(day):
                segment = Segment(
                    max(begin, midnight + stretch.start * _MINUTE),
                    min(finish, midnight + stretch.end * _MINUTE),
                    stretch.band,
                    stretch.rate,
                )
                if segment.start < segment.end:
                    yield segment
            day += _STEP


def _midnight(day: date, offset: timedelta) -> datetime:
    """Return when a local day begins at an offset."""
    return datetime.combine(day, time(), UTC) - offset


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment
