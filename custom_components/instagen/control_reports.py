"""What happens at the desk, told to the logbook and, where it is trouble, as a repair."""

from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID, Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .contact.local import LocalContact
from .control.contact_events import ContactEvent
from .control.desk import WRITES_TODAY
from .control.journal import JournalEntry
from .control.leases import LeaseEvent, LeaseEventKind
from .control.wishes import AskerKind
from .control_texts import noted, told
from .coordinator import InstagenConfigEntry, unique_id
from .repairs import async_check_writes, async_mark_stuck
from .steering import Steering

EVENT_CONTROL: Final = f"{DOMAIN}_control"
"""Fired for the logbook; automations use the event entity."""


@callback
def async_report_control(
    hass: HomeAssistant, entry: InstagenConfigEntry, steering: Steering
) -> None:
    """Report from now on until the entry is unloaded."""

    @callback
    def on_lease(event: LeaseEvent) -> None:
        async_fire_control(hass, entry, told(event))
        if event.kind in {LeaseEventKind.STUCK, LeaseEventKind.RESTORED}:
            stuck = event.kind is LeaseEventKind.STUCK
            async_mark_stuck(hass, entry, stuck=stuck)

    @callback
    def on_wish(noted_down: JournalEntry) -> None:
        asker = noted_down.asker
        if asker.kind is not AskerKind.LEASE:  # told as what happened to the lease
            context = Context(user_id=asker.user_id, id=asker.context_id)
            async_fire_control(hass, entry, noted(noted_down), context)

    @callback
    def on_contact(event: ContactEvent) -> None:
        told_of = {"code": f"contact_{event.code}", "placeholders": {}}
        async_fire_control(hass, entry, told_of, source="contact")

    @callback
    def check_writes() -> None:
        async_check_writes(hass, entry, steering.budget)

    entry.async_on_unload(steering.desk.audience.add_event_listener(on_lease))
    entry.async_on_unload(steering.journal.add_listener(on_wish))
    if isinstance(contact := entry.runtime_data.contact, LocalContact):
        entry.async_on_unload(contact.add_event_listener(on_contact))
    entry.async_on_unload(steering.async_watch(WRITES_TODAY, check_writes))
    entry.async_on_unload(
        entry.runtime_data.coordinator.async_on_slow_poll(check_writes)
    )


@callback
def async_fire_control(
    hass: HomeAssistant,
    entry: InstagenConfigEntry,
    data: dict[str, Any],
    context: Context | None = None,
    *,
    source: str = "control",
) -> None:
    """Tell the logbook of something, as plain data; ``source`` is the key of an event."""
    entity_id = er.async_get(hass).async_get_entity_id(
        Platform.EVENT, DOMAIN, unique_id(entry, source)
    )
    places = {
        "title": entry.title,
        ATTR_ENTITY_ID: entity_id,
        ATTR_DEVICE_ID: entry.runtime_data.coordinator.plant_device_id,
    }
    hass.bus.async_fire(EVENT_CONTROL, places | data, context=context)
