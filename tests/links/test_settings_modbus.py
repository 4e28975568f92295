"""Changes over Modbus: the real road, the simulated device, a real socket between."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from itertools import pairwise
from struct import pack
from time import monotonic
from typing import Any, Final

from modbus_connection import ModbusError, ModbusTcpParams, ModbusUnit
from modbus_connection.tmodbus import ModbusConnection
import pytest

from custom_components.instagen.links.modbus import ModbusLink, link, settings
from custom_components.instagen.links.modbus.settings import ModbusSettings
from custom_components.instagen.links.settings import SettingsError, Trouble
from custom_components.instagen.plant.evidence import Evidence
from custom_components.instagen.plant.settings import (
    Block,
    Range,
    SettingValues,
    keys_of,
)
from custom_components.instagen.plant.states import BatteryMode
from simulator import Simulator, serve
from simulator.modbus import device
from simulator.modbus.holding import holding_words

from ..conftest import NOON
from ..simulator.conftest import until
from .recorder import Recorder, record

DEVICE_DELAY: Final = 20
"""Seconds until a device obeys a setting that was written."""

BLOCK: Final[SettingValues] = {
    "battery_mode": "self_consumption",
    "self_consumption_reserve_soc": 20,
    "full_backup_reserve_soc": 80,
    "force_charge_target_soc": 90,
    "force_charge_power": 50.0,
    "force_discharge_target_soc": 30,
    "force_discharge_power": 50.0,
}
"""How the simulated plant stands."""

MODES: Final[list[BatteryMode]] = [
    mode for mode in BatteryMode if mode is not BatteryMode.AI
]

CHANGES: Final[Mapping[Block, Mapping[str, Any]]] = {
    Block.MODE: {
        "self_consumption_reserve_soc": 35,
        "full_backup_reserve_soc": 60,
        "force_charge_target_soc": 77,
        "force_charge_power": 33.3,
        "force_discharge_target_soc": 0,
        "force_discharge_power": 0.1,
    },
    Block.SOC_LIMITS: {"battery_max_soc": 95, "battery_min_soc": 15},
    Block.CHARGE_POWER: {"battery_charge_power_limit": 60.5},
    Block.DISCHARGE_POWER: {"battery_discharge_power_limit": 10.0},
    Block.EXPORT: {"export_control": True, "export_limit": -3.7},
}

WIRE: Final[Mapping[Block, str]] = {
    Block.MODE: "10 10cc 0007 0e 0000 0023 003c 004d 014d 0000 0001",
    Block.SOC_LIMITS: "10 0134 0002 04 005f 000f",
    Block.CHARGE_POWER: "10 0132 0001 02 025d",
    Block.DISCHARGE_POWER: "10 0133 0001 02 0064",
    Block.EXPORT: "10 0102 0002 04 0001 ffdb",
}
"""The same changes on the wire: one FC16 each, 0.1 % steps, -3.7 as 0xFFDB."""


@pytest.fixture
async def plant(socket_enabled: None) -> AsyncGenerator[Simulator]:
    """Serve a plant that has not lived before; its clock is held."""
    async with serve("hybrid", start=NOON) as sim:
        yield sim


@pytest.fixture
async def wire(plant: Simulator) -> AsyncGenerator[Recorder]:
    """Keep what goes to the plant."""
    async with record(plant.modbus_port) as recorder:
        yield recorder


@pytest.fixture
def patience() -> float:
    """Return the seconds to an answer; a test that wants silence sets fewer."""
    return 2


@pytest.fixture
async def unit(wire: Recorder, patience: float) -> AsyncGenerator[ModbusUnit]:
    """Open a unit."""
    params = ModbusTcpParams(host="127.0.0.1", port=wire.port)
    connection = ModbusConnection(params, timeout=patience)
    yield connection.for_unit(1)
    await connection.close()


@pytest.fixture
def road(unit: ModbusUnit) -> ModbusSettings:
    """Return the road to the plant."""
    return ModbusSettings(unit)


def shown(plant: Simulator, keys: Mapping[str, object]) -> dict[str, object]:
    """Return how the device stands."""
    return {key: getattr(plant.plant.settings, key) for key in keys}


async def trouble(task: Any) -> SettingsError:
    """Return how something failed."""
    with pytest.raises(SettingsError) as caught:
        await task
    return caught.value


# ---- it works ----


@pytest.mark.parametrize("block", CHANGES)
async def test_a_block_is_read_as_the_device_stands(
    road: ModbusSettings, plant: Simulator, block: Block
):
    told = await road.read(block)
    assert set(told) >= keys_of(block) & road.capabilities.keys()
    assert told == shown(plant, told)


async def test_limits_that_stand_side_by_side_come_with_one_read(
    road: ModbusSettings,
):
    blocks = (Block.SOC_LIMITS, Block.CHARGE_POWER, Block.DISCHARGE_POWER)
    told = [(await road.read(block)).keys() for block in blocks]
    assert all(
        set(keys) == {key for b in blocks for key in CHANGES[b]} for keys in told
    )


@pytest.mark.parametrize("block", CHANGES)
async def test_a_block_goes_out_in_one_message_and_reads_back(
    road: ModbusSettings, plant: Simulator, wire: Recorder, block: Block
):
    wanted = {**await road.read(block), **CHANGES[block]}
    before = plant.modbus.requests
    await road.write(block, wanted)
    assert plant.modbus.requests == before + 1
    (message,) = wire.holding(bytes.fromhex(WIRE[block]))
    assert message.endswith(bytes.fromhex(WIRE[block]))
    assert await road.read(block) == wanted == shown(plant, wanted)


@pytest.mark.parametrize("mode", MODES)
async def test_every_mode_is_chosen_and_obeyed(
    road: ModbusSettings, plant: Simulator, wire: Recorder, mode: BatteryMode
):
    """The mode on the wire is the app's less one (facts/local-protocol.md 4.6)."""
    await road.write(Block.MODE, {**BLOCK, "battery_mode": mode})
    code = f"{MODES.index(mode):04x}"
    body = f"10 10cc 0007 0e {code} 0014 0050 005a 01f4 001e 01f4"
    assert len(wire.holding(bytes.fromhex(body))) == 1
    assert (await road.read(Block.MODE))["battery_mode"] == mode
    await plant.advance(DEVICE_DELAY)
    assert plant.plant.acting.battery_mode is mode


async def test_the_mode_that_nobody_knows_is_read_and_not_chosen(
    road: ModbusSettings, plant: Simulator
):
    await plant.fault("spike", register=4300, word=8, reads=4, holding=1)
    assert (await road.read(Block.MODE))["battery_mode"] == "ai"
    assert BatteryMode.AI not in road.modes
    with pytest.raises(ValueError, match="battery_mode"):
        await road.write(Block.MODE, {**BLOCK, "battery_mode": "ai"})


@pytest.mark.parametrize("limit", [-10.0, -0.1, 0.0, 200.0])
async def test_the_export_limit_may_be_below_nothing(
    road: ModbusSettings, plant: Simulator, limit: float
):
    await road.write(Block.EXPORT, {"export_control": False, "export_limit": limit})
    assert plant.plant.settings.export_limit == limit
    assert (await road.read(Block.EXPORT))["export_limit"] == limit


async def test_proof_and_ranges_are_told(road: ModbusSettings):
    told = road.capabilities
    assert told["force_charge_power"].evidence is Evidence.CONFIRMED
    assert told["battery_discharge_power_limit"].evidence is Evidence.DOCUMENTED
    assert told["export_limit"].range == Range(-10, 200, 0.1)
    assert told["full_backup_reserve_soc"].range == Range(60, 100)
    assert told["export_control"].range is None
    assert road.modes[BatteryMode.FORCE_CHARGE] is Evidence.CONFIRMED
    assert road.modes[BatteryMode.OFF_GRID] is Evidence.DOCUMENTED
    assert "tariff" not in told


async def test_soc_limits_of_the_device_narrow_what_is_offered(
    road: ModbusSettings, plant: Simulator
):
    """They hold in all modes (facts/modbus-registers.csv, 308 and 309)."""
    plant.set({"battery_min_soc": 25, "battery_max_soc": 85})
    await road.read(Block.SOC_LIMITS)
    told = road.capabilities
    assert told["self_consumption_reserve_soc"].range == Range(25, 85)
    assert told["full_backup_reserve_soc"].range == Range(60, 85)
    assert told["force_discharge_target_soc"].range == Range(25, 85)
    assert told["battery_max_soc"].range == Range(10, 100)
    plant.set({"battery_max_soc": 50})
    await road.read(Block.SOC_LIMITS)
    assert road.capabilities["full_backup_reserve_soc"].range == Range(60, 100)


# ---- it is not sent ----


@pytest.mark.parametrize("key", BLOCK)
async def test_a_block_that_is_not_whole_is_not_sent(
    road: ModbusSettings, wire: Recorder, key: str
):
    with pytest.raises(ValueError, match=key):
        await road.write(Block.MODE, {k: v for k, v in BLOCK.items() if k != key})
    assert wire.sent == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("battery_mode", "party"),
        ("self_consumption_reserve_soc", 9),
        ("self_consumption_reserve_soc", 101),
        ("self_consumption_reserve_soc", 20.5),
        ("full_backup_reserve_soc", 59),
        ("force_charge_target_soc", True),
        ("force_charge_power", 100.1),
        ("force_charge_power", 50.05),
        ("force_charge_power", "50"),
        ("force_discharge_target_soc", -1),
        ("force_discharge_power", 1e9),
    ],
)
async def test_what_the_device_does_not_take_is_not_sent(
    road: ModbusSettings, wire: Recorder, key: str, value: Any
):
    with pytest.raises(ValueError, match=key if key != "battery_mode" else value):
        await road.write(Block.MODE, {**BLOCK, key: value})
    assert wire.sent == []


@pytest.mark.parametrize(
    ("export", "limit"), [(True, -10.1), (True, 200.1), (1, 100.0)]
)
async def test_an_export_setting_that_is_none_is_not_sent(
    road: ModbusSettings, wire: Recorder, export: Any, limit: float
):
    with pytest.raises(ValueError, match="export"):
        await road.write(
            Block.EXPORT, {"export_control": export, "export_limit": limit}
        )
    assert wire.sent == []


async def test_what_stands_outside_the_map_goes_back_as_it_came(
    road: ModbusSettings, plant: Simulator, wire: Recorder
):
    """Another mode's parameter that the app set so must not stop a change."""
    await plant.fault("spike", register=4302, word=50, reads=2, holding=1)
    held = await road.read(Block.MODE)
    assert held["full_backup_reserve_soc"] == 50
    refused = await trouble(
        road.write(Block.MODE, {**held, "self_consumption_reserve_soc": 30})
    )
    assert refused.trouble is Trouble.REFUSED  # the simulated device is stricter
    assert wire.holding(bytes.fromhex("10cc 0007 0e 0000 001e 0032"))


async def test_a_part_of_a_step_is_not_what_the_device_holds(
    road: ModbusSettings, wire: Recorder
):
    held = await road.read(Block.MODE)
    with pytest.raises(ValueError, match="step"):
        await road.write(Block.MODE, {**held, "self_consumption_reserve_soc": 20.4})
    assert wire.holding(bytes.fromhex("10 10cc")) == []


# ---- the device says no, or nothing ----


@pytest.mark.parametrize("code", [1, 2, 3])
async def test_a_refusal_has_the_number_of_the_device(
    road: ModbusSettings, plant: Simulator, code: int
):
    await plant.fault("writes", kind="refused", code=code)
    error = await trouble(
        road.write(Block.MODE, {**BLOCK, "battery_mode": "economical"})
    )
    assert (error.trouble, error.code) == (Trouble.REFUSED, code)
    assert plant.plant.settings.battery_mode is BatteryMode.SELF_CONSUMPTION


@pytest.mark.parametrize("code", [4, 11])
async def test_a_device_that_failed_may_have_taken_it(
    road: ModbusSettings, plant: Simulator, code: int
):
    await plant.fault("writes", kind="refused", code=code)
    error = await trouble(road.write(Block.EXPORT, {**CHANGES[Block.EXPORT]}))
    assert (error.trouble, error.code) == (Trouble.SILENT, code)


async def test_a_device_that_needs_time_has_taken_it(
    road: ModbusSettings, plant: Simulator
):
    await plant.fault("writes", kind="refused", code=5)
    await road.write(Block.EXPORT, {**CHANGES[Block.EXPORT]})


async def test_a_busy_device_is_not_waited_for_forever(
    road: ModbusSettings, plant: Simulator, monkeypatch: pytest.MonkeyPatch
):
    """The library repeats what a device put off; that has not been taken."""
    await road.read(Block.EXPORT)
    monkeypatch.setattr(settings, "PATIENCE", 0.2)
    await plant.fault("writes", kind="refused", code=6)
    began = monotonic()
    error = await trouble(road.write(Block.EXPORT, {**CHANGES[Block.EXPORT]}))
    assert error.trouble is Trouble.SILENT
    assert monotonic() - began < 2


@pytest.mark.parametrize("patience", [0.1])
@pytest.mark.parametrize(("kind", "taken"), [("unheard", False), ("unanswered", True)])
async def test_a_write_without_an_answer_is_not_repeated(
    road: ModbusSettings, plant: Simulator, wire: Recorder, kind: str, taken: bool
):
    await plant.fault("writes", kind=kind)
    wanted = {**BLOCK, "battery_mode": "force_charge"}
    assert (await trouble(road.write(Block.MODE, wanted))).trouble is Trouble.SILENT
    assert len(wire.holding(bytes.fromhex("10 10cc"))) == 1
    assert ((await road.read(Block.MODE)) == wanted) is taken


async def test_a_yes_proves_nothing_before_it_is_read_back(
    road: ModbusSettings, plant: Simulator
):
    await plant.fault("writes", kind="ignored")
    await road.write(Block.MODE, {**BLOCK, "battery_mode": "force_charge"})
    assert await road.read(Block.MODE) == BLOCK


async def test_a_device_may_show_a_mode_and_not_obey(
    road: ModbusSettings, plant: Simulator
):
    await plant.fault("writes", kind="inert")
    wanted = {**BLOCK, "battery_mode": "force_charge"}
    await road.write(Block.MODE, wanted)
    assert await road.read(Block.MODE) == wanted
    await plant.advance(DEVICE_DELAY)
    assert plant.plant.acting.battery_mode is BatteryMode.SELF_CONSUMPTION


# ---- the link ----


async def test_nothing_goes_out_on_a_link_that_is_not_there(
    road: ModbusSettings, plant: Simulator
):
    await plant.fault("drop")
    wanted = {**BLOCK, "battery_mode": "force_charge"}
    assert (await trouble(road.write(Block.MODE, wanted))).trouble is Trouble.LOST
    assert (await trouble(road.read(Block.MODE))).trouble is Trouble.LOST
    await plant.fault("drop", on=False)
    assert await road.read(Block.MODE) == BLOCK


async def test_a_link_that_fell_since_the_last_read_is_tried_before_the_write(
    road: ModbusSettings, plant: Simulator, unit: ModbusUnit
):
    """So "lost" means that nothing went out."""
    await road.read(Block.MODE)
    await plant.fault("drop")
    await until(lambda: not unit.connected)
    wanted = {**BLOCK, "battery_mode": "force_charge"}
    assert (await trouble(road.write(Block.MODE, wanted))).trouble is Trouble.LOST
    await plant.fault("drop", on=False)
    await road.write(Block.MODE, wanted)
    assert plant.plant.settings.battery_mode is BatteryMode.FORCE_CHARGE


@pytest.mark.parametrize("taken", [True, False])
async def test_a_link_that_falls_in_the_middle_leaves_doubt(
    road: ModbusSettings, wire: Recorder, taken: bool
):
    await road.read(Block.MODE)
    wire.cut_at, wire.cut_after = bytes.fromhex("10 10cc"), taken
    wanted = {**BLOCK, "battery_mode": "force_charge"}
    assert (await trouble(road.write(Block.MODE, wanted))).trouble is Trouble.SILENT
    assert len(wire.holding(wire.cut_at)) == 1
    assert (await road.read(Block.MODE) == wanted) is taken


async def test_a_link_that_fell_while_a_write_stood_in_line_is_lost(plant: Simulator):
    """What cannot connect has sent nothing."""
    params = ModbusTcpParams(host="127.0.0.1", port=plant.modbus_port)
    connection = ModbusConnection(params, timeout=0.5)
    unit = connection.for_unit(1)
    road = ModbusSettings(unit)
    await road.read(Block.MODE)
    await plant.fault("stall")
    poll = asyncio.create_task(unit.read_input_registers(30_000, 30))
    change = asyncio.create_task(trouble(road.write(Block.MODE, {**BLOCK})))
    asked = plant.modbus.requests
    await until(lambda: plant.modbus.requests > asked)
    await plant.fault("drop")
    with pytest.raises(ModbusError):
        await poll
    assert (await change).trouble is Trouble.LOST
    await connection.close()


@pytest.mark.parametrize("patience", [0.1])
async def test_a_stalled_device_is_silent(road: ModbusSettings, plant: Simulator):
    await plant.fault("stall")
    assert (await trouble(road.read(Block.MODE))).trouble is Trouble.SILENT
    wanted = {**BLOCK, "battery_mode": "force_charge"}
    assert (await trouble(road.write(Block.MODE, wanted))).trouble is Trouble.LOST
    await plant.fault("stall", on=False)
    assert await road.read(Block.MODE) == BLOCK


async def test_polls_and_changes_stand_in_one_line(
    plant: Simulator, unit: ModbusUnit, monkeypatch: pytest.MonkeyPatch
):
    """Both wait as long as the stick needs, whoever asked before."""
    monkeypatch.setattr(link, "MESSAGE_SPACING", 0.02)
    at: list[float] = []
    answer = plant.modbus._respond

    def note(request: Any) -> Any:
        at.append(monotonic())
        return answer(request)

    monkeypatch.setattr(plant.modbus, "_respond", note)
    modbus = ModbusLink(unit)
    await modbus.identify()

    async def poll() -> set[str]:
        silent: set[str] = set()
        async for told in modbus.poll(modbus.served, slow=True):
            silent |= told.silent
        return silent

    wanted = {**BLOCK, "battery_mode": "force_charge"}
    silent, read, _, _ = await asyncio.gather(
        poll(),
        modbus.settings.read(Block.EXPORT),
        modbus.settings.write(Block.MODE, wanted),
        modbus.settings.write(Block.SOC_LIMITS, CHANGES[Block.SOC_LIMITS]),
    )
    assert not silent
    assert read == shown(plant, read)
    assert plant.plant.settings.battery_mode is BatteryMode.FORCE_CHARGE
    assert plant.plant.settings.battery_min_soc == 15
    gaps = [later - sooner for sooner, later in pairwise(at)]
    assert min(gaps) >= 0.018
    statistics = modbus.statistics
    assert statistics.requests == statistics.answers == len(at)


# ---- answers that cannot be ----


async def test_one_absurd_answer_is_not_believed(
    road: ModbusSettings, plant: Simulator
):
    await plant.fault("spike", register=4301, word=2005, reads=1, holding=1)
    assert await road.read(Block.MODE) == BLOCK


@pytest.mark.parametrize(
    ("block", "register", "word"),
    [
        (Block.MODE, 4300, 17),
        (Block.MODE, 4301, 101),
        (Block.MODE, 4304, 1001),
        (Block.MODE, 4303, 0xFFFF),
        (Block.SOC_LIMITS, 308, 0xFFFF),
        (Block.EXPORT, 258, 2),
        (Block.EXPORT, 259, 2001),
    ],
)
async def test_absurd_answers_end_in_a_verdict(
    road: ModbusSettings, plant: Simulator, block: Block, register: int, word: int
):
    await plant.fault("spike", register=register, word=word, reads=9, holding=1)
    assert (await trouble(road.read(block))).trouble is Trouble.GARBLED


async def test_garbage_ends_in_a_verdict(road: ModbusSettings, plant: Simulator):
    await plant.fault("garbage", kind="words")
    assert (await trouble(road.read(Block.MODE))).trouble is Trouble.GARBLED


@pytest.mark.parametrize("known", [False, True])
async def test_a_possible_value_needs_two_reads(
    road: ModbusSettings, plant: Simulator, known: bool
):
    """A wrong word that could be one would else be written back later."""
    if known:
        assert await road.read(Block.MODE) == BLOCK
    await plant.fault("spike", register=4301, word=55, reads=1, holding=1)
    assert await road.read(Block.MODE) == BLOCK
    plant.set({"self_consumption_reserve_soc": 44})
    assert (await road.read(Block.MODE))["self_consumption_reserve_soc"] == 44


async def test_what_a_device_lacks_is_left_out(road: ModbusSettings, plant: Simulator):
    await plant.fault("spike", register=4302, word=0x2490, reads=99, holding=1)
    assert "full_backup_reserve_soc" not in await road.read(Block.MODE)


# ---- inverters that work together ----


async def test_blocks_of_a_single_machine_are_not_written_to_several(
    socket_enabled: None,
):
    """258, 259, 306 and the modes (facts/local-protocol.md 4.6)."""
    async with serve("big", start=NOON) as sim:
        connection = ModbusConnection(
            ModbusTcpParams(host="127.0.0.1", port=sim.modbus_port)
        )
        road = ModbusSettings(connection.for_unit(1))
        error = await trouble(
            road.write(Block.MODE, {**BLOCK, "battery_mode": "economical"})
        )
        assert error.trouble is Trouble.REFUSED
        assert sim.plant.settings.battery_mode is BatteryMode.SELF_CONSUMPTION
        assert road.modes == {}
        assert set(road.capabilities) == {
            "battery_max_soc",
            "battery_min_soc",
            "battery_discharge_power_limit",
        }
        await road.write(Block.SOC_LIMITS, CHANGES[Block.SOC_LIMITS])
        assert sim.plant.settings.battery_max_soc == 95
        assert (await road.read(Block.MODE))["battery_mode"] == "self_consumption"
        await connection.close()


async def test_a_device_that_knows_no_roles_is_a_single_one(
    road: ModbusSettings, plant: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        device,
        "holding_words",
        lambda served: {k: v for k, v in holding_words(served).items() if k < 6048},
    )
    await road.write(Block.MODE, {**BLOCK, "battery_mode": "economical"})
    assert plant.plant.settings.battery_mode is BatteryMode.ECONOMICAL


async def test_a_slave_is_not_written_to(road: ModbusSettings, plant: Simulator):
    await plant.fault("spike", register=6048, word=2, reads=2, holding=1)
    await road.read(Block.SOC_LIMITS)
    assert road.capabilities == {}
    error = await trouble(road.write(Block.SOC_LIMITS, CHANGES[Block.SOC_LIMITS]))
    assert error.trouble is Trouble.REFUSED


async def test_the_role_is_asked_once_for_reads_and_before_any_write(
    road: ModbusSettings, plant: Simulator, wire: Recorder
):
    role = pack(">BHH", 3, 6048, 2)
    await plant.fault("spike", register=6048, word=9, reads=4, holding=1)
    assert await road.read(Block.MODE) == BLOCK
    asked = len(wire.holding(role))
    await road.read(Block.MODE)
    assert len(wire.holding(role)) == asked
    error = await trouble(
        road.write(Block.MODE, {**BLOCK, "battery_mode": "economical"})
    )
    assert error.trouble is Trouble.LOST
    assert wire.holding(bytes.fromhex("10 10cc")) == []
    await plant.fault("spike", on=False)
    await road.write(Block.MODE, {**BLOCK, "battery_mode": "economical"})
    assert plant.plant.settings.battery_mode is BatteryMode.ECONOMICAL
