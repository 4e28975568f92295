"""The writer over the real roads: real sockets, and the simulated device behind them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any, Final

from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection
import pytest

from custom_components.instagen.control.wishes import (
    Refusal,
    Result,
    WishError,
)
from custom_components.instagen.links.dts import DtsLink
from custom_components.instagen.links.dts.frame import Command
from custom_components.instagen.links.modbus.settings import ModbusSettings
from custom_components.instagen.links.settings import SettingsRoad
from custom_components.instagen.plant.settings import (
    BATTERY_MODE,
    SETTINGS,
    Block,
    SettingValues,
    keys_of,
)
from custom_components.instagen.plant.states import LinkName
from simulator import Simulator, serve
from tests.conftest import NOON
from tests.links.dts.stick import QUICK
from tests.links.recorder import Recorder, record
from tests.simulator.conftest import until

from .paper import DTS, MODBUS, Bench

TIMING: Final = replace(QUICK, answer=0.15, idle=60)

CHANGES: Final[Mapping[Block, SettingValues]] = {
    Block.MODE: {"self_consumption_reserve_soc": 35},
    Block.SOC_LIMITS: {"battery_min_soc": 15},
    Block.CHARGE_POWER: {"battery_charge_power_limit": 60.5},
    Block.DISCHARGE_POWER: {"battery_discharge_power_limit": 40.0},
    Block.EXPORT: {"export_control": True, "export_limit": 3.5},
}
TOO_MUCH: Final[Mapping[Block, SettingValues]] = {
    Block.MODE: {"self_consumption_reserve_soc": 9},
    Block.SOC_LIMITS: {"battery_min_soc": 91},
    Block.CHARGE_POWER: {"battery_charge_power_limit": 9.9},
    Block.DISCHARGE_POWER: {"battery_discharge_power_limit": 100.1},
    Block.EXPORT: {"export_limit": 200.1},
}
WRITES: Final = {
    LinkName.MODBUS: b"\x01\x10",
    LinkName.DTS: b"HM" + Command.WRITE_WORKING_MODE.to_bytes(2),
}
"""How writes look: unit 1 with function 16, and the stick's command."""

PLACE: Final = {LinkName.MODBUS: 6, LinkName.DTS: 0}
"""Where in a request that stands."""


FORCE: Final[SettingValues] = {
    BATTERY_MODE: "force_charge",
    "force_charge_target_soc": 90,
    "force_charge_power": 40,
}


NOBODY: Final = 1
"""A port where nobody listens."""


@dataclass
class House:
    """A simulated plant, the wires to it, and a writer over them."""

    plant: Simulator
    bench: Bench
    wires: Mapping[LinkName, Recorder]

    def stands(self, keys: Mapping[str, object]) -> dict[str, Any]:
        """Return how the device stands."""
        return {key: getattr(self.plant.plant.settings, key) for key in keys}

    def written(self) -> int:
        """How many writes went over the wires."""
        return sum(
            data[PLACE[name] :].startswith(WRITES[name])
            for name, wire in self.wires.items()
            for data in wire.sent
        )

    async def cut(self, name: LinkName, *, after: bool, for_good: bool) -> None:
        """Cut a wire at the next write, before or after it reached the device."""
        wire, part = self.wires[name], WRITES[name]
        wire.cut_at, wire.cut_after = part, after
        await until(lambda: bool(wire.holding(part)))
        wire.cut_at = None
        if for_good:
            wire.target = NOBODY


@pytest.fixture
async def house(
    socket_enabled: None, request: pytest.FixtureRequest
) -> AsyncGenerator[House]:
    """Serve a plant behind the links that a test names, the best first."""
    names: tuple[LinkName, ...] = request.param
    async with AsyncExitStack() as stack:
        plant = await stack.enter_async_context(serve("hybrid", start=NOON, dts=0))
        plant.stick.config = replace(plant.stick.config, answers_mode_read=True)
        wires, roads = {}, list[SettingsRoad]()
        for name in names:
            port = plant.modbus_port if name is MODBUS else plant.dts_port
            wires[name] = wire = await stack.enter_async_context(record(port))
            roads.append(await _road(name, wire, stack))
        bench = Bench(())
        bench.writer = bench.over(roads)
        yield House(plant, bench, wires)


async def _road(name: LinkName, wire: Recorder, stack: AsyncExitStack) -> SettingsRoad:
    if name is MODBUS:
        params = ModbusTcpParams(host="127.0.0.1", port=wire.port)
        connection = ModbusConnection(params, timeout=0.1)
        stack.push_async_callback(connection.close)
        return ModbusSettings(connection.for_unit(1))
    link = DtsLink(
        lambda: asyncio.open_connection("127.0.0.1", wire.port), timing=TIMING
    )
    stack.push_async_callback(link.close)
    await link.identify()
    return link.settings


def over(*names: LinkName) -> pytest.MarkDecorator:
    """Run a test over links."""
    return pytest.mark.parametrize("house", [names], indirect=True)


WAYS = [((MODBUS,), block) for block in CHANGES] + [((DTS,), Block.MODE)]
every_way = pytest.mark.parametrize(
    ("house", "block"),
    WAYS,
    indirect=["house"],
    ids=[f"{names[0]}-{block}" for names, block in WAYS],
)


# ---- every setting, every ending ----


@every_way
async def test_it_is_written_once_and_verified(house: House, block: Block) -> None:
    wish = CHANGES[block]
    before = house.stands(wish)
    outcome = await house.bench.wish(wish)
    assert outcome.result is Result.VERIFIED
    assert house.stands(wish) == wish
    assert {key: outcome.before[key] for key in wish} == before
    assert (await house.bench.wish(wish)).result is Result.UNCHANGED
    assert house.written() == house.bench.budget.today == 1


@over(MODBUS)
async def test_what_comes_along_is_not_asked_for_again(house: House) -> None:
    for _ in range(2):
        house.wires[MODBUS].sent.clear()
        readings = await house.bench.writer.read_each(CHANGES)
        assert len(readings) == len(CHANGES)
        for block, reading in zip(CHANGES, readings, strict=True):
            assert (
                reading.told == keys_of(block) & house.bench.writer.capabilities.keys()
            )
            told = {key: reading.values[key] for key in reading.told}
            assert told == house.stands(told)
    assert len(house.wires[MODBUS].sent) == 3
    assert house.bench.memory.get(Block.CHARGE_POWER).values


@every_way
async def test_nothing_else_of_the_device_changes(house: House, block: Block) -> None:
    before = house.plant.plant.settings
    await house.bench.wish(CHANGES[block])
    assert house.plant.plant.settings == replace(before, **CHANGES[block])  # type: ignore[arg-type]


@every_way
@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("refused", Refusal.REFUSED_BY_DEVICE),
        ("unheard", Refusal.NOT_APPLIED),
        ("ignored", Refusal.NOT_APPLIED),
        ("unanswered", Result.VERIFIED),
    ],
)
async def test_a_write_goes_wrong(
    house: House, block: Block, kind: str, ending: Refusal | Result
) -> None:
    wish = CHANGES[block]
    before = house.stands(wish)
    await house.plant.fault("writes", kind=kind)
    if isinstance(ending, Result):
        assert (await house.bench.wish(wish)).result is ending
        assert house.stands(wish) == wish
    else:
        error = await house.bench.refused(wish)
        assert error.refusal is ending
        assert error.placeholders.get("code", "3") == "3"
        assert error.placeholders.get("setting", next(iter(wish))) in wish
        assert house.stands(wish) == before
    assert house.written() == house.bench.budget.today == 1
    assert len(house.bench.journal.entries) == 1
    # Nothing is lost: once the device is well, the same wish is carried out.
    await house.plant.fault("writes", on=False)
    await house.bench.wish(wish)
    assert house.stands(wish) == wish


@every_way
async def test_out_of_range_is_refused_by_name(house: House, block: Block) -> None:
    wish = TOO_MUCH[block]
    before = house.stands(wish)
    error = await house.bench.refused(wish)
    assert error.refusal is Refusal.OUT_OF_RANGE
    assert error.placeholders["setting"] in wish
    assert house.stands(wish) == before
    assert house.written() == 0


@every_way
@pytest.mark.parametrize("taken", [True, False])
async def test_the_wire_is_cut_at_the_write(
    house: House, block: Block, taken: bool
) -> None:
    """It comes back: what the device shows then decides, and nothing is sent again."""
    (name,) = house.wires
    wish = CHANGES[block]
    before = house.stands(wish)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(house.cut(name, after=taken, for_good=False))
        task = tasks.create_task(_ending(house, wish))
    if taken:
        assert task.result() is Result.VERIFIED
        assert house.stands(wish) == wish
    else:
        assert task.result() is Refusal.NOT_APPLIED
        assert house.stands(wish) == before
    assert house.written() == 1


@every_way
async def test_the_wire_is_cut_for_good(house: House, block: Block) -> None:
    (name,) = house.wires
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(house.cut(name, after=True, for_good=True))
        task = tasks.create_task(_ending(house, CHANGES[block]))
    assert task.result() is Refusal.SILENT
    assert house.written() == 1
    entry = house.bench.journal.entries[-1]
    assert (entry.link, entry.refusal) == (name, Refusal.SILENT)
    reading = await house.bench.writer.read(block)
    assert not reading.confirmed
    assert reading.values
    error = await house.bench.refused(CHANGES[block])
    assert error.refusal is Refusal.UNREACHABLE
    assert house.written() == 1


@every_way
async def test_the_wire_is_cut_before_the_proof(
    house: House, block: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The device says yes, and the next question finds nobody."""
    (wire,) = house.wires.values()
    original = house.plant.plant.write

    def write(*given: Any) -> None:
        original(*given)
        wire.cut_at, wire.cut_after, wire.target = b"", False, NOBODY

    monkeypatch.setattr(house.plant.plant, "write", write)
    error = await house.bench.refused(CHANGES[block])
    assert error.refusal is Refusal.LINK_LOST
    assert house.stands(CHANGES[block]) == CHANGES[block]
    assert house.bench.slept == [1, 2, 4]
    assert house.written() == 1


async def _ending(house: House, wish: SettingValues) -> Result | Refusal:
    try:
        return (await house.bench.wish(wish)).result
    except WishError as err:
        return err.refusal


@every_way
async def test_the_plant_is_away(house: House, block: Block) -> None:
    await house.plant.fault("drop")
    error = await house.bench.refused(CHANGES[block])
    assert error.refusal is Refusal.UNREACHABLE
    assert house.written() == house.bench.budget.today == 0
    await house.plant.fault("drop", on=False)
    await asyncio.sleep(0.1)  # a link waits a moment before it tries again
    assert (await house.bench.wish(CHANGES[block])).result is Result.VERIFIED


@every_way
async def test_the_plant_is_connected_and_mute(house: House, block: Block) -> None:
    await house.bench.writer.read(block)
    await house.plant.fault("stall")
    error = await house.bench.refused(CHANGES[block])
    assert error.refusal in {Refusal.UNREADABLE, Refusal.UNREACHABLE}
    assert house.written() == 0


# ---- a stick that does not tell its mode ----


@over(DTS)
async def test_a_mode_is_sent_and_not_confirmed(house: House) -> None:
    house.plant.stick.config = replace(
        house.plant.stick.config, answers_mode_read=False
    )
    outcome = await house.bench.wish(FORCE)
    assert (outcome.result, outcome.link) == (Result.SENT, DTS)
    assert house.stands(FORCE) == FORCE
    # What was written last fills the next message: no default of the device.
    await house.bench.wish({"force_charge_power": 55})
    assert house.stands(FORCE) == {**FORCE, "force_charge_power": 55}
    await house.plant.fault("writes", kind="unanswered")
    error = await house.bench.refused(
        {BATTERY_MODE: "self_consumption", "self_consumption_reserve_soc": 20}
    )
    assert error.refusal is Refusal.SILENT
    assert house.written() == house.bench.budget.today == 3


# ---- several links ----


@over(MODBUS, DTS)
async def test_written_over_one_link_and_verified_over_the_other(house: House) -> None:
    outcome = await house.bench.wish(FORCE)
    assert (outcome.result, outcome.link) == (Result.VERIFIED, MODBUS)
    asked = house.wires[DTS].holding(Command.READ_WORKING_MODE.to_bytes(2))
    assert len(asked) == 1
    assert house.written() == 1


@over(MODBUS, DTS)
async def test_the_other_link_serves_while_one_is_away(house: House) -> None:
    await house.bench.writer.read(Block.MODE)
    await house.plant.modbus.leave()
    outcome = await house.bench.wish(FORCE)
    assert (outcome.result, outcome.link) == (Result.VERIFIED, DTS)
    assert house.stands(FORCE) == FORCE
    error = await house.bench.refused({"battery_min_soc": 15})
    assert error.refusal is Refusal.UNREACHABLE


@over(MODBUS, DTS)
async def test_a_mode_and_everything_it_acts_by_comes_back(house: House) -> None:
    """What a lease does: it notes the block, forces, and puts the block back."""
    before = house.plant.plant.settings
    baseline = (await house.bench.writer.read(Block.MODE)).values
    await house.bench.wish(FORCE)
    outcome = await house.bench.wish(baseline, safety=True)
    assert outcome.result is Result.VERIFIED
    assert house.plant.plant.settings == before


# ---- a day of the benchmark's automation ----


@over(MODBUS)
async def test_a_third_of_48_wishes_costs_the_device_nothing(house: House) -> None:
    """Each half-hour a wish, each third one a repeat."""
    needed = 0
    for half_hour in range(48):
        power = 30 + half_hour - half_hour % 3 // 2
        stood = house.stands({"force_charge_power": 0})
        await house.bench.wish({"force_charge_power": power})
        needed += stood != {"force_charge_power": power}
        await house.plant.advance(30 * 60)
    assert needed == 32
    assert house.written() == house.bench.budget.today == needed


def test_every_block_is_tried() -> None:
    assert CHANGES.keys() == TOO_MUCH.keys() == set(Block) - {Block.CONTACT}
    for block in CHANGES:
        for wish in (CHANGES[block], TOO_MUCH[block]):
            assert {SETTINGS[key].block for key in wish} == {block}
