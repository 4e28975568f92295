"""The actions that change a plant: modes, and leases of its battery."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.const import ATTR_MODE
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from ..asking import asker_of, translated_refusals
from ..const import ATTR_DRY_RUN
from ..control.desk import ControlDesk
from ..control.leases import Grant, Lease, LeaseMode, LeaseWish
from ..control.priorities import Priority
from ..control.wishes import Asker, AskerKind, Outcome
from ..plant.settings import PARAMETERS, SettingValues
from ..plant.states import BatteryMode
from ..steering import human_lease
from .called import ENTRY_SCHEMA, called_entry

ATTR_AT_TARGET: Final = "at_target"
ATTR_CONFIRM_OFF_GRID: Final = "confirm_off_grid"
ATTR_DURATION: Final = "duration"
ATTR_LEASE_ID: Final = "lease_id"
ATTR_OWNER: Final = "owner"
ATTR_PARAMETERS: Final = "parameters"
ATTR_PATIENT: Final = "patient"
ATTR_POWER: Final = "power"
ATTR_PRIORITY: Final = "priority"
ATTR_REASON: Final = "reason"
ATTR_TARGET_SOC: Final = "target_soc"
ATTR_UNTIL: Final = "until"

_USER: Final = "user"

_PERCENT: Final = vol.All(vol.Coerce(float), vol.Range(min=0, max=100))
_WHOLE_PERCENT: Final = vol.All(vol.Coerce(int), vol.Range(min=0, max=100))

_END: Final = {
    vol.Exclusive(ATTR_UNTIL, "end"): cv.datetime,
    vol.Exclusive(ATTR_DURATION, "end"): cv.positive_time_period,
}
_LEASE: Final = {
    vol.Optional(ATTR_TARGET_SOC): _WHOLE_PERCENT,
    vol.Optional(ATTR_OWNER, default=_USER): vol.All(cv.string, vol.Length(1, 64)),
    vol.Optional(ATTR_REASON, default=""): vol.All(cv.string, vol.Length(0, 255)),
    vol.Optional(ATTR_PRIORITY, default=int(Priority.HUMAN)): vol.All(
        vol.Coerce(int), vol.Range(min=1, max=100)
    ),
    vol.Optional(ATTR_PATIENT, default=False): cv.boolean,
    vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean,
}

HOLD_SCHEMA: Final = ENTRY_SCHEMA.extend({**_END, **_LEASE})
FORCE_SCHEMA: Final = HOLD_SCHEMA.extend(
    {
        vol.Optional(ATTR_POWER): _PERCENT,
        vol.Optional(ATTR_AT_TARGET): vol.In(["hold", "release"]),
    }
)
REQUEST_MODE_SCHEMA: Final = HOLD_SCHEMA.extend(
    {
        vol.Required(ATTR_MODE): vol.All(
            vol.In(
                [
                    LeaseMode.SELF_CONSUMPTION,
                    LeaseMode.ECONOMICAL,
                    LeaseMode.FULL_BACKUP,
                ]
            ),
            vol.Coerce(LeaseMode),
        )
    }
)
SET_MODE_SCHEMA: Final = ENTRY_SCHEMA.extend(
    {
        vol.Required(ATTR_MODE): vol.All(
            vol.In([mode.value for mode in PARAMETERS]), vol.Coerce(BatteryMode)
        ),
        vol.Optional(ATTR_PARAMETERS, default=dict): vol.Schema(
            {
                vol.In([key for keys in PARAMETERS.values() for key in keys]): vol.Any(
                    int, float, str
                )
            }
        ),
        vol.Optional(ATTR_CONFIRM_OFF_GRID, default=False): cv.boolean,
        **_END,
    }
)
CANCEL_SCHEMA: Final = ENTRY_SCHEMA.extend(
    {
        vol.Exclusive(ATTR_LEASE_ID, "which"): cv.string,
        vol.Exclusive(ATTR_OWNER, "which"): cv.string,
    }
)


async def async_force_charge(call: ServiceCall) -> ServiceResponse:
    """Charge for a while."""
    return await _async_lease(call, LeaseMode.FORCE_CHARGE)


async def async_force_discharge(call: ServiceCall) -> ServiceResponse:
    """Discharge for a while."""
    return await _async_lease(call, LeaseMode.FORCE_DISCHARGE)


async def async_hold(call: ServiceCall) -> ServiceResponse:
    """Keep the charge that there is, or the one asked for, for a while."""
    kept = ATTR_TARGET_SOC in call.data
    return await _async_lease(
        call, LeaseMode.SELF_CONSUMPTION if kept else LeaseMode.HOLD
    )


async def async_request_mode(call: ServiceCall) -> ServiceResponse:
    """Have the battery in a mode that is not forced, for a while."""
    return await _async_lease(call, call.data[ATTR_MODE])


async def _async_lease(call: ServiceCall, mode: LeaseMode) -> ServiceResponse:
    """Ask for a lease."""
    entry = called_entry(call)
    given = call.data
    wish = LeaseWish(
        mode=mode,
        owner=given[ATTR_OWNER],
        until=_end(given) or dt_util.utcnow() + human_lease(entry.options),
        reason=given[ATTR_REASON],
        priority=given[ATTR_PRIORITY],
        target_soc=given.get(ATTR_TARGET_SOC),
        power=given.get(ATTR_POWER),
        at_target=given.get(ATTR_AT_TARGET),
        patient=given[ATTR_PATIENT],
        dry_run=given[ATTR_DRY_RUN],
    )
    with translated_refusals(call.hass):
        return _grant(
            await entry.runtime_data.steering.desk.request(wish, _asker(call))
        )


async def async_set_battery_mode(call: ServiceCall) -> ServiceResponse:
    """Choose a battery mode with its parameters; a forced one becomes a lease."""
    desk = called_entry(call).runtime_data.steering.desk
    asker = _asker(call)
    # An automation never parts the house from the grid, whatever it confirms.
    person = asker.kind is not AskerKind.AUTOMATION
    with translated_refusals(call.hass):
        answer = await desk.set_mode(
            call.data[ATTR_MODE],
            call.data[ATTR_PARAMETERS],
            asker,
            until=_end(call.data),
            confirmed=call.data[ATTR_CONFIRM_OFF_GRID] and person,
        )
    return _grant(answer) if isinstance(answer, Grant) else _outcome(answer)


async def async_cancel_override(call: ServiceCall) -> ServiceResponse:
    """End leases and put the plant back; owners that wait need wait no longer."""
    desk = called_entry(call).runtime_data.steering.desk
    asker = _asker(call)
    with translated_refusals(call.hass):
        ended = [
            lease
            for lease_id in _which(desk, call.data)
            for lease in await desk.cancel(
                asker, lease_id, resume=asker.kind is not AskerKind.AUTOMATION
            )
        ]
    return {"cancelled": [_lease(lease) for lease in ended]}


def _which(desk: ControlDesk, given: Mapping[str, Any]) -> list[str | None]:
    """Return the leases to end by their ids; None is all of them."""
    if (owner := given.get(ATTR_OWNER)) is not None:
        return [lease.id for lease in desk.leases if lease.owner == owner]
    return [given.get(ATTR_LEASE_ID)]


def _end(given: Mapping[str, Any]) -> datetime | None:
    """Return the end that was asked for; a time without a zone is local."""
    duration: timedelta | None = given.get(ATTR_DURATION)
    if duration is not None:
        return dt_util.utcnow().replace(microsecond=0) + duration
    until: datetime | None = given.get(ATTR_UNTIL)
    return None if until is None else dt_util.as_utc(until)


def _asker(call: ServiceCall) -> Asker:
    return asker_of(call.context, AskerKind.ACTION, call.service)


def _grant(grant: Grant) -> ServiceResponse:
    return {
        **_lease(grant.lease),
        "state": grant.state.value,
        "before": _plain(grant.before),
        "until": grant.until.isoformat(),
    }


def _outcome(outcome: Outcome) -> ServiceResponse:
    return {
        "state": outcome.result.value,
        "before": _plain(outcome.before),
        "after": _plain(outcome.after),
        "link": outcome.link and outcome.link.value,
    }


def _lease(lease: Lease) -> dict[str, JsonValueType]:
    return {
        "lease_id": lease.id,
        "mode": lease.mode.value,
        "owner": lease.owner,
        "until": lease.until.isoformat(),
    }


def _plain(values: SettingValues) -> dict[str, JsonValueType]:
    return dict(values)
