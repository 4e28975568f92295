"""Conditions: how a plant stands, for the automation editor.

What is unknown or away fulfils none of them, and neither does a target without a plant.
"""

from collections.abc import Mapping
from typing import ClassVar, Final, override

from homeassistant.const import (
    CONF_OPTIONS,
    CONF_TARGET,
    STATE_OFF,
    STATE_ON,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ATTR_BEHAVIOR,
    BEHAVIOR_ALL,
    BEHAVIOR_ANY,
    ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL,
    Condition,
    ConditionConfig,
    EntityConditionBase,
    EntityStateConditionBase,
)
import voluptuous as vol

from .entity_keys import entities_behind, entity_behind, plant_of, state_behind

CONF_OWNER: Final = "owner"
CONF_PERIOD: Final = "period"

_PERIODS: Final = ("off_peak", "partial_peak", "peak")

_PERIOD_SCHEMA: Final = ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL.extend(
    {
        vol.Required(CONF_OPTIONS): {
            vol.Required(CONF_PERIOD): vol.All(
                cv.ensure_list, vol.Length(min=1), [vol.In(_PERIODS)]
            )
        }
    }
)
_LEASE_SCHEMA: Final = ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL.extend(
    {vol.Required(CONF_OPTIONS, default={}): {vol.Optional(CONF_OWNER): cv.string}}
)
_EXPORT_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_TARGET): cv.TARGET_FIELDS,
        vol.Required(CONF_OPTIONS, default={}): {
            vol.Required(ATTR_BEHAVIOR, default=BEHAVIOR_ALL): vol.In(
                [BEHAVIOR_ANY, BEHAVIOR_ALL]
            )
        },
    }
)


class OwnEntityCondition(EntityConditionBase):
    """Looks at the entities behind one key of the contract."""

    _key: ClassVar[str]
    # Diagnostic ones, too: the current lease is.
    _primary_entities_only = False

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Keep what shows the key."""
        return entities_behind(self._hass, super().entity_filter(entities), self._key)

    @override
    def _should_include(self, _state: State) -> bool:
        """Let the unknown count, as something that does not fit."""
        return True

    @override
    def _check_all_match_state(self, states: list[State]) -> bool:
        """Ask for one plant at least."""
        return bool(states) and super()._check_all_match_state(states)


class TariffPeriodIs(OwnEntityCondition, EntityStateConditionBase):
    """The tariff is in one of the bands that were chosen."""

    _domain_specs: Mapping[str, DomainSpec] = {Platform.SENSOR: DomainSpec()}
    _key = "tariff_period"
    _schema = _PERIOD_SCHEMA

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the bands."""
        super().__init__(hass, config)
        self._states = set((config.options or {})[CONF_PERIOD])


class LeaseHeldBy(OwnEntityCondition):
    """A lease has the battery: anybody's, or that of the owner who was named."""

    _domain_specs: Mapping[str, DomainSpec] = {
        Platform.SENSOR: DomainSpec(value_source=CONF_OWNER)
    }
    _key = "current_lease"
    _schema = _LEASE_SCHEMA

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the owner."""
        super().__init__(hass, config)
        self._owner: str | None = (config.options or {}).get(CONF_OWNER)

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Tell whether the battery is held, and by whom it has to be."""
        told: Mapping[str, object] = entity_state.attributes
        held = told.get("lease_id") is not None
        return held and self._owner in {None, told.get(CONF_OWNER)}


class GridPresent(OwnEntityCondition, EntityStateConditionBase):
    """The house is on the grid."""

    _domain_specs: Mapping[str, DomainSpec] = {Platform.BINARY_SENSOR: DomainSpec()}
    _key = "off_grid"

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Look for what shows the grid."""
        super().__init__(hass, config)
        self._states = {STATE_OFF}


class SafeToExport(OwnEntityCondition):
    """The house is on the grid, nothing is wrong, and export is not turned off.

    What the plant's links do not carry cannot be asked: over a stick's own protocol
    alone there is neither an export limit nor an earth fault. What they carry has to be
    known; a disabled entity is not.
    """

    _domain_specs: Mapping[str, DomainSpec] = {Platform.BINARY_SENSOR: DomainSpec()}
    _key = "off_grid"
    _schema = _EXPORT_SCHEMA

    @property
    @override
    def needs_polling(self) -> bool:
        """Return True: more than the targeted entities counts."""
        return True

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Tell whether the plant of this entity may export now."""
        return (
            entity_state.state == STATE_OFF
            and self._is(entity_state, "problem", STATE_OFF)
            and self._is(entity_state, "earth_fault", STATE_OFF)
            and self._export_allowed(entity_state)
        )

    def _export_allowed(self, beside: State) -> bool:
        """Tell whether there is no limit of export, or one above nothing."""
        control = self._beside(beside, Platform.SWITCH, "export_control")
        if control in {None, STATE_OFF}:
            return True
        limit = self._beside(beside, Platform.NUMBER, "export_limit")
        try:
            return control == STATE_ON and float(limit or 0) > 0
        except ValueError:
            return False

    def _is(self, beside: State, key: str, wanted: str) -> bool:
        """Tell whether a binary sensor shows something, where the plant has it."""
        return self._beside(beside, Platform.BINARY_SENSOR, key) in {None, wanted}

    def _beside(self, beside: State, platform: Platform, key: str) -> str | None:
        """Return what another entity of the plant shows, None if it has no such."""
        row = er.async_get(self._hass).async_get(beside.entity_id)
        entry = plant_of(self._hass, row) if row else None
        if entry is None:
            return STATE_UNKNOWN
        if entity_behind(self._hass, entry, platform, key) is None:
            return None
        state = state_behind(self._hass, entry, platform, key)
        return state.state if state else STATE_UNKNOWN


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "tariff_period_is": TariffPeriodIs,
    "lease_held_by": LeaseHeldBy,
    "grid_present": GridPresent,
    "safe_to_export": SafeToExport,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions by their names."""
    return CONDITIONS
