"""Plants that their stick answers for: found, added, moved, replaced, made up."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_DHCP, SOURCE_USER, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_MAC, CONF_MODEL, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.const import (
    CONF_DTS_PORT,
    CONF_LINKS,
    CONF_SERIAL,
    CONF_SIMULATED,
    CONF_STICK_SERIAL,
    CONF_UNIT_ID,
    DOMAIN,
)
from custom_components.instagen.simulated.stick import StickConfig
from tests.config_flow.settling import settle
from tests.config_flow.small_stick import SmallStick
from tests.stick_world import QUICK, SERIAL, StickWorld, stick_world

PROBE = "custom_components.instagen.reach_probe"
SCAN = "custom_components.instagen.scan"
MODEL = "HIT-15L-G3"
OTHER = "430122480699"
NO_MODBUS = 9


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    """Wait less, and keep new entries from being set up."""
    with (
        patch(f"{PROBE}.DTS_TIMING", QUICK),
        patch("custom_components.instagen.async_setup_entry", return_value=True),
        patch("custom_components.instagen.async_unload_entry", return_value=True),
    ):
        yield


@pytest.fixture
async def world() -> AsyncIterator[StickWorld]:
    async with stick_world() as world:
        yield world


@pytest.fixture
def entry(hass: HomeAssistant, world: StickWorld) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain=DOMAIN, title=MODEL, unique_id=SERIAL, data=_stored(world)
    )
    entry.add_to_hass(hass)
    return entry


def _stored(world: StickWorld, serial: str = SERIAL) -> dict[str, Any]:
    return {
        CONF_HOST: "127.0.0.1",
        CONF_DTS_PORT: world.server.port,
        CONF_LINKS: ["dts"],
        CONF_SERIAL: serial,
        CONF_MODEL: MODEL,
    }


def _typed(world: StickWorld, **advanced: Any) -> dict[str, Any]:
    return {
        CONF_HOST: "127.0.0.1",
        "advanced": {
            CONF_DTS_PORT: world.server.port,
            CONF_PORT: NO_MODBUS,
            CONF_UNIT_ID: 1,
            **advanced,
        },
    }


async def _start(hass: HomeAssistant, choice: str) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["menu_options"] == ["manual", "scan", "commission", "simulated"]
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": choice}
    )
    return await settle(hass, result)


async def _answer(
    hass: HomeAssistant, result: ConfigFlowResult, answer: dict[str, Any]
) -> ConfigFlowResult:
    flow_id = result["flow_id"]
    result = await hass.config_entries.flow.async_configure(flow_id, answer)
    return await settle(hass, result)


# ---- by address ----


async def test_the_stick_tells_its_serial(
    hass: HomeAssistant, world: StickWorld
) -> None:
    result = await _answer(hass, await _start(hass, "manual"), _typed(world))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == MODEL
    assert result["result"].unique_id == SERIAL
    assert result["data"] == _stored(world)


async def test_both_links_of_one_stick(
    hass: HomeAssistant, world: StickWorld, stick: SmallStick
) -> None:
    typed = _typed(world, port=stick.port)
    result = await _answer(hass, await _start(hass, "manual"), typed)
    assert result["data"] == {
        **_stored(world),
        CONF_LINKS: ["dts", "modbus"],
        CONF_PORT: stick.port,
        CONF_UNIT_ID: 1,
    }
    assert stick.connections == 1
    await stick.until_open(0)


async def test_a_modbus_port_that_others_use_does_not_matter(
    hass: HomeAssistant, world: StickWorld
) -> None:
    with patch(f"{PROBE}.async_get_temporary_unit", side_effect=HomeAssistantError):
        result = await _answer(hass, await _start(hass, "manual"), _typed(world))
    assert result["data"] == _stored(world)


async def test_another_serial_than_the_typed_one(
    hass: HomeAssistant, world: StickWorld
) -> None:
    result = await _start(hass, "manual")
    result = await _answer(hass, result, _typed(world, serial=OTHER))
    assert result["errors"] == {"base": "different_serial"}
    result = await _answer(hass, result, _typed(world, serial=SERIAL))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("trouble", "verdict"),
    [("kill", "port_closed"), ("stall", "no_answer"), ("garble", "busy")],
)
async def test_trouble_is_named_and_recovered_from(
    hass: HomeAssistant, world: StickWorld, trouble: str, verdict: str
) -> None:
    getattr(world, trouble)()
    await world.server.settle()
    result = await _answer(hass, await _start(hass, "manual"), _typed(world))
    assert result["errors"] == {"base": verdict}
    world.heal()
    await world.server.settle()
    result = await _answer(hass, result, _typed(world))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_stick_of_microinverters(
    hass: HomeAssistant, world: StickWorld
) -> None:
    handler = world.stick._handlers.pop(0xC302)
    result = await _answer(hass, await _start(hass, "manual"), _typed(world))
    assert result["errors"] == {"base": "not_instagen"}
    world.stick._handlers[0xC302] = handler
    inverters, world.stick.inverters = world.stick.inverters, ()
    result = await _answer(hass, result, _typed(world))
    assert result["errors"] == {"base": "not_instagen"}
    world.stick.inverters = inverters
    result = await _answer(hass, result, _typed(world))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_stick_that_wants_encryption(hass: HomeAssistant) -> None:
    async with stick_world(config=StickConfig(encrypted=True)) as world:
        result = await _answer(hass, await _start(hass, "manual"), _typed(world))
        assert result["errors"] == {"base": "encrypted"}


async def test_a_wrong_unit_is_named(
    hass: HomeAssistant, world: StickWorld, stick: SmallStick
) -> None:
    stick.units = {1}
    typed = _typed(world, dts_port=NO_MODBUS, port=stick.port, unit_id=7)
    with patch(f"{PROBE}.TIMEOUT", 0.2):
        result = await _answer(hass, await _start(hass, "manual"), typed)
        assert result["errors"] == {"base": "wrong_unit"}
        stick.units = set()
        result = await _answer(hass, result, typed)
        assert result["errors"] == {"base": "no_answer"}
    stick.units = {7}
    result = await _answer(hass, result, typed)
    assert result["step_id"] == "label"


async def test_the_same_stick_twice(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry
) -> None:
    result = await _answer(hass, await _start(hass, "manual"), _typed(world))
    assert result["reason"] == "already_configured"
    assert not world.asked
    typed = {**_typed(world), CONF_HOST: "localhost"}
    result = await _answer(hass, await _start(hass, "manual"), typed)
    assert result["reason"] == "already_configured"


async def test_a_stick_that_took_over_is_known(
    hass: HomeAssistant, world: StickWorld
) -> None:
    data = {**_stored(world, OTHER), CONF_STICK_SERIAL: SERIAL, CONF_HOST: "127.0.0.7"}
    MockConfigEntry(domain=DOMAIN, unique_id=OTHER, data=data).add_to_hass(hass)
    result = await _answer(hass, await _start(hass, "manual"), _typed(world))
    assert result["reason"] == "already_configured"


# ---- by scan ----


@pytest.fixture
def network(world: StickWorld) -> Iterator[None]:
    """Make the loopback network the one that is scanned."""
    adapter = {
        "enabled": True,
        "ipv4": [{"address": "127.0.0.2", "network_prefix": 29}],
    }
    with (
        patch(f"{SCAN}.async_get_adapters", return_value=[adapter]),
        patch(f"{SCAN}.DEFAULT_MODBUS_PORT", NO_MODBUS),
        patch(f"{SCAN}.DEFAULT_DTS_PORT", world.server.port),
    ):
        yield


async def test_a_found_stick_needs_no_label(
    hass: HomeAssistant, world: StickWorld, network: None
) -> None:
    result = await _start(hass, "scan")
    assert result["step_id"] == "pick"
    assert result["data_schema"] is not None
    (selector,) = result["data_schema"].schema.values()
    (option,) = selector.config["options"]
    assert option["label"] == f"{MODEL}, DTS-WIFI-G1 (127.0.0.1)"
    result = await _answer(hass, result, {CONF_HOST: "127.0.0.1"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == _stored(world)
    assert world.asked.count(0xDB01) == 1


async def test_a_stick_in_use_is_left_alone(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry, network: None
) -> None:
    result = await _start(hass, "scan")
    assert result["step_id"] == "nothing_found"
    assert not world.asked


# ---- as DHCP saw it ----


async def _discover(hass: HomeAssistant, ip: str = "127.0.0.1") -> ConfigFlowResult:
    info = DhcpServiceInfo(ip=ip, hostname="dts-espressif", macaddress="aabbcc123456")
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_DHCP}, data=info
    )


async def test_a_discovered_stick_is_offered(
    hass: HomeAssistant, world: StickWorld, network: None
) -> None:
    result = await _discover(hass)
    assert result["step_id"] == "discovered"
    assert result["description_placeholders"] == {"model": MODEL, "host": "127.0.0.1"}
    result = await _answer(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {**_stored(world), CONF_MAC: "aa:bb:cc:12:34:56"}
    assert result["result"].unique_id == SERIAL


async def test_a_known_stick_is_followed_by_its_serial(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry, network: None
) -> None:
    data = {**entry.data, CONF_HOST: "127.0.0.6"}
    hass.config_entries.async_update_entry(entry, data=data)
    result = await _discover(hass)
    assert result["reason"] == "already_configured"
    assert entry.data == {**_stored(world), CONF_MAC: "aa:bb:cc:12:34:56"}


async def test_another_stick_with_a_known_card_is_not_followed(
    hass: HomeAssistant, world: StickWorld, network: None
) -> None:
    data = {**_stored(world, OTHER), CONF_HOST: "127.0.0.6"}
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=OTHER,
        data={**data, CONF_MAC: "aa:bb:cc:12:34:56"},
    )
    entry.add_to_hass(hass)
    result = await _discover(hass)
    assert result["reason"] == "no_plant"
    assert entry.data[CONF_HOST] == "127.0.0.6"


# ---- reconfigure ----


def _moved(world: StickWorld, **advanced: Any) -> dict[str, Any]:
    return {**_typed(world, **advanced), CONF_HOST: "localhost"}


async def test_the_same_stick_elsewhere(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry
) -> None:
    result = await entry.start_reconfigure_flow(hass)
    result = await _answer(hass, result, _moved(world))
    assert result["reason"] == "reconfigure_successful"
    assert entry.data == {**_stored(world), CONF_HOST: "localhost"}


async def test_a_new_stick_takes_over_and_the_old_one_again(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry
) -> None:
    world.stick.serial = int(OTHER, 16)
    result = await entry.start_reconfigure_flow(hass)
    result = await _answer(hass, result, _moved(world))
    assert result["step_id"] == "another_stick"
    assert result["description_placeholders"] == {"title": MODEL, "host": "localhost"}
    result = await _answer(hass, result, {"next_step_id": "reconfigure"})
    assert result["step_id"] == "reconfigure"
    assert not result["errors"]
    result = await _answer(hass, result, _moved(world))
    result = await _answer(hass, result, {"next_step_id": "replace"})
    assert result["reason"] == "reconfigure_successful"
    assert entry.unique_id == entry.data[CONF_SERIAL] == SERIAL
    assert entry.data[CONF_STICK_SERIAL] == OTHER
    world.stick.serial = int(SERIAL, 16)
    result = await _answer(
        hass, await entry.start_reconfigure_flow(hass), _moved(world)
    )
    result = await _answer(hass, result, {"next_step_id": "replace"})
    assert entry.data[CONF_STICK_SERIAL] == SERIAL


async def test_the_stick_of_another_plant_does_not_take_over(
    hass: HomeAssistant, world: StickWorld, entry: MockConfigEntry
) -> None:
    other = {**_stored(world, OTHER), CONF_HOST: "127.0.0.7"}
    MockConfigEntry(domain=DOMAIN, unique_id=OTHER, data=other).add_to_hass(hass)
    world.stick.serial = int(OTHER, 16)
    result = await entry.start_reconfigure_flow(hass)
    result = await _answer(hass, result, _moved(world))
    assert result["step_id"] == "reconfigure"
    assert result["errors"] == {"base": "in_use"}
    world.stick.serial = int(SERIAL, 16)
    result = await _answer(hass, result, _moved(world))
    assert result["reason"] == "reconfigure_successful"


async def test_a_plant_without_a_serial_learns_its_stick(
    hass: HomeAssistant, world: StickWorld
) -> None:
    made_up = "0123456789abcdef0123456789abcdef"
    data = {CONF_HOST: "127.0.0.7", CONF_PORT: 502, CONF_UNIT_ID: 1}
    entry = MockConfigEntry(
        domain=DOMAIN, unique_id=made_up, data={**data, CONF_SERIAL: made_up}
    )
    entry.add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)
    result = await _answer(hass, result, _moved(world))
    assert result["reason"] == "reconfigure_successful"
    assert entry.data[CONF_SERIAL] == made_up
    assert entry.data[CONF_STICK_SERIAL] == SERIAL
    assert entry.data[CONF_LINKS] == ["dts"]


# ---- not there at all ----


async def test_simulated_plants(hass: HomeAssistant) -> None:
    serials = []
    for _ in range(2):
        result = await _start(hass, "simulated")
        assert result["step_id"] == "simulated"
        result = await _answer(hass, result, {})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["title"] == "Simulated plant"
        serial = result["result"].unique_id
        assert result["data"] == {
            CONF_SIMULATED: True,
            CONF_LINKS: ["dts"],
            CONF_SERIAL: serial,
            CONF_MODEL: MODEL,
        }
        serials.append(serial)
    assert serials == ["430120260042", "430120260043"]
    entry = result["result"]
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    assert flow["reason"] == "nothing_to_reconfigure"
