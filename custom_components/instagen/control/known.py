"""What is known of a plant's settings when no device tells it."""

from collections.abc import Callable, Mapping, Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite
from typing import Any, Final, TypeGuard

from ..plant.contact_settings import (
    OTHER,
    weekdays_in,
    weekdays_text,
    window_in,
    window_text,
)
from ..plant.settings import (
    BATTERY_MODE,
    SETTINGS,
    Block,
    Setting,
    SettingKind,
    SettingValue,
    SettingValues,
    acting,
    keys_of,
)
from ..plant.states import BatteryMode, LinkName

ONE_MODE_LINKS: Final = frozenset({LinkName.DTS, LinkName.CLOUD})
"""Links whose messages hold a mode with its own parameters only; those of other modes
have to wait until it is their turn (facts/protobuf-10081.md section 6)."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """One block as it was last told, or taken by the device."""

    values: SettingValues
    kept: frozenset[str] = frozenset()
    """What of it was never sent: it waits until its mode is chosen."""

    link: LinkName | None = None
    at: datetime | None = None


class Memory:
    """The last known values of each block: read, written, or kept for later.

    A device fills what is left out of a write with its defaults, and a stick tells the
    parameters of the chosen mode only. So whatever was once known of a block stays here
    until something newer is known, over restarts too.
    """

    def __init__(self) -> None:
        """Start with nothing known."""
        self._blocks: dict[Block, Known] = {}

    def get(self, block: Block) -> Known:
        """Return what is known of a block."""
        return self._blocks.get(block, Known(values={}))

    def learn(
        self, block: Block, values: SettingValues, *, link: LinkName, at: datetime
    ) -> None:
        """Take over what a device told, or took.

        A mode that it did not tell is one that we do not know: not the one before. What
        is kept for another mode stays while nobody could have sent it: the cloud tells
        what the device has of it.
        """
        known = self.get(block)
        waits: AbstractSet[str] = frozenset()
        if block is Block.MODE and link in ONE_MODE_LINKS:
            waits = known.kept - acting(values).keys()
        merged = {**known.values, **_without(values, waits)}
        if BATTERY_MODE not in values:
            merged.pop(BATTERY_MODE, None)
        kept = known.kept - (values.keys() - waits)
        self._blocks[block] = Known(values=merged, kept=kept, link=link, at=at)

    def keep(self, block: Block, values: SettingValues) -> None:
        """Keep what is to be sent another time."""
        known = self.get(block)
        self._blocks[block] = replace(
            known, values={**known.values, **values}, kept=known.kept | values.keys()
        )

    def snapshot(self) -> dict[str, Any]:
        """Return everything, as plain data."""
        return {
            block.value: {
                "values": dict(known.values),
                "kept": sorted(known.kept),
                "link": known.link and known.link.value,
                "at": known.at and known.at.isoformat(),
            }
            for block, known in self._blocks.items()
        }

    def restore(self, stored: object) -> None:
        """Take over what ``snapshot`` returned; what cannot be read is left out."""
        if not isinstance(stored, Mapping):
            return
        self._blocks = {}
        for block in Block:
            if isinstance(fields := stored.get(block.value), Mapping):
                values = _values(block, fields.get("values"))
                kept = fields.get("kept")
                self._blocks[block] = Known(
                    values=values,
                    kept=frozenset(values) & _texts(kept),
                    link=_read(LinkName, fields.get("link")),
                    at=_read(datetime.fromisoformat, fields.get("at")),
                )


def is_value_of(value: object, setting: Setting) -> TypeGuard[SettingValue]:
    """Return whether a value is one of its kind, whatever the device's range."""
    match setting.kind:
        case SettingKind.FLAG:
            return isinstance(value, bool)
        case SettingKind.TEXT:
            return isinstance(value, str) and value != ""
        case SettingKind.MODE:
            return value in set(BatteryMode)
        case SettingKind.CHOICE:
            return value == OTHER or value in setting.options
        case SettingKind.WINDOW:
            return _reads(window_in, window_text, value)
        case SettingKind.WEEKDAYS:
            return _reads(weekdays_in, weekdays_text, value)
        case _:
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            return isfinite(value)


def _without(values: SettingValues, keys: AbstractSet[str]) -> SettingValues:
    return {key: value for key, value in values.items() if key not in keys}


def _reads[T](
    read: Callable[[str], T], write: Callable[[T], str], value: object
) -> bool:
    """Return whether a text is written the one way that it can be."""
    try:
        return isinstance(value, str) and write(read(value)) == value
    except ValueError:
        return False


def _values(block: Block, stored: object) -> SettingValues:
    if not isinstance(stored, Mapping):
        return {}
    found = {key: stored[key] for key in keys_of(block) if key in stored}
    return {
        key: value for key, value in found.items() if is_value_of(value, SETTINGS[key])
    }


def _texts(stored: object) -> set[str]:
    texts = stored if isinstance(stored, list) else []
    return {text for text in texts if isinstance(text, str)}


def _read[T](read: Callable[[str], T], text: object) -> T | None:
    if not isinstance(text, str):
        return None
    try:
        return read(text)
    except ValueError:
        return None
