"""The rules on a switch of the owner: a plant over Modbus, and a stand-in switch."""

from datetime import timedelta
from unittest.mock import AsyncMock

from homeassistant.const import (
    EVENT_HOMEASSISTANT_STARTED,
    EVENT_HOMEASSISTANT_STOP,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import CoreState
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest

from custom_components.instagen.const import (
    CONF_CONTACT_CURRENTS,
    CONF_CONTACT_RUNNING,
    CONF_CONTACT_SWITCH,
)
from custom_components.instagen.local_contact import _store

from .house import CURRENT, ENGINE, POLL, RELAY, House


async def ev(house: House) -> None:
    """Let a charger of 32 A behind 63 A be allowed."""
    house.feed(5)
    await house.set_up(**{CONF_CONTACT_CURRENTS: [CURRENT]})
    await house.numbers(entrance_breaker_size=63, ev_charger_size=32)
    await house.choose(dry_contact_function="load_control", load_mode="ev_charger")
    await house.run(330, amps=5)
    assert (house.relay, house.reason) == ("on", "room")


async def generator(house: House) -> None:
    """Let a generator start below 30 % and stop above 60 %."""
    await house.set_up(**{CONF_CONTACT_RUNNING: ENGINE})
    await house.numbers(generator_stop_soc=60, generator_start_soc=30)
    await house.choose(generator_mode="auto", dry_contact_function="generator_control")


async def running(house: House) -> None:
    """Let the grid fail with a low battery, and the generator run."""
    await generator(house)
    house.world.sim.set({"grid": False, "soc": 25})
    for _ in range(20):
        if house.relay != "on":
            await house.tick(POLL)
    assert house.relay == "on"
    await house.flip(ENGINE, "turn_on")
    await house.run(80)
    assert house.reason == "low_soc"


# ---- what is there ----


async def test_without_a_switch_there_is_nothing(house: House) -> None:
    await house.world.set_up(["modbus"])
    assert house.world.find("dry_contact_function") is None


async def test_it_says_that_home_assistant_must_run(house: House) -> None:
    await house.set_up()
    told = house.world.state("dry_contact_function").attributes
    assert told["rules_run_in"] == "home_assistant"
    assert house.world.shown("dry_contact_closed") == "off"


async def test_a_contact_that_is_not_in_use_is_the_owners(house: House) -> None:
    await house.set_up()
    await house.flip(RELAY, "turn_on")
    await house.run(60)
    assert house.moves == ["on"]


# ---- loads ----


async def test_a_load_by_command(house: House) -> None:
    await house.set_up(**{CONF_CONTACT_RUNNING: ENGINE})
    await house.choose(dry_contact_function="load_control")
    await house.world.operate("switch", "turn_on", "load_contact")
    await house.hass.async_block_till_done()
    assert house.relay == "on"
    told = house.world.state("dry_contact_closed")
    assert (told.state, told.attributes["running"]) == ("on", False)


async def test_a_switch_that_comes_late_is_told_then(house: House) -> None:
    await house.set_up()
    house.hass.states.async_set(RELAY, STATE_UNAVAILABLE)
    await house.choose(dry_contact_function="load_control")
    await house.world.operate("switch", "turn_on", "load_contact")
    await house.hass.async_block_till_done()
    house.hass.states.async_set(RELAY, "off")
    await house.hass.async_block_till_done()
    assert house.relay == "on"


async def test_another_use_rests_open_in_between(house: House) -> None:
    await house.set_up()
    await house.choose(dry_contact_function="load_control")
    await house.world.operate("switch", "turn_on", "load_contact")
    await house.numbers(load_protection_soc=20)
    await house.choose(load_mode="backup_load")
    await house.hass.async_block_till_done()
    assert (house.relay, house.reason) == ("off", "changing")
    await house.run(20)
    assert (house.relay, house.reason) == ("on", "grid")
    assert house.moves == ["on", "off", "on"]


async def test_incomplete_settings_are_refused(house: House) -> None:
    await house.set_up()
    await house.choose(dry_contact_function="load_control")
    with pytest.raises(ServiceValidationError) as err:
        await house.choose(load_mode="ev_charger")
    assert err.value.translation_key == "contact_missing"
    assert "Entrance breaker" in str(err.value)
    assert house.world.shown("load_mode") == "manual"


# ---- the EV guard ----


async def test_above_the_breaker_it_opens_with_the_reading(house: House) -> None:
    await ev(house)
    house.feed(63.1)
    await house.hass.async_block_till_done()
    assert (house.relay, house.reason) == ("off", "over_breaker")


async def test_above_the_breaker_it_opens_within_a_poll_of_the_plant(
    house: House,
) -> None:
    """The plant's own meter is read with every poll while it guards."""
    await house.set_up()
    await house.numbers(entrance_breaker_size=63, ev_charger_size=32)
    await house.choose(dry_contact_function="load_control", load_mode="ev_charger")
    house.world.sim.set({"load": 400})
    await house.run(330)
    assert house.relay == "on"
    house.world.sim.set({"load": 70_000})
    await house.tick(POLL)
    assert (house.relay, house.reason) == ("off", "over_breaker")


async def test_a_silent_sensor_opens_it(house: House) -> None:
    await ev(house)
    house.hass.states.async_set(CURRENT, STATE_UNAVAILABLE)
    await house.hass.async_block_till_done()
    assert (house.relay, house.reason) == ("off", "stale")


async def test_without_any_poll_it_opens_by_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ev(house)
    # Not even the coordinator's own timer asks any more.
    monkeypatch.setattr(house.world.coordinator, "_async_refresh", AsyncMock())
    for _ in range(4):
        await house.tick(POLL, polled=False)
    assert (house.relay, house.reason) == ("off", "stale")


async def test_a_clock_that_stood_ahead_does_not_keep_a_silent_one_closed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.set_up()
    await house.numbers(entrance_breaker_size=63, ev_charger_size=32)
    await house.choose(dry_contact_function="load_control", load_mode="ev_charger")
    house.world.sim.set({"load": 400})
    await house.run(330)
    ahead = dt_util.utcnow() + timedelta(days=1)
    with monkeypatch.context() as wrong:
        wrong.setattr(dt_util, "utcnow", lambda: ahead)
        await house.world.coordinator.async_refresh()
    assert house.relay == "on"
    monkeypatch.setattr(house.world.coordinator, "_async_refresh", AsyncMock())
    for _ in range(4):
        await house.tick(POLL, polled=False)
    assert (house.relay, house.reason) == ("off", "clock")


async def test_a_switch_that_closed_by_itself_is_opened_again(house: House) -> None:
    await ev(house)
    house.feed(70)
    await house.hass.async_block_till_done()
    await house.flip(RELAY, "turn_on")
    await house.hass.async_block_till_done()
    assert house.relay == "off"


async def test_three_trips_lock_it_until_it_is_reset(house: House) -> None:
    await ev(house)
    for _ in range(3):
        house.feed(70)
        await house.hass.async_block_till_done()
        await house.run(330, amps=5)
    assert (house.relay, house.reason) == ("off", "locked")
    assert house.events == ["contact_charger_locked"]
    await house.world.operate("button", "press", "contact_reset")
    await house.run(330, amps=5)
    assert house.relay == "on"


# ---- the generator ----


async def test_it_never_starts_with_the_grid_there(house: House) -> None:
    await generator(house)
    house.world.sim.set({"soc": 5})
    await house.run(300)
    assert house.moves == []
    assert house.reason == "grid"


@pytest.mark.parametrize("world", ["single_phase"], indirect=True)
async def test_it_starts_when_the_grid_fails_and_stops_when_it_is_back(
    house: House,
) -> None:
    await running(house)
    assert house.world.shown("generator_running") == "on"
    house.world.sim.set({"grid": True})
    await house.run(300 + 120 + 40)
    assert house.relay == "off"
    assert house.moves == ["on", "off"]


async def test_one_that_does_not_start_is_given_up(house: House) -> None:
    await generator(house)
    house.world.sim.set({"grid": False, "soc": 25})
    await house.run(400)
    assert (house.relay, house.reason) == ("off", "no_confirmation")
    assert house.moves == ["on", "off"] * 4
    assert house.events == ["contact_generator_fault_no_confirmation"]
    told = house.world.state("contact").attributes
    assert (told["event_type"], told["reason"]) == (
        "generator_fault",
        "no_confirmation",
    )
    assert "did not start" in told["text"]
    assert house.world.shown("loads_to_shed") == "on"
    await house.world.operate("button", "press", "contact_reset")
    assert house.world.shown("loads_to_shed") == "off"
    assert len(house.events) == 1


async def test_an_earth_fault_is_told_once_a_minute_however_it_flaps(
    house: House,
) -> None:
    await house.set_up()
    for _ in range(6):
        house.world.sim.set({"alarms": {"safety_dsp": ["insulation"]}})
        await house.tick(POLL)
        house.world.sim.set({"alarms": {}})
        await house.tick(POLL)
    assert house.events == ["contact_earth_fault"] * 2
    assert house.world.state("contact").attributes["event_type"] == "earth_fault"
    assert house.moves == []


async def test_a_fault_at_boot_waits_for_who_listens(house: House) -> None:
    house.world.sim.set({"alarms": {"safety_dsp": ["insulation"]}})
    house.hass.set_state(CoreState.starting)
    await house.set_up()
    assert house.world.shown("contact") == STATE_UNKNOWN
    house.hass.set_state(CoreState.running)
    house.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await house.hass.async_block_till_done()
    assert house.world.state("contact").attributes["event_type"] == "earth_fault"


# ---- its life ----


async def test_a_restart_moves_nothing(house: House) -> None:
    await running(house)
    moves = list(house.moves)
    house.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await house.hass.async_block_till_done()
    await house.tick(POLL)
    await house.world.stop()
    assert house.moves == moves
    await house.world.start()
    await house.run(30)
    assert house.moves == moves
    assert house.reason == "low_soc"
    assert house.world.shown("generator_start_soc") == "30"


async def test_unloading_leaves_the_switch_open(house: House) -> None:
    await ev(house)
    await house.world.stop()
    assert house.relay == "off"


async def test_unloading_leaves_a_command_as_it_is(house: House) -> None:
    await house.set_up()
    await house.choose(dry_contact_function="load_control")
    await house.world.operate("switch", "turn_on", "load_contact")
    await house.world.stop()
    assert house.relay == "on"


async def test_removing_the_plant_forgets_what_was_set(house: House) -> None:
    await house.set_up()
    await house.numbers(entrance_breaker_size=80)
    entry_id = house.world.entry.entry_id
    assert await _store(house.hass, entry_id).async_load()
    await house.hass.config_entries.async_remove(entry_id)
    assert await _store(house.hass, entry_id).async_load() is None


async def test_the_switch_is_named_in_the_options(house: House) -> None:
    await house.world.set_up(["modbus"])
    flows = house.hass.config_entries.options
    flow = await flows.async_init(house.world.entry.entry_id)
    assert "contact" in flow["menu_options"]
    await flows.async_configure(flow["flow_id"], {"next_step_id": "contact"})
    await flows.async_configure(flow["flow_id"], {CONF_CONTACT_SWITCH: RELAY})
    await house.world.settle()
    assert house.world.shown("dry_contact_function") == "off"
    assert house.world.shown("entrance_breaker_size") == STATE_UNKNOWN
