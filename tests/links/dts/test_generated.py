"""The generated code belongs to the messages described."""

from importlib.metadata import version
from pathlib import Path

import pytest

from custom_components.instagen import dts_messages
from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb

FOLDER = Path(dts_messages.__file__).parent


def test_it_is_up_to_date(tmp_path: Path):
    """``scripts/protobuf`` was run after the last change of the .proto file."""
    protoc = pytest.importorskip("grpc_tools.protoc", exc_type=ImportError)
    result = protoc.main(
        [
            "protoc",
            f"-I{FOLDER}",
            f"--python_out={tmp_path}",
            f"--pyi_out={tmp_path}",
            str(FOLDER / "instagen_dts.proto"),
        ]
    )
    assert result == 0
    for name in ("instagen_dts_pb2.py", "instagen_dts_pb2.pyi"):
        assert (tmp_path / name).read_text() == (FOLDER / name).read_text()


def test_the_runtime_is_new_enough():
    head = (FOLDER / "instagen_dts_pb2.py").read_text().partition('"""')[0]
    made_for = head.rpartition("Version: ")[2].split(".")
    here = version("protobuf").split(".")
    assert int(made_for[0]) <= int(here[0]) <= int(made_for[0]) + 1
    assert [int(n) for n in made_for] <= [int(n) for n in here[:3]]


def test_reading_and_writing_settings_share_what_they_share():
    """4 to 38 are copied from one to the other; 39 and 40 must never be."""
    told = pb.GatewaySettingsAnswer.DESCRIPTOR.fields_by_number
    written = pb.GatewaySettingsWriteRequest.DESCRIPTOR.fields_by_number
    for number in range(4, 39):
        assert told[number].name == written[number].name
        assert told[number].type == written[number].type
    for number in (39, 40):
        assert told[number].name != written[number].name


def test_every_text_is_bytes():
    texts = [
        f"{message.name}.{field.name}"
        for message in pb.DESCRIPTOR.message_types_by_name.values()
        for field in message.fields
        if field.type == field.TYPE_STRING
    ]
    assert texts == []
