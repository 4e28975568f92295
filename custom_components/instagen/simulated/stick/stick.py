"""The simulated stick: which request gets which answer."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from google.protobuf.message import DecodeError, Message

from ...dts_messages import instagen_dts_pb2 as pb
from ..plant import SimulatedPlant
from ..settings import WriteFault
from .commands import CommandDesk
from .day import StickDay
from .frame import Frame
from .gateway import gateway_information, heartbeat, network_information
from .identity import InverterIdentity, StickConfig, inverters_of
from .network import StickNetwork, Surroundings
from .packing import serial_number
from .registry import registry
from .storage import StorageData
from .user_settings import UserSettings

STICK: Final = 255
"""The target that means the stick itself."""

_FOREVER: Final = 1 << 62


class SimulatedStick:
    """A DTS stick in front of a plant: takes frames, gives frames, opens nothing.

    Requests it does not know, requests meant for another and requests while it is away
    get no answer (facts/protobuf-10081.md section 11).
    """

    def __init__(
        self,
        plant: SimulatedPlant,
        config: StickConfig | None = None,
        *,
        clock_offset: float = 0,
        around: Surroundings | None = None,
    ) -> None:
        """Take the plant, what the stick is, and by how much its clock is ahead."""
        self.plant = plant
        self.config = config or StickConfig()
        self.serial = serial_number(plant.config.serial)
        self.inverters = inverters_of(plant.config)
        self.encryption_seed = sha256(plant.config.serial.encode()).digest()[:16]
        self.restarts = 0
        self.requests = 0
        self.frozen = False
        self.starved = False
        self._back_at = 0
        self._kept: dict[int, bytes] = {}
        self.day = StickDay(plant, clock_offset)
        self.network = StickNetwork(self, around or Surroundings())
        self.commands = CommandDesk(self)
        self.user_settings = UserSettings(self)
        plant.watch(self)
        self._handlers: dict[int, Callable[[Frame], Message | None]] = {
            0xDB01: self._gateway_information,
            0xDB02: self._heartbeat,
            0xDB03: self._command,
            0xDB04: self._command_state,
            0xDB06: self._network_information,
            0xDB07: self._write_settings,
            0xDB08: self._read_settings,
            0xC302: self._registry,
            0xC303: self._storage,
            0xC307: self._read_mode,
            0xC308: self._write_mode,
        }

    # -- its clock ----------------------------------------------------------------

    @property
    def time(self) -> int:
        """Seconds since the epoch on the stick's clock."""
        return int(self.day.local_time.timestamp())

    @property
    def due(self) -> int:
        """The plant's time in ms of whatever comes next."""
        back = self._back_at if self.away else _FOREVER
        return min(back, self.network.due, self.commands.due)

    def look(self) -> None:
        """Do what is due."""
        self.network.look()
        self.commands.look()

    @property
    def away(self) -> bool:
        """Whether it is gone from every network for now."""
        return self.plant.now < self._back_at

    def leave(self, seconds: float) -> None:
        """Be gone for some seconds of the plant's clock."""
        self._back_at = max(self._back_at, self.plant.now + round(seconds * 1000))

    # -- its answers --------------------------------------------------------------

    def freeze(self, *, on: bool) -> None:
        """Let the readings stand still while the plant goes on."""
        self.frozen = on
        self._kept.clear()
        if on:
            for one in self.inverters:
                self._kept[one.serial] = self._storage_of(one, 0).SerializeToString()

    def answer(self, frame: Frame) -> Frame | None:
        """Return the answer to a request, None for silence."""
        handler = self._handlers.get(frame.command)
        if handler is None or self.away or not self._is_meant(frame):
            return None
        self.requests += 1
        try:
            message = handler(frame)
        except DecodeError:
            return None
        if message is None:
            return None
        return frame.answer(message.SerializeToString(), self.serial)

    def _is_meant(self, frame: Frame) -> bool:
        """Tell whether a request is for this stick; serial 0 asks whoever is there."""
        if frame.serial == self.serial:
            return True
        return frame.serial == 0 and frame.command == 0xDB01

    def inverter(self, serial: int) -> InverterIdentity | None:
        """Return the inverter with a serial."""
        return next((one for one in self.inverters if one.serial == serial), None)

    def _gateway_information(self, frame: Frame) -> Message | None:
        if frame.target != STICK:
            return None
        pb.GatewayInformationRequest.FromString(frame.payload)
        return gateway_information(self)

    def _heartbeat(self, frame: Frame) -> Message:
        return heartbeat(self, pb.HeartbeatRequest.FromString(frame.payload).offset)

    def _network_information(self, frame: Frame) -> Message:
        pb.NetworkInformationRequest.FromString(frame.payload)
        return network_information(self)

    def _read_settings(self, frame: Frame) -> Message:
        request = pb.GatewaySettingsRequest.FromString(frame.payload)
        return self.network.read(request.offset)

    def _write_settings(self, frame: Frame) -> Message:
        request = pb.GatewaySettingsWriteRequest.FromString(frame.payload)
        time = self.time
        error = self.network.write(request)
        return pb.GatewaySettingsWriteAnswer(
            offset=request.offset, time=time, error=error
        )

    def _command(self, frame: Frame) -> Message:
        return self.commands.take(pb.CommandRequest.FromString(frame.payload))

    def _command_state(self, frame: Frame) -> Message:
        return self.commands.state(pb.CommandStateRequest.FromString(frame.payload))

    def _registry(self, frame: Frame) -> Message:
        return registry(self, pb.RegistryRequest.FromString(frame.payload).offset)

    def _storage(self, frame: Frame) -> Message | None:
        request = pb.StorageDataRequest.FromString(frame.payload)
        one = self.inverter(request.serial)
        if one is None:
            return None
        if one.serial in self._kept:
            return pb.StorageDataAnswer.FromString(self._kept[one.serial])
        return self._storage_of(one, request.offset)

    def _storage_of(self, one: InverterIdentity, offset: int) -> pb.StorageDataAnswer:
        return StorageData(self, one).answer(offset)

    def _read_mode(self, frame: Frame) -> Message | None:
        request = pb.WorkingModeRequest.FromString(frame.payload)
        if not self.config.answers_mode_read or self.inverter(request.serial) is None:
            return None
        return self.user_settings.read(request)

    def _write_mode(self, frame: Frame) -> Message | None:
        request = pb.WorkingMode.FromString(frame.payload)
        trouble = self.plant.write_trouble
        fault = trouble.fault if trouble else None
        if fault is WriteFault.UNHEARD:
            return None
        answer = self.user_settings.write(request)
        return None if fault is WriteFault.UNANSWERED else answer
