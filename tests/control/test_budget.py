"""How many writes a day may bring, whatever the clock does meanwhile."""

from datetime import UTC, date, datetime, timedelta
import json
from zoneinfo import ZoneInfo

import pytest

from custom_components.instagen.control.budget import Level, WriteBudget

LONDON = ZoneInfo("Europe/London")


class Clock:
    """A wall clock that can be moved."""

    def __init__(
        self, year: int, month: int, day: int, hour: int = 0, minute: int = 0
    ) -> None:
        local = datetime(year, month, day, hour, minute, tzinfo=LONDON)
        self.instant = local.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.instant.astimezone(LONDON)

    def on(self, **delta: float) -> None:
        self.instant += timedelta(**delta)


def spend(budget: WriteBudget, times: int, owner: str = "human") -> None:
    for _ in range(times):
        budget.spend(owner)


def test_it_warns_then_refuses_what_is_not_for_safety() -> None:
    budget = WriteBudget(now=Clock(2026, 6, 15, 12), warn_at=3, refuse_at=5)
    levels = []
    for _ in range(6):
        levels.append(budget.level)
        spend(budget, 1)
    assert levels == [*[Level.FINE] * 3, *[Level.HIGH] * 2, Level.SPENT]
    assert not budget.allows(safety=False)
    assert budget.allows(safety=True)
    budget.refuse_at = 10
    assert budget.allows(safety=False)


def test_the_numbers_of_the_contract() -> None:
    budget = WriteBudget(now=Clock(2026, 6, 15, 12))
    spend(budget, 29)
    assert budget.level is Level.FINE
    spend(budget, 30)
    assert budget.allows(safety=False)
    spend(budget, 1)
    assert not budget.allows(safety=False)


def test_every_owner_has_an_account() -> None:
    budget = WriteBudget(now=Clock(2026, 6, 15, 12))
    spend(budget, 2, "cheap charge")
    spend(budget, 1, "human")
    assert budget.by_owner == {"cheap charge": 2, "human": 1}
    assert budget.today == 3


def test_a_new_day_begins_at_local_midnight() -> None:
    # 23:59 British Summer Time is 22:59 UTC.
    clock = Clock(2026, 6, 15, 23, 59)
    budget = WriteBudget(now=clock)
    spend(budget, 4)
    clock.on(minutes=2)
    assert budget.today == 0
    assert budget.by_owner == {}
    assert budget.total == 4
    clock.on(hours=1)
    spend(budget, 1)
    assert budget.today == 1


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)])
def test_a_day_of_23_or_25_hours_is_one_day(day: tuple[int, int, int]) -> None:
    clock = Clock(*day)
    budget = WriteBudget(now=clock)
    hours = 0
    while clock().date() == date(*day):
        spend(budget, 1)
        hours += 1
        assert budget.today == hours
        clock.on(hours=1)
    assert hours in {23, 25}
    assert budget.today == 0


def test_a_clock_that_was_wrong_gives_nothing_back() -> None:
    clock = Clock(2026, 6, 15, 12)
    budget = WriteBudget(now=clock)
    spend(budget, 60)
    right = clock.instant
    # A board without a battery-backed clock wakes up in 1970.
    clock.instant = datetime(1970, 1, 1, tzinfo=UTC)
    spend(budget, 1)
    clock.instant = datetime(2031, 1, 1, tzinfo=UTC)
    spend(budget, 1)
    clock.instant = right
    assert budget.today == 60
    assert not budget.allows(safety=False)
    # And the wrong days do not stay for ever.
    for _ in range(7):
        clock.on(days=1)
        spend(budget, 1)
    assert len(budget.snapshot()["days"]) == 7
    assert "2031-01-01" not in budget.snapshot()["days"]


def test_a_restart_gives_nothing_back() -> None:
    clock = Clock(2026, 6, 15, 12)
    before = WriteBudget(now=clock)
    spend(before, 59)
    after = WriteBudget(now=clock)
    after.restore(json.loads(json.dumps(before.snapshot())))
    assert after.snapshot() == before.snapshot()
    spend(after, 1)
    assert not after.allows(safety=False)


@pytest.mark.parametrize(
    ("stored", "total"),
    [
        (None, 0),
        ("rubbish", 0),
        ({"days": 3, "total": "many"}, 0),
        ({"days": {"no day": {"a": 1}, "2026-06-15": {"a": 2, "b": -1, "c": True}}}, 2),
        ({"days": {"2026-06-15": [1]}, "total": 9}, 9),
        ({"days": {"2026-06-15": {"a": 5}}, "total": 3}, 5),
    ],
)
def test_damaged_storage_costs_only_what_is_damaged(stored: object, total: int) -> None:
    budget = WriteBudget(now=Clock(2026, 6, 15, 12))
    budget.restore(stored)
    assert budget.total == total
    spend(budget, 1)
    assert budget.total == total + 1
