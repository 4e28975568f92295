"""What a developer needs to help, without anything that tells whose plant it is."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.const import CONF_HOST, CONF_MAC, CONF_UNIQUE_ID
from homeassistant.core import HomeAssistant

from .const import CONF_SERIAL, CONF_STICK_SERIAL
from .coordinator import InstagenConfigEntry
from .steering import Steering

TO_REDACT: Final = {
    CONF_HOST,
    CONF_MAC,
    CONF_SERIAL,
    CONF_STICK_SERIAL,
    CONF_UNIQUE_ID,
    "user_id",
}

STICK_NAME_DIGITS: Final = 8
"""Digits of the serial that the stick's Wi-Fi name shows."""


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: InstagenConfigEntry
) -> dict[str, Any]:
    """Return what is set up, what the plant said and how the link does."""
    coordinator = entry.runtime_data.coordinator
    identity = asdict(coordinator.identity)
    identity["features"] = sorted(coordinator.identity.features)
    data: dict[str, Any] = {
        "entry": {
            "title": entry.title,
            "unique_id": entry.unique_id,
            "version": entry.version,
            "data": dict(entry.data),
        },
        "identity": identity,
        "values": dict(sorted(coordinator.data.values.items())),
        "last_update_success": coordinator.last_update_success,
        "link": coordinator.link.diagnostics(),
        "control": _control(entry.runtime_data.steering),
    }
    redacted: dict[str, Any] = _without(
        async_redact_data(data, TO_REDACT), _secrets(entry)
    )
    return redacted


def _control(steering: Steering) -> dict[str, Any]:
    """Return what was wished, and how leases and settings stand."""
    desk = steering.desk
    return {
        "capabilities": {
            key: asdict(capability) for key, capability in desk.capabilities.items()
        },
        "modes": dict(desk.modes),
        "leases": [lease.as_dict() for lease in desk.leases],
        "ended": [lease.as_dict() for lease in desk.history],
        "known": steering.memory.snapshot(),
        "budget": steering.budget.snapshot(),
        "journal": steering.journal.snapshot(),
    }


def _secrets(entry: InstagenConfigEntry) -> list[str]:
    """Return what may stand in the middle of a text and has to go, longest first."""
    serials = [str(entry.data.get(key, "")) for key in (CONF_SERIAL, CONF_STICK_SERIAL)]
    names = [serial[-STICK_NAME_DIGITS:] for serial in serials]
    texts = [*serials, *names, str(entry.data.get(CONF_HOST, ""))]
    return [text for text in texts if text]


def _without(data: Any, secrets: Iterable[str]) -> Any:
    """Return the data with every secret blacked out in every text."""
    if isinstance(data, str):
        for secret in secrets:
            data = data.replace(secret, REDACTED)
        return data
    if isinstance(data, Mapping):
        return {
            _without(key, secrets): _without(value, secrets)
            for key, value in data.items()
        }
    if isinstance(data, list):
        return [_without(value, secrets) for value in data]
    return data
