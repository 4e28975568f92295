"""Events: alarms, with a type per fault family, what happens to leases and at a contact."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Self, override

from homeassistant.components.event import (
    EventEntity,
    EventEntityDescription,
    EventExtraStoredData,
)
from homeassistant.const import EntityCategory
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.start import async_at_started

from ..alarm_texts import AlarmTexts, async_alarm_texts
from ..contact.local import LocalContact
from ..control.contact_events import ContactEvent, ContactEventKind
from ..control.leases import LeaseEvent, LeaseEventKind
from ..control_texts import ControlTexts
from ..coordinator import InstagenConfigEntry, InstagenCoordinator
from ..entity import InstagenEntity
from ..plant.alarms import Alarm, Family, alarm_by_code, alarms_of, parse_faults
from ..plant.readings import Part
from ..plant.settings import BATTERY_MODE
from ..setting_entity import async_add_offered
from ..steering import Steering

PARALLEL_UPDATES: Final = 0

FAULTS: Final = "faults"

ALARM: Final = EventEntityDescription(
    key="alarm",
    translation_key="alarm",
    entity_category=EntityCategory.DIAGNOSTIC,
    event_types=[family.value for family in Family],
)

CONTROL: Final = EventEntityDescription(
    key="control",
    translation_key="control",
    entity_category=EntityCategory.DIAGNOSTIC,
    event_types=[kind.value for kind in LeaseEventKind],
)


CONTACT: Final = EventEntityDescription(
    key="contact",
    translation_key="contact",
    entity_category=EntityCategory.DIAGNOSTIC,
    event_types=[kind.value for kind in ContactEventKind],
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: InstagenConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the events of leases, and of alarms where the link names faults."""
    runtime = entry.runtime_data
    async_add_offered(
        entry,
        (BATTERY_MODE,),
        lambda _: async_add_entities(
            [InstagenControlEvent(runtime.coordinator, runtime.steering)]
        ),
    )
    if isinstance(runtime.contact, LocalContact):
        async_add_entities([InstagenContactEvent(runtime.coordinator, runtime.contact)])
    if FAULTS in runtime.coordinator.link.served:
        texts = await async_alarm_texts(hass)
        async_add_entities([InstagenAlarmEvent(runtime.coordinator, texts)])


@dataclass
class AlarmStoredData(EventExtraStoredData):
    """What an alarm event keeps over a restart: also the alarms not yet cleared."""

    outstanding: list[str] | None = None

    @classmethod
    @override
    def from_dict(cls, restored: dict[str, Any]) -> Self:
        """Read back what was stored; alarms stored by nobody are none."""
        return cls(
            restored.get("last_event_type"),
            restored.get("last_event_attributes"),
            restored.get("outstanding") or [],
        )


class InstagenAlarmEvent(InstagenEntity, EventEntity):
    """Fires when an alarm is raised and when it is cleared, once for each."""

    entity_description: EventEntityDescription

    def __init__(self, coordinator: InstagenCoordinator, texts: AlarmTexts) -> None:
        """Belong to the inverter, whose fault words are watched."""
        super().__init__(coordinator, ALARM, Part.INVERTER, context=FAULTS)
        self._texts = texts
        self._outstanding: frozenset[Alarm] = frozenset()

    @property
    @override
    def extra_restore_state_data(self) -> AlarmStoredData:
        """Store the last event and the alarms that still stand."""
        last = super().extra_restore_state_data
        return AlarmStoredData(
            last.last_event_type,
            last.last_event_attributes,
            sorted(alarm.code for alarm in self._outstanding),
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Resume from the alarms known before, once automations can listen."""
        if (stored := await self.async_get_last_extra_data()) is not None:
            self._outstanding = _known(
                AlarmStoredData.from_dict(stored.as_dict()).outstanding or ()
            )
        await super().async_added_to_hass()
        self.async_on_remove(async_at_started(self.hass, self._async_started))

    @callback
    def _async_started(self, hass: HomeAssistant) -> None:
        """Report what happened while nobody could listen.

        In the next turn of the loop: an entity that is still being added writes
        only its last state, and the events before it would be lost.
        """
        self.async_on_remove(hass.loop.call_soon(self._async_compare).cancel)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show first that the plant answers: triggers skip a change from unavailable."""
        super()._handle_coordinator_update()
        self._async_compare()

    @callback
    def _async_compare(self) -> None:
        """Fire for each alarm that came or went; unknown words say nothing."""
        faults = self.coordinator.data.get(FAULTS)
        if self.hass.state is not CoreState.running or not self.available:
            return
        if not isinstance(faults, str):
            return
        alarms = alarms_of(parse_faults(faults))
        before, self._outstanding = self._outstanding, alarms
        for alarm in sorted(before - alarms):
            self._async_fire(alarm, "cleared")
        for alarm in sorted(alarms - before):
            self._async_fire(alarm, "raised")

    @callback
    def _async_fire(self, alarm: Alarm, state: str) -> None:
        """Fire one event; each is written, so that each reaches the triggers."""
        self._trigger_event(
            alarm.family.value,
            {
                "code": alarm.code,
                "state": state,
                "severity": alarm.severity.value,
                "text": self._texts.text(alarm),
                "remedy": self._texts.remedy(alarm),
            },
        )
        self.async_write_ha_state()


def _known(codes: Iterable[str]) -> frozenset[Alarm]:
    """Return the alarms behind stored codes."""
    return frozenset(alarm for code in codes if (alarm := alarm_by_code(code)))


class InstagenControlEvent(InstagenEntity, EventEntity):
    """Fires for everything that happens to a lease, with a plain sentence about it."""

    def __init__(self, coordinator: InstagenCoordinator, steering: Steering) -> None:
        """Belong to the plant itself."""
        super().__init__(coordinator, CONTROL, Part.INVERTER)
        self._desk = steering.desk

    @property
    @override
    def available(self) -> bool:
        """Leases end while a link is away, too."""
        return True

    @override
    async def async_added_to_hass(self) -> None:
        """Hear what happens to leases."""
        await super().async_added_to_hass()
        self.async_on_remove(self._desk.audience.add_event_listener(self._async_fire))

    @callback
    def _async_fire(self, event: LeaseEvent) -> None:
        """Fire one event; each is written, so that each reaches the triggers."""
        lease = event.lease
        self._trigger_event(
            event.kind.value,
            {
                "text": ControlTexts(self.hass).event(event),
                "cause": event.reason,
                "lease_id": lease.id if lease else None,
                "owner": lease.owner if lease else None,
                "mode": lease.mode.value if lease else None,
                "reason": lease.reason if lease else None,
                "target": lease.soc if lease else None,
                "power": lease.power if lease else None,
                "until": lease.until.isoformat() if lease else None,
            },
        )
        self.async_write_ha_state()


class InstagenContactEvent(InstagenEntity, EventEntity):
    """Fires for what the rules of ours find out about the contact and what hangs on it."""

    def __init__(self, coordinator: InstagenCoordinator, contact: LocalContact) -> None:
        """Belong to the plant itself."""
        super().__init__(coordinator, CONTACT, Part.INVERTER)
        self._contact = contact

    @property
    @override
    def available(self) -> bool:
        """The rules are there without the plant."""
        return True

    @override
    async def async_added_to_hass(self) -> None:
        """Hear what happens."""
        await super().async_added_to_hass()
        self.async_on_remove(self._contact.add_event_listener(self._async_hear))

    @callback
    def _async_hear(self, event: ContactEvent) -> None:
        """Fire once automations can listen: a fault may be there from the beginning."""
        if self.hass.state is CoreState.running:
            self._async_fire(event)
            return

        @callback
        def fire(hass: HomeAssistant) -> None:
            self._async_fire(event)

        self.async_on_remove(async_at_started(self.hass, fire))

    @callback
    def _async_fire(self, event: ContactEvent) -> None:
        """Fire one event; each is written, so that each reaches the triggers."""
        self._trigger_event(
            event.kind.value,
            {
                "text": ControlTexts(self.hass).contact(event.code),
                "reason": event.reason and event.reason.value,
            },
        )
        self.async_write_ha_state()
