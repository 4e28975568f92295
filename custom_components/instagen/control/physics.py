"""Whether the battery does what the device says it does (automation.md C8)."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from .leases import Conditions, LeaseMode

PATIENCE: Final = timedelta(seconds=120)
"""How long a battery may take to follow; a mode acts about 17 s after it was written
(facts/local-protocol.md 4.6)."""

_LEAST: Final = 50.0
"""W that are more than a battery's own needs and the error of its meter."""

_SHARE: Final = 0.1
"""Part of the power asked for that is enough: a nearly full battery takes little."""

_NEARLY: Final = 1
"""Points of SOC to the target at which a battery may have stopped by itself."""


def is_met(mode: LeaseMode, target: float | None, soc: float | None) -> bool:
    """Return whether a forced mode has reached its target."""
    if target is None or soc is None or not mode.forced:
        return False
    return soc >= target if mode is LeaseMode.FORCE_CHARGE else soc <= target


def follows(
    mode: LeaseMode,
    *,
    target: float | None,
    power: float | None,
    conditions: Conditions,
) -> bool | None:
    """Return whether the battery follows a forced mode; None when nobody can tell.

    ``power`` is percent of rated power. Nothing follows from a power of 0.
    """
    if not mode.forced or power == 0 or conditions.battery_power is None:
        return None
    sign = -1 if mode is LeaseMode.FORCE_CHARGE else 1
    asked = (conditions.rated_power or 0) * (power or 0) / 100
    if sign * conditions.battery_power > max(_LEAST, asked * _SHARE):
        return True
    nearly = None if target is None else target + sign * _NEARLY
    return None if is_met(mode, nearly, conditions.soc) else False


class Ruling(Enum):
    """What follows from how the battery does."""

    WAIT = "wait"
    """Nothing: it follows, nobody can tell, or there is time left."""

    AGAIN = "again"
    """The mode is to be written once more, though the device shows it."""

    FAILED = "failed"


class Trial:
    """Watches whether the battery follows one lease; there are two chances."""

    def __init__(self) -> None:
        """Start with no lease."""
        self._lease = ""
        self._again = False
        self.due: datetime | None = None
        """When patience ends; None when all is said."""

    def judge(self, lease: str, now: datetime, verdict: bool | None) -> Ruling:
        """Say what follows from a look at the battery (``follows``)."""
        if lease != self._lease:
            self._lease, self._again, self.due = lease, False, now + PATIENCE
        if self.due is None:
            return Ruling.WAIT
        if verdict or (verdict is None and now >= self.due):
            self.due = None
        elif now >= self.due:
            if self._again:
                return Ruling.FAILED
            self._again, self.due = True, now + PATIENCE
            return Ruling.AGAIN
        return Ruling.WAIT
