"""The exchange form of a tariff: what actions carry, and the same as JSON.

    currency: GBP
    reserve: 20
    clock: wall
    seasons:
      - from: 01-01
        to: 12-31
        group_a:
          weekdays: [mon, tue, wed, thu, fri]
          peak: {start: "16:00", end: "19:00", buy: 0.3852, sell: 0.15}
          off_peak: {start: "00:30", end: "04:30", buy: 0.0905, sell: 0.15}
          partial: {buy: 0.2471, sell: 0.15}
        group_b: ...

Times are half-open; a whole day is 00:00 to 23:59. Reading is strict: whatever does not
fit is a finding with its place, and nothing raises.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json
from math import isfinite
from typing import Any, Final

from .tariff import LEAP_DAY, Clock, Group, MonthDay, Period, Rate, Season, Tariff
from .tariff_rules import (
    NOTHING_KNOWN,
    Context,
    Finding,
    Problem,
    Rule,
    check,
    errors,
)
from .tariff_text import (
    WEEKDAYS,
    date_of,
    date_text,
    shown,
    time_of,
    weekday_names,
    window_of,
    window_texts,
)

FORMAT: Final = "instagen-tariff"
VERSION: Final = 1

_LONGEST: Final = 65_536
"""Characters of JSON that are read; a full table has 4,000."""

type Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood. There is a tariff only when no finding is an error."""

    tariff: Tariff | None
    findings: tuple[Finding, ...]


# ---- writing ----


def to_data(tariff: Tariff) -> Data:
    """Return a tariff in its exchange form."""
    return {
        "currency": tariff.currency,
        "reserve": tariff.reserve,
        "clock": tariff.clock.value,
        "seasons": [season_data(season) for season in tariff.seasons],
    }


def season_data(season: Season) -> Data:
    """Return one season in its exchange form."""
    data: Data = {
        "from": date_text(season.first),
        "to": date_text(season.last),
        "group_a": _group_data(season.group_a),
    }
    if season.group_b is not None:
        data["group_b"] = _group_data(season.group_b)
    return data


def _group_data(group: Group) -> Data:
    data: Data = {"weekdays": weekday_names(group.weekdays)}
    for band, period in group.periods:
        start, end = window_texts(period.window)
        data[band.value] = {"start": start, "end": end, **period.rate._asdict()}
    if group.partial is not None:
        data["partial"] = group.partial._asdict()
    return data


def to_json(tariff: Tariff, *, indent: int | None = 2) -> str:
    """Return a tariff as a file to keep or hand on; without ``indent`` in one line."""
    return json.dumps(
        {"format": FORMAT, "version": VERSION, **to_data(tariff)}, indent=indent
    )


# ---- reading ----


def from_data(data: object, context: Context = NOTHING_KNOWN) -> Reading:
    """Read the exchange form and check what it says."""
    reader = _Reader()
    tariff = reader.tariff(data)
    return reader.reading(tariff, context)


def season_from_data(data: object) -> tuple[Season | None, tuple[Finding, ...]]:
    """Read one season; whether it fits into a table is asked of the table."""
    reader = _Reader()
    season = reader.season(data, "season")
    failed = bool(errors(reader.found))
    return (None if failed else season), tuple(reader.found)


def from_json(text: str, context: Context = NOTHING_KNOWN) -> Reading:
    """Read a file that ``to_json`` wrote, in this version or an older one."""
    reader = _Reader()
    return reader.reading(reader.file(text), context)


def as_written(text: str) -> Tariff | None:
    """Return what ``to_json`` wrote, whatever the rules say of it; None for else.

    A device's own table may break them, and is what it is.
    """
    reader = _Reader()
    tariff = reader.file(text)
    return None if errors(reader.found) else tariff


class _Reader:
    """Reads one value after another and notes what is wrong with each."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def note(
        self,
        problem: Problem,
        where: str,
        told: Mapping[str, str] | None = None,
        rule: Rule = Rule.FORM,
    ) -> None:
        """Keep a finding."""
        self.found.append(Finding(rule, problem, where, told or {}))

    def reading(self, tariff: Tariff | None, context: Context) -> Reading:
        """Close: check what was read whole."""
        if tariff is None or errors(self.found):
            return Reading(None, tuple(self.found))
        found = (*self.found, *check(tariff, context))
        return Reading(None if errors(found) else tariff, found)

    def once(self, pairs: list[tuple[str, object]]) -> Data:
        """Make a dictionary of JSON, whose keys may be there twice."""
        made: Data = {}
        for key, value in pairs:
            if key in made:
                self.note(Problem.KEY_TWICE, "", {"key": shown(key)})
            made[key] = value
        return made

    def file(self, text: str) -> Tariff | None:
        """Read a file down to its table."""
        try:
            data = json.loads(text[:_LONGEST], object_pairs_hook=self.once)
        except ValueError, RecursionError:
            self.note(Problem.NOT_JSON, "")
            return None
        if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
            self.note(Problem.WRONG_FORMAT, "")
            return None
        version = data.pop("version", None)
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            self.note(Problem.WRONG_FORMAT, "version")
            return None
        if version > VERSION:
            told = {"value": shown(version), "known": str(VERSION)}
            self.note(Problem.NEWER_FORMAT, "version", told)
            return None
        return self.tariff(data)

    def tariff(self, data: object) -> Tariff | None:
        """Read a whole table."""
        table = self._table(data, "", ("seasons",), ("currency", "reserve", "clock"))
        if table is None:
            return None
        seasons = [
            self.season(item, f"seasons[{number}]")
            for number, item in enumerate(self._list(table.get("seasons"), "seasons"))
        ]
        return Tariff(
            seasons=tuple(season for season in seasons if season is not None),
            currency=self._currency(table.get("currency")),
            reserve=self._whole(table.get("reserve"), "reserve"),
            clock=self._clock(table.get("clock")),
        )

    def season(self, data: object, where: str) -> Season | None:
        """Read one season."""
        keys = ("from", "to", "group_a")
        table = self._table(data, where, keys, ("group_b",))
        if table is None:
            return None
        first = self._date(table.get("from"), f"{where}.from")
        last = self._date(table.get("to"), f"{where}.to")
        group_a = self._group(table.get("group_a"), f"{where}.group_a")
        group_b = None
        if table.get("group_b") is not None:
            group_b = self._group(table["group_b"], f"{where}.group_b")
        if first is None or last is None or group_a is None:
            return None
        return Season(first=first, last=last, group_a=group_a, group_b=group_b)

    def _group(self, data: object, where: str) -> Group | None:
        if data is None:
            return None
        optional = ("peak", "off_peak", "partial")
        table = self._table(data, where, ("weekdays",), optional)
        if table is None:
            return None
        partial = None
        if table.get("partial") is not None:
            place = f"{where}.partial"
            if inner := self._table(table["partial"], place, ("buy", "sell")):
                partial = self._rate(inner, place)
        return Group(
            weekdays=self._weekdays(table.get("weekdays"), f"{where}.weekdays"),
            peak=self._period(table.get("peak"), f"{where}.peak"),
            off_peak=self._period(table.get("off_peak"), f"{where}.off_peak"),
            partial=partial,
        )

    def _period(self, data: object, where: str) -> Period | None:
        if data is None:
            return None
        table = self._table(data, where, ("start", "end", "buy", "sell"))
        if table is None:
            return None
        rate = self._rate(table, where)
        start = self._time(table.get("start"), f"{where}.start")
        end = self._time(table.get("end"), f"{where}.end")
        if rate is None or start is None or end is None:
            return None
        if start == end:
            told = {"start": str(table["start"]), "end": str(table["end"])}
            self.note(Problem.WINDOW_EMPTY, where, told, Rule.LENGTH)
            return None
        return Period(window_of(start, end), rate)

    def _rate(self, table: Data, where: str) -> Rate | None:
        buy = self._price(table.get("buy"), f"{where}.buy")
        sell = self._price(table.get("sell"), f"{where}.sell")
        return None if buy is None or sell is None else Rate(buy, sell)

    # ---- single values; a missing one is noted by the table that lacks it ----

    def _table(
        self,
        data: object,
        where: str,
        required: Sequence[str],
        optional: Sequence[str] = (),
    ) -> Data | None:
        if not isinstance(data, Mapping):
            self.note(Problem.NOT_A_TABLE, where, {"value": shown(data)})
            return None
        for key in data:
            if key not in required and key not in optional:
                self.note(Problem.KEY_UNKNOWN, where, {"key": shown(key)})
        for key in required:
            if data.get(key) is not None:
                continue
            if key == "group_a":
                self.note(Problem.GROUP_MISSING, f"{where}.{key}", rule=Rule.GROUPS)
            else:
                self.note(Problem.KEY_MISSING, where, {"key": key})
        return dict(data)

    def _list(self, data: object, where: str) -> Sequence[object]:
        if isinstance(data, list | tuple):
            return data
        if data is not None:
            self.note(Problem.NOT_A_LIST, where, {"value": shown(data)})
        return ()

    def _date(self, data: object, where: str) -> MonthDay | None:
        if data is None:
            return None
        day = date_of(data) if isinstance(data, str) else None
        if day is None or not (day.is_date or day == LEAP_DAY):
            told = {"value": shown(data)}
            self.note(Problem.NOT_A_DATE, where, told, Rule.DATES)
            return None
        return day

    def _time(self, data: object, where: str) -> int | None:
        """Read a time. YAML makes a number of 16:00 without quotes: no time either."""
        if data is None:
            return None
        minute = time_of(data) if isinstance(data, str) else None
        if minute is None:
            told = {"value": shown(data)}
            self.note(Problem.NOT_A_TIME, where, told, Rule.TIMES)
        return minute

    def _weekdays(self, data: object, where: str) -> frozenset[int]:
        days: set[int] = set()
        for item in self._list(data, where):
            if not isinstance(item, str) or item not in WEEKDAYS:
                told = {"value": shown(item), "known": ", ".join(WEEKDAYS)}
                self.note(Problem.NOT_A_CHOICE, where, told)
            elif (day := WEEKDAYS.index(item)) in days:
                self.note(Problem.WEEKDAY_TWICE, where, {"days": item}, Rule.WEEKDAYS)
            else:
                days.add(day)
        return frozenset(days)

    def _price(self, data: object, where: str) -> float | None:
        if data is None:
            return None
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.note(Problem.NOT_A_NUMBER, where, {"value": shown(data)})
            return None
        try:
            value = float(data)
        except OverflowError:
            value = float("inf")
        if not isfinite(value):
            told = {"value": shown(data)}
            self.note(Problem.PRICE_NOT_FINITE, where, told, Rule.PRICES)
            return None
        return value

    def _whole(self, data: object, where: str) -> int | None:
        if data is None:
            return None
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.note(Problem.NOT_A_NUMBER, where, {"value": shown(data)})
            return None
        if data != data // 1 or not isfinite(data):
            self.note(Problem.NOT_WHOLE, where, {"value": shown(data)})
            return None
        return int(data)

    def _currency(self, data: object) -> str | None:
        if data is None:
            return None
        if not isinstance(data, str) or not data.strip():
            self.note(Problem.NOT_A_TEXT, "currency", {"value": shown(data)})
            return None
        return data.strip()

    def _clock(self, data: object) -> Clock:
        if data is None:
            return Clock.WALL
        known = {clock.value: clock for clock in Clock}
        if isinstance(data, str) and data in known:
            return known[data]
        told = {"value": shown(data), "known": ", ".join(known)}
        self.note(Problem.NOT_A_CHOICE, "clock", told)
        return Clock.WALL
