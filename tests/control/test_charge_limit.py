"""A forced charge beside a car (design/automation.md 4.8 e), look by look."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.instagen.control.charge_limit import (
    MOST_CUTS,
    MOST_RISES,
    Charger,
    LimitMemory,
    charge_limit,
    charge_room,
)
from custom_components.instagen.control.contact_inputs import Assumed, Inputs, Sample
from custom_components.instagen.control.leases import ChargeLimit, Hindrance
from custom_components.instagen.control.loads import LoadState
from custom_components.instagen.plant.contact_settings import settings_of

from .contact_world import LONDON
from .test_loads_ev import CHARGER

NIGHT = datetime(2026, 6, 15, 0, tzinfo=UTC)
POLL = 10
FIVE = Charger(rated_power=5000)
"""21.7 A over one phase."""

NO_ROOM, OVER = Hindrance.NO_ROOM, Hindrance.OVER_BREAKER
ALLOWED, BLOCKED, LOCKED = LoadState.ALLOWED, LoadState.BLOCKED, LoadState.LOCKED


@dataclass
class Board:
    """A house behind 63 A with a charger of 32 A, whose battery does as it is told."""

    house: float = 5.0
    car: float = 0.0
    state: LoadState = BLOCKED
    charging: bool = True
    charger: Charger = FIVE
    runs: bool | None = None
    now: datetime = NIGHT
    memory: LimitMemory | None = None
    changes: list[int] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=lambda: dict(CHARGER))

    @property
    def limit(self) -> ChargeLimit:
        assert self.memory
        return self.memory.limit

    @property
    def power(self) -> float:
        """W that go into the battery."""
        percent = self.memory.limit.percent if self.memory and self.charging else 0
        return percent / 100 * self.charger.whole_power

    @property
    def total(self) -> float:
        """A where the house is fed."""
        return self.house + self.car + self.power / self.charger.volts

    def look(self, **more: Any) -> ChargeLimit:
        """Let everything be read in one second, unless told otherwise."""
        inputs = {
            "currents": Sample((self.total,), self.now),
            "battery": Sample(-self.power, self.now),
            "confirmed": None if self.runs is None else Sample(self.runs, self.now),
        }
        before = self.memory.limit.percent if self.memory else None
        self.memory = charge_limit(
            settings_of(self.values),
            Inputs(now=self.now, zone=LONDON, **(inputs | more)),
            self.state,
            self.charger,
            memory=self.memory,
            assumed=Assumed(),
            charging=self.charging,
        )
        if before is not None and self.limit.percent != before:
            self.changes.append(self.limit.percent)
        return self.limit

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / POLL)):
            self.now += timedelta(seconds=POLL)
            self.look()


def begun(**values: Any) -> Board:
    board = Board(**values)
    board.look()
    return board


def inputs(current: float, battery: float, **more: Any) -> Inputs:
    return Inputs(
        now=NIGHT,
        zone=LONDON,
        currents=Sample((current,), NIGHT),
        battery=Sample(battery, NIGHT),
        **more,
    )


# ---- what there is room for ----


@pytest.mark.parametrize(
    ("current", "battery", "state", "runs", "room"),
    [
        (20.0, 0.0, LOCKED, None, 43.0),
        (35.0, -3450.0, LOCKED, None, 43.0),  # its own current is taken off first
        (10.0, 2300.0, LOCKED, None, 43.0),  # a battery that supports hides current
        (-20.0, 0.0, LOCKED, None, 83.0),
        (10.0, 0.0, BLOCKED, None, 21.0),  # kept for a car that may come
        (10.0, 0.0, ALLOWED, None, 21.0),
        (42.0, 0.0, ALLOWED, None, 21.0),  # it is there: not kept once more
        (42.0, 0.0, BLOCKED, None, -11.0),  # that is the house alone
        (31.0, 0.0, ALLOWED, True, 32.0),
        (42.0, 0.0, ALLOWED, False, -11.0),
    ],
)
def test_the_arbiter_subtracts_its_own_current_first(
    current: float, battery: float, state: LoadState, runs: bool | None, room: float
) -> None:
    confirmed = None if runs is None else Sample(runs, NIGHT)
    found = charge_room(
        settings_of(CHARGER),
        inputs(current, battery, confirmed=confirmed),
        state,
        FIVE,
        Assumed(),
    )
    assert found == pytest.approx(room)


@pytest.mark.parametrize(
    ("charger", "percent"),
    [
        (Charger(rated_power=5000), 92),  # (21 - 1) A of 21.7
        (Charger(rated_power=4000), 100),
        (Charger(rated_power=15_000, three_phases=True), 92),  # of 21.7 A on each phase
        (Charger(rated_power=15_000), 30),
        (Charger(rated_power=5000, inverters=3), 30),
        # A small inverter in a house with three phases feeds one of them.
        (Charger(rated_power=5000, three_phases=True), 92),
    ],
)
def test_three_phases_share_a_charge(charger: Charger, percent: int) -> None:
    assert begun(house=10, charger=charger).limit == ChargeLimit(percent)


@pytest.mark.parametrize(
    "more",
    [
        {"currents": Sample[tuple[float, ...]]()},
        {"currents": Sample((5.0,), NIGHT - timedelta(seconds=31))},
        {"currents": Sample((float("nan"),), NIGHT)},
        {"battery": Sample[float]()},
        {"battery": Sample(0.0, NIGHT - timedelta(seconds=91))},
    ],
)
def test_what_is_unknown_or_stale_ends_charging_at_once(more: dict[str, Any]) -> None:
    board = begun()
    assert board.limit == ChargeLimit(100)
    assert board.look(**more) == ChargeLimit(0, Hindrance.CURRENT_UNKNOWN)


def test_a_plant_that_does_not_tell_its_size_is_not_charged() -> None:
    unknown = ChargeLimit(0, Hindrance.CURRENT_UNKNOWN)
    assert begun(charger=Charger(rated_power=None)).limit == unknown


@pytest.mark.parametrize(
    "values",
    [
        {"load_mode": "time"},
        {"dry_contact_function": "off"},
        {"ev_charger_size": 63},
        {"entrance_breaker_size": 0},
    ],
)
def test_without_a_car_to_guard_there_is_no_limit(values: dict[str, Any]) -> None:
    board = begun(house=70)
    board.values |= values
    board.changes = []
    with pytest.raises(AssertionError):
        board.look()
    assert board.memory is None


# ---- down ----


def test_above_the_breaker_charging_ends_with_the_reading() -> None:
    board = begun(state=ALLOWED)
    board.car = 50
    board.now += timedelta(seconds=3)
    # A quick sensor of the house told it; the battery was not read again.
    told = Sample((board.total,), board.now)
    assert board.look(currents=told, battery=Sample(-5000.0, NIGHT)) == (
        ChargeLimit(0, OVER)
    )


def test_room_that_is_missing_is_taken_away_after_a_while() -> None:
    board = begun()
    board.run(60)
    board.house = 20
    board.run(50)
    assert board.changes == []
    board.run(10)
    assert board.changes == [46]  # 63 - 20 - 32 - 1 = 10 A
    assert board.total + 32 <= 63


def test_a_current_that_is_ahead_of_the_batterys_power_is_no_shortage() -> None:
    """The charge began; the quick sensor tells it, and a poll of the plant got lost."""
    board = begun()
    began = board.now
    for second in range(0, 80, 2):
        board.now = began + timedelta(seconds=second)
        board.look(battery=Sample(0.0, began))
    assert board.changes == []


def test_too_little_room_suspends() -> None:
    board = begun()
    board.run(60)
    board.house = 29
    board.run(60)
    assert board.limit == ChargeLimit(0, NO_ROOM)


# ---- up ----


def test_more_room_has_to_last_and_the_least_of_it_counts() -> None:
    board = begun(house=20)
    assert board.limit.percent == 46
    board.house = 5
    board.run(300)
    board.house = 15
    board.run(10)
    board.house = 5
    board.run(280)
    assert board.changes == []
    board.run(20)
    assert board.changes == [69]  # 63 - 15 - 32 - 1 = 15 A


def test_a_little_more_room_is_not_worth_a_write() -> None:
    board = begun(house=20)
    board.house = 19.2
    board.run(7200)
    assert board.changes == []


def test_a_kettle_every_five_minutes_keeps_it_low_without_a_write() -> None:
    board = begun(house=5)
    board.run(60)
    for _ in range(12):
        board.house = 18
        board.run(120)
        board.house = 5
        board.run(180)
    assert len(board.changes) == 1


def test_no_story_of_a_day_costs_more_writes_than_are_warned_about() -> None:
    """The house does its worst whenever a change would be possible."""
    board = begun()
    while board.now < NIGHT + timedelta(hours=20):
        board.house = 5
        board.run(630)
        for house in (12, 18, 24):
            board.house = house
            board.run(120)
    assert len(board.changes) <= (MOST_RISES + 1) * (MOST_CUTS + 1) < 30
    board.house = 5
    board.run(630)
    assert board.limit == ChargeLimit(0, Hindrance.CHANGED_OFTEN)
    board.run(3 * 3600)
    assert board.limit.percent == 100, "another day"


def test_while_nobody_charges_the_limit_follows_at_once() -> None:
    """A wish is granted by what there is room for now, at no write."""
    board = begun(charging=False, house=20)
    assert board.limit.percent == 46
    board.house = 5
    board.run(10)
    assert board.limit.percent == 100
    board.house = 40
    board.run(10)
    assert board.limit == ChargeLimit(0, NO_ROOM)


# ---- house, car and charge together ----


def test_house_car_and_charge_stay_below_the_breaker() -> None:
    board = begun(house=10)
    board.state = ALLOWED
    for car in (32, 32, 0, 32):
        board.car = car
        board.run(900)
        assert board.total <= 63
        assert board.limit.percent >= 80, "and nothing is starved"
