"""Own account, organisations, their users, and owners (cloud-model sections 2, 3, 5 and 7)."""

from collections.abc import Mapping
from typing import Any, Final

from .call import Call, Handler
from .errors import NoPermission, ParameterError, RuleBroken
from .log_in import TENANT
from .passwords import is_digest
from .rights import (
    DISTRIBUTOR_ORG,
    FIRST_USER,
    INSTALLER_ORG,
    ORGANISATION_USER,
    OWNER_USER,
    ROLE_OF,
    ROLES,
    ROOT,
    USER_ROLES,
    Kind,
    Right,
)
from .world import DRAFT, Row

_CONTACT: Final = ("name", "contact", "phone", "area")
_FIRST_KIND: Final = {
    DISTRIBUTOR_ORG: Kind.DISTRIBUTOR,
    INSTALLER_ORG: Kind.INSTALLER,
}


# -- own account ----


def _roles(role: int) -> list[dict[str, Any]]:
    return [{"name": ROLES[role][1], "id": role, "v": 0}]


def _me(call: Call) -> object:
    row, group = call.user.row, call.world.group(call.user.gid)
    if group is None:
        raise NoPermission
    return {
        "id": row["id"],
        "user_name": row["user_name"],
        "type": row["type"],
        "gid": row["gid"],
        "name": row["name"],
        "phone": row["phone"],
        "email": row["email"],
        "role_ids": [row["role"]],
        "identity": 0,
        "src": 0,
        "tid": TENANT,
        "gpath": row["gpath"],
        "dc": row["dc"],
        "roles": _roles(row["role"]),
        "group": {"id": group["id"], "name": group["name"], "type": group["type"]},
        "services": [{"gdpr": 0}],
    }


def _change_email(call: Call) -> object:
    email = call.text("email")
    if "@" not in email:
        raise ParameterError("email")
    _free(call, email, but=call.user.id)
    call.world.update("users", call.user.id, {"email": email})
    return True


def _know_password(call: Call, field: str) -> None:
    if call.text(field) != call.user.row["digest"]:
        raise RuleBroken("The original password is incorrect")


def _set_password(call: Call, uid: int, field: str) -> None:
    columns = {"digest": _new_password(call.body, field), "clear": None, "salt": None}
    call.world.update("users", uid, columns)
    call.world.log_in.end_sessions(uid, but=call.token)


def _new_password(body: Mapping[str, Any], field: str) -> str:
    password = body.get(field)
    if not isinstance(password, str) or not is_digest(password):
        raise ParameterError(field)
    return password


def _change_password(call: Call) -> object:
    _know_password(call, "old_password")
    _set_password(call, call.user.id, "new_password")
    return True


def _cancel_account(call: Call) -> object:
    _know_password(call, "password")
    call.world.delete_users([call.user.id])
    return True


# -- organisations ----


def _organisation_told(call: Call, row: Row) -> dict[str, Any]:
    world, gid = call.world, row["id"]
    return {
        "id": gid,
        "pid": row["pid"],
        "name": row["name"],
        "type": row["type"],
        "tid": TENANT,
        "contact": row["contact"],
        "phone": row["phone"],
        "area": row["area"],
        "icon": "",
        "gpath": row["gpath"],
        "create_at": row["create_at"],
        "station_num": world.number("SELECT COUNT(*) FROM stations WHERE gid = ?", gid),
        "user_num": world.number(
            "SELECT COUNT(*) FROM users WHERE gid = ? AND type <> ?", gid, OWNER_USER
        ),
    }


def _organisations(call: Call) -> object:
    size, before = call.page()
    where = "(gpath = ? OR gpath LIKE ?)"
    values: list[object] = [call.user.gpath, f"{call.user.below}%"]
    if call.body.get("pid") is not None:
        where += " AND pid = ?"
        values.append(call.number("pid"))
    if name := call.text("name", needed=False):
        where += " AND name LIKE ?"
        values.append(f"%{name}%")
    rows = call.world.all(
        f"SELECT * FROM groups WHERE {where} ORDER BY gpath LIMIT ? OFFSET ?",  # noqa: S608
        *values,
        size,
        before,
    )
    total = call.world.number(f"SELECT COUNT(*) FROM groups WHERE {where}", *values)  # noqa: S608
    return {"total": total, "list": [_organisation_told(call, row) for row in rows]}


def _organisation(call: Call) -> object:
    return _organisation_told(call, call.group("id"))


def _create_organisation(call: Call) -> object:
    parent, kind, name = call.group("pid"), call.number("type"), call.text("name")
    _may_stand_under(call, kind, parent)
    user = call.body.get("user")
    if not isinstance(user, Mapping):
        raise ParameterError("user")
    world = call.world
    first = _account(call, user, FIRST_USER, ROLE_OF[_FIRST_KIND[kind]])
    contact = {"contact": "", "phone": "", "area": "", **call.given(*_CONTACT)}
    columns = {**contact, "pid": parent["id"], "name": name, "type": kind}
    gid = world.insert("groups", {**columns, "create_at": world.now_text})
    world.update("groups", gid, {"gpath": f"{parent['gpath']}.{gid}"})
    world.insert("users", {**first, "gid": gid})
    return gid


def _may_stand_under(call: Call, kind: int, parent: Row) -> None:
    """Hold manual 3.2 note 2: who creates which kind, and that installers hold no distributor."""
    if kind not in _FIRST_KIND:
        raise ParameterError("type")
    if kind == DISTRIBUTOR_ORG and not call.user.may(Right.DISTRIBUTORS):
        raise NoPermission
    if kind == DISTRIBUTOR_ORG and parent["type"] == INSTALLER_ORG:
        raise ParameterError("pid")


def _edit_organisation(call: Call) -> object:
    group, columns = call.group("id"), call.given(*_CONTACT)
    if columns.get("name") == "":
        raise ParameterError("name")
    call.world.update("groups", group["id"], columns)
    return True


def _below(call: Call, field: str = "id") -> Row:
    group = call.group(field)
    if group["gpath"] == call.user.gpath:
        raise NoPermission
    return group


def _transfer_organisation(call: Call) -> object:
    world, group, parent = call.world, _below(call), call.group("pid")
    old = group["gpath"]
    if parent["gpath"] == old or parent["gpath"].startswith(f"{old}."):
        raise ParameterError("pid")
    _may_stand_under(call, group["type"], parent)
    world.update("groups", group["id"], {"pid": parent["id"]})
    world.run(
        "UPDATE groups SET gpath = ? || substr(gpath, ?)"
        " WHERE gpath = ? OR gpath LIKE ?",
        f"{parent['gpath']}.{group['id']}",
        len(old) + 1,
        old,
        f"{old}.%",
    )
    return True


def _delete_organisation(call: Call) -> object:
    world, group = call.world, _below(call)
    gid = group["id"]
    filled = world.number(
        "SELECT (SELECT COUNT(*) FROM groups WHERE pid = ?1)"
        " + (SELECT COUNT(*) FROM stations WHERE gid = ?1)"
        " + (SELECT COUNT(*) FROM users WHERE gid = ?1 AND type = ?2)",
        gid,
        OWNER_USER,
    )
    if filled:
        raise RuleBroken("The organisation is not empty")
    users = world.all("SELECT id FROM users WHERE gid = ?", gid)
    world.delete_users(row["id"] for row in users)
    world.run("DELETE FROM groups WHERE id = ?", gid)
    return True


# -- accounts in them ----


def _free(call: Call, login: str, *, but: int = 0) -> None:
    """Refuse a name or an address that another account logs in with."""
    taken = call.world.log_in.account(login)
    if taken is not None and taken["id"] != but:
        raise RuleBroken("The account already exists")


def _account(
    call: Call, body: Mapping[str, Any], kind: int, role: int
) -> dict[str, object]:
    """Return the columns of a new account, all but its organisation."""
    columns: dict[str, object] = {}
    for field in ("user_name", "name"):
        value = body.get(field)
        if not isinstance(value, str) or not value.strip():
            raise ParameterError(field)
        columns[field] = value.strip()
    columns["digest"] = _new_password(body, "password")
    for field in ("phone", "email"):
        columns[field] = str(body.get(field) or "")
    for login in (columns["user_name"], columns["email"]):
        if login:
            _free(call, str(login))
    made = {"type": kind, "role": role, "create_at": call.world.now_text}
    return {**columns, **made}


def _user_told(row: Row) -> dict[str, Any]:
    told = ("id", "user_name", "name", "email", "phone", "gid", "type", "create_at")
    role = row["role"]
    return {
        **{field: row[field] for field in told},
        "role_ids": [role],
        "roles": _roles(role),
    }


def _roles_to_give(_: Call) -> object:
    return [{"id": role, "name": ROLES[role][1]} for role in USER_ROLES]


def _users(call: Call) -> object:
    group = call.group()
    rows = call.world.all(
        "SELECT * FROM users WHERE gid = ? AND type <> ? ORDER BY id",
        group["id"],
        OWNER_USER,
    )
    return call.paged([_user_told(row) for row in rows])


def _create_user(call: Call) -> object:
    group, given = call.group(), call.body.get("role_ids")
    if group["type"] == ROOT:
        raise NoPermission
    if not isinstance(given, list) or len(given) != 1 or given[0] not in USER_ROLES:
        raise ParameterError("role_ids")
    columns = _account(call, call.body, ORGANISATION_USER, given[0])
    return call.world.insert("users", {**columns, "gid": group["id"]})


def _other(call: Call, *, owner: bool) -> Row:
    """Return the account that the request is about, which is not the asker's own."""
    user = call.world.user(call.number("id"))
    if user is None or not call.user.holds(user.gpath) or user.id == call.user.id:
        raise NoPermission
    if (user.row["type"] == OWNER_USER) is not owner:
        raise NoPermission
    return user.row


def _delete_user(call: Call) -> object:
    call.world.delete_users([_other(call, owner=False)["id"]])
    return True


# -- owners ----


def _owner_told(call: Call, row: Row) -> dict[str, Any]:
    plants = call.world.all("SELECT sid FROM owners WHERE uid = ?", row["id"])
    return {**_user_told(row), "sids": [plant["sid"] for plant in plants]}


def _owners(call: Call) -> object:
    group, name = call.group(), call.text("name", needed=False)
    size, before = call.page()
    where = "gid = ? AND type = ? AND (name LIKE ? OR user_name LIKE ?)"
    values = (group["id"], OWNER_USER, f"%{name}%", f"%{name}%")
    total = call.world.number(f"SELECT COUNT(*) FROM users WHERE {where}", *values)  # noqa: S608
    rows = call.world.all(
        f"SELECT * FROM users WHERE {where} ORDER BY id LIMIT ? OFFSET ?",  # noqa: S608
        *values,
        size,
        before,
    )
    return {"total": total, "list": [_owner_told(call, row) for row in rows]}


def _create_owner(call: Call) -> object:
    """Create an owner; without the right over owners only inside a plant's creation."""
    group, station = call.group(), None
    if call.body.get("sid") is not None:
        station = call.station(active=False)
    if not call.user.may(Right.OWNERS) and (
        station is None or station["status"] != DRAFT
    ):
        raise NoPermission
    columns = _account(call, call.body, OWNER_USER, ROLE_OF[Kind.OWNER])
    uid = call.world.insert("users", {**columns, "gid": group["id"]})
    if station is not None:
        call.world.insert("owners", {"sid": station["id"], "uid": uid})
        call.world.touch(station["id"])
    return uid


def _edit_owner(call: Call) -> object:
    owner = _other(call, owner=True)
    columns = call.given("name", "phone", "email")
    if columns.get("name") == "":
        raise ParameterError("name")
    if email := columns.get("email"):
        _free(call, email, but=owner["id"])
    call.world.update("users", owner["id"], columns)
    return True


def _reset_owner_password(call: Call) -> object:
    _set_password(call, _other(call, owner=True)["id"], "password")
    return True


def _delete_owner(call: Call) -> object:
    uid = _other(call, owner=True)["id"]
    if call.world.one("SELECT 1 FROM owners WHERE uid = ?", uid):
        raise RuleBroken("The owner still has plants")
    call.world.delete_users([uid])
    return True


HANDLERS: Final[Mapping[str, Handler]] = {
    "me": _me,
    "change_email": _change_email,
    "change_password": _change_password,
    "cancel_account": _cancel_account,
    "organisations": _organisations,
    "organisation": _organisation,
    "create_organisation": _create_organisation,
    "edit_organisation": _edit_organisation,
    "transfer_organisation": _transfer_organisation,
    "delete_organisation": _delete_organisation,
    "roles": _roles_to_give,
    "users": _users,
    "create_user": _create_user,
    "delete_user": _delete_user,
    "owners": _owners,
    "create_owner": _create_owner,
    "edit_owner": _edit_owner,
    "reset_owner_password": _reset_owner_password,
    "delete_owner": _delete_owner,
}
