"""Questions and answers of a stick as messages.

Each answer is checked: whose it is, and that it can be read. The rules are those of
facts/protobuf-10081.md sections 10 and 11.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from google.protobuf.message import DecodeError, Message

from ...dts_messages import instagen_dts_pb2 as pb
from .errors import EncryptedError, NoAnswerError, NotSupportedError, WrongAnswerError
from .frame import TO_STICK, Command
from .stream import DtsStream

OFFSET: Final = 28_800
"""Seconds; every client that was tested sends this, whatever its time zone."""

_LARGEST_SERIAL: Final = 0xFFFF_FFFF_FFFF
_LARGEST_ADDRESS: Final = 254
_ENCRYPTED: Final = 1 << 25
_TIME_TEXT: Final = "%Y-%m-%d %H:%M:%S"


def local_now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC).astimezone()


class DtsSession:
    """Talks to one stick. Raises ``DtsError`` and nothing else."""

    def __init__(
        self,
        stream: DtsStream,
        *,
        serial: int = 0,
        now: Callable[[], datetime] = local_now,
    ) -> None:
        """Take a stream.

        ``serial`` is the stick that must answer, 0 for any. ``now`` tells the plant's
        local time: some questions carry it.
        """
        self.stream = stream
        self.serial = serial
        self.now = now

    async def gateway_information(self) -> pb.GatewayInformationAnswer:
        """Ask the stick who it is; everything else needs this asked once before."""
        question = pb.GatewayInformationRequest(time=self._time(), offset=OFFSET)
        answer = await self.ask(
            Command.GATEWAY_INFORMATION,
            question,
            pb.GatewayInformationAnswer,
            target=TO_STICK,
            anonymous=True,
        )
        if not 0 < answer.serial <= _LARGEST_SERIAL:
            raise WrongAnswerError("no serial")
        if self.serial not in {0, answer.serial}:
            raise WrongAnswerError("another stick")
        if any(gateway.flags & _ENCRYPTED for gateway in answer.gateways):
            raise EncryptedError("gateway flags")
        self.serial = answer.serial
        return answer

    async def registry(self) -> pb.RegistryAnswer:
        """Ask what is fitted."""
        question = pb.RegistryRequest(
            time=self._time(), time_text=self._time_text(), offset=OFFSET
        )
        answer = await self.ask(Command.REGISTRY, question, pb.RegistryAnswer, target=1)
        if answer.flags & _ENCRYPTED:
            raise EncryptedError("registry flags")
        return answer

    async def storage_data(self, inverter: pb.Inverter) -> pb.StorageDataAnswer:
        """Ask for everything one inverter measures."""
        question = pb.StorageDataRequest(
            time=self._time(),
            time_text=self._time_text(),
            offset=OFFSET,
            serial=inverter.serial,
        )
        answer = await self.ask(
            Command.STORAGE_DATA,
            question,
            pb.StorageDataAnswer,
            target=min(max(inverter.address, 1), _LARGEST_ADDRESS),
        )
        # No public answer shows whose serial stands here, the stick's or the inverter's.
        if answer.serial not in {self.serial, inverter.serial}:
            raise WrongAnswerError("another inverter")
        return answer

    async def network_information(self) -> pb.NetworkInformationAnswer:
        """Ask how the stick is connected."""
        question = pb.NetworkInformationRequest(offset=OFFSET, time=self._time())
        answer = await self.ask(
            Command.NETWORK_INFORMATION,
            question,
            pb.NetworkInformationAnswer,
            target=TO_STICK,
        )
        if answer.serial != self.serial:
            raise WrongAnswerError("another stick")
        return answer

    async def ask[AnswerT: Message](
        self,
        command: Command,
        question: Message,
        answer: type[AnswerT],
        *,
        target: int,
        anonymous: bool = False,
        repeat: bool = True,
    ) -> AnswerT:
        """Ask one question and read its answer.

        ``repeat`` as in ``DtsStream.request``. ``anonymous`` leaves the stick's serial
        out: whoever hears it answers.
        """
        frame = await self.stream.request(
            command,
            question.SerializeToString(),
            serial=0 if anonymous else self.serial,
            target=target,
            repeat=repeat,
        )
        return read(answer, frame.payload)

    async def ask_rare[AnswerT: Message](
        self,
        command: Command,
        question: Message,
        answer: type[AnswerT],
        *,
        target: int,
        repeat: bool = True,
    ) -> AnswerT:
        """Ask what not every stick understands.

        An unknown command gets no answer. Raises ``NotSupportedError`` for silence
        between two answers to the question that every stick knows.
        """
        await self.gateway_information()
        try:
            return await self.ask(
                command, question, answer, target=target, repeat=repeat
            )
        except NoAnswerError as err:
            await self.gateway_information()
            raise NotSupportedError(f"{command:04X}") from err

    def _time(self) -> int:
        return int(self.now().timestamp())

    def _time_text(self) -> bytes:
        return self.now().strftime(_TIME_TEXT).encode()


def read[AnswerT: Message](answer: type[AnswerT], payload: bytes) -> AnswerT:
    """Read a message. Raises ``WrongAnswerError`` when it is none."""
    try:
        return answer.FromString(payload)
    except DecodeError as err:
        raise WrongAnswerError("unreadable") from err
