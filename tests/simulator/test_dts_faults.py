"""Faults on the stick's own link, and the stick that goes away."""

import socket
from typing import Any

import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.simulated.stick import KnownNetwork, Surroundings
from simulator import Simulator, serve

from .conftest import ConnectDts, until
from .dts_wire import (
    COMMAND,
    COMMAND_STATE,
    GATEWAY,
    INVERTER,
    NETWORK,
    READ_SETTINGS,
    STICK,
    STORAGE,
    WRITE_SETTINGS,
    DtsWire,
    bitwise_crc,
)

SILENCE = 0.15


async def refused(sim: Simulator) -> bool:
    """Tell whether the stick takes no connection."""
    try:
        wire = await DtsWire.open(sim.dts_port)
    except ConnectionRefusedError:
        return True
    await wire.close()
    return False


@pytest.mark.parametrize(
    ("fault", "given"), [("drop", {}), ("reboot", {"seconds": 20})]
)
async def test_gone_and_back(
    dts_sim: Simulator, dts: DtsWire, fault: str, given: dict[str, Any]
) -> None:
    port = dts_sim.dts_port
    await dts_sim.fault(fault, **given)
    assert await dts.reader.read() == b""
    assert await refused(dts_sim)
    if fault == "reboot":
        await dts_sim.advance(19)
        assert await refused(dts_sim)
        await dts_sim.advance(2)
    else:
        await dts_sim.fault(fault, on=False)
    assert dts_sim.dts_port == port
    assert not await refused(dts_sim)


async def test_stall(dts_sim: Simulator, dts: DtsWire) -> None:
    await dts_sim.fault("stall")
    dts.send(GATEWAY)
    assert await dts.frame(SILENCE) is None
    await dts_sim.fault("stall", on=False)
    assert await dts.ask(GATEWAY) is not None


async def test_reset(dts_sim: Simulator, dts: DtsWire) -> None:
    await dts_sim.fault("reset")
    dts.send(GATEWAY)
    with pytest.raises(ConnectionResetError):
        await dts.reader.read()


async def test_freeze(dts_sim: Simulator, dts: DtsWire) -> None:
    before = await dts.storage()
    await dts_sim.fault("freeze")
    await dts_sim.advance(7200)
    assert await dts.storage() == before
    await dts_sim.fault("freeze", on=False)
    assert await dts.storage() != before


async def garbled(sim: Simulator, wire: DtsWire, kind: str) -> tuple[bytes, int]:
    await sim.fault("garbage", kind=kind)
    sequence = wire.send(STORAGE, pb.StorageDataRequest(serial=INVERTER))
    data = await wire.frame()
    assert data is not None
    return data, sequence


async def test_wrong_crc(dts_sim: Simulator, dts: DtsWire) -> None:
    data, _ = await garbled(dts_sim, dts, "crc")
    assert int.from_bytes(data[6:8]) != bitwise_crc(data[24:])


async def test_wrong_sequence(dts_sim: Simulator, dts: DtsWire) -> None:
    data, sequence = await garbled(dts_sim, dts, "sequence")
    assert int.from_bytes(data[4:6]) != sequence
    assert int.from_bytes(data[6:8]) == bitwise_crc(data[24:])


async def test_another_requests_id_is_another_sequence(
    dts_sim: Simulator, dts: DtsWire
) -> None:
    await dts_sim.fault("wrong_transaction_id")
    sequence = dts.send(GATEWAY)
    data = await dts.frame()
    assert data is not None
    assert int.from_bytes(data[4:6]) == sequence + 1


async def test_anothers_serial(dts_sim: Simulator, dts: DtsWire) -> None:
    data, _ = await garbled(dts_sim, dts, "serial")
    assert int.from_bytes(data[12:20]) != STICK


async def test_short_length(dts_sim: Simulator, dts: DtsWire) -> None:
    data, _ = await garbled(dts_sim, dts, "length")
    assert await dts.reader.read(100) != b""
    assert int.from_bytes(data[6:8]) != bitwise_crc(data[24:])


async def test_noise_before_the_frame(dts_sim: Simulator, dts: DtsWire) -> None:
    await dts_sim.fault("garbage", kind="bytes")
    dts.send(GATEWAY)
    data = await dts.reader.read(1024)
    assert not data.startswith(b"HM")
    assert b"HM\xda\x01" in data


async def test_payload_that_is_no_message(dts_sim: Simulator, dts: DtsWire) -> None:
    data, _ = await garbled(dts_sim, dts, "payload")
    assert int.from_bytes(data[6:8]) == bitwise_crc(data[24:])
    with pytest.raises(Exception, match=r"[Pp]ars"):
        pb.StorageDataAnswer.FromString(data[24:])


async def test_split_answers(dts_sim: Simulator, dts: DtsWire) -> None:
    await dts_sim.fault("garbage", kind="split")
    dts.send(STORAGE, pb.StorageDataRequest(serial=INVERTER))
    first = await dts.reader.read(1024)
    assert len(first) <= 80
    await dts_sim.fault("garbage", on=False)


async def test_joined_answers(dts_sim: Simulator, dts: DtsWire) -> None:
    await dts_sim.fault("garbage", kind="joined")
    dts.send(GATEWAY)
    assert await dts.frame(SILENCE) is None
    dts.send(GATEWAY)
    assert await dts.frame() is not None
    assert await dts.frame() is not None


async def test_negative_readings(dts_sim: Simulator, dts: DtsWire) -> None:
    before = await dts.storage()
    await dts_sim.fault("garbage", kind="negative")
    after = await dts.storage()
    assert after.battery.soc == -before.battery.soc < 0
    assert after.pv_inputs[0].voltage == -before.pv_inputs[0].voltage < 0
    assert (after.serial, after.parts) == (before.serial, before.parts)
    assert await dts.ask(GATEWAY) is not None


async def test_modbus_garbage_spoils_this_link_too(
    dts_sim: Simulator, dts: DtsWire
) -> None:
    data, _ = await garbled(dts_sim, dts, "words")
    with pytest.raises(Exception, match=r"[Pp]ars"):
        pb.StorageDataAnswer.FromString(data[24:])


# Wi-Fi


async def settings(wire: DtsWire) -> Any:
    return await wire.ask(READ_SETTINGS)


def rewritten(read: Any, **changes: bytes) -> pb.GatewaySettingsWriteRequest:
    """Return a write of everything that was read, with some of it changed."""
    write = pb.GatewaySettingsWriteRequest()
    known = {field.name for field in write.DESCRIPTOR.fields}
    for field, value in read.ListFields():
        if field.name in known and field.number > 3:
            setattr(write, field.name, value)
    for name, value in changes.items():
        setattr(write, name, value)
    return write


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def around(*, access_point_stays: bool = True) -> Surroundings:
    """Return networks of which one gives the stick an address of its own."""
    return Surroundings(
        networks={
            "Home": KnownNetwork("sunny-side-up"),
            "Attic": KnownNetwork("under-the-roof", ("127.0.0.1", free_port())),
        },
        access_point_stays=access_point_stays,
    )


async def test_a_new_network_is_joined_at_a_new_address(
    connect_dts: ConnectDts,
) -> None:
    async with serve(modbus=None, dts=0, around=around()) as sim:
        wire = await connect_dts(sim)
        write = rewritten(
            await settings(wire), wifi_name=b"Attic", wifi_password=b"under-the-roof"
        )
        assert (await wire.ask(WRITE_SETTINGS, write)).error == 0
        assert await wire.reader.read() == b""
        await until(lambda: not sim.dts.addresses)
        await sim.advance(4)
        wire = await connect_dts(sim)
        network = await wire.ask(NETWORK)
        assert (network.set_state, network.state) == (1, 0)
        await sim.advance(8)
        network = await wire.ask(NETWORK)
        assert (network.set_state, network.state) == (2, 2)
        (port,) = {port for _, port in sim.dts.addresses} - {sim.dts_port}
        away = await DtsWire.open(port)
        assert (await away.ask(GATEWAY)).serial == STICK
        await away.close()
        assert sim.state()["wifi_network"] == "Attic"


@pytest.mark.parametrize(
    ("name", "password", "state"),
    [(b"Attic", b"wrong", 3), (b"Cellar", b"x", 4), (b"", b"", 0)],
)
async def test_a_change_that_fails_says_why(
    connect_dts: ConnectDts, name: bytes, password: bytes, state: int
) -> None:
    async with serve(modbus=None, dts=0, around=around()) as sim:
        wire = await connect_dts(sim)
        write = rewritten(await settings(wire), wifi_name=name, wifi_password=password)
        await wire.ask(WRITE_SETTINGS, write)
        await until(lambda: not sim.dts.addresses)
        await sim.advance(12)
        network = await (await connect_dts(sim)).ask(NETWORK)
        assert (network.set_state, network.state) == (state, 0)
        assert sim.state()["wifi_network"] is None


async def test_the_old_address_ends_where_there_is_no_access_point(
    connect_dts: ConnectDts,
) -> None:
    networks = around(access_point_stays=False)
    async with serve(modbus=None, dts=0, around=networks) as sim:
        wire = await connect_dts(sim)
        write = rewritten(
            await settings(wire), wifi_name=b"Attic", wifi_password=b"under-the-roof"
        )
        await wire.ask(WRITE_SETTINGS, write)
        await sim.advance(12)
        assert sim.dts.addresses == {networks.networks["Attic"].address}
        assert await refused(sim)


async def test_what_a_write_leaves_out_is_cleared(dts: DtsWire) -> None:
    before = await settings(dts)
    assert before.server_name
    write = rewritten(before)
    write.ClearField("server_name")
    write.ClearField("send_interval")
    assert (await dts.ask(WRITE_SETTINGS, write)).error == 0
    after = await settings(dts)
    assert not after.HasField("server_name")
    assert not after.HasField("send_interval")
    assert after.wifi_name == before.wifi_name


async def test_the_access_points_password_needs_the_old_one(dts: DtsWire) -> None:
    before = await settings(dts)
    write = rewritten(before, access_point_password=b"new-one")
    write.old_access_point_password = b"guess"
    assert (await dts.ask(WRITE_SETTINGS, write)).error == 5
    assert (await settings(dts)).access_point_password == b"ESS12345"
    assert (await dts.ask(NETWORK)).access_point_set_state == 2
    write.old_access_point_password = b"ESS12345"
    assert (await dts.ask(WRITE_SETTINGS, write)).error == 0
    assert (await settings(dts)).access_point_password == b"new-one"
    assert (await dts.ask(NETWORK)).access_point_set_state == 1


# Commands


async def state_of(wire: DtsWire, action: int, transaction: int = 1) -> Any:
    request = pb.CommandStateRequest(action=action, transaction=transaction)
    return await wire.ask(COMMAND_STATE, request)


async def command(wire: DtsWire, action: int, *serials: int) -> int:
    request = pb.CommandRequest(action=action, transaction=1, serials=serials)
    answer = await wire.ask(COMMAND, request)
    assert (answer.serial, answer.action, answer.transaction) == (STICK, action, 1)
    return int(answer.error)


async def test_the_stick_restarts(
    dts_sim: Simulator, dts: DtsWire, connect_dts: ConnectDts
) -> None:
    assert await command(dts, 4096, STICK) == 0
    await dts_sim.advance(1)
    assert (await state_of(dts, 4096)).progress[0].percent == 50
    await dts_sim.advance(2)
    assert await refused(dts_sim)
    await dts_sim.advance(30)
    wire = await connect_dts(dts_sim)
    done = await state_of(wire, 4096)
    assert (done.state, list(done.succeeded)) == (2, [STICK])
    assert dts_sim.stick.restarts == 1
    assert dts_sim.state()["wifi_network"] == "Home"


async def test_the_sticks_defaults_leave_only_its_access_point(
    dts_sim: Simulator, dts: DtsWire, connect_dts: ConnectDts
) -> None:
    assert await command(dts, 4097) == 0
    await dts_sim.advance(2)
    await dts_sim.advance(31)
    wire = await connect_dts(dts_sim)
    assert not (await settings(wire)).wifi_name
    assert dts_sim.state()["wifi_network"] is None


async def test_the_inverter_is_switched_off_and_on(
    dts_sim: Simulator, dts: DtsWire
) -> None:
    assert await command(dts, 8194, INVERTER) == 0
    assert dts_sim.state()["running"] is False
    assert (await dts.storage()).inverter.state.state == 1
    assert await command(dts, 8193, INVERTER) == 4
    await dts_sim.advance(5)
    assert (await state_of(dts, 8194)).progress[0].percent == 100
    assert await command(dts, 8193, INVERTER) == 0
    await dts_sim.advance(10)
    assert dts_sim.state()["running"] is True
    assert (await state_of(dts, 8193)).state == 2


async def test_the_inverter_restarts(dts_sim: Simulator, dts: DtsWire) -> None:
    assert await command(dts, 8195) == 0
    assert (await dts.storage()).inverter.state.state == 0
    await dts_sim.advance(60)
    assert dts_sim.state()["work_status"] == "on_grid"


async def test_the_inverters_defaults_and_its_history(
    dts_sim: Simulator, dts: DtsWire
) -> None:
    dts_sim.set({"battery_mode": "full_backup", "alarms": {"power_dsp": ["fan"]}})
    assert await command(dts, 8196) == 0
    await dts_sim.advance(15)
    assert dts_sim.state()["battery_mode"] == "self_consumption"
    assert await command(dts, 8197) == 0
    await dts_sim.advance(3)
    assert dts_sim.state()["problem"] is False
    assert await command(dts, 8198) == 0
    await dts_sim.advance(10)
    assert dts_sim.state()["battery_discharge_energy"] == 0


@pytest.mark.parametrize("action", [4099, 8199, 8200])
async def test_other_commands_end_well(
    dts_sim: Simulator, dts: DtsWire, action: int
) -> None:
    assert await command(dts, action) == 0
    await dts_sim.advance(60)
    assert (await state_of(dts, action)).state == 2


async def test_a_command_is_stopped(dts_sim: Simulator, dts: DtsWire) -> None:
    assert await command(dts, 8196) == 0
    dts_sim.set({"battery_mode": "full_backup"})
    assert await command(dts, 4098) == 0
    await dts_sim.advance(60)
    stopped = await state_of(dts, 8196)
    assert (stopped.state, list(stopped.failed)) == (4, [INVERTER])
    assert dts_sim.state()["battery_mode"] == "full_backup"


async def test_unknown_devices_fail_by_name(dts_sim: Simulator, dts: DtsWire) -> None:
    assert await command(dts, 8195, 0x123) == 2
    assert await command(dts, 8199, INVERTER, 0x123) == 0
    await dts_sim.advance(5)
    state = await state_of(dts, 8199)
    assert (state.state, list(state.failed)) == (3, [0x123])
    assert [(e.serial, e.code) for e in state.errors] == [(0x123, 2)]
    assert list(state.succeeded) == [INVERTER]
    assert (await state_of(dts, 8199, transaction=99)).state == 0
