"""Binary sensors: what a plant says with yes or no."""

from typing import Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..contact.entity import async_add_contact
from ..coordinator import LINK_STATE, InstagenConfigEntry
from ..entity import InstagenEntity
from ..plant.readings import READINGS, Part
from .contact_state import binary_sensors as contact_binary_sensors

PARALLEL_UPDATES = 0


def _describe(
    key: str,
    device_class: BinarySensorDeviceClass | None = None,
    category: EntityCategory | None = None,
) -> BinarySensorEntityDescription:
    return BinarySensorEntityDescription(
        key=key,
        translation_key=key,
        device_class=device_class,
        entity_category=category,
        entity_registry_enabled_default=key not in READINGS or not READINGS[key].rare,
    )


READING_BINARY_SENSORS: Final = {
    description.key: description
    for description in (
        _describe("off_grid"),
        _describe("problem", BinarySensorDeviceClass.PROBLEM),
        _describe("earth_fault", BinarySensorDeviceClass.SAFETY),
        _describe(
            "meter_connected",
            BinarySensorDeviceClass.CONNECTIVITY,
            EntityCategory.DIAGNOSTIC,
        ),
        _describe(
            "cloud_connected",
            BinarySensorDeviceClass.CONNECTIVITY,
            EntityCategory.DIAGNOSTIC,
        ),
        _describe("generator_running", BinarySensorDeviceClass.RUNNING),
    )
}

DTU_CONNECTED: Final = _describe(
    "dtu_connected", BinarySensorDeviceClass.CONNECTIVITY, EntityCategory.DIAGNOSTIC
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: InstagenConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add what the plant has, and parts that turn up later."""
    async_add_contact(entry, contact_binary_sensors, async_add_entities)
    coordinator = entry.runtime_data.coordinator
    added: set[str] = set()

    @callback
    def add_new() -> None:
        new = READING_BINARY_SENSORS.keys() & coordinator.possible_keys() - added
        added.update(new)
        async_add_entities(
            InstagenBinarySensor(
                coordinator, READING_BINARY_SENSORS[key], READINGS[key].part
            )
            for key in sorted(new)
        )

    add_new()
    entry.async_on_unload(coordinator.async_on_new_parts(add_new))
    async_add_entities(
        [
            InstagenDtuConnected(
                coordinator, DTU_CONNECTED, Part.INVERTER, context=LINK_STATE
            )
        ]
    )


class InstagenBinarySensor(InstagenEntity, BinarySensorEntity):
    """One reading with two states."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return the state, None while it is unknown."""
        value = self.coordinator.data.get(self.entity_description.key)
        return value if isinstance(value, bool) else None


class InstagenDtuConnected(InstagenEntity, BinarySensorEntity):
    """Whether the DTU answers. Never unavailable: its absence is the message."""

    @property
    @override
    def available(self) -> bool:
        """Return True: it knows its state just when nothing else does."""
        return True

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the last poll was answered."""
        return self.coordinator.last_update_success
