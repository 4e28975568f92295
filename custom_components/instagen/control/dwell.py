"""How long the battery stays as it was put before the patient may have it (C6).

A handover is a write, and a plant that is turned over every few minutes wears and earns
nothing. So the bundled automations, which ask patiently, wait for their turn soon after a
write, unless the plant has to be written anyway because a lease ended. Whoever asks
without patience has the battery by rank alone (C1).
"""

from datetime import datetime, timedelta
from typing import Final

from .leases import Lease, LeaseState

DWELL: Final = timedelta(minutes=10)


class Dwell:
    """Remembers when the mode block was written, and who has to wait for that."""

    def __init__(self) -> None:
        """Start without a write."""
        self._written_at: datetime | None = None
        self._runs = False

    def wrote(self, now: datetime) -> None:
        """Take note of a write."""
        self._written_at = now

    def ends(self, now: datetime) -> datetime | None:
        """Return until when the plant stays as it is; None when it need not."""
        if self._written_at is None or not self._written_at <= now:
            return None
        ends = self._written_at + DWELL
        return ends if now < ends else None

    def judge(self, now: datetime, *, leaves: bool) -> None:
        """Look at the clock. ``leaves``: the state of now ends in any case."""
        self._runs = not leaves and self.ends(now) is not None

    def bars(self, lease: Lease) -> bool:
        """Return whether a lease has to wait although its turn has come."""
        return self._runs and lease.patient and lease.state is LeaseState.QUEUED

    def snapshot(self) -> str | None:
        """Return what must survive a restart."""
        return self._written_at.isoformat() if self._written_at else None

    def restore(self, stored: str | None) -> None:
        """Take over what ``snapshot`` returned."""
        self._written_at = datetime.fromisoformat(stored) if stored else None
