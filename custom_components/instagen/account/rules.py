"""Rules of the manual that can be checked before anything is sent (facts/cloud-model.md).

A rule that is broken raises ``RuleError`` with the section of the manual that states it.
What is not known is not held against anybody: the server decides then.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ..plant.identity import normalize_serial
from .model import AccountKind, Device, DeviceKind, OrganisationKind
from .permissions import RIGHTS, Permission, Right, permission


class Rule(StrEnum):
    """What is broken; the text for the user is that of ``rule_<value>``."""

    # ---- who may do what ----
    END_USER_LIMITS = "end_user_limits"
    SUB_INSTALLER_LIMITS = "sub_installer_limits"
    DISTRIBUTOR_CREATORS = "distributor_creators"
    ORGANISATION_CREATORS = "organisation_creators"

    # ---- organisations ----
    ORGANISATION_NAME = "organisation_name"
    ORGANISATION_ACCOUNT = "organisation_account"
    ORGANISATION_NOT_CHOSEN = "organisation_not_chosen"
    ORGANISATION_UNDER_ITSELF = "organisation_under_itself"
    SAME_ORGANISATION = "same_organisation"

    # ---- people ----
    LOGIN_MISSING = "login_missing"
    PASSWORD_MISSING = "password_missing"  # noqa: S105 - a rule, not a password
    NAME_MISSING = "name_missing"
    EMAIL_MISSING = "email_missing"
    EMAIL_FORM = "email_form"
    OLD_PASSWORD_MISSING = "old_password_missing"  # noqa: S105 - a rule
    USER_ROLE = "user_role"

    # ---- plants ----
    PLANT_NAME = "plant_name"
    PLANT_TYPE = "plant_type"
    PLANT_CAPACITY = "plant_capacity"
    PLANT_LOCATION = "plant_location"
    COVER_TYPE = "cover_type"
    COVER_SIZE = "cover_size"
    PLANT_HAS_DEVICES = "plant_has_devices"
    OWNER_SHARED = "owner_shared"
    GRID_CODE_FIRST = "grid_code_first"

    # ---- devices ----
    SERIAL_FORM = "serial_form"
    SERIAL_MISSING = "serial_missing"
    DTU_ONLY = "dtu_only"
    INVERTER_ONLY = "inverter_only"
    NOT_DELETABLE = "not_deletable"
    NO_GRID_PROFILE = "no_grid_profile"
    BATTERY_TYPE_MISSING = "battery_type_missing"
    FIRMWARE_MISSING = "firmware_missing"


class RuleError(Exception):
    """A rule of the manual forbids what was asked for; nothing was sent."""

    def __init__(
        self, rule: Rule, section: str, placeholders: Mapping[str, str] | None = None
    ) -> None:
        """Take the rule, where the manual states it, and what its text names."""
        super().__init__(f"{rule.value} (manual {section})")
        self.rule = rule
        self.section = section
        self.placeholders: Mapping[str, str] = placeholders or {}


# ---- who may do what (4) ----

_ORGANISATION_RIGHTS: Final = frozenset(
    {Right.CREATE_INSTALLER, Right.ORGANISATION_USERS}
)


def permit(kind: AccountKind | None, right: Right) -> None:
    """Raise when the manual denies a right to a kind of account."""
    if permission(kind, right) is not Permission.NO:
        return
    if kind is AccountKind.END_USER:
        raise RuleError(Rule.END_USER_LIMITS, "3.2 n1")
    if kind is AccountKind.SUB_INSTALLER:
        raise RuleError(Rule.SUB_INSTALLER_LIMITS, "3.2 n3")
    rule = (
        Rule.ORGANISATION_CREATORS
        if right in _ORGANISATION_RIGHTS
        else Rule.DISTRIBUTOR_CREATORS
    )
    raise RuleError(rule, RIGHTS[right].section)


def right_to_create(kind: OrganisationKind) -> Right:
    """Return the right that creating an organisation takes (manual 3.2 note 2)."""
    if kind is OrganisationKind.DISTRIBUTOR:
        return Right.CREATE_DISTRIBUTOR
    return Right.CREATE_INSTALLER


# ---- people (3, 5, 7) ----


def need(value: str | None, rule: Rule, section: str) -> None:
    """Raise when a text that the manual requires is missing or blank."""
    if value is None or not value.strip():
        raise RuleError(rule, section)


def need_account(login: str, password: str, name: str, section: str) -> None:
    """Raise when a required field of a new account is missing (manual 4.2.1 b)."""
    need(login, Rule.LOGIN_MISSING, section)
    need(password, Rule.PASSWORD_MISSING, section)
    need(name, Rule.NAME_MISSING, section)


def check_email(email: str | None, section: str) -> None:
    """Raise when an e-mail address cannot be one; it may be left out."""
    if email is None:
        return
    name, at, host = email.strip().rpartition("@")
    if not (name and at and "." in host.strip(".")) or any(map(str.isspace, email)):
        raise RuleError(Rule.EMAIL_FORM, section)


# ---- plants (6) ----

COVER_BYTES: Final = 2 * 1024 * 1024
"""Largest picture of a plant (manual 4.2.1); 1000 x 600 is only a suggestion."""

_PICTURES: Final[Mapping[bytes, str]] = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def cover_type(content: bytes) -> str:
    """Return the media type of a plant's picture, judged by what is in it.

    Raises ``RuleError`` when the cloud does not take it.
    """
    media_type = next(
        (kind for start, kind in _PICTURES.items() if content.startswith(start)), None
    )
    if media_type is None:
        raise RuleError(Rule.COVER_TYPE, "4.2.1")
    if len(content) > COVER_BYTES:
        raise RuleError(
            Rule.COVER_SIZE, "4.2.1", {"size": f"{len(content) / 1024 / 1024:.1f}"}
        )
    return media_type


def check_capacity(capacity: float | None) -> None:
    """Raise when a plant's capacity in kW is missing or not above 0."""
    if capacity is None or not 0 < capacity < float("inf"):
        raise RuleError(Rule.PLANT_CAPACITY, "4.2.1")


def check_location(
    address: str | None, latitude: float | None, longitude: float | None
) -> None:
    """Raise when neither an address nor a point on the map tells where a plant is."""
    if latitude is not None and longitude is not None:
        if -90 <= latitude <= 90 and -180 <= longitude <= 180:
            return
    elif latitude is None and longitude is None and address and address.strip():
        return
    raise RuleError(Rule.PLANT_LOCATION, "4.2.1")


def grid_code_first(grid_code: str | None) -> None:
    """Raise when safety values come without the region's grid code (manual 4.2.4)."""
    need(grid_code, Rule.GRID_CODE_FIRST, "4.2.4")


# ---- devices (8) ----


def dtu_serial(text: str) -> str:
    """Return a DTU serial as printed on its label; raise when it is none."""
    serial = normalize_serial(text)
    if serial is None:
        raise RuleError(Rule.SERIAL_FORM, "4.2.1")
    return serial


def need_kind(device: Device, kind: DeviceKind, section: str) -> None:
    """Raise when a device is known to be of another kind than the manual speaks of."""
    need(device.serial, Rule.SERIAL_MISSING, section)
    if device.code is not None and device.kind is not kind:
        dtu = kind is DeviceKind.DTU
        raise RuleError(Rule.DTU_ONLY if dtu else Rule.INVERTER_ONLY, section)
