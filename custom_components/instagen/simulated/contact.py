"""The dry contact: one function at a time (automation.md 4.8, manual 5.2).

The machines look at the plant whenever it plans, so at least every ten seconds, and name
the moment at which a wait of theirs ends.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from ..plant.dry_contact import ContactFunction, LoadMode
from . import assumptions
from .generator import Generator
from .relay import RelaySettings, in_windows

FOREVER: Final = 1 << 62


class ContactState(StrEnum):
    """The states of automation.md 4.8."""

    OPEN = "open"
    CHANGING = "changing"
    """The function was changed; the contact rests before the new one begins."""

    NORMAL = "normal"
    FAULT = "fault"
    CLOSED = "closed"
    ARMED = "armed"
    CLOSED_MIN = "closed_min"
    COOL = "cool"
    BLOCKED = "blocked"
    ALLOWED = "allowed"
    LOCKED = "locked"
    GENERATOR = "generator"


@dataclass(frozen=True, kw_only=True, slots=True)
class Surrounding:
    """What the contact's machines look at. Powers in W, SOC in %, times in ms."""

    now: int
    local: datetime
    powered: bool
    """Whether the inverter is switched on."""

    islanded: bool
    grid: bool
    """Whether the grid has voltage."""

    soc: float | None
    pv: int
    load: int
    """With what hangs on the contact."""

    charging: int
    """W that go into the battery."""

    currents: tuple[float, ...] | None
    """A of each phase where the house is fed, + on import; None while unmeasured."""

    earth_fault: bool
    unsafe: bool
    """Whether a fault other than an earth fault stopped the inverter."""

    generator_confirmed: bool = False


class LoadMachine(Protocol):
    """One way to control a load."""

    state: ContactState
    due: int

    def look(self, settings: RelaySettings, around: Surrounding) -> bool:
        """Return whether the contact is closed now."""


class Manual:
    """Open and closed by command (4.8 b)."""

    def __init__(self) -> None:
        self.state = ContactState.OPEN
        self.due = FOREVER

    def look(self, settings: RelaySettings, around: Surrounding) -> bool:
        """Follow the command."""
        closed = settings.switched_on
        self.state = ContactState.CLOSED if closed else ContactState.OPEN
        return closed


class Timed:
    """Closed inside the windows of the day's group (4.8 b)."""

    def __init__(self) -> None:
        self.state = ContactState.OPEN
        self.due = FOREVER

    def look(self, settings: RelaySettings, around: Surrounding) -> bool:
        """Follow the plant's wall clock."""
        closed = in_windows(settings.times, around.local)
        self.state = ContactState.CLOSED if closed else ContactState.OPEN
        return closed


class FollowSun:
    """Closed while the sun gives more than the load draws (4.8 c)."""

    def __init__(self) -> None:
        self.state = ContactState.OPEN
        self.due = FOREVER
        self._since = 0
        self._closed_at = 0
        self._opened_at = -FOREVER

    @property
    def closed(self) -> bool:
        """Whether the contact is closed."""
        return self.state in _SUN_CLOSED

    def look(self, settings: RelaySettings, around: Surrounding) -> bool:
        """Move on by as many states as this moment allows."""
        if around.unsafe:
            self._open(around.now)
            return False
        inside = in_windows(settings.intelligent.groups, around.local)
        surplus = self._surplus(around, settings.intelligent.rated_power)
        for _ in _SUN_STATES:
            before = self.state
            self._step(settings, around.now, inside, surplus)
            if self.state is before:
                break
        self._set_due(settings, around.now)
        return self.closed

    def _surplus(self, around: Surrounding, rated: int) -> int | None:
        """Return the surplus that there would be without this load (4.8 c)."""
        if around.currents is None:
            return None
        surplus = around.pv - (around.load - rated * self.closed)
        return surplus - around.charging * assumptions.SURPLUS_AFTER_BATTERY

    def _step(
        self, settings: RelaySettings, now: int, inside: bool, surplus: int | None
    ) -> None:
        rated = settings.intelligent.rated_power
        enough = surplus is not None and surplus > rated
        match self.state:
            case ContactState.OPEN:
                rested = now - self._opened_at >= assumptions.SUN_MIN_OFF * 1000
                if inside and enough and rested:
                    self._enter(ContactState.ARMED, now)
            case ContactState.ARMED:
                if not (inside and enough):
                    self._enter(ContactState.OPEN, now)
                elif now - self._since >= assumptions.SUN_CLOSE_AFTER * 1000:
                    self._closed_at = now
                    self._enter(ContactState.CLOSED_MIN, now)
            case ContactState.CLOSED_MIN:
                if now - self._closed_at >= settings.intelligent.min_runtime * 60_000:
                    self._enter(ContactState.CLOSED, now)
            case _:
                self._step_closed(now, inside, surplus, rated)

    def _step_closed(
        self, now: int, inside: bool, surplus: int | None, rated: int
    ) -> None:
        short = surplus is not None and surplus < rated - assumptions.SUN_MARGIN
        if not inside or surplus is None:
            self._open(now)
        elif self.state is ContactState.CLOSED:
            if short:
                self._enter(ContactState.COOL, now)
        elif not short:
            self._enter(ContactState.CLOSED, now)
        elif now - self._since >= assumptions.SUN_OPEN_AFTER * 1000:
            self._open(now)

    def _enter(self, state: ContactState, now: int) -> None:
        self.state, self._since = state, now

    def _open(self, now: int) -> None:
        if self.closed:
            self._opened_at = now
        self._enter(ContactState.OPEN, now)

    def _set_due(self, settings: RelaySettings, now: int) -> None:
        waits = {
            ContactState.OPEN: self._opened_at + assumptions.SUN_MIN_OFF * 1000,
            ContactState.ARMED: self._since + assumptions.SUN_CLOSE_AFTER * 1000,
            ContactState.CLOSED_MIN: self._closed_at
            + settings.intelligent.min_runtime * 60_000,
            ContactState.COOL: self._since + assumptions.SUN_OPEN_AFTER * 1000,
        }
        due = waits.get(self.state, FOREVER)
        self.due = due if due > now else FOREVER


_SUN_STATES: Final = (
    ContactState.OPEN,
    ContactState.ARMED,
    ContactState.CLOSED_MIN,
    ContactState.CLOSED,
    ContactState.COOL,
)
_SUN_CLOSED: Final = frozenset(_SUN_STATES[2:])


class BackupLoad:
    """Closed unless the island's battery runs low (4.8 d)."""

    def __init__(self) -> None:
        self.state = ContactState.CLOSED
        self.due = FOREVER
        self._grid_since: int | None = None

    def look(self, settings: RelaySettings, around: Surrounding) -> bool:
        """Open below the protection SOC off-grid, close again with grid or charge."""
        if not around.grid:
            self._grid_since = None
        elif self._grid_since is None:
            self._grid_since = around.now
        self.due = FOREVER
        low, soc = settings.protect_soc, around.soc
        if self.state is ContactState.CLOSED:
            if around.islanded and (soc is None or soc < low):
                self.state = ContactState.OPEN
                self._grid_since = around.now if around.grid else None
        elif self._may_close(around, low):
            self.state = ContactState.CLOSED
        return self.state is ContactState.CLOSED

    def _may_close(self, around: Surrounding, low: int) -> bool:
        enough = min(100, low + assumptions.BACKUP_LOAD_HYSTERESIS)
        if around.islanded and around.soc is not None and around.soc >= enough:
            return True
        if self._grid_since is None:
            return False
        steady = self._grid_since + assumptions.BACKUP_LOAD_GRID * 1000
        if around.now < steady:
            self.due = steady
            return False
        return not around.islanded


class EvCharger:
    """Allows a car to charge as far as the breaker of the house bears it (4.8 e)."""

    def __init__(self) -> None:
        self.state = ContactState.BLOCKED
        self.due = FOREVER
        self._room_since: int | None = None
        self._trips: list[int] = []

    def look(self, settings: RelaySettings, around: Surrounding) -> bool:
        """Block at once above the breaker, allow once there is steady room."""
        self.due = FOREVER
        now, currents = around.now, around.currents
        over = currents is None or max(map(abs, currents)) > settings.breaker_size
        if self.state is ContactState.ALLOWED and over:
            self._block(now, counts=currents is not None)
        room = settings.breaker_size - settings.ev_charger_size
        # An importing phase counts, not the one that exports most (4.8 e, sign).
        if currents is None or over or max(currents) >= room:
            self._room_since = None
        elif self._room_since is None:
            self._room_since = now
        if self.state is ContactState.BLOCKED and self._room_since is not None:
            steady = self._room_since + assumptions.EV_STEADY * 1000
            if now >= steady:
                self.state = ContactState.ALLOWED
            else:
                self.due = steady
        return self.state is ContactState.ALLOWED

    def unlock(self) -> None:
        """Forget the trips."""
        self._trips.clear()
        if self.state is ContactState.LOCKED:
            self.state = ContactState.BLOCKED

    def _block(self, now: int, *, counts: bool) -> None:
        self.state = ContactState.BLOCKED
        self._trips = [at for at in self._trips if now - at < 3_600_000]
        if counts:
            self._trips.append(now)
        if len(self._trips) >= assumptions.EV_TRIPS_TO_LOCK:
            self.state = ContactState.LOCKED


class EarthFaultAlarm:
    """The contact as an alarm line; faults are counted whatever it is used for (4.8 a)."""

    def __init__(self) -> None:
        self.events = 0
        self._faulty = False
        self._event_at = -FOREVER

    def look(self, around: Surrounding) -> bool:
        """Return whether there is an earth fault, and count the new ones."""
        rested = around.now - self._event_at >= assumptions.EARTH_FAULT_EVENT * 1000
        if around.earth_fault and not self._faulty and rested:
            self.events += 1
            self._event_at = around.now
        self._faulty = around.earth_fault
        return around.earth_fault


_MACHINES: Final[dict[LoadMode, type[LoadMachine]]] = {
    LoadMode.MANUAL: Manual,
    LoadMode.TIME: Timed,
    LoadMode.INTELLIGENT: FollowSun,
    LoadMode.BACKUP_LOAD: BackupLoad,
    LoadMode.EV_CHARGER: EvCharger,
}


class Use(NamedTuple):
    """What the contact is used for; another one begins afresh."""

    function: ContactFunction
    load_mode: LoadMode | None


class DryContact:
    """The contact of an inverter and whatever moves it."""

    def __init__(self) -> None:
        self.closed = False
        self.state = ContactState.OPEN
        self.due = FOREVER
        self.alarm = EarthFaultAlarm()
        self.generator = Generator()
        self.tripped = False
        """Whether the contactor behind the contact fell off with the inverter's power.

        Only a hand closes it again [M]."""

        self._use = Use(ContactFunction.OFF, None)
        self._rest_until = 0
        self._load: LoadMachine = Manual()

    @property
    def load_runs(self) -> bool:
        """Whether a load behind the contactor has power."""
        return self.closed and self._use.load_mode is not None and not self.tripped

    def look(self, settings: RelaySettings, around: Surrounding) -> None:
        """Move the contact as its function asks at this moment."""
        faulty = self.alarm.look(around)
        use = Use(settings.function, settings.controls_load)
        if use != self._use:
            self._change(use, around.now)
        self.due = FOREVER
        if not around.powered:
            self._lose_power()
        elif around.now < self._rest_until:
            self.closed, self.state = False, ContactState.CHANGING
            self.due = self._rest_until
        else:
            self._act(settings, around, faulty)

    def renew(self, now: int) -> None:
        """Take note of new settings: they end a lock and acknowledge a fault."""
        self.generator.acknowledge(now)
        if isinstance(self._load, EvCharger):
            self._load.unlock()

    def _change(self, use: Use, now: int) -> None:
        if self._use.function is not ContactFunction.OFF:
            self._rest_until = now + assumptions.FUNCTION_CHANGE_REST * 1000
        self._use = use
        self._load = _MACHINES[use.load_mode or LoadMode.MANUAL]()
        self.generator = Generator()
        self.tripped = False

    def _lose_power(self) -> None:
        """Open with the inverter; what hung on a closed contactor stays off."""
        self.tripped = self.tripped or self.load_runs
        self.closed, self.state = False, ContactState.OPEN
        self._load = _MACHINES[self._use.load_mode or LoadMode.MANUAL]()
        self.generator = Generator()

    def _act(self, settings: RelaySettings, around: Surrounding, faulty: bool) -> None:
        match settings.function:
            case ContactFunction.EARTH_FAULT_ALARM:
                self.closed = faulty
                self.state = ContactState.FAULT if faulty else ContactState.NORMAL
            case ContactFunction.LOAD_CONTROL:
                self.closed = self._load.look(settings, around)
                self.state, self.due = self._load.state, self._load.due
            case ContactFunction.GENERATOR_CONTROL:
                self.generator.look(settings, around)
                self.closed = self.generator.contact
                self.state, self.due = ContactState.GENERATOR, self.generator.due
            case _:
                self.closed, self.state = False, ContactState.OPEN
