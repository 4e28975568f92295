"""The desk: leases on a device, from the wish to the plant put back."""

from collections.abc import Iterator

import pytest

from custom_components.instagen.control.leases import LeaseEventKind as Kind, LeaseMode
from custom_components.instagen.plant.states import BatteryMode

from .lease_world import World


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.end()


def test_a_lease_is_applied_and_the_plant_put_back(world: World) -> None:
    grant = world.request(LeaseMode.FORCE_CHARGE, minutes=30, target_soc=80, power=40.0)
    assert grant.state == "granted"
    assert world.mode is BatteryMode.FORCE_CHARGE
    assert world.device.values["force_charge_target_soc"] == 80
    world.wait(29 * 60)
    assert world.mode is BatteryMode.FORCE_CHARGE
    world.wait(65)
    assert world.restored
    assert len(world.device.writes) == 2
    assert world.told == [Kind.STARTED, Kind.APPLIED, Kind.ENDED, Kind.RESTORED]
