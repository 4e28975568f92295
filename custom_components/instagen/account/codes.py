"""Numbers that stand for kinds of organisations, users and roles.

Few of them are public, so they are data of the brand. A number that a table lacks means
nothing: its kind is unknown and forbids nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .model import AccountKind, OrganisationKind


@dataclass(frozen=True, kw_only=True)
class Codes:
    """What a brand's numbers mean."""

    organisations: Mapping[int, OrganisationKind] = field(default_factory=dict)
    """By ``group.type``."""

    users: Mapping[int, AccountKind] = field(default_factory=dict)
    """By ``type`` of a user."""

    roles: Mapping[int, AccountKind] = field(default_factory=dict)
    """By role id."""

    def kind_of_user(
        self, code: int | None, role_ids: tuple[int, ...]
    ) -> AccountKind | None:
        """Return the kind of an account, by its roles first.

        With roles of several kinds the one that may do most counts: a right must not be
        denied here that the server grants.
        """
        kinds = {self.roles[role] for role in role_ids if role in self.roles}
        for kind in AccountKind:
            if kind in kinds:
                # A role nobody knows may grant more than the one that is known.
                return kind if all(role in self.roles for role in role_ids) else None
        return None if code is None else self.users.get(code)

    def kind_of_organisation(self, code: int | None) -> OrganisationKind | None:
        """Return the kind of an organisation."""
        return None if code is None else self.organisations.get(code)

    def code_of_organisation(self, kind: OrganisationKind) -> int | None:
        """Return the number to send for a kind of organisation."""
        return next((c for c, k in self.organisations.items() if k is kind), None)

    def role_of(self, kind: AccountKind) -> int | None:
        """Return the role id to send for a kind of account."""
        return next((role for role, k in self.roles.items() if k is kind), None)


PUBLIC_CODES: Final = Codes(
    users={3: AccountKind.END_USER}, roles={90: AccountKind.END_USER}
)
"""What samples show (facts/cloud-api.md 6)."""

UNPROVEN_CODES: Final = Codes(
    organisations={1: OrganisationKind.DISTRIBUTOR, 4: OrganisationKind.INSTALLER},
    users=PUBLIC_CODES.users,
    roles={
        10: AccountKind.DISTRIBUTOR,
        20: AccountKind.INSTALLER,
        21: AccountKind.NORMAL_INSTALLER,
        22: AccountKind.SUB_INSTALLER,
        90: AccountKind.END_USER,
    },
)
"""Guesses that our client and the reference cloud make alike; numbers 1 and 4 are in samples,
but what they mean is read into them."""
