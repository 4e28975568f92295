"""Alarms, current and past (4.11)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from .call import Call, Handler
from .clock import CloudClock
from .errors import NoPermission, ParameterError
from .source import Alarm
from .world import ACTIVE, Row, World

_OPEN: Final = "-"


def open_alarms(world: World, station: Row) -> list[Alarm]:
    """Return what a plant complains about now."""
    if station["status"] != ACTIVE:
        return []
    return [alarm for alarm in world.source(station).alarms() if alarm.end is None]


def _current(kind: int) -> Handler:
    def current(call: Call) -> object:
        station, serial = call.station(), call.text("sn")
        device, owner = call.device(serial)
        if owner["id"] != station["id"] or device["type"] != kind:
            raise NoPermission
        clock, zone = call.world.clock, station["tz"]
        warns = [
            {
                "code": alarm.code,
                "time": clock.local(alarm.start, zone),
                "pre": "L2",
                "wd1": alarm.code % 100,
                "wd2": 0,
                "wd3": 0,
                "wd4": 0,
            }
            for alarm in open_alarms(call.world, station)
            if alarm.serial == serial
        ]
        if not warns:
            return {"total": 0, "list": []}
        told = {
            "name": device["model_no"],
            "sn": serial,
            "track_time": clock.local(clock.true, zone),
            "tz": "UTC+00",
            "warns": warns,
        }
        return {"total": 1, "list": [told]}

    return current


def day_of(text: str, field: str) -> date:
    """Return a day of a request.

    Raises:
        ParameterError: when it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ParameterError(field) from None


def _history(call: Call) -> object:
    station, serial = call.station(), call.text("sn", needed=False)
    first = day_of(call.text("start_date"), "start_date")
    last = day_of(call.text("end_date"), "end_date")
    clock, zone = call.world.clock, station["tz"]
    kinds = {row["sn"]: row for row in call.world.devices(station["id"])}
    found: list[dict[str, Any]] = []
    alarms = sorted(
        call.world.source(station).alarms(), key=lambda alarm: alarm.start, reverse=True
    )
    for alarm in alarms:
        day = alarm.start.date()
        device = kinds.get(alarm.serial)
        if (
            device is None
            or not first <= day <= last
            or serial not in ("", alarm.serial)
        ):
            continue
        found.append(
            {
                "id": f"{station['id']}{int(alarm.start.timestamp())}{alarm.code}",
                "sn": alarm.serial,
                "dev_type": device["type"],
                "name": device["model_no"],
                "code": alarm.code,
                "pre": "L2",
                "start_at": clock.local(alarm.start, zone),
                "end_at": _end(clock, alarm.end, zone),
                "wd1": alarm.code % 100,
                **dict.fromkeys(("wd2", "wd3", "wd4"), 0),
                "tz": "UTC+00",
            }
        )
    return call.paged(found)


def _end(clock: CloudClock, moment: datetime | None, zone: str) -> str:
    return clock.local(moment, zone) if moment else _OPEN


def _device_now(call: Call) -> object:
    station = call.station()
    serial = str(call.body.get("mi_sn") or "")
    clock, zone = call.world.clock, station["tz"]
    warns = [
        {
            "err_code": alarm.code,
            "start_at": clock.local(alarm.start, zone)[:16],
            "end_at": _OPEN,
            "wdd1": "-",
            "wd1": "-",
            "wdd2": "-",
            "wd2": "-",
        }
        for alarm in open_alarms(call.world, station)
        if serial in ("", alarm.serial)
    ]
    return {
        "mi_sn": serial or None,
        "net_state": int(call.world.source(station).online),
        "warn_list": warns,
        "dbg": False,
        "warn_shield_set": [],
    }


HANDLERS: Final[Mapping[str, Handler]] = {
    "inverter_alarms": _current(6),
    "dtu_alarms": _current(1),
    "alarm_history": _history,
    "device_now": _device_now,
}
