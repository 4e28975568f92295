"""A supplier's week in bands: any number of windows, as presets and helpers tell it.

This is what a tariff is; what the inverter's table can hold of it the compiler finds out.
A window across midnight belongs to the day it starts on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from ..plant.tariff import (
    ALL_WEEK,
    DAY_MINUTES,
    NEW_YEAR,
    NEW_YEARS_EVE,
    Band,
    Clock,
    Group,
    MonthDay,
    Rate,
    Season,
    Stretch,
    Window,
)
from ..plant.tariff_text import time_of


class Row(NamedTuple):
    """A window of some weekdays, and its band."""

    window: Window
    band: Band
    weekdays: frozenset[int] = ALL_WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The dates, both included, in which one week repeats itself."""

    first: MonthDay = NEW_YEAR
    last: MonthDay = NEW_YEARS_EVE
    rows: tuple[Row, ...] = ()
    rest: Band = Band.PEAK
    """Of all minutes in no window. A flat tariff is peak: nothing charges from the grid."""

    prices: Mapping[Band, Rate]

    def holds(self, day: date) -> bool:
        """Tell whether a date lies in it."""
        dates = Season(first=self.first, last=self.last, group_a=Group())
        return dates.holds(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A tariff as its supplier publishes it."""

    parts: tuple[Part, ...]
    clock: Clock = Clock.WALL

    def day(self, day: date) -> tuple[Stretch, ...]:
        """Return a day of its own clock as stretches without gaps."""
        before = day - timedelta(days=1)
        return layout(
            next((part for part in self.parts if part.holds(day)), None),
            next((part for part in self.parts if part.holds(before)), None),
            day.weekday(),
        )


def layout(
    today: Part | None, before: Part | None, weekday: int
) -> tuple[Stretch, ...]:
    """Lay out a weekday of one part that follows a day of another, or of the same."""
    spans = [*_spans(today, weekday, 0), *_spans(before, (weekday - 1) % 7, 1)]
    edges = {0, DAY_MINUTES, *(edge for window, _, _ in spans for edge in window)}
    found = []
    for start, end in pairwise(sorted(edges)):
        here = {
            band: rate
            for window, band, rate in spans
            if window.start <= start < window.end
        }
        band = next((one for one in (Band.PEAK, Band.OFF_PEAK) if one in here), None)
        if band is not None:
            found.append(Stretch(start, end, band, here[band]))
        elif today is not None:
            rate = today.prices.get(today.rest)
            found.append(Stretch(start, end, today.rest if rate else None, rate))
        else:
            found.append(Stretch(start, end, None, None))
    return tuple(found)


def _spans(
    part: Part | None, weekday: int, number: int
) -> Iterator[tuple[Window, Band, Rate]]:
    """Return what the windows of a weekday cover of the same day (0) or the next (1)."""
    for row in part.rows if part else ():
        pieces = row.window.parts
        rate = part.prices.get(row.band) if part else None
        if weekday in row.weekdays and rate and number < len(pieces):
            yield pieces[number], row.band, rate


# ---- presets ----


class Preset(NamedTuple):
    """The windows of a published tariff; its prices are the owner's to give."""

    rows: tuple[Row, ...]
    rest: Band
    source: str
    seen: date
    clock: Clock = Clock.WALL

    @property
    def bands(self) -> frozenset[Band]:
        """The bands that want a price."""
        return frozenset({self.rest, *(row.band for row in self.rows)})


def _window(start: str, end: str, band: Band) -> Row:
    first, last = map(time.fromisoformat, (start, end))
    window = Window.between(
        first.hour * 60 + first.minute, last.hour * 60 + last.minute
    )
    return Row(window, band)


_OFF, _PARTIAL, _PEAK = Band.OFF_PEAK, Band.PARTIAL_PEAK, Band.PEAK

PRESETS: Final[Mapping[str, Preset]] = {
    "flat": Preset((), _PEAK, "one price all day", date(2026, 11, 22)),
    "economy_7": Preset(
        (_window("00:30", "07:30", _OFF),),
        _PEAK,
        "automation.md: UTC, 01:30-08:30 on the summer clock; regions differ",
        date(2026, 11, 22),
        Clock.UTC,
    ),
    "octopus_go": Preset(
        (_window("00:30", "05:30", _OFF),),
        _PEAK,
        "automation.md 4.2: supplier window 00:30-05:30",
        date(2026, 11, 22),
    ),
    "intelligent_octopus_go": Preset(
        (_window("23:30", "05:30", _OFF),),
        _PEAK,
        "automation.md: the house's base window; dispatches are leases",
        date(2026, 11, 22),
    ),
    "octopus_flux": Preset(
        (_window("02:00", "05:00", _OFF), _window("16:00", "19:00", _PEAK)),
        _PARTIAL,
        "batterywiz.app/tariffs/octopus-flux, reviewed 2026-04-04",
        date(2026, 11, 22),
    ),
    "intelligent_octopus_flux": Preset(
        (_window("16:00", "19:00", _PEAK),),
        _PARTIAL,
        "octopus.energy/intelligent-flux-faqs",
        date(2026, 11, 22),
    ),
    "cosy_octopus": Preset(
        (
            _window("04:00", "07:00", _OFF),
            _window("13:00", "16:00", _OFF),
            _window("22:00", "00:00", _OFF),
            _window("16:00", "19:00", _PEAK),
        ),
        _PARTIAL,
        "richard.dallaway.com/octopus-cosy-tariff-rate-names-and-colour-coding",
        date(2026, 11, 22),
    ),
}


def preset(name: str, prices: Mapping[Band, Rate]) -> Schedule:
    """Return a preset at some prices; each of its bands wants one."""
    row = PRESETS[name]
    part = Part(rows=row.rows, rest=row.rest, prices=prices)
    return Schedule(parts=(part,), clock=row.clock)


# ---- a schedule helper ----

_HELPER_DAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


def helper_schedule(blocks: object, cheap: Rate, dear: Rate) -> Schedule | None:
    """Read the week of a schedule helper as its cheap hours; None when it is none.

    Its blocks are lists by weekday, with ``from`` and ``to`` as HH:MM:SS; 24:00:00 ends
    the day. Seconds are left out.
    """
    if not isinstance(blocks, Mapping):
        return None
    rows = []
    for weekday, name in enumerate(_HELPER_DAYS):
        for block in blocks.get(name) or ():
            window = _block(block)
            if window is None:
                return None
            rows.append(Row(window, _OFF, frozenset({weekday})))
    part = Part(rows=tuple(rows), rest=_PEAK, prices={_OFF: cheap, _PEAK: dear})
    return Schedule(parts=(part,))


def _block(block: object) -> Window | None:
    if not isinstance(block, Mapping):
        return None
    start, end = (str(block.get(key))[:5] for key in ("from", "to"))
    first, last = time_of(start), 0 if end == "24:00" else time_of(end)
    return None if first is None or last is None else Window.between(first, last)
