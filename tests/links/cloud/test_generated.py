"""The generated code belongs to the curves described."""

from pathlib import Path

import pytest

from custom_components.instagen import cloud_messages

FOLDER = Path(cloud_messages.__file__).parent


def test_it_is_up_to_date(tmp_path: Path):
    """``scripts/protobuf`` was run after the last change of the .proto file."""
    protoc = pytest.importorskip("grpc_tools.protoc", exc_type=ImportError)
    result = protoc.main(
        [
            "protoc",
            f"-I{FOLDER}",
            f"--python_out={tmp_path}",
            f"--pyi_out={tmp_path}",
            str(FOLDER / "instagen_cloud.proto"),
        ]
    )
    assert result == 0
    for name in ("instagen_cloud_pb2.py", "instagen_cloud_pb2.pyi"):
        assert (tmp_path / name).read_text() == (FOLDER / name).read_text()
