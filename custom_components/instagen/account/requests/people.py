"""Requests about organisations, their users, owners and the own account (manual 3.3, 4.4).

Cancelling the own account is not among them: it destroys all data for good, so that is left
to the brand's own pages (manual 3.3 e).
"""

from dataclasses import dataclass, field
from typing import ClassVar, override

from ..model import AccountKind, OrganisationKind
from ..permissions import Right
from ..rules import (
    Rule,
    RuleError,
    check_email,
    need,
    need_account,
    right_to_create,
)
from ..view import View
from .base import Body, Dialect, Request, given


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """Somebody who shall be able to log in (manual 4.2.1 b)."""

    login: str
    password: str = field(repr=False)
    full_name: str
    phone: str | None = None
    email: str | None = None
    """Recommended: a forgotten password is reset by it."""

    def check(self, section: str) -> None:
        """Raise ``RuleError`` when a required field is missing."""
        need_account(self.login, self.password, self.full_name, section)
        check_email(self.email, section)

    def body(self, dialect: Dialect) -> Body:
        """Return the fields of the account."""
        return given(
            user_name=self.login.strip(),
            password=dialect.digest(self.password),
            name=self.full_name.strip(),
            phone=self.phone,
            email=self.email,
        )


# ---- organisations (4.4.1) ----


@dataclass(frozen=True, kw_only=True)
class CreateOrganisation(Request):
    """Create an organisation together with its first account (manual 4.4.1.1)."""

    name: ClassVar = "create_organisation"

    parent: int
    kind: OrganisationKind
    title: str
    account: NewAccount | None
    contact: str | None = None
    phone: str | None = None
    area: str | None = None

    @property
    @override
    def needed_right(self) -> Right:
        return right_to_create(self.kind)

    @override
    def check(self, view: View) -> None:
        super().check(view)
        parent = view.organisations.get(self.parent)
        if (
            self.kind is OrganisationKind.DISTRIBUTOR
            and parent is not None
            and parent.kind is OrganisationKind.INSTALLER
        ):
            raise RuleError(Rule.DISTRIBUTOR_CREATORS, "3.2 n2")
        need(self.title, Rule.ORGANISATION_NAME, "4.4.1.1")
        if self.account is None:
            raise RuleError(Rule.ORGANISATION_ACCOUNT, "4.4.1.1")
        self.account.check("4.4.1.1")

    @override
    def body(self, dialect: Dialect) -> Body:
        return given(
            pid=self.parent,
            name=self.title.strip(),
            type=dialect.codes.code_of_organisation(self.kind),
            contact=self.contact,
            phone=self.phone,
            area=self.area,
            user=None if self.account is None else self.account.body(dialect),
        )


@dataclass(frozen=True, kw_only=True)
class EditOrganisation(Request):
    """Change an organisation (manual 4.4.1.2); None stays as it is."""

    name: ClassVar = "edit_organisation"
    right: ClassVar = Right.EDIT_ORGANISATION

    organisation: int
    title: str | None = None
    contact: str | None = None
    phone: str | None = None
    area: str | None = None

    @override
    def check(self, view: View) -> None:
        super().check(view)
        if self.title is not None:
            need(self.title, Rule.ORGANISATION_NAME, "4.4.1.1")

    @override
    def body(self, dialect: Dialect) -> Body:
        return given(
            id=self.organisation,
            name=self.title,
            contact=self.contact,
            phone=self.phone,
            area=self.area,
        )


@dataclass(frozen=True, kw_only=True)
class TransferOrganisation(Request):
    """Hang an organisation under another one (manual 4.4.1.2)."""

    name: ClassVar = "transfer_organisation"
    right: ClassVar = Right.EDIT_ORGANISATION

    organisation: int
    parent: int

    @override
    def check(self, view: View) -> None:
        super().check(view)
        if self.organisation in view.ancestors(self.parent):
            raise RuleError(Rule.ORGANISATION_UNDER_ITSELF, "4.4.1.2")
        node = view.organisations.get(self.organisation)
        if node is not None and node.parent == self.parent:
            raise RuleError(Rule.SAME_ORGANISATION, "4.4.1.2")

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.organisation, "pid": self.parent}


@dataclass(frozen=True, kw_only=True)
class DeleteOrganisation(Request):
    """Delete an organisation (manual 4.4.1.2)."""

    name: ClassVar = "delete_organisation"
    right: ClassVar = Right.EDIT_ORGANISATION

    organisation: int

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.organisation}


# ---- users of an organisation (4.4.2) ----

_ROLES = frozenset({AccountKind.NORMAL_INSTALLER, AccountKind.SUB_INSTALLER})


@dataclass(frozen=True, kw_only=True)
class CreateUser(Request):
    """Add a user to an organisation (manual 3.2 note 4, 4.4.2)."""

    name: ClassVar = "create_user"
    right: ClassVar = Right.ORGANISATION_USERS

    organisation: int | None
    role: AccountKind
    account: NewAccount

    @override
    def check(self, view: View) -> None:
        super().check(view)
        _need_organisation(self.organisation, "4.4.2")
        if self.role not in _ROLES:
            raise RuleError(Rule.USER_ROLE, "3.2 n3")
        self.account.check("4.4.2")

    @override
    def body(self, dialect: Dialect) -> Body:
        role = dialect.codes.role_of(self.role)
        return self.account.body(dialect) | given(
            gid=self.organisation, role_ids=[] if role is None else [role]
        )


@dataclass(frozen=True, kw_only=True)
class DeleteUser(Request):
    """Delete a user of an organisation (manual 3.4 a)."""

    name: ClassVar = "delete_user"
    right: ClassVar = Right.ORGANISATION_USERS

    organisation: int | None
    user: int

    @override
    def check(self, view: View) -> None:
        super().check(view)
        _need_organisation(self.organisation, "3.4 a")
        known = view.users.get(self.user)
        if known is not None and known.organisation not in {None, self.organisation}:
            raise RuleError(Rule.ORGANISATION_NOT_CHOSEN, "3.4 a")

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.user}


def _need_organisation(organisation: int | None, section: str) -> None:
    if organisation is None:
        raise RuleError(Rule.ORGANISATION_NOT_CHOSEN, section)


# ---- owners (4.2.1 b, 4.4.3) ----


@dataclass(frozen=True, kw_only=True)
class CreateOwner(Request):
    """Create an owner, and give them a plant at once if one is named."""

    name: ClassVar = "create_owner"

    organisation: int | None
    account: NewAccount
    plant: int | None = None

    @property
    @override
    def needed_right(self) -> Right:
        """Creating a plant's owner is a step of creating the plant (manual 4.2.1 b)."""
        return Right.OWNERS if self.plant is None else Right.CREATE_PLANT

    @override
    def check(self, view: View) -> None:
        super().check(view)
        _need_organisation(self.organisation, "4.4.3")
        self.account.check("4.2.1 b")

    @override
    def body(self, dialect: Dialect) -> Body:
        return self.account.body(dialect) | given(gid=self.organisation, sid=self.plant)


@dataclass(frozen=True, kw_only=True)
class EditOwner(Request):
    """Change an owner (manual 4.4.3); None stays as it is."""

    name: ClassVar = "edit_owner"
    right: ClassVar = Right.OWNERS

    owner: int
    full_name: str | None = None
    phone: str | None = None
    email: str | None = None

    @override
    def check(self, view: View) -> None:
        super().check(view)
        if self.full_name is not None:
            need(self.full_name, Rule.NAME_MISSING, "4.2.1 b")
        check_email(self.email, "4.2.1 b")

    @override
    def body(self, dialect: Dialect) -> Body:
        return given(
            id=self.owner, name=self.full_name, phone=self.phone, email=self.email
        )


@dataclass(frozen=True, kw_only=True)
class ResetOwnerPassword(Request):
    """Give an owner a new password (manual 4.4.3)."""

    name: ClassVar = "reset_owner_password"
    right: ClassVar = Right.OWNERS

    owner: int
    password: str = field(repr=False)

    @override
    def check(self, view: View) -> None:
        super().check(view)
        need(self.password, Rule.PASSWORD_MISSING, "4.4.3")

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.owner, "password": dialect.digest(self.password)}


@dataclass(frozen=True, kw_only=True)
class DeleteOwner(Request):
    """Delete an owner, after choosing the organisation (manual 3.4 b)."""

    name: ClassVar = "delete_owner"
    right: ClassVar = Right.OWNERS

    organisation: int | None
    owner: int

    @override
    def check(self, view: View) -> None:
        super().check(view)
        _need_organisation(self.organisation, "3.4 b")
        known = view.owners.get(self.owner)
        if known is not None and known.organisation not in {None, self.organisation}:
            raise RuleError(Rule.ORGANISATION_NOT_CHOSEN, "3.4 b")

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"id": self.owner}


# ---- own account (3.3) ----


@dataclass(frozen=True, kw_only=True)
class ChangeEmail(Request):
    """Change the own e-mail address (manual 3.3 a-c)."""

    name: ClassVar = "change_email"
    right: ClassVar = Right.OWN_ACCOUNT

    email: str

    @override
    def check(self, view: View) -> None:
        super().check(view)
        need(self.email, Rule.EMAIL_MISSING, "3.3")
        check_email(self.email, "3.3")

    @override
    def body(self, dialect: Dialect) -> Body:
        return {"email": self.email.strip()}


@dataclass(frozen=True, kw_only=True)
class ChangePassword(Request):
    """Change the own password, which takes the old one, too (manual 3.3 d)."""

    name: ClassVar = "change_password"
    right: ClassVar = Right.OWN_ACCOUNT

    old: str = field(repr=False)
    new: str = field(repr=False)

    @override
    def check(self, view: View) -> None:
        super().check(view)
        need(self.old, Rule.OLD_PASSWORD_MISSING, "3.3 d")
        need(self.new, Rule.PASSWORD_MISSING, "3.3 d")

    @override
    def body(self, dialect: Dialect) -> Body:
        return {
            "old_password": dialect.digest(self.old),
            "new_password": dialect.digest(self.new),
        }
