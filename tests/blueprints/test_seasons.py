"""Tariff sync, season change, full charge and away: what happens rarely."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util
import pytest

from .world import World

LONDON = ZoneInfo("Europe/London")
RATES = "event.rates"
SOC = "sensor.soc"


# ---- tariff sync ----


async def sync(world: World, **inputs: Any) -> None:
    await world.set(RATES, "2026-11-20T11:00:00+00:00")
    await world.use("tariff_sync", {"rates": [RATES], **inputs})


async def test_new_rates_are_put_in_once_a_day(world: World) -> None:
    await sync(world)
    await world.set(RATES, "2026-11-20T12:00:00+00:00")
    (data,) = world.made("sync_tariff")
    assert data == {
        "config_entry_id": world.plant.entry_id,
        "approximate": False,
        "dry_run": False,
        "source": "entity",
        "entity_id": [RATES],
        "sell": 0.15,
    }
    assert "fits 97 %" in world.messages[0]
    await world.set(RATES, "2026-11-20T13:00:00+00:00")
    await world.restart()
    await world.pass_time(60, pace=300)
    assert len(world.made("sync_tariff")) == 1
    await world.pass_time(24 * 60, pace=1800)
    await world.set(RATES, "2026-11-21T12:00:00+00:00")
    assert len(world.made("sync_tariff")) == 2


async def test_never_while_somebody_has_the_battery(world: World) -> None:
    await sync(world)
    world.give_to("storm reserve", hours=1)
    await world.set(RATES, "2026-11-20T12:00:00+00:00")
    assert world.made("sync_tariff") == []


async def test_what_a_season_keeps_is_in_nobodys_way(world: World) -> None:
    """It has the battery for months."""
    await sync(world)
    world.give_to("season", priority=10, hours=23)
    await world.set(RATES, "2026-11-20T12:00:00+00:00")
    assert len(world.made("sync_tariff")) == 1


async def test_a_plant_that_is_not_set_up_costs_no_day(world: World) -> None:
    await sync(world)
    world.load(loaded=False)
    world.hide()
    await world.set(RATES, "2026-11-20T12:00:00+00:00")
    assert world.calls == []
    world.load(loaded=True)
    await world.set(RATES, "2026-11-20T12:30:00+00:00")
    assert len(world.made("sync_tariff")) == 1


async def test_a_preset_on_mondays_and_before_the_clock_changes(world: World) -> None:
    await world.go_to(datetime(2026, 10, 23, 17, tzinfo=LONDON))
    await sync(world, source="economy_7", rates=[])
    days = []
    for _ in range(24 * 4):
        world.forget()
        await world.pass_time(60, pace=3600)
        if world.made("sync_tariff"):
            days.append(world.hass.states.get("automation.tariff_sync"))
            assert world.made("sync_tariff")[0]["preset"] == "economy_7"
    told = [
        one.attributes["last_triggered"].astimezone(LONDON).strftime("%a %d")
        for one in days
        if one
    ]
    assert told == ["Sat 24", "Mon 26"]


@pytest.mark.parametrize("gone", ["unknown", "unavailable"])
async def test_unknown_rates_are_no_tariff(world: World, gone: str) -> None:
    await sync(world)
    await world.set(RATES, gone)
    await world.restart(away=5)
    assert world.made("sync_tariff") == []


async def test_a_refused_tariff_is_told(world: World) -> None:
    world.refusing = True
    await sync(world)
    await world.set(RATES, "2026-11-20T12:00:00+00:00")
    assert "was not put into the inverter" in world.messages[0]


async def test_a_tariff_can_be_tried_dry(world: World) -> None:
    await sync(world, dry_run=True)
    await world.set(RATES, "2026-11-20T12:00:00+00:00")
    assert world.made("sync_tariff")[0]["dry_run"] is True
    assert world.messages[0].startswith("Would put the tariff into the inverter")


# ---- season ----

SEASON = "season"


async def season(world: World, **inputs: Any) -> None:
    await world.use("season_change", inputs)


async def test_each_season_has_its_reserve(world: World) -> None:
    await world.go_to(datetime(2026, 10, 13, 12, tzinfo=LONDON))
    await season(world)
    await world.tick()
    ((_, data),) = world.wishes
    assert (data["mode"], data["target_soc"]) == ("self_consumption", 15)
    assert data["priority"] == 10
    await world.go_to(datetime(2026, 10, 14, 18, tzinfo=LONDON))
    assert world.messages[-1].startswith("Tomorrow winter begins: 40 %")
    await world.go_to(datetime(2026, 10, 15, 0, 5, tzinfo=LONDON))
    lease = world.lease_of(SEASON)
    assert lease is not None
    assert lease["target_soc"] == 40


async def test_it_is_kept_on_and_told_once(world: World) -> None:
    await season(world)
    await world.pass_time(30 * 60, pace=1800)
    lease = world.lease_of(SEASON)
    assert lease is not None
    assert lease["id"] == "lease-1"
    assert len(world.messages) == 1
    assert len(world.wishes) <= 6


async def test_the_sun_moves_the_border(world: World) -> None:
    sun = "sensor.sun_week"
    await world.go_to(datetime(2026, 10, 10, 12, tzinfo=LONDON))
    await world.set(sun, 12)
    await season(world, average=sun, winter_below=8)
    await world.tick()
    assert world.wishes[-1][1]["target_soc"] == 15
    await world.set(sun, 7)
    lease = world.lease_of(SEASON)
    assert lease is not None
    assert lease["target_soc"] == 40
    for level in (9, 9.5, 8.1):  # between winter and a fifth more: nothing changes
        await world.set(sun, level)
        await world.pass_time(30, pace=300)
    await world.set(sun, "unavailable")
    assert world.lease_of(SEASON) is not None


async def test_two_weeks_lie_between_two_changes(world: World) -> None:
    sun, changed = "sensor.sun_week", "input_datetime.season"
    await world.go_to(datetime(2026, 10, 10, 12, tzinfo=LONDON))
    await world.set(sun, 12)
    await world.set(changed, "2026-04-01 00:00:00")
    await season(world, average=sun, winter_below=8, changed_on=changed)
    await world.tick()
    await world.pass_time(20)
    await world.set(sun, 5)
    lease = world.lease_of(SEASON)
    assert lease is not None
    assert lease["target_soc"] == 15


async def test_a_season_tells_once_that_it_waits(world: World) -> None:
    world.give_to("away", priority=15, hours=60)
    await season(world)
    await world.pass_time(48 * 60, pace=300)
    assert len(world.messages) == 1
    lease = world.lease_of(SEASON)
    assert lease is not None
    assert lease["until"] > dt_util.utcnow()


async def test_a_season_leaves_a_plant_alone_that_is_not_set_up(world: World) -> None:
    world.load(loaded=False)
    world.hide()
    await season(world)
    await world.pass_time(60, pace=300)
    assert world.calls == []
    world.load(loaded=True)
    await world.pass_time(6)
    assert len(world.wishes) == 1


async def test_a_season_can_be_tried_dry(world: World) -> None:
    await season(world, dry_run=True)
    await world.tick()
    assert world.leases == []
    assert "would keep 40 % back in winter" in world.messages[0]


@pytest.mark.parametrize("gone", ["unknown", "unavailable"])
async def test_a_sun_that_is_unknown_leaves_the_dates(world: World, gone: str) -> None:
    """However long: the dates are known all the same."""
    sun = "sensor.sun_week"
    await world.go_to(datetime(2026, 10, 20, 12, tzinfo=LONDON))
    await world.set(sun, gone)
    await season(world, average=sun, winter_below=8)
    await world.pass_time(24 * 60, pace=900)
    lease = world.lease_of(SEASON)
    assert lease is not None
    assert lease["target_soc"] == 40


async def test_a_season_goes_on_after_a_restart(world: World) -> None:
    await season(world)
    await world.tick()
    await world.restart(away=20)
    await world.pass_time(30, pace=300)
    lease = world.lease_of(SEASON)
    assert lease is not None
    assert lease["id"] == "lease-1"
    assert len(world.messages) == 1


async def test_a_human_overrules_the_season(world: World) -> None:
    await season(world)
    await world.tick()
    world.overrule()
    await world.restart(away=1)
    await world.pass_time(30, pace=300)
    assert len(world.wishes) == 1


# ---- full charge ----

FULL = "input_datetime.full"
CALIBRATION = "calibration"


async def full_charge(world: World, last: str, **inputs: Any) -> None:
    await world.set(SOC, 60)
    await world.set(FULL, last)
    await world.use("full_charge", {"soc": SOC, "last_full": FULL, **inputs})


@pytest.mark.parametrize(
    ("last", "source", "starts"),
    [
        ("2026-11-06 13:00:00", "any", 0),
        ("2026-11-06 11:00:00", "any", 1),
        ("2026-11-06 11:00:00", "sun", 0),
        ("2026-11-06 11:00:00", "cheap", 0),
        ("2026-11-02 11:00:00", "sun", 1),  # four days later from anything
        ("2026-11-02 11:00:00", "cheap", 1),
    ],
)
async def test_when_it_is_due(
    world: World, last: str, source: str, starts: int
) -> None:
    await full_charge(world, last, source=source)
    await world.tick()
    assert len(world.wishes) == starts


async def test_full_for_an_hour_is_written_down(world: World) -> None:
    await full_charge(world, "2026-11-01 11:00:00", source="any")
    await world.tick()
    await world.set(SOC, 100)
    await world.pass_time(55, pace=300)
    assert world.lease_of(CALIBRATION) is not None
    await world.pass_time(10)
    assert world.lease_of(CALIBRATION) is None
    assert world.shown(FULL) == "2026-11-20 13:05:00"


async def test_a_day_that_fills_it_anyway_counts(world: World) -> None:
    await full_charge(world, "2026-11-10 11:00:00")
    await world.set(SOC, 99)
    await world.pass_time(62, pace=60)
    assert world.shown(FULL) == "2026-11-20 13:00:00"
    assert world.wishes == []
    assert world.messages == []


async def test_a_moment_at_the_top_does_not_count(world: World) -> None:
    await full_charge(world, "2026-11-10 11:00:00")
    for _ in range(3):
        await world.set(SOC, 99)
        await world.pass_time(40, pace=300)
        await world.set(SOC, 98)
    assert world.made("set_datetime") == []


@pytest.mark.parametrize("name", ["storm", "off_grid"])
@pytest.mark.parametrize("state", ["on", "unavailable"])
async def test_storm_and_island_put_it_off(world: World, name: str, state: str) -> None:
    entity_id = "binary_sensor.hindrance"
    await world.set(entity_id, "off")
    inputs = {"source": "any", name: entity_id}
    await full_charge(world, "2026-11-01 11:00:00", **inputs)
    await world.tick()
    assert world.lease_of(CALIBRATION) is not None
    await world.set(entity_id, state)
    assert world.lease_of(CALIBRATION) is None


async def test_an_unknown_day_starts_nothing(world: World) -> None:
    await full_charge(world, "unknown", source="any")
    await world.pass_time(20)
    assert world.wishes == []


# ---- away ----


async def test_loads_go_off_and_only_those_return(world: World) -> None:
    loads = ["switch.immersion", "switch.towels", "switch.pump"]
    states = dict(zip(loads, ("on", "off", "on"), strict=True))
    await world.set_all({**states, "input_text.away": "", "calendar.trip": "off"})
    await world.use(
        "away",
        {"signal": "calendar.trip", "loads": loads, "memory": "input_text.away"},
    )
    await world.set("calendar.trip", "on", end_time="2026-11-25 12:00:00")
    assert [world.shown(one) for one in loads] == ["off"] * 3
    await world.restart(away=10)
    await world.set("calendar.trip", "off")
    found = [world.shown(one) for one in loads]
    assert found == ["on", "off", "on"]
    assert world.leases == []
