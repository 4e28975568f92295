"""The contact as a whole: one use at a time, a rest between two, and what is remembered.

For plants where no link carries the device's own rules. Home Assistant must be running:
what it shows about this says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

from ..plant.contact_rules import errors, findings
from ..plant.dry_contact import ContactFunction, ContactSettings, LoadMode
from .contact_inputs import Assumed, Inputs, Reason, passed, soonest
from .earth_fault import FaultMemory, FaultState, earth_fault
from .generator import (
    GeneratorMemory,
    GeneratorStep,
    begin as begin_generator,
    generator,
)
from .loads import (
    LoadMemory,
    LoadStep,
    backup,
    begin as begin_load,
    intelligent,
    manual,
    timed,
)
from .loads_ev import ev_charger, known_currents

type LoadRule = Callable[[ContactSettings, Inputs, LoadMemory, Assumed], LoadStep]

LOAD_RULES: Final[Mapping[LoadMode, LoadRule]] = {
    LoadMode.MANUAL: manual,
    LoadMode.TIME: timed,
    LoadMode.INTELLIGENT: intelligent,
    LoadMode.BACKUP_LOAD: backup,
    LoadMode.EV_CHARGER: ev_charger,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMemory:
    """What is remembered of a contact; ``contact_memory.py`` writes it down."""

    use: str
    at: datetime
    """When it was looked at last."""

    closed: bool = False
    rest_until: datetime | None = None
    behind_since: datetime | None = None
    """Since when the clock stands behind ``at``, by that clock."""

    load: LoadMemory = field(default_factory=LoadMemory)
    generator: GeneratorMemory = field(default_factory=GeneratorMemory)
    fault: FaultMemory = field(default_factory=FaultMemory)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactStep:
    """What the switch is to do."""

    memory: ContactMemory
    reason: Reason
    state: str
    """The state of the rule in use, for people to see."""

    wake: datetime
    earth_fault: bool = False
    """Whether an earth fault is to be told now."""

    shed: bool = False
    loaded: bool = False
    """Whether a generator on the contact may feed the house."""

    @property
    def closed(self) -> bool:
        """Whether the contact is to be closed."""
        return self.memory.closed


def step(
    settings: ContactSettings,
    inputs: Inputs,
    memory: ContactMemory | None,
    assumed: Assumed,
) -> ContactStep:
    """Look at a moment. Without a memory the switch is taken as it stands."""
    now = inputs.now
    if memory is None:
        memory = _begin(settings, inputs)
    elif not passed(memory.at - timedelta(seconds=assumed.clock_back), now, 0):
        memory = _behind(memory, now)
        if not passed(memory.behind_since, now, assumed.clock_settles):
            return _wrong_clock(settings, inputs, memory, assumed)
        memory = not_ahead(memory, now)
    fault, told = earth_fault(inputs, memory.fault, assumed)
    memory = replace(memory, at=now, behind_since=None, fault=fault)
    if memory.use != settings.use:
        memory = _changed(settings, memory, inputs, assumed)
    if memory.rest_until is not None and now < memory.rest_until:
        done = ContactStep(
            memory=replace(memory, closed=False),
            reason=Reason.CHANGING,
            state="changing",
            wake=soonest(inputs, assumed, memory.rest_until),
        )
    else:
        done = _act(settings, inputs, replace(memory, rest_until=None), assumed)
    return replace(done, earth_fault=told)


def _begin(settings: ContactSettings, inputs: Inputs) -> ContactMemory:
    return ContactMemory(
        use=settings.use,
        at=inputs.now,
        closed=inputs.contact is True,
        load=begin_load(settings, inputs),
        generator=begin_generator(inputs),
    )


def _changed(
    settings: ContactSettings, memory: ContactMemory, inputs: Inputs, assumed: Assumed
) -> ContactMemory:
    """Begin another use afresh: open, and after a rest unless there was no use before."""
    still = replace(inputs, contact=None)
    rest = timedelta(seconds=assumed.change_rest)
    first = memory.use == ContactFunction.OFF
    return replace(
        memory,
        use=settings.use,
        closed=False,
        rest_until=None if first else inputs.now + rest,
        load=begin_load(settings, still),
        generator=begin_generator(still),
    )


def _behind(memory: ContactMemory, now: datetime) -> ContactMemory:
    """Note since when the clock goes on from where it stands now."""
    since = memory.behind_since
    return replace(memory, behind_since=now if since is None or now < since else since)


def not_ahead[T](memory: T, now: datetime) -> T:
    """Let what was noted while the clock stood ahead have happened now.

    Waits that began then begin anew; those of before go on.
    """
    found: Any = memory
    match memory:
        case datetime():
            found = min(memory, now)
        case tuple():
            found = tuple(not_ahead(one, now) for one in memory)
        case LoadMemory() | GeneratorMemory() | FaultMemory() | ContactMemory():
            parts = {one.name: getattr(memory, one.name) for one in fields(memory)}
            changed = {name: not_ahead(part, now) for name, part in parts.items()}
            found = replace(memory, **changed)
    told: T = found
    return told


def _wrong_clock(
    settings: ContactSettings, inputs: Inputs, memory: ContactMemory, assumed: Assumed
) -> ContactStep:
    """Leave everything as it is, but for a charger above its breaker."""
    currents, breaker = known_currents(inputs, assumed), settings.breaker_size
    over = breaker is None or not currents or max(map(abs, currents)) > breaker
    if memory.use == LoadMode.EV_CHARGER and over and memory.closed:
        load = replace(begin_load(settings, replace(inputs, contact=False)), since=None)
        memory = replace(memory, closed=False, load=load)
    return ContactStep(
        memory=memory,
        reason=Reason.CLOCK,
        state="clock",
        wake=inputs.now + timedelta(seconds=assumed.change_rest),
    )


def _act(
    settings: ContactSettings, inputs: Inputs, memory: ContactMemory, assumed: Assumed
) -> ContactStep:
    match settings.use:
        case LoadMode() as mode:
            if errors(findings(settings)):
                return _idle(memory, inputs, assumed, Reason.INCOMPLETE)
            done = LOAD_RULES[mode](settings, inputs, memory.load, assumed)
            memory = replace(memory, load=done.memory, closed=done.closed)
            return ContactStep(
                memory=memory,
                reason=done.reason,
                state=done.memory.state,
                wake=done.wake,
            )
        case ContactFunction.GENERATOR_CONTROL:
            rules = settings.generator
            return _generated(
                memory, generator(rules, inputs, memory.generator, assumed)
            )
        case ContactFunction.EARTH_FAULT_ALARM:
            faulty = memory.fault.state is FaultState.FAULT
            return ContactStep(
                memory=replace(memory, closed=faulty),
                reason=Reason.EARTH_FAULT if faulty else Reason.NORMAL,
                state=memory.fault.state,
                wake=soonest(inputs, assumed),
            )
        case _:
            return _idle(memory, inputs, assumed, Reason.NOT_IN_USE)


def _idle(
    memory: ContactMemory, inputs: Inputs, assumed: Assumed, reason: Reason
) -> ContactStep:
    """Open the contact, as long as there is nothing to go by."""
    load = replace(memory.load, state=LoadMemory().state)
    return ContactStep(
        memory=replace(memory, closed=False, load=load),
        reason=reason,
        state="open",
        wake=soonest(inputs, assumed),
    )


def _generated(memory: ContactMemory, done: GeneratorStep) -> ContactStep:
    return ContactStep(
        memory=replace(memory, generator=done.memory, closed=done.closed),
        reason=done.reason,
        state=done.memory.state,
        wake=done.wake,
        shed=done.shed,
        loaded=done.loaded,
    )
