"""The plant of the household, set up locally as well."""

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.const import (
    CONF_DTS_PORT,
    CONF_LINKS,
    CONF_SERIAL,
    CONF_STICK_SERIAL,
    CONF_UNIT_ID,
    DOMAIN,
)
from custom_components.instagen.plant.states import LinkName
from simulator import Simulator
from simulator.cloud import Cloud

from .conftest import DTU, account_entry, followed, set_up


def plant_entry(
    sim: Simulator, link: LinkName, *, port: int | None = None, stick: str = DTU
) -> MockConfigEntry:
    """Make the entry of a plant that is reached over one link.

    ``port`` is another way to the stick, ``stick`` the serial of another one.
    """
    return MockConfigEntry(
        domain=DOMAIN,
        title="HIT-15L-G3",
        unique_id=DTU,
        data={
            CONF_HOST: "127.0.0.1",
            CONF_PORT: sim.modbus_port,
            CONF_DTS_PORT: port or sim.dts_port,
            CONF_UNIT_ID: 1,
            CONF_SERIAL: DTU,
            CONF_STICK_SERIAL: stick,
            CONF_LINKS: [link.value],
        },
    )


async def covered(
    hass: HomeAssistant, cloud: Cloud, sim: Simulator, link: LinkName
) -> MockConfigEntry:
    """Set the plant up that an account follows, too."""
    local = plant_entry(sim, link)
    for entry in (local, account_entry(cloud, plants=(followed(),))):
        await set_up(hass, entry)
    await hass.async_block_till_done(wait_background_tasks=True)
    return local
