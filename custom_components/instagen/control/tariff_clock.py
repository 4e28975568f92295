"""Tables for a device that knows wall time only, when a supplier's clock is UTC.

Such a tariff shifts on the wall twice a year. The table is rewritten at 18:00 on the eve
of the change, so that it is there before the first shifted window, and again at noon
after it. In between it is the one that fits that night best: on the spring night 00:30-
07:30 UTC is 00:30-08:30 on the wall, since the hour between does not exist.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import product
from typing import Final, NamedTuple

from ..plant.tariff import (
    DAY_MINUTES,
    WHOLE_DAY,
    Band,
    Clock,
    Group,
    Period,
    Rate,
    Tariff,
    Window,
)
from ..plant.tariff_time import Segment, offsets, segments

EVE: Final = time(18)
"""When the table of the night of a change is written, by the wall."""

AFTER: Final = time(12)
"""When the table of the next months is written, on the day of the change."""

_AHEAD: Final = timedelta(days=367)
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


class WallTable(NamedTuple):
    """A table for the device, and when another one is due, in UTC; None within a year."""

    tariff: Tariff
    until: datetime | None


class Misfit(NamedTuple):
    """Time in UTC at which a table says something else than the tariff."""

    start: datetime
    end: datetime
    wanted: tuple[Band | None, Rate | None]
    held: tuple[Band | None, Rate | None]


@dataclass(frozen=True, slots=True)
class Fit:
    """How far a table says what a tariff says."""

    known: timedelta
    """Time of which the tariff is known."""

    misfits: tuple[Misfit, ...]

    @property
    def missed(self) -> timedelta:
        """Time at which they differ."""
        return sum((one.end - one.start for one in self.misfits), timedelta(0))

    @property
    def percent(self) -> float | None:
        """Share of the known time at which band and price agree; None of nothing."""
        return 100 * (1 - self.missed / self.known) if self.known else None


class _Change(NamedTuple):
    """A change of the clocks, and when tables are rewritten around it."""

    eve: datetime
    after: datetime
    old: timedelta
    new: timedelta


def table_for(tariff: Tariff, moment: datetime, zone: tzinfo) -> WallTable:
    """Return what the device's table has to be at a moment."""
    if tariff.clock is Clock.WALL:
        return WallTable(tariff, None)
    moment = moment.astimezone(UTC)
    for change in _changes(moment - 2 * _DAY, zone):
        if moment < change.eve:
            return WallTable(_shifted(tariff, change.old), change.eve)
        if moment < change.after:
            return WallTable(_night(tariff, change, zone), change.after)
    offset = moment.astimezone(zone).utcoffset() or timedelta(0)
    return WallTable(_shifted(tariff, offset), None)


def written(
    tariff: Tariff, start: datetime, end: datetime, zone: tzinfo
) -> Iterator[Segment]:
    """Walk over what the device does when its table is rewritten in time."""
    here = start
    while here < end:
        table, until = table_for(tariff, here, zone)
        following = min(end, until) if until else end
        yield from segments(table, here, following, zone)
        here = following


def fit(wanted: Iterable[Segment], held: Iterable[Segment]) -> Fit:
    """Compare what a tariff says with what a table makes of it, both in order.

    Time of which the tariff is not known, or which the table's walk leaves out, counts
    neither way.
    """
    known, found = timedelta(0), list[Misfit]()
    ours = iter(held)
    have = next(ours, None)
    for want in wanted:
        if want.band is None or want.rate is None:
            continue
        while have is not None and have.start < want.end:
            start, end = max(have.start, want.start), min(have.end, want.end)
            if start < end:
                known += end - start
                if want[2:] != have[2:]:
                    _add(found, Misfit(start, end, want[2:], have[2:]))
            if have.end > want.end:
                break
            have = next(ours, None)
    return Fit(known, tuple(found))


def _add(found: list[Misfit], here: Misfit) -> None:
    """Append a misfit, joined to its like before it."""
    if found and found[-1].end == here.start and found[-1][2:] == here[2:]:
        found[-1] = found[-1]._replace(end=here.end)
    else:
        found.append(here)


# ---- the changes of the clocks ----


def _changes(start: datetime, zone: tzinfo) -> Iterator[_Change]:
    old: timedelta | None = None
    for moment, _, offset in offsets(start, start + _AHEAD, zone):
        if old is not None:
            day = (moment + old).date()
            eve = datetime.combine(day - _DAY, EVE, zone)
            after = datetime.combine(day, AFTER, zone)
            yield _Change(eve.astimezone(UTC), after.astimezone(UTC), old, offset)
        old = offset


def _shifted(tariff: Tariff, offset: timedelta) -> Tariff:
    """Return the table of the months at one offset."""
    minutes = offset // _MINUTE
    return _with_groups(
        tariff, lambda group: _moved(group, (minutes, minutes), (minutes, minutes))
    )


def _night(tariff: Tariff, change: _Change, zone: tzinfo) -> Tariff:
    """Return the table that errs least around a change, the new times where all do alike."""
    wanted = list(segments(tariff, change.eve, change.after, zone))

    def missed(candidate: Tariff) -> timedelta:
        held = segments(candidate, change.eve, change.after, zone)
        return fit(wanted, held).missed

    both = (change.new // _MINUTE, change.old // _MINUTE)
    best = _shifted(tariff, change.old)
    for place in _places(tariff):
        group = _group(tariff, place)
        options = [
            _moved(group, (starts, ends), (others, lasts))
            for starts, ends, others, lasts in product(both, repeat=4)
        ]
        best = min(
            (_put(best, place, one) for one in options if _is_proper(one)), key=missed
        )
    return best


type _Place = tuple[int, bool]
"""The number of a season, and whether it is its second group."""


def _places(tariff: Tariff) -> list[_Place]:
    return [
        (number, second)
        for number, season in enumerate(tariff.seasons)
        for second in (False, True)
        if not second or season.group_b is not None
    ]


def _group(tariff: Tariff, place: _Place) -> Group:
    season = tariff.seasons[place[0]]
    return season.groups[place[1]]


def _put(tariff: Tariff, place: _Place, group: Group) -> Tariff:
    number, second = place
    season = tariff.seasons[number]
    changed = (
        replace(season, group_b=group) if second else replace(season, group_a=group)
    )
    seasons = (*tariff.seasons[:number], changed, *tariff.seasons[number + 1 :])
    return replace(tariff, seasons=seasons)


def _with_groups(tariff: Tariff, moved: Callable[[Group], Group]) -> Tariff:
    for place in _places(tariff):
        tariff = _put(tariff, place, moved(_group(tariff, place)))
    return replace(tariff, clock=Clock.WALL)


def _moved(group: Group, peak: tuple[int, int], off_peak: tuple[int, int]) -> Group:
    """Move the starts and the ends of a group's windows by minutes of their own."""
    return replace(
        group,
        peak=_later(group.peak, *peak),
        off_peak=_later(group.off_peak, *off_peak),
    )


def _later(period: Period | None, start: int, end: int) -> Period | None:
    if period is None or period.window == WHOLE_DAY:
        return period
    window = Window.between(
        (period.window.start + start) % DAY_MINUTES,
        (period.window.end + end) % DAY_MINUTES,
    )
    return period._replace(window=window)


def _is_proper(group: Group) -> bool:
    """Tell whether moved windows are windows still, and apart."""
    windows = [period.window for _, period in group.periods]
    if any(window.start == window.end for window in windows):
        return False
    return len(windows) < 2 or not windows[0].overlaps(windows[1])
