"""Leases from Home Assistant: asked for, shown, overruled, and always let go."""

from datetime import timedelta
from typing import Any

from homeassistant.components.calendar import DATA_COMPONENT
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
import pytest
import voluptuous as vol

from custom_components.instagen.const import CONF_STICK_SERIAL, DOMAIN

from .world import SLOW, World, moment

LINKS = {"modbus": ["modbus"], "dts": ["dts"], "both": ["dts", "modbus"]}
CHEAP: dict[str, Any] = {
    "owner": "night tariff",
    "reason": "cheap until six",
    "priority": 30,
}


@pytest.fixture(params=list(LINKS.values()), ids=list(LINKS))
def links(request: pytest.FixtureRequest) -> list[str]:
    found: list[str] = request.param
    return found


async def force_charge(world: World, **data: Any) -> dict[str, Any]:
    """Ask for an hour of charging to 95 % at 40 %."""
    asked: dict[str, Any] = {"target_soc": 95, "power": 40, "duration": {"hours": 1}}
    return await world.act("force_charge", **(asked | data))


def has_issue(world: World, issue: str) -> bool:
    return (DOMAIN, f"{issue}_{world.entry.entry_id}") in ir.async_get(
        world.hass
    ).issues


# ---- from the wish to the end ----


@pytest.mark.parametrize("world", ["mode_read"], indirect=True)
async def test_a_lease_from_its_beginning_to_its_end(
    world: World, links: list[str]
) -> None:
    world.sim.set({"soc": 50})
    await world.set_up(links)
    answer = await force_charge(world, **CHEAP)
    until = world.clock.utcnow() + timedelta(hours=1)
    assert answer["state"] == "granted"
    assert answer["mode"] == "force_charge"
    assert answer["owner"] == "night tariff"
    assert answer["before"]["battery_mode"] == "self_consumption"
    assert abs(moment(answer["until"]) - until) < timedelta(seconds=30)
    assert world.device("battery_mode") == "force_charge"
    assert world.device("force_charge_target_soc") == 95
    assert world.device("force_charge_power") == 40
    assert world.device("self_consumption_reserve_soc") == 20
    lease = world.state("current_lease")
    assert lease.state == "force_charge"
    shown = {
        "owner": "night tariff",
        "reason": "cheap until six",
        "target": 95,
        "power": 40,
        "state": "active",
        "lease_id": answer["lease_id"],
        "until": answer["until"],
        "queued": [],
        "paused": [],
    }
    assert {key: lease.attributes[key] for key in shown} == shown
    assert moment(world.shown("lease_ends")) == moment(answer["until"])
    assert world.shown("writes_today") == "1"
    await world.pass_time(30 * 60, pace=300)
    assert float(world.shown("battery_power")) < 0
    await world.pass_time(31 * 60, pace=300)
    assert world.device("battery_mode") == "self_consumption"
    assert world.shown("battery_mode") == "self_consumption"
    assert world.shown("current_lease") == "none"
    assert world.shown("lease_ends") == "unknown"
    assert world.shown("writes_today") == "2"
    assert world.codes() == [
        "lease_started",
        "lease_applied",
        "lease_ended_expired",
        "lease_restored",
    ]
    assert world.state("control").attributes["event_type"] == "restored"


async def test_a_forced_mode_from_the_select_ends(world: World) -> None:
    await world.set_up(["modbus"], forced_hours=0.5)
    await world.choose("force_discharge")
    assert world.device("battery_mode") == "force_discharge"
    assert world.shown("battery_mode") == "force_discharge"
    assert world.state("current_lease").attributes["owner"] == "human"
    await world.pass_time(29 * 60, pace=300)
    assert world.device("battery_mode") == "force_discharge"
    await world.pass_time(2 * 60)
    assert world.device("battery_mode") == "self_consumption"


async def test_without_an_end_the_option_counts(world: World) -> None:
    await world.set_up(["modbus"], forced_hours=3)
    answer = await world.act("force_charge")
    lasts = moment(answer["until"]) - world.clock.utcnow()
    assert abs(lasts - timedelta(hours=3)) < timedelta(minutes=1)
    assert answer["state"] == "granted"
    assert world.device("force_charge_target_soc") == 90, "the plant's own"


async def test_a_time_without_a_zone_is_local(world: World) -> None:
    await world.set_up(["modbus"])
    end = world.clock.now() + timedelta(hours=2)
    answer = await world.act("hold", until=end.strftime("%Y-%m-%d %H:%M:%S"))
    assert moment(answer["until"]) == end


async def test_holding_keeps_what_there_is(world: World) -> None:
    await world.set_up(["modbus"])
    charge = round(float(world.shown("battery_soc")))
    answer = await world.act("hold", duration={"minutes": 30})
    assert answer["mode"] == "hold"
    assert world.device("battery_mode") == "self_consumption"
    assert world.device("self_consumption_reserve_soc") == charge
    await world.act("hold", duration={"minutes": 30}, target_soc=66)
    assert world.device("self_consumption_reserve_soc") == 66
    assert world.shown("current_lease") == "self_consumption"
    await world.pass_time(31 * 60, pace=300)
    assert world.device("self_consumption_reserve_soc") == 20


async def test_a_mode_that_is_not_forced_is_left_again(world: World) -> None:
    """As a storm wants it: a reserve that is raised, and lowered when it is over."""
    await world.set_up(["modbus"])
    answer = await world.act(
        "request_mode",
        mode="full_backup",
        target_soc=95,
        duration={"minutes": 30},
        owner="storm",
        priority=70,
    )
    assert (answer["state"], answer["mode"]) == ("granted", "full_backup")
    assert world.device("battery_mode") == "full_backup"
    assert world.device("full_backup_reserve_soc") == 95
    await world.pass_time(31 * 60, pace=300)
    assert world.device("battery_mode") == "self_consumption"
    assert world.device("full_backup_reserve_soc") == 80


async def test_a_dry_run_changes_nothing(world: World) -> None:
    await world.set_up(["modbus"])
    stood = world.sim.plant.settings
    answer = await force_charge(world, dry_run=True)
    assert answer["state"] == "dry_run"
    assert world.sim.plant.settings == stood
    assert world.shown("current_lease") == "none"
    assert world.shown("writes_today") == "0"
    event = world.state("control").attributes
    assert event["event_type"] == "dry_run"
    assert event["text"].startswith(
        "user would have had the battery: Force charge to 95"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": "2030-01-01T00:00:00+00:00", "duration": {"hours": 1}},
        {"target_soc": 101},
        {"power": -1},
        {"priority": 0},
        {"owner": ""},
        {"at_target": "explode"},
        {"surprise": 1},
    ],
)
async def test_what_the_schema_refuses(world: World, wrong: dict[str, Any]) -> None:
    await world.set_up(["modbus"])
    with pytest.raises(vol.Invalid):
        await world.act("force_charge", **wrong)


async def test_what_a_lease_cannot_have(world: World) -> None:
    await world.set_up(["modbus"])
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"duration": {"hours": 25}}, "until"),
        ({"until": "2020-01-01T00:00:00+00:00"}, "until"),
        ({"target_soc": 5}, "out_of_range"),
    ]
    for data, refusal in wrong:
        with pytest.raises(ServiceValidationError) as raised:
            await world.act("force_charge", **data)
        assert raised.value.translation_key == f"wish_{refusal}"
    assert world.shown("writes_today") == "0"
    assert world.device("battery_mode") == "self_consumption"


# ---- several who want it ----


async def test_the_higher_goes_first_and_the_other_follows(world: World) -> None:
    await world.set_up(["modbus"])
    low = await world.act("hold", duration={"hours": 2}, **CHEAP)
    assert low["state"] == "granted"
    high = await force_charge(world, owner="grid event", priority=60)
    assert world.device("battery_mode") == "force_charge"
    waits = await force_charge(world, owner="season", priority=10)
    assert waits["state"] == "queued"
    lease = world.state("current_lease").attributes
    assert lease["queued"] == ["night tariff", "season"]
    assert lease["until"] == high["until"]
    ended = await world.act("cancel_override", owner="grid event")
    assert [one["lease_id"] for one in ended["cancelled"]] == [high["lease_id"]]
    assert world.device("battery_mode") == "self_consumption"
    assert world.state("current_lease").attributes["owner"] == "night tariff"
    ended = await world.act("cancel_override")
    assert len(ended["cancelled"]) == 2
    assert world.device("self_consumption_reserve_soc") == 20
    assert world.shown("current_lease") == "none"


async def test_the_same_wish_again_sends_nothing(world: World) -> None:
    await world.set_up(["modbus"])
    first = await force_charge(world)
    again = await force_charge(world)
    assert again["lease_id"] == first["lease_id"]
    assert world.shown("writes_today") == "1"


async def test_cancelling_one_by_its_id(world: World) -> None:
    await world.set_up(["modbus"])
    lease = await force_charge(world)
    assert await world.act("cancel_override", lease_id="none such") == {"cancelled": []}
    assert world.device("battery_mode") == "force_charge"
    ended = await world.act("cancel_override", lease_id=lease["lease_id"])
    assert len(ended["cancelled"]) == 1
    assert world.device("battery_mode") == "self_consumption"


async def test_who_is_above_is_not_overruled_at_the_dashboard(world: World) -> None:
    await world.set_up(["modbus"])
    await force_charge(world, owner="storm guard", priority=95)
    with pytest.raises(ServiceValidationError) as raised:
        await world.choose("full_backup")
    assert raised.value.translation_key == "wish_held"
    assert "storm guard" in str(raised.value)
    assert world.shown("battery_mode") == "force_charge"
    assert world.state("battery_mode").attributes["last_refusal"] == "held"


# ---- humans ----


async def test_a_person_at_the_dashboard_ends_what_is_below(world: World) -> None:
    await world.set_up(["modbus"])
    await force_charge(world, **CHEAP)
    await world.choose("full_backup")
    assert world.device("battery_mode") == "full_backup"
    assert world.shown("current_lease") == "none"
    assert world.state("current_lease").attributes["paused"] == ["night tariff"]
    with pytest.raises(ServiceValidationError) as raised:
        await force_charge(world, automation=True, **CHEAP)
    assert raised.value.translation_key == "wish_paused"
    told = raised.value.translation_placeholders or {}
    assert "T" not in told["until"], "as people say it"
    await world.act("cancel_override", automation=True)
    assert world.state("current_lease").attributes["paused"] == ["night tariff"]
    await world.act("cancel_override")
    assert world.state("current_lease").attributes["paused"] == []
    assert (await force_charge(world, **CHEAP))["state"] == "granted"


async def test_a_hand_at_the_app_is_noticed_within_a_slow_poll(world: World) -> None:
    """Our lease ends, nothing is written, and the owner waits."""
    await world.set_up(["modbus"])
    await force_charge(world, **CHEAP)
    world.sim.set({"battery_mode": "full_backup"})
    await world.pass_time(SLOW)
    assert world.shown("battery_mode") == "full_backup"
    assert world.shown("current_lease") == "none"
    assert world.state("control").attributes["event_type"] == "overridden"
    assert world.state("current_lease").attributes["paused"] == ["night tariff"]
    await world.pass_time(2 * 3600, pace=600)
    assert world.device("battery_mode") == "full_backup"
    assert world.shown("writes_today") == "1"


async def test_a_number_of_the_running_mode_adjusts_it(world: World) -> None:
    await world.set_up(["modbus"])
    await force_charge(world)
    await world.set_number("force_charge_power", 25)
    assert world.device("force_charge_power") == 25
    assert world.shown("current_lease") == "force_charge"
    await world.set_number("full_backup_reserve_soc", 77)
    await world.act("cancel_override")
    assert world.device("battery_mode") == "self_consumption"
    assert world.device("full_backup_reserve_soc") == 77, "that was not ours to undo"
    assert world.device("force_charge_power") == 50


# ---- trouble ----


async def test_an_alarm_forbids_forcing(world: World) -> None:
    await world.set_up(["modbus"])
    await force_charge(world)
    world.sim.set({"alarms": {"safety_dsp": ["insulation"]}})
    await world.pass_time(SLOW)
    assert world.device("battery_mode") == "self_consumption"
    with pytest.raises(ServiceValidationError) as raised:
        await force_charge(world)
    assert raised.value.translation_key == "wish_alarm"


async def test_a_lease_waits_while_the_grid_is_away(world: World) -> None:
    await world.set_up(["modbus"])
    await force_charge(world)
    world.sim.set({"grid": False})
    await world.pass_time(2 * SLOW)
    assert world.device("battery_mode") == "self_consumption"
    assert world.codes()[-1] == "lease_suspended"
    assert [one.state for one in world.steering.desk.leases] == ["suspended"]
    world.sim.set({"grid": True})
    await world.pass_time(10 * SLOW)
    assert world.device("battery_mode") == "force_charge"


async def test_the_link_is_away_when_it_ends(world: World) -> None:
    """It is let go when the link returns, and a repair tells if that fails."""
    await world.set_up(["modbus"])
    await force_charge(world, duration={"minutes": 10})
    await world.sim.fault("drop")
    await world.pass_time(15 * SLOW)
    assert world.device("battery_mode") == "force_charge"
    assert world.shown("battery_mode") == STATE_UNAVAILABLE
    await world.sim.fault("drop", on=False)
    await world.pass_time(2 * SLOW)
    assert world.device("battery_mode") == "self_consumption"
    assert world.shown("battery_mode") == "self_consumption"


async def test_a_device_that_will_not_let_go_raises_a_repair(world: World) -> None:
    await world.set_up(["modbus"])
    await force_charge(world, duration={"minutes": 10})
    await world.sim.fault("writes", kind="ignored")
    await world.pass_time(2 * 3600, pace=300)
    assert has_issue(world, "lease_stuck")
    assert world.device("battery_mode") == "force_charge"
    await world.sim.fault("writes", on=False)
    await world.act("cancel_override")
    await world.settle()
    assert world.device("battery_mode") == "self_consumption"
    assert not has_issue(world, "lease_stuck")


async def test_a_device_that_does_not_take_it(world: World) -> None:
    await world.set_up(["modbus"])
    await world.sim.fault("writes", kind="refused")
    await force_charge(world)
    assert world.state("current_lease").attributes["state"] == "applying"
    assert world.shown("battery_mode") == "self_consumption"
    assert world.state("battery_mode").attributes["last_refusal"] == "refused_by_device"
    await world.pass_time(5 * SLOW)
    assert world.shown("current_lease") == "none"
    assert world.codes()[:2] == ["lease_started", "lease_failed"]
    assert world.device("battery_mode") == "self_consumption"


async def test_many_writes_warn_and_then_refuse(world: World) -> None:
    await world.set_up(["modbus"], writes_warned=2, writes_refused=3)
    await world.set_number("full_backup_reserve_soc", 77)
    assert not has_issue(world, "many_writes")
    await world.set_number("full_backup_reserve_soc", 78)
    assert has_issue(world, "many_writes")
    await force_charge(world)
    assert has_issue(world, "writes_spent")
    assert not has_issue(world, "many_writes")
    await world.act("cancel_override")
    assert world.device("battery_mode") == "self_consumption", "that is always sent"
    world.clock.advance(86_400)
    await world.poll()
    assert not has_issue(world, "writes_spent")


# ---- coming and going ----


async def test_an_unload_lets_go_and_the_lease_goes_on_afterwards(
    world: World, hass_storage: dict[str, Any]
) -> None:
    await world.set_up(["modbus"])
    lease = await force_charge(world)
    await world.stop()
    assert world.device("battery_mode") == "self_consumption"
    await world.start()
    await world.pass_time(SLOW)
    assert world.device("battery_mode") == "force_charge"
    assert world.state("current_lease").attributes["lease_id"] == lease["lease_id"]
    assert world.shown("writes_today") == "3"


async def test_behind_another_gateway_leases_are_void_and_the_plant_is_put_back(
    world: World, hass_storage: dict[str, Any]
) -> None:
    await world.set_up(["modbus"])
    await force_charge(world)
    await world.steering.async_close(release=False)  # the old gateway is dead
    await world.stop()
    assert world.device("battery_mode") == "force_charge"
    world.hass.config_entries.async_update_entry(
        world.entry, data={**world.entry.data, CONF_STICK_SERIAL: "430122489999"}
    )
    await world.start()
    await world.pass_time(SLOW)
    assert world.device("battery_mode") == "self_consumption"
    assert world.shown("current_lease") == "none"


async def test_what_ended_meanwhile_stays_ended(
    world: World, hass_storage: dict[str, Any]
) -> None:
    await world.set_up(["modbus"])
    await force_charge(world)
    await world.stop()
    world.clock.advance(2 * 3600)
    await world.start()
    await world.pass_time(SLOW)
    assert world.device("battery_mode") == "self_consumption"
    assert world.shown("current_lease") == "none"


async def test_removal_lets_go_and_leaves_nothing(
    world: World, hass_storage: dict[str, Any]
) -> None:
    await world.set_up(["modbus"])
    await force_charge(world)
    key = f"{DOMAIN}.{world.entry.entry_id}.control"
    assert hass_storage[key]["data"]["leases"]
    await world.hass.config_entries.async_remove(world.entry.entry_id)
    assert world.device("battery_mode") == "self_consumption"
    assert key not in hass_storage
    assert world.entry.state is ConfigEntryState.NOT_LOADED


# ---- the calendar ----


async def test_the_calendar_shows_past_present_and_waiting(world: World) -> None:
    await world.set_up(["modbus"])
    await world.act("hold", duration={"minutes": 10}, owner="car")
    await world.pass_time(11 * SLOW)
    first = await force_charge(world, **CHEAP)
    second = await world.act(
        "force_discharge", duration={"hours": 3}, owner="export", priority=20
    )
    assert second["state"] == "queued"
    await world.act("force_charge", duration={"minutes": 30}, owner="late", priority=10)
    calendar = world.hass.data[DATA_COMPONENT].get_entity(world.entity_id("leases"))
    assert calendar is not None
    now = world.clock.utcnow()
    day = timedelta(days=1)
    events = await calendar.async_get_events(world.hass, now - day, now + day)
    assert [event.summary for event in events] == [
        f"Hold the charge to {round(float(world.shown('battery_soc')))} %",
        "Force charge to 95 % at 40 % power",
        "Force discharge to 30 %",
    ]
    car, charge, export = events
    assert car.end_datetime_local - car.start_datetime_local < timedelta(minutes=13)
    assert charge.end == moment(first["until"]) == export.start
    assert export.end == moment(second["until"])
    described = charge.description or ""
    assert described.startswith("For night tariff, until ")
    assert "cheap until six" in described
    assert world.state("leases").attributes["message"] == charge.summary
    assert await calendar.async_get_events(world.hass, now - 2 * day, now - day) == []
    await world.act("cancel_override")
    assert world.shown("leases") == "off"
