"""Maintenance in Home Assistant: buttons and the inverter switch, over real sockets."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
import json
import logging
from pathlib import Path
from typing import Any

from homeassistant.components.button import DOMAIN as BUTTON, SERVICE_PRESS
from homeassistant.components.switch import DOMAIN as SWITCH
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import (
    ATTR_ASSUMED_STATE,
    ATTR_ENTITY_ID,
    CONF_HOST,
    CONF_PORT,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    EntityCategory,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

import custom_components.instagen
from custom_components.instagen.const import (
    CONF_DTS_PORT,
    CONF_LINKS,
    CONF_SERIAL,
    CONF_UNIT_ID,
    CONF_UNPROVEN_WRITES,
    DOMAIN,
)
from custom_components.instagen.control import maintenance
from custom_components.instagen.control.maintenance import (
    COMMANDS,
    Command,
    Outcome,
    Pace,
)
from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts import link as dts
from custom_components.instagen.links.dts.stream import Timing
from custom_components.instagen.plant.evidence import Evidence
from custom_components.instagen.platforms.button import BUTTONS
from simulator import Simulator, serve

from .conftest import NOON

STICK = "430122480680"
SLOW = 8195
"""Restarting an inverter takes the simulated stick a minute."""

DISABLED = {
    "restore_dtu_defaults",
    "restore_inverter_defaults",
    "clear_inverter_history",
    "inverter",
}
TEXTS = json.loads(
    (
        Path(custom_components.instagen.__file__).parent / "translations/en.json"
    ).read_text(encoding="utf-8")
)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the pauses a real stick needs."""
    hasty = Timing(spacing=0, answer=0.3, connect=1, backoff=0.01, longest_backoff=0.02)
    original = dts.DtsLink.__init__
    monkeypatch.setattr(
        dts.DtsLink,
        "__init__",
        lambda self, connect, **given: original(
            self, connect, **(given | {"timing": hasty})
        ),
    )
    pace = Pace(first=0.01, growth=1, longest=0.01)
    monkeypatch.setattr(maintenance, "PACE", pace)


@pytest.fixture
async def home(socket_enabled: None) -> AsyncGenerator[Simulator]:
    """Serve a plant over both links; a minute of it is a second."""
    async with serve("hybrid", start=NOON, dts=0, speed=60) as sim:
        yield sim


def make_entry(sim: Simulator, *links: str, **options: bool) -> MockConfigEntry:
    """Make an entry of the plant."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="HIT-15L-G3",
        unique_id=STICK,
        data={
            CONF_HOST: "127.0.0.1",
            CONF_LINKS: list(links or ("dts",)),
            CONF_DTS_PORT: sim.dts_port,
            CONF_PORT: sim.modbus_port,
            CONF_UNIT_ID: 1,
            CONF_SERIAL: STICK,
        },
        options=options,
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Set an entry up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


@pytest.fixture
def all_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every entity start enabled."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


@pytest.fixture
async def loaded(
    hass: HomeAssistant, home: Simulator, all_enabled: None
) -> AsyncGenerator[MockConfigEntry]:
    """Return the plant's entry with everything enabled."""
    entry = await set_up(hass, make_entry(home))
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


def of(hass: HomeAssistant, platform: str, key: str) -> str:
    """Return the entity id behind a key."""
    entity_id = er.async_get(hass).async_get_entity_id(
        platform, DOMAIN, f"{STICK}_{key}"
    )
    assert entity_id is not None
    return entity_id


async def press(hass: HomeAssistant, command: Command) -> None:
    """Press a button and wait for its end."""
    await hass.services.async_call(
        BUTTON,
        SERVICE_PRESS,
        {ATTR_ENTITY_ID: of(hass, BUTTON, command)},
        blocking=True,
    )


async def switch(hass: HomeAssistant, service: str) -> None:
    """Turn the inverter on or off."""
    await hass.services.async_call(
        SWITCH, service, {ATTR_ENTITY_ID: of(hass, SWITCH, "inverter")}, blocking=True
    )


def button(hass: HomeAssistant, command: Command) -> dict[str, Any]:
    """Return what a button tells about its command."""
    state = hass.states.get(of(hass, BUTTON, command))
    assert state is not None
    keys = ("in_progress", "progress", "last_result")
    return {key: state.attributes[key] for key in keys}


# ---- what exists ----


async def test_what_exists(hass: HomeAssistant, home: Simulator) -> None:
    entry = await set_up(hass, make_entry(home, "dts", "modbus"))
    registered = {
        one.unique_id.removeprefix(f"{STICK}_"): one
        for one in er.async_get(hass).entities.values()
        if one.domain in {BUTTON, SWITCH} and one.translation_key != "export_control"
    }
    switched = {Command.INVERTER_ON, Command.INVERTER_OFF}
    assert registered.keys() == set(Command) - switched | {"inverter"}
    assert {one for one in registered if registered[one].disabled} == DISABLED
    for key, one in registered.items():
        assert one.entity_category is EntityCategory.CONFIG
        assert one.translation_key == key
    await hass.config_entries.async_unload(entry.entry_id)


async def test_modbus_alone_carries_no_commands(
    hass: HomeAssistant, home: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    entry = await set_up(hass, make_entry(home, "modbus"))
    assert entry.runtime_data.maintenance is None
    keys = {
        one.translation_key
        for one in er.async_get(hass).entities.values()
        if one.domain in {BUTTON, SWITCH}
    }
    assert keys == {"export_control"}
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("key", [*(one.key for one in BUTTONS), "inverter"])
def test_every_entity_has_its_texts(key: str) -> None:
    platform = SWITCH if key == "inverter" else BUTTON
    texts = TEXTS["entity"][platform][key]
    assert texts["name"]
    if platform == BUTTON:
        results = texts["state_attributes"]["last_result"]["state"]
        assert results.keys() == set(Outcome)


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.DONE}))
def test_every_end_has_its_text(outcome: Outcome) -> None:
    coded = {Outcome.REFUSED, Outcome.FAILED, Outcome.STOPPED}
    wanted = {f"command_{outcome}_with_code"} if outcome in coded else set()
    if outcome is not Outcome.REFUSED:
        wanted.add(f"command_{outcome}")
    assert wanted <= TEXTS["exceptions"].keys()


# ---- buttons ----


@pytest.mark.parametrize("command", [one.command for one in BUTTONS])
async def test_a_press_runs_its_command(
    hass: HomeAssistant, loaded: MockConfigEntry, command: Command
) -> None:
    assert button(hass, command)["last_result"] is None
    await press(hass, command)
    shown = {"in_progress": False, "progress": None, "last_result": "done"}
    assert button(hass, command) == shown


async def test_progress_in_quarters(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    entity_id = of(hass, BUTTON, Command.RESTART_INVERTER)
    events = async_capture_events(hass, "state_changed")
    await press(hass, Command.RESTART_INVERTER)
    await hass.async_block_till_done()
    told = [
        event.data["new_state"].attributes["progress"]
        for event in events
        if event.data["entity_id"] == entity_id
    ]
    # The first state is that of the press itself, the last that of its end.
    assert told == [None, 0, 25, 50, 75, 100, None]


def _take(home: Simulator, action: int) -> pb.CommandAnswer:
    """Let the stick take a command from somebody else."""
    return home.stick.commands.take(pb.CommandRequest(action=action, transaction=1))


async def _fails(hass: HomeAssistant, command: Command) -> HomeAssistantError:
    with pytest.raises(HomeAssistantError) as err:
        await press(hass, command)
    assert err.value.translation_domain == DOMAIN
    assert err.value.translation_key in TEXTS["exceptions"]
    assert "{" not in str(err.value)
    assert button(hass, command)["in_progress"] is False
    return err.value


async def test_a_refusal(
    hass: HomeAssistant, home: Simulator, loaded: MockConfigEntry
) -> None:
    assert _take(home, SLOW).error == 0
    err = await _fails(hass, Command.FIND_DEVICE)
    assert err.translation_key == "command_refused_with_code"
    assert err.translation_placeholders == {"code": "4"}
    assert button(hass, Command.FIND_DEVICE)["last_result"] == "refused"


async def test_a_failure(
    hass: HomeAssistant, home: Simulator, loaded: MockConfigEntry
) -> None:
    failing = hass.async_create_task(_fails(hass, Command.RESTART_INVERTER))
    await _until_begun(hass, Command.RESTART_INVERTER)
    _take(home, 4098)
    assert (await failing).translation_key == "command_failed"


async def _until_begun(hass: HomeAssistant, command: Command) -> None:
    """Wait until the stick has told a first quarter."""
    async with asyncio.timeout(10):
        while not button(hass, command)["progress"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_stop_by_its_button(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    failing = hass.async_create_task(_fails(hass, Command.RESTART_INVERTER))
    await _until_begun(hass, Command.RESTART_INVERTER)
    await press(hass, Command.STOP_DTU_COMMAND)
    assert (await failing).translation_key == "command_stopped"


async def test_busy(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    running = hass.async_create_task(press(hass, Command.RESTART_INVERTER))
    await _until_begun(hass, Command.RESTART_INVERTER)
    err = await _fails(hass, Command.FIND_DEVICE)
    assert isinstance(err, ServiceValidationError)
    assert err.translation_key == "command_busy"
    with pytest.raises(ServiceValidationError):
        await press(hass, Command.RESTART_INVERTER)
    assert button(hass, Command.RESTART_INVERTER)["in_progress"] is True
    await running


async def test_an_unknown_command(
    hass: HomeAssistant, home: Simulator, loaded: MockConfigEntry
) -> None:
    for number in (0xDB03, 0xDB04):
        home.stick._handlers.pop(number)
    err = await _fails(hass, Command.UPLOAD_DATA_NOW)
    assert err.translation_key == "command_not_supported"


async def test_no_confirmation(
    hass: HomeAssistant,
    home: Simulator,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = replace(COMMANDS[Command.FIND_DEVICE], patience=0.1)
    monkeypatch.setitem(COMMANDS, Command.FIND_DEVICE, row)
    home.stick._handlers.pop(0xDB04)
    err = await _fails(hass, Command.FIND_DEVICE)
    assert err.translation_key == "command_unconfirmed"


async def test_nobody_there(
    hass: HomeAssistant, home: Simulator, loaded: MockConfigEntry
) -> None:
    await home.dts.stop()
    err = await _fails(hass, Command.RESTART_DTU)
    assert err.translation_key == "command_not_sent"
    await loaded.runtime_data.coordinator.async_refresh()
    for command, available in (
        (Command.RESTART_DTU, True),
        (Command.FIND_DEVICE, False),
    ):
        state = hass.states.get(of(hass, BUTTON, command))
        assert state is not None
        assert (state.state != STATE_UNAVAILABLE) is available


async def test_consent(
    hass: HomeAssistant,
    home: Simulator,
    all_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = replace(COMMANDS[Command.FIND_DEVICE], evidence=Evidence.INFERRED)
    monkeypatch.setitem(COMMANDS, Command.FIND_DEVICE, row)
    entry = await set_up(hass, make_entry(home))
    err = await _fails(hass, Command.FIND_DEVICE)
    assert err.translation_key == "command_needs_opt_in"
    assert home.stick.commands.last is None
    hass.config_entries.async_update_entry(entry, options={CONF_UNPROVEN_WRITES: True})
    await press(hass, Command.FIND_DEVICE)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_what_nobody_knows_is_not_offered(
    hass: HomeAssistant, home: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = replace(COMMANDS[Command.FIND_DEVICE], evidence=Evidence.UNKNOWN)
    monkeypatch.setitem(COMMANDS, Command.FIND_DEVICE, row)
    entry = await set_up(hass, make_entry(home))
    unique_ids = {one.unique_id for one in er.async_get(hass).entities.values()}
    assert f"{STICK}_find_device" not in unique_ids
    assert f"{STICK}_upload_data_now" in unique_ids
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_restart_is_one_line_in_the_log(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    coordinator = loaded.runtime_data.coordinator
    pressing = hass.async_create_task(press(hass, Command.RESTART_DTU))
    lost = 0
    while not pressing.done():
        await coordinator.async_refresh()
        lost += not coordinator.last_update_success
        await asyncio.sleep(0.02)
    await pressing
    await coordinator.async_refresh()
    assert coordinator.last_update_success
    assert lost > 1
    loud = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert len([one for one in loud if "instagen" in one.name]) == 1


async def test_unloading_ends_a_command(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    pressing = hass.async_create_task(press(hass, Command.RESTART_INVERTER))
    await _until_begun(hass, Command.RESTART_INVERTER)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(HomeAssistantError) as err:
        await pressing
    assert err.value.translation_key == "command_unconfirmed"


# ---- the switch ----


def inverter(hass: HomeAssistant) -> tuple[str, bool]:
    """Return the switch's state and whether it is assumed."""
    state = hass.states.get(of(hass, SWITCH, "inverter"))
    assert state is not None
    return state.state, state.attributes.get(ATTR_ASSUMED_STATE, False)


async def test_off_and_on(
    hass: HomeAssistant, home: Simulator, loaded: MockConfigEntry
) -> None:
    coordinator = loaded.runtime_data.coordinator
    assert inverter(hass) == (STATE_ON, False)
    await switch(hass, SERVICE_TURN_OFF)
    assert not home.plant.running
    assert inverter(hass) == (STATE_OFF, True)
    await coordinator.async_refresh()
    assert coordinator.data.get("work_status") == "standby"
    assert inverter(hass) == (STATE_OFF, True)
    await switch(hass, SERVICE_TURN_ON)
    assert home.plant.running
    assert inverter(hass)[0] == STATE_ON


def _say(entry: MockConfigEntry, status: str | None) -> None:
    """Let the plant report a work status."""
    coordinator = entry.runtime_data.coordinator
    coordinator.data.apply(
        {"work_status": status}, served={"work_status"}, silent=frozenset()
    )
    coordinator.async_update_listeners()


async def test_the_work_status_overrules(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    await switch(hass, SERVICE_TURN_OFF)
    _say(loaded, "standby")
    assert inverter(hass) == (STATE_OFF, True)
    _say(loaded, "on_grid")
    assert inverter(hass) == (STATE_ON, False)
    _say(loaded, "standby")
    assert inverter(hass) == (STATE_UNKNOWN, True)


async def test_an_inverter_that_does_not_stop(
    hass: HomeAssistant, loaded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator = loaded.runtime_data.coordinator
    monkeypatch.setattr(coordinator, "async_request_refresh", _do_nothing)
    await switch(hass, SERVICE_TURN_OFF)
    _say(loaded, "on_grid")
    assert inverter(hass) == (STATE_OFF, True)
    later = coordinator.clock() + 121
    monkeypatch.setattr(coordinator, "clock", lambda: later)
    _say(loaded, "on_grid")
    assert inverter(hass) == (STATE_ON, False)


async def _do_nothing() -> None:
    """Stand in for a refresh."""


@pytest.mark.parametrize("status", ["standby", "fault", None])
async def test_a_status_that_tells_nothing(
    hass: HomeAssistant, loaded: MockConfigEntry, status: str | None
) -> None:
    _say(loaded, status)
    assert inverter(hass) == (STATE_UNKNOWN, True)


async def test_a_refused_switch_stays_as_it_was(
    hass: HomeAssistant, home: Simulator, loaded: MockConfigEntry
) -> None:
    _take(home, 8200)
    with pytest.raises(HomeAssistantError) as err:
        await switch(hass, SERVICE_TURN_OFF)
    assert err.value.translation_key == "command_refused_with_code"
    assert inverter(hass) == (STATE_ON, False)
