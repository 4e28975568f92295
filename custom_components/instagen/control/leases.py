"""Leases: the battery in a mode for a while, for somebody, with an end that is certain.

The machine that decides among them is ``arbiter.py``; this is what it decides about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Literal

from ..plant.settings import BATTERY_MODE, SettingValue, SettingValues
from ..plant.states import BatteryMode
from .priorities import Priority

LONGEST: Final = timedelta(hours=24)
"""No lease ends later than this after it was asked for (automation.md C1)."""

type AtTarget = Literal["hold", "release"]


class LeaseMode(StrEnum):
    """What a lease can ask of the battery."""

    FORCE_CHARGE = "force_charge"
    FORCE_DISCHARGE = "force_discharge"
    HOLD = "hold"
    """Self-consumption that keeps the charge of the moment it was granted."""

    SELF_CONSUMPTION = "self_consumption"
    FULL_BACKUP = "full_backup"
    ECONOMICAL = "economical"

    @property
    def battery_mode(self) -> BatteryMode:
        """The device's mode that serves it."""
        if self is LeaseMode.HOLD:
            return BatteryMode.SELF_CONSUMPTION
        return BatteryMode(self.value)

    @property
    def forced(self) -> bool:
        """Whether the device is forced; such a mode is nothing to be left in."""
        return self in {LeaseMode.FORCE_CHARGE, LeaseMode.FORCE_DISCHARGE}

    @property
    def soc_key(self) -> str:
        """The setting that holds the lease's SOC."""
        return _SOC_KEYS[self]

    @property
    def power_key(self) -> str | None:
        """The setting that holds the lease's power."""
        return f"{self.value}_power" if self.forced else None


_SOC_KEYS: Final = {
    LeaseMode.FORCE_CHARGE: "force_charge_target_soc",
    LeaseMode.FORCE_DISCHARGE: "force_discharge_target_soc",
    LeaseMode.HOLD: "self_consumption_reserve_soc",
    LeaseMode.SELF_CONSUMPTION: "self_consumption_reserve_soc",
    LeaseMode.FULL_BACKUP: "full_backup_reserve_soc",
    LeaseMode.ECONOMICAL: "economical_reserve_soc",
}


class LeaseState(StrEnum):
    """Where a lease stands (automation.md 4.5)."""

    QUEUED = "queued"
    """Somebody of higher rank has the battery."""

    APPLYING = "applying"
    """Granted; the device does not show it yet."""

    ACTIVE = "active"
    SATISFIED = "satisfied"
    """The target is met; the mode is kept until the end."""

    SUSPENDED = "suspended"
    """Something is in its way (``Hindrance``); goes on when that is gone in time."""

    ENDED = "ended"


class Hindrance(StrEnum):
    """Why a lease is suspended; each has its own text."""

    OFF_GRID = "off_grid"
    NO_ROOM = "no_room"
    """House and car leave too little below the breaker."""

    OVER_BREAKER = "over_breaker"
    CURRENT_UNKNOWN = "current_unknown"
    CHANGED_OFTEN = "changed_often"
    """There is room, after too many changes for one day."""


@dataclass(frozen=True, slots=True)
class ChargeLimit:
    """How far a forced charge may go beside a car (``charge_limit.py``)."""

    percent: int
    """Of rated power."""

    hindrance: Hindrance | None = None
    """Why it is 0."""


class EndReason(StrEnum):
    """Why a lease ended."""

    EXPIRED = "expired"
    CANCELLED = "cancelled"
    RELEASED = "released"
    """Its target was met, and it was to end then."""

    REPLACED = "replaced"
    """By another wish of the same owner."""

    OVERRIDDEN = "overridden"
    """A human chose something else."""

    REFUSED = "refused"
    """When its turn came the plant or the budget did not allow it."""

    FAILED = "failed"
    """The device did not take it in three tries."""

    NO_EFFECT = "no_effect"
    """The device took it and the battery did not follow (automation.md C8)."""

    ALARM = "alarm"
    GRID_LOST = "grid_lost"
    """Too little of it was left when the grid came back."""


@dataclass(frozen=True, kw_only=True)
class LeaseWish:
    """What somebody wants of the battery, for how long."""

    mode: LeaseMode
    owner: str
    """Who wants it: one lease for each."""

    until: datetime
    """Aware; at most 24 hours ahead."""

    reason: str = ""
    priority: int = Priority.HUMAN
    target_soc: int | None = None
    """Percent: target, or reserve of a mode that is not forced; None keeps the
    device's. Not for ``HOLD``."""

    power: float | None = None
    """Percent of rated power, of a forced mode; None keeps the device's."""

    at_target: AtTarget | None = None
    """Whether a forced mode stays when its target is met, or ends; None: charging
    holds, discharging releases."""

    patient: bool = False
    """Wait until the plant has stood as it does for a while (``dwell.py``)."""

    dry_run: bool = False
    """Tell what would be done, and do nothing."""

    @property
    def releases(self) -> bool:
        """Whether the lease ends when its target is met."""
        if self.at_target is None:
            return self.mode is LeaseMode.FORCE_DISCHARGE
        return self.mode.forced and self.at_target == "release"


@dataclass(frozen=True, kw_only=True)
class Lease:
    """A wish that was granted, and what became of it."""

    id: str
    mode: LeaseMode
    owner: str
    reason: str
    priority: int
    asked_at: datetime
    until: datetime
    target_soc: int | None
    """Percent that was asked for."""

    soc: int | None
    """Percent written with the mode: target, reserve, or the charge that is held."""

    power: float | None
    releases: bool
    patient: bool = False
    """Whether it lets the plant rest before its turn."""

    state: LeaseState = LeaseState.QUEUED
    hindrance: Hindrance | None = None
    """Why it is suspended."""

    limit: int | None = None
    """Percent of rated power that a forced charge may have; None is all."""

    applied_at: datetime | None = None
    """When the device first showed it."""

    ended_at: datetime | None = None
    ended: EndReason | None = None

    @property
    def rank(self) -> tuple[int, datetime]:
        """What sorts the highest first, and of equals the earliest."""
        return -self.priority, self.asked_at

    @property
    def settings(self) -> dict[str, SettingValue]:
        """What the lease changes of the mode block."""
        changes: dict[str, SettingValue] = {BATTERY_MODE: self.mode.battery_mode.value}
        if self.soc is not None:
            changes[self.mode.soc_key] = self.soc
        if self.power is not None and (key := self.mode.power_key):
            changes[key] = self.power
        return changes

    def over(self, block: SettingValues) -> dict[str, SettingValue]:
        """Return what a mode block comes to under the lease."""
        target = {**block, **self.settings}
        key = self.mode.power_key
        if self.limit is not None and key:
            target[key] = min(float(target.get(key, 100)), self.limit)
        return target

    def aims_at(self, block: SettingValues) -> float | None:
        """Return the SOC that satisfies it; ``block`` tells the device's own."""
        soc = block.get(self.mode.soc_key) if self.soc is None else self.soc
        return None if soc is None else float(soc)

    def end(self, now: datetime, reason: EndReason) -> Lease:
        """Return the lease as one that ended."""
        return replace(self, state=LeaseState.ENDED, ended=reason, ended_at=now)

    def as_dict(self) -> dict[str, Any]:
        """Return the lease as plain data."""
        return {
            "id": self.id,
            "mode": self.mode.value,
            "owner": self.owner,
            "reason": self.reason,
            "priority": self.priority,
            "asked_at": self.asked_at.isoformat(),
            "until": self.until.isoformat(),
            "target_soc": self.target_soc,
            "soc": self.soc,
            "power": self.power,
            "releases": self.releases,
            "patient": self.patient,
            "state": self.state.value,
            "hindrance": self.hindrance and self.hindrance.value,
            "limit": self.limit,
            "applied_at": self.applied_at.isoformat() if self.applied_at else None,
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "ended": self.ended.value if self.ended else None,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Lease:
        """Return the lease that ``as_dict`` told."""
        return cls(
            id=stored["id"],
            mode=LeaseMode(stored["mode"]),
            owner=stored["owner"],
            reason=stored["reason"],
            priority=stored["priority"],
            asked_at=datetime.fromisoformat(stored["asked_at"]),
            until=datetime.fromisoformat(stored["until"]),
            target_soc=stored["target_soc"],
            soc=stored["soc"],
            power=stored["power"],
            releases=stored["releases"],
            patient=stored.get("patient", False),
            state=LeaseState(stored["state"]),
            hindrance=Hindrance(told) if (told := stored.get("hindrance")) else None,
            limit=stored.get("limit"),
            applied_at=moment_of(stored["applied_at"]),
            ended_at=moment_of(stored["ended_at"]),
            ended=EndReason(stored["ended"]) if stored["ended"] else None,
        )


def moment_of(stored: str | None) -> datetime | None:
    """Return a stored moment."""
    return datetime.fromisoformat(stored) if stored else None


class GrantState(StrEnum):
    """What came of asking for a lease."""

    GRANTED = "granted"
    QUEUED = "queued"
    DRY_RUN = "dry_run"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """The answer to a wish for a lease."""

    lease: Lease
    state: GrantState
    before: SettingValues
    """The mode block to which the plant returns."""

    until: datetime


class LeaseEventKind(StrEnum):
    """What can happen to a lease."""

    STARTED = "started"
    """It was granted, or its turn came."""

    APPLIED = "applied"
    """The device shows it."""

    SATISFIED = "satisfied"
    ENDED = "ended"
    """With a reason: expired, cancelled, released, replaced, alarm, grid_lost."""

    OVERRIDDEN = "overridden"
    REFUSED = "refused"
    """With the refusal as reason."""

    FAILED = "failed"
    NO_EFFECT = "no_effect"
    SUSPENDED = "suspended"
    """With the hindrance as reason, unless the grid is away."""

    RESUMED = "resumed"
    LIMITED = "limited"
    """A forced charge goes on with another power, beside a car."""

    RESTORED = "restored"
    """The plant stands as it stood before the first lease."""

    LOST = "lost"
    """The link went away while a lease holds the battery, or before it was let go."""

    STUCK = "stuck"
    """The plant could not be put back; tried again when the link returns."""

    DRY_RUN = "dry_run"


@dataclass(frozen=True, kw_only=True)
class LeaseEvent:
    """Something happened to a lease; texts are translations."""

    kind: LeaseEventKind
    at: datetime
    lease: Lease | None = None
    """None for the plant as such: restored, lost and stuck."""

    reason: str | None = None
    placeholders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What has to be done now."""

    write: SettingValues | None = None
    lease: Lease | None = None
    """For whom; None is to put the plant back."""

    force: bool = False
    """Also if the device shows it already."""


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """How the plant is doing, as far as leases care; None is unknown or stale."""

    soc: float | None = None
    battery_power: float | None = None
    """W, positive while discharging."""

    rated_power: float | None = None
    """W of the inverter."""

    off_grid: bool | None = None
    alarm: bool = False
    """An alarm stands that forbids forcing the battery."""

    frozen: bool = False
    """Firmware is being upgraded: nothing is written."""

    charge_limit: ChargeLimit | None = None
    """None while no car is guarded."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the owner allows."""

    human_lease: timedelta = timedelta(hours=2)
    """How long a forced mode lasts that a human chose without saying until when."""
