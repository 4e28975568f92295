"""A public client reads our simulator, our integration reads it, and they agree.

The client's map has one of our own sources as its source, so it is an independent
witness for addresses, scales and signs only up to that point.
"""

from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import ClientSession
from homeassistant.core import HomeAssistant
import pytest

from custom_components.instagen.plant.readings import READINGS
from simulator import Simulator, serve

from ..conftest import NOON, SetUp, value
from .modbus_peer import ModbusPeer
from .vocabulary import (
    ALL,
    COUNTED,
    NAMED,
    SAME,
    TURNED,
    agree,
    expected,
    step,
    understood,
)

LATER = NOON.replace(hour=19, minute=17)

NUMBERS = {**SAME, **TURNED, **COUNTED}

DEVICE_DELAY = 20
"""Seconds until a device obeys a setting that was written."""

FITTED = {
    "hybrid": 103,
    "single_phase": 81,
    "high_voltage": 93,
    "no_battery": 58,
    "no_meter": 81,
    "outage": 103,
    "alarms": 103,
}
"""Scenarios, and the fewest values that both sides have to know of them."""


@pytest.fixture(params=FITTED)
async def served(
    request: pytest.FixtureRequest, socket_enabled: None
) -> AsyncGenerator[Simulator]:
    """Serve a plant in the evening, when everything moves; its clock is held."""
    async with serve(request.param, start=LATER, from_midnight=True, control=0) as sim:
        yield sim


async def state(sim: Simulator) -> dict[str, Any]:
    """Ask the control port what is true."""
    async with (
        ClientSession(f"http://127.0.0.1:{sim.control_port}") as http,
        http.get("/state") as answer,
    ):
        found: dict[str, Any] = await answer.json()
        return found


def detected(sim: Simulator) -> dict[str, Any]:
    """Return what the client finds out before it reads.

    It ends a model's name at a point, and takes the word for "no data" in a current of
    the meter as a meter that is there.
    """
    config = sim.plant.config
    return {
        "inverter_model": config.model.split(".", maxsplit=1)[0],
        "has_battery": config.battery is not None,
        "has_grid_meter": True,
        "pv_mppt_count": len(config.strings),
        "battery_capacity_kwh": config.battery.capacity if config.battery else None,
    }


async def test_the_client_reads_what_is_true(peer: ModbusPeer, served: Simulator):
    info, values = await peer.read(served.modbus_port)
    assert info == pytest.approx(detected(served))
    truth = expected(await state(served))
    assert len(truth) >= FITTED[served.scenario]
    wrong = {
        key: f"reads {values[key]}, true is {true}"
        for key, (true, tolerance) in truth.items()
        if not agree(understood(key, values[key]), true, tolerance)
    }
    assert wrong == {}


async def test_its_command_tells_the_same(peer: ModbusPeer, socket_enabled: None):
    """It reads once, so it shows no counter yet."""
    async with serve(start=LATER, from_midnight=True) as sim:
        first, *lines = await peer.command(sim.modbus_port)
        _, values = await peer.read(sim.modbus_port)
    assert first == (
        "model=HIT-15L-G3 battery=True grid_meter=True mppt=2 capacity_kwh=16.0"
    )
    told = dict(line.split(" = ", 1) for line in lines)
    assert told.keys() == values.keys() > ALL
    numbers = {
        key
        for key in (SAME.keys() | TURNED.keys())
        if isinstance(values[key], float | int)
    }
    for key in numbers:
        assert float(told[key].split()[0]) == pytest.approx(values[key])
    assert told["pv_total_energy"] == "- kWh"


async def test_what_the_client_writes_the_plant_obeys(
    peer: ModbusPeer, socket_enabled: None
):
    async with serve(start=LATER, from_midnight=True, control=0) as sim:
        before = await state(sim)
        assert before["force_charge_target_soc"] != 77
        assert before["battery_power"] >= 0
        assert await peer.write(sim.modbus_port, "ems_force_charge_soc", 77) == 77
        sim.set({"soc": 50})
        mode = await peer.write(sim.modbus_port, "ems_mode", "Grid charge")
        assert mode == "Grid charge"
        assert (await state(sim))["battery_power"] >= 0
        await sim.advance(DEVICE_DELAY)
        after = await state(sim)
        assert after["force_charge_target_soc"] == 77
        assert after["battery_mode"] == "force_charge"
        assert after["battery_power"] < 0


async def test_the_client_and_our_entities_agree(
    hass: HomeAssistant, peer: ModbusPeer, served: Simulator, set_up: SetUp
):
    _, values = await peer.read(served.modbus_port)
    await set_up(served.modbus_port)
    known = expected(await state(served)).keys()
    compared, wrong = set(), {}
    for key in known & NUMBERS.keys():
        ours = NUMBERS[key]
        shown = value(hass, ours) if ours in READINGS else None
        if shown is None:
            continue
        compared.add(ours)
        theirs = -values[key] if key in TURNED else values[key]
        if not agree(float(shown), theirs, step(ours)):
            wrong[key] = f"shows {shown}, the client {theirs}"
    for key in known & NAMED.keys():
        ours = NAMED[key][0]
        if ours in READINGS:
            compared.add(ours)
            theirs = understood(key, values[key])
            shown = value(hass, ours)
            if shown not in (theirs, "on" if theirs is True else "off"):
                wrong[key] = f"shows {shown}, the client {theirs}"
    assert wrong == {}
    assert len(compared) >= 25
