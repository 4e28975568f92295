"""Commands to stick and inverters, 0xDB03, and how far they are, 0xDB04.

One command runs at a time; its state can be asked for until the next one is taken
(facts/protobuf-10081.md section 2; effects after the names of manual 4.3.2 and 4.3.3).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from ...dts_messages import instagen_dts_pb2 as pb
from .. import assumptions
from ..settings import factory_settings
from .numbering import CommandState, WriteError

if TYPE_CHECKING:
    from .stick import SimulatedStick


class Action(IntEnum):
    """What can be asked for (facts section 2, command numbers)."""

    RESTART_STICK = 4096
    DEFAULT_STICK = 4097
    STOP = 4098
    COLLECT_DATA = 4099
    SWITCH_ON = 8193
    SWITCH_OFF = 8194
    RESTART_INVERTER = 8195
    DEFAULT_INVERTER = 8196
    CLEAR_WARNINGS = 8197
    CLEAR_HISTORY = 8198
    UPLOAD = 8199
    FIND = 8200


SECONDS: Final = {
    Action.RESTART_STICK: 2,
    Action.DEFAULT_STICK: 2,
    Action.COLLECT_DATA: 20,
    Action.SWITCH_ON: 10,
    Action.SWITCH_OFF: 5,
    Action.RESTART_INVERTER: 60,
    Action.DEFAULT_INVERTER: 15,
    Action.CLEAR_WARNINGS: 3,
    Action.CLEAR_HISTORY: 10,
    Action.UPLOAD: 3,
    Action.FIND: 15,
}
"""Seconds of the plant's clock that each takes; made up."""


@dataclass(slots=True)
class Command:
    """A command that was taken."""

    action: Action
    transaction: int
    serials: tuple[int, ...]
    unknown: tuple[int, ...]
    begun: int
    ends: int
    state: CommandState = CommandState.RUNNING

    def percent(self, now: int) -> int:
        """Return how much is done, 100 only once it is."""
        if self.state is CommandState.DONE:
            return 100
        whole = max(1, self.ends - self.begun)
        return max(0, min(99, (now - self.begun) * 100 // whole))


class CommandDesk:
    """Takes commands, carries them out in their time, and tells about them."""

    def __init__(self, stick: SimulatedStick) -> None:
        self._stick = stick
        self.last: Command | None = None
        plant = stick.plant
        self._begin: dict[Action, Callable[[], None]] = {
            Action.SWITCH_OFF: lambda: plant.set("running", False),
            Action.RESTART_INVERTER: plant.restart,
        }
        self._finish: dict[Action, Callable[[], None]] = {
            Action.RESTART_STICK: self._restart,
            Action.DEFAULT_STICK: self._default_stick,
            Action.SWITCH_ON: lambda: plant.set("running", True),
            Action.DEFAULT_INVERTER: self._default_inverter,
            Action.CLEAR_WARNINGS: plant.clear_alarms,
            Action.CLEAR_HISTORY: plant.reset_counters,
        }

    @property
    def _running(self) -> Command | None:
        last = self.last
        return last if last and last.state is CommandState.RUNNING else None

    @property
    def due(self) -> int:
        """The plant's time in ms at which a command ends."""
        return self._running.ends if self._running else 1 << 62

    def take(self, request: pb.CommandRequest) -> pb.CommandAnswer:
        """Take a command, or say why not."""
        return pb.CommandAnswer(
            serial=self._stick.serial,
            time=self._stick.time,
            action=request.action,
            part=request.part,
            transaction=request.transaction,
            error=self._take(request),
        )

    def _take(self, request: pb.CommandRequest) -> WriteError:
        try:
            action = Action(request.action)
        except ValueError:
            return WriteError.UNKNOWN_ACTION
        if action is Action.STOP:
            if self._running:
                self._running.state = CommandState.STOPPED
            return WriteError.NONE
        if self._running:
            return WriteError.BUSY
        known, unknown = self._sorted(action, request.serials)
        if not known:
            return WriteError.UNKNOWN_DEVICE
        now = self._stick.plant.now
        ends = now + SECONDS[action] * 1000
        self.last = Command(action, request.transaction, known, unknown, now, ends)
        self._do(self._begin, action)
        self._stick.plant.replan()
        return WriteError.NONE

    def _sorted(
        self, action: Action, asked: Iterable[int]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return which of the serials exist and which do not; none means all."""
        if action < Action.SWITCH_ON:
            here = {self._stick.serial}
        else:
            here = {one.serial for one in self._stick.inverters}
        serials = tuple(asked) or tuple(sorted(here))
        return (
            tuple(serial for serial in serials if serial in here),
            tuple(serial for serial in serials if serial not in here),
        )

    def look(self) -> None:
        """End the command whose time has come."""
        running = self._running
        if running and self._stick.plant.now >= running.ends:
            running.state = CommandState.DONE
            self._do(self._finish, running.action)

    @staticmethod
    def _do(effects: dict[Action, Callable[[], None]], action: Action) -> None:
        if effect := effects.get(action):
            effect()

    def _restart(self) -> None:
        self._stick.restarts += 1
        self._stick.leave(assumptions.STICK_RESTART)

    def _default_stick(self) -> None:
        self._stick.network.restore()
        self._restart()

    def _default_inverter(self) -> None:
        plant = self._stick.plant
        plant.restore(factory_settings(plant.config))

    def state(self, request: pb.CommandStateRequest) -> pb.CommandStateAnswer:
        """Tell how far a command is."""
        answer = pb.CommandStateAnswer(
            serial=self._stick.serial,
            time=self._stick.time,
            action=request.action,
            parts=1,
            part=request.part,
            transaction=request.transaction,
        )
        last = self.last
        if (
            last is None
            or last.action != request.action
            or last.transaction != request.transaction
        ):
            answer.state = CommandState.UNKNOWN
            return answer
        self._fill(answer, last)
        return answer

    def _fill(self, answer: pb.CommandStateAnswer, last: Command) -> None:
        percent = last.percent(self._stick.plant.now)
        answer.type = 1 if last.action < Action.SWITCH_ON else 6
        answer.state = last.state
        for serial in last.serials:
            answer.progress.append(pb.CommandProgress(serial=serial, percent=percent))
        if last.state is CommandState.DONE:
            answer.succeeded.extend(last.serials)
            if last.unknown:
                answer.state = CommandState.FAILED
        if last.state is CommandState.STOPPED:
            answer.failed.extend(last.serials)
        answer.failed.extend(last.unknown)
        for serial in last.unknown:
            error = pb.CommandError(serial=serial, code=WriteError.UNKNOWN_DEVICE)
            answer.errors.append(error)
