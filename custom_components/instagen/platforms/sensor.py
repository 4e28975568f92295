"""Sensors: every measured reading of a plant."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, override

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

from ..control.desk import LEASES, WRITES_TODAY
from ..control.leases import Lease, LeaseMode
from ..control_texts import ControlTexts
from ..coordinator import (
    ACTIVE_LINK,
    LAST_UPDATE,
    InstagenConfigEntry,
    InstagenCoordinator,
)
from ..entity import InstagenEntity
from ..plant.readings import READINGS, Kind, Part, Reading
from ..plant.settings import BATTERY_MODE
from ..plant.states import BatteryState, LinkName, WorkStatus
from ..setting_entity import async_add_offered
from ..steering import Steering
from .tariff_sensor import async_add_tariff_sensors

PARALLEL_UPDATES = 0

NO_LEASE: Final = "none"


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

CURRENT_LEASE_SENSOR: Final = InstagenSensorDescription(
    key="current_lease",
    translation_key="current_lease",
    device_class=SensorDeviceClass.ENUM,
    options=[NO_LEASE, *LeaseMode],
    entity_category=EntityCategory.DIAGNOSTIC,
)
LEASE_ENDS_SENSOR: Final = InstagenSensorDescription(
    key="lease_ends",
    translation_key="lease_ends",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
)
WRITES_TODAY_SENSOR: Final = InstagenSensorDescription(
    key=WRITES_TODAY,
    translation_key=WRITES_TODAY,
    state_class=SensorStateClass.TOTAL_INCREASING,
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
    steering = entry.runtime_data.steering
    async_add_offered(
        entry,
        (BATTERY_MODE,),
        lambda _: async_add_entities(
            sensor(coordinator, steering)
            for sensor in (InstagenCurrentLeaseSensor, InstagenLeaseEndsSensor)
        ),
    )
    async_add_tariff_sensors(entry, async_add_entities)
    async_add_entities(
        [
            InstagenWritesSensor(coordinator, steering),
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


class InstagenDeskSensor(InstagenEntity, SensorEntity):
    """Something that the desk tells; it is ours, so no link has to."""

    description: InstagenSensorDescription
    told_with: str
    """Of what the desk tells news that concern it."""

    def __init__(self, coordinator: InstagenCoordinator, steering: Steering) -> None:
        """Belong to the plant itself."""
        super().__init__(coordinator, self.description, Part.INVERTER)
        self.desk = steering.desk
        self._steering = steering

    @override
    async def async_added_to_hass(self) -> None:
        """Hear about what the desk tells."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self._steering.async_watch(self.told_with, self.async_write_ha_state)
        )

    @property
    @override
    def available(self) -> bool:
        """Leases go on while a link is away."""
        return True


class InstagenCurrentLeaseSensor(InstagenDeskSensor):
    """What the lease that holds the battery does with it."""

    description = CURRENT_LEASE_SENSOR
    told_with = LEASES

    @property
    @override
    def native_value(self) -> StateType:
        """Return the lease's mode."""
        lease = self.desk.current
        return lease.mode.value if lease else NO_LEASE

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Tell whose it is, what for, how it stands, and who waits."""
        lease = self.desk.current
        waiting = [one for one in self.desk.leases if one is not lease]
        return {
            "owner": lease.owner if lease else None,
            "reason": lease.reason if lease else None,
            "target": lease.soc if lease else None,
            "power": lease.power if lease else None,
            "state": lease.state.value if lease else None,
            "lease_id": lease.id if lease else None,
            "until": lease.until.isoformat() if lease else None,
            "priority": lease.priority if lease else None,
            "queued": [one.owner for one in waiting],
            "waiting": {one.owner: _wish(one) for one in waiting},
            "limit": lease.limit if lease else None,
            "hindered": [
                text
                for one in self.desk.leases
                if (text := ControlTexts(self.hass).hindered(one))
            ],
            "paused": sorted(self.desk.paused),
        }


def _wish(lease: Lease) -> dict[str, Any]:
    """Tell what an owner asked for who waits: who asks again needs to know it."""
    return {
        "mode": lease.mode.value,
        "target": lease.soc,
        "until": lease.until.isoformat(),
    }


class InstagenLeaseEndsSensor(InstagenDeskSensor):
    """When the battery will be let go at the latest."""

    description = LEASE_ENDS_SENSOR
    told_with = LEASES

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return the end of the lease that holds the battery."""
        lease = self.desk.current
        return lease.until if lease else None


class InstagenWritesSensor(InstagenDeskSensor):
    """How many messages changed settings today; a device bears only so many."""

    description = WRITES_TODAY_SENSOR
    told_with = WRITES_TODAY

    @property
    @override
    def native_value(self) -> StateType:
        """Return today's messages."""
        return self.desk.writes_today
