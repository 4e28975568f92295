"""Plunge charging and peak export: prices by their slots, and whether it pays."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util
import pytest

from .world import World

LONDON = ZoneInfo("Europe/London")
RATES = "event.current_day_rates"
TOMORROW = "event.next_day_rates"
SOC = "sensor.soc"
PLUNGE = "price plunge"
HALF = timedelta(minutes=30)


def day_of(date: str, prices: dict[int, float], usual: float = 0.25) -> dict[str, Any]:
    """Return a whole local day of half-hours, with other prices for some of them."""
    start = datetime.fromisoformat(date).replace(tzinfo=LONDON).astimezone(dt_util.UTC)
    end = (
        (datetime.fromisoformat(date) + timedelta(days=1))
        .replace(tzinfo=LONDON)
        .astimezone(dt_util.UTC)
    )
    count = (end - start) // HALF
    return {
        "tariff_code": "E-1R-AGILE-24-10-01-M",
        "rates": [
            {
                "start": (start + number * HALF).isoformat(),
                "end": (start + (number + 1) * HALF).isoformat(),
                "value_inc_vat": prices.get(number, usual),
                "is_capped": False,
                "is_intelligent_adjusted": False,
            }
            for number in range(count)
        ],
    }


async def plunge(world: World, **inputs: Any) -> None:
    await world.set(SOC, 40)
    await world.use("plunge_charge", {"rates": [RATES, TOMORROW], "soc": SOC, **inputs})


@pytest.mark.parametrize(
    ("date", "slots"), [("2026-03-29", 46), ("2026-06-10", 48), ("2026-10-25", 50)]
)
async def test_days_of_46_48_and_50_slots(world: World, date: str, slots: int) -> None:
    """Four slots around the change of the clock are cheap: two hours, whatever day."""
    day = day_of(date, dict.fromkeys(range(1, 5), -0.02))
    assert len(day["rates"]) == slots
    midnight = datetime.fromisoformat(date).replace(tzinfo=LONDON)
    await world.go_to(midnight)
    await world.set(RATES, midnight.isoformat(), **day)
    await plunge(world)
    held = 0
    for _ in range(60):
        await world.pass_time(5, pace=300)
        held += world.lease_of(PLUNGE) is not None
    assert held == 24  # two hours in steps of five minutes
    assert len(world.wishes) == 1
    until = dt_util.parse_datetime(world.wishes[0][1]["until"], raise_on_error=True)
    start = dt_util.parse_datetime(day["rates"][1]["start"], raise_on_error=True)
    assert until - start == timedelta(hours=2, minutes=1)


@pytest.mark.parametrize(
    ("prices", "starts"),
    [
        ({24: -0.02}, 0),  # one half-hour is not worth a start
        ({24: -0.06}, 1),  # unless it is this cheap
        ({24: 0.0, 25: -0.01}, 1),
        ({24: 0.001, 25: -0.01}, 0),
        ({24: -0.02, 26: -0.02}, 0),
    ],
)
async def test_a_run_has_two_slots_unless_it_is_deep(
    world: World, prices: dict[int, float], starts: int
) -> None:
    await world.set(RATES, "x", **day_of("2026-11-20", prices))
    await plunge(world)
    await world.tick()
    assert len(world.wishes) == starts


async def test_a_run_crosses_midnight_when_tomorrow_is_known(world: World) -> None:
    await world.go_to(datetime(2026, 11, 20, 23, 20, tzinfo=LONDON))
    await world.set(RATES, "x", **day_of("2026-11-20", {47: -0.01}))
    await plunge(world)
    await world.go_to(datetime(2026, 11, 20, 23, 30, tzinfo=LONDON))
    assert world.wishes == []
    await world.set(TOMORROW, "x", **day_of("2026-11-21", {0: -0.01, 1: -0.01}))
    assert world.wishes[0][1]["until"] == "2026-11-21T01:01:00+00:00"


async def test_half_a_penny_does_not_end_it(world: World) -> None:
    await world.set("sensor.price", -0.01)
    await plunge(world, rates=[], price="sensor.price")
    await world.tick()
    assert world.lease_of(PLUNGE) is not None
    await world.set("sensor.price", 0.004)
    assert world.lease_of(PLUNGE) is not None
    await world.set("sensor.price", 0.006)
    assert world.lease_of(PLUNGE) is None


async def test_a_missing_price_lets_go_at_once(world: World) -> None:
    """No grace: the next half-hour may cost anything."""
    await world.set("sensor.price", -0.01)
    await plunge(world, rates=[], price="sensor.price")
    await world.tick()
    await world.set("sensor.price", "unavailable")
    assert world.lease_of(PLUNGE) is None
    assert "the price is not known" in world.messages[-1]


async def test_a_gap_in_the_rates_is_no_price(world: World) -> None:
    day = day_of("2026-11-20", {24: -0.02, 25: -0.02, 26: -0.02, 27: -0.02})
    del day["rates"][26]
    await world.set(RATES, "x", **day)
    await plunge(world)
    await world.tick()
    assert world.wishes[0][1]["until"] == "2026-11-20T13:01:00+00:00"
    await world.pass_time(60, pace=300)
    assert world.lease_of(PLUNGE) is None


async def test_a_free_session_is_a_price_of_nothing(world: World) -> None:
    calendar = "calendar.free_electricity"
    await world.set(calendar, "off")
    await plunge(world, rates=[], session=calendar)
    await world.set(
        calendar,
        "on",
        start_time="2026-11-20 12:00:00",
        end_time="2026-11-20 13:00:00",
    )
    assert world.wishes[0][1]["until"] == "2026-11-20T13:01:00+00:00"
    await world.set(calendar, "off")
    assert world.lease_of(PLUNGE) is None


@pytest.mark.parametrize(("load", "power"), [(1000, 98), (9000, 18), (11000, None)])
async def test_it_leaves_room_for_the_house_below_the_breaker(
    world: World, load: float, power: int | None
) -> None:
    await world.set("sensor.price", -0.01)
    await world.set("sensor.load", load)
    await plunge(
        world,
        rates=[],
        price="sensor.price",
        load="sensor.load",
        breaker=47,
        rated_power=10000,
    )
    await world.tick()
    assert [data["power"] for _, data in world.wishes] == [power] * (power is not None)


@pytest.mark.parametrize(
    ("load", "why"),
    [
        ("unavailable", "it is not known what room"),
        ("11000", "the house leaves no room"),
    ],
)
async def test_without_room_below_the_breaker_it_lets_go(
    world: World, load: str, why: str
) -> None:
    await world.set("sensor.price", -0.01)
    await world.set("sensor.load", 1000)
    limits = {"load": "sensor.load", "breaker": 47, "rated_power": 10000}
    await plunge(world, rates=[], price="sensor.price", **limits)
    await world.tick()
    assert world.lease_of(PLUNGE) is not None
    await world.set("sensor.load", load)
    await world.tick()
    assert world.lease_of(PLUNGE) is None
    assert why in world.messages[-1]


async def test_loads_run_with_it(world: World) -> None:
    load = "switch.immersion"
    await world.set(load, "off")
    await world.set("sensor.price", -0.01)
    await plunge(world, rates=[], price="sensor.price", loads=[load])
    await world.tick()
    assert world.shown(load) == "on"
    await world.set("sensor.price", 0.2)
    assert world.shown(load) == "off"


async def test_room_is_made_in_the_hour_before(world: World) -> None:
    await world.set(RATES, "x", **day_of("2026-11-20", {27: -0.08, 28: -0.08}))
    await plunge(world, empty_first=True)
    await world.set(SOC, 90)
    await world.pass_time(25)
    assert world.wishes == []
    await world.pass_time(10)
    ((action, data),) = world.wishes
    assert action == "force_discharge"
    assert data["target_soc"] == 50
    await world.set(SOC, 55)
    await world.pass_time(60)
    assert [one for one, _ in world.wishes][-1] == "force_charge"


# ---- peak export ----

PEAK = "binary_sensor.peak"
EXPORT = "peak export"


async def export(world: World, level: float = 80, **inputs: Any) -> None:
    await world.set(SOC, level)
    await world.use(
        "peak_export", {"soc": SOC, "floor_soc": 30, "allow_export": True, **inputs}
    )


async def test_it_sells_only_if_it_pays(world: World) -> None:
    """Refilling at 20 p costs 22.7 p with losses, 25.7 p with wear."""
    await world.set("sensor.export_price", 0.27)
    await export(world, price="sensor.export_price", threshold=0.25, refill=0.2)
    await world.tick()
    assert world.wishes == []
    await world.set("sensor.export_price", 0.28)
    assert [action for action, _ in world.wishes] == ["force_discharge"]
    await world.set("sensor.export_price", 0.26)
    assert world.lease_of(EXPORT) is None
    assert "refilling costs 0.257" in world.messages[-1]


async def test_it_tells_once_that_it_waits(world: World) -> None:
    """A price holds for half an hour, so the end of what it waits for moves on."""
    world.give_to("somebody", hours=6)
    await world.set("sensor.export_price", 0.3)
    await export(world, price="sensor.export_price")
    for _ in range(6):
        await world.pass_time(30, pace=300)
        lease = world.lease_of(EXPORT)
        assert lease is not None
        assert lease["until"] > dt_util.utcnow() + timedelta(minutes=25)
    assert len(world.messages) == 1
    assert "waits for its turn" in world.messages[0]
    assert len(world.wishes) == 7, "once for each half-hour"


async def test_the_price_of_refilling_may_be_an_entity(world: World) -> None:
    await world.set("sensor.export_price", 0.28)
    await world.set("sensor.import_price", 0.3)
    await export(world, price="sensor.export_price", refill_price="sensor.import_price")
    await world.tick()
    assert world.wishes == []
    await world.set("sensor.import_price", 0.1)
    assert len(world.wishes) == 1


async def test_without_leave_the_house_is_served(world: World) -> None:
    await world.set(PEAK, "off")
    await export(world, signal=PEAK, allow_export=False)
    await world.set(PEAK, "on")
    ((action, data),) = world.wishes
    assert action == "request_mode"
    assert data["mode"] == "self_consumption"
    assert data["target_soc"] == 30


async def test_an_export_limit_of_nothing_is_no_leave(world: World) -> None:
    await world.set(PEAK, "off")
    await world.set("number.export_limit", 0)
    await export(world, signal=PEAK, export_limit="number.export_limit")
    await world.set(PEAK, "on")
    assert [action for action, _ in world.wishes] == ["request_mode"]


async def test_the_storm_reserve_stays(world: World) -> None:
    await world.set(PEAK, "off")
    await world.set("number.reserve", 60)
    await export(world, signal=PEAK, reserve="number.reserve")
    await world.set(PEAK, "on")
    assert world.wishes[0][1]["target_soc"] == 60


@pytest.mark.parametrize("grid", ["on", "unknown", "unavailable"])
async def test_it_stops_at_once_with_the_grid(world: World, grid: str) -> None:
    await world.set(PEAK, "off")
    await world.set("binary_sensor.off_grid", "off")
    await export(world, signal=PEAK, off_grid="binary_sensor.off_grid")
    await world.set(PEAK, "on")
    await world.set("binary_sensor.off_grid", grid)
    assert world.lease_of(EXPORT) is None


@pytest.mark.parametrize(("level", "starts"), [(33, 0), (33.5, 1)])
async def test_it_starts_three_points_above_the_floor(
    world: World, level: float, starts: int
) -> None:
    await world.set(PEAK, "off")
    await export(world, level, signal=PEAK)
    await world.set(PEAK, "on")
    assert len(world.wishes) == starts
    await world.set(SOC, 31)
    assert (world.lease_of(EXPORT) is not None) is bool(starts)
    await world.set(SOC, 30)
    assert world.lease_of(EXPORT) is None


async def test_two_dear_half_hours_are_one_lease(world: World) -> None:
    await world.set("sensor.export_price", 0.4)
    await export(world, price="sensor.export_price")
    await world.pass_time(62, pace=60)
    assert len({data["reason"] for _, data in world.wishes}) == 1
    assert world.cancelled == 0
    lease = world.lease_of(EXPORT)
    assert lease is not None
    assert lease["id"] == "lease-1"
