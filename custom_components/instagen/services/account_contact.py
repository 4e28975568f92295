"""The dry contact of any plant of an account (manual 5.2), as far as it is known."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..account.permissions import Right
from ..account.rules import permit
from ..cloud.runtime import AccountRuntime
from ..const import CONF_PLANT_ID
from ..links.cloud import CloudPlant
from ..links.cloud.errors import CloudError, Trouble
from ..links.cloud.settings import CloudSettings, ContactState
from .account_called import called_account, translated_cloud
from .account_requests import PLANT

ATTR_ACTIVE: Final = "active"

GET_CONTACT_SCHEMA: Final = vol.Schema(
    {vol.Required(ATTR_CONFIG_ENTRY_ID): str, **PLANT}
)
SWITCH_CONTACT_SCHEMA: Final = GET_CONTACT_SCHEMA.extend(
    {vol.Required(ATTR_ACTIVE): cv.boolean}
)


async def async_get_cloud_dry_contact(call: ServiceCall) -> ServiceResponse:
    """Read from the device what its dry contact is set to."""
    account = called_account(call).runtime_data
    with translated_cloud():
        return _told(await _settings(account, call.data).read_contact())


async def async_switch_cloud_dry_contact(call: ServiceCall) -> ServiceResponse:
    """Switch the contact's function on or off.

    One client does it so; but a portal's own list has it that the number which is
    written chooses the function. So the holder's consent is wanted.
    """
    account = called_account(call).runtime_data
    with translated_cloud():
        permit(account.mirror.view.kind, Right.SMART_CONTROL)
        if not (account.client.opt_in or account.client.brand.reference):
            raise CloudError(Trouble.NEEDS_OPT_IN)
        settings = _settings(account, call.data)
        return _told(await settings.switch_contact(on=call.data[ATTR_ACTIVE]))


def _settings(account: AccountRuntime, given: Mapping[str, Any]) -> CloudSettings:
    return CloudSettings(CloudPlant(account.client, given[CONF_PLANT_ID]))


def _told(state: ContactState) -> dict[str, Any]:
    functions = {name: dict(told) for name, told in state.functions.items()}
    return {"active": state.active, "functions": functions}
