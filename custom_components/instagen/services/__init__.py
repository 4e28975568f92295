"""Actions on a whole plant: what they are called and what they take."""

from typing import Final

from homeassistant.core import HomeAssistant, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from ..const import ATTR_DRY_RUN, DOMAIN
from .account import async_setup_account_services
from .alarms import GET_ALARMS_SCHEMA, async_get_alarms
from .blueprints import async_install_blueprints
from .called import ENTRY_SCHEMA
from .control import (
    CANCEL_SCHEMA,
    FORCE_SCHEMA,
    HOLD_SCHEMA,
    REQUEST_MODE_SCHEMA,
    SET_MODE_SCHEMA,
    async_cancel_override,
    async_force_charge,
    async_force_discharge,
    async_hold,
    async_request_mode,
    async_set_battery_mode,
)
from .energy_dashboard import async_set_up_energy_dashboard
from .tariff import SET_TARIFF_SCHEMA, async_get_tariff, async_set_tariff
from .tariff_sync import SYNC_TARIFF_SCHEMA, async_sync_tariff

SERVICE_SET_UP_ENERGY_DASHBOARD: Final = "set_up_energy_dashboard"
SERVICE_INSTALL_BLUEPRINTS: Final = "install_blueprints"

_TELLING: Final = {
    "get_alarms": (async_get_alarms, GET_ALARMS_SCHEMA),
    "get_tariff": (async_get_tariff, ENTRY_SCHEMA),
}
_CONTROL: Final = {
    "set_battery_mode": (async_set_battery_mode, SET_MODE_SCHEMA),
    "force_charge": (async_force_charge, FORCE_SCHEMA),
    "force_discharge": (async_force_discharge, FORCE_SCHEMA),
    "hold": (async_hold, HOLD_SCHEMA),
    "request_mode": (async_request_mode, REQUEST_MODE_SCHEMA),
    "cancel_override": (async_cancel_override, CANCEL_SCHEMA),
    "set_tariff": (async_set_tariff, SET_TARIFF_SCHEMA),
    "sync_tariff": (async_sync_tariff, SYNC_TARIFF_SCHEMA),
}

_ENERGY_SCHEMA: Final = ENTRY_SCHEMA.extend(
    {vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean}
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_SET_UP_ENERGY_DASHBOARD,
        async_set_up_energy_dashboard,
        schema=_ENERGY_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_INSTALL_BLUEPRINTS,
        async_install_blueprints,
        supports_response=SupportsResponse.OPTIONAL,
    )
    for name, (telling, told_of) in _TELLING.items():
        hass.services.async_register(
            DOMAIN,
            name,
            telling,
            schema=told_of,
            supports_response=SupportsResponse.ONLY,
        )
    for name, (action, schema) in _CONTROL.items():
        hass.services.async_register(
            DOMAIN,
            name,
            action,
            schema=schema,
            supports_response=SupportsResponse.OPTIONAL,
        )
    async_setup_account_services(hass)
