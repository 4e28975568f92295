"""The Instagen integration: a home's solar plant, live in Home Assistant.

This hall only lets entries come and go. What a plant is lives in ``plant``, how it is
reached in ``links``, and what Home Assistant shows of it in ``platforms``.
"""

from functools import partial

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .blueprint_delivery import BLUEPRINTS, BlueprintDelivery
from .cloud.covering import async_watch_covering, is_account
from .cloud.set_up import (
    async_remove_account,
    async_set_up_account,
    async_unload_account,
    forget_account_device,
)
from .const import CONF_SERIAL, DOMAIN
from .contact.entity import async_contact_panel
from .contact.local import LocalContact, async_forget_contact
from .control.maintenance import Maintenance
from .control_reports import async_report_control
from .coordinator import InstagenConfigEntry, InstagenCoordinator, InstagenRuntime
from .links import LinkError
from .memory import PlantMemory, async_forget
from .plant.readings import Part
from .plant_device import async_register_plant
from .reach import Reach
from .repairs import async_check_issues, async_clear_issues
from .services import async_setup_services
from .steering import Steering, async_forget_control
from .tariff.book import TariffBook, async_forget_tariff
from .tariff.keeper import TariffKeeper

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, and look after blueprints; entries come later."""
    async_setup_services(hass)
    hass.data[BLUEPRINTS] = BlueprintDelivery(hass)
    hass.data[BLUEPRINTS].async_start()
    return True


async def async_setup_entry(hass: HomeAssistant, entry: InstagenConfigEntry) -> bool:
    """Reach the plant, read it once and show it; or log in to an account."""
    if is_account(entry):
        return await async_set_up_account(hass, entry)
    reach = Reach(hass, entry)
    entry.async_on_unload(reach.async_close)
    link = await reach.async_open()
    try:
        identity = await link.identify(patient=True)
    except LinkError as err:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key=f"link_{err.verdict}"
        ) from err
    coordinator = InstagenCoordinator(hass, entry, link, identity)
    memory = PlantMemory(coordinator)
    await memory.async_recall()
    await coordinator.async_config_entry_first_refresh()
    coordinator.plant_device_id = async_register_plant(
        hass, entry, identity, config_entry_id=entry.entry_id
    )
    steering = Steering(coordinator, reach.roads)
    await steering.async_recall()
    clock_ahead = reach.dts.clock_ahead if reach.dts else None
    book = TariffBook(coordinator, steering, clock_ahead)
    await book.async_recall()
    contact = await async_contact_panel(coordinator, steering)
    entry.runtime_data = InstagenRuntime(
        coordinator, steering, book, contact, _maintenance(entry, reach)
    )
    book.async_start()
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    TariffKeeper(hass, entry, book, steering).async_start()
    async_report_control(hass, entry, steering)
    if isinstance(contact, LocalContact):
        contact.async_start()
    steering.async_start()
    check_issues = partial(async_check_issues, hass, entry, coordinator)
    entry.async_on_unload(coordinator.async_on_slow_poll(check_issues))
    entry.async_on_unload(coordinator.async_on_slow_poll(memory.async_remember))
    entry.async_on_unload(memory.async_save)
    check_issues()
    async_watch_covering(hass, entry)
    return True


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: InstagenConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Let the user remove a part that a running plant does not show any more."""
    if is_account(entry):
        return forget_account_device(entry, device)
    if entry.state is not ConfigEntryState.LOADED:
        return False
    coordinator = entry.runtime_data.coordinator
    names = {name for domain, name in device.identifiers if domain == DOMAIN}
    parts = {part for part in Part if f"{entry.data[CONF_SERIAL]}_{part}" in names}
    return coordinator.forget_parts(parts)


async def async_remove_entry(hass: HomeAssistant, entry: InstagenConfigEntry) -> None:
    """Leave nothing behind: no issue about a plant that is gone, and no counters."""
    if is_account(entry):
        await async_remove_account(hass, entry)
        return
    await async_forget(hass, entry.entry_id)
    await async_forget_control(hass, entry.entry_id)
    await async_forget_contact(hass, entry.entry_id)
    await async_forget_tariff(hass, entry.entry_id)
    async_clear_issues(hass, entry)
    if not hass.config_entries.async_entries(DOMAIN):
        hass.data[BLUEPRINTS].async_clear_issues()


async def async_unload_entry(hass: HomeAssistant, entry: InstagenConfigEntry) -> bool:
    """Let the battery go and take the plant out; the shared link closes behind it."""
    if is_account(entry):
        return await async_unload_account(hass, entry)
    if isinstance(entry.runtime_data.contact, LocalContact):
        await entry.runtime_data.contact.async_close()
    await entry.runtime_data.steering.async_close(release=True)
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


def _maintenance(entry: InstagenConfigEntry, reach: Reach) -> Maintenance | None:
    """Return what carries out commands; only the stick's own link does."""
    if reach.dts is None:
        return None
    maintenance = Maintenance(reach.dts.session)
    entry.async_on_unload(maintenance.close)
    return maintenance
