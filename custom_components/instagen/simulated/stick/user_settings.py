"""Working mode and user settings, 0xC308 and 0xC307."""

from typing import TYPE_CHECKING

from ...dts_messages import instagen_dts_pb2 as pb

if TYPE_CHECKING:
    from .stick import SimulatedStick


class UserSettings:
    """Stub."""

    def __init__(self, stick: SimulatedStick) -> None:
        self._stick = stick

    def read(self, request: pb.WorkingModeRequest) -> pb.WorkingMode:
        return pb.WorkingMode()

    def write(self, request: pb.WorkingMode) -> pb.WorkingModeAnswer:
        return pb.WorkingModeAnswer()
