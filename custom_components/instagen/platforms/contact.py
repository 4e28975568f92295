"""The controls of the dry contact (manual 5.2, mission section 3)."""

from collections.abc import Iterable
from typing import Any, Final, override

from homeassistant.components.number import (
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfPower,
    UnitOfTime,
)

from ..contact.entity import InstagenContactEntity
from ..contact.panel import ContactPanel
from ..coordinator import InstagenCoordinator
from ..plant.contact_settings import (
    FUNCTION,
    GENERATOR,
    GENERATOR_MODE,
    LOAD_CONTACT,
    LOAD_MODE,
    OTHER,
    RANGES,
)
from ..plant.dry_contact import ContactFunction
from ..plant.settings import SETTINGS, SettingKind

_UNITS: Final = {
    SettingKind.SOC: PERCENTAGE,
    SettingKind.POWER: UnitOfPower.WATT,
    SettingKind.MINUTES: UnitOfTime.MINUTES,
    SettingKind.CURRENT: UnitOfElectricCurrent.AMPERE,
}

NUMBERS: Final = (
    "load_nominal_power",
    "load_min_run_time",
    "load_protection_soc",
    "entrance_breaker_size",
    "ev_charger_size",
    "generator_start_soc",
    "generator_stop_soc",
)
SELECTS: Final = (FUNCTION, LOAD_MODE, GENERATOR_MODE)
SWITCHES: Final = (LOAD_CONTACT, GENERATOR, "generator_quiet_time")
_OPERATED: Final = frozenset({LOAD_CONTACT, GENERATOR})

EARTH_FAULT_ALARM: Final = SwitchEntityDescription(
    key="earth_fault_alarm",
    translation_key="earth_fault_alarm",
    entity_category=EntityCategory.CONFIG,
)


def numbers(
    coordinator: InstagenCoordinator, panel: ContactPanel
) -> Iterable[InstagenContactEntity]:
    """Make the numbers."""
    for key in NUMBERS:
        description = NumberEntityDescription(
            key=key,
            translation_key=key,
            native_unit_of_measurement=_UNITS[SETTINGS[key].kind],
            entity_category=EntityCategory.CONFIG,
            mode=NumberMode.BOX,
        )
        yield InstagenContactNumber(coordinator, panel, description)


def selects(
    coordinator: InstagenCoordinator, panel: ContactPanel
) -> Iterable[InstagenContactEntity]:
    """Make the selects."""
    for key in SELECTS:
        description = SelectEntityDescription(
            key=key, translation_key=key, entity_category=EntityCategory.CONFIG
        )
        yield InstagenContactSelect(coordinator, panel, description)


def switches(
    coordinator: InstagenCoordinator, panel: ContactPanel
) -> Iterable[InstagenContactEntity]:
    """Make the switches."""
    for key in SWITCHES:
        description = SwitchEntityDescription(
            key=key,
            translation_key=key,
            entity_category=None if key in _OPERATED else EntityCategory.CONFIG,
        )
        yield InstagenContactSwitch(coordinator, panel, description)
    yield InstagenEarthFaultAlarm(coordinator, panel, EARTH_FAULT_ALARM, FUNCTION)


class InstagenContactNumber(InstagenContactEntity, NumberEntity):
    """One number of the contact; what it takes is ours, as no device tells any."""

    @property
    @override
    def native_min_value(self) -> float:
        """Return the least that it may be."""
        return RANGES[self.setting].low

    @property
    @override
    def native_max_value(self) -> float:
        """Return the most that it may be."""
        return RANGES[self.setting].high

    @property
    @override
    def native_step(self) -> float:
        """Return its steps."""
        return RANGES[self.setting].step

    @property
    @override
    def native_value(self) -> float | None:
        """Return the value, None while nobody knows it."""
        value = self.panel.shown(self.setting).value
        return value if isinstance(value, int | float) else None

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Change it; the rules go by whole numbers."""
        await self.async_change({self.setting: round(value)})


class InstagenContactSelect(InstagenContactEntity, SelectEntity):
    """One choice. Another use opens the contact and lets it rest first."""

    @property
    @override
    def options(self) -> list[str]:
        """Return what can be chosen, and what a device tells that has no name."""
        unknown = [OTHER] if self.current_option == OTHER else []
        return [*SETTINGS[self.setting].options, *unknown]

    @property
    @override
    def current_option(self) -> str | None:
        """Return the choice, None while nobody knows it."""
        value = self.panel.shown(self.setting).value
        return value if isinstance(value, str) else None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Tell what is doubtful as well, once for all that is set."""
        told = dict(super().extra_state_attributes)
        if self.setting == FUNCTION:
            told["warnings"] = self.panel.warnings
        return told

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose."""
        if option != self.current_option:
            await self.async_change({self.setting: option})


class InstagenContactSwitch(InstagenContactEntity, SwitchEntity):
    """A command, or quiet time."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it is on, None while nobody knows."""
        value = self.panel.shown(self.setting).value
        return value if isinstance(value, bool) else None

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Turn it on."""
        await self.async_change({self.setting: True})

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Turn it off."""
        await self.async_change({self.setting: False})


class InstagenEarthFaultAlarm(InstagenContactEntity, SwitchEntity):
    """Whether the contact tells earth faults; that is one of its uses (manual 5.2.1)."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether that is the use, None while nobody knows."""
        value = self.panel.shown(FUNCTION).value
        return None if value is None else value == ContactFunction.EARTH_FAULT_ALARM

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Make it the use, whatever was before."""
        if not self.is_on:
            use = ContactFunction.EARTH_FAULT_ALARM.value
            await self.async_change({FUNCTION: use})

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """End this use; another one stays."""
        if self.is_on:
            await self.async_change({FUNCTION: ContactFunction.OFF.value})
