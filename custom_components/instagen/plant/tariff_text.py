"""How days, times, windows and wrong values are written."""

from collections.abc import Iterable
import re
from typing import Final

from .tariff import DAY_MINUTES, WHOLE_DAY, MonthDay, Window

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DATE: Final = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::00)?", re.ASCII)
_NUMBER: Final = re.compile(r"\s*[-+]?[\d.]+\s*$", re.ASCII)
_LAST: Final = DAY_MINUTES - 1

_SHOWN: Final = 40
"""Characters of a wrong value that a finding repeats."""


def date_text(day: MonthDay) -> str:
    """Write a day as MM-DD."""
    return f"{day.month:02}-{day.day:02}"


def date_of(text: str) -> MonthDay | None:
    """Read MM-DD; None when it is none. Whether the year has it is asked elsewhere."""
    match = _DATE.fullmatch(text)
    return MonthDay(int(match[1]), int(match[2])) if match else None


def time_text(minute: int) -> str:
    """Write a minute of the day as HH:MM; the end of the day is 00:00."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def time_of(text: str) -> int | None:
    """Read HH:MM, or HH:MM:00 as time selectors write it; None when it is none."""
    match = _TIME.fullmatch(text)
    return int(match[1]) * 60 + int(match[2]) if match else None


def window_texts(window: Window) -> tuple[str, str]:
    """Write start and end. A whole day is 00:00 to 23:59, its only unambiguous form (V9)."""
    end = _LAST if window == WHOLE_DAY else window.end
    return time_text(window.start), time_text(end)


def window_of(start: int, end: int) -> Window:
    """Read start and end; nobody means all but the last minute by 00:00 to 23:59."""
    return WHOLE_DAY if (start, end) == (0, _LAST) else Window.between(start, end)


def span_text(window: Window) -> str:
    """Write a window in one piece."""
    return "-".join(window_texts(window))


def weekday_names(days: Iterable[int]) -> list[str]:
    """Name weekdays in the order of the week."""
    return [WEEKDAYS[day] for day in sorted(days)]


def shown(value: object) -> str:
    """Repeat a value that is wrong, however large; a number in a text with its quotes."""
    try:
        text = str(value)
    except ValueError, RecursionError:
        text = type(value).__name__
    text = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return f'"{text}"' if isinstance(value, str) and _NUMBER.match(text) else text
