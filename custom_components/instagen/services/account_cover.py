"""The picture of a plant (manual 4.2.1): uploaded, then named in the plant."""

from pathlib import Path
from typing import Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..account.requests import EditPlant
from ..account.rules import COVER_BYTES, cover_type
from ..cloud.asking import async_ask, async_check
from ..cloud.runtime import AccountRuntime
from ..const import CONF_PLANT_ID, DOMAIN
from ..links.cloud.errors import CloudError, Trouble
from ..links.cloud.transport import File
from .account_called import called_account, translated_cloud
from .account_requests import PLANT

ATTR_COVER: Final = "cover"

SET_COVER_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_CONFIG_ENTRY_ID): str,
        **PLANT,
        vol.Required(ATTR_COVER): cv.string,
    }
)


async def async_cover(hass: HomeAssistant, path: str) -> File:
    """Read a picture that Home Assistant may read, and that the cloud takes.

    Raises ``RuleError`` for another kind of file.
    """
    if not hass.config.is_allowed_path(path):
        raise _unreadable(path)
    try:
        content = await hass.async_add_executor_job(_content, path)
    except (OSError, ValueError) as err:  # a path may hold what none can
        raise _unreadable(path) from err
    kind = cover_type(content)
    # Its own name is nobody's business, and the cloud goes by how it ends.
    return File(f"cover.{kind.removeprefix('image/')}", content, kind)


def _content(path: str) -> bytes:
    """Read one byte more than is allowed: enough to see that it is too large."""
    with Path(path).open("rb") as file:
        return file.read(COVER_BYTES + 1)


def _unreadable(path: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="cover_unreadable",
        translation_placeholders={"path": path},
    )


async def async_upload(account: AccountRuntime, cover: File) -> str:
    """Upload a picture and return by what path the cloud knows it."""
    told = await account.client.upload(cover)
    path = told.get("filePath") if isinstance(told, dict) else None
    if not isinstance(path, str) or not path:
        raise CloudError(Trouble.GARBLED)
    return path


async def async_set_plant_cover(call: ServiceCall) -> ServiceResponse:
    """Give a plant another picture."""
    entry = called_account(call)
    account, plant = entry.runtime_data, call.data[CONF_PLANT_ID]
    with translated_cloud():
        await async_check(account, EditPlant(plant=plant))
        cover = await async_cover(call.hass, call.data[ATTR_COVER])
        path = await async_upload(account, cover)
        await async_ask(call.hass, entry, EditPlant(plant=plant, cover=path))
    return {"path": path}
