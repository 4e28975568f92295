"""Maintenance: commands to a stick and its inverters, their progress and their result.

A command is sent with message 0xDB03 and followed with 0xDB04 (facts/protobuf-10081.md
section 2). It is sent once, whatever happens: when its answer is lost, the state
message tells whether it arrived.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import Final

from ..dts_messages import instagen_dts_pb2 as pb
from ..links import Verdict
from ..links.dts.errors import (
    ConnectionFailedError,
    DtsError,
    NoAnswerError,
    WrongAnswerError,
    verdict_of,
)
from ..links.dts.frame import TO_STICK, Command as Question
from ..links.dts.plant import inverters_of
from ..links.dts.session import DtsSession
from ..plant.evidence import Evidence

type Progress = Callable[[int], None]
"""Hears how many percent of a command are done."""


class Command(StrEnum):
    """What can be asked for (manual 4.3.2 and 4.3.3)."""

    RESTART_DTU = "restart_dtu"
    RESTORE_DTU_DEFAULTS = "restore_dtu_defaults"
    STOP_DTU_COMMAND = "stop_dtu_command"
    INVERTER_ON = "inverter_on"
    INVERTER_OFF = "inverter_off"
    RESTART_INVERTER = "restart_inverter"
    RESTORE_INVERTER_DEFAULTS = "restore_inverter_defaults"
    CLEAR_INVERTER_HISTORY = "clear_inverter_history"
    UPLOAD_DATA_NOW = "upload_data_now"
    FIND_DEVICE = "find_device"


class Target(StrEnum):
    """Whose serials a command names."""

    STICK = "stick"
    INVERTERS = "inverters"


class Ending(StrEnum):
    """What shows that a command has been carried out."""

    ACCEPTED = "accepted"
    """The stick's answer to it."""

    STATE = "state"
    """Its state."""

    RETURN = "return"
    """The stick goes away and answers again."""

    FAREWELL = "farewell"
    """Its state, or that the stick goes away, perhaps for good."""


@dataclass(frozen=True, kw_only=True)
class CommandRow:
    """What is known about one command."""

    action: int
    """Number in field ``action`` (facts/protobuf-10081.md section 2)."""

    source: str
    """Row of facts/local-protocol.md section 7 that grades it."""

    patience: float
    """Seconds to wait for its end; our choice, nobody published how long it takes."""

    target: Target = Target.INVERTERS
    ending: Ending = Ending.STATE
    evidence: Evidence = Evidence.DOCUMENTED
    dangerous: bool = False
    """Whether it takes away what does not come back by itself."""

    @property
    def leaves(self) -> bool:
        """Whether the stick goes away while it carries this out."""
        return self.ending in {Ending.RETURN, Ending.FAREWELL}

    @property
    def offered(self) -> bool:
        """Whether it may be offered at all (mission section 1)."""
        return self.evidence is not Evidence.UNKNOWN

    @property
    def needs_opt_in(self) -> bool:
        """Whether the owner has to allow it first (mission section 1)."""
        return self.evidence not in {Evidence.CONFIRMED, Evidence.DOCUMENTED}


COMMANDS: Final[Mapping[Command, CommandRow]] = {
    Command.RESTART_DTU: CommandRow(
        action=4096,
        source="4.3.2.1",
        target=Target.STICK,
        ending=Ending.RETURN,
        patience=180,
    ),
    # The stick forgets its Wi-Fi with the rest, so it may never be seen here again.
    Command.RESTORE_DTU_DEFAULTS: CommandRow(
        action=4097,
        source="4.3.2.2",
        target=Target.STICK,
        ending=Ending.FAREWELL,
        patience=90,
        dangerous=True,
    ),
    Command.STOP_DTU_COMMAND: CommandRow(
        action=4098,
        source="4.3.2.3",
        target=Target.STICK,
        ending=Ending.ACCEPTED,
        patience=30,
    ),
    Command.INVERTER_ON: CommandRow(action=8193, source="4.3.3.1", patience=180),
    Command.INVERTER_OFF: CommandRow(
        action=8194, source="4.3.3.2", patience=90, dangerous=True
    ),
    Command.RESTART_INVERTER: CommandRow(action=8195, source="4.3.3.3", patience=300),
    Command.RESTORE_INVERTER_DEFAULTS: CommandRow(
        action=8196, source="4.3.3.4", patience=180, dangerous=True
    ),
    Command.CLEAR_INVERTER_HISTORY: CommandRow(
        action=8198, source="4.3.3.5", patience=90, dangerous=True
    ),
    Command.UPLOAD_DATA_NOW: CommandRow(action=8199, source="4.3.3.6", patience=90),
    Command.FIND_DEVICE: CommandRow(action=8200, source="4.3.3.7", patience=90),
}


class Outcome(StrEnum):
    """How a command ended that was sent."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    STOPPED = "stopped"
    """Ended by ``STOP_DTU_COMMAND`` of ours."""

    UNCONFIRMED = "unconfirmed"
    """Sent, but nothing tells what became of it."""

    NOT_SUPPORTED = "not_supported"
    """Silence of a stick that answers other questions before and after."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a command ended, with the stick's own number where it gave one."""

    outcome: Outcome
    code: int | None = None
    """As it came: the numbers are not public."""


class MaintenanceError(Exception):
    """The family of what keeps a command from being sent."""


class BusyError(MaintenanceError):
    """Another command is under way."""


class NeedsOptInError(MaintenanceError):
    """Too little is known about the command to send it without the owner's consent."""


class NotSentError(MaintenanceError):
    """Nobody is there to send it to; the verdict says why."""

    def __init__(self, verdict: Verdict) -> None:
        """Remember the verdict; the text is for logs only."""
        super().__init__(verdict.value)
        self.verdict = verdict


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds between two questions for a state, beside the session's own spacing.

    Growing, since a stick that is asked often starves the vendor's cloud
    (facts/local-protocol.md section 5).
    """

    first: float = 3.0
    growth: float = 1.5
    longest: float = 15.0


PACE: Final = Pace()


def _nobody(percent: int) -> None:
    """Hear nothing."""


class Maintenance:
    """Runs one command at a time on the stick behind a session.

    Only ``STOP_DTU_COMMAND`` may overtake another: that is its purpose.
    """

    def __init__(
        self,
        session: DtsSession,
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Take a session. ``clock`` counts seconds and never goes back."""
        self._session = session
        self._pace = pace or PACE
        self._clock = clock
        self._attempts: dict[Command, _Attempt] = {}
        self._transaction = 0
        self._closing = asyncio.Event()

    @property
    def running(self) -> frozenset[Command]:
        """The commands under way."""
        return frozenset(self._attempts)

    async def run(
        self,
        command: Command,
        *,
        allow_unproven: bool = False,
        progress: Progress = _nobody,
    ) -> Result:
        """Carry a command out and tell how it ended.

        ``allow_unproven`` is the owner's consent to commands that nobody documented.
        Raises ``MaintenanceError`` when nothing was sent.
        """
        row = COMMANDS[command]
        if row.needs_opt_in and not allow_unproven:
            raise NeedsOptInError(command)
        stops = command is Command.STOP_DTU_COMMAND
        if command in self._attempts or (self._attempts and not stops):
            raise BusyError(command)
        attempt = _Attempt(self._session, row, self._next_transaction(), progress)
        self._attempts[command] = attempt
        try:
            result = await attempt.send()
            if result is None:
                result = await self._follow(attempt)
        finally:
            del self._attempts[command]
        if stops and result.outcome is Outcome.DONE:
            for other in self._attempts.values():
                other.stopped = True
        return result

    def close(self) -> None:
        """Wait for nothing any more; a command under way ends unconfirmed."""
        self._closing.set()

    def _next_transaction(self) -> int:
        """Return a number that no command of ours had, also before a restart."""
        now = int(self._session.now().timestamp())
        self._transaction = max(now, self._transaction + 1)
        return self._transaction

    async def _follow(self, attempt: _Attempt) -> Result:
        """Look after a command now and then until it ends or patience does."""
        deadline = self._clock() + attempt.row.patience
        pause = self._pace.first
        while not self._closing.is_set() and self._clock() < deadline:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._closing.wait()
            pause = min(pause * self._pace.growth, self._pace.longest)
            if (result := await attempt.look()) is not None:
                return result
        return attempt.give_up()


class _Attempt:
    """One command on its way."""

    def __init__(
        self,
        session: DtsSession,
        row: CommandRow,
        transaction: int,
        progress: Progress,
    ) -> None:
        self.row = row
        self.stopped = False
        self._session = session
        self._transaction = transaction
        self._progress = progress
        self._serials: frozenset[int] = frozenset()
        self._silent = False
        """Whether the command itself got no answer."""
        self._accepted = False
        self._seen = False
        """Whether a state told anything about it."""
        self._succeeded = False
        self._gone = False
        """Whether the stick went away after it had accepted."""

    async def send(self) -> Result | None:
        """Send the command; return its end when the answer is all there is to know.

        Raises ``NotSentError`` when nobody is there to send it to.
        """
        try:
            serials = await self._introduce()
            self._serials = frozenset(serials)
            answer = await self._session.ask(
                Question.COMMAND,
                pb.CommandRequest(
                    time=self._now(),
                    action=self.row.action,
                    parts=1,
                    transaction=self._transaction,
                    serials=serials,
                ),
                pb.CommandAnswer,
                # The serials name the inverters; the message itself is the stick's.
                target=TO_STICK,
                repeat=False,
            )
        except ConnectionFailedError as err:
            raise NotSentError(verdict_of(err)) from err
        except NoAnswerError:
            self._silent = True
            return None
        except DtsError:
            return None
        return self._understand(answer) if self._is_ours(answer) else None

    async def _introduce(self) -> list[int]:
        """Make sure that the right stick listens; return the serials to name.

        Raises ``NotSentError``.
        """
        try:
            await self._session.gateway_information()
            if self.row.target is Target.STICK:
                return [self._session.serial]
            registry = await self._session.registry()
        except DtsError as err:
            raise NotSentError(verdict_of(err)) from err
        if not (serials := [one.serial for one in inverters_of(registry)]):
            raise NotSentError(Verdict.NOT_INSTAGEN)
        return serials

    def _understand(self, answer: pb.CommandAnswer) -> Result | None:
        if answer.error:
            return Result(outcome=Outcome.REFUSED, code=answer.error)
        self._accepted = True
        if self.row.ending is Ending.ACCEPTED:
            return Result(outcome=Outcome.DONE)
        return None

    async def look(self) -> Result | None:
        """Find out how far the command is; return its end."""
        if self._gone:
            return await self._look_for_return()
        dropped = not self._session.stream.connected
        try:
            answer = await self._ask_state()
        except NoAnswerError:
            return self._leave() or await self._judge_silence()
        except DtsError:
            return self._leave()
        return self._read(answer, dropped=dropped)

    def give_up(self) -> Result:
        """Return what is known when patience ends."""
        outcome = Outcome.DONE if self._succeeded else Outcome.UNCONFIRMED
        return Result(outcome=outcome)

    async def _ask_state(self) -> pb.CommandStateAnswer:
        """Ask for the command's state; raise ``DtsError``."""
        answer = await self._session.ask(
            Question.COMMAND_STATE,
            pb.CommandStateRequest(
                time=self._now(),
                action=self.row.action,
                transaction=self._transaction,
            ),
            pb.CommandStateAnswer,
            target=TO_STICK,
            # A lost connection is news about a stick that restarts.
            repeat=not self.row.leaves,
        )
        if not self._is_ours(answer):
            raise WrongAnswerError("another command")
        return answer

    def _is_ours(self, answer: pb.CommandAnswer | pb.CommandStateAnswer) -> bool:
        return (
            answer.transaction == self._transaction
            and answer.action == self.row.action
            # No public answer shows whose serial stands here.
            and answer.serial in {self._session.serial, *self._serials}
        )

    # ---- what a state says ----

    def _read(self, answer: pb.CommandStateAnswer, *, dropped: bool) -> Result | None:
        """Read a state by its lists: the numbers of ``state`` are not public."""
        if not (answer.progress or answer.succeeded or answer.failed or answer.errors):
            # The stick knows nothing of it any more: it restarted between two looks.
            forgotten = self._accepted and (dropped or self._seen)
            return self._done() if self.row.leaves and forgotten else None
        self._accepted = self._seen = True
        if answer.failed or answer.errors:
            return self._failed(answer)
        percents = {one.serial: one.percent for one in answer.progress}
        if percents:
            self._progress(max(0, min(100, *percents.values())))
        whole = {serial for serial, percent in percents.items() if percent >= 100}
        if not self._serials <= whole | set(answer.succeeded):
            return None
        self._succeeded = True
        return None if self.row.ending is Ending.RETURN else self._done()

    def _failed(self, answer: pb.CommandStateAnswer) -> Result:
        code = answer.errors[0].code if answer.errors else None
        outcome = Outcome.STOPPED if self.stopped else Outcome.FAILED
        return Result(outcome=outcome, code=code)

    def _done(self) -> Result:
        self._progress(100)
        return Result(outcome=Outcome.DONE)

    # ---- what silence says ----

    def _leave(self) -> Result | None:
        """Take note that the stick is away, if that is what the command does."""
        self._gone = self.row.leaves and self._accepted
        gone_for_good = self._gone and self.row.ending is Ending.FAREWELL
        return self._done() if gone_for_good else None

    async def _look_for_return(self) -> Result | None:
        try:
            await self._session.gateway_information()
        except DtsError:
            return None
        return self._done()

    async def _judge_silence(self) -> Result | None:
        """Tell an unknown command from a bad moment (facts section 11)."""
        if not self._silent or self._accepted:
            return None
        try:
            await self._session.gateway_information()
        except DtsError:
            return None
        return Result(outcome=Outcome.NOT_SUPPORTED)

    def _now(self) -> int:
        return int(self._session.now().timestamp())
