"""The plant of the Add dialogue: all of the contact can be tried out on it."""

from datetime import time

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.const import (
    CONF_LINKS,
    CONF_SERIAL,
    CONF_SIMULATED,
    CONF_UNPROVEN_WRITES,
    DOMAIN,
)
from tests.steering.world import STICK, World


async def test_every_use_is_chosen_by_its_entities(
    world: World, rests: list[float]
) -> None:
    world.entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=STICK,
        data={CONF_SIMULATED: True, CONF_LINKS: ["dts"], CONF_SERIAL: STICK},
        options={CONF_UNPROVEN_WRITES: True},
    )
    world.entry.add_to_hass(world.hass)
    await world.start()

    async def choose(key: str, option: str) -> None:
        await world.operate("select", "select_option", key, option=option)
        assert world.shown(key) == option
        assert world.state(key).attributes["state"] == "confirmed"

    async def move(key: str, hour: int) -> None:
        await world.operate("time", "set_value", key, time=time(hour))
        assert world.shown(key) == f"{hour:02}:00:00"

    await world.operate("switch", "turn_on", "earth_fault_alarm")
    assert world.shown("dry_contact_function") == "earth_fault_alarm"
    await choose("dry_contact_function", "load_control")
    await world.operate("switch", "turn_on", "load_contact")
    assert world.shown("dry_contact_closed") == "on"
    await move("load_window_1_start", 22)
    await move("load_window_1_end", 6)
    await choose("load_mode", "time")
    await world.set_number("load_nominal_power", 1800)
    await world.set_number("load_min_run_time", 20)
    await move("surplus_window_start", 9)
    await choose("load_mode", "intelligent")
    await world.set_number("load_protection_soc", 35)
    await choose("load_mode", "backup_load")
    await world.set_number("entrance_breaker_size", 80)
    await world.set_number("ev_charger_size", 16)
    await choose("load_mode", "ev_charger")

    await choose("dry_contact_function", "generator_control")
    await world.operate("switch", "turn_on", "generator")
    assert world.shown("dry_contact_closed") == "on"
    await world.set_number("generator_stop_soc", 75)
    await world.set_number("generator_start_soc", 25)
    await move("generator_quiet_start", 22)
    await world.operate("switch", "turn_on", "generator_quiet_time")
    await move("generator_charge_start", 12)
    await choose("generator_mode", "auto")
    told = (await world.act("get_dry_contact"))["contact"]
    assert (told["function"], told["load_mode"]) == ("generator_control", "ev_charger")
    assert told["generator"]["charge_window"] == {"start": "12:00", "end": "13:00"}
    await choose("dry_contact_function", "off")
