"""A generator on the dry contact (automation.md 4.9, manual 5.2.3)."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ..plant.dry_contact import ExerciseEvery, GeneratorMode
from . import assumptions
from .relay import Exercise, GeneratorSettings

if TYPE_CHECKING:
    from .contact import Surrounding
    from .relay import RelaySettings

FOREVER: Final = 1 << 62


class GeneratorState(StrEnum):
    """The states of automation.md 4.9."""

    OFF = "off"
    STARTING = "starting"
    WARM = "warm"
    RUN = "run"
    COOL = "cool"
    FAULT = "fault"


class Reason(StrEnum):
    """Why a generator is wanted; it stops when no reason is left."""

    COMMAND = "command"
    LOW_SOC = "low_soc"
    CHARGE_WINDOW = "charge_window"
    EXERCISE = "exercise"


class Generator:
    """Starts, loads, unloads and stops a generator, and gives up when it must."""

    def __init__(self) -> None:
        self.state = GeneratorState.OFF
        self.due = FOREVER
        self.reasons: frozenset[Reason] = frozenset()
        self.starts = 0
        self._since = 0
        self._off_at = -FOREVER
        self._ran_since = 0
        self._low_since: int | None = None
        self._back_since: int | None = None
        self._attempt = 0

    @property
    def contact(self) -> bool:
        """Whether the contact asks the generator to run."""
        if self.state is GeneratorState.STARTING:
            return self._attempt > 0
        return self.state in _RUNNING

    @property
    def loaded(self) -> bool:
        """Whether it may feed the house and the battery."""
        return self.state is GeneratorState.RUN

    def look(self, settings: RelaySettings, around: Surrounding) -> None:
        """Move on by as many states as this moment allows."""
        self.due = FOREVER
        self._track(around)
        if around.unsafe:
            if self.state is not GeneratorState.OFF:
                self._fail(around.now)
            self.reasons = frozenset()
            return
        self.reasons = self._wanted(settings, around)
        for _ in GeneratorState:
            before = self.state
            self._step(settings, around)
            if self.state is before:
                break

    # -- why ----------------------------------------------------------------------

    def _track(self, around: Surrounding) -> None:
        """Remember since when the grid is back to stay."""
        if around.islanded or not around.grid:
            self._back_since = None
        elif self._back_since is None:
            self._back_since = around.now

    def _wanted(
        self, settings: RelaySettings, around: Surrounding
    ) -> frozenset[Reason]:
        rules = settings.generator
        if rules.mode is GeneratorMode.MANUAL:
            self._low_since = None
            return frozenset({Reason.COMMAND} if settings.switched_on else ())
        if rules.quiet(_minute(around.local)):
            self._low_since = None
            return frozenset()
        found = set()
        if self._is_low(rules, around):
            found.add(Reason.LOW_SOC)
        if self._in_charge_window(rules, around):
            found.add(Reason.CHARGE_WINDOW)
        if exercises(rules.exercise, around.local):
            found.add(Reason.EXERCISE)
        if self._ran_too_long(around.now):
            found.clear()
        return frozenset(found)

    def _is_low(self, rules: GeneratorSettings, around: Surrounding) -> bool:
        """Tell whether the SOC is a reason: it begins and ends at different levels."""
        if self.state in _RUNNING and Reason.LOW_SOC in self.reasons:
            full = around.soc is not None and around.soc > rules.stop_soc
            return not full and not self._grid_is_back(around.now)
        low = around.soc is not None and around.soc < rules.start_soc
        if not (around.islanded and low):
            self._low_since = None
            return False
        if self._low_since is None:
            self._low_since = around.now
        ripe = self._low_since + assumptions.GENERATOR_START_AFTER * 1000
        if around.now < ripe:
            self._wait_for(ripe)
            return False
        return True

    def _grid_is_back(self, now: int) -> bool:
        if self._back_since is None:
            return False
        steady = self._back_since + assumptions.GENERATOR_GRID_STEADY * 1000
        if now < steady:
            self._wait_for(steady)
        return now >= steady

    def _in_charge_window(self, rules: GeneratorSettings, around: Surrounding) -> bool:
        window = rules.charge_window
        if window is None or not window.holds(_minute(around.local)):
            return False
        if around.soc is None:
            return self.state in _RUNNING and Reason.CHARGE_WINDOW in self.reasons
        if self.state in _RUNNING:
            return around.soc <= rules.stop_soc
        return around.soc < rules.stop_soc

    def _ran_too_long(self, now: int) -> bool:
        if self.state is not GeneratorState.RUN:
            return False
        end = self._ran_since + assumptions.GENERATOR_MAX_RUN * 1000
        if now < end:
            self._wait_for(end)
        return now >= end

    # -- states -------------------------------------------------------------------

    def _step(self, settings: RelaySettings, around: Surrounding) -> None:
        now = around.now
        match self.state:
            case GeneratorState.OFF:
                self._step_off(settings, now)
            case GeneratorState.STARTING:
                self._step_starting(around)
            case GeneratorState.WARM | GeneratorState.RUN:
                self._step_running(around)
            case GeneratorState.COOL:
                if self._elapsed(now, assumptions.GENERATOR_COOL):
                    self._off_at = now
                    self._enter(GeneratorState.OFF, now)
            case GeneratorState.FAULT:
                self._acknowledge(settings, now)

    def _step_off(self, settings: RelaySettings, now: int) -> None:
        if not self.reasons:
            return
        ready = self._off_at + assumptions.GENERATOR_MIN_OFF * 1000
        if settings.generator.mode is GeneratorMode.AUTO and now < ready:
            self._wait_for(ready)
            return
        self._attempt = 1
        self.starts += 1
        self._enter(GeneratorState.STARTING, now)

    def _step_starting(self, around: Surrounding) -> None:
        """Wait for the engine; after a pause try again, and then give up."""
        now = around.now
        if not self.reasons:
            self._enter(GeneratorState.OFF, now)
        elif self._attempt < 0:
            if self._elapsed(now, assumptions.GENERATOR_RETRY_PAUSE):
                self._attempt = 1 - self._attempt
                self._enter(GeneratorState.STARTING, now)
        elif around.generator_confirmed:
            self._enter(GeneratorState.WARM, now)
        elif self._elapsed(now, assumptions.GENERATOR_CONFIRM_WITHIN):
            if self._attempt > assumptions.GENERATOR_RETRIES:
                self._fail(now)
            else:
                self._attempt = -self._attempt
                self._enter(GeneratorState.STARTING, now)

    def _step_running(self, around: Surrounding) -> None:
        now = around.now
        if not around.generator_confirmed:
            self._fail(now)
        elif not self.reasons:
            self._enter(GeneratorState.COOL, now)
        elif self.state is GeneratorState.WARM and self._elapsed(
            now, assumptions.GENERATOR_WARM
        ):
            self._ran_since = now
            self._enter(GeneratorState.RUN, now)

    def _acknowledge(self, settings: RelaySettings, now: int) -> None:
        """Leave a fault when the generator is switched off or its function anew."""
        manual = settings.generator.mode is GeneratorMode.MANUAL
        if manual and not settings.switched_on:
            self.acknowledge(now)

    def acknowledge(self, now: int) -> None:
        """Take note of a fault; the generator may be started again."""
        if self.state is GeneratorState.FAULT:
            self._off_at = now
            self._enter(GeneratorState.OFF, now)

    def _fail(self, now: int) -> None:
        self._enter(GeneratorState.FAULT, now)

    def _enter(self, state: GeneratorState, now: int) -> None:
        self.state, self._since = state, now

    def _elapsed(self, now: int, seconds: int) -> bool:
        end = self._since + seconds * 1000
        if now < end:
            self._wait_for(end)
        return now >= end

    def _wait_for(self, moment: int) -> None:
        self.due = min(self.due, moment)


class Engine:
    """The machine behind the contact: it cranks, gives voltage, and needs fuel."""

    def __init__(self) -> None:
        self.running = False
        self.due = FOREVER
        self._asked_at: int | None = None

    def look(self, *, asked: bool, fuel: bool, now: int) -> None:
        """Follow the contact."""
        self.due = FOREVER
        if not (asked and fuel):
            self.running, self._asked_at = False, None
            return
        if self._asked_at is None:
            self._asked_at = now
        starts = self._asked_at + assumptions.GENERATOR_CRANK * 1000
        self.running = now >= starts
        if not self.running:
            self.due = starts


_RUNNING: Final = frozenset(
    {GeneratorState.WARM, GeneratorState.RUN, GeneratorState.COOL}
)


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute


def exercises(exercise: Exercise, local: datetime) -> bool:
    """Tell whether a generator is to run for its own good at a local time."""
    passed = _minute(local) - exercise.start
    if not exercise.on or local.weekday() != exercise.weekday:
        return False
    if not 0 <= passed < exercise.duration:
        return False
    match exercise.every:
        case ExerciseEvery.MONTH:
            return local.day <= 7
        case ExerciseEvery.TWO_WEEKS:
            return local.isocalendar().week % 2 == 0
    return True
