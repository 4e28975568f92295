"""What is kept and told of changes: journal, logbook, events, diagnostics, storage."""

import json
from typing import Any

from homeassistant import loader
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.instagen.const import DOMAIN
from custom_components.instagen.control.contact_inputs import Reason
from custom_components.instagen.control.journal import JournalEntry
from custom_components.instagen.control.leases import (
    EndReason,
    Hindrance,
    LeaseEventKind,
)
from custom_components.instagen.control.wishes import Refusal, Result
from custom_components.instagen.control_reports import EVENT_CONTROL
from custom_components.instagen.control_texts import ControlTexts
from custom_components.instagen.diagnostics import async_get_config_entry_diagnostics
from custom_components.instagen.logbook import async_describe_events

from .test_modes import TEXTS
from .world import STICK, World


def sentences(world: World) -> list[str]:
    """Return what the logbook says."""
    texts = ControlTexts(world.hass)
    return [texts.told(event.data) for event in world.told]


async def test_every_change_is_a_plain_sentence(world: World) -> None:
    await world.set_up(["modbus"])
    await world.choose("full_backup")
    await world.choose("full_backup")
    with pytest.raises(ServiceValidationError):
        await world.set_number("battery_min_soc", 33.5)
    floor = "Lowest state of charge"
    await world.operate("switch", "turn_on", "export_control")
    assert sentences(world) == [
        "Mode: Full backup - confirmed by the plant",
        "Mode: Full backup - it stood so already",
        f"{floor}: 33.5 % - refused: {floor} cannot be 33.5: the device takes steps of 1",
        "Export control: on - confirmed by the plant",
    ]
    assert {event.context.user_id for event in world.told} == {world.user}
    assert {event.data["title"] for event in world.told} == {"HIT-15L-G3"}


async def test_a_leases_turns_are_plain_sentences(world: World) -> None:
    world.sim.set({"soc": 50})
    await world.set_up(["modbus"])
    await world.act(
        "force_charge",
        target_soc=95,
        power=40,
        duration={"hours": 1},
        owner="night tariff",
        reason="cheap until six",
    )
    await world.act("cancel_override")
    what = "Force charge to 95 % at 40 % power"
    first, shown, ended, restored = sentences(world)
    assert first.startswith(f"night tariff has the battery now: {what}, until ")
    assert first.endswith(" (reason given: cheap until six)")
    assert shown.startswith(f"The plant shows what night tariff wanted: {what}")
    assert ended.startswith(f"The lease of night tariff was cancelled: {what}")
    assert restored.startswith("The plant stands again as it stood")
    event = world.state("control").attributes
    assert event["text"] == restored
    assert event["owner"] is None


async def test_the_logbook_describes_our_events(world: World) -> None:
    """The describer that Home Assistant's logbook is given."""
    await world.set_up(["modbus"])
    await world.choose("full_backup")
    described: dict[str, Any] = {}
    async_describe_events(
        world.hass, lambda domain, kind, describe: described.update({kind: describe})
    )
    (event,) = world.told
    assert described[EVENT_CONTROL](event) == {
        "name": "HIT-15L-G3",
        "message": "Mode: Full backup - confirmed by the plant",
        "entity_id": world.entity_id("control"),
    }


GENERATOR_FAULTS = {
    Reason.ALARM,
    Reason.NO_CONFIRMATION,
    Reason.CONFIRMATION_LOST,
}


def test_every_code_has_its_sentence() -> None:
    ends = set(EndReason) - {
        EndReason.OVERRIDDEN,
        EndReason.REFUSED,
        EndReason.FAILED,
        EndReason.NO_EFFECT,
    }
    wanted = {
        *(f"lease_{kind}" for kind in LeaseEventKind),
        *(f"lease_ended_{reason}" for reason in ends),
        *(f"lease_suspended_{why}" for why in Hindrance if why != "off_grid"),
        "lease_resumed_room",
        *(f"wish_{result}" for result in Result),
        *("wish_refused", "wish_cut_short", "wish_change"),
        *("lease_what", "lease_what_soc", "lease_what_power", "lease_what_soc_power"),
        *("lease_because", "lease_standing", "on", "off", "another_table"),
        *(f"contact_{result}" for result in set(Result) - {Result.REMEMBERED}),
        *("contact_dry_run", "contact_refused", "contact_kept_here"),
        *("contact_earth_fault", "contact_charger_locked"),
        *(f"contact_generator_fault_{reason}" for reason in GENERATOR_FAULTS),
    }
    others = ("blueprint_", "tool_", "tariff_")
    said = {key for key in TEXTS["common"] if not key.startswith(others)}
    assert said == wanted


def test_every_event_has_its_name() -> None:
    names = TEXTS["entity"]["event"]["control"]["state_attributes"]["event_type"]
    assert names["state"].keys() == set(LeaseEventKind)
    causes = TEXTS["entity"]["event"]["control"]["state_attributes"]["cause"]
    assert {*Hindrance, "room"} <= causes["state"].keys()


async def test_who_asked_is_in_the_journal(world: World) -> None:
    await world.set_up(["modbus"])
    await world.choose("full_backup")
    await world.act("set_battery_mode", automation=True, mode="self_consumption")
    await world.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": world.entity_id("force_charge_power"), "value": 12},
        blocking=True,
        context=Context(user_id=world.user, parent_id="01ABC"),
    )
    entries = world.steering.journal.entries
    assert [(one.asker.kind, one.asker.name) for one in entries] == [
        ("entity", "select.hit_15l_g3_battery_mode"),
        ("automation", "set_battery_mode"),
        ("automation", "number.hit_15l_g3_battery_force_charge_power"),
    ]
    assert [one.asker.user_id for one in entries] == [world.user, None, world.user]
    assert entries[0].before["battery_mode"] == "self_consumption"
    assert entries[0].link == "modbus"
    assert [one.result for one in entries] == [Result.VERIFIED] * 3


async def test_the_journal_is_stored_before_long(
    world: World, hass_storage: dict[str, Any]
) -> None:
    """Also a refusal, after which no lease and no write is stored at once."""
    await world.set_up(["modbus"])
    with pytest.raises(ServiceValidationError):
        await world.set_number("force_charge_power", 12.34)
    await world.steering._store._async_callback_delayed_write()
    stored = hass_storage[f"{DOMAIN}.{world.entry.entry_id}.control"]["data"]
    last = JournalEntry.from_dict(stored["journal"][-1])
    assert last.refusal is Refusal.NOT_A_STEP
    await world.stop()
    await world.start()
    assert world.steering.journal.entries == (last,)


async def test_diagnostics_tell_what_was_changed_and_nobody_whose_it_is(
    world: World,
) -> None:
    await world.set_up(["dts", "modbus"])
    await world.choose("full_backup")
    await world.act("hold", duration={"hours": 1}, owner=f"owner of {STICK}")
    data = await async_get_config_entry_diagnostics(world.hass, world.entry)
    control = data["control"]
    assert [one["result"] for one in control["journal"]] == ["verified", "verified"]
    assert control["leases"][0]["mode"] == "hold"
    assert control["known"]["mode"]["values"]["battery_mode"] == "self_consumption"
    assert control["budget"]["total"] == 2
    assert control["capabilities"]["force_charge_power"]["range"]["high"] == 100
    text = json.dumps(data, default=str)
    assert STICK not in text
    assert world.user not in text


async def test_a_stop_of_home_assistant_keeps_the_lease_and_the_next_one_ends_it(
    world: World, hass_storage: dict[str, Any]
) -> None:
    """A restart is short: letting go and taking up again would be two writes."""
    await world.set_up(["modbus"])
    await world.act("force_charge", duration={"hours": 1})
    world.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await world.settle()
    assert world.device("battery_mode") == "force_charge"
    assert hass_storage[f"{DOMAIN}.{world.entry.entry_id}.control"]["data"]["leases"]
    await world.coordinator.async_shutdown()
    await world.coordinator.link.close()
    old = world.entry
    async with async_test_home_assistant() as hass:
        world.hass = hass
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
        world.entry = MockConfigEntry(
            domain=DOMAIN, entry_id=old.entry_id, data=dict(old.data), title=old.title
        )
        world.entry.add_to_hass(hass)
        await world.start()
        assert world.state("current_lease").state == "force_charge"
        await world.pass_time(30 * 60, pace=600)
        assert world.device("battery_mode") == "force_charge"
        assert world.sim.plant.settings.battery_mode == "force_charge"
        await world.pass_time(31 * 60, pace=600)
        assert world.device("battery_mode") == "self_consumption"
        assert world.shown("writes_today") == "2"
        await world.stop()
        await hass.async_stop(force=True)
