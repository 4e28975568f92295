"""Alarm notice, DTU offline and daily report: what is told, once, and when."""

import asyncio
from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.core import ServiceCall
from homeassistant.helpers import event
import pytest

from .world import World

LONDON = ZoneInfo("Europe/London")
ALARM = "event.alarm"
DTU = "binary_sensor.dtu"


# ---- alarms ----


async def alarms(world: World, **inputs: Any) -> None:
    await world.set(ALARM, "unknown")
    await world.use("alarm_notice", {"alarm": ALARM, **inputs})


async def fire(world: World, severity: str = "danger", **said: str) -> None:
    said = {"code": "insulation_low", "state": "raised", **said}
    world.freezer.tick(1)
    await world.set(
        ALARM,
        f"2026-11-20T12:00:{len(world.messages):02}.000+00:00",
        event_type="grid_safety",
        severity=severity,
        text="The insulation is low.",
        remedy="Call your installer.",
        **said,
    )


def standing(count: int, severity: str = "fault") -> list[dict[str, Any]]:
    return [
        {
            "code": f"code_{number}",
            "severity": severity,
            "text": f"Text {number}",
            "remedy": "Wait.",
        }
        for number in range(count)
    ]


async def test_an_alarm_is_told_once_and_its_end(world: World) -> None:
    await alarms(world)
    await fire(world)
    assert world.messages == [
        "Danger at 12:00: The insulation is low. (insulation_low). Call your installer."
    ]
    await world.pass_time(60, pace=300)
    assert len(world.messages) == 1
    await fire(world, state="cleared")
    assert world.messages[-1].startswith("Over since 13:00: The insulation is low.")
    assert world.calls == []


async def test_alarms_of_one_moment_are_told_each(world: World) -> None:
    """The second is raised while the first message is on its way."""

    async def send(call: ServiceCall) -> None:
        await on_its_way.wait()
        world.messages.append(call.data["message"])

    on_its_way = asyncio.Event()
    world.hass.services.async_register("notify", "phone", send)
    sent = {"action": "notify.phone", "data": {"message": "{{ message }}"}}
    await alarms(world, on_message=[sent])
    for number in range(3):
        said = {"code": f"code_{number}", "severity": "fault", "state": "raised"}
        moment = f"2026-11-20T12:00:0{number}.000+00:00"
        world.hass.states.async_set(
            ALARM, moment, {"text": "It broke.", "remedy": "", **said}
        )
    on_its_way.set()
    await world.settle()
    assert world.messages == [
        f"Fault at 12:00: It broke. (code_{number})." for number in range(3)
    ]


@pytest.mark.parametrize(
    ("severity", "hour", "told"),
    [("notice", 12, 0), ("warning", 12, 1), ("warning", 23, 0), ("danger", 23, 1)],
)
async def test_quiet_hours_and_severity(
    world: World, severity: str, hour: int, told: int
) -> None:
    await world.go_to(datetime(2026, 11, 20, hour, tzinfo=LONDON))
    await alarms(world)
    await fire(world, severity)
    assert len(world.messages) == told


async def test_what_waited_is_told_in_the_morning(world: World) -> None:
    await world.go_to(datetime(2026, 11, 20, 23, tzinfo=LONDON))
    await alarms(world)
    await fire(world, "warning")
    world.alarms = standing(1, "warning")
    await world.go_to(datetime(2026, 11, 21, 7, tzinfo=LONDON))
    assert world.messages == ["Still standing: Text 0 (code_0). Wait."]


async def test_a_start_tells_what_stands(world: World) -> None:
    await alarms(world)
    world.alarms = standing(2)
    await world.restart()
    assert world.messages == [
        "Still standing: Text 0 (code_0). Wait. Text 1 (code_1). Wait."
    ]


async def test_many_are_one_message(world: World) -> None:
    await alarms(world)
    world.alarms = standing(6)
    await world.restart()
    assert world.messages == [
        "6 alarms stand: code_0, code_1, code_2, code_3, code_4, code_5."
    ]


async def test_nothing_to_tell_is_not_told(world: World) -> None:
    await alarms(world)
    await world.restart()
    for state in ("unavailable", "2026-11-20T12:00:00.000+00:00"):
        await world.set(ALARM, state, severity="danger", state="raised", code="x")
    assert world.messages == []


async def test_a_standing_alarm_is_repeated(world: World) -> None:
    await world.set("binary_sensor.problem", "on")
    world.alarms = standing(1)
    await alarms(world, repeat_hours=4, problem="binary_sensor.problem")
    await world.pass_time(9 * 60, pace=300)
    assert len(world.messages) == 2
    await world.set("binary_sensor.problem", "off")
    await world.pass_time(5 * 60, pace=300)
    assert len(world.messages) == 2


async def test_an_alarm_can_be_tried_dry(world: World) -> None:
    await alarms(world, dry_run=True)
    await fire(world)
    assert world.messages == []
    assert world.logbook[0].startswith("Would tell: Danger at 12:00")


# ---- the DTU ----


async def offline(world: World, **inputs: Any) -> None:
    await world.set(DTU, "on")
    await world.use("dtu_offline", {"dtu": DTU, "patience": 10, **inputs})
    await world.pass_time(15)


async def test_it_is_told_once_and_when_it_is_back(world: World) -> None:
    await offline(world)
    await world.set(DTU, "off")
    await world.pass_time(9)
    assert world.messages == []
    await world.pass_time(60, pace=300)
    (message,) = world.messages
    assert message.startswith("The DTU has been away since 12:15")
    await world.set(DTU, "on")
    assert world.messages[-1] == "The DTU is back after 69 minutes."


async def test_a_short_loss_is_no_news(world: World) -> None:
    await offline(world)
    for state in ("off", "on", "unavailable", "on"):
        await world.set(DTU, state)
        await world.pass_time(8)
    assert world.messages == []


async def test_an_unknown_dtu_is_a_lost_one(world: World) -> None:
    await offline(world)
    await world.set(DTU, "unavailable")
    await world.pass_time(15)
    assert len(world.messages) == 1


async def test_after_a_start_ten_minutes_are_no_news(world: World) -> None:
    await offline(world, patience=1)
    await world.stop()
    await world.set(DTU, "off")
    await world.start(away=5)
    await world.pass_time(8)
    assert world.messages == []
    await world.pass_time(8)
    assert len(world.messages) == 1


async def test_it_is_repeated(world: World) -> None:
    await offline(world, repeat_hours=2)
    await world.set(DTU, "off")
    await world.pass_time(5 * 60, pace=300)
    assert len(world.messages) == 3


async def test_what_is_lost_is_told_apart(world: World) -> None:
    ping, cloud = "binary_sensor.ping", "binary_sensor.cloud"
    await world.set_all({ping: "on", cloud: "on"})
    await offline(world, internet=ping, cloud=cloud)
    await world.set(cloud, "off")
    await world.pass_time(15)
    assert world.messages[-1].startswith("The cloud has been away since")
    await world.set(cloud, "on")
    assert world.messages[-1] == "The cloud is back after 15 minutes."
    await world.set(ping, "off")
    await world.set(DTU, "off")
    await world.pass_time(15)
    assert "look at the router" in world.messages[-1]


async def test_the_lease_at_risk_is_named(world: World) -> None:
    world.give_to("cheap-rate charge")
    await offline(world)
    await world.set(DTU, "off")
    await world.pass_time(15)
    assert "Cheap-rate charge has the battery and cannot let it go" in world.messages[0]


async def test_it_restarts_only_if_let_and_twice_a_day(world: World) -> None:
    counter = "counter.restarts"
    await world.set(counter, 0)
    restart = [{"action": "switch.turn_on", "target": {"entity_id": "switch.router"}}]
    await offline(world, restarts=counter, on_restart=restart, repeat_hours=0)
    await world.set(DTU, "off")
    await world.pass_time(25)
    assert world.made("turn_on") == []
    await world.pass_time(10 * 60, pace=300)
    assert len(world.made("turn_on")) == 2


async def test_midnight_swallows_no_loss(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting anew is a run, too, just before the tick at which the loss is due."""
    parts = count(50_000, 1_000)  # of a second: Home Assistant spreads what has a time
    monkeypatch.setattr(event, "randint", lambda *_: next(parts))
    counter = "counter.restarts"
    await world.set(counter, 1)
    await offline(world, restarts=counter, on_restart=[], repeat_hours=0)
    await world.go_to(datetime(2026, 11, 20, 23, 49, tzinfo=LONDON))
    await world.set(DTU, "off")
    await world.go_to(datetime(2026, 11, 20, 23, 55, 1, tzinfo=LONDON))
    await world.go_to(datetime(2026, 11, 21, 0, 0, 1, tzinfo=LONDON))
    assert [message[:21] for message in world.messages] == ["The DTU has been away"]
    assert world.shown(counter) == "0"


async def test_a_restart_can_be_tried_dry(world: World) -> None:
    """Nothing counts what was not done, so it is told once an hour at most."""
    counter = "counter.restarts"
    await world.set(counter, 0)
    restart = [{"action": "switch.turn_on", "target": {"entity_id": "switch.router"}}]
    given = {"restarts": counter, "on_restart": restart, "repeat_hours": 0}
    await offline(world, dry_run=True, **given)
    await world.set(DTU, "off")
    await world.pass_time(5 * 60, pace=300)
    assert world.calls == []
    assert world.shown(counter) == "0"
    assert len(world.messages) in range(3, 7)
    assert all("Would restart" in told for told in world.messages[1:])


# ---- the report ----

REPORT = {
    "solar": "sensor.solar",
    "imported": "sensor.imported",
    "exported": "sensor.exported",
    "at": "12:30:00",
}


async def report(world: World, **inputs: Any) -> None:
    await world.set_all(
        {"sensor.solar": 12.34, "sensor.imported": 3, "sensor.exported": "unknown"}
    )
    await world.use("daily_report", {**REPORT, **inputs})


async def test_it_is_told_once_and_missing_is_missing(world: World) -> None:
    await report(world)
    await world.pass_time(25 * 60, pace=1800)
    assert (
        world.messages
        == [
            "Solar 12.3 kWh, imported 3.0 kWh, exported missing.",
        ]
        * 2
    )


async def test_a_report_that_a_restart_missed_comes_late(world: World) -> None:
    await report(world)
    await world.restart(away=60)
    assert len(world.messages) == 1
    await world.restart(away=5)
    assert len(world.messages) == 1


async def test_a_report_is_not_told_half_a_day_late(world: World) -> None:
    await report(world)
    await world.restart(away=6 * 60)
    assert world.messages == []


async def test_a_report_can_be_tried_dry(world: World) -> None:
    await report(world, dry_run=True)
    await world.pass_time(35)
    assert world.messages == []
    assert world.logbook == [
        "Would tell: Solar 12.3 kWh, imported 3.0 kWh, exported missing."
    ]


async def test_everything_in_it(world: World) -> None:
    await world.set_all(
        {
            "sensor.load": 10,
            "sensor.cost": 0.5,
            "sensor.discharged": 5,
            "sensor.writes": 4,
            "calendar.leases": "off",
        }
    )
    world.events["calendar.leases"] = [
        {"start": "2026-11-20T23:30:00+00:00", "summary": "charge", "end": "x"}
    ]
    await report(
        world,
        load="sensor.load",
        cost="sensor.cost",
        flat_price=0.25,
        discharged="sensor.discharged",
        capacity=10,
        writes="sensor.writes",
        plan="calendar.leases",
    )
    await world.pass_time(31)
    assert world.messages[0].endswith(
        "Saved against a flat price: 2.00. Cycles: 0.50. Settings written: 4."
        " Next: 23:30 charge."
    )
