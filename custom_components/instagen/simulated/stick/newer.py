"""What newer sticks add to storage data; scales by analogy (facts section 5)."""

from typing import TYPE_CHECKING, Final

from ...dts_messages import instagen_dts_pb2 as pb
from .. import assumptions
from .identity import pack_serial
from .packing import scaled
from .shares import packs_of

if TYPE_CHECKING:
    from .storage import StorageData

_TENTH: Final = 0.1


def add_rails(data: StorageData, state: pb.InverterState) -> None:
    """Add temperatures, rails and fans of the inverter."""
    heat = data.number("inverter_temperature")
    state.inside_temperature = scaled(data.number("internal_temperature"), _TENTH)
    state.pv_temperature = scaled(heat - 2, _TENTH)
    state.inverter_temperature = scaled(heat, _TENTH)
    state.bus_voltage = scaled(data.number("bus_voltage"), _TENTH)
    state.bus_voltage_positive = scaled(data.number("bus_voltage_half"), _TENTH)
    state.bus_voltage_negative = scaled(data.number("bus_voltage_half"), _TENTH)
    state.battery_voltage = scaled(data.number("battery_voltage"), _TENTH)
    state.fan_speed_1 = data.whole("fan_speed")
    state.battery_temperature = scaled(
        data.number("battery_heatsink_temperature"), _TENTH
    )


def packs(data: StorageData) -> list[pb.PackData]:
    """Return the battery packs of an inverter; they share its load evenly."""
    count = packs_of(data.config, data.one)
    sign = 1 if assumptions.BATTERY_PLUS_ON_DISCHARGE else -1
    power = sign * data.part("battery_power")
    return [_pack(data, number, power, count) for number in range(1, count + 1)]


def _pack(data: StorageData, number: int, power: int, count: int) -> pb.PackData:
    own = power * number // count - power * (number - 1) // count
    voltage = data.number("battery_voltage")
    warm = scaled(data.number(f"module{number}_temperature1"), _TENTH)
    volts = [data.number(f"module{number}_cell{cell}_voltage") for cell in range(1, 9)]
    return pb.PackData(
        serial=pack_serial(data.one, number),
        state=1 if own < 0 else 2 if own else 0,
        soc=data.whole("battery_soc"),
        soh=data.whole("battery_soh"),
        voltage=scaled(voltage, _TENTH),
        current=scaled(own / voltage if voltage else 0, _TENTH),
        power=own,
        charge_current_limit=1000,
        discharge_current_limit=1000,
        charge_cutoff_voltage=scaled(data.number("battery_charge_cutoff"), _TENTH),
        discharge_cutoff_voltage=scaled(
            data.number("battery_discharge_cutoff"), _TENTH
        ),
        cell_temperature_max=warm,
        cell_temperature_min=warm - 3,
        cell_voltage_max=scaled(max(volts), 0.001),
        cell_voltage_min=scaled(min(volts), 0.001),
        discharged=data.part_today("battery_discharge") // count,
        charged=data.part_today("battery_charge") // count,
    )
