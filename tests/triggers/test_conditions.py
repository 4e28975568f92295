"""How a plant stands is tested; what is unknown fulfils nothing."""

from typing import Any

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.condition import CONDITIONS
from custom_components.instagen.const import CONF_SERIAL, DOMAIN

from .watch import Watch

NEEDED: dict[str, dict[str, Any]] = {"tariff_period_is": {"period": "peak"}}


async def test_the_tariff_period(watch: Watch) -> None:
    watch.show("sensor", "tariff_period", "off_peak")
    assert await watch.holds("tariff_period_is", period="off_peak")
    assert await watch.holds("tariff_period_is", period=["peak", "off_peak"])
    assert not await watch.holds("tariff_period_is", period=["peak"])


async def test_the_holder_of_the_battery(watch: Watch) -> None:
    world = watch.world
    world.sim.set({"soc": 50})
    assert not await watch.holds("lease_held_by")
    await world.act("force_charge", duration={"hours": 1}, owner="night")
    assert await watch.holds("lease_held_by")
    assert await watch.holds("lease_held_by", owner="night")
    assert not await watch.holds("lease_held_by", owner="day")
    await world.act("cancel_override")
    assert not await watch.holds("lease_held_by")


async def test_the_grid(watch: Watch) -> None:
    world = watch.world
    assert await watch.holds("grid_present")
    world.sim.set({"grid": False})
    await world.pass_time(60)
    await world.poll()
    assert not await watch.holds("grid_present")


@pytest.mark.parametrize("state", [STATE_UNKNOWN, STATE_UNAVAILABLE])
@pytest.mark.parametrize("behavior", ["any", "all"])
async def test_the_unknown_fulfils_nothing(
    watch: Watch, state: str, behavior: str
) -> None:
    for platform, key in (
        ("sensor", "tariff_period"),
        ("sensor", "current_lease"),
        ("binary_sensor", "off_grid"),
    ):
        watch.show(platform, key, state)
    for name in CONDITIONS:
        options = {**NEEDED.get(name, {}), "behavior": behavior}
        assert not await watch.holds(name, **options), name


@pytest.mark.parametrize("behavior", ["any", "all"])
async def test_no_plant_fulfils_nothing(watch: Watch, behavior: str) -> None:
    nothing = {"entity_id": ["sensor.not_there", "binary_sensor.not_there"]}
    for name in CONDITIONS:
        options = {**NEEDED.get(name, {}), "behavior": behavior}
        assert not await watch.holds_for(nothing, name, **options), name


async def test_all_means_the_unknown_one_too(watch: Watch) -> None:
    world = watch.world
    second = MockConfigEntry(domain=DOMAIN, data={CONF_SERIAL: "2"})
    second.add_to_hass(world.hass)
    unknown = (
        er.async_get(world.hass)
        .async_get_or_create("binary_sensor", DOMAIN, "2_off_grid", config_entry=second)
        .entity_id
    )
    world.hass.states.async_set(unknown, STATE_UNKNOWN)
    both = {"entity_id": [world.entity_id("off_grid"), unknown]}
    assert await watch.holds_for(both, "grid_present", behavior="any")
    assert not await watch.holds_for(both, "grid_present", behavior="all")


async def test_export_is_safe(watch: Watch) -> None:
    world = watch.world
    assert await watch.holds("safe_to_export")
    world.sim.set({"alarms": {"safety_dsp": ["insulation"]}})
    await world.poll()
    assert world.shown("earth_fault") == "on"
    assert not await watch.holds("safe_to_export")
    world.sim.set({"alarms": {}})
    await world.poll()
    assert await watch.holds("safe_to_export")
    world.sim.set({"grid": False})
    await world.pass_time(60)
    await world.poll()
    assert not await watch.holds("safe_to_export")


async def test_export_is_limited(watch: Watch) -> None:
    world = watch.world
    await world.set_number("export_limit", 40)
    assert world.shown("export_control") == "on"
    assert await watch.holds("safe_to_export")
    await world.set_number("export_limit", 0)
    assert not await watch.holds("safe_to_export"), "nothing may leave the house"
    watch.show("number", "export_limit", STATE_UNKNOWN)
    assert not await watch.holds("safe_to_export")
    await world.operate("switch", "turn_off", "export_control")
    assert await watch.holds("safe_to_export")


async def test_export_with_a_lost_link(watch: Watch) -> None:
    world = watch.world
    await world.sim.fault("drop")
    await world.poll()
    assert not await watch.holds("safe_to_export")
    assert not await watch.holds("safe_to_export", behavior="any")


@pytest.mark.parametrize("key", ["problem", "earth_fault", "export_control"])
async def test_what_is_disabled_is_not_known(watch: Watch, key: str) -> None:
    world = watch.world
    entity_id = world.entity_id(key)
    assert entity_id is not None
    world.hass.states.async_remove(entity_id)
    er.async_get(world.hass).async_update_entity(
        entity_id, disabled_by=er.RegistryEntryDisabler.USER
    )
    assert not await watch.holds("safe_to_export")


async def test_over_the_sticks_own_protocol(watch: Watch) -> None:
    world = watch.world
    await world.stop()
    await world.hass.config_entries.async_remove(world.entry.entry_id)
    await world.set_up(["dts"])
    await world.poll()
    assert world.find("earth_fault") is None
    assert await watch.holds("safe_to_export")


async def test_for_a_while_after_it_began(watch: Watch) -> None:
    watch.show("binary_sensor", "off_grid", "off")
    assert not await watch.holds("grid_present", **{"for": {"minutes": 5}})
