"""Bringing a stick into the Wi-Fi, from the flow of a new plant and from its settings."""

from collections.abc import AsyncIterator, Iterator
import logging
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_MODEL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.commissioning_steps import CommissioningSteps
from custom_components.instagen.const import (
    CONF_ALLOW_OFF_GRID,
    CONF_DTS_PORT,
    CONF_FORCED_HOURS,
    CONF_LINKS,
    CONF_POLL_SECONDS,
    CONF_SERIAL,
    CONF_SIMULATED,
    CONF_UNPROVEN_WRITES,
    CONF_WRITES_REFUSED,
    CONF_WRITES_WARNED,
    DOMAIN,
)
from custom_components.instagen.control.commissioning import Patience
from custom_components.instagen.links.dts.frame import Command
from tests.config_flow.settling import settle
from tests.stick_world import (
    NETWORK,
    PASSWORD,
    QUICK,
    SERIAL,
    StickWorld,
    stick_world,
)

PROBE = "custom_components.instagen.reach_probe"
SCAN = "custom_components.instagen.scan"
MODEL = "HIT-15L-G3"
WIFI = {"wifi_name": NETWORK, "wifi_password": PASSWORD}
ACCESS_POINT = {"old_password": "ESS12345", "new_password": "Solar2026"}
PATIENCE = Patience(pause=0.02, verify=0.5, connect=0.8, tries=2)


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    """Wait less, and keep entries from being set up for real."""
    with (
        patch(f"{PROBE}.DTS_TIMING", QUICK),
        patch.object(CommissioningSteps, "patience", PATIENCE),
        patch(f"{SCAN}.async_get_adapters", return_value=[]),
        patch(f"{SCAN}.DEFAULT_MODBUS_PORT", 9),
        patch("custom_components.instagen.async_setup_entry", return_value=True),
        patch("custom_components.instagen.async_unload_entry", return_value=True),
    ):
        yield


@pytest.fixture
async def world() -> AsyncIterator[StickWorld]:
    async with stick_world() as world:
        with patch.object(world.stick.network, "read", _without_address(world)):
            yield world


def _without_address(world: StickWorld) -> Any:
    """Let the stick not tell an address that the tests cannot reach."""
    read = world.stick.network.read

    def told(offset: int) -> Any:
        answer = read(offset)
        for place in range(4):
            answer.ClearField(f"wifi_address_{place}")
        return answer

    return told


@pytest.fixture
async def entry(hass: HomeAssistant, world: StickWorld) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=MODEL,
        unique_id=SERIAL,
        data={
            CONF_HOST: "127.0.0.1",
            CONF_DTS_PORT: world.server.port,
            CONF_LINKS: ["dts"],
            CONF_SERIAL: SERIAL,
            CONF_MODEL: MODEL,
        },
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return entry


class Flow:
    """One flow, of a new plant or of one that is there."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry | None) -> None:
        self.hass = hass
        self.entry = entry
        self.place: dict[str, Any] = {}
        entries = hass.config_entries
        self.manager: Any = entries.flow if entry is None else entries.options
        self.flow_id = ""

    async def start(self, *choices: str) -> ConfigFlowResult:
        if self.entry is None:
            context = {"source": SOURCE_USER}
            result = await self.manager.async_init(DOMAIN, context=context)
        else:
            result = await self.manager.async_init(self.entry.entry_id)
        self.flow_id = result["flow_id"]
        for choice in choices:
            assert choice in result["menu_options"]
            result = await self.answer({"next_step_id": choice})
        return result

    async def answer(self, answer: dict[str, Any]) -> ConfigFlowResult:
        result = await self.manager.async_configure(self.flow_id, answer)
        options = self.entry is not None
        return await settle(self.hass, result, options=options)

    async def form(self, answer: dict[str, Any]) -> ConfigFlowResult:
        return await self.answer({**self.place, **answer})


def _place(world: StickWorld) -> dict[str, Any]:
    return {
        CONF_HOST: "127.0.0.1",
        "advanced": {CONF_DTS_PORT: world.server.port},
    }


def _new(hass: HomeAssistant, world: StickWorld) -> Flow:
    flow = Flow(hass, None)
    flow.place = _place(world)
    return flow


# ---- a new plant ----


async def test_out_of_the_box(hass: HomeAssistant, world: StickWorld) -> None:
    flow = _new(hass, world)
    result = await flow.start("commission", "wifi")
    assert result["data_schema"] is not None
    key = next(key for key in result["data_schema"].schema if key == CONF_HOST)
    assert key.default() == "10.10.100.254"
    result = await flow.form(WIFI)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == SERIAL
    assert result["data"][CONF_LINKS] == ["dts"]
    assert world.stick.network.connected == NETWORK


async def test_each_stage_is_shown(hass: HomeAssistant, world: StickWorld) -> None:
    flow = _new(hass, world)
    await flow.start("commission", "wifi")
    result = await flow.manager.async_configure(flow.flow_id, {**flow.place, **WIFI})
    assert result["progress_action"] == "read_settings"
    await settle(hass, result)


async def test_the_own_network_of_a_new_stick(
    hass: HomeAssistant, world: StickWorld
) -> None:
    flow = _new(hass, world)
    await flow.start("commission", "access_point")
    result = await flow.form({**ACCESS_POINT, "new_password": "with space"})
    assert result["errors"] == {"new_password": "invalid_password"}
    result = await flow.form({**ACCESS_POINT, "old_password": "ESS54321"})
    assert result["errors"] == {"base": "wrong_old_password"}
    result = await flow.form(ACCESS_POINT)
    assert result["reason"] == "access_point_changed"
    assert world.settings["access_point_password"] == b"Solar2026"


async def test_a_plant_that_is_set_up_has_its_own_steps(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry
) -> None:
    flow = _new(hass, world)
    await flow.start("commission", "wifi")
    result = await flow.form(WIFI)
    assert result["reason"] == "already_configured"
    assert not world.asked


async def test_the_stick_of_a_plant_that_is_set_up_elsewhere(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry
) -> None:
    data = {**entry.data, CONF_HOST: "127.0.0.7"}
    hass.config_entries.async_update_entry(entry, data=data)
    flow = _new(hass, world)
    await flow.start("commission", "wifi")
    result = await flow.form(WIFI)
    assert result["reason"] == "wifi_changed"
    assert entry.data[CONF_HOST] == "127.0.0.1"
    await hass.async_block_till_done()


async def test_a_stick_that_joined_but_is_no_plant(
    hass: HomeAssistant, world: StickWorld
) -> None:
    handler = world.stick._handlers.pop(0xC302)
    flow = _new(hass, world)
    await flow.start("commission", "wifi")
    result = await flow.form(WIFI)
    assert result["step_id"] == "manual"
    assert result["errors"] == {"base": "not_instagen"}
    world.stick._handlers[0xC302] = handler
    place = {**flow.place["advanced"], "port": 9, "unit_id": 1}
    result = await flow.answer({**flow.place, "advanced": place})
    assert result["type"] is FlowResultType.CREATE_ENTRY


# ---- both kinds of flow ----


async def _wifi(flow: Flow) -> None:
    path = ("commission", "wifi") if flow.entry is None else ("wifi",)
    result = await flow.start(*path)
    assert result["step_id"] == "wifi"


def _kinds(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry | None
) -> Flow:
    return _new(hass, world) if entry is None else Flow(hass, entry)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({**WIFI, "wifi_name": "My Home"}, {"wifi_name": "invalid_name"}),
        ({**WIFI, "wifi_password": "s p a c e"}, {"wifi_password": "invalid_password"}),
    ],
)
async def test_what_a_stick_does_not_take_is_not_sent(
    hass: HomeAssistant, world: StickWorld, typed: dict, errors: dict
) -> None:
    flow = _new(hass, world)
    await _wifi(flow)
    result = await flow.form(typed)
    assert result["errors"] == errors
    assert not world.asked
    result = await flow.form(WIFI)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_stick_out_of_reach(hass: HomeAssistant, world: StickWorld) -> None:
    flow = _new(hass, world)
    await _wifi(flow)
    world.stall()
    result = await flow.form(WIFI)
    assert result["step_id"] == "wifi"
    assert result["errors"] == {"base": "no_answer"}
    world.heal()
    result = await flow.form(WIFI)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("options", [False, True])
async def test_silence_after_sending_and_looking_again(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry, options: bool
) -> None:
    if not options:
        await hass.config_entries.async_remove(entry.entry_id)
    flow = _kinds(hass, world, entry if options else None)
    await _wifi(flow)
    world.at(Command.WRITE_GATEWAY_SETTINGS, world.stall, after=True)
    result = await flow.form(WIFI)
    assert result["step_id"] == "unknown_settings"
    assert result["errors"] == {"base": "settings_not_verified"}
    result = await flow.answer({"next": "look_again"})
    assert result["step_id"] == "unknown_settings"
    world.heal()
    result = await flow.answer({"next": "look_again"})
    if options:
        assert result["reason"] == "wifi_changed"
    else:
        assert result["type"] is FlowResultType.CREATE_ENTRY
    assert world.stick.network.connected == NETWORK
    await hass.async_block_till_done()


@pytest.mark.parametrize("options", [False, True])
async def test_a_wrong_password_and_the_ways_on(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry, options: bool
) -> None:
    if not options:
        await hass.config_entries.async_remove(entry.entry_id)
    before = world.settings
    flow = _kinds(hass, world, entry if options else None)
    await _wifi(flow)
    result = await flow.form({**WIFI, "wifi_password": "not-that-one"})
    assert result["step_id"] == "new_settings"
    assert result["errors"] == {"base": "wrong_wifi_password"}
    result = await flow.answer({"next": "enter_again"})
    assert result["step_id"] == "wifi"
    assert not result["errors"]
    result = await flow.form({**WIFI, "wifi_name": "Nowhere"})
    assert result["errors"] == {"base": "no_such_network"}
    result = await flow.answer({"next": "undo"})
    assert result["reason"] == "settings_restored"
    assert world.settings == before
    await hass.async_block_till_done()


async def test_a_way_back_that_fails_at_first(
    hass: HomeAssistant, world: StickWorld
) -> None:
    before = world.settings
    flow = _new(hass, world)
    await _wifi(flow)
    result = await flow.form({**WIFI, "wifi_password": "not-that-one"})
    world.at(Command.WRITE_GATEWAY_SETTINGS, world.stall, after=True)
    result = await flow.answer({"next": "undo"})
    assert result["step_id"] == "unknown_settings"
    world.heal()
    result = await flow.answer({"next": "look_again"})
    assert result["reason"] == "settings_restored"
    assert world.settings == before


async def test_the_own_network_with_a_stick_that_falls_silent(
    hass: HomeAssistant, world: StickWorld
) -> None:
    flow = _new(hass, world)
    await flow.start("commission", "access_point")
    world.at(Command.WRITE_GATEWAY_SETTINGS, world.stall)
    result = await flow.form(ACCESS_POINT)
    assert result["step_id"] == "unknown_settings"
    result = await flow.answer({"next": "enter_again"})
    assert result["step_id"] == "access_point"
    world.heal()
    result = await flow.form(ACCESS_POINT)
    assert result["reason"] == "access_point_changed"


async def test_nothing_is_logged(
    hass: HomeAssistant, world: StickWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    flow = _new(hass, world)
    await _wifi(flow)
    await flow.form({**WIFI, "wifi_password": "not-that-one"})
    await flow.answer({"next": "undo"})
    for secret in (NETWORK, "not-that-one", "sunny-side-up", SERIAL):
        assert secret not in caplog.text


async def test_it_stops_with_its_flow(hass: HomeAssistant, world: StickWorld) -> None:
    world.stall()
    flow = _new(hass, world)
    await _wifi(flow)
    await flow.manager.async_configure(flow.flow_id, {**flow.place, **WIFI})
    flow.manager.async_abort(flow.flow_id)
    await hass.async_block_till_done()
    assert not world.server.clients


# ---- the plant's own settings ----


async def test_the_plant_is_taken_off_and_brought_back(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry
) -> None:
    flow = Flow(hass, entry)
    await flow.start("wifi")
    states = []
    world.at(
        Command.WRITE_GATEWAY_SETTINGS, lambda: states.append(entry.state), after=True
    )
    result = await flow.form(WIFI)
    assert result["reason"] == "wifi_changed"
    assert states == [ConfigEntryState.NOT_LOADED]
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_the_plant_is_followed_to_its_new_address(
    hass: HomeAssistant, entry: MockConfigEntry, world: StickWorld
) -> None:
    flow = Flow(hass, entry)
    await flow.start("wifi")

    async def follow(work: Any) -> None:
        work.host = "127.0.0.5"

    with patch(
        "custom_components.instagen.control.commissioning.Commissioning._follow", follow
    ):
        await flow.form(WIFI)
    assert entry.data[CONF_HOST] == "127.0.0.5"
    await hass.async_block_till_done()


async def test_the_own_network_of_a_plant(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry
) -> None:
    flow = Flow(hass, entry)
    await flow.start("access_point")
    result = await flow.form(ACCESS_POINT)
    assert result["reason"] == "access_point_changed"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_reading_and_writing(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    flow = Flow(hass, entry)
    result = await flow.start("settings")
    assert result["data_schema"] is not None
    assert result["data_schema"]({}) == {
        CONF_POLL_SECONDS: 30,
        CONF_WRITES_WARNED: 30,
        CONF_WRITES_REFUSED: 60,
        CONF_FORCED_HOURS: 2,
        CONF_ALLOW_OFF_GRID: False,
        CONF_UNPROVEN_WRITES: False,
    }
    chosen = {
        CONF_POLL_SECONDS: 60,
        CONF_WRITES_WARNED: 21,
        CONF_WRITES_REFUSED: 20,
        CONF_FORCED_HOURS: 0.5,
        CONF_ALLOW_OFF_GRID: True,
        CONF_UNPROVEN_WRITES: True,
    }
    result = await flow.answer(chosen)
    assert result["errors"] == {CONF_WRITES_WARNED: "warned_too_late"}
    chosen[CONF_WRITES_WARNED] = 20
    result = await flow.answer(chosen)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == chosen
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({CONF_SIMULATED: True, CONF_LINKS: ["dts"]}, 6),
        ({CONF_HOST: "127.0.0.7"}, 5),
    ],
)
async def test_a_plant_whose_stick_cannot_be_set(
    hass: HomeAssistant, data: dict[str, Any], fields: int
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, data={**data, CONF_SERIAL: SERIAL})
    entry.add_to_hass(hass)
    flow = Flow(hass, entry)
    result = await flow.start()
    assert result["menu_options"] == ["settings", "contact", "blueprints"]
    result = await flow.answer({"next_step_id": "settings"})
    assert result["data_schema"] is not None
    assert len(result["data_schema"].schema) == fields


async def test_a_stick_is_searched_for_in_the_local_network(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry
) -> None:
    from custom_components.instagen.scan import async_find_stick  # noqa: PLC0415

    adapter = {
        "enabled": True,
        "ipv4": [{"address": "127.0.0.2", "network_prefix": 29}],
    }
    port = world.server.port
    with (
        patch(f"{SCAN}.async_get_adapters", return_value=[adapter]),
        patch(f"{SCAN}.CONCURRENCY", 1),
    ):
        assert await async_find_stick(hass, SERIAL, port, entry) == "127.0.0.1"
        assert await async_find_stick(hass, SERIAL, port) is None
        assert await async_find_stick(hass, "430122480699", port, entry) is None
