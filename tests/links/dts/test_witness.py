"""Bytes that the message classes of a public client made, read by ours.

Every number is another one, so a field in the wrong place shows. Made once with
hoymiles-wifi 0.6.0, whose names and comments are in facts/protobuf-10081.md.
"""

from typing import Any

from google.protobuf.message import Message
import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb

STORAGE = bytes.fromhex(
    "0807100e1815201c28233206082a103118383a06083f1046184d42130854105b18622097ffffffff"
    "ffffffff0128704a4f0877107e18850120f4feffffffffffffff01289301309a0138a10140a80148"
    "af0150b60158bd0160c40168cb0170d20178d9018001e0018801e7019001ee019801f501a001fc01"
    "a8018302b0018a02522d0a09089102109802189f02122008a60210ad0218b40220c5fdffffffffff"
    "ffff0128c20230c90238d00240d7025a1e0a0608de0210e502121408ec0210f30218fa0220fffcff"
    "ffffffffffff01624d0a23088803108f0318960320e3fcffffffffffffff0128a40330ab0338b203"
    "40b90348c003122608c70310ce0318d50320a4fcffffffffffffff0128e30330ea0338f10340f803"
    "48ff035086046a240a06088d04109404121a089b0410a20418a90420d0fbffffffffffffff0128b7"
    "0430be0472240a0608c50410cc04121a08d30410da0418e1042098fbffffffffffffff0128ef0430"
    "f6048201240a0608fd041084051217088b0510920518990520e0faffffffffffffff0128a70518ae"
    "058a011d08b50510bc0518c30520b6faffffffffffffff0128d10530d80538df059201410a200897"
    "06109e0618a50620d4f9ffffffffffffff0128b30630ba0638c10640c806121d08e60510ed0518f4"
    "052085faffffffffffffff01288206308906389006"
)
REGISTRY = bytes.fromhex(
    "0807120a0a0354313412035432311a43081c10231a0354343222035434392a035435363203543633"
    "3a0354373042035437374a03543834505b586260696a04543131327077787e820109088501108c01"
    "189301209a0128a10130a8013a0f08af011204543138321a045431383940c401"
)
GATEWAY = bytes.fromhex(
    "0807100e1815201c2a2d0823102a183120c8ffffffffffffffff012a0354363332035437303a0354"
    "37374203543834485b50625869607032070877107e1885013a09088c01120454313437"
)


def found(message: Message, path: str) -> object:
    """Follow a path of names; a list stands for its first entry."""
    value: Any = message
    for name in path.split("."):
        value = getattr(value, name)
        if not isinstance(value, Message | int | bytes):
            value = value[0]
    return value


@pytest.mark.parametrize(
    ("path", "value"),
    {
        "serial": 7,
        "time": 14,
        "pv_use.to_load": 42,
        "pv_use.to_battery": 49,
        "pv_use.to_grid": 56,
        "load_supply.from_pv": 63,
        "load_supply.from_battery": 70,
        "load_supply.from_grid": 77,
        "pv_inputs.index": 84,
        "pv_inputs.voltage": 91,
        "pv_inputs.current": 98,
        "pv_inputs.power": -105,
        "pv_inputs.energy_today": 112,
        "battery.type": 119,
        "battery.state": 126,
        "battery.fault_code": 133,
        "battery.soc": -140,
        "battery.soh": 147,
        "battery.voltage": 154,
        "battery.current": 161,
        "battery.power": 168,
        "battery.charge_current_limit": 175,
        "battery.charge_cutoff_voltage": 189,
        "battery.cell_temperature_max": 203,
        "battery.cell_temperature_min": 210,
        "battery.charged_today": 231,
        "battery.discharged_today": 238,
        "battery.module_voltage_min": 266,
        "grid.state.state": 273,
        "grid.state.frequency": 280,
        "grid.phases.phase": 294,
        "grid.phases.voltage": 301,
        "grid.phases.current": 308,
        "grid.phases.power": -315,
        "grid.phases.exported_today": 336,
        "grid.phases.imported_today": 343,
        "load.state.frequency": 357,
        "load.phases.phase": 364,
        "load.phases.power": 378,
        "load.phases.energy_today": -385,
        "inverter.state.role": 392,
        "inverter.state.state": 399,
        "inverter.state.power_fault": 406,
        "inverter.state.safety_fault": (1 << 32) - 413,
        "inverter.state.frequency": 420,
        "inverter.state.insulation_resistance": 427,
        "inverter.state.residual_current": 434,
        "inverter.phases.voltage": 462,
        "inverter.phases.power": -476,
        "inverter.phases.dc_voltage": 497,
        "inverter.phases.backup_voltage": 504,
        "inverter.phases.backup_power": 518,
        "generator.state.frequency": 532,
        "generator.phases.voltage": 546,
        "generator.phases.power": -560,
        "generator.phases.energy_today": 574,
        "ac_pv.phases.power": -616,
        "ac_pv.phases.energy_today": 630,
        "flow.pv_to_load": 693,
        "flow.pv_to_battery": 700,
        "flow.pv_to_grid": 707,
        "flow.battery_to_load": -714,
        "flow.grid_to_load": 721,
        "flow.battery_to_grid": 728,
        "flow.soc": 735,
        "charge_points.points.power": 826,
        "charge_points.points.serial": 840,
    }.items(),
)
def test_storage_data(path: str, value: int):
    assert found(pb.StorageDataAnswer.FromString(STORAGE), path) == value


@pytest.mark.parametrize(
    ("path", "value"),
    {
        "meter.serial": b"T14",
        "meter.pv_serial": b"T21",
        "inverters.serial": 28,
        "inverters.type": 35,
        "inverters.hardware_version": b"T42",
        "inverters.main_version": b"T49",
        "inverters.battery_serial": b"T70",
        "inverters.battery_software_version": b"T84",
        "inverters.battery_capacity": 91,
        "inverters.pv_inputs": 98,
        "inverters.address": 105,
        "inverters.model_name": b"T112",
        "inverters.battery_type": 126,
        "generator_port_mode": 154,
        "flags": 196,
    }.items(),
)
def test_registry(path: str, value: int | bytes):
    assert found(pb.RegistryAnswer.FromString(REGISTRY), path) == value


@pytest.mark.parametrize(
    ("path", "value"),
    {
        "serial": 7,
        "gateways.software": 42,
        "gateways.hardware": 49,
        "gateways.connection_kind": -56,
        "gateways.wifi_version": b"T63",
        "gateways.flags": 105,
        "devices.serial": 119,
        "devices.type": 126,
        "devices.address": 133,
    }.items(),
)
def test_gateway_information(path: str, value: int | bytes):
    assert found(pb.GatewayInformationAnswer.FromString(GATEWAY), path) == value
