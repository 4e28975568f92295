"""Numbers that nobody published, each kept here and nowhere else on the stick's side.

Guesses after facts/protobuf-10081.md sections 5 and 7, where the reasoning stands. A real
stick that says otherwise changes one line here.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from ...plant.dry_contact import ContactFunction, ExerciseEvery, GeneratorMode, LoadMode
from ...plant.states import BatteryMode, BatteryState, WorkStatus

WORK_STATE: Final[Mapping[WorkStatus, int]] = {
    status: number for number, status in enumerate(WorkStatus)
}
"""Inverter state: the list of Modbus 30000."""

BATTERY_STATE: Final[Mapping[BatteryState, int]] = {
    state: number for number, state in enumerate(BatteryState)
}
"""Battery state: the list of Modbus 1904."""

MODE: Final[Mapping[BatteryMode, int]] = {
    mode: number for number, mode in enumerate(BatteryMode, 1)
}
"""Working modes; 1 to 8 are confirmed, 9 is only named."""

CONTACT_FUNCTION: Final[Mapping[ContactFunction, int]] = {
    ContactFunction.OFF: 0,
    ContactFunction.EARTH_FAULT_ALARM: 1,
    ContactFunction.LOAD_CONTROL: 2,
    ContactFunction.GENERATOR_CONTROL: 3,
}
"""``relay.mode``: k_2 and k_3 of the cloud hold the parameters of 2 and 3."""

LOAD_MODE: Final[Mapping[LoadMode, int]] = {
    LoadMode.MANUAL: 1,
    LoadMode.TIME: 2,
    LoadMode.INTELLIGENT: 3,
    LoadMode.BACKUP_LOAD: 4,
    LoadMode.EV_CHARGER: 5,
}
"""``relay.load_mode``: the order of manual 5.2.2."""

GENERATOR_MODE: Final[Mapping[GeneratorMode, int]] = {
    GeneratorMode.MANUAL: 1,
    GeneratorMode.AUTO: 2,
}
"""``relay.genset.mode``: the order of manual 5.2.3.1; no hint which is 1."""

EXERCISE_EVERY: Final[Mapping[ExerciseEvery, int]] = {
    ExerciseEvery.WEEK: 1,
    ExerciseEvery.TWO_WEEKS: 2,
    ExerciseEvery.MONTH: 3,
}
"""``relay.genset.exercise.freq``."""


class SetState(IntEnum):
    """How far a change of the Wi-Fi has come (network information 5)."""

    NONE = 0
    CONNECTING = 1
    CONNECTED = 2
    WRONG_PASSWORD = 3
    NO_SUCH_NETWORK = 4


class NetworkState(IntEnum):
    """Where the stick's connection ends now (network information 9)."""

    NOTHING = 0
    ROUTER = 1
    CLOUD = 2


class AccessPointState(IntEnum):
    """What became of a change of the access point's password (network information 10)."""

    NONE = 0
    CHANGED = 1
    WRONG_OLD_PASSWORD = 2


class WriteError(IntEnum):
    """Answers to a write; only 0 is known."""

    NONE = 0
    OUT_OF_RANGE = 1
    UNKNOWN_DEVICE = 2
    UNKNOWN_ACTION = 3
    BUSY = 4
    WRONG_OLD_PASSWORD = 5


class CommandState(IntEnum):
    """How far a command has come (command state 11)."""

    UNKNOWN = 0
    RUNNING = 1
    DONE = 2
    FAILED = 3
    STOPPED = 4
