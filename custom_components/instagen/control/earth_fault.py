"""The contact as an alarm line for earth faults (automation.md 4.8 a).

Faults are told whatever the contact is used for; only in its own use they move it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from .contact_inputs import Assumed, Inputs, passed


class FaultState(StrEnum):
    """Whether there is an earth fault, or was one."""

    NORMAL = "normal"
    FAULT = "fault"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultMemory:
    """What is remembered of earth faults."""

    state: FaultState = FaultState.NORMAL
    event_at: datetime | None = None
    told: bool = True
    """Whether the fault of now was an event already."""


def earth_fault(
    inputs: Inputs, memory: FaultMemory, assumed: Assumed
) -> tuple[FaultMemory, bool]:
    """Follow the fault; return whether it is an event now.

    A fault that nobody tells of any more stays as it was. One that flaps is an event
    once a minute, and one that then stays is told as soon as the minute is over.
    """
    now = inputs.now
    faulty = inputs.earth_fault.within(now, assumed.grace)
    if faulty is None:
        return memory, False
    if not faulty:
        if memory.state is FaultState.FAULT:
            memory = replace(memory, state=FaultState.CLEARED, told=True)
        return memory, False
    if memory.state is not FaultState.FAULT:
        memory = replace(memory, state=FaultState.FAULT, told=False)
    if memory.told or not passed(memory.event_at, now, assumed.fault_event):
        return memory, False
    return replace(memory, event_at=now, told=True), True
