"""Made-up people, organisations and plants, and how a request fares with them."""

from typing import Any

from custom_components.instagen.account.model import (
    AccountKind,
    Device,
    Organisation,
    OrganisationKind,
    Owner,
    Plant,
    User,
)
from custom_components.instagen.account.requests import NewAccount, Request
from custom_components.instagen.account.rules import Rule, RuleError
from custom_components.instagen.account.view import View

ROOT, NORTH, MILL, LANE = 1, 20, 345, 346
"""The brand, a distributor, its installer, and an installer beneath that one."""

DTU = Device(id=501, serial="430100000001", code=1)
INVERTER = Device(id=601, serial="200300000001", code=6, dtu="430100000001")
BATTERY = Device(id=100000601, serial="000100000601", code=10, dtu="430100000001")
MICRO = Device(id=701, serial="116400000001", code=3, dtu="430100000001")

ACCOUNT = NewAccount(login="ann", password="secret", full_name="Ann Owner")

ORGANISATIONS = {
    node.id: node
    for node in (
        Organisation(id=ROOT),
        Organisation(id=NORTH, parent=ROOT, kind=OrganisationKind.DISTRIBUTOR),
        Organisation(id=MILL, parent=NORTH, kind=OrganisationKind.INSTALLER),
        Organisation(id=LANE, parent=MILL, kind=OrganisationKind.INSTALLER),
    )
}
OWNERS = {9: Owner(id=9, organisation=MILL), 8: Owner(id=8, organisation=LANE)}
PLANTS = {
    1: Plant(id=1, name="Mill", organisation=MILL, owners=frozenset({9})),
    2: Plant(id=2, name="Barn", organisation=MILL, owners=frozenset({9, 8})),
    3: Plant(id=3, name="Shed", organisation=MILL, owners=frozenset()),
}


def view(kind: AccountKind | None = AccountKind.DISTRIBUTOR, **known: Any) -> View:
    """Return what an account of a kind knows."""
    return View(me=User(id=88, kind=kind), **({"organisations": ORGANISATIONS} | known))


def refusal(request: Request, seen: View | None = None) -> tuple[Rule, str] | None:
    """Return which rule forbids a request, and its section; None when none does."""
    try:
        request.check(seen or view())
    except RuleError as err:
        return err.rule, err.section
    return None
