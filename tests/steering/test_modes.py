"""Battery modes and settings from the dashboard: what is shown, and what goes wrong."""

import asyncio
import json
from pathlib import Path
from typing import Any

from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

import custom_components.instagen
from custom_components.instagen.control.wishes import Refusal
from custom_components.instagen.links.modbus.settings import ModbusSettings
from custom_components.instagen.plant.settings import SETTINGS, Block
from custom_components.instagen.platforms.number import NUMBERS

from .world import STICK, World

LINKS = {"modbus": ["modbus"], "dts": ["dts"], "both": ["dts", "modbus"]}
TEXTS = json.loads(
    (
        Path(custom_components.instagen.__file__).parent / "translations/en.json"
    ).read_text(encoding="utf-8")
)

OTHER_VALUES = {
    "self_consumption_reserve_soc": 33,
    "economical_reserve_soc": 44,
    "full_backup_reserve_soc": 77,
    "force_charge_target_soc": 88,
    "force_charge_power": 12.3,
    "force_discharge_target_soc": 40,
    "force_discharge_power": 45.6,
    "battery_max_soc": 95,
    "battery_min_soc": 15,
    "battery_charge_power_limit": 81.5,
    "battery_discharge_power_limit": 72.5,
    "export_limit": 50.5,
}
"""For each number one that the simulated plant does not have."""

NOT_OVER_MODBUS = {"economical_reserve_soc"}

OF_THE_CHOSEN_MODE = "self_consumption_reserve_soc"


@pytest.fixture(params=list(LINKS.values()), ids=list(LINKS))
def links(request: pytest.FixtureRequest) -> list[str]:
    found: list[str] = request.param
    return found


# ---- what is there ----


async def test_every_number_has_its_test() -> None:
    assert OTHER_VALUES.keys() == NUMBERS.keys()


async def test_modbus_shows_how_the_device_stands(world: World) -> None:
    await world.set_up(["modbus"])
    for key in NUMBERS.keys() - NOT_OVER_MODBUS:
        assert float(world.shown(key)) == world.device(key), key
        assert world.state(key).attributes["state"] == "confirmed"
        assert world.state(key).attributes["link"] == "modbus"
    assert world.shown("battery_mode") == "self_consumption"
    assert world.shown("export_control") == "off"
    assert world.shown("current_lease") == "none"
    assert world.shown("writes_today") == "0"


async def test_ranges_are_the_devices(world: World) -> None:
    """The reserves stay within the SOC limits, also when somebody moves those."""
    world.sim.set({"battery_min_soc": 25, "battery_max_soc": 90})
    await world.set_up(["modbus"])
    reserve = world.state("self_consumption_reserve_soc").attributes
    assert (reserve["min"], reserve["max"], reserve["step"]) == (25, 90, 1)
    power = world.state("force_charge_power").attributes
    assert (power["min"], power["max"], power["step"]) == (0, 100, 0.1)
    world.sim.set({"battery_min_soc": 30})
    await world.poll()
    assert world.state("self_consumption_reserve_soc").attributes["min"] == 30


@pytest.mark.parametrize("world", ["mode_read"], indirect=True)
async def test_a_stick_alone_has_no_limits(world: World) -> None:
    """Its protocol carries the mode and what it acts by."""
    await world.set_up(["dts"])
    there = {key for key in (*NUMBERS, "export_control") if world.find(key)}
    assert there == {key for key in NUMBERS if SETTINGS[key].block is Block.MODE}
    assert world.shown("battery_mode") == "self_consumption"
    assert world.shown("self_consumption_reserve_soc") == "20"
    assert world.shown("full_backup_reserve_soc") == "unknown"


# ---- success ----


@pytest.mark.parametrize("mode", ["full_backup", "economical"])
async def test_a_mode_is_chosen(world: World, mode: str) -> None:
    await world.set_up(["modbus"])
    await world.choose(mode)
    assert world.device("battery_mode") == mode
    assert world.shown("battery_mode") == mode
    assert world.state("battery_mode").attributes["state"] == "confirmed"
    assert world.shown("writes_today") == "1"
    await world.choose(mode)
    assert world.shown("writes_today") == "1"


@pytest.mark.parametrize("world", ["mode_read"], indirect=True)
async def test_over_every_link(world: World, links: list[str]) -> None:
    """What was set for a mode before goes out with it, whichever way that is."""
    await world.set_up(links)
    await world.set_number("full_backup_reserve_soc", 77)
    await world.choose("full_backup")
    assert world.device("battery_mode") == "full_backup"
    assert world.device("full_backup_reserve_soc") == 77
    assert world.state("battery_mode").attributes["state"] == "confirmed"
    assert world.device("self_consumption_reserve_soc") == 20


async def test_every_number_is_written(world: World) -> None:
    await world.set_up(["modbus"])
    for key in OTHER_VALUES.keys() - NOT_OVER_MODBUS:
        await world.set_number(key, OTHER_VALUES[key])
        assert world.device(key) == OTHER_VALUES[key], key
        assert float(world.shown(key)) == OTHER_VALUES[key]
        assert world.state(key).attributes["state"] == "confirmed"
    assert world.device("battery_mode") == "self_consumption"


async def test_a_limit_of_export_is_on_once_it_is_set(world: World) -> None:
    await world.set_up(["modbus"])
    await world.set_number("export_limit", 50.5)
    assert world.device("export_control") is True
    assert world.shown("export_control") == "on"
    await world.operate("switch", "turn_off", "export_control")
    assert world.device("export_control") is False
    assert world.device("export_limit") == 50.5
    await world.operate("switch", "turn_on", "export_control")
    assert world.shown("export_control") == "on"


async def test_a_link_that_cannot_tell_sends_and_says_so(world: World) -> None:
    await world.set_up(["dts"])
    assert world.shown("battery_mode") == "unknown"
    await world.set_number("self_consumption_reserve_soc", 33)
    assert world.state("self_consumption_reserve_soc").attributes["state"] == (
        "unconfirmed"
    )
    assert world.device("self_consumption_reserve_soc") == 20, "its mode is not known"
    await world.choose("self_consumption")
    assert world.device("self_consumption_reserve_soc") == 33
    assert world.shown("battery_mode") == "self_consumption"
    assert world.state("battery_mode").attributes["state"] == "unconfirmed"


async def test_a_parameter_that_nobody_knows_is_named(world: World) -> None:
    await world.set_up(["dts"])
    with pytest.raises(ServiceValidationError) as raised:
        await world.choose("full_backup")
    assert raised.value.translation_key == "wish_incomplete"
    assert "Full backup target" in str(raised.value)
    assert world.shown("battery_mode") == "unknown"


async def test_a_pending_value_is_shown_and_never_flaps_back(world: World) -> None:
    """Also when a poll comes in between."""
    await world.set_up(["modbus"])
    seen = async_capture_events(world.hass, "state_changed")
    choosing = asyncio.create_task(world.choose("full_backup"))
    await world.until_pending("battery_mode")
    assert world.shown("battery_mode") == "full_backup"
    assert world.device("battery_mode") == "self_consumption", "it is on its way"
    await world.coordinator.async_refresh()
    await choosing
    await world.poll()
    entity_id = world.entity_id("battery_mode")
    states = [
        event.data["new_state"].state
        for event in seen
        if event.data["entity_id"] == entity_id
    ]
    assert set(states) == {"full_backup"}
    assert world.device("battery_mode") == "full_backup"


# ---- failure ----

CONTROLS: list[tuple[str, Any]] = [
    ("export_control", True),
    *(pair for pair in OTHER_VALUES.items() if pair[0] not in NOT_OVER_MODBUS),
    *(("battery_mode", mode) for mode in ("economical", "full_backup")),
]


async def operate(world: World, key: str, value: Any) -> None:
    """Set a control of any kind."""
    if key == "battery_mode":
        await world.choose(value)
    elif key == "export_control":
        await world.operate("switch", "turn_on", key)
    else:
        await world.set_number(key, value)


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("refused", "refused_by_device"),
        ("ignored", "not_applied"),
        ("unheard", "not_applied"),
    ],
)
async def test_what_the_device_does_not_take(
    world: World, kind: str, refusal: str
) -> None:
    """The control shows the device's value again, and why; nothing else has changed."""
    await world.set_up(["modbus"], writes_refused=500, writes_warned=500)
    stood = world.sim.plant.settings
    await world.sim.fault("writes", kind=kind)
    for key, value in CONTROLS:
        before = world.shown(key)
        with pytest.raises(HomeAssistantError) as raised:
            await operate(world, key, value)
        assert raised.value.translation_key == f"wish_{refusal}", key
        assert "{" not in str(raised.value)
        assert world.shown(key) == before, key
        assert world.state(key).attributes["state"] == "refused"
        assert world.state(key).attributes["last_refusal"] == refusal
        assert world.sim.plant.settings == stood
    await world.sim.fault("writes", on=False)
    key, value = CONTROLS[0]
    await operate(world, key, value)
    assert world.state(key).attributes["last_refusal"] is None
    assert world.device(key) == value


async def test_silence_is_no_failure_when_the_device_shows_it(world: World) -> None:
    await world.set_up(["modbus"])
    await world.sim.fault("writes", kind="unanswered")
    for key, value in CONTROLS:
        await operate(world, key, value)
        assert world.device(key) == value, key
        assert world.state(key).attributes["state"] == "confirmed"


@pytest.mark.parametrize("mode", ["self_consumption", "full_backup"])
async def test_silence_of_a_link_that_cannot_tell(world: World, mode: str) -> None:
    await world.set_up(["dts"])
    await world.set_number("self_consumption_reserve_soc", 33)
    await world.set_number("full_backup_reserve_soc", 77)
    await world.sim.fault("writes", kind="unheard")
    with pytest.raises(HomeAssistantError) as raised:
        await world.choose(mode)
    assert raised.value.translation_key == "wish_silent"
    assert world.shown("battery_mode") == "unknown"
    await world.sim.fault("writes", on=False)
    await world.choose(mode)
    assert world.device("battery_mode") == mode


async def test_the_link_is_lost_between_a_write_and_its_proof(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.set_up(["modbus"], writes_refused=500, writes_warned=500)
    write = ModbusSettings.write

    async def write_and_lose(road: ModbusSettings, *args: Any) -> None:
        await write(road, *args)
        await world.sim.fault("drop")

    monkeypatch.setattr(ModbusSettings, "write", write_and_lose)
    for key, value in CONTROLS:
        with pytest.raises(HomeAssistantError) as raised:
            await operate(world, key, value)
        assert raised.value.translation_key == "wish_link_lost", key
        assert world.device(key) == value, "it was taken"
        await world.sim.fault("drop", on=False)
        await world.poll()
        assert world.shown(key) == str(value).lower().replace("true", "on"), key
        assert world.state(key).attributes["state"] == "confirmed"


async def test_out_of_the_devices_range(world: World) -> None:
    """Home Assistant checks a number by the range that we tell it."""
    await world.set_up(["modbus"])
    stood = world.sim.plant.settings
    for key in NUMBERS.keys() - NOT_OVER_MODBUS:
        too_much = world.state(key).attributes["max"] + 1
        with pytest.raises(ServiceValidationError) as raised:
            await world.set_number(key, too_much)
        assert raised.value.translation_key == "out_of_range"
    assert world.sim.plant.settings == stood


async def test_between_two_steps(world: World) -> None:
    await world.set_up(["modbus"])
    with pytest.raises(ServiceValidationError) as raised:
        await world.set_number("full_backup_reserve_soc", 77.5)
    assert raised.value.translation_key == "wish_not_a_step"
    assert str(raised.value).startswith("Full backup target cannot be 77.5")


async def test_limits_must_not_cross(world: World) -> None:
    world.sim.set({"battery_min_soc": 40})
    await world.set_up(["modbus"])
    with pytest.raises(ServiceValidationError) as raised:
        await world.set_number("battery_max_soc", 30)
    assert raised.value.translation_key == "wish_limits_crossed"


async def test_a_budget_that_is_spent(world: World) -> None:
    await world.set_up(["modbus"], writes_warned=1, writes_refused=2)
    await world.choose("full_backup")
    await world.choose("self_consumption")
    with pytest.raises(ServiceValidationError) as raised:
        await world.choose("full_backup")
    assert raised.value.translation_key == "wish_budget"
    assert world.shown("writes_today") == "2"
    assert world.shown("battery_mode") == "self_consumption"


# ---- the house and its grid ----


async def test_off_grid_is_not_offered_unless_allowed(world: World) -> None:
    await world.set_up(["modbus"])
    assert "off_grid" not in world.state("battery_mode").attributes["options"]
    with pytest.raises(ServiceValidationError) as raised:
        await world.act("set_battery_mode", mode="off_grid", confirm_off_grid=True)
    assert raised.value.translation_key == "wish_off_grid_not_allowed"


async def test_off_grid_needs_a_person_who_confirms(world: World) -> None:
    await world.set_up(["modbus"], allow_off_grid=True)
    assert "off_grid" in world.state("battery_mode").attributes["options"]
    with pytest.raises(ServiceValidationError) as raised:
        await world.choose("off_grid")
    assert raised.value.translation_key == "wish_off_grid_not_confirmed"
    assert "Set battery mode" in str(raised.value)
    with pytest.raises(ServiceValidationError) as raised:
        await world.act(
            "set_battery_mode", automation=True, mode="off_grid", confirm_off_grid=True
        )
    assert raised.value.translation_key == "wish_off_grid_not_confirmed"
    assert world.device("battery_mode") == "self_consumption"
    answer = await world.act("set_battery_mode", mode="off_grid", confirm_off_grid=True)
    assert answer["state"] == "verified"
    assert world.device("battery_mode") == "off_grid"
    await world.choose("self_consumption")
    assert world.device("battery_mode") == "self_consumption"


async def test_modes_beyond_the_manual_are_shown_where_they_are(world: World) -> None:
    await world.set_up(["modbus"])
    assert "peak_shaving" not in world.state("battery_mode").attributes["options"]
    world.sim.set({"battery_mode": "peak_shaving"})
    await world.poll()
    assert world.shown("battery_mode") == "peak_shaving"
    await world.choose("self_consumption")
    assert world.shown("battery_mode") == "self_consumption"


async def test_nothing_is_offered_while_the_plant_is_away(world: World) -> None:
    await world.set_up(["modbus"])
    await world.sim.fault("drop")
    await world.poll()
    assert world.shown("battery_mode") == STATE_UNAVAILABLE
    assert world.shown("current_lease") == "none"
    with pytest.raises(HomeAssistantError) as raised:
        await world.act("set_battery_mode", mode="full_backup")
    assert raised.value.translation_key == "wish_unreachable"


# ---- words ----


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_has_its_texts(refusal: Refusal) -> None:
    assert TEXTS["exceptions"][f"wish_{refusal}"]["message"]
    entity = TEXTS["entity"]["select"]["battery_mode"]["state_attributes"]
    assert refusal in entity["last_refusal"]["state"]
    cause = TEXTS["entity"]["event"]["control"]["state_attributes"]["cause"]
    assert refusal in cause["state"]


async def test_ids(world: World) -> None:
    await world.set_up(["modbus"])
    assert world.entity_id("battery_mode") == "select.hit_15l_g3_battery_mode"
    assert STICK not in str(world.hass.states.async_all())
    assert ATTR_ENTITY_ID not in world.state("battery_mode").attributes
