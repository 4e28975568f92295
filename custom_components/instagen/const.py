"""Constants of the Instagen integration."""

import logging
from typing import Final

DOMAIN: Final = "instagen"
LOGGER: Final = logging.getLogger(__package__)

MANUFACTURER: Final = "Instagen"

ATTR_DRY_RUN: Final = "dry_run"

CONF_ALLOW_OFF_GRID: Final = "allow_off_grid"
"""The installer's consent to part the house from the grid."""

CONF_BRAND: Final = "brand"
"""Short name of the cloud that an account belongs to."""

CONF_CONTACT_CURRENTS: Final = "contact_currents"
CONF_CONTACT_RUNNING: Final = "contact_running"
CONF_CONTACT_SURPLUS: Final = "contact_surplus"
CONF_CONTACT_SWITCH: Final = "contact_switch"
"""Entities that the owner names for the rules of the dry contact: sensors of the current
where the house is fed, of whether runs what is switched, of the surplus; and the switch."""

CONF_DTS_PORT: Final = "dts_port"
CONF_FORCED_HOURS: Final = "forced_hours"
"""Hours after which a forced mode ends that was chosen without an end."""

CONF_KIND: Final = "kind"
"""What an entry is; a plant where it is missing."""

CONF_LINKS: Final = "links"
"""Names of the links a plant is reached by; the Modbus link alone where it is missing."""

CONF_PLANT_ID: Final = "plant_id"
"""Number of a plant at the cloud."""

CONF_POLL_SECONDS: Final = "poll_seconds"
CONF_SERIAL: Final = "serial"
CONF_STICK_SERIAL: Final = "stick_serial"
"""The stick that answers now, where it is not the one that the plant was named after."""

CONF_SIMULATED: Final = "simulated"
CONF_UNIT_ID: Final = "unit_id"
CONF_UNPROVEN_WRITES: Final = "unproven_writes"
CONF_WRITES_REFUSED: Final = "writes_refused"
CONF_WRITES_WARNED: Final = "writes_warned"
"""Writes of a day at which all but safety is refused, and at which a repair warns."""

DEFAULT_DTS_PORT: Final = 10081
DEFAULT_FORCED_HOURS: Final = 2.0
DEFAULT_MODBUS_PORT: Final = 502
DEFAULT_POLL_SECONDS: Final = 30
DEFAULT_UNIT_ID: Final = 1
DEFAULT_WRITES_REFUSED: Final = 60
DEFAULT_WRITES_WARNED: Final = 30

KIND_ACCOUNT: Final = "account"
SUBENTRY_PLANT: Final = "plant"
"""A plant of an account that is followed."""
