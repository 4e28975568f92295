"""A public client reads the simulated stick and speaks as one to our own link.

Its message definitions come from the vendor's app, as ours do; its frames, its reading of
answers and its packing of a working mode are its own.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

from aiohttp import ClientSession
import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts import DtsLink
from custom_components.instagen.links.dts.stream import Timing
from custom_components.instagen.plant.readings import Value
from custom_components.instagen.simulated.programs import UsePeriod
from custom_components.instagen.simulated.tariff import Price, TariffPeriod, Window
from simulator import Simulator, serve

from ..conftest import NOON
from .dts_peer import DtsPeer
from .stick_vocabulary import (
    COUNTED,
    DETAIL,
    DETAIL_COUNTED,
    NUMBERS,
    compare,
    compare_states,
)

LATER = NOON.replace(hour=19, minute=17)

STICK = 0x430122480680
INVERTER = 0x200312345678

DEVICE_DELAY = 20
"""Seconds until a device obeys a setting that was written."""


class Fitted(NamedTuple):
    """What a scenario has."""

    model: str
    strings: int
    meter: str
    pv_meter: str
    values: int
    """The fewest values to compare with ``GET /state`` ..."""
    beyond: int
    """... and beyond it."""


FITTED: Final = {
    "hybrid": Fitted("HIT-15L-G3", 2, "37FF22480681", "10C022480682", 50, 78),
    "single_phase": Fitted("HYS-4.6LV", 1, "10C022480681", "", 34, 31),
}


@asynccontextmanager
async def evening(scenario: str = "hybrid") -> AsyncGenerator[Simulator]:
    """Serve a plant in the evening, when everything moves; its clock is held."""
    async with serve(
        scenario, start=LATER, from_midnight=True, modbus=None, dts=0, control=0
    ) as sim:
        yield sim


async def state(sim: Simulator) -> dict[str, Any]:
    """Ask the control port what is true."""
    async with (
        ClientSession(f"http://127.0.0.1:{sim.control_port}") as http,
        http.get("/state") as answer,
    ):
        found: dict[str, Any] = await answer.json()
        return found


# ---- it reads ----


@pytest.mark.parametrize("scenario", FITTED)
async def test_the_client_reads_what_is_true(
    dts_peer: DtsPeer, socket_enabled: None, scenario: str
):
    fitted = FITTED[scenario]
    async with evening(scenario) as sim:
        sim.set({"alarms": {"power_dsp": ["fan"], "battery": ["voltage_low"]}})
        told = await dts_peer.read(sim.dts_port)
        plant = await state(sim)
        beyond = sim.plant.detail()
    values, wrong = compare(told, plant, NUMBERS, COUNTED)
    states, wrong_states = compare_states(told, plant)
    more, wrong_beyond = compare(told, beyond, DETAIL, DETAIL_COUNTED)
    assert wrong | wrong_states | wrong_beyond == {}
    assert len(values | states) >= fitted.values
    assert len(more) >= fitted.beyond
    check_introduction(told, sim, fitted)


def check_introduction(told: Mapping[str, Any], sim: Simulator, fitted: Fitted) -> None:
    """See that the client learns who is there."""
    inverter = str(sim.stick.inverters[0].serial)
    gateway, network, registry = told["gateway"], told["network"], told["registry"]
    assert f"{int(gateway['serial_number']):012x}" == sim.plant.config.serial
    assert gateway["mgwinfo"][0]["sw"] == 0x1009
    assert gateway["mgwinfo"][0]["dfs"] == "0"
    assert gateway["mdevinfo"][0]["serial_number"] == inverter
    assert network["serial_number"] == gateway["serial_number"]
    assert network["net_state"] == 2
    (found,) = registry["inverters"]
    assert (found["serial_number"], found["addr"]) == (inverter, 1)
    assert found["model_name"] == fitted.model
    assert found["pv_num"] == fitted.strings
    assert registry["meter"] == {
        "serial_number": fitted.meter,
        "sn_pv": fitted.pv_meter,
    }
    assert [one["serial_number"] for one in told["data"]] == [inverter]


async def test_its_command_tells_the_same(dts_peer: DtsPeer, socket_enabled: None):
    """It prints no field that is 0."""
    async with evening() as sim:
        said = await dts_peer.command(sim.dts_port, "get-energy-storage-data")
        truth = await state(sim)
    (data,) = said.answer
    assert data["serialNumber"] == str(sim.stick.inverters[0].serial)
    assert data["batteryManagement"]["power"] == truth["battery_power"]
    assert data["batteryManagement"]["stateOfCharge"] == truth["battery_soc"]
    watts = sum(phase["activePower"] for phase in data["load"]["phases"])
    assert watts == truth["load_power"]


# ---- it sets modes ----

RESERVES = {
    1: "self_consumption_reserve_soc",
    2: "economical_reserve_soc",
    3: "full_backup_reserve_soc",
    4: "off_grid_reserve_soc",
    5: "force_charge_target_soc",
    6: "force_discharge_target_soc",
    7: "peak_shaving_reserve_soc",
    8: "time_of_use_reserve_soc",
}

TARIFF: Final = (
    "01.01-31.03:1,2,3,4,5=06:00-10:00-0.30-0.12,22:00-05:00-0.09-0.05,00:00-00:00-0.2-0.1;"
    "6,7=07:00-11:00-0.25-0.11,21:00-06:00-0.08-0.04,00:00-00:00-0.2-0.1"
)

ORDERS: Final[Mapping[int, tuple[str, str, dict[str, object]]]] = {
    1: ("--rev-soc 20", "20012814", {"self_consumption_reserve_soc": 20}),
    2: ("--rev-soc 35 --time-settings", "20022823", {"economical_reserve_soc": 35}),
    3: ("--rev-soc 75", "2003284b", {"full_backup_reserve_soc": 75}),
    4: ("--rev-soc 15", "2004280f", {"off_grid_reserve_soc": 15}),
    5: (
        "--rev-soc 90 --max-power 50",
        "2005285a30f403",
        {"force_charge_target_soc": 90, "force_charge_power": 50.0},
    ),
    6: (
        "--rev-soc 25 --max-power 40",
        "20062819309003",
        {"force_discharge_target_soc": 25, "force_discharge_power": 40.0},
    ),
    7: (
        "--rev-soc 35 --peak-soc 70 --peak-meter-power 11000",
        "20072823484650f855",
        {
            "peak_shaving_reserve_soc": 35,
            "peak_shaving_soc": 70,
            "peak_shaving_power": 11000,
        },
    ),
    8: (
        "--rev-soc 10 --time-periods 03:00-05:00-100-90|05:00-03:00-100-10",
        "2008280a5a1208808a8018106418808680282064280a305a",
        {"time_of_use_reserve_soc": 10},
    ),
}
"""Mode: what is ordered, how the payload ends or goes on after the serial, what is set
then. The payloads of 1, 5, 7 and 8 are those of facts/public-clients.md."""

MODES: Final = (
    "self_consumption",
    "economical",
    "full_backup",
    "off_grid",
    "force_charge",
    "force_discharge",
    "peak_shaving",
    "time_of_use",
)


async def order(peer: DtsPeer, mode: int) -> None:
    """Let the client order a mode; see that the plant follows, and when."""
    async with evening() as sim:
        other = "full_backup" if mode == 1 else "self_consumption"
        sim.set({"soc": 60, "self_consumption_reserve_soc": 55, "battery_mode": other})
        arguments = ORDERS[mode][0].split()
        if mode == 2:
            arguments.append(TARIFF)
        said = await peer.command(
            sim.dts_port,
            *("--inverter-serial-number", str(sim.stick.inverters[0].serial)),
            *("--bms_working_mode", str(mode), *arguments),
            "set-energy-storage-working-mode",
        )
        assert "errCode" not in said.answer
        check_payload(mode, said.payload, sim.stick.inverters[0].serial)
        assert sim.plant.acting.battery_mode == other
        await sim.advance(DEVICE_DELAY)
        after = await state(sim)
        assert sim.plant.acting.battery_mode == after["battery_mode"] == MODES[mode - 1]
        assert {key: after[key] for key in ORDERS[mode][2]} == ORDERS[mode][2]
        check_deed(mode, sim, after)


def check_payload(mode: int, payload: bytes, serial: int) -> None:
    """See that our own message says in the same bytes what the client said."""
    message = pb.WorkingMode.FromString(payload)
    assert list(message.serials) == [serial]
    assert message.SerializeToString() == payload
    head = pb.WorkingMode(
        time=message.time, transaction=message.transaction, serials=[serial]
    ).SerializeToString()
    rest = payload.removeprefix(head).hex()
    assert rest.startswith(ORDERS[mode][1])
    assert mode == 2 or rest == ORDERS[mode][1]


def check_deed(mode: int, sim: Simulator, after: Mapping[str, Any]) -> None:
    """See that the plant does what the mode is for."""
    match mode:
        case 2:
            (season,) = sim.plant.programs.tariff.seasons
            assert (season.first, season.last) == ((1, 1), (3, 31))
            week, weekend = season.groups
            assert week.weekdays == frozenset(range(5))
            assert weekend.weekdays == frozenset({5, 6})
            # The last minute that is written belongs to a window.
            assert week.peak == Window(6 * 60, 10 * 60 + 1)
            assert weekend.off_peak == Window(21 * 60, 6 * 60 + 1)
            assert week.prices[TariffPeriod.PEAK] == Price(0.3, 0.12)
        case 5:
            assert after["battery_power"] < 0
        case 6:
            assert after["battery_power"] > 0
            assert after["grid_power"] < 0
        case 8:
            (period,) = sim.plant.programs.times_of_use
            assert period == UsePeriod(
                charge=Window(3 * 60, 5 * 60 + 1), discharge=Window(5 * 60, 3 * 60 + 1)
            )


async def test_the_client_sets_every_mode(dts_peer: DtsPeer, socket_enabled: None):
    """Each on a plant of its own, all at once: a single one takes its time."""
    async with asyncio.TaskGroup() as group:
        for mode in ORDERS:
            group.create_task(order(dts_peer, mode))


# ---- it speaks as a stick ----

ANSWERS: Final[Mapping[str, Mapping[str, object]]] = {
    "gateway": {
        "serial_number": STICK,
        "time": 1781547420,
        "mgwinfo": [{"sw": 4105, "hw": 45313, "wifi_v": "Mi4zLjAuMC1kZXY="}],
    },
    "network": {"serial_number": STICK, "time": 1781547420, "net_state": 2},
    "registry": {
        "meter": {"serial_number": "37FF22480681", "sn_pv": "10C022480682"},
        "inverters": [
            {
                "serial_number": INVERTER,
                "sw_m_ver": "V01.02.11",
                "bms_cap": 128,
                "pv_num": 2,
                "addr": 1,
                "model_name": "HYT-10.0HV",
            }
        ],
        "gen_mode": 1,
        "time": 1781547420,
    },
    "data": {
        "serial_number": INVERTER,
        "timestamp": 1781547420,
        "production": {"energy_to_load": 61, "energy_to_battery": 52},
        "pv_panels": [
            {
                "solar_irradiance": 1,
                "voltage": 4123,
                "current": 512,
                "power": 2111,
                "energy": 71,
            },
            {
                "solar_irradiance": 2,
                "voltage": 3987,
                "current": 301,
                "power": 1200,
                "energy": 42,
            },
        ],
        "battery_management": {
            "status": 1,
            "state_of_charge": 57,
            "state_of_health": 97,
            "voltage": 2386,
            "current": -52,
            "power": -1240,
            "cell_voltage_high": 2592,
            "cell_voltage_low": 2016,
            "temp_high_charge": 263,
            "temp_low_charge": -11,
            "energy_charged": 33,
            "energy_discharged": 18,
        },
        "grid": {
            "param": {"status": 1, "frequency": 4998},
            "phases": [
                {
                    "phase": 1,
                    "voltage": 2311,
                    "current": -412,
                    "active_power": -950,
                    "energy_frequency": 3,
                    "energy_consumed": 14,
                },
                {
                    "phase": 2,
                    "voltage": 2322,
                    "current": 105,
                    "active_power": 244,
                    "energy_frequency": 9,
                    "energy_consumed": 15,
                },
                {
                    "phase": 3,
                    "voltage": 2333,
                    "active_power": 0,
                    "energy_consumed": 16,
                },
            ],
        },
        "load": {
            "phases": [
                {"phase": 1, "active_power": 1501, "energy_consumed": 21},
                {"phase": 2, "active_power": 602, "energy_consumed": 22},
                {"phase": 3, "active_power": 403, "energy_consumed": 23},
            ]
        },
        "inverter": {
            "param": {
                "status": 3,
                "isolation_resistance": 1850,
                "leakage_current": 17,
                "main_frequency": 4,
            },
            "phases": [
                {"phase": 1, "voltage": 2312, "active_power": 600, "eps_power": 201},
                {"phase": 2, "voltage": 2323, "active_power": 610, "eps_power": 202},
                {"phase": 3, "voltage": 2334, "active_power": 620, "eps_power": 203},
            ],
        },
        "generator": {
            "param": {"status": 1, "frequency": 5012},
            "phases": [
                {"phase": 1, "voltage": 2299, "active_power": 1100, "energy": 4},
                {"phase": 2, "voltage": 2298, "active_power": 1101, "energy": 5},
            ],
        },
        "pv_inverter": {"phases": [{"phase": 1, "active_power": 777, "energy": 88}]},
    },
}
"""Field by field, in the client's own names and in steps of the wire."""

SAID: Final[Mapping[str, Value]] = {
    "cloud_connected": True,
    "pv1_voltage": 412.3,
    "pv1_current": 5.12,
    "pv1_power": 2111,
    "pv2_voltage": 398.7,
    "pv2_current": 3.01,
    "pv2_power": 1200,
    "pv_power": 3311,
    "pv_energy_today": 11.3,
    "pv_energy": 11.3,
    "battery_state": "charging",
    "battery_soc": 57,
    "battery_soh": 97,
    "battery_voltage": 238.6,
    "battery_current": -5.2,
    "battery_power": -1240,
    "battery_charge_power": 1240,
    "battery_discharge_power": 0,
    "battery_temperature": 26.3,
    "battery_cell_temperature_min": -1.1,
    "battery_capacity": 12.8,
    "battery_charge_energy_today": 3.3,
    "battery_discharge_energy_today": 1.8,
    "grid_frequency": 49.98,
    "grid_power": 706,
    "grid_import_power": 706,
    "grid_export_power": 0,
    "grid_voltage_l1": 231.1,
    "grid_voltage_l2": 232.2,
    "grid_voltage_l3": 233.3,
    "grid_current_l1": 4.12,
    "grid_current_l2": -1.05,
    "grid_current_l3": 0,
    "grid_export_energy_today": 1.2,
    "grid_import_energy_today": 4.5,
    "meter_connected": True,
    "load_power": 2506,
    "load_energy_today": 6.6,
    "work_status": "on_grid",
    "off_grid": False,
    "problem": True,
    "inverter_power": 1830,
    "backup_power": 606,
    "insulation_resistance": 1850,
    "residual_current": 17,
    "generator_frequency": 50.12,
    "generator_voltage": 229.9,
    "generator_power": 2201,
    "generator_running": True,
    "generator_energy_today": 0.9,
    "ac_pv_power": 777,
    "ac_pv_energy_today": 8.8,
}
"""The same in ours."""


@asynccontextmanager
async def answering(frames: Mapping[str, bytes]) -> AsyncGenerator[int]:
    """Serve some frames as answers; only the sequence in them is that of the question."""
    by_question = {
        frame[2:4][0] + 1 << 8 | frame[3]: frame for frame in frames.values()
    }

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.read(10):
                await reader.readexactly(int.from_bytes(head[8:10]) - 10)
                frame = by_question[int.from_bytes(head[2:4])]
                writer.write(frame[:4] + head[4:6] + frame[6:])
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        server.close_clients()
        await server.wait_closed()


async def test_our_link_understands_its_messages(
    dts_peer: DtsPeer, socket_enabled: None
):
    frames = await dts_peer.speak(STICK, ANSWERS)
    async with answering(frames) as port:
        link = DtsLink(
            lambda: asyncio.open_connection("127.0.0.1", port), timing=Timing(spacing=0)
        )
        try:
            identity = await link.identify()
            values: dict[str, Value] = {}
            async for answer in link.poll(link.served, slow=True):
                values.update(answer.values)
        finally:
            await link.close()
    assert identity.serial == "430122480680"
    assert identity.model == "HYT-10.0HV"
    assert identity.firmware["stick"] == "V01.00.09"
    assert identity.firmware["wifi"] == "2.3.0.0-dev"
    assert {key: values.get(key) for key in SAID} == pytest.approx(SAID)
