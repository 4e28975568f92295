"""Who may do what: the manual's table, as the server sees it (facts/cloud-model.md section 4).

Where the manual is silent the reference cloud decides for itself: a normal installer has
all rights of an installer but those over organisations and their users; an owner sees
alarms and reports of the own plants.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Kinds of account (facts/cloud-model.md section 2)."""

    DISTRIBUTOR = "distributor"
    INSTALLER = "installer"
    NORMAL_INSTALLER = "normal_installer"
    SUB_INSTALLER = "sub_installer"
    OWNER = "owner"


class Right(StrEnum):
    """What a kind may be allowed to do."""

    OWN = "own account"
    VIEW = "view"
    SMART_CONTROL = "smart control"
    CREATE_PLANT = "create plant"
    EDIT_PLANT = "edit plant"
    TRANSFER_PLANT = "transfer plant"
    DELETE_PLANT = "delete plant"
    NETWORKING = "networking command"
    MAINTAIN = "device maintenance"
    ADVANCED = "advanced settings"
    ALARMS = "alarms"
    REPORTS = "reports"
    GRID_PROFILES = "grid profiles"
    OWNERS = "owners"
    ORGANISATIONS = "installer organisations and users"
    DISTRIBUTORS = "distributor organisations"


_SUB: Final = frozenset(
    {
        Right.OWN,
        Right.VIEW,
        Right.CREATE_PLANT,
        Right.EDIT_PLANT,
        Right.NETWORKING,
    }
)
_NORMAL: Final = frozenset(Right) - {Right.ORGANISATIONS, Right.DISTRIBUTORS}

RIGHTS: Final[Mapping[Kind, frozenset[Right]]] = {
    Kind.DISTRIBUTOR: frozenset(Right),
    Kind.INSTALLER: frozenset(Right) - {Right.DISTRIBUTORS},
    Kind.NORMAL_INSTALLER: _NORMAL,
    Kind.SUB_INSTALLER: _SUB,
    Kind.OWNER: frozenset(
        {Right.OWN, Right.VIEW, Right.SMART_CONTROL, Right.ALARMS, Right.REPORTS}
    ),
}

ROLES: Final[Mapping[int, tuple[Kind, str]]] = {
    10: (Kind.DISTRIBUTOR, "Distributor"),
    20: (Kind.INSTALLER, "Installer"),
    21: (Kind.NORMAL_INSTALLER, "Normal installer"),
    22: (Kind.SUB_INSTALLER, "Sub-installer"),
    90: (Kind.OWNER, "Owner"),
}
"""Number of a role; only 90 is public (facts/cloud-api.md section 6)."""

ROLE_OF: Final[Mapping[Kind, int]] = {kind: role for role, (kind, _) in ROLES.items()}

USER_ROLES: Final = (21, 22)
"""What an organisation user can be (manual 3.2 note 3)."""

ROOT, DISTRIBUTOR_ORG, INSTALLER_ORG = 0, 1, 4
"""``group.type``: 1 and 4 are in recorded samples, 0 is made up."""

FIRST_USER, ORGANISATION_USER, OWNER_USER = 1, 2, 3
"""``type`` of a user: 3 is in a recorded sample, the others are made up."""
