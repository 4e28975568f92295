"""What the link makes of an answer: whose it is, and what in it is news."""

from modbus_connection import ModbusTimeoutError
from modbus_connection.mock import MockModbusConnection, MockModbusUnit
import pytest

from custom_components.instagen.links import LinkError, Verdict
from custom_components.instagen.links.modbus import ModbusLink
from custom_components.instagen.plant.readings import Value
from custom_components.instagen.simulated import SimulatedPlant
from simulator.modbus.holding import holding_words
from simulator.modbus.telemetry import input_words

PV1_VOLTAGE = 27


@pytest.fixture
def unit() -> MockModbusUnit:
    """Serve the registers of a simulated plant that stand still."""
    plant = SimulatedPlant()
    unit = MockModbusConnection().for_unit(1)
    unit.input.update(input_words(plant))
    unit.holding.update(holding_words(plant))
    return unit


async def read(link: ModbusLink, *, slow: bool) -> dict[str, Value]:
    """Poll once and return what changed."""
    changed: dict[str, Value] = {}
    async for answer in link.poll({"pv_power", "pv1_power", "pv1_voltage"}, slow=slow):
        changed.update(answer.values)
    return changed


async def test_a_slow_reading_that_moved_before_a_fast_poll_is_news_to_the_slow_one(
    unit: MockModbusUnit,
):
    """A fast poll reads the same block and does not look at the slow rows in it."""
    link = ModbusLink(unit)
    await link.identify()
    await read(link, slow=True)
    unit.input[PV1_VOLTAGE] = 3_333
    assert not await read(link, slow=False)
    assert await read(link, slow=True) == {"pv1_voltage": 333.3}


async def test_words_of_another_block_are_no_answer(unit: MockModbusUnit):
    """Two clients at once get each other's answers; small words pass any range check."""
    link = ModbusLink(unit)
    await link.identify()
    await read(link, slow=True)
    for place in range(123):
        unit.input[place] = 0
    unit.input[0] = unit.input[4] = 1
    await read(link, slow=True)
    for place in range(30):
        unit.input[30000 + place] = unit.input[place]
    with pytest.raises(LinkError) as refused:
        await read(link, slow=False)
    assert refused.value.verdict is Verdict.BUSY
    assert link.statistics.garbled == 2


async def test_a_known_stick_that_is_late_once_is_identified(unit: MockModbusUnit):
    link = ModbusLink(unit)
    answers = unit.read_input_registers
    late = [ModbusTimeoutError("late")]

    async def answer(address: int, count: int) -> list[int]:
        unit._conn._client = object()  # the link stands, only the answer is late
        if late:
            raise late.pop()
        return await answers(address, count)

    unit.read_input_registers = answer  # type: ignore[method-assign]
    assert (await link.identify(patient=True)).model == "HIT-15L-G3"
