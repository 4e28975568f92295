"""Maintenance commands as the cloud takes them: device type and action number.

Only the numbers of restart, on and off are read from a portal; the others are those of the
device's own protocol, which agree where both are known (facts/cloud-api.md 4.8).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..links.cloud.function import Grade
from .model import DeviceKind
from .permissions import Right


class MaintenanceCommand(StrEnum):
    """Commands of manual 4.3.2, 4.3.3 and 3.2 note 3."""

    RESTART_DTU = "restart_dtu"
    RESTORE_DTU_DEFAULTS = "restore_dtu_defaults"
    STOP_DTU_COMMAND = "stop_dtu_command"
    UPGRADE_DTU = "upgrade_dtu"
    NETWORKING = "networking"
    INVERTER_ON = "inverter_on"
    INVERTER_OFF = "inverter_off"
    RESTART_INVERTER = "restart_inverter"
    RESTORE_INVERTER_DEFAULTS = "restore_inverter_defaults"
    CLEAR_INVERTER_HISTORY = "clear_inverter_history"
    UPLOAD_DATA_NOW = "upload_data_now"
    FIND_DEVICE = "find_device"
    SELECT_BATTERY_TYPE = "select_battery_type"


@dataclass(frozen=True, kw_only=True)
class CommandRow:
    """What is known about one command."""

    action: int
    section: str
    grade: Grade
    kind: DeviceKind
    right: Right = Right.MAINTENANCE


def _dtu(
    action: int, section: str, grade: Grade, right: Right = Right.MAINTENANCE
) -> CommandRow:
    return CommandRow(
        action=action, section=section, grade=grade, kind=DeviceKind.DTU, right=right
    )


def _inverter(action: int, section: str, grade: Grade) -> CommandRow:
    return CommandRow(
        action=action, section=section, grade=grade, kind=DeviceKind.INVERTER
    )


COMMANDS: Final[Mapping[MaintenanceCommand, CommandRow]] = {
    MaintenanceCommand.RESTART_DTU: _dtu(27, "4.3.2.1", Grade.C),
    MaintenanceCommand.RESTORE_DTU_DEFAULTS: _dtu(4097, "4.3.2.2", Grade.NONE),
    MaintenanceCommand.STOP_DTU_COMMAND: _dtu(4098, "4.3.2.3", Grade.NONE),
    MaintenanceCommand.UPGRADE_DTU: _dtu(2, "4.3.2.4", Grade.C),
    MaintenanceCommand.NETWORKING: _dtu(4101, "3.2 n3", Grade.NONE, Right.NETWORKING),
    MaintenanceCommand.INVERTER_ON: _inverter(6, "4.3.3.1", Grade.C),
    MaintenanceCommand.INVERTER_OFF: _inverter(7, "4.3.3.2", Grade.C),
    MaintenanceCommand.RESTART_INVERTER: _inverter(3, "4.3.3.3", Grade.C),
    MaintenanceCommand.RESTORE_INVERTER_DEFAULTS: _inverter(
        8196, "4.3.3.4", Grade.NONE
    ),
    MaintenanceCommand.CLEAR_INVERTER_HISTORY: _inverter(8198, "4.3.3.5", Grade.NONE),
    MaintenanceCommand.UPLOAD_DATA_NOW: _inverter(8199, "4.3.3.6", Grade.NONE),
    MaintenanceCommand.FIND_DEVICE: _inverter(8200, "4.3.3.7", Grade.NONE),
    # Nobody knows its number; ours is that of the reference cloud.
    MaintenanceCommand.SELECT_BATTERY_TYPE: _inverter(8201, "4.3.3.8", Grade.NONE),
}
"""The number of a storage plant's DTU; a microinverter's DTU restarts with 1."""
