"""Whether a wall clock can be right: a small machine boots with yesterday's time."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final

_SLACK: Final = timedelta(seconds=60)
"""How far a clock that is set may go back without harm."""

_RUNS: Final = timedelta(minutes=15)
"""A clock that went on for so long is believed, though it stood later before."""


class Belief(Enum):
    """What to think of a clock."""

    RIGHT = "right"
    ODD = "odd"
    """It stands before something that has happened (automation.md 4.10)."""

    SET_BACK = "set_back"
    """It went on from there for so long that what was before must have been wrong."""


class PlausibleClock:
    """Compares the time with the latest that was ever saved."""

    def __init__(self) -> None:
        """Start without a past."""
        self._saved_at: datetime | None = None
        self._odd_since: datetime | None = None

    @property
    def odd(self) -> bool:
        """Whether the time was not believed when it was judged last."""
        return self._odd_since is not None

    def judge(self, now: datetime) -> Belief:
        """Judge the time."""
        if self._saved_at is None or now >= self._saved_at - _SLACK:
            self._odd_since = None
            return Belief.RIGHT
        if self._odd_since is None or now < self._odd_since:
            self._odd_since = now
        if now < self._odd_since + _RUNS:
            return Belief.ODD
        self._saved_at = now
        self._odd_since = None
        return Belief.SET_BACK

    def saved(self, now: datetime) -> str | None:
        """Take note that something is saved; return the time to save with it."""
        if not self.odd and (self._saved_at is None or now > self._saved_at):
            self._saved_at = now
        return self._saved_at.isoformat() if self._saved_at else None

    def restore(self, stored: str | None) -> None:
        """Take over what ``saved`` returned last."""
        self._saved_at = datetime.fromisoformat(stored) if stored else None
