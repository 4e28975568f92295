"""The form for an account, and the login that tries what was typed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from ..const import CONF_BRAND
from ..links.cloud import CloudClient, CloudPlant
from ..links.cloud.brands import BRANDS, INSTAGEN
from ..links.cloud.devices import DeviceKind
from ..links.cloud.errors import CloudError, Trouble
from ..links.cloud.values import listing, mapping, whole
from .clients import REFERENCE, async_clients

HOST_INVALID: Final = "cloud_host_invalid"

_PASSWORD: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
_USERNAME: Final = TextSelector(TextSelectorConfig(autocomplete="username"))

ACCOUNT_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_BRAND, default=INSTAGEN.slug): SelectSelector(
            SelectSelectorConfig(
                options=[*BRANDS, REFERENCE], translation_key="cloud_brand"
            )
        ),
        vol.Required(CONF_USERNAME): _USERNAME,
        vol.Required(CONF_PASSWORD): _PASSWORD,
        vol.Optional(CONF_HOST): TextSelector(),
    }
)
PASSWORD_SCHEMA: Final = vol.Schema({vol.Required(CONF_PASSWORD): _PASSWORD})
CREDENTIALS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_USERNAME): _USERNAME,
        vol.Required(CONF_PASSWORD): _PASSWORD,
        vol.Optional(CONF_HOST): TextSelector(),
    }
)


@dataclass
class LoginTrial:
    """What came of a login: who it is, or what went wrong."""

    client: CloudClient | None = None
    user_id: int | None = None
    error: str | None = None
    placeholders: Mapping[str, str] | None = None

    @property
    def errors(self) -> dict[str, str]:
        """What a form shows."""
        return {"base": self.error} if self.error else {}


async def async_try_login(hass: HomeAssistant, data: Mapping[str, Any]) -> LoginTrial:
    """Log in once with what was typed in; a refusal is never tried again by itself."""
    try:
        client = async_clients(hass).open(data)
    except KeyError, ValueError:
        return LoginTrial(error=HOST_INVALID)
    try:
        told = mapping(await client.call("who_am_i"))
    except CloudError as err:
        return _failed(err)
    user_id = whole(told.get("id"))
    if user_id is None:
        return _failed(CloudError(Trouble.GARBLED))
    return LoginTrial(client=client, user_id=user_id)


def _failed(error: CloudError) -> LoginTrial:
    return LoginTrial(error=f"cloud_{error.trouble}", placeholders=error.placeholders)


async def async_only_plant(client: CloudClient) -> Mapping[str, Any] | None:
    """Return the row of an account's only plant; None when it has none or several."""
    try:
        page = mapping(await client.call("plants", {"page": 1, "page_size": 2}))
    except CloudError:
        return None
    rows = listing(page.get("list"))
    return rows[0] if len(rows) == 1 and whole(page.get("total")) == 1 else None


async def async_dtu_of(client: CloudClient, plant: int) -> str | None:
    """Return the serial of the DTU of a hybrid plant; None when it is none.

    Raises ``CloudError``.
    """
    devices = await CloudPlant(client, plant).devices()
    if not any(one.kind == DeviceKind.INVERTER for one in devices):
        return None
    return next((one.dtu_serial for one in devices if one.dtu_serial), None)
