"""The tariff table of the economical mode (automation.md 4.2).

Windows are half-open minutes of the day; a window whose start is after its end crosses
midnight.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from .assumptions import WINDOW_BELONGS_TO_START_DAY


class TariffPeriod(StrEnum):
    """Bands of a tariff (mission section 2)."""

    OFF_PEAK = "off_peak"
    PARTIAL_PEAK = "partial_peak"
    PEAK = "peak"


class Price(NamedTuple):
    """Prices of a kWh in the tariff's currency."""

    buy: float
    sell: float


class Window(NamedTuple):
    """Minutes of a day, start included, end not."""

    start: int
    end: int

    def holds(self, minute: int) -> bool:
        """Tell whether the minute of day lies inside."""
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def began_yesterday(self, minute: int) -> bool:
        """Tell whether the minute lies in the part after midnight."""
        return self.start > self.end and minute < self.end


ALL_DAYS = frozenset(range(7))


@dataclass(frozen=True, kw_only=True)
class DayGroup:
    """Bands of a set of weekdays (0 is Monday)."""

    weekdays: frozenset[int] = ALL_DAYS
    peak: Window | None = None
    off_peak: Window | None = None
    prices: dict[TariffPeriod, Price] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Season:
    """Dates from (month, day) to (month, day), both included; may cross new year."""

    first: tuple[int, int] = (1, 1)
    last: tuple[int, int] = (12, 31)
    groups: tuple[DayGroup, ...] = ()

    def holds(self, day: datetime) -> bool:
        """Tell whether the date lies in the season."""
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """Up to four seasons of bands and prices."""

    seasons: tuple[Season, ...] = ()
    currency: str = "GBP"
    window_belongs_to_start_day: bool = WINDOW_BELONGS_TO_START_DAY

    def _group(self, day: datetime) -> DayGroup | None:
        for season in self.seasons:
            if season.holds(day):
                for group in season.groups:
                    if day.weekday() in group.weekdays:
                        return group
        return None

    def _band_of(self, local: datetime) -> tuple[TariffPeriod | None, DayGroup | None]:
        minute = local.hour * 60 + local.minute
        today = self._group(local)
        yesterday = today
        if self.window_belongs_to_start_day:
            yesterday = self._group(local - timedelta(days=1))
        for period in (TariffPeriod.PEAK, TariffPeriod.OFF_PEAK):
            for group, carried in ((today, False), (yesterday, True)):
                window = _window(group, period)
                if (
                    window
                    and window.holds(minute)
                    and window.began_yesterday(minute) is carried
                ):
                    return period, group
        return (TariffPeriod.PARTIAL_PEAK, today) if today else (None, None)

    def band(self, local: datetime) -> TariffPeriod | None:
        """Return the band at a local time; None when no season or group holds it."""
        return self._band_of(local)[0]

    def price(self, local: datetime) -> Price | None:
        """Return the prices at a local time; None when the table has none."""
        band, group = self._band_of(local)
        return group.prices.get(band) if band and group else None

    def next_change(self, local: datetime) -> datetime | None:
        """Return the next change of band in UTC within eight days, or None."""
        now = self.band(local)
        for offset in range(9):
            day = local.date() + timedelta(days=offset)
            for minute in self._edges():
                edge = datetime.combine(
                    day, time(minute // 60, minute % 60), tzinfo=local.tzinfo
                ).astimezone(UTC)
                if edge > local and self.band(edge.astimezone(local.tzinfo)) != now:
                    return edge
        return None

    def _edges(self) -> list[int]:
        edges = {0}
        for season in self.seasons:
            for group in season.groups:
                for window in (group.peak, group.off_peak):
                    if window:
                        edges |= {window.start % 1440, window.end % 1440}
        return sorted(edges)


def _window(group: DayGroup | None, period: TariffPeriod) -> Window | None:
    if group is None:
        return None
    return group.peak if period is TariffPeriod.PEAK else group.off_peak


_PRICES = {
    TariffPeriod.PEAK: Price(0.3852, 0.15),
    TariffPeriod.PARTIAL_PEAK: Price(0.2471, 0.15),
    TariffPeriod.OFF_PEAK: Price(0.0905, 0.15),
}
_NIGHT = Window(30, 270)

DEFAULT_TARIFF = Tariff(
    seasons=(
        Season(
            groups=(
                DayGroup(
                    weekdays=frozenset(range(5)),
                    peak=Window(960, 1140),
                    off_peak=_NIGHT,
                    prices=_PRICES,
                ),
                DayGroup(weekdays=frozenset({5, 6}), off_peak=_NIGHT, prices=_PRICES),
            )
        ),
    )
)
"""Cheap nights all year, a dear early evening on working days."""
