"""The action that tells the alarms that stand."""

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util.json import JsonValueType

from ..alarm_texts import async_alarm_texts
from ..const import DOMAIN
from ..links.cloud import CloudPlant
from ..plant.alarms import alarms_of, parse_faults
from .account_called import translated_cloud
from .called import called_entry, cloud_plant


async def async_get_alarms(call: ServiceCall) -> ServiceResponse:
    """Return the alarms that stand, with their texts; over the cloud, by their numbers."""
    entry = called_entry(call)
    if (plant := cloud_plant(call)) is not None:
        return await _cloud_alarms(plant)
    faults = entry.runtime_data.coordinator.data.get("faults")
    if not isinstance(faults, str):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="alarms_unknown",
            translation_placeholders={"title": entry.title},
        )
    texts = await async_alarm_texts(call.hass)
    alarms: list[JsonValueType] = [
        texts.describe(alarm) for alarm in sorted(alarms_of(parse_faults(faults)))
    ]
    return {"alarms": alarms}


async def _cloud_alarms(plant: CloudPlant) -> ServiceResponse:
    """Return the alarms of a followed plant; nobody has published what they mean."""
    with translated_cloud():
        found = await plant.alarms(await plant.devices())
    alarms: list[JsonValueType] = [
        {
            "code": alarm.code,
            "device": alarm.device,
            "kind": alarm.kind.name.lower(),
            "since": None if alarm.since is None else alarm.since.isoformat(),
            "phase": alarm.phase,
            "details": list(alarm.details),
        }
        for alarm in found
    ]
    return {"alarms": alarms}
