"""Reports (manual 4.3.5), and the import of a plant's past into long-term statistics."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from itertools import batched
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..account.permissions import Right
from ..account.rules import permit
from ..const import ATTR_DRY_RUN, CONF_PLANT_ID, DOMAIN
from ..links.cloud import CloudPlant
from ..links.cloud.plant import Span
from .account_called import called_account, translated_cloud
from .account_requests import PLANT

ATTR_FIRST_DAY: Final = "first_day"
ATTR_LAST_DAY: Final = "last_day"
ATTR_KIND: Final = "kind"
POWER: Final = "power"
ENERGY: Final = "energy"

LONGEST_IMPORT: Final = 1_100
"""Days of one import; each is a request."""

LONGEST_REPORT: Final = 93
_AT_ONCE: Final = 4
"""Days asked for at a time, so that followed plants get their turn."""

_PERIOD: Final = {
    vol.Required(ATTR_CONFIG_ENTRY_ID): str,
    **PLANT,
    vol.Required(ATTR_FIRST_DAY): cv.date,
    vol.Required(ATTR_LAST_DAY): cv.date,
}
REPORT_SCHEMA: Final = vol.Schema(
    {**_PERIOD, vol.Required(ATTR_KIND): vol.In([POWER, ENERGY])}
)
IMPORT_SCHEMA: Final = vol.Schema(
    {**_PERIOD, vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean}
)


def called_period(call: ServiceCall, longest: int) -> tuple[date, date]:
    """Return the period that a call names; refuse one that is none or too long."""
    first, last = call.data[ATTR_FIRST_DAY], call.data[ATTR_LAST_DAY]
    if last < first or (last - first).days >= longest:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="period_invalid",
            translation_placeholders={"days": str(longest)},
        )
    return first, last


async def async_get_report(call: ServiceCall) -> ServiceResponse:
    """Return a plant's powers or energies over some days."""
    account = called_account(call).runtime_data
    first, last = called_period(call, LONGEST_REPORT)
    plant = CloudPlant(account.client, call.data[CONF_PLANT_ID])
    with translated_cloud():
        permit(account.mirror.view.kind, Right.REPORTS)
        if call.data[ATTR_KIND] == POWER:
            samples = await plant.power_report(first, last)
            rows = [asdict(one) | {"at": one.at.isoformat()} for one in samples]
            return {"powers": [*rows]}
        totals = await plant.energy_totals(first, last)
        days = await plant.energy_report(first, last)
    return {"totals": asdict(totals), "days": [dict(day) for day in days]}


async def async_import_history(call: ServiceCall) -> ServiceResponse:
    """Fill a plant's past energies into long-term statistics of its own."""
    account = called_account(call).runtime_data
    hass, number = call.hass, call.data[CONF_PLANT_ID]
    if "recorder" not in hass.config.components:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="recorder_not_set_up"
        )
    # Imported late: not everybody runs the recorder.
    from ..cloud import statistics  # noqa: PLC0415

    first, last = called_period(call, LONGEST_IMPORT)
    plant = CloudPlant(account.client, number)
    told: dict[str, statistics.Hours] = {}
    with translated_cloud():
        permit(account.mirror.view.kind, Right.REPORTS)
        zone = await plant.zone()
        yesterday = dt_util.utcnow().astimezone(zone).date() - timedelta(days=1)
        energies: dict[date, dict[str, float]] = {}

        async def read_month(month: date) -> None:
            curves = await plant.energy_chart(Span.MONTH, month)
            energies.update(statistics.days_of(month, curves))

        async def read_day(day: date) -> None:
            if day in energies:
                powers = await plant.power_of_day(day)
                hours = statistics.hours_of(day, zone, energies[day], powers)
                for key, found in hours.items():
                    told.setdefault(key, {}).update(found)

        days = list(_days(first, min(last, yesterday)))
        for months in batched(_months(days), _AT_ONCE, strict=False):
            await asyncio.gather(*map(read_month, months))
        for some in batched(days, _AT_ONCE, strict=False):
            await asyncio.gather(*map(read_day, some))
    names = await _names(hass)
    row = account.mirror.view.plants.get(number)
    title = (row.name if row else None) or str(number)
    answer: dict[str, Any] = {}
    async with statistics.async_turn(hass):
        try:
            known = await statistics.async_known(hass, number)
        except TimeoutError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="recorder_busy"
            ) from err
        for key, hours in told.items():
            merge = await hass.async_add_executor_job(
                statistics.merged, known[key], hours
            )
            if merge.rows and not call.data[ATTR_DRY_RUN]:
                name = f"{title} {names.get(key, key)}"
                statistics.write(hass, number, key, name, merge.rows)
            answer[key] = {
                "statistic_id": statistics.statistic_id(number, key),
                "added_hours": merge.added,
                "kept_hours": merge.kept,
            }
    return {"series": answer}


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _months(days: list[date]) -> list[date]:
    return sorted({day.replace(day=1) for day in days})


async def _names(hass: HomeAssistant) -> dict[str, str]:
    """Return what the readings are called, by their keys."""
    texts = await async_get_translations(hass, hass.config.language, "entity", [DOMAIN])
    start, end = f"component.{DOMAIN}.entity.sensor.", ".name"
    return {
        place.removeprefix(start).removesuffix(end): text
        for place, text in texts.items()
        if place.startswith(start) and place.endswith(end)
    }
