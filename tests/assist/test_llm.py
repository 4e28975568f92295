"""What an assistant is told and may do: what is exposed to it, and nothing else."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from homeassistant.components.homeassistant.exposed_entities import (
    async_expose_entity,
)
from homeassistant.core import Context
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import entity_registry as er, llm
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.instagen.const import (
    CONF_LINKS,
    CONF_SERIAL,
    CONF_SIMULATED,
    DOMAIN,
)
from custom_components.instagen.llm import async_get_tools
from tests.steering.world import World
from tests.tariff.tables import GO

ASSISTANT = "conversation"
OTHER_STICK = "430122480681"
QUESTIONS = {
    "instagen__get_state": "battery_soc",
    "instagen__get_lease": "current_lease",
    "instagen__get_alarms": "problem",
    "instagen__get_energy_today": "pv_energy_today",
}
COMMANDS = {"instagen__charge_until", "instagen__back_to_normal"}


class Assistant:
    """Somebody who speaks with Home Assistant about the plant."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.user: str | None = world.user

    async def set_up(self, *keys: str, links: Iterable[str] = ("modbus",)) -> None:
        """Set the plant up, with nothing exposed but some of its entities."""
        hass = self.world.hass
        assert await async_setup_component(hass, "homeassistant", {})
        assert await async_setup_component(hass, "llm", {})
        await self.world.set_up(list(links))
        for row in er.async_get(hass).entities.values():
            async_expose_entity(hass, ASSISTANT, row.entity_id, False)
        self.expose(*keys)

    def expose(self, *keys: str, should: bool = True) -> None:
        for key in keys:
            entity_id = self.world.entity_id(key)
            assert entity_id is not None, key
            async_expose_entity(self.world.hass, ASSISTANT, entity_id, should)

    async def api(self) -> llm.APIInstance:
        context = llm.LLMContext(
            platform="test",
            context=Context(user_id=self.user),
            language="en",
            assistant=ASSISTANT,
            device_id=None,
        )
        return await llm.async_get_api(self.world.hass, llm.LLM_API_ASSIST, context)

    async def tools(self) -> dict[str, llm.Tool]:
        """Return our tools."""
        tools = (await self.api()).tools
        return {one.name: one for one in tools if one.name.startswith("instagen")}

    async def call(self, name: str, **given: Any) -> dict[str, Any]:
        """Use one of our tools."""
        return await self.call_of(await self.api(), name, **given)

    async def call_of(
        self, api: llm.APIInstance, name: str, **given: Any
    ) -> dict[str, Any]:
        """Use a tool that was handed out before, as core does after its trace."""
        asked = llm.ToolInput(tool_name=f"instagen__{name}", tool_args=given)
        (tool,) = (one for one in api.tools if one.name == asked.tool_name)
        result = await tool.async_call(self.world.hass, asked, api.llm_context)
        assert isinstance(result, llm.ToolResult)
        return dict(result.data)


@pytest.fixture
def assistant(world: World) -> Assistant:
    return Assistant(world)


# ---- which tools there are ----


async def test_nothing_exposed_no_tool(assistant: Assistant) -> None:
    await assistant.set_up()
    assert await assistant.tools() == {}


async def test_a_question_needs_its_entity(assistant: Assistant) -> None:
    await assistant.set_up()
    for name, key in QUESTIONS.items():
        assistant.expose(key)
        tools = set(await assistant.tools())
        assert name in tools
        assert not COMMANDS & tools
        assistant.expose(key, should=False)


async def test_commands_need_the_battery_mode(assistant: Assistant) -> None:
    await assistant.set_up("battery_mode")
    assert set(await assistant.tools()) >= COMMANDS


async def test_they_are_what_core_wants(
    assistant: Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    await assistant.set_up("battery_mode", *QUESTIONS.values())
    await assistant.world.act("set_tariff", tariff=GO)
    await assistant.world.settle()
    assistant.expose("tariff_period")
    tools = await assistant.tools()
    assert tools.keys() == {*QUESTIONS, "instagen__get_tariff", *COMMANDS}
    for name, tool in tools.items():
        assert tool.integration == "instagen"
        for text in (tool.title, tool.description):
            assert text
            assert not text.startswith("tool_"), "it has words"
        assert tool.annotations.read_only is (name not in COMMANDS)
        schema = probatio.to_openapi(
            tool.parameters, custom_serializer=llm.selector_serializer
        )
        assert schema["type"] == "object"
        for field in schema.get("properties", {}).values():
            assert not field["description"].startswith("tool_"), "it has words"
    assert "LLM tool" not in caplog.text


async def test_another_api_has_none(assistant: Assistant) -> None:
    await assistant.set_up("battery_soc")
    api = await assistant.api()
    assert async_get_tools(assistant.world.hass, api.llm_context, "other") is None
    api.llm_context.assistant = ""
    assert async_get_tools(assistant.world.hass, api.llm_context, "assist") is None


# ---- questions ----


async def test_the_state(assistant: Assistant) -> None:
    assistant.world.sim.set({"soc": 61})
    await assistant.set_up("battery_soc", "load_power", "off_grid")
    told = (await assistant.call("get_state"))["HIT-15L-G3"]
    assert told["battery_soc"] == {"value": "61", "unit": "%"}
    assert told["off_grid"] == {"value": "off"}
    assert told["load_power"]["unit"] == "W"
    assert set(told) == {"battery_soc", "load_power", "off_grid"}, "the rest is hidden"


DAY = {
    "00:30": ("off_peak", 0.0905),
    "04:30": ("partial_peak", 0.2471),
    "16:00": ("peak", 0.3852),
    "19:00": ("partial_peak", 0.2471),
}
"""What begins when, by the table that is set."""


async def test_the_tariff_now_and_next(assistant: Assistant) -> None:
    world = assistant.world
    await assistant.set_up("battery_soc")
    await world.act("set_tariff", tariff=GO)
    await world.settle()
    assistant.expose("tariff_period", "buy_price", "next_tariff_change")
    told = (await assistant.call("get_tariff"))["HIT-15L-G3"]
    change = dt_util.parse_datetime(told["next_tariff_change"]["value"])
    assert change is not None
    turns = list(DAY)
    turn = turns.index(dt_util.as_local(change).strftime("%H:%M"))
    band, price = DAY[turns[turn - 1]]
    next_band, next_price = DAY[turns[turn]]
    assert told["tariff_period"] == {"value": band, "next": next_band}
    assert float(told["buy_price"]["value"]) == price
    assert told["buy_price"]["next"] == next_price
    assert told["buy_price"]["unit"] == "GBP/kWh"
    assert "sell_price" not in told, "it is hidden"


async def test_what_is_hidden_meanwhile_is_not_told(assistant: Assistant) -> None:
    await assistant.set_up("battery_soc", "load_power")
    api = await assistant.api()
    assistant.expose("load_power", should=False)
    told = (await assistant.call_of(api, "get_state"))["HIT-15L-G3"]
    assert set(told) == {"battery_soc"}


async def test_the_unknown_is_nothing(assistant: Assistant) -> None:
    await assistant.set_up("battery_soc")
    await assistant.world.sim.fault("drop")
    await assistant.world.poll()
    told = (await assistant.call("get_state"))["HIT-15L-G3"]
    assert told["battery_soc"]["value"] is None


async def test_the_alarms(assistant: Assistant) -> None:
    await assistant.set_up("problem")
    assert await assistant.call("get_alarms") == {
        "HIT-15L-G3": {"problem": "off", "alarms": []}
    }
    assistant.world.sim.set({"alarms": {"safety_dsp": ["insulation"]}})
    await assistant.world.poll()
    told = (await assistant.call("get_alarms"))["HIT-15L-G3"]
    assert told["problem"] == "on"
    (alarm,) = told["alarms"]
    assert alarm["code"] == "insulation_low"
    assert alarm["severity"] == "danger"
    assert alarm["remedy"].startswith("Do not touch")


async def test_alarms_without_names(assistant: Assistant) -> None:
    await assistant.set_up("problem", links=["dts"])
    assert await assistant.call("get_alarms") == {"HIT-15L-G3": {"problem": "off"}}


async def test_the_energy_of_today(assistant: Assistant) -> None:
    await assistant.set_up("pv_energy_today", "grid_import_energy_today")
    told = (await assistant.call("get_energy_today"))["HIT-15L-G3"]
    assert set(told) == {"pv_energy_today", "grid_import_energy_today"}
    assert float(told["pv_energy_today"]["value"]) > 0
    assert told["pv_energy_today"]["unit"] == "kWh"


# ---- commands ----


async def test_charging_ends_by_itself(assistant: Assistant) -> None:
    world = assistant.world
    world.sim.set({"soc": 50})
    await assistant.set_up("battery_mode", "current_lease")
    told = await assistant.call("charge_until", target_soc=80, hours=3)
    assert told["state"] == "granted"
    until = dt_util.parse_datetime(told["until"])
    assert until is not None
    lasts = until - dt_util.utcnow()
    assert timedelta(hours=2.9) < lasts <= timedelta(hours=3)
    assert world.device("battery_mode") == "force_charge"
    assert world.device("force_charge_target_soc") == 80
    (lease,) = world.steering.desk.leases
    assert (lease.owner, lease.priority, lease.releases) == ("assist", 90, True)
    lease_told = (await assistant.call("get_lease"))["HIT-15L-G3"]["current_lease"]
    assert lease_told["owner"] == "assist"
    assert lease_told["target"] == 80
    assert await assistant.call("back_to_normal") == {"ended": ["assist"]}
    assert world.device("battery_mode") == "self_consumption"
    assert await assistant.call("back_to_normal") == {"ended": []}


async def test_without_hours_the_option_counts(assistant: Assistant) -> None:
    assistant.world.sim.set({"soc": 50})
    await assistant.set_up("battery_mode")
    await assistant.call("charge_until", target_soc=80)
    (lease,) = assistant.world.steering.desk.leases
    lasts = lease.until - lease.asked_at
    assert abs(lasts - timedelta(hours=2)) < timedelta(minutes=1)


WRONG: tuple[dict[str, Any], ...] = (
    {},
    {"target_soc": 101},
    {"target_soc": 0},
    {"target_soc": "full"},
    {"target_soc": 80, "hours": 24.5},
    {"target_soc": 80, "hours": 0},
    {"target_soc": 80, "power": 100},
    {"target_soc": 80, "plant": "the neighbour's"},
)


async def test_a_wrong_order_writes_nothing(assistant: Assistant) -> None:
    await assistant.set_up("battery_mode")
    for given in WRONG:
        with pytest.raises(vol.Invalid):
            await assistant.call("charge_until", **given)
    assert assistant.world.shown("writes_today") == "0"


async def test_the_desk_has_the_last_word(assistant: Assistant) -> None:
    world = assistant.world
    world.sim.set({"soc": 50, "alarms": {"safety_dsp": ["insulation"]}})
    await assistant.set_up("battery_mode")
    with pytest.raises(HomeAssistantError) as raised:
        await assistant.call("charge_until", target_soc=80)
    assert raised.value.translation_key == "wish_alarm"
    assert world.device("battery_mode") == "self_consumption"


async def test_who_may_not_control_the_plant(assistant: Assistant) -> None:
    guest = MockUser(groups=[]).add_to_hass(assistant.world.hass)
    await assistant.set_up("battery_mode")
    assistant.user = guest.id
    with pytest.raises(Unauthorized):
        await assistant.call("charge_until", target_soc=80)
    with pytest.raises(Unauthorized):
        await assistant.call("back_to_normal")


async def test_a_voice_satellite_may(assistant: Assistant) -> None:
    assistant.world.sim.set({"soc": 50})
    await assistant.set_up("battery_mode")
    assistant.user = None
    assert (await assistant.call("charge_until", target_soc=80))["state"] == "granted"


async def test_what_is_hidden_meanwhile_is_not_controlled(assistant: Assistant) -> None:
    await assistant.set_up("battery_mode")
    api = await assistant.api()
    assistant.expose("battery_mode", should=False)
    with pytest.raises(ServiceValidationError) as raised:
        await assistant.call_of(api, "back_to_normal")
    assert raised.value.translation_key == "tool_plant_unknown"


# ---- two plants ----


async def test_two_plants_of_one_model_are_told_apart(assistant: Assistant) -> None:
    """Both have the same title, and an order is never for whichever comes last."""
    world = assistant.world
    world.sim.set({"soc": 50})
    await assistant.set_up("battery_mode", "battery_soc")
    second = MockConfigEntry(
        domain=DOMAIN,
        title="HIT-15L-G3",
        unique_id=OTHER_STICK,
        data={CONF_SIMULATED: True, CONF_LINKS: ["dts"], CONF_SERIAL: OTHER_STICK},
    )
    second.add_to_hass(world.hass)
    assert await world.hass.config_entries.async_setup(second.entry_id)
    await world.settle()
    for row in er.async_entries_for_config_entry(
        er.async_get(world.hass), second.entry_id
    ):
        async_expose_entity(world.hass, ASSISTANT, row.entity_id, True)
    assert {*await assistant.call("get_state")} == {"HIT-15L-G3", "HIT-15L-G3 (2)"}
    with pytest.raises(ServiceValidationError) as raised:
        await assistant.call("charge_until", target_soc=80)
    assert raised.value.translation_placeholders == {
        "plants": "HIT-15L-G3, HIT-15L-G3 (2)"
    }
    await assistant.call("charge_until", target_soc=80, plant="HIT-15L-G3")
    assert [lease.owner for lease in world.steering.desk.leases] == ["assist"]
    assert await world.hass.config_entries.async_unload(second.entry_id)
