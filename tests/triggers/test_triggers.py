"""What happens to a plant fires its trigger once; what is unknown fires nothing."""

from datetime import timedelta
from typing import Any

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.trigger import async_validate_trigger_config
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
import voluptuous as vol

from custom_components.instagen.const import CONF_SERIAL
from custom_components.instagen.trigger import TRIGGERS
from tests.steering.world import STICK

from .watch import Watch


def threshold(kind: str, number: float) -> dict[str, Any]:
    return {"threshold": {"type": kind, "value": {"number": number}}}


NEEDED: dict[str, dict[str, Any]] = {
    "price_crossed": threshold("below", 0.1),
    "soc_crossed": threshold("below", 30),
}


async def test_all_are_valid_and_silent_at_first(watch: Watch) -> None:
    await watch.trigger(*((name, NEEDED.get(name, {})) for name in TRIGGERS))
    await watch.world.poll()
    assert await watch.told() == []


# ---- grid, battery, link ----


async def test_the_grid_goes_and_comes(watch: Watch) -> None:
    await watch.trigger(("grid_lost", {}), ("grid_returned", {}))
    watch.world.sim.set({"grid": False})
    await watch.world.pass_time(60)
    await watch.world.poll()
    assert await watch.told() == ["grid_lost"]
    watch.world.sim.set({"grid": True})
    await watch.world.pass_time(300)
    assert await watch.told() == ["grid_returned"]


async def test_the_battery_crosses_a_threshold(watch: Watch) -> None:
    world = watch.world
    world.sim.set({"soc": 50})
    await world.poll()
    await world.poll()
    await watch.trigger(
        ("soc_crossed", threshold("below", 40)),
    )
    world.sim.set({"soc": 41})
    await world.poll()
    await world.poll()
    assert await watch.told() == []
    world.sim.set({"soc": 38})
    await world.poll()
    await world.poll()
    assert await watch.told() == ["soc_crossed"]
    world.sim.set({"soc": 35})
    await world.poll()
    await world.poll()
    assert await watch.told() == [], "it is below already"


async def test_the_link_goes_and_comes(watch: Watch) -> None:
    world = watch.world
    await watch.trigger(
        ("dtu_lost", {}),
        ("dtu_returned", {}),
        ("grid_lost", {}),
        ("grid_returned", {}),
        ("soc_crossed", threshold("below", 101)),
    )
    await world.sim.fault("drop")
    await world.poll()
    assert await watch.told() == ["dtu_lost"]
    await world.sim.fault("drop", on=False)
    await world.poll()
    await world.poll()
    assert await watch.told() == ["dtu_returned"], "the rest was unavailable before"


async def test_for_a_while(watch: Watch) -> None:
    world = watch.world
    await watch.trigger(("grid_lost", {"for": {"minutes": 5}}))
    watch.show("binary_sensor", "off_grid", "on")
    await world.settle()
    async_fire_time_changed(world.hass, dt_util.utcnow() + timedelta(minutes=4))
    assert await watch.told() == []
    async_fire_time_changed(world.hass, dt_util.utcnow() + timedelta(minutes=6))
    assert await watch.told() == ["grid_lost"]


# ---- tariff ----


async def test_the_cheap_period(watch: Watch) -> None:
    watch.show("sensor", "tariff_period", "peak")
    await watch.trigger(("cheap_period_started", {}), ("cheap_period_ended", {}))
    for period, told in (
        ("partial_peak", []),
        ("off_peak", ["cheap_period_started"]),
        (STATE_UNKNOWN, []),
        ("off_peak", []),
        (STATE_UNAVAILABLE, []),
        ("peak", []),
        ("off_peak", ["cheap_period_started"]),
        ("partial_peak", ["cheap_period_ended"]),
    ):
        watch.show("sensor", "tariff_period", period)
        assert await watch.told() == told, period


@pytest.mark.parametrize("unit", ["GBP/kWh", "EUR/kWh"])
async def test_the_price(watch: Watch, unit: str) -> None:
    await watch.trigger(("price_crossed", threshold("below", 0)))
    fired = []
    for price in ("0.30", "-0.01", "unknown", "-0.02", "0.10", "-0.05"):
        watch.show("sensor", "buy_price", price, unit_of_measurement=unit)
        fired.append(await watch.told())
    assert fired == [[], ["price_crossed"], [], [], [], ["price_crossed"]]


# ---- alarms ----

INSULATION = {"safety_dsp": ["insulation"]}
METER = {"arm_peripheral": ["grid_meter_lost"]}


async def test_alarms_one_by_one(watch: Watch) -> None:
    world = watch.world
    await watch.trigger(("alarm_raised", {}), ("alarm_cleared", {}))
    world.sim.set({"alarms": {**INSULATION, **METER}})
    await world.poll()
    assert sorted(await watch.codes()) == [
        ("alarm_raised", "grid_meter_lost"),
        ("alarm_raised", "insulation_low"),
    ]
    world.sim.set({"alarms": METER})
    await world.poll()
    assert await watch.codes() == [("alarm_cleared", "insulation_low")]


async def test_only_the_severe(watch: Watch) -> None:
    world = watch.world
    await watch.trigger(("alarm_raised", {"severity": ["danger"]}))
    world.sim.set({"alarms": {**INSULATION, **METER}})
    await world.poll()
    assert await watch.codes() == [("alarm_raised", "insulation_low")]


async def test_alarms_of_one_millisecond_are_two(watch: Watch) -> None:
    now = "2026-06-15T12:00:00.000+00:00"
    alarm = {"event_type": "battery", "state": "raised", "severity": "fault"}
    await watch.trigger(("alarm_raised", {}))
    watch.show("event", "alarm", now, **alarm, code="one")
    watch.show("event", "alarm", now, **alarm, code="two")
    assert await watch.codes() == [("alarm_raised", "one"), ("alarm_raised", "two")]


async def test_a_reload_repeats_no_alarm(watch: Watch) -> None:
    world = watch.world
    world.sim.set({"alarms": METER})
    await world.poll()
    await watch.trigger(("alarm_raised", {}), ("lease_started", {}))
    await world.stop()
    await world.start()
    await world.poll()
    assert await watch.told() == []


# ---- leases ----


async def test_a_lease_starts_and_ends(watch: Watch) -> None:
    world = watch.world
    world.sim.set({"soc": 50})
    await watch.trigger(("lease_started", {}), ("lease_ended", {}))
    await world.act("force_charge", duration={"hours": 1}, owner="night")
    assert await watch.told() == ["lease_started"]
    await world.act("cancel_override")
    assert await watch.told() == ["lease_ended"]


async def test_only_of_one_owner(watch: Watch) -> None:
    world = watch.world
    world.sim.set({"soc": 50})
    await watch.trigger(
        ("lease_started", {"owner": "night"}), ("lease_ended", {"owner": "day"})
    )
    await world.act("force_charge", duration={"hours": 1}, owner="night", priority=30)
    await world.act("cancel_override")
    assert await watch.told() == ["lease_started"]


async def test_an_override_ends_a_lease(watch: Watch) -> None:
    world = watch.world
    world.sim.set({"soc": 50})
    await watch.trigger(("lease_ended", {}))
    await world.act("force_charge", duration={"hours": 1}, owner="night", priority=30)
    await world.choose("full_backup")
    assert await watch.told() == ["lease_ended"]


async def test_a_lease_that_the_plant_refuses(watch: Watch) -> None:
    await watch.trigger(("lease_refused", {"owner": "night"}))
    what = {"event_type": "refused", "owner": "night"}
    watch.show("event", "control", "2026-06-15T12:00:00.000+00:00", **what)
    assert await watch.told() == ["lease_refused"]
    watch.show("event", "control", "2026-06-15T12:00:01.000+00:00", event_type="failed")
    assert await watch.told() == []


async def test_a_lease_that_is_refused_at_once(watch: Watch) -> None:
    """Who only tries it dry, or is somebody else, fires nothing."""
    world = watch.world
    await watch.trigger(("lease_refused", {"owner": "night"}))
    world.sim.set({"soc": 50, "alarms": INSULATION})
    await world.poll()
    for given in ({"owner": "day"}, {"owner": "night", "dry_run": True}):
        with pytest.raises(HomeAssistantError):
            await world.act("force_charge", duration={"hours": 1}, **given)
    assert await watch.told() == []
    with pytest.raises(HomeAssistantError):
        await world.act("force_charge", duration={"hours": 1}, owner="night")
    assert await watch.told() == ["lease_refused"]


# ---- what they are about ----


async def test_another_integrations_entities_are_not_ours(watch: Watch) -> None:
    world = watch.world
    other = MockConfigEntry(domain="stranger", data={CONF_SERIAL: STICK})
    other.add_to_hass(world.hass)
    registry = er.async_get(world.hass)
    stranger = registry.async_get_or_create(
        "binary_sensor",
        "stranger",
        f"{STICK}_off_grid",
        config_entry=other,
        device_id=world.coordinator.plant_device_id,
    ).entity_id
    await watch.trigger(("grid_lost", {}))
    for state in ("off", "on"):
        world.hass.states.async_set(stranger, state)
    assert await watch.told() == []


async def test_a_renamed_entity_is_still_ours(watch: Watch) -> None:
    world = watch.world
    old = world.entity_id("off_grid")
    assert old is not None
    er.async_get(world.hass).async_update_entity(
        old, new_entity_id="binary_sensor.power_cut"
    )
    await world.settle()
    await watch.trigger(("grid_lost", {}))
    world.sim.set({"grid": False})
    await world.pass_time(60)
    await world.poll()
    assert await watch.told() == ["grid_lost"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("soc_crossed", {}),
        ("alarm_raised", {"severity": ["loud"]}),
        ("alarm_raised", {"severity": []}),
        ("lease_started", {"owners": "night"}),
        ("grid_gone", {}),
    ],
)
async def test_what_makes_no_sense_is_refused(
    hass: HomeAssistant, name: str, options: dict[str, Any]
) -> None:
    trigger = {
        "platform": f"instagen.{name}",
        "target": {"entity_id": "sensor.x"},
        "options": options,
    }
    with pytest.raises(vol.Invalid):
        await async_validate_trigger_config(hass, [trigger])
