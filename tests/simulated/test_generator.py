"""A generator on the dry contact, edge by edge (design/automation.md 4.9)."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.instagen.simulated import SimulatedPlant
from custom_components.instagen.simulated.generator import GeneratorState
from custom_components.instagen.simulated.relay import Exercise

AUTO = {
    "function": "generator_control",
    "generator_mode": "auto",
    "start_soc": 30,
    "stop_soc": 80,
}


def plant_with(**parts: Any) -> SimulatedPlant:
    """Return a plant in the dark whose generator is set to automatic."""
    plant = SimulatedPlant()
    plant.set_many({"night": True, "load": 1500, "soc": 25, "relay": AUTO} | parts)
    return plant


def power(plant: SimulatedPlant, source: str) -> Any:
    """Return what the plant says of a power."""
    return plant.state()[f"{source}_power"]


def state(plant: SimulatedPlant) -> GeneratorState:
    """Return the state the generator is in."""
    return plant.contact.generator.state


def running(plant: SimulatedPlant) -> bool:
    """Tell whether the plant says that its generator runs."""
    return plant.state()["generator_running"] is True


def at_work(**parts: Any) -> SimulatedPlant:
    """Return a plant off-grid whose generator carries the house."""
    plant = plant_with(grid=False, **parts)
    plant.advance(60 + 12 + 60)
    assert state(plant) is GeneratorState.RUN
    return plant


def test_it_starts_warms_up_runs_cools_down_and_rests() -> None:
    plant = plant_with(grid=False)
    plant.advance(59)
    assert state(plant) is GeneratorState.OFF
    plant.advance(1)
    assert state(plant) is GeneratorState.STARTING
    assert plant.state()["dry_contact_closed"] is True
    assert not running(plant)
    plant.advance(12)
    assert state(plant) is GeneratorState.WARM
    assert running(plant)
    assert power(plant, "generator") == 0
    plant.advance(60)
    assert state(plant) is GeneratorState.RUN
    assert power(plant, "generator") > 3000
    assert power(plant, "battery") < 0
    plant.set("soc", 80.5)
    assert state(plant) is GeneratorState.COOL
    assert (running(plant), power(plant, "generator")) == (True, 0)
    plant.advance(120)
    assert state(plant) is GeneratorState.OFF
    assert plant.state()["dry_contact_closed"] is False
    plant.set("soc", 20)
    plant.advance(599)
    assert state(plant) is GeneratorState.OFF
    plant.advance(1)
    assert state(plant) is GeneratorState.STARTING


def test_on_grid_a_low_soc_never_starts_it() -> None:
    plant = plant_with(soc=11)
    plant.advance(3600)
    assert state(plant) is GeneratorState.OFF


def test_soc_oscillating_at_start_does_not_start_it() -> None:
    plant = plant_with(grid=False)
    for _ in range(20):
        plant.set("soc", 29.9)
        plant.advance(40)
        plant.set("soc", 30)
        plant.advance(5)
    assert plant.contact.generator.starts == 0


def test_soc_oscillating_while_it_runs_does_not_stop_it() -> None:
    plant = at_work()
    for soc in (29, 31, 79, 29):
        plant.set("soc", soc)
        plant.advance(10)
        assert state(plant) is GeneratorState.RUN
    assert plant.contact.generator.starts == 1


QUIET = {"quiet_on": True, "quiet_windows": ["22:00-07:00"]}


@pytest.mark.parametrize(
    ("seconds", "before", "after"),
    [
        (62, GeneratorState.STARTING, GeneratorState.OFF),
        (80, GeneratorState.WARM, GeneratorState.COOL),
        (200, GeneratorState.RUN, GeneratorState.COOL),
    ],
)
def test_quiet_starts_in_each_state(
    seconds: int, before: GeneratorState, after: GeneratorState
) -> None:
    plant = plant_with(grid=False, time="2026-06-15T21:50")
    plant.advance(seconds)
    assert state(plant) is before
    plant.set("relay", QUIET)
    plant.set("time", "2026-06-15T22:00")
    assert state(plant) is after


def test_quiet_beats_start_soc_and_charge_window() -> None:
    plant = plant_with(grid=False, time="2026-06-15T23:00")
    plant.set("relay", QUIET | {"charge_window": "22:00-06:00"})
    plant.advance(7 * 3600)
    assert plant.contact.generator.starts == 0


def test_quiet_ends_with_a_low_soc() -> None:
    plant = plant_with(grid=False, time="2026-06-15T06:50")
    plant.set("relay", QUIET)
    plant.advance(600 + 59)
    assert state(plant) is GeneratorState.OFF
    plant.advance(2)
    assert state(plant) is GeneratorState.STARTING


def test_quiet_over_a_clock_change() -> None:
    """23:00 to 03:00 has five hours in the night the clocks go back."""
    plant = plant_with(grid=False, time="2026-10-24T22:59")
    plant.set("relay", QUIET | {"quiet_windows": ["23:00-03:00"]})
    plant.set("soc", 90)
    plant.advance(60 + 5 * 3600 - 60)
    plant.set("soc", 20)
    assert state(plant) is GeneratorState.OFF
    plant.advance(59 + 60)
    assert state(plant) is GeneratorState.OFF
    plant.advance(2)
    assert state(plant) is GeneratorState.STARTING


@pytest.mark.parametrize("seconds", [62, 80, 200])
def test_grid_returns_in_each_state_and_leaves_at_once(seconds: int) -> None:
    plant = plant_with(grid=False)
    plant.advance(seconds)
    before = state(plant)
    plant.set("grid", True)
    plant.advance(5)
    plant.set("grid", False)
    plant.advance(1)
    assert state(plant) is before
    plant.advance(400)
    assert state(plant) is GeneratorState.RUN
    assert plant.contact.generator.starts == 1


def test_grid_back_for_five_minutes_ends_the_run() -> None:
    plant = at_work()
    plant.set("grid", True)
    plant.advance(60 + 299)
    assert state(plant) is GeneratorState.RUN
    plant.advance(1)
    assert state(plant) is GeneratorState.COOL
    plant.advance(120)
    assert state(plant) is GeneratorState.OFF


def test_charge_window_on_grid_charges_up_to_stop() -> None:
    plant = plant_with(soc=79, time="2026-06-15T09:50", load=500)
    plant.set("relay", {"charge_window": "10:00-12:00"})
    plant.advance(600 + 80)
    assert state(plant) is GeneratorState.RUN
    told: dict[str, Any] = dict(plant.state())
    assert told["generator_power"] > 4000
    assert told["battery_power"] < -4000
    assert told["control_state"] == "generator_charge"
    while state(plant) is GeneratorState.RUN:
        plant.advance(10)
    assert plant.store
    assert 80 < plant.store.soc < 81
    plant.advance(120)
    assert state(plant) is GeneratorState.OFF


def test_the_window_is_over_with_enough_soc() -> None:
    plant = plant_with(soc=40, time="2026-06-15T09:59")
    plant.set("relay", {"charge_window": "10:00-10:30"})
    plant.advance(60 + 29 * 60)
    assert state(plant) is GeneratorState.RUN
    plant.advance(60)
    assert state(plant) is GeneratorState.COOL


def test_two_reasons_at_once_and_one_is_left() -> None:
    """The window ends, but off-grid the SOC is still below start."""
    plant = at_work(time="2026-06-15T09:50", load=9000)
    plant.set("relay", {"charge_window": "09:00-10:00"})
    plant.advance(10 * 60)
    assert state(plant) is GeneratorState.RUN
    plant.set("soc", 81)
    assert state(plant) is GeneratorState.COOL


def test_manual_is_by_command_only() -> None:
    plant = plant_with(grid=False, relay=AUTO | {"generator_mode": "manual"})
    plant.advance(3600)
    assert state(plant) is GeneratorState.OFF
    plant.set("relay", QUIET | {"switched_on": True, "quiet_windows": ["00:00-23:59"]})
    plant.advance(12 + 60)
    assert state(plant) is GeneratorState.RUN
    plant.set("soc", 95)
    plant.advance(24 * 3600)
    assert state(plant) is GeneratorState.RUN
    plant.set("relay", {"switched_on": False})
    assert state(plant) is GeneratorState.COOL
    plant.advance(120)
    plant.set("relay", {"switched_on": True})
    assert state(plant) is GeneratorState.STARTING


def test_manual_to_auto_while_running() -> None:
    for soc, after in ((50, GeneratorState.COOL), (20, GeneratorState.COOL)):
        plant = plant_with(
            relay=AUTO | {"generator_mode": "manual", "switched_on": True}
        )
        plant.advance(80)
        assert state(plant) is GeneratorState.RUN
        plant.set("soc", soc)
        plant.set("relay", {"generator_mode": "auto"})
        assert state(plant) is after


def test_fuel_fault_is_tried_four_times_and_then_given_up() -> None:
    plant = plant_with(grid=False, fuel=False)
    plant.advance(60)
    tries, was = 0, False
    for _ in range(400):
        now = plant.state()["dry_contact_closed"] is True
        tries += now and not was
        was = now
        plant.advance(1)
    assert tries == 4
    assert state(plant) is GeneratorState.FAULT
    assert plant.state()["dry_contact_closed"] is False
    plant.set("fuel", True)
    plant.advance(3600)
    assert state(plant) is GeneratorState.FAULT
    plant.set("relay", {"start_soc": 30})
    plant.advance(600)
    assert state(plant) is GeneratorState.STARTING


def test_confirmation_lost_while_running() -> None:
    plant = at_work()
    plant.set("fuel", False)
    assert state(plant) is GeneratorState.FAULT
    assert power(plant, "generator") == 0


def test_an_alarm_stops_it() -> None:
    plant = at_work()
    plant.set("alarms", {"power_dsp": ["dc_bus"]})
    assert state(plant) is GeneratorState.FAULT
    assert not running(plant)


def test_no_automatic_run_is_endless() -> None:
    plant = at_work(load=20_000, soc=25)
    plant.set_many({"relay": {"stop_soc": 100}, "load": 6000})
    for _ in range(12):
        plant.advance(3600)
        plant.set("soc", 29)
    plant.advance(200)
    assert state(plant) is not GeneratorState.RUN


def test_exercise_runs_once_a_month() -> None:
    plant = plant_with(soc=90, time="2026-07-01T00:00")
    relay = plant.programs.relay
    rules = relay.generator
    exercise = Exercise(on=True, weekday=2, start=600, duration=20)
    plant.programs = plant.acting_programs = _with(plant, rules, exercise)
    plant.advance(15 * 86_400)  # three Wednesdays
    assert plant.contact.generator.starts == 1


def _with(plant: SimulatedPlant, rules: Any, exercise: Exercise) -> Any:
    relay = replace(plant.programs.relay, generator=replace(rules, exercise=exercise))
    return replace(plant.programs, relay=relay)


def test_the_clock_jumps_while_it_runs() -> None:
    plant = at_work()
    plant.set("time", "2027-01-01T03:00")
    plant.advance(60)
    assert state(plant) is GeneratorState.RUN


def test_another_function_stops_it() -> None:
    plant = at_work()
    plant.set("relay", {"function": "load_control"})
    assert not running(plant)
