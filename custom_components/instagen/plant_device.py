"""A plant's own device in the registry, below which its parts hang."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_MAC
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .const import CONF_SERIAL, DOMAIN, MANUFACTURER
from .plant.identity import PlantIdentity, normalize_serial, stick_model


@callback
def async_register_plant(
    hass: HomeAssistant,
    entry: ConfigEntry,
    identity: PlantIdentity,
    *,
    config_entry_id: str,
    subentry_id: str | None = None,
) -> str:
    """Register the plant's own device first: its parts hang below it."""
    serial = entry.data[CONF_SERIAL]
    versions = (f"{part} {version}" for part, version in identity.firmware.items())
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=config_entry_id,
        config_subentry_id=subentry_id,
        connections=_network_card(entry),
        identifiers={(DOMAIN, serial)},
        manufacturer=MANUFACTURER,
        model=identity.model,
        model_id=stick_model(serial),
        name=entry.title,
        serial_number=normalize_serial(serial),
        sw_version=", ".join(versions) or None,
    )
    return device.id


def _network_card(entry: ConfigEntry) -> set[tuple[str, str]]:
    """Return the stick's network card, by which DHCP follows it; known to DHCP alone."""
    mac = entry.data.get(CONF_MAC)
    return {(dr.CONNECTION_NETWORK_MAC, mac)} if mac else set()
