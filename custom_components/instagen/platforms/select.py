"""Selects: the battery mode (manual 5.1)."""

from typing import Final, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import CONF_ALLOW_OFF_GRID
from ..contact.entity import async_add_contact
from ..coordinator import InstagenConfigEntry
from ..plant.readings import Part
from ..plant.settings import BATTERY_MODE
from ..plant.states import BatteryMode
from ..setting_entity import InstagenSettingEntity, async_add_offered
from .contact import selects as contact_selects

PARALLEL_UPDATES: Final = 1

MODE: Final = SelectEntityDescription(key=BATTERY_MODE, translation_key=BATTERY_MODE)

_BEYOND_THE_MANUAL: Final = frozenset(
    {BatteryMode.PEAK_SHAVING, BatteryMode.TIME_OF_USE, BatteryMode.AI}
)
"""Modes of the sister brand: shown where a device reports them (automation.md 4.0)."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: InstagenConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the battery mode of a plant whose links can choose it."""
    async_add_contact(entry, contact_selects, async_add_entities)
    runtime = entry.runtime_data
    async_add_offered(
        entry,
        (BATTERY_MODE,),
        lambda _: async_add_entities(
            [
                InstagenBatteryMode(
                    runtime.coordinator, runtime.steering, MODE, Part.BATTERY
                )
            ]
        ),
    )


class InstagenBatteryMode(InstagenSettingEntity, SelectEntity):
    """The mode that the battery works in. A forced one ends by itself."""

    @property
    @override
    def options(self) -> list[str]:
        """Return the modes that a link can choose, and the one that is."""
        modes = set(self.steering.desk.modes) - _BEYOND_THE_MANUAL
        if not self.coordinator.config_entry.options.get(CONF_ALLOW_OFF_GRID, False):
            modes.discard(BatteryMode.OFF_GRID)
        shown = {*modes, self.current_option}
        return [mode.value for mode in BatteryMode if mode in shown]

    @property
    @override
    def current_option(self) -> str | None:
        """Return the mode, None while nobody knows it."""
        value = self.shown.value
        return value if isinstance(value, str) else None

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose a mode as a human: whoever has the battery for less loses it.

        Parting the house from the grid wants more than a slip of the finger; the
        refusal names the action that does it.
        """
        await self.async_ask(
            lambda: self.steering.desk.set_mode(BatteryMode(option), {}, self.asker())
        )
