"""How well a fact about the device is supported."""

from enum import StrEnum


class Evidence(StrEnum):
    """Grade of the proof behind a reading, a setting or a command."""

    CONFIRMED = "confirmed"
    """Read or written on real hardware and compared."""

    DOCUMENTED = "documented"
    """In a published map or message definition; nobody published a test."""

    INFERRED = "inferred"
    """Reasoned from something near it."""

    UNKNOWN = "unknown"
    """A guess; offered nowhere but in the simulator."""
