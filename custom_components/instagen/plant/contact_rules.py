"""What makes settings of the dry contact right (automation.md 4.8, 4.9).

A finding names what is wrong, how bad it is and where; its text is a translation. Only the
use that is chosen is judged: the parameters of the others wait.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations
from typing import Final

from .dry_contact import (
    ContactFunction,
    ContactSettings,
    GeneratorMode,
    GeneratorSettings,
    LoadMode,
    WeekGroup,
    holds,
)
from .tariff import DAY_MINUTES, Window
from .tariff_text import span_text, weekday_names

START_BELOW_STOP: Final = 10
"""Points of SOC between starting and stopping a generator."""

SUPPLY_FUSES: Final = (60, 80, 100)
"""A of the fuses that houses in the United Kingdom are supplied through."""


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """Nothing is written."""

    CONFIRM = "confirm"
    """It is written when the owner says so."""

    WARNING = "warning"


class Problem(StrEnum):
    """What can be found; ``contact_<value>`` is the translation key."""

    MISSING = "missing"
    """Placeholders: where."""

    START_NOT_BELOW_STOP = "start_not_below_stop"
    """Placeholders: start, stop, points."""

    QUIET_ALL_DAY = "quiet_all_day"
    QUIET_WITHOUT_WINDOW = "quiet_without_window"
    CHARGE_ALL_QUIET = "charge_all_quiet"
    """Placeholders: charge."""

    CHARGE_PARTLY_QUIET = "charge_partly_quiet"
    """Placeholders: charge, minutes (that are left), length."""

    WINDOW_EMPTY = "window_empty"
    """Start and end are the same minute. Placeholders: where."""

    WINDOWS_OVERLAP = "windows_overlap"
    """Placeholders: one, other."""

    WEEKDAY_TWICE = "weekday_twice"
    """Placeholders: weekdays."""

    NO_WINDOW = "no_window"
    """The load would never run."""

    MIN_RUN_ABOVE_WINDOW = "min_run_above_window"
    """Placeholders: minutes, window."""

    NOMINAL_POWER_ZERO = "nominal_power_zero"
    CHARGER_NOT_BELOW_BREAKER = "charger_not_below_breaker"
    """Placeholders: charger, breaker."""

    BREAKER_NOT_POSITIVE = "breaker_not_positive"
    CHARGER_NOT_POSITIVE = "charger_not_positive"
    BREAKER_ABOVE_FUSE = "breaker_above_fuse"
    """Placeholders: breaker, fuse."""

    # Of the exchange form; placeholder of each: where.
    NOT_A_TABLE = "not_a_table"
    """Placeholder: value."""

    NOT_A_LIST = "not_a_list"
    """Placeholder: value."""

    NOT_A_CHOICE = "not_a_choice"
    """Placeholders: value, known."""

    NOT_A_NUMBER = "not_a_number"
    """Not a whole one. Placeholder: value."""

    NOT_A_FLAG = "not_a_flag"
    """Placeholder: value."""

    NOT_A_TIME = "not_a_time"
    """Placeholder: value."""

    OUT_OF_RANGE = "out_of_range"
    """Placeholders: value, low, high."""

    KEY_UNKNOWN = "key_unknown"
    """Placeholder: key."""

    KEY_MISSING = "key_missing"
    """Placeholder: key."""

    TOO_MANY_WINDOWS = "too_many_windows"
    """Placeholders: count, most."""

    NO_WEEKDAYS = "no_weekdays"
    """There are windows, and no day to have them."""

    NOT_CARRIED = "not_carried"
    """Nobody knows how to set this on this device."""


_SEVERITIES: Final[Mapping[Problem, Severity]] = {
    Problem.BREAKER_ABOVE_FUSE: Severity.CONFIRM,
    Problem.CHARGE_PARTLY_QUIET: Severity.WARNING,
    Problem.QUIET_WITHOUT_WINDOW: Severity.WARNING,
    Problem.NO_WINDOW: Severity.WARNING,
    Problem.MIN_RUN_ABOVE_WINDOW: Severity.WARNING,
    Problem.NOMINAL_POWER_ZERO: Severity.WARNING,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule found."""

    problem: Problem
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return _SEVERITIES.get(self.problem, Severity.ERROR)

    @property
    def translation_key(self) -> str:
        """The key of its text."""
        return f"contact_{self.problem}"


def findings(
    settings: ContactSettings, *, supply_fuse: int | None = None
) -> list[Finding]:
    """Judge settings for the use that is chosen.

    ``supply_fuse`` are the A that the house is supplied through; without it a breaker is
    held against the largest fuse that there is.
    """
    match settings.use:
        case LoadMode.TIME:
            return list(_times(settings.times))
        case LoadMode.INTELLIGENT:
            return list(_intelligent(settings))
        case LoadMode.BACKUP_LOAD:
            return list(_missing(load_protection_soc=settings.protection_soc))
        case LoadMode.EV_CHARGER:
            return list(_charger(settings, supply_fuse or SUPPLY_FUSES[-1]))
        case ContactFunction.GENERATOR_CONTROL:
            return list(_generator(settings.generator))
        case _:
            return []


def errors(found: list[Finding]) -> list[Finding]:
    """Return those that keep settings from being written."""
    return [one for one in found if one.severity is Severity.ERROR]


def _missing(**numbers: int | None) -> Iterator[Finding]:
    for key, value in numbers.items():
        if value is None:
            yield Finding(Problem.MISSING, {"where": key})


# ---- loads ----


def _times(groups: tuple[WeekGroup, ...]) -> Iterator[Finding]:
    """V6 to V10 of the tariff, as far as a load can do with less than a whole week."""
    windows = [w for group in groups for w in group.windows if w and group.weekdays]
    if not windows:
        yield Finding(Problem.NO_WINDOW)
    for one, other in combinations(groups, 2):
        if twice := one.weekdays & other.weekdays:
            names = ", ".join(weekday_names(twice))
            yield Finding(Problem.WEEKDAY_TWICE, {"weekdays": names})
    for group in groups:
        mine = [window for window in group.windows if window]
        for window in mine:
            if window.start == window.end:
                yield Finding(Problem.WINDOW_EMPTY, {"where": span_text(window)})
        for first, second in combinations(mine, 2):
            if first.overlaps(second):
                told = {"one": span_text(first), "other": span_text(second)}
                yield Finding(Problem.WINDOWS_OVERLAP, told)


def _intelligent(settings: ContactSettings) -> Iterator[Finding]:
    yield from _missing(
        load_nominal_power=settings.nominal_power, load_min_run_time=settings.min_run
    )
    yield from _times(settings.surplus_times)
    if settings.nominal_power == 0:
        yield Finding(Problem.NOMINAL_POWER_ZERO)
    for group in settings.surplus_times:
        for window in group.windows:
            if window and settings.min_run and settings.min_run > window.length:
                told = {"minutes": str(settings.min_run), "window": span_text(window)}
                yield Finding(Problem.MIN_RUN_ABOVE_WINDOW, told)


def _charger(settings: ContactSettings, fuse: int) -> Iterator[Finding]:
    breaker, charger = settings.breaker_size, settings.ev_charger_size
    yield from _missing(entrance_breaker_size=breaker, ev_charger_size=charger)
    if breaker is not None and breaker <= 0:
        yield Finding(Problem.BREAKER_NOT_POSITIVE)
    if charger is not None and charger <= 0:
        yield Finding(Problem.CHARGER_NOT_POSITIVE)
    if breaker is None or charger is None:
        return
    if charger >= breaker > 0:
        told = {"charger": str(charger), "breaker": str(breaker)}
        yield Finding(Problem.CHARGER_NOT_BELOW_BREAKER, told)
    if breaker > fuse:
        told = {"breaker": str(breaker), "fuse": str(fuse)}
        yield Finding(Problem.BREAKER_ABOVE_FUSE, told)


# ---- the generator ----


def _generator(rules: GeneratorSettings) -> Iterator[Finding]:
    if rules.mode is not GeneratorMode.AUTO:
        return
    start, stop = rules.start_soc, rules.stop_soc
    yield from _missing(generator_start_soc=start, generator_stop_soc=stop)
    if start is not None and stop is not None and start > stop - START_BELOW_STOP:
        told = {"start": str(start), "stop": str(stop), "points": f"{START_BELOW_STOP}"}
        yield Finding(Problem.START_NOT_BELOW_STOP, told)
    if rules.quiet_on and not rules.quiet:
        yield Finding(Problem.QUIET_WITHOUT_WINDOW)
    for window in (*rules.quiet, rules.charge_window):
        if window and window.start == window.end:
            yield Finding(Problem.WINDOW_EMPTY, {"where": span_text(window)})
    if _minutes_left(Window(0, DAY_MINUTES), rules.quiet) == 0:
        yield Finding(Problem.QUIET_ALL_DAY)
    elif rules.charge_window is not None:
        yield from _charge_window(rules.charge_window, rules.quiet)


def _charge_window(charge: Window, quiet: tuple[Window, ...]) -> Iterator[Finding]:
    left = _minutes_left(charge, quiet)
    if left == 0:
        yield Finding(Problem.CHARGE_ALL_QUIET, {"charge": span_text(charge)})
    elif left < charge.length:
        told = {"charge": span_text(charge), "minutes": str(left)}
        yield Finding(
            Problem.CHARGE_PARTLY_QUIET, {**told, "length": str(charge.length)}
        )


def _minutes_left(window: Window, quiet: tuple[Window, ...]) -> int:
    """Return how many minutes of a window are not quiet."""
    return sum(
        not any(holds(one, minute) for one in quiet)
        for part in window.parts
        for minute in range(part.start, part.end)
    )
