"""A stick that takes commands as a test scripts it, and counts them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from custom_components.instagen.dts_messages import instagen_dts_pb2 as pb
from custom_components.instagen.links.dts.frame import Command, Frame
from custom_components.instagen.links.dts.session import DtsSession
from custom_components.instagen.links.dts.stream import DtsStream
from tests.links.dts.stick import (
    INVERTER,
    QUICK,
    SERIAL,
    FakeStick,
    answer_to,
    good_stick,
    serve,
)

SILENCE: Final = "silence"
HANG_UP: Final = "hang up"
LEAVE: Final = "leave"
"""Answers, then closes the connection."""

type Act = dict[str, Any] | str


@dataclass
class Desk:
    """What the stick says to commands and to questions for their state."""

    stick: FakeStick
    reply: Act = field(default_factory=dict)
    """Fields of the answer to a command."""

    states: list[Act] = field(default_factory=list)
    """Fields of each state in turn; the last one stays."""

    taken: list[pb.CommandRequest] = field(default_factory=list)
    looks: int = 0
    sessions: list[DtsSession] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def twist(self, frame: Frame) -> bytes | None:
        """Answer a frame."""
        self.news.set()
        match frame.command:
            case Command.COMMAND:
                request = pb.CommandRequest.FromString(frame.payload)
                self.taken.append(request)
                return self._answer(frame, pb.CommandAnswer, request, self.reply)
            case Command.COMMAND_STATE:
                state = self.states[min(self.looks, len(self.states) - 1)]
                self.looks += 1
                look = pb.CommandStateRequest.FromString(frame.payload)
                return self._answer(frame, pb.CommandStateAnswer, look, state)
        return self.stick.answer(frame)

    def _answer(self, frame: Frame, kind: Any, request: Any, act: Act) -> bytes | None:
        if act == SILENCE:
            return None
        if act == HANG_UP:
            self.hang_up()
            return None
        fields = {
            "serial": SERIAL,
            "action": request.action,
            "transaction": request.transaction,
        }
        if act == LEAVE:
            for writer in self.stick.open:
                writer.write(answer_to(frame, kind(**fields)))
            self.hang_up()
            return None
        assert isinstance(act, dict)
        return answer_to(frame, kind(**fields | act))

    def hang_up(self) -> None:
        """Close every connection."""
        for writer in tuple(self.stick.open):
            writer.close()

    @property
    def sent(self) -> int:
        """How many commands arrived."""
        return len(self.taken)

    def session(self) -> DtsSession:
        """Return a session that talks to this stick without delay."""
        self.sessions.append(DtsSession(DtsStream(self.stick.connect, timing=QUICK)))
        return self.sessions[-1]

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until a question changed something."""
        while not happened():
            self.news.clear()
            await self.news.wait()

    async def close(self) -> None:
        """End all sessions."""
        for session in self.sessions:
            await session.stream.close()


@asynccontextmanager
async def desk_of(inverters: int = 1) -> AsyncGenerator[Desk]:
    """Serve a stick with a desk."""
    stick = good_stick(inverters)
    desk = Desk(stick)
    stick.twist = desk.twist
    async with serve(stick):
        try:
            yield desk
        finally:
            await desk.close()


def running(percent: int, *serials: int) -> Act:
    """Return a state that is so far."""
    return {
        "progress": [
            pb.CommandProgress(serial=serial, percent=percent)
            for serial in serials or (INVERTER,)
        ]
    }


def succeeded(*serials: int) -> Act:
    """Return a state that names who has done it."""
    return {"succeeded": serials or (INVERTER,)}


def failed(*codes: int, serial: int = INVERTER) -> Act:
    """Return a state that names who has not."""
    return {
        "failed": [serial],
        "errors": [pb.CommandError(serial=serial, code=code) for code in codes],
    }
