"""Constants of the Instagen integration."""

import logging
from typing import Final

DOMAIN: Final = "instagen"
LOGGER: Final = logging.getLogger(__package__)

MANUFACTURER: Final = "Instagen"

CONF_SERIAL: Final = "serial"
CONF_UNIT_ID: Final = "unit_id"
DEFAULT_MODBUS_PORT: Final = 502
DEFAULT_UNIT_ID: Final = 1
