"""Every way to add a plant, and every way that can fail and still end well."""

import asyncio
from collections.abc import AsyncIterator, Iterator
import socket
from typing import Any
from unittest.mock import Mock, patch

from homeassistant.config_entries import (
    SOURCE_DHCP,
    SOURCE_IGNORE,
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_MAC, CONF_MODEL, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.const import (
    CONF_DTS_PORT,
    CONF_SERIAL,
    CONF_UNIT_ID,
    DOMAIN,
)
from custom_components.instagen.links import LinkError, Verdict
from tests.config_flow.settling import settle
from tests.config_flow.small_stick import MODEL, SERIAL, SmallStick, model_words

SCAN = "custom_components.instagen.scan"
PROBE = "custom_components.instagen.reach_probe"
MAC = "aabbcc123456"
COLONS = "aa:bb:cc:12:34:56"
NO_STICK = 9
"""A port where nobody listens."""


@pytest.fixture(autouse=True)
def no_setup(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep new entries from being set up: that is tested elsewhere."""
    if "real_setup" in request.fixturenames:
        yield
        return
    with patch("custom_components.instagen.async_setup_entry", return_value=True):
        yield


@pytest.fixture
def real_setup() -> None:
    """Set entries up for real."""


@pytest.fixture
async def second(stick: SmallStick) -> AsyncIterator[SmallStick]:
    """Return a second stick at another address and the same port."""
    second = SmallStick()
    await second.start("127.0.0.3", stick.port)
    yield second
    await second.stop()


async def _start(hass: HomeAssistant, choice: str) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "user"
    return await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": choice}
    )


async def _answer(
    hass: HomeAssistant, result: ConfigFlowResult, answer: dict[str, Any] | None
) -> ConfigFlowResult:
    """Answer a step and wait until the flow wants to know something again."""
    flow_id = result["flow_id"]
    result = await hass.config_entries.flow.async_configure(flow_id, answer)
    return await settle(hass, result)


def _typed(stick: SmallStick, serial: str | None = SERIAL) -> dict[str, Any]:
    advanced: dict[str, int | str] = {
        CONF_DTS_PORT: NO_STICK,
        CONF_PORT: stick.port,
        CONF_UNIT_ID: 1,
    }
    if serial is not None:
        advanced[CONF_SERIAL] = serial
    return {CONF_HOST: stick.host, "advanced": advanced}


def _stored(stick: SmallStick, serial: str = SERIAL) -> dict[str, Any]:
    return {
        CONF_HOST: stick.host,
        CONF_PORT: stick.port,
        CONF_UNIT_ID: 1,
        CONF_SERIAL: serial,
        CONF_MODEL: MODEL,
    }


async def test_add_by_address(hass: HomeAssistant, stick: SmallStick) -> None:
    result = await _start(hass, "manual")
    assert result["type"] is FlowResultType.FORM
    assert not result["errors"]
    result = await _answer(hass, result, _typed(stick, "4301 2248 0680"))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == MODEL
    assert result["result"].unique_id == SERIAL
    assert result["data"] == _stored(stick)
    assert stick.connections == 1
    await stick.until_open(0)


async def test_stages_are_shown(hass: HomeAssistant, stick: SmallStick) -> None:
    greeted, go_on = asyncio.Event(), asyncio.Event()

    async def greet(unit: object) -> None:
        await greeted.wait()

    async def probe(unit: object) -> None:
        await go_on.wait()
        raise LinkError(Verdict.NOT_INSTAGEN)

    with patch(f"{PROBE}.async_greet", greet), patch(f"{PROBE}.probe_modbus", probe):
        result = await _start(hass, "manual")
        flow_id = result["flow_id"]
        result = await hass.config_entries.flow.async_configure(flow_id, _typed(stick))
        assert result["type"] is FlowResultType.SHOW_PROGRESS
        assert result["progress_action"] == "connect"
        greeted.set()
        await asyncio.sleep(0.05)
        result = await hass.config_entries.flow.async_configure(flow_id)
        assert result["progress_action"] == "identify"
        go_on.set()
        result = await settle(hass, result)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": "not_instagen"}


@pytest.mark.parametrize("verdict", list(Verdict))
async def test_each_verdict_is_named_and_recovered_from(
    hass: HomeAssistant, stick: SmallStick, verdict: Verdict
) -> None:
    result = await _start(hass, "manual")
    nobody = LinkError(Verdict.HOST_DOWN)
    with (
        patch(f"{PROBE}.probe_stick", side_effect=nobody),
        patch(f"{PROBE}.probe_modbus", side_effect=LinkError(verdict)),
    ):
        result = await _answer(hass, result, _typed(stick))
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "manual"
    assert result["errors"] == {"base": verdict.value}
    assert result["data_schema"] is not None
    host, advanced = result["data_schema"].schema.items()
    assert host[0].description == {"suggested_value": stick.host}
    assert {
        str(key): key.description["suggested_value"]
        for key in advanced[1].schema.schema
    } == _typed(stick)["advanced"]
    result = await _answer(hass, result, _typed(stick))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_closed_port_is_told_from_the_wire(
    hass: HomeAssistant, stick: SmallStick
) -> None:
    await stick.stop()
    result = await _answer(hass, await _start(hass, "manual"), _typed(stick))
    assert result["errors"] == {"base": "port_closed"}
    await stick.start(stick.host, stick.port)
    result = await _answer(hass, result, _typed(stick))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_silence_is_told_from_the_wire(
    hass: HomeAssistant, stick: SmallStick
) -> None:
    stick.silent = True
    with patch(f"{PROBE}.TIMEOUT", 0.1):
        result = await _answer(hass, await _start(hass, "manual"), _typed(stick))
    assert result["errors"] == {"base": "no_answer"}
    stick.silent = False
    result = await _answer(hass, result, _typed(stick))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_another_modbus_device_is_told_from_the_wire(
    hass: HomeAssistant, stick: SmallStick
) -> None:
    stick.exception = 2
    result = await _answer(hass, await _start(hass, "manual"), _typed(stick))
    assert result["errors"] == {"base": "not_instagen"}
    stick.exception = None
    result = await _answer(hass, result, _typed(stick))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_an_endpoint_held_with_other_settings(
    hass: HomeAssistant, stick: SmallStick
) -> None:
    result = await _start(hass, "manual")
    with patch(f"{PROBE}.async_get_temporary_unit", side_effect=HomeAssistantError):
        result = await _answer(hass, result, _typed(stick))
    assert result["errors"] == {"base": "in_use"}
    result = await _answer(hass, result, _typed(stick))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("serial", ["1234", "43012248068X"])
async def test_a_serial_that_is_none(
    hass: HomeAssistant, stick: SmallStick, serial: str
) -> None:
    result = await _answer(hass, await _start(hass, "manual"), _typed(stick, serial))
    assert result["errors"] == {CONF_SERIAL: "invalid_serial"}
    assert stick.connections == 0
    result = await _answer(hass, result, _typed(stick))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("serial", [None, "", "  "])
async def test_without_a_label_the_plant_gets_an_id_that_stays(
    hass: HomeAssistant, stick: SmallStick, serial: str | None
) -> None:
    result = await _answer(hass, await _start(hass, "manual"), _typed(stick, serial))
    assert result["step_id"] == "label"
    result = await _answer(
        hass, result, {} if serial is None else {CONF_SERIAL: serial}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.unique_id == entry.data[CONF_SERIAL]
    assert len(entry.data[CONF_SERIAL]) == 32


async def test_a_model_that_is_not_told(hass: HomeAssistant, stick: SmallStick) -> None:
    result = await _start(hass, "manual")
    with patch(f"{PROBE}.probe_modbus") as probe:
        probe.return_value.model = None
        result = await _answer(hass, result, _typed(stick))
    assert result["title"] == "Instagen"
    assert CONF_MODEL not in result["data"]


async def test_the_same_serial_twice(
    hass: HomeAssistant, stick: SmallStick, entry: MockConfigEntry
) -> None:
    typed = {**_typed(stick), CONF_HOST: "127.0.0.7"}
    result = await _answer(hass, await _start(hass, "manual"), typed)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert stick.connections == 0


async def test_the_same_address_twice(
    hass: HomeAssistant, stick: SmallStick, entry: MockConfigEntry
) -> None:
    result = await _start(hass, "manual")
    result = await _answer(hass, result, _typed(stick, "430122480681"))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_a_test_ends_with_its_flow(
    hass: HomeAssistant, stick: SmallStick
) -> None:
    stick.silent = True
    result = await _start(hass, "manual")
    flow_id = result["flow_id"]
    with patch(f"{PROBE}.TIMEOUT", 30):
        await hass.config_entries.flow.async_configure(flow_id, _typed(stick))
        await stick.until_open(1)
    hass.config_entries.flow.async_abort(flow_id)
    await stick.until_open(0)


# --- scan ---------------------------------------------------------------------------


@pytest.fixture
def network(stick: SmallStick) -> Iterator[list[dict[str, Any]]]:
    """Make the loopback network the one that is scanned."""
    adapters = [
        {
            "enabled": True,
            "ipv4": [{"address": "127.0.0.2", "network_prefix": 29}],
        },
        {"enabled": True, "ipv4": [{"address": "8.8.8.8", "network_prefix": 24}]},
        {
            "enabled": False,
            "ipv4": [{"address": "192.168.1.1", "network_prefix": 24}],
        },
    ]
    with (
        patch(f"{SCAN}.async_get_adapters", return_value=adapters),
        patch(f"{SCAN}.DEFAULT_MODBUS_PORT", stick.port),
        patch(f"{SCAN}.DEFAULT_DTS_PORT", NO_STICK),
    ):
        yield adapters


async def test_add_by_scan(
    hass: HomeAssistant, stick: SmallStick, second: SmallStick, network: list[Any]
) -> None:
    result = await _start(hass, "scan")
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    assert result["progress_action"] == "scan"
    result = await settle(hass, result)
    assert result["step_id"] == "pick"
    assert result["data_schema"] is not None
    (selector,) = result["data_schema"].schema.values()
    assert [option["value"] for option in selector.config["options"]] == [
        "127.0.0.1",
        "127.0.0.3",
    ]
    result = await _answer(hass, result, {CONF_HOST: "127.0.0.3"})
    assert result["step_id"] == "label"
    assert result["description_placeholders"] == {"model": MODEL, "host": "127.0.0.3"}
    result = await _answer(hass, result, {CONF_SERIAL: "wrong"})
    assert result["errors"] == {CONF_SERIAL: "invalid_serial"}
    result = await _answer(hass, result, {CONF_SERIAL: SERIAL})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == _stored(second)
    assert stick.connections == second.connections == 1
    await stick.until_open(0)
    await second.until_open(0)


async def test_a_host_that_is_no_plant_is_asked_once(
    hass: HomeAssistant, stick: SmallStick, network: list[Any]
) -> None:
    stick.exception = 1
    result = await settle(hass, await _start(hass, "scan"))
    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "nothing_found"
    assert stick.connections == 1
    stick.exception = None
    result = await _answer(hass, result, {"next_step_id": "scan"})
    assert result["step_id"] == "nothing_found"
    assert stick.connections == 1
    result = await _answer(hass, result, {"next_step_id": "manual"})
    assert result["step_id"] == "manual"


async def test_a_host_held_by_somebody_else_is_left_alone(
    hass: HomeAssistant, stick: SmallStick, network: list[Any]
) -> None:
    with patch(f"{PROBE}.async_get_temporary_unit", side_effect=HomeAssistantError):
        result = await settle(hass, await _start(hass, "scan"))
    result = await _answer(hass, result, {"next_step_id": "scan"})
    assert result["step_id"] == "nothing_found"
    assert stick.connections == 0


async def test_an_empty_address_may_be_asked_again(
    hass: HomeAssistant, stick: SmallStick, network: list[Any]
) -> None:
    stick.exception = 1
    nobody = LinkError(Verdict.HOST_DOWN)
    with (
        patch(f"{PROBE}.probe_stick", side_effect=nobody),
        patch(f"{PROBE}.async_greet", side_effect=nobody),
    ):
        result = await settle(hass, await _start(hass, "scan"))
    assert result["step_id"] == "nothing_found"
    stick.exception = None
    result = await _answer(hass, result, {"next_step_id": "scan"})
    assert result["step_id"] == "pick"


def _no_names(host: str, *_: object, **__: object) -> list[Any]:
    """Resolve addresses, as those of a name server that knows no names."""
    if not host[0].isdecimal():
        raise socket.gaierror
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 0))]


async def test_hosts_in_use_are_left_alone(
    hass: HomeAssistant,
    stick: SmallStick,
    second: SmallStick,
    network: list[Any],
    entry: MockConfigEntry,
) -> None:
    named = MockConfigEntry(domain=DOMAIN, data={CONF_HOST: "no-such-host.invalid"})
    named.add_to_hass(hass)
    held = Mock(endpoint=("tcp", "127.0.0.3", 502))
    with (
        patch(f"{SCAN}.async_get_connection_info", return_value=[held]),
        patch("socket.getaddrinfo", _no_names),
    ):
        result = await settle(hass, await _start(hass, "scan"))
    assert result["step_id"] == "nothing_found"
    assert stick.connections == second.connections == 0


async def test_a_wide_network_is_scanned_around_home_assistant_only(
    hass: HomeAssistant, network: list[dict[str, Any]]
) -> None:
    network[0]["ipv4"] = [{"address": "10.1.2.3", "network_prefix": 8}]
    asked: list[str] = []

    async def ask(scan: object, host: str) -> None:
        asked.append(host)

    with patch(f"{SCAN}.NetworkScan._async_ask", ask):
        await settle(hass, await _start(hass, "scan"))
    assert len(asked) == 253
    assert asked[0] == "10.1.2.1"
    assert "10.1.2.3" not in asked


async def test_a_scan_ends_with_its_flow(
    hass: HomeAssistant, stick: SmallStick, network: list[Any]
) -> None:
    stick.silent = True
    result = await _start(hass, "scan")
    await stick.until_open(1)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await stick.until_open(0)


# --- reconfigure --------------------------------------------------------------------


async def test_reconfigure_follows_the_plant(
    hass: HomeAssistant,
    stick: SmallStick,
    second: SmallStick,
    loaded: MockConfigEntry,
    real_setup: None,
) -> None:
    result = await loaded.start_reconfigure_flow(hass)
    assert result["step_id"] == "reconfigure"
    assert result["description_placeholders"] == {"title": MODEL, "model": MODEL}
    result = await _answer(hass, result, _typed(second, None))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert loaded.data[CONF_HOST] == "127.0.0.3"
    assert loaded.data[CONF_SERIAL] == SERIAL
    assert loaded.state is ConfigEntryState.LOADED
    await stick.until_open(0)
    await second.until_open(1)


async def test_reconfigure_keeps_what_works_when_the_test_fails(
    hass: HomeAssistant,
    stick: SmallStick,
    second: SmallStick,
    loaded: MockConfigEntry,
    real_setup: None,
) -> None:
    second.words |= model_words("HYS-4.6")
    result = await loaded.start_reconfigure_flow(hass)
    result = await _answer(hass, result, _typed(second, None))
    assert result["errors"] == {"base": "different_model"}
    assert loaded.state is ConfigEntryState.LOADED
    assert loaded.data[CONF_HOST] == "127.0.0.1"
    second.words |= model_words(MODEL)
    result = await _answer(hass, result, _typed(second, None))
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()


async def test_reconfigure_frees_the_stick_before_it_tests(
    hass: HomeAssistant,
    stick: SmallStick,
    loaded: MockConfigEntry,
    real_setup: None,
) -> None:
    most = 0

    async def probe(unit: object) -> None:
        nonlocal most
        most = max(most, len(stick.open))
        raise LinkError(Verdict.BUSY)

    result = await loaded.start_reconfigure_flow(hass)
    typed = {**_typed(stick, None), CONF_HOST: "localhost"}
    with patch(f"{PROBE}.probe_modbus", probe):
        result = await _answer(hass, result, typed)
    assert result["errors"] == {"base": "busy"}
    assert most == 1


async def test_reconfigure_to_the_address_of_another_plant(
    hass: HomeAssistant, stick: SmallStick, second: SmallStick, entry: MockConfigEntry
) -> None:
    MockConfigEntry(
        domain=DOMAIN, unique_id="430122480699", data=_stored(second, "430122480699")
    ).add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)
    result = await _answer(hass, result, _typed(second, None))
    assert result["errors"] == {"base": "in_use"}
    assert second.connections == 0
    result = await _answer(hass, result, _typed(stick, None))
    assert result["reason"] == "reconfigure_successful"


# --- discovery ----------------------------------------------------------------------


async def _discover(
    hass: HomeAssistant, ip: str, hostname: str = "dts-22480680"
) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_DHCP},
        data=DhcpServiceInfo(ip=ip, hostname=hostname, macaddress=MAC),
    )


async def test_a_discovered_plant_is_offered(
    hass: HomeAssistant, stick: SmallStick, network: list[Any]
) -> None:
    result = await _discover(hass, stick.host)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "label"
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": MODEL, "host": stick.host}
    result = await _answer(hass, result, {CONF_SERIAL: SERIAL})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == SERIAL
    assert result["data"] == {**_stored(stick), CONF_MAC: COLONS}


async def test_something_else_with_such_a_name_is_not_offered(
    hass: HomeAssistant, stick: SmallStick, network: list[Any]
) -> None:
    stick.exception = 1
    result = await _discover(hass, stick.host)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "no_plant"


async def test_an_ignored_discovery_stays_ignored(
    hass: HomeAssistant, stick: SmallStick, network: list[Any]
) -> None:
    MockConfigEntry(domain=DOMAIN, unique_id=COLONS, source=SOURCE_IGNORE).add_to_hass(
        hass
    )
    result = await _discover(hass, stick.host)
    assert result["reason"] == "already_configured"
    assert stick.connections == 0


async def test_a_name_that_ends_like_the_serial_tells_the_network_card(
    hass: HomeAssistant, stick: SmallStick, entry: MockConfigEntry
) -> None:
    result = await _discover(hass, stick.host)
    assert result["reason"] == "already_configured"
    assert entry.data[CONF_MAC] == COLONS
    assert entry.data[CONF_HOST] == stick.host
    assert stick.connections == 0


async def test_a_known_network_card_is_followed(
    hass: HomeAssistant,
    stick: SmallStick,
    second: SmallStick,
    entry: MockConfigEntry,
) -> None:
    data = {**entry.data, CONF_MAC: COLONS}
    hass.config_entries.async_update_entry(entry, data=data)
    result = await _discover(hass, second.host, "espressif")
    assert result["reason"] == "already_configured"
    assert entry.data[CONF_HOST] == second.host
    assert second.connections == 1


async def test_a_move_to_another_model_is_not_followed(
    hass: HomeAssistant, stick: SmallStick, second: SmallStick, entry: MockConfigEntry
) -> None:
    second.words |= model_words("HYS-4.6")
    result = await _discover(hass, second.host)
    assert result["reason"] == "no_plant"
    assert entry.data[CONF_HOST] == stick.host


async def test_a_plant_without_a_serial_is_known_by_its_address(
    hass: HomeAssistant, stick: SmallStick, second: SmallStick
) -> None:
    unlabelled = "0123456789abcdef0123456789abcdef"
    entry = MockConfigEntry(
        domain=DOMAIN, unique_id=unlabelled, data=_stored(stick, unlabelled)
    )
    entry.add_to_hass(hass)
    result = await _discover(hass, stick.host)
    assert result["reason"] == "already_configured"
    assert entry.data[CONF_MAC] == COLONS


async def test_another_stick_is_not_taken_for_a_known_one(
    hass: HomeAssistant, second: SmallStick, entry: MockConfigEntry, network: list[Any]
) -> None:
    result = await _discover(hass, second.host, "dts-11111111")
    assert result["step_id"] == "label"
    assert entry.data[CONF_HOST] == "127.0.0.1"
