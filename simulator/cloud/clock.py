"""The cloud's clock: its own, or that of the simulated plant behind it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final
from zoneinfo import ZoneInfo

TIME: Final = "%Y-%m-%d %H:%M:%S"


def utc_text(moment: datetime) -> str:
    """Return a moment as the tables hold it."""
    return moment.astimezone(UTC).strftime(TIME)


def utc_moment(text: str) -> datetime:
    """Return the moment of a table's text."""
    return datetime.strptime(text, TIME).replace(tzinfo=UTC)


class CloudClock:
    """Tells the time; ``skew`` is by how many seconds it is wrong."""

    def __init__(self, start: datetime, speed: float = 0) -> None:
        """Begin at a moment; ``speed`` seconds pass in one, 0 holds the clock."""
        self._start = start.astimezone(UTC)
        self._speed = speed
        self._began = monotonic()
        self._passed = 0.0
        self.skew = 0.0
        self.plant_time: Callable[[], datetime] | None = None
        """Where the time comes from once a live plant is behind the cloud."""

    @property
    def true(self) -> datetime:
        """The moment it is, in UTC."""
        if self.plant_time:
            return self.plant_time().astimezone(UTC)
        passed = self._passed + (monotonic() - self._began) * self._speed
        return self._start + timedelta(seconds=passed)

    @property
    def now(self) -> datetime:
        """The moment that the server takes it for, in UTC."""
        return self.true + timedelta(seconds=self.skew)

    def advance(self, seconds: float) -> None:
        """Let time pass at once; only without a live plant, which has its own clock."""
        self._passed += seconds

    def local(self, moment: datetime, zone: str) -> str:
        """Return a moment as a plant's answers tell it, skew included."""
        shown = moment + timedelta(seconds=self.skew)
        return shown.astimezone(ZoneInfo(zone)).strftime(TIME)
