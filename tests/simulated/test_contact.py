"""The dry contact, edge by edge (design/automation.md 4.8)."""

from datetime import datetime
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.instagen.simulated import PlantConfig, SimulatedPlant
from custom_components.instagen.simulated.contact import ContactState

SUNNY = {"function": "load_control", "load_mode": "intelligent"}
ALL_DAY = ["00:00-23:59"]


def plant_with(relay: dict[str, Any], **parts: Any) -> SimulatedPlant:
    """Return a plant at noon whose contact is set and whose world stands still."""
    plant = SimulatedPlant()
    plant.set_many(
        {"sun": 0.0, "load": 500, "soc": 50, "relay": relay, "contact_load": 2000}
        | parts
    )
    return plant


def told(plant: SimulatedPlant) -> dict[str, Any]:
    """Return what the plant says of itself."""
    return dict(plant.state())


def closed(plant: SimulatedPlant) -> bool:
    """Tell whether the plant says that its contact is closed."""
    return plant.state()["dry_contact_closed"] is True


def state(plant: SimulatedPlant) -> ContactState:
    """Return the state the contact is in."""
    return plant.contact.state


# common


def test_one_function_at_a_time_and_a_rest_between_two() -> None:
    plant = plant_with({"function": "load_control", "switched_on": True})
    assert closed(plant)
    plant.set("relay", {"load_mode": "backup_load"})
    assert (closed(plant), state(plant)) == (False, ContactState.CHANGING)
    plant.advance(4.9)
    assert not closed(plant)
    plant.advance(0.1)
    assert closed(plant)


def test_a_closed_contact_draws_its_load() -> None:
    plant = plant_with({"function": "load_control"})
    before = plant.flows.house
    plant.set("relay", {"switched_on": True})
    assert plant.flows.house == before + 2000
    assert told(plant)["contact_load_runs"] is True


def test_after_power_off_the_contactor_is_closed_by_hand() -> None:
    plant = plant_with({"function": "load_control", "switched_on": True})
    plant.set("running", False)
    assert not closed(plant)
    plant.set("running", True)
    assert closed(plant)
    assert told(plant)["contact_load_runs"] is False
    plant.set("contactor", True)
    assert told(plant)["contact_load_runs"] is True


# a. earth-fault alarm


def test_earth_fault_normal_fault_cleared() -> None:
    plant = plant_with({"function": "earth_fault_alarm"})
    assert (closed(plant), state(plant)) == (False, ContactState.NORMAL)
    plant.set("alarms", {"safety_dsp": ["insulation"]})
    assert (closed(plant), state(plant)) == (True, ContactState.FAULT)
    plant.set("alarms", {})
    assert (closed(plant), state(plant)) == (False, ContactState.NORMAL)
    assert told(plant)["earth_fault_events"] == 1


def test_fault_while_function_is_load_moves_nothing_but_is_an_event() -> None:
    for on in (False, True):
        plant = plant_with({"function": "load_control", "switched_on": on})
        plant.set("alarms", {"safety_dsp": ["residual_current"]})
        assert closed(plant) is on
        assert told(plant)["earth_fault_events"] == 1


def test_fault_at_boot() -> None:
    plant = plant_with({"function": "off"}, alarms={"safety_dsp": ["insulation"]})
    plant.set("relay", {"function": "earth_fault_alarm"})
    assert closed(plant)


def test_flapping_fault_is_one_event_a_minute() -> None:
    plant = plant_with({"function": "earth_fault_alarm"})
    for _ in range(12):
        plant.set("alarms", {"safety_dsp": ["insulation"]})
        plant.set("alarms", {})
        plant.advance(10)
    assert told(plant)["earth_fault_events"] == 2


# b. switch and time


def test_switch_survives_a_restart_of_the_stick_and_of_the_day() -> None:
    plant = plant_with({"function": "load_control", "switched_on": True})
    plant.advance(86_400)
    assert closed(plant)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-06-15T21:59", False),
        ("2026-06-15T22:00", True),
        ("2026-06-16T00:00", True),
        ("2026-06-16T05:59", True),
        ("2026-06-16T06:00", False),
        ("2026-06-16T12:00", True),
        ("2026-06-16T13:00", False),
    ],
)
def test_time_windows_are_half_open_and_cross_midnight(at: str, expected: bool) -> None:
    relay = {
        "function": "load_control",
        "load_mode": "time",
        "windows": ["22:00-06:00", "12:00-13:00"],
    }
    assert closed(plant_with(relay, time=at)) is expected


def test_time_windows_on_a_clock_change() -> None:
    """01:30 comes twice in autumn and not at all in spring."""
    relay = {
        "function": "load_control",
        "load_mode": "time",
        "windows": ["01:30-01:40"],
    }
    for day, times in (("2026-10-25", 2), ("2026-03-29", 0)):
        plant = plant_with(relay, time=datetime.fromisoformat(f"{day}T00:00+00:00"))
        plant.set("time", f"{day}T00:30")
        minutes = 0
        for _ in range(4 * 60):
            plant.advance(60)
            minutes += closed(plant)
        assert minutes == 10 * times


def test_a_window_set_while_open_acts_within_a_minute() -> None:
    plant = plant_with({"function": "load_control", "load_mode": "time"})
    assert not closed(plant)
    plant.set("relay", {"windows": ["11:00-23:00"]})
    plant.advance(60)
    assert closed(plant)


# c. intelligent


def sunny(sun: float = 0.4, **relay: Any) -> SimulatedPlant:
    """Return a plant with an intelligent load of 2 kW and 30 minutes."""
    given = {**SUNNY, "windows": ALL_DAY, "rated_power": 2000, "min_runtime": 30}
    return plant_with(given | relay, sun=sun)


def test_surplus_for_a_minute_closes() -> None:
    plant = sunny()
    assert state(plant) is ContactState.ARMED
    plant.advance(59)
    assert not closed(plant)
    plant.advance(1)
    assert (closed(plant), state(plant)) == (True, ContactState.CLOSED_MIN)


def test_a_cloud_of_half_a_minute_does_not_close() -> None:
    plant = sunny()
    plant.advance(40)
    plant.set("sun", 0.0)
    plant.advance(30)
    plant.set("sun", 0.4)
    plant.advance(50)
    assert not closed(plant)


@pytest.mark.parametrize(("seconds", "expected"), [(30, True), (300, False)])
def test_clouds_after_the_minimum_run(seconds: int, expected: bool) -> None:
    plant = sunny()
    plant.advance(60 + 30 * 60)
    assert state(plant) is ContactState.CLOSED
    plant.set("sun", 0.0)
    plant.advance(seconds)
    assert closed(plant) is expected


def test_min_run_wins_over_clouds() -> None:
    plant = sunny()
    plant.advance(60)
    plant.set("sun", 0.0)
    plant.advance(30 * 60 - 1)
    assert closed(plant)
    plant.advance(122)
    assert not closed(plant)


def test_after_opening_it_stays_off_for_five_minutes() -> None:
    plant = sunny()
    plant.advance(60 + 30 * 60)
    plant.set("sun", 0.0)
    plant.advance(130)
    assert not closed(plant)
    plant.set("sun", 0.4)
    plant.advance(280)
    assert state(plant) is ContactState.OPEN
    plant.advance(10 + 60)
    assert closed(plant)


def test_surplus_exactly_the_nominal_power_does_not_close() -> None:
    plant = sunny()
    surplus = told(plant)["pv_power"] + plant.flows.ac_pv - told(plant)["load_power"]
    plant.set("relay", {"rated_power": surplus})
    plant.advance(600)
    assert not closed(plant)
    plant.set("relay", {"rated_power": surplus - 1})
    plant.advance(70)
    assert closed(plant)


def test_the_loads_own_draw_is_not_counted_twice() -> None:
    """The classic flap: 2.4 kW of surplus less the 2 kW it draws is still enough."""
    plant = sunny(sun=0.22)
    plant.advance(60 + 30 * 60)
    starts, was = 0, True
    for _ in range(360):
        plant.advance(10)
        starts += closed(plant) and not was
        was = closed(plant)
    assert was
    assert starts == 0


def test_min_run_longer_than_the_window() -> None:
    plant = sunny(windows=["12:00-12:10"])
    plant.set("time", "2026-06-15T12:00")
    plant.advance(60 + 29 * 60)
    assert closed(plant)
    plant.advance(61)
    assert not closed(plant)


def test_window_end_opens_once_the_minimum_is_met() -> None:
    plant = sunny(windows=["12:00-14:00"])
    plant.set("time", "2026-06-15T12:00")
    plant.advance(2 * 3600 - 1)
    assert closed(plant)
    plant.advance(2)
    assert not closed(plant)


def test_window_crossing_midnight() -> None:
    plant = sunny(windows=["22:00-02:00"])
    plant.set("time", "2026-06-15T23:30")
    plant.advance(3600)
    assert closed(plant)


def test_no_nominal_power_closes_on_any_surplus() -> None:
    plant = sunny(sun=0.1, rated_power=0)
    plant.advance(60)
    assert closed(plant)


def test_more_nominal_power_than_the_sun_ever_gives() -> None:
    plant = sunny(sun=1.0, rated_power=20_000)
    plant.advance(3600)
    assert not closed(plant)


@pytest.mark.parametrize("soc", [20, 100])
def test_surplus_counts_before_the_battery(soc: int) -> None:
    plant = sunny()
    plant.set("soc", soc)
    plant.advance(60)
    assert closed(plant)


def test_surplus_after_the_battery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "custom_components.instagen.simulated.assumptions.SURPLUS_AFTER_BATTERY", True
    )
    hungry, full = sunny(), sunny()
    full.set("soc", 100)
    for plant in (hungry, full):
        plant.advance(60)
    assert (closed(hungry), closed(full)) == (False, True)


def test_a_lost_meter_opens_after_the_minimum_run() -> None:
    plant = sunny()
    plant.advance(60)
    plant.set("meter", False)
    plant.advance(30 * 60 - 1)
    assert closed(plant)
    plant.advance(1)
    assert not closed(plant)


def test_safety_opens_at_once() -> None:
    plant = sunny()
    plant.advance(60)
    plant.set("alarms", {"power_dsp": ["dc_bus"]})
    assert not closed(plant)


# d. backup load


BACKUP = {"function": "load_control", "load_mode": "backup_load", "protect_soc": 40}


def test_backup_load_on_grid_is_closed_whatever_the_soc() -> None:
    assert closed(plant_with(BACKUP, soc=11))


def test_backup_load_opens_below_the_protection_soc() -> None:
    plant = plant_with(BACKUP, grid=False, soc=41)
    assert closed(plant)
    plant.set("soc", 40)
    assert closed(plant)
    plant.set("soc", 39.9)
    assert not closed(plant)
    plant.set_many({"soc": 44.9})
    assert not closed(plant)
    plant.set("soc", 45)
    assert closed(plant)


def test_boot_while_off_grid_below_the_protection_soc() -> None:
    plant = plant_with({"function": "off"}, grid=False, soc=39)
    plant.set("relay", BACKUP)
    assert not closed(plant)


def test_grid_flicker_does_not_close_a_backup_load() -> None:
    plant = plant_with(BACKUP, grid=False, soc=30)
    for _ in range(5):
        plant.set("grid", True)
        plant.advance(50)
        assert not closed(plant)
        plant.set("grid", False)
        plant.advance(10)
    plant.set("grid", True)
    plant.advance(59)
    assert not closed(plant)
    plant.advance(1)
    assert closed(plant)


def test_protection_soc_of_0_and_100() -> None:
    assert closed(plant_with(BACKUP | {"protect_soc": 0}, grid=False, soc=11))
    plant = plant_with(BACKUP | {"protect_soc": 100}, grid=False, soc=99)
    assert not closed(plant)
    plant.set("soc", 100)
    assert closed(plant)


def test_unknown_soc_off_grid_opens_a_backup_load() -> None:
    plant = SimulatedPlant(PlantConfig(battery=None))
    plant.set_many({"relay": BACKUP, "sun": 0.5, "load": 500})
    assert closed(plant)
    plant.set("grid", False)
    assert not closed(plant)


# e. EV charger


EV = {
    "function": "load_control",
    "load_mode": "ev_charger",
    "breaker_size": 63,
    "ev_charger_size": 32,
}


def ev(load: int, **parts: Any) -> SimulatedPlant:
    """Return a three-phase plant whose battery stays out of it."""
    given = {"battery_mode": "force_charge", "force_charge_target_soc": 10}
    return plant_with(EV, load=load, contact_load=7000, **given | parts)


def test_a_car_is_allowed_after_five_minutes_of_room() -> None:
    plant = ev(3000)
    assert state(plant) is ContactState.BLOCKED
    plant.advance(299)
    assert not closed(plant)
    plant.advance(1)
    assert (closed(plant), state(plant)) == (True, ContactState.ALLOWED)


def test_oven_jump_during_charging_blocks_at_once() -> None:
    plant = ev(3000)
    plant.advance(300)
    plant.set("load", 50_000)
    assert not closed(plant)


def test_between_the_two_thresholds_things_stay_as_they_are() -> None:
    plant = ev(27_000)
    amps = max(abs(told(plant)[f"grid_current_l{n}"]) for n in (1, 2, 3))
    assert 31 < amps < 63
    plant.advance(3600)
    assert not closed(plant)
    plant.set("load", 3000)
    plant.advance(300)
    plant.set_many({"load": 27_000, "contact_load": 0})
    plant.advance(600)
    assert closed(plant)


def test_the_worst_phase_decides() -> None:
    plant = ev(20_000)
    shares = [told(plant)[f"grid_current_l{n}"] for n in (1, 2, 3)]
    plant.set("relay", {"breaker_size": round(max(shares)) + 27})
    plant.advance(310)
    assert not closed(plant)
    mean = sum(shares) / 3
    assert mean < max(shares) - 5


def test_export_leaves_room_but_too_much_of_it_blocks() -> None:
    plant = ev(500, sun=0.5)
    assert told(plant)["grid_power"] < -4000
    plant.advance(300)
    assert closed(plant)
    plant.set_many({"relay": {"breaker_size": 5, "ev_charger_size": 1}, "sun": 1.3})
    assert not closed(plant)


def test_a_lost_meter_blocks_at_once() -> None:
    plant = ev(3000)
    plant.advance(300)
    plant.set("meter", False)
    assert not closed(plant)
    plant.set("meter", True)
    plant.advance(299)
    assert not closed(plant)


def test_three_trips_an_hour_lock_until_set_anew() -> None:
    plant = ev(3000)
    for _ in range(3):
        plant.set("load", 3000)
        plant.advance(310)
        assert closed(plant)
        plant.set("load", 50_000)
    assert state(plant) is ContactState.LOCKED
    plant.set("load", 3000)
    plant.advance(7200)
    assert not closed(plant)
    plant.set("relay", {"ev_charger_size": 32})
    plant.advance(300)
    assert closed(plant)


def test_battery_at_its_reserve_steps_the_current() -> None:
    """The battery hid the current of the car; then it may not any more."""
    plant = plant_with(EV | {"breaker_size": 50}, load=12_000, contact_load=16_000)
    plant.set_many({"soc": 60, "self_consumption_reserve_soc": 20})
    plant.advance(301)
    assert closed(plant)
    worst = max(abs(told(plant)[f"grid_current_l{n}"]) for n in (1, 2, 3))
    plant.set("relay", {"breaker_size": round(worst) + 5})
    assert closed(plant)
    plant.set("soc", 20)
    assert not closed(plant)


# whatever happens

_WORLD = st.fixed_dictionaries(
    {},
    optional={
        "sun": st.floats(0, 1.2),
        "load": st.integers(0, 40_000),
        "soc": st.integers(5, 100),
        "grid": st.booleans(),
        "meter": st.booleans(),
        "running": st.booleans(),
        "alarms": st.sampled_from(
            [{}, {"safety_dsp": ["insulation"]}, {"power_dsp": ["dc_bus"]}]
        ),
        "relay": st.fixed_dictionaries(
            {},
            optional={
                "function": st.sampled_from(
                    ["off", "earth_fault_alarm", "load_control", "generator_control"]
                ),
                "switched_on": st.booleans(),
                "load_mode": st.sampled_from(
                    ["manual", "time", "intelligent", "backup_load", "ev_charger"]
                ),
                "windows": st.sampled_from([[], ALL_DAY, ["12:00-13:00"]]),
                "min_runtime": st.integers(0, 60),
                "generator_mode": st.sampled_from(["manual", "auto"]),
                "charge_window": st.sampled_from([None, "10:00-20:00"]),
            },
        ),
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_WORLD, st.integers(0, 2000)), max_size=12))
def test_no_story_breaks_the_balance_or_the_safety(
    story: list[tuple[dict[str, Any], int]],
) -> None:
    plant = SimulatedPlant()
    for changes, seconds in story:
        if changes:
            plant.set_many(changes)
        plant.advance(seconds)
        flows = plant.flows
        made = sum(flows.strings) + flows.battery + flows.grid + flows.generator
        assert made + flows.ac_pv == flows.house + flows.losses
        said, function = told(plant), plant.programs.relay.function
        if not plant.running or function == "off":
            assert said["dry_contact_closed"] is False
        if function != "load_control":
            assert said["contact_load_runs"] is False
        if function != "generator_control":
            assert not plant.engine.running
        if plant.fault and not plant.earth_fault:
            assert not plant.contact.generator.contact


@settings(max_examples=20, deadline=None)
@given(_WORLD, st.lists(st.integers(1, 900), min_size=1, max_size=20))
def test_one_stride_or_many_end_in_the_same_state(
    changes: dict[str, Any], steps: list[int]
) -> None:
    plants = [SimulatedPlant(), SimulatedPlant()]
    for plant in plants:
        if changes:
            plant.set_many(changes)
    for step in steps:
        plants[0].advance(step)
    plants[1].advance(sum(steps))
    assert plants[0].state() == plants[1].state()
