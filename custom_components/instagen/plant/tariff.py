"""The tariff table of the economical mode (automation.md 4.2, manual 5.1.2).

Up to four date ranges, each with two groups of weekdays, each group with one peak and one
off-peak window; the rest of the day is partial peak. Windows are half-open minutes of the
day; links turn them into the device's own, whose last minute still belongs to them.

Prices are floats of at most four decimals, in whole units of the currency per kWh: that
is what actions, JSON and the cloud carry. ``price`` rounds at the door, after which equal
prices are equal floats, and nothing in here calculates with them.
"""

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

DAY_MINUTES: Final = 1440
PRICE_DECIMALS: Final = 4
MAX_SEASONS: Final = 4
ALL_WEEK: Final = frozenset(range(7))
"""Weekdays; 0 is Monday."""

WINDOW_BELONGS_TO_START_DAY: Final = False
"""Which day owns the part of a window after midnight, unless a tariff says otherwise.

Assumed: each calendar day looks up its own group, as the form of the table suggests
(4.2, reading a). A hardware finding changes this line.
"""


class Band(StrEnum):
    """Bands of a tariff (mission section 2, ``tariff_period``)."""

    OFF_PEAK = "off_peak"
    PARTIAL_PEAK = "partial_peak"
    PEAK = "peak"


class Clock(StrEnum):
    """By which clock a supplier's windows run."""

    WALL = "wall"
    UTC = "utc"
    """As Economy 7 meters do: 01:30-08:30 on the summer clock is 00:30-07:30."""


class Rate(NamedTuple):
    """Prices of a kWh."""

    buy: float
    sell: float


def price(value: float) -> float:
    """Round a price to what a tariff holds."""
    return round(value, PRICE_DECIMALS) + 0.0


class Window(NamedTuple):
    """Minutes of the day, the start included and the end not.

    The end is 1 to 1440. A start after the end crosses midnight; a start at the end is a
    whole day, which rule V9 refuses as ambiguous: 0 to 1440 says the same plainly.
    """

    start: int
    end: int

    @classmethod
    def between(cls, start: int, end: int) -> Window:
        """Make one of two minutes of the day; an end at midnight closes the day."""
        return cls(start, end or DAY_MINUTES)

    @property
    def is_proper(self) -> bool:
        """Whether its minutes exist."""
        return 0 <= self.start < DAY_MINUTES and 0 < self.end <= DAY_MINUTES

    @property
    def crosses_midnight(self) -> bool:
        """Whether a part of it lies on the day after its start."""
        return self.start >= self.end

    @property
    def parts(self) -> tuple[Window, ...]:
        """It as one or two windows of a calendar day, the later part of the day first."""
        if not self.crosses_midnight:
            return (self,)
        return (Window(self.start, DAY_MINUTES), Window(0, self.end))

    @property
    def length(self) -> int:
        """Minutes on a day without a change of the clocks."""
        return (self.end - self.start - 1) % DAY_MINUTES + 1

    def overlaps(self, other: Window) -> bool:
        """Tell whether they share a minute of the day, midnight crossing included."""
        return any(
            mine.start < theirs.end and theirs.start < mine.end
            for mine in self.parts
            for theirs in other.parts
        )


WHOLE_DAY: Final = Window(0, DAY_MINUTES)


class Period(NamedTuple):
    """A window of the day and what a kWh costs in it."""

    window: Window
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The day of some weekdays (0 is Monday)."""

    weekdays: frozenset[int] = ALL_WEEK
    peak: Period | None = None
    off_peak: Period | None = None
    partial: Rate | None = None
    """Of all minutes in no window; None when there are none."""

    @property
    def periods(self) -> tuple[tuple[Band, Period], ...]:
        """Its windows by band, the stronger first."""
        both = ((Band.PEAK, self.peak), (Band.OFF_PEAK, self.off_peak))
        return tuple((band, period) for band, period in both if period)

    @property
    def rates(self) -> tuple[tuple[Band, Rate], ...]:
        """The prices it has, by band."""
        rates = [(band, period.rate) for band, period in self.periods]
        if self.partial:
            rates.append((Band.PARTIAL_PEAK, self.partial))
        return tuple(rates)


class MonthDay(NamedTuple):
    """A day of any year."""

    month: int
    day: int

    @property
    def is_date(self) -> bool:
        """Whether a leap year has it."""
        try:
            date(2000, self.month, self.day)
        except ValueError:
            return False
        return True

    def within(self, year: int) -> MonthDay:
        """Return the day that stands for it; 29 February is the 28th in most years."""
        if self == LEAP_DAY and not isleap(year):
            return MonthDay(2, 28)
        return self


LEAP_DAY: Final = MonthDay(2, 29)
NEW_YEAR: Final = MonthDay(1, 1)
NEW_YEARS_EVE: Final = MonthDay(12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Dates from first to last, both included; it may cross new year."""

    first: MonthDay = NEW_YEAR
    last: MonthDay = NEW_YEARS_EVE
    group_a: Group
    group_b: Group | None = None
    """None only when the first group has all seven weekdays."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups there are."""
        return (self.group_a, self.group_b) if self.group_b else (self.group_a,)

    def holds(self, day: date) -> bool:
        """Tell whether a date lies in it."""
        here = (day.month, day.day)
        first, last = self.first.within(day.year), self.last.within(day.year)
        if self.first <= self.last:
            return first <= here <= last
        return here >= first or here <= last


class Stretch(NamedTuple):
    """Minutes of a calendar day in one band at one price; None where the table has no word."""

    start: int
    end: int
    band: Band | None
    rate: Rate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """The whole table, with what is written beside it."""

    seasons: tuple[Season, ...] = ()
    currency: str | None = None
    """ISO code or symbol; None when the link does not tell."""

    reserve: int | None = None
    """Percent of the battery kept; None when not told."""

    clock: Clock = Clock.WALL
    belongs_to_start_day: bool = WINDOW_BELONGS_TO_START_DAY

    def group(self, day: date) -> Group | None:
        """Return the group that rules a calendar day."""
        for season in self.seasons:
            if season.holds(day):
                for group in season.groups:
                    if day.weekday() in group.weekdays:
                        return group
        return None

    def day(self, day: date) -> tuple[Stretch, ...]:
        """Return a calendar day as stretches of the tariff's own clock, without gaps."""
        today = self.group(day)
        before = today
        if self.belongs_to_start_day and day > date.min:
            before = self.group(day - timedelta(days=1))
        return _stretches(today, before)


@lru_cache(maxsize=128)
def _stretches(today: Group | None, before: Group | None) -> tuple[Stretch, ...]:
    """Lay out a day whose first minutes may belong to the group of the day before."""
    edges = {0, DAY_MINUTES}
    for group in (today, before):
        for _, period in group.periods if group else ():
            for part in period.window.parts:
                edges |= {part.start, part.end}
    found: list[Stretch] = []
    ordered = sorted(edges)
    for start, end in pairwise(ordered):
        band, rate = _at(start, today, before)
        if found and found[-1][2:] == (band, rate):
            found[-1] = found[-1]._replace(end=end)
        else:
            found.append(Stretch(start, end, band, rate))
    return tuple(found)


def _at(
    minute: int, today: Group | None, before: Group | None
) -> tuple[Band | None, Rate | None]:
    """Find the band of a minute: peak, then off-peak, else partial."""
    found = {
        band: period.rate
        for group, carried in ((before, True), (today, False))
        for band, period in (group.periods if group else ())
        for number, part in enumerate(period.window.parts)
        if bool(number) is carried and part.start <= minute < part.end
    }
    for band in (Band.PEAK, Band.OFF_PEAK):
        if band in found:
            return band, found[band]
    return (Band.PARTIAL_PEAK, today.partial) if today else (None, None)
