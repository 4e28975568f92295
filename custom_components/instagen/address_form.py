"""The forms that ask where a plant is."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)
import voluptuous as vol

from .const import (
    CONF_DTS_PORT,
    CONF_SERIAL,
    CONF_UNIT_ID,
    DEFAULT_DTS_PORT,
    DEFAULT_MODBUS_PORT,
    DEFAULT_UNIT_ID,
)

ADVANCED: Final = "advanced"


def _box(highest: int) -> vol.All:
    """Return a whole number field from 1."""
    config = NumberSelectorConfig(
        min=1, max=highest, step=1, mode=NumberSelectorMode.BOX
    )
    return vol.All(NumberSelector(config), vol.Coerce(int))


_HOST: Final = vol.All(TextSelector(), vol.Strip, vol.Lower)
DTS_PORT_FIELDS: Final = {
    vol.Required(CONF_DTS_PORT, default=DEFAULT_DTS_PORT): _box(65535)
}
_PORTS: Final = {
    **DTS_PORT_FIELDS,
    vol.Required(CONF_PORT, default=DEFAULT_MODBUS_PORT): _box(65535),
    vol.Required(CONF_UNIT_ID, default=DEFAULT_UNIT_ID): _box(247),
}
LABEL_SCHEMA: Final = vol.Schema({vol.Optional(CONF_SERIAL): TextSelector()})


def address_form(
    advanced: Mapping[vol.Marker, Any], host: str | None = None
) -> vol.Schema:
    """Return a form for a host, with what is rarely needed folded away."""
    known = (
        vol.Required(CONF_HOST)
        if host is None
        else vol.Required(CONF_HOST, default=host)
    )
    return vol.Schema(
        {
            known: _HOST,
            vol.Required(ADVANCED): section(
                vol.Schema(dict(advanced)), {"collapsed": True}
            ),
        }
    )


ADDRESS_SCHEMA: Final = address_form(_PORTS)
MANUAL_SCHEMA: Final = address_form({**_PORTS, **LABEL_SCHEMA.schema})


def flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed without the section around some of it."""
    rest = {key: value for key, value in user_input.items() if key != ADVANCED}
    return {**rest, **user_input.get(ADVANCED, {})}


def folded(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an address as the form has it."""
    keys = (CONF_DTS_PORT, CONF_PORT, CONF_UNIT_ID)
    return {
        CONF_HOST: data.get(CONF_HOST, ""),
        ADVANCED: {key: data[key] for key in keys if key in data},
    }
