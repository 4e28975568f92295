"""Which plant an action was called for."""

from typing import Final, cast

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall
from homeassistant.exceptions import ServiceValidationError, Unauthorized
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
    if (account := _named_account(call)) is None:
        return None
    plants = account.runtime_data.plants.values()
    return next(plant.cloud for plant in plants if plant.entry is named)


async def async_plant_of_account(call: ServiceCall) -> CloudPlant | None:
    """Return a plant of an account that it does not follow, for an administrator.

    None when the call names none. Raises ``Unauthorized``.
    """
    account, sid = _named_account(call), call.data.get(CONF_PLANT_ID)
    if account is None or sid is None or sid in account.runtime_data.plants:
        return None
    runtime = account.runtime_data
    if sid not in runtime.mirror.view.plants:
        return None
    if call.context.user_id is not None:
        user = await call.hass.auth.async_get_user(call.context.user_id)
        if user is None or not user.is_admin:
            raise Unauthorized(context=call.context)
    return CloudPlant(runtime.client, sid)


def _named_account(call: ServiceCall) -> AccountEntry | None:
    entry = call.hass.config_entries.async_get_entry(call.data[ATTR_CONFIG_ENTRY_ID])
    if entry is None or not is_account(entry):
        return None
    if entry.state is not ConfigEntryState.LOADED:
        return None
    return cast("AccountEntry", entry)
