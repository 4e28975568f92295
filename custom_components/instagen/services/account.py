"""Actions for people who look after plants; only administrators may call them."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from ..const import DOMAIN
from .account_contact import (
    GET_CONTACT_SCHEMA,
    SWITCH_CONTACT_SCHEMA,
    async_get_cloud_dry_contact,
    async_switch_cloud_dry_contact,
)
from .account_cover import SET_COVER_SCHEMA, async_set_plant_cover
from .account_lookups import LOOK_UPS, async_look_up
from .account_plants import CREATE_PLANT_SCHEMA, async_create_plant
from .account_reading import (
    ACCOUNT_SCHEMA,
    GET_PLANTS_SCHEMA,
    ORGANISATION_SCHEMA,
    PLANT_SCHEMA,
    async_get_account,
    async_get_devices,
    async_get_organisations,
    async_get_owners,
    async_get_plant,
    async_get_plants,
    async_get_users,
)
from .account_requests import ACCOUNT_ACTIONS, async_run_account_action
from .history import (
    IMPORT_SCHEMA,
    REPORT_SCHEMA,
    async_get_report,
    async_import_history,
)

type Action = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]

_LOOK_UPS: Final[Mapping[str, tuple[Action, vol.Schema]]] = {
    "get_account": (async_get_account, ACCOUNT_SCHEMA),
    "get_plant": (async_get_plant, PLANT_SCHEMA),
    "get_plants": (async_get_plants, GET_PLANTS_SCHEMA),
    "get_devices": (async_get_devices, PLANT_SCHEMA),
    "get_organisations": (async_get_organisations, ACCOUNT_SCHEMA),
    "get_organisation_users": (async_get_users, ORGANISATION_SCHEMA),
    "get_owners": (async_get_owners, ORGANISATION_SCHEMA),
    "get_cloud_dry_contact": (async_get_cloud_dry_contact, GET_CONTACT_SCHEMA),
    "get_report": (async_get_report, REPORT_SCHEMA),
    **{name: (async_look_up, row.schema) for name, row in LOOK_UPS.items()},
}
_CHANGES: Final[Mapping[str, tuple[Action, vol.Schema]]] = {
    "create_plant": (async_create_plant, CREATE_PLANT_SCHEMA),
    "import_history": (async_import_history, IMPORT_SCHEMA),
    "set_plant_cover": (async_set_plant_cover, SET_COVER_SCHEMA),
    "switch_cloud_dry_contact": (async_switch_cloud_dry_contact, SWITCH_CONTACT_SCHEMA),
    **{
        name: (async_run_account_action, action.schema)
        for name, action in ACCOUNT_ACTIONS.items()
        if name != "get_grid_profile"
    },
}


@callback
def async_setup_account_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    profile = ACCOUNT_ACTIONS["get_grid_profile"].schema
    look_ups = {**_LOOK_UPS, "get_grid_profile": (async_run_account_action, profile)}
    for actions, answers in (
        (look_ups, SupportsResponse.ONLY),
        (_CHANGES, SupportsResponse.OPTIONAL),
    ):
        for name, (action, schema) in actions.items():
            async_register_admin_service(
                hass, DOMAIN, name, action, schema=schema, supports_response=answers
            )
