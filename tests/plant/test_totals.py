"""Totals out of counters of today, against a day that is simulated by brute force."""

from collections.abc import Sequence
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.instagen.plant.totals import DAY, DayTotals, Moment

KEY = "load_energy_today"
START = 20_000 * DAY
"""Midnight, some day in 2024."""

HOUR = 3600.0
MINUTE = 60.0


class Meter:
    """A counter of energy that begins anew at the stick's midnight."""

    def __init__(self, midnight: float, power: float, *, skew: float = 0.0) -> None:
        """Take the stick's midnight in seconds of the true day, and a power in kW."""
        self.midnight, self.power, self.skew = midnight, power, skew
        self.time = START

    def used(self, since: float, until: float) -> float:
        return self.power * (until - since) / 3600

    @property
    def today(self) -> float:
        began = (self.time - self.midnight) // DAY * DAY + self.midnight
        return round(self.used(max(began, START), self.time), 1)

    @property
    def moment(self) -> Moment:
        return Moment(self.time, self.time + self.skew)

    def look(self, totals: DayTotals) -> float:
        return totals.update(KEY, self.today, self.moment)


def run(totals: DayTotals, looks: Sequence[tuple[float, float]]) -> list[float]:
    """Feed (hours since the start, counter); return the totals."""
    return [
        totals.update(KEY, today, Moment(START + hours * HOUR, START + hours * HOUR))
        for hours, today in looks
    ]


def near_midnight(day: int, minutes: float) -> float:
    return 24 * day + minutes / 60


def with_known_midnight() -> DayTotals:
    """Return totals that saw one midnight, at 0:00, with 10 kWh so far."""
    totals = DayTotals()
    told = run(totals, [(near_midnight(1, -1), 10.0), (near_midnight(1, 1), 0.0)])
    assert told == [10.0, 10.0]
    assert totals._midnight == pytest.approx(0, abs=1)
    return totals


def test_the_first_look_starts_with_today():
    assert run(DayTotals(), [(12, 4.2)]) == [4.2]


def test_what_was_never_seen_is_unknown():
    totals = DayTotals()
    assert totals.get(KEY) is None
    assert totals.today(KEY) is None


def test_a_day_and_its_midnight():
    told = run(
        DayTotals(),
        [(12, 4.0), (18, 7.0), (23.99, 9.5), (24.01, 0.1), (30, 2.0)],
    )
    assert told == [4.0, 7.0, 9.5, 9.6, 11.5]


def test_a_link_that_was_down_over_midnight():
    """The rest of the old day is lost, the new one is counted whole."""
    assert run(DayTotals(), [(20, 8.0), (31, 3.0)]) == [8.0, 11.0]


def test_an_overtaken_counter_before_a_midnight_was_seen():
    """Nobody knows the stick's midnight yet: only the difference is sure."""
    assert run(DayTotals(), [(20, 3.0), (40, 5.0)]) == [3.0, 5.0]


def test_an_overtaken_counter_once_midnight_is_known():
    totals = with_known_midnight()
    assert run(totals, [(24 + 20, 3.0), (24 + 40, 5.0)]) == [13.0, 18.0]


def test_a_gap_that_only_touches_midnight_proves_nothing():
    """Summer time moves it by an hour."""
    totals = with_known_midnight()
    assert run(totals, [(24 + 23.5, 3.0), (24 + 28, 5.0)]) == [13.0, 15.0]


def test_more_than_a_day_is_proof_enough():
    assert run(DayTotals(), [(12, 3.0), (40, 5.0)]) == [3.0, 8.0]


def test_a_small_fall_is_a_correction():
    told = run(DayTotals(), [(12, 4.0), (12.01, 3.9), (12.02, 4.0)])
    assert told == [4.0, 4.0, 4.1]


def test_a_fall_to_what_no_new_day_can_hold_adds_nothing():
    assert run(DayTotals(), [(12, 40.0), (12.01, 20.0), (12.02, 20.1)])[-1] == 40.1


def test_a_counter_that_begins_anew_at_noon():
    """A stick whose clock is wrong has its midnight somewhere else."""
    totals = DayTotals()
    told = run(totals, [(12, 4.0), (12.01, 0.0), (13, 0.5)])
    assert told == [4.0, 4.0, 4.5]
    assert totals._midnight == pytest.approx(12 * HOUR, abs=60)


def test_a_jump_of_one_clock_is_no_midnight():
    totals = with_known_midnight()
    totals.update(KEY, 3.0, Moment(START + 30 * HOUR, START + 30 * HOUR))
    for ours, stick in ((60, 30.01), (60.01, 60.02)):
        told = totals.update(
            KEY, 3.1, Moment(START + ours * HOUR, START + stick * HOUR)
        )
        assert told == 13.1
    assert totals.update(KEY, 3.1, Moment(START, START + 61 * HOUR)) == 13.1


def test_a_jump_of_the_stick_to_another_day():
    """The counter falls with it, and that is what counts."""
    totals = with_known_midnight()
    totals.update(KEY, 3.0, Moment(START + 30 * HOUR, START + 30 * HOUR))
    told = totals.update(KEY, 0.0, Moment(START + 30.01 * HOUR, START + 50 * HOUR))
    assert told == 13.0
    told = totals.update(KEY, 0.2, Moment(START + 30.5 * HOUR, START + 50.5 * HOUR))
    assert told == 13.2


def test_no_binary_dust():
    totals = DayTotals()
    for n in range(1, 500):
        total = totals.update(KEY, round(n * 0.1, 1), Moment(START + n, START + n))
    assert total == 49.9


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        "x",
        {},
        {"counters": 5, "midnight": "x"},
        {"counters": {KEY: None}},
        {"counters": {KEY: {"total": 1}}},
        {"counters": {KEY: {"total": "1", "today": 1, "ours": 1, "stick": 1}}},
        {"counters": {KEY: {"total": True, "today": 1, "ours": 1, "stick": 1}}},
        {"counters": {KEY: {"total": float("nan"), "today": 1, "ours": 1, "stick": 1}}},
    ],
)
def test_what_was_stored_badly_is_left_out(stored: Any):
    totals = DayTotals.restore(stored)
    assert totals.get(KEY) is None
    assert totals._midnight is None


gaps = st.lists(
    st.one_of(
        st.floats(20, 5 * MINUTE), st.floats(20, 5 * MINUTE), st.floats(60, 3 * DAY)
    ),
    max_size=300,
)


@settings(max_examples=200, deadline=None)
@given(
    gaps=gaps,
    midnight=st.floats(0, DAY),
    power=st.floats(0.0, 15.0),
    skew=st.floats(-10 * DAY, 10 * DAY),
    restarts=st.sets(st.integers(0, 300)),
)
def test_never_more_than_was_used_and_a_restart_changes_nothing(
    gaps: list[float],
    midnight: float,
    power: float,
    skew: float,
    restarts: set[int],
):
    meter = Meter(midnight, power, skew=skew)
    totals, steady = DayTotals(), DayTotals()
    before = meter.look(totals)
    meter.look(steady)
    for number, gap in enumerate(gaps):
        if number in restarts:
            totals = DayTotals.restore(json.loads(json.dumps(totals.snapshot())))
        meter.time += gap
        total = meter.look(totals)
        assert total == meter.look(steady)
        assert total >= before
        before = total
    # The counter's own step is 0.1; each midnight may round in our favour.
    days = (meter.time - START) / DAY + 2
    assert before <= meter.used(START, meter.time) + 0.1 * days


@settings(max_examples=50, deadline=None)
@given(midnight=st.floats(0, DAY), power=st.floats(0.5, 15.0), step=st.floats(20, 120))
def test_next_to_nothing_is_lost_while_the_link_stands(
    midnight: float, power: float, step: float
):
    meter = Meter(midnight, power)
    totals = DayTotals()
    total = meter.look(totals)
    while meter.time < START + 3 * DAY:
        meter.time += step
        total = meter.look(totals)
    lost = meter.used(START, meter.time) - total
    assert abs(lost) <= 4 * (power * step / 3600 + 0.2)


@settings(max_examples=100, deadline=None)
@given(
    down=st.floats(3 * HOUR, 3 * DAY),
    midnight=st.floats(0, DAY),
    power=st.floats(0.5, 10.0),
    at=st.floats(0, DAY),
)
def test_what_an_outage_costs(down: float, midnight: float, power: float, at: float):
    """What is lost is the old day's rest, whole days between, and rounding.

    A midnight near the edge of the gap may go unseen; then the old count is lost, too.
    """
    meter = Meter(midnight, power)
    totals = DayTotals()
    while meter.time < START + DAY + at:
        meter.look(totals)
        meter.time += 5 * MINUTE
    meter.look(totals)
    counted, old, left = totals.get(KEY), meter.today, meter.time
    assert counted is not None
    meter.time += down
    gained = meter.look(totals) - counted
    first = midnight + ((left - midnight) // DAY + 1) * DAY
    expected = meter.used(left, meter.time) if meter.time < first else meter.today
    assert gained <= expected + 0.2
    edge = min(first - left, meter.time - first) <= 1.2 * HOUR and down < DAY
    assert gained >= expected - (old if edge else 0) - 0.2


@settings(max_examples=300, deadline=None)
@given(
    looks=st.lists(
        st.tuples(
            st.floats(0, 5000),
            st.floats(-1e9, 4e9),
            st.floats(0, 4e9),
        ),
        max_size=60,
    )
)
def test_no_nonsense_makes_a_total_go_back(looks: list[tuple[float, float, float]]):
    totals, before = DayTotals(), 0.0
    for today, ours, stick in looks:
        total = totals.update(KEY, today, Moment(ours, stick))
        assert total >= before
        before = total
    assert DayTotals.restore(json.loads(json.dumps(totals.snapshot()))).get(KEY) == (
        before if looks else None
    )
