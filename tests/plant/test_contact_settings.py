"""The dry contact as settings by key, and what makes them right."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.instagen.control.known import is_value_of
from custom_components.instagen.plant.contact_data import (
    changes_from,
    difference,
    to_data,
)
from custom_components.instagen.plant.contact_rules import (
    Problem,
    Severity,
    errors,
    findings,
)
from custom_components.instagen.plant.contact_settings import (
    RANGES,
    exercise_in,
    exercise_text,
    moved,
    settings_of,
    values_of,
    weekdays_in,
    window_in,
    window_text,
)
from custom_components.instagen.plant.dry_contact import (
    ContactFunction,
    ContactSettings,
    Exercise,
    ExerciseEvery,
    GeneratorMode,
    GeneratorSettings,
    LoadMode,
    WeekGroup,
)
from custom_components.instagen.plant.settings import (
    SETTINGS,
    Block,
    SettingValue,
    keys_of,
)
from custom_components.instagen.plant.tariff import Window

WINDOWS = st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(
    lambda pair: pair[0] != pair[1] and pair != (0, 1439)
)
OPTIONAL = st.one_of(st.none(), WINDOWS.map(lambda pair: Window.between(*pair)))
COMMANDS = {"load_contact", "generator"}
NUMBER = st.one_of(st.none(), st.integers(0, 100))
DAYS = st.frozensets(st.integers(0, 6))
GENERATORS = st.builds(
    GeneratorSettings,
    mode=st.sampled_from(GeneratorMode),
    switched_on=st.booleans(),
    start_soc=NUMBER,
    stop_soc=NUMBER,
    quiet_on=st.booleans(),
    quiet_windows=st.tuples(OPTIONAL, OPTIONAL),
    charge_window=OPTIONAL,
    exercise=st.one_of(
        st.none(),
        st.builds(
            Exercise,
            st.sampled_from(ExerciseEvery),
            st.integers(0, 6),
            st.integers(0, 1200),
            st.integers(1, 240),
        ),
    ),
)


def groups(windows: int) -> st.SearchStrategy[tuple[WeekGroup, ...]]:
    group = st.builds(
        WeekGroup, weekdays=DAYS, windows=st.tuples(*(OPTIONAL,) * windows)
    )
    return st.tuples(group, group)


@given(
    st.builds(
        ContactSettings,
        function=st.sampled_from(ContactFunction),
        load_mode=st.sampled_from(LoadMode),
        switched_on=st.booleans(),
        times=groups(2),
        surplus_times=groups(1),
        nominal_power=NUMBER,
        min_run=NUMBER,
        protection_soc=NUMBER,
        breaker_size=NUMBER,
        ev_charger_size=NUMBER,
        generator=GENERATORS,
    )
)
def test_settings_by_key_and_back(settings: ContactSettings) -> None:
    values = values_of(settings)
    assert settings_of(values) == settings
    assert values.keys() <= keys_of(Block.CONTACT)
    assert all(is_value_of(value, SETTINGS[key]) for key, value in values.items())
    # The exchange form as well, but for commands and what no device takes.
    form = {key: value for key, value in values.items() if key not in COMMANDS}
    odd = {
        key for key in form.keys() & RANGES if not RANGES[key].holds(float(form[key]))
    }
    read = changes_from(to_data(values), values, lambda key: True)
    assert {**read.changes, **{key: form[key] for key in odd}} == form
    assert difference(form, read.changes) == []


def test_every_key_of_the_block_means_something() -> None:
    full = ContactSettings(
        nominal_power=1,
        min_run=1,
        protection_soc=1,
        breaker_size=1,
        ev_charger_size=1,
        generator=GeneratorSettings(start_soc=1, stop_soc=1),
    )
    assert values_of(full).keys() == keys_of(Block.CONTACT)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("load_window_1", "25:00-26:00"),
        ("load_window_1", "06:00-06:00"),
        ("load_window_1", "06:00"),
        ("load_window_1", "6:00-7:00"),
        ("load_window_1", ""),
        ("load_window_1", 5),
        ("load_weekdays_1", "mon,mon"),
        ("load_weekdays_1", "sun,mon"),
        ("load_weekdays_1", "monday"),
        ("load_mode", "heat_pump"),
        ("load_nominal_power", float("nan")),
        ("load_nominal_power", True),
        ("generator", 1),
    ],
)
def test_what_is_no_value_is_refused(key: str, value: Any) -> None:
    assert not is_value_of(value, SETTINGS[key])


@pytest.mark.parametrize("text", ["24:00-25:00", "10:00", "x", "10:00-10:00"])
def test_texts_that_are_no_window(text: str) -> None:
    with pytest.raises(ValueError, match="window"):
        window_in(text)


@pytest.mark.parametrize(
    "text",
    ["month mon 10:00", "day mon 10:00 5", "week xxx 10:00 5", "week mon 23:59 2"],
)
def test_texts_that_are_no_exercise(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        exercise_in(text)
    assert exercise_in(exercise_text(None)) is None


def test_texts_that_are_no_weekdays() -> None:
    for text in ("mon,tues", "mon mon", "mon,mon"):
        with pytest.raises(ValueError):  # noqa: PT011
            weekdays_in(text)


def test_a_time_entity_moves_one_end() -> None:
    assert moved("22:30-06:00", start=0) == "00:00-06:00"
    assert moved("22:30-06:00", end=420) == "22:30-07:00"
    assert moved("22:30-06:00", end=0) == "22:30-00:00"
    assert moved("none", start=1410) == "23:30-00:30"
    assert moved("none", end=0) == "23:00-00:00"
    assert moved("none", start=1380) == "23:00-00:00"
    with pytest.raises(ValueError, match="window"):
        moved("22:30-06:00", end=1350)
    assert window_text(window_in("00:00-23:59")) == "00:00-23:59"


# ---- what is wrong ----

AUTO: dict[str, SettingValue] = {
    "dry_contact_function": "generator_control",
    "generator_mode": "auto",
    "generator_start_soc": 20,
    "generator_stop_soc": 80,
}
EV: dict[str, SettingValue] = {
    "dry_contact_function": "load_control",
    "load_mode": "ev_charger",
    "entrance_breaker_size": 63,
    "ev_charger_size": 32,
}
TIME: dict[str, SettingValue] = {
    "dry_contact_function": "load_control",
    "load_mode": "time",
    "load_weekdays_1": "mon,tue",
    "load_window_1": "10:00-12:00",
}
SUN: dict[str, SettingValue] = {
    "dry_contact_function": "load_control",
    "load_mode": "intelligent",
    "load_nominal_power": 2000,
    "load_min_run_time": 30,
    "surplus_weekdays_1": "mon",
    "surplus_window_1": "10:00-12:00",
}
QUIET: dict[str, SettingValue] = {**AUTO, "generator_quiet_time": True}
NIGHT: dict[str, SettingValue] = {**QUIET, "generator_quiet_1": "22:00-07:00"}


@pytest.mark.parametrize(
    ("values", "problem", "told"),
    [
        (
            {**AUTO, "generator_start_soc": 71},
            Problem.START_NOT_BELOW_STOP,
            {"start": "71", "stop": "80", "points": "10"},
        ),
        (
            {
                **QUIET,
                "generator_quiet_1": "22:00-07:00",
                "generator_quiet_2": "07:00-22:00",
            },
            Problem.QUIET_ALL_DAY,
            {},
        ),
        ({**QUIET, "generator_quiet_1": "00:00-23:59"}, Problem.QUIET_ALL_DAY, {}),
        (QUIET, Problem.QUIET_WITHOUT_WINDOW, {}),
        (
            {**NIGHT, "generator_charge": "06:00-08:00"},
            Problem.CHARGE_PARTLY_QUIET,
            {"charge": "06:00-08:00", "minutes": "60", "length": "120"},
        ),
        (
            {**NIGHT, "generator_charge": "23:00-05:00"},
            Problem.CHARGE_ALL_QUIET,
            {"charge": "23:00-05:00"},
        ),
        (
            {**EV, "ev_charger_size": 63},
            Problem.CHARGER_NOT_BELOW_BREAKER,
            {"charger": "63", "breaker": "63"},
        ),
        ({**EV, "entrance_breaker_size": 0}, Problem.BREAKER_NOT_POSITIVE, {}),
        ({**EV, "ev_charger_size": 0}, Problem.CHARGER_NOT_POSITIVE, {}),
        (
            {**EV, "entrance_breaker_size": 125},
            Problem.BREAKER_ABOVE_FUSE,
            {"breaker": "125", "fuse": "100"},
        ),
        ({**TIME, "load_window_1": "none"}, Problem.NO_WINDOW, {}),
        ({**TIME, "load_weekdays_1": "none"}, Problem.NO_WINDOW, {}),
        (
            {**TIME, "load_weekdays_2": "tue,wed"},
            Problem.WEEKDAY_TWICE,
            {"weekdays": "tue"},
        ),
        (
            {**TIME, "load_window_2": "11:59-13:00"},
            Problem.WINDOWS_OVERLAP,
            {"one": "10:00-12:00", "other": "11:59-13:00"},
        ),
        (
            {**SUN, "load_min_run_time": 121},
            Problem.MIN_RUN_ABOVE_WINDOW,
            {"minutes": "121", "window": "10:00-12:00"},
        ),
        ({**SUN, "load_nominal_power": 0}, Problem.NOMINAL_POWER_ZERO, {}),
        (
            {"dry_contact_function": "load_control", "load_mode": "backup_load"},
            Problem.MISSING,
            {"where": "load_protection_soc"},
        ),
    ],
)
def test_each_mistake_gets_its_named_finding(
    values: dict[str, SettingValue], problem: Problem, told: dict[str, str]
) -> None:
    (found,) = findings(settings_of(values))
    assert (found.problem, dict(found.told)) == (problem, told)
    assert found.translation_key == f"contact_{problem}"


def test_start_and_end_of_a_window_are_not_the_same() -> None:
    settings = ContactSettings(
        function=ContactFunction.LOAD_CONTROL,
        load_mode=LoadMode.TIME,
        times=(WeekGroup(weekdays=DAY, windows=(Window(600, 600),)),),
    )
    assert [one.problem for one in findings(settings)] == [Problem.WINDOW_EMPTY]


DAY = frozenset({0})


@pytest.mark.parametrize(
    ("breaker", "fuse", "confirm"),
    [
        (60, 60, False),
        (63, 60, True),
        (80, 80, False),
        (81, 80, True),
        (100, 100, False),
    ],
)
def test_a_breaker_above_the_supply_fuse_is_to_be_confirmed(
    breaker: int, fuse: int, confirm: bool
) -> None:
    values = {**EV, "entrance_breaker_size": breaker}
    found = findings(settings_of(values), supply_fuse=fuse)
    assert [one.severity for one in found] == [Severity.CONFIRM] * confirm
    assert not errors(found)


@pytest.mark.parametrize("values", [AUTO, NIGHT, EV, TIME, SUN, {}])
def test_what_is_right_finds_nothing(values: dict[str, SettingValue]) -> None:
    assert findings(settings_of(values)) == []


def test_parameters_of_another_use_wait() -> None:
    values = {**EV, "dry_contact_function": "off", "ev_charger_size": 99}
    assert findings(settings_of(values)) == []


def test_windows_that_cross_midnight_overlap() -> None:
    values = {**TIME, "load_window_1": "22:00-06:00", "load_window_2": "05:00-07:00"}
    (found,) = findings(settings_of(values))
    assert found.problem is Problem.WINDOWS_OVERLAP
