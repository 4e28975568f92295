"""The actions that tell what is set about the dry contact, and set it."""

from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..asking import asker_of, translated_refusals
from ..const import ATTR_DRY_RUN, DOMAIN
from ..contact.panel import ContactPanel, refused
from ..control.shown import ShownState
from ..control.wishes import AskerKind, Result
from ..control_texts import ControlTexts
from ..plant.contact_data import changes_from, difference, to_data
from ..plant.contact_rules import Finding, errors
from ..plant.contact_settings import FUNCTION
from .called import ENTRY_SCHEMA, called_entry

ATTR_CONTACT: Final = "contact"

SET_DRY_CONTACT_SCHEMA: Final = ENTRY_SCHEMA.extend(
    {
        # What is wrong in it is told in our own words, with its place.
        vol.Required(ATTR_CONTACT): object,
        vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean,
    }
)

type Answer = dict[str, Any]


async def async_get_dry_contact(call: ServiceCall) -> ServiceResponse:
    """Return what is set, in the form that can be set, and how the contact stands."""
    panel = _panel(call)
    step = panel.step
    answer: Answer = {
        "contact": to_data(panel.values) if FUNCTION in panel.values else None,
        "rules_run_in": panel.rules_run_in,
        "confirmed": panel.shown(FUNCTION).state is ShownState.CONFIRMED,
        "commanded": panel.commanded,
        "reason": step and step.reason.value,
        "findings": _told(call.hass, panel.found({})),
    }
    return answer


async def async_set_dry_contact(call: ServiceCall) -> ServiceResponse:
    """Set what is named of the contact; the rest stays as it is."""
    panel = _panel(call)
    given, wrong = changes_from(call.data[ATTR_CONTACT], panel.values, panel.carries)
    changes = panel.completed(given)
    found = list(wrong) if wrong else panel.found(changes)
    refusals = list(wrong) if wrong else errors(panel.objections(changes))
    answer: Answer = {
        "valid": not refusals,
        "changes": [
            one._asdict()
            for one in ([] if wrong else difference(panel.values, changes))
        ],
        "findings": _told(call.hass, found),
    }
    if call.data[ATTR_DRY_RUN]:
        state = "refused" if refusals else "dry_run"
        return {**answer, **_ended(call.hass, "dry_run", state)}
    if refusals:
        raise refused(call.hass, refusals[0])
    result: Result | None = Result.UNCHANGED
    if changes:
        asker = asker_of(call.context, AskerKind.ACTION, call.service)
        with translated_refusals(call.hass):
            result = await panel.async_change(changes, asker)
    state = result.value if result else "kept_here"
    return {**answer, **_ended(call.hass, state, state)}


def _panel(call: ServiceCall) -> ContactPanel:
    entry = called_entry(call)
    if (panel := entry.runtime_data.contact) is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_dry_contact",
            translation_placeholders={"title": entry.title},
        )
    return panel


def _told(hass: HomeAssistant, found: list[Finding]) -> list[Answer]:
    """Return findings as an action answers them."""
    texts = ControlTexts(hass)
    return [
        {
            "problem": one.problem.value,
            "severity": one.severity.value,
            "where": one.told.get("where"),
            "text": texts.finding(one.translation_key, one.told),
        }
        for one in found
    ]


def _ended(hass: HomeAssistant, state: str, said: str) -> Answer:
    """Tell how it ended, in a code and in words."""
    return {"state": state, "message": ControlTexts(hass).contact(said)}
