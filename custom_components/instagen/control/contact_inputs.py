"""What the rules of a contact look at, what they answer, and the numbers they assume.

The machines in ``loads.py``, ``loads_ev.py``, ``generator.py`` and ``contact.py`` move
any switch that the owner names, where no link carries the device's own rules. They have no
clock and touch nothing: a moment goes in, and what the switch is to do comes out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from math import isfinite
from typing import Final

from ..plant.tariff import DAY_MINUTES

STAMPED_AHEAD: Final = 60.0
"""Seconds that the stamp of a reading may lie ahead."""


@dataclass(frozen=True, slots=True)
class Sample[T]:
    """A reading, and when it was taken; None while there is none."""

    value: T | None = None
    at: datetime | None = None

    def within(self, now: datetime, seconds: float) -> T | None:
        """Return the value if it is a number, and not older than that.

        What was stamped while a clock stood far ahead is of no known age.
        """
        if self.value is None or self.at is None:
            return None
        if isinstance(self.value, float) and not isfinite(self.value):
            return None
        age = (now - self.at).total_seconds()
        return self.value if -STAMPED_AHEAD <= age <= seconds else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """A moment. Powers in W, SOC in %."""

    now: datetime
    """Aware; waits are measured in real time, whatever the clocks on the wall do."""

    zone: tzinfo
    """Of the plant's wall clock, which windows run by."""

    pv: Sample[float] = Sample()
    load: Sample[float] = Sample()
    """Of the house, with what hangs on the contact."""

    charging: Sample[float] = Sample()
    """What goes into the battery, 0 or more."""

    battery: Sample[float] = Sample()
    """What comes out of it; negative while charging."""

    surplus: Sample[float] = Sample()
    """Of a sensor that the owner names in place of the three; with the contact's load
    running it tells what is left."""

    soc: Sample[float] = Sample()
    grid: Sample[bool] = Sample()
    """Whether the grid is there."""

    currents: Sample[tuple[float, ...]] = Sample()
    """A of every phase where the house is fed, + on import."""

    lease_current: float = 0.0
    """A of each phase that a forced charge of ours adds to them."""

    alarm: Sample[bool] = Sample()
    """Whether something other than an earth fault stopped the inverter."""

    earth_fault: Sample[bool] = Sample()
    confirmed: Sample[bool] | None = None
    """Whether the generator runs; None when the owner named no sensor for it."""

    contact: bool | None = None
    """How the switch stands."""

    reset: bool = False
    """The owner unlocks a charger, or takes note of a fault."""

    @property
    def local(self) -> datetime:
        """The time on the plant's wall."""
        return self.now.astimezone(self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """Numbers that neither the manual nor a device tells [A]; seconds unless said.

    They are those of automation.md C5, C6, 4.8 and 4.9.
    """

    safety_age: float = 30
    """A current or the grid's state older than this is none (blueprint 7)."""

    reading_age: float = 90
    """Other readings: three polls of the slowest link."""

    grace: float = 600
    """Without a reading for less, what runs goes on (C5)."""

    tick: float = 300
    """The longest time between two looks (C3)."""

    clock_back: float = 60
    """A clock that stands further back than it stood is wrong (4.10)."""

    clock_settles: float = 600
    """One that goes on from there for so long is right: it stood ahead before."""

    change_rest: float = 5
    """The contact rests open between two uses."""

    fault_event: float = 60
    """A flapping earth fault is one event in this time."""

    surplus_after_battery: bool = False
    """Whether what the battery takes is no surplus."""

    sun_close_after: float = 60
    sun_margin: float = 150
    """W."""

    sun_open_after: float = 120
    sun_min_off: float = 300
    sun_starts: int = 30
    """A day (C6)."""

    backup_return: int = 5
    """Points of SOC above protection."""

    backup_grid: float = 60
    ev_steady: float = 300
    ev_trips: int = 3
    ev_trip_window: float = 3600
    soc_hysteresis: float = 3
    """Points (C6)."""

    start_after: float = 60
    confirm_within: float = 60
    retries: int = 3
    retry_pause: float = 10
    warm: float = 60
    cool: float = 120
    min_off: float = 600
    grid_steady: float = 300
    max_run: float = 43_200
    charge_on_grid: bool = False
    """Whether the charge window starts a generator beside the grid. The device may; ours
    does not without the owner's word."""

    critical_soc: int = 10
    """Below it, in quiet time, loads are to be shed."""

    critical_override: bool = False
    """Whether it then starts in quiet time all the same."""

    stop_for_sun: bool = False
    """Whether it stops early when the sun gives a tenth more than the house takes."""


class Reason(StrEnum):
    """Why a contact stands as it stands; each has its own text."""

    NOT_IN_USE = "not_in_use"
    CHANGING = "changing"
    INCOMPLETE = "incomplete"
    """A parameter of the chosen use is not known, or cannot be."""

    CLOCK = "clock"
    COMMAND = "command"
    NO_COMMAND = "no_command"
    WINDOW = "window"
    OUTSIDE_WINDOW = "outside_window"
    SURPLUS = "surplus"
    SURPLUS_WAIT = "surplus_wait"
    NO_SURPLUS = "no_surplus"
    NO_SURPLUS_WAIT = "no_surplus_wait"
    MIN_RUN = "min_run"
    MIN_OFF = "min_off"
    STARTS = "starts"
    STALE = "stale"
    ALARM = "alarm"
    GRID = "grid"
    CHARGED = "charged"
    LOW_SOC = "low_soc"
    GRID_WAIT = "grid_wait"
    ROOM = "room"
    ROOM_WAIT = "room_wait"
    NO_ROOM = "no_room"
    OVER_BREAKER = "over_breaker"
    LOCKED = "locked"
    NORMAL = "normal"
    EARTH_FAULT = "earth_fault"
    CHARGE_WINDOW = "charge_window"
    EXERCISE = "exercise"
    QUIET = "quiet"
    QUIET_CRITICAL = "quiet_critical"
    ENOUGH = "enough"
    COOLING = "cooling"
    NO_CONFIRMATION = "no_confirmation"
    CONFIRMATION_LOST = "confirmation_lost"


def passed(since: datetime | None, now: datetime, seconds: float) -> bool:
    """Tell whether a time has passed since a moment; forever ago is long enough."""
    return since is None or (now - since).total_seconds() >= seconds


def after(since: datetime | None, seconds: float) -> datetime | None:
    """Return the moment when a time has passed."""
    return None if since is None else since + timedelta(seconds=seconds)


def soonest(inputs: Inputs, assumed: Assumed, *moments: datetime | None) -> datetime:
    """Return the next of some moments, at the latest the next look."""
    last = inputs.now + timedelta(seconds=assumed.tick)
    return min((one for one in moments if one and one > inputs.now), default=last)


def next_edge(minutes: Iterable[int], inputs: Inputs, within: float) -> datetime:
    """Return when a window may begin or end next, at the latest after some seconds.

    Where the clocks change no edge is trusted: the next look is a minute ahead.
    """
    now = inputs.now
    last = now + timedelta(seconds=within)
    local = inputs.local
    if last.astimezone(inputs.zone).utcoffset() != local.utcoffset():
        return now + timedelta(minutes=1)
    midnight = datetime.combine(local.date(), time(), local.tzinfo)
    for minute in minutes:
        for day in (0, 1):
            wall = midnight + timedelta(days=day, minutes=minute % DAY_MINUTES)
            moment = wall.replace(fold=local.fold).astimezone(UTC)
            if now < moment < last:
                last = moment
    return last
