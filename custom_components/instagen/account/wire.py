"""Rows of the cloud turned into the account model (facts/cloud-api.md 2.3, 5.1 to 5.3).

Numbers come as texts, missing values as null, an empty text or a dash. Nothing of that is
ever 0, and a row that makes no sense is left out and not guessed at.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from math import isfinite
from typing import Final

from .codes import Codes
from .home import Generation
from .model import Device, Organisation, Owner, Plant, PlantFlag, User

type Row = Mapping[str, object]
"""A JSON object as it came."""

LONGEST_TEXT: Final = 500
MOST_ITEMS: Final = 200
"""Roles, owners or ancestors of one thing."""

MOST_DEVICES: Final = 2_000
"""Devices of one plant."""

DEEPEST_TREE: Final = 8

_MISSING: Final = frozenset({"", "-", "null", "None"})
_SWITCHES: Final[Mapping[int | None, bool]] = {0: False, 1: True}
_LARGEST_ID: Final = 2**63
_WH: Final = 1000.0


# ---- single values ----


def text(value: object) -> str | None:
    """Return a text, None when it is missing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    stripped = str(value)[: LONGEST_TEXT + 1].strip()[:LONGEST_TEXT]
    return None if stripped in _MISSING else stripped


def number(value: object) -> float | None:
    """Return a number, also from a text, None when it is missing or no number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str) and len(value) > 40:
        return None
    try:
        result = float(value)
    except ValueError, OverflowError:
        return None
    return result if isfinite(result) else None


def whole(value: object) -> int | None:
    """Return a whole number such as an id, also from a text like ``40.0``."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < _LARGEST_ID else None
    if isinstance(value, str) and len(value) < 20:
        digits = value.strip()
        if digits.removeprefix("-").isdecimal():
            return whole(int(digits))
    result = number(value)
    if result is None or not result.is_integer() or abs(result) >= 2**53:
        return None
    return int(result)


def switch(value: object) -> bool | None:
    """Return whether something is on; the cloud says true, 1 or "1"."""
    if isinstance(value, bool):
        return value
    return _SWITCHES.get(whole(value))


def moment(value: object) -> datetime | None:
    """Return a date and time as written, without a zone."""
    written = text(value)
    if written is None:
        return None
    try:
        return datetime.fromisoformat(written).replace(tzinfo=None)
    except ValueError:
        return None


def _rows(value: object, most: int) -> Iterator[Row]:
    """Yield the objects of a list."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (row for row in value[:most] if isinstance(row, Mapping))


def _row(value: object) -> Row:
    return value if isinstance(value, Mapping) else {}


def _wholes(value: object) -> tuple[int, ...]:
    """Return a list's whole numbers, or those of a dotted or comma-separated text."""
    if isinstance(value, str):
        value = value.replace(",", ".").split(".")
    if isinstance(value, int) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, Sequence):
        return ()
    found = (whole(item) for item in value[:MOST_ITEMS])
    return tuple(item for item in found if item is not None)


# ---- organisations and people ----


def organisation_of(row: Row, codes: Codes) -> Organisation | None:
    """Read an organisation, or the ``group`` of a user or a plant."""
    if (number_of := whole(row.get("id"))) is None:
        return None
    code = whole(row.get("type"))
    return Organisation(
        id=number_of,
        # The root's parent is told as 0.
        parent=whole(row.get("pid")) or None,
        kind=codes.kind_of_organisation(code),
        code=code,
        name=text(row.get("name")),
        contact=text(row.get("contact")),
        phone=text(row.get("phone")),
    )


def user_of(row: Row, codes: Codes) -> User | None:
    """Read a user: of ``user/me``, or of a list of an organisation's users."""
    if (number_of := whole(row.get("id"))) is None:
        return None
    code, role_ids = whole(row.get("type")), _wholes(row.get("role_ids"))
    names = (text(role.get("name")) for role in _rows(row.get("roles"), MOST_ITEMS))
    return User(
        id=number_of,
        kind=codes.kind_of_user(code, role_ids),
        code=code,
        role_ids=role_ids,
        roles=tuple(name for name in names if name is not None),
        login=text(row.get("user_name")),
        name=text(row.get("name")),
        email=text(row.get("email")),
        phone=text(row.get("phone")),
        organisation=whole(row.get("gid")),
        ancestry=_wholes(row.get("gpath")),
    )


def owner_of(row: Row) -> Owner | None:
    """Read an owner: of a list, or of a plant's ``owner_list``, where the id is ``uid``."""
    number_of = whole(row.get("uid"))
    if number_of is None:
        number_of = whole(row.get("id"))
    if number_of is None:
        return None
    return Owner(
        id=number_of,
        login=text(row.get("user_name")),
        name=text(row.get("name")),
        email=text(row.get("email")),
        phone=text(row.get("phone")),
        organisation=whole(row.get("gid")),
        plants=frozenset(_wholes(row["sids"])) if row.get("sids") is not None else None,
    )


def owners_in(detail: Row) -> tuple[Owner, ...]:
    """Read the owners that a plant's detail names."""
    found = map(owner_of, _rows(detail.get("owner_list"), MOST_ITEMS))
    return tuple(owner for owner in found if owner is not None)


# ---- plants ----

_FLAGS: Final[Mapping[str, PlantFlag]] = {
    "s_uoff": PlantFlag.OFFLINE,
    "s_ustable": PlantFlag.GRID_UNSTABLE,
    "s_uid": PlantFlag.ID_WARNING,
    "l3_warn": PlantFlag.DEVICE_ALARM,
    "g_warn": PlantFlag.GRID_FAULT,
    "me_warn": PlantFlag.METER_FAULT,
    "pw_off": PlantFlag.POWER_LIMITED,
}


_SAME_FLAGS: Final[dict[frozenset[PlantFlag], frozenset[PlantFlag]]] = {}
"""Each set of flags once, for thousands of plants have the same."""


def flags_of(warnings: object) -> frozenset[PlantFlag] | None:
    """Read a plant's ``warn_data``, None when nothing is told."""
    row = _row(warnings)
    if not any(key in row for key in _FLAGS):
        return None
    told = frozenset(flag for key, flag in _FLAGS.items() if switch(row.get(key)))
    return _SAME_FLAGS.setdefault(told, told)


def plant_of(row: Row) -> Plant | None:
    """Read a plant's row or its detail, which has the same fields and more."""
    if (number_of := whole(row.get("id"))) is None:
        return None
    latitude, longitude = number(row.get("latitude")), number(row.get("longitude"))
    if not latitude and not longitude:
        # What the wrong data centre says, and no plant floats there (10, quirk 7).
        latitude = longitude = None
    owners = row.get("owner_list")
    return Plant(
        id=number_of,
        name=text(row.get("name")),
        code=whole(row.get("type")),
        classification=whole(row.get("classify")),
        capacity=number(row.get("capacitor")),
        battery_capacity=number(row.get("bms_capacitor")),
        address=None if (place := text(row.get("address"))) == "0.0" else place,
        latitude=latitude,
        longitude=longitude,
        time_zone=text(_row(row.get("timezone")).get("name"))
        or text(row.get("tz_name")),
        cover=text(row.get("pic_path")),
        favourite=switch(row.get("is_stars")),
        status=whole(row.get("status")),
        flags=flags_of(row.get("warn_data")),
        created=moment(row.get("create_at")),
        organisation=whole(row.get("gid")),
        organisation_name=text(row.get("org_name")),
        owner_name=text(row.get("owner_name")),
        owners=frozenset(owner.id for owner in owners_in(row))
        if isinstance(owners, list)
        else None,
        data_centre=whole(row.get("dc")),
        access_key=text(row.get("ak")),
    )


_COLUMNS: Final[Mapping[str, str]] = {
    "name": "name",
    "code": "type",
    "classification": "classify",
    "capacity": "capacitor",
    "battery_capacity": "bms_capacitor",
    "cover": "pic_path",
    "favourite": "is_stars",
    "status": "status",
    "created": "create_at",
    "organisation": "gid",
    "organisation_name": "org_name",
    "owner_name": "owner_name",
    "data_centre": "dc",
    "access_key": "ak",
}
"""Fields of a plant that are as a row says, also when it says that there is nothing."""

_KEPT: Final = ("address", "latitude", "longitude", "time_zone", "flags", "owners")
"""Fields of which nothing told is no news: the wrong data centre tells no place."""


def merged(known: Plant | None, told: Plant, row: Row) -> Plant:
    """Return what a row tells now, and where it is silent what was known before."""
    if known is None:
        return told
    values = {
        name: getattr(told if column in row else known, name)
        for name, column in _COLUMNS.items()
    }
    for name in _KEPT:
        value = getattr(told, name)
        values[name] = getattr(known, name) if value is None else value
    # The list knows only the zone's offset, the detail its name.
    if "timezone" not in row and known.time_zone and "/" in known.time_zone:
        values["time_zone"] = known.time_zone
    return Plant(id=told.id, **values)


def generation_of(row: Row) -> Generation | None:
    """Read what a plant generates, where its row tells (facts/cloud-api.md 5.4)."""
    live = _row(row.get("real_data")) or row
    told = Generation(
        power=number(live.get("real_power")),
        today=_energy(live.get("today_eq")),
        month=_energy(live.get("month_eq")),
        year=_energy(live.get("year_eq")),
        total=_energy(live.get("total_eq")),
    )
    return None if told == Generation() else told


def _energy(value: object) -> float | None:
    """Return kWh of a number in Wh."""
    energy = number(value)
    return None if energy is None else energy / _WH


# ---- devices ----


def device_of(row: Row, parent: str | None = None) -> Device | None:
    """Read a device: a node of a plant's tree, or a row of a list of devices."""
    if (number_of := whole(row.get("id"))) is None:
        return None
    warnings, extra = _row(row.get("warn_data")), _row(row.get("extend_data"))
    code = whole(row.get("type"))
    created = moment(row.get("create_at"))
    return Device(
        id=number_of,
        serial=text(row.get("sn")),
        code=whole(row.get("dev_type")) if code is None else code,
        model=text(row.get("model_no")),
        firmware=text(row.get("soft_ver")),
        hardware=text(row.get("hard_ver")),
        online=switch(warnings.get("connect")),
        alarm=switch(warnings.get("warn")),
        dtu=text(row.get("dtu_sn")),
        parent=parent,
        capacity=number(extra.get("bms_capacitor")) or None,
        since=None if created is None else created.date(),
    )


def devices_in(tree: object) -> tuple[Device, ...]:
    """Read a plant's device tree, those above before those beneath."""
    found: dict[tuple[int | None, int], Device] = {}
    level: list[tuple[Row, str | None]] = [
        (row, None) for row in _rows(tree, MOST_DEVICES)
    ]
    for _ in range(DEEPEST_TREE):
        beneath: list[tuple[Row, str | None]] = []
        for row, parent in level:
            device = device_of(row, parent)
            if device is None or len(found) >= MOST_DEVICES:
                continue
            found.setdefault((device.code, device.id), device)
            children = _rows(row.get("children"), MOST_DEVICES)
            beneath += [(child, device.serial) for child in children]
        level = beneath
    return tuple(found.values())


def day_of(plant: Plant | None) -> date | None:
    """Return the day on which a plant was created."""
    return None if plant is None or plant.created is None else plant.created.date()
