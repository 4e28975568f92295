"""Who answers over Modbus, and what is fitted to it."""

from collections.abc import Callable, Mapping
from typing import Final

from modbus_connection.model import RegisterField

from ...plant.identity import Feature, PlantIdentity
from .components import (
    Battery,
    EnergyTotal,
    Generator,
    GridMeter,
    Identification,
    Inverter,
    Overview,
    Ports,
    PowerFlow,
    PvInputs,
    PvMeter,
)
from .plan import Block, Source, block_at
from .rows import Number

type Words = Mapping[Block, list[int]]

MODEL_BLOCK: Final = block_at("input", Identification.model.address)
IDENTITY_BLOCKS: Final = (
    MODEL_BLOCK,
    Source.of(Overview.work_status).block,
    Source.of(GridMeter.link).block,
    Source.of(Inverter.grid_voltage_l1).block,
    Source.of(Inverter.safety_dsp_firmware).block,
    Source.of(EnergyTotal.pv).block,
    Source.of(PowerFlow.load).block,
    Source.of(Ports.gen_port_mode).block,
)
"""What is read once at the start; the first poll uses the same answers."""

_LIVE_VOLTAGE: Final = 1.0
_MAINS_VOLTAGE: Final = 50.0
_GEN_PORT_GENERATOR: Final = 1
_LARGEST_STATUS: Final = 6

type Read = Callable[[RegisterField[float]], Number]


def _reader(words: Words) -> Read:
    def read(field: RegisterField[float]) -> Number:
        source = Source.of(field)
        block = words.get(source.block)
        return None if block is None else source.decode(block)

    return read


def model_of(words: Words) -> str | None:
    """Return the model text, or None when the words are no text."""
    block = words.get(MODEL_BLOCK)
    if block is None:
        return None
    field = Identification.model
    start = field.address - MODEL_BLOCK.start
    model: str | None = field.decode(block[start : start + field.count])
    return model


def is_plant(words: Words) -> bool:
    """Return whether the overview block can be that of a storage inverter."""
    read = _reader(words)
    status, soc = read(Overview.work_status), read(Overview.battery_soc)
    if status is None or status > _LARGEST_STATUS:
        return False
    return soc is None or soc <= 100


def identity_of(words: Words) -> PlantIdentity:
    """Put together what the identity blocks tell. Serials are not told over Modbus."""
    read = _reader(words)
    versions = {
        "power_dsp": read(Inverter.power_dsp_firmware),
        "safety_dsp": read(Inverter.safety_dsp_firmware),
    }
    return PlantIdentity(
        model=model_of(words),
        features=features_of(words),
        firmware={
            part: str(int(version))
            for part, version in versions.items()
            if version is not None
        },
    )


def features_of(words: Words) -> frozenset[Feature]:
    """Tell which parts are fitted: by live values, and at night by their counters."""
    read = _reader(words)

    def above(field: RegisterField[float], bound: float = 0.0) -> bool:
        value = read(field)
        return value is not None and value > bound

    found = {
        Feature.PV_1: above(PvInputs.pv1_voltage, _LIVE_VOLTAGE)
        or above(EnergyTotal.pv1),
        Feature.PV_2: above(PvInputs.pv2_voltage, _LIVE_VOLTAGE)
        or above(EnergyTotal.pv2),
        Feature.PV_3: above(PvInputs.pv3_voltage, _LIVE_VOLTAGE)
        or above(EnergyTotal.pv3),
        Feature.PV_4: above(PvInputs.pv4_voltage, _LIVE_VOLTAGE)
        or above(EnergyTotal.pv4),
        Feature.PHASE_2: above(Inverter.grid_voltage_l2, _MAINS_VOLTAGE)
        or above(GridMeter.voltage_l2, _MAINS_VOLTAGE)
        or above(EnergyTotal.load_l2),
        Feature.PHASE_3: above(Inverter.grid_voltage_l3, _MAINS_VOLTAGE)
        or above(GridMeter.voltage_l3, _MAINS_VOLTAGE)
        or above(EnergyTotal.load_l3),
        Feature.BATTERY: above(Battery.link) or above(Battery.voltage),
        Feature.GRID_METER: above(GridMeter.link),
        Feature.GENERATOR: read(Ports.gen_port_mode) == _GEN_PORT_GENERATOR
        or above(Generator.voltage_l1, _MAINS_VOLTAGE)
        or above(EnergyTotal.generator),
        Feature.AC_PV: above(PvMeter.link) or above(EnergyTotal.ac_pv),
    }
    return frozenset(feature for feature, fitted in found.items() if fitted)
