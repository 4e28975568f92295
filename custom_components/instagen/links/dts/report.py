"""A message as plain data for diagnostics, without what tells whose plant it is."""

from typing import Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

REDACTED: Final = "**REDACTED**"

_TELLING: Final = frozenset({"serial", "serials", "succeeded", "failed"})
_PLAIN_TEXTS: Final = frozenset(
    {
        "model_name",
        "hardware_version",
        "main_version",
        "slave_version",
        "system_version",
        "battery_hardware_version",
        "battery_software_version",
        "wifi_version",
        "mobile_version",
        "time_text",
    }
)
"""The texts that may be shown; every other one is a name, a number or a secret."""


def report(message: Message) -> dict[str, object]:
    """Return the fields that are set, by name."""
    return {field.name: _shown(field, value) for field, value in message.ListFields()}


def _shown(field: FieldDescriptor, value: object) -> object:
    if field.is_repeated:
        return [_one(field, one) for one in list(value)]  # type: ignore[call-overload]
    return _one(field, value)


def _one(field: FieldDescriptor, value: object) -> object:
    """Show one value; fields that are unknown to us are not in the message at all."""
    if isinstance(value, Message):
        return report(value)
    if isinstance(value, bytes):
        plain = field.name in _PLAIN_TEXTS
        return value.decode("utf-8", "replace") if plain else REDACTED
    if field.name in _TELLING or field.name.startswith(("mac_", "wifi_mac_")):
        return REDACTED
    return value
