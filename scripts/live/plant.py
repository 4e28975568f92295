"""From a bare Home Assistant to one that shows the plant."""

import socket
from typing import Any

from . import DOMAIN
from .client import Client
from .config_flow import add_plant
from .simulator import Simulator

HOST = "127.0.0.1"

ENERGY_ACTION = "set_up_energy_dashboard"

SERIAL = "430520260042"
"""A made-up serial in the form of the stick's label; over its own link it tells one."""

ENTRY_FIELDS = frozenset({"config_entry", "config_entry_id", "entry_id"})
"""Names under which an action may ask for the config entry."""


async def add(client: Client, plant: Simulator) -> str:
    """Add the simulated plant and return its config entry's id."""
    answers: dict[str, object] = {
        "host": HOST,
        "dts_port": plant.links.get("dts") or _closed_port(),
        "port": plant.links.get("modbus") or _closed_port(),
        "unit_id": 1,
    }
    if "dts" not in plant.links:
        answers["serial"] = SERIAL
    return await add_plant(client, answers)


def _closed_port() -> int:
    """Return a port that nobody serves: at the usual one may be a plant of somebody's."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


async def existing_entry(client: Client) -> str | None:
    """Return the entry that an earlier run of the demo left."""
    entries = await client.get(f"config/config_entries/entry?domain={DOMAIN}")
    return entries[0]["entry_id"] if entries else None


async def set_up_energy_dashboard(client: Client, entry_id: str) -> bool:
    """Call the integration's action for the Energy dashboard, if it has one."""
    async with client.socket() as connection:
        actions = await connection.call("get_services")
    action = actions.get(DOMAIN, {}).get(ENERGY_ACTION)
    if action is None:
        return False
    data = dict.fromkeys(ENTRY_FIELDS & action.get("fields", {}).keys(), entry_id)
    await client.post(f"services/{DOMAIN}/{ENERGY_ACTION}{_query(action)}", data)
    return True


def _query(action: dict[str, Any]) -> str:
    """Ask for the answer where the action insists on giving one."""
    response = action.get("response")
    return "?return_response" if response and not response["optional"] else ""
