"""The inverter's table over the cloud: set, obeyed, read back, and left alone."""

from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.const import DOMAIN
from custom_components.instagen.links.dts.tariff import dates_of
from custom_components.instagen.plant.states import LinkName
from custom_components.instagen.simulated.stick.dates import tariff_of
from simulator import Simulator
from simulator.cloud import Cloud
from tests.tariff.tables import GO, device_has, table, tariff

from .conftest import Clock
from .locally import covered
from .test_followed import coordinator_of, entity, follow, shown

LATER = table(group__peak__start="17:00")


@pytest.fixture(autouse=True)
async def london(hass: HomeAssistant) -> None:
    """Live where the tables are from."""
    await hass.config.async_set_time_zone("Europe/London")
    hass.config.currency = "GBP"


async def act(
    hass: HomeAssistant, entry: MockConfigEntry, action: str, **given: Any
) -> dict[str, Any]:
    told = await hass.services.async_call(
        DOMAIN,
        action,
        {"config_entry_id": entry.entry_id, **given},
        blocking=True,
        return_response=True,
    )
    return dict(told or {})


def mode_of(sim: Simulator) -> str:
    """Return the mode that the plant was told last."""
    return sim.plant.settings.battery_mode.value


async def choose(hass: HomeAssistant, option: str) -> None:
    found = entity(hass, "battery_mode")
    assert found is not None
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": found.entity_id, "option": option},
        blocking=True,
    )


async def test_a_followed_plant_gets_a_tariff(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator, clock: Clock
):
    entry = await follow(hass, home_cloud)
    told = await act(hass, entry, "get_tariff")
    assert (told["source"], told["link"]) == ("inverter", "cloud")
    assert shown(hass, "buy_price") == "0.2471", "of the plant's own table"
    done = await act(hass, entry, "set_tariff", tariff=GO)
    assert done["state"] == "remembered"
    assert home_cloud.requests.get("write_setting", 0) == 0
    await choose(hass, "economical")
    assert home_cloud.requests["write_setting"] == 1
    assert device_has(sim, GO)
    assert sim.plant.acting.battery_mode == "economical"
    done = await act(hass, entry, "set_tariff", tariff=LATER)
    assert (done["state"], done["link"]) == ("verified", "cloud")
    assert home_cloud.requests["write_setting"] == 2
    assert device_has(sim, LATER)
    told = await act(hass, entry, "get_tariff")
    assert (told["source"], told["confirmed"]) == ("set_here", True)
    assert told["tariff"] == {**LATER, "clock": "wall"}, "at the prices that were set"
    again = await act(
        hass,
        entry,
        "sync_tariff",
        source="preset",
        preset="octopus_go",
        prices={
            "off_peak": {"buy": 0.085, "sell": 0.15},
            "peak": {"buy": 0.2771, "sell": 0.15},
        },
    )
    assert again["state"] == "verified"
    # Somebody sets another one in the portal.
    sim.plant.write(
        {}, replace(sim.plant.programs, tariff=tariff_of(dates_of(tariff(GO))))
    )
    await clock.sleep(900)
    await coordinator_of(entry).async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    told = await act(hass, entry, "get_tariff")
    assert told["source"] == "inverter"
    assert told["tariff"]["seasons"][0]["group_a"]["off_peak"]["buy"] == 0.09


async def test_a_lease_leaves_the_table_alone(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    """Finer prices than a write of ours has stay as somebody set them."""
    entry = await follow(hass, home_cloud)
    await choose(hass, "economical")
    stood = sim.plant.programs.tariff
    lease = await act(
        hass,
        entry,
        "force_charge",
        target_soc=100,
        power=50,
        duration={"minutes": 30},
    )
    assert mode_of(sim) == "force_charge"
    await act(hass, entry, "cancel_override", lease_id=lease["lease_id"])
    assert mode_of(sim) == "economical"
    assert sim.plant.programs.tariff == stood


async def test_what_modbus_cannot_carry_goes_over_the_cloud(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator
):
    local = await covered(hass, home_cloud, sim, LinkName.MODBUS)
    done = await act(hass, local, "set_tariff", tariff=GO)
    assert (done["state"], done["link"]) == ("remembered", "cloud")
    await choose(hass, "economical")
    assert device_has(sim, GO)
    assert home_cloud.requests["write_setting"] == 1
    done = await act(hass, local, "set_tariff", tariff=LATER)
    assert done["state"] == "verified"
    assert device_has(sim, LATER)
    assert home_cloud.requests["write_setting"] == 2
    # The battery itself is steered locally, and needs no cloud to come back.
    home_cloud.fault("bad_gateway")
    lease = await act(
        hass,
        local,
        "force_charge",
        target_soc=100,
        power=50,
        duration={"minutes": 30},
    )
    assert mode_of(sim) == "force_charge"
    await act(hass, local, "cancel_override", lease_id=lease["lease_id"])
    assert mode_of(sim) == "economical"
    assert device_has(sim, LATER)
    assert home_cloud.requests["write_setting"] == 2


async def test_a_stick_and_the_cloud_tell_the_same(
    hass: HomeAssistant, home_cloud: Cloud, sim: Simulator, clock: Clock
):
    """The stick writes and cannot tell; the cloud tells, and writes in its place."""
    sim.set({"time": dt_util.utcnow()})  # a stick with another clock is refused a table
    local = await covered(hass, home_cloud, sim, LinkName.DTS)
    done = await act(hass, local, "set_tariff", tariff=GO)
    assert done["link"] == "dts"
    await choose(hass, "economical")
    assert device_has(sim, GO)
    done = await act(hass, local, "set_tariff", tariff=LATER)
    assert done["state"] == "sent"
    assert device_has(sim, LATER)
    assert home_cloud.requests.get("write_setting", 0) == 0
    await clock.sleep(60)
    local.runtime_data.steering.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    told = await act(hass, local, "get_tariff")
    assert (told["source"], told["confirmed"]) == ("set_here", True)
    await sim.fault("drop")
    await local.runtime_data.coordinator.async_refresh()
    done = await act(hass, local, "set_tariff", tariff=GO)
    assert done["state"] == "verified"
    assert home_cloud.requests["write_setting"] == 1
    assert device_has(sim, GO)
    await sim.fault("drop", on=False)
    done = await act(hass, local, "set_tariff", tariff=GO)
    assert done["state"] == "unchanged"
    assert (await act(hass, local, "get_tariff"))["source"] == "set_here"
    assert home_cloud.requests["write_setting"] == 1
