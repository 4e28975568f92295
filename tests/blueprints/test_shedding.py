"""Load shedding, and the car that would empty the battery."""

from typing import Any

import pytest

from .world import World

SOC = "sensor.soc"
GRID = "binary_sensor.off_grid"

# ---- load shedding ----

MEMORY = "input_text.shed"
TIERS = ["switch.spa", "switch.oven", "switch.lights"]


async def shedding(world: World, **inputs: Any) -> None:
    await world.set_all({SOC: 80, GRID: "on", MEMORY: ""})
    await world.set_all(dict.fromkeys(TIERS, "on"))
    given = {
        "soc": SOC,
        "memory": MEMORY,
        "first": TIERS[:1],
        "second": TIERS[1:2],
        "third": TIERS[2:],
    }
    await world.use("load_shedding", {**given, **inputs})


def shown(world: World) -> list[bool]:
    return [world.is_on(one) for one in TIERS]


async def test_steps_go_in_order_and_return_in_reverse(world: World) -> None:
    await shedding(world)
    await world.set(SOC, 39)
    assert shown(world) == [False, True, True]
    await world.set(SOC, 29)
    assert shown(world) == [False, False, True]
    await world.set(SOC, 19)
    assert shown(world) == [False, False, False]
    await world.set(SOC, 60)
    assert shown(world) == [False, False, False]  # two minutes apart
    await world.pass_time(5)
    assert shown(world) == [False, False, True]
    await world.pass_time(5)
    assert shown(world) == [False, True, True]
    await world.pass_time(5)
    assert shown(world) == [True, True, True]


async def test_only_what_it_switched_off_returns(world: World) -> None:
    await shedding(world)
    await world.set(TIERS[0], "off")
    await world.set(SOC, 25)
    assert shown(world) == [False, False, True]
    await world.set(SOC, 90)
    await world.pass_time(30)
    assert shown(world) == [False, True, True]


async def test_it_remembers_over_a_restart(world: World) -> None:
    await shedding(world)
    await world.set(SOC, 35)
    await world.restart(away=5)
    await world.set(SOC, 90)
    await world.pass_time(10)
    assert shown(world) == [True, True, True]
    assert world.shown(MEMORY) == ""


@pytest.mark.parametrize(
    ("first_on", "level", "back"), [(42, 44, False), (42, 46, True)]
)
async def test_pairs_are_five_points_apart(
    world: World, first_on: int, level: int, back: bool
) -> None:
    await shedding(world, first_on=first_on)
    await world.set(SOC, 39)
    await world.pass_time(5)
    await world.set(SOC, level)
    await world.pass_time(5)
    assert world.is_on(TIERS[0]) is back


async def test_critical_loads_are_never_touched(world: World) -> None:
    await shedding(world, never=[TIERS[0]])
    await world.set(SOC, 5)
    assert shown(world) == [True, False, False]


async def test_an_alarm_keeps_them_off(world: World) -> None:
    alarm = "binary_sensor.battery_low"
    await world.set(alarm, "off")
    await shedding(world, alarm=alarm)
    await world.set(SOC, 35)
    await world.set(alarm, "on")
    await world.set(SOC, 90)
    await world.pass_time(15)
    assert not world.is_on(TIERS[0])
    await world.set(alarm, "off")
    assert world.is_on(TIERS[0])


@pytest.mark.parametrize("level", [60, "unknown"])
async def test_what_is_to_be_shed_at_once_goes_whatever_the_charge(
    world: World, level: float | str
) -> None:
    signal = "binary_sensor.loads_to_be_shed"
    await world.set(signal, "off")
    await shedding(world, at_once=signal)
    await world.set(SOC, level)
    await world.set(signal, "on")
    assert shown(world) == [False, True, True]
    assert "because loads are to be shed." in world.messages[-1]
    await world.set(SOC, 80)
    await world.pass_time(15)
    await world.set(signal, "unavailable")
    await world.pass_time(15)
    assert shown(world) == [False, True, True]
    await world.set(signal, "off")
    assert shown(world) == [True, True, True]


async def test_off_grid_only(world: World) -> None:
    await shedding(world, off_grid=GRID)
    await world.set(GRID, "off")
    await world.set(SOC, 5)
    assert shown(world) == [True, True, True]
    await world.set(GRID, "on")
    assert shown(world) == [False, False, False]
    await world.set(GRID, "unknown")
    await world.pass_time(10)
    assert shown(world) == [False, False, False]
    await world.set(GRID, "off")
    await world.pass_time(30)
    assert shown(world) == [True, True, True]


@pytest.mark.parametrize("gone", ["unknown", "unavailable"])
async def test_an_unknown_charge_switches_nothing(world: World, gone: str) -> None:
    await shedding(world)
    await world.set(SOC, 35)
    await world.set(SOC, gone)
    await world.pass_time(30)
    assert shown(world) == [False, True, True]
    assert len(world.made("turn_on", "turn_off")) == 1


async def test_a_lost_memory_switches_nothing(world: World) -> None:
    await shedding(world)
    await world.set(MEMORY, "unavailable")
    await world.set(SOC, 5)
    assert shown(world) == [True, True, True]


async def test_shedding_can_be_tried_dry(world: World) -> None:
    await shedding(world, dry_run=True)
    await world.set(SOC, 35)
    assert shown(world) == [True, True, True]
    assert "Would switch switch.spa off" in world.messages[-1]


# ---- the car ----


async def test_the_battery_is_filled_instead_while_cheap(world: World) -> None:
    cheap = "binary_sensor.cheap"
    await world.set_all({"sensor.car": 0, cheap: "off"})
    await world.use("car_hold", {"car": "sensor.car", "cheap": cheap})
    await world.set("sensor.car", 7000)
    assert [action for action, _ in world.wishes] == ["hold"]
    assert "target_soc" not in world.wishes[0][1]
    await world.set(cheap, "on")
    assert [action for action, _ in world.wishes] == ["hold", "force_charge"]
    await world.set(cheap, "off")
    assert [action for action, _ in world.wishes][-1] == "hold"


async def test_a_car_that_modulates_keeps_its_lease(world: World) -> None:
    await world.set("sensor.car", 0)
    await world.use("car_hold", {"car": "sensor.car", "car_minimum": 1000})
    for power in (1400, 900, 0, 7000, 600, 1400):
        await world.set("sensor.car", power)
        await world.pass_time(1, pace=30)
    assert len(world.wishes) == 1
    assert world.cancelled == 0


async def test_off_grid_the_battery_is_for_the_house(world: World) -> None:
    await world.set_all({"sensor.car": 0, GRID: "off"})
    await world.use("car_hold", {"car": "sensor.car", "off_grid": GRID})
    await world.set("sensor.car", 7000)
    assert world.leases
    await world.set(GRID, "on")
    assert world.leases == []
