"""Every fault, at the wire and at the control port."""

import asyncio
from collections.abc import AsyncGenerator
from struct import pack
from typing import Any

import aiohttp
import pytest

from custom_components.instagen.simulated import PlantClock
from simulator import Simulator, serve
from simulator.faults import FAULTS
from simulator.session import build_plant

from .conftest import Connect, Wire, until

READ = pack(">BHH", 4, 30000, 1)
SILENCE = 0.15


async def refused(sim: Simulator) -> bool:
    """Tell whether the stick takes no connection."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", sim.modbus_port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


async def test_drop_ends_connections_and_refuses_new_ones(
    sim: Simulator, wire: Wire, connect: Connect
) -> None:
    port = sim.modbus_port
    await sim.fault("drop")
    assert await wire.reader.read() == b""
    assert await refused(sim)
    await sim.fault("drop", on=False)
    assert sim.modbus_port == port
    assert await (await connect(sim)).read(30000) == [3]


async def test_freeze_stands_still_while_the_plant_goes_on(
    sim: Simulator, wire: Wire
) -> None:
    before = await wire.read(2000, 123)
    await sim.fault("freeze")
    await sim.advance(7200)
    assert await wire.read(2000, 123) == before
    await sim.fault("freeze", on=False)
    assert await wire.read(2000, 123) != before


async def test_stall_swallows_requests(sim: Simulator, wire: Wire) -> None:
    await sim.fault("stall")
    assert await wire.ask(READ, wait=SILENCE) is None
    await sim.fault("stall", on=False)
    assert await wire.read(30000) == [3]


async def test_garbage_words_mean_nothing(sim: Simulator, wire: Wire) -> None:
    true = await wire.read(0, 123)
    await sim.fault("garbage")
    assert await wire.read(0, 123) != true
    await sim.fault("garbage", on=False)
    assert await wire.read(0, 123) == true


@pytest.mark.parametrize(("kind", "size"), [("frame", 15), ("short_frame", 7)])
async def test_garbage_frames_are_no_answers(
    sim: Simulator, wire: Wire, kind: str, size: int
) -> None:
    await sim.fault("garbage", kind=kind)
    wire.send(READ)
    frame = await wire.reader.readexactly(size)
    assert frame[:4] == pack(">HH", 1, 0)
    if kind == "short_frame":
        assert frame[4:] == b"\x00\x01\x01"


async def test_wrong_transaction_id_belongs_to_nobody(
    sim: Simulator, wire: Wire
) -> None:
    await sim.fault("wrong_transaction_id")
    sent = wire.send(READ)
    answer = await wire.receive()
    assert answer is not None
    assert answer[0] == sent + 1


async def test_reset_ends_each_request_hard(sim: Simulator, connect: Connect) -> None:
    await sim.fault("reset")
    for _ in range(2):
        wire = await connect(sim)
        wire.send(READ)
        with pytest.raises(ConnectionResetError):
            await wire.reader.readexactly(1)


async def test_reboot_is_over_after_its_seconds_and_keeps_counters(
    sim: Simulator, wire: Wire, connect: Connect
) -> None:
    before = await wire.read(2056, 2)
    await sim.fault("reboot", seconds=20)
    assert await refused(sim)
    await sim.advance(19)
    assert await refused(sim)
    assert sim.active_faults() == {"reboot": {"seconds": 20.0}}
    await sim.advance(1)
    assert sim.active_faults() == {}
    after = await (await connect(sim)).read(2000, 77)
    assert after[57] >= before[1]


async def test_reboot_ends_by_itself_while_the_clock_runs() -> None:
    async with serve(speed=1000) as sim:
        await sim.fault("reboot", seconds=100)
        assert await refused(sim)
        await until(lambda: not sim.active_faults())
        assert not await refused(sim)


async def test_a_drop_outlasts_a_reboot(sim: Simulator) -> None:
    await sim.fault("drop")
    await sim.fault("reboot", seconds=5)
    await sim.advance(10)
    assert await refused(sim)
    await sim.fault("drop", on=False)
    assert not await refused(sim)


async def test_spike_hits_one_register_for_some_reads(
    sim: Simulator, wire: Wire
) -> None:
    await sim.fault("spike", register=1909, word=2005, reads=2)
    assert await wire.read(0, 1) == [3]
    for expected in (2005, 2005, 50):
        assert (await wire.read(1800, 123))[109] == expected
    assert sim.active_faults() == {}


async def test_a_spike_at_random_hits_some_register(sim: Simulator, wire: Wire) -> None:
    true = [await wire.read(place, 123) for place in (0, 123, 1000, 1800, 2000, 2123)]
    await sim.fault("spike", word=0xEEEE)
    hit = [await wire.read(place, 123) for place in (0, 123, 1000, 1800, 2000, 2123)]
    differing = [
        b
        for was, now in zip(true, hit, strict=True)
        for a, b in zip(was, now, strict=True)
        if a != b
    ]
    assert differing in ([], [0xEEEE])
    assert differing or sim.active_faults()


async def test_counter_reset_empties_the_lifetime_counters(
    sim: Simulator, wire: Wire
) -> None:
    await sim.advance(7200)
    assert any(await wire.read(2000, 2))
    today = (await wire.read(2000, 123))[100]
    await sim.fault("counter_reset")
    words = await wire.read(2000, 123)
    assert set(words[:77]) == {0, 0x2490}
    assert words[100] == today > 0
    assert sim.active_faults() == {}


async def test_night_puts_the_sun_out(sim: Simulator, wire: Wire) -> None:
    assert (await wire.read(0, 123))[27] > 1000
    await sim.fault("night")
    assert (await wire.read(0, 123))[27:33] == [0] * 6
    await sim.fault("night", on=False)
    assert (await wire.read(0, 123))[27] > 1000


async def test_faults_of_a_link_that_is_not_served_open_nothing() -> None:
    async with serve(modbus=None) as sim:
        await sim.fault("drop")
        await sim.fault("drop", on=False)
        assert sim.modbus_port == 0


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("flood", {}),
        ("stall", {"seconds": 5}),
        ("reboot", {"seconds": 0}),
        ("reboot", {"seconds": "long"}),
        ("garbage", {"kind": "paper"}),
        ("garbage", {"kind": "inert"}),
        ("writes", {"kind": "crc"}),
        ("writes", {"code": 0}),
        ("spike", {"register": 70_000}),
        ("spike", {"word": 1.5}),
        ("spike", {"reads": True}),
    ],
)
async def test_wrong_faults_are_refused(
    sim: Simulator, name: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=name):
        await sim.fault(name, **parameters)
    assert sim.active_faults() == {}


@pytest.mark.parametrize(
    ("kind", "answer", "kept", "obeyed"),
    [
        ("refused", b"\x90\x07", False, False),
        ("unheard", None, False, False),
        ("unanswered", None, True, True),
        ("ignored", b"\x10", False, False),
        ("inert", b"\x10", True, False),
    ],
)
async def test_writes_go_wrong(
    sim: Simulator,
    wire: Wire,
    kind: str,
    answer: bytes | None,
    kept: bool,
    obeyed: bool,
) -> None:
    await sim.fault("writes", kind=kind, code=7)
    size = pack(">BHHBH", 16, 4301, 1, 2, 33)
    told = await wire.ask(size, wait=SILENCE)
    assert told == answer if told is None or answer is None else told.startswith(answer)
    assert (await wire.read(4300, 7, function=3))[1] == (33 if kept else 20)
    await sim.advance(20)
    assert sim.plant.acting.self_consumption_reserve_soc == (33 if obeyed else 20)
    await sim.fault("writes", on=False)
    assert await wire.write(4301, 44) is not None
    await sim.advance(20)
    assert sim.plant.acting.self_consumption_reserve_soc == 44


async def test_a_spike_hits_a_setting(sim: Simulator, wire: Wire) -> None:
    await sim.fault("spike", register=303, word=99, holding=1)
    assert (await wire.read(246, 123))[57] != 99
    assert (await wire.read(303, 9, function=3))[0] == 99
    assert (await wire.read(303, 9, function=3))[0] == 1
    with pytest.raises(ValueError, match="spike"):
        await sim.fault("spike", holding=1)


@pytest.fixture
async def served() -> AsyncGenerator[Simulator]:
    """Serve the default plant with a control port."""
    async with serve(control=0) as sim:
        yield sim


class Control:
    """A caller of the control port."""

    def __init__(self, session: aiohttp.ClientSession, sim: Simulator) -> None:
        self._session = session
        self._base = f"http://127.0.0.1:{sim.control_port}"

    async def get(self, path: str) -> Any:
        """Return the JSON of a page that has to be there."""
        async with self._session.get(self._base + path) as answer:
            assert answer.status == 200
            return await answer.json()

    async def post(self, path: str, body: object) -> tuple[int, Any]:
        """Return status and JSON; a text is sent as it is."""
        sent = {"data": body} if isinstance(body, str) else {"json": body}
        async with self._session.post(self._base + path, **sent) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def control(served: Simulator) -> AsyncGenerator[Control]:
    """Call the control port."""
    async with aiohttp.ClientSession() as session:
        yield Control(session, served)


async def test_state_tells_the_truth_and_the_time(
    served: Simulator, control: Control
) -> None:
    state = await control.get("/state")
    assert state["time"] == "2026-06-15T12:00:00.000+01:00"
    assert state["scenario"] == "hybrid"
    assert state["battery_power"] == served.plant.flows.battery


async def test_set_changes_parts_and_settings(
    served: Simulator, control: Control
) -> None:
    changes = {"sun": 0.5, "load": 900, "soc": 33, "battery_mode": "full_backup"}
    status, state = await control.post("/set", changes)
    assert status == 200
    assert state["house_power"] == 900
    assert state["battery_soc"] == 33
    assert state["battery_mode"] == "full_backup"
    status, state = await control.post("/set", {"time": "2026-12-01T00:00"})
    assert state["time"].startswith("2026-12-01T00:00:00")


async def test_advance_moves_the_clock(control: Control) -> None:
    status, state = await control.post("/advance", {"seconds": 90})
    assert (status, state["time"]) == (200, "2026-06-15T12:01:30.000+01:00")


async def test_faults_are_switched_and_listed(
    served: Simulator, control: Control
) -> None:
    assert await control.get("/fault") == {}
    status, active = await control.post("/fault", {"fault": "stall"})
    assert (status, active) == (200, {"stall": {}})
    assert served.modbus.faults.stall
    status, active = await control.post("/fault", {"fault": "stall", "on": False})
    assert (status, active) == (200, {})
    known = await control.get("/")
    assert set(known["faults"]) == set(FAULTS)
    assert "insulation" in known["alarms"]["safety_dsp"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/set", "{"),
        ("/set", []),
        ("/set", {}),
        ("/set", {"load": 5, "sun": 9}),
        ("/set", {"load": 5, "colour": "blue"}),
        ("/set", '{"load": 5, "soc": NaN}'),
        ("/set", b"\xff\xfe".decode("latin-1")),
        ("/fault", {"fault": "flood"}),
        ("/fault", {"fault": 5}),
        ("/fault", {"fault": "stall", "on": "yes"}),
        ("/fault", {"fault": "stall", "name": "x"}),
        ("/fault", {"fault": "stall", "self": "x"}),
        ("/fault", {}),
        ("/advance", {"seconds": -1}),
        ("/advance", {"seconds": "1"}),
        ("/advance", {"seconds": 1, "minutes": 2}),
        ("/advance", '{"seconds": Infinity}'),
        ("/advance", {}),
    ],
)
async def test_mistakes_get_400_and_change_nothing(
    control: Control, path: str, body: object
) -> None:
    before = await control.get("/state")
    status, answer = await control.post(path, body)
    assert status == 400
    assert answer["error"]
    assert await control.get("/state") == before
    assert await control.get("/fault") == {}


async def test_pages_that_are_not_there_say_so_in_json(control: Control) -> None:
    status, answer = await control.post("/state", {})
    assert (status, answer) == (405, {"error": "Method Not Allowed"})


async def test_the_control_port_listens_on_loopback_only(served: Simulator) -> None:
    runner = served.control._runner
    assert runner is not None
    assert [address[0] for address in runner.addresses] == ["127.0.0.1"]


def test_the_clock_runs_as_fast_as_it_is_told() -> None:
    now = 100.0
    plant = build_plant("hybrid", seed=1, start=None)
    start = plant.now
    clock = PlantClock(plant, 60, lambda: now)
    now += 2.5
    clock.sync()
    clock.sync()
    assert plant.now - start == 150_000
    held = PlantClock(plant, 0, lambda: now)
    now += 1000
    held.sync()
    assert plant.now - start == 150_000
    held.advance(5)
    assert plant.now - start == 155_000
