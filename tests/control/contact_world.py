"""A house around a contact of ours: readings that a test sets, and time that it passes."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.instagen.control.contact import ContactMemory, ContactStep, step
from custom_components.instagen.control.contact_events import happened
from custom_components.instagen.control.contact_inputs import Assumed, Inputs, Sample
from custom_components.instagen.control.contact_memory import restore, snapshot
from custom_components.instagen.plant.contact_settings import settings_of
from custom_components.instagen.plant.dry_contact import ContactSettings

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 6, 15, 11, tzinfo=UTC)
"""12:00 on a Monday in summer."""


@dataclass
class House:
    """What its sensors tell, and what its switch does about it.

    ``said`` are readings that come anew with each look; None is a sensor that went silent.
    """

    settings: ContactSettings
    said: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOON
    assumed: Assumed = field(default_factory=Assumed)
    memory: ContactMemory | None = None
    samples: dict[str, Sample[Any]] = field(default_factory=dict)
    switches: int = 0
    events: int = 0
    told: list[str] = field(default_factory=list)
    """What people were told."""

    step: ContactStep | None = None

    def look(self, **more: Any) -> ContactStep:
        """Look at this moment."""
        for name, value in self.said.items():
            if value is not None:
                self.samples[name] = Sample(value, self.now)
        inputs = Inputs(now=self.now, zone=LONDON, **{**self.samples, **more})
        before = self.memory.closed if self.memory else None
        self.step = step(self.settings, inputs, self.memory, self.assumed)
        self.told += [one.code for one in happened(self.memory, self.step)]
        self.memory = self.step.memory
        self.switches += before is not None and before is not self.step.closed
        self.events += self.step.earth_fault
        return self.step

    def say(self, **said: Any) -> ContactStep:
        """Let sensors tell something else, and look."""
        self.said |= said
        return self.look()

    def run(self, seconds: float, every: float = 10) -> ContactStep:
        """Let time pass, looking at every poll and whenever the rule asks to."""
        end = self.now + timedelta(seconds=seconds)
        done = self.step or self.look()
        while self.now < end:
            poll = self.now + timedelta(seconds=every)
            self.now = min(end, poll, done.wake)
            done = self.look()
        return done

    def at(self, local: str) -> ContactStep:
        """Set the clock on the wall, and look."""
        self.now = datetime.fromisoformat(local).replace(tzinfo=LONDON).astimezone(UTC)
        return self.look()

    def set(self, **values: Any) -> ContactStep:
        """Change settings by their keys, and look."""
        self.settings = replace(self.settings, **values)
        return self.look()

    @property
    def closed(self) -> bool:
        """Whether the switch is closed."""
        assert self.step
        return self.step.closed

    @property
    def state(self) -> str:
        """The state of the rule in use."""
        assert self.step
        return self.step.state

    @property
    def reason(self) -> str:
        """Why it is so."""
        assert self.step
        return self.step.reason


def house(values: dict[str, Any], **said: Any) -> House:
    """Return a house whose contact was looked at for the first time."""
    found = House(settings_of(values), said)
    found.look()
    return found


def restarted(one: House) -> House:
    """Return the house after a restart of Home Assistant."""
    assert one.memory
    stored = json.loads(json.dumps(snapshot(one.memory)))
    again = restore(stored)
    assert again == one.memory
    return replace(one, memory=again, step=None)
