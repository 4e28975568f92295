"""Recordings as the account's model reads them, and that none of them is left out."""

from pathlib import Path
from typing import Any

import pytest

from custom_components.instagen.account.model import DeviceKind, PlantFlag, PlantState
from custom_components.instagen.account.wire import (
    devices_in,
    generation_of,
    plant_of,
)
from custom_components.instagen.links.cloud import CloudPlant
from custom_components.instagen.links.cloud.client import CloudClient
from custom_components.instagen.links.cloud.settings import CloudSettings

from .server import SmallCloud
from .test_captures import CAPTURES, capture

pytestmark = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="the recordings lie outside the repository"
)


def test_every_recording_is_looked_at() -> None:
    here = Path(__file__)
    told = here.read_text() + here.with_name("test_captures.py").read_text()
    assert [one.stem for one in CAPTURES.glob("*.json") if one.stem not in told] == []


def test_a_storage_plant_that_is_off_line() -> None:
    plant = plant_of(capture("hys46-station-find")["data"])
    assert plant is not None
    assert plant.classification == 4
    assert plant.flags is not None
    assert PlantFlag.OFFLINE in plant.flags
    assert plant.state is PlantState.OFFLINE
    assert plant.battery_capacity == 0, "as it was told"
    told = generation_of(capture("hys46-real-data-empty")["data"])
    assert told is not None
    assert (told.power, told.year) == (None, None), "null is unknown and not 0"


def test_a_plant_of_micro_inverters() -> None:
    plant = plant_of(capture("micro-station-find-br")["data"])
    assert plant is not None
    assert plant.classification == 1
    assert plant.time_zone == "America/Araguaina"
    assert plant.favourite is False


def test_trees_of_devices() -> None:
    old = devices_in(capture("hys46-device-tree")["data"])
    kinds = [DeviceKind.DTU, DeviceKind.INVERTER, DeviceKind.BATTERY]
    assert [one.kind for one in old] == kinds
    assert [one.online for one in old] == [False, False, None]
    assert (old[0].model, old[0].firmware) == ("DTS-WIFI-G1", "V01.00.01")
    assert old[0].hardware == "H11.01.01"
    assert (old[1].model, old[1].firmware) == ("HYS-4.6LV-EUG1", "V00.02.21")
    assert (old[2].model, old[2].capacity) == (None, None)
    new = devices_in(capture("hat6-device-tree")["data"])
    assert [one.kind for one in new] == kinds
    assert new[0].firmware is None
    assert (new[1].model, new[1].firmware) == ("HAT-6.0HV-EUG1", "V02.07.07")
    assert (new[2].id, new[2].alarm, new[2].capacity) == (-5, None, 15.3)


async def test_a_fragment_of_settings(client: CloudClient, cloud: SmallCloud) -> None:
    """The reserves are shares, the powers too."""
    fragment: dict[str, Any] = capture("battery-settings-fragments")["fragments"][0]
    empty: dict[str, Any] = {f"k_{mode}": {} for mode in fragment["modes_present"]}
    blocks = {**empty, **fragment["json"]}
    cloud.answers["read_setting"] = "1"
    cloud.answers["setting_status"] = {
        "code": 0,
        "rate": 100,
        "data": {"mode": 1, "data": blocks},
    }
    told = await CloudSettings(CloudPlant(client, 1)).read_battery()
    assert {
        "force_charge_target_soc": 100,
        "force_charge_power": 65,
        "force_discharge_target_soc": 30,
        "force_discharge_power": 50,
    }.items() <= told.values.items()
