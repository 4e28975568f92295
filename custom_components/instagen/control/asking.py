"""Whether a lease may be asked for at all, and what it comes to in the device's terms."""

from collections.abc import Mapping, Set as AbstractSet
from datetime import datetime
from uuid import uuid4

from ..plant.settings import BATTERY_MODE, PARAMETERS, Range, SettingValues, mode_of
from .leases import (
    LONGEST,
    Conditions,
    EndReason,
    Lease,
    LeaseEvent,
    LeaseEventKind,
    LeaseMode,
    LeaseWish,
)
from .priorities import Priority
from .standing import Standing
from .wishes import Refusal, WishError
from .writer import Reading


def check(
    now: datetime,
    wish: LeaseWish,
    conditions: Conditions,
    paused: Mapping[str, datetime],
) -> None:
    """Raise ``WishError`` when a lease must not be granted now."""
    if not now < wish.until <= now + LONGEST:
        raise WishError(Refusal.UNTIL)
    if conditions.frozen:
        raise WishError(Refusal.FROZEN)
    waits = paused.get(wish.owner)
    if waits is not None and now < waits and wish.priority < Priority.HUMAN:
        raise WishError(Refusal.PAUSED, {"until": waits.isoformat()})
    if conditions.alarm and wish.priority < Priority.SAFETY:
        raise WishError(Refusal.ALARM)
    if conditions.off_grid and wish.mode.forced:
        raise WishError(Refusal.OFF_GRID)


def state_before(
    standing: Standing,
    seen: Reading | None,
    offered: AbstractSet[str],
    *,
    readable: bool,
) -> SettingValues:
    """Return how the plant stands, or stood before the first lease.

    Raises ``WishError`` when that is not known well enough to return to it. ``readable``:
    the plant tells its mode when it is there.
    """
    if standing.baseline is not None:
        return standing.baseline
    if seen is None or (readable and BATTERY_MODE not in seen.told):
        raise WishError(Refusal.UNREACHABLE)
    back = standing.plain(seen.values)
    mode = mode_of(seen.values) and mode_of(back)
    if mode is None or not set(PARAMETERS.get(mode, ())) & offered <= set(back):
        raise WishError(Refusal.UNKNOWN_BEFORE)
    return seen.values


def lease_of(wish: LeaseWish, now: datetime, soc: int | None) -> Lease:
    """Return what a wish becomes that may be granted."""
    return Lease(
        id=uuid4().hex,
        mode=wish.mode,
        owner=wish.owner,
        reason=wish.reason,
        priority=wish.priority,
        asked_at=now,
        until=wish.until,
        target_soc=wish.target_soc,
        soc=soc,
        power=wish.power,
        releases=wish.releases,
        patient=wish.patient,
    )


def turned_down(wish: LeaseWish, now: datetime, error: WishError) -> LeaseEvent:
    """Return what is told of a wish that never became a lease."""
    return LeaseEvent(
        kind=LeaseEventKind.REFUSED,
        at=now,
        lease=lease_of(wish, now, wish.target_soc).end(now, EndReason.REFUSED),
        reason=error.refusal.value,
        placeholders=error.placeholders,
    )


def asks(lease: Lease) -> tuple[object, ...]:
    """Return what makes two wishes the same."""
    return lease.mode, lease.priority, lease.target_soc, lease.power, lease.releases


def soc_of(
    wish: LeaseWish,
    before: SettingValues,
    conditions: Conditions,
    floor: float | None,
    ranges: Mapping[str, Range],
) -> int | None:
    """Return the SOC to write: frozen for a hold, never below a reserve to discharge.

    Raises ``WishError`` when nobody tells how full the battery is that is to be held.
    """
    if wish.mode is LeaseMode.HOLD:
        if conditions.soc is None:
            raise WishError(Refusal.UNREADABLE)
        return _within(ranges, conditions.soc)
    if wish.mode is not LeaseMode.FORCE_DISCHARGE:
        return wish.target_soc
    target = wish.target_soc
    if target is None:
        told = before.get(wish.mode.soc_key)
        target = None if told is None else int(told)
    mode = mode_of(before)
    reserves = [
        float(before[key])
        for key in (PARAMETERS.get(mode, ()) if mode else ())
        if key.endswith("reserve_soc") and key in before
    ]
    floors = [*reserves, *([floor] if floor is not None else [])]
    return None if target is None else round(max(target, *floors, 0))


def held_soc(
    lease: Lease, level: float | None, ranges: Mapping[str, Range]
) -> int | None:
    """Return the SOC of a lease whose turn comes.

    A hold keeps the charge of this moment. One that the device has shown before keeps
    what it kept then, and so does one of which nobody can tell the charge now.
    """
    if lease.mode is not LeaseMode.HOLD or lease.applied_at or level is None:
        return lease.soc
    return _within(ranges, level)


def _within(ranges: Mapping[str, Range], level: float) -> int:
    limits = ranges.get(LeaseMode.HOLD.soc_key, Range(0, 100))
    return round(min(max(level, limits.low), limits.high))
