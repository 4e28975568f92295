"""Times: where the windows of the dry contact begin and end (mission section 3)."""

from collections.abc import Iterable
from datetime import time
from typing import Final, override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import DOMAIN
from ..contact.entity import InstagenContactEntity, async_add_contact
from ..contact.panel import ContactPanel
from ..coordinator import InstagenConfigEntry, InstagenCoordinator
from ..plant.contact_settings import NONE, moved, window_in
from ..plant.tariff import DAY_MINUTES

PARALLEL_UPDATES: Final = 1

WINDOWS: Final = {
    "load_window_1": "load_window_1",
    "load_window_2": "load_window_2",
    "surplus_window": "surplus_window_1",
    "generator_quiet": "generator_quiet_1",
    "generator_charge": "generator_charge",
}
"""The settings by the first part of the entities' keys. The window of the intelligent load
is ours to name: the contract forgot it, and without one that load never runs."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: InstagenConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add both ends of each window."""
    async_add_contact(entry, _times, async_add_entities)


def _times(
    coordinator: InstagenCoordinator, panel: ContactPanel
) -> Iterable[InstagenContactEntity]:
    for name, setting in WINDOWS.items():
        for end in ("start", "end"):
            description = TimeEntityDescription(
                key=f"{name}_{end}",
                translation_key=f"{name}_{end}",
                entity_category=EntityCategory.CONFIG,
            )
            yield InstagenWindowTime(coordinator, panel, description, setting)


class InstagenWindowTime(InstagenContactEntity, TimeEntity):
    """One end of a window; a window that was not there yet lasts an hour at first."""

    @property
    def _is_start(self) -> bool:
        return self.entity_description.key.endswith("_start")

    @property
    @override
    def native_value(self) -> time | None:
        """Return the end, None while there is no window."""
        window = window_in(str(self.panel.shown(self.setting).value or NONE))
        if window is None:
            return None
        minute = window.start if self._is_start else window.end % DAY_MINUTES
        return time(minute // 60, minute % 60)

    @override
    async def async_set_value(self, value: time) -> None:
        """Move the end. Both at the same minute would be nothing, or the whole day."""
        minute = value.hour * 60 + value.minute
        text = str(self.panel.shown(self.setting).value or NONE)
        try:
            text = (
                moved(text, start=minute) if self._is_start else moved(text, end=minute)
            )
        except ValueError as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="contact_window_empty",
                translation_placeholders={"where": f"{value:%H:%M}-{value:%H:%M}"},
            ) from err
        await self.async_change({self.setting: text})
