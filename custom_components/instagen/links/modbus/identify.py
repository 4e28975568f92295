"""Who answers over Modbus, and what is fitted to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
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
    return frozenset(
        feature
        for feature, signs in _SIGNS.items()
        if any(sign.shows_in(words) for sign in signs)
    )


@dataclass(frozen=True)
class _Sign:
    """A register that tells of a part while its value lies above a bound."""

    source: Source
    above: float
    up_to: float

    def shows_in(self, words: Words) -> bool:
        block = words.get(self.source.block)
        value = None if block is None else self.source.decode(block)
        return value is not None and self.above < value <= self.up_to


def _sign(field: RegisterField[float], above: float = 0, up_to: float = inf) -> _Sign:
    return _Sign(Source.of(field), above, up_to)


_SIGNS: Final[Mapping[Feature, tuple[_Sign, ...]]] = {
    Feature.PV_1: (_sign(PvInputs.pv1_voltage, _LIVE_VOLTAGE), _sign(EnergyTotal.pv1)),
    Feature.PV_2: (_sign(PvInputs.pv2_voltage, _LIVE_VOLTAGE), _sign(EnergyTotal.pv2)),
    Feature.PV_3: (_sign(PvInputs.pv3_voltage, _LIVE_VOLTAGE), _sign(EnergyTotal.pv3)),
    Feature.PV_4: (_sign(PvInputs.pv4_voltage, _LIVE_VOLTAGE), _sign(EnergyTotal.pv4)),
    Feature.PHASE_2: (
        _sign(Inverter.grid_voltage_l2, _MAINS_VOLTAGE),
        _sign(GridMeter.voltage_l2, _MAINS_VOLTAGE),
        _sign(EnergyTotal.load_l2),
    ),
    Feature.PHASE_3: (
        _sign(Inverter.grid_voltage_l3, _MAINS_VOLTAGE),
        _sign(GridMeter.voltage_l3, _MAINS_VOLTAGE),
        _sign(EnergyTotal.load_l3),
    ),
    Feature.BATTERY: (_sign(Battery.link), _sign(Battery.voltage)),
    Feature.GRID_METER: (_sign(GridMeter.link),),
    Feature.GENERATOR: (
        _sign(Ports.gen_port_mode, up_to=_GEN_PORT_GENERATOR),
        _sign(Generator.voltage_l1, _MAINS_VOLTAGE),
        _sign(EnergyTotal.generator),
    ),
    Feature.AC_PV: (_sign(PvMeter.link), _sign(EnergyTotal.ac_pv)),
}
