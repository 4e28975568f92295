"""Public clients change the mode while a lease has the battery: the human behind wins."""

from typing import Any

import pytest

from tests.steering.conftest import clock, world
from tests.steering.world import SLOW, World

from .dts_peer import DtsPeer
from .modbus_peer import ModbusPeer
from .test_hoymiles_wifi import ORDERS

__all__ = ["clock", "world"]

SELF_CONSUMPTION = 1


async def take_the_battery(world: World, *links: str) -> int:
    """Force the battery to charge, and return how many writes there were."""
    world.sim.set({"soc": 50})
    await world.set_up(list(links))
    lease: dict[str, Any] = {"target_soc": 95, "power": 40, "duration": {"hours": 1}}
    await world.act("force_charge", priority=30, owner="night", **lease)
    assert world.device("battery_mode") == "force_charge"
    return world.steering.budget.total


async def see_it_lost(world: World, writes: int) -> None:
    """Look once, as a slow poll does, and then for longer than the lease."""
    stood = world.sim.plant.settings
    await world.pass_time(SLOW)
    assert world.shown("current_lease") == "none"
    assert "lease_overridden" in world.codes()
    assert "lease_restored" not in world.codes()
    assert world.state("current_lease").attributes["paused"] == ["night"]
    await world.pass_time(2 * 3600, pace=600)
    assert world.steering.budget.total == writes
    assert world.sim.plant.settings == stood


async def test_the_modbus_client(peer: ModbusPeer, world: World) -> None:
    writes = await take_the_battery(world, "modbus")
    await peer.write(world.sim.modbus_port, "ems_mode", "Self-use")
    assert world.device("battery_mode") == "self_consumption"
    await see_it_lost(world, writes)


@pytest.mark.parametrize("world", ["mode_read"], indirect=True)
@pytest.mark.parametrize("links", [["dts"], ["dts", "modbus"]], ids=["dts", "both"])
async def test_the_stick_s_client(
    dts_peer: DtsPeer, world: World, links: list[str]
) -> None:
    writes = await take_the_battery(world, *links)
    await dts_peer.command(
        world.sim.dts_port,
        *("--inverter-serial-number", str(world.sim.stick.inverters[0].serial)),
        *("--bms_working_mode", str(SELF_CONSUMPTION)),
        *ORDERS[SELF_CONSUMPTION][0].split(),
        "set-energy-storage-working-mode",
    )
    assert world.device("battery_mode") == "self_consumption"
    await see_it_lost(world, writes)
