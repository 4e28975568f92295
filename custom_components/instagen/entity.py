"""What all entities of a plant have in common."""

from typing import override

from homeassistant.helpers.device_registry import ChildDeviceInfo, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_SERIAL, DOMAIN
from .coordinator import InstagenCoordinator, unique_id
from .plant.readings import Part


class InstagenEntity(CoordinatorEntity[InstagenCoordinator]):
    """One reading of a plant; it hears only about its own."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: InstagenCoordinator,
        description: EntityDescription,
        part: Part,
        *,
        context: str | None = None,
    ) -> None:
        """Bind to a reading; ``context`` names another one to listen to than the key."""
        super().__init__(coordinator, context=context or description.key)
        self.entity_description = description
        entry = coordinator.config_entry
        self._attr_unique_id = unique_id(entry, description.key)
        self._attr_device_info = _device_info(coordinator, part)

    @property
    @override
    def available(self) -> bool:
        """Available while the part of the plant behind the reading answers."""
        coordinator = self.coordinator
        return coordinator.last_update_success and not coordinator.data.is_silent(
            self.coordinator_context
        )


def _device_info(
    coordinator: InstagenCoordinator, part: Part
) -> DeviceInfo | ChildDeviceInfo:
    """Describe the device of a part: the inverter itself, or a child of it."""
    serial = coordinator.config_entry.data[CONF_SERIAL]
    if part is Part.INVERTER:
        return DeviceInfo(identifiers={(DOMAIN, serial)})
    return ChildDeviceInfo(
        identifiers={(DOMAIN, f"{serial}_{part}")},
        parent_device_id=coordinator.plant_device_id,
        translation_key=part,
    )
