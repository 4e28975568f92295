"""What public clients write, our roads read; what our roads write, public clients read."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection
import pytest

from custom_components.instagen.links.dts import DtsLink
from custom_components.instagen.links.dts.frame import Command, Frame, FrameReader
from custom_components.instagen.links.dts.settings import DtsSettings
from custom_components.instagen.links.dts.stream import Timing
from custom_components.instagen.links.modbus import ModbusLink
from custom_components.instagen.links.modbus.settings import ModbusSettings
from custom_components.instagen.plant.settings import (
    BATTERY_MODE,
    Block,
    SettingValues,
    keys_of,
)
from custom_components.instagen.plant.states import BatteryMode
from simulator import Simulator, serve

from ..conftest import NOON
from ..links.dts.test_settings_dts import ORDERS as OURS
from ..links.recorder import record
from ..links.test_settings_modbus import BLOCK, CHANGES
from .dts_peer import DtsPeer
from .modbus_peer import ModbusPeer
from .test_hoymiles_wifi import ORDERS as THEIRS, TARIFF
from .vocabulary import NAMED, SAME

# ---- Modbus ----

WRITES: Final[Mapping[str, tuple[object, str, object]]] = {
    "ems_force_charge_soc": (77, "force_charge_target_soc", 77),
    "ems_max_charge_power": (33.3, "force_charge_power", 33.3),
    "ems_self_use_soc": (35, "self_consumption_reserve_soc", 35),
    "ems_mode": ("Grid charge", "battery_mode", "force_charge"),
    "max_soc": (95, "battery_max_soc", 95),
    "battery_max_charge_power": (60.5, "battery_charge_power_limit", 60.5),
    "battery_max_discharge_power": (40, "battery_discharge_power_limit", 40.0),
}
"""What the client writes, and what that is for us."""


@asynccontextmanager
async def modbus_road(sim: Simulator) -> AsyncGenerator[ModbusSettings]:
    """Read and write while nobody else is connected: the stick takes one client."""
    params = ModbusTcpParams(host="127.0.0.1", port=sim.modbus_port)
    connection = ModbusConnection(params)
    try:
        yield ModbusLink(connection.for_unit(1)).settings
    finally:
        await connection.close()


async def test_we_read_what_the_modbus_client_writes(
    peer: ModbusPeer, socket_enabled: None
):
    async with serve(start=NOON) as sim:
        for key, (given, _, _) in WRITES.items():
            assert await peer.write(sim.modbus_port, key, given) == given
        async with modbus_road(sim) as road:
            told = {
                key: value
                for block in CHANGES
                for key, value in (await road.read(block)).items()
            }
    ours = {key: value for _, key, value in WRITES.values()}
    assert {key: told[key] for key in ours} == ours


@pytest.mark.parametrize("mode", ["force_charge", "force_discharge"])
async def test_the_modbus_client_reads_what_we_write(
    peer: ModbusPeer, socket_enabled: None, mode: str
):
    changes = {**CHANGES, Block.MODE: {**BLOCK, **CHANGES[Block.MODE]}}
    changes[Block.MODE] = {**changes[Block.MODE], "battery_mode": mode}
    written = {
        key: value for values in changes.values() for key, value in values.items()
    }
    async with serve(start=NOON) as sim:
        async with modbus_road(sim) as road:
            for block, values in changes.items():
                await road.write(block, values)
        _, values = await peer.read(sim.modbus_port)
    names = {ours: theirs for theirs, ours in SAME.items() if ours in written}
    assert names.keys() == written.keys() - {"battery_mode"}
    found = {ours: values[theirs] for ours, theirs in names.items()}
    assert found == pytest.approx({key: float(written[key]) for key in names})
    assert NAMED["ems_mode"][1](values["ems_mode"]) == mode


# ---- the stick's own protocol ----


@asynccontextmanager
async def dts_road(port: int) -> AsyncGenerator[DtsSettings]:
    """Talk to a stick that has been asked who it is."""
    link = DtsLink(
        lambda: asyncio.open_connection("127.0.0.1", port), timing=Timing(spacing=0)
    )
    try:
        await link.identify()
        yield link.settings
    finally:
        await link.close()


async def theirs_then_ours(peer: DtsPeer, mode: int) -> SettingValues:
    """Let the client choose a mode; return what our road reads then."""
    async with serve("mode_read", start=NOON, modbus=None, dts=0) as sim:
        arguments = [*THEIRS[mode][0].split(), *([TARIFF] if mode == 2 else [])]
        await peer.command(
            sim.dts_port,
            *("--inverter-serial-number", str(sim.stick.inverters[0].serial)),
            *("--bms_working_mode", str(mode), *arguments),
            "set-energy-storage-working-mode",
        )
        async with dts_road(sim.dts_port) as road:
            return await road.read(Block.MODE)


async def test_we_read_what_the_stick_s_client_writes(
    dts_peer: DtsPeer, socket_enabled: None
):
    """Each mode on a plant of its own, all at once: a single one takes its time."""
    told = await asyncio.gather(*(theirs_then_ours(dts_peer, mode) for mode in THEIRS))
    modes = list(BatteryMode)
    for number, values in zip(THEIRS, told, strict=True):
        assert values[BATTERY_MODE] == modes[number - 1]
        wanted = THEIRS[number][2]
        assert {key: values[key] for key in wanted} == wanted
        texts = values.keys() & {"tariff", "time_of_use_periods"}
        assert len(texts) == (number in {2, 8})
        assert values.keys() - texts == {BATTERY_MODE, *wanted}


async def ours_sent() -> list[bytes]:
    """Return the payloads of our own writes, one for each mode."""
    async with (
        serve("mode_read", start=NOON, modbus=None, dts=0) as sim,
        record(sim.dts_port) as wire,
        dts_road(wire.port) as road,
    ):
        for mode, (values, _) in OURS.items():
            await road.write(Block.MODE, {BATTERY_MODE: mode.value, **values})
    reader = FrameReader()
    reader.feed(b"".join(wire.sent))
    frames: list[Frame] = list(iter(reader.take, None))
    return [one.payload for one in frames if one.command == Command.WRITE_WORKING_MODE]


NAMES: Final = {
    "peak_shaving_soc": "peak_soc",
    "peak_shaving_power": "peak_meterpwr",
    "force_charge_power": "max_power",
    "force_discharge_power": "max_power",
}
"""What the client calls our settings; every other one is its reserve."""


def meant(mode: BatteryMode, values: SettingValues) -> dict[str, Any]:
    """Return what the client has to read in a message of ours."""
    numbers: dict[str, Any] = {"mode": list(BatteryMode).index(mode) + 1}
    for key, value in values.items():
        if not isinstance(value, str):
            scale = 10 if key.startswith("force") and key.endswith("power") else 1
            numbers[NAMES.get(key, "rev_soc")] = round(value * scale)
    return numbers


async def test_the_stick_s_client_reads_what_we_write(
    dts_peer: DtsPeer, socket_enabled: None
):
    payloads = await ours_sent()
    found = await dts_peer.decode_modes(payloads)
    assert len(found) == len(OURS) == 8
    for (mode, (values, _)), message in zip(OURS.items(), found, strict=True):
        wanted = meant(mode, values)
        assert {key: message[key] for key in wanted} == wanted
        assert message["serial_number"] == [str(0x200312345678)]
        assert message["relay"] == []
        assert len(message["date"]) == ("tariff" in values)
        assert len(message["tou"]) == ("time_of_use_periods" in values)
    (date,) = found[1]["date"]
    assert date["dr"] == 0x01011F0C
    assert (date["w1"]["wr"], date["w2"]["wr"]) == (31, 96)
    assert date["w1"]["peak_time"] == 0x10001300
    assert (date["w1"]["partial_peak_in"], date["w1"]["valley_out"]) == (25, 15)
    (use,) = found[7]["tou"]
    assert (use["chrg_tr"], use["min_soc"], use["max_soc"]) == (0x03000500, 10, 90)


def test_every_setting_of_the_modes_was_compared():
    assert {key for values, _ in OURS.values() for key in values} == keys_of(
        Block.MODE
    ) - {BATTERY_MODE}
