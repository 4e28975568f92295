"""One plant, whichever link serves it: the same entities, and nothing doubled."""

from collections.abc import AsyncGenerator
import json

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.const import (
    CONF_DTS_PORT,
    CONF_LINKS,
    CONF_SERIAL,
    CONF_SIMULATED,
    CONF_UNIT_ID,
    DOMAIN,
)
from custom_components.instagen.diagnostics import async_get_config_entry_diagnostics
from custom_components.instagen.links.dts import link as dts
from custom_components.instagen.links.dts.rows import ROWS as DTS_ROWS
from custom_components.instagen.links.dts.stream import Timing
from custom_components.instagen.links.modbus.rows import ROWS as MODBUS_ROWS
from custom_components.instagen.plant.readings import READINGS, Kind
from simulator import Simulator, serve

from .conftest import NOON

STICK = "430122480680"

LINKS = {
    "modbus": ["modbus"],
    "dts": ["dts"],
    "both": ["dts", "modbus"],
}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the pauses a real stick needs."""
    hasty = Timing(spacing=0, answer=1, connect=1, backoff=0, longest_backoff=0)
    original = dts.DtsLink.__init__
    monkeypatch.setattr(
        dts.DtsLink,
        "__init__",
        lambda self, connect, **given: original(
            self, connect, **(given | {"timing": hasty})
        ),
    )


@pytest.fixture
async def home(socket_enabled: None) -> AsyncGenerator[Simulator]:
    """Serve one plant over both links."""
    async with serve("hybrid", start=NOON, from_midnight=True, dts=0) as sim:
        yield sim


def make_entry(sim: Simulator, links: list[str]) -> MockConfigEntry:
    """Make an entry of a plant that is reached by these links."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="HIT-15L-G3",
        unique_id=STICK,
        data={
            CONF_HOST: "127.0.0.1",
            CONF_LINKS: links,
            CONF_DTS_PORT: sim.dts_port,
            CONF_PORT: sim.modbus_port,
            CONF_UNIT_ID: 1,
            CONF_SERIAL: STICK,
        },
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up, or set it up anew with everything enabled."""
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED, entry.error_reason_translation_key


def entities(hass: HomeAssistant) -> dict[str, str]:
    """Return the registered entities' ids by unique id."""
    return {e.unique_id: e.entity_id for e in er.async_get(hass).entities.values()}


def shown(hass: HomeAssistant, key: str) -> str | None:
    """Return the state behind a key."""
    entity_id = entities(hass).get(f"{STICK}_{key}")
    state = hass.states.get(entity_id) if entity_id else None
    return state.state if state else None


@pytest.mark.parametrize("links", LINKS.values(), ids=LINKS)
async def test_every_link_shows_the_truth(
    hass: HomeAssistant, home: Simulator, links: list[str]
):
    await set_up(hass, make_entry(home, links))
    truth = home.state()
    for key in ("pv_power", "load_power", "grid_power", "battery_power", "battery_soc"):
        assert shown(hass, key) == str(truth[key]), key
    assert shown(hass, "dtu_connected") == "on"
    assert shown(hass, "active_link") == ("dts" if links == ["dts"] else "modbus")


async def test_swapping_links_keeps_every_entity(hass: HomeAssistant, home: Simulator):
    """Keys that both links serve have the same entity ids over either."""
    entry = make_entry(home, ["modbus"])
    await set_up(hass, entry)
    over_modbus = entities(hass)
    for links in (["dts"], ["dts", "modbus"], ["modbus"]):
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, CONF_LINKS: links}
        )
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        now = entities(hass)
        assert over_modbus.items() <= now.items()
        assert shown(hass, "battery_soc") == str(home.state()["battery_soc"])
    assert len(set(entities(hass).values())) == len(entities(hass))


async def test_a_fresh_dts_plant_gets_the_same_ids(
    hass: HomeAssistant, home: Simulator
):
    entry = make_entry(home, ["modbus"])
    await set_up(hass, entry)
    over_modbus = entities(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    await set_up(hass, make_entry(home, ["dts"]))
    over_dts = entities(hass)
    both = over_modbus.keys() & over_dts.keys()
    assert len(both) > 45
    assert {u: over_modbus[u] for u in both} == {u: over_dts[u] for u in both}


async def test_every_key_that_dts_serves_has_a_value(
    hass: HomeAssistant, home: Simulator
):
    entry = make_entry(home, ["dts"])
    await set_up(hass, entry)
    coordinator = entry.runtime_data.coordinator
    expected = coordinator.possible_keys()
    assert expected >= {"generator_frequency", "backup_power", "pv_energy"}
    missing = {
        key
        for key in expected
        if not READINGS[key].rare
        and READINGS[key].kind is not Kind.FAULTS
        and shown(hass, key) in (None, STATE_UNKNOWN, STATE_UNAVAILABLE)
    }
    assert not missing


async def test_a_link_that_names_no_faults_has_no_alarm_event(
    hass: HomeAssistant, home: Simulator
):
    """An event that can never fire would tell that all is well."""
    entry = make_entry(home, ["dts"])
    await set_up(hass, entry)
    assert f"{STICK}_alarm" not in entities(hass)
    assert shown(hass, "problem") == "off"
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, CONF_LINKS: ["dts", "modbus"]}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert f"{STICK}_alarm" in entities(hass)


async def test_the_other_link_takes_over_and_gives_back(
    hass: HomeAssistant, home: Simulator
):
    entry = make_entry(home, ["dts", "modbus"])
    await set_up(hass, entry)
    coordinator = entry.runtime_data.coordinator
    before = float(shown(hass, "pv_energy") or 0)
    await home.modbus.stop()
    home.set({"load": 1234})
    await home.advance(30)
    await coordinator.async_refresh()
    assert shown(hass, "active_link") == "dts"
    assert shown(hass, "load_power") == str(home.state()["load_power"])
    assert shown(hass, "dtu_connected") == "on"
    assert float(shown(hass, "pv_energy") or 0) == pytest.approx(before, abs=0.3)
    await home.modbus.start("127.0.0.1", home.modbus_port)
    now = coordinator.clock()
    coordinator.link.clock = lambda: now + 100
    await home.advance(30)
    await coordinator.async_refresh()
    assert shown(hass, "active_link") == "modbus"
    assert shown(hass, "load_power") == str(home.state()["load_power"])


async def test_what_only_the_second_link_serves_comes_from_it(
    hass: HomeAssistant, home: Simulator
):
    assert "generator_frequency" in DTS_ROWS
    assert "generator_frequency" not in MODBUS_ROWS
    await set_up(hass, make_entry(home, ["dts", "modbus"]))
    assert shown(hass, "generator_frequency") not in (None, STATE_UNKNOWN)


async def test_no_link_at_all_is_one_loss(hass: HomeAssistant, home: Simulator):
    entry = make_entry(home, ["dts", "modbus"])
    await set_up(hass, entry)
    coordinator = entry.runtime_data.coordinator
    await home.fault("drop")
    for _ in range(3):
        await coordinator.async_refresh()
    assert shown(hass, "battery_soc") == STATE_UNAVAILABLE
    assert shown(hass, "dtu_connected") == "off"
    await home.fault("drop", on=False)
    now = coordinator.clock()
    coordinator.link.clock = lambda: now + 100
    await coordinator.async_refresh()
    assert shown(hass, "battery_soc") == str(home.state()["battery_soc"])


async def test_a_simulated_plant_needs_nothing(
    hass: HomeAssistant, socket_enabled: None
):
    """It runs inside Home Assistant and ends with its entry."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Simulated plant",
        unique_id=STICK,
        data={CONF_SIMULATED: True, CONF_LINKS: ["dts"], CONF_SERIAL: STICK},
    )
    await set_up(hass, entry)
    assert shown(hass, "battery_soc") not in (None, STATE_UNKNOWN)
    assert shown(hass, "active_link") == "dts"
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert shown(hass, "battery_soc") == STATE_UNAVAILABLE


async def test_a_cloud_that_starves_raises_a_repair(
    hass: HomeAssistant, home: Simulator
):
    """The stick answers us, but has lost the vendor's cloud for half an hour."""
    entry = make_entry(home, ["dts"])
    await set_up(hass, entry)
    coordinator = entry.runtime_data.coordinator
    begin = coordinator.clock()
    issue = (DOMAIN, f"cloud_starving_{entry.entry_id}")

    async def after(seconds: float) -> bool:
        for clock in (coordinator, coordinator.link, coordinator.link._cloud):
            name = "_clock" if clock is coordinator.link._cloud else "clock"
            setattr(clock, name, lambda: begin + seconds)
        await coordinator.async_refresh()
        return issue in ir.async_get(hass).issues

    assert coordinator.data.get("cloud_connected") is True
    await home.fault("cloud_starved")
    assert not await after(700)
    assert not await after(1_900)
    assert await after(2_600)
    await home.fault("cloud_starved", on=False)
    assert not await after(3_300)


async def test_diagnostics_of_a_stick_tell_nobody_whose_it_is(
    hass: HomeAssistant, home: Simulator
):
    """Neither the entry's serial, nor that of the stick that took over, nor its Wi-Fi."""
    entry = make_entry(home, ["dts", "modbus"])
    await set_up(hass, entry)
    told = json.dumps(
        await async_get_config_entry_diagnostics(hass, entry), default=str
    )
    inverter = home.plant.config.inverter_serial
    for secret in (STICK, STICK[-8:], str(int(STICK, 16)), inverter):
        assert secret not in told
    assert "127.0.0.1" not in told
    assert '"dts"' in told
    assert '"modbus"' in told


async def test_diagnostics_of_a_simulated_plant(
    hass: HomeAssistant, socket_enabled: None
):
    """It has no address to hide."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=STICK,
        data={CONF_SIMULATED: True, CONF_LINKS: ["dts"], CONF_SERIAL: STICK},
    )
    await set_up(hass, entry)
    told = await async_get_config_entry_diagnostics(hass, entry)
    assert told["last_update_success"] is True


async def test_set_up_with_one_of_two_links_away(hass: HomeAssistant, home: Simulator):
    """The other serves, and the missing one joins when it is back."""
    port = home.modbus_port
    await home.modbus.stop()
    entry = make_entry(home, ["dts", "modbus"])
    await set_up(hass, entry)
    assert shown(hass, "active_link") == "dts"
    assert shown(hass, "load_power") == str(home.state()["load_power"])
    await home.modbus.start("127.0.0.1", port)
    coordinator = entry.runtime_data.coordinator
    now = coordinator.clock()
    coordinator.link.clock = lambda: now + 100
    await home.advance(30)
    await coordinator.async_refresh()
    assert shown(hass, "active_link") == "modbus"
    assert shown(hass, "load_power") == str(home.state()["load_power"])


async def test_set_up_with_no_link_names_the_preferred_one(
    hass: HomeAssistant, home: Simulator
):
    entry = make_entry(home, ["dts", "modbus"])
    await home.fault("drop")
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "link_port_closed"


async def test_totals_survive_a_restart(hass: HomeAssistant, home: Simulator):
    entry = make_entry(home, ["dts", "modbus"])
    await set_up(hass, entry)
    before = shown(hass, "pv_energy")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "pv_energy") == before
    stored = entry.runtime_data.coordinator.link.snapshot()
    assert stored["continuity"]["told"]["pv_energy"] == ["modbus", float(before or 0)]
    assert stored["dts"].keys() == {"totals"}
