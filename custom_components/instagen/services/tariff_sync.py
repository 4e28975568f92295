"""The action that makes the inverter's table of what a supplier publishes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, tzinfo
from typing import Any, Final

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import ATTR_DRY_RUN, DOMAIN
from ..control.price_series import (
    PriceSeries,
    PriceUnit,
    nord_pool_prices,
    octopus_rates,
    tibber_prices,
)
from ..control.priorities import Priority
from ..control.tariff_clock import Fit
from ..control.tariff_compiler import Compiled, compile_schedule, compile_series
from ..control.tariff_schedule import PRESETS, helper_schedule, preset
from ..plant.tariff import Band, Rate, Tariff
from ..tariff.book import Carried, TariffBook
from ..tariff.texts import TariffTexts
from .called import ENTRY_SCHEMA, called_entry
from .tariff import (
    ATTR_ACCEPT_HIGH_PRICES,
    Answer,
    async_apply,
    async_carried,
    async_check,
    ended,
    objections,
    plan,
    priced,
    refused,
)

ATTR_APPROXIMATE: Final = "approximate"
ATTR_AREA: Final = "area"
ATTR_CURRENCY: Final = "currency"
ATTR_DATA: Final = "data"
ATTR_EXPORT_ENTITY_ID: Final = "export_entity_id"
ATTR_PRESET: Final = "preset"
ATTR_PRICES: Final = "prices"
ATTR_RESERVE: Final = "reserve"
ATTR_SELL: Final = "sell"
ATTR_SOURCE: Final = "source"
ATTR_UNIT: Final = "unit"

_SCHEDULE: Final = "schedule"
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "preset": (ATTR_PRESET, ATTR_PRICES),
    "entity": (ATTR_ENTITY_ID,),
    "octopus": (ATTR_DATA,),
    "nord_pool": (ATTR_DATA,),
    "tibber": (ATTR_DATA,),
    _SCHEDULE: (ATTR_ENTITY_ID, ATTR_PRICES),
}
"""Where prices can come from, and what each source needs to be told."""

_RATE: Final = vol.Schema(
    {vol.Required("buy"): vol.Coerce(float), vol.Required("sell"): vol.Coerce(float)}
)

SYNC_TARIFF_SCHEMA: Final = ENTRY_SCHEMA.extend(
    {
        vol.Required(ATTR_SOURCE): vol.In(list(_NEEDS)),
        vol.Optional(ATTR_PRESET): vol.In(list(PRESETS)),
        vol.Optional(ATTR_PRICES): vol.Schema(
            {vol.All(vol.In([band.value for band in Band]), vol.Coerce(Band)): _RATE}
        ),
        vol.Optional(ATTR_ENTITY_ID): cv.entity_ids,
        vol.Optional(ATTR_EXPORT_ENTITY_ID): cv.entity_ids,
        vol.Optional(ATTR_DATA): object,
        vol.Optional(ATTR_AREA): cv.string,
        vol.Optional(ATTR_UNIT): vol.All(
            vol.In([unit.value for unit in PriceUnit]), vol.Coerce(PriceUnit)
        ),
        vol.Optional(ATTR_SELL, default=0.0): vol.Coerce(float),
        vol.Optional(ATTR_CURRENCY): cv.string,
        vol.Optional(ATTR_RESERVE): vol.All(vol.Coerce(int), vol.Range(0, 100)),
        vol.Optional(ATTR_APPROXIMATE, default=False): cv.boolean,
        vol.Optional(ATTR_ACCEPT_HIGH_PRICES, default=False): cv.boolean,
        vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean,
    }
)

_MOST_MISFITS: Final = 50
"""An answer of all half-hours of a fortnight would be too long to read."""

_NOT_QUITE: Final = 99.9

type _Compile = Callable[[datetime, tzinfo], Compiled | None]


async def async_sync_tariff(call: ServiceCall) -> ServiceResponse:
    """Compile prices, and write the table where it is another one and may be written."""
    entry = called_entry(call)
    book = entry.runtime_data.tariff
    compiled = await _async_compile(call, book)
    told = _fidelity(compiled.fit)
    tariff = replace(compiled.tariff, reserve=call.data.get(ATTR_RESERVE))
    checked = await async_check(call.hass, tariff, await book.async_context())
    table = await async_carried(book, tariff)
    findings = [*checked, *(table.findings if table else ())]
    if objections(call, findings):
        return refused(call, findings, **told)
    answer = {**plan(call.hass, book, tariff, table, findings), **told}
    if compiled.fit.missed and not call.data[ATTR_APPROXIMATE]:
        return _only_approximate(call, answer, told)
    if _stands(book, tariff, table):
        if not call.data[ATTR_DRY_RUN]:
            await book.async_adopt(tariff, table)
        return ended(call.hass, answer, "unchanged")
    # What a season keeps is there for months; the table may change under it.
    leases = entry.runtime_data.steering.desk.leases
    leased = any(lease.priority > Priority.SEASON for lease in leases)
    if wait := _must_wait(book, leased=leased):
        return ended(call.hass, answer, wait)
    written = await async_apply(call, book, tariff, checked)
    if not call.data[ATTR_DRY_RUN]:
        book.synced_on = dt_util.now().date()
        await book.async_save()
    return {**told, **(written or {})}


def _stands(book: TariffBook, tariff: Tariff, table: Carried | None) -> bool:
    """Return whether the table of today is this one already."""
    if table is not None:
        known = book.tariff.reserve if book.tariff else None
        return table.text == book.text and tariff.reserve in {None, known}
    return book.owned is not None and book.owned.tariff == tariff


def _must_wait(book: TariffBook, *, leased: bool) -> str | None:
    """Return why a table is not written now."""
    if leased:
        return "waits_for_lease"
    if book.carried_by is not None and book.synced_on == dt_util.now().date():
        return "waits_for_tomorrow"
    return None


def _only_approximate(
    call: ServiceCall, answer: Answer, told: Answer
) -> ServiceResponse:
    """Refuse what the table cannot say, unless that was only asked for."""
    if call.data[ATTR_DRY_RUN]:
        message = TariffTexts(call.hass).say("tariff_refused")
        return {**answer, "valid": False, "message": message}
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="tariff_only_approximate",
        translation_placeholders={
            "percent": f"{told['fidelity']:g}",
            "minutes": str(told["minutes_missed"]),
        },
    )


def _fidelity(fit: Fit) -> Answer:
    """Tell how far the table says what the tariff says in the next fortnight."""
    minutes = fit.missed.total_seconds() / 60
    percent = round(fit.percent or 0.0, 1)
    return {
        "fidelity": min(percent, _NOT_QUITE) if minutes else percent,
        "minutes_missed": round(minutes),
        "misfits": [
            {
                "start": dt_util.as_local(one.start).isoformat(),
                "end": dt_util.as_local(one.end).isoformat(),
                "wanted": priced(*one.wanted),
                "held": priced(*one.held),
            }
            for one in fit.misfits[:_MOST_MISFITS]
        ],
    }


# ---- where prices come from ----


async def _async_compile(call: ServiceCall, book: TariffBook) -> Compiled:
    """Make a table; the search for the best windows takes its time off the loop."""
    given = call.data
    for field in _NEEDS[given[ATTR_SOURCE]]:
        if field not in given or (field == ATTR_ENTITY_ID and not given[field]):
            raise _needs(field)
    job = await _async_job(call, book)
    compiled = await call.hass.async_add_executor_job(job, dt_util.utcnow(), book.zone)
    if compiled is None or compiled.fit.percent is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="tariff_no_prices"
        )
    return compiled


async def _async_job(call: ServiceCall, book: TariffBook) -> _Compile:
    """Return what has to be compiled."""
    given, hass = call.data, call.hass
    currency = given.get(ATTR_CURRENCY) or book.currency or hass.config.currency
    prices = {band: Rate(**rate) for band, rate in given.get(ATTR_PRICES, {}).items()}
    if given[ATTR_SOURCE] in {ATTR_PRESET, _SCHEDULE}:
        if given[ATTR_SOURCE] == ATTR_PRESET:
            _check_prices(prices, PRESETS[given[ATTR_PRESET]].bands)
            schedule = preset(given[ATTR_PRESET], prices)
        else:
            _check_prices(prices, frozenset({Band.OFF_PEAK, Band.PEAK}))
            blocks = await _async_blocks(hass, given[ATTR_ENTITY_ID])
            found = helper_schedule(blocks, prices[Band.OFF_PEAK], prices[Band.PEAK])
            if found is None:
                raise _unreadable(given[ATTR_ENTITY_ID])
            schedule = found
        return lambda now, zone: compile_schedule(
            schedule, now, zone, currency=currency
        )
    series = _series(hass, given)
    sell = given[ATTR_SELL]
    # The hours of today that are over say what those of tomorrow will be.
    midnight = dt_util.start_of_local_day()
    return lambda _, zone: compile_series(
        series, midnight, zone, sell=sell, currency=currency
    )


def _series(hass: HomeAssistant, given: Mapping[str, Any]) -> PriceSeries:
    """Read the prices of a source that tells them one by one."""
    unit: PriceUnit | None = given.get(ATTR_UNIT)
    match given[ATTR_SOURCE]:
        case "nord_pool":
            series = nord_pool_prices(given[ATTR_DATA], given.get(ATTR_AREA))
        case "tibber":
            series = tibber_prices(given[ATTR_DATA], given.get(ATTR_AREA))
        case "octopus":
            series = octopus_rates(given[ATTR_DATA], unit)
        case _:
            series = _of_entities(hass, given[ATTR_ENTITY_ID], unit)
    if exported := given.get(ATTR_EXPORT_ENTITY_ID):
        series = series.sold_at(_of_entities(hass, exported, unit))
    return series


def _of_entities(
    hass: HomeAssistant, entity_ids: list[str], unit: PriceUnit | None
) -> PriceSeries:
    """Read the rates of a day, or of several, from attributes of entities."""
    series = PriceSeries()
    for entity_id in entity_ids:
        state = hass.states.get(entity_id)
        if state is None:
            raise _unreadable([entity_id])
        series = series.revised(octopus_rates(state.attributes, unit))
    return series


async def _async_blocks(hass: HomeAssistant, entity_ids: list[str]) -> object:
    """Ask a schedule helper for its week."""
    answer: Any = None
    if hass.services.has_service(_SCHEDULE, "get_schedule"):
        try:
            answer = await hass.services.async_call(
                _SCHEDULE,
                "get_schedule",
                {ATTR_ENTITY_ID: entity_ids[:1]},
                blocking=True,
                return_response=True,
            )
        except HomeAssistantError as err:
            raise _unreadable(entity_ids) from err
    week = answer.get(entity_ids[0]) if answer else None
    if not isinstance(week, Mapping):
        raise _unreadable(entity_ids)
    return {
        day: [
            {name: _until_midnight(block[name]) for name in ("from", "to")}
            for block in blocks
        ]
        for day, blocks in week.items()
    }


def _until_midnight(value: object) -> str:
    """Return a time as text; the helper's end of the day is the last microsecond."""
    return "24:00:00" if value == time.max else str(value)


def _check_prices(prices: Mapping[Band, Rate], bands: frozenset[Band]) -> None:
    for band in Band:
        if band in bands and band not in prices:
            raise _needs(f"{ATTR_PRICES}.{band}")


def _needs(field: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="tariff_source_needs",
        translation_placeholders={"field": field},
    )


def _unreadable(entity_ids: list[str]) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="tariff_source_unreadable",
        translation_placeholders={"entity": ", ".join(entity_ids)},
    )
