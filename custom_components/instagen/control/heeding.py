"""What a forced lease has to heed: alarms, the grid, and the breaker beside a car."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ..plant.settings import SettingValues
from .leases import (
    Conditions,
    EndReason,
    Hindrance,
    Lease,
    LeaseEventKind,
    LeaseMode,
    LeaseState,
)
from .priorities import Priority

_WORTH_RESUMING: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Heeded:
    """What becomes of a lease."""

    lease: Lease
    told: LeaseEventKind | None = None
    reason: str | None = None
    ends: EndReason | None = None


def heed(
    lease: Lease, now: datetime, conditions: Conditions, block: SettingValues
) -> Heeded:
    """Keep the battery from being forced while it must not be (automation.md 4.10).

    ``block`` is to what the plant returns, with the power that a lease without one has.
    """
    if not lease.mode.forced:
        return Heeded(lease)
    if conditions.alarm and lease.priority < Priority.SAFETY:
        return Heeded(lease, ends=EndReason.ALARM)
    if why := _hindrance(lease, conditions):
        waiting = replace(lease, state=LeaseState.SUSPENDED, hindrance=why)
        if lease.state is LeaseState.SUSPENDED:
            return Heeded(waiting)
        reason = None if why is Hindrance.OFF_GRID else why.value
        return Heeded(waiting, LeaseEventKind.SUSPENDED, reason)
    if lease.state is LeaseState.SUSPENDED:
        return _freed(lease, now, conditions)
    limited = _limited(lease, conditions)
    shown = lease.state not in {LeaseState.QUEUED, LeaseState.SUSPENDED}
    moved = lease.over(block) != limited.over(block)
    return Heeded(limited, LeaseEventKind.LIMITED if shown and moved else None)


def _hindrance(lease: Lease, conditions: Conditions) -> Hindrance | None:
    """Return what keeps a lease from the battery; what is unknown leaves it as it is."""
    was_away = lease.hindrance is Hindrance.OFF_GRID
    if conditions.off_grid or (conditions.off_grid is None and was_away):
        return Hindrance.OFF_GRID
    limit = conditions.charge_limit
    if lease.mode is LeaseMode.FORCE_CHARGE and limit and not limit.percent:
        return limit.hindrance
    return None


def _freed(lease: Lease, now: datetime, conditions: Conditions) -> Heeded:
    """Let a lease go on, if enough of it is left."""
    was_away = lease.hindrance is Hindrance.OFF_GRID
    if lease.until - now < _WORTH_RESUMING:
        return Heeded(lease, ends=EndReason.GRID_LOST if was_away else None)
    going = replace(lease, state=LeaseState.APPLYING, hindrance=None)
    reason = None if was_away else "room"
    return Heeded(_limited(going, conditions), LeaseEventKind.RESUMED, reason)


def _limited(lease: Lease, conditions: Conditions) -> Lease:
    """Return the lease with the power that it may have now."""
    given = conditions.charge_limit
    if lease.mode is not LeaseMode.FORCE_CHARGE:
        return lease
    limit = given.percent if given and given.percent < 100 else None
    return replace(lease, limit=limit)
