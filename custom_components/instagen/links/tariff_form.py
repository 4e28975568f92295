"""How the device holds a tariff, whichever link carries it there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite
from typing import Final

from ..plant.tariff import (
    DAY_MINUTES,
    MAX_SEASONS,
    Clock,
    Group,
    Rate,
    Tariff,
    Window,
)
from ..plant.tariff_data import as_written, to_json
from ..plant.tariff_rules import Finding, Problem, Rule, groups, rates

LAST_MINUTE_BELONGS: Final[bool] = True
"""The minute that a window ends with is still in it.

Manual 5.1.2 shows off-peak 00:30-04:30 beside peak 04:31-00:29.
"""

NO_WINDOW: Final = (0, 0)
"""Start and end of a window that is not there.

Assumed: a plant that was never configured tells 00:00 times (facts/cloud-api.md 5.8).
"""


class TariffNotCarriedError(ValueError):
    """A tariff that a link cannot bring to the device as it is."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(", ".join(f"{one.where}: {one.problem}" for one in findings))
        self.findings = tuple(findings)


class TariffUnreadableError(ValueError):
    """What a device tells is no tariff."""


def table_text(tariff: Tariff) -> str:
    """Return a table as text, the same over every link that tells it.

    It is the exchange form in one line, without currency and reserve: not every link tells
    the one, and the other is a setting of its own.
    """
    return to_json(replace(tariff, currency=None, reserve=None), indent=None)


def table_in(text: str) -> Tariff:
    """Return the table that such a text holds. Raises ``ValueError`` when it holds none."""
    tariff = as_written(text)
    if tariff is None:
        raise ValueError("no tariff")
    return tariff


def device_times(window: Window | None) -> tuple[int, int]:
    """Return the first and the last minute of a window as the device wants them."""
    if window is None:
        return NO_WINDOW
    return window.start, (window.end - LAST_MINUTE_BELONGS) % DAY_MINUTES


def window_of(start: int, end: int) -> Window | None:
    """Return the window that the device's two minutes mean; None for none.

    Raises:
        TariffUnreadableError: when they are no minutes of a day; 24:00 is its end.
    """
    end = min(end, DAY_MINUTES - 1) if end == DAY_MINUTES else end
    if not (0 <= start < DAY_MINUTES and 0 <= end < DAY_MINUTES):
        raise TariffUnreadableError("not a time of day")
    if (start, end) == NO_WINDOW:
        return None
    return Window.between(start, (end + LAST_MINUTE_BELONGS) % DAY_MINUTES)


def partial_of(group: Group, told: Rate) -> Rate | None:
    """Return the rate of partial peak; zeros beside windows that fill the day are none."""
    filled = sum(period.window.length for _, period in group.periods) >= DAY_MINUTES
    return None if filled and not any(told) else told


def not_carried(tariff: Tariff) -> Iterator[Finding]:
    """Find what the device's form has no place for.

    That is a clock of its own, a fifth season, and the one minute after midnight alone,
    which is how no window at all is told.
    """
    if tariff.clock is not Clock.WALL:
        yield _finding("clock", tariff.clock.value)
    if len(tariff.seasons) > MAX_SEASONS:
        yield _finding("seasons", str(len(tariff.seasons)))
    for number, season in enumerate(tariff.seasons):
        for name, day in (("from", season.first), ("to", season.last)):
            if not day.is_date:
                yield _finding(f"seasons[{number}].{name}", str(tuple(day)))
    for where, group in groups(tariff):
        if any(not 0 <= day <= 6 for day in group.weekdays):
            yield _finding(f"{where}.weekdays", str(sorted(group.weekdays)))
        for place, value in rates(group, where):
            if not isfinite(value):
                yield _finding(place, f"{value:g}")
        for band, period in group.periods:
            window = period.window
            if not window.is_proper or device_times(window) == NO_WINDOW:
                yield _finding(f"{where}.{band}", f"{window.start}-{window.end}")


def _finding(where: str, value: str) -> Finding:
    return Finding(Rule.WIRE, Problem.NOT_CARRIED, where, {"value": value})
