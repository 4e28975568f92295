"""The stick's own link over a real socket (facts/protobuf-10081.md)."""

import asyncio
from typing import Any

import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from simulator import Simulator, serve

from .conftest import ConnectDts
from .dts_wire import (
    COMMAND,
    GATEWAY,
    HEARTBEAT,
    INVERTER,
    NETWORK,
    READ_MODE,
    READ_SETTINGS,
    REGISTRY,
    STICK,
    STORAGE,
    WRITE_MODE,
    DtsWire,
)

SILENCE = 0.15


def told(sim: Simulator) -> dict[str, Any]:
    """Return what is true now."""
    return dict(sim.state())


async def test_gateway_information_needs_no_serial(dts: DtsWire) -> None:
    dts.send(GATEWAY, pb.GatewayInformationRequest(time=1, offset=28800), serial=0)
    data = await dts.frame()
    assert data is not None
    answer = pb.GatewayInformationAnswer.FromString(data[24:])
    assert answer.serial == STICK
    gateway = answer.gateways[0]
    assert (gateway.software, gateway.hardware) == (4105, 45313)
    assert gateway.wifi_version == b"2.3.0.0-dev"
    assert gateway.flags == 0
    assert [(d.serial, d.type, d.address) for d in answer.devices] == [(INVERTER, 6, 1)]


async def test_recorded_request_is_answered(dts: DtsWire) -> None:
    """The published request of issue #88, byte for byte."""
    text = "484ddb01000114580022000e0000000000000000000000ff10c6b8bfc2061880e101"
    dts.writer.write(bytes.fromhex(text))
    data = await dts.frame()
    assert data is not None
    assert data[2:6].hex() == "da010001"
    assert data[22:24].hex() == "00ff"


@pytest.mark.parametrize(
    "text",
    [
        "484ddb0100011bbe0022000e0000000000000000000000ff1080e2cfaa061880e101",
        (
            "484dc30200024a230037000e0000430122480680000000010880e2cfaa061213323032332d"
            "31312d31342032323a31333a32301880e101"
        ),
        (
            "484dc30300031b2b003f000e0000430122480680000000010880e2cfaa061213323032332d"
            "31312d31342032323a31333a32301880e10128f8acd191b18008"
        ),
        (
            "484dc3080004174e0031000e0000430122480680000000010880e2cfaa061080e2cfaa061a"
            "07f8acd191b1800820012814"
        ),
    ],
)
async def test_frames_of_the_facts_are_answered(dts: DtsWire, text: str) -> None:
    frame = bytes.fromhex(text)
    dts.writer.write(frame)
    data = await dts.frame()
    assert data is not None
    assert data[2] == frame[2] - 1
    assert data[3:6] == frame[3:6]


async def test_registry(dts: DtsWire) -> None:
    answer = await dts.ask(REGISTRY, pb.RegistryRequest(offset=28800))
    assert answer.meter.serial == b"37FF22480681"
    assert answer.meter.pv_serial == b"10C022480682"
    (inverter,) = answer.inverters
    assert (inverter.serial, inverter.address) == (INVERTER, 1)
    assert inverter.model_name == b"HIT-15L-G3"
    assert (inverter.battery_capacity, inverter.pv_inputs) == (160, 2)
    assert (answer.generator_port_mode, answer.offset) == (1, 28800)


def total(phases: Any, field: str = "power") -> int:
    return sum(getattr(phase, field) for phase in phases)


async def test_storage_data_is_the_plants(dts_sim: Simulator, dts: DtsWire) -> None:
    dts_sim.set({"sun": 0.4, "load": 3000, "soc": 50})
    await dts_sim.advance(7200)
    data, state = await dts.storage(), told(dts_sim)
    detail: dict[str, Any] = dict(dts_sim.plant.detail())
    assert data.serial == INVERTER
    assert [p.power for p in data.pv_inputs] == [state["pv1_power"], state["pv2_power"]]
    assert [p.voltage for p in data.pv_inputs] == [
        round(state[f"pv{n}_voltage"] * 10) for n in (1, 2)
    ]
    battery = data.battery
    assert battery.soc == state["battery_soc"]
    assert battery.power == state["battery_power"] < 0
    assert battery.voltage == round(state["battery_voltage"] * 10)
    assert battery.state == 1
    assert battery.cell_temperature_max == round(state["battery_temperature"] * 10)
    assert -total(data.grid.phases) == state["grid_power"]
    assert data.grid.state.frequency == round(state["grid_frequency"] * 100)
    assert [p.voltage for p in data.grid.phases] == [
        round(state[f"grid_voltage_l{n}"] * 10) for n in (1, 2, 3)
    ]
    assert total(data.load.phases) == state["load_power"]
    assert total(data.inverter.phases) == state["inverter_power"]
    assert total(data.inverter.phases, "backup_power") == state["backup_power"]
    assert data.inverter.state.state == 3
    assert total(data.ac_pv.phases) == state["ac_pv_power"]
    assert data.generator.state.state == 0
    flow = data.flow
    assert flow.pv_to_load + flow.pv_to_battery + flow.pv_to_grid == (
        state["pv_power"] + state["ac_pv_power"]
    )
    assert (flow.battery_to_load, flow.battery_to_grid, flow.soc) == (0, 0, battery.soc)
    assert battery.charged_today == int(state["battery_charge_energy_today"] * 10) > 0
    assert data.pv_use.to_load == int(detail["pv_to_load_energy_today"] * 10) > 0
    assert [p.energy_today for p in data.load.phases] == [
        int(detail[f"load_l{n}_energy_today"] * 10) for n in (1, 2, 3)
    ]


async def test_import_is_negative_and_discharge_positive(
    dts_sim: Simulator, dts: DtsWire
) -> None:
    dts_sim.set({"night": True, "load": 15000})
    data = await dts.storage()
    state = told(dts_sim)
    assert total(data.grid.phases) == -state["grid_power"] < 0
    assert min(p.current for p in data.grid.phases) < 0
    assert data.battery.power == state["battery_power"] > 0
    assert data.battery.state == 2
    assert data.flow.grid_to_load > 0
    assert data.flow.battery_to_load == data.battery.power


async def test_battery_into_the_grid(dts_sim: Simulator, dts: DtsWire) -> None:
    dts_sim.set({"night": True, "load": 500, "battery_mode": "force_discharge"})
    flow = (await dts.storage()).flow
    state = told(dts_sim)
    assert flow.battery_to_grid == state["grid_export_power"] > 5000
    assert flow.battery_to_load + flow.battery_to_grid == state["battery_power"]


async def test_generator_off_grid(dts_sim: Simulator, dts: DtsWire) -> None:
    dts_sim.set({"grid": False, "generator": True, "night": True, "load": 2000})
    await dts_sim.advance(3600)
    data = await dts.storage()
    assert data.generator.state.state == 1
    assert total(data.generator.phases) == told(dts_sim)["generator_power"] > 0
    assert total(data.generator.phases, "energy_today") > 0
    assert data.inverter.state.state == 5
    assert data.inverter.state.safety_fault == 1 << 7
    assert data.grid.state.state == 0
    assert [p.voltage for p in data.grid.phases] == [0, 0, 0]


@pytest.mark.parametrize(
    ("scenario", "missing"),
    [
        ("no_battery", {"battery", "generator", "ac_pv"}),
        ("no_meter", {"grid", "generator", "ac_pv"}),
        ("single_phase", {"generator", "ac_pv"}),
        ("hybrid", set()),
    ],
)
async def test_what_is_not_fitted_has_no_block(
    scenario: str, missing: set[str], connect_dts: ConnectDts
) -> None:
    async with serve(scenario, modbus=None, dts=0) as sim:
        data = await (await connect_dts(sim)).storage()
    blocks = {"battery", "grid", "load", "inverter", "generator", "ac_pv", "flow"}
    assert {name for name in blocks if not data.HasField(name)} == missing


async def test_a_lost_meter_tells_no_phases(dts_sim: Simulator, dts: DtsWire) -> None:
    dts_sim.set({"meter": False})
    data = await dts.storage()
    assert data.HasField("grid")
    assert len(data.grid.phases) == 0


@pytest.mark.parametrize(
    "scenario", ["hybrid", "single_phase", "high_voltage", "night"]
)
async def test_one_read_of_1024_bytes_is_enough(
    scenario: str, connect_dts: ConnectDts
) -> None:
    async with serve(scenario, modbus=None, dts=0) as sim:
        wire = await connect_dts(sim)
        wire.send(STORAGE, pb.StorageDataRequest(serial=INVERTER))
        data = await wire.reader.read(1024)
        assert int.from_bytes(data[8:10]) == len(data)


async def test_big_plants_have_long_answers_that_add_up(
    connect_dts: ConnectDts,
) -> None:
    async with serve("big", modbus=None, dts=0) as sim:
        sim.set({"sun": 0.6, "load": 1000, "soc": 40})
        await sim.advance(3600)
        wire = await connect_dts(sim)
        registry = await wire.ask(REGISTRY)
        serials = [inverter.serial for inverter in registry.inverters]
        assert [inverter.address for inverter in registry.inverters] == [1, 2]
        master, slave = [
            await wire.storage(serial, target=n) for n, serial in enumerate(serials, 1)
        ]
        state = told(sim)
    for answer in (master, slave):
        assert len(answer.SerializeToString()) > 1024
        assert len(answer.packs) == 16
        assert total(answer.packs) == answer.battery.power
        assert answer.inverter.state.HasField("inverter_temperature")
    assert not slave.HasField("grid")
    both = (master, slave)
    assert sum(a.battery.power for a in both) == state["battery_power"]
    assert sum(total(a.inverter.phases) for a in both) == state["inverter_power"]
    assert sum(total(a.pv_inputs) for a in both) == state["pv_power"]
    assert sum(i.battery_capacity for i in registry.inverters) == 640


async def test_old_sticks_leave_out_what_newer_ones_tell(dts: DtsWire) -> None:
    data = await dts.storage()
    assert not data.inverter.state.HasField("inverter_temperature")
    assert len(data.packs) == 0


async def test_heartbeat_and_network(dts: DtsWire, dts_sim: Simulator) -> None:
    beat = await dts.ask(HEARTBEAT, pb.HeartbeatRequest(offset=5))
    assert (beat.serial, beat.offset, beat.restarts) == (STICK, 5, 0)
    network = await dts.ask(NETWORK)
    assert (network.serial, network.state, network.signal) == (STICK, 2, 74)
    await dts_sim.fault("cloud_starved")
    assert (await dts.ask(NETWORK)).state == 1
    assert told(dts_sim)["cloud_connected"] is False


async def test_encryption_is_flagged(connect_dts: ConnectDts) -> None:
    async with serve("encrypted", modbus=None, dts=0) as sim:
        wire = await connect_dts(sim)
        (gateway,) = (await wire.ask(GATEWAY)).gateways
        assert gateway.flags >> 25 & 1
        assert len(gateway.encryption_seed) == 16
        assert (await wire.ask(REGISTRY)).flags >> 25 & 1


@pytest.mark.parametrize(
    ("command", "header"),
    [
        (0xC3FE, {}),
        (0xC3FF, {}),
        (0xDBFE, {}),
        (0xA302, {}),
        (0x2305, {}),
        (READ_MODE, {}),
        (REGISTRY, {"serial": STICK + 1}),
        (READ_SETTINGS, {"serial": 0}),
        (GATEWAY, {"target": 1}),
        (GATEWAY, {"serial": STICK + 1}),
        (STORAGE, {}),
    ],
)
async def test_what_gets_no_answer(
    dts: DtsWire, command: int, header: dict[str, int]
) -> None:
    assert await dts.ask(GATEWAY) is not None
    dts.send(command, **header)
    assert await dts.frame(SILENCE) is None
    assert await dts.ask(GATEWAY) is not None


async def test_garbled_requests_get_no_answer(dts: DtsWire) -> None:
    good = bytes.fromhex(
        "484ddb0100011bbe0022000e0000000000000000000000ff1080e2cfaa061880e101"
    )
    for bad in (
        good[:-1] + b"\x02",
        b"\0\1HM\0\0\0\0\0\0\0\0" + b"junk" * 3,
        good[:8] + b"\0\x05" + good[10:],
        good[:10] + b"\0\x0f" + good[12:],
    ):
        dts.writer.write(bad)
        assert await dts.frame(SILENCE) is None
    dts.writer.write(good)
    assert await dts.frame() is not None


async def test_pieces_and_pairs_of_requests_are_put_together(dts: DtsWire) -> None:
    good = bytes.fromhex(
        "484ddb0100011bbe0022000e0000000000000000000000ff1080e2cfaa061880e101"
    )
    for byte in good:
        dts.writer.write(bytes([byte]))
        await asyncio.sleep(0)
    assert await dts.frame() is not None
    dts.writer.write(good + b"noise" + good + good[:5])
    assert await dts.frame() is not None
    assert await dts.frame() is not None
    dts.writer.write(good[5:])
    assert await dts.frame() is not None


async def test_modes_are_read_only_where_the_scenario_says_so(
    connect_dts: ConnectDts,
) -> None:
    async with serve("mode_read", modbus=None, dts=0) as sim:
        wire = await connect_dts(sim)
        sim.set({"battery_mode": "force_charge", "force_charge_power": 42.5})
        request = pb.WorkingModeRequest(transaction=7, serial=INVERTER)
        mode = await wire.ask(READ_MODE, request)
        assert (mode.transaction, mode.mode, mode.reserve_soc) == (7, 5, 90)
        assert mode.max_power == 425
        assert list(mode.serials) == [INVERTER]


async def test_a_mode_acts_after_its_time(dts_sim: Simulator, dts: DtsWire) -> None:
    dts_sim.set({"night": True, "load": 1000})
    write = pb.WorkingMode(
        transaction=9, serials=[INVERTER], mode=5, reserve_soc=95, max_power=500
    )
    answer = await dts.ask(WRITE_MODE, write)
    assert (answer.error, answer.transaction, answer.serial) == (0, 9, INVERTER)
    assert told(dts_sim)["battery_mode"] == "force_charge"
    await dts_sim.advance(16)
    assert told(dts_sim)["battery_power"] > 0
    await dts_sim.advance(2)
    assert told(dts_sim)["battery_power"] == -7500


async def test_the_day_is_that_of_the_sticks_clock(
    dts_sim: Simulator, dts: DtsWire
) -> None:
    await dts_sim.fault("wrong_clock", seconds=3600)
    dts_sim.set({"time": "2026-06-15T22:50", "load": 6000})
    await dts_sim.advance(500)
    before = await dts.storage()
    assert total(before.load.phases, "energy_today") > 0
    await dts_sim.advance(200)
    after = await dts.storage()
    assert total(after.load.phases, "energy_today") <= 3
    assert told(dts_sim)["load_energy_today"] > 1
    assert told(dts_sim)["stick_time"].startswith("2026-06-16T00:0")
    assert after.time - before.time == 200
    await dts_sim.advance(3700)
    assert told(dts_sim)["load_energy_today"] < 1
    assert total((await dts.storage()).load.phases, "energy_today") > 3


async def test_both_links_show_one_plant(connect_dts: ConnectDts) -> None:
    async with serve(dts=0) as sim:
        assert sim.dts_port != sim.modbus_port
        wire = await connect_dts(sim)
        sim.set({"soc": 33})
        assert (await wire.storage()).battery.soc == 33


async def test_an_idle_connection_is_dropped(
    dts_sim: Simulator, dts: DtsWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    manners = dts_sim.dts.manners
    object.__setattr__(manners, "idle_limit", 0.1)
    assert manners.idle_limit == 0.1
    assert await dts.ask(GATEWAY) is not None
    async with asyncio.timeout(2):
        assert await dts.reader.read() == b""
    again = await DtsWire.open(dts_sim.dts_port)
    assert await again.ask(GATEWAY) is not None
    await again.close()


async def test_clients_slow_each_other_down(
    dts_sim: Simulator, dts: DtsWire, connect_dts: ConnectDts
) -> None:
    loop = asyncio.get_running_loop()
    object.__setattr__(dts_sim.dts.manners, "crowd_delay", 0.2)
    begun = loop.time()
    await dts.ask(GATEWAY)
    assert loop.time() - begun < 0.1
    other = await connect_dts(dts_sim)
    await other.ask(GATEWAY)
    begun = loop.time()
    await asyncio.gather(dts.ask(GATEWAY), other.ask(GATEWAY))
    assert loop.time() - begun >= 0.35


async def test_commands_from_nowhere_are_harmless(dts: DtsWire) -> None:
    answer = await dts.ask(COMMAND, pb.CommandRequest(action=4102, transaction=3))
    assert (answer.error, answer.action, answer.transaction) == (3, 4102, 3)
