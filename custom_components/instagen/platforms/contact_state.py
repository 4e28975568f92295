"""How the dry contact stands, and why."""

from collections.abc import Iterable
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory

from ..contact.entity import InstagenContactEntity
from ..contact.local import LocalContact
from ..contact.panel import ContactPanel
from ..control.generator import GeneratorState
from ..coordinator import InstagenCoordinator
from ..plant.contact_settings import FUNCTION
from ..plant.dry_contact import ContactFunction

CLOSED: Final = BinarySensorEntityDescription(
    key="dry_contact_closed", translation_key="dry_contact_closed"
)
RUNNING: Final = BinarySensorEntityDescription(
    key="generator_running",
    translation_key="generator_running",
    device_class=BinarySensorDeviceClass.RUNNING,
)
SHED: Final = BinarySensorEntityDescription(
    key="loads_to_shed", translation_key="loads_to_shed"
)
RESET: Final = ButtonEntityDescription(
    key="contact_reset",
    translation_key="contact_reset",
    entity_category=EntityCategory.CONFIG,
)

_RUNS: Final = frozenset({GeneratorState.WARM, GeneratorState.RUN, GeneratorState.COOL})


def binary_sensors(
    coordinator: InstagenCoordinator, panel: ContactPanel
) -> Iterable[InstagenContactEntity]:
    """Make the states; a plant that reads its generator has one for that already."""
    yield InstagenContactClosed(coordinator, panel, CLOSED, FUNCTION)
    read = RUNNING.key in coordinator.possible_keys()
    if not isinstance(panel, LocalContact):
        return
    yield InstagenLoadsToShed(coordinator, panel, SHED, FUNCTION)
    if not read:
        yield InstagenGeneratorRunning(coordinator, panel, RUNNING, FUNCTION)


def buttons(
    coordinator: InstagenCoordinator, panel: ContactPanel
) -> Iterable[InstagenContactEntity]:
    """Make the button that unlocks rules of ours; a device's cannot be."""
    if isinstance(panel, LocalContact):
        yield InstagenContactReset(coordinator, panel, RESET, FUNCTION)


class InstagenContactClosed(InstagenContactEntity, BinarySensorEntity):
    """Whether the contact was told to be closed: no promise that the load runs."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what was commanded, None where the device's rules keep it."""
        return self.panel.commanded

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Tell why, apart from what the owner's sensor measures."""
        step = self.panel.step
        return {
            **super().extra_state_attributes,
            "reason": step and step.reason.value,
            "rule_state": step and str(step.state),
            "running": self.panel.running,
        }


class InstagenLoadsToShed(InstagenContactEntity, BinarySensorEntity):
    """Whether the battery runs out and no generator helps: for automations that shed."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what the generator's rule says, None before it looked."""
        step = self.panel.step
        return None if step is None else step.shed


class InstagenGeneratorRunning(InstagenContactEntity, BinarySensorEntity):
    """Whether the generator runs: by the owner's sensor, else by what its rule believes."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it runs, None while the contact is not its."""
        step = self.panel.step
        if step is None or self._use != ContactFunction.GENERATOR_CONTROL:
            return None
        running = self.panel.running
        return step.state in _RUNS if running is None else running

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Tell why it runs or does not."""
        step = self.panel.step
        known = step is not None and self._use == ContactFunction.GENERATOR_CONTROL
        return {
            **super().extra_state_attributes,
            "reason": step.reason.value if known and step else None,
        }

    @property
    def _use(self) -> object:
        return self.panel.shown(FUNCTION).value


class InstagenContactReset(InstagenContactEntity, ButtonEntity):
    """Unlocks an EV charger, or takes note of a generator's fault."""

    @override
    async def async_press(self) -> None:
        """Let the rules begin again."""
        if isinstance(self.panel, LocalContact):
            self.panel.async_look(reset=True)
