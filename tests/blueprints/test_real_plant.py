"""Cheap-rate charge with the real plant: what it asks for is what the battery does."""

import pytest

from .house import House

OWNER = "cheap-rate charge"
SIGNAL = "binary_sensor.off_peak"
WINDOW = {
    "current_start": "2026-11-20T12:00:00+00:00",
    "current_end": "2026-11-20T16:00:00+00:00",
}


async def begin(house: House, *, soc: float = 40) -> None:
    house.sim.set({"soc": soc})
    await house.pass_time(3)
    assert float(house.shown("battery_soc")) == pytest.approx(soc, abs=1)
    await house.show(SIGNAL, "off")
    soc_id = house.entity_id("battery_soc")
    await house.use(
        {"cheap_rate_charge": {"signal": SIGNAL, "soc": soc_id, "target_soc": 80}}
    )
    await house.show(SIGNAL, "on", **WINDOW)


async def test_it_charges_in_the_cheap_time_and_lets_go_after(house: House) -> None:
    await begin(house)
    assert house.device("battery_mode") == "force_charge"
    assert house.device("force_charge_target_soc") == 80
    assert house.lease()["owner"] == OWNER
    assert house.lease()["until"] == "2026-11-20T16:02:00+00:00"
    await house.pass_time(20)
    assert float(house.shown("battery_power")) < 0
    await house.show(SIGNAL, "off")
    assert house.device("battery_mode") == "self_consumption"
    assert house.shown("current_lease") == "none"
    assert house.desk.writes_today == 2


async def test_it_ends_by_itself_while_home_assistant_is_stopped(house: House) -> None:
    await begin(house)
    await house.restart(away=5 * 3600)
    await house.pass_time(6)
    assert house.device("battery_mode") == "self_consumption"
    assert house.shown("current_lease") == "none"


async def test_a_restart_in_the_middle_writes_nothing(house: House) -> None:
    await begin(house)
    await house.restart(away=300)
    await house.pass_time(5)
    await house.show(SIGNAL, "on", **WINDOW)
    await house.pass_time(30)
    assert house.lease()["owner"] == OWNER
    assert house.device("battery_mode") == "force_charge"
    assert house.desk.writes_today == 1


async def test_a_full_battery_is_left_alone(house: House) -> None:
    await begin(house, soc=79)
    await house.pass_time(15)
    assert house.device("battery_mode") == "self_consumption"
    assert house.desk.writes_today == 0


async def test_a_person_at_the_dashboard_wins(house: House) -> None:
    await begin(house)
    await house.choose("full_backup")
    assert house.lease()["paused"] == [OWNER]
    await house.pass_time(60)
    assert house.device("battery_mode") == "full_backup"
    assert house.shown("current_lease") == "none"


async def test_a_hand_at_the_app_wins(house: House) -> None:
    await begin(house)
    await house.pass_time(5)
    house.sim.set({"battery_mode": "full_backup"})
    await house.pass_time(60)
    assert house.lease()["paused"] == [OWNER]
    assert house.device("battery_mode") == "full_backup"
    assert house.desk.writes_today == 1
