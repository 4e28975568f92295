"""Accounts come and go: the account's own half of setting entries up."""

from typing import Final, cast

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import CONF_SERIAL, DOMAIN
from ..memory import async_forget
from ..plant.readings import Part
from ..repairs import async_clear_issues
from ..steering import async_forget_control
from ..tariff.book import async_forget_tariff
from .clients import async_clients
from .covering import async_watch_covering
from .followed import FollowedPlants
from .plant_entry import PlantEntry, as_entry
from .runtime import AccountCoordinator, AccountEntry, AccountRuntime
from .storage import async_forget_account

ACCOUNT_PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
)
"""What the cloud has for a plant; commands over it are actions."""


async def async_set_up_account(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Log in, read the list of plants, and show those that are followed."""
    account_entry = cast("AccountEntry", entry)
    try:
        client = async_clients(hass).of(entry)
    except (KeyError, ValueError) as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="cloud_host_invalid"
        ) from err
    coordinator = AccountCoordinator(hass, account_entry, client)
    await coordinator.async_recall()
    await coordinator.async_config_entry_first_refresh()
    runtime = account_entry.runtime_data = AccountRuntime(coordinator)
    plants = FollowedPlants(hass, account_entry, runtime)
    await plants.async_start()
    _forget_devices_without_entities(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, ACCOUNT_PLATFORMS)
    runtime.async_start()
    async_watch_covering(hass, entry)
    return True


async def async_unload_account(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Let the batteries of the followed plants go, and take all out."""
    runtime = cast("AccountEntry", entry).runtime_data
    for plant in runtime.plants.values():
        await plant.entry.runtime_data.steering.async_close(release=True)
    return await hass.config_entries.async_unload_platforms(entry, ACCOUNT_PLATFORMS)


async def async_remove_account(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Leave nothing of an account behind."""
    async_clients(hass).forget(entry.entry_id)
    await async_forget_account(hass, entry.entry_id)
    for subentry in entry.subentries.values():
        await async_forget(hass, subentry.subentry_id)
        await async_forget_control(hass, subentry.subentry_id)
        await async_forget_tariff(hass, subentry.subentry_id)
        async_clear_issues(hass, as_entry(PlantEntry(entry, subentry)))


def forget_account_device(entry: ConfigEntry, device: dr.AnyDeviceEntry) -> bool:
    """Let the user remove a part that a followed plant does not show any more."""
    if entry.state is not ConfigEntryState.LOADED:
        return False
    names = {name for domain, name in device.identifiers if domain == DOMAIN}
    for plant in cast("AccountEntry", entry).runtime_data.plants.values():
        serial = plant.entry.data[CONF_SERIAL]
        parts = {part for part in Part if f"{serial}_{part}" in names}
        if serial in names or parts:
            return plant.entry.runtime_data.coordinator.forget_parts(parts)
    return entry.entry_id not in names


def _forget_devices_without_entities(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Forget the device of a plant whose entities a local entry has taken over."""
    devices, entities = dr.async_get(hass), er.async_get(hass)
    shown = {
        plant.subentry_id
        for plant in cast("AccountEntry", entry).runtime_data.plants.values()
    }
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        if device.config_subentry_id in {None, *shown}:
            continue
        if not er.async_entries_for_device(
            entities, device.id, include_disabled_entities=True
        ):
            devices.async_remove_device(device.id)
