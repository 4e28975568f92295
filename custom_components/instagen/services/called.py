"""Which plant an action was called for."""

from typing import Final, cast

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.service import async_get_config_entry
import voluptuous as vol

from ..cloud.covering import is_account
from ..cloud.runtime import AccountEntry
from ..const import CONF_PLANT_ID, DOMAIN
from ..coordinator import InstagenConfigEntry
from ..links.cloud import CloudPlant

ENTRY_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_CONFIG_ENTRY_ID): str,
        vol.Optional(CONF_PLANT_ID): vol.Coerce(int),
    }
)


def called_entry(call: ServiceCall) -> InstagenConfigEntry:
    """Return the loaded plant that a call names: an entry, or a followed plant of one."""
    entry: InstagenConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY_ID]
    )
    if not is_account(entry):
        return entry
    plants = cast("AccountEntry", entry).runtime_data.plants
    sid = call.data.get(CONF_PLANT_ID)
    if sid is None and len(plants) == 1:
        (sid,) = plants
    if sid not in plants:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_a_followed_plant",
            translation_placeholders={"title": entry.title},
        )
    return plants[sid].entry


def cloud_plant(call: ServiceCall) -> CloudPlant | None:
    """Return the followed plant that a call names, None for a plant of its own."""
    named = called_entry(call)
    entry = call.hass.config_entries.async_get_entry(call.data[ATTR_CONFIG_ENTRY_ID])
    if entry is None or not is_account(entry):
        return None
    plants = cast("AccountEntry", entry).runtime_data.plants.values()
    return next(plant.cloud for plant in plants if plant.entry is named)
