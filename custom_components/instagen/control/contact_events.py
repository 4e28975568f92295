"""What people want to be told about a contact, beside how it stands (automation.md 4.8, 4.9)."""

from dataclasses import dataclass
from enum import StrEnum

from .contact import ContactMemory, ContactStep
from .contact_inputs import Reason
from .generator import GeneratorState
from .loads import LoadState


class ContactEventKind(StrEnum):
    """What can happen."""

    EARTH_FAULT = "earth_fault"
    """Whatever the contact is used for."""

    GENERATOR_FAULT = "generator_fault"
    """The generator is given up until somebody takes note of it."""

    CHARGER_LOCKED = "charger_locked"
    """The EV charger was over the breaker too often."""


@dataclass(frozen=True, slots=True)
class ContactEvent:
    """Something that happened, and for a generator why."""

    kind: ContactEventKind
    reason: Reason | None = None

    @property
    def code(self) -> str:
        """What it is called in the logbook, ``contact_<code>`` among the translations."""
        return f"{self.kind}_{self.reason}" if self.reason else self.kind.value


def happened(before: ContactMemory | None, done: ContactStep) -> list[ContactEvent]:
    """Return what happened with a step; ``before`` is the memory that it began with."""
    found = []
    if done.earth_fault:
        found.append(ContactEvent(ContactEventKind.EARTH_FAULT))
    engine = done.memory.generator
    failed = before is not None and before.generator.state is GeneratorState.FAULT
    if engine.state is GeneratorState.FAULT and not failed:
        found.append(ContactEvent(ContactEventKind.GENERATOR_FAULT, engine.fault))
    locked = before is not None and before.load.state is LoadState.LOCKED
    if done.memory.load.state is LoadState.LOCKED and not locked:
        found.append(ContactEvent(ContactEventKind.CHARGER_LOCKED))
    return found
