"""The exchange form of the dry contact: what it takes, merges, removes and refuses."""

from typing import Any

import pytest

from custom_components.instagen.plant.contact_data import (
    PLACES,
    changes_from,
    difference,
)
from custom_components.instagen.plant.contact_settings import values_of
from custom_components.instagen.plant.dry_contact import ContactSettings
from custom_components.instagen.plant.settings import Block, keys_of

KNOWN = {
    **values_of(ContactSettings()),
    "load_window_1": "22:30-06:00",
    "load_weekdays_2": "sat",
    "load_window_3": "10:00-12:00",
    "load_window_4": "14:00-15:00",
}


def window(start: str, end: str) -> dict[str, str]:
    return {"start": start, "end": end}


def read(data: object) -> dict[str, Any]:
    reading = changes_from(data, KNOWN, lambda key: True)
    assert reading.findings == []
    return dict(reading.changes)


def test_every_setting_but_the_commands_has_its_place() -> None:
    assert PLACES.keys() == keys_of(Block.CONTACT) - {"load_contact", "generator"}
    assert len(set(PLACES.values())) == len(PLACES)


def test_what_is_not_named_stays() -> None:
    assert read({}) == {}
    assert read({"load_times": {"group_b": {"weekdays": ["sun", "sat"]}}}) == {
        "load_weekdays_2": "sat,sun"
    }


def test_off_may_be_written_as_yaml_reads_it() -> None:
    """Without quotes it is a flag; where there is no off it stays wrong."""
    assert read({"function": False}) == read({"function": "off"})
    (wrong,) = changes_from({"load_mode": False}, KNOWN, lambda key: True).findings
    assert wrong.problem == "not_a_choice"


@pytest.mark.parametrize("nothing", [None, []])
def test_windows_are_taken_away(nothing: object) -> None:
    assert read({"load_times": {"group_a": {"windows": nothing}}}) == {
        "load_window_1": "none",
        "load_window_2": "none",
    }
    assert read({"generator": {"quiet_windows": nothing, "charge_window": None}}) == {
        "generator_quiet_1": "none",
        "generator_quiet_2": "none",
        "generator_charge": "none",
    }


def test_one_of_two_windows_is_taken_away() -> None:
    left = {"windows": [window("14:00", "15:00:00")]}
    changes = read({"load_times": {"group_b": left}})
    assert [tuple(one) for one in difference(KNOWN, changes)] == [
        ("load_times.group_b.windows[0]", "10:00-12:00", "14:00-15:00"),
        ("load_times.group_b.windows[1]", "14:00-15:00", None),
    ]


def test_a_group_is_taken_away_with_its_weekdays() -> None:
    assert read({"load_times": {"group_b": None}}) == {
        "load_weekdays_2": "none",
        "load_window_3": "none",
        "load_window_4": "none",
    }


def test_the_first_window_of_all_needs_no_weekdays() -> None:
    data = {"surplus_times": {"group_a": {"windows": [window("09:00", "16:00")]}}}
    reading = changes_from(data, {}, lambda key: True)
    assert reading.findings == []


GROUP = "load_times.group_a"


def times(**group: Any) -> dict[str, Any]:
    return {"load_times": {"group_a": group}}


def quiet(*windows: Any) -> dict[str, Any]:
    return {"generator": {"quiet_windows": list(windows)}}


@pytest.mark.parametrize(
    ("data", "problem", "where"),
    [
        ("off", "not_a_table", "contact"),
        ({"fuction": "off"}, "key_unknown", "contact"),
        ({"load_contact": True}, "key_unknown", "contact"),
        ({"function": "other"}, "not_a_choice", "function"),
        ({"function": None}, "not_a_choice", "function"),
        ({"function": ["off"]}, "not_a_choice", "function"),
        ({"load_mode": "heat_pump"}, "not_a_choice", "load_mode"),
        ({"ev_charger_size": "32"}, "not_a_number", "ev_charger_size"),
        ({"ev_charger_size": 7.4}, "not_a_number", "ev_charger_size"),
        ({"ev_charger_size": True}, "not_a_number", "ev_charger_size"),
        ({"ev_charger_size": float("nan")}, "not_a_number", "ev_charger_size"),
        ({"ev_charger_size": 0}, "out_of_range", "ev_charger_size"),
        ({"generator": {"stop_soc": 101}}, "out_of_range", "generator.stop_soc"),
        ({"generator": {"quiet_time": "on"}}, "not_a_flag", "generator.quiet_time"),
        ({"generator": None}, "not_a_table", "generator"),
        ({"load_times": []}, "not_a_table", "load_times"),
        (times(weekdays="mon"), "not_a_list", f"{GROUP}.weekdays"),
        (times(weekdays=["monday"]), "not_a_choice", f"{GROUP}.weekdays[0]"),
        (times(weekdays=[]), "no_weekdays", f"{GROUP}.weekdays"),
        (times(windows=["10:00-11:00"]), "not_a_table", f"{GROUP}.windows[0]"),
        (times(windows=[{"start": "10:00"}]), "key_missing", f"{GROUP}.windows[0]"),
        (times(windows=[window("10:00", "24:00")]), "not_a_time", None),
        (times(windows=[{"start": 600, "end": "11:00"}]), "not_a_time", None),
        (times(windows=[window("10:00", "10:00")]), "window_empty", None),
        (quiet(*[window("10:00", "11:00")] * 3), "too_many_windows", None),
        (
            {"surplus_times": {"group_b": {"windows": [window("10:00", "11:00")]}}},
            "no_weekdays",
            "surplus_times.group_b.weekdays",
        ),
        (
            {"generator": {"exercise": {"every": "week", "weekday": "mon"}}},
            "key_missing",
            "generator.exercise",
        ),
    ],
)
def test_each_mistake_gets_its_named_finding(
    data: object, problem: str, where: str | None
) -> None:
    reading = changes_from(data, KNOWN, lambda key: True)
    found = [(one.problem.value, one.told["where"]) for one in reading.findings]
    assert problem in [name for name, _ in found]
    assert where is None or (problem, where) in found


@pytest.mark.parametrize(
    ("value", "shown"), [("32", '"32"'), (7.4, "7.4"), ("many", "many")]
)
def test_a_number_in_a_text_is_shown_as_one(value: object, shown: str) -> None:
    given = {"ev_charger_size": value}
    (wrong,) = changes_from(given, KNOWN, lambda key: True).findings
    assert wrong.told["value"] == shown


def test_an_exercise_ends_on_its_day() -> None:
    run = {"every": "month", "weekday": "sat", "start": "10:00", "duration": 30}
    assert read({"generator": {"exercise": run}}) == {
        "generator_exercise": "month sat 10:00 30"
    }
    late = {"generator": {"exercise": run | {"start": "23:45"}}}
    (found,) = changes_from(late, KNOWN, lambda key: True).findings
    assert (found.problem.value, found.told["high"]) == ("out_of_range", "15")


def test_what_the_contact_does_not_have_is_refused() -> None:
    data = {"generator": {"exercise": None, "mode": "auto"}}
    reading = changes_from(data, KNOWN, lambda key: key != "generator_exercise")
    (found,) = reading.findings
    assert found.problem.value == "not_carried"
    assert reading.changes == {"generator_mode": "auto"}


def test_a_list_that_hangs_in_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    reading = changes_from({"load_times": endless}, KNOWN, lambda key: True)
    assert [one.problem.value for one in reading.findings] == ["not_a_table"]
