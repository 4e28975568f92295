"""Cheap-rate charge: the cheap time fills the battery, and lets go of it."""

from typing import Any

import pytest

from .world import World

NAME = "cheap_rate_charge"
OWNER = "cheap-rate charge"
SIGNAL = "binary_sensor.off_peak"
SOC = "sensor.soc"


@pytest.fixture
async def cheap(world: World) -> World:
    await world.set(SIGNAL, "off")
    await world.set(SOC, 40)
    await world.use(NAME, {"signal": SIGNAL, "soc": SOC, "target_soc": 80})
    return world


async def cheap_time(world: World, hours: float = 4, **attributes: Any) -> None:
    await world.set(SIGNAL, "on", **attributes)


async def test_it_starts_with_the_cheap_time_and_stops_with_it(cheap: World) -> None:
    await cheap.set(
        SIGNAL,
        "on",
        current_start="2026-11-20T12:00:00+00:00",
        current_end="2026-11-20T16:00:00+00:00",
    )

    ((action, data),) = cheap.wishes
    assert action == "force_charge"
    assert data["until"] == "2026-11-20T16:02:00+00:00"
    assert data["target_soc"] == 80
    assert data["priority"] == 30
    assert data["at_target"] == "hold"
    assert data["config_entry_id"] == cheap.plant.entry_id
    assert "charge to 80 % until 16:02" in cheap.messages[-1]
    assert cheap.logbook == cheap.messages
    await cheap.pass_time(60, pace=60)
    assert len(cheap.wishes) == 1
    await cheap.set(SIGNAL, "off")
    assert cheap.cancelled == 1
    assert cheap.lease_of(OWNER) is None
    assert "40 points short of 80 %" in cheap.messages[-1]
