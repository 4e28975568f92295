"""Numbers: reserves, targets and limits (mission section 3)."""

from typing import Final, override

from homeassistant.components.number import (
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..contact.entity import async_add_contact
from ..coordinator import InstagenConfigEntry
from ..plant.readings import Part
from ..plant.settings import SETTINGS, Range, SettingKind
from ..setting_entity import InstagenSettingEntity, async_add_offered
from .contact import numbers as contact_numbers

PARALLEL_UPDATES: Final = 1

_EXPORT_LIMIT: Final = "export_limit"


def _describe(key: str) -> NumberEntityDescription:
    return NumberEntityDescription(
        key=key,
        translation_key=key,
        native_unit_of_measurement=PERCENTAGE,
        entity_category=EntityCategory.CONFIG,
        mode=NumberMode.BOX,
    )


NUMBERS: Final = {
    key: _describe(key)
    for key in (
        "self_consumption_reserve_soc",
        "economical_reserve_soc",
        "full_backup_reserve_soc",
        "force_charge_target_soc",
        "force_charge_power",
        "force_discharge_target_soc",
        "force_discharge_power",
        "battery_max_soc",
        "battery_min_soc",
        "battery_charge_power_limit",
        "battery_discharge_power_limit",
        _EXPORT_LIMIT,
    )
}

_UNTOLD: Final = Range(0, 100)
"""Percent; what a plant is offered whose link does not say what it takes."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: InstagenConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a number for each setting that a link of the plant carries."""
    async_add_contact(entry, contact_numbers, async_add_entities)
    runtime = entry.runtime_data
    async_add_offered(
        entry,
        NUMBERS,
        lambda keys: async_add_entities(
            InstagenNumber(
                runtime.coordinator,
                runtime.steering,
                NUMBERS[key],
                Part.GRID if key == _EXPORT_LIMIT else Part.BATTERY,
            )
            for key in keys
        ),
    )


class InstagenNumber(InstagenSettingEntity, NumberEntity):
    """One setting with a number; what it takes is the device's to say."""

    @property
    def _range(self) -> Range:
        capability = self.steering.desk.capabilities.get(self.entity_description.key)
        return (capability and capability.range) or _UNTOLD

    @property
    @override
    def native_min_value(self) -> float:
        """Return the least that the device takes now."""
        return self._range.low

    @property
    @override
    def native_max_value(self) -> float:
        """Return the most that the device takes now."""
        return self._range.high

    @property
    @override
    def native_step(self) -> float:
        """Return the steps in which the device takes it."""
        return self._range.step

    @property
    @override
    def native_value(self) -> float | None:
        """Return the value, None while nobody knows it."""
        value = self.shown.value
        return value if isinstance(value, int | float) else None

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Change the setting.

        A limit of export that is not on limits nothing, so it is turned on with it.
        """
        key = self.entity_description.key
        whole = SETTINGS[key].kind is SettingKind.SOC and value == int(value)
        limit = {"export_control": True} if key == _EXPORT_LIMIT else {}
        await self.async_change({key: int(value) if whole else value, **limit})
