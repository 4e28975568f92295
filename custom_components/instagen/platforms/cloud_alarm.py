"""Alarms of a followed plant, as the cloud tells them: numbers that nobody has explained."""

from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_interval

from ..cloud.followed import FollowedPlant
from ..const import CONF_SERIAL, DOMAIN
from ..coordinator import unique_id
from ..links.cloud.errors import CloudError
from ..links.cloud.plant import CloudAlarm

EVERY: Final = timedelta(minutes=5)
"""A plant tells the cloud something as often."""

RAISED: Final = "raised"
CLEARED: Final = "cleared"

CLOUD_ALARM: Final = EventEntityDescription(
    key="cloud_alarm",
    translation_key="cloud_alarm",
    entity_category=EntityCategory.DIAGNOSTIC,
    event_types=[RAISED, CLEARED],
)


async def async_set_up_followed(
    plant: FollowedPlant, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the alarms of a followed plant."""
    async_add_entities(
        [InstagenCloudAlarm(plant)],
        update_before_add=True,
        config_subentry_id=plant.subentry_id,
    )


class InstagenCloudAlarm(EventEntity):
    """Fires when an alarm comes or goes; what stood before anybody looked is no news."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    entity_description = CLOUD_ALARM

    def __init__(self, plant: FollowedPlant) -> None:
        """Belong to the plant's own device."""
        self._plant = plant
        self._standing: dict[tuple[str, str], CloudAlarm] | None = None
        self._attr_unique_id = unique_id(plant.entry, CLOUD_ALARM.key)
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, plant.entry.data[CONF_SERIAL])}
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Ask now and then; a platform's own timer would outlive a plant that is left."""
        self.async_on_remove(
            async_track_time_interval(
                self.hass, self._look, EVERY, cancel_on_shutdown=True
            )
        )

    @callback
    def _look(self, _: datetime) -> None:
        self._plant.entry.async_create_background_task(
            self.hass,
            self.async_update_ha_state(force_refresh=True),
            f"{DOMAIN} cloud alarms",
        )

    async def async_update(self) -> None:
        """Ask what stands now, and compare."""
        try:
            alarms = await self._plant.cloud.alarms(await self._plant.cloud.devices())
        except CloudError:
            self._attr_available = False
            return
        self._attr_available = True
        now = {(alarm.device, alarm.code): alarm for alarm in alarms}
        before, self._standing = self._standing, now
        if before is None:
            return
        for key in sorted(before.keys() - now.keys()):
            self._fire(CLEARED, before[key])
        for key in sorted(now.keys() - before.keys()):
            self._fire(RAISED, now[key])

    def _fire(self, event_type: str, alarm: CloudAlarm) -> None:
        """Fire one event; each is written, so that each reaches the triggers."""
        self._trigger_event(
            event_type,
            {
                "code": alarm.code,
                "device": alarm.device,
                "since": alarm.since and alarm.since.isoformat(),
                "details": list(alarm.details),
            },
        )
        self.async_write_ha_state()
