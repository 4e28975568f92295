"""The dry contact as settings by key, and back.

A window is one setting, a text such as ``22:30-06:00``, and not two: its start and its end
travel as one number, mean nothing without each other, and there may be none at all. The
time entities of its ends change one of them in it (``moved``).
"""

from collections.abc import Mapping
import re
from typing import Final

from .dry_contact import (
    GROUPS,
    QUIET_WINDOWS,
    TIME_WINDOWS,
    ContactFunction,
    ContactSettings,
    Exercise,
    ExerciseEvery,
    GeneratorMode,
    GeneratorSettings,
    LoadMode,
    WeekGroup,
)
from .settings import Range, SettingValue, SettingValues
from .tariff import DAY_MINUTES, Window
from .tariff_text import WEEKDAYS, span_text, time_of, weekday_names, window_of

NONE: Final = "none"
"""No window, no weekday, no exercise."""

OTHER: Final = "other"
"""A choice that a device tells and nobody has a name for: shown, and never wished."""

FUNCTION: Final = "dry_contact_function"
LOAD_MODE: Final = "load_mode"
LOAD_CONTACT: Final = "load_contact"
GENERATOR: Final = "generator"
GENERATOR_MODE: Final = "generator_mode"

_HIGHEST_CURRENT: Final = 1000
_HIGHEST_POWER: Final = 100_000

RANGES: Final[Mapping[str, Range]] = {
    "load_nominal_power": Range(0, _HIGHEST_POWER),
    "load_min_run_time": Range(0, 1440),
    "load_protection_soc": Range(0, 100),
    "entrance_breaker_size": Range(1, _HIGHEST_CURRENT),
    "ev_charger_size": Range(1, _HIGHEST_CURRENT),
    "generator_start_soc": Range(0, 90),
    "generator_stop_soc": Range(10, 100),
}
"""Ours: no device tells any. That power is in W and the run in minutes is inferred; who
reads other numbers here than in the app must not write them."""

_NEW_WINDOW: Final = 60
"""Minutes of a window of which only one end was chosen yet."""

_EXERCISE: Final = re.compile(r"(\w+) (\w{3}) (\d\d:\d\d) (\d{1,3})", re.ASCII)


def window_text(window: Window | None) -> str:
    """Write a window, or that there is none."""
    return NONE if window is None else span_text(window)


def window_in(text: str) -> Window | None:
    """Read a window; None for none. Raises ``ValueError``."""
    if text == NONE:
        return None
    first, _, last = text.partition("-")
    start, end = time_of(first), time_of(last)
    if start is None or end is None or start == end:
        raise ValueError("not a window")
    return window_of(start, end)


def moved(text: str, *, start: int | None = None, end: int | None = None) -> str:
    """Return a window with another start or end; one that was not there lasts an hour.

    Raises ``ValueError`` when nothing would be left of it.
    """
    window = window_in(text)
    if window is None:
        if start is None:
            start = ((end or 0) - _NEW_WINDOW) % DAY_MINUTES
        if end is None:
            end = (start + _NEW_WINDOW) % DAY_MINUTES
    else:
        start = window.start if start is None else start
        end = window.end % DAY_MINUTES if end is None else end
    if start == end:
        raise ValueError("not a window")
    return window_text(window_of(start, end))


def weekdays_text(days: frozenset[int]) -> str:
    """Write weekdays in the order of the week, or that there is none."""
    return ",".join(weekday_names(days)) or NONE


def weekdays_in(text: str) -> frozenset[int]:
    """Read weekdays. Raises ``ValueError``."""
    if text == NONE:
        return frozenset()
    days = [WEEKDAYS.index(name) for name in text.split(",")]
    if len(set(days)) != len(days):
        raise ValueError("a weekday twice")
    return frozenset(days)


def exercise_text(exercise: Exercise | None) -> str:
    """Write an exercise as ``month mon 10:00 15``, or that there is none."""
    if exercise is None:
        return NONE
    day = WEEKDAYS[exercise.weekday]
    hour, minute = divmod(exercise.start, 60)
    return f"{exercise.every} {day} {hour:02}:{minute:02} {exercise.duration}"


def exercise_in(text: str) -> Exercise | None:
    """Read an exercise; None for none. Raises ``ValueError``."""
    if text == NONE:
        return None
    match = _EXERCISE.fullmatch(text)
    start = time_of(match[3]) if match else None
    if not match or start is None or not 0 < int(match[4]) <= DAY_MINUTES - start:
        raise ValueError("not an exercise")
    weekday = WEEKDAYS.index(match[2])
    return Exercise(ExerciseEvery(match[1]), weekday, start, int(match[4]))


# ---- all of it ----

_NUMBERS: Final[Mapping[str, str]] = {
    "load_nominal_power": "nominal_power",
    "load_min_run_time": "min_run",
    "load_protection_soc": "protection_soc",
    "entrance_breaker_size": "breaker_size",
    "ev_charger_size": "ev_charger_size",
}
_GENERATOR_NUMBERS: Final[Mapping[str, str]] = {
    "generator_start_soc": "start_soc",
    "generator_stop_soc": "stop_soc",
}


def settings_of(values: SettingValues) -> ContactSettings:
    """Return the dry contact that settings describe; what is missing is unknown or none.

    Raises ``ValueError`` for a text that is none of its kind, and for a choice that
    nobody has a name for.
    """
    numbers = {name: _number(values, key) for key, name in _NUMBERS.items()}
    return ContactSettings(
        function=ContactFunction(_text(values, FUNCTION, ContactFunction.OFF)),
        load_mode=LoadMode(_text(values, LOAD_MODE, LoadMode.MANUAL)),
        switched_on=values.get(LOAD_CONTACT) is True,
        times=tuple(
            _group(values, f"load_weekdays_{group + 1}", *names)
            for group, names in enumerate(_TIME_KEYS)
        ),
        surplus_times=tuple(
            _group(values, f"surplus_weekdays_{group}", f"surplus_window_{group}")
            for group in range(1, GROUPS + 1)
        ),
        generator=_generator(values),
        **numbers,
    )


def _generator(values: SettingValues) -> GeneratorSettings:
    numbers = {name: _number(values, key) for key, name in _GENERATOR_NUMBERS.items()}
    return GeneratorSettings(
        mode=GeneratorMode(_text(values, GENERATOR_MODE, GeneratorMode.MANUAL)),
        switched_on=values.get(GENERATOR) is True,
        quiet_on=values.get("generator_quiet_time") is True,
        quiet_windows=tuple(
            window_in(_text(values, f"generator_quiet_{number}", NONE))
            for number in range(1, QUIET_WINDOWS + 1)
        ),
        charge_window=window_in(_text(values, "generator_charge", NONE)),
        exercise=exercise_in(_text(values, "generator_exercise", NONE)),
        **numbers,
    )


_TIME_KEYS: Final = tuple(
    tuple(
        f"load_window_{group * TIME_WINDOWS + place}"
        for place in range(1, TIME_WINDOWS + 1)
    )
    for group in range(GROUPS)
)
"""Windows 1 and 2 are those of the first group, 3 and 4 those of the second."""


def _group(values: SettingValues, days: str, *windows: str) -> WeekGroup:
    return WeekGroup(
        weekdays=weekdays_in(_text(values, days, NONE)),
        windows=tuple(window_in(_text(values, key, NONE)) for key in windows),
    )


def _text(values: SettingValues, key: str, default: str) -> str:
    return str(values.get(key, default))


def _number(values: SettingValues, key: str) -> int | None:
    value = values.get(key)
    if value is None or isinstance(value, bool | str):
        return None
    return round(value)


def values_of(settings: ContactSettings) -> dict[str, SettingValue]:
    """Return settings by key; what is unknown is left out."""
    generator = settings.generator
    values: dict[str, SettingValue | None] = {
        FUNCTION: settings.function.value,
        LOAD_MODE: settings.load_mode.value,
        LOAD_CONTACT: settings.switched_on,
        **{key: getattr(settings, name) for key, name in _NUMBERS.items()},
        GENERATOR_MODE: generator.mode.value,
        GENERATOR: generator.switched_on,
        **{key: getattr(generator, name) for key, name in _GENERATOR_NUMBERS.items()},
        "generator_quiet_time": generator.quiet_on,
        "generator_charge": window_text(generator.charge_window),
        "generator_exercise": exercise_text(generator.exercise),
    }
    for number, window in enumerate(_filled(generator.quiet_windows, QUIET_WINDOWS), 1):
        values[f"generator_quiet_{number}"] = window_text(window)
    for number, (group, keys) in enumerate(
        zip(settings.times, _TIME_KEYS, strict=False), 1
    ):
        values[f"load_weekdays_{number}"] = weekdays_text(group.weekdays)
        windows = _filled(group.windows, TIME_WINDOWS)
        values |= {
            key: window_text(one) for key, one in zip(keys, windows, strict=True)
        }
    for number, group in enumerate(settings.surplus_times[:GROUPS], 1):
        values[f"surplus_weekdays_{number}"] = weekdays_text(group.weekdays)
        (window,) = _filled(group.windows, 1)
        values[f"surplus_window_{number}"] = window_text(window)
    return {key: value for key, value in values.items() if value is not None}


def _filled(
    windows: tuple[Window | None, ...], places: int
) -> tuple[Window | None, ...]:
    return (*windows, *(None,) * places)[:places]
