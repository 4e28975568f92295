"""What is read, when, and what happens when a part of it stays silent."""

import asyncio
from collections import Counter

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.instagen import coordinator as polling
from custom_components.instagen.coordinator import InstagenCoordinator
from custom_components.instagen.links.modbus import link
from simulator import Simulator, serve

from .conftest import NOON, SERIAL, SetUp, value
from .proxy import Read, WireTap, tap

FAST = {(4, 30000, 30), (4, 1800, 123), (4, 0, 123)}
COUNTERS = {(4, 2000, 123), (4, 2123, 123)}
SETTINGS = {(3, 258, 2), (3, 303, 9), (3, 4300, 7), (3, 6048, 2)}


def telemetry(wire: WireTap) -> Counter[Read]:
    """Return the reads of input registers; settings are read after a poll."""
    return Counter({read: n for read, n in wire.reads.items() if read[0] == 4})


class Clock:
    """A clock that stands until it is told."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Hold the time that the link and the coordinator go by."""
    clock = Clock()
    monkeypatch.setattr(link, "monotonic", clock)
    original = link.ModbusLink.__init__
    monkeypatch.setattr(
        link.ModbusLink,
        "__init__",
        lambda self, unit: original(self, unit, clock=clock),
    )
    return clock


async def poll(
    coordinator: InstagenCoordinator, clock: Clock, seconds: float = 10
) -> None:
    """Let the interval pass and poll."""
    clock.now += seconds
    await coordinator.async_refresh()


async def test_set_up_reads_each_block_once(
    hass: HomeAssistant, wire: WireTap, set_up: SetUp
):
    """Identification and the first values come from the same answers."""
    await set_up(wire.port)
    assert set(telemetry(wire).values()) == {1}
    assert telemetry(wire).total() == 7
    assert set(wire.reads) - set(telemetry(wire)) == SETTINGS
    assert wire.connections == 1


async def test_power_flow_each_poll_and_counters_once_a_minute(
    hass: HomeAssistant, wire: WireTap, set_up: SetUp, clock: Clock
):
    entry = await set_up(wire.port)
    coordinator = entry.runtime_data.coordinator
    wire.reads.clear()
    for _ in range(5):
        await poll(coordinator, clock)
    assert set(wire.reads) == FAST
    assert set(wire.reads.values()) == {5}
    await poll(coordinator, clock)
    assert set(telemetry(wire)) == FAST | COUNTERS
    assert telemetry(wire).total() == 6 * len(FAST) + len(COUNTERS)
    await hass.async_block_till_done()
    assert set(wire.reads) - set(telemetry(wire)) <= SETTINGS


async def test_only_what_enabled_entities_need_is_read(
    hass: HomeAssistant, wire: WireTap, set_up: SetUp, clock: Clock
):
    entry = await set_up(wire.port)
    registry = er.async_get(hass)
    kept = {f"{SERIAL}_battery_soc", f"{SERIAL}_load_power"}
    for entity in list(registry.entities.values()):
        if entity.unique_id not in kept:
            registry.async_update_entity(
                entity.entity_id, disabled_by=er.RegistryEntryDisabler.USER
            )
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    wire.reads.clear()
    for _ in range(12):
        await poll(entry.runtime_data.coordinator, clock)
    assert dict(wire.reads) == {(4, 30000, 30): 12}


async def test_a_poll_without_news_writes_no_state(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp, clock: Clock
):
    entry = await set_up(plant.modbus_port)
    written: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        written.append(event.data["entity_id"])

    hass.bus.async_listen("state_changed", note)
    hass.bus.async_listen("state_reported", note, event_filter=callback(lambda _: True))
    for _ in range(12):
        await poll(entry.runtime_data.coordinator, clock)
    assert [e for e in written if not e.endswith("last_update")] == []


async def test_voltages_are_published_once_a_minute(
    hass: HomeAssistant, plant: Simulator, set_up: SetUp, clock: Clock
):
    """They share a read with the power flow, yet would fill the recorder."""
    entry = await set_up(plant.modbus_port)
    seen = {value(hass, "pv1_voltage")}
    for minute in range(1, 7):
        plant.set({"sun": minute / 10})
        await plant.advance(10)
        await poll(entry.runtime_data.coordinator, clock)
        seen.add(value(hass, "pv1_voltage"))
    assert len(seen) == 2
    assert value(hass, "pv1_voltage") == str(plant.state()["pv1_voltage"])


async def test_one_silent_block_blanks_only_itself(
    hass: HomeAssistant,
    wire: WireTap,
    plant: Simulator,
    set_up: SetUp,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(link, "REQUEST_TIMEOUT", 0.05)
    entry = await set_up(wire.port)
    coordinator = entry.runtime_data.coordinator
    wire.silenced = {0}
    await poll(coordinator, clock)
    assert value(hass, "pv1_power") == STATE_UNAVAILABLE
    assert value(hass, "pv_power") == str(plant.state()["pv_power"])
    assert value(hass, "battery_soc") == str(plant.state()["battery_soc"])
    assert value(hass, "dtu_connected") == "on"
    wire.silenced = set()
    await poll(coordinator, clock)
    assert value(hass, "pv1_power") == str(plant.state()["pv1_power"])


async def test_one_late_answer_is_tried_again_in_the_same_poll(
    hass: HomeAssistant, socket_enabled: None, set_up: SetUp, clock: Clock
):
    async with serve("hybrid", start=NOON, seed=3) as sim:
        entry = await set_up(sim.modbus_port)
        coordinator = entry.runtime_data.coordinator
        await sim.fault("spike", register=30020, word=2005, reads=1)
        await poll(coordinator, clock)
        assert value(hass, "battery_soc") == str(sim.state()["battery_soc"])
        assert coordinator.link.statistics.rereads == 1


async def test_a_part_that_turns_up_later_gets_its_entities(
    hass: HomeAssistant, socket_enabled: None, set_up: SetUp, clock: Clock
):
    """A generator is wired in after the set-up; two slow polls must see it."""
    async with serve("single_phase", start=NOON) as sim, tap(sim.modbus_port) as wire:
        entry = await set_up(wire.port)
        coordinator = entry.runtime_data.coordinator
        assert value(hass, "meter_connected") == "on"
        assert value(hass, "pv2_power") is None
        await sim.fault("spike", register=30, word=3000, reads=100)
        await poll(coordinator, clock, 60)
        assert value(hass, "pv2_power") is None
        await poll(coordinator, clock, 60)
        await hass.async_block_till_done()
        await poll(coordinator, clock, 60)
        assert value(hass, "pv2_voltage") == "300.0"


async def test_the_event_loop_gets_a_turn_between_batches(
    hass: HomeAssistant,
    plant: Simulator,
    set_up: SetUp,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
):
    entry = await set_up(plant.modbus_port)
    turns = 0
    sleep = asyncio.sleep

    async def count(seconds: float) -> None:
        nonlocal turns
        turns += seconds == 0
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", count)
    monkeypatch.setattr(polling, "_BATCH", 5)
    plant.set({"sun": 0, "load": 7_000, "soc": 50})
    await plant.advance(8 * 3_600)
    await poll(entry.runtime_data.coordinator, clock, 8 * 3_600)
    assert turns >= 1
