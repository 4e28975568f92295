"""What all controls of a plant's settings have in common."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, override

from homeassistant.core import callback
from homeassistant.helpers.entity import EntityDescription

from .asking import asker_of, translated_refusals
from .control.shown import Shown
from .control.wishes import Asker, AskerKind, Wish, WishError
from .coordinator import InstagenConfigEntry, InstagenCoordinator
from .entity import InstagenEntity
from .plant.readings import Part
from .plant.settings import SettingValues
from .steering import Steering

BATTERY_SOC = "battery_soc"


class InstagenSettingEntity(InstagenEntity):
    """A setting: shows what the desk shows, and changes it through the desk.

    A wished value stays visible while it is on its way. Then the device's own is shown
    again, which is the same unless the wish was refused.
    """

    def __init__(
        self,
        coordinator: InstagenCoordinator,
        steering: Steering,
        description: EntityDescription,
        part: Part,
    ) -> None:
        """Belong to the part of the plant that the setting is about."""
        super().__init__(coordinator, description, part)
        self.steering = steering

    @property
    def shown(self) -> Shown:
        """What there is to show."""
        return self.steering.desk.shown(self.entity_description.key)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Tell how sure the value is, who told it, and why the last wish failed."""
        shown = self.shown
        return {
            "state": shown.state.value,
            "link": shown.link and shown.link.value,
            "last_refusal": self.steering.refusals.get(self.entity_description.key),
        }

    @override
    async def async_added_to_hass(self) -> None:
        """Hear about this setting alone."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self.steering.async_watch(
                self.entity_description.key, self.async_write_ha_state
            )
        )

    def asker(self) -> Asker:
        """Tell who operates this control."""
        return asker_of(self._context, AskerKind.ENTITY, self.entity_id)

    async def async_change(self, changes: SettingValues) -> None:
        """Change settings of one block."""
        await self.async_ask(
            lambda: self.steering.desk.change(Wish(changes=changes, asker=self.asker()))
        )

    async def async_ask(self, ask: Callable[[], Any]) -> None:
        """Ask the desk, and show why it refused even before anything was tried."""
        with translated_refusals(self.hass):
            try:
                await ask()
            except WishError as err:
                refused = {self.entity_description.key: err.refusal.value}
                self.steering.refusals.update(refused)
                self.async_write_ha_state()
                raise


@callback
def async_add_offered(
    entry: InstagenConfigEntry,
    keys: Iterable[str],
    add: Callable[[list[str]], None],
) -> None:
    """Add the controls of what the plant's links carry, and of what turns up later.

    Settings of the battery come with a battery.
    """
    runtime = entry.runtime_data
    added: set[str] = set()

    @callback
    def add_new(_: frozenset[str] = frozenset()) -> None:
        possible = runtime.coordinator.possible_keys()
        offered = set(keys) & offered_keys(runtime.steering) - added
        if BATTERY_SOC not in possible:
            offered = {key for key in offered if key.startswith("export")}
        if offered:
            added.update(offered)
            add(sorted(offered))

    add_new()
    entry.async_on_unload(runtime.coordinator.async_on_new_parts(add_new))
    entry.async_on_unload(runtime.steering.desk.audience.add_listener(add_new))


def offered_keys(steering: Steering) -> frozenset[str]:
    """Return the settings that a link of the plant carries."""
    return frozenset(steering.desk.capabilities)
