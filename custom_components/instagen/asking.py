"""Who asks for a change, and how a refusal reaches them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .control.wishes import Asker, AskerKind, Refusal, WishError
from .control_texts import ControlTexts

_PLANTS_FAULT: Final = frozenset(
    {
        Refusal.UNREACHABLE,
        Refusal.UNREADABLE,
        Refusal.REFUSED_BY_DEVICE,
        Refusal.SILENT,
        Refusal.LINK_LOST,
        Refusal.NOT_APPLIED,
        Refusal.NO_EFFECT,
        Refusal.UNKNOWN_BEFORE,
    }
)
"""Refusals that no other wish would have avoided."""


def asker_of(context: Context | None, kind: AskerKind, name: str) -> Asker:
    """Tell who asks: a call that no user made, or not directly, is an automation's."""
    if context is None or context.user_id is None or context.parent_id is not None:
        kind = AskerKind.AUTOMATION
    return Asker(
        kind=kind,
        name=name,
        user_id=context.user_id if context else None,
        context_id=context.id if context else None,
    )


@contextmanager
def translated_refusals(hass: HomeAssistant) -> Iterator[None]:
    """Raise a refused wish as an error with a translated text."""
    try:
        yield
    except WishError as err:
        places = ControlTexts(hass).refusal_placeholders(err.placeholders)
        if err.refusal in _PLANTS_FAULT:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key=f"wish_{err.refusal}",
                translation_placeholders=places,
            ) from err
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=f"wish_{err.refusal}",
            translation_placeholders=places,
        ) from err
