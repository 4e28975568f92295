"""What makes a tariff table right: rules V1 to V21 of automation.md 4.2.

A finding names what is wrong, how bad it is and where; its text is a translation. What
the context does not know, its rules say nothing about.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from math import isfinite
from typing import Final

from .tariff import (
    ALL_WEEK,
    DAY_MINUTES,
    LEAP_DAY,
    MAX_SEASONS,
    Band,
    Clock,
    Group,
    MonthDay,
    Rate,
    Season,
    Tariff,
    Window,
    price,
)
from .tariff_text import date_text, span_text, time_text, weekday_names
from .tariff_time import offsets


class Rule(StrEnum):
    """The rules by number; two more for what is no table yet, or does not fit a wire."""

    SEASONS = "V1"
    DATES = "V2"
    NEW_YEAR = "V3"
    SEASONS_APART = "V4"
    YEAR_COVERED = "V5"
    GROUPS = "V6"
    WEEKDAYS = "V7"
    TIMES = "V8"
    LENGTH = "V9"
    WINDOWS_APART = "V10"
    PARTIAL_PRICE = "V11"
    WINDOWS = "V12"
    PRICES = "V13"
    ORDER = "V14"
    ARBITRAGE = "V15"
    SELL_PRICE = "V16"
    CURRENCY = "V17"
    RESERVE = "V18"
    FILLS = "V19"
    CLOCK_CHANGE = "V20"
    DEVICE_CLOCK = "V21"
    FORM = "form"
    WIRE = "wire"


class Severity(StrEnum):
    """How bad a finding is: an error keeps a table from being written."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Problem(StrEnum):
    """What can be found; ``tariff_<value>`` is the translation key."""

    NO_SEASON = "no_season"
    TOO_MANY_SEASONS = "too_many_seasons"
    NOT_A_DATE = "not_a_date"
    LEAP_DAY = "leap_day"
    SEASONS_OVERLAP = "seasons_overlap"
    YEAR_GAP = "year_gap"
    GROUP_MISSING = "group_missing"
    WEEKDAY_TWICE = "weekday_twice"
    WEEKDAY_MISSING = "weekday_missing"
    NOT_A_TIME = "not_a_time"
    WINDOW_EMPTY = "window_empty"
    WINDOWS_OVERLAP = "windows_overlap"
    PARTIAL_MISSING = "partial_missing"
    NO_WINDOW = "no_window"
    PRICE_NOT_FINITE = "price_not_finite"
    PRICE_DECIMALS = "price_decimals"
    PRICE_NEGATIVE = "price_negative"
    PRICES_INVERTED = "prices_inverted"
    ARBITRAGE = "arbitrage"
    SELL_PRICE_HIGH = "sell_price_high"
    CURRENCY_UNKNOWN = "currency_unknown"
    PRICE_IN_PENCE = "price_in_pence"
    RESERVE_OUT_OF_RANGE = "reserve_out_of_range"
    RESERVE_UNKNOWN = "reserve_unknown"
    CANNOT_FILL = "cannot_fill"
    CLOCK_CHANGE = "clock_change"
    DEVICE_CLOCK_WRONG = "device_clock_wrong"
    NOT_JSON = "not_json"
    WRONG_FORMAT = "wrong_format"
    NEWER_FORMAT = "newer_format"
    NOT_A_TABLE = "not_a_table"
    NOT_A_LIST = "not_a_list"
    NOT_A_TEXT = "not_a_text"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    NOT_A_CHOICE = "not_a_choice"
    KEY_MISSING = "key_missing"
    KEY_UNKNOWN = "key_unknown"
    KEY_TWICE = "key_twice"
    NOT_CARRIED = "not_carried"
    PRICE_ROUNDED = "price_rounded"


_WARNINGS: Final = frozenset(
    {
        Problem.LEAP_DAY,
        Problem.PRICE_NEGATIVE,
        Problem.PRICES_INVERTED,
        Problem.PRICE_IN_PENCE,
        Problem.RESERVE_UNKNOWN,
        Problem.CANNOT_FILL,
        Problem.CLOCK_CHANGE,
        Problem.PRICE_ROUNDED,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule found."""

    rule: Rule
    problem: Problem
    where: str = ""
    """The place as in the exchange form, ``seasons[0].group_a.peak``; empty for all of it."""

    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        if self.problem is Problem.ARBITRAGE:
            return Severity.INFO
        return Severity.WARNING if self.problem in _WARNINGS else Severity.ERROR

    @property
    def translation_key(self) -> str:
        """The key of its text."""
        return f"tariff_{self.problem}"

    @property
    def placeholders(self) -> dict[str, str]:
        """What its text puts in."""
        return {"where": self.where or "tariff", **self.told}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known of the plant that a table is for; None where nothing is."""

    reserve_range: tuple[int, int] | None = None
    """Lowest and highest percent that the device takes."""

    reserve_known: bool | None = None
    """Whether economical mode has a reserve that can go out with a table; None where a
    table goes nowhere."""

    charge_power: float | None = None
    """W from the grid into the battery."""

    usable_capacity: float | None = None
    """kWh between the reserve and full."""

    clock_difference: timedelta | None = None
    """The device's wall clock less ours; a wrong time zone shows as hours."""

    zone: tzinfo | None = None
    now: datetime | None = None
    """The changes of the clocks in the year from here on are looked at."""

    currencies: frozenset[str] | None = None
    """What the device takes."""


NOTHING_KNOWN: Final = Context()


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings for which a table is refused."""
    return [one for one in findings if one.severity is Severity.ERROR]


def check(tariff: Tariff, context: Context = NOTHING_KNOWN) -> list[Finding]:
    """Return all that is to be said about a table, in the order of the rules."""
    found = [
        *_seasons(tariff.seasons),
        *_currency(tariff, context),
        *_reserve(tariff, context),
        *_device_clock(context),
    ]
    for number, season in enumerate(tariff.seasons):
        found += _groups(season, f"seasons[{number}]")
    for where, group in groups(tariff):
        found += [*_windows(group, where), *_prices(group, where)]
        found += [*_fills(group, where, context)]
        found += _clock_change(group, where, tariff, context)
    order = list(Rule)
    return sorted(found, key=lambda one: order.index(one.rule))


def groups(tariff: Tariff) -> Iterator[tuple[str, Group]]:
    """Walk over all groups and the places they are at."""
    for number, season in enumerate(tariff.seasons):
        yield f"seasons[{number}].group_a", season.group_a
        if season.group_b is not None:
            yield f"seasons[{number}].group_b", season.group_b


def rates(group: Group, where: str) -> Iterator[tuple[str, float]]:
    """Walk over all prices of a group and the places they are at."""
    for band, rate in group.rates:
        name = "partial" if band is Band.PARTIAL_PEAK else band.value
        yield f"{where}.{name}.buy", rate.buy
        yield f"{where}.{name}.sell", rate.sell


# ---- the year ----

_LEAP_YEAR: Final = 2024
_COMMON_YEAR: Final = 2025


def _seasons(seasons: tuple[Season, ...]) -> Iterator[Finding]:
    """V1, V2, V4, V5. A season across new year is right (V3)."""
    if not seasons:
        yield Finding(Rule.SEASONS, Problem.NO_SEASON, "seasons")
        return
    if len(seasons) > MAX_SEASONS:
        told = {"count": str(len(seasons)), "most": str(MAX_SEASONS)}
        yield Finding(Rule.SEASONS, Problem.TOO_MANY_SEASONS, "seasons", told)
    whole = True
    for number, season in enumerate(seasons):
        for name, day in (("from", season.first), ("to", season.last)):
            where = f"seasons[{number}].{name}"
            if not day.is_date:
                whole = False
                told = {"value": date_text(day)}
                yield Finding(Rule.DATES, Problem.NOT_A_DATE, where, told)
            elif day == LEAP_DAY:
                yield Finding(Rule.DATES, Problem.LEAP_DAY, where)
    if whole:
        yield from _year(seasons)


def _year(seasons: tuple[Season, ...]) -> Iterator[Finding]:
    """V4 and V5: each day in one season, in leap years and others."""
    twice: dict[tuple[int, int], set[MonthDay]] = {}
    bare: set[MonthDay] = set()
    for year in (_LEAP_YEAR, _COMMON_YEAR):
        day = date(year, 1, 1)
        while day.year == year:
            held = [number for number, one in enumerate(seasons) if one.holds(day)]
            here = MonthDay(day.month, day.day)
            if not held:
                bare.add(here)
            for first, second in ((a, b) for a in held for b in held if a < b):
                twice.setdefault((first, second), set()).add(here)
            day += timedelta(days=1)
    for (first, second), days in sorted(twice.items()):
        told = {"other": f"seasons[{first}]", "days": _date_ranges(days)}
        yield Finding(
            Rule.SEASONS_APART, Problem.SEASONS_OVERLAP, f"seasons[{second}]", told
        )
    if bare:
        told = {"days": _date_ranges(bare)}
        yield Finding(Rule.YEAR_COVERED, Problem.YEAR_GAP, "seasons", told)


def _date_ranges(days: set[MonthDay]) -> str:
    """Name days in a row by the first and the last; a leap year has them all."""
    numbers = sorted(date(_LEAP_YEAR, *day).toordinal() for day in days)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(_range_text(*run) for run in runs)


def _range_text(first: int, last: int) -> str:
    ends = [date.fromordinal(number) for number in (first, last)]
    texts = [date_text(MonthDay(day.month, day.day)) for day in ends]
    return texts[0] if first == last else " to ".join(texts)


def _groups(season: Season, where: str) -> Iterator[Finding]:
    """V6 and V7: two groups that share the seven weekdays among them."""
    ours = season.group_a.weekdays
    theirs = season.group_b.weekdays if season.group_b else frozenset[int]()
    if not ours:
        yield Finding(Rule.GROUPS, Problem.GROUP_MISSING, f"{where}.group_a")
    if not theirs and ours and ours != ALL_WEEK:
        yield Finding(Rule.GROUPS, Problem.GROUP_MISSING, f"{where}.group_b")
        return
    if twice := ours & theirs:
        told = {"days": ", ".join(weekday_names(twice))}
        yield Finding(Rule.WEEKDAYS, Problem.WEEKDAY_TWICE, where, told)
    if ours and (missing := ALL_WEEK - ours - theirs):
        told = {"days": ", ".join(weekday_names(missing))}
        yield Finding(Rule.WEEKDAYS, Problem.WEEKDAY_MISSING, where, told)


# ---- the day ----


def _windows(group: Group, where: str) -> Iterator[Finding]:
    """V8 to V12."""
    if not group.periods:
        yield Finding(Rule.WINDOWS, Problem.NO_WINDOW, where)
        return
    proper = True
    for band, period in group.periods:
        start, end = period.window
        told = {"value": f"{start}-{end}"}
        if not period.window.is_proper:
            proper = False
            yield Finding(Rule.TIMES, Problem.NOT_A_TIME, f"{where}.{band}", told)
        elif start == end:
            proper = False
            told = {"start": time_text(start), "end": time_text(end)}
            yield Finding(Rule.LENGTH, Problem.WINDOW_EMPTY, f"{where}.{band}", told)
    if proper:
        yield from _day(group, where)


def _day(group: Group, where: str) -> Iterator[Finding]:
    """V10 and V11, of windows that are right by themselves."""
    windows = [period.window for _, period in group.periods]
    if len(windows) > 1 and windows[0].overlaps(windows[1]):
        told = {"peak": span_text(windows[0]), "off_peak": span_text(windows[1])}
        yield Finding(Rule.WINDOWS_APART, Problem.WINDOWS_OVERLAP, where, told)
    elif group.partial is None and sum(one.length for one in windows) < DAY_MINUTES:
        yield Finding(Rule.PARTIAL_PRICE, Problem.PARTIAL_MISSING, f"{where}.partial")


def _prices(group: Group, where: str) -> Iterator[Finding]:
    """V13 to V16."""
    finite = True
    for place, value in rates(group, where):
        told = {"value": f"{value:g}"}
        if not isfinite(value):
            finite = False
            yield Finding(Rule.PRICES, Problem.PRICE_NOT_FINITE, place, told)
        elif price(value) != value:
            told = {"value": repr(value)}
            yield Finding(Rule.PRICES, Problem.PRICE_DECIMALS, place, told)
        elif value < 0 and place.endswith(".buy"):
            yield Finding(Rule.PRICES, Problem.PRICE_NEGATIVE, place, told)
    if finite and group.rates:
        yield from _order(dict(group.rates), where)


_DEARER: Final = (Band.OFF_PEAK, Band.PARTIAL_PEAK, Band.PEAK)


def _order(known: Mapping[Band, Rate], where: str) -> Iterator[Finding]:
    """V14 to V16, of finite prices."""
    bought = [known[band].buy for band in _DEARER if band in known]
    sold = max(rate.sell for rate in known.values())
    if bought != sorted(bought):
        told = {"prices": ", ".join(f"{value:g}" for value in bought)}
        yield Finding(Rule.ORDER, Problem.PRICES_INVERTED, where, told)
    cheap = known.get(Band.OFF_PEAK)
    if cheap and sold > cheap.buy:
        told = {"sell": f"{sold:g}", "buy": f"{cheap.buy:g}"}
        yield Finding(Rule.ARBITRAGE, Problem.ARBITRAGE, where, told)
    dear = known.get(Band.PEAK)
    if dear and price(sold) > price(dear.buy + abs(dear.buy) / 2):
        told = {"sell": f"{sold:g}", "buy": f"{dear.buy:g}"}
        yield Finding(Rule.SELL_PRICE, Problem.SELL_PRICE_HIGH, where, told)


# ---- money, and the plant ----

_HUNDREDTHS: Final = frozenset({"GBP", "EUR", "USD", "CHF", "£", "€", "$"})
"""Currencies in which a kWh costs less than 3, and a hundredth has a name of its own."""

_DEAREST: Final = 3.0


def _currency(tariff: Tariff, context: Context) -> Iterator[Finding]:
    """V17."""
    code = tariff.currency
    known = context.currencies
    if code is not None and known is not None and code not in known:
        told = {"value": code, "known": ", ".join(sorted(known))}
        yield Finding(Rule.CURRENCY, Problem.CURRENCY_UNKNOWN, "currency", told)
    if code is not None and code not in _HUNDREDTHS:
        return
    for where, group in groups(tariff):
        for place, value in rates(group, where):
            if isfinite(value) and value > _DEAREST:
                told = {"value": f"{value:g}", "hundredth": f"{value / 100:g}"}
                yield Finding(Rule.CURRENCY, Problem.PRICE_IN_PENCE, place, told)


def _reserve(tariff: Tariff, context: Context) -> Iterator[Finding]:
    """V18."""
    low, high = context.reserve_range or (0, 100)
    if tariff.reserve is not None and not low <= tariff.reserve <= high:
        told = {"value": str(tariff.reserve), "low": str(low), "high": str(high)}
        yield Finding(Rule.RESERVE, Problem.RESERVE_OUT_OF_RANGE, "reserve", told)
    if tariff.reserve is None and context.reserve_known is False:
        yield Finding(Rule.RESERVE, Problem.RESERVE_UNKNOWN, "reserve")


def _fills(group: Group, where: str, context: Context) -> Iterator[Finding]:
    """V19."""
    power, capacity = context.charge_power, context.usable_capacity
    if group.off_peak is None or power is None or capacity is None:
        return
    energy = group.off_peak.window.length / 60 * power / 1000
    if energy < capacity:
        told = {"energy": f"{energy:.1f}", "capacity": f"{capacity:.1f}"}
        yield Finding(Rule.FILLS, Problem.CANNOT_FILL, f"{where}.off_peak", told)


_YEAR: Final = timedelta(days=366)


def _clock_change(
    group: Group, where: str, tariff: Tariff, context: Context
) -> Iterator[Finding]:
    """V20: windows that touch the hours which the clocks leave out or repeat."""
    if context.zone is None or context.now is None or tariff.clock is Clock.UTC:
        return
    hours = _changed_hours(context.now, context.zone)
    for band, period in group.periods:
        for hour in hours:
            if period.window.overlaps(hour):
                told = {"window": span_text(period.window), "hour": span_text(hour)}
                place = f"{where}.{band}"
                yield Finding(Rule.CLOCK_CHANGE, Problem.CLOCK_CHANGE, place, told)


def _changed_hours(now: datetime, zone: tzinfo) -> list[Window]:
    """Return the wall minutes left out or repeated within a year, 01:00-02:00 in London."""
    found = []
    before: timedelta | None = None
    for start, _, offset in offsets(now, now + _YEAR, zone):
        if before is not None:
            first, last = sorted((start + before, start + offset))
            hour = Window.between(
                first.hour * 60 + first.minute, last.hour * 60 + last.minute
            )
            if hour not in found:
                found.append(hour)
        before = offset
    return found


MOST_CLOCK_DIFFERENCE: Final = timedelta(minutes=2)


def _device_clock(context: Context) -> Iterator[Finding]:
    """V21."""
    off = context.clock_difference
    if off is not None and abs(off) > MOST_CLOCK_DIFFERENCE:
        told = {"seconds": f"{off.total_seconds():.0f}"}
        yield Finding(
            Rule.DEVICE_CLOCK, Problem.DEVICE_CLOCK_WRONG, "device_clock", told
        )
