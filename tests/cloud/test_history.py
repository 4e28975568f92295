"""Reports, and a plant's past in long-term statistics."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.instagen.cloud import statistics
from custom_components.instagen.links.cloud.curves import Curve
from simulator.cloud import Cloud

from .conftest import account_entry, set_up
from .test_actions import FIRST, Desk

ID = f"instagen:plant_{FIRST}_pv_energy"


@pytest.fixture
def enable_custom_integrations(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    """Let the recorder in first, as it wants."""
    hass.data.pop(DATA_CUSTOM_COMPONENTS, None)


@pytest.fixture
async def desk(hass: HomeAssistant, cloud: Cloud) -> Desk:
    entry = account_entry(cloud, "demo-installer")
    await set_up(hass, entry)
    return Desk(hass, entry)


async def rows(hass: HomeAssistant) -> list[Any]:
    await async_wait_recording_done(hass)
    found = await get_instance(hass).async_add_executor_job(
        lambda: statistics_during_period(
            hass, datetime(2020, 1, 1, tzinfo=UTC), None, {ID}, "hour", None, {"sum"}
        )
    )
    return list(found.get(ID, []))


async def fill(desk: Desk, first: str, last: str, **given: Any) -> dict[str, Any]:
    answer = await desk(
        "import_history", plant_id=FIRST, first_day=first, last_day=last, **given
    )
    series: dict[str, Any] = answer["series"]["pv_energy"]
    return series


async def test_history_is_filled_in_and_never_doubled(
    hass: HomeAssistant, desk: Desk, cloud: Cloud
):
    tried = await fill(desk, "2026-06-01", "2026-06-02", dry_run=True)
    assert tried["added_hours"] == 48
    assert tried["statistic_id"] == ID
    assert await rows(hass) == []
    await fill(desk, "2026-06-01", "2026-06-02")
    await fill(desk, "2026-06-05", "2026-06-05")
    before = await rows(hass)
    assert len(before) == 72
    again = await fill(desk, "2026-06-01", "2026-06-02")
    assert (again["added_hours"], again["kept_hours"]) == (0, 48)
    assert await rows(hass) == before
    gap = await fill(desk, "2026-05-31", "2026-06-05")
    assert (gap["added_hours"], gap["kept_hours"]) == (72, 72)
    after = await rows(hass)
    assert len(after) == 6 * 24
    starts = [row["start"] for row in after]
    assert all(b - a == 3600 for a, b in pairwise(starts))
    sums = [row["sum"] for row in after]
    assert sums == sorted(sums)
    station = cloud.world.station(FIRST)
    assert station is not None
    source = cloud.world.source(station)
    days = [source.day(date(2026, 5, 31) + timedelta(days=n)) for n in range(6)]
    truth = sum(day["pv"] for day in days if day) / 1000
    assert sums[-1] == pytest.approx(truth, abs=0.01)


async def test_a_period_that_is_none(desk: Desk):
    for first, last in (("2026-06-02", "2026-06-01"), ("2020-01-01", "2026-06-01")):
        refusal = await desk.refused(
            "import_history", plant_id=FIRST, first_day=first, last_day=last
        )
        assert refusal == "period_invalid"


async def test_reports(desk: Desk):
    period: dict[str, Any] = {
        "plant_id": FIRST,
        "first_day": "2026-06-01",
        "last_day": "2026-06-02",
    }
    powers = (await desk("get_report", kind="power", **period))["powers"]
    assert len(powers) > 100
    assert max(one["pv"] for one in powers) > 100
    energies = await desk("get_report", kind="energy", **period)
    assert energies["totals"]["pv"] > 0
    assert len(energies["days"]) == 2


def test_signs_are_found_out():
    def hours(sign: int) -> dict[str, statistics.Hours]:
        power = Curve("grid_power", ("08:00", "12:00"), (sign * 1000.0, sign * -3000.0))
        energies = {"grid_import_energy": 1.0, "grid_export_energy": 3.0}
        return statistics.hours_of(date(2026, 6, 1), UTC, energies, [power])

    assert hours(1) == hours(-1)
    told = hours(1)["grid_import_energy"]
    assert told[datetime(2026, 6, 1, 8, tzinfo=UTC)] == 1.0
    assert sum(told.values()) == 1.0


@pytest.mark.parametrize(
    ("zone", "day", "lengths"),
    [
        ("Europe/London", date(2026, 3, 29), (24, 23, 24)),
        ("Europe/London", date(2026, 10, 25), (24, 25, 24)),
        ("Asia/Kolkata", date(2026, 3, 29), (24, 24, 24)),
        ("Australia/Lord_Howe", date(2026, 4, 5), (24, 24, 24)),
    ],
)
@pytest.mark.parametrize("shaped", [True, False])
def test_days_of_23_and_25_hours_leave_no_gap(
    zone: str, day: date, lengths: tuple[int, ...], shaped: bool
):
    """A clock that shows an hour twice lives it twice, and one that skips it does not."""
    labels = tuple(f"{hour:02}:30" for hour in range(24))
    powers = [Curve("load_power", labels, (100.0,) * 24)] if shaped else []
    hours: dict[datetime, float] = {}
    for number, length in zip((-1, 0, 1), lengths, strict=True):
        found = statistics.hours_of(
            day + timedelta(days=number),
            ZoneInfo(zone),
            {"load_energy": float(length)},
            powers,
        )["load_energy"]
        assert not found.keys() & hours.keys()
        assert [*found.values()] == pytest.approx([1.0] * length)
        hours |= found
    starts = sorted(hours)
    assert all(b - a == timedelta(hours=1) for a, b in pairwise(starts))


def test_the_hour_that_comes_twice_counts_twice():
    """What the house drew from 01:00 to 02:00 was drawn in both of them."""
    power = Curve("load_power", ("01:30", "12:30"), (1000.0, 1000.0))
    zone = ZoneInfo("Europe/London")
    told = statistics.hours_of(date(2026, 10, 25), zone, {"load_energy": 3.0}, [power])
    drawn = {start.hour: value for start, value in told["load_energy"].items() if value}
    assert drawn == {0: 1.0, 1: 1.0, 12: 1.0}


async def test_imports_that_follow_at_once_or_run_together_add_up(
    hass: HomeAssistant, desk: Desk
):
    """The recorder writes later, in a thread of its own."""
    await fill(desk, "2026-06-05", "2026-06-05")
    await fill(desk, "2026-06-01", "2026-06-01")
    await asyncio.gather(
        fill(desk, "2026-06-02", "2026-06-02"), fill(desk, "2026-06-03", "2026-06-03")
    )
    again = await fill(desk, "2026-06-01", "2026-06-05")
    assert (again["added_hours"], again["kept_hours"]) == (24, 96)
    sums = [row["sum"] for row in await rows(hass)]
    assert len(sums) == 5 * 24
    assert sums == sorted(sums)


async def test_a_recorder_that_is_busy_is_not_waited_for_without_end(
    hass: HomeAssistant, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(statistics, "RECORDER_SECONDS", 0)
    refusal = await desk.refused(
        "import_history", plant_id=FIRST, first_day="2026-06-01", last_day="2026-06-01"
    )
    assert refusal == "recorder_busy"
    assert await rows(hass) == []
