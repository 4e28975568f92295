"""Blueprints are installed by consent, kept up to date, and never taken from anybody."""

from typing import Any

from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import Context, CoreState, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)

from custom_components.instagen import blueprint_delivery
from custom_components.instagen.blueprint_delivery import BlueprintDelivery
from custom_components.instagen.const import DOMAIN

from .bundle import AUTOMATION, PATHS, SCRIPT, Bundle

ISSUE = f"blueprint_changed_{AUTOMATION}"


def fates(told: dict[str, Any]) -> dict[str, list[str]]:
    """Leave out what did not happen."""
    return {fate: paths for fate, paths in told.items() if paths}


async def install(hass: HomeAssistant) -> dict[str, list[str]]:
    """Call the action."""
    told = await hass.services.async_call(
        DOMAIN, "install_blueprints", blocking=True, return_response=True
    )
    assert isinstance(told, dict)
    return fates(told)


def issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, ISSUE)


async def restart(hass: HomeAssistant, delivery: BlueprintDelivery) -> None:
    """Start Home Assistant once more, as far as blueprints care."""
    BlueprintDelivery(hass).async_start()
    await hass.async_block_till_done()


# ---- installing ----


async def test_nothing_is_installed_unasked(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    await restart(hass, delivery)
    assert not bundle.place().exists()


async def test_bytes_are_copied_and_usable(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    assert await install(hass) == {"installed": PATHS}
    for path in PATHS:
        assert bundle.place(path).read_bytes() == bundle.source(path)
    found = await async_get_blueprints(hass).async_get_blueprints()
    assert "instagen/tell.yaml" in found
    assert await install(hass) == {"unchanged": PATHS}


async def test_the_stock_ones_are_there_too(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    await install(hass)
    for domain in ("automation", "script"):
        assert list((bundle.installed / domain / "homeassistant").glob("*.yaml"))


async def test_a_blueprint_asked_for_before_is_found(
    hass: HomeAssistant, delivery: BlueprintDelivery
) -> None:
    """Core remembers that a file was missing; that has to be forgotten."""
    blueprints = async_get_blueprints(hass)
    with pytest.raises(HomeAssistantError):
        await blueprints.async_get_blueprint("instagen/tell.yaml")
    await install(hass)
    assert (await blueprints.async_get_blueprint("instagen/tell.yaml")).name == "Tell"


async def test_not_before_core_laid_its_own(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    hass.set_state(CoreState.starting)
    with pytest.raises(ServiceValidationError) as raised:
        await install(hass)
    assert raised.value.translation_key == "blueprints_too_early"
    assert not bundle.place().exists()


async def test_only_where_there_is_a_place(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    hass.config.components.remove("script")
    assert await install(hass) == {"installed": [AUTOMATION]}
    assert not bundle.place(SCRIPT).exists()
    hass.config.components.remove("automation")
    with pytest.raises(ServiceValidationError) as raised:
        await install(hass)
    assert raised.value.translation_key == "blueprints_no_place"


async def test_a_copy_without_blueprints_says_so(
    hass: HomeAssistant, delivery: BlueprintDelivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blueprint_delivery, "bundle_folder", lambda: None)
    with pytest.raises(HomeAssistantError) as raised:
        await install(hass)
    assert raised.value.translation_key == "blueprints_missing"


async def test_a_folder_that_cannot_be_written(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    folder = bundle.installed / "automation" / "instagen"
    folder.write_text("somebody's file")
    with pytest.raises(HomeAssistantError) as raised:
        await install(hass)
    assert raised.value.translation_key == "blueprints_not_written"
    folder.unlink()
    assert await install(hass) == {"installed": PATHS}


async def test_what_was_written_before_it_failed_is_ours(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    folder = bundle.installed / "script" / "instagen"
    folder.write_text("somebody's file")
    with pytest.raises(HomeAssistantError):
        await install(hass)
    assert bundle.place().read_bytes() == bundle.source()
    folder.unlink()
    bundle.write(2)
    assert await install(hass) == {"updated": [AUTOMATION], "installed": [SCRIPT]}


async def test_only_administrators(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    guest = MockUser(groups=[]).add_to_hass(hass)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "install_blueprints",
            blocking=True,
            context=Context(user_id=guest.id),
        )
    assert not bundle.place().exists()


# ---- keeping up to date ----


async def test_a_start_updates_what_nobody_touched(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    await install(hass)
    # What a reload reads is the configuration file.
    (bundle.installed.parent / "configuration.yaml").write_text(
        "automation:\n  - id: a\n    use_blueprint:\n"
        "      path: instagen/tell.yaml\n      input: {}\n"
    )
    await hass.services.async_call("automation", "reload", blocking=True)
    told = async_capture_events(hass, "told")
    hass.bus.async_fire("tell")
    await hass.async_block_till_done()
    bundle.write(2)
    await restart(hass, delivery)
    hass.bus.async_fire("tell")
    await hass.async_block_till_done()
    assert [event.data["version"] for event in told] == [1, 2], "its user is rebuilt"
    for path in PATHS:
        assert bundle.place(path).read_bytes() == bundle.source(path)


async def test_a_start_waits_until_all_are_there(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    await install(hass)
    bundle.write(2)
    hass.set_state(CoreState.starting)
    await restart(hass, delivery)
    assert bundle.place().read_bytes() != bundle.source()
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    assert bundle.place().read_bytes() == bundle.source()


async def test_what_is_thrown_away_comes_back_when_asked(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    await install(hass)
    bundle.place().unlink()
    bundle.write(2)
    await restart(hass, delivery)
    assert bundle.place(SCRIPT).read_bytes() == bundle.source(SCRIPT)
    assert not bundle.place().exists(), "nobody asked"
    assert await install(hass) == {"installed": [AUTOMATION], "unchanged": [SCRIPT]}


async def test_what_somebody_changed_is_kept(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    await install(hass)
    changed = bundle.change()
    assert await install(hass) == {"kept": [AUTOMATION], "unchanged": [SCRIPT]}
    bundle.write(2)
    assert await install(hass) == {"beside": [AUTOMATION], "updated": [SCRIPT]}
    assert bundle.place().read_bytes() == changed
    assert bundle.beside().read_bytes() == bundle.source()
    raised = issue(hass)
    assert raised is not None
    assert raised.translation_placeholders is not None
    lines = raised.translation_placeholders["difference"].splitlines()
    assert "-      default: gossip" in lines
    assert "+      version: 2" in lines


async def test_a_file_of_somebody_elses_is_theirs(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    bundle.place().parent.mkdir(parents=True)
    bundle.place().write_text("blueprint: {}\n")
    assert await install(hass) == {"beside": [AUTOMATION], "installed": [SCRIPT]}
    assert bundle.place().read_text() == "blueprint: {}\n"


async def test_the_same_file_from_elsewhere_is_taken_over(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    bundle.place().parent.mkdir(parents=True)
    bundle.place().write_bytes(bundle.source())
    assert await install(hass) == {"unchanged": [AUTOMATION], "installed": [SCRIPT]}
    bundle.write(2)
    assert await install(hass) == {"updated": PATHS}


async def test_a_long_difference_is_cut(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    await install(hass)
    place = bundle.place()
    place.write_bytes(place.read_bytes() + b"# ```\n" * 100)
    bundle.write(2)
    await install(hass)
    raised = issue(hass)
    assert raised is not None
    assert raised.translation_placeholders is not None
    shown = raised.translation_placeholders["difference"]
    assert "more lines" in shown.splitlines()[-1]
    assert len(shown.splitlines()) == 61
    assert "```" not in shown, "it would end the frame it is shown in"


# ---- deciding ----


async def beside(hass: HomeAssistant, bundle: Bundle) -> bytes:
    """Have a changed blueprint with a new version beside it."""
    await install(hass)
    changed = bundle.change()
    bundle.write(2)
    await install(hass)
    assert issue(hass) is not None
    return changed


async def decide(hass: HomeAssistant, choice: str) -> None:
    """Repair it."""
    manager = repairs_flow_manager(hass)
    assert manager is not None
    flow = await manager.async_init(DOMAIN, data={"issue_id": ISSUE})
    assert flow["type"] is FlowResultType.MENU
    assert "version: 2" in str(flow["description_placeholders"])
    flow = await manager.async_configure(flow["flow_id"], {"next_step_id": choice})
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert issue(hass) is None


async def test_taking_the_new_one(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    await beside(hass, bundle)
    await decide(hass, "take_new")
    assert bundle.place().read_bytes() == bundle.source()
    assert not bundle.beside().exists()
    bundle.write(3)
    assert await install(hass) == {"updated": PATHS}


async def test_keeping_ones_own(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    changed = await beside(hass, bundle)
    await decide(hass, "keep_mine")
    assert bundle.place().read_bytes() == changed
    assert not bundle.beside().exists()
    assert await install(hass) == {"kept": [AUTOMATION], "unchanged": [SCRIPT]}
    bundle.write(3)
    assert await install(hass) == {"beside": [AUTOMATION], "updated": [SCRIPT]}


async def test_deciding_by_hand(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    await beside(hass, bundle)
    bundle.beside().unlink()
    assert await install(hass) == {"kept": [AUTOMATION], "unchanged": [SCRIPT]}
    assert issue(hass) is None
    bundle.write(3)
    await install(hass)
    bundle.place().write_bytes(bundle.source())
    assert await install(hass) == {"unchanged": PATHS}
    assert issue(hass) is None
    assert not bundle.beside().exists()


async def test_work_on_the_one_beside_is_not_lost(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    await beside(hass, bundle)
    bundle.beside().write_text("mine, too")
    bundle.write(3)
    assert await install(hass) == {"kept": [AUTOMATION], "updated": [SCRIPT]}
    assert bundle.beside().read_text() == "mine, too"


async def test_a_restart_asks_again(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    await beside(hass, bundle)
    ir.async_delete_issue(hass, DOMAIN, ISSUE)
    await restart(hass, delivery)
    assert issue(hass) is not None


async def test_without_a_plant_nothing_is_asked(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    entries = [MockConfigEntry(domain=DOMAIN, data={}) for _ in range(2)]
    for entry in entries:
        entry.add_to_hass(hass)
    changed = await beside(hass, bundle)
    await hass.config_entries.async_remove(entries[0].entry_id)
    assert issue(hass) is not None
    await hass.config_entries.async_remove(entries[1].entry_id)
    assert issue(hass) is None
    assert bundle.place().read_bytes() == changed, "files are their owner's"


# ---- from the options ----


async def test_from_the_options(
    hass: HomeAssistant, delivery: BlueprintDelivery, bundle: Bundle
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, data={})
    entry.add_to_hass(hass)
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    assert flow["type"] is FlowResultType.MENU
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"next_step_id": "blueprints"}
    )
    assert flow["description_placeholders"] == {"count": "2", "new": "2"}
    assert not bundle.place().exists(), "nothing without a yes"
    flow = await hass.config_entries.options.async_configure(flow["flow_id"], {})
    assert flow["type"] is FlowResultType.ABORT
    assert flow["reason"] == "blueprints_installed"
    assert (flow["description_placeholders"] or {})["installed"] == "2"
    assert bundle.place().exists()


async def test_from_the_options_in_vain(
    hass: HomeAssistant, delivery: BlueprintDelivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blueprint_delivery, "bundle_folder", lambda: None)
    entry = MockConfigEntry(domain=DOMAIN, data={})
    entry.add_to_hass(hass)
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"next_step_id": "blueprints"}
    )
    assert flow["reason"] == "blueprints_impossible"
    assert "release" in (flow["description_placeholders"] or {})["error"]
