"""Plants: list, detail, and the way from a draft to an active one (cloud-model section 6)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
import json
from typing import Any, Final
from zlib import crc32
from zoneinfo import ZoneInfo

from .call import PLANTS_PER_PAGE, Call, Handler
from .clock import TIME
from .errors import NoPermission, ParameterError, RuleBroken
from .live_data import span
from .log_in import TENANT
from .rights import OWNER_USER, ROOT
from .source import STALE
from .world import ACTIVE, DRAFT, HYBRID, PV_ONLY, Row, World

_TEXTS: Final = ("address", "pic_path", "remarks")
_MOST_COVER: Final = 2 * 1024 * 1024
_COVERS: Final = (".jpg", ".jpeg", ".png", ".gif")
RESIDENTIAL: Final = 1
"""The only plant type that the manual shows: residential, single array."""


# -- what a plant looks like ----


def offset(zone: str, now: datetime) -> timedelta:
    """Return a zone's standard offset, as the brand's names have it."""
    local = now.astimezone(ZoneInfo(zone))
    return (local.utcoffset() or timedelta()) - (local.dst() or timedelta())


def zone_name(zone: str, now: datetime) -> str:
    """Return a zone as ``UTC+01``."""
    hours = int(offset(zone, now).total_seconds() // 3600)
    return f"UTC{'-' if hours < 0 else '+'}{abs(hours):02}"


def warnings(world: World, station: Row) -> dict[str, bool]:
    """Return the flags of a plant (facts/cloud-api.md section 6)."""
    source = world.source(station)
    reading = source.reading() if station["status"] == ACTIVE else None
    gone = reading is None or world.clock.true - reading.at > STALE
    codes = {alarm.code for alarm in source.alarms() if alarm.end is None}
    return {
        "s_uoff": gone,
        "s_ustable": False,
        "s_uid": False,
        "l3_warn": bool(codes),
        "g_warn": 307 in codes,
        "me_warn": 502 in codes,
        "dl": False,
        "pw_off": False,
    }


def row_told(call: Call, station: Row) -> dict[str, Any]:
    """Return a row of the list (5.1)."""
    world, sid, now = call.world, station["id"], call.world.clock.now
    owners = world.owners_of(sid)
    maker = world.one("SELECT user_name FROM users WHERE id = ?", station["create_by"])
    star = world.one("SELECT 1 FROM stars WHERE uid = ? AND sid = ?", call.user.id, sid)
    kept = (
        "id",
        "gid",
        "name",
        "type",
        "status",
        "classify",
        "address",
        "pic_path",
        "dc",
        "ak",
        "create_by",
        "create_at",
        "update_at",
        "org_name",
    )
    return {
        **{name: station[name] for name in kept},
        "capacitor": str(station["capacitor"]),
        "install_power": None,
        "nk_name": None,
        "city_code": "826000000",
        "parent_city": [],
        "tz_name": zone_name(station["tz"], now),
        "owner_name": owners[0]["name"] if owners else "",
        "is_stars": int(star is not None),
        "is_balance": 0,
        "is_reflux": int(station["classify"] == HYBRID),
        "create_by_name": maker["user_name"] if maker else "",
        "is_3rd": 0,
        "warn_data": warnings(world, station),
    }


def _plants(call: Call) -> object:
    size, before = call.page(PLANTS_PER_PAGE)
    where, values = _scope(call)
    for field, condition in _FILTERS.items():
        if (value := call.body.get(field)) not in (None, ""):
            where += f" AND {condition}"
            marks = condition.count("?")
            wanted = f"%{value}%" if "LIKE" in condition else value
            values += [call.user.id, wanted] if marks == 2 else [wanted]
    total = call.world.number(f"SELECT COUNT(*) {where}", *values)
    rows = call.world.all(
        f"SELECT s.*, g.gpath, g.name AS org_name {where}"
        " ORDER BY s.create_at DESC, s.id DESC LIMIT ? OFFSET ?",
        *values,
        size,
        before,
    )
    told = [row_told(call, row) for row in rows]
    if call.body.get("real_data"):
        for row, station in zip(told, rows, strict=True):
            row["real_data"] = generation(call, station)
    return {"total": total, "list": told}


def generation(call: Call, station: Row) -> dict[str, str] | None:
    """Return what a row tells of a plant's PV when that is asked for; fields as in 5.4."""
    source = call.world.source(station)
    if (reading := source.reading()) is None:
        return None
    day, power = reading.at.date(), reading.values.get("pv_power")
    spans = {
        "today_eq": span(source, day, day),
        "month_eq": span(source, day.replace(day=1), day),
        "year_eq": span(source, day.replace(month=1, day=1), day),
        "total_eq": source.lifetime(),
    }
    told = {name: str(round(energies["pv"])) for name, energies in spans.items()}
    return told | ({} if power is None else {"real_power": str(float(power))})


_FILTERS: Final = {
    "name": "s.name LIKE ?",
    "gid": "s.gid = ?",
    "dev_sn": "s.id IN (SELECT sid FROM devices WHERE sn LIKE ?)",
    "update_from": "s.update_at >= ?",
    "is_stars": "EXISTS (SELECT 1 FROM stars t WHERE t.sid = s.id AND t.uid = ?) = ?",
}


def _scope(call: Call) -> tuple[str, list[object]]:
    """Return the part of a query that finds the asker's plants."""
    base = "FROM stations s JOIN groups g ON g.id = s.gid WHERE "
    if call.user.row["type"] == OWNER_USER:
        own = "s.status = ? AND s.id IN (SELECT sid FROM owners WHERE uid = ?)"
        return base + own, [ACTIVE, call.user.id]
    tree = "(g.gpath = ? OR g.gpath LIKE ?)"
    return base + tree, [call.user.gpath, f"{call.user.below}%"]


def scope_rows(call: Call) -> list[Row]:
    """Return every plant of the asker."""
    where, values = _scope(call)
    return call.world.all(
        f"SELECT s.*, g.gpath, g.name AS org_name {where} ORDER BY s.id", *values
    )


def _plant(call: Call) -> object:
    station = call.station("id", active=False)
    world, now = call.world, call.world.clock.now
    group = world.group(station["gid"])
    if group is None:
        raise NoPermission
    zone = ZoneInfo(station["tz"])
    ms = int(offset(station["tz"], now).total_seconds() * 1000)
    battery = sum(
        float(json.loads(row["extend_data"]).get("bms_capacitor", 0))
        for row in world.devices(station["id"])
    )
    contact = {key: group[key] for key in ("id", "name", "pid", "type")}
    return {
        **row_told(call, station),
        "tz_id": 38,
        **_point(call, station),
        "city_id": 826,
        "weather_of_cid": 0,
        "timezone": {
            "id": 38,
            "name": station["tz"],
            "dis_name": station["tz"],
            "tz_name": zone_name(station["tz"], now),
            "offset": ms,
        },
        "local_time": now.astimezone(zone).strftime(TIME),
        "owner_list": [
            {"uid": row["id"], "name": row["name"], "user_name": row["user_name"]}
            for row in world.owners_of(station["id"])
        ],
        "group": {
            **contact,
            "tid": TENANT,
            "contact": group["contact"],
            "phone": group["phone"],
            "area": group["area"],
            "icon": "",
        },
        "money_unit": "GBP",
        "money_data": {"code": "GBP", "unit": "£"},
        "electricity_price": 0.28,
        "in_price": 0.15,
        "usd": "",
        "meter_location": 2 if station["classify"] == HYBRID else 0,
        "bms_capacitor": str(battery) if battery else "0",
        "inv_mode": 1,
        "remarks": station["remarks"],
        "layout_step": 0,
        "int5m": 1,
        "lack": 0,
        "flag_map": {},
        "config": _CONFIG,
    }


_CONFIG: Final[Mapping[str, Any]] = {
    "sun_spec_num": 0,
    "power_limit": "",
    "power_limit_pf": "",
    "power_limit_re": "",
    "module_max_power": 0,
    "owner_is_show_layout": 1,
    "owner_is_modify_dev": 0,
    "third_party_user": [],
    "billing_type": 0,
    "billing_start": "",
    "billing_every": 0,
    "client_type": 100,
    "layout_show": 1,
    "fcs": 0,
    "ess_cfg_edit": 0,
    "grid_type": 0,
    "diy": 0,
    "weather": 0,
    "au": 0,
    "cr": 0,
}


def _coordinates(call: Call) -> object:
    station = call.station(active=False)
    if call.text("ak") != station["ak"]:
        raise NoPermission
    return {
        "id": station["id"],
        **_point(call, station),
        "address": station["address"],
    }


def _states(call: Call) -> object:
    counts = {"total": 0, "normal": 0, "offline": 0, "warn": 0, "inactive": 0}
    for station in scope_rows(call):
        flags = warnings(call.world, station)
        state = "normal"
        if station["status"] != ACTIVE:
            state = "inactive"
        elif flags["s_uoff"]:
            state = "offline"
        elif flags["l3_warn"]:
            state = "warn"
        counts[state] += 1
        counts["total"] += 1
    return counts


def _flags(call: Call) -> object:
    size, before = call.page()
    rows = scope_rows(call)
    told = [
        {
            "id": row["id"],
            "name": row["name"],
            "warn_data": warnings(call.world, row),
        }
        for row in rows[before : before + size]
    ]
    return {"total": len(rows), "list": told}


def _rule(call: Call) -> object:
    call.station()
    zeros = "balance reflux reflux_version balance_version grid_type is_de sna tlv aio"
    return {
        "sub_brand": 0,
        **dict.fromkeys(zeros.split(), 0),
        "dual_pipe": 1,
        "ctl_mode_set": [],
        "gpc": 1,
        "og": 0,
        "mt": 0,
    }


# -- creation ----


def _columns(call: Call, *, new: bool) -> dict[str, object]:
    """Return what a request says about a plant; all of the required when it is new."""
    found: dict[str, object] = dict(call.given(*_TEXTS))
    if new or "name" in call.body:
        found["name"] = call.text("name")
    if new or "type" in call.body:
        if call.number("type") != RESIDENTIAL:
            raise ParameterError("type")
        found["type"] = RESIDENTIAL
    if new or "capacitor" in call.body:
        found["capacitor"] = call.real("capacitor")
        if call.real("capacitor") <= 0:
            raise ParameterError("capacitor")
    found.update(_location(call, new=new))
    if "tz" in call.body:
        found["tz"] = call.text("tz")
        try:
            ZoneInfo(call.text("tz"))
        except (KeyError, ValueError) as error:
            raise ParameterError("tz") from error
    return found


def _location(call: Call, *, new: bool) -> dict[str, object]:
    """Return where a request says a plant is: by its address, by its point, or both.

    A portal finds the one by the other before it asks (manual 4.2.1).
    """
    found: dict[str, object] = {}
    point = [call.body.get(field) is not None for field in ("latitude", "longitude")]
    if (new and not any(point)) or "address" in call.body:
        found["address"] = call.text("address")
    if any(point):
        for field, most in (("latitude", 90), ("longitude", 180)):
            found[field] = call.real(field)
            if abs(call.real(field)) > most:
                raise ParameterError(field)
    return found


def _point(call: Call, station: Row) -> dict[str, str]:
    """Tell a plant's point; zeros at the wrong data centre, and where there is none."""
    here = call.dc == station["dc"] and station["latitude"] is not None
    return {
        field: str(station[field]) if here else "0.0"
        for field in ("latitude", "longitude")
    }


def _create(call: Call) -> object:
    world = call.world
    columns = _columns(call, new=True)
    gid = call.user.gid if call.body.get("gid") is None else call.group()["id"]
    group = world.group(gid)
    if group is None or group["type"] == ROOT:
        raise ParameterError("gid")
    classify = call.number("classify")
    if classify not in (PV_ONLY, HYBRID):
        raise ParameterError("classify")
    sid = world.insert(
        "stations",
        {
            "tz": "Europe/London",
            **columns,
            "gid": gid,
            "classify": classify,
            "status": DRAFT,
            "dc": call.user.row["dc"],
            "create_by": call.user.id,
            "create_at": world.now_text,
            "update_at": world.now_text,
        },
    )
    world.update("stations", sid, {"ak": access_key(sid)})
    return sid


def access_key(sid: int) -> str:
    """Return what opens a plant's coordinates."""
    return f"{crc32(str(sid).encode()):08x}"


def _edit(call: Call) -> object:
    station = call.station("id", active=False)
    call.world.edit_plant(station["id"], **_columns(call, new=False))
    return True


def _save_regulation(call: Call) -> object:
    station, data = call.station("id", active=False), call.body.get("data")
    if not isinstance(data, Mapping) or not data.get("grid_code"):
        raise ParameterError("data")
    call.world.edit_plant(station["id"], regulation=json.dumps(data))
    return True


def _activate(call: Call) -> object:
    station = call.station("id", active=False)
    if not any(row["type"] == 1 for row in call.world.devices(station["id"])):
        raise RuleBroken("The plant has no DTU")
    if not station["regulation"]:
        raise RuleBroken("The regulation information is missing")
    call.world.edit_plant(station["id"], status=ACTIVE)
    return True


def _cover(call: Call) -> object:
    """Take a picture; the server reads the form and hands on name and content."""
    name, content = call.body.get("name"), call.body.get("content")
    if not isinstance(name, str) or not isinstance(content, bytes):
        raise ParameterError("file")
    if not name.lower().endswith(_COVERS):
        raise RuleBroken("The file type is not supported")
    if len(content) > _MOST_COVER:
        raise RuleBroken("The file is too large")
    crc = f"{crc32(content):08x}"
    path = f"/pic/{crc}/{name}"
    call.world.covers[path] = content
    return {
        "url": f"{call.base_url}{path}",
        "crc": crc,
        "fileName": name,
        "filePath": path,
        "fileSize": len(content),
    }


# -- operations ----


def _transfer(call: Call) -> object:
    station, group = call.station("id", active=False), call.group()
    if group["type"] == ROOT:
        raise ParameterError("gid")
    world, owners = call.world, call.world.owners_of(station["id"])
    for owner in owners:
        plants = "SELECT COUNT(*) FROM owners WHERE uid = ?"
        if world.number(plants, owner["id"]) > 1:
            raise RuleBroken("The owner is used by several plants")
    for owner in owners:
        world.update("users", owner["id"], {"gid": group["id"]})
    world.edit_plant(station["id"], gid=group["id"])
    return True


def _delete(call: Call) -> object:
    station = call.station("id", active=False)
    if call.world.devices(station["id"]):
        raise RuleBroken("The plant still has devices")
    call.world.remove_plant(station["id"])
    return True


def _star(call: Call) -> object:
    station, wanted = call.station("id", active=False), call.number("is_stars")
    call.world.run(
        "INSERT OR IGNORE INTO stars VALUES (?, ?)"
        if wanted
        else "DELETE FROM stars WHERE uid = ? AND sid = ?",
        call.user.id,
        station["id"],
    )
    return True


def _owner(call: Call) -> tuple[Row, int]:
    station, uid = call.station("id", active=False), call.number("uid")
    owner = call.world.user(uid)
    if (
        owner is None
        or owner.row["type"] != OWNER_USER
        or not call.user.holds(owner.gpath)
    ):
        raise NoPermission
    return station, uid


def _bind(call: Call) -> object:
    station, uid = _owner(call)
    call.world.run(
        "INSERT OR IGNORE INTO owners (sid, uid) VALUES (?, ?)", station["id"], uid
    )
    call.world.touch(station["id"])
    return True


def _unbind(call: Call) -> object:
    station, uid = _owner(call)
    call.world.run("DELETE FROM owners WHERE sid = ? AND uid = ?", station["id"], uid)
    call.world.touch(station["id"])
    return True


HANDLERS: Final[Mapping[str, Handler]] = {
    "plants": _plants,
    "plant": _plant,
    "coordinates": _coordinates,
    "plant_states": _states,
    "setting_rule": _rule,
    "plant_flags": _flags,
    "create_plant": _create,
    "edit_plant": _edit,
    "save_regulation": _save_regulation,
    "activate_plant": _activate,
    "upload_cover": _cover,
    "transfer_plant": _transfer,
    "delete_plant": _delete,
    "star_plant": _star,
    "bind_owner": _bind,
    "unbind_owner": _unbind,
}
