"""The exchange form of the dry contact: what actions carry about all that is set.

    function: load_control
    load_mode: time
    load_times:
      group_a:
        weekdays: [mon, tue, wed, thu, fri]
        windows: [{start: "22:30", end: "06:00"}]
      group_b: {weekdays: [sat, sun], windows: []}
    surplus_times: ...
    load_nominal_power: 2000
    generator:
      mode: auto
      quiet_windows: [{start: "22:00", end: "07:00"}]
      charge_window: null

What is not named stays as it is; an empty list or null takes windows away. Commands are no
part of it: a form that was kept and is set again must not start an engine. Reading is
strict: whatever does not fit is a finding with its place, and nothing raises.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .contact_rules import Finding, Problem
from .contact_settings import (
    FUNCTION,
    GENERATOR_MODE,
    LOAD_MODE,
    NONE,
    OTHER,
    RANGES,
    exercise_in,
    exercise_text,
    weekdays_text,
    window_in,
    window_text,
)
from .dry_contact import ContactFunction, Exercise, ExerciseEvery
from .settings import SETTINGS, SettingKind, SettingValue, SettingValues
from .tariff import DAY_MINUTES, Window
from .tariff_text import (
    WEEKDAYS,
    shown,
    time_of,
    time_text,
    window_of,
    window_texts,
)

type Data = dict[str, Any]

_OFF: Final = ContactFunction.OFF.value


class _Group(NamedTuple):
    """Where a group of weekdays is kept."""

    days: str
    windows: tuple[str, ...]


_GROUPS: Final[Mapping[str, Mapping[str, _Group]]] = {
    "load_times": {
        "group_a": _Group("load_weekdays_1", ("load_window_1", "load_window_2")),
        "group_b": _Group("load_weekdays_2", ("load_window_3", "load_window_4")),
    },
    "surplus_times": {
        "group_a": _Group("surplus_weekdays_1", ("surplus_window_1",)),
        "group_b": _Group("surplus_weekdays_2", ("surplus_window_2",)),
    },
}
_PLAIN: Final[Mapping[str, str]] = {
    "function": FUNCTION,
    "load_mode": LOAD_MODE,
    **{key: key for key in RANGES if not key.startswith("generator")},
}
_GENERATOR: Final[Mapping[str, str]] = {
    "mode": GENERATOR_MODE,
    "start_soc": "generator_start_soc",
    "stop_soc": "generator_stop_soc",
    "quiet_time": "generator_quiet_time",
}
_QUIET: Final = ("generator_quiet_1", "generator_quiet_2")
_CHARGE: Final = "generator_charge"
_EXERCISE: Final = "generator_exercise"
_EXERCISE_KEYS: Final = ("every", "weekday", "start", "duration")


def _places() -> dict[str, str]:
    places = {key: name for name, key in _PLAIN.items()}
    places |= {key: f"generator.{name}" for name, key in _GENERATOR.items()}
    places |= {_CHARGE: "generator.charge_window", _EXERCISE: "generator.exercise"}
    listed: dict[str, Sequence[str]] = {"generator.quiet_windows": _QUIET}
    for times, groups in _GROUPS.items():
        for name, group in groups.items():
            places[group.days] = f"{times}.{name}.weekdays"
            listed[f"{times}.{name}.windows"] = group.windows
    for where, keys in listed.items():
        places |= {key: f"{where}[{number}]" for number, key in enumerate(keys)}
    return places


PLACES: Final[Mapping[str, str]] = _places()
"""Where in the form a setting stands."""


class Change(NamedTuple):
    """One value that differs; None where there is none."""

    where: str
    before: SettingValue | None
    after: SettingValue | None


def difference(before: SettingValues, after: SettingValues) -> list[Change]:
    """Return what becomes another value, by its place in the form."""
    return [
        Change(where, _told(before, key), _told(after, key))
        for key, where in PLACES.items()
        if key in after and before.get(key) != after[key]
    ]


def _told(values: SettingValues, key: str) -> SettingValue | None:
    value = values.get(key)
    return None if value == NONE else value


# ---- writing ----


def to_data(values: SettingValues) -> Data:
    """Return settings in the form; what nobody knows or can name is left out."""
    known = {key: value for key, value in values.items() if value != OTHER}
    data: Data = {name: known[key] for name, key in _PLAIN.items() if key in known}
    for name, groups in _GROUPS.items():
        found = {
            part: _group_data(group, known)
            for part, group in groups.items()
            if group.days in known
        }
        if found:
            data[name] = found
    generator: Data = {
        name: known[key] for name, key in _GENERATOR.items() if key in known
    }
    if _QUIET[0] in known:
        generator["quiet_windows"] = _windows_data(_QUIET, known)
    if _CHARGE in known:
        generator["charge_window"] = _window_data(window_in(str(known[_CHARGE])))
    if _EXERCISE in known:
        generator["exercise"] = _exercise_data(exercise_in(str(known[_EXERCISE])))
    return data | ({"generator": generator} if generator else {})


def _group_data(group: _Group, values: SettingValues) -> Data:
    text = str(values[group.days])
    return {
        "weekdays": [] if text == NONE else text.split(","),
        "windows": _windows_data(group.windows, values),
    }


def _windows_data(keys: Sequence[str], values: SettingValues) -> list[Data | None]:
    """Return windows by their places: null for an empty one before another."""
    found = [_window_data(window_in(str(values.get(key, NONE)))) for key in keys]
    while found and found[-1] is None:
        found.pop()
    return found


def _window_data(window: Window | None) -> Data | None:
    if window is None:
        return None
    start, end = window_texts(window)
    return {"start": start, "end": end}


def _exercise_data(exercise: Exercise | None) -> Data | None:
    if exercise is None:
        return None
    return {
        "every": exercise.every.value,
        "weekday": WEEKDAYS[exercise.weekday],
        "start": time_text(exercise.start),
        "duration": exercise.duration,
    }


# ---- reading ----


class Reading(NamedTuple):
    """What was understood: good for nothing while there are findings."""

    changes: Mapping[str, SettingValue]
    findings: Sequence[Finding]


def changes_from(
    data: object, known: SettingValues, carries: Callable[[str], bool]
) -> Reading:
    """Read the form; ``carries`` tells which settings the contact has at all."""
    reader = _Reader(carries)
    reader.contact(data)
    reader.mind_weekdays(known)
    return Reading(reader.changes, reader.found)


class _Reader:
    """Reads one value after another and notes what is wrong with each."""

    def __init__(self, carries: Callable[[str], bool]) -> None:
        self.found: list[Finding] = []
        self.changes: dict[str, SettingValue] = {}
        self._carries = carries

    def contact(self, data: object) -> None:
        """Read all of it."""
        table = self._table(data, "contact", (*_PLAIN, *_GROUPS, "generator"))
        for name, value in table.items():
            if name in _PLAIN:
                self._plain(_PLAIN[name], value)
            elif name in _GROUPS:
                groups = _GROUPS[name]
                for part, given in self._table(value, name, groups).items():
                    self._group(groups[part], given, f"{name}.{part}")
            else:
                self._generator(value)

    def mind_weekdays(self, known: SettingValues) -> None:
        """Note windows of a group without weekdays: a device forgets them.

        In the first group nobody chose any yet, which means every day.
        """
        after = {**known, **self.changes}
        for groups in _GROUPS.values():
            for part, group in groups.items():
                told = [after.get(key, NONE) for key in group.windows]
                chosen = part != "group_a" or group.days in self.changes
                touched = self.changes.keys() & {group.days, *group.windows}
                none = after.get(group.days, NONE) == NONE
                if touched and none and chosen and any(one != NONE for one in told):
                    self._note(Problem.NO_WEEKDAYS, PLACES[group.days])

    def _generator(self, data: object) -> None:
        names = (*_GENERATOR, "quiet_windows", "charge_window", "exercise")
        for name, value in self._table(data, "generator", names).items():
            where = f"generator.{name}"
            match name:
                case "quiet_windows":
                    self._windows(_QUIET, value, where)
                case "charge_window":
                    self._put(_CHARGE, self._window(value, where), where)
                case "exercise":
                    self._put(_EXERCISE, self._exercise(value, where), where)
                case _:
                    self._plain(_GENERATOR[name], value)

    def _group(self, group: _Group, data: object, where: str) -> None:
        if data is None:
            data = {"weekdays": [], "windows": []}
        for name, value in self._table(data, where, ("weekdays", "windows")).items():
            if name == "windows":
                self._windows(group.windows, value, f"{where}.windows")
            else:
                days = self._weekdays(value, f"{where}.weekdays")
                self._put(group.days, days, f"{where}.weekdays")

    def _windows(self, keys: Sequence[str], data: object, where: str) -> None:
        given = self._list(data, where)
        if len(given) > len(keys):
            told = {"count": str(len(given)), "most": str(len(keys))}
            self._note(Problem.TOO_MANY_WINDOWS, where, **told)
        for number, key in enumerate(keys):
            text: str | None = NONE
            place = f"{where}[{number}]"
            if number < len(given):
                text = self._window(given[number], place)
            self._put(key, text, place)

    # ---- single values; None for one that is wrong ----

    def _plain(self, key: str, value: object) -> None:
        where = PLACES[key]
        kind = SETTINGS[key].kind
        if kind is SettingKind.FLAG:
            if not isinstance(value, bool):
                self._note(Problem.NOT_A_FLAG, where, value=shown(value))
                return
            self._put(key, value, where)
        elif kind is SettingKind.CHOICE:
            self._put(key, self._choice(value, SETTINGS[key].options, where), where)
        else:
            limits = RANGES[key]
            number = self._whole(value, round(limits.low), round(limits.high), where)
            self._put(key, number, where)

    def _choice(self, value: object, known: Sequence[str], where: str) -> str | None:
        """Read a choice. YAML makes a flag of off without quotes."""
        if value is False and _OFF in known:
            return _OFF
        if isinstance(value, str) and value in known:
            return str(value)
        told = {"value": shown(value), "known": ", ".join(known)}
        self._note(Problem.NOT_A_CHOICE, where, **told)
        return None

    def _whole(self, value: object, low: int, high: int, where: str) -> int | None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if isinstance(value, float) and value.is_integer():
            whole = True
        if not whole or not isinstance(value, int | float):
            self._note(Problem.NOT_A_NUMBER, where, value=shown(value))
            return None
        if low <= value <= high:
            return int(value)
        told = {"value": shown(value), "low": str(low), "high": str(high)}
        self._note(Problem.OUT_OF_RANGE, where, **told)
        return None

    def _time(self, value: object, where: str) -> int | None:
        """Read a time. YAML makes a number of 16:00 without quotes: no time either."""
        minute = time_of(value) if isinstance(value, str) else None
        if minute is None:
            self._note(Problem.NOT_A_TIME, where, value=shown(value))
            return None
        return minute

    def _weekdays(self, value: object, where: str) -> str | None:
        days = [
            self._choice(one, WEEKDAYS, f"{where}[{number}]")
            for number, one in enumerate(self._list(value, where))
        ]
        told = {WEEKDAYS.index(day) for day in days if day is not None}
        return weekdays_text(frozenset(told))

    def _window(self, value: object, where: str) -> str | None:
        if value is None:
            return NONE
        table = self._table(value, where, ("start", "end"), whole=True)
        if len(table) < 2:
            return None
        start = self._time(table["start"], f"{where}.start")
        end = self._time(table["end"], f"{where}.end")
        if start is None or end is None:
            return None
        if start == end:
            self._note(Problem.WINDOW_EMPTY, where)
            return None
        return window_text(window_of(start, end))

    def _exercise(self, value: object, where: str) -> str | None:
        if value is None:
            return NONE
        table = self._table(value, where, _EXERCISE_KEYS, whole=True)
        if len(table) < len(_EXERCISE_KEYS):
            return None
        every = self._choice(table["every"], list(ExerciseEvery), f"{where}.every")
        day = self._choice(table["weekday"], WEEKDAYS, f"{where}.weekday")
        start = self._time(table["start"], f"{where}.start")
        # It ends on the day on which it begins.
        most = DAY_MINUTES - (start or 0)
        duration = self._whole(table["duration"], 1, most, f"{where}.duration")
        if every is None or day is None or start is None or duration is None:
            return None
        weekday = WEEKDAYS.index(day)
        return exercise_text(Exercise(ExerciseEvery(every), weekday, start, duration))

    # ---- shared ----

    def _put(self, key: str, value: SettingValue | None, where: str) -> None:
        if value is None:
            return
        if self._carries(key):
            self.changes[key] = value
        else:
            self._note(Problem.NOT_CARRIED, where)

    def _note(self, problem: Problem, where: str, **told: str) -> None:
        self.found.append(Finding(problem, {"where": where, **told}))

    def _table(
        self,
        data: object,
        where: str,
        names: Sequence[str] | Mapping[str, Any],
        *,
        whole: bool = False,
    ) -> Data:
        """Read keys and values; ``whole`` wants all of the keys."""
        if not isinstance(data, Mapping):
            self._note(Problem.NOT_A_TABLE, where, value=shown(data))
            return {}
        for key in data:
            if key not in names:
                self._note(Problem.KEY_UNKNOWN, where, key=shown(key))
        if whole:
            for key in names:
                if key not in data:
                    self._note(Problem.KEY_MISSING, where, key=key)
        return {key: data[key] for key in names if key in data}

    def _list(self, data: object, where: str) -> Sequence[object]:
        if isinstance(data, list | tuple):
            return data
        if data is not None:
            self._note(Problem.NOT_A_LIST, where, value=shown(data))
        return ()
