"""How far a forced charge may go beside a car (automation.md 4.8 e).

What the battery takes runs through the same breaker as house and car. So its own current
is taken off first, the car's is kept free whether it draws yet or not, and what is left
is the battery's. Powers of a device are written seldom (C6, C7): down at once above the
breaker, else after a while, and up again only after ten minutes, six times a day.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from math import floor
from typing import Final

from ..plant.dry_contact import ContactSettings, LoadMode
from .contact_inputs import Assumed, Inputs, passed
from .leases import ChargeLimit, Hindrance
from .loads import LoadState
from .loads_ev import known_currents

VOLTAGE: Final = 230.0
"""V by which a power of the battery is taken for a current."""

MARGIN: Final = 1.0
"""A of each phase that stay free: a charge takes its losses beside what it stores."""

ONE_PHASE: Final = 10_000
"""W that an inverter feeds over one phase at most. No link tells over how many it feeds;
taken for one it only begins with a third, and rises to what there is."""

LEAST: Final = 5
"""Percent below which charging is not worth it, and cannot be told from standing still."""

STEP: Final = 5
"""Percent more that are worth a write."""

SHORT: Final = 45
"""Seconds for which room must be missing below the breaker: a current and the battery's
power are seldom read in the same second, and a device acts some 20 s after a write."""

DWELL: Final = 600
"""Seconds for which there must be more room (C6)."""

MOST_CUTS: Final = 3
"""Without a rise between them; the last one ends charging until then."""

MOST_RISES: Final = 6
"""A day. With their cuts that stays below the writes that are warned about (C7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charger:
    """What charges the battery."""

    rated_power: float | None
    """W that are 100 %, of one inverter."""

    inverters: int = 1
    """Which are commanded together."""

    three_phases: bool = False
    """Whether the house has them."""

    @property
    def whole_power(self) -> float:
        """W that all take at 100 %; 0 is unknown."""
        return (self.rated_power or 0) * self.inverters

    @property
    def volts(self) -> float:
        """W for each A of every phase over which it shares what it takes."""
        shares = self.three_phases and (self.rated_power or 0) > ONE_PHASE
        return VOLTAGE * (3 if shares else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMemory:
    """What is remembered from one look to the next."""

    limit: ChargeLimit
    judged: datetime | None = None
    """Of when the battery's power was that was judged last."""

    short_since: datetime | None = None
    roomy_since: datetime | None = None
    roomy: int = 0
    """The least percent there was room for since then."""

    cuts: int = 0
    day: date | None = None
    rises: int = 0
    """On that day."""


def charge_limit(
    settings: ContactSettings,
    inputs: Inputs,
    car: LoadState,
    charger: Charger,
    *,
    memory: LimitMemory | None,
    assumed: Assumed,
    charging: bool,
) -> LimitMemory | None:
    """Return how far a forced charge may go; None while no car is guarded.

    ``charging``: somebody wants one, so that a change of the limit costs a write.
    """
    if settings.use != LoadMode.EV_CHARGER or not _sizes(settings):
        return None
    now, today = inputs.now, inputs.local.date()
    room = charge_room(settings, inputs, car, charger, assumed)
    found = _judged(settings, inputs, charger, assumed, room=room)
    if memory is None or not charging:
        fresh = LimitMemory(limit=found, judged=inputs.battery.at)
        day, rises = (memory.day, memory.rises) if memory else (today, 0)
        return replace(fresh, day=day, rises=rises)
    if memory.day != today:
        memory = replace(memory, day=today, rises=0)
    if found.hindrance in {Hindrance.OVER_BREAKER, Hindrance.CURRENT_UNKNOWN}:
        return _stopped(memory, found)
    if inputs.battery.at == memory.judged:
        return memory
    memory = replace(memory, judged=inputs.battery.at)
    # What is just below the limit is no shortage: the margin is there for that.
    bare = _judged(settings, inputs, charger, assumed, room=room, margin=0)
    if bare.percent < memory.limit.percent:
        return _short(memory, found, now)
    return _roomy(replace(memory, short_since=None), found, now)


def _sizes(settings: ContactSettings) -> bool:
    breaker, car = settings.breaker_size, settings.ev_charger_size
    return breaker is not None and car is not None and 0 < car < breaker


def _judged(
    settings: ContactSettings,
    inputs: Inputs,
    charger: Charger,
    assumed: Assumed,
    *,
    room: float | None,
    margin: float = MARGIN,
) -> ChargeLimit:
    """Return what the room of this moment comes to."""
    if room is None or not charger.whole_power:
        return ChargeLimit(0, Hindrance.CURRENT_UNKNOWN)
    currents = known_currents(inputs, assumed) or ()
    if max(currents, default=0.0) > (settings.breaker_size or 0):
        return ChargeLimit(0, Hindrance.OVER_BREAKER)
    share = (room - margin) * charger.volts / charger.whole_power * 100
    percent = floor(min(share, 100.0))
    if percent < LEAST:
        return ChargeLimit(0, Hindrance.NO_ROOM)
    return ChargeLimit(percent)


def charge_room(
    settings: ContactSettings,
    inputs: Inputs,
    car: LoadState,
    charger: Charger,
    assumed: Assumed,
) -> float | None:
    """Return the A of each phase that a forced charge may take beside a car.

    None while nothing can be told: then nothing is to be taken. The worst phase counts as
    one of the charger's own: if it is not, there is more room than this.
    """
    currents = known_currents(inputs, assumed)
    power = inputs.battery.within(inputs.now, assumed.reading_age)
    breaker, size = settings.breaker_size, settings.ev_charger_size
    if currents is None or power is None or breaker is None or size is None:
        return None
    # A battery that supports the house hides current, one that charges adds to it.
    others = max(currents) + power / charger.volts
    return breaker - others - _kept_for_car(size, others, car, inputs)


def _kept_for_car(size: float, others: float, car: LoadState, inputs: Inputs) -> float:
    """Return the A to keep free for a car that does not draw them yet."""
    match car:
        case LoadState.LOCKED:
            return 0.0
        case LoadState.ALLOWED if inputs.confirmed is not None:
            return 0.0 if inputs.confirmed.value else size
        case LoadState.ALLOWED:
            # Nobody measures the car: what is large enough to hold it is taken to.
            return 0.0 if others >= size else size
        case _:
            return size


def _stopped(memory: LimitMemory, found: ChargeLimit) -> LimitMemory:
    """End charging at once."""
    return replace(memory, limit=found, short_since=None, roomy_since=None)


def _short(memory: LimitMemory, found: ChargeLimit, now: datetime) -> LimitMemory:
    """Cut when room has been missing for a while."""
    since = memory.short_since or now
    memory = replace(memory, short_since=since, roomy_since=None)
    if not passed(since, now, SHORT):
        return memory
    cuts = memory.cuts + 1
    if cuts >= MOST_CUTS:
        found = ChargeLimit(0, Hindrance.NO_ROOM)
    return replace(memory, limit=found, short_since=None, cuts=cuts)


def _roomy(memory: LimitMemory, found: ChargeLimit, now: datetime) -> LimitMemory:
    """Rise when there has been more room for long enough, to the least of that time."""
    here = memory.limit.percent
    if found.percent <= here or (found.percent < here + STEP and found.percent < 100):
        if here == 0:
            memory = replace(memory, limit=found)
        return replace(memory, roomy_since=None)
    least = min(found.percent, memory.roomy if memory.roomy_since else 100)
    memory = replace(memory, roomy_since=memory.roomy_since or now, roomy=least)
    if not passed(memory.roomy_since, now, DWELL):
        return memory
    if memory.rises >= MOST_RISES:
        often = ChargeLimit(here, None if here else Hindrance.CHANGED_OFTEN)
        return replace(memory, limit=often)
    return replace(
        memory,
        limit=ChargeLimit(least),
        roomy_since=None,
        cuts=0,
        rises=memory.rises + 1,
    )
