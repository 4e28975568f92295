"""Which account an action was called for, and how a refusal reaches who called it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.service import async_get_config_entry

from ..account.rules import RuleError
from ..cloud.covering import is_account
from ..cloud.runtime import AccountEntry
from ..const import DOMAIN
from ..links.cloud.errors import CloudError, Trouble

_ASKERS_FAULT: Final = frozenset({Trouble.NEEDS_OPT_IN, Trouble.UNKNOWN_FUNCTION})


def called_account(call: ServiceCall) -> AccountEntry:
    """Return the loaded account that a call names."""
    entry = async_get_config_entry(call.hass, DOMAIN, call.data[ATTR_CONFIG_ENTRY_ID])
    if not is_account(entry):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_an_account",
            translation_placeholders={"title": entry.title},
        )
    return cast("AccountEntry", entry)


@contextmanager
def translated_cloud() -> Iterator[None]:
    """Raise what the manual or the cloud refuses as an error with a translated text."""
    try:
        yield
    except RuleError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=f"rule_{err.rule}",
            translation_placeholders=dict(err.placeholders),
        ) from err
    except CloudError as err:
        kind = (
            ServiceValidationError
            if err.trouble in _ASKERS_FAULT
            else HomeAssistantError
        )
        raise kind(
            translation_domain=DOMAIN,
            translation_key=f"cloud_{err.trouble}",
            translation_placeholders=dict(err.placeholders),
        ) from err
