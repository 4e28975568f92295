"""What the dry contact is for: its function and the parameters of each (manual 5.2)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..plant.dry_contact import ContactFunction, ExerciseEvery, GeneratorMode, LoadMode
from . import assumptions
from .tariff import Window


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekGroup:
    """Windows of a set of weekdays (0 is Monday)."""

    weekdays: frozenset[int] = frozenset()
    windows: tuple[Window, ...] = ()


def in_windows(groups: tuple[WeekGroup, ...], local: datetime) -> bool:
    """Tell whether a local time lies in a window of its day's group.

    To which day the part after midnight belongs is the assumption of the tariff.
    """
    minute = local.hour * 60 + local.minute
    return any(
        window.holds(minute) and _day_of(window, minute, local) in group.weekdays
        for group in groups
        for window in group.windows
    )


def _day_of(window: Window, minute: int, local: datetime) -> int:
    late = assumptions.WINDOW_BELONGS_TO_START_DAY and window.began_yesterday(minute)
    return (local - timedelta(days=1) if late else local).weekday()


@dataclass(frozen=True, kw_only=True, slots=True)
class Intelligent:
    """Parameters of the load mode that follows the sun (manual 5.2.2 (3))."""

    groups: tuple[WeekGroup, ...] = ()
    min_runtime: int = 30
    """Minutes."""

    rated_power: int = 2000
    """W that the load draws."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exercise:
    """A run of the generator for its own good; off unless ``on``."""

    on: bool = False
    every: ExerciseEvery = ExerciseEvery.MONTH
    weekday: int = 0
    start: int = 600
    """Minute of the day."""

    duration: int = 15
    """Minutes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratorSettings:
    """Parameters of the generator control (manual 5.2.3)."""

    mode: GeneratorMode = GeneratorMode.MANUAL
    start_soc: int = 20
    stop_soc: int = 80
    charge_window: Window | None = None
    quiet_on: bool = False
    quiet_windows: tuple[Window, ...] = ()
    exercise: Exercise = Exercise()

    def quiet(self, minute: int) -> bool:
        """Tell whether the generator has to be still at a minute of the day."""
        return self.quiet_on and any(w.holds(minute) for w in self.quiet_windows)


@dataclass(frozen=True, kw_only=True, slots=True)
class RelaySettings:
    """Everything that is set about the dry contact."""

    function: ContactFunction = ContactFunction.OFF
    switched_on: bool = False
    load_mode: LoadMode = LoadMode.MANUAL
    times: tuple[WeekGroup, ...] = ()
    intelligent: Intelligent = Intelligent()
    protect_soc: int = 30
    breaker_size: int = 63
    """A of the breaker where the house is fed."""

    ev_charger_size: int = 32
    """A that the charger draws at most."""

    generator: GeneratorSettings = field(default_factory=GeneratorSettings)

    @property
    def controls_load(self) -> LoadMode | None:
        """The load mode, if the contact controls a load."""
        in_use = self.function is ContactFunction.LOAD_CONTROL
        return self.load_mode if in_use else None
