"""Wishes to change a plant, and what becomes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, override

from ..plant.settings import SettingValues
from ..plant.states import LinkName


class AskerKind(StrEnum):
    """Who wants something."""

    ENTITY = "entity"
    ACTION = "action"
    AUTOMATION = "automation"
    LEASE = "lease"
    """Our own arbiter: it applies a lease or lets go of one."""


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asked, for the journal: never a serial, never a secret."""

    kind: AskerKind
    name: str
    """Entity id, action, or the owner of a lease."""

    user_id: str | None = None
    context_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Settings that somebody wants changed, all of one block."""

    changes: SettingValues
    asker: Asker
    safety: bool = False
    """Letting go and protecting are never refused for the budget's sake."""

    force: bool = False
    """Write although the device shows it already: it took the last write and did
    nothing (automation.md C8)."""

    seen: SettingValues = field(default_factory=dict)
    """What the device told when this was decided; when it tells something else by now,
    a human was there in between and nothing is sent."""

    confirmed: bool = False
    """The owner confirmed that the house may be parted from the grid."""


class Result(StrEnum):
    """How a wish that was not refused ended."""

    UNCHANGED = "unchanged"
    """The device stood so already; nothing was sent."""

    VERIFIED = "verified"
    """Sent, and read back from the device."""

    SENT = "sent"
    """Sent and taken, but no link can read it back."""

    REMEMBERED = "remembered"
    """Kept here until the mode it belongs to is chosen; nothing was sent, because the
    link carries the parameters of the chosen mode only."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a wish."""

    result: Result
    before: SettingValues
    """The block as it stood; keys that nobody can tell are missing."""

    after: SettingValues
    link: LinkName | None = None
    """Over which link it went; None when nothing was sent."""


class Refusal(StrEnum):
    """Why a wish was not carried out; each has its own translated message."""

    NOT_OFFERED = "not_offered"
    """No link of the plant carries this setting or mode."""

    NEEDS_OPT_IN = "needs_opt_in"
    OUT_OF_RANGE = "out_of_range"
    """Placeholders: setting, value, low, high."""

    NOT_A_STEP = "not_a_step"
    """Placeholders: setting, value, step."""

    LIMITS_CROSSED = "limits_crossed"
    """The lower SOC limit would not be below the upper one."""

    OFF_GRID_NOT_ALLOWED = "off_grid_not_allowed"
    OFF_GRID_NOT_CONFIRMED = "off_grid_not_confirmed"
    OFF_GRID_BATTERY_LOW = "off_grid_battery_low"
    INCOMPLETE = "incomplete"
    """The link needs more than is known, as the tariff of economical mode over DTS.
    Placeholder: missing."""

    BUDGET = "budget"
    """Too many writes today. Placeholder: writes."""

    FROZEN = "frozen"
    """Firmware is being upgraded."""

    HELD = "held"
    """Somebody of higher priority holds the battery. Placeholder: owner."""

    ALARM = "alarm"
    OFF_GRID = "off_grid"
    """Without the grid there is nothing to charge from or to sell to."""

    UNKNOWN_BEFORE = "unknown_before"
    """Nobody can tell what to return to."""

    PAUSED = "paused"
    """A human changed the mode; this owner waits. Placeholder: until."""

    UNREACHABLE = "unreachable"
    """No link answers; nothing was sent."""

    UNREADABLE = "unreadable"
    """The device did not tell how it stands; nothing was sent."""

    REFUSED_BY_DEVICE = "refused_by_device"
    """Placeholder: code."""

    SILENT = "silent"
    """Sent, and no answer: it may have been taken or not."""

    LINK_LOST = "link_lost"
    """The link went away between the write and its proof."""

    NOT_APPLIED = "not_applied"
    """The device said yes and still shows something else. Placeholder: setting."""

    NO_EFFECT = "no_effect"
    """The device shows the mode, but the battery does not follow (C8)."""

    BUSY = "busy"
    """Another change of this plant is under way for too long."""

    CHANGED_MEANWHILE = "changed_meanwhile"
    """The device was changed by somebody else since this was decided."""

    UNTIL = "until"
    """The end lies in the past or more than 24 hours ahead."""


SENT_REFUSALS: Final = frozenset(
    {Refusal.SILENT, Refusal.LINK_LOST, Refusal.NOT_APPLIED, Refusal.NO_EFFECT}
)
"""Those after which the device may stand changed."""


@dataclass
class WishError(Exception):
    """A wish was refused, by us or by the device."""

    refusal: Refusal
    placeholders: Mapping[str, str] = field(default_factory=dict)

    @override
    def __str__(self) -> str:
        """Return text for logs; users read the translation."""
        return self.refusal.value
