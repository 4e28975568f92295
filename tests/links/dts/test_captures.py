"""Recordings of a real stick decode to the values their owner stated.

The recordings are not part of this repository; the tests run where they lie beside it.
"""

import json
from pathlib import Path

import pytest

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts.errors import WrongAnswerError
from custom_components.instagen.links.dts.frame import Command, FrameReader
from custom_components.instagen.links.dts.identify import serial_text, version_text
from custom_components.instagen.links.dts.plant import PlantData
from custom_components.instagen.links.dts.rows import ROWS
from custom_components.instagen.links.dts.session import read

CAPTURES = Path(__file__).parents[4] / "shared" / "captures" / "dts"

pytestmark = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="the recordings lie outside the repository"
)


def capture(name: str) -> dict[str, bytes]:
    """Load the lines of a recording by their names."""
    lines = (CAPTURES / name).read_text().splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {name: bytes.fromhex(text) for name, text in pairs}


def payload_of(raw: bytes, command: int) -> bytes:
    reader = FrameReader()
    reader.feed(raw)
    frame = reader.take()
    assert frame is not None
    assert frame.command == command
    assert len(reader) == 0
    return frame.payload


def test_gateway_information():
    lines = capture("hys46-gateway-info.hex")
    asked = payload_of(lines["request"], Command.GATEWAY_INFORMATION)
    question = pb.GatewayInformationRequest.FromString(asked)
    assert (question.time, question.offset) == (1750064198, 28800)
    payload = payload_of(lines["answer_rebuilt"], 0xDA01)
    assert payload == lines["answer_payload"]
    answer = read(pb.GatewayInformationAnswer, payload)
    assert serial_text(answer.serial) == "430100000000"
    assert (answer.time, answer.parts) == (1750064193, 1)
    (stick,) = answer.gateways
    assert stick.model == 1
    assert version_text("V", stick.software) == "V01.00.09"
    assert version_text("H", stick.hardware) == "H11.01.01"
    assert stick.connection_kind == 1
    assert stick.wifi_version == b"2.3.0.0-dev"
    assert (stick.mobile_version, stick.imei, stick.sim) == (b"", b"", b"")
    assert (stick.region, stick.flags) == (21, 0)
    (device,) = answer.devices
    assert (device.type, device.address) == (6, 1)


def test_registry():
    lines = capture("hys46-registry.hex")
    asked = payload_of(lines["request"], Command.REGISTRY)
    question = pb.RegistryRequest.FromString(asked)
    assert question.time == 1750064198
    assert question.time_text == b"2025-06-16 10:56:38"
    cut = lines["answer_payload_first_30_of_124"]
    with pytest.raises(WrongAnswerError):
        read(pb.RegistryAnswer, cut)
    whole = read(pb.RegistryAnswer, cut[:20])
    assert whole.type == 1
    assert whole.meter.serial.startswith(b"10C0")
    assert whole.meter.pv_serial == b""


def test_units_settled_by_the_cloud():
    """Raw values that an owner compared with the cloud."""
    rows = {
        row["proto"]: row
        for row in json.loads((CAPTURES / "hys46-ha-versus-cloud.json").read_text())[
            "rows"
        ]
    }
    data = PlantData(
        pb.RegistryAnswer(inverters=[pb.Inverter(serial=1)]),
        [
            pb.StorageDataAnswer(
                battery=pb.BatteryData(
                    soh=97,
                    voltage=535,
                    charged_today=rows["9.17"]["raw"],
                    discharged_today=rows["9.18"]["raw"],
                ),
                grid=pb.GridData(
                    phases=[
                        pb.GridPhase(phase=1, exported_today=rows["10.phase.7"]["raw"])
                    ]
                ),
                inverter=pb.InverterData(
                    state=pb.InverterState(
                        insulation_resistance=5000, residual_current=2
                    )
                ),
            )
        ],
    )
    made = {key: row.make(data) for key, row in ROWS.items()}
    assert f"{made['battery_voltage']} V" == rows["9.6"]["cloud"]
    assert f"{made['battery_soh']:.0f} %" == rows["9.5"]["cloud"]
    assert made["battery_charge_energy_today"] == 2.3
    assert made["battery_discharge_energy_today"] == 3.1
    assert made["grid_export_energy_today"] == 3.1
    assert f"{made['insulation_resistance']} kOhm" == rows["12.param.6"]["cloud"]
    assert f"{made['residual_current']} mA" == rows["12.param.7"]["cloud"]
