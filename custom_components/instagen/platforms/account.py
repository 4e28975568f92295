"""Sensors of an account: the numbers of the home page (manual 4.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfEnergy, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from ..account.home import Home
from ..account.model import DeviceKind, PlantState
from ..cloud.runtime import AccountCoordinator, AccountEntry
from ..const import DOMAIN


@dataclass(frozen=True, kw_only=True)
class AccountSensorDescription(SensorEntityDescription):
    """A number of the home page."""

    value_fn: Callable[[Home], StateType]


def _count(
    key: str, value_fn: Callable[[Home], StateType], *, shown: bool = True
) -> AccountSensorDescription:
    return AccountSensorDescription(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.MEASUREMENT,
        entity_registry_enabled_default=shown,
        value_fn=value_fn,
    )


def _in_state(state: PlantState) -> Callable[[Home], StateType]:
    return lambda home: home.plants_by_state.get(state, 0)


def _of_kind(kind: DeviceKind) -> Callable[[Home], StateType]:
    return lambda home: home.devices_by_code.get(kind.value, 0)


def _energy(
    key: str, value_fn: Callable[[Home], StateType]
) -> AccountSensorDescription:
    return AccountSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        # Plants come and go with what they have made, so the sum may fall.
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=0,
        value_fn=value_fn,
    )


ACCOUNT_SENSORS: Final = (
    _count("account_plants", lambda home: home.plants),
    _count("account_plants_normal", _in_state(PlantState.NORMAL)),
    _count("account_plants_alarm", _in_state(PlantState.ALARM)),
    _count("account_plants_offline", _in_state(PlantState.OFFLINE)),
    _count("account_devices", lambda home: home.devices),
    _count("account_dtus", _of_kind(DeviceKind.DTU)),
    _count("account_inverters", _of_kind(DeviceKind.INVERTER)),
    _count("account_batteries", _of_kind(DeviceKind.BATTERY)),
    _count("account_meters", _of_kind(DeviceKind.METER)),
    _count("account_microinverters", _of_kind(DeviceKind.MICROINVERTER), shown=False),
    _count("account_new_plants", lambda home: home.new_plants),
    _count("account_new_devices", lambda home: home.new_devices),
    _count("account_favourites", lambda home: home.favourites),
    AccountSensorDescription(
        key="account_power",
        translation_key="account_power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda home: home.generation.power,
    ),
    _energy("account_energy_today", lambda home: home.generation.today),
    _energy("account_energy_month", lambda home: home.generation.month),
    _energy("account_energy_year", lambda home: home.generation.year),
    _energy("account_energy", lambda home: home.generation.total),
)


async def async_setup_account(
    hass: HomeAssistant,
    entry: AccountEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the account's own sensors."""
    coordinator = entry.runtime_data.coordinator
    async_add_entities(
        AccountSensor(coordinator, description) for description in ACCOUNT_SENSORS
    )


class AccountSensor(CoordinatorEntity[AccountCoordinator], SensorEntity):
    """One number of the home page."""

    _attr_has_entity_name = True
    entity_description: AccountSensorDescription

    def __init__(
        self, coordinator: AccountCoordinator, description: AccountSensorDescription
    ) -> None:
        """Belong to the account."""
        super().__init__(coordinator)
        self.entity_description = description
        entry = coordinator.config_entry
        self._attr_unique_id = f"{entry.unique_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry.entry_id)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer=coordinator.client.brand.name,
            name=entry.title,
        )

    @property
    @override
    def native_value(self) -> StateType:
        """Return the number, None while it is unknown."""
        return self.entity_description.value_fn(self.coordinator.data)
