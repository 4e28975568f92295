"""The road that a change takes to the plant: what every link that can write offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ..plant.evidence import Evidence
from ..plant.settings import Block, Range, SettingValues
from ..plant.states import BatteryMode, LinkName


class Trouble(StrEnum):
    """How reading or writing settings failed."""

    REFUSED = "refused"
    """The device answered no; nothing has changed."""

    SILENT = "silent"
    """The question went out and no answer came: a write may have been taken."""

    LOST = "lost"
    """The link is not there; nothing went out."""

    GARBLED = "garbled"
    """An answer came that cannot be one."""

    NOT_READABLE = "not_readable"
    """This link cannot tell these settings at all."""


class SettingsError(Exception):
    """Settings could not be read or written."""

    def __init__(self, trouble: Trouble, code: int | None = None) -> None:
        """Remember how; ``code`` is the device's own number for its refusal."""
        super().__init__(trouble.value if code is None else f"{trouble.value} {code}")
        self.trouble = trouble
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Capability:
    """How well a link carries one setting."""

    evidence: Evidence
    """Of writing it."""

    range: Range | None = None
    """What the device takes, read from it where it tells; None for no number."""


class SettingsRoad(Protocol):
    """Reads and writes the settings of one plant over one link.

    Values are in plant terms (``plant/settings.py``). A road never repeats a write, and
    sends one message for each call of ``write``.
    """

    @property
    def name(self) -> LinkName:
        """Which link it is."""

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """The settings that this road carries, by their keys."""

    @property
    def modes(self) -> Mapping[BatteryMode, Evidence]:
        """The battery modes that this road can choose."""

    async def read(self, block: Block) -> SettingValues:
        """Read a block from the device, now.

        What the device does not tell is left out: over DTS the parameters of modes
        that are not chosen. Raises ``SettingsError``.
        """

    def changed_elsewhere(self) -> None:
        """Hear that something was sent over another link: what was read before is old."""

    async def write(self, block: Block, values: SettingValues) -> None:
        """Write a block; ``values`` hold all of it that is known.

        Returns when the device said that it took them. Raises ``SettingsError``;
        ``ValueError`` when something is missing without which the device would fall back
        to a default.
        """
