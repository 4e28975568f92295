"""Sensors: every measured reading of a plant."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfPower,
    UnitOfTemperature,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from ..coordinator import ACTIVE_LINK, LAST_UPDATE, InstagenConfigEntry
from ..entity import InstagenEntity
from ..plant.readings import READINGS, Kind, Part, Reading
from ..plant.states import BatteryState, LinkName, WorkStatus

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class InstagenSensorDescription(SensorEntityDescription):
    """Describes a sensor; by default it shows the reading of its own key."""

    part: Part = Part.INVERTER


_MEASUREMENT = SensorStateClass.MEASUREMENT
_COUNTER = SensorStateClass.TOTAL_INCREASING

_BY_KIND: Final[Mapping[Kind, InstagenSensorDescription]] = {
    Kind.POWER: InstagenSensorDescription(
        key="",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=_MEASUREMENT,
        suggested_display_precision=0,
    ),
    Kind.ENERGY_TOTAL: InstagenSensorDescription(
        key="",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=_COUNTER,
        suggested_display_precision=1,
    ),
    Kind.ENERGY_TODAY: InstagenSensorDescription(
        key="",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=_COUNTER,
        suggested_display_precision=1,
    ),
    Kind.VOLTAGE: InstagenSensorDescription(
        key="",
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        state_class=_MEASUREMENT,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    Kind.CURRENT: InstagenSensorDescription(
        key="",
        device_class=SensorDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        state_class=_MEASUREMENT,
        suggested_display_precision=2,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    Kind.FREQUENCY: InstagenSensorDescription(
        key="",
        device_class=SensorDeviceClass.FREQUENCY,
        native_unit_of_measurement=UnitOfFrequency.HERTZ,
        state_class=_MEASUREMENT,
        suggested_display_precision=2,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    Kind.TEMPERATURE: InstagenSensorDescription(
        key="",
        device_class=SensorDeviceClass.TEMPERATURE,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        state_class=_MEASUREMENT,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    Kind.CHARGE: InstagenSensorDescription(
        key="",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        state_class=_MEASUREMENT,
        suggested_display_precision=0,
    ),
    Kind.HEALTH: InstagenSensorDescription(
        key="",
        native_unit_of_measurement=PERCENTAGE,
        state_class=_MEASUREMENT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    Kind.CAPACITY: InstagenSensorDescription(
        key="",
        device_class=SensorDeviceClass.ENERGY_STORAGE,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=_MEASUREMENT,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    Kind.RESISTANCE: InstagenSensorDescription(
        key="",
        native_unit_of_measurement="kΩ",
        state_class=_MEASUREMENT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    Kind.LEAKAGE: InstagenSensorDescription(
        key="",
        device_class=SensorDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.MILLIAMPERE,
        state_class=_MEASUREMENT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    Kind.STATE: InstagenSensorDescription(key="", device_class=SensorDeviceClass.ENUM),
}
"""How a kind of reading looks in Home Assistant."""

_STATES: Final[Mapping[str, list[str]]] = {
    "work_status": list(WorkStatus),
    "battery_state": list(BatteryState),
}


def _describe(reading: Reading) -> InstagenSensorDescription:
    """Return the description of one reading's sensor."""
    return replace(
        _BY_KIND[reading.kind],
        key=reading.key,
        translation_key=reading.key,
        part=reading.part,
        options=_STATES.get(reading.key),
        entity_registry_enabled_default=not reading.rare,
    )


READING_SENSORS: Final = {
    key: _describe(reading)
    for key, reading in READINGS.items()
    if reading.kind in _BY_KIND
}

ACTIVE_LINK_SENSOR: Final = InstagenSensorDescription(
    key=ACTIVE_LINK,
    translation_key=ACTIVE_LINK,
    device_class=SensorDeviceClass.ENUM,
    options=list(LinkName),
    entity_category=EntityCategory.DIAGNOSTIC,
)
LAST_UPDATE_SENSOR: Final = InstagenSensorDescription(
    key=LAST_UPDATE,
    translation_key=LAST_UPDATE,
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: InstagenConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a sensor for each reading the plant has, and for parts that turn up later."""
    coordinator = entry.runtime_data.coordinator
    added: set[str] = set()

    @callback
    def add_new() -> None:
        new = READING_SENSORS.keys() & coordinator.possible_keys() - added
        added.update(new)
        async_add_entities(
            InstagenSensor(coordinator, READING_SENSORS[key], READING_SENSORS[key].part)
            for key in sorted(new)
        )

    add_new()
    entry.async_on_unload(coordinator.async_on_new_parts(add_new))
    async_add_entities(
        [
            InstagenActiveLinkSensor(coordinator, ACTIVE_LINK_SENSOR, Part.INVERTER),
            InstagenLastUpdateSensor(coordinator, LAST_UPDATE_SENSOR, Part.INVERTER),
        ]
    )


class InstagenSensor(InstagenEntity, SensorEntity):
    """One measured reading."""

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the latest value, None while it is unknown."""
        return self.coordinator.data.get(self.entity_description.key)


class InstagenActiveLinkSensor(InstagenEntity, SensorEntity):
    """The link that serves the plant now."""

    @property
    @override
    def native_value(self) -> StateType:
        """Return the link's name."""
        return self.coordinator.active_link


class InstagenLastUpdateSensor(InstagenEntity, SensorEntity):
    """When the plant last answered. Stays readable while the link is down."""

    @property
    @override
    def available(self) -> bool:
        """Keep the last known time visible: it is what one looks for then."""
        return True

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return the minute of the last answer."""
        return self.coordinator.last_update
