"""Triggers: what happens to a plant, for the automation editor.

They watch our own entities, so whatever is unknown or away never fires: a state has to
be known before and after. The entities of a targeted device or area are found by their
keys, not by their names.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.const import (
    CONF_OPTIONS,
    PERCENTAGE,
    STATE_OFF,
    STATE_ON,
    Platform,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.trigger import (
    ENTITY_STATE_TRIGGER_SCHEMA,
    EntityNumericalStateCrossedThresholdTriggerBase,
    EntityOriginStateTriggerBase,
    EntityTargetStateTriggerBase,
    EntityTriggerBase,
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
    TriggerConfig,
)
from homeassistant.helpers.typing import UNDEFINED, UndefinedType
import voluptuous as vol

from .control.leases import LeaseEventKind
from .entity_keys import entities_behind
from .plant.alarms import Severity

OFF_PEAK: Final = "off_peak"
"""The cheap band of a tariff, as the sensor of the tariff period shows it."""

CONF_OWNER: Final = "owner"
CONF_SEVERITY: Final = "severity"

_SEVERITY_OPTION: Final = vol.Optional(
    CONF_SEVERITY, default=[one.value for one in Severity]
)
_ALARM_SCHEMA: Final = ENTITY_STATE_TRIGGER_SCHEMA.extend(
    {
        vol.Required(CONF_OPTIONS, default={}): {
            _SEVERITY_OPTION: vol.All(
                cv.ensure_list, vol.Length(min=1), [vol.Coerce(Severity)]
            )
        }
    }
)
_LEASE_SCHEMA: Final = ENTITY_STATE_TRIGGER_SCHEMA.extend(
    {vol.Required(CONF_OPTIONS, default={}): {vol.Optional(CONF_OWNER): cv.string}}
)

_ENDS: Final = frozenset(
    {
        LeaseEventKind.ENDED,
        LeaseEventKind.OVERRIDDEN,
        LeaseEventKind.FAILED,
        LeaseEventKind.NO_EFFECT,
    }
)
"""However a lease ended that had the battery."""


class OwnEntityTrigger(EntityTriggerBase):
    """Watches the entities behind one key of the contract."""

    _key: ClassVar[str]
    # Diagnostic ones, too: the link, alarms and leases are.
    _primary_entities_only = False

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Keep what shows the key."""
        return entities_behind(self._hass, super().entity_filter(entities), self._key)


# ---- states ----


def _becomes(platform: Platform, key: str, state: str) -> type[Trigger]:
    """Make a trigger for an entity that becomes what it was not."""
    specs: Mapping[str, DomainSpec] = {platform: DomainSpec()}
    states = {state}

    class Becomes(OwnEntityTrigger, EntityTargetStateTriggerBase):
        """Fires when the state is reached from another one that was known."""

        _domain_specs = specs
        _key = key
        _to_states = states

    return Becomes


class CheapPeriodEnded(OwnEntityTrigger, EntityOriginStateTriggerBase):
    """Fires when the tariff leaves its cheap band."""

    _domain_specs: Mapping[str, DomainSpec] = {Platform.SENSOR: DomainSpec()}
    _key = "tariff_period"
    _from_state = OFF_PEAK


def _crosses(key: str, unit: str | UndefinedType | None = UNDEFINED) -> type[Trigger]:
    """Make a trigger for a number that crosses a threshold."""

    class Crosses(OwnEntityTrigger, EntityNumericalStateCrossedThresholdTriggerBase):
        """Fires when a number comes to the other side of a threshold."""

        _domain_specs: Mapping[str, DomainSpec] = {Platform.SENSOR: DomainSpec()}
        _key = key
        _valid_unit = unit

    return Crosses


# ---- events ----


class OwnEventTrigger(OwnEntityTrigger, StatelessEntityTriggerBase):
    """Fires when an event entity of ours tells something."""

    _domain_specs: Mapping[str, DomainSpec] = {Platform.EVENT: DomainSpec()}

    @override
    def is_valid_transition(self, from_state: State, to_state: State) -> bool:
        """Tell two events of one millisecond apart: their state is the same."""
        return (
            super().is_valid_transition(from_state, to_state)
            or from_state.attributes != to_state.attributes
        )


class AlarmTrigger(OwnEventTrigger):
    """Fires for alarms of the severities that were chosen."""

    _key = "alarm"
    _schema = _ALARM_SCHEMA
    _what: ClassVar[str]

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the severities."""
        super().__init__(hass, config)
        self._severities = set(self._options[CONF_SEVERITY])

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        """Tell whether the event is about such an alarm."""
        told: Mapping[str, Any] = state.attributes
        return (
            told.get("state") == self._what
            and told.get(CONF_SEVERITY) in self._severities
        )


class AlarmRaised(AlarmTrigger):
    """Fires when an alarm comes."""

    _what = "raised"


class AlarmCleared(AlarmTrigger):
    """Fires when an alarm goes."""

    _what = "cleared"


def _lease(*kinds: LeaseEventKind) -> type[Trigger]:
    """Make a trigger for what happens to leases."""

    class LeaseTrigger(OwnEventTrigger):
        """Fires for leases of anybody, or of the owner that was named."""

        _key = "control"
        _schema = _LEASE_SCHEMA

        @override
        def is_valid_state(
            self, state: State, report_not_triggered: NotTriggeredReasonReporter
        ) -> bool:
            """Tell whether the event is about such a lease."""
            told: Mapping[str, Any] = state.attributes
            owner = self._options.get(CONF_OWNER)
            return told.get("event_type") in kinds and owner in {
                None,
                told.get(CONF_OWNER),
            }

    return LeaseTrigger


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "cheap_period_started": _becomes(Platform.SENSOR, "tariff_period", OFF_PEAK),
    "cheap_period_ended": CheapPeriodEnded,
    "price_crossed": _crosses("buy_price"),
    "grid_lost": _becomes(Platform.BINARY_SENSOR, "off_grid", STATE_ON),
    "grid_returned": _becomes(Platform.BINARY_SENSOR, "off_grid", STATE_OFF),
    "soc_crossed": _crosses("battery_soc", PERCENTAGE),
    "alarm_raised": AlarmRaised,
    "alarm_cleared": AlarmCleared,
    "dtu_lost": _becomes(Platform.BINARY_SENSOR, "dtu_connected", STATE_OFF),
    "dtu_returned": _becomes(Platform.BINARY_SENSOR, "dtu_connected", STATE_ON),
    "lease_started": _lease(LeaseEventKind.STARTED),
    "lease_ended": _lease(*_ENDS),
    "lease_refused": _lease(LeaseEventKind.REFUSED),
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by their names."""
    return TRIGGERS
