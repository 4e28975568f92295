"""Buttons: maintenance of the stick and its inverters (mission section 4)."""

from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.button import (
    ButtonDeviceClass,
    ButtonEntity,
    ButtonEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..commands import async_run_command, raise_unless_done
from ..contact.entity import async_add_contact
from ..control.maintenance import COMMANDS, Command, Maintenance, Outcome, Target
from ..coordinator import InstagenConfigEntry, InstagenCoordinator
from ..entity import InstagenEntity
from ..plant.readings import Part

# Commands take minutes, and a second one must be refused or, if it stops the first,
# overtake it; Home Assistant's own line would let it wait instead.
from .contact_state import buttons as contact_buttons

PARALLEL_UPDATES: Final = 0

_STEP: Final = 25
"""Percent; each step of progress shown is a state written."""


@dataclass(frozen=True, kw_only=True)
class InstagenButtonDescription(ButtonEntityDescription):
    """A button and the command behind it."""

    command: Command


def _describe(
    command: Command, device_class: ButtonDeviceClass | None = None
) -> InstagenButtonDescription:
    """Describe a button; one that takes something away for good starts disabled."""
    return InstagenButtonDescription(
        key=command.value,
        translation_key=command.value,
        command=command,
        device_class=device_class,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=not COMMANDS[command].dangerous,
    )


BUTTONS: Final = (
    _describe(Command.RESTART_DTU, ButtonDeviceClass.RESTART),
    _describe(Command.RESTORE_DTU_DEFAULTS),
    _describe(Command.STOP_DTU_COMMAND),
    _describe(Command.RESTART_INVERTER, ButtonDeviceClass.RESTART),
    _describe(Command.RESTORE_INVERTER_DEFAULTS),
    _describe(Command.CLEAR_INVERTER_HISTORY),
    _describe(Command.UPLOAD_DATA_NOW),
    _describe(Command.FIND_DEVICE),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: InstagenConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the buttons of a plant that has a link with commands."""
    async_add_contact(entry, contact_buttons, async_add_entities)
    maintenance = entry.runtime_data.maintenance
    if maintenance is None:
        return
    async_add_entities(
        InstagenCommandButton(entry.runtime_data.coordinator, description, maintenance)
        for description in BUTTONS
        if COMMANDS[description.command].offered
    )


class InstagenCommandButton(InstagenEntity, ButtonEntity):
    """Runs a command while it is pressed, and fails with the reason if it does.

    While it runs, ``in_progress`` is true and ``progress`` counts in quarters;
    ``last_result`` tells how it ended, as the error does that the press raised.
    """

    entity_description: InstagenButtonDescription
    _unrecorded_attributes = frozenset({"in_progress", "progress"})

    def __init__(
        self,
        coordinator: InstagenCoordinator,
        description: InstagenButtonDescription,
        maintenance: Maintenance,
    ) -> None:
        """Belong to the plant's own device."""
        super().__init__(coordinator, description, Part.INVERTER)
        self._maintenance = maintenance
        self._result: Outcome | None = None
        self._percent: int | None = None
        """None while nothing runs."""
        self._show()

    @property
    @override
    def available(self) -> bool:
        """Available while the plant answers.

        A stick's own commands always are: they are the remedy when it reads no inverter.
        """
        to_stick = COMMANDS[self.entity_description.command].target is Target.STICK
        return to_stick or super().available

    @override
    async def async_press(self) -> None:
        """Run the command to its end."""
        if self._percent is not None:
            await self._async_run()  # ends as busy
            return
        self._percent = 0
        self._write()
        try:
            await self._async_run()
        finally:
            self._percent = None
            self._write()

    async def _async_run(self) -> None:
        result = await async_run_command(
            self.coordinator,
            self._maintenance,
            self.entity_description.command,
            self._note_progress,
        )
        self._result = result.outcome
        raise_unless_done(result)

    @callback
    def _note_progress(self, percent: int) -> None:
        """Show progress in coarse steps, never backwards."""
        step = percent // _STEP * _STEP
        if self._percent is not None and step > self._percent:
            self._percent = step
            self._write()

    def _write(self) -> None:
        """Write the state; Home Assistant ignores an entity that was taken out."""
        self._show()
        self.async_write_ha_state()

    def _show(self) -> None:
        self._attr_extra_state_attributes = {
            "in_progress": self._percent is not None,
            "progress": self._percent,
            "last_result": self._result,
        }
