"""The action that tells the alarms that stand, and those of the past."""

from typing import Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType, JsonValueType
import voluptuous as vol

from ..alarm_texts import async_alarm_texts
from ..cloud.covering import cloud_plant_of
from ..const import DOMAIN
from ..coordinator import InstagenConfigEntry
from ..links.cloud import CloudPlant
from ..links.cloud.plant import CloudAlarm
from ..plant.alarms import alarms_of, parse_faults
from .account_called import translated_cloud
from .called import ENTRY_SCHEMA, async_plant_of_account, called_entry, cloud_plant
from .history import ATTR_FIRST_DAY, ATTR_LAST_DAY, called_period

GET_ALARMS_SCHEMA: Final = ENTRY_SCHEMA.extend(
    {
        vol.Inclusive(ATTR_FIRST_DAY, "period"): cv.date,
        vol.Inclusive(ATTR_LAST_DAY, "period"): cv.date,
    }
)
_LONGEST: Final = 366
"""Days of history; the manual does not say how far it goes (4.3.4)."""


async def async_get_alarms(call: ServiceCall) -> ServiceResponse:
    """Return the alarms that stand, with their texts; over the cloud, by their numbers.

    With days also those that began in them, which only the cloud remembers. It is asked as
    well for a plant that an account follows and whose own link tells no alarms.
    """
    if (plant := await async_plant_of_account(call)) is not None:
        return await _cloud_alarms(call, plant)
    entry = called_entry(call)
    if (plant := cloud_plant(call)) is not None:
        return await _cloud_alarms(call, plant)
    behind = cloud_plant_of(call.hass, entry)
    if behind is None and ATTR_FIRST_DAY in call.data:
        raise _refusal("alarm_history_needs_cloud", entry)
    faults = entry.runtime_data.coordinator.data.get("faults")
    if not isinstance(faults, str):
        if behind is None:
            raise _refusal("alarms_unknown", entry)
        return await _cloud_alarms(call, behind)
    texts = await async_alarm_texts(call.hass)
    alarms: list[JsonValueType] = [
        texts.describe(alarm) for alarm in sorted(alarms_of(parse_faults(faults)))
    ]
    return {"alarms": alarms, **await _history(call, behind)}


def _refusal(key: str, entry: InstagenConfigEntry) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"title": entry.title},
    )


async def _cloud_alarms(call: ServiceCall, plant: CloudPlant) -> ServiceResponse:
    """Return the alarms of a plant at the cloud; nobody has published what they mean."""
    past = await _history(call, plant)
    with translated_cloud():
        found = await plant.alarms(await plant.devices())
    return {"alarms": [_told(alarm) for alarm in found], **past}


async def _history(call: ServiceCall, plant: CloudPlant | None) -> JsonObjectType:
    """Return the alarms of the days that a call names, if it names any."""
    if plant is None or ATTR_FIRST_DAY not in call.data:
        return {}
    first, last = called_period(call, _LONGEST)
    with translated_cloud():
        found = await plant.past_alarms(first, last)
    return {"history": [_told(alarm) for alarm in found]}


def _told(alarm: CloudAlarm) -> JsonObjectType:
    return {
        "code": alarm.code,
        "device": alarm.device,
        "kind": alarm.kind and alarm.kind.name.lower(),
        "since": None if alarm.since is None else alarm.since.isoformat(),
        "until": None if alarm.until is None else alarm.until.isoformat(),
        "phase": alarm.phase,
        "details": list(alarm.details),
    }
