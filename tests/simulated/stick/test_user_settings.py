"""Working modes and the dry contact by message (facts sections 6 and 7)."""

from typing import Any

import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.plant.dry_contact import ExerciseEvery
from custom_components.instagen.simulated import SimulatedPlant
from custom_components.instagen.simulated.relay import Exercise, WeekGroup
from custom_components.instagen.simulated.stick import SimulatedStick, StickConfig
from custom_components.instagen.simulated.tariff import (
    Price,
    TariffPeriod,
    Window,
)

INVERTER = 0x200312345678


def stick() -> SimulatedStick:
    """Return a stick that also tells its mode."""
    return SimulatedStick(SimulatedPlant(), StickConfig(answers_mode_read=True))


def write(one: SimulatedStick, **fields: Any) -> int:
    """Write settings and let them act; return the error code."""
    request = pb.WorkingMode(serials=[INVERTER], **fields)
    answer = one.user_settings.write(request)
    one.plant.advance(20)
    return int(answer.error)


def read(one: SimulatedStick) -> Any:
    """Return what the stick tells about its mode."""
    return one.user_settings.read(pb.WorkingModeRequest(serial=INVERTER))


def payload(rest: str) -> pb.WorkingMode:
    """Return the message of a published payload behind times and serial."""
    message = pb.WorkingMode.FromString(bytes.fromhex(rest))
    message.serials.append(INVERTER)
    return message


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ("20012814", ("self_consumption", {"self_consumption_reserve_soc": 20})),
        (
            "2005285a30f403",
            (
                "force_charge",
                {"force_charge_target_soc": 90, "force_charge_power": 50.0},
            ),
        ),
        (
            "20072823484650f855",
            (
                "peak_shaving",
                {
                    "peak_shaving_reserve_soc": 35,
                    "peak_shaving_soc": 70,
                    "peak_shaving_power": 11000,
                },
            ),
        ),
        (
            "2008280a5a1208808a8018106418808680282064280a305a",
            ("time_of_use", {"time_of_use_reserve_soc": 10}),
        ),
    ],
)
def test_payloads_of_the_public_client(
    rest: str, told: tuple[str, dict[str, Any]]
) -> None:
    one = stick()
    assert one.user_settings.write(payload(rest)).error == 0
    state = one.plant.state()
    mode, values = told
    assert state["battery_mode"] == mode
    assert {key: state[key] for key in values} == values


def test_a_time_of_use_is_kept_and_told() -> None:
    one = stick()
    one.user_settings.write(payload("2008280a5a1208808a8018106418808680282064280a305a"))
    (period,) = one.plant.programs.times_of_use
    assert (period.charge, period.discharge) == (Window(180, 301), Window(300, 181))
    assert (period.lowest_soc, period.highest_soc) == (10, 90)
    assert (period.charge_power, period.discharge_power) == (100, 100)
    (told,) = read(one).times_of_use
    assert told.charge_time == 0x03000500
    assert told.discharge_time == 0x05000300


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"mode": 1, "reserve_soc": 101}, 1),
        ({"mode": 1, "reserve_soc": 9}, 1),
        ({"mode": 3, "reserve_soc": 59}, 1),
        ({"mode": 5, "reserve_soc": 90, "max_power": 1001}, 1),
        ({"mode": 9, "reserve_soc": 20}, 1),
        ({"mode": 77}, 1),
        ({"mode": 2, "dates": [{"dates": 0x01010103}]}, 0),
        ({"mode": 2, "dates": [{"dates": 0x1F021F03}]}, 1),
        ({"mode": 2, "dates": [{"dates": 0x01011F0C}] * 5}, 1),
        ({"mode": 8, "times_of_use": [{"charge_time": 0x01000200}]}, 1),
        ({"relays": [{"mode": 9}]}, 1),
        ({"relays": [{"mode": 2, "load_mode": 6}]}, 1),
        ({"relays": [{"mode": 2, "protect_soc": 101}]}, 1),
        ({"relays": [{"generator": {"mode": 2, "start_soc": 80, "stop_soc": 80}}]}, 1),
    ],
)
def test_what_is_refused_changes_nothing(fields: dict[str, Any], error: int) -> None:
    one = stick()
    before = one.plant.settings, one.plant.programs
    assert write(one, **fields) == error
    if error:
        assert (one.plant.settings, one.plant.programs) == before


def test_another_inverter_is_refused() -> None:
    one = stick()
    answer = one.user_settings.write(pb.WorkingMode(mode=1, serials=[1]))
    assert answer.error == 2
    assert one.user_settings.write(pb.WorkingMode(mode=1)).error == 2


def test_what_a_mode_leaves_out_falls_back_and_other_modes_stay() -> None:
    one = stick()
    one.plant.set_many(
        {"self_consumption_reserve_soc": 55, "force_charge_target_soc": 70}
    )
    assert write(one, mode=5) == 0
    assert one.plant.settings.force_charge_target_soc == 90
    assert one.plant.settings.force_charge_power == 0
    assert one.plant.settings.self_consumption_reserve_soc == 55


def test_a_tariff_is_kept_told_and_obeyed() -> None:
    one = stick()
    week = {
        "weekdays": 31,
        "peak_time": 0x10001300,
        "peak_in": 39,
        "peak_out": 15,
        "valley_time": 0x141F041D,
        "valley_in": 9,
        "valley_out": 4,
        "partial_in": 25,
        "partial_out": 8,
    }
    dates: dict[str, Any] = {
        "dates": 0x01011F0C,
        "week_1": week,
        "week_2": {**week, "weekdays": 96},
    }
    assert write(one, mode=2, reserve_soc=30, dates=[dates]) == 0
    tariff = one.plant.tariff
    plant = one.plant
    plant.set("time", "2026-06-15T17:00")
    assert tariff.band(plant.local_time) is TariffPeriod.PEAK
    assert tariff.price(plant.local_time) == Price(0.39, 0.15)
    plant.set("time", "2026-06-16T04:28")
    assert tariff.band(plant.local_time) is TariffPeriod.OFF_PEAK
    answer = read(one)
    assert (answer.mode, answer.reserve_soc) == (2, 30)
    assert answer.dates[0] == pb.TariffDates(**dates)
    assert write(one, mode=2) == 0
    assert one.plant.tariff.seasons == ()


RELAY: dict[str, Any] = {
    "mode": 2,
    "switched_on": 1,
    "load_mode": 2,
    "times": {
        "weekdays_1": 31,
        "weekdays_1_time_1": 0x1600053B,
        "weekdays_1_time_2": 0x0C000C3B,
        "weekdays_2": 96,
        "weekdays_2_time_1": 0x0800083B,
    },
    "intelligent": {
        "weekdays_1": 127,
        "weekdays_1_time": 0x0900103B,
        "shortest_run": 30,
        "rated_power": 1800,
    },
    "protect_soc": 35,
    "breaker_size": 80,
    "ev_charger_size": 16,
    "generator": {
        "mode": 2,
        "start_soc": 25,
        "stop_soc": 75,
        "charge_time": 0x0A000B3B,
        "quiet_enabled": 1,
        "quiet_time_1": 0x1600063B,
        "quiet_time_2": 0x0D000D3B,
        "exercise": {
            "mode": 1,
            "frequency": 3,
            "weekday": 4,
            "start": 0x0A1E,
            "duration": 20,
        },
    },
}


def test_a_dry_contact_is_kept_and_told() -> None:
    one = stick()
    assert write(one, relays=[RELAY]) == 0
    relay = one.plant.acting_programs.relay
    assert relay.times == (
        WeekGroup(
            weekdays=frozenset(range(5)), windows=(Window(1320, 360), Window(720, 780))
        ),
        WeekGroup(weekdays=frozenset({5, 6}), windows=(Window(480, 540),)),
    )
    assert relay.generator.quiet_windows == (Window(1320, 420), Window(780, 840))
    assert relay.generator.exercise == Exercise(
        on=True, every=ExerciseEvery.MONTH, weekday=2, start=630, duration=20
    )
    assert read(one).relays[0] == pb.DryContact(**RELAY)


def test_relay_without_mode_leaves_the_mode_and_the_other_way_round() -> None:
    one = stick()
    one.plant.set("battery_mode", "full_backup")
    assert write(one, relays=[RELAY]) == 0
    assert one.plant.settings.battery_mode == "full_backup"
    assert write(one, mode=1, reserve_soc=20) == 0
    assert one.plant.programs.relay.breaker_size == 80


def test_every_mode_acts() -> None:
    one = stick()
    plant = one.plant
    plant.set_many({"night": True, "load": 9000, "soc": 50})
    for mode, fields, power in (
        (1, {"reserve_soc": 20}, 8000),
        (3, {"reserve_soc": 90}, -8000),
        (6, {"reserve_soc": 20, "max_power": 200}, 3000),
        (7, {"reserve_soc": 20, "peak_soc": 60, "peak_meter_power": 6000}, None),
        (5, {"reserve_soc": 90, "max_power": 100}, -1500),
    ):
        assert write(one, mode=mode, **fields) == 0
        plant.set("soc", 50)
        if power is None:
            assert -150 <= plant.flows.grid - 6000 <= 0
        else:
            assert plant.flows.battery == power


def test_time_of_use_charges_and_serves_in_its_windows() -> None:
    one = stick()
    plant = one.plant
    plant.set_many({"night": True, "load": 3000, "soc": 50})
    period = {
        "charge_time": 0x02000500,
        "charge_power": 20,
        "discharge_time": 0x10001400,
        "discharge_power": 10,
        "lowest_soc": 30,
        "highest_soc": 60,
    }
    assert write(one, mode=8, reserve_soc=10, times_of_use=[period]) == 0
    for hour, soc, power in (
        ("03", 50, -3000),
        ("03", 60, 0),
        ("17", 50, 1500),
        ("17", 30, 0),
    ):
        plant.set_many({"time": f"2026-06-16T{hour}:00", "soc": soc})
        assert plant.flows.battery == power, (hour, soc)
