"""How numbers are packed inside the messages (facts/protobuf-10081.md 3, 5, 6, 11)."""

from typing import NamedTuple

from .. import assumptions
from ..tariff import Window

_DAY = 1440


def serial_number(serial: str) -> int:
    """Return a printed serial as the number whose hex digits it is."""
    return int(serial, 16)


def serial_text(number: int) -> str:
    """Return the printed form of a serial number."""
    return f"{number & (1 << 64) - 1:012x}"


def version(major: int, minor: int, patch: int) -> int:
    """Return a version number; 1.0.9 is 4105."""
    return major * 4096 + minor * 256 + patch


def scaled(value: float | None, step: float) -> int:
    """Return a reading as whole steps; what is not measured is 0 on the wire."""
    return 0 if value is None else round(value / step)


class TimeRange(NamedTuple):
    """From and to as (hour, minute) or, in a date range, (day, month)."""

    start: tuple[int, int]
    end: tuple[int, int]


def pack_range(start: tuple[int, int], end: tuple[int, int]) -> int:
    """Return a range of times or dates; 06:00 to 10:00 is 0x06000A00."""
    return start[0] << 24 | start[1] << 16 | end[0] << 8 | end[1]


def unpack_range(packed: int) -> TimeRange:
    """Return what a packed range says."""
    first, second, third, fourth = (packed & 0xFFFFFFFF).to_bytes(4)
    return TimeRange((first, second), (third, fourth))


def pack_window(window: Window | None) -> int:
    """Return a window of the day as a packed range, 0 for none."""
    if window is None:
        return 0
    end = (window.end - assumptions.LAST_MINUTE_BELONGS) % _DAY
    return pack_range(divmod(window.start, 60), divmod(end, 60))


def unpack_window(packed: int) -> Window | None:
    """Return the window of the day in a packed range; None for 0.

    Raises:
        ValueError: when the hours or minutes are none.
    """
    if not packed:
        return None
    (hour, minute), (end_hour, end_minute) = unpack_range(packed)
    if hour > 23 or end_hour > 24 or minute > 59 or end_minute > 59:
        raise ValueError("not a time of day")
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if not assumptions.LAST_MINUTE_BELONGS:
        return Window(start, end % _DAY)
    end = min(end + 1, _DAY)
    # From a minute to the one before it is the whole day.
    return Window(0, _DAY) if start == end else Window(start, end)


def pack_weekdays(days: frozenset[int]) -> int:
    """Return weekdays (0 is Monday) as bits: Monday 1, Sunday 64."""
    return sum(1 << day for day in days)


def unpack_weekdays(packed: int) -> frozenset[int]:
    """Return the weekdays in a bit field."""
    return frozenset(day for day in range(7) if packed >> day & 1)
