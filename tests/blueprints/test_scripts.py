"""The scripts: what a person asks for by hand always has an end."""

import asyncio
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from .world import World

SCRIPTS = {
    "charge_now": ("force_charge", "charge to 100 % until 14:00", {}),
    "export_now": (
        "force_discharge",
        "discharge to 30 % until 13:00",
        {"allow_export": True},
    ),
    "hold": ("hold", "keep the charge until 14:00", {}),
}


async def run(hass: HomeAssistant, name: str, **fields: Any) -> Any:
    return await hass.services.async_call(
        "script", name, fields, blocking=True, return_response=True
    )


@pytest.mark.parametrize("name", SCRIPTS)
async def test_it_asks_for_what_a_human_wants(world: World, name: str) -> None:
    action, told, inputs = SCRIPTS[name]
    await world.use(name, inputs, domain="script")
    answer = await run(world.hass, name)
    assert answer["lease_id"] == "lease-1"
    ((asked, data),) = world.wishes
    assert asked == action
    assert data["priority"] == 90
    assert data["owner"] == name.replace("_", " ")
    assert world.messages == [f"Will {told}."]
    assert world.logbook == world.messages


@pytest.mark.parametrize("name", SCRIPTS)
async def test_it_never_lasts_longer_than_a_day(world: World, name: str) -> None:
    await world.use(name, SCRIPTS[name][2], domain="script")
    await run(world.hass, name, until="2026-12-24 18:00:00")
    await run(world.hass, name, hours=1.5)
    ends = [data["until"] for _, data in world.wishes]
    assert ends == ["2026-11-21T11:59:59+00:00", "2026-11-20T13:30:00+00:00"]


@pytest.mark.parametrize("name", SCRIPTS)
async def test_it_can_be_tried_dry(world: World, name: str) -> None:
    _, told, inputs = SCRIPTS[name]
    await world.use(name, {**inputs, "dry_run": True}, domain="script")
    await run(world.hass, name)
    assert world.leases == []
    assert world.messages == [f"Would {told}."]


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_refusal_is_told(world: World, name: str) -> None:
    world.refusing = True
    await world.use(name, SCRIPTS[name][2], domain="script")
    assert await run(world.hass, name) == {}
    assert world.messages[0].startswith("It was refused")


@pytest.mark.parametrize(
    "inputs", [{}, {"allow_export": True, "export_limit": "number.x"}]
)
async def test_export_needs_leave(world: World, inputs: dict[str, Any]) -> None:
    await world.set("number.x", 0)
    await world.use("export_now", inputs, domain="script")
    assert not await run(world.hass, "export_now")
    assert world.wishes == []
    assert world.messages == ["Nothing is sold, because export is not allowed."]


async def test_back_to_normal_ends_everything(world: World) -> None:
    world.give_to("storm reserve")
    world.give_to("cheap-rate charge", priority=30)
    await world.use("back_to_normal", {}, domain="script")
    answer = await run(world.hass, "back_to_normal")
    assert len(answer["cancelled"]) == 2
    assert world.leases == []
    assert world.made("cancel_override") == [{"config_entry_id": world.plant.entry_id}]
    await run(world.hass, "back_to_normal")
    assert world.messages[-1] == "Nothing held the battery."


async def test_back_to_normal_can_be_tried_dry(world: World) -> None:
    world.give_to("storm reserve")
    await world.use("back_to_normal", {"dry_run": True}, domain="script")
    await run(world.hass, "back_to_normal")
    assert world.leases
    assert world.messages == ["Would end all that holds the battery."]


# ---- commissioning check ----

SOC, BATTERY, GRID = "sensor.soc", "sensor.battery", "sensor.grid"
CHECK = {"soc": SOC, "battery_power": BATTERY, "grid_power": GRID}


async def check(world: World, **inputs: Any) -> None:
    await world.set_all({SOC: 50, BATTERY: 0, GRID: 200})
    await world.use("commissioning_check", {**CHECK, **inputs}, domain="script")


async def test_without_a_confirmation_it_only_looks(world: World) -> None:
    await check(world)
    report = await run(world.hass, "commissioning_check")
    assert report["soc"] == 50
    assert world.wishes == []
    assert "nothing forbids the test" in world.messages[0]


@pytest.mark.parametrize(
    ("states", "why"),
    [
        ({SOC: 19}, "the battery is at 19 %"),
        ({SOC: 91}, "the battery is at 91 %"),
        ({GRID: "unknown"}, "readings are missing: sensor.grid"),
        ({"binary_sensor.off_grid": "on"}, "the grid is away"),
        ({"binary_sensor.off_grid": "unavailable"}, "the grid is away or not known"),
        ({"binary_sensor.problem": "on"}, "an alarm stands"),
    ],
)
async def test_it_refuses(world: World, states: dict[str, Any], why: str) -> None:
    guards = {
        "off_grid": "binary_sensor.off_grid",
        "problem": "binary_sensor.problem",
    }
    await world.set_all(dict.fromkeys(guards.values(), "off"))
    await check(world, **guards)
    await world.set_all(states)
    await run(world.hass, "commissioning_check", confirm=True)
    assert world.wishes == []
    assert why in world.messages[0]


@pytest.mark.parametrize(
    ("charging", "discharging", "told"),
    [
        ((-1500, 1700), (1500, -1300), "the grid meter looks the right way"),
        ((-1500, -1700), (1500, 1300), "the grid meter does NOT look the right way"),
        ((0, 200), (1500, -1300), "Charging does NOT work"),
    ],
)
async def test_a_minute_each_way(
    world: World,
    charging: tuple[int, int],
    discharging: tuple[int, int],
    told: str,
) -> None:
    await check(world)
    call = {"confirm": True}
    task = world.hass.async_create_task(
        run(world.hass, "commissioning_check", **call), eager_start=True
    )
    for battery, grid in (charging, discharging):
        for _ in range(20):  # until the script waits
            before = len(world.wishes)
            await _turn(world)
            if before == len(world.wishes):
                break
        world.hass.states.async_set(BATTERY, str(battery))
        world.hass.states.async_set(GRID, str(grid))
        world.freezer.tick(61)
        async_fire_time_changed(world.hass, dt_util.utcnow())
        await _turn(world)
    report = await task
    assert told in world.messages[0]
    assert report["battery_power"] == [0, charging[0], discharging[0]]
    assert [action for action, _ in world.wishes] == ["force_charge", "force_discharge"]
    assert world.leases == []


async def _turn(world: World) -> None:
    """Let what can go on go on; the script itself is not waited for."""
    for _ in range(10):
        await asyncio.sleep(0)
