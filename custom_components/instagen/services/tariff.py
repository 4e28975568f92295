"""The actions that tell the tariff and set it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Never

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..asking import asker_of, translated_refusals
from ..const import ATTR_DRY_RUN, DOMAIN
from ..control.shown import ShownState
from ..control.wishes import AskerKind
from ..plant.tariff import Band, Rate, Tariff
from ..plant.tariff_change import difference, merged
from ..plant.tariff_data import from_data, from_json, season_from_data, to_data, to_json
from ..plant.tariff_rules import Context, Finding, Problem, check, errors
from ..tariff.book import Carried, TariffBook
from ..tariff.texts import TariffTexts
from .called import ENTRY_SCHEMA, called_entry

ATTR_ACCEPT_HIGH_PRICES: Final = "accept_high_prices"
ATTR_JSON: Final = "json"
ATTR_SEASON: Final = "season"
ATTR_TARIFF: Final = "tariff"

_GIVEN: Final = (ATTR_TARIFF, ATTR_SEASON, ATTR_JSON)

SET_TARIFF_SCHEMA: Final = vol.All(
    ENTRY_SCHEMA.extend(
        {
            # What is wrong in it is told in our own words, with its place.
            vol.Exclusive(ATTR_TARIFF, "given"): object,
            vol.Exclusive(ATTR_SEASON, "given"): object,
            vol.Exclusive(ATTR_JSON, "given"): cv.string,
            vol.Optional(ATTR_ACCEPT_HIGH_PRICES, default=False): cv.boolean,
            vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean,
        }
    ),
    cv.has_at_least_one_key(*_GIVEN),
)

type Answer = dict[str, Any]


async def async_get_tariff(call: ServiceCall) -> ServiceResponse:
    """Return the tariff, where it comes from, and what it says of now."""
    book = called_entry(call).runtime_data.tariff
    tariff, told = book.tariff, book.told
    findings: Sequence[Finding] = ()
    if tariff is not None:
        findings = await async_check(call.hass, tariff, book.context())
    due = book.owned.due if book.owned and book.source else None
    answer: Answer = {
        "tariff": to_data(tariff) if tariff else None,
        "json": to_json(tariff) if tariff else None,
        "source": book.source and book.source.value,
        "link": book.carried_by and book.carried_by.value,
        "confirmed": told.state is ShownState.CONFIRMED,
        "waits": book.waits,
        # A table of the inverter that cannot be shown, or not whole.
        "device": book.text if tariff is None else None,
        "findings": TariffTexts(call.hass).findings(findings),
        "now": {"unit": book.unit, **priced(book.band, book.rate)},
        "next_change": book.next_change and book.next_change.isoformat(),
        "rewritten_at": due and due.isoformat(),
        "missed": book.missed,
    }
    return answer


async def async_set_tariff(call: ServiceCall) -> ServiceResponse:
    """Set the whole table, or put a season into it."""
    book = called_entry(call).runtime_data.tariff
    tariff, findings = await call.hass.async_add_executor_job(
        _read, call.data, book.tariff, await book.async_context()
    )
    if tariff is None or objections(call, findings):
        return refused(call, findings)
    return await async_apply(call, book, tariff, findings)


def _read(
    given: Mapping[str, Any], known: Tariff | None, context: Context
) -> tuple[Tariff | None, Sequence[Finding]]:
    """Read what was given, in whichever form. To walk over two years takes a while."""
    if ATTR_JSON in given:
        reading = from_json(given[ATTR_JSON], context)
        return reading.tariff, reading.findings
    if ATTR_TARIFF in given:
        reading = from_data(given[ATTR_TARIFF], context)
        return reading.tariff, reading.findings
    season, findings = season_from_data(given[ATTR_SEASON])
    if season is None:
        return None, findings
    if known is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="tariff_nothing_to_merge"
        )
    tariff = merged(known, season)
    return tariff, [*findings, *check(tariff, context)]


# ---- shared with the action that follows prices ----


async def async_check(
    hass: HomeAssistant, tariff: Tariff, context: Context
) -> list[Finding]:
    """Return what the rules say of a tariff, off the loop."""
    return await hass.async_add_executor_job(check, tariff, context)


def objections(call: ServiceCall, findings: Iterable[Finding]) -> list[Finding]:
    """Return why a table is not written: what is wrong, and prices that are likely pence.

    Those are a warning (V17), which who means it passes by saying so.
    """
    high = Problem.PRICE_IN_PENCE
    accepted = call.data[ATTR_ACCEPT_HIGH_PRICES]
    doubtful = [one for one in findings if one.problem is high and not accepted]
    return [*errors(findings), *doubtful]


def refused(
    call: ServiceCall, findings: Sequence[Finding], **more: Any
) -> ServiceResponse:
    """Answer a dry run with all that is wrong, and raise the first of it otherwise."""
    if call.data[ATTR_DRY_RUN]:
        texts = TariffTexts(call.hass)
        return {
            "state": "dry_run",
            "valid": False,
            "message": texts.say("tariff_refused"),
            "findings": texts.findings(findings),
            **more,
        }
    return _raise(objections(call, findings)[0])


def _raise(finding: Finding) -> Never:
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=f"tariff_{finding.problem}",
        translation_placeholders=finding.placeholders,
    )


async def async_apply(
    call: ServiceCall, book: TariffBook, tariff: Tariff, findings: Sequence[Finding]
) -> ServiceResponse:
    """Set a tariff that is right by itself, and tell what became of it."""
    table = await async_carried(book, tariff)
    if table is not None:
        findings = [*findings, *table.findings]
        if errors(findings):
            return refused(call, findings)
    answer = plan(call.hass, book, tariff, table, findings)
    if call.data[ATTR_DRY_RUN]:
        return answer
    asker = asker_of(call.context, AskerKind.ACTION, call.service)
    with translated_refusals(call.hass):
        outcome = await book.async_set(tariff, asker)
    return ended(call.hass, answer, outcome.result.value if outcome else "kept_here")


async def async_carried(book: TariffBook, tariff: Tariff) -> Carried | None:
    """Return what the inverter would get, None when no link brings it anything."""
    return None if book.carried_by is None else await book.async_carried(tariff)


def plan(
    hass: HomeAssistant,
    book: TariffBook,
    tariff: Tariff,
    table: Carried | None,
    findings: Iterable[Finding],
) -> Answer:
    """Tell what setting a tariff would do."""
    known = book.tariff
    if known is not None:
        # What is not given stays as it is, and is no change.
        reserve = known.reserve if tariff.reserve is None else tariff.reserve
        currency = tariff.currency or known.currency
        tariff = replace(tariff, reserve=reserve, currency=currency)
    texts = TariffTexts(hass)
    return {
        "state": "dry_run",
        "valid": True,
        "message": texts.say("tariff_dry_run" if table else "tariff_kept_here"),
        "link": book.carried_by and book.carried_by.value,
        "changes": [one._asdict() for one in difference(known, tariff)],
        "findings": texts.findings(findings),
        "arrives": to_data(table.table) if table else None,
    }


def ended(hass: HomeAssistant, answer: Answer, state: str) -> ServiceResponse:
    """Tell how it ended, in a code and in words."""
    message = TariffTexts(hass).say(f"tariff_{state}")
    return {**answer, "state": state, "message": message}


def priced(band: Band | None, rate: Rate | None) -> Answer:
    """Tell a band and its prices."""
    return {
        "period": band and band.value,
        "buy": rate.buy if rate else None,
        "sell": rate.sell if rate else None,
    }
