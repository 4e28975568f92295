"""One sound request of each kind."""

from dataclasses import replace

from custom_components.instagen.account.commands import MaintenanceCommand
from custom_components.instagen.account.model import (
    AccountKind,
    OrganisationKind,
)
from custom_components.instagen.account.requests import (
    ActivatePlant,
    AddDtu,
    BindOwner,
    ChangeEmail,
    ChangePassword,
    CreateOrganisation,
    CreateOwner,
    CreatePlant,
    CreateUser,
    DeleteDevice,
    DeleteOrganisation,
    DeleteOwner,
    DeletePlant,
    DeleteUser,
    EditOrganisation,
    EditOwner,
    EditPlant,
    FavouritePlant,
    Maintain,
    ReadGridProfile,
    ReplaceDtu,
    Request,
    ResetOwnerPassword,
    SaveRegulation,
    TransferOrganisation,
    TransferPlant,
    UnbindOwner,
)

from .people import (
    ACCOUNT,
    DTU,
    INVERTER,
    LANE,
    MILL,
    NORTH,
)

DISTRIBUTOR, INSTALLER, NORMAL, SUB, END_USER = AccountKind

NEW_PLANT = CreatePlant(title="Mill", code=1, capacity=6.0, address="1 Example Road")
NEW_INSTALLER = CreateOrganisation(
    parent=MILL, kind=OrganisationKind.INSTALLER, title="Lane", account=ACCOUNT
)
NEW_DISTRIBUTOR = replace(
    NEW_INSTALLER, parent=NORTH, kind=OrganisationKind.DISTRIBUTOR
)
NEW_USER = CreateUser(organisation=MILL, role=SUB, account=ACCOUNT)
NEW_OWNER = CreateOwner(organisation=MILL, account=ACCOUNT)

EVERY_REQUEST: list[Request] = [
    NEW_PLANT,
    EditPlant(plant=1, title="Barn"),
    SaveRegulation(plant=1, grid_code="G98"),
    ActivatePlant(plant=1),
    TransferPlant(plant=3, organisation=LANE),
    DeletePlant(plant=3),
    FavouritePlant(plant=1, favourite=True),
    BindOwner(plant=1, owner=9),
    UnbindOwner(plant=1, owner=9),
    NEW_INSTALLER,
    EditOrganisation(organisation=LANE, title="Lane"),
    TransferOrganisation(organisation=LANE, parent=NORTH),
    DeleteOrganisation(organisation=LANE),
    NEW_USER,
    DeleteUser(organisation=MILL, user=5),
    NEW_OWNER,
    EditOwner(owner=9, full_name="Ann"),
    ResetOwnerPassword(owner=9, password="new"),
    DeleteOwner(organisation=MILL, owner=9),
    AddDtu(plant=1, serial="430100000001"),
    ReplaceDtu(plant=1, device=DTU, serial="430100000002"),
    DeleteDevice(plant=1, device=INVERTER),
    Maintain(plant=1, device=DTU, command=MaintenanceCommand.RESTART_DTU),
    ReadGridProfile(plant=1, device=INVERTER),
    ChangeEmail(email="ann@example.com"),
    ChangePassword(old="old", new="new"),
]
NAMES = [type(request).__name__ for request in EVERY_REQUEST]
