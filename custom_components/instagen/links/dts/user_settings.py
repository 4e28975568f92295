"""Messages 0xC307 and 0xC308: what the owner sets, read and written as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from ...dts_messages import instagen_dts_pb2 as pb
from ..settings import SettingsError, Trouble
from .errors import (
    ConnectionFailedError,
    ConnectionLostError,
    DtsError,
    EncryptedError,
    NoAnswerError,
    NotSupportedError,
)
from .frame import Command
from .session import DtsSession

_FIRST_INVERTER: Final = 1
"""The target; the serials name whom the message is for."""

_ASK_AGAIN: Final = 3600.0
"""Seconds until a stick that could not tell its settings is asked again."""


@dataclass(frozen=True)
class _Unreadable:
    """When a stick turned out not to tell its settings."""

    connections: int
    at: float


class UserSettings:
    """Reads and writes what the owner sets, on the session of a ``DtsLink``."""

    def __init__(
        self,
        session: DtsSession,
        serials: Callable[[], Sequence[int]],
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Take the link's session, and what tells the inverters, the master first.

        ``clock`` counts seconds and never goes back.
        """
        self._session = session
        self._serials = serials
        self._clock = clock
        self._unreadable: _Unreadable | None = None

    @property
    def serials(self) -> Sequence[int]:
        """The inverters as far as they are known, the master first."""
        return self._serials()

    async def read(self) -> pb.WorkingMode:
        """Ask the master. Not every stick has an answer. Raises ``SettingsError``."""
        if not self._worth_asking():
            raise SettingsError(Trouble.NOT_READABLE)
        serial = self._fitted()[0]
        now = int(self._session.now().timestamp())
        try:
            answer = await self._session.ask_rare(
                Command.READ_WORKING_MODE,
                pb.WorkingModeRequest(time=now, transaction=now, serial=serial),
                pb.WorkingMode,
                target=_FIRST_INVERTER,
            )
        except NotSupportedError as err:
            self._unreadable = _Unreadable(self._connections, self._clock())
            raise SettingsError(Trouble.NOT_READABLE) from err
        except DtsError as err:
            raise SettingsError(_trouble_of(err)) from err
        self._unreadable = None
        if answer.serials and serial not in answer.serials:
            raise SettingsError(Trouble.GARBLED)
        return answer

    @property
    def _connections(self) -> int:
        return self._session.stream.connections

    def _worth_asking(self) -> bool:
        """Tell whether a stick may have learned to answer: it came back, hours later."""
        if self._unreadable is None:
            return True
        waited = self._clock() - self._unreadable.at >= _ASK_AGAIN
        return waited and self._connections != self._unreadable.connections

    def _fitted(self) -> Sequence[int]:
        """Return the inverters' serials; raise ``SettingsError`` while none is known."""
        if not (serials := self._serials()):
            raise SettingsError(Trouble.LOST)
        return serials

    async def write(self, request: pb.WorkingMode) -> None:
        """Send a message for all inverters, once. Raises ``SettingsError``."""
        serials = self._fitted()
        try:
            await self._session.gateway_information()
        except DtsError as err:
            raise SettingsError(Trouble.LOST) from err
        request.serials[:] = serials
        request.time = request.transaction = int(self._session.now().timestamp())
        if error := await self._send(request):
            raise SettingsError(Trouble.REFUSED, error)

    async def _send(self, request: pb.WorkingMode) -> int:
        """Send a message, once; return the device's error. Raises ``SettingsError``."""
        try:
            answer = await self._session.ask(
                Command.WRITE_WORKING_MODE,
                request,
                pb.WorkingModeAnswer,
                target=_FIRST_INVERTER,
                repeat=False,
            )
        except ConnectionFailedError as err:
            raise SettingsError(Trouble.LOST) from err
        except DtsError as err:
            # Whatever came back, the message went out.
            raise SettingsError(Trouble.SILENT) from err
        # No public answer shows whose serial stands here.
        if answer.serial not in {0, self._session.serial, *request.serials}:
            raise SettingsError(Trouble.SILENT)
        return answer.error


def _trouble_of(error: DtsError) -> Trouble:
    """Say how a question failed."""
    match error:
        case NoAnswerError():
            return Trouble.SILENT
        case ConnectionFailedError() | ConnectionLostError() | EncryptedError():
            return Trouble.LOST
        case _:
            return Trouble.GARBLED
