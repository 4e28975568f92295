"""Rules of the manual's smart control, chapter 5 (facts/cloud-model.md 10).

They judge the shape of what is asked for. Ranges are not in the manual ("within a certain
range"), so they are not judged here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
import re
from typing import Final

from ..plant.states import BatteryMode
from .rules import Rule, RuleError

# ---- battery (5.1) ----

MOST_PERIODS: Final = 4
MOST_TIME_RANGES: Final = 2

_SECTIONS: Final[Mapping[BatteryMode, str]] = {
    BatteryMode.SELF_CONSUMPTION: "5.1.1",
    BatteryMode.ECONOMICAL: "5.1.2",
    BatteryMode.FULL_BACKUP: "5.1.3",
    BatteryMode.OFF_GRID: "5.1.4",
    BatteryMode.FORCE_CHARGE: "5.1.5",
    BatteryMode.FORCE_DISCHARGE: "5.1.6",
}
_RESERVE: Final = frozenset({"reserve_soc"})
_PARAMETERS: Final[Mapping[BatteryMode, frozenset[str]]] = {
    BatteryMode.SELF_CONSUMPTION: _RESERVE,
    BatteryMode.ECONOMICAL: _RESERVE | {"money_code"},
    BatteryMode.FULL_BACKUP: _RESERVE,
    BatteryMode.OFF_GRID: frozenset(),
    BatteryMode.FORCE_CHARGE: _RESERVE | {"max_power"},
    BatteryMode.FORCE_DISCHARGE: _RESERVE | {"max_power"},
}


def one_battery_mode(modes: Collection[BatteryMode]) -> BatteryMode:
    """Return the mode that is asked for; exactly one is active (manual 5.1)."""
    if len(modes) != 1:
        raise RuleError(Rule.ONE_BATTERY_MODE, "5.1")
    (mode,) = modes
    return mode


def check_mode(mode: BatteryMode, parameters: Collection[str]) -> None:
    """Raise when a mode lacks a parameter; names are those of facts/cloud-api.md 5.8.

    Modes that the manual does not have are left to the server.
    """
    if missing := _PARAMETERS.get(mode, frozenset()) - frozenset(parameters):
        raise RuleError(
            Rule.MODE_PARAMETERS,
            _SECTIONS[mode],
            {"parameters": ", ".join(sorted(missing))},
        )


class Hour(StrEnum):
    """The tariff's parts of a day (manual 5.1.2)."""

    OFF_PEAK = "off_peak"
    PARTIAL_PEAK = "partial_peak"
    PEAK = "peak"


@dataclass(frozen=True, kw_only=True)
class Window:
    """When one of them is; it may cross midnight."""

    start: time | None
    end: time | None


@dataclass(frozen=True, kw_only=True)
class TimeRange:
    """Weekdays, Monday 1 to Sunday 7, that share their hours."""

    weekdays: frozenset[int]
    hours: Mapping[Hour, Window]


@dataclass(frozen=True, kw_only=True)
class RatePeriod:
    """One "Electricity rate": a part of the year, dates as ``MM-DD``."""

    start: str
    end: str
    ranges: Sequence[TimeRange]


_LONGEST_MONTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTH_DAY: Final = re.compile(r"(\d\d)-(\d\d)")


def check_periods(periods: Sequence[RatePeriod]) -> None:
    """Raise when the rates of the economical mode are not of the manual's shape."""
    if len(periods) > MOST_PERIODS:
        raise RuleError(Rule.TOO_MANY_PERIODS, "5.1.2", {"limit": str(MOST_PERIODS)})
    for period in periods:
        if not (_is_date(period.start) and _is_date(period.end)):
            raise RuleError(Rule.PERIOD_DATES, "5.1.2")
        if len(period.ranges) > MOST_TIME_RANGES:
            raise RuleError(
                Rule.TOO_MANY_TIME_RANGES, "5.1.2", {"limit": str(MOST_TIME_RANGES)}
            )
        for time_range in period.ranges:
            _check_range(time_range)


def _is_date(text: str) -> bool:
    if (match := _MONTH_DAY.fullmatch(text)) is None:
        return False
    month, day = map(int, match.groups())
    return 1 <= month <= 12 and 1 <= day <= _LONGEST_MONTHS[month - 1]


def _check_range(time_range: TimeRange) -> None:
    if not time_range.weekdays or not time_range.weekdays <= set(range(1, 8)):
        raise RuleError(Rule.WEEKDAYS, "5.1.2")
    for hour, window in time_range.hours.items():
        times = (window.start, window.end)
        if hour is Hour.PARTIAL_PEAK:
            if times != (None, None):
                raise RuleError(Rule.PARTIAL_PEAK_TIMES, "5.1.2")
        elif None in times or window.start == window.end:
            raise RuleError(Rule.HOUR_TIMES, "5.1.2")


# ---- dry contact (5.2) ----


class ContactFunction(StrEnum):
    """What a dry contact does; exactly one at a time (manual 5.2)."""

    EARTH_FAULT_ALARM = "earth_fault_alarm"
    LOAD = "load"
    GENERATOR = "generator"


class LoadControl(StrEnum):
    """Ways to control a load (manual 5.2.2)."""

    SWITCH = "switch"
    TIME = "time"
    INTELLIGENT = "intelligent"
    BACKUP = "backup"
    EV_CHARGER = "ev_charger"


_LOAD: Final[Mapping[LoadControl, tuple[str, frozenset[str]]]] = {
    LoadControl.SWITCH: ("5.2.2(1)", frozenset({"on"})),
    LoadControl.TIME: ("5.2.2(2)", frozenset({"periods"})),
    LoadControl.INTELLIGENT: (
        "5.2.2(3)",
        frozenset({"periods", "minimum_run_time", "nominal_power"}),
    ),
    LoadControl.BACKUP: ("5.2.2(4)", frozenset({"protection_soc"})),
    LoadControl.EV_CHARGER: (
        "5.2.2(5)",
        frozenset({"entrance_breaker", "charger_size"}),
    ),
}


def one_contact_function(functions: Collection[ContactFunction]) -> ContactFunction:
    """Return the function that is asked for; exactly one is active (manual 5.2)."""
    if len(functions) != 1:
        raise RuleError(Rule.ONE_CONTACT_FUNCTION, "5.2")
    (function,) = functions
    return function


def check_load(control: LoadControl, parameters: Collection[str]) -> None:
    """Raise when the control of a load lacks a parameter (manual 5.2.2)."""
    section, wanted = _LOAD[control]
    if missing := wanted - frozenset(parameters):
        raise RuleError(
            Rule.CONTACT_PARAMETERS,
            section,
            {"parameters": ", ".join(sorted(missing))},
        )


def check_generator(
    *, by_contact: bool, enabled: bool, automatic: bool, charges: bool
) -> None:
    """Raise when a generator cannot be run as asked (manual 5.2.3).

    Automatic mode is for generators that a dry contact starts; a time to charge the battery
    needs the control of the generator.
    """
    if automatic and not by_contact:
        raise RuleError(Rule.GENERATOR_WITHOUT_CONTACT, "5.2.3.1 b")
    if charges and not enabled:
        raise RuleError(Rule.GENERATOR_CONTROL_OFF, "5.2.3.2")
