"""The Modbus link on a real socket, without Home Assistant."""

from collections.abc import AsyncGenerator
from dataclasses import replace
import json

from modbus_connection import ModbusTcpParams, ModbusUnit, pymodbus, tmodbus
import pytest

from custom_components.instagen.links import LinkError, Verdict
from custom_components.instagen.links.modbus import ModbusLink, link
from custom_components.instagen.links.modbus.components import Identification, Overview
from custom_components.instagen.links.modbus.identify import IDENTITY_BLOCKS
from custom_components.instagen.links.modbus.plan import BLOCKS, Source, block_at
from custom_components.instagen.links.modbus.probe import probe
from custom_components.instagen.links.modbus.registers import unsigned
from custom_components.instagen.links.modbus.rows import ROWS
from custom_components.instagen.plant.evidence import Evidence
from custom_components.instagen.plant.identity import Feature
from custom_components.instagen.plant.readings import Value
from simulator import Simulator, serve

from ..conftest import NOON


@pytest.fixture(params=[tmodbus, pymodbus], ids=["tmodbus", "pymodbus"])
async def unit(
    plant: Simulator, request: pytest.FixtureRequest
) -> AsyncGenerator[ModbusUnit]:
    """Open a unit with the library Home Assistant uses, and with the other one."""
    params = ModbusTcpParams(host="127.0.0.1", port=plant.modbus_port)
    connection = request.param.ModbusConnection(params)
    yield connection.for_unit(1)
    await connection.close()


async def read_all(modbus: ModbusLink) -> tuple[dict[str, Value], set[str]]:
    """Poll everything once; return the values and the silent keys."""
    values: dict[str, Value] = {}
    silent: set[str] = set()
    async for answer in modbus.poll(frozenset(ROWS), slow=True):
        values |= answer.values
        silent |= answer.silent
    return values, silent


async def test_identity(unit: ModbusUnit):
    identity = await probe(unit)
    assert identity.model == "HIT-15L-G3"
    assert identity.rated_power == 15_000
    assert {Feature.PV_1, Feature.PV_2, Feature.BATTERY} <= identity.features
    assert Feature.PV_3 not in identity.features
    assert identity.serial is None


async def test_a_poll_brings_the_truth(unit: ModbusUnit, plant: Simulator):
    modbus = ModbusLink(unit)
    await modbus.identify()
    values, silent = await read_all(modbus)
    assert not silent
    assert values["grid_power"] == plant.state()["grid_power"]
    assert values["battery_power"] == plant.state()["battery_power"]
    assert values["faults"] == "00000000-00000000-00000000-0000-0000-0000"


async def test_nothing_changed_means_nothing_told(unit: ModbusUnit):
    modbus = ModbusLink(unit)
    await modbus.identify()
    await read_all(modbus)
    values, _ = await read_all(modbus)
    assert values == {}


async def test_an_old_firmware_without_the_overview_is_named(
    unit: ModbusUnit, monkeypatch: pytest.MonkeyPatch
):
    """Blocks that an old firmware does not know are refused, not silent."""
    overview = Source.of(Overview.work_status).block
    monkeypatch.setattr(
        link,
        "IDENTITY_BLOCKS",
        tuple(
            replace(block, start=40_000) if block == overview else block
            for block in IDENTITY_BLOCKS
        ),
    )
    with pytest.raises(LinkError) as caught:
        await ModbusLink(unit).identify()
    assert caught.value.verdict is Verdict.FIRMWARE_TOO_OLD


async def test_a_capacity_of_zero_is_taken_from_the_setting(socket_enabled: None):
    """Some batteries tell no capacity (facts/modbus-registers.csv, 1907)."""
    async with serve("hybrid", start=NOON) as sim:
        params = ModbusTcpParams(host="127.0.0.1", port=sim.modbus_port)
        connection = tmodbus.ModbusConnection(params)
        modbus = ModbusLink(connection.for_unit(1))
        await sim.fault("spike", register=1908, word=0, reads=100)
        await modbus.identify()
        values, _ = await read_all(modbus)
        await connection.close()
    assert values["battery_capacity"] == sim.state()["battery_capacity"]


async def test_diagnostics_show_raw_blocks_and_what_happened(unit: ModbusUnit):
    modbus = ModbusLink(unit)
    await modbus.identify()
    told = json.loads(json.dumps(modbus.diagnostics()))
    assert told["statistics"]["requests"] == len(IDENTITY_BLOCKS)
    overview = next(b for b in told["blocks"] if b["start"] == 30_000)
    assert overview["words"].split()[0] == "0003"
    assert overview["age"] >= 0


def test_every_row_lies_in_a_proven_read():
    for rows in ROWS.values():
        for row in rows:
            assert {source.block for source in row.sources} <= set(BLOCKS)


def test_what_no_proven_read_holds_is_refused():
    with pytest.raises(LookupError):
        Source.of(unsigned(1_500, evidence=Evidence.UNKNOWN))
    with pytest.raises(LookupError):
        block_at("input", 1_500)
    with pytest.raises(TypeError):
        Source.of(Identification.model)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "watts"), [([0, 9_360, 0], 9_360), ([0x2490, 9_360, 0], None)]
)
def test_9360_watts_are_real_unless_the_neighbour_is_missing_too(words, watts):
    """0x2490 is "not available" and 9,360 W at once (local-protocol.md 4.4)."""
    field = unsigned(28, "W")
    field.space = "input"
    source = Source.of(field)
    block = [0] * source.block.count
    block[source.offset - 1 : source.offset + 2] = words
    assert source.decode(block) == watts
