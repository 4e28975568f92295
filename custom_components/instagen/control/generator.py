"""A generator on a contact, as Home Assistant runs it (automation.md 4.9).

It starts only for a reason that is true now and known now, and stops when none is left.
Quiet time beats every automatic reason. A command beats quiet time: manual mode has no
automatics but the fault [M].
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from ..plant.contact_rules import START_BELOW_STOP
from ..plant.dry_contact import GeneratorMode, GeneratorSettings, holds, minute_of
from .contact_inputs import Assumed, Inputs, Reason, after, next_edge, passed, soonest

SUN_ABOVE_LOAD: Final = 1.1
"""Of the house's load, at which the sun can take over (``stop_for_sun``)."""


class GeneratorState(StrEnum):
    """The states of automation.md 4.9."""

    OFF = "off"
    STARTING = "starting"
    PAUSE = "pause"
    """Between two tries to start it."""

    WARM = "warm"
    RUN = "run"
    COOL = "cool"
    FAULT = "fault"


_LIVE: Final = frozenset({GeneratorState.WARM, GeneratorState.RUN})
_TRYING: Final = frozenset({GeneratorState.STARTING, GeneratorState.PAUSE})
_CLOSED: Final = frozenset({GeneratorState.STARTING, GeneratorState.COOL, *_LIVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorMemory:
    """What the generator's rule remembers."""

    state: GeneratorState = GeneratorState.OFF
    since: datetime | None = None
    reasons: frozenset[Reason] = frozenset()
    """Why it is wanted."""

    attempt: int = 0
    off_at: datetime | None = None
    ran_since: datetime | None = None
    low_since: datetime | None = None
    """Since when off-grid with a low battery."""

    back_since: datetime | None = None
    """Since when the grid is there."""

    unsure_since: datetime | None = None
    """Since when nobody tells whether it runs."""

    fault: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorStep:
    """What the generator's rule answers."""

    memory: GeneratorMemory
    reason: Reason
    wake: datetime
    shed: bool = False
    """Whether loads are to be shed, since the battery runs out and no engine helps."""

    @property
    def closed(self) -> bool:
        """Whether the contact asks the generator to run."""
        return self.memory.state in _CLOSED

    @property
    def loaded(self) -> bool:
        """Whether it may feed the house: neither warming up nor cooling down."""
        return self.memory.state is GeneratorState.RUN


@dataclass(frozen=True, slots=True)
class _Moment:
    """What the rule goes by."""

    rules: GeneratorSettings
    inputs: Inputs
    assumed: Assumed
    grid: bool | None
    soc: float | None
    quiet: bool

    @property
    def off_grid(self) -> bool:
        """Whether the grid is known to be away."""
        return self.grid is False

    @property
    def low(self) -> bool:
        start = self.rules.start_soc
        known = self.soc is not None and start is not None and self.soc < start
        return self.off_grid and known

    @property
    def full(self) -> bool:
        stop = self.rules.stop_soc
        return self.soc is not None and stop is not None and self.soc > stop

    @property
    def critical(self) -> bool:
        """Whether the battery of an island is about to run out."""
        low = self.soc is not None and self.soc < self.assumed.critical_soc
        return self.off_grid and low

    @property
    def confirmed(self) -> bool | None:
        """Whether the engine runs; None when nobody tells."""
        sensor = self.inputs.confirmed
        if sensor is None:
            return None
        return sensor.within(self.inputs.now, self.assumed.reading_age)

    @property
    def runnable(self) -> bool:
        """Whether automatic starting and stopping make sense at all."""
        start, stop = self.rules.start_soc, self.rules.stop_soc
        if start is None or stop is None:
            return False
        return start <= stop - START_BELOW_STOP


def begin(inputs: Inputs) -> GeneratorMemory:
    """Return what the rule begins with where nothing is remembered: as the switch stands."""
    if inputs.contact is not True:
        return GeneratorMemory(since=inputs.now)
    running = inputs.confirmed is not None and inputs.confirmed.value is True
    state = GeneratorState.RUN if running else GeneratorState.STARTING
    return GeneratorMemory(
        state=state, since=inputs.now, attempt=1, ran_since=inputs.now
    )


def generator(
    rules: GeneratorSettings, inputs: Inputs, memory: GeneratorMemory, assumed: Assumed
) -> GeneratorStep:
    """Start, load, unload and stop a generator, and give up when it must."""
    now = inputs.now
    moment = _Moment(
        rules,
        inputs,
        assumed,
        inputs.grid.within(now, assumed.safety_age),
        inputs.soc.within(now, assumed.grace),
        rules.mode is GeneratorMode.AUTO and rules.is_quiet(inputs.local),
    )
    memory = _tracked(memory, moment)
    if inputs.reset and memory.state is GeneratorState.FAULT:
        memory = _entered(memory, GeneratorState.OFF, now)
        memory = replace(memory, fault=None, off_at=now)
    if inputs.alarm.within(now, assumed.reading_age):
        if memory.state is not GeneratorState.OFF:
            memory = _failed(memory, Reason.ALARM, now)
        memory = replace(memory, reasons=frozenset())
        return _answer(memory, moment, Reason.ALARM)
    memory = replace(memory, reasons=_wanted(memory, moment))
    for _ in GeneratorState:
        moved = _step(memory, moment)
        if moved.state is memory.state:
            memory = moved
            break
        memory = moved
    return _answer(memory, moment, _reason(memory, moment))


# ---- why ----


def _tracked(memory: GeneratorMemory, moment: _Moment) -> GeneratorMemory:
    """Note since when things are as they are."""
    now = moment.inputs.now
    back = (memory.back_since or now) if moment.grid else None
    may = not moment.quiet or moment.assumed.critical_override
    low = (memory.low_since or now) if moment.low and may else None
    unsure = None
    if moment.inputs.confirmed is not None and moment.confirmed is None:
        unsure = memory.unsure_since or now
    return replace(memory, back_since=back, low_since=low, unsure_since=unsure)


def _wanted(memory: GeneratorMemory, moment: _Moment) -> frozenset[Reason]:
    rules, assumed = moment.rules, moment.assumed
    if rules.mode is GeneratorMode.MANUAL:
        return frozenset({Reason.COMMAND} if rules.switched_on else ())
    if not moment.runnable or _ran_too_long(memory, moment):
        return frozenset()
    override = assumed.critical_override and moment.critical
    kept = assumed.critical_override and memory.reasons >= {Reason.LOW_SOC}
    found = set[Reason]()
    if (not moment.quiet or override or kept) and _is_low(memory, moment):
        found.add(Reason.LOW_SOC)
    if moment.quiet:
        return frozenset(found)
    if _charges(memory, moment):
        found.add(Reason.CHARGE_WINDOW)
    exercise = rules.exercise
    if exercise is not None and exercise.holds(moment.inputs.local):
        found.add(Reason.EXERCISE)
    return frozenset(found)


def _is_low(memory: GeneratorMemory, moment: _Moment) -> bool:
    """Tell whether the SOC is a reason: it begins and ends at different levels."""
    live = memory.state in _LIVE
    if Reason.LOW_SOC in memory.reasons and live:
        return not (moment.full or _grid_is_back(memory, moment) or _sunny(moment))
    if Reason.LOW_SOC in memory.reasons and memory.state in _TRYING:
        # Not yet running: as soon as the condition is gone, so is the reason.
        start = moment.rules.start_soc or 0
        near = start + moment.assumed.soc_hysteresis
        return moment.off_grid and moment.soc is not None and moment.soc < near
    if live:
        # It runs for another reason; a second one needs no time to ripen.
        return moment.low
    ripe = memory.low_since is not None and passed(
        memory.low_since, moment.inputs.now, moment.assumed.start_after
    )
    return moment.low and ripe


def _grid_is_back(memory: GeneratorMemory, moment: _Moment) -> bool:
    since = memory.back_since
    return since is not None and passed(
        since, moment.inputs.now, moment.assumed.grid_steady
    )


def _sunny(moment: _Moment) -> bool:
    """Tell whether the sun can take over; not while it would have to start again soon."""
    assumed, inputs = moment.assumed, moment.inputs
    pv = inputs.pv.within(inputs.now, assumed.reading_age)
    load = inputs.load.within(inputs.now, assumed.reading_age)
    if not assumed.stop_for_sun or pv is None or load is None or moment.soc is None:
        return False
    enough = moment.soc >= (moment.rules.start_soc or 0) + assumed.soc_hysteresis
    return enough and pv > SUN_ABOVE_LOAD * load


def _charges(memory: GeneratorMemory, moment: _Moment) -> bool:
    window, live = moment.rules.charge_window, memory.state in _LIVE
    if window is None or not holds(window, minute_of(moment.inputs.local)):
        return False
    had = live and Reason.CHARGE_WINDOW in memory.reasons
    if not moment.assumed.charge_on_grid:
        away = not _grid_is_back(memory, moment) if had else moment.off_grid
        if not away:
            return False
    if moment.soc is None:
        return had
    stop = moment.rules.stop_soc or 0
    return moment.soc <= stop if live else moment.soc < stop


def _ran_too_long(memory: GeneratorMemory, moment: _Moment) -> bool:
    running = memory.state is GeneratorState.RUN
    return running and passed(
        memory.ran_since, moment.inputs.now, moment.assumed.max_run
    )


# ---- states ----


def _step(memory: GeneratorMemory, moment: _Moment) -> GeneratorMemory:
    now, assumed = moment.inputs.now, moment.assumed
    match memory.state:
        case GeneratorState.OFF:
            return _step_off(memory, moment)
        case GeneratorState.STARTING | GeneratorState.PAUSE:
            return _step_starting(memory, moment)
        case GeneratorState.WARM | GeneratorState.RUN:
            return _step_live(memory, moment)
        case GeneratorState.COOL:
            if passed(memory.since, now, assumed.cool):
                return _off(memory, now)
        case GeneratorState.FAULT:
            manual = moment.rules.mode is GeneratorMode.MANUAL
            if manual and not moment.rules.switched_on:
                # Switching it off takes note of the fault.
                return replace(_off(memory, now), fault=None)
    return memory


def _step_off(memory: GeneratorMemory, moment: _Moment) -> GeneratorMemory:
    now = moment.inputs.now
    auto = moment.rules.mode is GeneratorMode.AUTO
    rested = passed(memory.off_at, now, moment.assumed.min_off)
    if not memory.reasons or (auto and not rested):
        return memory
    return replace(_entered(memory, GeneratorState.STARTING, now), attempt=1)


def _step_starting(memory: GeneratorMemory, moment: _Moment) -> GeneratorMemory:
    """Wait for the engine; after a pause try again, and then give up."""
    now, assumed = moment.inputs.now, moment.assumed
    if not memory.reasons:
        return _entered(memory, GeneratorState.OFF, now)
    if memory.state is GeneratorState.PAUSE:
        if not passed(memory.since, now, assumed.retry_pause):
            return memory
        again = _entered(memory, GeneratorState.STARTING, now)
        return replace(again, attempt=memory.attempt + 1)
    waited = passed(memory.since, now, assumed.confirm_within)
    blind = moment.inputs.confirmed is None
    if moment.confirmed or (blind and waited):
        # Where nobody named a sensor the wait has to do.
        return _entered(memory, GeneratorState.WARM, now)
    if not waited:
        return memory
    if memory.attempt > assumed.retries:
        return _failed(memory, Reason.NO_CONFIRMATION, now)
    return _entered(memory, GeneratorState.PAUSE, now)


def _step_live(memory: GeneratorMemory, moment: _Moment) -> GeneratorMemory:
    now, assumed = moment.inputs.now, moment.assumed
    silent = memory.unsure_since is not None and passed(
        memory.unsure_since, now, assumed.grace
    )
    if moment.confirmed is False or silent:
        return _failed(memory, Reason.CONFIRMATION_LOST, now)
    if not memory.reasons:
        return _entered(memory, GeneratorState.COOL, now)
    if memory.state is GeneratorState.WARM and passed(memory.since, now, assumed.warm):
        return replace(_entered(memory, GeneratorState.RUN, now), ran_since=now)
    return memory


def _entered(
    memory: GeneratorMemory, state: GeneratorState, now: datetime
) -> GeneratorMemory:
    return replace(memory, state=state, since=now)


def _off(memory: GeneratorMemory, now: datetime) -> GeneratorMemory:
    return replace(_entered(memory, GeneratorState.OFF, now), off_at=now)


def _failed(memory: GeneratorMemory, why: Reason, now: datetime) -> GeneratorMemory:
    if memory.state is GeneratorState.FAULT:
        return memory
    return replace(_entered(memory, GeneratorState.FAULT, now), fault=why)


# ---- the answer ----


def _answer(memory: GeneratorMemory, moment: _Moment, reason: Reason) -> GeneratorStep:
    starved = moment.critical and (moment.quiet or memory.state is GeneratorState.FAULT)
    failed = memory.state is GeneratorState.FAULT and moment.grid is not True
    helped = memory.state in _LIVE
    return GeneratorStep(
        memory=memory,
        reason=reason,
        wake=_wake(memory, moment),
        shed=failed or (starved and not helped),
    )


_ORDER: Final = (
    Reason.COMMAND,
    Reason.LOW_SOC,
    Reason.CHARGE_WINDOW,
    Reason.EXERCISE,
)


def _reason(memory: GeneratorMemory, moment: _Moment) -> Reason:
    match memory.state:
        case GeneratorState.FAULT:
            return memory.fault or Reason.NO_CONFIRMATION
        case GeneratorState.COOL:
            return Reason.COOLING
    for reason in _ORDER:
        if reason in memory.reasons:
            waits = memory.state is GeneratorState.OFF
            return Reason.MIN_OFF if waits else reason
    return _why_not(moment)


def _why_not(moment: _Moment) -> Reason:
    """Say why it stands still."""
    if moment.rules.mode is GeneratorMode.MANUAL:
        return Reason.NO_COMMAND
    if not moment.runnable:
        return Reason.INCOMPLETE
    if moment.quiet:
        return Reason.QUIET_CRITICAL if moment.critical else Reason.QUIET
    if moment.grid is None or moment.soc is None:
        return Reason.STALE
    return Reason.GRID if moment.grid else Reason.ENOUGH


def _wake(memory: GeneratorMemory, moment: _Moment) -> datetime:
    inputs, assumed = moment.inputs, moment.assumed
    waits = {
        GeneratorState.OFF: after(memory.off_at, assumed.min_off),
        GeneratorState.STARTING: after(memory.since, assumed.confirm_within),
        GeneratorState.PAUSE: after(memory.since, assumed.retry_pause),
        GeneratorState.WARM: after(memory.since, assumed.warm),
        GeneratorState.RUN: after(memory.ran_since, assumed.max_run),
        GeneratorState.COOL: after(memory.since, assumed.cool),
    }
    return soonest(
        inputs,
        assumed,
        waits.get(memory.state),
        after(memory.low_since, assumed.start_after),
        after(memory.back_since, assumed.grid_steady),
        after(memory.unsure_since, assumed.grace),
        next_edge(moment.rules.edges, inputs, assumed.tick),
    )
