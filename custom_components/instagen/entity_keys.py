"""Our own entities by the keys of the contract, whatever their owner calls them."""

from collections.abc import Iterable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er

from .const import CONF_SERIAL, DOMAIN
from .coordinator import unique_id


@callback
def entities_behind(hass: HomeAssistant, entities: Iterable[str], key: str) -> set[str]:
    """Return those of the entities that show the reading or setting behind a key."""
    return {one for one in entities if key_of(hass, one) == key}


@callback
def key_of(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the key of an entity, None when it is none of ours."""
    row = er.async_get(hass).async_get(entity_id)
    if row is None or (entry := plant_of(hass, row)) is None:
        return None
    return row.unique_id.removeprefix(unique_id(entry, ""))


@callback
def plant_of(hass: HomeAssistant, row: er.RegistryEntry) -> ConfigEntry | None:
    """Return the entry of the plant that an entity belongs to."""
    if row.platform != DOMAIN or row.config_entry_id is None:
        return None
    entry = hass.config_entries.async_get_entry(row.config_entry_id)
    return entry if entry is not None and CONF_SERIAL in entry.data else None


@callback
def entity_behind(
    hass: HomeAssistant, entry: ConfigEntry, platform: str, key: str
) -> str | None:
    """Return the entity of a plant behind a key, None when there is none."""
    return er.async_get(hass).async_get_entity_id(
        platform, DOMAIN, unique_id(entry, key)
    )


@callback
def state_behind(
    hass: HomeAssistant, entry: ConfigEntry, platform: str, key: str
) -> State | None:
    """Return the state of a plant's entity behind a key, None when there is none."""
    entity_id = entity_behind(hass, entry, platform, key)
    return hass.states.get(entity_id) if entity_id else None
