"""The floor: the least code that shows the same entities of one known plant.

Written for the simulated three-phase hybrid with everything fitted and its default
entities. Fast and slow readings as the integration has them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from struct import Struct, calcsize
from typing import Any, Final, override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.modbus import async_get_unit
from homeassistant.components.sensor import SensorEntity
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from modbus_connection import ModbusTcpParams, ModbusUnit
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_integration,
    mock_platform,
)

from custom_components.instagen.plant.readings import READINGS, Pace
from custom_components.instagen.plant.states import BatteryState, WorkStatus
from custom_components.instagen.platforms.binary_sensor import READING_BINARY_SENSORS
from custom_components.instagen.platforms.sensor import READING_SENSORS

from .house import HOST, UNIT

_DOMAIN: Final = "floor"
_WORK_STATUS: Final = tuple(WorkStatus)
_BATTERY_STATE: Final = tuple(BatteryState)
_THREE: Final = Struct(">3h")
_FAULT_WORDS: Final = Struct(">3I3H")
_EARTH_FAULTS: Final = 1 << 15 | 1 << 17
_BLOCKS: Final = ((30000, 30), (1800, 123), (0, 123), (2000, 123), (2123, 123))

type Turn = Callable[[Any], Any]
type Row = tuple[str, int, str, Turn]
"""Key, register, struct code, and what turns the raw value into the shown one."""


def _same(raw: Any) -> Any:
    return raw


def _tenth(raw: int) -> float:
    return raw / 10


def _hundredth(raw: int) -> float:
    return raw / 100


def _negative(raw: int) -> int:
    return -raw


def _above(raw: int) -> int:
    return max(raw, 0)


def _below(raw: int) -> int:
    return max(-raw, 0)


_ROWS: Final[tuple[Row, ...]] = (
    ("work_status", 30000, "H", lambda raw: _WORK_STATUS[raw]),
    ("off_grid", 30000, "H", lambda raw: raw == 5),
    ("pv_power", 30003, "I", _same),
    ("ac_pv_power", 30005, "I", _same),
    ("inverter_power", 30007, "i", _same),
    ("battery_power", 30009, "i", _same),
    ("battery_charge_power", 30009, "i", _below),
    ("battery_discharge_power", 30009, "i", _above),
    ("generator_power", 30013, "i", _same),
    ("load_power", 30015, "i", _same),
    ("battery_state", 30019, "H", lambda raw: _BATTERY_STATE[raw]),
    ("battery_soc", 30020, "H", _same),
    ("problem", 30021, "18s", any),
    (
        "earth_fault",
        30021,
        "18s",
        lambda raw: bool(_FAULT_WORDS.unpack(raw)[2] & _EARTH_FAULTS),
    ),
    ("meter_connected", 1800, "H", lambda raw: raw in {1, 3}),
    ("grid_voltage_l1", 1801, "H", _tenth),
    ("grid_voltage_l2", 1802, "H", _tenth),
    ("grid_voltage_l3", 1803, "H", _tenth),
    ("grid_current_l1", 1804, "h", lambda raw: -raw / 100),
    ("grid_current_l2", 1805, "h", lambda raw: -raw / 100),
    ("grid_current_l3", 1806, "h", lambda raw: -raw / 100),
    ("grid_frequency", 1807, "H", _hundredth),
    ("grid_power", 1814, "i", _negative),
    ("grid_import_power", 1814, "i", _below),
    ("grid_export_power", 1814, "i", _above),
    ("battery_capacity", 1907, "I", _tenth),
    ("battery_soh", 1910, "H", _same),
    ("battery_voltage", 1911, "H", _tenth),
    ("battery_current", 1912, "i", _tenth),
    ("battery_temperature", 1922, "h", _tenth),
    ("pv1_voltage", 27, "H", _tenth),
    ("pv1_current", 28, "h", _hundredth),
    ("pv1_power", 29, "H", _same),
    ("pv2_voltage", 30, "H", _tenth),
    ("pv2_current", 31, "h", _hundredth),
    ("pv2_power", 32, "H", _same),
    ("backup_power", 92, "6s", lambda raw: sum(_THREE.unpack(raw))),
    ("generator_voltage", 103, "H", _tenth),
    ("generator_running", 103, "H", lambda raw: raw > 1000),
    ("inverter_temperature", 113, "h", _same),
    ("pv_energy", 2000, "I", _tenth),
    ("ac_pv_energy", 2014, "I", _tenth),
    ("battery_charge_energy", 2028, "I", _tenth),
    ("battery_discharge_energy", 2030, "I", _tenth),
    ("grid_import_energy", 2040, "I", _tenth),
    ("grid_export_energy", 2048, "I", _tenth),
    ("load_energy", 2056, "I", _tenth),
    ("generator_energy", 2070, "I", _tenth),
    ("pv_energy_today", 2100, "H", _tenth),
    ("ac_pv_energy_today", 2107, "H", _tenth),
    ("battery_charge_energy_today", 2114, "H", _tenth),
    ("battery_discharge_energy_today", 2115, "H", _tenth),
    ("grid_import_energy_today", 2120, "H", _tenth),
    ("grid_export_energy_today", 2124, "H", _tenth),
    ("load_energy_today", 2128, "H", _tenth),
    ("generator_energy_today", 2135, "H", _tenth),
)


class FloorFlow(ConfigFlow, domain=_DOMAIN):
    """Never shown; an entry needs one."""


class FloorEntity(Entity):
    """One reading."""

    _attr_should_poll = False

    def identify(self, plant: str, key: str) -> None:
        """Take a place in the registries."""
        self._attr_unique_id = f"{plant}_{key}"
        self._attr_name = f"Plant {plant} {key}"
        self._attr_device_info = DeviceInfo(identifiers={(_DOMAIN, plant)})

    def show(self, value: Any) -> None:
        """Write a new value."""
        raise NotImplementedError


class FloorSensor(FloorEntity, SensorEntity):
    """A number or a state."""

    @override
    def show(self, value: Any) -> None:
        """Write a new value."""
        self._attr_native_value = value
        self.async_write_ha_state()


class FloorBinarySensor(FloorEntity, BinarySensorEntity):
    """A yes or no."""

    @override
    def show(self, value: Any) -> None:
        """Write a new value."""
        self._attr_is_on = value
        self.async_write_ha_state()


@dataclass
class _Layout:
    """The readings of one pace in one block."""

    unpack: Callable[[bytes], tuple[Any, ...]]
    rows: tuple[tuple[int, Turn, FloorEntity], ...]
    words: list[int] | None = None
    raw: tuple[Any, ...] = ()


class _Block:
    """One read and what it brings at each pace."""

    def __init__(
        self, start: int, count: int, entities: Mapping[str, FloorEntity]
    ) -> None:
        self.start, self.count = start, count
        self.pack = Struct(f">{count}H").pack
        rows = [row for row in _ROWS if start <= row[1] < start + count]
        self.fast = self._layout(rows, Pace.FAST, entities)
        self.slow = self._layout(rows, Pace.SLOW, entities)

    def _layout(
        self, rows: Iterable[Row], pace: Pace, entities: Mapping[str, FloorEntity]
    ) -> _Layout | None:
        mine = [row for row in rows if READINGS[row[0]].pace is pace]
        if not mine:
            return None
        fields = sorted({(address, code) for _, address, code, _ in mine})
        layout, at = ">", 0
        for address, code in fields:
            layout += f"{2 * (address - self.start) - at}x{code}"
            at = 2 * (address - self.start) + calcsize(f">{code}")
        unpack = Struct(layout).unpack_from
        return _Layout(
            unpack,
            tuple(
                (fields.index((address, code)), turn, entities[key])
                for key, address, code, turn in mine
            ),
        )


class Floor:
    """A reader of one plant, on the unit it shares with the integration."""

    def __init__(self, unit: ModbusUnit, name: str) -> None:
        """Take the unit and what tells this plant from others."""
        self._unit = unit
        self.entities: dict[str, FloorEntity] = {}
        for key, *_ in _ROWS:
            entity: FloorEntity
            if key in READING_SENSORS:
                entity = FloorSensor()
                entity.entity_description = READING_SENSORS[key]
            else:
                entity = FloorBinarySensor()
                entity.entity_description = READING_BINARY_SENSORS[key]
            entity.identify(name, key)
            self.entities[key] = entity
        self._blocks = [_Block(start, count, self.entities) for start, count in _BLOCKS]

    async def read_only(self, *, slow: bool) -> None:
        """Read the blocks of a poll and do nothing with them."""
        for block in self._blocks:
            if slow or block.fast:
                await self._unit.read_input_registers(block.start, block.count)

    async def poll(self, *, slow: bool) -> None:
        """Read, compare, and write what changed."""
        for block in self._blocks:
            if not slow and block.fast is None:
                continue
            words = await self._unit.read_input_registers(block.start, block.count)
            for layout in (block.fast, block.slow if slow else None):
                if layout is None or layout.words == words:
                    continue
                layout.words = words
                old = layout.raw
                raw = layout.raw = layout.unpack(block.pack(*words))
                for index, turn, entity in layout.rows:
                    if not old or raw[index] != old[index]:
                        entity.show(turn(raw[index]))


async def add_floor(hass: HomeAssistant, port: int) -> Floor:
    """Set the floor up beside the integration, on the same connection."""
    entry = MockConfigEntry(domain=_DOMAIN, title="Floor")
    entry.add_to_hass(hass)
    params = ModbusTcpParams(host=HOST, port=port)
    floor = Floor(async_get_unit(hass, entry, params, UNIT), str(port))
    kinds: dict[Platform, type[FloorEntity]] = {
        Platform.SENSOR: FloorSensor,
        Platform.BINARY_SENSOR: FloorBinarySensor,
    }

    async def set_up(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, tuple(kinds))
        return True

    mock_integration(hass, MockModule(_DOMAIN, async_setup_entry=set_up))
    mock_platform(hass, f"{_DOMAIN}.config_flow")
    for platform, kind in kinds.items():
        _add_platform(hass, platform, floor, kind)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await floor.poll(slow=True)
    return floor


def _add_platform(
    hass: HomeAssistant, platform: Platform, floor: Floor, kind: type[FloorEntity]
) -> None:
    async def add(
        hass: HomeAssistant,
        entry: ConfigEntry,
        async_add_entities: AddEntitiesCallback,
    ) -> None:
        async_add_entities(
            entity for entity in floor.entities.values() if isinstance(entity, kind)
        )

    mock_platform(hass, f"{_DOMAIN}.{platform}", MockPlatform(async_setup_entry=add))
