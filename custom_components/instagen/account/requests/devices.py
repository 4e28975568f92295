"""Requests about the devices of a plant (manual 4.2.1 c, 4.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, override

from ...plant.evidence import Evidence
from ..commands import COMMANDS, MaintenanceCommand
from ..model import Device, DeviceKind
from ..permissions import Right
from ..rules import Rule, RuleError, dtu_serial, need, need_kind
from ..view import View
from .base import Body, Dialect, Request


@dataclass(frozen=True, kw_only=True)
class AddDtu(Request):
    """Add a DTU; the cloud finds the inverter behind it by itself (manual 4.2.1 c)."""

    name: ClassVar = "add_dtu"
    right: ClassVar = Right.CREATE_PLANT

    plant: int
    serial: str = field(repr=False)

    @override
    def check(self, view: View) -> None:
        super().check(view)
        dtu_serial(self.serial)

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"sid": self.plant, "sn": dtu_serial(self.serial)}


@dataclass(frozen=True, kw_only=True)
class ReplaceDtu(Request):
    """Put another DTU in the place of one (manual 4.3.2.5)."""

    name: ClassVar = "replace_dtu"
    right: ClassVar = Right.MAINTENANCE

    plant: int
    device: Device
    serial: str = field(repr=False)

    @override
    def check(self, view: View) -> None:
        super().check(view)
        need_kind(self.device, DeviceKind.DTU, "4.3.2.5")
        dtu_serial(self.serial)

    @override
    def body(self, dialect: Dialect) -> Body:
        return {
            "id": self.device.id,
            "sid": self.plant,
            "sn": dtu_serial(self.serial),
        }


_DELETERS: Final[Mapping[DeviceKind, str]] = {
    DeviceKind.DTU: "delete_dtu",
    DeviceKind.INVERTER: "delete_inverter",
}


@dataclass(frozen=True, kw_only=True)
class DeleteDevice(Request):
    """Delete an inverter (manual 4.3.3.9), or a DTU with what is behind it.

    The manual has no page for the latter, but a plant is only deleted without devices (4.2.5).
    """

    right: ClassVar = Right.MAINTENANCE

    plant: int
    device: Device

    @property
    @override
    def function(self) -> str:
        kind = self.device.kind
        return _DELETERS.get(kind or DeviceKind.INVERTER, "delete_inverter")

    @override
    def check(self, view: View) -> None:
        super().check(view)
        if self.device.kind not in _DELETERS:
            raise RuleError(Rule.NOT_DELETABLE, "4.3.3.9")

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.device.id, "sid": self.plant}


@dataclass(frozen=True, kw_only=True)
class Maintain(Request):
    """Send a device a maintenance command; a job tells how it goes (manual 4.3.2, 4.3.3)."""

    name: ClassVar = "command"

    plant: int
    device: Device
    command: MaintenanceCommand
    battery_type: int | None = None
    """For the command that selects it; its numbers are not public."""

    package: Mapping[str, str] | None = None
    """Of a firmware, for the upgrade: its row of the packages on offer."""

    @property
    @override
    def needed_right(self) -> Right:
        return COMMANDS[self.command].right

    @property
    @override
    def evidence(self) -> Evidence:
        """Evidence of the action number, which is weaker than that of the path."""
        return COMMANDS[self.command].grade.evidence

    @override
    def check(self, view: View) -> None:
        super().check(view)
        row = COMMANDS[self.command]
        need_kind(self.device, row.kind, row.section)
        if (
            self.command is MaintenanceCommand.SELECT_BATTERY_TYPE
            and self.battery_type is None
        ):
            raise RuleError(Rule.BATTERY_TYPE_MISSING, row.section)
        if self.command is MaintenanceCommand.UPGRADE_DTU and self.package is None:
            raise RuleError(Rule.FIRMWARE_MISSING, row.section)

    @override
    def body(self, dialect: Dialect) -> Body:
        row = COMMANDS[self.command]
        return {
            "action": row.action,
            "dev_type": row.kind.value,
            "dev_sn": self.device.serial,
            "dtu_sn": self.device.dtu or self.device.serial,
            "data": self._data(),
        }

    def _data(self) -> Body:
        if self.battery_type is not None:
            return {"bms_type": self.battery_type}
        if self.package is not None:
            return {
                "upg_patch_id": self.package["id"],
                "file_uri": self.package["path"],
                "file_name": self.package["name"],
                "file_crc": self.package["crc"],
            }
        return {}


_MICRO_PROFILE: Final = 41
"""Action that reads the profile of a microinverter (facts/cloud-api.md 4.9)."""


@dataclass(frozen=True, kw_only=True)
class ReadGridProfile(Request):
    """Read the grid profile of an inverter (manual 4.3.6); a job brings it."""

    right: ClassVar = Right.VIEW

    plant: int
    device: Device

    @property
    @override
    def function(self) -> str:
        """Name of the function: storage inverters have it among their configuration."""
        return "read_setting" if self._micro else "read_configuration"

    @override
    def check(self, view: View) -> None:
        super().check(view)
        need(self.device.serial, Rule.SERIAL_MISSING, "4.3.6")
        if self.device.kind not in {DeviceKind.INVERTER, DeviceKind.MICROINVERTER}:
            raise RuleError(Rule.NO_GRID_PROFILE, "4.3.6")

    @override
    def body(self, dialect: Dialect) -> Body:
        serials = {
            "dev_sn": self.device.serial,
            "dtu_sn": self.device.dtu or self.device.serial,
        }
        if self._micro:
            return {
                "action": _MICRO_PROFILE,
                "dev_type": DeviceKind.MICROINVERTER.value,
                **serials,
            }
        return {"cfg_type": 0, **serials}

    @property
    def _micro(self) -> bool:
        return self.device.kind is DeviceKind.MICROINVERTER
