"""The action that tells the alarms that stand."""

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util.json import JsonValueType

from ..alarm_texts import async_alarm_texts
from ..const import DOMAIN
from ..plant.alarms import alarms_of, parse_faults
from .called import called_entry


async def async_get_alarms(call: ServiceCall) -> ServiceResponse:
    """Return the alarms that stand, with their texts."""
    entry = called_entry(call)
    faults = entry.runtime_data.coordinator.data.get("faults")
    if not isinstance(faults, str):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="alarms_unknown",
            translation_placeholders={"title": entry.title},
        )
    texts = await async_alarm_texts(call.hass)
    alarms: list[JsonValueType] = [
        {
            "code": alarm.code,
            "family": alarm.family.value,
            "severity": alarm.severity.value,
            "text": texts.text(alarm),
            "remedy": texts.remedy(alarm),
        }
        for alarm in sorted(alarms_of(parse_faults(faults)))
    ]
    return {"alarms": alarms}
