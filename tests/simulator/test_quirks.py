"""The stick's manners, byte by byte."""

import asyncio
from struct import pack, unpack
from time import monotonic

from pymodbus.client import AsyncModbusTcpClient
import pytest

from simulator import Simulator, serve

from .conftest import Connect, Wire, until

BLOCKS = (
    *((start, 123) for start in (0, 123, 246, 1000, 1800, 2000, 2123)),
    (1923, 1),
    (30000, 30),
)
SETTINGS = (
    *((258, 2), (303, 9), (323, 2), (3001, 1)),
    *((3016, 1), (4100, 3), (4300, 7), (6048, 2)),
)
SILENCE = 0.15


async def test_the_proven_blocks_answer_a_client_of_pymodbus(sim: Simulator) -> None:
    client = AsyncModbusTcpClient("127.0.0.1", port=sim.modbus_port)
    assert await client.connect()
    try:
        for address, count in BLOCKS:
            answer = await client.read_input_registers(address, count=count)
            assert len(answer.registers) == count
        for address, count in SETTINGS:
            answer = await client.read_holding_registers(address, count=count)
            assert len(answer.registers) == count
    finally:
        client.close()


async def test_input_and_holding_are_not_mixed_up(wire: Wire) -> None:
    assert (await wire.read(30000))[0] == 3
    assert await wire.read(4100, 3, function=3) == [1, 30, 160]
    assert await wire.ask(pack(">BHH", 3, 30000, 1)) == b"\x83\x02"
    assert await wire.ask(pack(">BHH", 4, 4300, 1)) == b"\x84\x02"


@pytest.mark.parametrize("count", [0, 124, 125, 2000])
@pytest.mark.parametrize("function", [3, 4])
async def test_more_than_123_registers_are_refused(
    wire: Wire, function: int, count: int
) -> None:
    answer = await wire.ask(pack(">BHH", function, 0, count))
    assert answer == bytes([function | 0x80, 3])


@pytest.mark.parametrize(
    ("pdu", "unit"),
    [
        (pack(">BHH", 6, 308, 90), 1),
        (pack(">BHH", 3, 0xC001, 1), 1),
        (pack(">BHH", 4, 1101, 1), 1),
        (pack(">BHH", 4, 1799, 1), 1),
        (pack(">BHH", 4, 1200, 40), 1),
        (pack(">BHH", 4, 0, 1), 2),
        (pack(">BHH", 4, 0, 1), 0),
        (pack(">BHH", 3, 4300, 7), 247),
    ],
)
async def test_some_requests_get_no_answer(
    sim: Simulator, wire: Wire, pdu: bytes, unit: int
) -> None:
    assert await wire.ask(pdu, unit, wait=SILENCE) is None
    assert sim.plant.settings.battery_max_soc == 100
    assert await wire.read(30000) == [3]


async def test_other_functions_are_not_known(wire: Wire) -> None:
    assert await wire.ask(pack(">BHH", 1, 0, 1)) == b"\x81\x01"
    assert await wire.ask(pack(">BHH", 4, 9000, 1)) == b"\x84\x02"


async def test_reads_at_odd_places_slip_by_one_word(wire: Wire) -> None:
    whole = await wire.read(0, 123)
    assert await wire.read(27, 3) == whole[28:31]
    assert await wire.read(27) == whole[27:28]
    settings = await wire.read(4300, 7, function=3)
    assert (await wire.read(4301, 3, function=3)) == settings[2:5]


async def test_a_lenient_stick_answers_anywhere(connect: Connect) -> None:
    async with serve(strict=False) as sim:
        wire = await connect(sim)
        whole = await wire.read(0, 123)
        assert await wire.read(27, 3) == whole[27:30]


async def test_requests_in_one_packet_are_answered_one_by_one(wire: Wire) -> None:
    first = wire.send(pack(">BHH", 4, 0, 1))
    second = wire.send(pack(">BHH", 4, 30000, 30))
    answers = [await wire.receive(), await wire.receive()]
    assert [answer and answer[0] for answer in answers] == [first, second]


async def test_a_request_may_come_in_pieces(wire: Wire) -> None:
    frame = pack(">HHHBBHH", 7, 0, 6, 1, 4, 30000, 1)
    for piece in (frame[:3], frame[3:9], frame[9:]):
        wire.writer.write(piece)
        await wire.writer.drain()
        await asyncio.sleep(0.01)
    answer = await wire.receive()
    assert answer == (7, b"\x04\x02\x00\x03")


async def test_bytes_that_are_no_request_do_no_harm(
    sim: Simulator, wire: Wire, connect: Connect
) -> None:
    wire.writer.write(b"GET / HTTP/1.1\r\nHost: plant\r\n\r\n" * 20)
    assert await wire.receive(SILENCE) is None
    short = pack(">HHHBBHH", 9, 0, 6, 1, 16, 4300, 9)
    wire.writer.write(short)
    assert await wire.receive(SILENCE) is None
    await wire.close()
    assert await (await connect(sim)).read(30000) == [3]


async def test_an_answer_takes_its_time(connect: Connect) -> None:
    async with serve(latency=(30, 60)) as sim:
        wire = await connect(sim)
        began = monotonic()
        await wire.read(0, 123)
        assert 0.03 <= monotonic() - began < 0.5


async def test_a_late_answer_comes_after_the_next_request_with_its_old_id(
    connect: Connect,
) -> None:
    async with serve(late=0.5) as sim:
        wire = await connect(sim)
        late = None
        for _ in range(4):
            sent = wire.send(pack(">BHH", 4, 30000, 1))
            if await wire.receive(SILENCE) is None:
                late = sent
                break
        assert late is not None
        following = wire.send(pack(">BHH", 4, 0, 123))
        first, second = await wire.receive(), await wire.receive()
        assert first == (late, b"\x04\x02\x00\x03")
        assert second is not None
        assert second[0] == following
        assert len(second[1]) == 2 + 246


async def test_a_second_client_garbles_the_answers_of_both(
    sim: Simulator, connect: Connect
) -> None:
    alone = await connect(sim)
    true = {place: await alone.read(place, size) for place, size in BLOCKS}
    seen: set[str] = set()
    for _ in range(12):
        clients = [await connect(sim), await connect(sim)]
        try:
            for client, place in zip(clients, (0, 123), strict=True):
                words = await client.read(place, 123)
                assert words != true[place]
                seen.add("blank" if set(words) == {0xFFFF} else "other")
        except ConnectionError, asyncio.IncompleteReadError:
            seen.add("reset")
            for client in clients:
                with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                    await client.reader.readexactly(999)
        for client in clients:
            await client.close()
        await asyncio.sleep(0)
    assert seen == {"blank", "other", "reset"}
    await until(lambda: sim.modbus.clients <= 1)
    again = await connect(sim)
    await alone.close()
    await until(lambda: sim.modbus.clients <= 1)
    assert await again.read(0, 123) == true[0]


async def test_writing_a_mode_keeps_it_at_once_and_acts_later(
    sim: Simulator, wire: Wire
) -> None:
    sim.set({"sun": 0, "load": 500, "soc": 50})
    block = await wire.read(4300, 7, function=3)
    block[0], block[3], block[4] = 4, 80, 200
    assert await wire.write(4300, *block) == pack(">BHH", 16, 4300, 7)
    assert await wire.read(4300, 7, function=3) == block
    assert sim.state()["battery_mode"] == "force_charge"
    await sim.advance(16)
    assert sim.plant.flows.battery > 0
    await sim.advance(2)
    assert sim.plant.flows.battery == -3000
    assert await wire.read(1909) == [50]


@pytest.mark.parametrize(
    ("address", "words", "code"),
    [
        (4300, [9], 3),
        (4302, [59], 3),
        (306, [1001], 3),
        (306, [99], 3),
        (308, [100, 91], 3),
        (310, [1001], 3),
        (259, [2001], 3),
        (258, [2], 3),
        (4102, [100], 2),
        (6048, [1], 2),
        (304, [1], 2),
        (5000, [1], 2),
        (4306, [10, 10], 2),
    ],
)
async def test_wrong_writes_are_refused_and_change_nothing(
    sim: Simulator, wire: Wire, address: int, words: list[int], code: int
) -> None:
    before = sim.plant.settings
    assert await wire.write(address, *words) == bytes([0x90, code])
    assert sim.plant.settings == before


async def test_settings_are_written_with_their_scales(
    sim: Simulator, wire: Wire
) -> None:
    await wire.write(258, 1, 0x10000 - 50)
    await wire.write(306, 555, 1000, 95, 15)
    await wire.write(311, 125)
    await wire.write(4300, 7)
    settings = sim.plant.settings
    assert (settings.export_control, settings.export_limit) == (True, -5.0)
    assert settings.battery_charge_power_limit == 55.5
    assert (settings.battery_max_soc, settings.battery_min_soc) == (95, 15)
    assert settings.low_soc_charge_start == 12.5
    assert settings.battery_mode == "time_of_use"


async def test_clearing_faults_forgets_the_alarms(sim: Simulator, wire: Wire) -> None:
    sim.set({"alarms": {"power_dsp": ["fan"]}})
    assert await wire.read(30024) == [1 << 13]
    await wire.write(3004, 1)
    assert await wire.read(30024) == [0]


async def test_values_live_while_the_clock_runs(wire: Wire, sim: Simulator) -> None:
    sim.set({"sun": 0.0, "load": 700})
    (before,) = unpack(">H", pack(">H", (await wire.read(2169))[0]))
    sim.set({"load": 1700})
    assert (await wire.read(2169))[0] > before + 900
