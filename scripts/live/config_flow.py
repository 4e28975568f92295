"""Adding the plant the way a person does: through the integration's own config flow."""

import asyncio
from collections.abc import Mapping
from typing import Any

from . import DOMAIN, LiveError
from .client import Client

MENU_CHOICE = "manual"
"""By address. A scan would find the simulator only where port 502 is free to use."""

MAXIMUM_STEPS = 60
PROGRESS_INTERVAL = 0.5


async def add_plant(client: Client, answers: Mapping[str, object]) -> str:
    """Walk through the flow and return the new entry's id."""
    flow = await client.post("config/config_entries/flow", {"handler": DOMAIN})
    for _ in range(MAXIMUM_STEPS):
        match flow["type"]:
            case "create_entry":
                entry_id: str = flow["result"]["entry_id"]
                return entry_id
            case "abort":
                raise LiveError(f"the config flow was aborted: {flow['reason']}")
        flow = await _next_step(client, flow, answers)
    raise LiveError(f"the config flow does not end; last step: {flow.get('step_id')}")


async def _next_step(
    client: Client, flow: Mapping[str, Any], answers: Mapping[str, object]
) -> Any:
    path = f"config/config_entries/flow/{flow['flow_id']}"
    match flow["type"]:
        case "menu":
            return await client.post(path, {"next_step_id": _choose(flow)})
        case "form":
            if errors := flow.get("errors"):
                raise LiveError(f"step {flow['step_id']} was refused: {errors}")
            return await client.post(path, fill(flow["data_schema"], answers))
        case "progress":
            await asyncio.sleep(PROGRESS_INTERVAL)
            return await client.get(path)
    raise LiveError(f"a step of a kind nobody expected: {flow['type']}")


def _choose(flow: Mapping[str, Any]) -> str:
    if MENU_CHOICE not in flow["menu_options"]:
        raise LiveError(f"no choice {MENU_CHOICE!r} among {flow['menu_options']}")
    return MENU_CHOICE


def fill(
    schema: list[Mapping[str, Any]], answers: Mapping[str, object]
) -> dict[str, object]:
    """Answer a form: what we know, else what it proposes, else only what it must have."""
    filled: dict[str, object] = {}
    for field in schema:
        name = field["name"]
        if field.get("type") == "expandable":
            filled[name] = fill(field["schema"], answers)
        elif name in answers:
            filled[name] = answers[name]
        elif "default" in field:
            filled[name] = field["default"]
        elif field.get("required"):
            raise LiveError(f"the form asks for {name!r}; the demo has no answer")
    return filled
