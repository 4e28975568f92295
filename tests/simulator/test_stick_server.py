"""The stick as it is served to users: on a running clock, without a simulator."""

import asyncio

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.simulated import PlantClock, SimulatedPlant
from custom_components.instagen.simulated.stick import (
    Manners,
    SimulatedStick,
    serve_stick,
)

from .conftest import until
from .dts_wire import COMMAND, GATEWAY, STICK, DtsWire


async def test_a_running_stick_restarts_by_itself() -> None:
    plant = SimulatedPlant()
    clock = PlantClock(plant, 120)
    stick = SimulatedStick(plant)
    manners = Manners(latency=(5, 10))
    async with serve_stick(stick, sync=clock.sync, manners=manners) as server:
        wire = await DtsWire.open(server.port)
        assert (await wire.ask(GATEWAY)).serial == STICK
        await wire.ask(COMMAND, pb.CommandRequest(action=4096))
        assert await wire.reader.read() == b""
        await wire.close()
        await until(lambda: stick.restarts == 1 and bool(server.addresses))
        wire = await DtsWire.open(server.port)
        assert (await wire.ask(GATEWAY)).serial == STICK
        await wire.close()
    assert server.addresses == frozenset()
    assert server.clients == 0


async def test_the_last_answer_is_out_before_the_stick_leaves() -> None:
    plant = SimulatedPlant()
    async with serve_stick(SimulatedStick(plant)) as server:
        wire = await DtsWire.open(server.port)
        for _ in range(3):
            wire.send(GATEWAY)
        await asyncio.sleep(0.05)
        server.gone = True
        await server.settle()
        data = await wire.reader.read()
        assert data.count(b"HM\xda\x01") == 3
        await wire.close()


async def test_many_streams_come_and_go() -> None:
    async with serve_stick(
        SimulatedStick(SimulatedPlant()), manners=Manners(crowd_delay=0)
    ) as server:
        for _ in range(5):
            wires = await asyncio.gather(*(DtsWire.open(server.port) for _ in range(8)))
            answers = await asyncio.gather(*(wire.ask(GATEWAY) for wire in wires))
            assert all(answer.serial == STICK for answer in answers)
            for wire in wires[:4]:
                wire.writer.transport.abort()
            for wire in wires[4:]:
                await wire.close()
        await until(lambda: server.clients == 0)
