"""The rules on a switch of the owner: a plant over Modbus, and a stand-in switch."""

import asyncio
from datetime import timedelta
from typing import Any
from unittest.mock import AsyncMock

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import (
    EVENT_HOMEASSISTANT_STARTED,
    EVENT_HOMEASSISTANT_STOP,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import CoreState, ServiceCall
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest

from custom_components.instagen.const import (
    CONF_CONTACT_CURRENTS,
    CONF_CONTACT_RUNNING,
    CONF_CONTACT_SWITCH,
)
from custom_components.instagen.contact.local import _store

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


async def test_a_switch_that_lost_its_power_is_told_once_more(house: House) -> None:
    await ev(house)
    house.hass.states.async_set(RELAY, STATE_UNAVAILABLE)
    await house.run(30, amps=5)
    house.hass.states.async_set(RELAY, "off")
    await house.hass.async_block_till_done()
    assert house.relay == "on"


async def test_a_switch_that_somebody_opened_stays_open(house: House) -> None:
    await ev(house)
    await house.flip(RELAY, "turn_off")
    await house.run(60, amps=5)
    assert (house.relay, house.reason) == ("off", "room")


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


# ---- a forced charge beside the car ----


async def charging(house: House, amps: float | None = None) -> None:
    """Let a car be guarded, by the plant's own meter or a sensor, and the battery charge.

    15 kW over three phases, behind 35 A with a charger of 16 A.
    """
    house.world.sim.set({"load": 2070, "irradiance": 0, "soc": 30})
    await house.set_up(**{CONF_CONTACT_CURRENTS: [CURRENT]} if amps else {})
    await house.numbers(entrance_breaker_size=35, ev_charger_size=16)
    await house.choose(dry_contact_function="load_control", load_mode="ev_charger")
    await lives(house, 20, amps)
    until = (house.world.clock.utcnow() + timedelta(hours=2)).isoformat()
    await house.world.act("force_charge", target_soc=100, power=80, until=until)
    await lives(house, 60, amps)


async def lives(house: House, seconds: float, amps: float | None = None) -> None:
    """Let time pass for the desk, too."""
    while seconds > 0:
        house.world.clock.advance(POLL)
        if amps:
            house.feed(amps)
        await house.tick(POLL)
        seconds -= POLL
    await looks(house)


async def looks(house: House) -> None:
    """Let the desk see to what changed; time stands still for waits."""
    for _ in range(300):
        await asyncio.sleep(0)
    await house.world.settle()


async def test_a_forced_charge_leaves_room_for_the_car(house: House) -> None:
    """House, car and charge stay below the breaker on the worst phase."""
    await charging(house)
    board = house.world.coordinator.data
    for number in (1, 2, 3):
        current: Any = board.get(f"grid_current_l{number}")
        assert current + 16 <= 35
    given = house.world.device("force_charge_power")
    assert 50 <= given < 80
    told = house.world.state("current_lease").attributes
    assert (told["state"], told["limit"], told["power"]) == ("active", given, 80)
    assert f"room to charge at {given:g} %" in told["hindered"][0]
    assert house.world.steering.charges
    await lives(house, 300)
    assert house.relay == "on", "and the car gets its turn"
    assert house.world.device("force_charge_power") == given


async def test_a_house_that_takes_it_all_suspends_the_charge(house: House) -> None:
    await charging(house)
    writes = int(house.world.shown("writes_today"))
    house.world.sim.set({"load": 11_000})
    await lives(house, 120)
    await looks(house)
    assert house.world.device("battery_mode") == "self_consumption"
    assert house.world.shown("current_lease") == "none"
    (text,) = house.world.state("current_lease").attributes["hindered"]
    assert "room" in text
    assert "{" not in text
    event = house.world.told[-1].data
    assert event["code"] == "lease_suspended_no_room"
    house.world.sim.set({"load": 2070})
    await lives(house, 620)
    assert house.world.device("battery_mode") == "force_charge"
    assert int(house.world.shown("writes_today")) == writes + 2
    assert "lease_resumed_room" in house.world.codes()


async def test_above_the_breaker_the_charge_ends_with_the_reading(house: House) -> None:
    await charging(house, amps=5)
    assert house.world.device("battery_mode") == "force_charge"
    house.feed(35.1)
    await looks(house)
    assert house.world.device("battery_mode") == "self_consumption"
    assert house.world.told[-1].data["code"] == "lease_suspended_over_breaker"


async def test_a_silent_meter_ends_the_charge(house: House) -> None:
    await charging(house, amps=5)
    house.hass.states.async_set(CURRENT, STATE_UNAVAILABLE)
    await looks(house)
    assert house.world.device("battery_mode") == "self_consumption"
    event = house.world.told[-1].data
    assert event["code"] == "lease_suspended_current_unknown"


async def test_another_load_mode_lifts_the_limit(house: House) -> None:
    await charging(house)
    assert house.world.device("force_charge_power") < 80
    await house.choose(load_mode="manual")
    await lives(house, 20)
    assert house.world.device("force_charge_power") == 80


async def test_the_current_of_a_lease_is_taken_for_its_own(house: House) -> None:
    """Of what charges the battery, a third on each phase; of nobody's charge nothing."""
    await charging(house)
    readings = house.panel._readings
    power: Any = house.world.coordinator.data.get("battery_charge_power")
    assert power > 7000
    assert readings.look().lease_current == pytest.approx(power / 690)
    await house.world.act("cancel_override")
    assert readings.look().lease_current == 0


# ---- the generator ----


@pytest.mark.parametrize(
    ("told", "runs"),
    [("on", True), ("-5", False), ("1200", True), ("nan", None), ("inf", None)],
)
async def test_what_runs_is_unknown_without_a_number(
    house: House, told: str, runs: bool | None
) -> None:
    await house.set_up(**{CONF_CONTACT_RUNNING: ENGINE})
    house.hass.states.async_set(ENGINE, told)
    assert house.panel.running is runs


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


@pytest.mark.parametrize("error", [HomeAssistantError, OSError])
async def test_a_switch_that_fails_keeps_nothing_from_unloading(
    house: House, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(call: ServiceCall) -> None:
        raise error("gone")

    await ev(house)
    house.hass.services.async_register("input_boolean", "turn_off", fail)
    house.feed(70)
    await house.run(20, amps=70)
    assert (house.relay, house.reason) == ("on", "over_breaker")
    assert caplog.text.count("was not switched") == 1
    await house.run(600, amps=5)
    assert house.reason == "room"
    await house.world.stop()
    assert house.world.entry.state is ConfigEntryState.NOT_LOADED


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
