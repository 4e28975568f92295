"""What all entities of the dry contact have in common, and who makes the panel."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, override

from homeassistant.core import callback
from homeassistant.helpers.entity import EntityDescription

from ..asking import asker_of, translated_refusals
from ..const import CONF_CONTACT_RUNNING
from ..control.wishes import AskerKind
from ..coordinator import InstagenConfigEntry, InstagenCoordinator
from ..entity import InstagenEntity
from ..plant.contact_settings import FUNCTION
from ..plant.readings import Part
from ..plant.settings import Block, SettingValues, keys_of
from ..steering import Steering
from .device import DeviceContact
from .local import LocalContact
from .panel import ContactPanel
from .readings import named_in


async def async_contact_panel(
    coordinator: InstagenCoordinator, steering: Steering
) -> ContactPanel | None:
    """Return the panel of a plant: the device's, where it may be written, or ours."""
    options = coordinator.config_entry.options
    if FUNCTION in steering.desk.capabilities:
        running = options.get(CONF_CONTACT_RUNNING)
        return DeviceContact(coordinator.hass, steering, running=running)
    if (named := named_in(options)) is None:
        return None
    local = LocalContact(coordinator, steering, named)
    await local.async_recall()
    return local


class InstagenContactEntity(InstagenEntity):
    """One thing about the dry contact."""

    def __init__(
        self,
        coordinator: InstagenCoordinator,
        panel: ContactPanel,
        description: EntityDescription,
        setting: str | None = None,
    ) -> None:
        """Belong to the generator or the inverter; ``setting`` differs from the key."""
        key = description.key
        part = Part.GENERATOR if key.startswith("generator") else Part.INVERTER
        super().__init__(coordinator, description, part)
        self.panel = panel
        self.setting = setting or key

    @property
    @override
    def available(self) -> bool:
        """Available with the plant; rules of ours are there without it."""
        return self.panel.available or super().available

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Tell how sure the value is, and who carries out the rules."""
        return {
            "state": self.panel.shown(self.setting).state.value,
            "rules_run_in": self.panel.rules_run_in,
        }

    @override
    async def async_added_to_hass(self) -> None:
        """Hear about this setting alone; what tells of the whole, about all of them."""
        await super().async_added_to_hass()
        whole = self.setting == FUNCTION
        for key in keys_of(Block.CONTACT) if whole else (self.setting,):
            self.async_on_remove(self.panel.async_watch(key, self.async_write_ha_state))

    async def async_change(self, changes: SettingValues) -> None:
        """Change settings of the contact."""
        asker = asker_of(self._context, AskerKind.ENTITY, self.entity_id)
        with translated_refusals(self.hass):
            await self.panel.async_change(changes, asker)


@callback
def async_add_contact(
    entry: InstagenConfigEntry,
    made: Callable[
        [InstagenCoordinator, ContactPanel], Iterable[InstagenContactEntity]
    ],
    add: Callable[[list[InstagenContactEntity]], None],
) -> None:
    """Add the entities of the contact that somebody carries."""
    runtime = entry.runtime_data
    if (panel := runtime.contact) is not None:
        entities = made(runtime.coordinator, panel)
        add([one for one in entities if panel.carries(one.setting)])
