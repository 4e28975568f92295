"""Devices of plants: trees, lists, details, and their coming and going (4.7)."""

from collections.abc import Mapping
import json
from typing import Any, Final

from .alarms import open_alarms
from .call import Call, Handler
from .errors import NoPermission, RuleBroken
from .rights import OWNER_USER
from .source import STALE
from .world import Row, World

DTU, MICRO, METER, INVERTER, BATTERY = 1, 3, 5, 6, 10
BATTERY_IDS: Final = 100_000_000
"""A battery's id is its inverter's plus this, as in a recorded sample (5.3)."""

_STICK: Final = ("DTS-WIFI-G1", "V01.00.09", "H11.01.01")
_HYBRID: Final = ("HYS-4.6LV-EUG1", "V00.02.21", "")


# -- how they look ----


def _connected(world: World, station: Row) -> bool:
    reading = world.source(station).reading()
    return reading is not None and world.clock.true - reading.at <= STALE


def _node(call: Call, station: Row, row: Row, warned: set[str]) -> dict[str, Any]:
    connected = _connected(call.world, station)
    warn: dict[str, Any] = {"connect": connected, "warn": row["sn"] in warned}
    if row["type"] == DTU:
        warn["_rw"] = "1"
    if row["type"] == BATTERY:
        warn["warn"] = None
    kept = ("id", "sn", "dtu_sn", "type", "version", "replace_num", "model_no")
    return {
        **{name: row[name] for name in kept},
        "vc": None if row["type"] == DTU else "",
        "soft_ver": row["soft_ver"],
        "hard_ver": row["hard_ver"],
        "extend_data": json.loads(row["extend_data"]),
        "warn_data": warn,
        "children": [],
    }


def _nodes(call: Call, station: Row) -> dict[int, dict[str, Any]]:
    warned = {alarm.serial for alarm in open_alarms(call.world, station)}
    return {
        row["id"]: _node(call, station, row, warned)
        for row in call.world.devices(station["id"])
    }


def _tree(call: Call) -> object:
    station = call.station("id", active=False)
    nodes = _nodes(call, station)
    roots: list[dict[str, Any]] = []
    for row in call.world.devices(station["id"]):
        parent = nodes.get(row["parent"])
        (parent["children"] if parent else roots).append(nodes[row["id"]])
    return roots


def _list_of(kind: int) -> Handler:
    def listed(call: Call) -> object:
        station = call.station(active=False)
        nodes = [n for n in _nodes(call, station).values() if n["type"] == kind]
        for node in nodes:
            del node["children"]
            extra = node.pop("extend_data")
            node["sid"] = station["id"]
            if kind == BATTERY:
                node["cap"] = extra.get("bms_capacitor")
                node["bms_type"] = extra.get("bms_type")
            if kind == METER:
                node |= {"location": extra.get("location"), "ct_gain": 1}
            if kind == MICRO:
                node["init_hard_no"] = node["hard_ver"]
            if call.body.get("show_warn") != 1:
                node["warn_data"] = {}
        return call.paged(nodes)

    return listed


def _all_dtus(call: Call) -> object:
    size, before = call.page()
    user = call.user
    where = (
        "FROM devices d JOIN stations s ON s.id = d.sid JOIN groups g ON g.id = s.gid"
        " WHERE d.type = 1 AND "
    )
    values: tuple[object, ...] = (user.gpath, f"{user.below}%")
    if user.row["type"] == OWNER_USER:
        where += "s.id IN (SELECT sid FROM owners WHERE uid = ?)"
        values = (user.id,)
    else:
        where += "(g.gpath = ? OR g.gpath LIKE ?)"
    total = call.world.number(f"SELECT COUNT(*) {where}", *values)
    rows = call.world.all(
        f"SELECT d.*, s.name AS station_name {where} ORDER BY d.id LIMIT ? OFFSET ?",
        *values,
        size,
        before,
    )
    kept = ("id", "sid", "sn", "type", "model_no", "soft_ver", "hard_ver")
    listed = [
        {**{name: row[name] for name in kept}, "station_name": row["station_name"]}
        for row in rows
    ]
    return {"total": total, "list": listed}


def _with_children(call: Call) -> object:
    station = call.station("id", active=False)
    rows = call.world.devices(station["id"])
    told = []
    for dtu in (row for row in rows if row["type"] == DTU):
        inverters = [row for row in rows if row["parent"] == dtu["id"]]
        micros = [
            {"id": row["id"], "sn": row["sn"]}
            for row in inverters
            if row["type"] == MICRO
        ]
        hybrids = [row["sn"] for row in inverters if row["type"] == INVERTER]
        repeater = {"id": 0, "sn": "", "inv_sn": hybrids[0] if hybrids else ""}
        head = {"id": dtu["id"], "sn": dtu["sn"], "vc": None, "dev_type": DTU}
        told.append({"dtu": head, "repeater_list": [{**repeater, "micros": micros}]})
    return told


def _dtu(call: Call) -> object:
    row = call.world.one(
        "SELECT * FROM devices WHERE id = ? AND type = ?", call.number("id"), DTU
    )
    station = call.world.station(row["sid"]) if row else None
    if row is None or station is None or not call.sees(station):
        raise NoPermission
    return {
        "id": row["id"],
        "gw_sn": row["sn"],
        "sn": row["sn"],
        "dev_type": DTU,
        "model_no": row["model_no"],
        "replace_num": row["replace_num"],
        "init_soft_ver": row["soft_ver"],
        "init_hard_ver": row["hard_ver"],
        "wifi_ver": "2.3.0.0-dev",
        "mi_num": 0,
        "rule": {},
    }


def _count(call: Call) -> object:
    station = call.station("id", active=False)
    kinds = [row["type"] for row in call.world.devices(station["id"])]
    zeros = ["repeater_num", "au_num", "rsd_num", "op_num", "tran_num", "em_num"]
    return {
        "sn": None,
        "station_num": 1,
        "dtu_num": kinds.count(DTU),
        "mi_num": kinds.count(MICRO),
        "inv_num": kinds.count(INVERTER),
        "meter_num": kinds.count(METER),
        "bms_num": kinds.count(BATTERY),
        **dict.fromkeys(zeros, 0),
    }


# -- how they come and go ----


def insert_dtu(
    world: World, sid: int, serial: str, inverter: str, *, pv_only: bool = False
) -> list[tuple[int, str, int]]:
    """Put a stick and what is behind it into a plant; return id, serial and type of each."""
    base = world.number(
        "SELECT COALESCE(MAX(id), 500000) FROM devices WHERE id < 90000000"
    )
    rows = device_rows(sid, base + 1, serial, inverter, pv_only=pv_only)
    world.db.executemany(INSERT_DEVICE, rows)
    return [(row[0], row[3], row[5]) for row in rows]


INSERT_DEVICE: Final = "INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"


def device_rows(
    sid: int, first: int, serial: str, inverter: str, *, pv_only: bool = False
) -> list[tuple[Any, ...]]:
    """Return the rows of a stick and what hangs on it, as ``INSERT_DEVICE`` takes them."""
    model, soft, hard = _STICK
    rows: list[tuple[Any, ...]] = [
        (first, sid, None, serial, serial, DTU, 3, model, soft, hard, "{}")
    ]
    if pv_only:
        extend = json.dumps(
            {"grid_id": 2, "grid_name": "EN 50549-1", "port_array": [1]}
        )
        rows.append(
            (
                first + 1,
                sid,
                first,
                inverter,
                serial,
                MICRO,
                1,
                "HMS-800",
                "",
                "",
                extend,
            )
        )
        return rows
    model, soft, hard = _HYBRID
    state = json.dumps({"status": 0, "role": 0})
    battery = BATTERY_IDS + first + 1
    pack = json.dumps({"bms_type": 1, "bms_capacitor": "10.2"})
    meter = json.dumps({"location": 2})
    meter_sn = f"10C0{first:08}"
    rows += [
        (
            first + 1,
            sid,
            first,
            inverter,
            serial,
            INVERTER,
            1,
            model,
            soft,
            hard,
            state,
        ),
        (first + 2, sid, first, meter_sn, serial, METER, 0, "DDSU666", "", "", meter),
        (
            battery,
            sid,
            first + 1,
            f"{battery:012}",
            serial,
            BATTERY,
            0,
            "",
            "",
            "",
            pack,
        ),
    ]
    return rows


def _take_from_stock(call: Call) -> tuple[str, str]:
    serial = call.text("sn")
    if call.world.one("SELECT 1 FROM devices WHERE sn = ?", serial):
        raise RuleBroken("The device is already bound")
    row = call.world.one("SELECT * FROM stock WHERE dtu_sn = ?", serial)
    if row is None:
        raise RuleBroken("Unknown serial number")
    return serial, row["inverter_sn"]


def _add(call: Call) -> object:
    station = call.station(active=False)
    serial, inverter = _take_from_stock(call)
    added = insert_dtu(call.world, station["id"], serial, inverter)
    call.world.run("DELETE FROM stock WHERE dtu_sn = ?", serial)
    call.world.touch(station["id"])
    return [{"id": number, "sn": sn, "type": kind} for number, sn, kind in added]


def _device_of(call: Call, kind: int) -> Row:
    station = call.station(active=False)
    row = call.world.one(
        "SELECT * FROM devices WHERE id = ? AND sid = ? AND type = ?",
        call.number("id"),
        station["id"],
        kind,
    )
    if row is None:
        raise NoPermission
    return row


def _replace(call: Call) -> object:
    """Put a new stick in the old one's place; the inverter behind it stays."""
    old = _device_of(call, DTU)
    serial, _ = _take_from_stock(call)
    world = call.world
    world.run("UPDATE devices SET dtu_sn = ? WHERE dtu_sn = ?", serial, old["sn"])
    columns = {"sn": serial, "replace_num": old["replace_num"] + 1}
    world.update("devices", old["id"], columns)
    world.run("DELETE FROM stock WHERE dtu_sn = ?", serial)
    world.touch(old["sid"])
    return True


def _delete_below(call: Call, row: Row) -> None:
    for child in call.world.all("SELECT * FROM devices WHERE parent = ?", row["id"]):
        _delete_below(call, child)
    call.world.run("DELETE FROM devices WHERE id = ?", row["id"])


def _delete_dtu(call: Call) -> object:
    row = _device_of(call, DTU)
    inverter = call.world.one(
        "SELECT sn FROM devices WHERE parent = ? AND type IN (3, 6)", row["id"]
    )
    _delete_below(call, row)
    call.world.run(
        "INSERT OR IGNORE INTO stock VALUES (?, ?)",
        row["sn"],
        inverter["sn"] if inverter else "",
    )
    call.world.touch(row["sid"])
    return True


def _delete_inverter(call: Call) -> object:
    row = _device_of(call, INVERTER)
    _delete_below(call, row)
    call.world.touch(row["sid"])
    return True


HANDLERS: Final[Mapping[str, Handler]] = {
    "device_tree": _tree,
    "dtus": _list_of(DTU),
    "inverters": _list_of(INVERTER),
    "batteries": _list_of(BATTERY),
    "meters": _list_of(METER),
    "micros": _list_of(MICRO),
    "all_dtus": _all_dtus,
    "dtus_with_children": _with_children,
    "dtu": _dtu,
    "count_devices": _count,
    "add_dtu": _add,
    "replace_dtu": _replace,
    "delete_dtu": _delete_dtu,
    "delete_inverter": _delete_inverter,
}
