"""How the cloud writes numbers, energies and times (facts/cloud-api.md 2.3).

Nearly every number is a text, and what is missing is ``null``, an empty text or a dash.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from math import isfinite
from typing import Any, Final

_KWH: Final[Mapping[str, float]] = {"wh": 0.001, "kwh": 1.0, "mwh": 1000.0}
_DIGITS: Final = 3


def number(told: object) -> float | None:
    """Read a number; None when it is missing or none."""
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        return None
    try:
        value = float(told)
    except ValueError, OverflowError:
        return None
    return value if isfinite(value) else None


def whole(told: object) -> int | None:
    """Read a whole number; None when it is missing or none."""
    value = number(told)
    return None if value is None else round(value)


def tidy(value: float | None) -> int | float | None:
    """Write a number without binary dust, a whole one without a tail."""
    if value is None:
        return None
    value = round(value, _DIGITS)
    return int(value) if value.is_integer() else value


def kwh(told: object, unit: str = "Wh") -> float | None:
    """Read an energy as kWh; None when it is missing or of an unknown unit."""
    value, factor = number(told), _KWH.get(unit.strip().casefold())
    return None if value is None or factor is None else round(value * factor, _DIGITS)


def moment(told: object, zone: tzinfo) -> datetime | None:
    """Read a time of the plant's own; None when it is missing or none."""
    try:
        return datetime.fromisoformat(str(told)).replace(tzinfo=zone)
    except ValueError:
        return None


def mapping(told: object) -> Mapping[str, Any]:
    """Return a mapping as it is, and nothing for what is none."""
    return told if isinstance(told, dict) else {}


def listing(told: object) -> list[Mapping[str, Any]]:
    """Return the mappings of a list, and nothing for what is none."""
    if not isinstance(told, list):
        return []
    return [one for one in told if isinstance(one, dict)]
