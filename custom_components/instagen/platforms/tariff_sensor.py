"""Sensors of the tariff: band, prices, and when they change (mission section 2)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from ..coordinator import InstagenConfigEntry, InstagenCoordinator
from ..entity import InstagenEntity
from ..plant.readings import Part
from ..plant.tariff import Band
from ..tariff.book import TariffBook

BUY_PRICE: Final = "buy_price"
SELL_PRICE: Final = "sell_price"

_PERIOD: Final = SensorEntityDescription(
    key="tariff_period",
    translation_key="tariff_period",
    device_class=SensorDeviceClass.ENUM,
    options=list(Band),
)
_NEXT: Final = SensorEntityDescription(
    key="next_tariff_change",
    translation_key="next_tariff_change",
    device_class=SensorDeviceClass.TIMESTAMP,
)


def _price(key: str) -> SensorEntityDescription:
    return SensorEntityDescription(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=4,
    )


@callback
def async_add_once_known(entry: InstagenConfigEntry, add: Callable[[], None]) -> None:
    """Add entities of the tariff now, or as soon as there is one."""
    book = entry.runtime_data.tariff
    added = False

    @callback
    def look() -> None:
        nonlocal added
        if book.tariff is not None and not added:
            added = True
            add()

    look()
    entry.async_on_unload(book.async_listen(look))


@callback
def async_add_tariff_sensors(
    entry: InstagenConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of a plant that has a tariff."""
    coordinator, book = entry.runtime_data.coordinator, entry.runtime_data.tariff
    async_add_once_known(
        entry,
        lambda: async_add_entities(
            [
                InstagenTariffPeriod(coordinator, book, _PERIOD),
                InstagenPrice(coordinator, book, _price(BUY_PRICE)),
                InstagenPrice(coordinator, book, _price(SELL_PRICE)),
                InstagenNextTariffChange(coordinator, book, _NEXT),
            ]
        ),
    )


class InstagenTariffSensor(InstagenEntity, SensorEntity):
    """Something that the tariff says of now; no link has to answer for it."""

    def __init__(
        self,
        coordinator: InstagenCoordinator,
        book: TariffBook,
        description: SensorEntityDescription,
    ) -> None:
        """Belong to the plant itself."""
        super().__init__(coordinator, description, Part.INVERTER)
        self.book = book

    @override
    async def async_added_to_hass(self) -> None:
        """Hear of the tariff, and of its turns."""
        await super().async_added_to_hass()
        self.async_on_remove(self.book.async_listen(self.async_write_ha_state))

    @property
    @override
    def available(self) -> bool:
        """The table is known, and the clock is ours."""
        return True


class InstagenTariffPeriod(InstagenTariffSensor):
    """The band that now lies in."""

    @property
    @override
    def native_value(self) -> StateType:
        """Return the band; None where the table has no word for now."""
        return self.book.band

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Tell whose table it is."""
        source = self.book.source
        return {"source": source and source.value}


class InstagenPrice(InstagenTariffSensor):
    """What a kWh costs now, or brings; fit for the Energy dashboard."""

    @property
    @override
    def native_unit_of_measurement(self) -> str:
        """Return the tariff's currency per kWh, Home Assistant's if it has none."""
        return self.book.unit

    @property
    @override
    def native_value(self) -> StateType:
        """Return the price of now."""
        rate = self.book.rate
        if rate is None:
            return None
        return rate.buy if self.entity_description.key == BUY_PRICE else rate.sell


class InstagenNextTariffChange(InstagenTariffSensor):
    """When the band or a price changes next."""

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return the moment; None when nothing changes within a year."""
        return self.book.next_change
