"""What Assist may ask and order: five questions, and two commands with guards.

A plant tells an assistant only what entities tell that are exposed to it, and takes
commands only from one to which its battery mode is exposed. A command is a wish like any
other: it goes through the desk, and it has an end.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, override

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components.homeassistant import async_should_expose
from homeassistant.components.llm import LLMTools
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, EntityStateAttribute
from homeassistant.core import Context, HomeAssistant, State, callback
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.llm import (
    LLM_API_ASSIST,
    LLMContext,
    Tool,
    ToolAnnotations,
    ToolInput,
    ToolResult,
)
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType
import voluptuous as vol

from .alarm_texts import async_alarm_texts
from .asking import asker_of, translated_refusals
from .const import DOMAIN
from .control.leases import LeaseMode, LeaseWish
from .control.priorities import Priority
from .control.wishes import Asker, AskerKind
from .coordinator import InstagenConfigEntry
from .entity_keys import key_of
from .plant.alarms import alarms_of, parse_faults
from .plant.readings import READINGS, Kind
from .plant.settings import BATTERY_MODE
from .plant.tariff_time import at
from .steering import human_lease

OWNER: Final = "assist"
"""Whose a lease is that somebody asked an assistant for."""

_PLANT: Final = "plant"
_TARGET: Final = "target_soc"
_HOURS: Final = "hours"

_LONGEST: Final = 24.0
"""Hours; as for every lease (automation.md C1)."""

_SHORTEST: Final = 0.1

_STATE_KEYS: Final = (
    "work_status",
    BATTERY_MODE,
    "battery_soc",
    "battery_state",
    "pv_power",
    "load_power",
    "battery_power",
    "grid_power",
    "backup_power",
    "generator_power",
    "off_grid",
    "problem",
    "dtu_connected",
)
_TARIFF_KEYS: Final = ("tariff_period", "buy_price", "sell_price", "next_tariff_change")
_LEASE_KEYS: Final = ("current_lease", "lease_ends")
_ALARM_KEYS: Final = ("alarm", "problem", "earth_fault")
_TODAY_KEYS: Final = tuple(
    key for key, reading in READINGS.items() if reading.kind is Kind.ENERGY_TODAY
)

_DETAILS: Final = ("owner", "reason", "target", "power")
"""Attributes that are told with a state, where it has them."""


@dataclass(frozen=True, kw_only=True)
class Exposed:
    """A plant, and the states of it that an assistant may know, by their keys."""

    entry: InstagenConfigEntry
    name: str
    states: Mapping[str, State]


@callback
def async_get_tools(
    hass: HomeAssistant, llm_context: LLMContext, api_id: str
) -> LLMTools | None:
    """Return the tools that tell something, or may do it, about an exposed plant."""
    if api_id != LLM_API_ASSIST or not llm_context.assistant:
        return None
    plants = _exposed(hass, llm_context.assistant)
    tools = [
        tool
        for kind in (
            GetState,
            GetTariff,
            GetLease,
            GetAlarms,
            GetEnergyToday,
            ChargeUntil,
            BackToNormal,
        )
        if (tool := kind(hass, plants)).plants
    ]
    return LLMTools(tools=list[Tool](tools)) if tools else None


@callback
def _exposed(hass: HomeAssistant, assistant: str) -> list[Exposed]:
    """Return the plants of which something is exposed to an assistant."""
    registry = er.async_get(hass)
    names = _names(hass)
    found = []
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        states = {
            key: state
            for row in er.async_entries_for_config_entry(registry, entry.entry_id)
            if (state := hass.states.get(row.entity_id))
            and async_should_expose(hass, assistant, row.entity_id)
            and (key := key_of(hass, row.entity_id))
        }
        if states:
            name = names[entry.entry_id]
            found.append(Exposed(entry=entry, name=name, states=states))
    return found


@callback
def _names(hass: HomeAssistant) -> dict[str, str]:
    """Return what to call each plant: two of one model have the same title.

    Those that are not loaded count, so that a name stays with its plant.
    """
    names: dict[str, str] = {}
    titles: Counter[str] = Counter()
    for entry in hass.config_entries.async_entries(DOMAIN):
        titles[entry.title] += 1
        count = titles[entry.title]
        names[entry.entry_id] = f"{entry.title} ({count})" if count > 1 else entry.title
    return names


class PlantTool(Tool):
    """Something about the plants that show one of its keys to the assistant."""

    integration = DOMAIN
    keys: tuple[str, ...]

    def __init__(self, hass: HomeAssistant, plants: list[Exposed]) -> None:
        """Take the plants; the words are translations."""
        self._texts = async_get_cached_translations(
            hass, hass.config.language, "common", DOMAIN
        )
        self.plants = {
            plant.name: plant
            for plant in plants
            if not plant.states.keys().isdisjoint(self.keys)
        }
        name = self.name.removeprefix(f"{DOMAIN}__")
        self.title = self._say(f"tool_{name}_title")
        self.description = self._say(f"tool_{name}")
        self.parameters = vol.Schema(self._fields())

    def _say(self, key: str) -> str:
        return self._texts.get(f"component.{DOMAIN}.common.{key}", key)

    def _fields(self) -> dict[vol.Marker, Any]:
        """Return what the tool takes: the plant, where there are several."""
        if len(self.plants) < 2:
            return {}
        said = self._say("tool_field_plant")
        return {vol.Optional(_PLANT, description=said): vol.In(sorted(self.plants))}


# ---- questions ----


class Question(PlantTool):
    """Tells something of one plant, or of all."""

    annotations = ToolAnnotations(
        read_only=True, destructive=False, idempotent=True, open_world=False
    )

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Answer for each plant that is asked about."""
        asked = self.parameters(tool_input.tool_args).get(_PLANT)
        plants = _exposed(hass, llm_context.assistant)
        data: JsonObjectType = {
            plant.name: await self.tell(hass, plant)
            for plant in plants
            if plant.name in self.plants and asked in {None, plant.name}
        }
        return ToolResult(data=data)

    async def tell(self, hass: HomeAssistant, plant: Exposed) -> JsonObjectType:
        """Tell what the exposed entities show."""
        return {
            key: _told(plant.states[key]) for key in self.keys if key in plant.states
        }


def _told(state: State) -> JsonObjectType:
    """Return a state with its unit and details; what is not known is None."""
    known = state.state not in {STATE_UNKNOWN, STATE_UNAVAILABLE}
    told: JsonObjectType = {"value": state.state if known else None}
    if unit := state.attributes.get(EntityStateAttribute.UNIT_OF_MEASUREMENT):
        told["unit"] = unit
    for name in _DETAILS:
        if (detail := state.attributes.get(name)) is not None:
            told[name] = detail
    return told


class GetState(Question):
    """How the plant does now."""

    name = "instagen__get_state"
    keys = _STATE_KEYS


class GetTariff(Question):
    """What power costs now, until when, and then."""

    name = "instagen__get_tariff"
    keys = _TARIFF_KEYS

    @override
    async def tell(self, hass: HomeAssistant, plant: Exposed) -> JsonObjectType:
        """Tell what the exposed entities show, and what they will show next."""
        told = await super().tell(hass, plant)
        book = plant.entry.runtime_data.tariff
        if book.tariff is None or book.next_change is None:
            return told
        then = at(book.tariff, book.next_change, book.zone)
        following: dict[str, JsonValueType] = {
            "tariff_period": then.band and then.band.value,
            "buy_price": then.rate and then.rate.buy,
            "sell_price": then.rate and then.rate.sell,
        }
        for key, value in following.items():
            if isinstance(shown := told.get(key), dict):
                shown["next"] = value
        return told


class GetLease(Question):
    """Who has the battery."""

    name = "instagen__get_lease"
    keys = _LEASE_KEYS


class GetEnergyToday(Question):
    """The energy of today."""

    name = "instagen__get_energy_today"
    keys = _TODAY_KEYS


class GetAlarms(Question):
    """What is wrong; by name, where a link tells names."""

    name = "instagen__get_alarms"
    keys = _ALARM_KEYS

    @override
    async def tell(self, hass: HomeAssistant, plant: Exposed) -> JsonObjectType:
        """Tell the alarms that stand."""
        told: JsonObjectType = {
            key: _told(plant.states[key])["value"]
            for key in ("problem", "earth_fault")
            if key in plant.states
        }
        faults = plant.entry.runtime_data.coordinator.data.get("faults")
        if isinstance(faults, str):
            texts = await async_alarm_texts(hass)
            standing = sorted(alarms_of(parse_faults(faults)))
            told["alarms"] = [texts.describe(alarm) for alarm in standing]
        return told


# ---- commands ----


class Command(PlantTool):
    """Changes one plant whose battery mode is exposed, for somebody who may."""

    annotations = ToolAnnotations(idempotent=True)
    keys = (BATTERY_MODE,)

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Check who asks for what, and do it."""
        given = self.parameters(tool_input.tool_args)
        plant = self._plant(_exposed(hass, llm_context.assistant), given.get(_PLANT))
        await self._check_permission(hass, plant, llm_context.context)
        asker = asker_of(llm_context.context, AskerKind.ACTION, OWNER)
        with translated_refusals(hass):
            return ToolResult(data=await self.carry_out(plant.entry, given, asker))

    def _plant(self, plants: list[Exposed], name: str | None) -> Exposed:
        """Return the plant that is meant; one that is hidden by now is not."""
        able = [
            plant
            for plant in plants
            if BATTERY_MODE in plant.states and name in {None, plant.name}
        ]
        if len(able) == 1:
            return able[0]
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="tool_plant_unknown",
            translation_placeholders={"plants": ", ".join(sorted(self.plants))},
        )

    @staticmethod
    async def _check_permission(
        hass: HomeAssistant, plant: Exposed, context: Context | None
    ) -> None:
        """Refuse users who may not operate the plant; a voice satellite is none."""
        if context is None or context.user_id is None:
            return
        entity_id = plant.states[BATTERY_MODE].entity_id
        user = await hass.auth.async_get_user(context.user_id)
        if user is None or not user.permissions.check_entity(entity_id, POLICY_CONTROL):
            raise Unauthorized(
                context=context, entity_id=entity_id, permission=POLICY_CONTROL
            )

    async def carry_out(
        self, entry: InstagenConfigEntry, given: Mapping[str, Any], asker: Asker
    ) -> JsonObjectType:
        """Do it, and tell what came of it."""
        raise NotImplementedError


class ChargeUntil(Command):
    """Charges up to a state of charge, and for some hours at most."""

    name = "instagen__charge_until"

    @override
    def _fields(self) -> dict[vol.Marker, Any]:
        """Add target and time."""
        target = vol.Required(_TARGET, description=self._say("tool_field_target_soc"))
        hours = vol.Optional(_HOURS, description=self._say("tool_field_hours"))
        return {
            target: vol.All(vol.Coerce(int), vol.Range(min=1, max=100)),
            hours: vol.All(vol.Coerce(float), vol.Range(min=_SHORTEST, max=_LONGEST)),
            **super()._fields(),
        }

    @override
    async def carry_out(
        self, entry: InstagenConfigEntry, given: Mapping[str, Any], asker: Asker
    ) -> JsonObjectType:
        """Ask for a lease that lets go when the target is met."""
        hours: float | None = given.get(_HOURS)
        lasts = human_lease(entry.options) if hours is None else timedelta(hours=hours)
        grant = await entry.runtime_data.steering.desk.request(
            LeaseWish(
                mode=LeaseMode.FORCE_CHARGE,
                owner=OWNER,
                until=dt_util.utcnow() + lasts,
                priority=Priority.HUMAN,
                target_soc=given[_TARGET],
                at_target="release",
            ),
            asker,
        )
        return {
            "state": grant.state.value,
            _TARGET: given[_TARGET],
            "until": dt_util.as_local(grant.until).isoformat(),
        }


class BackToNormal(Command):
    """Ends all leases and puts the plant back."""

    name = "instagen__back_to_normal"

    @override
    async def carry_out(
        self, entry: InstagenConfigEntry, given: Mapping[str, Any], asker: Asker
    ) -> JsonObjectType:
        """End all that somebody wants of the battery."""
        ended = await entry.runtime_data.steering.desk.cancel(asker)
        owners: list[JsonValueType] = [lease.owner for lease in ended]
        return {"ended": owners}
