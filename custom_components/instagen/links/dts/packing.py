"""Windows, dates and weekdays as numbers of a message (facts/protobuf-10081.md 6)."""

from typing import Final

from ...plant.tariff import Window
from ..tariff_form import TariffUnreadableError, device_times, window_of

type Range = tuple[int, int, int, int]

_WEEK: Final = range(7)


def packed(*parts: int) -> int:
    """Pack from and to: 06:00-10:00 is 0x06000A00, 01-01 to 31-03 is 0x01011F03."""
    return int.from_bytes(parts)


def unpacked(number: int) -> Range:
    """Return the four parts of a packed range."""
    first, second, third, fourth = number.to_bytes(4)
    return first, second, third, fourth


def packed_window(window: Window | None) -> int:
    """Return a window of the day as a packed range."""
    start, end = device_times(window)
    return packed(*divmod(start, 60), *divmod(end, 60))


def unpacked_window(number: int) -> Window | None:
    """Return the window of the day in a packed range; None for none.

    Raises:
        TariffUnreadableError: when hours or minutes are none.
    """
    hour, minute, last_hour, last_minute = unpacked(number)
    if minute > 59 or last_minute > 59:
        raise TariffUnreadableError("not a time of day")
    return window_of(hour * 60 + minute, last_hour * 60 + last_minute)


def packed_weekdays(days: frozenset[int]) -> int:
    """Return weekdays (0 is Monday) as bits: Monday 1, Sunday 64."""
    return sum(1 << day for day in days)


def unpacked_weekdays(number: int) -> frozenset[int]:
    """Return the weekdays in a bit field."""
    return frozenset(day for day in _WEEK if number >> day & 1)
