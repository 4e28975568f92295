"""Commands, settings and configuration: everything that asks a device (4.8 to 4.10)."""

from collections.abc import Mapping
import json
from typing import Any, Final

from .blocks import check_contact, check_shape
from .call import Call, Handler
from .errors import JobFailed, NoPermission, ParameterError
from .ess_config import ESS_GROUPS, changed, items
from .jobs import job_told
from .rights import Right
from .world import Row

_STOP: Final = (1, 4098)
_NETWORKING: Final = (1, 4101)
_UPGRADE: Final = (1, 2)
_BATTERY_TYPE: Final = (6, 8201)

BATTERY_MODE: Final = 1013
CONTACT: Final = (1014, 1024)
INVERTER: Final = 1030
GRID_PROFILE: Final = 41


# -- commands ----


def _command(call: Call) -> object:
    which = (call.number("dev_type"), call.number("action"))
    device, station = call.device(call.text("dev_sn"))
    if device["dtu_sn"] != call.text("dtu_sn"):
        raise ParameterError("dtu_sn")
    if device["type"] != which[0]:
        raise ParameterError("dev_type")
    if which != _NETWORKING and not call.user.may(Right.MAINTAIN):
        raise NoPermission
    given = call.body.get("data")
    jobs = call.world.jobs
    if which == _STOP:
        jobs.stop(station["id"])
        return jobs.start("command", station, device, lambda: None)
    return jobs.start(
        "command", station, device, lambda: _obey(call, station, device, which, given)
    )


def _obey(
    call: Call, station: Row, device: Row, which: tuple[int, int], given: object
) -> None:
    if which == _UPGRADE:
        _upgrade(call, device, given)
        return
    call.world.source(station).desk.command(*which)
    if which == _BATTERY_TYPE:
        kind = given.get("bms_type") if isinstance(given, Mapping) else None
        if kind not in range(4):
            raise JobFailed("01001")
        for battery in call.world.devices(station["id"]):
            if battery["parent"] == device["id"]:
                told = {**json.loads(battery["extend_data"]), "bms_type": kind}
                columns = {"extend_data": json.dumps(told)}
                call.world.update("devices", battery["id"], columns)
        call.world.touch(station["id"])


def _upgrade(call: Call, device: Row, given: object) -> None:
    package = given if isinstance(given, Mapping) else {}
    if package.get("upg_patch_id") is None or not package.get("file_uri"):
        raise JobFailed("03008")
    call.world.update("devices", device["id"], {"soft_ver": NEWEST[device["type"]]})
    call.world.touch(device["sid"])


NEWEST: Final = {1: "V01.00.12", 3: "V01.00.08", 6: "V02.07.09"}
"""The firmware there is for a kind of device."""


def _status(family: str) -> Handler:
    def status(call: Call) -> object:
        number = str(call.body.get("id", ""))
        return job_told(call.world.jobs.ask(number, family, call.sees))

    return status


# -- settings ----


def _plant_of(call: Call) -> tuple[Row, Row]:
    """Return plant and inverter of a setting's request, in either of its forms."""
    if (serial := call.body.get("dev_sn")) is not None:
        device, station = call.device(str(serial))
        return station, device
    data = call.body.get("data")
    sid = data.get("sid") if isinstance(data, Mapping) else None
    inner = Call(
        call.world, {"sid": sid}, call.base_url, call.dc, call.gateway, asker=call.asker
    )
    station = inner.station()
    device_row = next(
        (row for row in call.world.devices(station["id"]) if row["type"] == 6), None
    )
    if device_row is None:
        raise NoPermission
    return station, device_row


def _read_setting(call: Call) -> object:
    station, device = _plant_of(call)
    action = call.number("action")
    if action == GRID_PROFILE and device["type"] == 3:
        return call.world.jobs.start("setting read", station, device, _micro_profile)
    desk = call.world.source(station).desk

    def read() -> object:
        if action == BATTERY_MODE:
            return desk.battery()
        if action in CONTACT:
            return desk.contact()
        if action == INVERTER:
            return {"mode": 0, "data": {"inv_mode": 1, "grid_type": 0}}
        raise JobFailed("00002")

    return call.world.jobs.start("setting read", station, device, read)


def _micro_profile() -> object:
    return {"grid_id": 2, "grid_name": "EN 50549-1", "grid_version": "1.2.0"}


def _write_setting(call: Call) -> object:
    station, device = _plant_of(call)
    action, data = call.number("action"), call.body.get("data")
    payload = data.get("data") if isinstance(data, Mapping) else None
    if not isinstance(payload, Mapping):
        raise ParameterError("data")
    desk = call.world.source(station).desk
    if action == BATTERY_MODE:
        mode, block = check_shape(payload.get("mode"), payload.get("data", {}))
        return call.world.jobs.start(
            "setting write", station, device, lambda: desk.set_battery(mode, block)
        )
    if action in CONTACT:
        wanted = check_contact(payload)
        return call.world.jobs.start(
            "setting write", station, device, lambda: desk.set_contact(wanted)
        )
    raise ParameterError("action")


def _battery_config(call: Call) -> object:
    """Say yes and do nothing, as the real one does (4.9)."""
    call.station()
    return True


# -- configuration of the inverter ----


def _fetch_config(call: Call) -> object:
    device, station = call.device(call.text("dev_sn"))
    if call.number("cfg_type") != 0:
        raise ParameterError("cfg_type")
    return call.world.jobs.start(
        "config fetch", station, device, lambda: items(call.world, station["id"])
    )


def _put_config(call: Call) -> object:
    device, station = call.device(call.text("dev_sn"))
    groups = call.body.get("data")
    if not isinstance(groups, list) or not groups:
        raise ParameterError("data")
    for group in groups:
        if not isinstance(group, Mapping) or group.get("id") not in ESS_GROUPS:
            raise ParameterError("data")
        if not isinstance(group.get("list"), list):
            raise ParameterError("list")
    wanted: Any = groups
    return call.world.jobs.start(
        "config put",
        station,
        device,
        lambda: changed(call.world, station["id"], wanted),
    )


# -- what is there to install ----


def _compare(call: Call) -> object:
    station = call.station()
    listed = [
        {
            "sn": row["sn"],
            "dev_type": row["type"],
            "current_ver": row["soft_ver"],
            "target_ver": NEWEST[row["type"]],
            "is_upgrade": int(row["soft_ver"] != NEWEST[row["type"]]),
        }
        for row in call.world.devices(station["id"])
        if row["type"] in NEWEST
        and call.body.get("dtu_sn", row["dtu_sn"]) == row["dtu_sn"]
    ]
    waiting = any(entry["is_upgrade"] for entry in listed)
    return {"upgrade": int(waiting), "done": 0, "tid": 0, "list": listed}


def _packages(call: Call) -> object:
    kind = call.number("dev_type")
    call.device(call.text("dev_sn"))
    if kind not in NEWEST:
        return []
    version = NEWEST[kind]
    return [
        {
            "id": 9000 + kind,
            "name": f"firmware-{kind}-{version}.bin",
            "crc": "1F2E",
            "path": f"/upgrade/{kind}/{version}.bin",
            "patch_ver": version,
            "ver_type": 1,
            "cpu_mode": 0,
        }
    ]


_PROFILES: Final = (
    (1, "EN 50549-1", "1.2.0", "EU", 64),
    (2, "G98", "1.1.3", "GB", 61),
    (3, "G99", "1.1.4", "GB", 66),
    (4, "VDE-AR-N 4105", "2.0.1", "DE", 68),
)


def _grid_profiles(call: Call) -> object:
    name = call.text("name", needed=False).casefold()
    keys = ("id", "name", "version", "country", "sub_num")
    rows = [dict(zip(keys, row, strict=True)) for row in _PROFILES]
    return call.paged([row for row in rows if name in str(row["name"]).casefold()])


HANDLERS: Final[Mapping[str, Handler]] = {
    "command": _command,
    "command_status": _status("command"),
    "read_setting": _read_setting,
    "write_setting": _write_setting,
    "setting_status": _status("setting"),
    "battery_config": _battery_config,
    "fetch_config": _fetch_config,
    "fetch_config_status": _status("config fetch"),
    "put_config": _put_config,
    "put_config_status": _status("config put"),
    "check_firmware": _compare,
    "firmware_packages": _packages,
    "grid_profiles": _grid_profiles,
}
