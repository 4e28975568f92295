"""What the dry contact is for, with the parameters of each use (manual 5.2).

Windows are half-open minutes of the day in plant wall time; which day owns the part after
midnight is the assumption of the tariff. A number that nobody told is None.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from .tariff import ALL_WEEK, DAY_MINUTES, WINDOW_BELONGS_TO_START_DAY, Window


class ContactFunction(StrEnum):
    """Uses of the dry contact, one at a time (mission section 3)."""

    OFF = "off"
    EARTH_FAULT_ALARM = "earth_fault_alarm"
    LOAD_CONTROL = "load_control"
    GENERATOR_CONTROL = "generator_control"


class LoadMode(StrEnum):
    """Ways to control a load (manual 5.2.2)."""

    MANUAL = "manual"
    TIME = "time"
    INTELLIGENT = "intelligent"
    BACKUP_LOAD = "backup_load"
    EV_CHARGER = "ev_charger"


class GeneratorMode(StrEnum):
    """Ways to control a generator (manual 5.2.3)."""

    MANUAL = "manual"
    AUTO = "auto"


class ExerciseEvery(StrEnum):
    """How often a generator is run for its own good."""

    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    MONTH = "month"


GROUPS: Final = 2
"""Groups of weekdays, of the timed load and of the intelligent one."""

TIME_WINDOWS: Final = 2
"""Windows of a group of the timed load; the intelligent load has one."""

QUIET_WINDOWS: Final = 2


def minute_of(local: datetime) -> int:
    """Return the minute of the day of a wall time."""
    return local.hour * 60 + local.minute


def holds(window: Window, minute: int) -> bool:
    """Tell whether a minute of the day lies in a window."""
    return any(part.start <= minute < part.end for part in window.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekGroup:
    """Windows of a set of weekdays (0 is Monday)."""

    weekdays: frozenset[int] = frozenset()
    windows: tuple[Window | None, ...] = ()
    """By their place in the device; None where there is none."""

    def holds(self, local: datetime) -> bool:
        """Tell whether a wall time lies in a window of the group."""
        minute = minute_of(local)
        for window in self.windows:
            if window is None or not holds(window, minute):
                continue
            late = window.crosses_midnight and minute < window.end
            day = local
            if late and WINDOW_BELONGS_TO_START_DAY:
                day = local - timedelta(days=1)
            if day.weekday() in self.weekdays:
                return True
        return False

    @property
    def edges(self) -> Iterator[int]:
        """The minutes of the day at which something may begin or end."""
        yield 0
        for window in self.windows:
            if window is not None:
                yield window.start
                yield window.end % DAY_MINUTES


class Exercise(NamedTuple):
    """A run of the generator for its own good."""

    every: ExerciseEvery
    weekday: int
    start: int
    """Minute of the day."""

    duration: int
    """Minutes."""

    def holds(self, local: datetime) -> bool:
        """Tell whether it is time for it. A month's run is in its first week."""
        if local.weekday() != self.weekday:
            return False
        if not 0 <= minute_of(local) - self.start < self.duration:
            return False
        match self.every:
            case ExerciseEvery.MONTH:
                return local.day <= 7
            case ExerciseEvery.TWO_WEEKS:
                return local.isocalendar().week % 2 == 0
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorSettings:
    """Parameters of the generator control (manual 5.2.3)."""

    mode: GeneratorMode = GeneratorMode.MANUAL
    switched_on: bool = False
    """By command, in manual mode."""

    start_soc: int | None = None
    stop_soc: int | None = None
    quiet_on: bool = False
    quiet_windows: tuple[Window | None, ...] = ()
    charge_window: Window | None = None
    exercise: Exercise | None = None

    @property
    def quiet(self) -> tuple[Window, ...]:
        """The windows in which an automatic generator has to be still."""
        return tuple(w for w in self.quiet_windows if w) if self.quiet_on else ()

    def is_quiet(self, local: datetime) -> bool:
        """Tell whether an automatic generator has to be still at a wall time."""
        minute = minute_of(local)
        return any(holds(window, minute) for window in self.quiet)

    @property
    def edges(self) -> Iterator[int]:
        """The minutes of the day at which something may begin or end."""
        for window in (*self.quiet, self.charge_window):
            if window is not None:
                yield window.start
                yield window.end % DAY_MINUTES
        if self.exercise is not None:
            yield self.exercise.start
            yield (self.exercise.start + self.exercise.duration) % DAY_MINUTES


_EVERY_DAY: Final = (WeekGroup(weekdays=ALL_WEEK), WeekGroup())


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSettings:
    """Everything that is set about the dry contact."""

    function: ContactFunction = ContactFunction.OFF
    load_mode: LoadMode = LoadMode.MANUAL
    switched_on: bool = False
    """By command, for a load in manual mode."""

    times: tuple[WeekGroup, ...] = _EVERY_DAY
    surplus_times: tuple[WeekGroup, ...] = _EVERY_DAY
    nominal_power: int | None = None
    """W that the load draws."""

    min_run: int | None = None
    """Minutes that an intelligent load runs at least."""

    protection_soc: int | None = None
    breaker_size: int | None = None
    """A of the breaker where the house is fed."""

    ev_charger_size: int | None = None
    """A that the charger draws at most."""

    generator: GeneratorSettings = field(default_factory=GeneratorSettings)

    @property
    def use(self) -> ContactFunction | LoadMode:
        """What moves the contact; another one begins afresh."""
        in_use = self.function is ContactFunction.LOAD_CONTROL
        return self.load_mode if in_use else self.function


def in_groups(groups: tuple[WeekGroup, ...], local: datetime) -> bool:
    """Tell whether a wall time lies in a window of its day's group."""
    return any(group.holds(local) for group in groups)
