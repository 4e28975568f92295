"""Bands and prices of any minute, against brute force and the simulated device's own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.instagen.plant.tariff import (
    WHOLE_DAY,
    Band,
    Clock,
    Group,
    MonthDay,
    Rate,
    Tariff,
    Window,
    price,
)
from custom_components.instagen.plant.tariff_time import (
    band_at,
    next_change,
    offsets,
    price_series,
    rate_at,
    segments,
)
from custom_components.instagen.simulated import tariff as device

from .tariffs import (
    ALL_SORTS,
    BETWEEN,
    CHEAP,
    DEAR,
    LONDON,
    WEEKEND,
    WEEKENDS,
    WORKDAYS,
    all_year,
    group,
    london,
    season,
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

SPRING = "2026-03-29"
AUTUMN = "2026-10-25"


# ---- a brute-force walk of our own ----


def covered(window: Window) -> list[tuple[int, int]]:
    """Step through a window minute by minute, as (days after the start, minute)."""
    length = (window.end - window.start) % 1440 or 1440
    return [divmod(window.start + step, 1440) for step in range(length)]


type Told = tuple[Band | None, Rate | None]


class Walk:
    """Looks up each minute in sets of minutes."""

    def __init__(self, tariff: Tariff) -> None:
        self.tariff = tariff
        self.sets = {
            (id(group), band): set(covered(period.window))
            for season in tariff.seasons
            for group in season.groups
            for band, period in group.periods
        }
        self.days: dict[tuple[int, int], list[Told]] = {}

    def group(self, day: date) -> Group | None:
        for one in self.tariff.seasons:
            here, first, last = (day.month, day.day), one.first, one.last
            if day.year % 4 and first == (2, 29):
                first = MonthDay(2, 28)
            held = first <= here <= last
            if first > last:
                held = here >= first or here <= last
            if held:
                return next(g for g in one.groups if day.weekday() in g.weekdays)
        return None

    def at(self, local: datetime) -> Told:
        return self.minute(local.date(), local.hour * 60 + local.minute)

    def minute(self, day: date, minute: int) -> Told:
        today = self.group(day)
        before = self.group(day - DAY) if self.tariff.belongs_to_start_day else today
        for band in (Band.PEAK, Band.OFF_PEAK):
            for owner, days in ((today, 0), (before, 1)):
                if owner and (days, minute) in self.sets.get((id(owner), band), ()):
                    period = owner.peak if band is Band.PEAK else owner.off_peak
                    assert period
                    return band, period.rate
        return (Band.PARTIAL_PEAK, today.partial) if today else (None, None)

    def day(self, day: date) -> list[Told]:
        """Walk a day of 24 hours; days with the same groups are alike."""
        groups = id(self.group(day)), id(self.group(day - DAY))
        if groups not in self.days:
            self.days[groups] = [self.minute(day, minute) for minute in range(1440)]
        return self.days[groups]


def clock_changes(first: int, last: int) -> list[datetime]:
    """Find the changes of the clocks hour by hour."""
    here = datetime(first, 1, 1, tzinfo=UTC)
    hours = [here + timedelta(hours=n) for n in range((last - first) * 8766)]
    return [
        after
        for before, after in pairwise(hours)
        if before.astimezone(LONDON).utcoffset() != after.astimezone(LONDON).utcoffset()
    ]


def samples() -> Iterator[tuple[datetime, datetime]]:
    """Choose all days around all changes of ten years, and some others."""
    for change in clock_changes(2020, 2030):
        midnight = change.replace(hour=0, minute=0)
        yield midnight - DAY, midnight + 2 * DAY
    random = Random(4)
    for _ in range(10):
        start = datetime(2020, 1, 1, tzinfo=UTC) + random.random() * 3652 * DAY
        start = start.replace(second=0, microsecond=0)
        yield start, start + DAY
    for border in ("2024-02-28", "2025-02-27", "2025-06-15", "2025-12-31"):
        start = datetime.fromisoformat(border).replace(tzinfo=UTC)
        yield start, start + 2 * DAY


@pytest.mark.parametrize("belongs_to_start_day", [False, True])
def test_ten_years_of_london_against_a_walk_minute_by_minute(
    belongs_to_start_day: bool,
) -> None:
    """Each of 5.3 million minutes, the 20 days with a change of the clocks included."""
    tariff = replace(ALL_SORTS, belongs_to_start_day=belongs_to_start_day)
    walk = Walk(tariff)
    here, end = london("2020-01-01T00:00"), london("2030-01-01T00:00")
    found: list[Told] = []
    for segment in segments(tariff, here, end, LONDON):
        found += [segment[2:]] * ((segment.end - segment.start) // MINUTE)
    wrong, count, odd = [], 0, 0
    while here < end:
        following = here + DAY  # by the wall
        length = (following.astimezone(UTC) - here.astimezone(UTC)) // MINUTE
        wanted = walk.day(here.date())
        if length != 1440:
            odd += 1
            start = here.astimezone(UTC)
            moments = (start + n * MINUTE for n in range(length))
            wanted = [walk.at(one.astimezone(LONDON)) for one in moments]
        if found[count : count + length] != wanted:
            wrong.append(here)
        count += length
        here = following
    assert wrong == []
    assert odd == 20
    assert count == len(found) == 3653 * 1440


def test_a_single_look_tells_the_same_as_the_walk() -> None:
    random = Random(5)
    walk = Walk(ALL_SORTS)
    for start, end in samples():
        for _ in range(40):
            moment = start + random.random() * (end - start)
            expected = walk.at(moment.astimezone(LONDON))
            assert band_at(ALL_SORTS, moment, LONDON) == expected[0]
            assert rate_at(ALL_SORTS, moment, LONDON) == expected[1]


def as_device(tariff: Tariff) -> device.Tariff:
    """Tell the simulated device the same tariff in its own terms."""

    def told(one: Group) -> device.DayGroup:
        windows = {
            band.value: device.Window(*period.window) for band, period in one.periods
        }
        return device.DayGroup(
            weekdays=one.weekdays,
            peak=windows.get("peak"),
            off_peak=windows.get("off_peak"),
            prices={
                device.TariffPeriod(band.value): device.Price(*rate)
                for band, rate in one.rates
            },
        )

    return device.Tariff(
        seasons=tuple(
            device.Season(
                first=(one.first.month, one.first.day),
                last=(one.last.month, one.last.day),
                groups=tuple(told(g) for g in one.groups),
            )
            for one in tariff.seasons
        ),
        window_belongs_to_start_day=tariff.belongs_to_start_day,
    )


@pytest.mark.parametrize("belongs_to_start_day", [False, True])
@settings(max_examples=150, deadline=None)
@given(passed=st.integers(0, 3652 * 1440))
def test_the_simulated_device_sees_the_same_bands(
    passed: int, belongs_to_start_day: bool
) -> None:
    tariff = replace(ALL_SORTS, belongs_to_start_day=belongs_to_start_day)
    moment = datetime(2020, 1, 1, tzinfo=UTC) + passed * MINUTE
    local = moment.astimezone(LONDON)
    theirs = as_device(tariff)
    ours = band_at(tariff, local, LONDON)
    seen = theirs.band(local)
    assert (seen and seen.value) == (ours and ours.value)
    told = theirs.price(local)
    assert (told and tuple(told)) == rate_at(tariff, local, LONDON)


# ---- which day owns what follows midnight ----

FRIDAYS = Tariff(
    seasons=(
        season(
            group("23:30-05:30", None, weekdays=WORKDAYS),
            group(None, "10:00-12:00", weekdays=WEEKEND),
        ),
    )
)


def test_by_the_wall_a_friday_window_ends_at_midnight() -> None:
    assert band_at(FRIDAYS, london("2026-06-05T23:45"), LONDON) == Band.OFF_PEAK
    assert band_at(FRIDAYS, london("2026-06-06T00:15"), LONDON) == Band.PARTIAL_PEAK
    assert band_at(FRIDAYS, london("2026-06-08T00:15"), LONDON) == Band.OFF_PEAK


def test_by_its_start_a_friday_window_runs_into_saturday() -> None:
    tariff = replace(FRIDAYS, belongs_to_start_day=True)
    assert band_at(tariff, london("2026-06-06T05:29"), LONDON) == Band.OFF_PEAK
    assert band_at(tariff, london("2026-06-06T05:30"), LONDON) == Band.PARTIAL_PEAK
    assert band_at(tariff, london("2026-06-08T00:15"), LONDON) == Band.PARTIAL_PEAK


BORDER = Tariff(
    seasons=(
        season(group("23:30-05:30", None), None, "04-01 09-30"),
        season(group(None, "22:00-02:00"), None, "10-01 03-31"),
    )
)


@pytest.mark.parametrize(
    ("belongs_to_start_day", "moment", "band"),
    [
        (False, "2026-10-01T00:15", Band.PEAK),
        (False, "2026-10-01T03:00", Band.PARTIAL_PEAK),
        (True, "2026-10-01T00:15", Band.OFF_PEAK),
        (True, "2026-10-01T03:00", Band.OFF_PEAK),
        (False, "2026-04-01T00:15", Band.OFF_PEAK),
        (True, "2026-04-01T00:15", Band.PEAK),
        (True, "2026-04-01T03:00", Band.PARTIAL_PEAK),
    ],
)
def test_a_window_over_a_border_of_seasons(
    belongs_to_start_day: bool, moment: str, band: Band
) -> None:
    tariff = replace(BORDER, belongs_to_start_day=belongs_to_start_day)
    assert band_at(tariff, london(moment), LONDON) == band


# ---- seasons ----


def test_a_season_may_cross_new_year() -> None:
    tariff = Tariff(
        seasons=(
            season(group("01:00-02:00", None), None, "11-01 02-28"),
            season(group(None, "12:00-13:00"), None, "03-01 10-31"),
        )
    )
    for day, winter in (
        ("2026-10-31", False),
        ("2026-11-01", True),
        ("2026-12-31", True),
        ("2027-01-01", True),
        ("2027-02-28", True),
        ("2027-03-01", False),
    ):
        off_peak = band_at(tariff, london(f"{day}T01:30"), LONDON) == Band.OFF_PEAK
        assert off_peak is winter, day


def test_29_february_is_the_28th_in_other_years() -> None:
    tariff = Tariff(seasons=(season(group(), None, "02-29 06-30"),))
    told = {
        day: band_at(tariff, london(f"{day}T12:00"), LONDON) is not None
        for day in ("2027-02-27", "2027-02-28", "2028-02-28", "2028-02-29")
    }
    assert list(told.values()) == [False, True, False, True]


def test_no_season_and_no_group_have_no_band() -> None:
    summer = Tariff(seasons=(season(group(weekdays=WORKDAYS), None, "06-01 08-31"),))
    for moment in ("2026-05-31T12:00", "2026-06-06T12:00"):
        assert band_at(summer, london(moment), LONDON) is None
        assert rate_at(summer, london(moment), LONDON) is None


# ---- the changes of the clocks ----


def cheap_hours(window: str, day: str) -> list[tuple[str, str, float]]:
    """Return the off-peak segments of a day: from and to on the wall, and hours."""
    start = london(f"{day}T00:00")
    end = london(f"{(start + DAY).date()}T00:00")
    return [
        (
            f"{one.start.astimezone(LONDON):%H:%M}",
            f"{one.end.astimezone(LONDON):%H:%M}",
            (one.end - one.start).total_seconds() / 3600,
        )
        for one in segments(all_year(window), start, end, LONDON)
        if one.band is Band.OFF_PEAK
    ]


def test_in_spring_a_night_window_lasts_three_hours() -> None:
    assert cheap_hours("00:30-04:30", SPRING) == [("00:30", "04:30", 3.0)]


def test_in_spring_a_window_in_the_lost_hour_does_not_occur() -> None:
    assert cheap_hours("01:10-01:50", SPRING) == []


def test_in_spring_a_window_from_the_lost_hour_begins_after_it() -> None:
    assert cheap_hours("01:30-05:00", SPRING) == [("02:00", "05:00", 3.0)]


def test_in_autumn_a_night_window_lasts_five_hours() -> None:
    assert cheap_hours("00:30-04:30", AUTUMN) == [("00:30", "04:30", 5.0)]


def test_in_autumn_a_window_in_the_repeated_hour_runs_twice() -> None:
    assert cheap_hours("01:15-01:45", AUTUMN) == [
        ("01:15", "01:45", 0.5),
        ("01:15", "01:45", 0.5),
    ]


def test_both_passes_of_the_repeated_hour_are_told_apart() -> None:
    tariff = all_year("01:15-01:45")
    first = next_change(tariff, london(f"{AUTUMN}T01:00"), LONDON)
    second = next_change(tariff, london(f"{AUTUMN}T01:50"), LONDON)
    assert first == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert second == datetime(2026, 10, 25, 1, 15, tzinfo=UTC)


def test_a_utc_tariff_does_not_change_with_the_clocks() -> None:
    economy = replace(all_year("00:30-07:30", None), clock=Clock.UTC)
    for moment, band in (
        ("2026-07-01T00:45", Band.PARTIAL_PEAK),
        ("2026-07-01T01:30", Band.OFF_PEAK),
        ("2026-07-01T08:29", Band.OFF_PEAK),
        ("2026-12-01T00:30", Band.OFF_PEAK),
        ("2026-12-01T07:30", Band.PARTIAL_PEAK),
    ):
        assert band_at(economy, london(moment), LONDON) == band, moment


def test_changes_of_the_clocks_are_found_to_the_minute() -> None:
    year = list(offsets(london("2026-01-01T00:00"), london("2027-01-01T00:00"), LONDON))
    assert [piece[1] for piece in year[:-1]] == [
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 1, tzinfo=UTC),
    ]


# ---- changes and series ----


def test_the_next_change_is_the_next_edge() -> None:
    moment = london("2026-06-05T12:34:56")
    assert next_change(WEEKENDS, moment, LONDON) == london("2026-06-05T16:00")
    assert next_change(WEEKENDS, london("2026-06-05T16:00"), LONDON) == london(
        "2026-06-05T19:00"
    )


def test_a_change_of_price_alone_is_a_change() -> None:
    tariff = Tariff(
        seasons=(
            season(group(None, "00:00-00:00", partial=None), None, "01-01 06-30"),
            season(
                group(None, "00:00-00:00", partial=None, dear=Rate(0.4, 0.15)),
                None,
                "07-01 12-31",
            ),
        )
    )
    moment = london("2026-02-01T12:00")
    assert next_change(tariff, moment, LONDON) == london("2026-07-01T00:00")


def test_a_flat_tariff_never_changes() -> None:
    flat = all_year(None, "00:00-00:00")
    assert flat.seasons[0].group_a.periods[0][1].window == WHOLE_DAY
    assert next_change(flat, london("2026-02-01T12:00"), LONDON) is None


@pytest.mark.parametrize(
    ("day", "slots"), [("2026-06-05", 48), (SPRING, 46), (AUTUMN, 50)]
)
def test_a_day_has_46_48_or_50_half_hours(day: str, slots: int) -> None:
    start = london(f"{day}T00:00")
    end = london(f"{(start + DAY).date()}T00:00")
    series = list(price_series(WEEKENDS, start, end, timedelta(minutes=30), LONDON))
    assert len(series) == slots
    assert all(
        later - earlier == timedelta(minutes=30)
        for (earlier, _), (later, _) in pairwise(series)
    )
    for moment, rate in series:
        assert rate == rate_at(WEEKENDS, moment, LONDON)
    assert {rate for _, rate in series} <= {DEAR, CHEAP, BETWEEN}


def test_a_moment_without_a_time_zone_is_refused() -> None:
    naive: Any = datetime(2026, 6, 5, 12)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        band_at(WEEKENDS, naive, LONDON)


def test_a_year_is_walked_fast_enough_for_the_event_loop() -> None:
    """A calendar asks for six weeks at most; this is counted, not timed."""
    start = london("2026-01-01T00:00")
    count = sum(1 for _ in segments(WEEKENDS, start, start + 42 * DAY, LONDON))
    assert count == 30 * 4 + 12 * 2 + 1


# ---- windows ----


@given(
    st.integers(0, 1439),
    st.integers(1, 1440),
    st.integers(0, 1439),
    st.integers(1, 1440),
)
@settings(max_examples=300, deadline=None)
def test_windows_overlap_when_they_share_a_minute(
    a: int, b: int, c: int, d: int
) -> None:
    one, other = Window(a, b), Window(c, d)
    minutes = [{minute for _, minute in covered(window)} for window in (one, other)]
    assert one.overlaps(other) is bool(minutes[0] & minutes[1])
    assert one.length == len(minutes[0])


def test_prices_are_equal_when_their_four_decimals_are() -> None:
    assert price(0.1 + 0.2) == 0.3
    assert price(0.07499901) == price(0.075)
    assert str(price(-0.00001)) == "0.0"
