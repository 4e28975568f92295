"""The device's own contact from the dashboard, over its own link, with the opt-in."""

from datetime import time
from typing import Any

from homeassistant.const import STATE_UNKNOWN
from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.instagen.const import CONF_UNPROVEN_WRITES
from custom_components.instagen.plant.dry_contact import (
    ContactFunction,
    GeneratorMode,
    LoadMode,
)
from custom_components.instagen.platforms.contact import NUMBERS, SELECTS, SWITCHES
from custom_components.instagen.platforms.time import WINDOWS
from tests.steering.world import World

pytestmark = pytest.mark.parametrize("world", ["mode_read"], indirect=True)
"""A stick that tells its working mode: without, nothing is written to a contact."""

OPT_IN = {CONF_UNPROVEN_WRITES: True}
TIMES = [f"{name}_{end}" for name in WINDOWS for end in ("start", "end")]
CONTROLS = [*NUMBERS, *SELECTS, *SWITCHES, *TIMES, "earth_fault_alarm"]


@pytest.fixture
async def plant(world: World, rests: list[float]) -> World:
    """Set the plant up with the owner's consent."""
    await world.set_up(["dts"], **OPT_IN)
    return world


async def choose(world: World, key: str, option: str) -> None:
    await world.operate("select", "select_option", key, option=option)


async def move(world: World, key: str, hour: int, minute: int = 0) -> None:
    await world.operate("time", "set_value", key, time=time(hour, minute))


def relay(world: World) -> Any:
    """Return what the simulated device has taken."""
    return world.sim.plant.programs.relay


async def refusal(world: World, *operation: Any, **data: Any) -> str:
    """Return the text's key of what is refused; the device stands as before."""
    before = relay(world)
    with pytest.raises(ServiceValidationError) as err:
        await world.operate(*operation, **data)
    assert relay(world) == before
    assert str(err.value) != err.value.translation_key
    return str(err.value.translation_key)


# ---- what is there ----


async def test_it_takes_the_owners_consent(world: World) -> None:
    await world.set_up(["dts"])
    assert [key for key in CONTROLS if world.find(key)] == []
    assert world.find("dry_contact_closed") is None


async def test_modbus_alone_does_not_carry_it(world: World) -> None:
    await world.set_up(["modbus"], **OPT_IN)
    assert [key for key in CONTROLS if world.find(key)] == []


async def test_all_controls_are_there_and_show_the_device(plant: World) -> None:
    assert [key for key in CONTROLS if not plant.find(key)] == []
    assert plant.shown("dry_contact_function") == "off"
    assert plant.shown("dry_contact_closed") == "off"
    assert float(plant.shown("entrance_breaker_size")) == 63
    assert plant.shown("load_window_1_start") == STATE_UNKNOWN
    told = plant.state("dry_contact_function").attributes
    assert told["rules_run_in"] == "device"
    assert told["state"] == "confirmed"


# ---- each function and mode ----


async def test_earth_fault_alarm(plant: World, rests: list[float]) -> None:
    await plant.operate("switch", "turn_on", "earth_fault_alarm")
    assert relay(plant).function is ContactFunction.EARTH_FAULT_ALARM
    assert plant.shown("dry_contact_function") == "earth_fault_alarm"
    assert rests == []
    await plant.operate("switch", "turn_off", "earth_fault_alarm")
    assert relay(plant).function is ContactFunction.OFF


async def test_ending_an_alarm_that_is_not_the_use_leaves_the_use(plant: World) -> None:
    await choose(plant, "dry_contact_function", "load_control")
    await plant.operate("switch", "turn_off", "earth_fault_alarm")
    assert relay(plant).function is ContactFunction.LOAD_CONTROL


async def test_a_load_by_command(plant: World) -> None:
    await choose(plant, "dry_contact_function", "load_control")
    await plant.operate("switch", "turn_on", "load_contact")
    assert relay(plant).switched_on
    assert plant.shown("dry_contact_closed") == "on"
    await plant.operate("switch", "turn_off", "load_contact")
    assert not relay(plant).switched_on
    assert plant.shown("dry_contact_closed") == "off"


async def test_another_use_rests_open_in_between(
    plant: World, rests: list[float]
) -> None:
    await choose(plant, "dry_contact_function", "load_control")
    await plant.operate("switch", "turn_on", "load_contact")
    await choose(plant, "dry_contact_function", "generator_control")
    assert rests == [25.0]
    assert relay(plant).function is ContactFunction.GENERATOR_CONTROL
    assert not relay(plant).switched_on
    assert plant.shown("load_contact") == "off"


async def test_a_load_by_time(plant: World) -> None:
    await choose(plant, "dry_contact_function", "load_control")
    await move(plant, "load_window_1_start", 22, 30)
    await move(plant, "load_window_1_end", 6)
    await choose(plant, "load_mode", "time")
    assert relay(plant).load_mode is LoadMode.TIME
    group = relay(plant).times[0]
    assert group.weekdays == frozenset(range(7))
    assert plant.shown("load_window_1_start") == "22:30:00"
    assert plant.shown("load_window_1_end") == "06:00:00"
    assert plant.shown("dry_contact_closed") == STATE_UNKNOWN
    await move(plant, "load_window_2_start", 12)
    key = await refusal(
        plant, "time", "set_value", "load_window_2_end", time=time(23, 30)
    )
    assert key == "contact_windows_overlap"
    key = await refusal(plant, "time", "set_value", "load_window_2_end", time=time(12))
    assert key == "contact_window_empty"


async def test_an_intelligent_load(plant: World) -> None:
    await choose(plant, "dry_contact_function", "load_control")
    await choose(plant, "load_mode", "intelligent")
    (warning,) = plant.state("dry_contact_function").attributes["warnings"]
    assert "no window" in warning
    await move(plant, "surplus_window_start", 9)
    await move(plant, "surplus_window_end", 16)
    await plant.set_number("load_nominal_power", 1800)
    await plant.set_number("load_min_run_time", 20)
    rules = relay(plant).intelligent
    assert (rules.rated_power, rules.min_runtime) == (1800, 20)
    assert plant.state("dry_contact_function").attributes["warnings"] == []


async def test_a_backup_load(plant: World) -> None:
    await plant.set_number("load_protection_soc", 35)
    await choose(plant, "dry_contact_function", "load_control")
    await choose(plant, "load_mode", "backup_load")
    assert relay(plant).load_mode is LoadMode.BACKUP_LOAD
    assert relay(plant).protect_soc == 35


async def test_an_ev_charger(plant: World) -> None:
    await choose(plant, "dry_contact_function", "load_control")
    await choose(plant, "load_mode", "ev_charger")
    await plant.set_number("entrance_breaker_size", 80)
    assert relay(plant).breaker_size == 80
    number = ("number", "set_value")
    key = await refusal(plant, *number, "ev_charger_size", value=80)
    assert key == "contact_charger_not_below_breaker"
    with pytest.raises(ServiceValidationError):
        await plant.set_number("ev_charger_size", 0)


async def test_a_breaker_above_the_supply_fuse_is_asked_about(plant: World) -> None:
    await choose(plant, "dry_contact_function", "load_control")
    await choose(plant, "load_mode", "ev_charger")
    number = ("number", "set_value", "entrance_breaker_size")
    assert await refusal(plant, *number, value=125) == "contact_breaker_above_fuse"
    assert await refusal(plant, *number, value=160) == "contact_breaker_above_fuse"
    await plant.set_number("entrance_breaker_size", 160)
    assert relay(plant).breaker_size == 160


async def test_a_generator(plant: World) -> None:
    await plant.set_number("generator_stop_soc", 75)
    await plant.set_number("generator_start_soc", 25)
    await choose(plant, "dry_contact_function", "generator_control")
    await plant.operate("switch", "turn_on", "generator")
    assert plant.shown("dry_contact_closed") == "on"
    await choose(plant, "generator_mode", "auto")
    rules = relay(plant).generator
    assert rules.mode is GeneratorMode.AUTO
    assert (rules.start_soc, rules.stop_soc) == (25, 75)
    key = await refusal(plant, "number", "set_value", "generator_start_soc", value=66)
    assert key == "contact_start_not_below_stop"


async def test_quiet_time_and_the_charge_window(plant: World) -> None:
    await choose(plant, "dry_contact_function", "generator_control")
    await choose(plant, "generator_mode", "auto")
    await move(plant, "generator_quiet_start", 22)
    await move(plant, "generator_quiet_end", 7)
    await plant.operate("switch", "turn_on", "generator_quiet_time")
    assert relay(plant).generator.quiet(23 * 60)
    await move(plant, "generator_charge_end", 8)
    await move(plant, "generator_charge_start", 6)
    (warning,) = plant.state("dry_contact_function").attributes["warnings"]
    assert "60 of its 120 minutes" in warning
    key = await refusal(
        plant, "time", "set_value", "generator_charge_end", time=time(6, 30)
    )
    assert key == "contact_charge_all_quiet"


# ---- what is refused ----


async def test_a_command_of_another_use_is_refused(plant: World) -> None:
    for key in ("load_contact", "generator"):
        told = await refusal(plant, "switch", "turn_on", key)
        assert told == "contact_not_in_use"


async def test_texts_and_unknown_choices_are_refused(plant: World) -> None:
    before = relay(plant)
    for operation, data in (
        (("select", "select_option", "load_mode"), {"option": "sometimes"}),
        (("number", "set_value", "ev_charger_size"), {"value": "many"}),
        (("time", "set_value", "load_window_1_start"), {"time": "24:00"}),
    ):
        with pytest.raises(Exception, match=r"sometimes|float|[Ii]nvalid"):
            await plant.operate(*operation, **data)
    assert relay(plant) == before
