"""How many writes a device is asked to bear in a day (automation.md C7)."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeIs

WARN_AT: Final = 30
REFUSE_AT: Final = 60
_DAYS: Final = 7
"""Days remembered. More than today, because a clock that was wrong for a while must
neither give a day's writes back nor keep those of a wrong day for ever."""


class Level(StrEnum):
    """How far today's budget is spent."""

    FINE = "fine"
    HIGH = "high"
    """Worth a warning."""

    SPENT = "spent"
    """Only what is for safety may still be sent."""


class WriteBudget:
    """Counts the messages that were sent to change something, by local day and owner."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        warn_at: int = WARN_AT,
        refuse_at: int = REFUSE_AT,
    ) -> None:
        """Start with nothing spent; ``now`` tells the plant's wall time."""
        self._now = now
        self.warn_at = warn_at
        self.refuse_at = refuse_at
        self._days: dict[date, Counter[str]] = {}
        self._total = 0

    @property
    def today(self) -> int:
        """How many were sent today."""
        return sum(self.by_owner.values())

    @property
    def by_owner(self) -> Mapping[str, int]:
        """How many were sent today, by who asked for them."""
        return dict(self._days.get(self._now().date(), {}))

    @property
    def total(self) -> int:
        """How many were ever sent."""
        return self._total

    @property
    def level(self) -> Level:
        """How far today's budget is spent."""
        today = self.today
        if today >= self.refuse_at:
            return Level.SPENT
        return Level.HIGH if today >= self.warn_at else Level.FINE

    def allows(self, *, safety: bool) -> bool:
        """Return whether one more may be sent; what is for safety always may."""
        return safety or self.level is not Level.SPENT

    def spend(self, owner: str) -> None:
        """Count one that was sent."""
        self._total += 1
        day = self._now().date()
        # The day that was counted last stands last.
        counts = self._days.pop(day, Counter())
        counts[owner] += 1
        self._days[day] = counts
        while len(self._days) > _DAYS:
            del self._days[next(iter(self._days))]

    def snapshot(self) -> dict[str, Any]:
        """Return what must survive a restart, as plain data."""
        return {
            "total": self._total,
            "days": {day.isoformat(): dict(n) for day, n in self._days.items()},
        }

    def restore(self, stored: object) -> None:
        """Take over what ``snapshot`` returned; what cannot be read is left out."""
        if not isinstance(stored, Mapping):
            return
        days = stored.get("days")
        self._days = {}
        for text, counts in days.items() if isinstance(days, Mapping) else ():
            if (day := _day(text)) is not None and isinstance(counts, Mapping):
                self._days[day] = Counter(
                    {str(who): n for who, n in counts.items() if _is_count(n)}
                )
        known = sum(sum(counts.values()) for counts in self._days.values())
        total = stored.get("total")
        self._total = max(total, known) if _is_count(total) else known


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _is_count(value: object) -> TypeIs[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
