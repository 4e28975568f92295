"""The storage registry, 0xC302 (facts/protobuf-10081.md section 4)."""

from typing import TYPE_CHECKING

from ...dts_messages import instagen_dts_pb2 as pb
from .. import assumptions
from .identity import (
    ENCRYPTED,
    KIND_INVERTER,
    InverterIdentity,
    battery_serial,
    meter_serial,
    pack_serial,
    pv_meter_serial,
)
from .packing import scaled
from .shares import capacity_of, packs_of, strings_of

if TYPE_CHECKING:
    from .stick import SimulatedStick


def registry(stick: SimulatedStick, offset: int) -> pb.RegistryAnswer:
    """Return what is fitted."""
    config = stick.plant.config
    return pb.RegistryAnswer(
        type=1,
        meter=pb.Meters(
            serial=meter_serial(config).encode(),
            pv_serial=pv_meter_serial(config).encode(),
        ),
        inverters=[_inverter(stick, one) for one in stick.inverters],
        generator_port_mode=stick.plant.settings.generator_port,
        time=stick.time,
        offset=offset,
        flags=ENCRYPTED if stick.config.encrypted else 0,
    )


def _inverter(stick: SimulatedStick, one: InverterIdentity) -> pb.Inverter:
    plant = stick.plant
    config = plant.config
    answer = pb.Inverter(
        serial=one.serial,
        type=KIND_INVERTER,
        hardware_version=b"H00.03.00",
        main_version=b"V01.02.11",
        slave_version=b"V01.01.04",
        system_version=b"V01.00.09",
        pv_inputs=len(strings_of(config, one)),
        address=one.address,
        model_name=config.model.encode(),
    )
    if config.battery:
        step = assumptions.REGISTRY_CAPACITY_STEP
        answer.battery_serial = battery_serial(config, one).encode()
        answer.battery_hardware_version = b"V1.0"
        answer.battery_software_version = b"V1.12"
        answer.battery_capacity = scaled(capacity_of(config, one), step)
        answer.battery_protocol = plant.settings.battery_brand
        answer.battery_type = plant.settings.battery_type
    if stick.config.tells_packs:
        answer.packs.extend(_packs(stick, one))
    return answer


def _packs(stick: SimulatedStick, one: InverterIdentity) -> list[pb.Pack]:
    config = stick.plant.config
    packs = packs_of(config, one)
    if not packs:
        return []
    each = capacity_of(config, one) / packs
    return [
        pb.Pack(
            number=number,
            serial=pack_serial(one, number),
            battery_software=0x0112,
            hardware=0x0100,
            capacity=scaled(each, assumptions.REGISTRY_CAPACITY_STEP),
        )
        for number in range(1, packs + 1)
    ]
