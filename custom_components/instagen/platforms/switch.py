"""Switches: what can be turned on and off."""

from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..commands import async_run_command, raise_unless_done
from ..contact.entity import async_add_contact
from ..control.maintenance import Command, Maintenance
from ..coordinator import InstagenConfigEntry, InstagenCoordinator
from ..entity import InstagenEntity
from ..plant.readings import Part
from ..plant.states import WorkStatus
from ..setting_entity import InstagenSettingEntity, async_add_offered
from .contact import switches as contact_switches

PARALLEL_UPDATES: Final = 1

WORK_STATUS: Final = "work_status"

RUNNING: Final = frozenset(
    {
        WorkStatus.POWER_UP,
        WorkStatus.GRID_TEST,
        WorkStatus.ON_GRID,
        WorkStatus.OFF_GRID,
        WorkStatus.BYPASS,
    }
)
"""States that only an inverter has that is switched on. One in standby or with a fault
may be either: no public source tells how one that is switched off reports itself."""

_WIND_DOWN: Final = 120.0
"""Seconds for which an old answer may still show an inverter running that was switched
off; our choice, four polls of the slowest link."""

# It takes the house's solar power, and in an outage all power: who wants that at hand
# enables it. Over Modbus the register 3001 would do the same; that link is read only.
INVERTER: Final = SwitchEntityDescription(
    key="inverter",
    translation_key="inverter",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)


EXPORT_CONTROL: Final = SwitchEntityDescription(
    key="export_control",
    translation_key="export_control",
    entity_category=EntityCategory.CONFIG,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: InstagenConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches that a link of the plant carries."""
    async_add_contact(entry, contact_switches, async_add_entities)
    runtime = entry.runtime_data
    if runtime.maintenance is not None:
        async_add_entities(
            [InstagenInverterSwitch(runtime.coordinator, runtime.maintenance)]
        )
    async_add_offered(
        entry,
        (EXPORT_CONTROL.key,),
        lambda _: async_add_entities(
            [
                InstagenExportControl(
                    runtime.coordinator, runtime.steering, EXPORT_CONTROL, Part.GRID
                )
            ]
        ),
    )


class InstagenExportControl(InstagenSettingEntity, SwitchEntity):
    """Whether the plant minds its limit of export."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it does, None while nobody knows."""
        value = self.shown.value
        return value if isinstance(value, bool) else None

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Mind the limit."""
        await self.async_change({EXPORT_CONTROL.key: True})

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Export whatever is left over."""
        await self.async_change({EXPORT_CONTROL.key: False})


class InstagenInverterSwitch(InstagenEntity, SwitchEntity):
    """Switches all inverters of the plant.

    Its state is what was last carried out here, until the work status proves otherwise;
    it is assumed wherever the work status tells neither.
    """

    def __init__(
        self, coordinator: InstagenCoordinator, maintenance: Maintenance
    ) -> None:
        """Belong to the plant's own device and watch its work status."""
        super().__init__(coordinator, INVERTER, Part.INVERTER, context=WORK_STATUS)
        self._maintenance = maintenance
        self._commanded: bool | None = None
        self._believed_until = float("-inf")
        self._was_running = self._runs

    @property
    def _runs(self) -> bool:
        return self.coordinator.data.get(WORK_STATUS) in RUNNING

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it is on, None when nothing tells."""
        if self._commanded is not None:
            return self._commanded
        return True if self._runs else None

    @property
    @override
    def assumed_state(self) -> bool:
        """Return whether the state is anything but read back."""
        return not (self._runs and self.is_on)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Let an inverter that runs overrule what was commanded."""
        started = self._runs and not self._was_running
        overdue = self._runs and self.coordinator.clock() > self._believed_until
        if started or overdue:
            self._commanded = None
        self._was_running = self._runs
        super()._handle_coordinator_update()

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch the inverters on."""
        await self._async_switch(Command.INVERTER_ON, on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch the inverters off; the frontend asks whether that is meant."""
        await self._async_switch(Command.INVERTER_OFF, on=False)

    async def _async_switch(self, command: Command, *, on: bool) -> None:
        result = await async_run_command(
            self.coordinator, self._maintenance, command, _nothing
        )
        raise_unless_done(result)
        self._commanded = on
        self._believed_until = self.coordinator.clock() + _WIND_DOWN
        self.async_write_ha_state()


def _nothing(percent: int) -> None:
    """Hear nothing: a switch has no place to show progress."""
