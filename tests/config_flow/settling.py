"""Waiting for a flow that shows progress, without stepping on its toes."""

import asyncio

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType


async def settle(
    hass: HomeAssistant, result: ConfigFlowResult, *, options: bool = False
) -> ConfigFlowResult:
    """Go on as the frontend does: only once Home Assistant says that a stage is done.

    Asking earlier would run the step beside Home Assistant's own run of it, and the
    last step twice.
    """
    entries = hass.config_entries
    manager = entries.options if options else entries.flow
    flow_id = result["flow_id"]
    async with asyncio.timeout(30):
        while result["type"] is FlowResultType.SHOW_PROGRESS:
            await asyncio.sleep(0.01)
            step = manager._progress[flow_id].cur_step
            assert step is not None
            result = step
            if result["type"] is FlowResultType.SHOW_PROGRESS_DONE:
                result = await manager.async_configure(flow_id)
    return result
