"""A supplier's prices become the inverter's table: told first, written once."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest

from custom_components.instagen.control.tariff_schedule import PRESETS
from tests.plant.tariffs import london
from tests.steering.world import World

from .tables import GO, LINKS

pytestmark = pytest.mark.parametrize("steered", ["mode_read"], indirect=True)

PRICES: Final = {
    "off_peak": {"buy": 0.09, "sell": 0.15},
    "partial_peak": {"buy": 0.25, "sell": 0.15},
    "peak": {"buy": 0.39, "sell": 0.15},
}
NOW: Final = london("2026-06-15T17:00")
RATES: Final = "event.octopus_energy_electricity_current_day_rates"
EXPORT: Final = "event.octopus_energy_electricity_export_current_day_rates"


@pytest.fixture(autouse=True)
def _june(freezer: FrozenDateTimeFactory) -> None:
    """Let it be a day without a change of the clocks."""
    freezer.move_to(NOW.astimezone(UTC))


async def sync(world: World, **data: Any) -> dict[str, Any]:
    answer = await world.act("sync_tariff", **data)
    await world.settle()
    return answer


def half_hours(day: datetime, cheap: float, dear: float) -> list[dict[str, Any]]:
    """Return the rates of a day as the event's attributes have them."""
    found = []
    here, end = day, day + timedelta(days=1)
    while here < end:
        night = here.hour < 5 or (here.hour == 5 and here.minute < 30)
        late = night and not (here.hour == 0 and here.minute < 30)
        following = here + timedelta(minutes=30)
        found.append(
            {
                "start": here,
                "end": following,
                "value_inc_vat": cheap if late else dear,
                "is_capped": False,
            }
        )
        here = following
    return found


def octopus(world: World, cheap: float = 0.085, dear: float = 0.2771) -> None:
    """Publish the rates of today and what is paid for export."""
    day = london("2026-06-15T00:00")
    world.hass.states.async_set(
        RATES, day.isoformat(), {"rates": half_hours(day, cheap, dear)}
    )
    world.hass.states.async_set(
        EXPORT, day.isoformat(), {"rates": half_hours(day, 0.15, 0.15)}
    )


@pytest.mark.parametrize("name", PRESETS)
async def test_every_preset_tells_how_well_it_fits(world: World, name: str) -> None:
    await world.set_up(["dts"])
    given: dict[str, Any] = {"source": "preset", "preset": name, "prices": PRICES}
    tried = await sync(world, **given, dry_run=True)
    whole = name != "cosy_octopus"
    assert tried["fidelity"] == (100 if whole else 79.2)
    assert bool(tried["misfits"]) is not whole
    assert tried["valid"] is whole
    assert (await world.act("get_tariff"))["tariff"] is None
    if not whole:
        assert tried["minutes_missed"] == 14 * 5 * 60
        with pytest.raises(ServiceValidationError) as raised:
            await sync(world, **given)
        assert raised.value.translation_key == "tariff_only_approximate"
        assert "79.2 %" in str(raised.value)
        assert (await world.act("get_tariff"))["tariff"] is None
        given["approximate"] = True
    done = await sync(world, **given)
    assert done["state"] == "remembered"
    told = await world.act("get_tariff")
    assert told["tariff"]["currency"] == "GBP"
    assert told["tariff"]["clock"] == ("utc" if name == "economy_7" else "wall")


async def test_it_goes_out_once_and_then_once_a_day(
    world: World, freezer: FrozenDateTimeFactory
) -> None:
    await world.set_up(["dts"])
    await world.act("set_tariff", tariff=GO)
    await world.choose("economical")
    stick = world.sim.stick.user_settings
    writes = stick.writes
    octopus(world)
    given = {"source": "entity", "entity_id": RATES, "export_entity_id": EXPORT}
    done = await sync(world, **given)
    assert (done["state"], done["fidelity"]) == ("verified", 100)
    assert stick.writes == writes + 1
    group = (await world.act("get_tariff"))["tariff"]["seasons"][0]["group_a"]
    assert group["off_peak"] == {
        "start": "00:30",
        "end": "05:30",
        "buy": 0.085,
        "sell": 0.15,
    }
    assert world.shown("buy_price") == "0.2771"
    again = await sync(world, **given)
    assert (again["state"], again["changes"]) == ("unchanged", [])
    octopus(world, dear=0.35)
    waits = await sync(world, **given)
    assert waits["state"] == "waits_for_tomorrow"
    assert [one["after"] for one in waits["changes"]] == [0.35]
    assert stick.writes == writes + 1
    # The day is remembered over a restart.
    await world.stop()
    await world.start()
    assert (await sync(world, **given))["state"] == "waits_for_tomorrow"
    freezer.move_to((NOW + timedelta(hours=6, minutes=55)).astimezone(UTC))
    assert (await sync(world, **given))["state"] == "waits_for_tomorrow"
    freezer.move_to((NOW + timedelta(hours=7, minutes=5)).astimezone(UTC))
    day = london("2026-06-16T00:00")
    attributes = {"rates": half_hours(day, 0.085, 0.35)}
    world.hass.states.async_set(RATES, day.isoformat(), attributes)
    world.hass.states.async_set(
        EXPORT, day.isoformat(), {"rates": half_hours(day, 0.15, 0.15)}
    )
    assert (await sync(world, **given))["state"] == "verified"
    assert stick.writes == writes + 2


async def test_same_text_at_truer_prices_needs_no_write(world: World) -> None:
    """8.5 and 8.6 pence arrive as 9: only the prices shown here become another."""
    await world.set_up(["dts"])
    await world.set_number("economical_reserve_soc", 20)
    octopus(world)
    given: dict[str, Any] = {"source": "entity", "entity_id": RATES}
    await sync(world, **given)
    await world.choose("economical")
    writes = world.sim.stick.user_settings.writes
    octopus(world, cheap=0.086)
    done = await sync(world, **given)
    assert done["state"] == "unchanged"
    group = (await world.act("get_tariff"))["tariff"]["seasons"][0]["group_a"]
    assert group["off_peak"]["buy"] == 0.086
    assert (await sync(world, **given, reserve=20))["state"] == "unchanged"
    # Another reserve is a write, and there was one today.
    done = await sync(world, **given, reserve=25)
    assert done["state"] == "waits_for_tomorrow"
    assert [one["where"] for one in done["changes"]] == ["reserve"]
    assert world.sim.stick.user_settings.writes == writes


async def test_not_while_a_lease_is_active(world: World) -> None:
    await world.set_up(["dts"])
    await world.act("set_tariff", tariff=GO)
    await world.choose("economical")
    lease = await world.act("hold", duration={"minutes": 30})
    octopus(world)
    waits = await sync(world, source="entity", entity_id=RATES)
    assert waits["state"] == "waits_for_lease"
    assert (await world.act("get_tariff"))["tariff"] == {**GO, "clock": "wall"}
    await world.act("cancel_override", lease_id=lease["lease_id"])
    done = await sync(world, source="entity", entity_id=RATES)
    assert done["state"] == "verified"


async def test_what_a_season_keeps_does_not_stand_in_the_way(world: World) -> None:
    await world.set_up(["dts"])
    await world.act("set_tariff", tariff=GO)
    await world.choose("economical")
    season: dict[str, Any] = {
        "owner": "season",
        "priority": 10,
        "duration": {"hours": 20},
    }
    kept = await world.act("request_mode", mode="economical", target_soc=25, **season)
    assert kept["state"] == "granted"
    octopus(world)
    done = await sync(world, source="entity", entity_id=RATES)
    assert done["state"] == "verified"
    assert world.device("economical_reserve_soc") == 25, "the lease goes on"


async def test_without_a_link_for_it_the_table_is_kept_here(world: World) -> None:
    await world.set_up(LINKS["modbus"])
    octopus(world)
    done = await sync(world, source="entity", entity_id=RATES, sell=0.15)
    assert done["state"] == "kept_here"
    assert world.shown("sell_price") == "0.15"
    assert (await sync(world, source="entity", entity_id=RATES, sell=0.15))[
        "state"
    ] == "unchanged"


async def test_what_another_action_answers(world: World) -> None:
    await world.set_up(["dts"])
    day = london("2026-06-15T00:00")
    rows = half_hours(day, 0.08, 0.3)
    nord_pool = {
        "UK": [
            {
                "start": row["start"].isoformat(),
                "end": row["end"].isoformat(),
                "price": row["value_inc_vat"] * 1000,
            }
            for row in rows
        ]
    }
    told = await sync(world, source="nord_pool", data=nord_pool, dry_run=True)
    tibber = {
        "prices": {
            "Home": [
                {"start_time": row["start"].isoformat(), "price": row["value_inc_vat"]}
                for row in rows
            ]
        }
    }
    same = await sync(world, source="tibber", data=tibber, dry_run=True)
    results = await sync(
        world,
        source="octopus",
        data={
            "results": [
                {
                    "valid_from": row["start"].isoformat(),
                    "valid_to": row["end"].isoformat(),
                    "value_inc_vat": row["value_inc_vat"] * 100,
                }
                for row in rows
            ]
        },
        dry_run=True,
    )
    assert told["fidelity"] == same["fidelity"] == results["fidelity"] == 100
    assert told["arrives"] == same["arrives"] == results["arrives"]


@pytest.mark.parametrize("expected_lingering_timers", [True])
@pytest.mark.parametrize(("start", "end"), [("00:30", "05:30"), ("22:00", "24:00")])
async def test_a_schedule_helper_tells_the_cheap_hours(
    world: World, start: str, end: str
) -> None:
    days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
    blocks = [{"from": f"{start}:00", "to": f"{end}:00"}]
    week = {"name": "Cheap", **dict.fromkeys(days, blocks)}
    config = {"schedule": {"cheap": week}}
    assert await async_setup_component(world.hass, "schedule", config)
    await world.set_up(["dts"])
    told = await sync(
        world,
        source="schedule",
        entity_id="schedule.cheap",
        prices={key: PRICES[key] for key in ("off_peak", "peak")},
    )
    assert told["fidelity"] == 100
    group = told["arrives"]["seasons"][0]["group_a"]
    assert group["off_peak"]["start"] == start
    assert group["off_peak"]["end"] == end.replace("24", "00")


@pytest.mark.parametrize("entity_id", ["schedule.gone", RATES])
async def test_another_schedule_than_there_is_is_named(
    world: World, entity_id: str
) -> None:
    config = {"schedule": {"cheap": {"name": "Cheap"}}}
    assert await async_setup_component(world.hass, "schedule", config)
    octopus(world)
    await world.set_up(["dts"])
    with pytest.raises(ServiceValidationError) as raised:
        await sync(world, source="schedule", entity_id=entity_id, prices=PRICES)
    assert raised.value.translation_key == "tariff_source_unreadable"
    assert entity_id in str(raised.value)


async def test_a_rate_of_years_ago_without_an_end_is_the_rate_of_today(
    world: World,
) -> None:
    """A fixed price for export has been the same since 2022."""
    await world.set_up(["dts"])
    row = {
        "value_inc_vat": 15.0,
        "valid_from": "2022-06-01T00:00:00Z",
        "valid_to": None,
    }
    told = await sync(world, source="octopus", data={"results": [row]}, dry_run=True)
    assert told["fidelity"] == 100


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"source": "preset"}, "source_needs"),
        ({"source": "entity", "entity_id": []}, "source_needs"),
        ({"source": "preset", "preset": "octopus_flux", "prices": {}}, "source_needs"),
        ({"source": "entity", "entity_id": "event.gone"}, "source_unreadable"),
        ({"source": "nord_pool", "data": {}}, "no_prices"),
        ({"source": "octopus", "data": "dear"}, "no_prices"),
        (
            {"source": "schedule", "entity_id": "schedule.gone", "prices": PRICES},
            "source_unreadable",
        ),
        (
            {
                "source": "preset",
                "preset": "octopus_go",
                "prices": {**PRICES, "peak": {"buy": 0.123456, "sell": 0}},
            },
            "price_decimals",
        ),
    ],
)
async def test_what_cannot_be_compiled_is_named_and_the_old_table_stays(
    world: World, given: dict[str, Any], problem: str
) -> None:
    await world.set_up(["dts"])
    await world.act("set_tariff", tariff=GO)
    with pytest.raises(ServiceValidationError) as raised:
        await sync(world, **given)
    assert raised.value.translation_key == f"tariff_{problem}"
    assert "{" not in str(raised.value)
    assert (await world.act("get_tariff"))["tariff"] == {**GO, "clock": "wall"}
