"""The load modes of a contact, as Home Assistant runs them (automation.md 4.8 b to d).

Each is a function of the settings, the moment and what it remembers; what it remembers is
plain data that survives a restart, so that a restart moves nothing.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from ..plant.dry_contact import ContactSettings, LoadMode, WeekGroup, in_groups
from .contact_inputs import Assumed, Inputs, Reason, after, next_edge, passed, soonest


class LoadState(StrEnum):
    """The states of automation.md 4.8."""

    OPEN = "open"
    ARMED = "armed"
    CLOSED_MIN = "closed_min"
    CLOSED = "closed"
    COOL = "cool"
    BLOCKED = "blocked"
    ALLOWED = "allowed"
    LOCKED = "locked"


CLOSED: Final = frozenset(
    {LoadState.CLOSED_MIN, LoadState.CLOSED, LoadState.COOL, LoadState.ALLOWED}
)
"""States in which the contact is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadMemory:
    """What a load mode remembers."""

    state: LoadState = LoadState.OPEN
    since: datetime | None = None
    closed_at: datetime | None = None
    opened_at: datetime | None = None
    blind_since: datetime | None = None
    """When the surplus became unknown."""

    grid_since: datetime | None = None
    """Since when the grid is back."""

    room_since: datetime | None = None
    trips: tuple[datetime, ...] = ()
    day: date | None = None
    starts: int = 0
    """On that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadStep:
    """What a load mode answers."""

    memory: LoadMemory
    reason: Reason
    wake: datetime
    """When to look again at the latest; new readings ask sooner."""

    @property
    def closed(self) -> bool:
        """Whether the contact is to be closed."""
        return self.memory.state in CLOSED


def begin(settings: ContactSettings, inputs: Inputs) -> LoadMemory:
    """Return what a mode begins with where nothing is remembered: as the switch stands."""
    now, on = inputs.now, inputs.contact is True
    match settings.load_mode:
        case LoadMode.EV_CHARGER:
            state = LoadState.ALLOWED if on else LoadState.BLOCKED
        case LoadMode.INTELLIGENT:
            state = LoadState.CLOSED_MIN if on else LoadState.OPEN
        case LoadMode.BACKUP_LOAD:
            # Open only when it is known to be: its rest is closed.
            state = LoadState.OPEN if inputs.contact is False else LoadState.CLOSED
        case _:
            state = LoadState.CLOSED if on else LoadState.OPEN
    return LoadMemory(state=state, since=now, closed_at=now if on else None)


# ---- b. switch and time ----


def manual(
    settings: ContactSettings, inputs: Inputs, memory: LoadMemory, assumed: Assumed
) -> LoadStep:
    """Follow the command."""
    on = settings.switched_on
    state = LoadState.CLOSED if on else LoadState.OPEN
    return LoadStep(
        memory=_entered(memory, state, inputs.now),
        reason=Reason.COMMAND if on else Reason.NO_COMMAND,
        wake=soonest(inputs, assumed),
    )


def timed(
    settings: ContactSettings, inputs: Inputs, memory: LoadMemory, assumed: Assumed
) -> LoadStep:
    """Follow the windows of the day's group, by the clock on the wall (C12)."""
    inside = in_groups(settings.times, inputs.local)
    state = LoadState.CLOSED if inside else LoadState.OPEN
    return LoadStep(
        memory=_entered(memory, state, inputs.now),
        reason=Reason.WINDOW if inside else Reason.OUTSIDE_WINDOW,
        wake=_edge(settings.times, inputs, assumed),
    )


def _edge(groups: tuple[WeekGroup, ...], inputs: Inputs, assumed: Assumed) -> datetime:
    edges = {edge for group in groups for edge in group.edges}
    return next_edge(edges, inputs, assumed.tick)


def _entered(memory: LoadMemory, state: LoadState, now: datetime) -> LoadMemory:
    return memory if memory.state is state else replace(memory, state=state, since=now)


# ---- c. intelligent ----


@dataclass(frozen=True, slots=True)
class _Sun:
    """What an intelligent load goes by at one moment."""

    settings: ContactSettings
    inputs: Inputs
    assumed: Assumed
    rated: int
    min_run: float
    inside: bool
    surplus: float | None
    """That there would be without this load; None while unknown."""

    @property
    def read_at(self) -> datetime:
        """When the surplus was read."""
        told = (self.inputs.surplus, self.inputs.pv, self.inputs.load)
        return min((one.at for one in told if one.at), default=self.inputs.now)

    @property
    def enough(self) -> bool:
        return self.surplus is not None and self.surplus > self.rated

    @property
    def short(self) -> bool:
        limit = self.rated - self.assumed.sun_margin
        return self.surplus is not None and self.surplus < limit


def intelligent(
    settings: ContactSettings, inputs: Inputs, memory: LoadMemory, assumed: Assumed
) -> LoadStep:
    """Run the load while the sun gives more than it draws."""
    if settings.nominal_power is None or settings.min_run is None:
        return _opened(memory, inputs, assumed, Reason.INCOMPLETE)
    if inputs.alarm.within(inputs.now, assumed.reading_age):
        return _opened(memory, inputs, assumed, Reason.ALARM)
    sun = _Sun(
        settings,
        inputs,
        assumed,
        settings.nominal_power,
        settings.min_run * 60.0,
        in_groups(settings.surplus_times, inputs.local),
        surplus_without(settings, inputs, assumed, closed=memory.state in CLOSED),
    )
    memory = _noted(memory, sun)
    for _ in LoadState:
        moved = _sun_step(memory, sun)
        if moved.state is memory.state:
            break
        memory = moved
    return LoadStep(
        memory=memory, reason=_sun_reason(memory, sun), wake=_sun_wake(memory, sun)
    )


def surplus_without(
    settings: ContactSettings, inputs: Inputs, assumed: Assumed, *, closed: bool
) -> float | None:
    """Return the surplus that there would be without this load (4.8 c)."""
    now, age = inputs.now, assumed.reading_age
    own = (settings.nominal_power or 0) * closed
    if inputs.surplus != type(inputs.surplus)():
        told = inputs.surplus.within(now, age)
        return None if told is None else told + own
    pv, load = inputs.pv.within(now, age), inputs.load.within(now, age)
    if pv is None or load is None:
        return None
    surplus = pv - (load - own)
    if assumed.surplus_after_battery:
        charging = inputs.charging.within(now, age)
        return None if charging is None else surplus - charging
    return surplus


def _noted(memory: LoadMemory, sun: _Sun) -> LoadMemory:
    """Note since when nothing is known, and count starts by the day."""
    blind = (memory.blind_since or sun.inputs.now) if sun.surplus is None else None
    today = sun.inputs.local.date()
    starts = memory.starts if memory.day == today else 0
    return replace(memory, blind_since=blind, day=today, starts=starts)


def _sun_step(memory: LoadMemory, sun: _Sun) -> LoadMemory:
    now, assumed = sun.inputs.now, sun.assumed
    match memory.state:
        case LoadState.ARMED:
            if not (sun.inside and sun.enough):
                return _entered(memory, LoadState.OPEN, now)
            # Silence for a while proves no sun: a reading from its end does.
            if passed(memory.since, sun.read_at, assumed.sun_close_after):
                began = _entered(memory, LoadState.CLOSED_MIN, now)
                return replace(began, closed_at=now, starts=memory.starts + 1)
        case LoadState.CLOSED_MIN:
            if passed(memory.closed_at, now, sun.min_run):
                return _entered(memory, LoadState.CLOSED, now)
        case LoadState.CLOSED | LoadState.COOL:
            return _sun_closed(memory, sun)
        case _:
            rested = passed(memory.opened_at, now, assumed.sun_min_off)
            may = rested and memory.starts < assumed.sun_starts
            if sun.inside and sun.enough and may:
                return _entered(memory, LoadState.ARMED, now)
    return memory


def _sun_closed(memory: LoadMemory, sun: _Sun) -> LoadMemory:
    """Mind the window, the sun and silence again: the shortest run is over."""
    now, assumed = sun.inputs.now, sun.assumed
    if not sun.inside:
        return _open(memory, now)
    if memory.blind_since is not None:
        silent = passed(memory.blind_since, now, assumed.grace)
        return _open(memory, now) if silent else memory
    if memory.state is LoadState.CLOSED:
        return _entered(memory, LoadState.COOL, now) if sun.short else memory
    if not sun.short:
        return _entered(memory, LoadState.CLOSED, now)
    if passed(memory.since, now, assumed.sun_open_after):
        return _open(memory, now)
    return memory


def _open(memory: LoadMemory, now: datetime) -> LoadMemory:
    at = now if memory.state in CLOSED else memory.opened_at
    return replace(_entered(memory, LoadState.OPEN, now), opened_at=at)


def _opened(
    memory: LoadMemory, inputs: Inputs, assumed: Assumed, reason: Reason
) -> LoadStep:
    return LoadStep(
        memory=_open(memory, inputs.now), reason=reason, wake=soonest(inputs, assumed)
    )


_SUN_REASONS: Final = {
    LoadState.CLOSED_MIN: Reason.MIN_RUN,
    LoadState.CLOSED: Reason.SURPLUS,
    LoadState.COOL: Reason.NO_SURPLUS_WAIT,
    LoadState.ARMED: Reason.SURPLUS_WAIT,
}


def _sun_reason(memory: LoadMemory, sun: _Sun) -> Reason:
    if memory.state in {LoadState.CLOSED, LoadState.COOL} and memory.blind_since:
        return Reason.STALE
    if reason := _SUN_REASONS.get(memory.state):
        return reason
    if not sun.inside:
        return Reason.OUTSIDE_WINDOW
    if sun.surplus is None:
        return Reason.STALE
    if not sun.enough:
        return Reason.NO_SURPLUS
    spent = memory.starts >= sun.assumed.sun_starts
    return Reason.STARTS if spent else Reason.MIN_OFF


def _sun_wake(memory: LoadMemory, sun: _Sun) -> datetime:
    assumed = sun.assumed
    waits = {
        LoadState.OPEN: after(memory.opened_at, assumed.sun_min_off),
        LoadState.ARMED: after(memory.since, assumed.sun_close_after),
        LoadState.CLOSED_MIN: after(memory.closed_at, sun.min_run),
        LoadState.COOL: after(memory.since, assumed.sun_open_after),
    }
    edge = _edge(sun.settings.surplus_times, sun.inputs, assumed)
    silence = after(memory.blind_since, assumed.grace)
    return min(edge, soonest(sun.inputs, assumed, waits.get(memory.state), silence))


# ---- d. backup load ----


def backup(
    settings: ContactSettings, inputs: Inputs, memory: LoadMemory, assumed: Assumed
) -> LoadStep:
    """Run the load unless the island's battery runs low.

    A grid that nobody tells of is taken for lost, which only a low or unknown battery
    turns into an open contact.
    """
    low, now = settings.protection_soc, inputs.now
    if low is None:
        return _opened(memory, inputs, assumed, Reason.INCOMPLETE)
    grid = inputs.grid.within(now, assumed.safety_age) is True
    soc = inputs.soc.within(now, assumed.grace)
    since = (memory.grid_since or now) if grid else None
    memory = replace(memory, grid_since=since)
    if memory.state in CLOSED:
        if not grid and (soc is None or soc < low):
            memory = _open(memory, now)
            reason = Reason.STALE if soc is None else Reason.LOW_SOC
        else:
            reason = Reason.GRID if grid else Reason.CHARGED
    else:
        memory, reason = _backup_open(memory, inputs, assumed, low, soc)
    steady = after(memory.grid_since, assumed.backup_grid)
    return LoadStep(memory=memory, reason=reason, wake=soonest(inputs, assumed, steady))


def _backup_open(
    memory: LoadMemory, inputs: Inputs, assumed: Assumed, low: int, soc: float | None
) -> tuple[LoadMemory, Reason]:
    now = inputs.now
    if memory.grid_since is not None:
        if passed(memory.grid_since, now, assumed.backup_grid):
            return _entered(memory, LoadState.CLOSED, now), Reason.GRID
        return memory, Reason.GRID_WAIT
    if soc is None:
        return memory, Reason.STALE
    if soc >= min(100, low + assumed.backup_return):
        return _entered(memory, LoadState.CLOSED, now), Reason.CHARGED
    return memory, Reason.LOW_SOC
