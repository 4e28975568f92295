"""An EV charger behind the breaker of the house (automation.md 4.8 e).

This is comfort and no protection: the breaker is what protects. The current includes the
car's once it charges, hence two thresholds, one to allow and one to block.
"""

from dataclasses import replace
from datetime import datetime
from math import isfinite

from ..plant.dry_contact import ContactSettings
from .contact_inputs import Assumed, Inputs, Reason, after, passed, soonest
from .loads import LoadMemory, LoadState, LoadStep


def ev_charger(
    settings: ContactSettings, inputs: Inputs, memory: LoadMemory, assumed: Assumed
) -> LoadStep:
    """Block at once above the breaker; allow once there was room for a while."""
    now = inputs.now
    if inputs.reset:
        memory = _unlocked(memory, now)
    breaker, charger = settings.breaker_size, settings.ev_charger_size
    if breaker is None or charger is None or not 0 < charger < breaker:
        return _blocked(memory, inputs, assumed, Reason.INCOMPLETE)
    currents = known_currents(inputs, assumed)
    if currents is None:
        return _blocked(memory, inputs, assumed, Reason.STALE)
    worst = max(map(abs, currents))
    if worst > breaker:
        ours = worst - inputs.lease_current <= breaker
        if memory.state is LoadState.ALLOWED and not ours:
            memory = _tripped(memory, now, assumed)
        return _blocked(memory, inputs, assumed, Reason.OVER_BREAKER)
    # To start, an importing phase counts, not the one that exports most.
    room = max(currents) < breaker - charger
    since = (memory.room_since or now) if room else None
    memory = replace(memory, room_since=since)
    return _judged(memory, inputs, assumed)


def known_currents(inputs: Inputs, assumed: Assumed) -> tuple[float, ...] | None:
    """Return the current of each phase; None unless every phase is known now."""
    currents = inputs.currents.within(inputs.now, assumed.safety_age)
    if not currents or not all(isfinite(one) for one in currents):
        return None
    return currents


def _judged(memory: LoadMemory, inputs: Inputs, assumed: Assumed) -> LoadStep:
    now = inputs.now
    steady = after(memory.room_since, assumed.ev_steady)
    match memory.state:
        case LoadState.ALLOWED:
            reason = Reason.ROOM
        case LoadState.LOCKED:
            reason = Reason.LOCKED
        case _ if memory.room_since is None:
            reason = Reason.NO_ROOM
        case _ if passed(memory.room_since, now, assumed.ev_steady):
            memory = replace(memory, state=LoadState.ALLOWED, since=now)
            reason = Reason.ROOM
        case _:
            reason = Reason.ROOM_WAIT
    return LoadStep(memory=memory, reason=reason, wake=soonest(inputs, assumed, steady))


def _blocked(
    memory: LoadMemory, inputs: Inputs, assumed: Assumed, reason: Reason
) -> LoadStep:
    if memory.state is not LoadState.LOCKED:
        since = inputs.now
        if memory.state is LoadState.BLOCKED and memory.since:
            since = memory.since
        memory = replace(memory, state=LoadState.BLOCKED, since=since)
    else:
        reason = Reason.LOCKED
    memory = replace(memory, room_since=None)
    return LoadStep(memory=memory, reason=reason, wake=soonest(inputs, assumed))


def _tripped(memory: LoadMemory, now: datetime, assumed: Assumed) -> LoadMemory:
    """Count a block; too many within an hour lock the charger until it is reset."""
    recent = (
        one for one in memory.trips if not passed(one, now, assumed.ev_trip_window)
    )
    trips = (*recent, now)
    locked = len(trips) >= assumed.ev_trips
    state = LoadState.LOCKED if locked else LoadState.BLOCKED
    return replace(memory, state=state, since=now, trips=trips)


def _unlocked(memory: LoadMemory, now: datetime) -> LoadMemory:
    memory = replace(memory, trips=())
    if memory.state is LoadState.LOCKED:
        return replace(memory, state=LoadState.BLOCKED, since=now)
    return memory
