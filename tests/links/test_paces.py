"""Fast and slow polls look at the same blocks without hiding news from each other."""

from collections.abc import Mapping

from modbus_connection.mock import MockModbusConnection, MockModbusUnit

from custom_components.instagen.links.modbus import ModbusLink
from custom_components.instagen.plant.readings import Value

KEYS = frozenset({"pv1_power", "inverter_temperature"})
POWER, TEMPERATURE = 29, 113


async def poll(link: ModbusLink, *, slow: bool) -> Mapping[str, Value]:
    values: dict[str, Value] = {}
    async for answer in link.poll(KEYS, slow=slow):
        values |= answer.values
    return values


def make_unit() -> MockModbusUnit:
    unit = MockModbusConnection().for_unit(1)
    unit.input.update(dict.fromkeys(range(123), 0))
    unit.input[POWER], unit.input[TEMPERATURE] = 500, 40
    return unit


async def test_slow_news_waits_for_the_slow_poll():
    unit = make_unit()
    link = ModbusLink(unit)
    assert await poll(link, slow=True) == {"pv1_power": 500, "inverter_temperature": 40}
    unit.input[POWER], unit.input[TEMPERATURE] = 600, 41
    assert await poll(link, slow=False) == {"pv1_power": 600}
    assert await poll(link, slow=True) == {"inverter_temperature": 41}
