"""Any tariff to the inverter's table: every preset, any series, and the eve of a change."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from custom_components.instagen.control.price_series import (
    PriceSeries,
    PriceSlot,
    series_of,
)
from custom_components.instagen.control.tariff_clock import fit, table_for, written
from custom_components.instagen.control.tariff_compiler import (
    HORIZON,
    Compiled,
    compile_schedule,
    compile_series,
    fidelity,
)
from custom_components.instagen.control.tariff_schedule import (
    PRESETS,
    Part,
    Row,
    Schedule,
    helper_schedule,
    preset,
)
from custom_components.instagen.links.dts.tariff import carried
from custom_components.instagen.plant.tariff import (
    WHOLE_DAY,
    Band,
    Clock,
    MonthDay,
    Rate,
    Tariff,
)
from custom_components.instagen.plant.tariff_rules import check, errors
from custom_components.instagen.plant.tariff_text import span_text
from custom_components.instagen.plant.tariff_time import Segment, band_at, segments
from tests.plant.tariffs import (
    LONDON,
    WEEKEND,
    WEEKENDS,
    WORKDAYS,
    group,
    london,
    season,
    window,
)

OFF, PARTIAL, PEAK = Band.OFF_PEAK, Band.PARTIAL_PEAK, Band.PEAK
PRICES = {OFF: Rate(0.09, 0.15), PARTIAL: Rate(0.25, 0.16), PEAK: Rate(0.38, 0.3)}

ORDINARY = "2026-06-03T12:00"
BEFORE_SPRING = "2026-03-20T12:00"
BEFORE_AUTUMN = "2026-10-20T12:00"
MINUTE = timedelta(minutes=1)
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _our_integration() -> None:
    """Leave Home Assistant out, which the fixture of this name would start."""


@pytest.fixture(autouse=True)
def _no_pause() -> None:
    """Leave out the links, too."""


def windows(tariff: Tariff, number: int = 0) -> dict[str, dict[str, str]]:
    """Return the windows of a season by group and band."""
    names = ("a", "b")
    return {
        name: {band.value: span_text(period.window) for band, period in one.periods}
        for name, one in zip(names, tariff.seasons[number].groups, strict=False)
    }


def expanded(found: Iterable[Segment]) -> list[tuple[Band | None, Rate | None]]:
    """Return band and prices of each minute."""
    told: list[tuple[Band | None, Rate | None]] = []
    for one in found:
        told += [(one.band, one.rate)] * ((one.end - one.start) // MINUTE)
    return told


# ---- presets: compile, expand, compare ----


FITS: list[tuple[str, dict[str, dict[str, str]], float]] = [
    ("flat", {"a": {"peak": "00:00-23:59"}}, 100),
    ("economy_7", {"a": {"peak": "07:30-00:30", "off_peak": "00:30-07:30"}}, 100),
    ("octopus_go", {"a": {"peak": "05:30-00:30", "off_peak": "00:30-05:30"}}, 100),
    (
        "intelligent_octopus_go",
        {"a": {"peak": "05:30-23:30", "off_peak": "23:30-05:30"}},
        100,
    ),
    (
        "octopus_flux",
        {"a": {"peak": "16:00-19:00", "off_peak": "02:00-05:00"}},
        100,
    ),
    ("intelligent_octopus_flux", {"a": {"peak": "16:00-19:00"}}, 100),
    (
        "cosy_octopus",
        {"a": {"peak": "16:00-19:00", "off_peak": "04:00-07:00"}},
        100 * 19 / 24,
    ),
]


@pytest.mark.parametrize(("name", "expected", "percent"), FITS)
def test_a_preset_fits_as_the_table_of_tariffs_says(
    name: str, expected: dict[str, dict[str, str]], percent: float
) -> None:
    compiled = compile_schedule(preset(name, PRICES), london(ORDINARY), LONDON)
    assert windows(compiled.tariff) == expected
    assert compiled.fit.percent == pytest.approx(percent)
    assert compiled.fit.known == HORIZON
    assert errors(check(compiled.tariff)) == []


def test_every_preset_is_tried() -> None:
    assert {case[0] for case in FITS} == set(PRESETS)


@pytest.mark.parametrize("start", [ORDINARY, BEFORE_SPRING, BEFORE_AUTUMN])
@pytest.mark.parametrize("name", PRESETS)
def test_compile_expand_compare(name: str, start: str) -> None:
    """The told fidelity is what a look at each minute of the fortnight finds."""
    schedule = preset(name, PRICES)
    moment = london(start).astimezone(UTC)
    compiled = compile_schedule(schedule, moment, LONDON)
    end = moment + HORIZON
    want = expanded(segments(schedule, moment, end, LONDON))
    held = expanded(written(compiled.tariff, moment, end, LONDON))
    assert len(want) == len(held) == 14 * 1440
    told = {
        minute
        for misfit in compiled.fit.misfits
        for minute in range(
            (misfit.start - moment) // MINUTE, (misfit.end - moment) // MINUTE
        )
    }
    pairs = enumerate(zip(want, held, strict=True))
    found = {minute for minute, (one, other) in pairs if one != other}
    assert told == found
    assert compiled.fit.missed == len(found) * MINUTE
    if name == "cosy_octopus":
        assert len(found) == 14 * 5 * 60
    elif name == "economy_7" and start == BEFORE_AUTUMN:
        assert len(found) == 30
    else:
        assert not found


def test_a_preset_says_where_it_is_from_and_what_it_costs() -> None:
    for name, row in PRESETS.items():
        assert row.source, name
        assert row.bands <= set(PRICES)
    assert PRESETS["octopus_flux"].bands == {OFF, PARTIAL, PEAK}


def test_cosys_minutes_that_do_not_fit_are_the_other_windows() -> None:
    compiled = compile_schedule(
        preset("cosy_octopus", PRICES), london("2026-06-03T00:00"), LONDON
    )
    first, second = compiled.fit.misfits[:2]
    assert [one.astimezone(LONDON) for one in (*first[:2], *second[:2])] == [
        london("2026-06-03T13:00"),
        london("2026-06-03T16:00"),
        london("2026-06-03T22:00"),
        london("2026-06-04T00:00"),
    ]
    assert first.wanted == (OFF, PRICES[OFF])
    assert first.held == (PARTIAL, PRICES[PARTIAL])
    assert len(compiled.fit.misfits) == 28


def test_what_a_link_rounds_is_counted() -> None:
    prices = {**PRICES, OFF: Rate(0.0905, 0.15)}
    moment = london(ORDINARY)
    compiled = compile_schedule(preset("octopus_go", prices), moment, LONDON)
    arrived, _ = carried(compiled.tariff)
    after = fidelity(arrived, compiled.wanted, moment, LONDON)
    assert after.percent == pytest.approx(100 * 19 / 24)


# ---- weeks ----


def test_weekdays_and_weekends_become_the_two_groups() -> None:
    rows = (
        Row(window("00:30-04:30"), OFF),
        Row(window("16:00-19:00"), PEAK, WORKDAYS),
    )
    schedule = Schedule(parts=(Part(rows=rows, rest=PARTIAL, prices=PRICES),))
    compiled = compile_schedule(schedule, london(ORDINARY), LONDON)
    assert compiled.fit.percent == 100
    assert windows(compiled.tariff) == {
        "a": {"peak": "16:00-19:00", "off_peak": "00:30-04:30"},
        "b": {"off_peak": "00:30-04:30"},
    }
    (one,) = compiled.tariff.seasons
    assert one.group_b
    assert one.group_b.weekdays == WEEKEND


def test_three_kinds_of_days_take_the_best_two_groups() -> None:
    rows = (
        Row(window("00:30-04:30"), OFF, frozenset({0, 1, 2, 3, 4})),
        Row(window("10:00-16:00"), OFF, frozenset({5})),
        Row(window("00:30-04:00"), OFF, frozenset({6})),
    )
    schedule = Schedule(parts=(Part(rows=rows, prices=PRICES),))
    compiled = compile_schedule(schedule, london(ORDINARY), LONDON)
    (one,) = compiled.tariff.seasons
    assert {one.group_a.weekdays, one.group_b and one.group_b.weekdays} == {
        frozenset({0, 1, 2, 3, 4, 6}),
        frozenset({5}),
    }
    assert compiled.fit.missed == timedelta(hours=1)


def test_seasons_of_a_schedule_stay_its_own() -> None:
    parts = (
        Part(
            first=MonthDay(4, 1),
            last=MonthDay(9, 30),
            rows=(Row(window("11:00-15:00"), OFF),),
            prices=PRICES,
        ),
        Part(
            first=MonthDay(10, 1),
            last=MonthDay(3, 31),
            rows=(Row(window("00:30-05:30"), OFF),),
            prices=PRICES,
        ),
    )
    compiled = compile_schedule(
        Schedule(parts=parts), london("2026-03-25T12:00"), LONDON
    )
    assert windows(compiled.tariff, 0)["a"]["off_peak"] == "11:00-15:00"
    assert windows(compiled.tariff, 1)["a"]["off_peak"] == "00:30-05:30"
    assert compiled.fit.percent == 100
    assert errors(check(compiled.tariff)) == []


def test_a_schedule_helper_is_read() -> None:
    blocks = {
        "monday": [{"from": "00:30:00", "to": "05:30:00"}],
        "sunday": [{"from": "22:00:00", "to": "24:00:00", "data": {}}],
    }
    schedule = helper_schedule(blocks, PRICES[OFF], PRICES[PEAK])
    assert schedule
    monday, sunday = "2026-06-01T05:29", "2026-06-07T23:59"
    for moment, band in ((monday, OFF), (sunday, OFF), ("2026-06-02T01:00", PEAK)):
        found = next(
            segments(schedule, london(moment), london(moment) + MINUTE, LONDON)
        )
        assert found.band is band
    # Two groups do not hold three kinds of days: Sunday's two hours are lost.
    compiled = compile_schedule(schedule, london(ORDINARY), LONDON)
    assert compiled.fit.missed == timedelta(hours=4)


@pytest.mark.parametrize(
    "blocks", [None, [], {"monday": [5]}, {"monday": [{"from": "x", "to": "05:00:00"}]}]
)
def test_another_shape_is_no_schedule_helper(blocks: object) -> None:
    assert helper_schedule(blocks, PRICES[OFF], PRICES[PEAK]) is None


# ---- price series ----


def slots(schedule: Schedule, start: datetime, end: datetime) -> PriceSeries:
    """Return half-hourly prices of a schedule."""
    found = []
    for one in segments(schedule, start, end, LONDON):
        here = one.start
        while here < one.end:
            assert one.rate
            found.append(PriceSlot(here, min(here + HALF_HOUR, one.end), *one.rate))
            here += HALF_HOUR
    return series_of(found)


def compiled(series: PriceSeries, start: datetime) -> Compiled:
    made = compile_series(series, start, LONDON)
    assert made
    return made


@pytest.mark.parametrize("start", [ORDINARY, BEFORE_SPRING, BEFORE_AUTUMN])
@pytest.mark.parametrize("name", [one for one in PRESETS if one != "economy_7"])
def test_the_prices_of_a_preset_give_the_same_table(name: str, start: str) -> None:
    moment = london(start)
    schedule = preset(name, PRICES)
    series = slots(schedule, moment, moment.astimezone(UTC) + HORIZON)
    ours = compile_schedule(schedule, moment, LONDON)
    theirs = compiled(series, moment)
    assert theirs.tariff.seasons == ours.tariff.seasons
    assert theirs.fit.percent == pytest.approx(ours.fit.percent)


@pytest.mark.parametrize(
    ("day", "count"), [("2026-06-03", 48), ("2026-03-29", 46), ("2026-10-25", 50)]
)
def test_a_day_of_46_48_or_50_slots_fits(day: str, count: int) -> None:
    start = london(f"{day}T00:00")
    end = london(f"{(start + timedelta(days=1)).date()}T00:00")
    series = slots(preset("octopus_go", PRICES), start, end)
    assert len(series.slots) == count
    made = compiled(series, start)
    assert made.fit.percent == 100
    assert made.fit.known == count * HALF_HOUR
    assert windows(made.tariff)["a"]["off_peak"] == "00:30-05:30"


def test_gaps_count_neither_way() -> None:
    start = london("2026-06-03T00:00")
    series = slots(preset("octopus_go", PRICES), start, start + timedelta(days=3))
    thinned = PriceSeries(tuple(one for n, one in enumerate(series.slots) if n % 5))
    made = compiled(thinned, start)
    assert made.fit.percent == 100
    assert made.fit.known == len(thinned.slots) * HALF_HOUR
    assert errors(check(made.tariff)) == []


def test_nothing_known_is_no_table() -> None:
    start = london(ORDINARY)
    assert compile_series(PriceSeries(), start, LONDON) is None
    past = slots(preset("octopus_go", PRICES), start - timedelta(days=2), start)
    assert compile_series(past, start, LONDON) is None


def test_new_prices_from_a_day_on_are_a_season() -> None:
    start = london("2026-03-25T12:00")
    change = london("2026-04-01T00:00")
    dearer = {band: Rate(rate.buy + 0.05, rate.sell) for band, rate in PRICES.items()}
    series = slots(preset("octopus_flux", PRICES), start, change).revised(
        slots(preset("octopus_flux", dearer), change, start + HORIZON)
    )
    made = compiled(series, start)
    assert made.fit.percent == 100
    assert [(one.first, one.last) for one in made.tariff.seasons] == [
        ((3, 25), (3, 31)),
        ((4, 1), (3, 24)),
    ]
    assert errors(check(made.tariff)) == []


def test_a_bank_holiday_is_no_season() -> None:
    start = london("2026-05-20T00:00")
    flat = Schedule(parts=(Part(prices={PEAK: PRICES[OFF]}),))
    holiday = london("2026-05-25T00:00")
    usual = slots(preset("octopus_go", PRICES), start, start + HORIZON)
    series = usual.revised(slots(flat, holiday, holiday + timedelta(days=1)))
    made = compiled(series, start)
    assert len(made.tariff.seasons) == 1
    assert made.fit.missed == timedelta(hours=19)


def test_prices_of_every_half_hour_do_not_fit_and_say_so() -> None:
    random = Random(1)
    start = london("2026-06-03T00:00")
    series = series_of(
        PriceSlot(
            start + n * HALF_HOUR,
            start + (n + 1) * HALF_HOUR,
            round(random.uniform(-0.05, 0.4), 4),
        )
        for n in range(48 * 14)
    )
    made = compiled(series, start)
    assert made.fit.percent is not None
    assert made.fit.percent < 5
    assert errors(check(made.tariff)) == []
    assert sum((one.end - one.start for one in made.fit.misfits), timedelta()) == (
        made.fit.missed
    )


def test_a_cheap_day_with_a_dear_hour_does_not_charge_all_day() -> None:
    """Intelligent Flux: the cheaper of two prices holds for 21 hours."""
    start = london(ORDINARY)
    series = slots(preset("intelligent_octopus_flux", PRICES), start, start + HORIZON)
    made = compiled(series, start)
    assert {one.band for one in made.wanted} == {PARTIAL, PEAK}


def test_what_is_sold_at_is_filled_where_nothing_is_told() -> None:
    start = london("2026-06-03T00:00")
    bare = PriceSeries(
        tuple(
            one._replace(sell=None)
            for one in slots(
                preset("octopus_go", PRICES), start, start + timedelta(days=1)
            ).slots
        )
    )
    made = compile_series(bare, start, LONDON, sell=0.15)
    assert made
    sold = {rate.sell for _, rate in made.tariff.seasons[0].group_a.rates}
    assert sold == {0.15}
    assert made.fit.percent == 100


# ---- UTC tariffs on the wall ----

ECONOMY = compile_schedule(preset("economy_7", PRICES), london(ORDINARY), LONDON).tariff


@pytest.mark.parametrize(
    ("moment", "off_peak", "until"),
    [
        ("2026-03-28T17:59", "00:30-07:30", "2026-03-28T18:00"),
        ("2026-03-28T18:00", "00:30-08:30", "2026-03-29T12:00"),
        ("2026-03-29T11:59", "00:30-08:30", "2026-03-29T12:00"),
        ("2026-03-29T12:00", "01:30-08:30", "2026-10-24T18:00"),
        ("2026-10-24T18:00", "01:30-07:30", "2026-10-25T12:00"),
        ("2026-10-25T12:00", "00:30-07:30", "2027-03-27T18:00"),
    ],
)
def test_a_utc_table_is_rewritten_on_the_eve_and_after(
    moment: str, off_peak: str, until: str
) -> None:
    table = table_for(ECONOMY, london(moment), LONDON)
    assert table.tariff.clock is Clock.WALL
    assert windows(table.tariff)["a"]["off_peak"] == off_peak
    assert table.until == london(until)
    assert errors(check(table.tariff)) == []


def test_in_spring_the_rewritten_table_misses_nothing() -> None:
    start, end = london("2026-03-20T12:00"), london("2026-04-05T12:00")
    want = list(segments(ECONOMY, start, end, LONDON))
    assert fit(want, written(ECONOMY, start, end, LONDON)).misfits == ()


def test_in_autumn_half_an_hour_cannot_be_told_on_the_wall() -> None:
    """01:00-01:30 comes twice; only the second one is cheap."""
    start, end = london("2026-10-20T12:00"), london("2026-11-05T12:00")
    want = list(segments(ECONOMY, start, end, LONDON))
    (missed,) = fit(want, written(ECONOMY, start, end, LONDON)).misfits
    assert (missed.start, missed.end) == (
        datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )
    assert missed.wanted[0] is OFF
    assert missed.held[0] is PEAK


def test_a_table_left_standing_says_how_much_was_missed() -> None:
    """The gateway was away on the eve and came back two days later."""
    left = london("2026-03-28T12:00")
    back = london("2026-03-31T12:00")
    old = table_for(ECONOMY, left, LONDON).tariff
    want = list(segments(ECONOMY, left, back, LONDON))
    missed = fit(want, segments(old, left, back, LONDON))
    # A cheap hour lost on each of three mornings, a dear one taken for cheap on two.
    assert missed.missed == timedelta(hours=5)
    assert table_for(ECONOMY, back, LONDON).until == london("2026-10-24T18:00")


def test_an_evening_window_of_the_eve_is_left_alone() -> None:
    tariff = Tariff(
        seasons=(season(group("00:30-04:30", "17:00-20:00")),), clock=Clock.UTC
    )
    start, end = london("2026-03-20T12:00"), london("2026-04-05T12:00")
    want = list(segments(tariff, start, end, LONDON))
    assert fit(want, written(tariff, start, end, LONDON)).misfits == ()


def test_a_wall_tariff_is_its_own_table() -> None:
    for moment in (BEFORE_SPRING, "2026-03-28T20:00", "2026-03-29T12:00"):
        assert table_for(WEEKENDS, london(moment), LONDON) == (WEEKENDS, None)


def test_where_clocks_do_not_change_a_utc_table_is_shifted_once() -> None:
    table = table_for(ECONOMY, london(ORDINARY), UTC)
    assert table == (replace(ECONOMY, clock=Clock.WALL), None)


def test_a_whole_day_stays_whole_on_the_wall() -> None:
    flat = Tariff(
        seasons=(season(group(None, "00:00-00:00", partial=None)),), clock=Clock.UTC
    )
    shifted = table_for(flat, london(ORDINARY), LONDON).tariff
    assert shifted.seasons[0].group_a.periods[0][1].window == WHOLE_DAY


def test_the_wall_shows_what_the_meter_counts() -> None:
    moment = london("2026-07-01T01:45")
    assert band_at(ECONOMY, moment, LONDON) is OFF
    assert band_at(table_for(ECONOMY, moment, LONDON).tariff, moment, LONDON) is OFF
