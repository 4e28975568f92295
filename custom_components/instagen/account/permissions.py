"""Who may do what: the table of facts/cloud-model.md 4.

The server decides. Here a right is only denied where the manual says no, so that nothing is
sent in vain; what it implies or leaves open is for the server to answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from .model import AccountKind


class Right(StrEnum):
    """What an account may be allowed to do."""

    VIEW = "view"
    SMART_CONTROL = "smart_control"
    CREATE_PLANT = "create_plant"
    EDIT_PLANT = "edit_plant"
    NETWORKING = "networking"
    TRANSFER_PLANT = "transfer_plant"
    DELETE_PLANT = "delete_plant"
    ADVANCED_SETTINGS = "advanced_settings"
    MAINTENANCE = "maintenance"
    REPORTS = "reports"
    GRID_PROFILE = "grid_profile"
    CREATE_DISTRIBUTOR = "create_distributor"
    CREATE_INSTALLER = "create_installer"
    ORGANISATION_USERS = "organisation_users"
    OWNERS = "owners"
    OWN_ACCOUNT = "own_account"
    FAVOURITE = "favourite"
    EDIT_ORGANISATION = "edit_organisation"


class Permission(StrEnum):
    """What the manual says about a right."""

    YES = "yes"
    IMPLIED = "implied"
    NO = "no"
    NOT_STATED = "not_stated"


@dataclass(frozen=True)
class RightRow:
    """What the manual says about one right, for each kind of account."""

    section: str
    permissions: Mapping[AccountKind, Permission]


_MARKS: Final = {
    "yes": Permission.YES,
    "yes*": Permission.IMPLIED,
    "no": Permission.NO,
    "?": Permission.NOT_STATED,
}


def _row(section: str, marks: str) -> RightRow:
    """Read the marks of a line, in the order of ``AccountKind``."""
    permissions = (_MARKS[mark] for mark in marks.split())
    return RightRow(
        section, MappingProxyType(dict(zip(AccountKind, permissions, strict=True)))
    )


# distributor, installer, normal installer, sub-installer, end user
RIGHTS: Final[Mapping[Right, RightRow]] = MappingProxyType(
    {
        Right.VIEW: _row("3.2 n1", "yes* yes* yes* yes* yes"),
        Right.SMART_CONTROL: _row("3.2 n1, n3, 5", "yes* yes* ? no yes"),
        Right.CREATE_PLANT: _row("3.1(3), 3.2 n1, n3", "yes yes yes* yes no"),
        Right.EDIT_PLANT: _row("4.2.2, 3.2 n3", "yes* yes* yes* yes no"),
        Right.NETWORKING: _row("3.2 n3", "yes* yes* yes* yes no"),
        Right.TRANSFER_PLANT: _row("4.2.3", "yes* yes* ? no no"),
        Right.DELETE_PLANT: _row("4.2.5", "yes* yes* ? no no"),
        Right.ADVANCED_SETTINGS: _row("4.2.4", "yes* yes* ? no no"),
        Right.MAINTENANCE: _row("4.3.2, 4.3.3", "yes* yes* ? no no"),
        Right.REPORTS: _row("4.3.4, 4.3.5", "yes* yes* yes* ? ?"),
        Right.GRID_PROFILE: _row("4.3.6", "yes* yes* ? no no"),
        Right.CREATE_DISTRIBUTOR: _row("3.2 n2", "yes no no no no"),
        Right.CREATE_INSTALLER: _row("3.2 n2", "yes yes no no no"),
        Right.ORGANISATION_USERS: _row("3.2 n2", "yes* yes no no no"),
        Right.OWNERS: _row("4.4.3", "yes* yes* ? no no"),
        Right.OWN_ACCOUNT: _row("3.3", "yes yes yes yes yes"),
        # Not in the table; what follows from 3.2 n1, n3 and the menus.
        Right.FAVOURITE: _row("4.2.6", "yes* yes* ? ? no"),
        Right.EDIT_ORGANISATION: _row("4.4.1.2", "yes* yes* ? no no"),
    }
)


def permission(kind: AccountKind | None, right: Right) -> Permission:
    """Return what the manual says; nothing about an account of unknown kind."""
    if kind is None:
        return Permission.NOT_STATED
    return RIGHTS[right].permissions[kind]


def offered(kind: AccountKind | None, right: Right) -> bool:
    """Return whether to show what needs a right."""
    return permission(kind, right) is not Permission.NO
