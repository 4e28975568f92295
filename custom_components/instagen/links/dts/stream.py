"""One connection to a stick, and one request at a time on it.

A stick has little to give: two clients confuse it, and one that asks too often keeps it
from the vendor's cloud (facts/local-protocol.md section 5). So requests stand in line
and keep a distance, a stick that refuses us is left alone for longer each time, and a
connection nobody uses is closed before the stick does it.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from .. import LinkStatistics
from .errors import (
    ConnectionFailedError,
    ConnectionLostError,
    FrameError,
    NoAnswerError,
    WrongAnswerError,
)
from .frame import ANSWER_STEP, MAX_FRAME, Frame, FrameReader

type Connect = Callable[[], Awaitable[tuple[StreamReader, StreamWriter]]]
"""Opens a connection to the stick; the stream itself knows no address."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long to wait for what, in seconds."""

    spacing: float = 2.0
    """From the end of one exchange to the next question."""

    answer: float = 10.0
    connect: float = 10.0
    idle: float = 240.0
    """The stick closes after 300."""

    backoff: float = 5.0
    """After a first failure; doubled with each further one."""

    longest_backoff: float = 60.0
    close: float = 2.0


TIMING: Final = Timing()

_READ_SIZE: Final = 4096
_LARGEST_SEQUENCE: Final = 0xFFFF
_LATE_ANSWERS: Final = 32
"""Frames of others in a row; who sends more is no stick."""


class DtsStream:
    """Sends questions and brings their answers. Made by hand, ended by ``close``."""

    def __init__(
        self,
        connect: Connect,
        *,
        statistics: LinkStatistics | None = None,
        timing: Timing | None = None,
    ) -> None:
        """Take a way to connect; nothing is opened before the first request."""
        self.statistics = statistics or LinkStatistics()
        self.connections = 0
        """How many were opened; another number, and the stick may be another, too."""
        self._connect = connect
        self._timing = timing or TIMING
        self._lock = asyncio.Lock()
        self._sequence = 0
        self._reader: StreamReader | None = None
        self._writer: StreamWriter | None = None
        self._frames = FrameReader()
        self._fresh = True
        """True while nothing was answered on this connection."""
        self._silent = 0
        self._failures = 0
        self._reason: Exception | None = None
        """Why the stick is left alone."""
        self._not_before = float("-inf")
        self._quiet_until = float("-inf")
        self._idle_timer: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def connected(self) -> bool:
        """Whether a connection stands, as far as we know."""
        return (
            self._reader is not None
            and self._writer is not None
            and not self._reader.at_eof()
            and not self._writer.is_closing()
        )

    async def request(
        self,
        command: int,
        payload: bytes,
        *,
        serial: int,
        target: int,
        repeat: bool = True,
    ) -> Frame:
        """Ask and return the answer's frame.

        ``repeat`` allows a second try when a connection from before turns out dead;
        leave it out for what must not be done twice. Raises ``DtsError``.
        """
        async with self._lock:
            self._stop_idle_timer()
            try:
                return await self._ask(command, payload, serial, target, repeat=repeat)
            finally:
                self._quiet_until = self._now() + self._timing.spacing
                self._start_idle_timer()

    async def close(self) -> None:
        """End everything; requests under way and later ones fail."""
        self._closed = True
        self._stop_idle_timer()
        writer = self._writer
        self._drop()
        if writer is not None:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(self._timing.close):
                    await writer.wait_closed()

    # ---- one exchange ----

    async def _ask(
        self, command: int, payload: bytes, serial: int, target: int, *, repeat: bool
    ) -> Frame:
        await self._keep_distance()
        used = self.connected and not self._fresh
        try:
            return await self._exchange(command, payload, serial, target)
        except ConnectionLostError:
            if not (used and repeat) or self._closed:
                raise
        return await self._exchange(command, payload, serial, target)

    async def _keep_distance(self) -> None:
        if (wait := self._quiet_until - self._now()) > 0:
            await asyncio.sleep(wait)

    async def _exchange(
        self, command: int, payload: bytes, serial: int, target: int
    ) -> Frame:
        """Send one frame and wait for its answer; count what happened."""
        reader, writer = await self._connection()
        self._sequence = self._sequence % _LARGEST_SEQUENCE + 1
        question = Frame(
            command=command,
            sequence=self._sequence,
            payload=payload,
            serial=serial,
            target=target,
        )
        self.statistics.requests += 1
        try:
            async with asyncio.timeout(self._timing.answer):
                writer.write(question.encode())
                await writer.drain()
                answer = await self._answer(reader, question)
        except TimeoutError as err:
            self._note_silence()
            raise NoAnswerError("time-out") from err
        except OSError as err:
            raise self._lost("reset") from err
        except FrameError, WrongAnswerError:
            self.statistics.garbled += 1
            self._drop()
            raise
        self.statistics.answers += 1
        self._fresh = False
        self._failures = self._silent = 0
        return answer

    async def _answer(self, reader: StreamReader, question: Frame) -> Frame:
        """Wait for the answer to a question; late ones to others are thrown away."""
        others = 0
        patience = self._frames.skipped + MAX_FRAME
        while others < _LATE_ANSWERS:
            frame = self._frames.take()
            if frame is None:
                data = await reader.read(_READ_SIZE)
                if not data:
                    raise self._lost("closed")
                self._frames.feed(data)
                if self._frames.skipped > patience:
                    raise WrongAnswerError("no frames")
            elif frame.sequence != question.sequence:
                others += 1
            elif frame.command != question.command - ANSWER_STEP:
                raise WrongAnswerError("another command")
            else:
                return frame
        raise WrongAnswerError("answers of others only")

    def _note_silence(self) -> None:
        """Count a time-out; two in a row, and the connection is taken for dead."""
        self.statistics.timeouts += 1
        self._silent += 1
        if self._silent > 1:
            self._drop()

    def _lost(self, why: str) -> ConnectionLostError:
        """Count a lost connection; one that never answered counts as none."""
        self.statistics.lost += 1
        if self._fresh:
            self._step_back(ConnectionResetError(why))
        self._drop()
        return ConnectionLostError(why)

    # ---- the connection ----

    async def _connection(self) -> tuple[StreamReader, StreamWriter]:
        """Return the connection that stands, or a new one."""
        self._check_open()
        if self._reader is not None and self._writer is not None and self.connected:
            return self._reader, self._writer
        self._drop()
        if self._now() < self._not_before:
            raise ConnectionFailedError("not again yet") from self._reason
        try:
            async with asyncio.timeout(self._timing.connect):
                reader, writer = await self._connect()
        except (OSError, UnicodeError) as err:
            self.statistics.lost += 1
            self._step_back(err)
            raise ConnectionFailedError("connect") from err
        self._reader, self._writer = reader, writer
        self.connections += 1
        self._check_open()
        return reader, writer

    def _check_open(self) -> None:
        if self._closed:
            self._drop()
            raise ConnectionLostError("closed by us")

    def _step_back(self, reason: Exception) -> None:
        """Leave the stick alone, longer each time."""
        self._reason = reason
        timing = self._timing
        pause = min(timing.backoff * 2**self._failures, timing.longest_backoff)
        if pause < timing.longest_backoff:
            self._failures += 1
        self._not_before = self._now() + pause

    def _drop(self) -> None:
        """Close the connection, without waiting."""
        writer = self._writer
        self._reader = self._writer = None
        self._frames = FrameReader()
        self._fresh = True
        self._silent = 0
        if writer is not None:
            writer.close()

    # ---- the idle timer ----

    def _start_idle_timer(self) -> None:
        if self._writer is not None and not self._closed:
            loop = asyncio.get_running_loop()
            self._idle_timer = loop.call_later(self._timing.idle, self._drop)

    def _stop_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
