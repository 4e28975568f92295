"""Changes of a table: one season put into it, and what differs between two of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, NamedTuple

from .tariff import LEAP_DAY, MonthDay, Season, Tariff
from .tariff_data import to_data

_LEAP_YEAR: Final = 2024
_FEBRUARY_ENDS: Final = MonthDay(2, 28)
_YEAR: Final = tuple(
    MonthDay(day.month, day.day)
    for day in (date(_LEAP_YEAR, 1, 1) + timedelta(days=past) for past in range(366))
)
"""All days that a year can have."""


class Change(NamedTuple):
    """One value that differs; None where one of the two tables has none."""

    where: str
    before: object
    after: object


def merged(tariff: Tariff, season: Season) -> Tariff:
    """Put a season into a table; it takes its days from those that have them now.

    Each other season keeps what is left of it, in one piece or more; around new year it
    stays in one. A season that ends on 28 February ends with the month: the leap day is
    no season of its own. Whether the table still fits is for the rules to say.
    """
    if season.last == _FEBRUARY_ENDS:
        season = replace(season, last=LEAP_DAY)
    owners = [_owner(tariff, season, day) for day in _YEAR]
    found = []
    for owner, first, last in _runs(owners):
        if owner is not None:
            found.append(replace(owner, first=first, last=last))
    return replace(tariff, seasons=tuple(found))


def _owner(tariff: Tariff, season: Season, day: MonthDay) -> Season | None:
    here = date(_LEAP_YEAR, day.month, day.day)
    if season.holds(here):
        return season
    return next((one for one in tariff.seasons if one.holds(here)), None)


def _runs(
    owners: list[Season | None],
) -> Iterator[tuple[Season | None, MonthDay, MonthDay]]:
    """Name the days in a row that have one owner, around new year too."""
    starts = [
        number for number, owner in enumerate(owners) if owner is not owners[number - 1]
    ]
    if not starts:
        yield owners[0], _YEAR[0], _YEAR[-1]
    for number, start in enumerate(starts):
        following = starts[(number + 1) % len(starts)]
        yield owners[start], _YEAR[start], _YEAR[following - 1]


def difference(before: Tariff | None, after: Tariff) -> list[Change]:
    """Return what a write would change, by place, in the exchange form."""
    old = dict(_leaves(to_data(before))) if before else {}
    new = dict(_leaves(to_data(after)))
    return [
        Change(where, old.get(where), new.get(where))
        for where in [*new, *(one for one in old if one not in new)]
        if old.get(where) != new.get(where)
    ]


def _leaves(data: object, where: str = "") -> Iterator[tuple[str, object]]:
    """Walk over the single values; the weekdays of a group are one."""
    match data:
        case dict():
            for key, value in data.items():
                yield from _leaves(value, f"{where}.{key}" if where else str(key))
        case [dict(), *_]:
            for number, value in enumerate(data):
                yield from _leaves(value, f"{where}[{number}]")
        case list():
            yield where, ", ".join(map(str, data))
        case _:
            yield where, data
