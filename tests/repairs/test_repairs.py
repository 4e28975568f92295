"""Repairs come when the owner can do something, and go when it is done."""

from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_MODEL
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.instagen.const import DOMAIN
from custom_components.instagen.repairs import (
    ANOTHER_CLIENT,
    CLEAR_AFTER,
    DTU_FIRMWARE_OLD,
    MODEL_CHANGED,
    RAISE_AFTER,
    ModelChangedFlow,
    async_check_issues,
    async_create_fix_flow,
)
from tests.config_flow.small_stick import MODEL, SmallStick


def _issue(
    hass: HomeAssistant, entry: MockConfigEntry, issue: str
) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, f"{issue}_{entry.entry_id}")


def _check(hass: HomeAssistant, entry: MockConfigEntry, garbled: int = 0) -> None:
    """Check as after a slow poll that saw so many mixed-up answers."""
    coordinator = entry.runtime_data.coordinator
    coordinator.link.statistics.garbled += garbled
    async_check_issues(hass, entry, coordinator)


async def test_another_client_is_told_after_a_while_and_forgotten(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    for _ in range(RAISE_AFTER - 1):
        _check(hass, loaded, garbled=2)
    assert _issue(hass, loaded, ANOTHER_CLIENT) is None
    _check(hass, loaded, garbled=1)
    issue = _issue(hass, loaded, ANOTHER_CLIENT)
    assert issue is not None
    assert issue.translation_placeholders == {"title": MODEL}
    assert not issue.is_fixable
    for _ in range(CLEAR_AFTER - 1):
        _check(hass, loaded)
    assert _issue(hass, loaded, ANOTHER_CLIENT) is not None
    _check(hass, loaded)
    assert _issue(hass, loaded, ANOTHER_CLIENT) is None


async def test_a_mixed_up_answer_now_and_then_is_no_client(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    for number in range(6 * RAISE_AFTER):
        _check(hass, loaded, garbled=number % 3)
    assert _issue(hass, loaded, ANOTHER_CLIENT) is None


async def test_old_stick_firmware_comes_and_goes(
    hass: HomeAssistant, stick: SmallStick, loaded: MockConfigEntry
) -> None:
    coordinator = loaded.runtime_data.coordinator
    stick.set_faults(attached_device=1 << 4)
    await coordinator.async_refresh()
    _check(hass, loaded)
    assert _issue(hass, loaded, DTU_FIRMWARE_OLD) is not None
    with patch.object(coordinator.data, "_values", {"faults": None}):
        _check(hass, loaded)
    assert _issue(hass, loaded, DTU_FIRMWARE_OLD) is not None
    stick.set_faults(attached_device=0)
    await coordinator.async_refresh()
    _check(hass, loaded)
    assert _issue(hass, loaded, DTU_FIRMWARE_OLD) is None


@pytest.fixture
async def other_model(hass: HomeAssistant, loaded: MockConfigEntry) -> MockConfigEntry:
    """Return the entry as if it had been set up for another model."""
    data = {**loaded.data, CONF_MODEL: "HYS-4.6"}
    hass.config_entries.async_update_entry(loaded, data=data)
    _check(hass, loaded)
    return loaded


async def test_another_model_can_be_confirmed(
    hass: HomeAssistant, other_model: MockConfigEntry
) -> None:
    issue = _issue(hass, other_model, MODEL_CHANGED)
    assert issue is not None
    assert issue.is_fixable
    flow = await async_create_fix_flow(hass, issue.issue_id, issue.data)
    assert isinstance(flow, ModelChangedFlow)
    flow.hass = hass
    flow.handler, flow.flow_id = DOMAIN, "fix"
    result = await flow.async_step_init()
    assert result["type"] is FlowResultType.FORM
    assert result["description_placeholders"] == {
        "title": MODEL,
        "expected": "HYS-4.6",
        "found": MODEL,
    }
    before = other_model.runtime_data
    result = await flow.async_step_confirm({})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert other_model.runtime_data is not before
    assert other_model.data[CONF_MODEL] == MODEL
    assert other_model.state is ConfigEntryState.LOADED
    _check(hass, other_model)
    assert _issue(hass, other_model, MODEL_CHANGED) is None


async def test_a_plant_removed_meanwhile_cannot_be_confirmed(
    hass: HomeAssistant, other_model: MockConfigEntry
) -> None:
    issue = _issue(hass, other_model, MODEL_CHANGED)
    assert issue is not None
    flow = await async_create_fix_flow(hass, issue.issue_id, {"entry_id": "gone"})
    assert isinstance(flow, ModelChangedFlow)
    flow.hass = hass
    flow.handler, flow.flow_id = DOMAIN, "fix"
    result = await flow.async_step_confirm({})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "plant_removed"


async def test_issues_go_with_the_plant(
    hass: HomeAssistant, other_model: MockConfigEntry
) -> None:
    await hass.config_entries.async_remove(other_model.entry_id)
    assert _issue(hass, other_model, MODEL_CHANGED) is None
