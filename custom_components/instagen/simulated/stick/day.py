"""The stick's own clock and the day that its counters are of."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..plant import SimulatedPlant


class StickDay:
    """Begins the counters of today afresh at midnight of a clock that may be wrong."""

    def __init__(self, plant: SimulatedPlant, offset: float = 0) -> None:
        """Take a plant and by how many seconds the stick's clock is ahead of it."""
        self._plant = plant
        self._offset = round(offset * 1000)
        self.number = plant.counters.keep_day()
        self._date = self._today()
        plant.watch(self)

    @property
    def offset(self) -> float:
        """Seconds by which the stick's clock is ahead."""
        return self._offset / 1000

    @offset.setter
    def offset(self, seconds: float) -> None:
        self._offset = round(seconds * 1000)
        self.look()

    @property
    def local_time(self) -> datetime:
        """The time on the stick's clock."""
        moment = (self._plant.now + self._offset) / 1000
        return datetime.fromtimestamp(moment, self._plant.zone)

    def _today(self) -> date:
        return self.local_time.date()

    @property
    def due(self) -> int:
        """The plant's time in ms at the stick's next midnight."""
        day = self._date + timedelta(days=1)
        start = datetime(day.year, day.month, day.day, tzinfo=self._plant.zone)
        return round(start.timestamp() * 1000) - self._offset

    def look(self) -> None:
        """Begin a new day if the date has changed, forwards or backwards."""
        if (today := self._today()) != self._date:
            self._date = today
            self._plant.counters.new_day(self.number)
            self._plant.revision += 1
