"""The action that brings our blueprints into Home Assistant."""

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.util.json import JsonValueType

from ..blueprint_delivery import BLUEPRINTS


async def async_install_blueprints(call: ServiceCall) -> ServiceResponse:
    """Install or update all blueprints; return their paths by what came of each."""
    told = await call.hass.data[BLUEPRINTS].async_install()
    response: dict[str, JsonValueType] = {
        fate: list[JsonValueType](paths) for fate, paths in told.items()
    }
    return response
