"""The battery modes, rule by rule (design/automation.md 4.1 to 4.6)."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from custom_components.instagen.plant.states import BatteryMode
from custom_components.instagen.simulated import (
    Battery,
    PlantConfig,
    SimulatedPlant,
    Tariff,
    assumptions,
)
from custom_components.instagen.simulated.modes import ControlState


def plant_with(config: PlantConfig | None = None, **parts: Any) -> SimulatedPlant:
    """Return a plant whose sun, load and SOC are what the test says."""
    plant = SimulatedPlant(config)
    plant.set_many({"sun": 0.0, "load": 1000, "soc": 50, **parts})
    return plant


def state(plant: SimulatedPlant) -> ControlState:
    """Return the state the mode is in."""
    return plant.control_state


# 4.1 self-consumption


def test_store_takes_the_surplus_and_leaves_the_grid_alone() -> None:
    plant = plant_with(sun=0.3)
    assert state(plant) is ControlState.STORE
    assert plant.flows.battery < -1000
    assert plant.flows.grid in (0, -1)


def test_spill_exports_what_passes_the_charge_limit() -> None:
    plant = plant_with(sun=1.0)
    assert state(plant) is ControlState.SPILL
    assert plant.flows.battery == -8000
    assert plant.flows.grid < -1000


def test_spill_ends_only_two_points_below_full() -> None:
    plant = plant_with(sun=0.3, soc=100)
    assert state(plant) is ControlState.SPILL
    assert plant.flows.battery == 0
    plant.set("soc", 98.5)
    assert plant.flows.battery == 0
    plant.set("soc", 97.9)
    assert state(plant) is ControlState.STORE


def test_support_brings_the_grid_to_zero() -> None:
    plant = plant_with(load=3000)
    assert state(plant) is ControlState.SUPPORT
    assert plant.flows.battery > 3000
    assert plant.flows.grid in (0, -1)


def test_support_gives_at_most_the_discharge_limit() -> None:
    plant = plant_with(load=5000, battery_discharge_power_limit=20.0)
    assert plant.flows.battery == 3000
    assert plant.flows.grid > 2000


def test_floor_lets_the_grid_cover_all_and_never_charges_from_it() -> None:
    plant = plant_with(soc=20)
    assert state(plant) is ControlState.FLOOR
    plant.advance(3600)
    assert plant.flows.battery == 0
    assert plant.flows.grid > 1000


def test_net_of_exactly_zero_moves_nothing() -> None:
    plant = plant_with(sun=0.0, load=0)
    natural = plant.flows.losses
    plant.set("load", 1000)
    assert natural == 38
    assert plant.flows.battery + plant.flows.grid == 1000 + plant.flows.losses


def test_reserve_raised_above_the_soc_stops_discharge_and_charges_nothing() -> None:
    plant = plant_with()
    assert plant.flows.battery > 0
    plant.set("self_consumption_reserve_soc", 80)
    assert state(plant) is ControlState.FLOOR
    assert plant.flows.battery == 0


def test_reserve_lowered_in_floor_lets_the_battery_help_again() -> None:
    plant = plant_with(soc=20)
    plant.set("self_consumption_reserve_soc", 10)
    assert state(plant) is ControlState.SUPPORT


def test_soc_around_the_reserve_changes_state_at_most_twice() -> None:
    plant = plant_with(soc=20.05)
    seen = []
    for tick in range(360):
        plant.set("sun", 0.15 if tick % 12 < 6 else 0.0)
        plant.advance(10)
        if state(plant) in (ControlState.SUPPORT, ControlState.FLOOR):
            seen.append(state(plant))
    changes = sum(a is not b for a, b in pairwise(seen))
    assert 1 <= changes <= 2
    assert plant.store is not None
    assert plant.store.soc >= 19.99


def test_reserve_of_100_keeps_a_full_battery_full_all_night() -> None:
    plant = plant_with(soc=100, self_consumption_reserve_soc=100)
    plant.advance(6 * 3600)
    assert plant.state()["battery_soc"] == 100


def test_no_export_allowed_curtails_the_sun() -> None:
    plant = plant_with(sun=1.0, soc=100, export_control=True, export_limit=0.0)
    plant.set("load", 3000)
    assert plant.flows.grid >= 0
    assert sum(plant.flows.strings) < sum(plant.sources.strings)


def test_a_very_low_battery_is_charged_by_its_management_below_the_reserve() -> None:
    plant = plant_with(soc=4)
    assert state(plant) is ControlState.LOW_SOC_CHARGE
    assert plant.flows.battery == -500
    plant.advance(3 * 3600)
    assert state(plant) is ControlState.FLOOR


# ISLAND


def test_island_feeds_the_backup_loads_from_the_battery() -> None:
    plant = plant_with(load=2000, grid=False)
    assert state(plant) is ControlState.ISLAND
    assert plant.flows.house == 900
    assert plant.flows.grid == 0
    assert plant.state()["off_grid"] is True
    assert plant.state()["work_status"] == "off_grid"


def test_island_stores_the_surplus_and_curtails_the_rest() -> None:
    plant = plant_with(sun=1.0, grid=False, soc=99.999)
    plant.advance(600)
    assert plant.flows.battery == 0
    made = sum(plant.flows.strings) + plant.flows.ac_pv
    assert made == plant.flows.house + plant.flows.losses


def test_off_grid_the_reserve_gives_way_to_the_lower_limit() -> None:
    plant = plant_with(soc=15, grid=False)
    assert plant.flows.battery > 0
    plant.set("soc", 10)
    assert state(plant) is ControlState.DARK
    assert plant.state()["backup_power"] == 0
    assert plant.state()["problem"] is True


def test_the_output_comes_back_when_the_battery_has_recovered() -> None:
    plant = plant_with(soc=10, grid=False)
    plant.set("sun", 0.2)
    assert state(plant) is ControlState.DARK
    assert plant.flows.battery < 0
    plant.advance(2 * 3600)
    assert state(plant) is ControlState.ISLAND


def test_the_grid_is_watched_for_a_minute_before_the_island_ends() -> None:
    plant = plant_with(grid=False)
    plant.advance(1)
    plant.set("grid", True)
    assert plant.state()["work_status"] == "grid_test"
    plant.advance(59)
    assert plant.islanded
    plant.advance(1)
    assert not plant.islanded
    assert plant.state()["work_status"] == "on_grid"


def test_no_phase_leans_on_a_grid_that_is_away() -> None:
    plant = plant_with(load=3000, grid=False, sun=0.2)
    values = plant.state()
    assert [values[f"grid_power_l{n}"] for n in (1, 2, 3)] == [0, 0, 0]


def test_the_generator_feeds_only_while_the_grid_is_off() -> None:
    plant = plant_with(generator=True)
    assert plant.flows.generator == 0
    plant.set_many({"grid": False, "soc": 10})
    assert plant.flows.generator > 0
    assert plant.flows.battery < 0


# 4.2 economical


def at(plant: SimulatedPlant, hour: int, minute: int = 0, day: int = 15) -> None:
    """Set the plant's wall clock in June 2026; the 15th is a Monday."""
    plant.set("time", datetime(2026, 6, day, hour, minute, tzinfo=plant.zone))


def test_offpeak_charges_from_the_grid_at_full_rate() -> None:
    plant = plant_with(battery_mode="economical")
    at(plant, 1)
    assert state(plant) is ControlState.OFFPEAK_CHARGE
    assert plant.flows.battery == -8000
    assert plant.flows.grid > 9000


def test_offpeak_full_leaves_the_load_to_the_grid() -> None:
    plant = plant_with(battery_mode="economical", soc=100)
    at(plant, 1)
    assert state(plant) is ControlState.OFFPEAK_FULL
    assert plant.flows.battery == 0
    assert plant.flows.grid > 1000


def test_peak_supports_down_to_its_own_reserve_and_exports_no_battery() -> None:
    plant = plant_with(battery_mode="economical", economical_reserve_soc=40)
    at(plant, 17)
    assert state(plant) is ControlState.SUPPORT
    assert plant.flows.grid in (0, -1)
    plant.set("soc", 40)
    assert state(plant) is ControlState.FLOOR


def test_partial_peak_never_charges_from_the_grid() -> None:
    plant = plant_with(battery_mode="economical", soc=12)
    at(plant, 12)
    assert state(plant) is ControlState.FLOOR
    assert plant.flows.battery == 0


@pytest.mark.parametrize(
    ("assumption", "hour", "soc"),
    [("PEAK_EXPORTS_BATTERY", 17, 60), ("OFFPEAK_FULL_IDLES", 1, 100)],
)
def test_what_is_assumed_of_the_bands_is_one_switch_each(
    monkeypatch: pytest.MonkeyPatch, assumption: str, hour: int, soc: int
) -> None:
    plant = plant_with(battery_mode="economical", soc=soc)
    at(plant, hour)
    as_assumed = plant.flows.battery
    monkeypatch.setattr(assumptions, assumption, not getattr(assumptions, assumption))
    plant.set("soc", soc)
    assert plant.flows.battery > as_assumed


def test_without_a_table_economical_acts_as_self_consumption() -> None:
    plant = SimulatedPlant(tariff=Tariff())
    plant.set_many({"sun": 0, "load": 1000, "battery_mode": "economical"})
    at(plant, 1)
    assert state(plant) is ControlState.SUPPORT
    assert plant.state()["tariff_period"] is None


# 4.3 full backup


def test_full_backup_charges_to_its_target_and_holds() -> None:
    plant = plant_with(battery_mode="full_backup", full_backup_reserve_soc=70)
    assert state(plant) is ControlState.CHARGING
    plant.advance(2 * 3600)
    assert state(plant) is ControlState.HOLD
    assert plant.state()["battery_soc"] == 70
    assert plant.flows.battery == 0


def test_full_backup_tops_up_two_points_below_its_target() -> None:
    plant = plant_with(battery_mode="full_backup", soc=80)
    plant.set("soc", 78.5)
    assert state(plant) is ControlState.HOLD
    plant.set("soc", 77.9)
    assert state(plant) is ControlState.CHARGING


def test_full_backup_does_not_dump_what_lies_above_its_target() -> None:
    plant = plant_with(battery_mode="full_backup", soc=95)
    assert state(plant) is ControlState.HOLD
    assert plant.flows.battery == 0


def test_full_backup_of_100_does_not_flap_when_charging_ends_at_99() -> None:
    plant = plant_with(
        battery_mode="full_backup",
        full_backup_reserve_soc=100,
        battery_max_soc=99,
        soc=98,
    )
    plant.advance(3600)
    states = set()
    for _ in range(30):
        plant.advance(60)
        states.add(state(plant))
    assert states == {ControlState.HOLD}
    assert plant.state()["battery_soc"] == 99


def test_full_backup_charges_again_after_an_outage() -> None:
    plant = plant_with(battery_mode="full_backup", soc=80, grid=False)
    plant.advance(3 * 3600)
    plant.set("grid", True)
    plant.advance(60)
    assert state(plant) is ControlState.CHARGING


# 4.4 pure off-grid


def test_off_grid_mode_parts_the_house_from_a_grid_that_is_there() -> None:
    plant = plant_with(battery_mode="off_grid", load=2000)
    assert plant.state()["work_status"] == "off_grid"
    assert plant.flows.grid == 0
    plant.set("soc", 10)
    assert state(plant) is ControlState.DARK


def test_load_above_the_inverter_turns_the_island_dark() -> None:
    config = PlantConfig(rated_power=5000, backup_share=1000)
    plant = plant_with(config, battery_mode="off_grid", load=6000)
    assert state(plant) is ControlState.DARK


# 4.5 and 4.6 force modes


def test_force_charge_takes_its_share_of_rated_power_until_the_target() -> None:
    plant = plant_with(
        battery_mode="force_charge", force_charge_power=20.0, force_charge_target_soc=60
    )
    assert state(plant) is ControlState.FORCE_CHARGE
    assert plant.flows.battery == -3000
    plant.advance(2 * 3600)
    assert state(plant) is ControlState.SATISFIED
    assert plant.flows.battery == 0
    assert plant.state()["battery_soc"] == 60


def test_force_charge_at_its_target_does_nothing() -> None:
    plant = plant_with(battery_mode="force_charge", force_charge_target_soc=50)
    assert state(plant) is ControlState.SATISFIED


@pytest.mark.parametrize(("share", "power"), [(0.0, 0), (1.0, 150), (100.0, 8000)])
def test_force_discharge_gives_its_share_and_exports(share: float, power: int) -> None:
    plant = plant_with(
        battery_mode="force_discharge", force_discharge_power=share, load=0
    )
    assert plant.flows.battery == power


def test_force_discharge_stops_at_its_target_or_the_lower_limit() -> None:
    plant = plant_with(
        battery_mode="force_discharge", force_discharge_target_soc=0, soc=12
    )
    plant.advance(3600)
    assert state(plant) is ControlState.SATISFIED
    assert plant.state()["battery_soc"] == 10


def test_force_discharge_keeps_to_the_export_cap() -> None:
    plant = plant_with(
        battery_mode="force_discharge", export_control=True, export_limit=0.0
    )
    assert state(plant) is ControlState.FORCE_DISCHARGE
    assert plant.flows.grid in (0, 1)


def test_force_charge_stops_when_the_grid_is_lost_and_resumes() -> None:
    plant = plant_with(battery_mode="force_charge")
    plant.set("grid", False)
    assert state(plant) is ControlState.ISLAND
    plant.set("grid", True)
    plant.advance(60)
    assert state(plant) is ControlState.FORCE_CHARGE


# limits, writes, plants without a battery


def test_the_charge_power_limit_is_a_share_of_rated_power() -> None:
    plant = plant_with(sun=1.0, battery_charge_power_limit=10.0)
    assert plant.flows.battery == -1500


def test_the_upper_soc_limit_ends_charging() -> None:
    plant = plant_with(sun=0.5, battery_max_soc=60)
    plant.advance(4 * 3600)
    assert plant.state()["battery_soc"] == 60


def test_losses_of_the_battery_show_in_its_energy() -> None:
    config = PlantConfig(battery=Battery(efficiency=900))
    plant = plant_with(config, battery_mode="force_charge", force_charge_power=20.0)
    assert plant.store is not None
    before = plant.store.stored
    plant.advance(100)
    assert plant.store.stored - before == 3000 * 100_000 * 9 // 10


def test_a_written_mode_acts_after_seventeen_seconds() -> None:
    plant = plant_with()
    plant.write({"battery_mode": BatteryMode.FORCE_CHARGE})
    assert plant.state()["battery_mode"] == "force_charge"
    plant.advance(16.9)
    assert state(plant) is ControlState.SUPPORT
    plant.advance(0.1)
    assert state(plant) is ControlState.FORCE_CHARGE


def test_a_written_limit_acts_after_nineteen_seconds() -> None:
    plant = plant_with()
    plant.write({"battery_min_soc": 60})
    plant.advance(18.9)
    assert plant.flows.battery > 0
    plant.advance(0.1)
    assert plant.flows.battery == 0


def test_what_the_app_sets_replaces_a_write_that_has_not_acted() -> None:
    plant = plant_with()
    plant.write({"battery_min_soc": 60})
    plant.set("battery_min_soc", 20)
    plant.advance(60)
    assert plant.acting.battery_min_soc == 20


def test_a_plant_without_a_battery_exports_and_goes_dark() -> None:
    plant = SimulatedPlant(PlantConfig(battery=None))
    plant.set_many({"sun": 0.5, "load": 500})
    assert plant.flows.grid < 0
    assert "battery_soc" not in plant.state()
    plant.set("grid", False)
    assert state(plant) is ControlState.DARK
    plant.set("pv_island", True)
    assert state(plant) is ControlState.ISLAND


def test_a_stopped_inverter_leaves_the_house_to_the_grid() -> None:
    plant = plant_with(sun=0.5, running=False)
    assert plant.state()["work_status"] == "standby"
    assert plant.flows.grid == 1000 - plant.flows.ac_pv
    assert plant.state()["pv_power"] == 0
