"""The alarm event: each alarm once when it comes, once when it goes."""

from typing import Any
from unittest.mock import patch

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, STATE_UNAVAILABLE
from homeassistant.core import CoreState, Event, HomeAssistant, State
from homeassistant.helpers import entity_registry as er, restore_state
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.instagen.const import DOMAIN
from custom_components.instagen.plant.alarms import Family
from tests.config_flow.small_stick import SERIAL, SmallStick

ENTITY = "event.hit_15l_g3_alarm"


def _fired(events: list[Event[Any]]) -> list[tuple[str, str, str]]:
    """Return kind, code and state of every event that state triggers can see."""
    return [
        (new.attributes["event_type"], new.attributes["code"], new.attributes["state"])
        for event in events
        if event.data["entity_id"] == ENTITY
        and (new := event.data["new_state"]) is not None
        and (old := event.data["old_state"]) is not None
        and old.state not in (STATE_UNAVAILABLE, new.state)
        and new.state != STATE_UNAVAILABLE
    ]


async def _poll(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()


async def test_what_it_is(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    registered = er.async_get(hass).async_get(ENTITY)
    assert registered is not None
    assert registered.unique_id == f"{SERIAL}_alarm"
    state = hass.states.get(ENTITY)
    assert state is not None
    assert state.attributes["event_types"] == [family.value for family in Family]
    assert state.state == "unknown"


async def test_raised_and_cleared(
    hass: HomeAssistant, stick: SmallStick, loaded: MockConfigEntry
) -> None:
    events = async_capture_events(hass, "state_changed")
    stick.set_faults(grid_safety=1 << 7, battery=1 << 0)
    await _poll(hass, loaded)
    await _poll(hass, loaded)
    state = hass.states.get(ENTITY)
    assert state is not None
    stick.set_faults(grid_safety=0)
    await _poll(hass, loaded)
    assert _fired(events) == [
        ("battery", "battery_voltage_low", "raised"),
        ("grid_safety", "grid_lost", "raised"),
        ("grid_safety", "grid_lost", "cleared"),
    ]
    assert state.attributes["severity"] == "warning"
    assert state.attributes["text"] == "The grid has failed"
    assert state.attributes["remedy"].startswith("Check whether the house has mains")


async def test_an_unnamed_bit_is_told_by_its_family(
    hass: HomeAssistant, stick: SmallStick, loaded: MockConfigEntry
) -> None:
    stick.set_faults(attached_device=1 << 0)
    await _poll(hass, loaded)
    state = hass.states.get(ENTITY)
    assert state is not None
    assert state.attributes["code"] == "attached_device_unknown_0"
    assert state.attributes["text"].startswith("An attached device has a fault")


async def test_a_plant_that_is_away_clears_nothing(
    hass: HomeAssistant, stick: SmallStick, loaded: MockConfigEntry
) -> None:
    stick.set_faults(battery=1 << 0)
    await _poll(hass, loaded)
    events = async_capture_events(hass, "state_changed")
    await stick.stop()
    await _poll(hass, loaded)
    state = hass.states.get(ENTITY)
    assert state is not None
    assert state.state == STATE_UNAVAILABLE
    stick.set_faults(battery=1 << 1)
    await stick.start(stick.host, stick.port)
    await _poll(hass, loaded)
    assert _fired(events) == [
        ("battery", "battery_voltage_low", "cleared"),
        ("battery", "battery_voltage_high", "raised"),
    ]


async def test_unknown_words_say_nothing(
    hass: HomeAssistant, stick: SmallStick, loaded: MockConfigEntry
) -> None:
    stick.set_faults(battery=1 << 0)
    await _poll(hass, loaded)
    events = async_capture_events(hass, "state_changed")
    coordinator = loaded.runtime_data.coordinator
    with patch.object(coordinator.data, "_values", {"faults": None}):
        coordinator.async_update_listeners()
    await hass.async_block_till_done()
    assert _fired(events) == []


async def test_a_reload_neither_repeats_nor_loses(
    hass: HomeAssistant, stick: SmallStick, loaded: MockConfigEntry
) -> None:
    stick.set_faults(battery=1 << 0, system=1 << 3)
    await _poll(hass, loaded)
    events = async_capture_events(hass, "state_changed")
    stick.set_faults(battery=1 << 1)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    state = hass.states.get(ENTITY)
    assert state is not None
    assert state.attributes["code"] == "battery_voltage_high"
    assert _fired(events) == [
        ("battery", "battery_voltage_low", "cleared"),
        ("battery", "battery_voltage_high", "raised"),
    ]


async def test_what_stands_is_stored(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    stick: SmallStick,
    loaded: MockConfigEntry,
) -> None:
    stick.set_faults(battery=1 << 0 | 1 << 31)
    await _poll(hass, loaded)
    await restore_state.async_get(hass).async_dump_states()
    stored = hass_storage[restore_state.STORAGE_KEY]["data"]
    (ours,) = [row for row in stored if row["state"]["entity_id"] == ENTITY]
    assert ours["extra_data"]["outstanding"] == [
        "battery_unknown_31",
        "battery_voltage_low",
    ]


@pytest.fixture
async def starting(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    """Let Home Assistant be about to start, with an alarm known from before."""
    hass.set_state(CoreState.starting)
    now = dt_util.utcnow().isoformat()
    stored = {
        "state": State(ENTITY, "2026-11-22T10:00:00.000+00:00").as_dict(),
        "extra_data": {
            "last_event_type": "battery",
            "last_event_attributes": {"code": "battery_voltage_low"},
            "outstanding": ["battery_voltage_low", "no_such_alarm"],
        },
        "last_seen": now,
    }
    key = restore_state.STORAGE_KEY
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": [stored]}
    await restore_state.async_get(hass).async_load()


async def test_a_restart_tells_the_news_once_automations_listen(
    hass: HomeAssistant,
    stick: SmallStick,
    starting: None,
    request: pytest.FixtureRequest,
) -> None:
    stick.set_faults(battery=1 << 0)
    events = async_capture_events(hass, "state_changed")
    request.getfixturevalue("entry")
    loaded = await _load(hass)
    stick.set_faults(battery=1 << 0, system=1 << 2)
    await _poll(hass, loaded)
    assert _fired(events) == []
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    await _poll(hass, loaded)
    assert _fired(events) == [("system", "load_power_negative", "raised")]
    await hass.config_entries.async_unload(loaded.entry_id)


async def _load(hass: HomeAssistant) -> MockConfigEntry:
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    with patch("custom_components.instagen.PLATFORMS", ("event",)):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    assert isinstance(entry, MockConfigEntry)
    return entry
