"""What the stick tells about itself (facts/protobuf-10081.md section 3)."""

from typing import TYPE_CHECKING

from ...dts_messages import instagen_dts_pb2 as pb
from .identity import ENCRYPTED, KIND_INVERTER

if TYPE_CHECKING:
    from .stick import SimulatedStick


def gateway_information(stick: SimulatedStick) -> pb.GatewayInformationAnswer:
    """Return the gateway information, 0xDB01."""
    config = stick.config
    gateway = pb.Gateway(
        model=1,
        software=config.software,
        hardware=config.hardware,
        connection_kind=1,
        wifi_version=config.wifi_version.encode(),
        region=config.region,
    )
    if config.encrypted:
        gateway.flags = ENCRYPTED
        gateway.encryption_seed = stick.encryption_seed
    devices = [
        pb.Device(serial=one.serial, type=KIND_INVERTER, address=one.address)
        for one in stick.inverters
    ]
    return pb.GatewayInformationAnswer(
        serial=stick.serial,
        time=stick.time,
        parts=1,
        gateways=[gateway],
        devices=devices,
    )


def heartbeat(stick: SimulatedStick, offset: int) -> pb.HeartbeatAnswer:
    """Return the answer to a heartbeat, 0xDB02."""
    return pb.HeartbeatAnswer(
        offset=offset,
        time=stick.time,
        signal=stick.network.signal,
        serial=stick.serial,
        restarts=stick.restarts,
    )


def network_information(stick: SimulatedStick) -> pb.NetworkInformationAnswer:
    """Return the network information, 0xDB06."""
    network = stick.network
    return pb.NetworkInformationAnswer(
        serial=stick.serial,
        time=stick.time,
        set_mode=1,
        set_time=network.set_at,
        set_state=network.set_state,
        mode=1,
        connected_time=network.connected_at,
        signal=network.signal,
        state=network.state,
        access_point_set_state=network.access_point_state,
    )
