"""Clock, counters and determinism of the simulated plant."""

from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.instagen.simulated import PlantConfig, SimulatedPlant
from custom_components.instagen.simulated.counters import KWH

NOON = datetime(2026, 6, 15, 11, tzinfo=UTC)

WISHES = st.sampled_from(
    [
        {"grid": False},
        {"grid": True},
        {"generator": True},
        {"generator": False},
        {"battery_mode": "force_charge"},
        {"battery_mode": "force_discharge"},
        {"battery_mode": "self_consumption"},
        {"battery_mode": "economical"},
        {"battery_mode": "full_backup"},
        {"battery_mode": "off_grid"},
        {"export_control": True, "export_limit": 0.0},
        {"load": 9000},
        {"load": 0},
        {"load": None},
        {"sun": 1.2},
        {"sun": None},
        {"soc": 3},
        {"soc": 99.9},
        {"running": False},
        {"running": True},
        {"alarms": {"safety_dsp": ["insulation"]}},
        {"alarms": {}},
    ]
)


def balance(plant: SimulatedPlant) -> int:
    """Return what goes in but does not come out, in W."""
    flows = plant.flows
    made = sum(flows.strings) + flows.battery + flows.grid
    return made + flows.generator + flows.ac_pv - flows.house - flows.losses


def picture(plant: SimulatedPlant) -> dict[str, Any]:
    """Return everything that the plant tells."""
    return {**plant.detail(), **plant.state()}


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 9),
    story=st.lists(st.tuples(WISHES, st.integers(1, 4000)), max_size=8),
)
def test_counters_are_the_integrals_of_the_powers(
    seed: int, story: list[tuple[dict[str, object], int]]
) -> None:
    plant = SimulatedPlant(PlantConfig(seed=seed), NOON)
    start = {name: plant.counters.total(name) for name in plant.counters.names()}
    sums = dict.fromkeys(("pv", "load", "in", "out", "charge", "discharge"), 0)
    for wish, seconds in story:
        plant.set_many(wish)
        for _ in range(min(seconds // 10, 60)):
            flows = plant.flows
            sums["pv"] += sum(flows.strings) * 10_000
            sums["load"] += (flows.house + flows.losses) * 10_000
            sums["in"] += max(0, flows.grid) * 10_000
            sums["out"] += max(0, -flows.grid) * 10_000
            sums["charge"] += max(0, -flows.battery) * 10_000
            sums["discharge"] += max(0, flows.battery) * 10_000
            plant.advance(10)
            assert balance(plant) == 0
            assert plant.store is not None
            assert 0 <= plant.store.stored <= plant.store.capacity
    flows_in_order = "pv load grid_import grid_export battery_charge battery_discharge"
    names = flows_in_order.split()
    for name, expected in zip(names, sums.values(), strict=True):
        assert plant.counters.total(name) - start[name] == expected, name


def test_lifetime_counters_balance_like_the_powers() -> None:
    plant = SimulatedPlant(start=NOON)
    plant.advance(6 * 3600)
    total = plant.counters.total
    made = total("pv") + total("ac_pv") + total("generator")
    made += total("grid_import") + total("battery_discharge")
    assert made == total("load") + total("grid_export") + total("battery_charge")


@settings(max_examples=15, deadline=None)
@given(strides=st.lists(st.floats(0.001, 900), min_size=1, max_size=12))
def test_many_small_strides_end_where_a_long_one_does(strides: list[float]) -> None:
    strides = [round(stride, 3) for stride in strides]
    walker, leaper = SimulatedPlant(start=NOON), SimulatedPlant(start=NOON)
    for stride in strides:
        walker.advance(stride)
    leaper.advance(sum(round(stride * 1000) for stride in strides) / 1000)
    assert picture(walker) == picture(leaper)


def test_the_same_seed_lives_the_same_day_and_another_does_not() -> None:
    plants = [SimulatedPlant(PlantConfig(seed=seed), NOON) for seed in (4, 4, 5)]
    for plant in plants:
        plant.advance(7000)
    assert picture(plants[0]) == picture(plants[1])
    assert picture(plants[0]) != picture(plants[2])


@pytest.mark.parametrize(
    ("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 15), 24)]
)
def test_counters_of_the_day_begin_anew_at_local_midnight(
    day: tuple[int, int, int], hours: int
) -> None:
    plant = SimulatedPlant()
    plant.set("time", datetime(*day, tzinfo=plant.zone))
    plant.advance(hours * 3600 - 1)
    lived = plant.state()["load_energy_today"]
    assert isinstance(lived, float)
    assert lived > 1
    plant.advance(1)
    assert plant.local_time.hour == 0
    assert plant.state()["load_energy_today"] == 0


def test_today_is_what_the_lifetime_gained_since_midnight() -> None:
    plant = SimulatedPlant()
    plant.set("time", datetime(2026, 6, 15, tzinfo=plant.zone))
    before = plant.counters.total("pv")
    plant.advance(15 * 3600)
    gained = (plant.counters.total("pv") - before) / KWH
    assert plant.state()["pv_energy_today"] == pytest.approx(gained)


def test_the_time_can_be_set_without_living_through_it() -> None:
    plant = SimulatedPlant(start=NOON)
    plant.advance(3600)
    energy = plant.counters.total("load")
    plant.set("time", "2026-12-24T18:00")
    assert plant.counters.total("load") == energy
    assert plant.local_time.isoformat() == "2026-12-24T18:00:00+00:00"
    assert plant.state()["load_energy_today"] == 0
    assert plant.state()["pv_power"] == 0


def test_losing_the_lifetime_counters_keeps_the_day() -> None:
    plant = SimulatedPlant(start=NOON)
    plant.advance(3600)
    today = plant.state()["load_energy_today"]
    plant.reset_counters()
    assert plant.state()["load_energy"] == 0
    assert plant.state()["load_energy_today"] == today


def test_time_never_goes_back_by_advancing() -> None:
    plant = SimulatedPlant(start=NOON)
    for seconds in (-1, float("nan")):
        with pytest.raises(ValueError, match="seconds"):
            plant.advance(seconds)
    with pytest.raises(ValueError, match="time zone"):
        SimulatedPlant(start=NOON.replace(tzinfo=None))


def test_a_day_takes_less_than_two_seconds_of_cpu() -> None:
    plant = SimulatedPlant(start=NOON - timedelta(hours=12))
    began = process_time()
    plant.advance(86_400)
    assert process_time() - began < 2


def test_summer_shines_longer_than_winter_and_nights_are_dark() -> None:
    made = {}
    for month in (6, 12):
        plant = SimulatedPlant()
        plant.set("time", datetime(2026, month, 21, tzinfo=plant.zone))
        made[month] = 0.0
        for _ in range(5):
            plant.advance(86_399)
            made[month] += float(plant.state()["pv_energy_today"] or 0)
            assert plant.state()["pv_power"] == 0
            assert plant.state()["pv1_voltage"] == 0
            plant.advance(1)
    assert made[6] > 3 * made[12] > 3


def test_the_house_uses_about_what_it_is_said_to() -> None:
    plant = SimulatedPlant(PlantConfig(mean_load=500), NOON)
    start = plant.counters.total("load")
    for month in (1, 4, 7, 10):
        plant.set("time", datetime(2026, month, 1, tzinfo=plant.zone))
        plant.advance(3 * 86_400)
    mean = (plant.counters.total("load") - start) / (12 * 86_400_000)
    assert 400 < mean < 700
